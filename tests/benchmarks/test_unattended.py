"""The loop in the place of a timer counts what it should: with jobs that run at once, on machines with a flaw each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from benchmarks.simulated_web import SimulatedClock, World
from benchmarks.unattended.loop import Loop
from benchmarks.unattended.machine import Ended, OneProcess
from benchmarks.unattended.plan import DAYS, Event, Planned, jobs_of
from scraper.crawl.jobs import Job, claim_job, due_jobs, due_lock, finish_job_run
from scraper.store import Archive

FRIDAY = datetime(2024, 10, 25, 6, tzinfo=UTC)
"""Two days later, at one, clocks are set back in Kyiv."""

Flaw = Callable[[list[Job]], list[Job]]


class Idle(OneProcess):
    """A machine whose jobs fetch nothing. `flaw` turns what is due into what is done."""

    def __init__(self, folder: Path, clock: SimulatedClock, flaw: Flaw = lambda due: due, said: str = "") -> None:
        super().__init__(folder, clock)
        self.flaw = flaw
        self.said = said

    def due(self) -> Ended:
        ended = super().due()
        return Ended(ended.code, ended.said + self.said)

    def due_killed(self) -> bool:
        with self._open() as archive:
            run = claim_job(archive, due_jobs(archive)[0])
            finish_job_run(archive, run, "interrupted", {})
        return True

    def due_together(self) -> tuple[Ended, Ended]:
        with self._open() as archive, due_lock(archive):
            second = self.due()
        return second, self.due()

    def _run_all(self, archive: Archive, due: Sequence[Job]) -> int:
        for job in self.flaw(list(due)):
            finish_job_run(archive, claim_job(archive, job), "done", {})
        return 0


@pytest.fixture(scope="module")
def planned() -> list[Planned]:
    return jobs_of(World(outlets=8, articles=40))


def attend(
    folder: Path, planned: Sequence[Planned], events: Sequence[Event] = (), *, days: float = 0.5, **more: object
) -> Loop:
    clock = SimulatedClock(folder / "clock", start=FRIDAY)
    loop = Loop(Idle(folder, clock, **more), clock, planned, events)  # type: ignore[arg-type]
    loop.run(FRIDAY, days, lambda line: None, look_every=timedelta(minutes=30))
    return loop


def test_two_quiet_days(tmp_path: Path, planned: list[Planned]) -> None:
    loop = attend(tmp_path, planned, days=2)
    assert loop.failures() == []
    assert loop.codes == {0: 96}
    counts = {name: (tally.due, tally.done, tally.late) for name, tally in loop.ledger.tallies.items()}
    assert counts == {
        "hourly": (48, 48, 0),
        "feeds": (24, 24, 0),
        "section": (8, 8, 0),
        "resting": (12, 12, 0),
        "sydney": (2, 2, 0),
        "kyiv": (2, 2, 0),
        "mornings": (4, 4, 0),  # of Friday alone
    }


def test_two_days_with_all_that_happens(tmp_path: Path, planned: list[Planned]) -> None:
    loop = attend(tmp_path, planned, DAYS, days=2)
    assert loop.failures() == []
    assert (loop.kills, loop.codes[5], set(loop.codes)) == (1, 1, {0, 5})
    tallies = loop.ledger.tallies.values()
    assert (sum(one.interrupted for one in tallies), sum(one.missed + one.twice for one in tallies)) == (1, 0)
    assert sum(one.late for one in tallies) >= 1
    # Off for six hours and for four, a clock that is set back by two: each of those runs once for all it missed.
    assert 48 - 6 - 4 - 2 - 2 <= loop.ledger.tallies["hourly"].done <= 48 - 6 - 4 - 2 + 4


def nth(number: int, change: Flaw) -> Flaw:
    """`change` what is done the `number`-th time that something is due."""
    times = iter(range(10_000))

    def flaw(due: list[Job]) -> list[Job]:
        return change(due) if due and next(times) == number else due

    return flaw


def test_a_run_that_is_missed(tmp_path: Path, planned: list[Planned]) -> None:
    loop = attend(tmp_path, planned, flaw=nth(8, lambda due: due[1:]))
    # It runs at the next look: there it is one that was not to be.
    assert loop.failures() == ["1 runs missed", "1 runs twice"]


def test_a_run_that_is_done_twice(tmp_path: Path, planned: list[Planned]) -> None:
    loop = attend(tmp_path, planned, flaw=nth(8, lambda due: [*due, due[0]]))
    assert loop.failures() == ["1 runs twice"]


def test_a_call_that_is_not_silent(tmp_path: Path, planned: list[Planned]) -> None:
    loop = attend(tmp_path, planned[:1], said="note: all is well\n")
    assert len(loop.failures()) == 24
    assert "said 'note: all is well'" in loop.failures()[0]


@pytest.mark.parametrize(
    ("name", "moment"),
    [
        ("sydney", (2024, 10, 4, 16, 30)),
        ("sydney", (2024, 10, 5, 16, 0)),  # from two to three there is no time
        ("sydney", (2024, 10, 6, 15, 30)),
        ("kyiv", (2024, 10, 26, 0, 30)),
        ("kyiv", (2024, 10, 27, 0, 30)),  # it comes once more an hour later
        ("kyiv", (2024, 10, 28, 1, 30)),
    ],
)
def test_when_a_job_of_the_night_is_to_run(planned: list[Planned], name: str, moment: tuple[int, ...]) -> None:
    job = next(one for one in planned if one.name == name)
    at = datetime(*moment, tzinfo=UTC)  # type: ignore[misc, arg-type]
    soon, long = timedelta(seconds=1), timedelta(hours=20)
    assert job.comes(at - soon, at, added=FRIDAY)
    assert not job.comes(at - long, at - soon, added=FRIDAY)
    assert not job.comes(at, at + long, added=FRIDAY)
