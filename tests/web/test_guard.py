"""Who is answered, and with which headers."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from scraper.web.guard import NOTHING, OURS, Guard
from tests.web.browser import Browser


@pytest.mark.parametrize(
    "host",
    ["localhost", "localhost:8001", "LOCALHOST.:1", "127.0.0.1", "127.8.9.10:80", "[::1]:8001", "[::1]", "news.lan"],
)
def test_hosts_that_are_ours(host: str) -> None:
    assert Guard(nobody, names=["News.lan"]).answers_for(host)


@pytest.mark.parametrize(
    "host",
    [
        "",
        "evil.example",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "10.0.0.1",
        "0.0.0.0",
        "[::]",
        "[::ffff:10.0.0.1]",
        "user@localhost",
        "localhost:8001/",
        "localhost, evil.example",
        "127.1",
        "2130706433",
    ],
)
def test_hosts_that_are_not(host: str, browser: Browser) -> None:
    assert not Guard(nobody).answers_for(host)
    if host:
        answer = browser.ask("/", Host=host)
        assert answer.status_code == 421
        assert "--hostname" in answer.text


async def nobody(*_: Any) -> None:
    raise AssertionError("nobody is to be asked")


@pytest.mark.parametrize("hosts", [[], [b"localhost", b"localhost"], [b"localhost", b"evil.example"]])
def test_a_request_names_one_host(hosts: list[bytes]) -> None:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": "/", "headers": [(b"host", host) for host in hosts]}
    asyncio.run(Guard(nobody)(scope, nobody, send))  # type: ignore[arg-type]
    assert sent[0]["status"] == 421


def test_no_dialogue_over_web_sockets() -> None:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(Guard(nobody)({"type": "websocket", "path": "/", "headers": []}, nobody, send))  # type: ignore[arg-type]
    assert sent == [{"type": "websocket.close", "code": 1008}]


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PROPFIND"])
@pytest.mark.parametrize("path", ["/", "/archive", "/archive/pages", "/-/logout"])
def test_nothing_is_done_but_reading(browser: Browser, method: str, path: str) -> None:
    answer = browser.ask(path, method=method)
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, HEAD"


@pytest.mark.parametrize("path", ["/", "/archive", "/search.csv", "/-/static/app.css", "/nothing"])
def test_head_is_get_without_the_body(browser: Browser, path: str) -> None:
    head, get = browser.ask(path, method="HEAD"), browser.ask(path)
    assert head.content == b""
    assert (head.status_code, head.headers["content-type"]) == (get.status_code, get.headers["content-type"])


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "none", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}, 200),
        ({"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "style"}, 200),
        ({"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}, 200),
        ({"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"}, 403),
        ({"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"}, 403),
        ({"Origin": "http://localhost:8001"}, 200),
        ({"Origin": "http://localhost:3000"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
    ],
)
def test_other_sites_may_link_and_no_more(browser: Browser, headers: dict[str, str], status: int) -> None:
    for path in ("/", "/archive/pages.json"):
        answer = browser.ask(path, **headers)
        assert answer.status_code == status
        assert not [name for name in answer.headers if name.startswith("access-control-")]


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/search.csv",
        "/archive",
        "/archive/pages.json",
        "/-/static/app.css",
        "/nothing",
        "/archive.db",
        "/-/settings",
    ],
)
def test_headers_of_every_answer(browser: Browser, path: str) -> None:
    answer = browser.ask(path, Cookie="ds_actor=x; ds_messages=y", Authorization="Bearer x")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cross-origin-opener-policy"] == "same-origin"
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["x-dns-prefetch-control"] == "off"
    assert answer.headers["cache-control"] == "private, no-cache"
    assert "set-cookie" not in answer.headers
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'")
    assert "frame-ancestors 'none'" in policy
    assert "unsafe-eval" not in policy
    html = answer.headers["content-type"].startswith("text/html")
    if not html:
        assert policy == NOTHING
    elif not path.startswith("/archive"):
        assert policy == OURS
        assert "unsafe" not in policy


def test_files_of_ours_are_kept_by_browsers(browser: Browser) -> None:
    [address] = [one.attributes["href"] for one in browser.page("/").all("link", rel="stylesheet")]
    answer = browser.ask(address)
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-type"] == "text/css; charset=utf-8"
    for missing in ("nothing.css", "../server.py", "style.css.toml"):
        assert browser.ask(address.replace("style.css", missing)).status_code == 404


@pytest.mark.parametrize("path", ["//evil.example/", "//evil.example/%2f", "//localhost%2f.."])
def test_no_address_leads_elsewhere(browser: Browser, path: str) -> None:
    answer = browser.ask(f"http://localhost:8001{path}")
    assert answer.status_code == 404
    assert "location" not in answer.headers


def test_an_answer_may_have_a_policy_of_its_own_where_that_is_agreed() -> None:
    from scraper.web.guard import OwnPolicy

    async def app(scope: Any, receive: Any, send: Any) -> None:
        headers = [(b"content-type", b"text/html"), (b"x-frame-options", b"SAMEORIGIN"), (b"set-cookie", b"a=b")]
        if scope["path"] == "/web/1":
            headers.append((b"content-security-policy", b"sandbox"))
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b""})

    def headers_of(path: str) -> dict[bytes, bytes]:
        sent: list[Any] = []

        async def send(message: Any) -> None:
            sent.append(message)

        guard = Guard(app, own_policies=[OwnPolicy("/web/")])
        scope = {"type": "http", "method": "GET", "path": path, "headers": [(b"host", b"localhost")]}
        asyncio.run(guard(scope, nobody, send))  # type: ignore[arg-type]
        return dict(sent[0]["headers"])

    assert headers_of("/web/1")[b"content-security-policy"] == b"sandbox"
    assert headers_of("/web/1")[b"x-frame-options"] == b"SAMEORIGIN"
    assert headers_of("/web/2")[b"content-security-policy"] == NOTHING.encode()
    assert headers_of("/other")[b"x-frame-options"] == b"DENY"
    assert b"set-cookie" not in headers_of("/web/1")


def test_names_that_were_given(demo_archive: Path) -> None:
    with Browser(demo_archive, names=["news.lan", "192.168.1.5"]) as browser:
        for host in ("news.lan:8001", "192.168.1.5", "localhost"):
            assert browser.ask("/dictionary", Host=host).status_code == 200
        assert browser.ask("/dictionary", Host="other.lan").status_code == 421


def test_captured_pages_keep_their_own_policy(browser: Browser, ferry: int) -> None:
    framed, *_ = browser.page(f"/article/{ferry}").links("/web/")
    page = browser.page(framed)
    assert "frame-src 'self'" in page.headers["content-security-policy"]
    inner = browser.ask(page.one("iframe").attributes["src"])
    assert inner.headers["content-security-policy"].startswith("sandbox ")
    assert inner.headers["x-frame-options"] == "SAMEORIGIN"
    assert inner.headers["referrer-policy"] == "no-referrer"
    # What says nothing of itself there is taken for data.
    assert "default-src 'none'" in browser.ask("/web/nothing").headers["content-security-policy"]
