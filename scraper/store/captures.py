"""Captures as rows, and rows as captures."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from scraper.article import CaptureRef, PageType, Verdict, utc_text
from scraper.capture import Capture, Failure, Headers, Hop, Timings
from scraper.errors import NotInArchive
from scraper.store.blobs import get_blob, put_body
from scraper.store.connection import Connection
from scraper.store.custody import link
from scraper.store.filters import Filters
from scraper.store.identity import settle
from scraper.store.pages import find_page, page_of_capture
from scraper.store.presence import note_presence
from scraper.store.values import clean, from_utc_text, moment_of, to_json
from scraper.urls import without_credentials


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredCapture:
    """A row of `captures` without headers and body: what a history shows. See `data_dictionary` for the fields."""

    id: int
    page_id: int
    run_id: int | None
    url: str
    final_url: str
    fetched_at: datetime
    status: int | None
    error: str | None
    error_message: str | None
    content_type: str | None
    sha256: str | None
    size: int | None
    wire_size: int | None
    time_total: float
    extracted_at: datetime | None
    extractor: str | None
    extraction_error: str | None
    verdict: Verdict | None
    verdict_reason: str | None
    page_type: PageType | None
    revision: int | None
    import_id: int | None
    import_record: str | None

    @property
    def is_answer(self) -> bool:
        """Whether a server answered; a fetch that failed before that shows nothing of the page."""
        return self.error is None and self.status is not None

    @property
    def is_check(self) -> bool:
        """Whether the server said that nothing had changed since an earlier capture."""
        return self.is_answer and self.status == 304


STORED_COLUMNS = ", ".join(f"captures.{name}" for name in StoredCapture.__dataclass_fields__)
"""What a `StoredCapture` is made of by `to_stored`."""
_STORED = f"SELECT {STORED_COLUMNS} FROM captures"  # noqa: S608 - names of ours
_IDS = "SELECT id FROM captures"
_PAGES_THAT = "SELECT pages.id FROM pages JOIN revisions ON revisions.id = pages.newest_revision_id WHERE"


def store_capture(
    db: Connection, capture: Capture, run_id: int | None, import_id: int | None = None, record: str | None = None
) -> CaptureRef:
    """Store the fetch, its body and its page; call inside a transaction."""
    page_id = page_of_capture(db, capture)
    if capture.body is not None and capture.sha256 is not None:
        put_body(db, capture.sha256, capture.body, page_id=page_id)
    row = {"page_id": page_id, "run_id": run_id, **row_of(capture)}
    if import_id is not None:
        row |= {"import_id": import_id, "import_record": clean(record)}
    capture_id = db.insert("captures", row)
    link(db, "capture", capture_id)
    note_presence(db, page_id, capture)
    if len(capture.hops) > 1:
        settle(db, page_id)  # where it was redirected from may have been a page
    return CaptureRef(
        id=capture_id,
        fetched_at=from_utc_text(row["fetched_at"]),
        status=capture.status,
        final_url=row["final_url"],
        sha256=capture.sha256,
        size=row["size"],
    )


def read_capture(db: Connection, capture_id: int, *, with_body: bool = True) -> Capture:
    """The capture as it was given to the archive, its body verified. Raises NotInArchive or BlobCorrupt."""
    row = db.row("SELECT * FROM captures WHERE id = ?", (capture_id,))
    if row is None:
        raise no_such_capture(db, capture_id)
    return capture_of(row, get_blob(db, row["sha256"]) if with_body and row["sha256"] is not None else None)


def capture_of(row: sqlite3.Row, body: bytes | None) -> Capture:
    """What a row of `captures`, or of a table with the same columns, was made from."""
    failure = None
    if row["error"] is not None:
        failure = Failure(code=row["error"], message=row["error_message"] or "")
    return Capture(
        url=row["url"],
        fetched_at=from_utc_text(row["fetched_at"]),
        hops=_hops(row),
        request_headers=_headers(json.loads(row["request_headers"])),
        body=body,
        wire_size=row["wire_size"],
        timings=Timings(
            resolved=row["time_resolved"],
            connected=row["time_connected"],
            tls=row["time_tls"],
            first_byte=row["time_first_byte"],
            total=row["time_total"],
        ),
        failure=failure,
        robots=row["robots"],
    )


def list_captures(db: Connection, id_or_url: int | str) -> Iterator[StoredCapture]:
    """Every capture of a page, oldest first. Raises NotInArchive."""
    page_id = find_page(db, id_or_url)
    return map(to_stored, db.rows(f"{_STORED} WHERE page_id = ? ORDER BY fetched_at, id", (page_id,)))


def read_stored(db: Connection, capture_id: int) -> StoredCapture:
    """One row. Raises NotInArchive."""
    row = db.row(f"{_STORED} WHERE id = ?", (capture_id,))
    if row is None:
        raise no_such_capture(db, capture_id)
    return to_stored(row)


def list_captures_of_body(db: Connection, sha256: str) -> Iterator[int]:
    """The ids of the captures that show this body, in the order they were stored."""
    for row in db.rows(f"{_IDS} WHERE sha256 = ? ORDER BY id", (sha256,)):
        yield row["id"]


def headline_of(db: Connection, capture_id: int) -> str | None:
    """The headline of the revision that a capture shows; None without one."""
    row = db.row(
        "SELECT headline FROM captures JOIN revisions"
        " ON revisions.page_id = captures.page_id AND revisions.number = captures.revision WHERE captures.id = ?",
        (capture_id,),
    )
    return None if row is None else row["headline"]


def shown_before(db: Connection, capture_id: int) -> int | None:
    """The page's last capture with a body before this one: what a 304 says is still so."""
    row = db.row(
        "SELECT earlier.id FROM captures AS this JOIN captures AS earlier ON earlier.page_id = this.page_id"
        " AND (earlier.fetched_at, earlier.id) < (this.fetched_at, this.id)"
        " WHERE this.id = ? AND earlier.sha256 IS NOT NULL AND earlier.error IS NULL AND earlier.status = 200"
        " ORDER BY earlier.fetched_at DESC, earlier.id DESC LIMIT 1",
        (capture_id,),
    )
    return None if row is None else int(row["id"])


def list_capture_ids(db: Connection, filters: Filters) -> Iterator[int]:
    """The ids of every capture of the pages whose newest revision passes, oldest first; without filters, of all."""
    which = f"page_id IN ({_PAGES_THAT} {filters.sql})" if filters.values else "1"
    for row in db.rows(f"{_IDS} WHERE {which} ORDER BY fetched_at, id", filters.values):
        yield row["id"]


def unextracted(db: Connection, limit: int | None) -> Iterator[int]:
    """The ids of captures that brought a page which nobody tried to read yet, oldest first.

    Not those that a crawl fetched and is to read, or goes on with: it knows what belongs to them.
    """
    # The first conditions are those of the index captures_unextracted, word for word.
    for row in db.rows(
        "SELECT id FROM captures"
        " WHERE extracted_at IS NULL AND error IS NULL AND sha256 IS NOT NULL AND status < 400"
        " AND id NOT IN (SELECT capture_id FROM frontier WHERE state = 'fetched' AND taken_by IS NOT NULL"
        "  AND capture_id IS NOT NULL)"
        " ORDER BY id LIMIT ?",
        (-1 if limit is None else limit,),
    ):
        yield row["id"]


def mark_extraction_failed(db: Connection, capture_id: int, reason: str) -> None:
    """Record that the extractor died on a capture, so that it is not tried again by itself; in a transaction."""
    changed = db.execute(
        "UPDATE captures SET extracted_at = ?, extraction_error = ? WHERE id = ?", (db.now(), clean(reason), capture_id)
    )
    if changed.rowcount == 0:
        raise no_such_capture(db, capture_id)


def no_such_capture(db: Connection, capture_id: int) -> NotInArchive:
    return NotInArchive(
        f"No capture {capture_id} in {db.path}", next_step="`scrape history URL` lists the captures of a page"
    )


def to_stored(row: sqlite3.Row | Mapping[str, Any]) -> StoredCapture:
    """A row with STORED_COLUMNS and no others."""
    values = dict(row)
    values["fetched_at"] = from_utc_text(row["fetched_at"])
    values["extracted_at"] = moment_of(row["extracted_at"])
    return StoredCapture(**values)


def row_of(capture: Capture) -> dict[str, Any]:
    """The columns of `captures` that say what a fetch brought; `capture_of` reads them."""
    failure = capture.failure
    timings = capture.timings
    return {
        "url": clean(without_credentials(capture.url)),
        "final_url": clean(without_credentials(capture.final_url)),
        "fetched_at": utc_text(capture.fetched_at),
        "status": capture.status,
        "error": failure.code if failure else None,
        "error_message": clean(failure.message) if failure else None,
        "content_type": clean(capture.content_type),
        "sha256": capture.sha256,
        "size": None if capture.body is None else len(capture.body),
        "wire_size": capture.wire_size,
        "http_version": capture.http_version,
        "peer": capture.peer,
        "requests": len(capture.hops),
        "headers": to_json(capture.headers),
        "request_headers": to_json(capture.request_headers),
        # The last hop is the row itself; most fetches have no other.
        "redirects": to_json([_hop_values(hop) for hop in capture.hops[:-1]]),
        "time_resolved": timings.resolved,
        "time_connected": timings.connected,
        "time_tls": timings.tls,
        "time_first_byte": timings.first_byte,
        "time_total": timings.total,
        "robots": capture.robots,
    }


def _hop_values(hop: Hop) -> dict[str, Any]:
    return {
        "url": without_credentials(hop.url),
        "status": hop.status,
        "http_version": hop.http_version,
        "headers": hop.headers,
        "peer": hop.peer,
    }


def _hops(row: sqlite3.Row) -> tuple[Hop, ...]:
    if row["requests"] == 0:
        return ()
    before = [Hop(**{**hop, "headers": _headers(hop["headers"])}) for hop in json.loads(row["redirects"])]
    answer = Hop(
        url=row["final_url"],
        status=row["status"],
        http_version=row["http_version"],
        headers=_headers(json.loads(row["headers"])),
        peer=row["peer"],
    )
    return (*before, answer)


def _headers(pairs: list[list[str]]) -> Headers:
    return tuple((name, value) for name, value in pairs)
