"""What came from files: which file, what of it was new, and what people noted about pages."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from scraper.article import utc_text
from scraper.capture import Capture
from scraper.errors import AlreadyRunning, NotInArchive
from scraper.store.captures import shown_before
from scraper.store.connection import Connection
from scraper.store.freshness import store_check
from scraper.store.pages import find_page_or_none, page_of_address, pages_at
from scraper.store.processes import mark_of_this_process, may_be_alive
from scraper.store.values import clean, from_utc_text, moment_of, to_json
from scraper.urls import without_credentials

ImportKind = Literal["warc", "wacz", "html", "list"]

WITHOUT_BODY = "without_body"
"""The reason for which a revisit is skipped whose body is nowhere to be found."""

_ALL = (
    "SELECT id, source, kind, sha256, size, started_at, ended_at, captures, known, skipped, damaged, truncated,"
    " reasons, identity, wishes, position FROM imports"
)


@dataclass(slots=True)
class ImportCounts:
    """What became of the records of a file."""

    captures: int = 0
    known: int = 0
    skipped: int = 0
    damaged: int = 0
    truncated: int = 0
    """Of the captures, those that whoever recorded them cut short."""
    reasons: dict[str, int] = field(default_factory=dict)
    """How many were skipped for which reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """A row of `imports`."""

    id: int
    source: str
    kind: ImportKind
    sha256: str
    """Empty until a large file was read to its end."""
    size: int
    started_at: datetime
    ended_at: datetime | None
    """None while it is under way, and when it was stopped."""
    captures: int
    known: int
    skipped: int
    damaged: int
    truncated: int
    reasons: Mapping[str, int]
    identity: str | None
    wishes: str | None
    position: Mapping[str, Any] | None
    """Where to go on, as whoever reads such files worded it; None at the beginning, and at the end."""

    @property
    def counts(self) -> ImportCounts:
        return ImportCounts(self.captures, self.known, self.skipped, self.damaged, self.truncated, dict(self.reasons))


def begin_import(db: Connection, source: str, kind: ImportKind, sha256: str, size: int) -> int:
    """Record that the file of this name and content is read; inside a transaction."""
    row = {"source": clean(source), "kind": kind, "sha256": sha256, "size": size, "started_at": db.now()}
    return db.insert("imports", row)


def take_import(db: Connection, source: str, kind: ImportKind, size: int, *, identity: str, wishes: str) -> Import:
    """The import of a file by this process: one that was stopped, or a new one. Inside a transaction.

    `identity` tells the file from others, `wishes` what is wanted of it. One that came to its end has `ended_at`, and
    is not taken. Raises AlreadyRunning while another process may be at it.
    """
    row = db.row(
        "SELECT id, taken_by, ended_at, reasons FROM imports WHERE identity = ? AND wishes = ?"
        " ORDER BY id DESC LIMIT 1",
        (identity, wishes),
    )
    # A body that was in no file yet may have come with another one since.
    if row is None or (row["ended_at"] is not None and WITHOUT_BODY in json.loads(row["reasons"])):
        values = {"source": clean(source), "kind": kind, "sha256": "", "size": size, "started_at": db.now()}
        return read_import(
            db, db.insert("imports", {**values, "identity": identity, "wishes": wishes, "taken_by": _this_process()})
        )
    if row["ended_at"] is None:
        if row["taken_by"] is not None and _may_be_at_work(row["taken_by"]):
            raise AlreadyRunning(
                f"Another command is importing {source}",
                why=f"process {row['taken_by'].split(' ')[1]} on {row['taken_by'].split(' ')[0]} is at it",
                next_step="wait for its end, and run this command again",
            )
        db.execute("UPDATE imports SET taken_by = ? WHERE id = ?", (_this_process(), row["id"]))
    return read_import(db, row["id"])


def release_import(db: Connection, import_id: int) -> None:
    """Let others go on with it; inside a transaction. One that came to nothing at all is forgotten."""
    db.execute("UPDATE imports SET taken_by = NULL WHERE id = ?", (import_id,))
    db.execute(
        "DELETE FROM imports WHERE id = ? AND ended_at IS NULL AND position IS NULL"
        " AND NOT EXISTS (SELECT 1 FROM captures WHERE import_id = imports.id)"
        " AND NOT EXISTS (SELECT 1 FROM assets WHERE import_id = imports.id)",
        (import_id,),
    )


def count_import(
    db: Connection,
    import_id: int,
    counts: ImportCounts,
    *,
    ended: bool,
    position: Mapping[str, Any] | None = None,
    sha256: str | None = None,
) -> None:
    """Record what became of its records until now; inside a transaction. Raises NotInArchive."""
    changed = db.execute(
        "UPDATE imports SET captures = ?, known = ?, skipped = ?, damaged = ?, truncated = ?, reasons = ?,"
        " position = ?, sha256 = coalesce(?, sha256), ended_at = ? WHERE id = ?",
        (
            counts.captures,
            counts.known,
            counts.skipped,
            counts.damaged,
            counts.truncated,
            to_json(counts.reasons),
            None if ended or position is None else to_json(position),
            sha256,
            db.now() if ended else None,
            import_id,
        ),
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
    pages = pages_at(db, url, final_url)
    second = capture.fetched_at.replace(microsecond=0)
    rows = db.rows(
        "SELECT fetched_at, sha256, status, error FROM captures WHERE url = ? AND final_url = ?"
        " AND fetched_at >= ? AND fetched_at < ? AND page_id IN (SELECT value FROM json_each(?))",
        (clean(url), clean(final_url), utc_text(second), utc_text(second + timedelta(seconds=1)), to_json(pages)),
    )
    own = utc_text(capture.fetched_at)
    outcome = (capture.sha256, capture.status, capture.failure and capture.failure.code)
    for row in rows:
        same_time = row["fetched_at"] == own or ".000Z" in (row["fetched_at"][-5:], own[-5:])
        if same_time and (row["sha256"], row["status"], row["error"]) == outcome:
            return True
    return False


def capture_at(db: Connection, url: str, moment: datetime) -> int | None:
    """The capture of an address at a time, to the millisecond; None when the archive has none."""
    row = db.row(
        "SELECT id FROM captures WHERE url = ? AND fetched_at = ?"
        " AND page_id IN (SELECT value FROM json_each(?)) ORDER BY id LIMIT 1",
        (clean(without_credentials(url)), utc_text(moment), to_json(pages_at(db, without_credentials(url)))),
    )
    return None if row is None else int(row["id"])


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
        " AND page_id IN (SELECT value FROM json_each(?))",
        (clean(url), utc_text(second), utc_text(second + timedelta(seconds=1)), to_json(pages_at(db, url))),
    )
    return None if row is None else str(row["sha256"])


def add_note(db: Connection, url: str, note: str, import_id: int | None) -> bool:
    """Keep what somebody noted about a page, and the page; False if that was there. Inside a transaction."""
    known = find_page_or_none(db, url) is not None
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
        values["ended_at"] = moment_of(row["ended_at"])
        values["reasons"] = json.loads(row["reasons"])
        values["position"] = None if row["position"] is None else json.loads(row["position"])
        yield Import(**values)


def _this_process() -> str:
    return f"{socket.gethostname()} {os.getpid()} {mark_of_this_process()}"


def _may_be_at_work(taken_by: str) -> bool:
    machine, pid, mark = taken_by.split(" ", 2)
    return may_be_alive(machine, int(pid), mark)
