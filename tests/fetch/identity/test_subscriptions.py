"""A subscriber's secrets reach their host, and nobody and nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from scraper.errors import ConfigError
from scraper.fetch import Fetcher
from scraper.fetch.identity.subscriptions import Subscriptions, read_cookies
from scraper.settings import FetchSettings, HostSettings
from tests.fetch.conftest import Visitor
from tests.http_server import HttpServer

KEY, PASSWORD, COOKIE = "k3y-s3cret", "p4ss-s3cret", "c00kie-s3cret"


@pytest.fixture
def settings(tmp_path: Path) -> dict[str, Any]:
    cookies = tmp_path / "cookies.txt"
    cookies.write_text(
        "# Netscape HTTP Cookie File\n\n"
        f"news.example\tFALSE\t/\tFALSE\t0\tsession\t{COOKIE}\n"
        f"#HttpOnly_.paper.example\tTRUE\t/\tFALSE\t4102444800\twide\t{COOKIE}-wide\n"
        "news.example\tFALSE\t/\tFALSE\t1\told\texpired\n"
        "news.example\tFALSE\t/\tTRUE\t0\tsafe\tover-https-only\n"
        "news.example\tFALSE\t/members\tFALSE\t0\tmember\tyes\n"
    )
    host = HostSettings(
        host="news.example", headers=(("X-Key", KEY),), user="reader", password=PASSWORD, cookies=cookies
    )
    return {"hosts": (host,)}


def test_they_are_sent_to_their_host(server: HttpServer, visit: Visitor, settings: dict[str, Any]) -> None:
    server.page("/", "news")
    capture = visit("http://news.example/", settings=settings)
    [request] = server.requests
    assert request.header("X-Key") == KEY
    assert request.header("Authorization") == "Basic cmVhZGVyOnA0c3MtczNjcmV0"
    assert request.header("Cookie") == f"session={COOKIE}"
    assert capture.ok


@pytest.mark.parametrize("host", ["other.example", "www.news.example", "news.example.other.example", "127.0.0.1"])
def test_and_to_no_other(server: HttpServer, visit: Visitor, settings: dict[str, Any], host: str) -> None:
    server.page("/", "news")
    visit(f"http://{host}/", settings=settings)
    assert "s3cret" not in repr(server.requests)


def test_nor_over_a_redirect_and_back_again(server: HttpServer, visit: Visitor, settings: dict[str, Any]) -> None:
    server.redirect("/a", "//other.example/b")
    server.redirect("/b", "//news.example/c")
    server.page("/c", "news")
    capture = visit("http://news.example/a", settings=settings)
    there, away, back = server.requests
    assert there.header("X-Key") == back.header("X-Key") == KEY
    assert "s3cret" not in repr(away)
    assert "s3cret" not in repr(capture)


def test_a_cookie_for_a_domain_goes_to_its_subdomains(
    server: HttpServer, visit: Visitor, settings: dict[str, Any]
) -> None:
    server.page("/", "news")
    for host in ("paper.example", "www.paper.example", "notpaper.example"):
        visit(f"http://{host}/", settings=settings)
    assert [request.header("Cookie") for request in server.requests] == [f"wide={COOKIE}-wide"] * 2 + [None]


def test_nothing_is_sent_in_the_clear_but_on_test_sites(settings: dict[str, Any]) -> None:
    public = Subscriptions(settings["hosts"], over_http=False)
    assert public.headers_for("http://news.example/") == []
    assert (b"X-Key", KEY.encode()) in public.headers_for("https://news.example/")


def test_headers_of_the_caller_come_first(server: HttpServer, visit: Visitor, settings: dict[str, Any]) -> None:
    server.page("/", "news")
    visit("http://news.example/", settings=settings, headers={"x-key": "mine"})
    assert [value for name, value in server.requests[0].headers if name.lower() == "x-key"] == ["mine"]


@pytest.mark.parametrize(
    "line",
    [
        "news.example FALSE / FALSE 0 name value",
        "news.example\tFALSE\t/\tFALSE\tsoon\tname\tvalue",
        "\tFALSE\t/\tFALSE\t0\tname\tvalue",
        "news.example\tFALSE\t/\tFALSE\t0\tname\tvälue",
        "news.example\tFALSE\t/\tFALSE\t0\tname\ta; b=c",
        '{"cookies": []}',
    ],
)
def test_a_file_that_holds_no_cookies(tmp_path: Path, line: str) -> None:
    path = tmp_path / "cookies.txt"
    path.write_text(f"# comment\n{line}\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="line 2 is no cookie"):
        read_cookies(path)


def test_a_missing_file_is_said_at_once(tmp_path: Path) -> None:
    host = HostSettings(host="news.example", cookies=tmp_path / "none.txt")
    with pytest.raises(ConfigError, match="Cannot read the cookies"):
        Fetcher(FetchSettings(hosts=(host,)))
