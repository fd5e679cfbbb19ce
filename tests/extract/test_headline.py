"""The headline: what a reader sees above the text, without the site's name around it."""

from __future__ import annotations

import pytest

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


def test_a_kicker_in_an_element_of_its_own() -> None:
    h1 = f"<span class=kicker>Harbour</span><span>{HEADLINE}</span>"
    assert headline(page(h1=h1)) == HEADLINE
    whole = f"Harbour: {HEADLINE}"
    assert headline(page(h1=h1, title=whole, head=ld({"@type": "NewsArticle", "headline": whole}))) == whole


def test_words_run_together_are_spelled_as_a_title_spells_them() -> None:
    h1 = "<span>Islands</span>the ferry returns at last to the harbour"
    stated = "Islands: the ferry returns at last to the harbour"
    assert headline(page(h1=h1, title=stated)) == stated


def test_a_heading_in_capitals_is_spelled_as_a_title_spells_it() -> None:
    assert headline(page(h1=HEADLINE.upper(), title=HEADLINE)) == HEADLINE
    assert headline(page(h1=HEADLINE.upper(), title="Boats")) == HEADLINE.upper()


def test_an_h1_worded_unlike_every_title_is_still_what_a_reader_sees() -> None:
    html = page(
        h1="Three winters without a boat are over",
        title=f"{HEADLINE} | The Gazette",
        head=SITE + ld({"@type": "NewsArticle", "headline": HEADLINE}),
    )
    assert headline(html) == "Three winters without a boat are over"


@pytest.mark.parametrize("logo", ["<div class=logo><h1>News from all the coasts</h1></div>", "<h1>Our blog</h1>"])
def test_a_motto_above_the_article_is_not_the_headline(logo: str) -> None:
    head = ld({"@type": "NewsArticle", "headline": HEADLINE})
    assert headline(page(above=logo, h1="", title=HEADLINE, head=head)) == HEADLINE


def trail(step: str) -> str:
    return f"<ul class=breadcrumbs><li><a href=/n>News</a></li><li><h1>{step}</h1></li></ul>"


def test_the_last_step_of_the_trail_is_not_the_headline() -> None:
    searched = "Ferry harbour islands: when does the boat come back?"
    shown = f"<h2>{HEADLINE}</h2>"
    described = ld({"@type": "NewsArticle", "headline": HEADLINE})
    assert headline(page(above=trail(searched), h1="", byline=shown, title=searched, head=described)) == HEADLINE
    shared = f'<meta property="og:title" content="{HEADLINE}">'
    repeated = ld({"@type": "NewsArticle", "headline": searched})
    assert (
        headline(page(above=trail(searched), h1="", byline=shown, title=searched, head=repeated + shared)) == HEADLINE
    )
    assert headline(page(above=trail(HEADLINE), h1="", title=HEADLINE, head=described)) == HEADLINE


def test_counters_and_dates_in_the_heading() -> None:
    assert headline(page(h1=f"<time>May 3</time> {HEADLINE} <span class=comments-count>87</span>")) == HEADLINE


def test_the_heading_s_own_site_name() -> None:
    assert headline(page(head=SITE, h1=f"{HEADLINE} – The Gazette", title=f"{HEADLINE} – The Gazette")) == HEADLINE


def test_a_title_cut_short_gives_way() -> None:
    long = "Ferry returns to the old harbour after three winters in which the islands waited for it"
    head = ld({"@type": "NewsArticle", "headline": long[:70]}) + f'<meta property="og:title" content="{long}">'
    assert headline(page(head=head, h1="", title=long)) == long


@pytest.mark.parametrize(
    ("h1", "title", "name"),
    [
        ("Паром повернувся до старої гавані", "Паром повернувся до старої гавані — Газета", "Газета"),
        ("عودة العبّارة إلى الميناء القديم", "عودة العبّارة إلى الميناء القديم | صدى", "صدى"),
        ("渡轮回到旧港口", "渡轮回到旧港口-民报网", "民报网"),
        ("フェリーが古い港に戻る", "フェリーが古い港に戻る：港日報", "港日報"),
        ("המעבורת חזרה לנמל הישן", "המעבורת חזרה לנמל הישן | הגזט", "הגזט"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("shown", [True, False])
def test_headlines_in_other_scripts(h1: str, title: str, name: str, shown: bool) -> None:
    head = f'<meta property="og:site_name" content="{name}">'
    found = headline(page(head=head, h1=h1 if shown else "", title=title))
    assert found == (h1 if shown or "-" not in title else title)
