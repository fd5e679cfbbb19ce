"""What changed on a page, by whom, and which pages share their text."""

from __future__ import annotations

from sqlite_utils import Database

from scraper.store.schema.steps import MIGRATIONS, run


@MIGRATIONS()
def m008_changes(db: Database) -> None:
    # Only texts that one extractor, or a later one's second reading, made of different captures are compared in
    # `changes`: a text that a later extractor has replaced is no state the page was in.
    run(
        db,
        """
        ALTER TABLE captures ADD COLUMN modified_at TEXT;
        ALTER TABLE revisions ADD COLUMN cause TEXT NOT NULL DEFAULT 'page';
        ALTER TABLE revisions ADD COLUMN superseded_by INTEGER REFERENCES revisions (id);
        ALTER TABLE revisions ADD COLUMN correction TEXT;

        CREATE VIEW changes AS
        SELECT
            new.page_id AS page_id,
            new.site AS site,
            new.url AS url,
            old.number AS from_revision,
            new.number AS to_revision,
            old.first_seen_at AS before_seen_at,
            new.first_seen_at AS seen_at,
            old.headline IS NOT new.headline AS headline_changed,
            old.headline AS headline_before,
            new.headline AS headline_after,
            old.authors IS NOT new.authors AS authors_changed,
            old.authors AS authors_before,
            new.authors AS authors_after,
            old.published_at IS NOT new.published_at AS published_changed,
            old.published_at AS published_before,
            new.published_at AS published_after,
            old.body IS NOT new.body AS body_changed,
            old.word_count AS words_before,
            new.word_count AS words_after,
            CASE WHEN new.correction IS NOT old.correction THEN new.correction END AS correction,
            old.extractor AS extractor_before,
            new.extractor AS extractor_after
        FROM revisions AS new
        JOIN revisions AS old ON old.id = (
            SELECT before.id FROM revisions AS before
            WHERE before.page_id = new.page_id AND before.superseded_by IS NULL
                AND before.verdict IN ('ok', 'paywall')
                AND (before.first_seen_at, before.number) < (new.first_seen_at, new.number)
            ORDER BY before.first_seen_at DESC, before.number DESC LIMIT 1
        )
        WHERE new.superseded_by IS NULL AND new.verdict IN ('ok', 'paywall');

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
