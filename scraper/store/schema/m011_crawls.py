"""Crawls: jobs, where they look for pages, what they found, and what became of it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from sqlite_utils import Database

from scraper.store.connection import Connection
from scraper.store.identity import identify_all
from scraper.store.schema.steps import MIGRATIONS, run


@MIGRATIONS()
def m011_crawls(db: Database) -> None:
    run(
        db,
        """
        -- A crawl that was typed is a job, too, under a name made of what was typed: so it can be gone on with.
        CREATE TABLE jobs (
            id INTEGER PRIMARY KEY,
            name TEXT NOT NULL UNIQUE,
            origin TEXT NOT NULL,
            starts TEXT NOT NULL,
            options TEXT NOT NULL,
            schedule TEXT,
            time_zone TEXT,
            created_at TEXT NOT NULL,
            changed_at TEXT NOT NULL,
            paused_at TEXT,
            next_at TEXT
        );

        ALTER TABLE runs ADD COLUMN job_id INTEGER REFERENCES jobs (id);
        ALTER TABLE runs ADD COLUMN summary TEXT;
        CREATE INDEX runs_job ON runs (job_id) WHERE job_id IS NOT NULL;

        -- Where pages are found: home and section pages, feeds, sitemaps.
        CREATE TABLE sources (
            id INTEGER PRIMARY KEY,
            url TEXT NOT NULL,
            kind TEXT NOT NULL,
            host TEXT NOT NULL,
            site TEXT NOT NULL,
            parent_id INTEGER REFERENCES sources (id),
            continues INTEGER NOT NULL,
            found_at TEXT NOT NULL,
            state TEXT NOT NULL,
            etag TEXT,
            last_modified TEXT,
            sha256 TEXT,
            title TEXT,
            checked_at TEXT,
            changed_at TEXT,
            newest_item_at TEXT,
            failures INTEGER NOT NULL DEFAULT 0,
            error TEXT,
            error_message TEXT,
            UNIQUE (url, kind)
        );
        CREATE INDEX sources_site ON sources (site);

        -- A source is looked at for each job that it serves, when that is due.
        CREATE TABLE job_sources (
            job_id INTEGER NOT NULL REFERENCES jobs (id),
            source_id INTEGER NOT NULL REFERENCES sources (id),
            depth INTEGER NOT NULL,
            run_id INTEGER REFERENCES runs (id),
            taken_by TEXT,
            PRIMARY KEY (job_id, source_id)
        ) WITHOUT ROWID;

        CREATE TABLE source_checks (
            id INTEGER PRIMARY KEY,
            source_id INTEGER NOT NULL REFERENCES sources (id),
            run_id INTEGER REFERENCES runs (id),
            checked_at TEXT NOT NULL,
            status INTEGER,
            error TEXT,
            error_message TEXT,
            seconds REAL,
            size INTEGER,
            sha256 TEXT,
            items INTEGER NOT NULL,
            new_items INTEGER NOT NULL,
            notes TEXT NOT NULL
        );
        CREATE INDEX source_checks_source ON source_checks (source_id, checked_at);
        CREATE INDEX source_checks_run ON source_checks (run_id);

        CREATE TABLE frontier (
            id INTEGER PRIMARY KEY,
            url TEXT NOT NULL UNIQUE,
            found_url TEXT NOT NULL,
            host TEXT NOT NULL,
            site TEXT NOT NULL,
            job_id INTEGER REFERENCES jobs (id),
            source_id INTEGER REFERENCES sources (id),
            found_at TEXT NOT NULL,
            published_at TEXT,
            sorted_at TEXT NOT NULL,
            depth INTEGER NOT NULL,
            state TEXT NOT NULL,
            reason TEXT,
            attempts INTEGER NOT NULL DEFAULT 0,
            visits INTEGER NOT NULL DEFAULT 0,
            changes INTEGER NOT NULL DEFAULT 0,
            next_at TEXT,
            taken_by TEXT,
            first_visited_at TEXT,
            visited_at TEXT,
            capture_id INTEGER REFERENCES captures (id)
        );
        CREATE INDEX frontier_waiting ON frontier (job_id, host, sorted_at) WHERE state = 'waiting';
        CREATE INDEX frontier_unsettled ON frontier (state, taken_by) WHERE taken_by IS NOT NULL;
        CREATE INDEX frontier_next ON frontier (job_id, next_at) WHERE next_at IS NOT NULL;
        CREATE INDEX frontier_site ON frontier (site, state);

        -- An article on several pages is read from several captures.
        CREATE TABLE capture_parts (
            capture_id INTEGER NOT NULL REFERENCES captures (id),
            position INTEGER NOT NULL,
            part_id INTEGER NOT NULL REFERENCES captures (id),
            PRIMARY KEY (capture_id, position)
        ) WITHOUT ROWID;
        CREATE INDEX capture_parts_part ON capture_parts (part_id);

        -- How many pages of a site were visited again on a day: what its budget is counted by.
        CREATE TABLE revisits (
            site TEXT NOT NULL,
            day TEXT NOT NULL,
            fetches INTEGER NOT NULL,
            PRIMARY KEY (site, day)
        ) WITHOUT ROWID;

        -- How far a large file was read, and what was left out for which reason: `scraper.store.imports`.
        ALTER TABLE imports ADD COLUMN truncated INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE imports ADD COLUMN reasons TEXT NOT NULL DEFAULT '{}';
        ALTER TABLE imports ADD COLUMN identity TEXT;
        ALTER TABLE imports ADD COLUMN wishes TEXT;
        ALTER TABLE imports ADD COLUMN position TEXT;
        ALTER TABLE imports ADD COLUMN taken_by TEXT;
        CREATE INDEX imports_identity ON imports (identity) WHERE identity IS NOT NULL;

        -- Which pages are one, and which are gone: `scraper.store.identity`, `scraper.store.presence`.
        ALTER TABLE pages ADD COLUMN address_key INTEGER;
        ALTER TABLE pages ADD COLUMN named_url TEXT;
        ALTER TABLE hosts ADD COLUMN validators_proven INTEGER NOT NULL DEFAULT 0;

        ALTER TABLE pages ADD COLUMN same_as INTEGER REFERENCES pages (id);
        ALTER TABLE pages ADD COLUMN same_as_reason TEXT;
        ALTER TABLE pages ADD COLUMN gone_at TEXT;
        ALTER TABLE pages ADD COLUMN gone_reason TEXT;
        CREATE INDEX pages_address_key ON pages (address_key);
        CREATE INDEX pages_named_url ON pages (named_url) WHERE named_url IS NOT NULL;
        CREATE INDEX pages_same_as ON pages (same_as) WHERE same_as IS NOT NULL;
        CREATE INDEX page_urls_page ON page_urls (page_id);
        """,
    )
    # What is the same as another page is not shown beside it.
    _narrow(db, "articles", " WHERE pages.same_as IS NULL")
    _narrow(db, "searchable", " AND pages.same_as IS NULL")
    _narrow(db, "changes", " AND later.page_id NOT IN (SELECT id FROM pages WHERE same_as IS NOT NULL)")
    _narrow(db, "duplicates", " WHERE page.same_as IS NULL AND other.same_as IS NULL")
    identify_all(Connection(db.conn, Path(), writable=True, clock=lambda: datetime.now(UTC)))


def _narrow(db: Database, view: str, condition: str) -> None:
    """The view again, with one condition more at its end."""
    (sql,) = db.execute("SELECT sql FROM sqlite_master WHERE type = 'view' AND name = ?", (view,)).fetchone()
    db.execute(f"DROP VIEW {view}")
    db.execute(sql.rstrip() + condition)
