"""An explained page in Chromium: the list leads to the marks with the keys alone, and nothing of the page runs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from scraper.web.server import web
from tests.extract.pages import PARAGRAPHS
from tests.extract.pages import page as story
from tests.http_server import HttpServer
from tests.web.replay.archived import archive_of, capture
from tests.web.replay.conftest import Port, on_a_port
from tests.web.replay.payloads import filled, page_of, payloads

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Locator, Page

pytestmark = pytest.mark.browser

RAN = "payload 7357 ran"
LONG = story(
    above="<ul>" + "".join(f"<li><a href=/{n}>Link number {n}</a>" for n in range(60)) + "</ul>",
    below="<footer>" + "".join(f"<p>Line {n} of the footer" for n in range(60)) + "</footer>",
)


@pytest.fixture(scope="module")
def evil() -> Iterator[HttpServer]:
    with HttpServer() as running:
        yield running


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory, evil: HttpServer) -> Iterator[Port]:
    hostile = [filled(one, js=f"console.log('{RAN}')", url=evil.url("/x")) for one in payloads()]
    path: Path = archive_of(
        tmp_path_factory.mktemp("explained"),
        capture("https://news.example/long", LONG),
        capture("https://hostile.example/", story(above=page_of(hostile))),
    )
    pages = web(path)
    try:
        with on_a_port(pages.app) as running:
            yield running
    finally:
        pages.close()


@pytest.fixture
def page(window: BrowserContext) -> Page:
    made = window.new_page()
    made.set_default_timeout(60_000)
    return made


def is_seen(mark: Locator) -> bool:
    """Whether it stands within what the frame shows of its page."""
    top, bottom, height = mark.evaluate(
        "one => { const at = one.getBoundingClientRect(); return [at.top, at.bottom, innerHeight] }"
    )
    return bool(0 <= top < bottom <= height)


@pytest.mark.parametrize("width", [360, 1280])
def test_from_the_list_to_the_mark_and_back_with_the_keys_alone(page: Page, port: Port, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(f"{port.url}/capture/1/explain")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    mark = page.frames[1].get_by_text("✓ 64")
    assert not is_seen(mark)
    port.asked.clear()
    page.get_by_role("link", name="✓ 64 kept").focus()
    page.keyboard.press("Enter")
    page.frames[1].wait_for_function("() => location.hash")
    assert is_seen(mark)
    # The page stays in sight beside the list, above it on a phone; and the list where it was.
    frame = page.locator("iframe").bounding_box()
    assert frame is not None
    assert 0 <= frame["y"] < 800
    page.frames[1].get_by_text("✓ 65").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"{port.url}/capture/1/explain#block-65")
    assert page.evaluate("document.querySelector(':target').id") == "block-65"
    row = page.locator("#block-65").bounding_box()
    assert row is not None
    assert 0 <= row["y"] < 800
    # None of it took a request.
    assert [path for path in port.asked if not path.endswith(".svg")] == []


def test_marks_are_told_apart_by_more_than_colour(page: Page, port: Port) -> None:
    page.goto(f"{port.url}/capture/1/explain")
    frame = page.frames[1]
    kept = frame.get_by_text(PARAGRAPHS[0])
    left_out = frame.get_by_text("Line 7 of the footer")
    styles = [one.evaluate("one => getComputedStyle(one).outlineStyle") for one in (kept, left_out)]
    assert styles == ["solid", "dashed"]
    assert (frame.get_by_text("✓").count(), frame.get_by_text("✕").count()) == (5, 121)


def test_nothing_of_an_explained_page_runs_or_is_asked_for(
    window: BrowserContext, page: Page, port: Port, evil: HttpServer
) -> None:
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("dialog", lambda dialog: dialog.dismiss())
    window.on("request", lambda request: asked.append(request.url))
    before = evil.connections
    page.goto(f"{port.url}/capture/2/explain")
    page.wait_for_timeout(400)
    assert len(page.frames) == 2
    assert page.frames[1].get_by_text("✓").count() >= 5
    assert RAN not in said
    assert [url for url in asked if not url.startswith((f"{port.url}/", "data:"))] == []
    assert evil.connections == before
