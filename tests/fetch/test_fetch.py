"""What a capture tells about an ordinary fetch."""

from __future__ import annotations

import asyncio
import logging
import os
import subprocess
import sys
from datetime import UTC, datetime

import httpx
import pytest

from scraper.errors import ConfigError, NotAUrl, UnsupportedScheme
from scraper.fetch import Fetcher
from scraper.settings import FetchSettings
from tests.fetch.conftest import TEST_SETTINGS, Visitor
from tests.http_server import HttpServer, head, raw, stall


def test_a_page(server: HttpServer, visit: Visitor) -> None:
    server.page("/story", b"<h1>\xff\xfe</h1>", headers=[("X-B", "1"), ("x-a", "2"), ("X-B", "3")])
    capture = visit("http://news.example/story?id=1#part")
    assert capture.ok
    assert capture.failure is None
    assert capture.url == "http://news.example/story?id=1#part"
    assert capture.final_url == "http://news.example/story?id=1"
    assert capture.body == b"<h1>\xff\xfe</h1>"
    assert capture.wire_size == 11
    assert capture.http_version == "HTTP/1.1"
    assert capture.peer == f"127.0.0.1:{server.port}"
    assert len(capture.hops) == 1
    assert capture.headers == (
        ("Content-Type", "text/html"),
        ("X-B", "1"),
        ("x-a", "2"),
        ("X-B", "3"),
        ("Content-Length", "11"),
    )
    assert server.requests[0].target == "/story?id=1"


def test_timings_are_in_order(server: HttpServer, visit: Visitor) -> None:
    server.page("/", "x")
    timings = visit("http://news.example/").timings
    assert timings.resolved is not None
    assert timings.connected is not None
    assert timings.first_byte is not None
    assert timings.tls is None
    assert 0 < timings.resolved <= timings.connected <= timings.first_byte <= timings.total < 5


def test_fetched_at_is_the_clocks(server: HttpServer) -> None:
    server.page("/", "x")
    noon = datetime(2024, 7, 23, 12, 0, tzinfo=UTC)

    async def fetch() -> datetime:
        async with Fetcher(TEST_SETTINGS, clock=lambda: noon) as fetcher:
            return (await fetcher.fetch(server.url("/"))).fetched_at

    assert asyncio.run(fetch()) == noon


def test_headers_that_are_sent(server: HttpServer, visit: Visitor) -> None:
    server.page("/", "x")
    capture = visit("http://news.example/", settings={"user_agent": "bot/1", "contact": "Zoë <z@news.example>"})
    request = server.requests[0]
    assert request.headers[0] == ("Host", "news.example")
    sent_agent = request.header("user-agent")
    assert sent_agent is not None
    assert sent_agent.encode("latin-1").decode() == "bot/1 (+Zoë <z@news.example>)"
    assert request.header("accept-encoding") == "gzip, deflate, br, zstd"
    assert (request.header("accept") or "").startswith("text/html,")
    assert request.header("accept-language") is None
    assert capture.request_headers == request.headers


def test_a_callers_header_replaces_ours(server: HttpServer, visit: Visitor) -> None:
    server.page("/", "x")
    capture = visit("http://news.example/", headers={"accept": "application/rss+xml", "If-None-Match": '"1"'})
    assert [value for name, value in server.requests[0].headers if name.lower() == "accept"] == ["application/rss+xml"]
    assert ("If-None-Match", '"1"') in capture.request_headers


@pytest.mark.parametrize(
    ("name", "value"), [("X Y", "1"), ("X", "a\r\nInjected: 1"), ("Host", "other.example"), ("", "1"), ("X", "\x00")]
)
def test_headers_that_cannot_be_sent(server: HttpServer, visit: Visitor, name: str, value: str) -> None:
    with pytest.raises(ConfigError):
        visit("http://news.example/", headers={name: value})
    assert server.connections == 0


def test_a_user_agent_that_cannot_be_sent() -> None:
    with pytest.raises(ConfigError, match="User-Agent"):
        Fetcher(FetchSettings(contact="a\nb"))


def test_wrong_urls_are_the_callers_mistake(visit: Visitor) -> None:
    with pytest.raises(NotAUrl):
        visit("news.example/story")
    with pytest.raises(UnsupportedScheme):
        visit("ftp://news.example/")


@pytest.mark.parametrize("status", [404, 410, 500, 503])
def test_an_error_page_is_kept(server: HttpServer, visit: Visitor, status: int) -> None:
    server.page("/gone", "<h1>sorry</h1>", status=status)
    capture = visit("http://news.example/gone")
    assert (capture.status, capture.body, capture.failure) == (status, b"<h1>sorry</h1>", None)
    assert not capture.ok


@pytest.mark.parametrize("status", [204, 304])
def test_an_answer_without_a_body(server: HttpServer, visit: Visitor, status: int) -> None:
    server.script("/", raw(head(status, [("Content-Encoding", "gzip"), ("Content-Length", "99999999999")])))
    capture = visit("http://news.example/")
    assert (capture.status, capture.body, capture.failure) == (status, b"", None)


def test_early_answers_are_passed_over(server: HttpServer, visit: Visitor) -> None:
    server.script("/", raw(head(103, [("Link", "</a.css>")]), head(100, []), head(200) + b"page"))
    capture = visit("http://news.example/")
    assert (capture.status, capture.body) == (200, b"page")


def test_a_connection_is_kept_between_pages(server: HttpServer, visit: Visitor) -> None:
    server.page("/a", "a")
    server.page("/b", "b")
    first, second = visit.all(["http://news.example/a", "http://news.example/b"])
    assert [request.connection for request in server.requests] == [1, 1]
    assert (first.body, second.body) == (b"a", b"b")
    assert (second.timings.resolved, second.timings.connected) == (None, None)
    assert second.peer == first.peer


def test_a_kept_connection_that_has_died_costs_a_second_try_only(server: HttpServer, visit: Visitor) -> None:
    server.page("/a", "a")
    server.page("/c", "c")
    server.script("/b", raw())  # hangs up without an answer, as a server that just gave up on an idle connection
    a, b, c = visit.all(["http://news.example/a", "http://news.example/b", "http://news.example/c"])
    assert a.ok
    assert [request.connection for request in server.seen("/b")] == [1, 2]
    assert b.failure is not None
    assert b.failure.code == "connect"
    assert c.body == b"c"


def test_many_at_a_time(server: HttpServer) -> None:
    for number in range(60):
        server.page(f"/{number}", f"page {number}")

    async def resolve(host: str, port: int) -> list[tuple[str, int]]:
        return [("127.0.0.1", server.port)]

    async def fetch_all() -> list[bytes | None]:
        async with Fetcher(TEST_SETTINGS, resolver=resolve) as fetcher:
            urls = [f"http://host{number}.example/{number}" for number in range(60)]
            return [capture.body for capture in await asyncio.gather(*map(fetcher.fetch, urls))]

    assert asyncio.run(fetch_all()) == [f"page {number}".encode() for number in range(60)]


def test_cancelling_is_not_a_failed_fetch(server: HttpServer) -> None:
    server.script("/", stall())

    async def cancel() -> None:
        async with Fetcher(TEST_SETTINGS) as fetcher:
            task = asyncio.create_task(fetcher.fetch(server.url("/")))
            await asyncio.sleep(0.1)
            task.cancel()
            await task

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(cancel())


def test_the_environments_proxy_is_not_used(server: HttpServer) -> None:
    server.page("/", "direct")
    program = (
        "import asyncio, sys\n"
        "from scraper.fetch import Fetcher\n"
        "from scraper.settings import FetchSettings\n"
        "capture = asyncio.run(Fetcher(FetchSettings(allow_private=True)).fetch(sys.argv[1]))\n"
        "print(capture.body, capture.failure)\n"
    )
    dead = "http://127.0.0.1:1"
    environment = {**os.environ, "HTTP_PROXY": dead, "http_proxy": dead, "ALL_PROXY": dead, "NO_PROXY": ""}
    command = [sys.executable, "-c", program, server.url("/")]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=30, check=False)
    assert done.stdout == "b'direct' None\n", done.stderr


def test_a_transport_can_be_swapped() -> None:
    transport = httpx.MockTransport(lambda request: httpx.Response(200, text=f"mock of {request.url}"))

    async def fetch() -> tuple[bytes | None, str | None]:
        async with Fetcher(TEST_SETTINGS, transport=transport) as fetcher:
            capture = await fetcher.fetch("http://news.example/")
            return capture.body, capture.peer

    assert asyncio.run(fetch()) == (b"mock of http://news.example/", None)


def test_logs_hold_no_secrets(server: HttpServer, visit: Visitor, caplog: pytest.LogCaptureFixture) -> None:
    server.page("/", "x", headers=[("Set-Cookie", "session=topsecret")])
    with caplog.at_level(logging.DEBUG):
        visit.all(["http://user:topsecret@news.example/?token=topsecret", "http://news.example/"])
    assert len(server.requests) == 2
    assert "topsecret" not in caplog.text
