"""What a browser made of captured pages."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict

from scraper.article import utc_text
from scraper.capture import Failure, PageRequest, Rendering
from scraper.store.blobs import get_blob, put_blob
from scraper.store.connection import Connection
from scraper.store.custody import link
from scraper.store.values import clean, from_utc_text, to_json
from scraper.urls import without_credentials


def store_rendering(db: Connection, capture_id: int, rendering: Rendering) -> None:
    """Store it with its document and picture; call inside a transaction."""
    failure = rendering.failure
    db.insert(
        "renderings",
        {
            "capture_id": capture_id,
            "url": clean(without_credentials(rendering.url)),
            "rendered_at": utc_text(rendering.rendered_at),
            "browser": rendering.browser,
            "sha256": _put(db, rendering.dom, bases=_drawn_before(db, capture_id)),
            "size": None if rendering.dom is None else len(rendering.dom),
            "screenshot_sha256": _put(db, rendering.screenshot),
            "screenshot_size": None if rendering.screenshot is None else len(rendering.screenshot),
            "requests": to_json([asdict(request) for request in rendering.requests]),
            "time_total": rendering.time_total,
            "error": failure.code if failure else None,
            "error_message": clean(failure.message) if failure else None,
        },
    )
    link(db, "rendering", capture_id)


def read_rendering(db: Connection, capture_id: int) -> Rendering | None:
    """As it was given to the archive, verified; None when no browser drew the capture. Raises BlobCorrupt."""
    row = db.row("SELECT * FROM renderings WHERE capture_id = ?", (capture_id,))
    if row is None:
        return None
    return Rendering(
        url=row["url"],
        rendered_at=from_utc_text(row["rendered_at"]),
        browser=row["browser"],
        dom=None if row["sha256"] is None else get_blob(db, row["sha256"]),
        screenshot=None if row["screenshot_sha256"] is None else get_blob(db, row["screenshot_sha256"]),
        requests=tuple(PageRequest(**request) for request in json.loads(row["requests"])),
        time_total=row["time_total"],
        failure=Failure(code=row["error"], message=row["error_message"] or "") if row["error"] else None,
    )


def _put(db: Connection, content: bytes | None, *, bases: Iterable[str] = ()) -> str | None:
    if content is None:
        return None
    sha256 = hashlib.sha256(content).hexdigest()
    put_blob(db, sha256, content, bases=bases)
    return sha256


def _drawn_before(db: Connection, capture_id: int) -> Iterator[str]:
    """The document that a browser last made of the same page."""
    rows = db.rows(
        "SELECT renderings.sha256 FROM captures AS this JOIN captures AS other ON other.page_id = this.page_id"
        " JOIN renderings ON renderings.capture_id = other.id JOIN blobs ON blobs.sha256 = renderings.sha256"
        " WHERE this.id = ? AND blobs.content IS NOT NULL ORDER BY other.fetched_at DESC, other.id DESC LIMIT 1",
        (capture_id,),
    )
    return (row["sha256"] for row in rows)
