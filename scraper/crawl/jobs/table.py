"""The jobs of an archive: which there are, which are due, and who runs one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any

from scraper.crawl.jobs.definitions import Job, Start, stored_job, typed_name
from scraper.crawl.jobs.file import FileJobs
from scraper.crawl.jobs.options import JobOptions
from scraper.errors import ArchiveError, ConfigError, NotInArchive, UsageError
from scraper.store import Archive, StoredJob
from scraper.store.runs import RunState


def load_jobs(archive: Archive) -> list[Job]:
    """Every job, by name, those of typed crawls too. Raises ArchiveError for one that cannot be followed."""
    return [stored_job(row) for row in archive.jobs()]


def load_job(archive: Archive, name: str) -> Job:
    """One of them. Raises NotInArchive, or ArchiveError when it cannot be followed."""
    return stored_job(archive.job(name))


def add_job(archive: Archive, job: Job, found: FileJobs, *, replace_it: bool = False) -> Job:
    """Store a job that was given by command, in the place of the one of its name if asked to. Raises UsageError."""
    _refuse_if_in(found, job.name, "added")
    with archive.batch():
        known = _find(archive, job.name)
        if known is None:
            return _add(archive, job)
        if not replace_it:
            raise UsageError(
                f"There is a job {job.name} already",
                why=f"it was added on {known.created_at:%Y-%m-%d}",
                next_step=f"scrape jobs show {job.name}; --replace puts this one in its place",
            )
        return _change(archive, known, job)


def keep_typed(archive: Archive, starts: tuple[Start, ...], options: JobOptions) -> Job:
    """The job of a crawl that was typed: the one that the same words made before, or a new one."""
    name = typed_name(starts, options)
    with archive.batch():
        known = _find(archive, name)
        return known or _add(archive, Job(name=name, starts=starts, options=options, origin="typed"))


def pause_job(archive: Archive, name: str) -> Job:
    """Let a job not be due any more. Raises NotInArchive, or UsageError for one that never is."""
    with archive.batch():
        job = load_job(archive, name)
        if job.schedule is None:
            raise UsageError(f"{name} has no schedule, so there is nothing to pause")
        if job.paused_at is None:
            archive.set_job_times(_id(job), paused_at=archive.now(), next_at=job.next_at)
        return load_job(archive, name)


def resume_job(archive: Archive, name: str) -> Job:
    """Let a paused job be due again: at once, and once, if it should have run meanwhile.

    Raises NotInArchive, or UsageError for one that is paused because it no longer stands in scrape.toml.
    """
    with archive.batch():
        job = load_job(archive, name)
        if job.is_taken_out:
            raise UsageError(
                f"{name} no longer stands in scrape.toml, and is paused for that",
                next_step="write it there again, or scrape jobs add it with --replace",
            )
        if job.paused_at is not None:
            archive.set_job_times(_id(job), paused_at=None, next_at=job.next_at)
        return load_job(archive, name)


def remove_job(archive: Archive, name: str, found: FileJobs) -> None:
    """Forget a job; what it found stays. Raises NotInArchive, AlreadyRunning, or UsageError for one of scrape.toml."""
    known = next((row for row in archive.jobs() if row.name == name), None)
    if known is None or known.origin == "file":
        _refuse_if_in(found, name, "removed")
    archive.remove_job(name)


def synchronise(archive: Archive, found: FileJobs) -> None:
    """Make the archive's jobs be what scrape.toml says. Raises ConfigError for a name that a command gave, too.

    A job that was taken out of the file is paused, its runs and what it found stay, and it goes on when it is back.
    """
    if not found.jobs and not any(row.origin == "file" for row in archive.jobs()):
        return
    now = archive.now()
    with archive.batch():
        known = {row.name: row for row in archive.jobs()}
        for job in found.jobs:
            row = known.pop(job.name, None)
            if row is None:
                _add(archive, job)
                continue
            if row.origin != "file":
                raise _twice(found, job.name)
            _take_in(archive, row, job, now)
        for row in known.values():
            if row.origin == "file" and not (row.paused_at and row.next_at is None):
                archive.set_job_times(row.id, paused_at=row.paused_at or now, next_at=None)


def with_file(stored: list[Job], found: FileJobs, now: datetime) -> list[Job]:
    """The jobs as they will be once `synchronise` was called, by name; nothing is written."""
    out = {job.name: job for job in stored}
    for job in found.jobs:
        known = out.get(job.name)
        if known is None:
            out[job.name] = replace(job, next_at=job.first_at(now))
        elif known.origin != "file":
            raise _twice(found, job.name)
        else:
            out[job.name] = _as_now(known, job, now)
    for job in stored:
        if job.origin == "file" and found.of_name(job.name) is None:
            out[job.name] = replace(job, paused_at=job.paused_at or now, next_at=None)
    return [out[name] for name in sorted(out)]


def due_jobs(archive: Archive) -> list[Job]:
    """The jobs whose time has come, the longest due first; paused ones are not due. The archive is open for writing.

    Those that hubs told news of before their time come before all others: they are soon done. One that is to run later
    than its schedule allows, because the clock was set back since, is given its next time.
    """
    now = archive.now()
    due = []
    woken = archive.websub().woken_jobs()
    for job in load_jobs(archive):
        if job.paused_at is not None or job.next_at is None:
            continue
        if job.next_at <= now:
            due.append(job)
            continue
        latest = job.next_after(now)
        if latest is not None and job.next_at > latest:
            archive.set_job_times(_id(job), paused_at=None, next_at=latest)
        if job.id in woken:
            due.append(replace(job, only_woken=True))
    return sorted(due, key=lambda job: (not job.only_woken, job.next_at or now, job.name))


def claim_job(archive: Archive, job: Job) -> int:
    """Begin a run of a job in this process; the run's id. Raises NotInArchive, or AlreadyRunning while it has one."""
    return archive.claim_job(job.name)


def finish_job_run(archive: Archive, run_id: int, state: RunState, summary: Mapping[str, Any]) -> datetime | None:
    """Record how a run ended and what it did; when its job is due next. Raises NotInArchive.

    A run that was interrupted leaves its job due as it was, so that the rest is done soon, and one that was only for
    what hubs told of takes the place of no other. The summary is JSON-ready.
    """
    with archive.batch():
        row = archive.job_of_run(run_id)
        next_at = None
        if row is not None:
            next_at = row.next_at
            if state == "done" and not summary.get("only_woken") and not (row.paused_at and row.next_at is None):
                next_at = stored_job(row).next_after(archive.now())
        archive.finish_job_run(run_id, state, summary, next_at=next_at)
    return next_at


@contextmanager
def due_lock(archive: Archive) -> Iterator[None]:
    """Nobody else does what is due while the block runs. Raises AlreadyRunning."""
    with archive.due_lock():
        yield


def _take_in(archive: Archive, row: StoredJob, job: Job, now: datetime) -> None:
    """Make a stored job of the file be as it stands there now."""
    try:
        known = stored_job(row)
    except ArchiveError:  # stored as this version cannot follow it; the file says how it should be
        archive.change_job(row.id, **job.columns())
        archive.set_job_times(row.id, paused_at=row.paused_at, next_at=job.first_at(now))
        return
    wanted = _as_now(known, job, now)
    if wanted.definition != known.definition:
        archive.change_job(_id(known), **wanted.columns())
    if (wanted.paused_at, wanted.next_at) != (known.paused_at, known.next_at):
        archive.set_job_times(_id(known), paused_at=wanted.paused_at, next_at=wanted.next_at)


def _as_now(known: Job, job: Job, now: datetime) -> Job:
    """`known` with the definition of `job`; due as it was, unless its schedule is another or it had been taken out."""
    starts, options, schedule = job.definition
    made = replace(known, starts=starts, options=options, schedule=schedule, origin=job.origin)
    if known.is_taken_out or (known.schedule is None and schedule is not None):
        return replace(made, paused_at=None, next_at=made.first_at(now))
    return made if schedule == known.schedule else replace(made, next_at=made.first_at(now))


def _add(archive: Archive, job: Job) -> Job:
    archive.add_job(name=job.name, **job.columns(), next_at=job.first_at(archive.now()))
    return load_job(archive, job.name)


def _change(archive: Archive, known: Job, job: Job) -> Job:
    wanted = _as_now(known, job, archive.now())
    archive.change_job(_id(known), **wanted.columns())
    archive.set_job_times(_id(known), paused_at=wanted.paused_at, next_at=wanted.next_at)
    return load_job(archive, job.name)


def _find(archive: Archive, name: str) -> Job | None:
    try:
        return load_job(archive, name)
    except NotInArchive:
        return None


def _id(job: Job) -> int:
    if job.id is None:
        raise NotInArchive(f"The job {job.name} is not stored")
    return job.id


def _refuse_if_in(found: FileJobs, name: str, done: str) -> None:
    if found.of_name(name) is not None:
        raise UsageError(
            f"The job {name} cannot be {done} by command",
            why=f"it stands in {found.path}",
            next_step=f"change [jobs.{name}] there",
        )


def _twice(found: FileJobs, name: str) -> ConfigError:
    return ConfigError(
        f"{found.path}: jobs.{name}: there are two jobs of that name",
        why="the other one was added by command",
        next_step=f"call one of them otherwise, or scrape jobs remove {name}, which takes away the other one",
    )
