"""What came from files: which file, what of it was new, and what people noted about pages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from scraper.article import utc_text
from scraper.capture import Capture
from scraper.errors import NotInArchive
from scraper.store.captures import shown_before
from scraper.store.connection import Connection
from scraper.store.freshness import store_check
from scraper.store.pages import page_of_address
from scraper.store.values import clean, from_utc_text
from scraper.urls import canonical, without_credentials

ImportKind = Literal["warc", "wacz", "html", "list"]

_ALL = "SELECT * FROM imports"


@dataclass(slots=True)
class ImportCounts:
    """What became of the records of a file."""

    captures: int = 0
    known: int = 0
    skipped: int = 0
    damaged: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """A row of `imports`."""

    id: int
    source: str
    kind: ImportKind
    sha256: str
    size: int
    started_at: datetime
    ended_at: datetime | None
    """None while it is under way, and when it was stopped."""
    captures: int
    known: int
    skipped: int
    damaged: int


def begin_import(db: Connection, source: str, kind: ImportKind, sha256: str, size: int) -> int:
    """Record that the file of this name and content is read; inside a transaction."""
    row = {"source": clean(source), "kind": kind, "sha256": sha256, "size": size, "started_at": db.now()}
    return db.insert("imports", row)


def count_import(db: Connection, import_id: int, counts: ImportCounts, *, ended: bool) -> None:
    """Record what became of its records until now; inside a transaction. Raises NotInArchive."""
    changed = db.execute(
        "UPDATE imports SET captures = ?, known = ?, skipped = ?, damaged = ?, ended_at = ? WHERE id = ?",
        (counts.captures, counts.known, counts.skipped, counts.damaged, db.now() if ended else None, import_id),
    )
    if changed.rowcount == 0:
        raise no_such_import(db, import_id)


def read_import(db: Connection, import_id: int) -> Import:
    """One row. Raises NotInArchive."""
    found = next(_imports(db, "WHERE id = ?", (import_id,)), None)
    if found is None:
        raise no_such_import(db, import_id)
    return found


def list_imports(db: Connection) -> Iterator[Import]:
    """Every row, the oldest first."""
    return _imports(db, "ORDER BY id", ())


def no_such_import(db: Connection, import_id: int) -> NotInArchive:
    return NotInArchive(f"No import {import_id} in {db.path}", next_step="the table imports lists them")


def is_known(db: Connection, capture: Capture) -> bool:
    """Whether the archive has this capture: same addresses, same time, and the same body or, without one, outcome.

    Files often give only the second of a capture: then that is what times are compared by.
    """
    url, final_url = without_credentials(capture.url), without_credentials(capture.final_url)
    addresses = [canonical(url), canonical(final_url)]
    second = capture.fetched_at.replace(microsecond=0)
    rows = db.rows(
        "SELECT fetched_at, sha256, status, error FROM captures WHERE url = ? AND final_url = ?"
        " AND fetched_at >= ? AND fetched_at < ? AND page_id IN ("
        " SELECT id FROM pages WHERE url IN (?, ?) UNION SELECT page_id FROM page_urls WHERE url IN (?, ?))",
        (clean(url), clean(final_url), utc_text(second), utc_text(second + timedelta(seconds=1)), *addresses * 2),
    )
    own = utc_text(capture.fetched_at)
    outcome = (capture.sha256, capture.status, capture.failure and capture.failure.code)
    for row in rows:
        same_time = row["fetched_at"] == own or ".000Z" in (row["fetched_at"][-5:], own[-5:])
        if same_time and (row["sha256"], row["status"], row["error"]) == outcome:
            return True
    return False


def settle_checks(db: Connection) -> None:
    """Give imported 304s what the captures show that they are of, now that these were read; inside a transaction."""
    waiting = "import_id IS NOT NULL AND status = 304 AND error IS NULL AND verdict IS NULL"
    for row in db.sql.execute(f"SELECT id FROM captures WHERE {waiting}").fetchall():  # noqa: S608 - a constant
        shown = shown_before(db, row["id"])
        if shown is not None:
            store_check(db, row["id"], shown)


def body_shown_at(db: Connection, url: str, moment: datetime) -> str | None:
    """SHA-256 of the body that an address gave at a time, to the second; None when the archive has none."""
    second = moment.replace(microsecond=0)
    row = db.row(
        "SELECT sha256 FROM captures WHERE final_url = ? AND fetched_at >= ? AND fetched_at < ? AND sha256 IS NOT NULL"
        " AND page_id IN (SELECT id FROM pages WHERE url = ? UNION SELECT page_id FROM page_urls WHERE url = ?)",
        (clean(url), utc_text(second), utc_text(second + timedelta(seconds=1)), *[canonical(url)] * 2),
    )
    return None if row is None else str(row["sha256"])


def add_note(db: Connection, url: str, note: str, import_id: int | None) -> bool:
    """Keep what somebody noted about a page, and the page; False if that was there. Inside a transaction."""
    known = db.row("SELECT 1 FROM pages WHERE url = ?", (canonical(url),)) is not None
    page_id = page_of_address(db, url)
    changed = db.execute(
        "INSERT INTO notes (page_id, url, note, noted_at, import_id) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (page_id, note) DO NOTHING",
        (page_id, clean(without_credentials(url)), clean(note), db.now(), import_id),
    )
    return changed.rowcount > 0 or not known


def _imports(db: Connection, which: str, parameters: tuple[int, ...]) -> Iterator[Import]:
    for row in db.rows(f"{_ALL} {which}", parameters):
        values = dict(row)
        values["started_at"] = from_utc_text(row["started_at"])
        values["ended_at"] = None if row["ended_at"] is None else from_utc_text(row["ended_at"])
        yield Import(**values)
