"""Pictures, styles and fonts of captured pages: each answer once, and which pages it belongs to."""

from __future__ import annotations

from sqlite_utils import Database

from scraper.store.schema.steps import MIGRATIONS, run


@MIGRATIONS()
def m014_assets(db: Database) -> None:
    run(
        db,
        """
        -- As `captures`, without what is read from pages. Of a 304, sha256 is what the server says is still so.
        CREATE TABLE assets (
            id INTEGER PRIMARY KEY,
            run_id INTEGER REFERENCES runs (id),
            import_id INTEGER REFERENCES imports (id),
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
            robots TEXT
        );
        CREATE INDEX assets_url ON assets (url, fetched_at);
        CREATE INDEX assets_sha256 ON assets (sha256) WHERE sha256 IS NOT NULL;
        CREATE INDEX assets_import ON assets (import_id) WHERE import_id IS NOT NULL;

        CREATE TABLE capture_assets (
            capture_id INTEGER NOT NULL REFERENCES captures (id) ON DELETE CASCADE,
            asset_id INTEGER NOT NULL REFERENCES assets (id),
            PRIMARY KEY (capture_id, asset_id)
        ) WITHOUT ROWID;
        CREATE INDEX capture_assets_asset ON capture_assets (asset_id);

        -- Captures whose assets are yet to be fetched.
        CREATE TABLE asset_queue (
            capture_id INTEGER PRIMARY KEY REFERENCES captures (id) ON DELETE CASCADE,
            run_id INTEGER REFERENCES runs (id),
            host TEXT NOT NULL,
            queued_at TEXT NOT NULL
        );
        CREATE INDEX asset_queue_run ON asset_queue (run_id, host);
        """,
    )
