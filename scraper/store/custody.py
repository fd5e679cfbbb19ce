"""The chain of custody: a hash over everything captured, in the order it was stored.

Each entry's `head` is the SHA-256 of a line of JSON that holds the head before it and what the entry is about:

    {"kind":…,"position":…,"previous":…,"recorded_at":…,"subject":{…}}

with the keys in alphabetical order, no spaces, letters as UTF-8. The first entry's `previous` is empty. `subject` is
the row of `captures`, `renderings`, `assets` or `removals`, without the columns that are null and those that reading a
page fills in later. Whoever published a head, or had it time-stamped, can show that everything up to it existed then.
The chain does not say that what a server sent was true, nor that it was not made up by whoever owns the file.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from scraper.store.connection import Connection

Kind = Literal["capture", "rendering", "asset", "removal"]

_TABLES: dict[Kind, tuple[str, str]] = {
    "capture": ("captures", "id"),
    "rendering": ("renderings", "capture_id"),
    "asset": ("assets", "id"),
    "removal": ("removals", "id"),
}
# Filled in when the page is read, or read again.
_LATER = frozenset(
    (
        "extracted_at",
        "extractor",
        "extraction_error",
        "verdict",
        "verdict_reason",
        "page_type",
        "revision",
        "modified_at",
    )
)


@dataclass(frozen=True, slots=True)
class Head:
    """Where the chain ends."""

    position: int
    """How many entries there are; 0 when nothing was captured yet."""
    head: str
    """SHA-256, hexadecimal; empty when nothing was captured yet."""
    recorded_at: str | None
    """When the last entry was made (UTC, ISO 8601)."""


def link(db: Connection, kind: Kind, subject_id: int) -> None:
    """Put what was just stored at the end of the chain; call inside the transaction that stored it."""
    _link(db.sql, kind, subject_id, recorded_at=db.now())


def link_all(sql: sqlite3.Connection) -> None:
    """Make the chain of an archive that has none: all its captures, then all renderings, in their order.

    Such an archive has nothing else that the chain is over.
    """
    times: dict[Kind, str] = {"capture": "fetched_at", "rendering": "rendered_at"}
    for kind, time in times.items():
        table, key = _TABLES[kind]
        for row in sql.execute(f"SELECT {key}, {time} FROM {table} ORDER BY {key}").fetchall():  # noqa: S608 - constants of ours
            _link(sql, kind, row[0], recorded_at=row[1])


def head_of(db: Connection) -> Head:
    """The end of the chain."""
    row = db.row("SELECT position, head, recorded_at FROM custody ORDER BY position DESC LIMIT 1")
    return Head(0, "", None) if row is None else Head(row["position"], row["head"], row["recorded_at"])


def position_of(db: Connection, head: str) -> int | None:
    """Where in the chain a head stands that was written down earlier; None when it does not."""
    row = db.row("SELECT position FROM custody WHERE head = ?", (head.strip().lower(),))
    return None if row is None else int(row["position"])


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the chain, and what is wrong with it."""

    position: int
    kind: Kind
    subject_id: int
    head: str
    fault: str | None
    """None when it follows from the entry before it and from what it is about."""


def check_chain(db: Connection) -> Iterator[Entry]:
    """Every entry, in order, each checked against its own subject and the head before it.

    A fault is told once: what follows is checked against the head that is stored.
    """
    previous = ""
    expected = 1
    rows = db.rows("SELECT position, kind, subject_id, recorded_at, head FROM custody ORDER BY position")
    for row in rows:
        fault = None
        if row["position"] != expected:
            fault = f"entries {expected} to {row['position'] - 1} are missing before it"
        elif row["kind"] not in _TABLES:
            fault = f"it is of an unknown kind, {row['kind']!r}"
        else:
            subject = _subject(db.sql, row["kind"], row["subject_id"])
            if subject is None:
                fault = f"the {row['kind']} it is about is gone"
            elif row["head"] != _digest(
                row["position"], row["kind"], subject, recorded_at=row["recorded_at"], previous=previous
            ):
                fault = f"the {row['kind']} it is about, or the entry itself, was altered"
        yield Entry(row["position"], row["kind"], row["subject_id"], row["head"], fault)
        previous = row["head"]
        expected = row["position"] + 1


def _link(sql: sqlite3.Connection, kind: Kind, subject_id: int, *, recorded_at: str) -> None:
    last = sql.execute("SELECT position, head FROM custody ORDER BY position DESC LIMIT 1").fetchone()
    position, previous = (last[0] + 1, last[1]) if last else (1, "")
    subject = _subject(sql, kind, subject_id)
    assert subject is not None  # noqa: S101 - it was stored by the same transaction
    head = _digest(position, kind, subject, recorded_at=recorded_at, previous=previous)
    sql.execute(
        "INSERT INTO custody (position, kind, subject_id, recorded_at, head) VALUES (?, ?, ?, ?, ?)",
        (position, kind, subject_id, recorded_at, head),
    )


def _subject(sql: sqlite3.Connection, kind: Kind, subject_id: int) -> dict[str, Any] | None:
    table, key = _TABLES[kind]
    # Table and key are constants of ours.
    found = sql.execute(f"SELECT * FROM {table} WHERE {key} = ?", (subject_id,))  # noqa: S608
    row = found.fetchone()
    if row is None:
        return None
    names = [column[0] for column in found.description]
    return {name: value for name, value in zip(names, row, strict=True) if value is not None and name not in _LATER}


def _digest(position: int, kind: str, subject: dict[str, Any], *, recorded_at: str, previous: str) -> str:
    entry = {"kind": kind, "position": position, "previous": previous, "recorded_at": recorded_at, "subject": subject}
    text = json.dumps(entry, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
