"""Bodies kept as what differs from another one."""

from __future__ import annotations

from sqlite_utils import Database

from scraper.store.schema.steps import MIGRATIONS, run


@MIGRATIONS()
def m006_deltas(db: Database) -> None:
    # A table of its own: a column added to `blobs` would stand behind its content, and be reached through all of it.
    run(
        db,
        """
        CREATE TABLE deltas (
            sha256 TEXT PRIMARY KEY REFERENCES blobs (sha256),
            base_sha256 TEXT NOT NULL REFERENCES blobs (sha256),
            depth INTEGER NOT NULL
        ) WITHOUT ROWID;
        CREATE INDEX deltas_base ON deltas (base_sha256);

        -- Whole bodies that first captures of a site may be kept as differences from.
        CREATE TABLE site_bases (
            id INTEGER PRIMARY KEY,
            site TEXT NOT NULL,
            sha256 TEXT NOT NULL UNIQUE REFERENCES blobs (sha256),
            uses INTEGER NOT NULL
        );
        CREATE INDEX site_bases_site ON site_bases (site);

        -- Bodies that were let go.
        CREATE TABLE removals (
            id INTEGER PRIMARY KEY,
            sha256 TEXT NOT NULL REFERENCES blobs (sha256),
            size INTEGER NOT NULL,
            removed_at TEXT NOT NULL,
            reason TEXT NOT NULL
        );
        CREATE INDEX removals_sha256 ON removals (sha256);
    """,
    )
