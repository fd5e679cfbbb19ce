"""What a server said to recognise a page by (ETag, Last-Modified), and whether what it says can be believed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from scraper.store.connection import Connection
from scraper.store.pages import find_page_or_none
from scraper.store.values import from_utc_text
from scraper.urls import host_of

_LONGEST_ETAG = 1_000
"""Characters; a longer one would only fill requests."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Validators:
    """Of the last body that was captured of a page under one URL."""

    capture_id: int
    etag: str | None
    last_modified: str | None
    fetched_at: datetime
    checks: int
    """Times since then that the server said nothing had changed."""
    is_proven: bool = False
    """Whether the server was seen to notice a change."""


def validators_of(db: Connection, url: str) -> Validators | None:
    """What to send with a request for `url`; None when nothing is known, or its host's word is worth nothing.

    Only an answer that came without redirects counts, and only one whose text was read: if the server says that it is
    unchanged, there must be something that it is unchanged from.
    """
    page_id = find_page_or_none(db, url)
    if page_id is None:
        return None
    row = db.row(
        "SELECT id, url, final_url, fetched_at, headers, status, revision FROM captures"
        " WHERE page_id = ? AND error IS NULL AND sha256 IS NOT NULL ORDER BY fetched_at DESC, id DESC LIMIT 1",
        (page_id,),
    )
    if row is None or row["status"] != 200 or row["revision"] is None:
        return None
    if db.row("SELECT 1 FROM renderings WHERE capture_id = ?", (row["id"],)) is not None:
        return None  # what changes on such a page is not what these validators are of
    if not row["url"] == row["final_url"] == url.partition("#")[0]:
        return None
    host = db.row("SELECT validators_lie, validators_proven FROM hosts WHERE host = ?", (host_of(url),))
    if host is not None and host["validators_lie"]:
        return None
    headers = {name.lower(): value for name, value in reversed(json.loads(row["headers"]))}
    etag, modified = _sendable(headers.get("etag")), _sendable(headers.get("last-modified"))
    if etag is None and modified is None:
        return None
    checks = db.row(
        "SELECT count(*) AS n FROM captures WHERE page_id = ? AND status = 304 AND id > ?", (page_id, row["id"])
    )
    return Validators(
        capture_id=row["id"],
        etag=etag,
        last_modified=modified,
        fetched_at=from_utc_text(row["fetched_at"]),
        checks=checks["n"] if checks else 0,
        is_proven=bool(host is not None and host["validators_proven"]),
    )


def store_check(db: Connection, capture_id: int, validated: int) -> None:
    """Record that capture `capture_id` (a 304) shows what capture `validated` does. Call inside a transaction."""
    db.execute(
        "UPDATE captures SET (verdict, verdict_reason, page_type, revision) ="
        " (SELECT verdict, verdict_reason, page_type, revision FROM captures WHERE id = ?) WHERE id = ?",
        (validated, capture_id),
    )


def repeat_reading(db: Connection, capture_id: int) -> bool:
    """Let a capture show what the one before it shows, if its body is the same; False if not. In a transaction."""
    before = db.row(
        "SELECT earlier.id FROM captures JOIN captures AS earlier ON earlier.page_id = captures.page_id"
        " AND earlier.sha256 = captures.sha256 AND earlier.id < captures.id AND earlier.revision IS NOT NULL"
        " AND earlier.extractor IS NOT NULL AND earlier.status = captures.status"
        " WHERE captures.id = ?1 AND NOT EXISTS (SELECT 1 FROM renderings WHERE capture_id = earlier.id)"
        " AND earlier.id = (SELECT max(id) FROM captures AS newest WHERE newest.page_id = captures.page_id"
        "  AND newest.sha256 IS NOT NULL AND newest.extracted_at IS NOT NULL AND newest.id < captures.id)",
        (capture_id,),
    )
    if before is None:
        return False
    store_check(db, capture_id, before["id"])
    db.execute(
        "UPDATE captures SET extracted_at = ?, extractor = (SELECT extractor FROM captures WHERE id = ?) WHERE id = ?",
        (db.now(), before["id"], capture_id),
    )
    return True


def trust_validators(db: Connection, host: str) -> None:
    """Note that `host`, asked whether a page had changed, told that it had. Call inside a transaction."""
    db.execute("UPDATE hosts SET validators_proven = 1 WHERE host = ? AND NOT validators_proven", (host,))


def distrust_validators(db: Connection, host: str) -> None:
    """From now on, nothing is asked of `host` by its validators. Call inside a transaction."""
    db.execute("UPDATE hosts SET validators_lie = 1 WHERE host = ?", (host,))


def _sendable(value: str | None) -> str | None:
    text = (value or "").strip()
    return text if text and text.isascii() and text.isprintable() and len(text) <= _LONGEST_ETAG else None
