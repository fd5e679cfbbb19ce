"""Where the dates of a page stand, and what is noted of them."""

from __future__ import annotations

import time

from scraper.extract.dates.shown import ShownDate, frame_of, read_shown_dates, texts_near
from scraper.extract.dates.written import Reading
from scraper.extract.page import Page
from tests.extract.pages import HEADLINE, PARAGRAPHS, URL, page


def shown(html: str) -> list[ShownDate]:
    """The dates on a page of `pages.page`, whose headline and text are known."""
    outline = Page.read(html, url=URL).outline
    title = next(block.index for block in outline.blocks if block.text == HEADLINE)
    body = [block for block in outline.blocks if block.text in PARAGRAPHS]
    return read_shown_dates(outline, frame_of(outline, title, body), Reading("en"))


def test_places() -> None:
    html = page(
        above="<p>1 May 2024</p><p>Home</p>",
        byline="<p>2 May 2024</p>",
        below="<p>3 May 2024</p>" + "<p>Boats</p>" * 5 + "<p>4 May 2024</p>",
    )
    assert [(one.value, one.place) for one in shown(html)] == [
        ("2024-05-01", "top"),
        ("2024-05-02", "head"),
        ("2024-05-03", "end"),
        ("2024-05-04", "below"),
    ]


def test_a_line_above_the_headline_in_its_own_box_belongs_to_it() -> None:
    html = page(above="<p>1 May 2024</p>").replace("<h1>", "<p>2 May 2024</p><h1>")
    assert [(one.value, one.place) for one in shown(html)] == [("2024-05-01", "top"), ("2024-05-02", "above")]


def test_what_is_noted() -> None:
    html = page(
        byline='<div class=meta><time class="published" datetime="2024-05-02T08:00:00Z">2 May 2024</time></div>',
        below="<div class=comments><p hidden>By <a href=/bo>Bo Ek, 4 June 2024</a></p></div>",
    )
    own, comment = shown(html)
    assert (own.value, own.text, own.selector) == (
        "2024-05-02T08:00:00+00:00",
        "2 May 2024",
        "time.published[datetime]",
    )
    assert (own.carried, own.alone, own.named, own.distance) == (True, True, "published", 1)
    assert (own.foreign, own.aside, own.linked, own.hidden) == (False, False, False, False)
    assert (comment.foreign, comment.linked, comment.hidden) == (True, True, True)


def test_an_element_that_says_another_day_than_its_text_is_a_date_of_its_own() -> None:
    html = page(byline='<p><time datetime="2024-05-01">2 May 2024</time></p>')
    assert [(one.value, one.text) for one in shown(html)] == [
        ("2024-05-02", "2 May 2024"),
        ("2024-05-01", "2 May 2024"),
    ]


def test_the_dates_of_a_list_are_counted() -> None:
    below = "".join(f"<div><h3><a href=/{n}>Boats</a></h3><p class=day>{n} May 2024</p></div>" for n in range(1, 5))
    assert [one.repeats for one in shown(page(below=below))] == [4, 4, 4, 4]


def test_the_texts_that_are_no_part_of_the_article_s_text() -> None:
    html = page(
        byline="<p>2 May 2024</p><p>Between 3 May 2024 and the end of the summer the ferry sails twice a day.</p>"
    )
    assert texts_near(shown(html)) == ["2 May 2024"]


def test_a_page_made_of_dates() -> None:
    row = '<div class="date" datetime="2024-05-02">' * 40 + "2 May 2024" + "</div>" * 40
    html = page(below=row * 500)
    begin = time.perf_counter()
    assert len(shown(html)) <= 200
    assert time.perf_counter() - begin < 10
