"""Jobs: crawls that are done again and again, when each is due, and the one process at a time that does it.

What a job's schedule means is not known here: whoever finishes a run says when the next one is due.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from sqlite3 import Row
from typing import Any, Literal, TypeVar

from scraper.errors import AlreadyRunning, ArchiveError, NotInArchive
from scraper.store.connection import Connection
from scraper.store.processes import is_within_sight, mark_of_this_process, may_be_alive
from scraper.store.runs import RunState, begin_run, end_run
from scraper.store.values import clean, from_utc_text, moment_of, text_of, to_json

T = TypeVar("T", list[Any], dict[str, Any])
JobOrigin = Literal["command", "file", "typed"]

SILENCE = timedelta(hours=2)
"""A run of which nothing is known but what it stores has ended when it stored nothing for so long."""

_DUE = "crawl --due"
"""The command of the row in `runs` that keeps others from doing what is due; it is there as long as it does."""

_KINDS: dict[type, str] = {list: "list", dict: "object"}
_RUN_COLUMNS = ("id", "state", "started_at", "ended_at", "host", "pid", "summary")
_ALL = (
    "SELECT jobs.*, runs.id AS run_id, runs.state AS run_state, runs.started_at AS run_started_at,"
    " runs.ended_at AS run_ended_at, runs.host AS run_host, runs.pid AS run_pid, runs.summary AS run_summary"
    " FROM jobs LEFT JOIN runs ON runs.id = (SELECT max(id) FROM runs WHERE job_id = jobs.id)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRun:
    """A run of a job."""

    id: int
    state: Literal["running", "done", "interrupted"]
    started_at: datetime
    ended_at: datetime | None
    summary: dict[str, Any] | None
    """What the crawl said at its end; None until then, and when it never came to one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredJob:
    """A row of `jobs`, and the last of its runs."""

    id: int
    name: str
    origin: JobOrigin
    starts: list[dict[str, str]]
    """`{"kind": …, "url": …}` each."""
    options: dict[str, Any]
    """Those that differ from what is usual."""
    schedule: str | None
    time_zone: str | None
    created_at: datetime
    changed_at: datetime
    paused_at: datetime | None
    next_at: datetime | None
    last_run: JobRun | None


def add_job(
    db: Connection,
    *,
    name: str,
    origin: JobOrigin,
    starts: Sequence[Mapping[str, str]],
    options: Mapping[str, Any],
    schedule: str | None,
    time_zone: str | None,
    next_at: datetime | None,
) -> int:
    """Store a job that is new; its id. Call inside a transaction."""
    now = db.now()
    row = {
        **_definition(origin, starts, options, schedule, time_zone),
        "name": clean(name),
        "created_at": now,
        "changed_at": now,
        "next_at": text_of(next_at),
    }
    return db.insert("jobs", row)


def change_job(
    db: Connection,
    job_id: int,
    *,
    origin: JobOrigin,
    starts: Sequence[Mapping[str, str]],
    options: Mapping[str, Any],
    schedule: str | None,
    time_zone: str | None,
) -> None:
    """Put another definition in the place of a job's; its runs and what it found stay its own. Inside a transaction.

    Where it begins elsewhere now, the sources that were found from there are looked for anew.
    """
    row = _definition(origin, starts, options, schedule, time_zone) | {"changed_at": db.now(), "id": job_id}
    db.execute(
        "DELETE FROM job_sources WHERE job_id = (SELECT id FROM jobs WHERE id = :id AND starts IS NOT :starts)", row
    )
    changed = db.execute(
        "UPDATE jobs SET origin = :origin, starts = :starts, options = :options, schedule = :schedule,"
        " time_zone = :time_zone, changed_at = :changed_at WHERE id = :id",
        row,
    )
    _must_exist(db, changed.rowcount)


def set_job_times(db: Connection, job_id: int, *, paused_at: datetime | None, next_at: datetime | None) -> None:
    """Since when a job is paused, and when it is due next; inside a transaction. Raises NotInArchive."""
    changed = db.execute(
        "UPDATE jobs SET paused_at = ?, next_at = ? WHERE id = ?",
        (text_of(paused_at), text_of(next_at), job_id),
    )
    _must_exist(db, changed.rowcount)


def remove_job(db: Connection, name: str) -> None:
    """Forget a job; what it found and its runs stay. Inside a transaction. Raises NotInArchive or AlreadyRunning.

    Pages that it never came to are skipped for that reason, until another job finds them.
    """
    row = db.row("SELECT id FROM jobs WHERE name = ?", (clean(name),))
    if row is None:
        raise _no_such_job(db, name)
    job = (row["id"],)
    _end_dead_runs(db, row["id"], name)
    db.execute("DELETE FROM job_sources WHERE job_id = ?", job)
    db.execute(
        "UPDATE frontier SET taken_by = NULL,"
        " state = CASE WHEN visits > 0 THEN 'done' ELSE 'skipped' END,"
        " reason = CASE WHEN visits > 0 THEN reason ELSE 'job_removed' END"
        " WHERE job_id = ? AND state IN ('waiting', 'taken', 'fetched')",
        job,
    )
    db.execute("UPDATE frontier SET job_id = NULL WHERE job_id = ?", job)
    db.execute("UPDATE runs SET job_id = NULL WHERE job_id = ?", job)
    db.execute("DELETE FROM jobs WHERE id = ?", job)


def list_jobs(db: Connection) -> Iterator[StoredJob]:
    """Every job, by name."""
    for row in db.rows(f"{_ALL} ORDER BY name"):
        yield _job(db, row)


def read_job(db: Connection, name: str) -> StoredJob:
    """One job. Raises NotInArchive."""
    row = db.row(f"{_ALL} WHERE name = ?", (clean(name),))
    if row is None:
        raise _no_such_job(db, name)
    return _job(db, row)


def list_job_runs(db: Connection, job_id: int, limit: int) -> Iterator[JobRun]:
    """The last runs of a job, the newest first."""
    for row in db.rows("SELECT * FROM runs WHERE job_id = ? ORDER BY id DESC LIMIT ?", (job_id, limit)):
        yield _run(db, row)


def claim_job(db: Connection, name: str) -> int:
    """Begin a run of a job in this process; its id. Inside a transaction. Raises NotInArchive or AlreadyRunning.

    A run that a process left behind when it died is marked as interrupted, at the time of its last sign of life.
    """
    job = read_job(db, name)
    _end_dead_runs(db, job.id, name)
    run_id = begin_run(db, "crawl", [start["url"] for start in job.starts], job_id=job.id)
    _leave_mark(db, run_id)
    return run_id


def finish_job_run(
    db: Connection, run_id: int, state: RunState, summary: Mapping[str, Any], next_at: datetime | None
) -> None:
    """Record how a run ended, what it did, and when its job is due next. Inside a transaction. Raises NotInArchive."""
    end_run(db, run_id, state)
    db.execute("UPDATE runs SET summary = ? WHERE id = ?", (to_json(dict(summary)), run_id))
    db.execute(
        "UPDATE jobs SET next_at = ? WHERE id = (SELECT job_id FROM runs WHERE id = ?)",
        (text_of(next_at), run_id),
    )


def job_of_run(db: Connection, run_id: int) -> StoredJob | None:
    """The job that a run belongs to; None when it was removed, or the run is no job's."""
    which = "WHERE jobs.id = (SELECT job_id FROM runs WHERE id = ?)"
    row = db.row(f"{_ALL} {which}", (run_id,))
    return None if row is None else _job(db, row)


def take_due_lock(db: Connection) -> int:
    """Have no other process do what is due; the lock's id. Inside a transaction. Raises AlreadyRunning."""
    return take_lock(db, _DUE, next_step="nothing: it runs what is due")


def release_due_lock(db: Connection, lock: int) -> None:
    """Let others do what is due; inside a transaction."""
    release_lock(db, lock, _DUE)


def take_lock(db: Connection, command: str, *, next_step: str) -> int:
    """Have no other process do what `command` names; the lock's id. Inside a transaction. Raises AlreadyRunning."""
    for run in db.rows("SELECT * FROM runs WHERE command = ? AND state = 'running'", (command,)):
        if is_at_work(db, run):
            raise AlreadyRunning(
                f"Another `scrape {command}` is at work on {db.path}",
                why=f"process {run['pid']} on {run['host']}, since {run['started_at']}",
                next_step=next_step,
            )
        db.execute("DELETE FROM runs WHERE id = ?", (run["id"],))
    lock = begin_run(db, command, [])
    _leave_mark(db, lock)
    return lock


def release_lock(db: Connection, lock: int, command: str) -> None:
    """Let others do it; inside a transaction. A lock is no run: nothing of it stays."""
    db.execute("DELETE FROM runs WHERE id = ? AND command = ?", (lock, command))


def _end_dead_runs(db: Connection, job_id: int, name: str) -> None:
    for run in list(db.rows("SELECT * FROM runs WHERE job_id = ? AND state = 'running'", (job_id,))):
        if is_at_work(db, run):
            raise AlreadyRunning(
                f"The job {name} is running",
                why=f"process {run['pid']} on {run['host']}, since {run['started_at']}",
                next_step="wait for its end, or stop that process",
            )
        db.execute(
            "UPDATE runs SET state = 'interrupted', ended_at = ?, summary = NULL WHERE id = ?",
            (_last_sign_of_life(db, run), run["id"]),
        )


def _leave_mark(db: Connection, run_id: int) -> None:
    # Where a run's summary will stand. A process id alone may be another's by the time somebody asks for it.
    db.execute("UPDATE runs SET summary = ? WHERE id = ?", (to_json({"process": mark_of_this_process()}), run_id))


def is_at_work(db: Connection, run: Row | Mapping[str, Any]) -> bool:
    """Whether the process of a run that says it is running may still be alive."""
    said = _object(db, run["summary"], "the summary of a run") or {}
    mark = str(said.get("process", ""))
    if not may_be_alive(run["host"], run["pid"], mark):
        return False
    if is_within_sight(run["host"], mark):
        return True
    # Of another machine or container there is only what it stores. A clock may have been set since, to before that.
    return abs(db.moment() - from_utc_text(_last_sign_of_life(db, run))) < SILENCE


def _last_sign_of_life(db: Connection, run: Row | Mapping[str, Any]) -> str:
    """When the process of a run last began a run, stored a page, or looked at a source."""
    row = db.row(
        "SELECT max(started_at, coalesce("
        "  (SELECT fetched_at FROM captures WHERE run_id = runs.id ORDER BY id DESC LIMIT 1), ''), coalesce("
        "  (SELECT checked_at FROM source_checks WHERE run_id = runs.id ORDER BY id DESC LIMIT 1), '')) AS at"
        " FROM runs WHERE id >= ? AND host = ? AND pid = ? ORDER BY at DESC LIMIT 1",
        (run["id"], run["host"], run["pid"]),
    )
    return str(run["started_at"] if row is None else row["at"])


def _definition(
    origin: JobOrigin,
    starts: Sequence[Mapping[str, str]],
    options: Mapping[str, Any],
    schedule: str | None,
    time_zone: str | None,
) -> dict[str, Any]:
    return {
        "origin": origin,
        "starts": to_json([dict(start) for start in starts]),
        "options": to_json(dict(options)),
        "schedule": clean(schedule),
        "time_zone": clean(time_zone),
    }


def _job(db: Connection, row: Row) -> StoredJob:
    last_run = None
    if row["run_id"] is not None:
        last_run = _run(db, {name: row[f"run_{name}"] for name in _RUN_COLUMNS})
    return StoredJob(
        id=row["id"],
        name=row["name"],
        origin=row["origin"],
        starts=_json(db, row["starts"], list, f"where the job {row['name']} begins"),
        options=_json(db, row["options"], dict, f"the options of the job {row['name']}"),
        schedule=row["schedule"],
        time_zone=row["time_zone"],
        created_at=from_utc_text(row["created_at"]),
        changed_at=from_utc_text(row["changed_at"]),
        paused_at=moment_of(row["paused_at"]),
        next_at=moment_of(row["next_at"]),
        last_run=last_run,
    )


def _run(db: Connection, row: Row | Mapping[str, Any]) -> JobRun:
    state, summary = row["state"], None
    if state != "running":
        summary = _object(db, row["summary"], f"the summary of run {row['id']}")
    elif not is_at_work(db, row):
        state = "interrupted"
    return JobRun(
        id=row["id"],
        state=state,
        started_at=from_utc_text(row["started_at"]),
        ended_at=moment_of(row["ended_at"]),
        summary=summary,
    )


def _object(db: Connection, text: str | None, what: str) -> dict[str, Any] | None:
    return None if text is None else _json(db, text, dict, what)


def _json(db: Connection, text: str, kind: type[T], what: str) -> T:
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, kind):
        raise ArchiveError(f"{db.path}: {what} cannot be read", why=f"it is not a JSON {_KINDS[kind]}: {text[:80]}")
    return found


def _must_exist(db: Connection, rows: int) -> None:
    if rows == 0:
        raise NotInArchive(f"The job is not in {db.path} any more", next_step="scrape jobs list names those there are")


def _no_such_job(db: Connection, name: str) -> NotInArchive:
    names = [row["name"] for row in db.rows("SELECT name FROM jobs WHERE origin != 'typed' ORDER BY name LIMIT 20")]
    there = f"there are: {', '.join(names)}" if names else "there is none yet"
    return NotInArchive(f"No job {name} in {db.path}", why=there, next_step="scrape jobs list names all of them")
