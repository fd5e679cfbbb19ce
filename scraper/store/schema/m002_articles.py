"""What a reader would call it: revisions, links, and the view of each page's newest revision."""

from __future__ import annotations

from sqlite_utils import Database

from scraper.store.schema.steps import MIGRATIONS, run


@MIGRATIONS()
def m002_articles(db: Database) -> None:
    run(
        db,
        """
        CREATE TABLE revisions (
            id INTEGER PRIMARY KEY,
            page_id INTEGER NOT NULL REFERENCES pages (id),
            number INTEGER NOT NULL,
            capture_id INTEGER NOT NULL REFERENCES captures (id),
            first_seen_at TEXT NOT NULL,
            content_hash TEXT NOT NULL,
            sorted_at TEXT NOT NULL,
            url TEXT NOT NULL,
            canonical_url TEXT,
            site TEXT NOT NULL,
            headline TEXT,
            authors TEXT NOT NULL,
            published_at TEXT,
            modified_at TEXT,
            language TEXT,
            section TEXT,
            tags TEXT NOT NULL,
            image TEXT,
            word_count INTEGER NOT NULL,
            page_type TEXT NOT NULL,
            verdict TEXT NOT NULL,
            verdict_reason TEXT,
            extractor TEXT NOT NULL,
            lead TEXT,
            body TEXT,
            body_html TEXT,
            provenance TEXT NOT NULL,
            UNIQUE (page_id, number)
        );
        CREATE INDEX revisions_capture ON revisions (capture_id);
        CREATE INDEX revisions_sorted_at ON revisions (sorted_at);
        CREATE INDEX revisions_site ON revisions (site, sorted_at);

        ALTER TABLE pages ADD COLUMN newest_revision_id INTEGER REFERENCES revisions (id);

        CREATE TABLE links (
            revision_id INTEGER NOT NULL REFERENCES revisions (id),
            position INTEGER NOT NULL,
            url TEXT NOT NULL,
            text TEXT NOT NULL,
            kind TEXT NOT NULL,
            PRIMARY KEY (revision_id, position)
        ) WITHOUT ROWID;

        CREATE VIEW articles AS
        SELECT
            pages.id AS id,
            revisions.number AS revision,
            revisions.url AS url,
            revisions.canonical_url AS canonical_url,
            revisions.site AS site,
            revisions.headline AS headline,
            revisions.authors AS authors,
            revisions.published_at AS published_at,
            revisions.modified_at AS modified_at,
            revisions.lead AS lead,
            revisions.body AS body,
            revisions.body_html AS body_html,
            revisions.language AS language,
            revisions.section AS section,
            revisions.tags AS tags,
            revisions.image AS image,
            (
                SELECT json_group_array(json_object('url', link.url, 'text', link.text, 'kind', link.kind))
                FROM (SELECT url, text, kind FROM links WHERE revision_id = revisions.id ORDER BY position) AS link
            ) AS links,
            revisions.word_count AS word_count,
            revisions.page_type AS page_type,
            revisions.verdict AS verdict,
            revisions.verdict_reason AS verdict_reason,
            revisions.provenance AS provenance,
            revisions.extractor AS extractor,
            captures.id AS capture_id,
            captures.fetched_at AS fetched_at,
            captures.status AS status,
            captures.final_url AS final_url,
            captures.sha256 AS sha256,
            captures.size AS size
        FROM pages
        JOIN revisions ON revisions.id = pages.newest_revision_id
        JOIN captures ON captures.id = revisions.capture_id;
    """,
    )
