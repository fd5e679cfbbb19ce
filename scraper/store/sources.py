"""Sources: the feeds, sitemaps, home and section pages that jobs look for articles in, and each look at one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from scraper.article import utc_text
from scraper.store.connection import Connection
from scraper.store.values import clean, from_utc_text, to_json
from scraper.urls import host_of, site_of

SourceKind = Literal["home", "section", "feed", "sitemap"]
SourceState = Literal["active", "dead", "absent"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A source that a job is to look at."""

    id: int
    url: str
    kind: SourceKind
    host: str
    site: str
    parent_id: int | None
    depth: int
    state: SourceState
    etag: str | None
    last_modified: str | None
    sha256: str | None
    checked_at: datetime | None
    newest_item_at: datetime | None
    failures: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceCheck:
    """What one look at a source brought."""

    checked_at: datetime
    status: int | None = None
    error: str | None = None
    error_message: str | None = None
    seconds: float | None = None
    size: int | None = None
    sha256: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    items: int = 0
    new_items: int = 0
    newest_item_at: datetime | None = None
    title: str | None = None
    notes: Sequence[str] = ()
    state: SourceState = "active"


def add_source(
    db: Connection,
    job_id: int,
    url: str,
    kind: SourceKind,
    *,
    parent_id: int | None = None,
    depth: int = 0,
    continues: bool = False,
) -> bool:
    """Let a job look at a source; True when it did not before. Call inside a transaction.

    One that `continues` another is looked at whenever it is added, and not by itself: there is something new in it
    only when the part before it is full of news.
    """
    db.execute(
        "INSERT INTO sources (url, kind, host, site, parent_id, continues, found_at, state)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, 'active') ON CONFLICT (url, kind) DO NOTHING",
        (url, kind, host_of(url), site_of(url), parent_id, continues, db.now()),
    )
    added = db.execute(
        "INSERT INTO job_sources (job_id, source_id, depth) SELECT ?, id, ? FROM sources WHERE url = ? AND kind = ?"
        " ON CONFLICT (job_id, source_id) DO NOTHING",
        (job_id, depth, url, kind),
    )
    if continues and not added.rowcount:
        db.execute(
            "UPDATE job_sources SET run_id = NULL WHERE job_id = ?"
            " AND source_id = (SELECT id FROM sources WHERE url = ? AND kind = ?)",
            (job_id, url, kind),
        )
    return added.rowcount > 0


def take_source(db: Connection, job_id: int, run_id: int, host: str, owner: str) -> Source | None:
    """Give `owner` a source on `host` that the run has not looked at; None when there is none. In a transaction."""
    row = db.row(
        "SELECT sources.*, job_sources.depth FROM job_sources JOIN sources ON sources.id = source_id"
        " WHERE job_id = ? AND host = ? AND run_id IS NOT ? AND taken_by IS NULL AND (run_id IS NULL OR NOT continues)"
        " ORDER BY job_sources.depth, sources.id LIMIT 1",
        (job_id, host, run_id),
    )
    if row is None:
        return None
    db.execute(
        "UPDATE job_sources SET taken_by = ? WHERE job_id = ? AND source_id = ?",
        (owner, job_id, row["id"]),
    )
    return _source(row)


def hosts_to_look_at(db: Connection, job_id: int, run_id: int) -> list[str]:
    """Hosts with sources that the run has still to look at."""
    rows = db.rows(
        "SELECT DISTINCT host FROM job_sources JOIN sources ON sources.id = source_id"
        " WHERE job_id = ? AND run_id IS NOT ? AND taken_by IS NULL AND (run_id IS NULL OR NOT continues)",
        (job_id, run_id),
    )
    return [row[0] for row in rows]


def leave_source(db: Connection, job_id: int, run_id: int, source_id: int) -> None:
    """The run is done with a source. Call inside a transaction."""
    db.execute(
        "UPDATE job_sources SET run_id = ?, taken_by = NULL WHERE job_id = ? AND source_id = ?",
        (run_id, job_id, source_id),
    )


def store_check(db: Connection, source: Source, job_id: int, run_id: int, check: SourceCheck) -> None:
    """Record a look at a source; the run is done with it. Call inside a transaction."""
    failed = check.error is not None
    changed = check.sha256 is not None and check.sha256 != source.sha256
    db.insert(
        "source_checks",
        {
            "source_id": source.id,
            "run_id": run_id,
            "checked_at": utc_text(check.checked_at),
            "status": check.status,
            "error": check.error,
            "error_message": clean(check.error_message),
            "seconds": check.seconds,
            "size": check.size,
            "sha256": check.sha256,
            "items": check.items,
            "new_items": check.new_items,
            "notes": to_json(list(check.notes)),
            "newest_item_at": utc_text(check.newest_item_at) if check.newest_item_at else None,
        },
    )
    db.execute(
        "UPDATE sources SET state = :state, checked_at = :at, error = :error, error_message = :message,"
        " failures = CASE WHEN :failed THEN failures + 1 ELSE 0 END,"
        " etag = CASE WHEN :whole THEN :etag ELSE etag END,"
        " last_modified = CASE WHEN :whole THEN :last_modified ELSE last_modified END,"
        " sha256 = coalesce(:sha256, sha256), changed_at = CASE WHEN :changed THEN :at ELSE changed_at END,"
        " title = coalesce(:title, title),"
        " newest_item_at = max(coalesce(:newest, newest_item_at), coalesce(newest_item_at, :newest))"
        " WHERE id = :id",
        {
            "state": check.state,
            "at": utc_text(check.checked_at),
            "error": check.error,
            "message": clean(check.error_message),
            "failed": failed,
            "whole": check.sha256 is not None,
            "etag": check.etag,
            "last_modified": check.last_modified,
            "sha256": check.sha256,
            "changed": changed,
            "title": clean(check.title),
            "newest": utc_text(check.newest_item_at) if check.newest_item_at else None,
            "id": source.id,
        },
    )
    leave_source(db, job_id, run_id, source.id)


def go_on(db: Connection, job_id: int, run_id: int, within: timedelta) -> None:
    """Let a run count as its own what the job's run before it looked at, if that was stopped, and not long ago.

    Call inside a transaction.
    """
    before = db.row(
        "SELECT id, state, started_at FROM runs WHERE job_id = ? AND id < ? ORDER BY id DESC LIMIT 1", (job_id, run_id)
    )
    if before is None or before["state"] != "interrupted" or before["started_at"] < utc_text(db.moment() - within):
        return
    db.execute("UPDATE job_sources SET run_id = ? WHERE job_id = ? AND run_id = ?", (run_id, job_id, before["id"]))


def has_source(db: Connection, job_id: int, site: str, kind: SourceKind) -> bool:
    """Whether a job has a source of this kind on a site that could be read, or was not asked for yet."""
    row = db.row(
        "SELECT 1 FROM job_sources JOIN sources ON sources.id = source_id"
        " WHERE job_id = ? AND site = ? AND kind = ? AND state = 'active' AND error IS NULL LIMIT 1",
        (job_id, site, kind),
    )
    return row is not None


def _source(row: object) -> Source:
    values = dict(row)  # type: ignore[call-overload]

    def moment(name: str) -> datetime | None:
        return from_utc_text(values[name]) if values[name] else None

    return Source(
        id=values["id"],
        url=values["url"],
        kind=values["kind"],
        host=values["host"],
        site=values["site"],
        parent_id=values["parent_id"],
        depth=values["depth"],
        state=values["state"],
        etag=values["etag"],
        last_modified=values["last_modified"],
        sha256=values["sha256"],
        checked_at=moment("checked_at"),
        newest_item_at=moment("newest_item_at"),
        failures=values["failures"],
    )
