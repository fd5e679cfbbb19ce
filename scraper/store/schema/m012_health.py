"""Health: what each run of a crawl found on each site, and what went wrong there, since when and until when."""

from __future__ import annotations

from sqlite_utils import Database

from scraper.store.schema.steps import MIGRATIONS, run


@MIGRATIONS()
def m012_health(db: Database) -> None:
    # Of numbers, not of captures: a site's normal state is known for as long as the archive is, whatever is pruned.
    run(
        db,
        """
        CREATE TABLE run_sites (
            run_id INTEGER NOT NULL REFERENCES runs (id),
            site TEXT NOT NULL,
            at TEXT NOT NULL,
            sources INTEGER NOT NULL,
            sources_failed INTEGER NOT NULL,
            items INTEGER NOT NULL,
            new_items INTEGER NOT NULL,
            pages INTEGER NOT NULL,
            unchanged INTEGER NOT NULL,
            ok INTEGER NOT NULL,
            paywall INTEGER NOT NULL,
            consent INTEGER NOT NULL,
            blocked INTEGER NOT NULL,
            empty INTEGER NOT NULL,
            not_article INTEGER NOT NULL,
            gone INTEGER NOT NULL,
            failed INTEGER NOT NULL,
            failures TEXT NOT NULL,
            expected INTEGER NOT NULL,
            yielded INTEGER NOT NULL,
            lost INTEGER NOT NULL,
            new_articles INTEGER NOT NULL,
            revisits INTEGER NOT NULL,
            edits INTEGER NOT NULL,
            texts INTEGER NOT NULL,
            with_headline INTEGER NOT NULL,
            with_authors INTEGER NOT NULL,
            with_published_at INTEGER NOT NULL,
            with_lead INTEGER NOT NULL,
            with_body INTEGER NOT NULL,
            repeated_headlines INTEGER NOT NULL,
            odd_dates INTEGER NOT NULL,
            short INTEGER,
            words INTEGER,
            found_by TEXT NOT NULL,
            first_byte_median REAL,
            first_byte_p95 REAL,
            total_median REAL,
            total_p95 REAL,
            PRIMARY KEY (run_id, site)
        ) WITHOUT ROWID;
        CREATE INDEX run_sites_site ON run_sites (site, at);

        CREATE TABLE alarms (
            id INTEGER PRIMARY KEY,
            site TEXT NOT NULL,
            kind TEXT NOT NULL,
            subject TEXT NOT NULL,
            severity TEXT NOT NULL,
            since TEXT NOT NULL,
            since_run_id INTEGER REFERENCES runs (id),
            raised_at TEXT NOT NULL,
            raised_run_id INTEGER REFERENCES runs (id),
            last_seen_at TEXT NOT NULL,
            message TEXT NOT NULL,
            detail TEXT NOT NULL,
            acknowledged_at TEXT,
            accepted_at TEXT,
            cleared_at TEXT,
            cleared_run_id INTEGER REFERENCES runs (id)
        );
        CREATE UNIQUE INDEX alarms_open ON alarms (site, kind, subject) WHERE cleared_at IS NULL;
        CREATE INDEX alarms_site ON alarms (site, kind, subject);

        CREATE TABLE alarm_notices (
            alarm_id INTEGER NOT NULL REFERENCES alarms (id),
            event TEXT NOT NULL,
            channel TEXT NOT NULL,
            sent_at TEXT,
            tries INTEGER NOT NULL,
            error TEXT,
            PRIMARY KEY (alarm_id, event, channel)
        ) WITHOUT ROWID;

        -- A source's rhythm is known by when its newest item was of.
        ALTER TABLE source_checks ADD COLUMN newest_item_at TEXT;
    """,
    )
