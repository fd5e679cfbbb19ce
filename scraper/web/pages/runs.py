"""What ran: runs, the last one first; and of one of them what it was to fetch and what became of that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from scraper.store import Alarm, Archive, StoredJob
from scraper.store.past_runs import PastRun, RunPage, SiteOfRun, Skips, SourceFailed, Tally
from scraper.web.rendering import page
from scraper.web.visits import Answer, Route, Visit

_RUNS = 50
_PAGES = 100
_COUNTED = 5_000
"""Captures of a run that its outcomes are counted in."""
_FOUND = 20_000
"""Addresses that a run found among which those that it skipped are counted."""
_SITES = 30
_SOURCES = 30
_ALARMS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class RunsShown:
    runs: tuple[PastRun, ...]
    job: str
    """The name of the job whose runs alone are listed; empty for all."""
    later: bool
    """Whether there are later ones than these."""
    before: int | None
    """What the earlier ones come before; None where there are none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunShown:
    run: PastRun
    job: StoredJob | None
    changed_since: bool
    """Whether the job was changed after the run began: then what it says now is not what was asked for."""
    tally: Tally
    skips: Skips
    sites: tuple[SiteOfRun, ...]
    more_sites: bool
    sources: tuple[SourceFailed, ...]
    alarms: tuple[Alarm, ...]
    resting: Mapping[str, str]
    pages: tuple[RunPage, ...]
    later: bool
    before: int | None
    """As for runs: the pages are listed some at a time."""


def read_runs(archive: Archive, visit: Visit) -> RunsShown:
    """Raises NotInArchive for a job that is not there, and UsageError."""
    before = visit.number("before")
    job = visit.asked("job")
    found = archive.past_runs().latest(before=before, job=job or None, limit=_RUNS + 1)
    runs = tuple(found[:_RUNS])
    return RunsShown(runs=runs, job=job, later=before is not None, before=runs[-1].id if len(found) > _RUNS else None)


def read_run(archive: Archive, visit: Visit) -> RunShown:
    """Raises NotInArchive, and UsageError."""
    run_id, before = int(visit.parts["id"]), visit.number("before")
    past = archive.past_runs()
    run = past.read(run_id)
    job = archive.job_of_run(run_id)
    pages = past.pages(run_id, before=before, limit=_PAGES + 1)
    sites = past.sites(run_id, limit=_SITES + 1)
    return RunShown(
        run=run,
        job=job,
        changed_since=job is not None and job.changed_at > run.started_at,
        tally=past.tally(run_id, most=_COUNTED),
        skips=past.skips(run, most=_FOUND),
        sites=tuple(sites[:_SITES]),
        more_sites=len(sites) > _SITES,
        sources=tuple(past.sources_failed(run_id, limit=_SOURCES)),
        alarms=tuple(past.alarms(run_id, limit=_ALARMS)),
        resting=past.resting(run_id),
        pages=tuple(pages[:_PAGES]),
        later=before is not None,
        before=pages[_PAGES - 1].capture if len(pages) > _PAGES else None,
    )


def written(options: Mapping[str, Any]) -> dict[str, str]:
    """A job's options as text."""
    return {
        name: ", ".join(map(str, value)) if isinstance(value, list) else str(value) for name, value in options.items()
    }


def took(run: PastRun) -> str:
    """How long a run took: `0:02:05`; a dash while it runs, and when nobody knows its end."""
    return "–" if run.ended_at is None else str(run.ended_at - run.started_at).partition(".")[0]


def _show_all(archive: Archive, visit: Visit) -> Answer:
    return page("runs.html", visit, shown=read_runs(archive, visit), took=took)


def _show(archive: Archive, visit: Visit) -> Answer:
    return page("run.html", visit, shown=read_run(archive, visit), written=written, took=took, most_found=_FOUND)


ROUTES = (Route("/runs", _show_all), Route(r"/runs/(?P<id>\d{1,15})", _show))
