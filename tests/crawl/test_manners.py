"""Manners, seen from the server: pauses, patience, and that two runs on one archive are as polite as one."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections import defaultdict
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from scraper.capture import Capture, Failure, Hop, Timings
from scraper.crawl import Outcome, archive_pages
from scraper.crawl.manners import FIRST_REST, LONGEST_PACE, LONGEST_REST, is_passing, judged, retry_after
from scraper.settings import FetchSettings
from scraper.store import Archive, HostState
from tests.crawl.test_pipeline import ReadsAtOnce
from tests.http_server import HttpServer, Request, Script, head

NOON = datetime(2024, 5, 3, 12, tzinfo=UTC)


def answer(status: int | None = 200, *, took: float = 0.1, failure: str | None = None, **headers: str) -> Capture:
    pairs = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return Capture(
        url="http://n.example/",
        fetched_at=NOON,
        hops=() if status is None else (Hop(url="http://n.example/", status=status, headers=pairs),),
        timings=Timings(first_byte=took, total=took),
        failure=Failure(code=failure, message="") if failure else None,
    )


# What an answer says of its host


def test_all_well() -> None:
    assert judged(HostState(), answer(), 1.0) == (HostState(), 1.0)
    assert judged(HostState(failures=4, reason="x"), answer(404), 1.0) == (HostState(), 1.0)


def test_a_slow_server_is_given_time() -> None:
    state, pause = HostState(), 0.0
    for _ in range(10):
        state, pause = judged(state, answer(took=4.0), 1.0)
    assert pause == pytest.approx(4.0, rel=0.01)
    for _ in range(10):
        state, pause = judged(state, answer(took=0.1), 1.0)
    assert (state.pace, pause) == (0.0, 1.0)


def test_failures_in_a_row_mean_longer_and_longer_pauses_up_to_an_hour() -> None:
    state, pauses = HostState(), []
    for _ in range(20):
        state, pause = judged(state, answer(None, failure="timeout"), 1.0)
        pauses.append(pause)
    for place, wanted in enumerate([1, 2, 4, 8, FIRST_REST, 2 * FIRST_REST, 4 * FIRST_REST]):
        assert 0.79 * wanted <= pauses[place] <= 1.21 * wanted
    assert 0.79 * LONGEST_REST <= pauses[-1] <= 1.21 * LONGEST_REST
    assert state.failures == 20
    assert "last 20 answers" in (state.reason or "")
    assert len(set(pauses)) == 20  # they differ by chance, so that hosts do not come back together


@pytest.mark.parametrize("status", [429, 503])
def test_too_many_requests_halve_the_speed(status: int) -> None:
    state, pause = judged(HostState(), answer(status), 1.0)
    assert (state.pace, pause) == (2.0, 2.0)
    for _ in range(9):
        state, _ = judged(state, answer(status), 1.0)
    assert state.pace == LONGEST_PACE


@pytest.mark.parametrize(
    ("said", "date", "seconds"),
    [
        ("120", None, 120.0),
        (" 0 ", None, 0.0),
        ("Fri, 03 May 2024 12:02:00 GMT", None, 120.0),
        ("Fri, 03 May 2024 18:02:00 GMT", "Fri, 03 May 2024 18:00:00 GMT", 120.0),
        ("Fri, 03 May 2024 11:00:00 GMT", None, 0.0),
        ("soon", None, None),
        ("", None, None),
        ("-5", None, None),
        ("9" * 50, None, None),
        ("Fri, 99 May 2024 12:02:00 GMT", None, None),
    ],
)
def test_retry_after(said: str, date: str | None, seconds: float | None) -> None:
    headers = {"Retry_After": said} | ({"Date": date} if date else {})
    assert retry_after(answer(503, **headers)) == seconds
    if seconds:
        state, pause = judged(HostState(), answer(503, **headers), 1.0)
        assert pause == seconds
        assert "120 seconds" in (state.reason or "")


@pytest.mark.parametrize(
    ("capture", "passing"),
    [
        (answer(500), True),
        (answer(503), True),
        (answer(429), True),
        (answer(None, failure="connect"), True),
        (answer(None, failure="timeout"), True),
        (answer(200), False),
        (answer(403), False),
        (answer(404), False),
        (answer(501), False),
        (answer(200, failure="too_large"), False),
        (answer(None, failure="dns"), False),
        (answer(None, failure="tls"), False),
        (answer(None, failure="robots_denied"), False),
        (answer(None, failure="forbidden_address"), False),
    ],
)
def test_what_is_worth_another_try(capture: Capture, passing: bool) -> None:
    assert is_passing(capture) is passing


# Whole runs


class Log:
    """When each host was asked."""

    def __init__(self) -> None:
        self.of: dict[str, list[float]] = defaultdict(list)

    def answering(self, *statuses: int, headers: tuple[tuple[str, str], ...] = ()) -> Script:
        """Answer with one status after the other, the last of them from then on."""
        left = list(statuses)

        async def script(request: Request, writer: asyncio.StreamWriter) -> None:
            self.of[(request.header("Host") or "").partition(":")[0]].append(time.monotonic())
            status = left.pop(0) if len(left) > 1 else left[0]
            writer.write(head(status, (("Content-Type", "text/html"), *headers)) + b"<h1>News</h1>")
            await writer.drain()

        return script

    @property
    def gaps(self) -> list[float]:
        return [later - earlier for times in self.of.values() for earlier, later in pairwise(sorted(times))]


def go(urls: list[str], server: HttpServer, archive: Archive, **more: Any) -> list[Outcome]:
    base = FetchSettings(allow_private=True, connect_to=(f"::127.0.0.1:{server.port}",), delay=0.05, timeout=5.0)
    outcomes: list[Outcome] = []
    asyncio.run(
        archive_pages(
            urls,
            archive=archive,
            settings=replace(base, **more),
            pool=ReadsAtOnce(),  # type: ignore[arg-type]
            report=outcomes.append,
        )
    )
    return outcomes


STORY = "http://news.example/story"


def test_what_passes_is_tried_again(server: HttpServer, archive: Archive) -> None:
    server.script("/story", Log().answering(503, 500, 200))
    [outcome] = go([STORY], server, archive)
    assert outcome.ok
    assert [capture.status for capture in archive.captures(STORY)] == [503, 500, 200]


def test_what_does_not_pass_is_tried_no_further(server: HttpServer, archive: Archive) -> None:
    log = Log()
    server.script("/story", log.answering(500))
    server.script("/gone", log.answering(404))
    outcomes = go([STORY, "http://other.example/gone"], server, archive, retries=2)
    assert {outcome.failure.code for outcome in outcomes if outcome.failure} == {"http_500", "http_404"}
    assert {host: len(times) for host, times in log.of.items()} == {"news.example": 3, "other.example": 1}


def test_a_host_that_fails_again_and_again_is_left_alone(server: HttpServer, archive: Archive) -> None:
    log = Log()
    for page in range(20):
        server.script(f"/{page}", log.answering(500))
    outcomes = go([f"http://news.example/{page}" for page in range(20)], server, archive, delay=0.01, retries=0)
    assert len(log.of["news.example"]) == 5
    paused = [outcome for outcome in outcomes if outcome.failure and outcome.failure.code == "host_paused"]
    assert len(paused) == 15
    assert "5 answers were failures" in (paused[0].failure.message if paused[0].failure else "")
    assert archive.stats().failures == {"http_500": 5, "host_paused": 15}
    [again] = go(["http://news.example/x"], server, archive)  # the next run knows it
    assert again.failure is not None
    assert again.failure.code == "host_paused"


def test_who_asks_for_an_hour_gets_it_and_is_not_waited_for(server: HttpServer, archive: Archive) -> None:
    log = Log()
    server.script("/story", log.answering(503, headers=(("Retry-After", "3600"),)))
    began = time.monotonic()
    outcomes = go([STORY, "http://news.example/other"], server, archive)
    assert time.monotonic() - began < 4
    assert {outcome.failure.code for outcome in outcomes if outcome.failure} == {"host_paused"}
    assert len(log.of["news.example"]) == 1


def test_robots_are_asked_first_and_remembered(server: HttpServer, archive: Archive) -> None:
    server.page("/robots.txt", "User-agent: *\nDisallow: /private")
    server.page("/story", "<h1>News</h1>")
    story, secret = go([STORY, "http://news.example/private"], server, archive)
    assert story.ok
    assert secret.failure is not None
    assert secret.failure.code == "robots_denied"
    [capture] = archive.captures("http://news.example/private")
    assert (capture.error, capture.status) == ("robots_denied", None)
    assert story.capture is not None
    assert archive.capture(story.capture.id).robots == "obeyed"
    go([STORY], server, archive)
    assert [request.path for request in server.requests] == ["/robots.txt", "/story", "/story"]


def test_robots_can_be_ignored_and_every_capture_says_so(server: HttpServer, archive: Archive) -> None:
    server.page("/robots.txt", "User-agent: *\nDisallow: /")
    server.page("/story", "<h1>News</h1>")
    [outcome] = go([STORY], server, archive, ignore_robots=True)
    assert outcome.capture is not None
    assert archive.capture(outcome.capture.id).robots == "ignored"
    assert [request.path for request in server.requests] == ["/story"]


def test_the_pause_a_site_asks_for_is_kept(server: HttpServer, archive: Archive) -> None:
    log = Log()
    server.page("/robots.txt", "User-agent: *\nCrawl-delay: 0.4")
    for page in range(3):
        server.script(f"/{page}", log.answering(200))
    go([f"http://news.example/{page}" for page in range(3)], server, archive)
    assert min(log.gaps) >= 0.4


def test_the_pause_lasts_into_the_next_run(server: HttpServer, archive: Archive) -> None:
    log = Log()
    server.script("/story", log.answering(200))
    server.script("/robots.txt", log.answering(404))
    for _ in range(3):
        go([STORY], server, archive, delay=0.3)
    assert len(log.of["news.example"]) == 4
    assert min(log.gaps) >= 0.3


def test_a_host_that_many_others_redirect_to_is_not_hurried(server: HttpServer, archive: Archive) -> None:
    log = Log()
    for page in range(6):
        server.redirect(f"/short/{page}", f"http://news.example/{page}")
        server.script(f"/{page}", log.answering(200))
    server.script("/robots.txt", log.answering(404))
    urls = [f"http://short{page}.example/short/{page}" for page in range(6)]
    outcomes = go([*urls, "http://news.example/5"], server, archive, delay=0.3, timeout=1.0, concurrency=3)
    assert [outcome.failure for outcome in outcomes] == [None] * 7  # waiting is no part of the time for a page
    assert len(log.of["news.example"]) == 8  # with its robots.txt
    assert min(log.gaps) >= 0.3


def test_hosts_that_redirect_to_each_other_do_not_wait_for_ever(server: HttpServer, archive: Archive) -> None:
    for name, other in (("one", "two"), ("two", "one")):
        for page in range(3):
            server.redirect(f"/{name}/{page}", f"http://{other}.example/story")
    server.page("/story", "<h1>News</h1>")
    urls = [f"http://{name}.example/{name}/{page}" for name in ("one", "two") for page in range(3)]
    outcomes = go(urls, server, archive, concurrency=2)
    assert [outcome.failure for outcome in outcomes] == [None] * 6


def test_where_a_redirect_leads_robots_are_asked_in_a_turn_of_their_own(server: HttpServer, archive: Archive) -> None:
    server.page("/robots.txt", "User-agent: *\nDisallow: /secret")
    server.redirect("/story", "http://other.example/secret")
    server.page("/secret", "<h1>Secret</h1>")
    [outcome] = go([STORY], server, archive)
    assert outcome.failure is not None
    assert outcome.failure.code == "robots_denied"
    assert server.seen("/secret") == []


def test_waiting_for_a_turn_makes_no_host_slow() -> None:
    capture = replace(answer(), timings=Timings(asked=20.0, first_byte=20.1, total=20.2))
    assert judged(HostState(), capture, 1.0) == (HostState(), 1.0)


CRAWL = """
import asyncio, sys
from scraper.crawl import archive_pages
from scraper.settings import FetchSettings
from scraper.store import Archive
from tests.crawl.test_pipeline import ReadsAtOnce
port, delay, path, *urls = sys.argv[1:]
settings = FetchSettings(
    allow_private=True, connect_to=(f"::127.0.0.1:{port}",), delay=float(delay), timeout=2.0, concurrency=64
)
with Archive.open(path, write=True) as archive:
    asyncio.run(archive_pages(urls, archive=archive, settings=settings, pool=ReadsAtOnce()))
"""


def test_two_processes_and_one_that_is_killed_are_as_polite_as_one(server: HttpServer, tmp_path: Path) -> None:
    hosts, pages, delay = 50, 3, 0.5
    log = Log()
    server.script("/robots.txt", log.answering(404))
    for page in range(2 * pages):
        server.script(f"/{page}", log.answering(200))

    def start(first: int) -> subprocess.Popen[bytes]:
        urls = [f"http://host-{h}.example/{page}" for h in range(hosts) for page in range(first, first + pages)]
        command = [sys.executable, "-c", CRAWL, str(server.port), str(delay), str(tmp_path / "archive.db"), *urls]
        return subprocess.Popen(command, env=os.environ | {"PYTHONPATH": os.getcwd()})

    with Archive.open(tmp_path / "archive.db", write=True):
        pass
    killed, other = start(0), start(pages)
    while len(server.requests) < 2 * hosts:
        time.sleep(0.05)
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    assert other.wait(timeout=90) == 0
    assert min(log.gaps) >= delay
    with Archive.open(tmp_path / "archive.db") as archive:
        done = {capture.url for h in range(hosts) for capture in archive.captures(f"http://host-{h}.example/{pages}")}
    assert len(done) == hosts
