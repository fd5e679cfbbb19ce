"""Logins within a run: in a turn of their own, before a host's first page, and the failure of all when they fail."""

from __future__ import annotations

from typing import Any

import pytest

from scraper.settings import HostSettings, LoginSettings
from scraper.store import Archive
from tests.crawl.test_manners import Log, go
from tests.http_server import HttpServer

STORIES = [f"http://news.example/{number}" for number in range(3)]
FORM = "<form action=/session method=post><input name=name><input name=password type=password></form>"


@pytest.fixture
def subscribed() -> dict[str, Any]:
    fields = (("name", "ada"), ("password", "s3cret"))
    login = LoginSettings(page="http://news.example/login", fields=fields)
    return {"hosts": (HostSettings(host="news.example", login=login),)}


@pytest.fixture
def site(server: HttpServer) -> HttpServer:
    server.page("/login", FORM)
    server.redirect("/session", "/welcome", headers=[("Set-Cookie", "sid=1")], status=303)
    server.page("/welcome", "Hello")
    for url in STORIES:
        server.page(url.removeprefix("http://news.example"), "<h1>News</h1>")
    return server


def asked(server: HttpServer) -> list[str]:
    return [request.path for request in server.requests]


def test_before_the_first_page_and_whatever_robots_txt_says_of_the_form(
    site: HttpServer, archive: Archive, subscribed: dict[str, Any]
) -> None:
    site.page("/robots.txt", "User-agent: *\nDisallow: /login\nDisallow: /session\n")
    assert all(outcome.ok for outcome in go(STORIES, site, archive, **subscribed))
    assert asked(site) == ["/robots.txt", "/login", "/session", "/welcome", "/0", "/1", "/2"]
    assert [request.header("cookie") for request in site.requests[-3:]] == ["sid=1"] * 3
    assert archive.stats().captures == 3  # what a login brings is not kept


def test_a_login_that_fails_is_the_failure_of_each_page(
    site: HttpServer, archive: Archive, subscribed: dict[str, Any]
) -> None:
    site.page("/session", FORM)
    outcomes = go([*STORIES, "http://other.example/0"], site, archive, **subscribed)
    assert sorted(outcome.failure.code if outcome.failure else "" for outcome in outcomes) == ["", *["login"] * 3]
    assert asked(site).count("/session") == 1
    assert [request.header("host") for request in site.requests if request.path == "/0"] == ["other.example"]
    assert archive.stats().failures == {"login": 3}
    [capture] = archive.captures(STORIES[0])
    assert (capture.error, capture.status) == ("login", None)
    assert "The login at news.example failed" in (capture.error_message or "")
    assert "s3cret" not in (capture.error_message or "")


def test_the_next_run_tries_again(site: HttpServer, archive: Archive, subscribed: dict[str, Any]) -> None:
    site.page("/login", "gone", status=404)
    assert not any(outcome.ok for outcome in go(STORIES, site, archive, **subscribed))
    site.page("/login", FORM)
    assert all(outcome.ok for outcome in go(STORIES, site, archive, **subscribed))


def test_no_login_for_a_page_that_may_not_be_fetched(
    site: HttpServer, archive: Archive, subscribed: dict[str, Any]
) -> None:
    site.page("/robots.txt", "User-agent: *\nDisallow: /\n")
    [outcome, *_] = go(STORIES, site, archive, **subscribed)
    assert outcome.failure is not None
    assert outcome.failure.code == "robots_denied"
    assert asked(site) == ["/robots.txt"]


def test_a_pause_follows(site: HttpServer, archive: Archive, subscribed: dict[str, Any]) -> None:
    log = Log()
    site.page("/robots.txt", "")
    site.script("/welcome", log.answering(200))
    site.script("/0", log.answering(200))
    go(STORIES[:1], site, archive, delay=0.4, **subscribed)
    assert log.gaps[0] >= 0.39


def test_a_login_page_that_asks_for_patience(site: HttpServer, archive: Archive, subscribed: dict[str, Any]) -> None:
    site.page("/login", "later", status=503, headers=[("Retry-After", "600")])
    go(STORIES[:1], site, archive, **subscribed)
    [outcome] = go(STORIES[:1], site, archive, **subscribed)
    assert outcome.failure is not None
    assert outcome.failure.code == "host_paused"
    assert asked(site).count("/login") == 1
