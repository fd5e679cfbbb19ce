"""The headline: what a reader sees above the text, without the site's name around it."""

from __future__ import annotations

import pytest

from scraper.extract.fields.headline import without_site_name
from tests.extract.pages import HEADLINE, ld, page, read

SITE = '<meta property="og:site_name" content="The Gazette">'


def headline(html: str, url: str | None = "https://www.gazette.example/news/ferry-returns") -> str | None:
    return read(html, url=url).article.headline


@pytest.mark.parametrize(
    "title",
    [
        HEADLINE,
        f"{HEADLINE} | The Gazette",
        f"{HEADLINE} - The Gazette",
        f"{HEADLINE} – Gazette",
        f"{HEADLINE} — The Gazette",
        f"{HEADLINE} « The Gazette",
        f"{HEADLINE} • gazette.example",
        f"The Gazette: {HEADLINE}",
        f"The Gazette | {HEADLINE}",
        f"{HEADLINE} | Harbour | The Gazette",
        f"{HEADLINE} - The Gazette - The Gazette",
        f"  {HEADLINE}\n\t| The Gazette ",
    ],
)
@pytest.mark.parametrize("h1", [HEADLINE, ""])
def test_the_site_s_name_around_a_title(title: str, h1: str) -> None:
    found = headline(page(head=SITE, title=title, h1=h1))
    # Without a visible heading nothing tells that "Harbour" is a section and not part of the headline.
    expected = f"{HEADLINE} | Harbour" if not h1 and "Harbour |" in title else HEADLINE
    assert found == expected


def test_a_separator_inside_the_headline_stays() -> None:
    title = "Ferry - the boat that came back - The Gazette"
    assert headline(page(head=SITE, title=title, h1="")) == "Ferry - the boat that came back"
    assert (
        headline(page(head=SITE, title=title, h1="Ferry - the boat that came back"))
        == "Ferry - the boat that came back"
    )


def test_names_are_compared_without_article_and_spaces() -> None:
    names = frozenset(("the millbrook bugle", "millbrook-bugle"))
    assert without_site_name("Pond drained | Millbrook Bugle", names) == "Pond drained"
    assert without_site_name("Pond drained | Bugle of the pond", names) == "Pond drained | Bugle of the pond"
    assert without_site_name("Millbrook Bugle", names) == "Millbrook Bugle"


def test_a_title_of_only_separators_survives() -> None:
    assert without_site_name("| - | :", frozenset(("x",))) == "| - | :"
    assert without_site_name("a | " * 50_000, frozenset(("a",)))


@pytest.mark.parametrize("h1", [f"Harbour: {HEADLINE}", f"Islands - {HEADLINE}", f"LIVE | {HEADLINE}"])
def test_a_kicker_before_the_headline_is_left_out(h1: str) -> None:
    assert headline(page(title=f"{HEADLINE} | The Gazette", head=SITE, h1=h1)) == HEADLINE


def test_the_visible_heading_beats_the_share_title() -> None:
    html = page(
        head=SITE + '<meta property="og:title" content="Old harbour ferry returns at last">',
        title="Old harbour ferry returns at last | The Gazette",
        h1="Ferry returns to the old harbour at last",
    )
    assert headline(html) == "Ferry returns to the old harbour at last"


def test_an_h1_that_is_the_logo_is_no_headline() -> None:
    html = page(above="<header><h1>The Gazette</h1></header>", h1="", head=SITE, byline=f"<h2>{HEADLINE}</h2>")
    assert headline(html) == HEADLINE


def test_an_h1_unlike_every_title_is_no_headline() -> None:
    html = page(
        above="<h1>All the news of the coast</h1>",
        h1="",
        byline=f"<h2>{HEADLINE}</h2>",
        title=f"{HEADLINE} | The Gazette",
        head=SITE,
    )
    assert headline(html) == HEADLINE


def test_several_h1s() -> None:
    assert (
        headline(page(above="<h1>The Gazette</h1><h1>Weather</h1>", below="<h1>More news</h1>", head=SITE)) == HEADLINE
    )


def test_a_hidden_heading_is_no_headline() -> None:
    assert headline(page(above="<h1 style='display:none'>Menu of this site</h1>")) == HEADLINE


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (ld({"@type": "NewsArticle", "headline": "The boat is back"}), "The boat is back"),
        ('<meta property="og:title" content="The boat is back">', "The boat is back"),
        ("<title>The boat is back</title>", "The boat is back"),
    ],
)
def test_without_any_heading_a_stated_title_is_used(head: str, expected: str) -> None:
    html = page(head=head, title="", h1="").replace("<title></title>", "")
    assert headline(html) == expected


def test_without_title_or_heading_a_line_in_bold() -> None:
    html = page(title="", h1="", byline=f"<p><b>{HEADLINE}</b></p>").replace("<title></title>", "")
    article = read(html).article
    assert article.headline == HEADLINE
    assert HEADLINE not in (article.body or "")


def test_a_page_without_any_title_gives_a_reason() -> None:
    article = read(page(title="", h1="").replace("<title></title>", "")).article
    assert article.headline is None
    assert article.provenance["headline"].reason


def test_entities_and_markup_in_the_heading() -> None:
    assert (
        headline(page(h1="Ferry &amp; <em>boats</em>&nbsp;return<br>to the harbour"))
        == "Ferry & boats return to the harbour"
    )


def test_a_title_that_is_only_the_site_s_name() -> None:
    assert headline(page(title="The Gazette", head=SITE)) == HEADLINE


def test_ten_thousand_headings_take_no_quadratic_time() -> None:
    assert headline(page(below="<div><h3>Another story</h3></div>" * 3_000, title=HEADLINE, h1=HEADLINE)) == HEADLINE
