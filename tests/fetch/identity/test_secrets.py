"""Credentials, cookies and a caller's headers stay at their origin, and out of what is kept."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scraper.capture import Capture
from tests.fetch.conftest import Visitor
from tests.http_server import HttpServer, Request

BASIC = "Basic dXNlcjpwQHNz"  # user:p@ss


def hosts(server: HttpServer, header: str) -> dict[str | None, str | None]:
    """Host → the value of `header` in the last request to it."""
    return {request.header("host"): request.header(header) for request in server.requests}


def everything(capture: Capture) -> str:
    return repr(replace(capture, body=None))


def test_user_and_password_of_a_url(server: HttpServer, visit: Visitor) -> None:
    server.page("/", "secret page")
    capture = visit("http://user:p%40ss@news.example/")
    assert capture.ok
    assert server.requests[0].header("authorization") == BASIC
    assert capture.url == capture.final_url == "http://news.example/"
    assert "user" not in everything(capture).replace("User-Agent", "").lower()
    assert "p%40ss" not in everything(capture)
    assert BASIC not in everything(capture)


def test_they_serve_their_origin_only(server: HttpServer, visit: Visitor) -> None:
    server.redirect("/", "/two")
    server.redirect("/two", "http://other.example/three")
    server.redirect("/three", "http://news.example/four")
    server.page("/four", "here")
    capture = visit("http://user:p%40ss@news.example/", headers={"X-Key": "k3y", "Cookie": "own=1"})
    assert capture.ok
    sent = [(request.path, *map(request.header, ("authorization", "x-key", "cookie"))) for request in server.requests]
    assert sent == [
        ("/", BASIC, "k3y", "own=1"),
        ("/two", BASIC, "k3y", "own=1"),
        ("/three", None, None, None),
        ("/four", None, None, None),
    ]


@pytest.mark.parametrize(
    "elsewhere", ["http://www.news.example/", "http://news.example:8080/", "http://news.example.other.example/"]
)
def test_another_port_or_subdomain_is_another_origin(server: HttpServer, visit: Visitor, elsewhere: str) -> None:
    server.redirect("/start", elsewhere)
    server.page("/", "here")
    assert visit("http://user:p%40ss@news.example/start", headers={"X-Key": "k3y"}).ok
    assert server.requests[1].header("authorization") is None
    assert server.requests[1].header("x-key") is None


def test_a_location_that_repeats_them(server: HttpServer, visit: Visitor) -> None:
    server.redirect("/", "http://user:p%40ss@news.example/two")
    server.redirect("/two", "gopher://user:p%40ss@news.example/")
    capture = visit("http://user:p%40ss@news.example/")
    assert server.requests[1].header("authorization") == BASIC
    assert capture.failure is not None
    assert "gopher://news.example/" in capture.failure.message
    assert "p%40ss" not in everything(capture)


def test_failures_do_not_name_them(server: HttpServer, visit: Visitor) -> None:
    async def nowhere(host: str, port: int) -> list[tuple[str, int]]:
        return []

    capture = visit("http://user:p%40ss@news.example/", resolver=nowhere)
    assert capture.failure is not None
    assert "p%40ss" not in everything(capture)


def test_cookies_come_back_to_their_site_only(server: HttpServer, visit: Visitor) -> None:
    server.page("/", "x", headers=[("Set-Cookie", "a=1; Domain=example.com"), ("Set-Cookie", "b=2")])
    server.page("/x", "x")
    urls = [
        "http://www.example.com/",
        "http://m.example.com/x",
        "http://www.example.com/x",
        "http://other.example/x",
    ]
    captures = visit.all(urls)
    assert hosts(server, "cookie") == {
        "www.example.com": "a=1; b=2",
        "m.example.com": "a=1",
        "other.example": None,
    }
    assert all("Cookie" not in dict(capture.request_headers) for capture in captures)


def test_cookies_do_not_follow_a_redirect(server: HttpServer, visit: Visitor) -> None:
    server.redirect(
        "/", "http://other.example/x", headers=[("Set-Cookie", "a=1; Domain=example"), ("Set-Cookie", "b=2")]
    )
    server.page("/x", "x")
    assert visit("http://news.example/").ok
    assert hosts(server, "cookie") == {"news.example": None, "other.example": None}


def test_a_cookie_set_by_a_redirect_is_sent_to_where_it_leads(server: HttpServer, visit: Visitor) -> None:
    server.redirect("/", "/x", headers=[("Set-Cookie", "a=1")])
    server.page("/x", "x")
    visit("http://news.example/")
    assert server.requests[1].header("cookie") == "a=1"


def test_cookies_live_as_long_as_the_fetcher(server: HttpServer, visit: Visitor) -> None:
    server.page("/", "x", headers=[("Set-Cookie", "a=1")])
    visit("http://news.example/")
    visit("http://news.example/")
    assert [request.header("cookie") for request in server.requests] == [None, None]


@pytest.mark.parametrize(
    "cookie", ["naïve=ü", "ключ=значення", "a=\x01", "x" * 5000, "=", "", ";;;", "a=" + "b" * 9000]
)
def test_a_malformed_cookie_harms_no_later_request(server: HttpServer, visit: Visitor, cookie: str) -> None:
    text = cookie.encode().decode("latin-1")
    server.page("/", "x", headers=[("Set-Cookie", text), ("Set-Cookie", "good=1")])
    first, second = visit.all(["http://news.example/", "http://news.example/"])
    if first.failure is None:  # a control character makes the whole answer malformed
        assert second.ok
        sent: Request = server.requests[1]
        assert sent.header("cookie") == "good=1"
    else:
        assert first.failure.code == "protocol"
