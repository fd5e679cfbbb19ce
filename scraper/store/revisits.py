"""Revisits: which pages of the frontier are fetched again for edits, when, and how many of a site on a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from scraper.article import utc_text
from scraper.store.connection import Connection
from scraper.store.values import from_utc_text

_EARLY = timedelta(minutes=5)
"""A page may be visited so much before its time: an hourly run would else be an hour late, for a few seconds."""


@dataclass(frozen=True, slots=True)
class Habits:
    """How often a site was found to edit its articles."""

    revisits: int = 0
    """Visits of articles that were found young, after their first one."""
    edits: int = 0
    """Those that found an edit."""


def wake_due(db: Connection, job_id: int, *, budget: int) -> int:
    """Let pages wait whose time has come to be fetched again, and how many; at most `budget` revisits a site and day.

    A page whose last fetch failed is no revisit. The newest come first; the others keep their time, and come when
    there is room. Call inside a transaction.
    """
    now = db.moment()
    _bring_back(db, job_id, now)
    due = utc_text(now + _EARLY)
    db.execute(
        "UPDATE frontier SET state = 'waiting' WHERE job_id = ? AND next_at <= ? AND visits = 0"
        " AND state NOT IN ('waiting', 'taken', 'fetched')",
        (job_id, due),
    )
    woken = 0
    day = now.date().isoformat()
    sites = db.rows(
        "SELECT site, count(*) AS due FROM frontier WHERE job_id = ? AND next_at <= ? AND visits > 0"
        " AND state NOT IN ('waiting', 'taken', 'fetched') GROUP BY site",
        (job_id, due),
    )
    for site, _ in list(sites):
        spent = db.row("SELECT fetches FROM revisits WHERE site = ? AND day = ?", (site, day))
        left = budget - (spent[0] if spent else 0)
        if left <= 0:
            continue
        count = db.execute(
            "UPDATE frontier SET state = 'waiting' WHERE id IN ("
            " SELECT id FROM frontier WHERE job_id = ? AND next_at <= ? AND visits > 0 AND site = ?"
            " AND state NOT IN ('waiting', 'taken', 'fetched') ORDER BY sorted_at DESC LIMIT ?)",
            (job_id, due, site, left),
        ).rowcount
        db.execute(
            "INSERT INTO revisits (site, day, fetches) VALUES (?1, ?2, ?3)"
            " ON CONFLICT (site, day) DO UPDATE SET fetches = fetches + excluded.fetches",
            (site, day, count),
        )
        woken += count
    # Those of days to come were counted by a clock that was set back since.
    long_ago = (now - timedelta(days=2)).date().isoformat()
    db.execute("DELETE FROM revisits WHERE NOT day BETWEEN ? AND ?", (long_ago, day))
    return woken


def _bring_back(db: Connection, job_id: int, now: datetime) -> None:
    """Let pages that were visited at a time still to come, by a clock that was set back since, not wait for that time.

    By the time that the clock shows now, the wait until their next visit begins anew.
    """
    text = utc_text(now)
    rows = db.rows(
        "SELECT id, next_at, max(coalesce(visited_at, ''), coalesce(first_visited_at, '')) AS planned_at FROM frontier"
        " WHERE job_id = ?1 AND next_at > ?2 AND (visited_at > ?2 OR first_visited_at > ?2)"
        " AND state NOT IN ('waiting', 'taken', 'fetched')",
        (job_id, text),
    )
    for row in list(rows):
        wait = max(timedelta(), from_utc_text(row["next_at"]) - from_utc_text(row["planned_at"]))
        db.execute(
            "UPDATE frontier SET next_at = ?1, visited_at = min(visited_at, ?2),"
            " first_visited_at = min(first_visited_at, ?2) WHERE id = ?3",
            (utc_text(now + wait), text, row["id"]),
        )


def habits(db: Connection, site: str) -> Habits:
    """How often a site was found to edit its articles."""
    row = db.row(
        "SELECT coalesce(sum(visits - 1), 0), coalesce(sum(changes), 0) FROM frontier WHERE site = ? AND visits > 1"
        " AND julianday(first_visited_at) - julianday(published_at) < 2",
        (site,),
    )
    return Habits() if row is None else Habits(revisits=row[0], edits=row[1])
