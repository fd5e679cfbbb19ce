"""WebSub: the hubs that feeds name, what hubs were asked for, and which sources they told news of."""

from __future__ import annotations

from sqlite_utils import Database

from scraper.store.schema.steps import MIGRATIONS, run


@MIGRATIONS()
def m013_websub(db: Database) -> None:
    run(
        db,
        """
        CREATE TABLE source_hubs (
            source_id INTEGER NOT NULL REFERENCES sources (id),
            hub TEXT NOT NULL,
            topic TEXT NOT NULL,
            PRIMARY KEY (source_id, hub)
        ) WITHOUT ROWID;
        CREATE INDEX source_hubs_topic ON source_hubs (topic, hub);

        -- One that is over is deleted, so that no secret outlives its use.
        CREATE TABLE websub_subscriptions (
            id INTEGER PRIMARY KEY,
            topic TEXT NOT NULL,
            hub TEXT NOT NULL,
            callback TEXT NOT NULL,
            token TEXT NOT NULL UNIQUE,
            secret TEXT NOT NULL,
            state TEXT NOT NULL,
            made_at TEXT NOT NULL,
            asked TEXT,
            asked_at TEXT,
            lease_ends_at TEXT,
            next_at TEXT NOT NULL,
            tries INTEGER NOT NULL DEFAULT 0,
            error TEXT,
            notifications INTEGER NOT NULL DEFAULT 0,
            rejected INTEGER NOT NULL DEFAULT 0,
            notified_at TEXT,
            UNIQUE (topic, hub)
        );

        -- Since when a source waits to be looked at because a hub told of news; null when it does not.
        ALTER TABLE job_sources ADD COLUMN woken_at TEXT;
        CREATE INDEX job_sources_woken ON job_sources (job_id) WHERE woken_at IS NOT NULL;
        """,
    )
