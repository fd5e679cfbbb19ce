"""The keys of a rule, each on a page: fallbacks, JSON, patterns, dates, what a body keeps and loses, other pages."""

from __future__ import annotations

import time
from datetime import date
from pathlib import Path

import pytest

from scraper.errors import SiteFileError
from scraper.extract import Extraction, SiteFiles
from scraper.extract.candidates import Evidence
from scraper.extract.page import Page
from scraper.extract.sitefiles import SiteReading, apply_layout, load_site_file
from tests.extract.pages import PARAGRAPHS, TEXT, URL, ld, page, read

TOP = 'name = "The Gazette"\nhosts = ["gazette.example"]\nlanguage = "de"\n[[layout]]\n'


def site(folder: Path, layout: str) -> SiteFiles:
    path = folder / "gazette.toml"
    path.write_text(TOP + layout, encoding="utf-8")
    return SiteFiles([load_site_file(path)])


def reading(folder: Path, layout: str, html: str) -> SiteReading:
    file = site(folder, layout).files[0]
    return apply_layout(file.layouts[-1], Page.read(html, url=URL), Evidence())


def extraction(folder: Path, layout: str, html: str) -> Extraction:
    return read(html, sites=site(folder, layout))


def test_rules_tried_in_order_each_with_its_own_keys(tmp_path: Path) -> None:
    layout = """[[layout.fields.authors]]
css = ".people a"
many = true
[[layout.fields.authors]]
css = "meta[name='desk']"
attr = "content"
pattern = 'Desk: (.+)'
"""
    linked = page(byline="<p class=people><a href=/a>Ann Lee</a> <a href=/b>Bo Ek</a></p>")
    desk = page(head="<meta name=desk content='Desk: Harbour News'>")
    assert extraction(tmp_path, layout, linked).article.authors == ("Ann Lee", "Bo Ek")
    assert extraction(tmp_path, layout, desk).article.authors == ("Harbour News",)
    assert extraction(tmp_path, layout, page()).missed == ("authors",)


def test_a_pattern_cuts_down_and_split_takes_apart(tmp_path: Path) -> None:
    layout = "[layout.fields.authors]\ncss = \".sign\"\npattern = 'Redaktion: ([^|]+)'\nsplit = '\\s+und\\s+'\n"
    article = extraction(tmp_path, layout, page(byline="<p class=sign>Redaktion: Ann Lee und Bo Ek | 4.5.</p>")).article
    assert article.authors == ("Ann Lee", "Bo Ek")
    assert article.provenance["authors"].source == "site_file"


def test_a_text_without_a_match_is_no_value(tmp_path: Path) -> None:
    layout = "[layout.fields.section]\ncss = \".sign\"\npattern = 'Section: (.+)'\n"
    assert reading(tmp_path, layout, page(byline="<p class=sign>nothing</p>")).missed == ["section"]


def test_a_date_in_the_site_s_language_and_form(tmp_path: Path) -> None:
    layout = "[layout.fields.published_at]\ncss = \".when\"\nformat = ['%d.%m.%y, %H:%M', '%d. %B %Y']\n"
    for written, found in (("03.05.24, 16:05", "2024-05-03T16:05:00"), ("3. März 2024", "2024-03-03")):
        article = extraction(tmp_path, layout, page(byline=f"<p class=when>{written}</p>")).article
        assert article.published_at == found


def test_sources_that_agree_do_not_outvote_the_site_file(tmp_path: Path) -> None:
    layout = "[layout.fields.published_at]\ncss = \".when\"\nformat = '%d.%m.%Y'\n"
    head = (
        ld({"@type": "NewsArticle", "datePublished": "2024-05-01"})
        + "<meta name=date content=2024-05-01><meta property=article:published_time content=2024-05-01>"
    )
    html = page(head=head, byline="<p class=when>03.05.2024</p><time datetime=2024-05-01>1 May 2024</time>")
    assert extraction(tmp_path, layout, html).article.published_at == "2024-05-03"


def test_values_out_of_json(tmp_path: Path) -> None:
    layout = """[layout.fields.authors]
json = "..writers.name"
many = true
[layout.fields.section]
json = ["nothing", "props.section"]
script = "#__NEXT_DATA__"
[layout.fields.image]
json = "props.picture.url"
[layout.fields.headline]
css = ".gone"
json = "props.title"
"""
    data = (
        '{"props": {"writers": [{"name": "Ann Lee"}, {"name": "Bo Ek"}], "section": "Sea &amp; Land", '
        '"picture": {"url": "/a.jpg"}, "title": "Ferry <i>returns</i>"}}'
    )
    html = page(head=f'<script type="application/json" id="__NEXT_DATA__">{data}</script>')
    article = extraction(tmp_path, layout, html).article
    assert article.authors == ("Ann Lee", "Bo Ek")
    assert article.section == "Sea & Land"
    assert article.image == "https://www.gazette.example/a.jpg"
    assert article.headline == "Ferry returns"
    assert article.provenance["section"].selector == "props.section"


def test_a_body_out_of_json(tmp_path: Path) -> None:
    layout = '[layout.fields.body]\njson = "props.blocks.html"\nmany = true\nstrip = ["aside"]\n'
    blocks = ", ".join(f'{{"html": "<p>{text}</p><aside>Advertisement</aside>"}}' for text in PARAGRAPHS)
    html = page(
        head=f'<script type="application/json">{{"props": {{"blocks": [{blocks}]}}}}</script>',
        text="<p>Loading …</p>",
    )
    assert (extraction(tmp_path, layout, html).article.body or "").split("\n\n") == list(PARAGRAPHS)


def test_what_a_body_keeps_and_loses(tmp_path: Path) -> None:
    layout = """[layout.fields.body]
css = ".text"
strip = [".box"]
keep = [".box .quote", ".more"]
strip_text = '^Read more:|^mit dpa$'
"""
    text = (
        f"{TEXT}<div class=box><p>Not this.</p><p class=quote>But this.</p></div>"
        "<p>Read more: Another story</p><p class=more style='display:none'>And the hidden end.</p><p>mit dpa</p>"
    )
    body = extraction(tmp_path, layout, page(text=text)).article.body or ""
    assert body.split("\n\n") == [*PARAGRAPHS, "But this.", "And the hidden end."]


def test_parts_of_a_body_that_stand_elsewhere(tmp_path: Path) -> None:
    html = page(above="<p class=dek>The line above.</p>")
    both = '[layout.fields.body]\ncss = ".text"\nalso = [".dek"]\n'
    assert (extraction(tmp_path, both, html).article.body or "").split("\n\n") == ["The line above.", *PARAGRAPHS]
    # Alone they are no body: a container that stopped matching must not leave a standfirst in the place of the text.
    gone = '[layout.fields.body]\ncss = ".gone"\nalso = [".dek"]\n'
    assert PARAGRAPHS[-1] in (extraction(tmp_path, gone, html).article.body or "")
    assert extraction(tmp_path, gone, html).missed == ("body",)


def test_a_pattern_without_end_costs_a_field_and_not_the_page(tmp_path: Path) -> None:
    layout = "[layout.fields.section]\ncss = \".sign\"\npattern = '^(?:[a-z]+)+x?\\d$'\n"
    html = page(byline=f"<p class=sign>{'a' * 4_000}</p>")
    start = time.perf_counter()
    assert reading(tmp_path, layout, html).missed == ["section"]
    assert time.perf_counter() - start < 1.0


def test_other_pages_of_the_same_article(tmp_path: Path) -> None:
    pages = 'next_page = [".none", "a.next", "link[rel=next]"]\nsingle_page = "a.all"\n'
    layout = f'{pages}[layout.fields.headline]\ncss = "h1"\n'
    html = page(below="<a class=next href='?page=2'>2</a><a class=all href='/news/ferry-returns/all'>All</a>")
    found = reading(tmp_path, layout, html)
    assert found.next_page == "https://www.gazette.example/news/ferry-returns?page=2"
    assert found.single_page == "https://www.gazette.example/news/ferry-returns/all"
    last = reading(tmp_path, layout, page(below="<a class=next href='#top'>2</a>"))
    assert (last.next_page, last.single_page) == (None, None)


@pytest.mark.parametrize(
    ("field", "key", "problem", "right"),
    [
        ("[layout.fields.section]\ncss = 'b'\npattern = '('", "section.pattern", "'('", "a regular expression"),
        ("[layout.fields.authors]\ncss = 'b'\nsplit = '['", "authors.split", "'['", "a regular expression"),
        ("[layout.fields.section]\ncss = 'b'\nsplit = ','", "section.split", "one value", "pattern for one value"),
        ("[layout.fields.section]\njson = 'a..'", "section.json", "cannot be understood", "author.name"),
        ("[layout.fields.section]\njson = 5", "section.json", "not text", "json ="),
        ("[layout.fields.section]\ncss = 'b'\nscript = '#x'", "section.script", "there is none", "json ="),
        ("[layout.fields.section]\njson = 'a'\nscript = '['", "section.script", "CSS selector", "h1.title"),
        ("[layout.fields.published_at]\ncss = 'b'\nformat = '%H'", "published_at.format", "day, month", "%d.%m.%Y"),
        ("[layout.fields.section]\ncss = 'b'\nformat = '%d.%m.%Y'", "section.format", "no date", "remove format"),
        ("[layout.fields.section]\ncss = 'b'\nlanguage = 'de'", "section.language", "no date", "remove language"),
        ("[layout.fields.published_at]\ncss = 'b'\nlanguage = 'german'", "published_at.language", "tag", "en-GB"),
        ("[layout.fields.section]\ncss = 'b'\nkeep = 'i'", "section.keep", "only a body", "remove keep"),
        ("[layout.fields.section]\ncss = 'b'\nstrip_text = 'i'", "section.strip_text", "only a body", "pattern"),
        ("[layout.fields.body]\ncss = 'b'\npattern = 'i'", "body.pattern", "part of the page", "remove pattern"),
        ("[layout.fields.related]\njson = 'b'", "related.json", "part of the page", 'css = ".related"'),
        ("[[layout.fields.section]]\ncss = 'b'\n[[layout.fields.section]]\ncss = '['", "section[2].css", "'['", "CSS"),
        ("[layout.fields.section]\njson = []", "section.css", "is missing", 'css = "h1"'),
        ("[layout.fields.section]\ncss = 'b'\npatern = 'x'", "section.patern", "known key", "did you mean pattern?"),
    ],
)  # fmt: skip
def test_mistakes_name_file_key_problem_and_remedy(
    tmp_path: Path, field: str, key: str, problem: str, right: str
) -> None:
    with pytest.raises(SiteFileError) as caught:
        site(tmp_path, field)
    assert f"{tmp_path / 'gazette.toml'}: layout[1].fields.{key}:" in caught.value.what
    assert problem in caught.value.what
    assert right in caught.value.next_step


def test_mistakes_in_the_layout_s_own_keys(tmp_path: Path) -> None:
    fields = '[layout.fields.headline]\ncss = "h1"\n'
    for key in ("next_page", "single_page"):
        with pytest.raises(SiteFileError, match=rf"layout\[1\]\.{key}: '\['"):
            site(tmp_path, f"{key} = '['\n{fields}")


def test_the_language_of_a_rule_is_the_file_s_unless_it_has_its_own(tmp_path: Path) -> None:
    layout = (
        "[layout.fields.published_at]\ncss = 'b'\nformat = '%d %B %Y'\n"
        "[layout.fields.modified_at]\ncss = 'b'\nformat = '%d %B %Y'\nlanguage = 'pl'\n"
    )
    fields = site(tmp_path, layout).files[0].layout_on(date(2024, 1, 1)).fields
    assert (fields["published_at"][0].language, fields["modified_at"][0].language) == ("de", "pl")
