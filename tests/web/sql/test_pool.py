"""Children that are killed, that die, that are too many, that nobody waits for any more."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from scraper.web.sql import AnalystDatabase, Limits
from scraper.web.sql.pool import Pool, PoolBusy
from scraper.web.sql.process import Statement, StatementFailed
from tests.web.sql.conftest import ENDLESS, ONE_STEP

LIMITS = Limits(seconds=60, children=1, waiting=3)
PATIENCE = 10.0
"""Seconds for what should be there at once, on a machine that has other work."""


@pytest.fixture
def wal(tmp_path: Path) -> Path:
    path = tmp_path / "small.db"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE t (a)")
    return path


@pytest.fixture
def anchor(wal: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(wal, isolation_level=None, check_same_thread=False)) as connection:
        connection.execute("INSERT INTO t VALUES (1)")
        yield connection


@pytest.fixture
def pool(wal: Path, anchor: sqlite3.Connection) -> Iterator[Pool]:
    with closing(Pool(lambda again: f"{wal.as_uri()}?mode=ro", LIMITS)) as pool:
        yield pool


def rows(pool: Pool, sql: str, seconds: float = 30.0) -> list[tuple[object, ...]]:
    return pool.submit(Statement(sql=sql, seconds=seconds)).future.result(PATIENCE)


def failure(pool: Pool, sql: str, seconds: float = 30.0) -> str:
    with pytest.raises(StatementFailed) as raised:
        rows(pool, sql, seconds)
    return raised.value.kind


def wait_until(true: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.01)


def lives(pid: int) -> bool:
    """Zombies do not."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def test_nothing_is_started_before_it_is_needed(pool: Pool) -> None:
    assert pool.pids == []
    assert pool.submit(Statement(sql="SELECT a FROM t")).future.result(PATIENCE).rows == [(1,)]
    [pid] = pool.pids
    rows(pool, "SELECT 1")
    assert pool.pids == [pid]


def test_one_that_looks_at_the_clock_lives_on(pool: Pool) -> None:
    rows(pool, "SELECT 1")
    before = pool.pids
    assert failure(pool, ENDLESS, seconds=0.05) == "time"
    assert pool.pids == before


def test_one_that_does_not_is_killed_and_replaced(pool: Pool) -> None:
    rows(pool, "SELECT 1")
    [before] = pool.pids
    assert failure(pool, ONE_STEP, seconds=0.05) == "time"
    assert not lives(before)
    assert rows(pool, "SELECT a FROM t")
    assert pool.pids != [before]


def test_one_that_took_much_memory_is_replaced(pool: Pool) -> None:
    rows(pool, "SELECT 1")
    [before] = pool.pids
    held = "WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c LIMIT {}) SELECT max(r) FROM (SELECT "
    held = held + "randomblob(1000000) AS r FROM c ORDER BY 1)"
    assert failure(pool, held.format(400)) == "memory"
    assert not lives(before)
    assert rows(pool, "SELECT a FROM t")


def test_the_death_of_a_child_is_told_and_survived(pool: Pool) -> None:
    task = pool.submit(Statement(sql=ENDLESS, seconds=30))
    wait_until(lambda: pool.pids)
    time.sleep(0.2)
    os.kill(pool.pids[0], signal.SIGSEGV)
    with pytest.raises(StatementFailed, match="by signal 11") as raised:
        task.future.result(PATIENCE)
    assert raised.value.kind == "died"
    # One that died while it had nothing to do is nobody's concern.
    rows(pool, "SELECT 1")
    [idle] = pool.pids
    os.kill(idle, signal.SIGKILL)
    wait_until(lambda: not lives(idle))
    assert rows(pool, "SELECT a FROM t")


def test_an_idle_child_ends_by_itself(wal: Path, anchor: sqlite3.Connection) -> None:
    limits = replace(LIMITS, idle_seconds=0.05)
    with closing(Pool(lambda again: f"{wal.as_uri()}?mode=ro", limits)) as pool:
        for _ in range(3):
            assert rows(pool, "SELECT a FROM t")
            [pid] = pool.pids
            wait_until(lambda pid=pid: not lives(pid))


def test_who_comes_first_is_served_first_and_too_many_are_turned_away(pool: Pool) -> None:
    first = pool.submit(Statement(sql=ENDLESS, seconds=30))
    served: list[int] = []
    waiting = [pool.submit(Statement(sql=f"SELECT {n}")) for n in range(3)]
    for number, task in enumerate(waiting):
        task.future.add_done_callback(lambda _, number=number: served.append(number))
    with pytest.raises(PoolBusy):
        pool.submit(Statement(sql="SELECT 4"))
    waiting[1].cancel()
    assert pool.submit(Statement(sql="SELECT 5"))  # in its place
    first.cancel()
    assert waiting[2].future.result(PATIENCE).rows == [(2,)]
    assert served == [1, 0, 2]
    wait_until(lambda: rows(pool, "SELECT 1"))


def test_a_statement_that_is_cancelled_is_killed(pool: Pool) -> None:
    for sql in (ENDLESS, ONE_STEP):
        task = pool.submit(Statement(sql=sql, seconds=30))
        wait_until(lambda task=task: task.future.running() and pool.pids)
        time.sleep(0.1)
        [pid] = pool.pids
        task.cancel()
        wait_until(lambda pid=pid: not lives(pid))
        with pytest.raises(CancelledError):
            task.future.result(PATIENCE)
        assert rows(pool, "SELECT a FROM t")


def test_it_closes_while_statements_run(wal: Path, anchor: sqlite3.Connection) -> None:
    pool = Pool(lambda again: f"{wal.as_uri()}?mode=ro", LIMITS)
    tasks = [pool.submit(Statement(sql=ENDLESS, seconds=30)) for _ in range(3)]
    wait_until(lambda: pool.pids)
    [pid] = pool.pids
    pool.close()
    assert not lives(pid)
    for task in tasks:
        with pytest.raises((StatementFailed, CancelledError)):
            task.future.result(PATIENCE)


def test_files_that_a_reader_needs_are_made_by_somebody_else(wal: Path) -> None:
    """A child may write no byte: where the write-ahead log is not in order, it says so and is asked again."""
    asked: list[bool] = []
    with closing(sqlite3.connect(":memory:")) as nothing:
        connections = [nothing]

        def address(again: bool) -> str:
            asked.append(again)
            if again:
                connections.append(sqlite3.connect(wal, check_same_thread=False))
                connections[-1].execute("SELECT * FROM t").fetchall()
            return f"{wal.as_uri()}?mode=ro"

        with closing(Pool(address, LIMITS)) as pool:
            assert pool.submit(Statement(sql="SELECT count(*) FROM t")).future.result(PATIENCE).rows == [(0,)]
        for connection in connections:
            connection.close()
    assert asked == [False, True]


def test_what_cannot_be_opened_is_told(tmp_path: Path) -> None:
    with closing(Pool(lambda again: f"{(tmp_path / 'none.db').as_uri()}?mode=ro", LIMITS)) as pool:
        assert failure(pool, "SELECT 1") == "unreadable"
    assert list(tmp_path.iterdir()) == []
    other = tmp_path / "other.db"
    other.write_bytes(b"not a database, though it is long enough to be one" * 100)
    with closing(Pool(lambda again: f"{other.as_uri()}?mode=ro", LIMITS)) as pool:
        assert failure(pool, "SELECT 1") == "sql"


def test_statements_keep_no_transaction_open(pool: Pool, wal: Path, anchor: sqlite3.Connection) -> None:
    many = "WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT n, (SELECT a FROM t) FROM c"
    answer = pool.submit(Statement(sql=many, rows=5)).future.result(PATIENCE)
    assert (len(answer.rows), answer.truncated) == (5, True)
    assert failure(pool, ENDLESS, seconds=0.05) == "time"
    assert failure(pool, "SELECT nothing FROM t") == "sql"
    anchor.execute("INSERT INTO t VALUES (2)")
    # All of the log was written back, and its file emptied: nobody reads from it.
    assert anchor.execute("PRAGMA wal_checkpoint (TRUNCATE)").fetchone() == (0, 0, 0)
    assert wal.with_name("small.db-wal").stat().st_size == 0
    assert pool.submit(Statement(sql="SELECT a FROM t ORDER BY a")).future.result(PATIENCE).rows == [(1,), (2,)]


def test_the_writer_goes_on_beside_a_statement(pool: Pool, anchor: sqlite3.Connection) -> None:
    task = pool.submit(Statement(sql=ENDLESS.replace("FROM c", "FROM c, t", 1), seconds=30))
    wait_until(lambda: pool.pids)
    for number in range(100):
        anchor.execute("INSERT INTO t VALUES (?)", (number,))
    anchor.execute("ALTER TABLE t ADD COLUMN b")
    assert not task.future.done()
    task.cancel()
    assert pool.submit(Statement(sql="SELECT count(*), max(b) FROM t")).future.result(PATIENCE).rows == [(101, None)]


def test_children_end_with_their_parent(wal: Path, anchor: sqlite3.Connection) -> None:
    script = f"""
from scraper.web.sql.pool import Pool
from scraper.web.sql.process import Limits, Statement
pool = Pool(lambda again: {f"{wal.as_uri()}?mode=ro"!r}, Limits(seconds=60, children=2))
pool.submit(Statement(sql="SELECT 1")).future.result()
busy = pool.submit(Statement(sql={ONE_STEP!r}, seconds=1.0, rows=1))
pool.submit(Statement(sql="SELECT 1")).future.result()
print(*pool.pids, flush=True)
busy.future.result()
"""
    # Killed, it cannot end its children: one of them is in the middle of a step of an hour.
    parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    with parent:
        assert parent.stdout is not None
        pids = [int(pid) for pid in parent.stdout.readline().split()]
        parent.kill()
    assert len(pids) == 2
    wait_until(lambda: not any(map(lives, pids)))


def test_pages_do_not_wait_for_statements(database: AnalystDatabase) -> None:
    async def ask() -> None:
        endless = [asyncio.ensure_future(database.execute(ENDLESS)) for _ in range(database.limits.children)]
        await asyncio.sleep(0.2)
        waiting = asyncio.ensure_future(database.execute("SELECT 1"))
        assert "articles" in await database.view_names()
        assert await database.primary_keys("captures") == ["id"]
        assert await database.execute_fn(lambda connection: connection.execute("SELECT 2").fetchone()[0]) == 2
        assert not any(task.done() for task in (*endless, waiting))
        for task in endless:
            task.cancel()
        assert (await waiting).rows[0][0] == 1

    asyncio.run(ask())
