"""What a page keeps when it is rewritten: its text, its looks, its links, and the pictures that are held."""

from __future__ import annotations

import re

import pytest

from scraper.rewriting.assets import Asset
from scraper.rewriting.pages import mode_of, read_page, rewrite, rewrite_page
from tests.fixtures import FIXTURES
from tests.web.replay.archived import PNG
from tests.web.replay.strictness import assert_harmless

URL = "https://news.example/a/story.html"
HELD = {
    "https://news.example/i.png": Asset(PNG),
    "https://news.example/a/s.css": Asset(b"p{color:red;background:url(/i.png)}", "text/css"),
    "https://news.example/a/deep.css": Asset(b"@import 's.css' print; b{top:0}", "text/css"),
    "https://news.example/f.woff2": Asset(b"wOF2" + bytes(40)),
    "https://news.example/logo.svg": Asset(b"<svg xmlns='http://www.w3.org/2000/svg'><script>x</script></svg>"),
    "https://news.example/fake.png": Asset(b"<html><script>alert(1)</script>", "image/png"),
}


def shown(markup: str, **others: str) -> str:
    """What stands in the body, or the whole page for what is meant for its head."""
    page = rewrite_page(markup.encode(), url=URL, resolve_asset=HELD.get, **others).decode()
    return (
        page if markup.startswith(("<head>", "<style>")) else page.partition("<body>")[2].removesuffix("</body></html>")
    )


@pytest.mark.parametrize("page", FIXTURES, ids=lambda page: page.name)
def test_pages_keep_their_text_and_stay_as_they_are(page) -> None:  # type: ignore[no-untyped-def]
    once = rewrite_page(page.page, url=page.url)
    assert_harmless(once, links="http")
    assert rewrite_page(once, url=page.url) == once
    before, after = read_page(page.page, url=page.url), read_page(once, url=page.url)
    for node in before.tree.css("p, h1, h2, li"):
        if not node.css("script, style, iframe, img, object, template, noscript, svg"):
            words = " ".join(node.text().split())
            assert words in " ".join((after.tree.body.text() if after.tree.body else "").split())


def test_links_are_absolute_and_what_leads_to_no_page_leads_nowhere() -> None:
    assert shown('<a href="b?x=1&amp;y#z" title=t>b</a>') == (
        '<a href="https://news.example/a/b?x=1&amp;y#z" title="t">b</a>'
    )
    assert shown("<a href=mailto:a@b.c>m</a><a href=tel:1>t</a><a>n</a>") == "<a>m</a><a>t</a><a>n</a>"
    assert shown("<a href='#x'>x</a><a href='/a/story.html#y'>y</a>") == '<a href="#x">x</a><a href="#y">y</a>'
    assert shown("<head><base href=/other/></head><a href=b>b</a>").endswith(
        '<a href="https://news.example/other/b">b</a></body></html>'
    )


def test_a_link_in_a_link_is_text() -> None:
    assert shown("<a href=b>1<table><tr><td><a href=c>2</a></table></a>").count("<a href") == 2
    assert "<a" not in shown("<a href=b>1<object><a href=c>2</a></object></a>").removeprefix("<a")


def test_pictures_are_shown_when_they_are_held() -> None:
    assert re.fullmatch(r'<img alt="x" src="data:image/png;base64,[\w+/]+=*">', shown("<img src=/i.png alt=x>"))
    assert shown("<img src=/gone.png alt='A ferry' class=c width=9>") == '<span class="c">A ferry</span>'
    assert shown("<img src=/gone.png>") == ""
    assert shown("<img src=/fake.png alt=x>") == "<span>x</span>"
    assert 'src="data:image/svg+xml;base64,' in shown("<img src=/logo.svg>")
    assert shown("<img src=/i.png width=1 height=1>") == ""


@pytest.mark.parametrize(
    "markup",
    [
        "<img src=data:image/gif;base64,R0lGODlhAQABAAAAACw= data-src=/i.png>",
        "<img data-srcset='/gone.png 100w, /i.png 800w'>",
        "<img src=/gone.png srcset='/i.png 2x'>",
        "<picture><source srcset='/i.png 1x'><img src=/gone.png></picture>",
        "<amp-img src=/i.png></amp-img>",
        "<video poster=/i.png></video>",
        "<img data-src=/gone.png alt=x><noscript><img src=/i.png></noscript>",
    ],
)
def test_a_picture_is_found_wherever_the_page_names_it(markup: str) -> None:
    assert shown(markup).count('src="data:image/png') == 1


def test_a_picture_for_those_without_scripts_is_not_shown_twice() -> None:
    assert shown("<img data-src=/i.png><noscript><img src=/i.png></noscript>").count("<img") == 1
    assert "text" in shown("<noscript>text</noscript>")


def test_styles_are_put_in_the_place_of_their_links() -> None:
    page = shown("<head><link rel=stylesheet href=deep.css media=screen></head>")
    assert '<style media="screen">' in page
    assert "@media print {p{color:red;background:url(data:image/png;base64," in page
    assert "b{top:0}" in page
    assert "<style>" in shown("<head><link rel=stylesheet href=s.css media=print onload=\"this.media='all'\"></head>")
    assert "<style>" in shown("<head><link rel=preload as=style href=s.css></head>")
    assert "<style" not in shown("<head><link rel='alternate stylesheet' href=s.css></head>")
    assert "<style" not in shown("<head><link rel=stylesheet href=gone.css></head>")


def test_addresses_in_styles_lead_to_what_is_held_or_nowhere() -> None:
    assert "url(data:image/png;base64," in shown("<p style=\"background:url('/i.png')\">x</p>")
    assert shown("<p style='background:red url(gone.png)'>x</p>") == '<p style="background:red url(data:,)">x</p>'
    assert "src:url(data:font/woff2;base64," in shown("<style>@font-face{font-family:x;src:url(/f.woff2)}</style>")
    assert "image-set(url(data:image/png" in shown("<style>p{background:image-set('/i.png' 1x)}</style>")
    assert shown("<p style='width:50%;color:rgb(1, 2, 3)'>x</p>") == '<p style="width:50%;color:rgb(1, 2, 3)">x</p>'
    assert "@media (width<=600px){p{top:0}}" in shown("<style>@media (width<=600px){p{top:0}}</style>")


def test_what_takes_too_much_room_is_left_out() -> None:
    page = read_page(b"<img src=/i.png>" * 9, url=URL, content_type="text/html")
    whole = rewrite(page, HELD.get)
    assert whole.shown == 9
    few = rewrite(page, HELD.get, budget=whole.size // 3)
    assert 0 < few.shown < 9
    assert rewrite(page, HELD.get, budget=0).shown == 0


def test_what_is_missing_is_told() -> None:
    page = read_page(
        b"<link rel=stylesheet href=gone.css><img src=/gone.png><p style='background:url(x.gif#y)'>", url=URL
    )
    assert dict(rewrite(page, HELD.get).missing) == {
        "https://news.example/a/gone.css": "style",
        "https://news.example/gone.png": "image",
        "https://news.example/a/x.gif": "image",
    }


def test_forms_keep_their_looks_and_do_nothing() -> None:
    form = shown(
        "<form action=/x class=f><input type=password name=p value=v><select><option>1</select>"
        "<button>Go</button></form>"
    )
    assert form == (
        '<form class="f"><input disabled="" type="text"><select disabled=""><option>1</option></select>'
        '<button disabled="">Go</button></form>'
    )


def test_drawings_are_kept_and_nothing_else_in_them() -> None:
    assert shown('<svg viewBox="0 0 9 9"><path d="M0 0h9" fill="url(#g)" onclick=x /><text>t</text></svg>') == (
        '<svg viewbox="0 0 9 9"><path d="M0 0h9" fill="url(#g)"></path><text>t</text></svg>'
    )
    assert shown("<math><mi>x</mi></math>") == "<span>x</span>"


def test_the_encoding_is_the_one_that_the_server_stated() -> None:
    russian = "<title>Новини</title><p>Привіт, світе</p>".encode("windows-1251")
    page = rewrite_page(russian, url=URL, content_type="text/html; charset=windows-1251").decode()
    assert "Привіт, світе" in page
    assert '<meta charset="utf-8">' in page
    assert "Привіт" in rewrite_page("<p>Привіт".encode("utf-16"), url=URL).decode()


def test_the_way_of_layout_is_kept() -> None:
    strict = (
        '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd">'
    )
    loose = '<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01 Transitional//EN">'
    assert mode_of("<!-- x --><!doctype html>") == mode_of(strict) == "standards"
    assert mode_of(strict.replace("Strict", "Transitional")) == "almost"
    assert mode_of(loose) == mode_of("<p>") == mode_of("<!DOCTYPE x>") == "quirks"
    for doctype, mode in (
        ("<!DOCTYPE html>", "standards"),
        (strict.replace("Strict", "Transitional"), "almost"),
        ("", "quirks"),
    ):
        assert mode_of(rewrite_page(f"{doctype}<p>x".encode(), url=URL).decode()) == mode


@pytest.mark.parametrize(
    "page",
    [
        b"<!doctype html>"
        + b"<div class=a style='color:red'><p>text <a href=/x>link</a> <b>bold</b></p></div>" * 62_000,
        b"<div>" * 300_000 + b"begin",
        b"<font><b><table>" * 30_000,
        b"<p " + b" ".join(b"a%d=1" % n for n in range(90_000)) + b">",
        b"<style>" + b"({[" * 60_000 + b"</style>",
        b"<style>" + b"@import 'x';" * 30_000 + b"</style>",
        b"<svg>" + b"<g>" * 90_000,
        b"<img srcset='" + b"a 1x," * 90_000 + b"'>",
    ],
    ids=lambda page: page[:8].decode(),
)
def test_large_and_deep_pages_end(page: bytes) -> None:
    tree = read_page(rewrite_page(page, url=URL), url=URL).tree
    deepest, waiting = 0, [(tree.root, 0)]
    while waiting:
        node, depth = waiting.pop()
        deepest = max(deepest, depth)
        child = node.child if node is not None else None
        while child is not None:
            waiting.append((child, depth + 1))
            child = child.next
    assert deepest < 512  # where browsers put what is deeper
