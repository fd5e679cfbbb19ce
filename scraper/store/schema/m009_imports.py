"""What came from files instead of the web, and what people noted about pages."""

from __future__ import annotations

from sqlite_utils import Database

from scraper.store.schema.steps import MIGRATIONS, run


@MIGRATIONS()
def m009_imports(db: Database) -> None:
    run(
        db,
        """
        CREATE TABLE imports (
            id INTEGER PRIMARY KEY,
            source TEXT NOT NULL,
            kind TEXT NOT NULL,
            sha256 TEXT NOT NULL,
            size INTEGER NOT NULL,
            started_at TEXT NOT NULL,
            ended_at TEXT,
            captures INTEGER NOT NULL DEFAULT 0,
            known INTEGER NOT NULL DEFAULT 0,
            skipped INTEGER NOT NULL DEFAULT 0,
            damaged INTEGER NOT NULL DEFAULT 0
        );
        CREATE INDEX imports_sha256 ON imports (sha256);

        ALTER TABLE captures ADD COLUMN import_id INTEGER REFERENCES imports (id);
        ALTER TABLE captures ADD COLUMN import_record TEXT;
        CREATE INDEX captures_import ON captures (import_id) WHERE import_id IS NOT NULL;

        CREATE TABLE notes (
            id INTEGER PRIMARY KEY,
            page_id INTEGER NOT NULL REFERENCES pages (id),
            url TEXT NOT NULL,
            note TEXT NOT NULL,
            noted_at TEXT NOT NULL,
            import_id INTEGER REFERENCES imports (id),
            UNIQUE (page_id, note)
        );
    """,
    )
