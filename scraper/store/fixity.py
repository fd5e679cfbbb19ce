"""Is everything still as it was stored? The database, the bodies, and the chain of custody."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from scraper.errors import BlobCorrupt, NotInArchive
from scraper.store.assets import captures_with
from scraper.store.blobs import captures_touched, read_step
from scraper.store.connection import Connection
from scraper.store.custody import Entry, check_chain

Part = Literal["database", "chain", "timestamp", "body"]
Result = Literal["ok", "failed", "unverifiable"]


@dataclass(frozen=True, slots=True)
class Checked:
    """One thing that was looked at."""

    part: Part
    subject: str
    """Which: a check of the database, a position in the chain, or the SHA-256 of a body."""
    result: Result
    """`unverifiable`: nothing is wrong, but there is nothing left to check (a body that was removed on purpose)."""
    reason: str = ""
    """Why it is not `ok`, in words."""
    captures: tuple[int, ...] = ()
    """Ids of the captures that a failure touches."""


def check_database(db: Connection) -> Iterator[Checked]:
    """What SQLite finds in the file."""
    # At most so many complaints: one damaged page can make thousands.
    problems = [row[0] for row in db.rows("PRAGMA integrity_check(20)")]
    if problems == ["ok"]:
        yield Checked("database", "integrity", "ok")
    else:
        yield Checked("database", "integrity", "failed", "; ".join(" ".join(text.split()) for text in problems))
    loose = [f"row {row[1]} of {row[0]} refers to no row of {row[2]}" for row in db.rows("PRAGMA foreign_key_check")]
    if loose:
        more = f" and {len(loose) - 10} more" if len(loose) > 10 else ""
        yield Checked("database", "references", "failed", "; ".join(loose[:10]) + more)
    else:
        yield Checked("database", "references", "ok")


def check_custody(db: Connection) -> Iterator[Checked]:
    """Every entry of the chain, and whether every capture has one."""
    for entry in check_chain(db):
        subject = str(entry.position)
        if entry.fault is None:
            yield Checked("chain", subject, "ok")
        else:
            captures = _captures_of(db, entry)
            yield Checked("chain", subject, "failed", f"{entry.kind} {entry.subject_id}: {entry.fault}", captures)
    unlinked = db.rows(
        "SELECT id FROM captures WHERE NOT EXISTS"
        " (SELECT 1 FROM custody WHERE kind = 'capture' AND subject_id = captures.id)"
    )
    for row in unlinked:
        yield Checked("chain", "none", "failed", f"capture {row['id']} is not part of the chain", (row["id"],))
    unlinked = db.rows(
        "SELECT id FROM assets WHERE NOT EXISTS (SELECT 1 FROM custody WHERE kind = 'asset' AND subject_id = assets.id)"
    )
    for row in unlinked:
        captures = tuple(captures_with(db, row["id"]))
        yield Checked("chain", "none", "failed", f"asset {row['id']} is not part of the chain", captures)


def _captures_of(db: Connection, entry: Entry) -> tuple[int, ...]:
    """The captures that an entry of the chain is about."""
    match entry.kind:
        case "capture" | "rendering":
            return (entry.subject_id,)
        case "asset":
            return tuple(captures_with(db, entry.subject_id))
    return ()


def check_bodies(db: Connection) -> Iterator[Checked]:
    """Every body, each read and hashed once."""
    seen = 0
    for row in db.rows(
        "SELECT sha256 FROM blobs WHERE NOT EXISTS (SELECT 1 FROM deltas WHERE deltas.sha256 = blobs.sha256)"
    ):
        for checked in _check_tree(db, row["sha256"]):
            seen += 1
            yield checked
    total = db.row("SELECT count(*) AS n FROM blobs")
    if total is not None and seen < total["n"]:
        yield from _check_loose(db)


def _check_tree(db: Connection, root: str) -> Iterator[Checked]:
    """A whole body and all that are made from it, each read once: the ones in hand are those on the way to it."""
    waiting: list[tuple[str, bytes | None]] = [(root, None)]
    while waiting:
        sha256, base = waiting.pop()
        try:
            body = read_step(db, sha256, base=base)
        except BlobCorrupt as damaged:
            yield from _all_failed(db, sha256, damaged.why.partition(";")[0])
            continue
        except NotInArchive:
            yield Checked("body", sha256, "unverifiable", "it was removed; only its hash and size were kept")
            continue
        if hashlib.sha256(body).hexdigest() != sha256:
            yield from _all_failed(db, sha256, "its bytes do not match its hash")
            continue
        yield Checked("body", sha256, "ok")
        waiting += [(child, body) for child in _children(db, sha256)]


def _all_failed(db: Connection, sha256: str, reason: str) -> Iterator[Checked]:
    yield Checked("body", sha256, "failed", reason, tuple(captures_touched(db, sha256)))
    waiting = _children(db, sha256)
    while waiting:
        child = waiting.pop()
        reason = f"it is kept as what differs from {sha256}, which is damaged"
        yield Checked("body", child, "failed", reason, tuple(captures_touched(db, child)))
        waiting += _children(db, child)


def _check_loose(db: Connection) -> Iterator[Checked]:
    """Bodies whose chain of differences leads to no whole body."""
    rows = db.rows(
        "WITH RECURSIVE found (sha256) AS ("
        " SELECT sha256 FROM blobs WHERE sha256 NOT IN (SELECT sha256 FROM deltas)"
        " UNION SELECT deltas.sha256 FROM deltas JOIN found ON deltas.base_sha256 = found.sha256)"
        " SELECT sha256 FROM blobs WHERE sha256 NOT IN found"
    )
    for row in rows:
        touched = tuple(captures_touched(db, row["sha256"]))
        yield Checked("body", row["sha256"], "failed", "what it is kept as a difference from is not there", touched)


def _children(db: Connection, sha256: str) -> list[str]:
    return [row[0] for row in db.rows("SELECT sha256 FROM deltas WHERE base_sha256 = ?", (sha256,))]
