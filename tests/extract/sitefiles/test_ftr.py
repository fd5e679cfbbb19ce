"""XPath to CSS, and FiveFilters' site-config format: what is taken, and what is reported as left out."""

from __future__ import annotations

from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser

from scraper.extract import SiteFiles
from scraper.extract.sitefiles import load_site_file
from scraper.extract.sitefiles.ftr import Imported, read_ftr
from scraper.extract.sitefiles.xpath import Untranslatable, to_css
from tests.extract.pages import PARAGRAPHS, TEXT, page, read

TAKEN = [
    ("//h1", ("h1",), None),
    ("//article", ("article",), None),
    ("//*[@itemprop='articleBody']", ('[itemprop="articleBody"]',), None),
    ("//div[@id='main']", ("div#main",), None),
    ("//div[@id='1st']", ('div[id="1st"]',), None),
    ("//h1[@class='big title']", ("h1.big.title",), None),
    ("//div[contains(@class,'body')]", ('div[class*="body"]',), None),
    ("//div[contains(concat(' ',normalize-space(@class),' '),' body ')]", ("div.body",), None),
    ("//div[contains(concat(' ', @class, ' '), ' body-text ')]//p", ("div.body-text p",), None),
    ("//div[starts-with(@id, 'post-')]", ('div[id^="post-"]',), None),
    ("//meta[@property='og:title']/@content", ('meta[property="og:title"][content]',), "content"),
    ("//time/@datetime", ("time[datetime]",), "datetime"),
    ("//a[@rel='author']/text()", ('a[rel="author"]',), None),
    ("//div[@id='a']/p[2]", ("div#a > p:nth-of-type(2)",), None),
    ("//div[@id='a']//p[last()]", ("div#a p:last-of-type",), None),
    ("//p[not(@class)]", ("p:not([class])",), None),
    ("//div[@class='a' or @class='b']", ("div:is(.a, .b)",), None),
    ("//div[@class='a' and @id='b']", ("div.a#b",), None),
    ("//div[.//img]", ("div:has(img)",), None),
    ("//div[p]", ("div:has(> p)",), None),
    ("//h1 | //h2[@class='t']", ("h1", "h2.t"), None),
    ("(//h1)[1]", ("h1",), None),
    ("//div[@class='x'][1]", ("div.x",), None),
    ("string(//h1)", ("h1",), None),
    ("id('x')/p", ("#x > p",), None),
    ("//a[contains(text(), 'Next')]/@href", ('a:lexbor-contains("Next")[href]',), "href"),
    ('//div[@title="it\'s"]', ('div[title="it\'s"]',), None),
]
LEFT = [
    "",
    "//div[@class='x']/following-sibling::p",
    "//div[count(p) > 2]",
    "//span/..",
    "//@content",
    "substring-after(//p, 'By')",
    "//div[@class='x'][2]",
    "//div[@id='a'",
    "//a/@href | //img/@src",
]  # fmt: skip


@pytest.mark.parametrize(("xpath", "css", "attr"), TAKEN, ids=[xpath for xpath, _, _ in TAKEN])
def test_xpath_as_css_that_the_parser_takes(xpath: str, css: tuple[str, ...], attr: str | None) -> None:
    translated = to_css(xpath)
    assert (translated.css, translated.attr) == (css, attr)
    LexborHTMLParser("<p></p>").css(", ".join(translated.css))


@pytest.mark.parametrize("xpath", LEFT)
def test_xpath_that_css_cannot_say(xpath: str) -> None:
    with pytest.raises(Untranslatable):
        to_css(xpath)


def test_text_below_an_element_is_found_too() -> None:
    tree = LexborHTMLParser("<p id=a>Read <b>also</b></p><p id=b><b>Read also</b></p><p id=c>none</p>")
    for xpath, found in (("//p[contains(., 'Read also')]", ["b"]), ("//p[contains(text(), 'Read ')]", ["a"])):
        assert [node.attributes["id"] for node in tree.css(to_css(xpath).css[0])] == found


CONFIG = """# Made up for this test
title: //h1[@class='story-title']
body: //div[@class='text'] | //div[@class='more']
body: //article
author: //p[@class='by']/a
author: //meta[@name='author']/@content
date: //time/@datetime
strip: //div[@class='box']
strip: //div[count(p) > 2]
strip_id_or_class: advert
strip_image_src: /pixel
next_page_link: //a[@class='next']/@href
single_page_link: //a[@rel='all']
replace_string(<b>): <strong>
find_string: <i>
prune: no
tidy: no
http_header(user-agent): Mozilla
test_url: https://gazette.example/ferry
test_contains: The ferry company
wrap_in(p): //span
a line of its own
"""


def imported(folder: Path, text: str, name: str = "gazette.example.txt") -> Imported:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return read_ftr(path)


def test_what_is_taken_is_a_site_file_that_works(tmp_path: Path) -> None:
    one = imported(tmp_path, CONFIG)
    assert one.draft is not None
    written = tmp_path / "gazette.example.toml"
    written.write_text(one.draft.as_toml(), encoding="utf-8")
    file = load_site_file(written)
    assert file.hosts == ("gazette.example",)
    layout = file.layouts[0]
    assert layout.next_page == ("a.next",)
    assert layout.single_page == ('a[rel="all"]',)
    assert [(rule.css, rule.attr) for rule in layout.fields["authors"]] == [
        (("p.by > a",), None),
        (('meta[name="author"][content]',), "content"),
    ]
    html = page(
        h1="",
        byline="<h1 class=story-title>Ferry returns</h1><p class=by><a href=/a>Ann Lee</a></p>",
        text=f"{TEXT}<div class=box><p>Not this.</p></div><p id=advert-2>Nor this.</p>",
    )
    article = read(html, sites=SiteFiles([file])).article
    assert article.headline == "Ferry returns"
    assert article.authors == ("Ann Lee",)
    assert (article.body or "").split("\n\n") == list(PARAGRAPHS)


def test_what_is_left_out_is_named_with_its_line_and_reason(tmp_path: Path) -> None:
    one = imported(tmp_path, CONFIG)
    assert one.taken == 12
    assert [(line.line, line.directive) for line in one.left_out] == [
        (9, "strip"),
        (14, "replace_string"),
        (15, "find_string"),
        (16, "prune"),
        (17, "tidy"),
        (18, "http_header"),
        (20, "test_contains"),
        (21, "wrap_in"),
        (22, "line"),
    ]
    assert all(line.reason for line in one.left_out)


def test_nothing_to_strip_from(tmp_path: Path) -> None:
    one = imported(tmp_path, "strip_id_or_class: box\ntitle: //h1\n")
    assert [line.reason for line in one.left_out] == ["the file names no body to strip it from"]
    assert one.taken == 1


@pytest.mark.parametrize(
    ("name", "text"),
    [("global.txt", "title: //h1\n"), ("x.example.txt", "body: //a/following::b\n"), ("y.example.txt", "")],
)
def test_files_of_no_use(tmp_path: Path, name: str, text: str) -> None:
    assert imported(tmp_path, text, name).draft is None


@pytest.mark.parametrize("name", [".gazette.example.txt", "www.gazette.example.txt", "Gazette.Example.txt"])
def test_the_host_is_the_file_s_name(tmp_path: Path, name: str) -> None:
    one = imported(tmp_path, "title: //h1\n", name)
    assert one.draft is not None
    assert one.draft.hosts == ["gazette.example"]


def test_bytes_that_are_no_text_are_no_crash(tmp_path: Path) -> None:
    path = tmp_path / "x.example.txt"
    path.write_bytes(b"\xef\xbb\xbftitle: //h1\n\xff\xfe\x00: x\nbody: //div[@id='\xe9']\n")
    one = read_ftr(path)
    assert one.draft is not None
    (tmp_path / "x.toml").write_text(one.draft.as_toml(), encoding="utf-8")
    load_site_file(tmp_path / "x.toml")
