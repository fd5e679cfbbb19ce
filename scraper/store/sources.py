"""Sources: the feeds, sitemaps, home and section pages that jobs look for articles in, and each look at one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from scraper.article import utc_text
from scraper.store.connection import Connection
from scraper.store.values import clean, moment_of, text_of, to_json
from scraper.urls import host_of, site_of

SourceKind = Literal["home", "section", "feed", "sitemap"]
SourceState = Literal["active", "dead", "absent"]

_NOT_AGAIN_WITHIN = timedelta(minutes=1)
"""A run looks again at a source that a hub tells news of, but no sooner than this after its last look."""

_TO_LOOK_AT = (
    "job_id = :job AND taken_by IS NULL AND ("
    " woken_at IS NOT NULL AND (run_id IS NOT :run OR checked_at IS NULL OR checked_at <= :lately)"
    " OR run_id IS NULL OR (run_id != :run AND NOT continues AND NOT :only_woken))"
)
"""The sources that a run is still to look at. Those that continue another one are made new (`run_id`) by that."""


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
    is_woken: bool = False
    """Whether a hub told news of it since it was last looked at."""


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


def take_source(
    db: Connection, job_id: int, run_id: int, host: str, owner: str, *, only_woken: bool = False
) -> Source | None:
    """Give `owner` a source on `host` that the run is to look at; None when there is none. In a transaction.

    With `only_woken`, of those that were looked at before only the ones that a hub told news of.
    """
    row = db.row(
        "SELECT sources.*, job_sources.depth, woken_at"  # noqa: S608 - a constant
        f" FROM job_sources JOIN sources ON sources.id = source_id WHERE host = :host AND {_TO_LOOK_AT}"
        " ORDER BY woken_at IS NULL, job_sources.depth, sources.id LIMIT 1",
        {"host": host, **_whose(db, job_id, run_id, only_woken=only_woken)},
    )
    if row is None:
        return None
    db.execute(
        "UPDATE job_sources SET taken_by = ? WHERE job_id = ? AND source_id = ?",
        (owner, job_id, row["id"]),
    )
    return _source(row)


def hosts_to_look_at(db: Connection, job_id: int, run_id: int, *, only_woken: bool = False) -> list[str]:
    """Hosts with sources that `take_source` would give."""
    rows = db.rows(
        f"SELECT DISTINCT host FROM job_sources JOIN sources ON sources.id = source_id WHERE {_TO_LOOK_AT}",  # noqa: S608
        _whose(db, job_id, run_id, only_woken=only_woken),
    )
    return [row[0] for row in rows]


def _whose(db: Connection, job_id: int, run_id: int, *, only_woken: bool) -> dict[str, Any]:
    lately = utc_text(db.moment() - _NOT_AGAIN_WITHIN)
    return {"job": job_id, "run": run_id, "only_woken": only_woken, "lately": lately}


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
            "newest_item_at": text_of(check.newest_item_at),
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
            "newest": text_of(check.newest_item_at),
            "id": source.id,
        },
    )
    leave_source(db, job_id, run_id, source.id)
    # What a hub told of later than that may have come too late for this look; not by a clock that was set back since.
    db.execute(
        "UPDATE job_sources SET woken_at = NULL WHERE job_id = ? AND source_id = ?"
        " AND NOT (woken_at > ? AND woken_at <= ?)",
        (job_id, source.id, utc_text(check.checked_at), db.now()),
    )


def go_on(db: Connection, job_id: int, run_id: int, within: timedelta) -> None:
    """Let a run count as its own what the job's run before it looked at, if that was stopped, and not long ago.

    One that began at a time still to come, by a clock that was set back since, is as good as long ago. Call inside a
    transaction.
    """
    before = db.row(
        "SELECT id, state, started_at FROM runs WHERE job_id = ? AND id < ? ORDER BY id DESC LIMIT 1", (job_id, run_id)
    )
    if before is None or before["state"] != "interrupted":
        return
    if not utc_text(db.moment() - within) <= before["started_at"] <= db.now():
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


def feeds_of_sections(db: Connection, job_id: int, site: str) -> int:
    """How many feeds a job looks at that were found on the section pages of a site, whatever became of them."""
    row = db.row(
        "SELECT count(*) FROM sources AS section JOIN sources ON sources.parent_id = section.id"
        " JOIN job_sources ON source_id = sources.id"
        " WHERE section.site = ? AND section.kind = 'section' AND sources.kind = 'feed' AND job_id = ?",
        (site, job_id),
    )
    return 0 if row is None else int(row[0])


def _source(row: object) -> Source:
    values = dict(row)  # type: ignore[call-overload]

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
        checked_at=moment_of(values["checked_at"]),
        newest_item_at=moment_of(values["newest_item_at"]),
        failures=values["failures"],
        is_woken=values["woken_at"] is not None,
    )
