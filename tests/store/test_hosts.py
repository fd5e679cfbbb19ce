"""Who may ask a host, decided in the archive: between tasks, processes and runs."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from scraper.store import Archive, HostState, StoredRobots, named

NOON = datetime(2024, 5, 3, 12, tzinfo=UTC)


class Clock:
    now = NOON

    def __call__(self) -> datetime:
        return self.now

    def forward(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def archives(tmp_path: Path, clock: Clock) -> Iterator[list[Archive]]:
    """Two processes' view of one archive."""
    path = tmp_path / "archive.db"
    with Archive.open(path, write=True, clock=clock) as one, Archive.open(path, write=True, clock=clock) as other:
        yield [one, other]


def test_a_host_is_leased_to_one(archives: list[Archive], clock: Clock) -> None:
    one, other = archives
    assert one.lease_host("n.example", "one", 40, pause=1).wait == 0
    refused = other.lease_host("n.example", "other", 40, pause=1)
    assert (refused.wait, refused.is_taken) == (40, True)
    assert other.lease_host("m.example", "other", 40, pause=1).wait == 0
    one.release_host("n.example", "one", pause=2, state=HostState(pace=0.5, failures=3, reason="slow"))
    waiting = other.lease_host("n.example", "other", 40, pause=1)
    assert (round(waiting.wait, 2), waiting.is_taken) == (2.0, False)
    clock.forward(2.001)
    granted = other.lease_host("n.example", "other", 40, pause=1)
    assert (granted.wait, granted.state) == (0, HostState(0.5, 3, "slow"))


def test_a_pause_is_never_short_of_what_was_asked(archives: list[Archive], clock: Clock) -> None:
    """Times are kept to the millisecond, clocks are finer."""
    one, _ = archives
    clock.now = NOON + timedelta(microseconds=999)
    one.lease_host("n.example", "one", 40, pause=1)
    one.release_host("n.example", "one", pause=1, state=HostState())
    clock.forward(0.9995)
    assert one.lease_host("n.example", "one", 40, pause=1).wait > 0


def test_who_died_with_a_lease_keeps_nobody_waiting_for_ever(archives: list[Archive], clock: Clock) -> None:
    one, other = archives
    one.lease_host("n.example", "one", 40, pause=1)
    clock.forward(40)
    assert other.lease_host("n.example", "other", 40, pause=1).wait == 0
    one.release_host("n.example", "one", pause=1000, state=HostState(failures=9))  # too late: it is the other's
    other.release_host("n.example", "other", pause=0, state=HostState())
    clock.forward(0.002)
    assert one.lease_host("n.example", "one", 40, pause=1).wait == 0


def test_who_is_known_to_be_dead_is_waited_for_as_long_as_a_pause(archives: list[Archive], clock: Clock) -> None:
    one, other = archives
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    dead = named("x").replace(str(os.getpid()), str(process.pid))
    one.lease_host("n.example", dead, 40, pause=5)
    refused = other.lease_host("n.example", "other", 40, pause=5)
    assert not refused.is_taken
    assert 5 < refused.wait < 10
    clock.forward(refused.wait + 0.001)
    assert other.lease_host("n.example", "other", 40, pause=5).wait == 0
    alive = named("y")
    one.lease_host("m.example", alive, 40, pause=5)
    assert other.lease_host("m.example", "other", 40, pause=5).is_taken


@pytest.mark.parametrize("pause", [1e9, 86_400.0])
def test_no_pause_is_longer_than_a_day(archives: list[Archive], clock: Clock, pause: float) -> None:
    one, _ = archives
    one.lease_host("n.example", "one", 40, pause=1)
    one.release_host("n.example", "one", pause=pause, state=HostState())
    clock.forward(86_401)
    assert one.lease_host("n.example", "one", 40, pause=1).wait == 0


def test_a_clock_that_was_years_ahead_blocks_nobody(archives: list[Archive], clock: Clock) -> None:
    one, _ = archives
    clock.now = NOON + timedelta(days=3650)
    one.lease_host("n.example", "one", 40, pause=1)
    clock.now = NOON
    assert one.lease_host("n.example", "other", 40, pause=1).wait == 0


@pytest.mark.parametrize("hours", [2, 20])
@pytest.mark.parametrize("pause", [1, 300])
def test_a_clock_that_was_set_back_has_the_pause_begin_anew(
    archives: list[Archive], clock: Clock, hours: int, pause: int
) -> None:
    """It does not last for as long as the clock had been ahead."""
    one, other = archives
    one.lease_host("n.example", "one", 40, pause=1)
    one.release_host("n.example", "one", pause=pause, state=HostState(reason="slow"))
    clock.forward(-hours * 3600)
    waiting = other.lease_host("n.example", "other", 40, pause=1)
    assert pause <= waiting.wait < pause + 1
    assert (waiting.is_taken, waiting.state.reason) == (False, "slow")
    clock.forward(pause - 0.5)
    assert 0 < one.lease_host("n.example", "one", 40, pause=1).wait < 1
    clock.forward(0.6)
    assert other.lease_host("n.example", "other", 40, pause=1).wait == 0


def test_a_clock_that_was_set_back_after_its_holder_died(archives: list[Archive], clock: Clock) -> None:
    one, other = archives
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    dead = named("x").replace(str(os.getpid()), str(process.pid))
    one.lease_host("n.example", dead, 40, pause=60)
    assert 60 < other.lease_host("n.example", "other", 40, pause=5).wait < 65
    clock.forward(-7200)
    waiting = other.lease_host("n.example", "other", 40, pause=5)
    assert 60 < waiting.wait < 65
    clock.forward(waiting.wait + 0.001)
    assert other.lease_host("n.example", "other", 40, pause=5).wait == 0


def test_robots_are_kept(archives: list[Archive]) -> None:
    one, other = archives
    robots = StoredRobots(
        origin="https://n.example",
        fetched_at=NOON,
        expires_at=NOON + timedelta(hours=1),
        status=200,
        text="User-agent: *\nDisallow: /\0\ud800x",
        error=None,
        error_message=None,
    )
    assert one.recall_robots(robots.origin) is None
    one.remember_robots(robots)
    one.remember_robots(robots)
    found = other.recall_robots(robots.origin)
    assert found is not None
    assert (found.origin, found.expires_at, found.status) == (robots.origin, robots.expires_at, 200)
    assert found.text.startswith("User-agent: *\nDisallow: /")
