"""What a page says of its texts, to whoever reads it aloud, and on paper."""

from __future__ import annotations

import pytest

from tests.web.journeys.addresses import filled
from tests.web.journeys.archived import Known
from tests.web.journeys.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("journeys")]

DIRECTIONS = """(selector) => [...document.querySelectorAll(selector)].map((one) =>
  [one.closest("[lang]").lang, getComputedStyle(one).direction])"""
"""The language and the direction of each element."""


@pytest.mark.parametrize("address", ["/article/{arabic}", "/article/{endless_arabic}"])
def test_arabic_is_read_from_the_right(visitor: Visitor, known: Known, address: str) -> None:
    visitor.open(filled(address, known))
    assert visitor.page.evaluate(DIRECTIONS, "h1") == [["ar", "rtl"]]
    paragraphs = visitor.page.evaluate(DIRECTIONS, ".text p")
    assert paragraphs
    assert {tuple(one) for one in paragraphs} == {("ar", "rtl")}
    # And what is ours from the left, around it.
    assert visitor.page.evaluate(DIRECTIONS, "html, .top nav, .tabs, #about") == [["en", "ltr"]] * 4
    assert visitor.page.evaluate("getComputedStyle(document.querySelector('h1')).textAlign") == "start"


def test_each_text_says_its_language(visitor: Visitor, known: Known) -> None:
    for number, language in ((known.chinese, "zh-Hans"), (known.ukrainian, "uk-UA"), (known.ferry, "en-GB")):
        visitor.open(f"/article/{number}?lang_ui=uk")
        assert visitor.page.evaluate("document.documentElement.lang") == "uk"
        assert visitor.page.evaluate(DIRECTIONS, "h1") == [[language, "ltr"]]
        assert {tuple(one) for one in visitor.page.evaluate(DIRECTIONS, ".text > p")} == {(language, "ltr")}


def test_hits_say_theirs(visitor: Visitor, known: Known) -> None:
    visitor.open("/search?q=السمك")
    assert visitor.page.evaluate(DIRECTIONS, ".hits h3 a, .snippet") == [["ar", "rtl"]] * 2
    assert visitor.page.evaluate("document.querySelector('#q').matches(':dir(rtl)')")


def test_an_article_on_paper(visitor: Visitor, known: Known) -> None:
    visitor.open(f"/article/{known.ferry}")
    page = visitor.page
    text = page.locator(".text")
    citation = page.locator(".citation")
    assert not citation.is_visible()
    page.emulate_media(media="print", color_scheme="dark")
    assert text.is_visible()
    assert page.locator("h1").is_visible()
    assert citation.is_visible()
    said = citation.inner_text()
    assert known.ferry_url in said
    assert "Nora Whitlock" in said
    assert "2024-11-21T09:30:00" in said
    for gone in ("nav", "form", ".foot", "details", ".out", "#cite", "#sources"):
        assert not [one for one in page.locator(gone).all() if one.is_visible()], gone
    # Black on white, whatever the screen is like.
    colours = page.evaluate(
        "[document.body, document.querySelector('h1')].map((one) =>"
        " [getComputedStyle(one).color, getComputedStyle(document.body).backgroundColor])"
    )
    assert colours == [["rgb(0, 0, 0)", "rgb(255, 255, 255)"]] * 2
    page.set_viewport_size({"width": 700, "height": 900})
    assert page.evaluate("document.scrollingElement.scrollWidth") <= 700


def test_differences_on_paper_are_marked_without_colour(visitor: Visitor, known: Known) -> None:
    visitor.open(f"/article/{known.ferry}/diff")
    visitor.page.emulate_media(media="print")
    for tag, line in (("del", "line-through"), ("ins", "underline")):
        marks = visitor.page.evaluate(
            "(tag) => [...document.querySelectorAll(tag)].map((one) => getComputedStyle(one).textDecorationLine)", tag
        )
        assert marks
        assert set(marks) == {line}
