"""Through a proxy that was named, and through none that was not."""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import replace

import pytest
import trustme

from scraper.capture import Capture
from scraper.errors import ConfigError
from scraper.fetch import Fetcher
from scraper.fetch.proxy import Proxy
from tests.fetch.conftest import TEST_SETTINGS
from tests.fetch.proxies import ProxyServer
from tests.http_server import HttpServer


def through(
    proxy: str, url: str, *, addresses: tuple[str, ...] = ("8.8.8.8",), trust: ssl.SSLContext | None = None
) -> Capture:
    """The capture of `url`, whose host resolves to `addresses` where anybody here asks; private ones are refused."""

    async def resolve(host: str, port: int) -> list[tuple[str, int]]:
        return [(address, port) for address in addresses]

    async def fetch() -> Capture:
        settings = replace(TEST_SETTINGS, proxy=proxy, allow_private=False)
        async with Fetcher(settings, resolver=resolve, ssl_context=trust) as fetcher:
            return await fetcher.fetch(url)

    return asyncio.run(fetch())


@pytest.mark.parametrize("kind", ["http", "socks5", "socks5h"])
@pytest.mark.parametrize("credentials", [None, ("me", "p@ss:word/ü")])
def test_a_page_comes_through(server: HttpServer, kind: str, credentials: tuple[str, str] | None) -> None:
    server.page("/story", "news")
    with ProxyServer("http" if kind == "http" else "socks5", server.port, credentials) as proxy:
        from urllib.parse import quote

        name = f"{quote(credentials[0], safe='')}:{quote(credentials[1], safe='')}@" if credentials else ""
        capture = through(f"{kind}://{name}127.0.0.1:{proxy.port}", "http://news.example/story?a=1")
    assert capture.failure is None
    assert capture.body == b"news"
    assert server.requests[0].header("Host") == "news.example"
    assert proxy.asked == ["http://news.example/story?a=1" if kind == "http" else "news.example:80"]
    assert "p@ss" not in repr(capture)
    assert all("roxy" not in name for name, _ in server.requests[0].headers)


@pytest.mark.parametrize("kind", ["http", "socks5"])
def test_tls_is_between_us_and_the_site(kind: str) -> None:
    authority = trustme.CA()
    trust = ssl.create_default_context()
    authority.configure_trust(trust)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("news.example").configure_cert(context)
    with HttpServer(tls=context) as server, ProxyServer(kind, server.port) as proxy:
        server.page("/story", "secret news")
        capture = through(proxy.url, "https://news.example/story", trust=trust)
    assert capture.failure is None
    assert capture.body == b"secret news"
    assert proxy.asked == ["news.example:443"]
    assert b"/story" not in proxy.bytes_seen


def test_a_wrong_password(server: HttpServer) -> None:
    with ProxyServer("http", server.port, ("me", "right")) as proxy:
        capture = through(f"http://me:wrong@127.0.0.1:{proxy.port}", "http://news.example/")
    assert capture.status == 407
    with ProxyServer("socks5", server.port, ("me", "right")) as proxy:
        capture = through(f"socks5://me:wrong@127.0.0.1:{proxy.port}", "http://news.example/")
    assert capture.failure is not None
    assert capture.failure.code == "proxy"
    assert server.requests == []


def test_a_proxy_that_is_not_there(server: HttpServer) -> None:
    capture = through("http://127.0.0.1:1", "http://news.example/")
    assert capture.failure is not None
    assert capture.failure.code == "refused"


@pytest.mark.parametrize("kind", ["http", "socks5"])
@pytest.mark.parametrize(
    ("url", "addresses"),
    [
        ("http://127.0.0.1/", ("8.8.8.8",)),
        ("http://[::1]/", ("8.8.8.8",)),
        ("http://2130706433/", ("8.8.8.8",)),
        ("http://169.254.169.254/latest/meta-data/", ("8.8.8.8",)),
        ("http://inside.example/", ("10.0.0.1",)),
        ("http://both.example/", ("8.8.8.8", "192.168.1.1")),
        ("http://mail.example:25/", ("8.8.8.8",)),
    ],
)
def test_what_is_refused_without_one_is_refused_with_one(
    server: HttpServer, kind: str, url: str, addresses: tuple[str, ...]
) -> None:
    with ProxyServer(kind, server.port) as proxy:
        capture = through(proxy.url, url, addresses=addresses)
    assert capture.failure is not None
    assert capture.failure.code == "forbidden_address"
    assert proxy.asked == []


def test_redirects_too(server: HttpServer) -> None:
    server.redirect("/", "http://127.0.0.1:80/admin")
    with ProxyServer("http", server.port) as proxy:
        capture = through(proxy.url, "http://news.example/")
    assert capture.failure is not None
    assert capture.failure.code == "forbidden_address"
    assert proxy.asked == ["http://news.example/"]


def test_none_is_taken_from_the_environment(server: HttpServer, monkeypatch: pytest.MonkeyPatch) -> None:
    with ProxyServer("http", server.port) as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)

        async def resolve(host: str, port: int) -> list[tuple[str, int]]:
            return [("127.0.0.1", server.port)]

        async def fetch() -> Capture:
            async with Fetcher(TEST_SETTINGS, resolver=resolve) as fetcher:
                return await fetcher.fetch("http://news.example/")

        server.page("/", "news")
        assert asyncio.run(fetch()).ok
        assert proxy.asked == []


@pytest.mark.parametrize("text", ["", "127.0.0.1:8080", "ftp://x", "http://", "socks4://x:1"])
def test_what_is_no_proxy(text: str) -> None:
    with pytest.raises(ConfigError, match="no proxy"):
        Proxy.parse(text)


@pytest.mark.parametrize(
    ("text", "proxy"),
    [
        ("http://p.example", Proxy("http", "p.example", 8080, None)),
        ("HTTP://p.example:80", Proxy("http", "p.example", 80, None)),
        ("https://p.example", Proxy("https", "p.example", 443, None)),
        ("socks5h://[::1]:9050", Proxy("socks5h", "::1", 9050, None)),
        ("socks5://a%40b:c%3Ad@p.example:443", Proxy("socks5", "p.example", 443, ("a@b", "c:d"))),
    ],
)
def test_how_a_proxy_is_written(text: str, proxy: Proxy) -> None:
    assert Proxy.parse(text) == proxy
