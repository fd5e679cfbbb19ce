"""Runs that stopped before their end are taken up again."""

from __future__ import annotations

import shutil
import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest

from scraper.errors import NotInArchive
from scraper.store import Archive

URLS = ["https://example.com/1", "https://example.com/2", "https://example.com/3"]
DAY = timedelta(days=1)

BEGIN = """
import sys
from datetime import datetime, timezone
from scraper.capture import Capture, Failure
from scraper.store import Archive
path, moment, *urls = sys.argv[1:]
clock = lambda: datetime.fromisoformat(moment)
with Archive.open(path, write=True, clock=clock) as archive:
    run = archive.begin_run("url", urls)
    archive.add_capture(Capture(url=urls[0], fetched_at=clock(), failure=Failure(code="dns", message="x")), run)
    print(run, flush=True)
"""


@pytest.fixture(scope="module")
def left_behind(python, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive with a run over URLS by a process that is gone, and its capture of the first."""
    path = tmp_path_factory.mktemp("runs") / "archive.db"
    process = python(BEGIN, path, "2024-07-23T10:15:00+00:00", *URLS)
    out, err = process.communicate()
    assert (out, err) == ("1\n", "")
    return path


@pytest.fixture
def killed_run(left_behind: Path, path: Path) -> int:
    """The id of such a run in this test's archive; ask for it before `archive`."""
    shutil.copy(left_behind, path)
    return 1


def test_a_run_whose_process_died_is_resumed(killed_run: int, archive: Archive, path: Path) -> None:
    assert archive.resumable_run("url", URLS, DAY) == (killed_run, frozenset(URLS[:1]))
    # Now it is this process's, and alive.
    assert archive.resumable_run("url", URLS, DAY) is None
    archive.end_run(killed_run, "done")
    assert archive.resumable_run("url", URLS, DAY) is None
    connection = sqlite3.connect(path)
    (row,) = connection.execute("SELECT state, urls, ended_at IS NOT NULL FROM runs").fetchall()
    connection.close()
    assert row == ("done", 3, 1)


def test_only_the_same_command_and_list(killed_run: int, archive: Archive) -> None:
    assert archive.resumable_run("crawl", URLS, DAY) is None
    assert archive.resumable_run("url", URLS[:2], DAY) is None
    assert archive.resumable_run("url", URLS[::-1], DAY) is None


def test_not_when_it_is_too_old(killed_run: int, archive: Archive, clock) -> None:
    clock.time += timedelta(hours=25)
    assert archive.resumable_run("url", URLS, DAY) is None
    assert archive.resumable_run("url", URLS, 2 * DAY) is not None


def test_an_interrupted_run_is_resumed_even_by_its_own_process(archive: Archive, make) -> None:
    run = archive.begin_run("url", URLS)
    assert archive.resumable_run("url", URLS, DAY) is None
    archive.add_capture(make.capture(URLS[1]), run)
    archive.end_run(run, "interrupted")
    assert archive.resumable_run("url", URLS, DAY) == (run, frozenset([URLS[1]]))


def test_only_the_latest_counts(archive: Archive) -> None:
    first = archive.begin_run("url", URLS)
    archive.end_run(first, "interrupted")
    second = archive.begin_run("url", URLS)
    archive.end_run(second, "done")
    assert archive.resumable_run("url", URLS, DAY) is None


def test_another_machine_may_still_be_at_work(killed_run: int, archive: Archive, path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("UPDATE runs SET host = 'elsewhere'")
    connection.commit()
    connection.close()
    assert archive.resumable_run("url", URLS, DAY) is None


def test_an_unknown_run(archive: Archive) -> None:
    with pytest.raises(NotInArchive):
        archive.end_run(5, "done")
