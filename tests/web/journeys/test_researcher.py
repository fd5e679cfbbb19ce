"""From a word to a citation, to what was changed, to the page as it was: by mouse, by keys alone, without scripts."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.web.journeys.addresses import filled
from tests.web.journeys.archived import Known
from tests.web.journeys.visitor import Keyboard, Visitor

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("journeys")]

BEFORE = "Island ferry to run until Christmas as council finds £48,000"
AFTER = "Island ferry to run until Christmas at a cost of £38,000"
BANNER = "A copy, captured 2024-11-19 09:30:00 UTC"

_FOCUSED = """() => {
    const focused = document.activeElement ?? document.body;
    const part = focused.closest("header, main, iframe, footer");
    return [part?.localName ?? "", [...document.querySelectorAll("*")].indexOf(focused)];
}"""


def read_differences(visitor: Visitor) -> None:
    page = visitor.page
    assert [one.inner_text() for one in page.locator(".changes del").all()] == ["48,000"]
    added = [one.inner_text() for one in page.locator(".changes ins").all()]
    assert added[0] == "38,000"
    assert added[1].startswith("Correction, November 20, 2024")
    assert page.locator("dd del").first.inner_text() == "as council finds"


def read_the_copy(visitor: Visitor, known: Known) -> None:
    """The replayed page says what it is and when it was seen, and shows that day's text."""
    page = visitor.page
    assert " ".join(page.locator("h1").inner_text().split()) == BANNER
    assert page.locator("header .address").inner_text() == known.ferry_url
    copy = page.frame_locator("iframe")
    assert copy.locator("h1.entry-title").inner_text() == BEFORE
    assert copy.get_by_text("£38,000").count() == 0


def read_the_citation(saved: Path, known: Known) -> None:
    text = saved.read_text(encoding="utf-8")
    assert text.startswith("@")
    assert text.count("{") == text.count("}")
    for part in (AFTER.replace("£", ""), "Whitlock", "2024-11-18", known.ferry_url):
        assert part in text.replace("£", "").replace("{", "").replace("}", ""), text


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_from_a_word_to_the_page_as_it_was(
    a_visitor: Callable[..., Visitor], known: Known, tmp_path: Path, scripts: bool
) -> None:
    visitor = a_visitor(java_script_enabled=scripts)
    page = visitor.page
    visitor.open("/")
    page.get_by_role("searchbox").fill("inchmara ferry")
    page.get_by_role("button", name="Search").click()
    visitor.at("/search?q=inchmara+ferry")
    assert page.locator("#results").inner_text() == "1 article"
    assert {one.inner_text().lower() for one in page.locator(".snippet mark").all()} <= {"inchmara", "ferry"}
    visitor.follow(AFTER)

    visitor.at(f"/article/{known.ferry}")
    assert page.locator("h1").inner_text() == AFTER
    with page.expect_download() as download:
        visitor.follow("BibTeX")
    saved = tmp_path / download.value.suggested_filename
    download.value.save_as(saved)
    assert saved.name == f"article-{known.ferry}.bib"
    read_the_citation(saved, known)

    visitor.follow("History")
    visitor.at(f"/article/{known.ferry}/history")
    assert page.locator(".history > li").count() == 2
    page.get_by_label("From").select_option("1")
    page.get_by_label("To", exact=True).select_option("2")
    page.get_by_role("button", name="Compare").click()
    visitor.at(f"/article/{known.ferry}/diff?from=1&to=2")
    read_differences(visitor)

    page.get_by_label("View").select_option("side")
    page.get_by_role("button", name="Compare").click()
    visitor.at(f"/article/{known.ferry}/diff?from=1&to=2&view=side")
    assert page.locator(".pairs .before del").inner_text() == "48,000"
    assert page.locator(".pairs .before ins").count() == 0

    visitor.follow("Text")
    visitor.follow("← Revision 1")
    visitor.at(f"/article/{known.ferry}?revision=1")
    assert page.locator("h1").inner_text() == BEFORE
    visitor.follow("The page as it was")
    visitor.at(f"/web/{known.captured}/{known.ferry_url}")
    read_the_copy(visitor, known)
    visitor.follow("Later", within="header")
    visitor.at(f"/web/{known.edited}/{known.ferry_url}")
    assert page.frame_locator("iframe").locator("h1.entry-title").inner_text() == AFTER

    page.go_back()
    read_the_copy(visitor, known)
    visitor.follow("Text of the article", within="header")
    visitor.at(f"/article/{known.ferry}*")
    assert page.locator("h1").inner_text() in (BEFORE, AFTER)


def test_with_the_keyboard_alone(visitor: Visitor, known: Known, tmp_path: Path) -> None:
    keyboard, page = Keyboard(visitor), visitor.page
    visitor.open("/")
    keyboard.skip()
    # What was skipped is behind, not out of reach.
    keyboard.go_to(page.get_by_role("searchbox"), "Shift+Tab")
    keyboard.type("inchmara ferry")
    keyboard.press("Enter")
    visitor.at("/search?q=inchmara+ferry")

    keyboard.skip()
    keyboard.go_to(page.locator("summary").first)
    keyboard.press("Space")
    keyboard.go_to(page.get_by_label("Verdict"))
    keyboard.press("ArrowDown")
    assert page.get_by_label("Verdict").input_value() == "ok"
    keyboard.go_to(page.get_by_role("button", name="Search"), "Shift+Tab")
    keyboard.press("Enter")
    visitor.at("/search?q=inchmara+ferry&*verdict=ok*")
    keyboard.skip()
    keyboard.follow(AFTER)

    visitor.at(f"/article/{known.ferry}")
    keyboard.skip()
    keyboard.follow("History")
    visitor.at(f"/article/{known.ferry}/history")
    keyboard.skip()
    keyboard.go_to(page.get_by_role("button", name="Compare"))
    keyboard.press("Space")
    visitor.at(f"/article/{known.ferry}/diff?from=1&to=2")
    read_differences(visitor)
    keyboard.skip()
    keyboard.go_to(page.get_by_label("View"))
    keyboard.press("ArrowDown")
    keyboard.go_to(page.get_by_role("checkbox"))
    keyboard.press("Space")
    keyboard.go_to(page.get_by_role("button", name="Compare"))
    keyboard.press("Enter")
    visitor.at(f"/article/{known.ferry}/diff?from=1&to=2&view=side&whole=1")
    keyboard.skip()
    keyboard.follow("Text")

    visitor.at(f"/article/{known.ferry}")
    keyboard.skip()
    keyboard.go_to(visitor.link("BibTeX"))
    with page.expect_download() as download:
        keyboard.press("Enter")
    saved = tmp_path / "cited.bib"
    download.value.save_as(saved)
    read_the_citation(saved, known)
    keyboard.go_to(page.locator("summary", has_text="BibTeX"))
    keyboard.press("Enter")
    keyboard.step(page.locator("pre").first)
    assert page.locator("pre").first.is_visible()

    keyboard.follow("← Revision 1", key="Shift+Tab")
    visitor.at(f"/article/{known.ferry}?revision=1")
    keyboard.skip()
    keyboard.follow("The page as it was")
    visitor.at(f"/web/{known.captured}/{known.ferry_url}")
    read_the_copy(visitor, known)
    keyboard.follow("Text of the article", within="header")
    visitor.at(f"/article/{known.ferry}*")


def test_what_was_kept_of_a_page(visitor: Visitor, known: Known) -> None:
    """From a block in the list to its place in the page, and back."""
    visitor.open(f"/article/{known.ferry}?revision=1")
    visitor.follow("Explained")
    visitor.at(f"/capture/{known.capture}/explain")
    page, inside = visitor.page, visitor.page.frame_locator("iframe")
    assert inside.locator("h1.entry-title").is_visible()
    last = page.locator(".block-list .kept a").last
    number = re.sub(r"\D", "", last.inner_text())
    text = page.locator(f"#block-{number} .begins").inner_text()[:40]
    assert text
    last.click()
    place = inside.get_by_text(text, exact=False).first
    place.wait_for()
    page.frames[1].wait_for_function("window.scrollY > 100")
    assert place.bounding_box() is not None


def focused(page: Page) -> tuple[str, int]:
    """What has the focus: the part of the page, and which of the elements there."""
    part, element = page.evaluate(_FOCUSED)
    return (part, page.frames[1].evaluate(_FOCUSED)[1] if part == "iframe" else element)


def moved_from(before: tuple[str, int], page: Page) -> tuple[str, int]:
    """What has the focus after a key was pressed: it goes from one process to another, which can take a while."""
    until = time.monotonic() + 3
    while (now := focused(page)) == before and time.monotonic() < until:
        page.wait_for_timeout(20)
    return now


@pytest.mark.parametrize("key", ["Tab", "Shift+Tab"])
def test_a_copy_is_no_trap(visitor: Visitor, known: Known, key: str) -> None:
    """Through the frame with the captured page, its links and all, and out of it again: forwards and backwards."""
    keyboard, page = Keyboard(visitor), visitor.page
    visitor.open(f"/web/{known.captured}/{known.ferry_url}")
    page.frame_locator("iframe").locator("h1.entry-title").wait_for()
    keyboard.go_to(page.locator("a.skip"))
    trail = ["header"]
    at = focused(page)
    for _ in range(200):
        keyboard.step(key=key)
        at = moved_from(at, page)
        trail.append(at[0])
        if at[0] == "header" and "iframe" in trail:
            break
    else:
        pytest.fail(f"the focus never came out of the frame: {trail}")
    inside = trail.count("iframe")
    links = page.frame_locator("iframe").locator("a[href]:visible").count()
    assert links > 20
    assert inside >= links


def test_a_copy_is_read_by_keys(visitor: Visitor, known: Known) -> None:
    keyboard, page = Keyboard(visitor), visitor.page
    visitor.open(f"/web/{known.captured}/{known.ferry_url}")
    assert keyboard.step(page.locator("a.skip"))
    keyboard.press("Enter")
    page.wait_for_function("document.activeElement.localName == 'iframe'")
    frame = page.frames[1]
    for _ in range(5):
        keyboard.press("ArrowDown")
    frame.wait_for_function("window.scrollY > 0")


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("/article/{wall}", "Consent wall"),
        ("/article/{gone}", "has been gone from the web since"),
        ("/capture/{refused}", "410"),
    ],
)
def test_what_cannot_be_read_says_why(visitor: Visitor, known: Known, address: str, said: str) -> None:
    visitor.open(filled(address, known))
    assert said in visitor.page.locator("main .notice").first.inner_text()


def test_in_ukrainian(visitor: Visitor, known: Known) -> None:
    """The language that was chosen stays, through a form and into the copy of a page."""
    visitor.open("/")
    page = visitor.page
    page.get_by_role("link", name="Українська").click()
    page.get_by_role("searchbox").fill("водогін")
    page.get_by_role("searchbox").press("Enter")
    visitor.at("/search?q=*lang_ui=uk")
    page.locator(".hits a").first.click()
    visitor.at(f"/article/{known.ukrainian}?lang_ui=uk")
    assert page.locator("html").get_attribute("lang") == "uk"
    page.locator("main a[href^='/web/']").first.click()
    page.wait_for_url("**/web/**")
    assert page.locator("html").get_attribute("lang") == "uk"
    assert page.frame_locator("iframe").locator("html").get_attribute("lang") == "uk-ua"
