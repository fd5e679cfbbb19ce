"""What was due and what was done: every run of every job, held against when it was to be."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.unattended.plan import Planned

SET_BACK = timedelta(hours=3)
"""When a clock is set back by less, what ran by it is not to run again; by more, it was wrong before."""
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Run:
    """A run of a job, as the archive has it; the time is that of the machine's clock."""

    id: int
    job: str
    state: str
    started_at: datetime


@dataclass(slots=True)
class Tally:
    """Counts of one job."""

    due: int = 0
    """Times at which it was to run, those that were missed together counted as one."""
    done: int = 0
    late: int = 0
    """Of those, runs that were to be at the look before and did not come to their end there."""
    missed: int = 0
    twice: int = 0
    """Runs that came to their end and were not to be."""
    interrupted: int = 0


@dataclass(slots=True)
class _Known:
    """What the ledger knows of one job."""

    added: datetime | None = None
    covered: datetime = _LONG_AGO
    """What was to be until then is done, or is not to be done any more."""
    last: datetime | None = None
    """When the last run began that came to its end."""
    is_paused: bool = False
    is_waiting: bool = False
    """Whether it was due, and its run did not come to its end."""
    runs: list[datetime] = field(default_factory=list)


class Ledger:
    """Told of every look for what is due, it keeps a tally a job."""

    def __init__(self, planned: Sequence[Planned], archive: Path) -> None:
        self._planned = {job.name: job for job in planned}
        self._known = {job.name: _Known() for job in planned}
        self._archive = archive
        self._seen = 0
        """The id of the last run that was counted."""
        self.tallies = {job.name: Tally() for job in planned}

    def learn(self) -> None:
        """Look which jobs have been added. Those that run every so often are due at once."""
        if all(known.added for known in self._known.values()):
            return
        for name, text in _rows(self._archive, "SELECT name, created_at FROM jobs"):
            known = self._known[str(name)]
            if known.added is None:
                known.added = _moment(text)
                known.covered = _LONG_AGO if self._planned[str(name)].every else known.added

    def pause(self, name: str) -> None:
        self._known[name].is_paused = True

    def resume(self, name: str, *, forget_until: datetime | None = None) -> None:
        """It goes on; what it missed until `forget_until` is not made up."""
        known = self._known[name]
        known.is_paused = False
        if forget_until is not None:
            known.covered = max(known.covered, forget_until)

    def due(self, now: datetime) -> set[str]:
        """The jobs that are to run, the machine's clock saying `now`."""
        return {name for name in self._known if self._is_due(name, now)}

    def settle(self, due: set[str], now: datetime, *, was_killed: bool = False) -> None:
        """Count the runs since the last look; `due` were those that were to be at its beginning.

        Where the look itself was killed, what it left undone is to be done at the next one, and is not missed.
        """
        self.learn()
        begun = [run for run in runs_of(self._archive) if run.id > self._seen]
        self._seen = max([self._seen, *(run.id for run in begun)])
        done = [run for run in begun if run.state == "done"]
        for run in begun:
            self.tallies[run.job].interrupted += run.state != "done"
        for run in done:
            self._count(run, due)
        for name in due - {run.job for run in done}:
            known, tally = self._known[name], self.tallies[name]
            tally.due += not known.is_waiting
            known.is_waiting = was_killed
            if not was_killed:
                tally.missed += 1
                known.covered = now

    def runs(self, name: str) -> list[datetime]:
        """When the runs of a job began that came to their end, by the machine's clock."""
        return self._known[name].runs

    def _is_due(self, name: str, now: datetime) -> bool:
        known = self._known[name]
        if known.added is None or known.is_paused:
            return False
        if known.last is not None and known.last > now + SET_BACK:
            known.last, known.covered = None, now
        return self._planned[name].comes(known.covered, now, added=known.added)

    def _count(self, run: Run, due: set[str]) -> None:
        known, tally, every = self._known[run.job], self.tallies[run.job], self._planned[run.job].every
        # It may have become due between the beginning of the look and its own.
        if run.job in due or self._is_due(run.job, run.started_at):
            due.discard(run.job)
            tally.due += not known.is_waiting
            tally.late += known.is_waiting
            tally.done += 1
        else:
            tally.twice += 1
        known.is_waiting = False
        known.last = run.started_at
        # A run that comes late is also the one that would follow soon.
        known.covered = run.started_at + (every / 2 if every else timedelta())
        known.runs.append(run.started_at)


def runs_of(archive: Path) -> list[Run]:
    """All runs of jobs, in their order."""
    return [Run(number, job, state, _moment(at)) for number, job, state, at in _rows(archive, _RUNS)]


def states(archive: Path) -> Counter[str]:
    """How many runs of jobs are in which state, and how many locks of `crawl --due` are left."""
    counts = Counter(run.state for run in runs_of(archive))
    counts["locks"] = len(_rows(archive, "SELECT id FROM runs WHERE command = 'crawl --due'"))
    return counts


_RUNS = (
    "SELECT runs.id, jobs.name, runs.state, runs.started_at FROM runs JOIN jobs ON jobs.id = runs.job_id"
    " ORDER BY runs.id"
)


def _rows(archive: Path, sql: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(f"{archive.absolute().as_uri()}?mode=ro", uri=True, timeout=60)) as db:
        return db.execute(sql).fetchall()


def _moment(text: object) -> datetime:
    return datetime.fromisoformat(str(text))
