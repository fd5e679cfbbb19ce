"""What was fetched: pages, captures, bodies, and the runs that fetched them."""

from __future__ import annotations

from sqlite_utils import Database

from scraper.store.schema.steps import MIGRATIONS, run


@MIGRATIONS()
def m001_captures(db: Database) -> None:
    run(
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
