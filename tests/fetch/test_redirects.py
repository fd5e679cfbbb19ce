"""Redirects are followed by hand, each of them recorded."""

from __future__ import annotations

import pytest

from tests.fetch.conftest import Visitor
from tests.http_server import HttpServer, drip, head, raw


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_a_hop(server: HttpServer, visit: Visitor, status: int) -> None:
    server.redirect("/old", "../new?x=1#part", status=status, headers=[("X-Why", "moved")], body=b"moved")
    server.page("/new", "here")
    capture = visit("http://news.example/old#top")
    assert capture.url == "http://news.example/old#top"
    assert capture.final_url == "http://news.example/new?x=1"
    assert capture.body == b"here"
    assert [(hop.url, hop.status) for hop in capture.hops] == [
        ("http://news.example/old", status),
        ("http://news.example/new?x=1", 200),
    ]
    assert ("X-Why", "moved") in capture.hops[0].headers
    assert capture.hops[0].peer == capture.hops[1].peer == f"127.0.0.1:{server.port}"
    assert [request.target for request in server.requests] == ["/old", "/new?x=1"]
    assert [request.connection for request in server.requests] == [1, 1]


def test_to_another_host(server: HttpServer, visit: Visitor) -> None:
    server.redirect("/", "//www.other.example/новини/ü?q=ü")
    server.page("/%D0%BD%D0%BE%D0%B2%D0%B8%D0%BD%D0%B8/%C3%BC", "here")
    server.script("/", raw(head(302, [("Location", "//www.other.example/новини".encode().decode("latin-1"))])))
    server.page("/%D0%BD%D0%BE%D0%B2%D0%B8%D0%BD%D0%B8", "raw bytes in Location")
    capture = visit("http://news.example/")
    assert capture.body == b"raw bytes in Location"
    assert server.requests[1].header("host") == "www.other.example"


def test_without_location_it_is_the_answer(server: HttpServer, visit: Visitor) -> None:
    server.page("/", "moved, but not saying where", status=301)
    capture = visit("http://news.example/")
    assert (capture.status, capture.body) == (301, b"moved, but not saying where")


def test_a_circle(server: HttpServer, visit: Visitor) -> None:
    server.redirect("/a", "/b")
    server.redirect("/b", "/a")
    capture = visit("http://news.example/a")
    assert capture.failure is not None
    assert capture.failure.code == "redirects"
    assert "circle" in capture.failure.message
    assert [hop.status for hop in capture.hops] == [302, 302]
    assert capture.body is None


def test_back_to_itself_with_a_cookie_is_no_circle(server: HttpServer, visit: Visitor) -> None:
    """Consent and bot checks set a cookie and send the reader back to the page."""
    server.redirect("/story", "/check")
    server.redirect("/check", "/story?", headers=[("Set-Cookie", "seen=1; Path=/")])
    server.page("/story?", "never asked for without a cookie")
    server.redirect("/again", "/again", headers=[("Set-Cookie", "n=1")])
    assert visit("http://news.example/story").ok
    assert server.requests[-1].header("cookie") == "seen=1"
    capture = visit("http://news.example/again")
    assert len(server.seen("/again")) == 2  # without the cookie, then with it
    assert capture.failure is not None
    assert capture.failure.code == "redirects"


@pytest.mark.parametrize(("allowed", "ok"), [(5, True), (4, False), (0, False)])
def test_how_many(server: HttpServer, visit: Visitor, allowed: int, ok: bool) -> None:
    for number in range(5):
        server.redirect(f"/{number}", f"/{number + 1}")
    server.page("/5", "here")
    capture = visit("http://news.example/0", settings={"max_redirects": allowed})
    assert capture.ok is ok
    assert len(server.requests) == allowed + 1
    assert len(capture.hops) == allowed + 1
    if not ok:
        assert capture.failure is not None
        assert capture.failure.code == "redirects"
        assert f"more than {allowed} times" in capture.failure.message


@pytest.mark.parametrize(
    "location",
    ["ftp://news.example/x", "javascript:alert(1)", "file:///etc/passwd", "http://[::1", "http://", "http://a b/"],
)
def test_to_what_is_not_a_web_address(server: HttpServer, visit: Visitor, location: str) -> None:
    server.redirect("/", location)
    capture = visit("http://news.example/")
    assert capture.failure is not None
    assert capture.failure.code == "redirects"
    assert "not a web address" in capture.failure.message
    assert location in capture.failure.message
    assert capture.status == 302
    assert len(server.requests) == 1


def test_an_endless_body_of_a_redirect_is_not_read(server: HttpServer, visit: Visitor) -> None:
    server.script("/fast", drip(head(302, [("Location", "/new")]), b"x" * 65536, pause=0))
    server.script("/slow", drip(head(302, [("Location", "/new")]), b"x", pause=0.05))
    server.script("/short", raw(head(302, [("Location", "/new"), ("Content-Length", "1000")]), b"cut"))
    server.page("/new", "here")
    for path, most in (("/fast", 2.0), ("/slow", 3.0), ("/short", 2.0)):
        capture = visit(f"http://news.example{path}")
        assert capture.body == b"here"
        assert capture.timings.total < most


def test_a_redirect_that_fails_keeps_its_hops(server: HttpServer, visit: Visitor) -> None:
    server.redirect("/", "http://gone.example/")

    async def resolve(host: str, port: int) -> list[tuple[str, int]]:
        return [("127.0.0.1", server.port)] if host == "news.example" else []

    capture = visit("http://news.example/", resolver=resolve)
    assert capture.failure is not None
    assert capture.failure.code == "dns"
    assert "gone.example" in capture.failure.message
    assert [hop.url for hop in capture.hops] == ["http://news.example/"]
    assert (capture.ok, capture.body) == (False, None)


def test_an_overlong_location(server: HttpServer, visit: Visitor) -> None:
    server.redirect("/", "/" + "x" * 70_000)
    capture = visit("http://news.example/")
    assert capture.failure is not None
    assert capture.failure.code == "protocol"
    assert "too long" in capture.failure.message
