"""Replayed pages in Chromium: no script runs, nobody is asked for anything, and the reader's keys and links work.

What every payload would do where nothing holds it back is looked at first: else there would be nothing to prevent.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from scraper.web.guard import Guard, OwnPolicy
from scraper.web.replay.headers import OWN_HEADERS, policy
from scraper.web.replay.routes import PREFIX
from tests.http_server import HttpServer
from tests.web.replay.archived import PNG, archive_of, capture, serving
from tests.web.replay.conftest import Port, on_a_port
from tests.web.replay.payloads import filled, page_of, payloads

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page

pytestmark = pytest.mark.browser

RAN = 7_357_000
"""What payloads log, with their number added."""
SETTLED = 400
"""Milliseconds that a page is left alone for whatever it does late."""
HOSTILE = "https://hostile.example/page"
STORY = "https://news.example/story"
LONG = (
    "<!doctype html><title>Story</title><style>body{background:url(/i.png)}</style><h1>Story</h1>"
    "<a href=/b>held</a> <a href=https://elsewhere.example/x>out</a> <a href='#end' id=go>end</a>"
    + "<p>words</p>" * 300
    + "<p id=end>The end</p>"
)


@pytest.fixture(scope="module")
def evil() -> Iterator[HttpServer]:
    with HttpServer() as running:
        yield running


@pytest.fixture(scope="module")
def hostile(evil: HttpServer) -> list[str]:
    """Payloads that tell their number, and lead to a server that hears what it is asked for."""
    return [
        filled(one, js=f"console.log({RAN + number})", url=evil.url(f"/x{number}")).replace(
            "evil.test", f"127.0.0.1:{evil.port}/x{number}"
        )
        for number, one in enumerate(payloads())
    ]


@pytest.fixture(scope="module")
def hostile_pages(hostile: list[str]) -> list[str]:
    """All of them in one page, then some at a time."""
    return [page_of(hostile), *(page_of(hostile[start : start + 80]) for start in range(0, len(hostile), 80))]


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory, hostile_pages: list[str]) -> Iterator[Port]:
    path = archive_of(
        tmp_path_factory.mktemp("browser"),
        *(capture(f"{HOSTILE}{number}", page) for number, page in enumerate(hostile_pages)),
        capture(STORY, LONG),
        capture("https://news.example/i.png", PNG, kind="image/png"),
        capture("https://news.example/b", "<p>The other page", "2024-05-01 10:30:00"),
    )
    own = OwnPolicy(PREFIX, OWN_HEADERS)
    with serving(path) as server, on_a_port(Guard(server.app, own_policies=[own])) as running:
        yield running


class Watched:
    """A page of the browser, what ran in it and what it asked for."""

    def __init__(self, window: BrowserContext) -> None:
        self.page: Page = window.new_page()
        self.asked: list[str] = []
        self.ran: set[int] = set()
        """The numbers of the payloads that did."""
        self.page.on("console", self._said)
        self.page.on("dialog", lambda dialog: dialog.dismiss())
        window.on("request", lambda request: self.asked.append(request.url))

    def _said(self, message: Any) -> None:
        if message.text.isdigit() and int(message.text) >= RAN:
            self.ran.add(int(message.text) - RAN)

    def open(self, url: str) -> None:
        self.page.goto(url, wait_until="commit")
        self.page.wait_for_timeout(SETTLED)

    def asked_elsewhere(self, origin: str) -> list[str]:
        return [url for url in self.asked if not url.startswith((f"{origin}/web/", "data:"))]


def test_the_payloads_do_run_where_nothing_holds_them_back(
    window: BrowserContext, evil: HttpServer, hostile: list[str]
) -> None:
    watched = Watched(window)
    assert len(hostile) >= 300
    some = range(0, len(hostile), 7)
    for number in some:
        evil.page(f"/raw/{number}", f"<!DOCTYPE html><body>{hostile[number]}")
    evil.page("/all", "".join(f"<iframe src=/raw/{number}></iframe>" for number in some))
    watched.page.goto(evil.url("/all"))
    watched.page.wait_for_timeout(SETTLED)
    asked = {one.path for one in evil.requests if one.path.startswith("/x")}
    # Most are old ways that this browser has closed.
    assert len(watched.ran) > len(some) // 12
    assert len(asked) > len(some) // 10


def test_a_replayed_page_runs_nothing_and_asks_nobody(
    window: BrowserContext, evil: HttpServer, hostile_pages: list[str], port: Port
) -> None:
    watched = Watched(window)
    connections, requests = evil.connections, len(evil.requests)
    port.asked.clear()
    for number in range(len(hostile_pages)):
        for kind in ("", "pr_") if number == 0 else ("",):
            watched.open(f"{port.url}/web/20240501100000{kind}/{HOSTILE}{number}")
    assert watched.ran == set()
    assert watched.asked_elsewhere(port.url) == []
    assert (evil.connections, len(evil.requests)) == (connections, requests)
    # Of ours the frames, what is in them, their style sheet, and nothing else.
    assert {path.rpartition("/")[0] if "static" not in path else path for path in port.asked} == {
        "/web/static/replay.css",
        *(f"/web/20240501100000{kind}/https://hostile.example" for kind in ("", "mp_", "pr_")),
    }


def test_a_page_that_was_not_rewritten_could_do_nothing_either(
    window: BrowserContext, evil: HttpServer, hostile_pages: list[str]
) -> None:
    watched = Watched(window)
    for number, page in enumerate(hostile_pages):
        evil.page(f"/held/{number}", page, headers=tuple(policy("alone").items()))
        evil.page(f"/framed/{number}", page, headers=tuple(policy("framed").items()))
        evil.page(
            f"/around/{number}", f"<iframe src=/framed/{number}></iframe>", headers=tuple(policy("frame").items())
        )
        before = len(evil.requests)
        kinds = ("held", "around") if number == 0 else ("around",)
        for kind in kinds:
            watched.open(evil.url(f"/{kind}/{number}"))
        assert {one.path for one in evil.requests[before:]} == {f"/{kind}/{number}" for kind in (*kinds, "framed")}
    assert watched.ran == set()


def test_a_saved_file_runs_nothing_and_asks_nobody(
    window: BrowserContext, evil: HttpServer, port: Port, tmp_path: Path
) -> None:
    watched = Watched(window)
    watched.page.goto(f"{port.url}/web/20240501100000/{HOSTILE}0")
    watched.page.locator("summary").first.click()
    with watched.page.expect_download() as download:
        watched.page.get_by_text("Save as one file").click()
    saved = tmp_path / download.value.suggested_filename
    download.value.save_as(saved)
    assert saved.suffix == ".html"
    before = len(evil.requests)
    watched.asked.clear()
    watched.open(saved.as_uri())
    assert watched.asked == [saved.as_uri()]
    assert watched.ran == set()
    assert len(evil.requests) == before


def test_links_lead_to_captures_and_never_out(window: BrowserContext, port: Port) -> None:
    watched = Watched(window)
    start = f"{port.url}/web/20240501100000/{STORY}"
    watched.page.goto(start)
    watched.page.frames[1].get_by_text("held").click()
    watched.page.wait_for_url(f"{port.url}/web/20240501103000/https://news.example/b")
    assert watched.page.frames[1].get_by_text("The other page").is_visible()
    watched.page.go_back()
    watched.page.frames[1].get_by_text("out").click()
    watched.page.wait_for_url("**/https://elsewhere.example/x")
    assert watched.page.get_by_text("holds no capture").is_visible()
    assert watched.asked_elsewhere(port.url) == []


def test_a_page_is_read_with_the_keys_alone(window: BrowserContext, port: Port) -> None:
    page = window.new_page()
    page.goto(f"{port.url}/web/20240501100000/{STORY}")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the captured page"
    page.keyboard.press("Enter")
    page.wait_for_function("document.activeElement.tagName == 'IFRAME'")
    end = page.frames[1].get_by_text("The end")
    assert end.bounding_box()["y"] > 2_000
    page.keyboard.press("End")
    page.wait_for_timeout(500)
    assert end.bounding_box()["y"] < 1_000


def test_the_banner_fits_a_phone_and_no_style_of_the_page_reaches_it(window: BrowserContext, port: Port) -> None:
    page = window.new_page()
    page.set_viewport_size({"width": 360, "height": 700})
    for path in (f"20240501100000/{STORY}", f"20240501100000/{HOSTILE}0", f"*/{STORY}", "2024/https://none.example/x"):
        page.goto(f"{port.url}/web/{path}")
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        if page.locator("header").count():
            page.locator("summary").first.click()
            assert page.evaluate("document.documentElement.scrollWidth") <= 360
            assert page.get_by_text("2024-05-01 10:00:00 UTC").is_visible()
