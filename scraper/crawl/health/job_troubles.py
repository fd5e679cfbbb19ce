"""Jobs that do not do what they are to do: nobody runs them, or their runs fail."""

from __future__ import annotations

from datetime import datetime, timedelta

from scraper.crawl.jobs import Job, JobRun, load_jobs
from scraper.errors import UsageError
from scraper.store import Archive, Trouble

_LATE = timedelta(hours=1)
_FAILURES = 3
"""Runs in a row that came to nothing."""


def job_troubles(archive: Archive) -> list[Trouble]:
    """What is wrong with jobs that have a schedule and are not paused, as of now."""
    troubles = (trouble_of_job(archive, job) for job in load_jobs(archive))
    return [trouble for trouble in troubles if trouble is not None]


def trouble_of_job(archive: Archive, job: Job) -> Trouble | None:
    """What is wrong with one job, as of now; None when nothing is."""
    if job.id is None or job.schedule is None or job.paused_at is not None:
        return None  # who runs a job by hand sees how it ends
    return _late(archive, job) or _failing(job, archive.job_runs(job.id, limit=_FAILURES))


def _late(archive: Archive, job: Job) -> Trouble | None:
    """A job that is due for longer than it has between two runs: whatever is to call `scrape crawl --due` does not."""
    now = archive.now()
    if job.schedule is None or job.next_at is None or now - job.next_at <= _LATE:
        return None
    if job.last_run is not None and job.last_run.state == "running":
        return None
    try:
        following = job.schedule.next_after(job.next_at, job.next_at, phase=job.next_at)
    except UsageError:
        return None
    if now - job.next_at <= max(_LATE, following - job.next_at):
        return None
    return _trouble(
        job,
        f"the job {job.name} should have run at {job.next_at:%Y-%m-%d %H:%M}, and did not:"
        " nobody calls scrape crawl --due",
        since=job.next_at,
        state="late",
    )


def _failing(job: Job, runs: list[JobRun]) -> Trouble | None:
    if len(runs) < _FAILURES or not all(_came_to_nothing(job, run) for run in runs):
        return None
    first = runs[-1]
    how = "were interrupted" if any(run.state == "interrupted" for run in runs) else "could read none of its starts"
    return _trouble(
        job,
        f"the last {len(runs)} runs of the job {job.name}, since {first.started_at:%Y-%m-%d %H:%M}, {how}",
        since=first.started_at,
        state="failing",
        run_id=first.id,
    )


def _came_to_nothing(job: Job, run: JobRun) -> bool:
    if run.state == "interrupted":
        return True
    failed = (run.summary or {}).get("starts_failed", 0)
    return run.state == "done" and isinstance(failed, int) and failed >= len(job.starts) > 0


def _trouble(job: Job, message: str, *, since: datetime, state: str, run_id: int | None = None) -> Trouble:
    return Trouble(
        site="",
        kind="job",
        subject=job.name,
        severity="error",
        since=since,
        since_run_id=run_id,
        message=message,
        detail={"state": state},
    )
