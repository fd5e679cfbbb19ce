"""`scrape crawl`, as users and timers run it: what it says, how it ends, and how it goes on after it was stopped."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.running import Said, Scrape, processes_of, wait_until
from tests.crawl.test_crawl import HOST, Clock, Outlet
from tests.http_server import HttpServer, Request, Script

ARTICLES = 30


@pytest.fixture
def outlet() -> Iterator[Outlet]:
    """A server of its own: the home page of one test is not that of another."""
    with HttpServer() as server:
        outlet = Outlet(server, Clock())
        for number in range(ARTICLES):
            outlet.publish(f"story-{number}", f"Headline of story number {number}")
        yield outlet


@pytest.fixture
def scrape(tmp_path: Path, outlet: Outlet) -> Scrape:
    return Scrape(tmp_path, outlet.server.port)


def slowly(outlet: Outlet, seconds: float) -> None:
    """Let each article take so long to come."""
    for slug in outlet.articles:
        path = f"/news/{slug}.html"
        body = outlet.server._answers[path].to_bytes()  # type: ignore[union-attr]
        outlet.server.script(path, _later(body, seconds))


def _later(body: bytes, seconds: float) -> Script:
    async def answer(_: Request, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(seconds)
        writer.write(body)
        await writer.drain()

    return answer


def stories(outlet: Outlet) -> Counter[str]:
    return Counter(request.path for request in outlet.server.requests if request.path.startswith("/news/"))


def test_in_a_pipe_each_page_is_a_row(scrape: Scrape, outlet: Outlet) -> None:
    said = scrape("crawl", f"{HOST}/", "--limit", "5")
    assert said.code == 0
    assert [row["state"] for row in said.rows] == ["new"] * 5
    assert all(row["headline"].startswith("Headline of story") for row in said.rows)
    assert f"{ARTICLES - 5} pages wait for the next run of the same command" in said.err
    assert len(scrape("list", "-f", "ndjson").rows) == 5


def test_on_a_terminal_it_shows_how_it_stands(scrape: Scrape, outlet: Outlet) -> None:
    slowly(outlet, 0.1)
    said = scrape.on_terminal("crawl", f"{HOST}/", columns=100)
    assert said.code == 0
    assert said.plain.count("new        ") >= ARTICLES
    assert " fetched (" in said.plain
    assert "site            found  new  changed  unchanged  labelled  failed  gone" in said.plain
    assert f"outlet.example     {ARTICLES}   {ARTICLES}" in said.plain


def test_the_summary_is_one_object(scrape: Scrape, outlet: Outlet) -> None:
    said = scrape("crawl", f"{HOST}/", "--log", "json", "-q")
    assert said.code == 0
    assert said.out == ""
    (event,) = [json.loads(line) for line in said.err.splitlines()]
    assert (event["event"], event["new"], event["failed"], event["stopped"]) == ("crawl", ARTICLES, 0, None)
    assert event["sites"]["outlet.example"]["new"] == ARTICLES


def test_a_job_that_is_due_runs_once_and_in_silence(scrape: Scrape, outlet: Outlet) -> None:
    assert scrape("jobs", "add", "outlet", "--site", f"{HOST}/", "--every", "1h").code == 0
    assert scrape("crawl", "--due") == Said(0, "", "", b"")
    assert len(scrape("list", "-f", "ndjson").rows) == ARTICLES
    asked = len(outlet.server.requests)
    assert scrape("crawl", "--due") == Said(0, "", "", b"")
    assert len(outlet.server.requests) == asked
    said = scrape("crawl", "outlet")
    assert said.code == 0
    assert len(outlet.server.requests) > asked


def test_what_was_named_and_cannot_be_read(scrape: Scrape, outlet: Outlet) -> None:
    said = scrape("crawl", "--feed", f"{HOST}/nowhere.xml")
    assert said.code == 4
    assert f"scrape: {HOST}/nowhere.xml could not be read (http_404)" in said.err
    said = scrape("crawl", f"{HOST}/", "--feed", f"{HOST}/nowhere.xml", "--limit", "1")
    assert said.code == 3
    assert len(said.rows) == 1


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((), "Nothing to crawl was given"),
        (("--due", f"{HOST}/"), "--due runs the jobs that are due"),
        (("daily", "--limit", "3"), "--limit is for what is named on the command line"),
        (("daily",), "No job daily"),
        ((f"{HOST}/", "--since", "yesterday"), "--since"),
        ((f"{HOST}/", "--recrawl", "often"), "--recrawl"),
        ((f"{HOST}/", "--scope", "planet"), "--scope"),
        (("ftp://outlet.example/",), "ftp"),
    ],
)
def test_what_cannot_be_meant(scrape: Scrape, outlet: Outlet, arguments: tuple[str, ...], says: str) -> None:
    said = scrape("crawl", *arguments)
    assert said.code != 0
    assert says in said.err
    assert "next:" in said.err
    assert outlet.server.requests == []


def test_another_run_of_the_same_crawl(scrape: Scrape, outlet: Outlet) -> None:
    slowly(outlet, 0.3)
    first = scrape.start("crawl", f"{HOST}/")
    try:
        assert wait_until(lambda: sum(stories(outlet).values()) > 1, seconds=30)
        said = scrape("crawl", f"{HOST}/")
        assert said.code == 5
        assert "at work" in said.err or "running" in said.err
    finally:
        os.killpg(first.pid, signal.SIGKILL)
        first.communicate()


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_stopped_at_any_moment_it_goes_on(scrape: Scrape, outlet: Outlet, how: signal.Signals) -> None:
    slowly(outlet, 0.1)
    process = scrape.start("crawl", f"{HOST}/", "-q")
    assert wait_until(lambda: sum(stories(outlet).values()) >= 8, seconds=30)
    if how is signal.SIGKILL:
        os.killpg(process.pid, how)
    else:
        process.send_signal(how)
    _, err = process.communicate(timeout=30)
    if how is not signal.SIGKILL:
        assert process.returncode == (130 if how is signal.SIGINT else 143)
        assert "what was committed is kept; the same command again goes on" in err
        assert wait_until(lambda: not processes_of(process.pid))
    said = scrape("crawl", f"{HOST}/", "-q")
    assert said.code == 0, said.err
    asked = stories(outlet)
    assert len(asked) == ARTICLES
    assert sum(count - 1 for count in asked.values()) <= 1  # the one that was on its way
    assert len(scrape("list", "--limit", "100", "-f", "ndjson").rows) == ARTICLES
    lists = Counter(request.path for request in outlet.server.requests if request.path in ("/", "/feed.xml"))
    assert lists == {"/": 1, "/feed.xml": 1}


def test_a_second_ctrl_c_does_not_wait(scrape: Scrape, outlet: Outlet) -> None:
    slowly(outlet, 20)
    process = scrape.start("crawl", f"{HOST}/", "-q")
    assert wait_until(lambda: stories(outlet), seconds=30)
    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=15)
    assert process.returncode in (130, -signal.SIGINT)
    assert wait_until(lambda: not processes_of(process.pid))
