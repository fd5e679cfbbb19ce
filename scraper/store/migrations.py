"""The schema, one step at a time. A step that was released is never edited: what is to change comes as another step.

`scraper.store.opening.SCHEMA_VERSION` is the number of steps; `scraper.store.dictionary` describes every column.
Times are UTC, ISO 8601 with milliseconds and a Z, so that they sort as text.
"""

from __future__ import annotations

from sqlite_utils import Database, Migrations

from scraper.store.connection import Connection
from scraper.store.dictionary import dictionary_rows
from scraper.store.opening import APPLICATION_ID, SCHEMA_VERSION, identify
from scraper.store.sqlite_errors import translated

MIGRATIONS = Migrations("news-archiver")


def migrate(db: Connection) -> None:
    """Bring the archive to the present schema, all steps or none; does nothing when it is there already."""
    if identify(db.sql, db.path) == SCHEMA_VERSION:
        return
    with db.transaction(), translated(db.path):
        # Another process may have done it while this one waited for the lock.
        if identify(db.sql, db.path) == SCHEMA_VERSION:
            return
        MIGRATIONS.apply(db.tables)
        db.execute("DELETE FROM data_dictionary")
        db.tables.table("data_dictionary").insert_all(dictionary_rows())
        # PRAGMA takes no bound parameters; both values are constants of ours, and both are part of the transaction.
        db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")


@MIGRATIONS()
def m001_captures(db: Database) -> None:
    """What was fetched: pages, captures, bodies, and the runs that fetched them."""
    _run(
        db,
        """
        CREATE TABLE pages (
            id INTEGER PRIMARY KEY,
            url TEXT NOT NULL UNIQUE,
            site TEXT NOT NULL,
            first_seen_at TEXT NOT NULL,
            last_seen_at TEXT NOT NULL
        );
        CREATE INDEX pages_site ON pages (site);

        -- Other URLs that led to a page: the ones that were redirected from.
        CREATE TABLE page_urls (
            url TEXT PRIMARY KEY,
            page_id INTEGER NOT NULL REFERENCES pages (id),
            last_seen_at TEXT NOT NULL
        );

        CREATE TABLE runs (
            id INTEGER PRIMARY KEY,
            command TEXT NOT NULL,
            started_at TEXT NOT NULL,
            ended_at TEXT,
            state TEXT NOT NULL,
            pid INTEGER NOT NULL,
            host TEXT NOT NULL,
            urls INTEGER NOT NULL,
            urls_digest TEXT NOT NULL
        );
        CREATE INDEX runs_urls_digest ON runs (urls_digest);

        -- content comes last, so that sizes are read without it; it may be NULL, for a body that was let go.
        CREATE TABLE blobs (
            sha256 TEXT PRIMARY KEY,
            size INTEGER NOT NULL,
            stored_size INTEGER NOT NULL,
            codec TEXT NOT NULL,
            content BLOB
        );

        CREATE TABLE captures (
            id INTEGER PRIMARY KEY,
            page_id INTEGER NOT NULL REFERENCES pages (id),
            run_id INTEGER REFERENCES runs (id),
            url TEXT NOT NULL,
            final_url TEXT NOT NULL,
            fetched_at TEXT NOT NULL,
            status INTEGER,
            error TEXT,
            error_message TEXT,
            content_type TEXT,
            sha256 TEXT REFERENCES blobs (sha256),
            size INTEGER,
            wire_size INTEGER,
            http_version TEXT,
            peer TEXT,
            requests INTEGER NOT NULL,
            headers TEXT NOT NULL,
            request_headers TEXT NOT NULL,
            redirects TEXT NOT NULL,
            time_resolved REAL,
            time_connected REAL,
            time_tls REAL,
            time_first_byte REAL,
            time_total REAL NOT NULL,
            extracted_at TEXT,
            extractor TEXT,
            extraction_error TEXT,
            verdict TEXT,
            verdict_reason TEXT,
            page_type TEXT,
            revision INTEGER
        );
        CREATE INDEX captures_page ON captures (page_id, fetched_at);
        CREATE INDEX captures_run ON captures (run_id) WHERE run_id IS NOT NULL;
        CREATE INDEX captures_sha256 ON captures (sha256) WHERE sha256 IS NOT NULL;
        -- Pages that came but were not yet read: small while all is well.
        CREATE INDEX captures_unextracted ON captures (id)
            WHERE extracted_at IS NULL AND error IS NULL AND sha256 IS NOT NULL AND status < 400;

        CREATE TABLE data_dictionary (
            table_name TEXT NOT NULL,
            column_name TEXT NOT NULL,
            type TEXT NOT NULL,
            unit TEXT NOT NULL,
            description TEXT NOT NULL,
            PRIMARY KEY (table_name, column_name)
        );
    """,
    )


@MIGRATIONS()
def m002_articles(db: Database) -> None:
    """What a reader would call it: revisions, links, and the view of each page's newest revision."""
    _run(
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


@MIGRATIONS()
def m003_search(db: Database) -> None:
    """Full-text search over the articles, and nothing that is only labelled."""
    # U+02BC, the Ukrainian apostrophe, is a letter to Unicode; as a separator it matches ' and ’, which people type.
    # The rank weighs headline, lead, body and authors. FTS5 reads `searchable` without access to json_each: the list of
    # authors is turned into words by cutting off its punctuation.
    _run(
        db,
        """
        CREATE VIEW searchable AS
        SELECT
            pages.id AS id,
            revisions.headline AS headline,
            revisions.lead AS lead,
            revisions.body AS body,
            replace(trim(revisions.authors, '[]"'), '","', ', ') AS authors
        FROM pages
        JOIN revisions ON revisions.id = pages.newest_revision_id
        WHERE revisions.verdict IN ('ok', 'paywall');

        CREATE VIRTUAL TABLE articles_fts USING fts5 (
            headline, lead, body, authors,
            content = 'searchable',
            content_rowid = 'id',
            tokenize = "unicode61 remove_diacritics 2 separators 'ʼ'"
        );
        INSERT INTO articles_fts (articles_fts, rank) VALUES ('rank', 'bm25(10.0, 4.0, 1.0, 4.0)');
        INSERT INTO articles_fts (articles_fts) VALUES ('rebuild');
    """,
    )


@MIGRATIONS()
def m004_hosts(db: Database) -> None:
    """Manners that outlive a process: when each host may be asked next, and what its robots.txt says."""
    _run(
        db,
        """
        CREATE TABLE hosts (
            host TEXT PRIMARY KEY,
            next_at TEXT NOT NULL,
            leased_by TEXT,
            leased_until TEXT,
            pace REAL NOT NULL,
            failures INTEGER NOT NULL,
            reason TEXT,
            validators_lie INTEGER NOT NULL DEFAULT 0
        );

        CREATE TABLE robots (
            origin TEXT PRIMARY KEY,
            fetched_at TEXT NOT NULL,
            expires_at TEXT NOT NULL,
            status INTEGER,
            text TEXT NOT NULL,
            error TEXT,
            error_message TEXT
        );

        ALTER TABLE captures ADD COLUMN robots TEXT;
    """,
    )


@MIGRATIONS()
def m005_renderings(db: Database) -> None:
    """What a browser made of pages that scripts fill."""
    _run(
        db,
        """
        CREATE TABLE renderings (
            capture_id INTEGER PRIMARY KEY REFERENCES captures (id),
            url TEXT NOT NULL,
            rendered_at TEXT NOT NULL,
            browser TEXT NOT NULL,
            sha256 TEXT REFERENCES blobs (sha256),
            size INTEGER,
            screenshot_sha256 TEXT REFERENCES blobs (sha256),
            screenshot_size INTEGER,
            requests TEXT NOT NULL,
            time_total REAL NOT NULL,
            error TEXT,
            error_message TEXT
        );
        CREATE INDEX renderings_sha256 ON renderings (sha256) WHERE sha256 IS NOT NULL;
        CREATE INDEX renderings_screenshot ON renderings (screenshot_sha256) WHERE screenshot_sha256 IS NOT NULL;
    """,
    )
    # The view, with one column more at its end.
    view = db.execute("SELECT sql FROM sqlite_master WHERE type = 'view' AND name = 'articles'").fetchone()[0]
    last = "captures.size AS size"
    drawn = "(SELECT renderings.sha256 FROM renderings WHERE renderings.capture_id = captures.id) AS rendered_sha256"
    db.execute("DROP VIEW articles")
    db.execute(view.replace(last, f"{last},\n            {drawn}"))


def _run(db: Database, script: str) -> None:
    # Statements end with a semicolon at the end of a line. (Database.executescript looks for the ends itself, one
    # character at a time, which takes longer than all the rest.)
    for statement in script.split(";\n"):
        if statement.strip():
            db.execute(statement)
