"""Whether a page is still there: what its captures say about that, in the order of time."""

from __future__ import annotations

import sqlite3
from typing import Literal

from scraper.article import utc_text
from scraper.capture import Capture
from scraper.store.connection import Connection
from scraper.urls import leads_home

Gone = Literal["http_404", "http_410", "redirected_home"]


def led_home(capture: Capture) -> bool:
    """True when who asked for a page was shown the home page, or the front of its section, instead of it."""
    return capture.ok and len(capture.hops) > 1 and leads_home(capture.url, capture.final_url)


def note_presence(db: Connection, page_id: int, capture: Capture) -> None:
    """Record since when the page is gone, or that it is not; after its capture was stored. In a transaction.

    A page that never came is not gone. Captures may be stored out of order: what counts is the last one that says.
    """
    seen_at = utc_text(capture.fetched_at)
    says_gone = led_home(capture) or (capture.failure is None and capture.status in (404, 410))
    if not says_gone:
        row = db.row("SELECT gone_at IS NOT NULL OR last_seen_at > ? FROM pages WHERE id = ?", (seen_at, page_id))
        if row is None or not row[0]:
            return
    since, reason = _gone_since(db, page_id) or (None, None)
    db.execute("UPDATE pages SET gone_at = ?, gone_reason = ? WHERE id = ?", (since, reason, page_id))


def _gone_since(db: Connection, page_id: int) -> tuple[str, Gone] | None:
    """Since when the page is gone, and how that was seen; None when it is there, or never was."""
    found: tuple[str, Gone] | None = None
    for row in db.rows(
        "SELECT url, final_url, fetched_at, status, error, sha256, requests FROM captures WHERE page_id = ?"
        " ORDER BY fetched_at DESC, id DESC",
        (page_id,),
    ):
        reason = _reason(row)
        if reason is not None:
            found = (row["fetched_at"], reason)
        elif row["error"] is None and (row["status"] == 304 or (row["sha256"] and (row["status"] or 0) < 400)):
            return found
    return None


def _reason(row: sqlite3.Row) -> Gone | None:
    if row["error"] is not None:
        return None
    if row["status"] in (404, 410):
        return "http_404" if row["status"] == 404 else "http_410"
    return "redirected_home" if row["sha256"] and shows_home(row) else None


def shows_home(capture: sqlite3.Row) -> bool:
    """The same as `led_home`, of a stored capture: a row with url, final_url, status and requests."""
    moved = capture["requests"] > 1 and (capture["status"] or 0) < 400
    return bool(moved and leads_home(capture["url"], capture["final_url"]))
