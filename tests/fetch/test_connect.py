"""Names, addresses, connect_to, and connections that fail."""

from __future__ import annotations

import asyncio
import socket
from dataclasses import replace

import pytest

from scraper.capture import Capture
from scraper.errors import ConfigError
from scraper.fetch import Fetcher
from scraper.fetch.resolve import ConnectTo, system_resolver
from scraper.settings import FetchSettings
from tests.fetch.conftest import TEST_SETTINGS, Visitor
from tests.http_server import HttpServer


@pytest.fixture
def closed_port() -> int:
    """A port of 127.0.0.1 where nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def failure(capture: Capture) -> tuple[str, str]:
    assert capture.failure is not None
    assert capture.hops == ()
    assert capture.final_url == capture.url
    return capture.failure.code, capture.failure.message


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (socket.gaierror(socket.EAI_NONAME, "Name or service not known"), "does not exist"),
        (socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution"), "did not answer"),
        (UnicodeError("label too long"), "does not exist"),
        (OSError(5, "Input/output error"), "Input/output error"),
        (None, "does not exist"),
    ],
)
def test_a_name_without_an_address(visit: Visitor, error: Exception | None, said: str) -> None:
    async def resolve(host: str, port: int) -> list[tuple[str, int]]:
        if error:
            raise error
        return []

    capture = visit("http://news.example/", resolver=resolve)
    code, message = failure(capture)
    assert code == "dns"
    assert "news.example" in message
    assert said in message
    assert capture.timings.resolved is None


def test_a_mistake_in_a_resolver_is_not_the_servers(visit: Visitor) -> None:
    async def resolve(host: str, port: int) -> list[tuple[str, int]]:
        return {"other.example": [("127.0.0.1", port)]}[host]

    with pytest.raises(KeyError):
        visit("http://news.example/", resolver=resolve)


def test_refused(visit: Visitor, closed_port: int) -> None:
    async def resolve(host: str, port: int) -> list[tuple[str, int]]:
        return [("127.0.0.1", closed_port)]

    capture = visit("http://news.example/", resolver=resolve)
    code, message = failure(capture)
    assert code == "refused"
    assert message.startswith("News.example refused the connection")
    assert capture.timings.resolved is not None
    assert capture.timings.connected is None


def test_the_next_address_is_tried(server: HttpServer, visit: Visitor, closed_port: int) -> None:
    server.page("/", "here")

    async def resolve(host: str, port: int) -> list[tuple[str, int]]:
        return [("127.0.0.1", closed_port), ("127.0.0.2", closed_port), ("127.0.0.1", server.port)]

    capture = visit("http://news.example/", resolver=resolve)
    assert capture.body == b"here"
    assert capture.peer == f"127.0.0.1:{server.port}"


def test_the_systems_resolver() -> None:
    assert asyncio.run(system_resolver("127.0.0.1", 80)) == [("127.0.0.1", 80)]
    assert asyncio.run(system_resolver("::1", 80)) == [("::1", 80)]
    assert ("127.0.0.1", 80) in asyncio.run(system_resolver("localhost", 80))


@pytest.mark.parametrize(
    ("rule", "host", "port", "expected"),
    [
        ("news.example:80:127.0.0.1:8080", "news.example", 80, ("127.0.0.1", 8080)),
        ("news.example:80:127.0.0.1:8080", "news.example", 443, ("news.example", 443)),
        ("news.example:80:127.0.0.1:8080", "www.news.example", 80, ("www.news.example", 80)),
        ("News.Example::127.0.0.1:", "news.example", 443, ("127.0.0.1", 443)),
        ("::127.0.0.1:8080", "any.example", 443, ("127.0.0.1", 8080)),
        (":443::8443", "any.example", 443, ("any.example", 8443)),
        ("новини.example:80:[::1]:8080", "xn--b1amarcd.example", 80, ("::1", 8080)),
        ("[::1]:80:localhost:8080", "::1", 80, ("localhost", 8080)),
        (":::", "any.example", 80, ("any.example", 80)),
    ],
)
def test_connect_to(rule: str, host: str, port: int, expected: tuple[str, int]) -> None:
    async def same(host: str, port: int) -> list[tuple[str, int]]:
        return [(host, port)]

    assert asyncio.run(ConnectTo((rule,), same)(host, port)) == [expected]


def test_the_first_rule_that_fits_wins() -> None:
    async def same(host: str, port: int) -> list[tuple[str, int]]:
        return [(host, port)]

    rules = ConnectTo(("a.example::one:1", "::two:2", "b.example::three:3"), same)
    assert asyncio.run(rules("a.example", 80)) == [("one", 1)]
    assert asyncio.run(rules("b.example", 80)) == [("two", 2)]


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        ("", "four parts"),
        ("news.example", "four parts"),
        ("news.example:80:127.0.0.1", "four parts"),
        ("news.example:80:::1:80", "brackets"),
        ("a:1:b:2:c", "four parts"),
        ("news.example:http:127.0.0.1:80", "'http' is not a port"),
        ("news.example:80:127.0.0.1:99999", "'99999' is not a port"),
        ("news.example:80:127.0.0.1:0", "'0' is not a port"),
        ("a b:80:127.0.0.1:80", "'a b' is not a host"),
        ("news.example:80:[zz]:80", "four parts"),
        ("news.example:80:[1]:80", "'[1]' is not a host"),
    ],
)
def test_a_connect_to_that_is_malformed(rule: str, why: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Fetcher(FetchSettings(connect_to=(rule,)))
    assert rule in str(caught.value)
    assert why in str(caught.value)
    assert "127.0.0.1:8443" in caught.value.next_step


def test_connect_to_reaches_the_server_under_its_name(server: HttpServer) -> None:
    server.page("/", "here")
    settings = replace(TEST_SETTINGS, connect_to=(f"news.example:80:127.0.0.1:{server.port}",))

    async def fetch() -> Capture:
        async with Fetcher(settings) as fetcher:
            return await fetcher.fetch("http://news.example/")

    capture = asyncio.run(fetch())
    assert (capture.body, capture.url) == (b"here", "http://news.example/")
    assert server.requests[0].header("host") == "news.example"
