"""Headings: one an element, with kicker, counters and hidden words told apart."""

from __future__ import annotations

import pytest

from scraper.extract.headings import Heading, read_headings
from scraper.extract.page import Page


def headings(html: str) -> list[Heading]:
    return read_headings(Page.read(f"<!doctype html><html><body>{html}</body></html>").outline)


def one(html: str) -> Heading:
    (heading,) = headings(html)
    return heading


def test_ranks_and_places() -> None:
    found = headings("<h1>First</h1><p>Text.</p><h2>Second</h2><h3>Third</h3><h4>Fourth</h4>")
    assert [(h.text, h.level, h.index) for h in found] == [("First", 1, 0), ("Second", 2, 2), ("Third", 3, 3)]


def test_lower_ranks_are_read_only_up_to_a_block() -> None:
    outline = Page.read("<body><h2>A b</h2><p>Text.</p><h2>C d</h2><h1>E f</h1></body>").outline
    assert [h.text for h in read_headings(outline, until=1)] == ["A b", "E f"]


@pytest.mark.parametrize(
    "html",
    [
        "<h1><span class=kicker>Harbour</span> <span>Ferry returns after the winter</span></h1>",
        "<h1><div class='headline__overline'>Harbour</div><div>Ferry returns after the winter</div></h1>",
        "<h1><i class=title__overline>Harbour</i><i class=h-offscreen> - </i>Ferry returns after the winter</h1>",
        "<h1><b class=eyebrow>Harbour</b>: Ferry returns after the winter</h1>",
        "<h2><span class=article-kicker>Harbour</span><span>Ferry returns after the winter</span></h2>",
    ],
)  # fmt: skip
def test_kickers(html: str) -> None:
    heading = one(html)
    assert heading.core == "Ferry returns after the winter"
    assert heading.text.startswith("Harbour")
    assert "HarbourFerry" not in heading.text


def test_what_is_named_a_kicker_but_is_the_headline() -> None:
    heading = one("<h1><span class=kicker>Ferry returns after the winter</span> today</h1>")
    assert heading.core == heading.text == "Ferry returns after the winter today"


@pytest.mark.parametrize(
    "html",
    [
        "<h1>Ferry returns <span class=comment-count>87</span></h1>",
        "<h1><time datetime=2024-05-03>May 3, 2024</time> Ferry returns</h1>",
        "<h1>Ferry returns <a class=permalink href=#x>#</a></h1>",
        "<h1>Ferry returns <span class='visually-hidden'>Link</span></h1>",
        "<h1>Ferry<br>returns</h1>",
        "<h1><span>Ferry</span>\n<em>returns</em></h1>",
    ],
)  # fmt: skip
def test_what_stands_beside_the_words(html: str) -> None:
    assert one(html).text == "Ferry returns"


def test_a_drop_cap_is_no_word() -> None:
    assert one("<h1><span class=cap>F</span>erry returns</h1>").text == "Ferry returns"


@pytest.mark.parametrize(
    "html",
    [
        "<nav class=breadcrumb><h1>Ferry returns</h1></nav>",
        "<ol class='m-breadcrumbs'><li><h1>Ferry returns</h1></li></ol>",
        "<ul><li><a href=/news>News</a></li><li><h1>Ferry returns</h1></li></ul>",
        "<h1 class=breadcrumb_last>Ferry returns</h1>",
        "<div class='article__header__crumb'><a href=/>Home</a><h1>Ferry returns</h1></div>",
    ],
)  # fmt: skip
def test_steps_of_a_trail(html: str) -> None:
    assert one(html).trail


@pytest.mark.parametrize(
    "html",
    [
        "<div class='site-branding logo'><h1>Gazette</h1></div>",
        "<h1 class=logo>Gazette</h1>",
        "<footer><h2>More</h2></footer>",
        "<div class='sidebar-area widget'><h2>Popular</h2></div>",
        "<div class=related><h2>Read on</h2></div>",
    ],
)  # fmt: skip
def test_chrome(html: str) -> None:
    assert one(html).chrome


@pytest.mark.parametrize(
    "html",
    [
        "<article><header><h1>Ferry returns</h1></header></article>",
        "<div class='content without-sidebar'><h1>Ferry returns</h1></div>",
        "<div class='elementor-widget-container'><h1>Ferry returns</h1></div>",
        "<div class=has-sidebar><div><h1>Ferry returns</h1></div></div>",
    ],
)  # fmt: skip
def test_no_chrome(html: str) -> None:
    assert not one(html).chrome
    assert not one(html).trail


def test_hidden_and_endless_headings_are_none() -> None:
    assert headings("<h1 hidden>Menu</h1><h1></h1><h1>" + "word " * 200 + "</h1>") == []
