"""The frontier: addresses that crawls found, in the order in which they are to be fetched, and what became of each.

A row is the whole truth about one address; nothing of it is in memory only. `taken` and `fetched` rows name the process
that works on them, so that those of a process that died are found and done again, or read to the end.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from sqlite3 import Row
from typing import Literal

from scraper.article import utc_text
from scraper.store.connection import Connection
from scraper.store.processes import owner_may_be_alive
from scraper.store.values import clean, from_utc_text, moment_of, text_of
from scraper.urls import canonical, host_of, site_of

Settled = Literal["done", "skipped", "failed", "gone"]
_SKIPS_THAT_LAST = ("robots_denied",)
"""Reasons for which an address that was skipped stays so, whoever finds it again: they were learned by asking."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Find:
    """An address that was found, and whether it is wanted."""

    url: str
    """As found; it is kept so beside its canonical form."""
    published_at: datetime | None = None
    modified_at: datetime | None = None
    about: datetime | None = None
    """What it is sorted by when nobody says when it was published; None for the time at which it is found."""
    language: str | None = None
    """BCP 47, as the source says."""
    depth: int = 0
    skip: str | None = None
    """Why it is not to be fetched; None when it is."""
    is_dealt_with: bool = False
    """With `skip`: it need not be fetched even if it waits already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontierPage:
    """A page that is to be fetched now."""

    id: int
    url: str
    """In canonical form, which is how it is asked for."""
    host: str
    site: str
    depth: int
    attempts: int
    """Failures in a row until now."""
    visits: int
    changes: int
    first_visited_at: datetime | None
    visited_at: datetime | None
    published_at: datetime | None
    capture_id: int | None
    found_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """What became of a page that was fetched or given up."""

    state: Settled
    reason: str | None = None
    next_at: datetime | None = None
    """When it is to be fetched again; None when it is not."""
    succeeded: bool = True
    changed: bool = False
    capture_id: int | None = None


@dataclass(frozen=True, slots=True)
class Counts:
    """Addresses of a job, by what became of them."""

    waiting: int = 0
    taken: int = 0
    done: int = 0
    skipped: int = 0
    failed: int = 0
    gone: int = 0


def add_finds(db: Connection, job_id: int, source_id: int | None, finds: Iterable[Find]) -> int:
    """Put addresses on the frontier; how many of them are new and wanted. Call inside a transaction.

    One that was skipped, and is wanted now, waits from now on. One that was fetched is to be fetched again when it is
    said to have been modified since.
    """
    now = db.now()
    new = 0
    for find in finds:
        url = canonical(find.url)
        published = text_of(find.published_at)
        row = db.row(
            "SELECT id, state, reason, visited_at, published_at, job_id FROM frontier WHERE url = ?",
            (url,),
        )
        if row is None:
            waits = find.skip is None
            db.insert(
                "frontier",
                {
                    "url": url,
                    "found_url": clean(find.url),
                    "host": host_of(url),
                    "site": site_of(url),
                    "job_id": job_id,
                    "source_id": source_id,
                    "found_at": now,
                    "published_at": published,
                    "sorted_at": published or text_of(find.about) or now,
                    "depth": find.depth,
                    "state": "waiting" if waits else "skipped",
                    "reason": find.skip,
                },
            )
            new += waits
            continue
        if find.skip is not None:
            if find.is_dealt_with and row["state"] == "waiting":
                db.execute(
                    "UPDATE frontier SET state = 'skipped', reason = ?, next_at = NULL WHERE id = ?",
                    (find.skip, row["id"]),
                )
            continue
        if row["job_id"] is None:
            db.execute("UPDATE frontier SET job_id = ? WHERE id = ?", (job_id, row["id"]))
        if published and row["published_at"] is None:
            db.execute("UPDATE frontier SET published_at = ?1, sorted_at = ?1 WHERE id = ?2", (published, row["id"]))
        if row["state"] == "skipped" and row["visited_at"] is None and row["reason"] not in _SKIPS_THAT_LAST:
            db.execute(
                "UPDATE frontier SET state = 'waiting', reason = NULL, source_id = ?, depth = min(depth, ?)"
                " WHERE id = ?",
                (source_id, find.depth, row["id"]),
            )
            new += 1
        elif row["state"] == "done" and find.modified_at and _was_visited_before(row, utc_text(find.modified_at), now):
            db.execute("UPDATE frontier SET next_at = min(coalesce(next_at, ?1), ?1) WHERE id = ?2", (now, row["id"]))
    return new


def _was_visited_before(row: Row, moment: str, now: str) -> bool:
    """Whether a page's last visit was before `moment`, or may have been: it was later than `now` by another clock."""
    visited = row["visited_at"]
    return visited is None or visited < moment or visited > now


def take_page(db: Connection, job_id: int, host: str, owner: str) -> FrontierPage | None:
    """Give `owner` the newest page of `host` that waits; None when none does. Call inside a transaction."""
    row = db.execute(
        "UPDATE frontier SET state = 'taken', taken_by = ? WHERE id = ("
        " SELECT id FROM frontier WHERE job_id = ? AND host = ? AND state = 'waiting' ORDER BY sorted_at DESC LIMIT 1"
        ") RETURNING *",
        (owner, job_id, host),
    ).fetchone()
    return None if row is None else _page(row)


def note_fetched(db: Connection, page_id: int, capture_id: int) -> None:
    """A taken page has a capture: it need not be fetched again, only read. In the capture's own transaction."""
    db.execute(
        "UPDATE frontier SET state = 'fetched', capture_id = ?, visited_at = ? WHERE id = ?",
        (capture_id, db.now(), page_id),
    )


def settle_page(db: Connection, page: FrontierPage, settlement: Settlement) -> None:
    """Record what became of a page. Call inside a transaction."""
    now = db.now()
    succeeded = settlement.succeeded
    db.execute(
        "UPDATE frontier SET state = :state, reason = :reason, next_at = :next_at, taken_by = NULL,"
        " attempts = CASE WHEN :succeeded THEN 0 ELSE attempts + 1 END, visits = visits + :succeeded,"
        " changes = changes + :changed, capture_id = coalesce(:capture_id, capture_id),"
        " visited_at = CASE WHEN :capture_id IS NULL THEN visited_at ELSE min(coalesce(visited_at, :now), :now) END,"
        " first_visited_at = CASE WHEN :succeeded THEN min(coalesce(first_visited_at, visited_at, :now), :now)"
        " ELSE first_visited_at END"
        " WHERE id = :id",
        {
            "state": settlement.state,
            "reason": clean(settlement.reason),
            "next_at": text_of(settlement.next_at),
            "succeeded": succeeded,
            "changed": settlement.changed and page.visits > 0,
            "capture_id": settlement.capture_id,
            "now": now,
            "id": page.id,
        },
    )


def give_back(db: Connection, owner: str) -> None:
    """What `owner` took and did not fetch waits again; what it fetched is anybody's to read. In a transaction."""
    db.execute(
        "UPDATE frontier SET state = 'waiting', taken_by = NULL WHERE state = 'taken' AND taken_by = ?", (owner,)
    )
    # Not NULL, which means that nobody has anything left to do with it, and is not in the index.
    db.execute("UPDATE frontier SET taken_by = '' WHERE state = 'fetched' AND taken_by = ?", (owner,))
    db.execute("UPDATE job_sources SET taken_by = NULL WHERE taken_by = ?", (owner,))


def put_back(db: Connection, page_id: int) -> None:
    """A page that was taken and not fetched waits again. Call inside a transaction."""
    db.execute("UPDATE frontier SET state = 'waiting', taken_by = NULL WHERE id = ?", (page_id,))


def recover(db: Connection, job_id: int) -> list[FrontierPage]:
    """Let go of what processes held that died: pages they had taken wait again.

    Those of the job that they had fetched are returned, and are to be read and settled. Call inside a transaction.
    """
    for table in ("frontier", "job_sources"):
        owners = [row[0] for row in db.rows(f"SELECT DISTINCT taken_by FROM {table} WHERE taken_by IS NOT NULL")]  # noqa: S608
        for owner in owners:
            if not owner_may_be_alive(owner):
                give_back(db, owner)
    fetched = db.rows(
        "SELECT * FROM frontier WHERE state = 'fetched' AND taken_by IS NOT NULL AND job_id = ?", (job_id,)
    )
    return [_page(row) for row in fetched if row["taken_by"] == "" or not owner_may_be_alive(row["taken_by"])]


def hosts_waiting(db: Connection, job_id: int) -> dict[str, int]:
    """Hosts with pages that wait, and how many; those with the newest page first."""
    rows = db.rows(
        "SELECT host, count(*) AS pages, max(sorted_at) AS newest FROM frontier WHERE job_id = ? AND state = 'waiting'"
        " GROUP BY host ORDER BY newest DESC",
        (job_id,),
    )
    return {row["host"]: row["pages"] for row in rows}


def counts(db: Connection, job_id: int) -> Counts:
    """How many addresses of a job there are, by state."""
    found = {
        row[0]: row[1]
        for row in db.rows("SELECT state, count(*) FROM frontier WHERE job_id = ? GROUP BY state", (job_id,))
    }
    found["taken"] = found.get("taken", 0) + found.pop("fetched", 0)
    return Counts(**found)


def known_articles(db: Connection, site: str, most: int = 300) -> Sequence[str]:
    """Addresses of a site that turned out to be articles, the newest first."""
    rows = db.rows(
        "SELECT url FROM frontier WHERE site = ? AND state = 'done' AND visits > 0 ORDER BY sorted_at DESC LIMIT ?",
        (site, most),
    )
    return [row[0] for row in rows]


def doubtful(db: Connection, job_id: int, site: str, most: int = 2_000) -> Sequence[str]:
    """Addresses of a site that were skipped because they did not look like an article's, the newest first."""
    rows = db.rows(
        "SELECT found_url FROM frontier WHERE site = ? AND state = 'skipped' AND reason = 'not_article'"
        " AND visited_at IS NULL AND job_id = ? ORDER BY sorted_at DESC LIMIT ?",
        (site, job_id, most),
    )
    return [row[0] for row in rows]


def _page(row: object) -> FrontierPage:
    values = dict(row)  # type: ignore[call-overload]

    return FrontierPage(
        id=values["id"],
        url=values["url"],
        host=values["host"],
        site=values["site"],
        depth=values["depth"],
        attempts=values["attempts"],
        visits=values["visits"],
        changes=values["changes"],
        first_visited_at=moment_of(values["first_visited_at"]),
        visited_at=moment_of(values["visited_at"]),
        published_at=moment_of(values["published_at"]),
        capture_id=values["capture_id"],
        found_at=from_utc_text(values["found_at"]),
    )
