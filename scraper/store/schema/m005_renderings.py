"""What a browser made of pages that scripts fill."""

from __future__ import annotations

from sqlite_utils import Database

from scraper.store.schema.steps import MIGRATIONS, run


@MIGRATIONS()
def m005_renderings(db: Database) -> None:
    run(
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
