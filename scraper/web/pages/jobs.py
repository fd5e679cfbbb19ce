"""Jobs: what each crawls and when, what it did last, and whether it does what it should."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from scraper.crawl.health import trouble_of_job
from scraper.crawl.jobs import stored_job
from scraper.errors import ArchiveError, TookTooLong
from scraper.store import Alarm, Archive, StoredJob
from scraper.web.rendering import page
from scraper.web.visits import Answer, Route, Visit

_JOBS = 200
_STARTS = 3
_MOST_WAITING = 10_000

JobState = Literal["running", "late", "failing", "unreadable", "paused", "taken_out", "due", "scheduled", "by_hand"]


@dataclass(frozen=True, slots=True, kw_only=True)
class JobShown:
    job: StoredJob
    state: JobState
    said: str | None
    """What is wrong with it, in words."""
    waiting: int
    """Pages that wait to be fetched."""
    more_waiting: bool
    starts: tuple[dict[str, str], ...]
    more_starts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class JobsShown:
    jobs: tuple[JobShown, ...]
    more: int
    typed: int
    """Crawls that were typed, and are not listed."""
    alarms: tuple[Alarm, ...]


def read_jobs(archive: Archive, visit: Visit) -> JobsShown:
    """By name; crawls that were typed only where the address asks for all."""
    known = archive.jobs()
    listed = known if visit.asked("all") == "1" else [job for job in known if job.origin != "typed"]
    return JobsShown(
        jobs=tuple(_job(archive, job) for job in listed[:_JOBS]),
        more=max(0, len(listed) - _JOBS),
        typed=len(known) - len(listed),
        alarms=tuple(alarm for alarm in archive.health().alarms() if alarm.kind == "job"),
    )


def _job(archive: Archive, job: StoredJob) -> JobShown:
    state, said = _state(archive, job)
    waiting = archive.past_runs().waiting(job.id, most=_MOST_WAITING + 1)
    return JobShown(
        job=job,
        state=state,
        said=said,
        waiting=min(waiting, _MOST_WAITING),
        more_waiting=waiting > _MOST_WAITING,
        starts=tuple(job.starts[:_STARTS]),
        more_starts=max(0, len(job.starts) - _STARTS),
    )


def _state(archive: Archive, job: StoredJob) -> tuple[JobState, str | None]:
    """What a job does now, as `scrape health` would find it, whether or not it has looked since."""
    try:
        trouble = trouble_of_job(archive, stored_job(job))
    except TookTooLong:
        raise
    except ArchiveError as error:
        return "unreadable", f"{error.what}: {error.why}"
    if trouble is not None:
        return ("late" if trouble.detail.get("state") == "late" else "failing"), trouble.message
    if job.last_run is not None and job.last_run.state == "running":
        return "running", None
    if job.paused_at is not None:
        return ("taken_out" if job.origin == "file" and job.next_at is None else "paused"), None
    if job.next_at is None:
        return "by_hand", None
    return ("due" if job.next_at <= archive.now() else "scheduled"), None


def _show(archive: Archive, visit: Visit) -> Answer:
    return page("jobs.html", visit, shown=read_jobs(archive, visit))


ROUTES = (Route("/jobs", _show),)
