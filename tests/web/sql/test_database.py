"""What users are told, and what the server's own connections may do."""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import pytest
import uvicorn
from datasette.database import QueryInterrupted
from datasette.views.base import DatasetteError

from scraper.capture import Capture, Hop
from scraper.store import Archive
from scraper.web.sql import AnalystDatabase, CancelDeparted, StatementInterrupted
from scraper.web.sql.database import StatementError
from scraper.web.sql.process import Limits
from tests.web.sql.conftest import ENDLESS, ONE_STEP, serving
from tests.web.sql.test_pool import lives, wait_until

BIG = "WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT zeroblob(1000000) FROM c"


@pytest.fixture(scope="module")
def short(archive: Path) -> Iterator[AnalystDatabase]:
    """With little time."""
    with serving(archive, seconds=0.1) as database:
        yield database


def get(database: AnalystDatabase, path: str, **params: str) -> tuple[int, str]:
    response = asyncio.run(database.ds.client.get(path, params=params))
    return response.status_code, response.text


def test_json_says_what_happened(short: AnalystDatabase, database: AnalystDatabase) -> None:
    for sql in (ENDLESS, ONE_STEP):
        status, text = get(short, "/archive.json", sql=sql)
        assert (status, "took longer than 0.1 s and was stopped" in text) == (400, True), text
    for sql, said in {
        BIG: "The result is larger than 16 MiB or 50,000 values",
        "SELECT zeroblob(100000000)": "longer than 16 MiB",
        "SELECT load_extension('x')": "this one wants to call the function load_extension",
        "SELECT unknown": "no such column: unknown",
    }.items():
        status, text = get(database, "/archive.json", sql=sql)
        assert (status, said in text) == (400, True), text


def test_so_does_the_page_and_keeps_the_statement(short: AnalystDatabase) -> None:
    status, text = get(short, "/archive", sql=ENDLESS)
    assert status == 400
    assert "The statement took longer than 0.1 s and was stopped" in text
    assert "UNION ALL SELECT n + 1 FROM c" in text


def test_so_does_the_page_of_a_table(short: AnalystDatabase, database: AnalystDatabase) -> None:
    status, text = get(short, "/archive/articles", _where=f"({ENDLESS})")
    assert (status, "SQL query took too long" in text) == (400, True)
    status, text = get(database, "/archive/articles.json", _where="load_extension('x')")
    assert (status, "call the function load_extension" in text) == (400, True)


def test_a_table_of_comma_separated_values_is_not_empty_without_a_reason(
    short: AnalystDatabase, database: AnalystDatabase
) -> None:
    import httpx

    async def ask(sql: str, asked: AnalystDatabase = database) -> httpx.Response:
        transport = httpx.ASGITransport(CancelDeparted(asked.ds.app()))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return await client.get("/archive.csv", params={"sql": sql})

    response = asyncio.run(ask(ENDLESS, short))
    assert (response.status_code, "took longer than" in response.text) == (400, True), response.text
    for sql, said in {
        BIG: "larger than 16 mib",
        "SELECT no": "no such column",
    }.items():  # as a sentence or after a title
        response = asyncio.run(ask(sql))
        assert (response.status_code, said in response.text.lower()) == (400, True), response.text
    assert asyncio.run(ask("SELECT 1 AS a")).text == "a\r\n1\r\n"


def test_parts_of_a_page_that_are_too_costly_are_left_out(short: AnalystDatabase, database: AnalystDatabase) -> None:
    with pytest.raises(QueryInterrupted):
        asyncio.run(short.execute(BIG, truncate=False, custom_time_limit=90))
    with pytest.raises(StatementError, match="The result is larger") as raised:
        asyncio.run(database.execute(BIG, truncate=True))
    assert not isinstance(raised.value, StatementInterrupted)


def test_a_limit_of_its_own_can_only_be_shorter(short: AnalystDatabase) -> None:
    for limit, said in ((20, "0.02 s"), (100_000, "0.1 s"), (-5, "0.001 s")):
        with pytest.raises(StatementInterrupted, match=said):
            asyncio.run(short.execute(ENDLESS, custom_time_limit=limit))


def test_no_setting_gives_more_than_two_seconds() -> None:
    assert Limits().seconds + Limits().grace < 2


def test_too_many_statements(archive: Path) -> None:
    async def ask(database: AnalystDatabase) -> None:
        busy = [asyncio.ensure_future(database.execute(ENDLESS, truncate=True)) for _ in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(DatasetteError, match="Too many statements are running") as raised:
            await database.execute("SELECT 1", truncate=True)
        assert raised.value.status == 503
        with pytest.raises(QueryInterrupted):
            await database.execute("SELECT 1")
        assert (await database.ds.client.get("/archive.json?sql=select+1")).status_code == 503
        for task in busy:
            task.cancel()
        await asyncio.wait(busy)

    with serving(archive, children=1, waiting=1) as database:
        asyncio.run(ask(database))


def test_values_that_sqlite_does_not_take(database: AnalystDatabase) -> None:
    for value, said in ((2**70, "too large"), ({1}, "type set"), ("\ud800", "surrogates")):
        with pytest.raises(StatementError, match=said):
            asyncio.run(database.execute("SELECT ?", [value]))
    values = [None, True, 1.5, "ї", b"\0", -(2**63)]
    assert list(asyncio.run(database.execute("SELECT ?, ?, ?, ?, ?, ?", values)).rows[0]) == values
    named = asyncio.run(database.execute("SELECT :bytes AS a", {"bytes": 3, "unused": "x"}))
    assert named.single_value() == 3


@pytest.mark.parametrize(
    "sql", ["ATTACH ':memory:' AS m", "DELETE FROM captures", "SELECT load_extension('x')", "PRAGMA query_only = OFF"]
)
def test_connections_of_the_server_cannot_do_it_either(database: AnalystDatabase, sql: str) -> None:
    with pytest.raises(sqlite3.DatabaseError, match=r"authoriz|prohibited"):
        asyncio.run(database.execute_fn(lambda connection: connection.execute(sql).fetchall()))


def test_nothing_is_written_by_datasette(database: AnalystDatabase) -> None:
    with pytest.raises(sqlite3.OperationalError, match="only read"):
        asyncio.run(database.execute_write("DELETE FROM captures"))
    with pytest.raises(sqlite3.OperationalError, match="only read"):
        database.connect(write=True)


def test_what_is_stored_meanwhile_is_there(archive: Path, tmp_path: Path) -> None:
    copy = tmp_path / "with space # and % and ?.db"
    copy.write_bytes(archive.read_bytes())

    def count() -> int:
        return int(asyncio.run(database.execute("SELECT count(*) FROM captures")).single_value())

    with serving(copy) as database:
        before = count()
        hop = Hop(url="http://new.example/", status=200, headers=())
        with Archive.open(copy, write=True) as writer:
            for number in range(3):
                at = replace(hop, url=f"http://new.example/{number}")
                writer.add_capture(Capture(url=at.url, fetched_at=datetime.now(UTC), hops=(at,), body=b"new"))
                assert count() == before + number + 1


def test_a_client_that_goes_away_frees_its_child(archive: Path) -> None:
    async def go_away(port: int) -> int:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(f"GET /archive.json?sql={quote(ENDLESS)} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        await writer.drain()
        await asyncio.to_thread(wait_until, lambda: database.statements.pids)
        await asyncio.sleep(0.2)
        [pid] = database.statements.pids
        writer.close()
        await writer.wait_closed()
        return pid

    with serving(archive, seconds=60.0, children=1) as database:
        config = uvicorn.Config(CancelDeparted(database.ds.app()), port=0, log_level="error", lifespan="off", ws="none")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run)
        thread.start()
        wait_until(lambda: server.started)
        pid = asyncio.run(go_away(server.servers[0].sockets[0].getsockname()[1]))
        wait_until(lambda: not lives(pid))
        assert asyncio.run(database.execute("SELECT 1")).single_value() == 1
        server.should_exit = True
        thread.join()


def test_an_archive_where_nothing_can_be_written(archive: Path, tmp_path: Path) -> None:
    copy = tmp_path / "archive.db"
    copy.write_bytes(archive.read_bytes())
    command = ["chattr", "+i", tmp_path] if os.geteuid() == 0 else ["chmod", "a-w", tmp_path]
    if shutil.which(command[0]) is None or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("running as root on a file system without immutable files")
    try:
        with serving(copy) as database:
            for _ in range(2):
                assert asyncio.run(database.execute("SELECT count(*) FROM captures")).single_value() == 20
    finally:
        subprocess.run(["chattr", "-i", tmp_path] if os.geteuid() == 0 else ["chmod", "u+w", tmp_path], check=True)


def test_an_archive_that_is_gone_is_told(archive: Path, tmp_path: Path) -> None:
    with serving(tmp_path / "none.db") as database, pytest.raises(StatementError, match="There is no archive at"):
        asyncio.run(database.execute("SELECT 1"))


def test_what_only_a_hub_may_know_reads_as_null(archive: Path, tmp_path: Path) -> None:
    copied = tmp_path / "archive.db"
    shutil.copy(archive, copied)
    with sqlite3.connect(copied) as db:
        db.execute(
            "INSERT INTO websub_subscriptions (topic, hub, callback, token, secret, state, made_at, next_at)"
            " VALUES ('a topic', 'a hub', 'the callback', 'the token', 'the secret', 'active', '', '')"
        )
    with serving(copied) as database:
        status, text = get(database, "/archive.json", sql="SELECT * FROM websub_subscriptions WHERE topic = 'a topic'")
        assert (status, "a hub" in text, "the " in text) == (200, True, False)
        _, text = get(database, "/archive/websub_subscriptions.json")
        assert ("a hub" in text, "the secret" in text) == (True, False)
