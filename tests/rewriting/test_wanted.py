"""Which addresses pages and styles take pictures, styles and fonts from."""

from __future__ import annotations

import pytest

from scraper.rewriting.wanted import MOST, Wanted, wanted_by_page, wanted_by_style

URL = "https://news.example/story/"


def found(markup: str, kind: str = "image") -> list[tuple[str, ...]]:
    page = f"<!doctype html><html><head></head><body>{markup}"
    return [
        tuple(url.removeprefix(URL) for url in one.urls)
        for one in wanted_by_page(page.encode(), URL, "text/html; charset=utf-8")
        if one.kind == kind
    ]


@pytest.mark.parametrize(
    ("markup", "urls"),
    [
        ("<img src=a.jpg>", [("a.jpg",)]),
        ("<img src=a.jpg#part><img src=a.jpg>", [("a.jpg",)]),
        (
            "<img src=a.jpg srcset='a-400.jpg 400w, a-1200.jpg 1200w, a-4000.jpg 4000w'>",
            [("a.jpg", "a-1200.jpg", "a-400.jpg", "a-4000.jpg")],
        ),
        ("<img srcset='a.jpg, b.jpg 2x'>", [("b.jpg", "a.jpg")]),
        (
            "<picture><source srcset='a.avif' type=image/avif><source data-srcset=a.webp><img src=a.jpg></picture>",
            [("a.jpg", "a.avif", "a.webp")],
        ),
        ("<img src='data:image/gif;base64,R0lGODlhAQABAAAAACw=' data-src=late.jpg>", [("late.jpg",)]),
        ("<img src=small.jpg data-lazy-src=late.jpg>", [("late.jpg", "small.jpg")]),
        ("<noscript><img src=a.jpg></noscript><img src=a.jpg>", [("a.jpg",)]),
        ("<amp-img src=a.jpg></amp-img>", [("a.jpg",)]),
        ("<video poster=a.jpg></video>", [("a.jpg",)]),
        ("<table background=a.jpg></table>", [("a.jpg",)]),
        ("<div style='background: #fff url(a.jpg) no-repeat'></div>", [("a.jpg",)]),
        ("<style>p{background:url(a.jpg)} i{background:image-set('b.png' 1x,'c.png' 2x)}</style>",
         [("a.jpg",), ("b.png",), ("c.png",)]),
        ("<base href=/other/><img src=a.jpg>", [("https://news.example/other/a.jpg",)]),
        # What counts readers, what is written out, what is nothing that can be asked for.
        ("<img src=count.gif width=1 height=1>", []),
        ("<img src='data:image/gif;base64,R0lGODlhAQABAAAAACw='>", []),
        ("<img src='javascript:alert(1)'><img src='blob:x'><img src='file:///etc/passwd'><img src=''><img>", []),
        ("<iframe src=a.html></iframe><script src=a.js></script><object data=a.swf></object><embed src=a>", []),
        ("<svg><image href=a.png></image></svg>", []),
    ],
)  # fmt: skip
def test_pictures(markup: str, urls: list[tuple[str, ...]]) -> None:
    assert found(markup) == urls


def test_icons_and_styles() -> None:
    head = """<link rel="shortcut icon" href=/f.ico><link rel=stylesheet href=a.css><link rel=stylesheet href=a.css>
        <link rel=preload as=style href=b.css><link rel="alternate stylesheet" href=c.css><link rel=canonical href=d>
        <link rel=preload as=script href=e.js><style>@import "f.css" screen; @import url("g.css");</style>"""
    assert found(head, "style") == [("a.css",), ("b.css",), ("f.css",), ("g.css",)]
    assert found(head) == [("https://news.example/f.ico",)]


def test_of_a_font_in_several_formats_one_is_wanted() -> None:
    sheet = b"""@font-face { font-family: a; src: url(a.eot); src: url("a.eot?#iefix") format("embedded-opentype"),
        url(a.woff) format("woff"), url(a.woff2) format("woff2"), url(a.ttf), url("a.svg#a") format("svg"); }
        @font-face { font-family: b; src: local("b"), url(/b.ttf); }
        @font-face { font-family: c; src: url(https://fonts.example/serve?f=c) }
        @font-face { font-family: d; src: url(only.eot) }"""
    assert wanted_by_style(sheet, "https://cdn.example/css/x.css") == [
        Wanted(
            "font", tuple(f"https://cdn.example/css/a.{suffix}" for suffix in ("woff2", "woff", "ttf")), in_style=True
        ),
        Wanted("font", ("https://cdn.example/b.ttf",), in_style=True),
        Wanted("font", ("https://fonts.example/serve?f=c",), in_style=True),
    ]


def test_what_a_style_asks_for() -> None:
    sheet = b'@charset "utf-8"; @import "../two.css"; @import url(one.css) print; h1 { background: url( \'bg.png\' ) }'
    found = wanted_by_style(b"\xef\xbb\xbf" + sheet, "https://cdn.example/css/x.css?v=1", "text/css")
    assert [(one.kind, one.urls, one.in_style) for one in found] == [
        ("style", ("https://cdn.example/two.css",), True),
        ("style", ("https://cdn.example/css/one.css",), True),
        ("image", ("https://cdn.example/css/bg.png",), True),
    ]


@pytest.mark.parametrize("body", [b"", b"%PDF-1.4", b"\x89PNG\r\n\x1a\n", b'{"a": "<img src=a.jpg>"}', b"plain words"])
def test_what_is_no_page_asks_for_nothing(body: bytes) -> None:
    assert wanted_by_page(body, URL, "application/octet-stream") == []


def test_there_is_an_end_to_it() -> None:
    page = "<!doctype html>" + "".join(f"<img src={number}.jpg>" for number in range(3 * MOST))
    assert len(wanted_by_page(page.encode(), URL)) == MOST
    deep = b"@media screen {" * 200 + b"a { background: url(a.png) }"
    assert len(wanted_by_style(deep, URL)) <= 1
    assert wanted_by_style(b"a{b:url(" * 50_000, URL) is not None
