"""Statements of strangers: each is refused or stopped, touches no file, and leaves the next one unharmed."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.hostile_sql import MOST_MEMORY, run
from benchmarks.hostile_statements import HOSTILE, Hostile
from scraper.web.sql import AnalystDatabase
from tests.web.sql.conftest import serving

HOWEVER_BUSY_THE_MACHINE_IS = 10.0
"""Seconds. What ends a statement is a process that is killed after 0.45."""


@pytest.fixture(scope="module")
def exposed(archive: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AnalystDatabase]:
    copy = tmp_path_factory.mktemp("exposed") / "archive.db"
    shutil.copyfile(archive, copy)
    with serving(copy, seconds=0.25) as database:
        asyncio.run(database.execute("SELECT 1"))
        yield database


def test_there_are_many_and_each_has_a_name() -> None:
    assert len({hostile.name for hostile in HOSTILE}) == len(HOSTILE) > 100


@pytest.mark.parametrize("hostile", HOSTILE, ids=[hostile.name for hostile in HOSTILE])
def test_it_ends_and_touches_nothing(exposed: AnalystDatabase, hostile: Hostile) -> None:
    outcome = asyncio.run(run(exposed, hostile, Path(exposed.path).parent))
    # Where the machine has other work, time is up before another limit is met.
    assert outcome.end in hostile.ends | ({"time"} if hostile.ends.isdisjoint({"refused", "sql"}) else set())
    assert not outcome.touched
    assert outcome.peak < MOST_MEMORY
    assert outcome.seconds < HOWEVER_BUSY_THE_MACHINE_IS


def test_the_system_holds_the_limits_too(exposed: AnalystDatabase) -> None:
    asyncio.run(exposed.execute("SELECT 1"))
    for pid in exposed.statements.pids:
        limits = Path(f"/proc/{pid}/limits").read_text()
        soft = {line[:26].strip(): line[26:47].strip() for line in limits.splitlines()}
        assert soft["Max file size"] == "0"
        assert soft["Max core file size"] == "0"
        assert soft["Max processes"] == "0"
        assert int(soft["Max open files"]) < 20
        assert int(soft["Max address space"]) < MOST_MEMORY
        assert int(soft["Max cpu time"]) < 600
        # Nothing of the environment, in which there may be secrets.
        assert Path(f"/proc/{pid}/environ").read_bytes() in (b"", b"LC_CTYPE=C.UTF-8\0")
