"""Stopped in the middle: what was reported is kept, nothing is left running, and the same command does the rest."""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import select
import signal
import subprocess
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.cli.running import LIMIT, Scrape, processes_of, wait_until
from tests.http_server import HttpServer, Request, Script, head

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processes are looked for in /proc")

Start = Callable[..., subprocess.Popen[str]]


def slow(pause: float) -> Script:
    """A page that takes its time; which one, its host says."""

    async def script(request: Request, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(pause)
        name = (request.header("Host") or "").partition(".")[0]
        page = (
            f"<meta property=og:type content=article><title>Ferry returns to {name}</title>"
            f"<article><h1>Ferry returns to {name}</h1>"
            f"<p>The ferry company of {name} said on Tuesday that its boats would sail again from Monday morning.</p>"
            "<p>They had been kept in port for three weeks by a strike of the engineers, who wanted a second crew.</p>"
            "<p>The first boat leaves at six, and the fare, the company said, would be that of last year.</p>"
            "</article>"
        )
        writer.write(head() + page.encode())
        await writer.drain()

    return script


@pytest.fixture
def slow_server() -> Iterator[HttpServer]:
    with HttpServer() as running:
        running.script("/story", slow(0.05))
        yield running


@pytest.fixture
def folder(tmp_path: Path, slow_server: HttpServer) -> Iterator[Scrape]:
    # A process that is killed leaves its temporary files. (The name is short because sockets will be in it.)
    with tempfile.TemporaryDirectory(prefix="scrape-") as temporary:
        yield Scrape(tmp_path, slow_server.port, {"TMPDIR": temporary})


@pytest.fixture
def start(folder: Scrape) -> Iterator[Start]:
    started: list[subprocess.Popen[str]] = []

    def run(*arguments: object) -> subprocess.Popen[str]:
        process = folder.start(*arguments)
        started.append(process)
        return process

    yield run
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


def hosts(scrape: Scrape, count: int) -> list[str]:
    urls = [f"http://host-{number}.example/story" for number in range(count)]
    (scrape.folder / "urls.txt").write_text("\n".join(urls) + "\n")
    return urls


def stop(process: subprocess.Popen[str], after: int, send: Callable[[], None]) -> tuple[list[dict[str, Any]], str]:
    """Let it report `after` pages, then `send` a signal: every page it reported, and what it said."""
    assert process.stdout is not None
    reported = [process.stdout.readline() for _ in range(after)]
    send()
    # Not communicate(): it would miss what was read ahead.
    lines = [*reported, *process.stdout]
    assert process.stderr is not None
    err = process.stderr.read()
    process.wait(LIMIT)
    return [json.loads(line) for line in lines if line.endswith("\n")], err  # the last one may be cut off


def assert_kept(query: Any, archive: Path, reported: list[dict[str, Any]]) -> None:
    assert query(archive, "PRAGMA integrity_check") == [{"integrity_check": "ok"}]
    rows = query(archive, "SELECT captures.*, content IS NOT NULL AS stored FROM captures JOIN blobs USING (sha256)")
    kept = {row["id"]: row for row in rows}
    for row in reported:
        capture = kept[row["capture"]["id"]]
        assert (capture["url"], capture["sha256"], capture["revision"]) == (row["url"], row["capture"]["sha256"], 1)
        assert capture["stored"]
    articles = {row["url"]: row["headline"] for row in query(archive, "SELECT url, headline FROM articles")}
    assert {row["url"]: row["headline"] for row in reported}.items() <= articles.items()


def assert_once_each(query: Any, archive: Path, urls: list[str]) -> None:
    captures = query(archive, "SELECT url, status, extracted_at, extraction_error FROM captures")
    assert Counter(row["url"] for row in captures) == dict.fromkeys(urls, 1)
    assert all(row["status"] == 200 and row["extracted_at"] and not row["extraction_error"] for row in captures)
    assert query(archive, "SELECT count(*) AS n FROM articles WHERE verdict = 'ok'") == [{"n": len(urls)}]
    assert query(archive, "PRAGMA integrity_check") == [{"integrity_check": "ok"}]


@dataclass(frozen=True)
class End:
    """A way to end a run of `pages` pages after `reported` of them."""

    signal: signal.Signals
    code: int
    pages: int
    reported: int


@pytest.mark.parametrize(
    "end",
    [End(signal.SIGINT, 130, 100, 20), End(signal.SIGTERM, 143, 100, 20), End(signal.SIGKILL, -signal.SIGKILL, 40, 8)],
    ids=lambda end: end.signal.name,
)
def test_in_the_middle(folder: Scrape, slow_server: HttpServer, start: Start, query: Any, end: End) -> None:
    urls = hosts(folder, end.pages)
    archive = folder.folder / "archive.db"
    process = start("url", "-i", "urls.txt")
    reported, err = stop(process, end.reported, lambda: process.send_signal(end.signal))
    assert process.returncode == end.code
    assert end.reported <= len(reported) < end.pages
    if end.signal is not signal.SIGKILL:
        assert err.splitlines() == [
            "scrape: stopped",
            "  why:  what was committed is kept; the same command again does the rest",
        ]
    assert wait_until(lambda: not processes_of(process.pid)), f"left running: {processes_of(process.pid)}"
    assert_kept(query, archive, reported)
    before = {row["url"] for row in query(archive, "SELECT url FROM captures")}

    asked = len(slow_server.pages_asked)
    said = folder("url", "-i", "urls.txt")
    assert said.code == 0
    assert f"going on with an interrupted run: {len(before)} of {end.pages} pages are done already" in said.err
    assert {row["url"] for row in said.rows} == set(urls) - before
    assert len(slow_server.pages_asked) - asked == end.pages - len(before)
    assert_once_each(query, archive, urls)
    assert query(archive, "SELECT count(*) AS n FROM runs WHERE state = 'done'") == [{"n": 1}]


def test_at_the_end_while_the_rows_are_printed(
    folder: Scrape, slow_server: HttpServer, start: Start, query: Any
) -> None:
    """As JSON and CSV they are printed when all pages are there: then nothing is left to be fetched."""
    urls = hosts(folder, 24)
    process = start("url", "-i", "urls.txt", "-f", "json")
    assert process.stdout is not None
    fcntl.fcntl(process.stdout, fcntl.F_SETPIPE_SZ, 4096)  # smaller than what is printed, so that it is waited for
    select.select([process.stdout], [], [], LIMIT)
    process.kill()
    process.wait(LIMIT)
    asked = len(slow_server.pages_asked)
    assert asked == len(urls)
    said = folder("url", "-i", "urls.txt", "-f", "json")
    assert (said.code, said.out.strip()) == (0, "[]")
    assert "24 of 24 pages are done already" in said.err
    assert len(slow_server.pages_asked) == asked
    assert_once_each(query, folder.folder / "archive.db", urls)
    assert query(folder.folder / "archive.db", "SELECT state FROM runs") == [{"state": "done"}]


def test_ctrl_c_on_a_terminal_reaches_every_process(
    folder: Scrape, slow_server: HttpServer, start: Start, query: Any
) -> None:
    """A terminal sends SIGINT to the whole group: the workers leave it to their parent. Then all is fetched again."""
    urls = hosts(folder, 12)
    archive = folder.folder / "archive.db"
    process = start("url", "-i", "urls.txt", "--concurrency", "1")
    reported, err = stop(process, 4, lambda: os.killpg(process.pid, signal.SIGINT))
    assert process.returncode == 130
    assert 4 <= len(reported) < 12
    assert "Traceback" not in err
    assert "KeyboardInterrupt" not in err
    assert wait_until(lambda: not processes_of(process.pid)), f"left running: {processes_of(process.pid)}"
    assert_kept(query, archive, reported)

    said = folder("url", "-i", "urls.txt", "--restart")
    assert said.code == 0
    assert "going on" not in said.err
    assert {row["url"] for row in said.rows} == set(urls)
    states = {row["url"]: row["state"] for row in said.rows}
    assert all(states[row["url"]] == "unchanged" for row in reported)
    once = query(archive, "SELECT url FROM captures GROUP BY url HAVING count(*) = 1")
    assert {row["url"] for row in once}.isdisjoint(row["url"] for row in reported)


def test_one_page_given_up(folder: Scrape, slow_server: HttpServer, start: Start, query: Any) -> None:
    slow_server.script("/never", slow(60))
    process = start("url", "http://host.example/never")
    assert wait_until(lambda: slow_server.seen("/never"), seconds=LIMIT)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=LIMIT)
    assert (process.returncode, out, err) == (130, "", "scrape: stopped\n")
    assert wait_until(lambda: not processes_of(process.pid))
    assert query(folder.folder / "archive.db", "SELECT state FROM runs") == [{"state": "interrupted"}]
