"""Proposals: selectors that lead to what was extracted, on every page given; names that will last."""

from __future__ import annotations

from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser

from scraper.extract import SiteFiles, extract
from scraper.extract.sitefiles import load_site_file
from scraper.extract.sitefiles.naming import names_for
from scraper.extract.sitefiles.proposing import PageGiven, Proposal, propose
from tests.extract.pages import PARAGRAPHS, TEXT

STORIES = {
    "ferry": ("Ferry returns to the old harbour", ("Ann Lee",), "2024-05-03"),
    "tower": ("Clock tower loses its second hand", ("Bo Ek", "Cy Dow"), "2024-06-11"),
}


def story(name: str) -> bytes:
    headline, authors, day = STORIES[name]
    people = " ".join(f"<a class='byline-name css-1x{len(a)}9' href='/p/{a}'>{a}</a>" for a in authors)
    text = TEXT.replace("Tuesday", f"Tuesday, of the {name}")
    return f"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{headline} | The Gazette</title>
<meta property="og:type" content="article"><meta property="og:site_name" content="The Gazette">
<meta property="article:published_time" content="{day}T08:00:00+00:00"></head>
<body class="post-{len(name)}123"><header class="masthead"><a href="/">The Gazette</a></header>
<article class="story sc-a1b2c3"><h1 class="story-title css-9f8e7d">{headline}</h1>
<p class="story-byline">By {people}</p>
<div class="story-text mt-4">{text}<div class="read-more"><a href="/x">Read also: a story about something else</a></div>
</div></article></body></html>""".encode()


def given(*names: str) -> Proposal:
    return propose([PageGiven(story(name), f"https://www.gazette.example/news/{name}") for name in names])


def test_a_proposal_is_a_site_file_that_finds_what_was_found_without_it(tmp_path: Path) -> None:
    proposal = given("ferry", "tower")
    path = tmp_path / "gazette.toml"
    path.write_text(proposal.draft.as_toml(), encoding="utf-8")
    file = load_site_file(path)
    assert (file.name, file.hosts, file.language) == ("The Gazette", ("gazette.example",), "en")
    for name, (headline, authors, day) in STORIES.items():
        article = extract(story(name), url=f"https://gazette.example/news/{name}", sites=SiteFiles([file]))
        assert article.headline == headline
        assert article.authors == authors
        assert (article.published_at or "")[:10] == day
        assert len((article.body or "").split("\n\n")) == len(PARAGRAPHS)
        for field in ("headline", "authors", "published_at", "body"):
            assert article.provenance[field].source == "site_file"


def test_its_selectors_are_the_plain_and_lasting_ones() -> None:
    fields = given("ferry", "tower").draft.fields
    assert fields["headline"] == [{"css": "h1"}]
    assert fields["authors"] == [{"css": ".byline-name", "many": True}]
    assert fields["body"] == [{"css": ".story-text", "strip": [".read-more"]}]
    [date] = fields["published_at"]
    assert date == {"css": "meta[property='article:published_time']", "attr": "content"}


def test_what_was_not_found_is_said() -> None:
    proposal = given("ferry")
    assert any(line.startswith("modified_at: no page gives it") for line in proposal.missing)


def test_a_page_that_is_no_article_is_left_aside() -> None:
    pages = [PageGiven(story("ferry"), "https://gazette.example/a"), PageGiven(b"<html>", "https://gazette.example/b")]
    proposal = propose(pages)
    assert "headline" in proposal.draft.fields
    assert any("https://gazette.example/b shows no article" in line for line in proposal.missing)


def test_pages_of_two_layouts_agree_on_little() -> None:
    other = story("tower").replace(b"story", b"entry").replace(b"<article", b"<div").replace(b"</article", b"</div")
    pages = [PageGiven(story("ferry"), "https://gazette.example/a"), PageGiven(other, "https://gazette.example/b")]
    proposal = propose(pages)
    assert "body" not in proposal.draft.fields
    assert any(line.startswith("body: no selector leads to it") for line in proposal.missing)


@pytest.mark.parametrize(
    "markup",
    [
        "<div class='css-1x9 sc-abc12 mt-4 flex is-active'>x</div>",
        "<div class='jsx-3998123 _2kXyz a1'>x</div>",
        "<div id='post-1234'>x</div>",
        "<div class='lg:w-1/2 md:flex'>x</div>",
        "<div data-testid='story-2024'>x</div>",
    ],
)
def test_names_that_tools_make_are_not_offered(markup: str) -> None:
    node = LexborHTMLParser(f"<html><body>{markup}</body></html>").css_first("div")
    assert node is not None
    assert [name for name, _ in names_for(node, alone=True)] == []


def test_names_that_people_give_are() -> None:
    markup = "<div id=story class='story-body css-1x9' itemprop=articleBody data-testid=body>x</div>"
    node = LexborHTMLParser(f"<html><body>{markup}</body></html>").css_first("div")
    assert node is not None
    names = [name for name, _ in names_for(node, alone=True)]
    assert names[0] == "[itemprop='articleBody']"
    assert {"#story", ".story-body", "[data-testid='body']"} <= set(names)
