"""What changed on a page, by whom, and which pages share their text."""

from __future__ import annotations

import json
import sqlite3

from sqlite_utils import Database

from scraper.article import READABLE
from scraper.store.corrections import correction
from scraper.store.fingerprints import fingerprint_all
from scraper.store.revisions import links_of, text_hashes
from scraper.store.schema.steps import MIGRATIONS, run


@MIGRATIONS()
def m008_changes(db: Database) -> None:
    # Only texts that one extractor, or a later one's second reading, made of different captures are compared in
    # `changes`: a text that a later extractor has replaced is no state the page was in. What differs is told by hashes
    # of the texts as they are compared, or a change of quotation marks would count as one of the headline; and of dates
    # that differ in precision the common part is compared, as `scraper.diff.noise.same_moment` does. The hashes are cut
    # out of their list by place: SQLite lets no view call json_extract where a file's schema is not trusted.
    # It is SQL that DuckDB understands, too.
    run(
        db,
        """
        ALTER TABLE captures ADD COLUMN modified_at TEXT;
        ALTER TABLE revisions ADD COLUMN cause TEXT NOT NULL DEFAULT 'page';
        ALTER TABLE revisions ADD COLUMN superseded_by INTEGER REFERENCES revisions (id);
        ALTER TABLE revisions ADD COLUMN correction TEXT;
        ALTER TABLE revisions ADD COLUMN text_hashes TEXT NOT NULL DEFAULT '[]';

        CREATE VIEW changes AS
        SELECT
            later.page_id AS page_id,
            later.site AS site,
            later.url AS url,
            earlier.number AS from_revision,
            later.number AS to_revision,
            earlier.first_seen_at AS before_seen_at,
            later.first_seen_at AS seen_at,
            substr(earlier.text_hashes, 3, 16) <> substr(later.text_hashes, 3, 16) AS headline_changed,
            earlier.headline AS headline_before,
            later.headline AS headline_after,
            substr(earlier.text_hashes, 22, 16) <> substr(later.text_hashes, 22, 16) AS authors_changed,
            earlier.authors AS authors_before,
            later.authors AS authors_after,
            CASE
                WHEN coalesce(earlier.published_at, '') = coalesce(later.published_at, '') THEN 0
                WHEN earlier.published_at IS NULL OR later.published_at IS NULL THEN 1
                WHEN length(earlier.published_at) <= 10 OR length(later.published_at) <= 10 THEN
                    substr(earlier.published_at, 1, length(later.published_at))
                    <> substr(later.published_at, 1, length(earlier.published_at))
                WHEN (substr(earlier.published_at, 17) GLOB '*[Z+-]*')
                    = (substr(later.published_at, 17) GLOB '*[Z+-]*') THEN
                    substr(earlier.sorted_at, 1, 16) <> substr(later.sorted_at, 1, 16)
                ELSE substr(earlier.published_at, 1, 16) <> substr(later.published_at, 1, 16)
            END AS published_changed,
            earlier.published_at AS published_before,
            later.published_at AS published_after,
            substr(earlier.text_hashes, 41, 16) <> substr(later.text_hashes, 41, 16) AS body_changed,
            earlier.word_count AS words_before,
            later.word_count AS words_after,
            CASE WHEN later.correction <> coalesce(earlier.correction, '') THEN later.correction END AS correction,
            earlier.extractor AS extractor_before,
            later.extractor AS extractor_after
        FROM revisions AS later
        JOIN revisions AS earlier ON earlier.id = (
            SELECT candidate.id FROM revisions AS candidate
            WHERE candidate.page_id = later.page_id AND candidate.superseded_by IS NULL
                AND candidate.verdict IN ('ok', 'paywall')
                AND (candidate.first_seen_at, candidate.number) < (later.first_seen_at, later.number)
            ORDER BY candidate.first_seen_at DESC, candidate.number DESC LIMIT 1
        )
        WHERE later.superseded_by IS NULL AND later.verdict IN ('ok', 'paywall');

        -- What near-duplicates are found by: a sketch of each text, and hashes of its parts to look up.
        CREATE TABLE fingerprints (
            page_id INTEGER PRIMARY KEY REFERENCES pages (id),
            sketch BLOB NOT NULL
        );
        CREATE TABLE fingerprint_bands (
            band INTEGER NOT NULL,
            page_id INTEGER NOT NULL REFERENCES pages (id),
            PRIMARY KEY (band, page_id)
        ) WITHOUT ROWID;
        CREATE TABLE similar_pages (
            page_id INTEGER NOT NULL REFERENCES pages (id),
            other_page_id INTEGER NOT NULL REFERENCES pages (id),
            similarity REAL NOT NULL,
            PRIMARY KEY (page_id, other_page_id)
        ) WITHOUT ROWID;
        CREATE INDEX similar_pages_other ON similar_pages (other_page_id);

        CREATE VIEW duplicates AS
        SELECT
            first.page_id AS page_id,
            second.page_id AS other_page_id,
            similar_pages.similarity AS similarity,
            first.site <> second.site AS across_sites,
            first.site AS site,
            second.site AS other_site,
            first.headline AS headline,
            second.headline AS other_headline,
            first.published_at AS published_at,
            second.published_at AS other_published_at,
            first.url AS url,
            second.url AS other_url
        FROM similar_pages
        JOIN pages AS page ON page.id = similar_pages.page_id
        JOIN revisions AS first ON first.id = page.newest_revision_id
        JOIN pages AS other ON other.id = similar_pages.other_page_id
        JOIN revisions AS second ON second.id = other.newest_revision_id;
    """,
    )
    _read_texts(db.conn)
    fingerprint_all(db.conn)


def _read_texts(sql: sqlite3.Connection) -> None:
    """Fill what is known of each text, for the revisions that are there already."""
    for (revision_id,) in [tuple(row) for row in sql.execute("SELECT id FROM revisions ORDER BY id")]:
        headline, authors, body, verdict = sql.execute(
            "SELECT headline, authors, body, verdict FROM revisions WHERE id = ?", (revision_id,)
        ).fetchone()
        hashes = json.dumps(
            text_hashes(headline, json.loads(authors), body, links_of(sql, revision_id)), separators=(",", ":")
        )
        sql.execute(
            "UPDATE revisions SET text_hashes = ?, correction = ? WHERE id = ?",
            (hashes, correction(body) if verdict in READABLE else None, revision_id),
        )
