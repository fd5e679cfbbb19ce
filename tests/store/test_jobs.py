"""Jobs as rows: one process at a time runs one, a dead one's place is taken, and what a removed one found stays."""

from __future__ import annotations

import json
import os
import shutil
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from scraper.errors import AlreadyRunning, ArchiveError, NotInArchive
from scraper.store import Archive
from scraper.store.jobs import SILENCE
from scraper.store.processes import is_within_sight, mark_of_this_process, may_be_alive

STARTS = [{"kind": "site", "url": "https://example.com/"}]
ELSEWHERE = "another-machine"
NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)

CLAIM = """
import os, sys, time
from datetime import datetime
from scraper.store import Archive
path, moment, *rest = sys.argv[1:]
with Archive.open(path, write=True, clock=lambda: datetime.fromisoformat(moment)) as archive:
    with archive.due_lock():
        print(archive.claim_job("courier"), flush=True)
        if rest:
            time.sleep(60)
        os._exit(9)
"""


def add(archive: Archive, name: str = "courier", **more: Any) -> int:
    row: dict[str, Any] = {"origin": "command", "starts": STARTS, "options": {"depth": 1}, "schedule": "every 1h"}
    return archive.add_job(name=name, **row | {"time_zone": None, "next_at": NOON} | more)


def change(path: Path, sql: str, *values: object) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(sql, values)


def rows(path: Path, sql: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(sql).fetchall()


@pytest.fixture(scope="module")
def left_behind(python, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive in which a process that is gone was running a job, and holds the lock of what is due."""
    path = tmp_path_factory.mktemp("jobs") / "archive.db"
    with Archive.open(path, write=True) as archive:
        add(archive)
    process = python(CLAIM, path, "2026-03-01T12:00:00+00:00")
    assert process.communicate() == ("2\n", "")
    with Archive.open(path, write=True):
        pass  # what it left in the log beside the file is in the file now
    return path


@pytest.fixture
def dead(left_behind: Path, path: Path) -> Iterator[Archive]:
    shutil.copy(left_behind, path)
    with Archive.open(path, write=True, clock=lambda: NOON + timedelta(minutes=30)) as archive:
        yield archive


def test_a_job_as_it_was_given(archive: Archive) -> None:
    add(archive, "zebra", schedule="cron 0 6 * * *", time_zone="Europe/Kyiv", next_at=None)
    add(archive)
    first, second = archive.jobs()
    assert (first.name, first.starts, first.options, first.schedule) == ("courier", STARTS, {"depth": 1}, "every 1h")
    assert (second.time_zone, second.next_at, second.last_run) == ("Europe/Kyiv", None, None)
    assert archive.job("zebra") == second
    assert first.created_at == first.changed_at == archive.now()
    with pytest.raises(NotInArchive, match="No job nobody"):
        archive.job("nobody")
    with pytest.raises(ArchiveError):
        add(archive)


def test_one_run_at_a_time(archive: Archive, clock) -> None:
    add(archive)
    run = archive.claim_job("courier")
    with pytest.raises(AlreadyRunning, match="The job courier is running") as caught:
        archive.claim_job("courier")
    assert caught.value.exit_code == 5
    assert str(os.getpid()) in caught.value.why
    running = archive.job("courier").last_run
    assert running is not None
    assert (running.state, running.summary, running.ended_at) == ("running", None, None)
    clock.time += timedelta(minutes=5)
    archive.finish_job_run(run, "done", {"new": 3}, next_at=clock.time + timedelta(hours=1))
    job = archive.job("courier")
    assert job.next_at == clock.time + timedelta(hours=1)
    assert job.last_run is not None
    assert (job.last_run.state, job.last_run.summary, job.last_run.ended_at) == ("done", {"new": 3}, clock.time)
    again = archive.claim_job("courier")
    assert [one.id for one in archive.job_runs(job.id)] == [again, run]
    assert archive.job_of_run(run) == archive.job("courier")
    with pytest.raises(NotInArchive):
        archive.claim_job("nobody")
    with pytest.raises(NotInArchive):
        archive.finish_job_run(99, "done", {}, next_at=None)


def test_another_process_that_is_alive(archive: Archive, path: Path, python) -> None:
    add(archive)
    process = python(CLAIM, path, archive.now().isoformat(), "and stay")
    assert process.stdout.readline() == "2\n"
    with pytest.raises(AlreadyRunning, match="The job courier is running"):
        archive.claim_job("courier")
    with pytest.raises(AlreadyRunning, match="Another `scrape crawl --due`"), archive.due_lock():
        pytest.fail("two at once")
    with pytest.raises(AlreadyRunning):
        archive.remove_job("courier")
    process.kill()
    process.wait()
    with archive.due_lock():
        archive.claim_job("courier")


def test_one_that_died(dead: Archive) -> None:
    seen = dead.job("courier").last_run
    assert seen is not None
    assert seen.state == "interrupted"
    with dead.due_lock():
        run = dead.claim_job("courier")
    old = dead.job_runs(1)[1]
    assert (old.state, old.ended_at, old.summary) == ("interrupted", NOON, None)
    assert run != old.id


def test_its_number_is_another_process_now(dead: Archive, path: Path) -> None:
    """As after a machine was started anew: the number is somebody's, who has nothing to do with it."""
    change(path, "UPDATE runs SET pid = ?", os.getpid())
    with dead.due_lock():
        dead.claim_job("courier")


def test_its_number_is_a_living_process_and_it_left_no_mark(dead: Archive, path: Path) -> None:
    change(path, "UPDATE runs SET pid = ?, summary = NULL", os.getpid())
    with pytest.raises(AlreadyRunning):
        dead.claim_job("courier")
    with pytest.raises(AlreadyRunning), dead.due_lock():
        pytest.fail("two at once")


@pytest.mark.parametrize("mark", ["", f"0f6c/{'pid:[1]'}/77"], ids=["no mark", "of another start"])
def test_of_another_machine_there_is_what_it_stores(path: Path, left_behind: Path, mark: str, make) -> None:
    shutil.copy(left_behind, path)
    change(path, "UPDATE runs SET host = ?, summary = ?", ELSEWHERE, json.dumps({"process": mark}))
    time = [NOON + SILENCE / 2]
    with Archive.open(path, write=True, clock=lambda: time[0]) as archive:
        with pytest.raises(AlreadyRunning):
            archive.claim_job("courier")
        # A page, as late as that.
        archive.add_capture(make.capture(fetched_at=NOON + SILENCE), 2)
        time[0] = NOON + SILENCE * 1.5
        with pytest.raises(AlreadyRunning):
            archive.claim_job("courier")
        with pytest.raises(AlreadyRunning), archive.due_lock():
            pytest.fail("two at once")
        time[0] = NOON + SILENCE * 2
        with archive.due_lock():
            archive.claim_job("courier")
        assert archive.job_runs(1)[1].ended_at == NOON + SILENCE


def test_of_another_machine_after_the_clock_was_set_back(path: Path, left_behind: Path) -> None:
    shutil.copy(left_behind, path)
    change(path, "UPDATE runs SET host = ?, summary = '{}'", ELSEWHERE)
    with Archive.open(path, write=True, clock=lambda: NOON - timedelta(days=365)) as archive:
        archive.claim_job("courier")


def test_the_lock_leaves_nothing(archive: Archive, path: Path) -> None:
    with archive.due_lock(), pytest.raises(AlreadyRunning), archive.due_lock():
        pytest.fail("two at once")
    with pytest.raises(ZeroDivisionError), archive.due_lock():
        raise ZeroDivisionError
    with archive.due_lock():
        pass
    assert rows(path, "SELECT * FROM runs") == []


def test_what_a_removed_job_found_stays(archive: Archive, path: Path) -> None:
    job = add(archive)
    run = archive.claim_job("courier")
    queue = archive.crawl_queue(job_id=job, run_id=run, owner="x:1:a")
    queue.add_source("https://example.com/feed", "feed")
    archive.finish_job_run(run, "done", {"new": 1}, next_at=None)
    states = {"waiting": 0, "taken": 0, "done": 1, "failed": 0}
    for number, (state, visits) in enumerate([*states.items(), ("waiting", 2)]):
        change(
            path,
            "INSERT INTO frontier (url, found_url, host, site, job_id, found_at, sorted_at, depth, state, visits)"
            " VALUES (?1, ?1, 'example.com', 'example.com', ?2, '2026', '2026', 0, ?3, ?4)",
            f"https://example.com/{number}",
            job,
            state,
            visits,
        )
    archive.remove_job("courier")
    assert archive.jobs() == []
    assert rows(path, "SELECT state, reason FROM frontier ORDER BY id") == [
        ("skipped", "job_removed"),
        ("skipped", "job_removed"),
        ("done", None),
        ("failed", None),
        ("done", None),
    ]
    assert rows(path, "SELECT job_id, state FROM runs") == [(None, "done")]
    assert rows(path, "SELECT count(*) FROM sources") == [(1,)]
    assert archive.job_of_run(run) is None
    assert rows(path, "PRAGMA foreign_key_check") == []
    with pytest.raises(NotInArchive):
        archive.remove_job("courier")


@pytest.mark.parametrize("column", ["starts", "options"])
def test_a_row_that_was_damaged(archive: Archive, path: Path, column: str) -> None:
    add(archive)
    change(path, f"UPDATE jobs SET {column} = '5'")
    with pytest.raises(ArchiveError, match="cannot be read"):
        archive.jobs()
    archive.remove_job("courier")
    assert archive.jobs() == []


def test_what_a_process_says_of_itself(python) -> None:
    mark, here = mark_of_this_process(), socket.gethostname()
    boot, space, began = mark.split("/")
    assert may_be_alive(here, os.getpid(), mark)
    assert not may_be_alive(here, os.getpid(), f"{boot}/{space}/{int(began) - 1}")
    assert not may_be_alive(here, os.getpid(), f"of-before/{space}/{began}")
    assert may_be_alive(ELSEWHERE, os.getpid(), f"of-before/{space}/{began}")
    assert may_be_alive(here, 2**22 + 1, f"{boot}/pid:[1]/{began}")
    assert is_within_sight(here, mark)
    assert is_within_sight(here)
    assert is_within_sight(here, f"of-before/{space}/{began}")
    assert not is_within_sight(ELSEWHERE)
    assert not is_within_sight(ELSEWHERE, f"of-before/{space}/{began}")
    assert not is_within_sight(here, f"{boot}/pid:[1]/{began}")
    ended = python("from scraper.store.processes import mark_of_this_process as m; print(m(), flush=True)")
    said = ended.stdout.readline().strip()
    os.waitid(os.P_PID, ended.pid, os.WEXITED | os.WNOWAIT)  # it is over, and still listed
    assert not may_be_alive(here, ended.pid, said)
