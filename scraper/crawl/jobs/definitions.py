"""A job: where it begins, what of that it fetches, and when it is due; as typed, as in scrape.toml, as stored."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, get_args

from scraper.crawl.jobs.given import Given
from scraper.crawl.jobs.options import NAMES, JobOptions, options_of, stored_options
from scraper.crawl.jobs.schedule import Schedule, jitter
from scraper.errors import ArchiveError, UsageError
from scraper.store.jobs import JobOrigin, JobRun, StoredJob
from scraper.urls import check_url, without_credentials

StartKind = Literal["site", "feed", "sitemap", "section"]
START_KINDS: tuple[StartKind, ...] = get_args(StartKind)

TYPED = "crawl-"
"""What the names of jobs begin with that were made of a command line."""

_NAME = re.compile(r"\w[\w-]{0,63}")
_MOST_STARTS = 2000
# What options are called that are written otherwise than stored.
_WRITTEN = {"languages": "lang"}

KEYS = (*START_KINDS, "every", "cron", "tz", *(_WRITTEN.get(name, name) for name in NAMES))
"""What a job is told by: the options of `scrape jobs add`, the keys of a table in scrape.toml."""


@dataclass(frozen=True, slots=True)
class Start:
    """Where a job begins to look. A `site` is a page from which feeds, sitemaps and sections are found."""

    kind: StartKind
    url: str

    @classmethod
    def of(cls, kind: StartKind, text: str) -> Start:
        """A start at what was written as an address. Raises UsageError."""
        url = check_url(text).partition("#")[0]
        if without_credentials(url) != url:
            raise UsageError(
                f"{without_credentials(url)} was given with a user or password",
                why="the archive keeps none",
                next_step="write them into scrape.toml, under [hosts.…]",
            )
        return cls(kind, url)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A crawl with a name. Times are aware, UTC; None for what is not so, or not stored yet."""

    name: str
    starts: tuple[Start, ...]
    options: JobOptions = field(default_factory=JobOptions)
    schedule: Schedule | None = None
    """None for a job that runs only when it is asked for by name."""
    origin: JobOrigin = "command"
    id: int | None = None
    """None until it is stored."""
    paused_at: datetime | None = None
    next_at: datetime | None = None
    created_at: datetime | None = None
    changed_at: datetime | None = None
    last_run: JobRun | None = None
    only_woken: bool = False
    """Whether it is due before its time, for news that a hub told of: then the run looks at nothing else."""

    @property
    def definition(self) -> tuple[tuple[Start, ...], JobOptions, Schedule | None]:
        """What makes it do something else when it differs."""
        return self.starts, self.options, self.schedule

    @property
    def is_taken_out(self) -> bool:
        """Whether it stood in scrape.toml and no longer does."""
        return self.origin == "file" and self.paused_at is not None and self.next_at is None

    def columns(self) -> dict[str, Any]:
        """Its definition as `Archive.add_job` and `Archive.change_job` take it."""
        return {
            "origin": self.origin,
            "starts": [{"kind": start.kind, "url": start.url} for start in self.starts],
            "options": self.options.as_dict(),
            "schedule": None if self.schedule is None else self.schedule.as_text(),
            "time_zone": None if self.schedule is None else self.schedule.zone or None,
        }

    def first_at(self, now: datetime) -> datetime | None:
        """When it is due, now that it has this schedule; None without one."""
        if self.schedule is None:
            return None
        return self.schedule.first_after(self._last_began(), now, phase=self._phase(now))

    def next_after(self, now: datetime) -> datetime | None:
        """When it is due after its last run, `now` being the time; None without a schedule."""
        if self.schedule is None:
            return None
        return self.schedule.next_after(self._last_began(), now, phase=self._phase(now))

    def _last_began(self) -> datetime | None:
        return None if self.last_run is None else self.last_run.started_at

    def _phase(self, now: datetime) -> datetime:
        every = self.schedule.every if self.schedule else None
        begun = self.created_at or now
        return begun if every is None else begun + jitter(self.name, every)


def job_of(name: str, given: Given, *, origin: JobOrigin) -> Job:
    """A job as somebody wrote it, under the names in `KEYS`. Raises what `given` raises."""
    check_name(name, given)
    starts = []
    for kind in START_KINDS:
        for text in given.texts(kind):
            try:
                starts.append(Start.of(kind, text))
            except UsageError as error:
                raise given.reworded(kind, error) from None
    if not 0 < len(starts) <= _MOST_STARTS:
        what = "no place to begin" if not starts else f"{len(starts)} places to begin; {_MOST_STARTS} are the most"
        raise given.refusal("site", what, next_step="give a site, feed, sitemap or section")
    return Job(
        name=name,
        starts=tuple(dict.fromkeys(starts)),
        options=options_of(given.renamed(_WRITTEN)),
        schedule=_schedule(given),
        origin=origin,
    )


def check_name(name: str, given: Given) -> None:
    """Raises what `given` raises when a job cannot be called that."""
    if not _NAME.fullmatch(name):
        raise given.refusal(
            "name", f"{name[:80]!r} is no name for a job", next_step="use up to 64 letters, digits, - and _"
        )
    if name.startswith(TYPED):
        raise given.refusal(
            "name", f"{name!r} is no name for a job", why=f"those of crawls that were typed begin with {TYPED}"
        )


def typed_name(starts: tuple[Start, ...], options: JobOptions) -> str:
    """The name under which a crawl is kept that was typed: the same for the same words."""
    said = json.dumps([[[start.kind, start.url] for start in starts], options.as_dict()], sort_keys=True)
    return f"{TYPED}{hashlib.sha256(said.encode()).hexdigest()[:12]}"


def stored_job(row: StoredJob) -> Job:
    """A job as the archive keeps it. Raises ArchiveError when this version cannot follow it."""
    try:
        return Job(
            name=row.name,
            starts=tuple(_stored_start(start) for start in row.starts),
            options=stored_options(row.options, row.name),
            schedule=None if row.schedule is None else Schedule.from_text(row.schedule, row.time_zone),
            origin=row.origin,
            id=row.id,
            paused_at=row.paused_at,
            next_at=row.next_at,
            created_at=row.created_at,
            changed_at=row.changed_at,
            last_run=row.last_run,
        )
    except UsageError as error:
        raise ArchiveError(
            f"The job {row.name} is stored in a way that cannot be followed",
            why=str(error),
            next_step=f"scrape jobs remove {row.name}, and add it again",
        ) from None


def _stored_start(start: Mapping[str, str]) -> Start:
    for kind in START_KINDS:
        if isinstance(start, dict) and start.get("kind") == kind:
            return Start.of(kind, str(start.get("url", "")))
    raise UsageError(f"{start!r} is no place to begin")


def _schedule(given: Given) -> Schedule | None:
    every, cron, zone = (given.text(name) for name in ("every", "cron", "tz"))
    if every and cron:
        raise given.refusal("cron", "there are two schedules", next_step="leave out this or every")
    if zone and not cron:
        raise given.refusal("tz", "there is no cron schedule that it could be the time zone of")
    name = "every" if every else "cron"
    try:
        return Schedule.parse_every(every) if every else Schedule.parse_cron(cron, zone) if cron else None
    except UsageError as error:
        wrong = "tz" if "time zone" in error.what else name
        raise given.reworded(wrong, error) from None
