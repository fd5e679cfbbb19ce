"""What is known of hosts between runs: when each may be asked next, by whom it is being asked, and its robots.txt.

Several processes share one archive, so who may ask a host is decided here, in one transaction.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from sqlite3 import Row

from scraper.article import utc_text
from scraper.store.connection import Connection
from scraper.store.processes import owner_may_be_alive
from scraper.store.values import clean, from_utc_text


@dataclass(frozen=True, slots=True)
class HostState:
    """How a host has behaved. Times in seconds."""

    pace: float = 0.0
    """The pause between two fetches that its answers call for, beyond what is set."""
    failures: int = 0
    """Fetches in a row that brought no answer, or one that asks for patience."""
    reason: str | None = None
    """Why it is left alone for longer than between two pages, in words."""


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to ask a host, or how long to wait before asking for it again."""

    state: HostState
    wait: float = 0.0
    """Seconds; 0 when the host is leased to whoever asked."""
    is_taken: bool = False
    """Somebody else is asking the host now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRobots:
    """A row of `robots`."""

    origin: str
    fetched_at: datetime
    expires_at: datetime
    status: int | None
    text: str
    error: str | None
    error_message: str | None


LONGEST_PAUSE = timedelta(hours=24)
"""A host that is to be left alone for longer than anybody would ask for was written by a clock that was wrong."""


_GRACE = 2.0
"""Seconds from a lease until a request of it has surely been sent, for a holder that then died."""


def lease_host(db: Connection, host: str, owner: str, seconds: float, pause: float) -> Lease:
    """Give `owner` the right to ask `host` for so many seconds, if nobody has it and its pause is over.

    Call inside a transaction. `pause` is what is to lie between two fetches: a holder that was killed is taken to have
    asked until just now. One on another machine, of which nothing is known, keeps its lease to the end.
    """
    row = db.row("SELECT next_at, leased_by, leased_until, pace, failures, reason FROM hosts WHERE host = ?", (host,))
    now = db.moment()
    state = HostState() if row is None else HostState(row["pace"], row["failures"], row["reason"])
    if row is not None and row["leased_by"] != owner:
        if row["leased_by"] is not None and owner_may_be_alive(row["leased_by"]):
            left = from_utc_text(row["leased_until"]) - now
            if timedelta() < left <= LONGEST_PAUSE:
                return Lease(state, left.total_seconds(), is_taken=True)
        left = from_utc_text(row["next_at"]) - now
        longest = _longest(row, seconds, pause)
        if longest < left <= LONGEST_PAUSE:
            # The clock was set back since. By the time that it shows now, the pause begins.
            left = longest
            db.execute(
                "UPDATE hosts SET next_at = ?, leased_by = NULL, leased_until = ? WHERE host = ?",
                (utc_text(now + left), utc_text(now), host),
            )
        if timedelta() < left <= LONGEST_PAUSE:
            return Lease(state, left.total_seconds())
    db.execute(
        "INSERT INTO hosts (host, next_at, leased_by, leased_until, pace, failures, reason)"
        " VALUES (?, ?, ?, ?, 0, 0, NULL) ON CONFLICT (host) DO UPDATE"
        " SET leased_by = excluded.leased_by, leased_until = excluded.leased_until, next_at = excluded.next_at",
        (
            host,
            utc_text(now + timedelta(seconds=pause + _GRACE)),
            owner,
            utc_text(now + timedelta(seconds=seconds)),
        ),
    )
    return Lease(state)


def release_host(db: Connection, host: str, owner: str, pause: float, state: HostState) -> None:
    """Give a lease back: nobody is to ask `host` again for `pause` seconds from now. Call inside a transaction.

    Does nothing when the lease ended meanwhile and the host is somebody else's.
    """
    # Times are kept to the millisecond: rounded down, a pause could come out a little short.
    free = db.moment() + min(timedelta(seconds=pause), LONGEST_PAUSE) + timedelta(milliseconds=1)
    db.execute(
        "UPDATE hosts SET next_at = ?, leased_by = NULL, leased_until = ?, pace = ?, failures = ?, reason = ?"
        " WHERE host = ? AND leased_by = ?",
        (utc_text(free), db.now(), state.pace, state.failures, clean(state.reason), host, owner),
    )


def _longest(row: Row, seconds: float, pause: float) -> timedelta:
    """How long a host was to be left alone when that was written; no more can be left, were no clock set back."""
    if row["leased_until"] is None:  # by a version that did not keep when it was given back
        return LONGEST_PAUSE
    written = from_utc_text(row["leased_until"])
    if row["leased_by"] is None:
        return from_utc_text(row["next_at"]) - written
    # By a holder that died. It will have taken its lease for as long as is asked for now.
    return max(from_utc_text(row["next_at"]) - written + timedelta(seconds=seconds), timedelta(seconds=pause + _GRACE))


def recall_robots(db: Connection, origin: str) -> StoredRobots | None:
    row = db.row("SELECT * FROM robots WHERE origin = ?", (origin,))
    if row is None:
        return None
    values = dict(row)
    values["fetched_at"] = from_utc_text(row["fetched_at"])
    values["expires_at"] = from_utc_text(row["expires_at"])
    return StoredRobots(**values)


def remember_robots(db: Connection, robots: StoredRobots) -> None:
    """Put what is known of an origin's robots.txt in the place of what was known. Call inside a transaction."""
    db.execute(
        "INSERT OR REPLACE INTO robots (origin, fetched_at, expires_at, status, text, error, error_message)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            robots.origin,
            utc_text(robots.fetched_at),
            utc_text(robots.expires_at),
            robots.status,
            clean(robots.text),
            robots.error,
            clean(robots.error_message),
        ),
    )
