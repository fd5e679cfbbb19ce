"""A chain of hashes over what was captured, and the time-stamps of its heads."""

from __future__ import annotations

from sqlite_utils import Database

from scraper.store.custody import link_all
from scraper.store.schema.steps import MIGRATIONS, run


@MIGRATIONS()
def m007_custody(db: Database) -> None:
    run(
        db,
        """
        CREATE TABLE custody (
            position INTEGER PRIMARY KEY,
            kind TEXT NOT NULL,
            subject_id INTEGER NOT NULL,
            recorded_at TEXT NOT NULL,
            head TEXT NOT NULL
        );
        CREATE UNIQUE INDEX custody_subject ON custody (kind, subject_id);

        CREATE TABLE timestamps (
            id INTEGER PRIMARY KEY,
            position INTEGER NOT NULL REFERENCES custody (position),
            head TEXT NOT NULL,
            stamped_at TEXT NOT NULL,
            authority TEXT NOT NULL,
            token BLOB NOT NULL
        );
    """,
    )
    link_all(db.conn)
