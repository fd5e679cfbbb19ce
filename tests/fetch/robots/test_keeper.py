"""robots.txt over real sockets: what each answer means, and that nothing is fetched without leave."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import pytest

from scraper.capture import Capture
from scraper.fetch import Fetcher
from scraper.fetch.robots import ROBOTS_SIZE, RobotsKeeper
from tests.fetch.conftest import TEST_SETTINGS
from tests.http_server import HttpServer, drip, head, raw

T = TypeVar("T")
FORBID = "User-agent: *\nDisallow: /private"
STORY, SECRET = "http://news.example/story", "http://news.example/private/x"
NOON = datetime(2024, 5, 3, 12, tzinfo=UTC)


class Site:
    """A server whose robots.txt is asked for, at a time that can be moved."""

    def __init__(self, server: HttpServer) -> None:
        self.server = server
        self.now = NOON
        server.page("/story", "<h1>News</h1>")
        server.page("/private/x", "<h1>Secret</h1>")

    def run(self, work: Callable[[Fetcher, RobotsKeeper], Awaitable[T]], timeout: float = 5.0) -> T:
        async def resolve(host: str, port: int) -> list[tuple[str, int]]:
            return [("127.0.0.1", self.server.port)]

        async def go() -> T:
            from dataclasses import replace

            settings = replace(TEST_SETTINGS, timeout=timeout)
            async with Fetcher(settings, resolver=resolve, clock=lambda: self.now) as fetcher:
                return await work(fetcher, fetcher.robots())

        return asyncio.run(go())

    def fetch(self, *urls: str, timeout: float = 5.0) -> list[Capture]:
        async def work(fetcher: Fetcher, keeper: RobotsKeeper) -> list[Capture]:
            return [await fetcher.fetch(url, permit=keeper.permit) for url in urls]

        return self.run(work, timeout)

    @property
    def asked(self) -> list[str]:
        return [request.target for request in self.server.requests]


@pytest.fixture
def site(server: HttpServer) -> Site:
    return Site(server)


def test_a_forbidden_page_is_not_asked_for(site: Site) -> None:
    site.server.page("/robots.txt", FORBID)
    story, secret = site.fetch(STORY, SECRET)
    assert story.ok
    assert secret.failure is not None
    assert secret.failure.code == "robots_denied"
    assert "Line 2 says `Disallow: /private`" in secret.failure.message
    assert (secret.url, secret.hops, secret.body) == (SECRET, (), None)
    assert site.asked == ["/robots.txt", "/story"]


def test_redirects_need_leave_too(site: Site) -> None:
    site.server.page("/robots.txt", FORBID)
    site.server.redirect("/way", "/private/x")
    [capture] = site.fetch("http://news.example/way")
    assert capture.failure is not None
    assert capture.failure.code == "robots_denied"
    assert "/private/x" not in site.asked
    assert [hop.status for hop in capture.hops] == [302]


@pytest.mark.parametrize(
    ("status", "allowed"),
    [(200, False), (204, True), (400, True), (401, True), (403, True), (404, True), (410, True), (429, True),
     (500, False), (503, False), (599, False)],
)  # fmt: skip
def test_what_a_status_means(site: Site, status: int, allowed: bool) -> None:
    site.server.page("/robots.txt", FORBID, status=status)
    [capture] = site.fetch(SECRET)
    assert capture.ok is allowed
    assert ("/private/x" in site.asked) is allowed
    if status >= 500:
        assert capture.failure is not None
        assert f"answered {status}" in capture.failure.message


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (raw(b"nonsense\r\n\r\n"), "robots_denied"),
        (raw(head(200, [("Content-Length", "100")]) + b"User-agent: *\n"), "connect"),
        (raw(b"", reset=True), "connect"),
        (drip(head(), [b"x"] * 100, pause=0.2), "timeout"),
        (raw(head(200, [("Content-Encoding", "gzip")]) + b"no gzip"), "robots_denied"),
    ],
    ids=["nonsense", "cut short", "reset", "too slow", "garbage"],
)
def test_without_an_answer_everything_is_forbidden(site: Site, answer: object, code: str) -> None:
    site.server.script("/robots.txt", answer)  # type: ignore[arg-type]
    [capture] = site.fetch(STORY, timeout=1.0)
    assert capture.failure is not None
    assert capture.failure.code == code
    assert site.asked == ["/robots.txt"] * len(site.asked)


@pytest.mark.parametrize(("hops", "allowed"), [(5, False), (6, True)])
def test_five_redirects_are_followed(site: Site, hops: int, allowed: bool) -> None:
    for number in range(hops):
        site.server.redirect("/robots.txt" if not number else f"/r{number}", f"//other.example/r{number + 1}")
    site.server.page(f"/r{hops}", FORBID)
    [capture] = site.fetch(SECRET)
    assert capture.ok is allowed


def test_a_circle_forbids_nothing(site: Site) -> None:
    site.server.redirect("/robots.txt", "/robots.txt")
    assert site.fetch(SECRET)[0].ok


def test_what_stands_beyond_the_bytes_that_are_read_is_not_there(site: Site) -> None:
    filler = "# filler\n" * (ROBOTS_SIZE // 9)
    site.server.page("/robots.txt", f"User-agent: *\nDisallow: /private\n{filler}\n\nUser-agent: *\nDisallow: /story\n")
    story, secret = site.fetch(STORY, SECRET)
    assert story.ok
    assert not secret.ok


def test_a_compressed_one_is_read_and_bounded(site: Site) -> None:
    body = gzip.compress(f"{FORBID}\n".encode() + b"#" * 50_000_000)
    site.server.page("/robots.txt", body, headers=[("Content-Encoding", "gzip")])
    story, secret = site.fetch(STORY, SECRET)
    assert story.ok
    assert not secret.ok


@pytest.mark.parametrize(
    ("headers", "fresh", "stale"),
    [
        ([], 23.9, 24.1),
        ([("Cache-Control", "public, max-age=3600")], 0.9, 1.1),
        ([("Cache-Control", "max-age=99999999")], 23.9, 24.1),
        ([("Cache-Control", "max-age=0")], 0.08, 0.09),
        ([("Cache-Control", "no-store")], 0.08, 0.09),
        ([("Expires", "Fri, 03 May 2024 14:00:00 GMT")], 1.9, 2.1),
        ([("Expires", "0")], 23.9, 24.1),
    ],
)
def test_how_long_it_is_believed(site: Site, headers: list[tuple[str, str]], fresh: float, stale: float) -> None:
    site.server.page("/robots.txt", FORBID, headers=headers)

    async def work(fetcher: Fetcher, keeper: RobotsKeeper) -> list[int]:
        counts = []
        for hours in (0.0, fresh, stale):
            site.now = NOON + timedelta(hours=hours)
            await keeper.of(STORY)
            counts.append(len(site.asked))
        return counts

    assert site.run(work) == [1, 1, 2]


def test_one_of_a_clock_that_was_ahead_is_asked_for_again(site: Site) -> None:
    """Else it would be believed for a day, and the time by which the clock has been set back."""
    site.server.page("/robots.txt", FORBID)

    async def work(fetcher: Fetcher, keeper: RobotsKeeper) -> list[int]:
        counts = []
        for hours in (24, 0, 1):
            site.now = NOON + timedelta(hours=hours)
            await keeper.of(STORY)
            counts.append(len(site.asked))
        return counts

    assert site.run(work) == [1, 2, 2]


def test_one_that_could_not_be_had_is_asked_for_again_soon(site: Site) -> None:
    site.server.page("/robots.txt", "", status=503)

    async def work(fetcher: Fetcher, keeper: RobotsKeeper) -> bool:
        await keeper.of(STORY)
        site.server.page("/robots.txt", FORBID)
        site.now += timedelta(minutes=11)
        return (await fetcher.fetch(STORY, permit=keeper.permit)).ok

    assert site.run(work)


def test_pages_that_come_together_ask_once(site: Site) -> None:
    site.server.script("/robots.txt", drip(head(), [FORBID.encode()], pause=0.2))

    async def work(fetcher: Fetcher, keeper: RobotsKeeper) -> list[Capture]:
        return list(await asyncio.gather(*(fetcher.fetch(STORY, permit=keeper.permit) for _ in range(20))))

    assert all(capture.ok for capture in site.run(work))
    assert site.asked.count("/robots.txt") == 1


def test_who_waited_and_was_cancelled_takes_nothing_from_the_others(site: Site) -> None:
    site.server.script("/robots.txt", drip(head(), [FORBID.encode()], pause=0.2))

    async def work(fetcher: Fetcher, keeper: RobotsKeeper) -> bool:
        first = asyncio.create_task(fetcher.fetch(STORY, permit=keeper.permit))
        second = asyncio.create_task(fetcher.fetch(STORY, permit=keeper.permit))
        await asyncio.sleep(0.05)
        first.cancel()
        return (await second).ok

    assert site.run(work)


def test_each_origin_has_its_own(site: Site) -> None:
    site.server.page("/robots.txt", FORBID)
    site.fetch(STORY, "http://news.example:8080/story", "http://www.news.example/story", STORY)
    assert site.asked.count("/robots.txt") == 3


def test_the_delay_a_site_asks_for_is_capped(site: Site) -> None:
    async def work(fetcher: Fetcher, keeper: RobotsKeeper) -> tuple[float, float]:
        site.server.page("/robots.txt", "User-agent: *\nCrawl-delay: 7")
        polite = keeper.delay_of(await keeper.of(STORY))
        site.server.page("/robots.txt", "User-agent: *\nCrawl-delay: 86400")
        return polite, keeper.delay_of(await keeper.of("http://other.example/"))

    assert site.run(work) == (7.0, 60.0)
