"""Manners that outlive a process: when each host may be asked next, and what its robots.txt says."""

from __future__ import annotations

from sqlite_utils import Database

from scraper.store.schema.steps import MIGRATIONS, run


@MIGRATIONS()
def m004_hosts(db: Database) -> None:
    run(
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
