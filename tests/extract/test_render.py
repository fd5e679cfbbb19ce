"""Blocks as HTML: lists in lists, tables, quotations, and the pictures that stand between them."""

from __future__ import annotations

import time

import pytest

from scraper.extract.page import Page
from scraper.extract.render import as_html
from tests.extract.pages import PARAGRAPHS, page, read

BASE = "https://site.example/news/story"
FIRST, SECOND = f"<p>{PARAGRAPHS[0]}</p>", f"<p>{PARAGRAPHS[1]}</p>"


def html_of(body: str, *, without: str = "\0") -> str:
    """The whole of a page's blocks as HTML, captions and blocks with the words `without` left out."""
    whole = Page.read(f"<!doctype html><html><body><div>{body}</div></body></html>", url=BASE)
    blocks = [b for b in whole.outline.blocks if b.kind != "caption" and without not in b.text]
    return as_html(blocks, whole.outline, whole.base)


def figure_in(markup: str) -> str:
    """What becomes of `markup` between two paragraphs."""
    first, *between, second = html_of(f"{FIRST}{markup}{SECOND}").split("\n")
    assert (first, second) == (FIRST, SECOND)
    return "\n".join(between)


def figure(src: str, alt: str = "", caption: str = "") -> str:
    caption = caption and f"<figcaption>{caption}</figcaption>"
    return f'<figure><img src="{src}" alt="{alt}">{caption}</figure>'


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("<ul><li>One</li><li>Two</li></ul>", "<ul><li>One</li><li>Two</li></ul>"),
        ("<ol><li>One</li><li>Two</li></ol>", "<ol><li>One</li><li>Two</li></ol>"),
        (
            "<ul><li>One<ol><li>A</li><li>B<ul><li>b</li></ul></li></ol></li><li>Two</li></ul>",
            "<ul><li>One<ol><li>A</li><li>B<ul><li>b</li></ul></li></ol></li><li>Two</li></ul>",
        ),
        ("<ul><li>One</li></ul><ol><li>Two</li></ol>", "<ul><li>One</li></ul><ol><li>Two</li></ol>"),
        ("<ol><li><p>One</p><p>More</p></li><li>Two</li></ol>", "<ol><li>One<p>More</p></li><li>Two</li></ol>"),
        ("<ul><li><ul><li>Deep</li></ul></li><li>Flat</li></ul>", "<ul><li>Deep</li></ul><ul><li>Flat</li></ul>"),
        ("<dl><dt>Term</dt><dd>Meaning</dd></dl>", "<ul><li>Term</li><li>Meaning</li></ul>"),
        ("<li>Stray</li>", "<ul><li>Stray</li></ul>"),
    ],
)
def test_lists(markup: str, expected: str) -> None:
    assert html_of(markup) == expected


def test_a_list_goes_on_where_an_item_was_left_out() -> None:
    markup = "<ol><li>One</li><li>Advertisement</li><li>Three</li></ol>"
    assert html_of(markup, without="Advertisement") == "<ol><li>One</li><li>Three</li></ol>"


def test_quotations_headings_and_inline_markup() -> None:
    assert html_of(
        "<h1>Title</h1><h3>Part</h3><blockquote><p>One <b>bold</b> word</p><p>Two</p></blockquote>"
        "<p>See <a href='../a?x=1&amp;y=2'>the  <i>page</i></a>\n.</p>"
    ).split("\n") == [
        "<h2>Title</h2>",
        "<h3>Part</h3>",
        "<blockquote><p>One <strong>bold</strong> word</p><p>Two</p></blockquote>",
        '<p>See <a href="https://site.example/a?x=1&amp;y=2">the <em>page</em></a> .</p>',
    ]


def test_a_table_keeps_header_cells_and_empty_ones() -> None:
    assert html_of(
        "<table><tr><td></td><th>2023<th>2024</tr><tr><th>Boats<td></td><td>4 &lt; 5</tr></table>"
        "<table><tr><td>Another<td>table</tr></table>"
    ).split("\n") == [
        "<table><tr><td></td><th>2023</th><th>2024</th></tr>",
        "<tr><th>Boats</th><td></td><td>4 &lt; 5</td></tr></table>",
        "<table><tr><td>Another</td><td>table</td></tr></table>",
    ]


def test_text_from_right_to_left_is_kept_as_it_is() -> None:
    hebrew = "<p>המעבורת חזרה <b>אל</b> הנמל &amp; הישן</p>"
    assert html_of(hebrew) == "<p>המעבורת חזרה <strong>אל</strong> הנמל &amp; הישן</p>"


def test_a_figure_with_its_caption() -> None:
    markup = "<figure><img src=/boat.jpg alt='The  boat'><figcaption>The <b>boat</b> on its way</figcaption></figure>"
    assert figure_in(markup) == figure(
        "https://site.example/boat.jpg", "The boat", "The <strong>boat</strong> on its way"
    )


def test_pictures_under_one_caption_share_a_figure() -> None:
    assert figure_in("<figure><img src=a.jpg><img src=b.jpg><figcaption>Two boats</figcaption></figure>") == (
        '<figure><img src="https://site.example/news/a.jpg" alt=""><img src="https://site.example/news/b.jpg" alt="">'
        "<figcaption>Two boats</figcaption></figure>"
    )


@pytest.mark.parametrize(
    "attributes",
    [
        "src=/large.jpg",
        "src=data:image/gif;base64,R0lGODlhAQABAAAAACw= data-src=/large.jpg",
        "src=/assets/blank.gif data-lazy-src=/large.jpg",
        "src=/small.jpg srcset='/small.jpg 320w, /large.jpg 1280w, /medium.jpg 640w'",
        "src=/small.jpg srcset='/small.jpg, /large.jpg 2x'",
        "data-srcset='/small.jpg 320w,/large.jpg 1280.5w'",
        "src='  /large.jpg '",
        "src=/large.jpg width=640 height=100%",
    ],
)
def test_the_largest_copy_of_a_picture_is_named(attributes: str) -> None:
    assert figure_in(f"<div><img {attributes}></div>") == figure("https://site.example/large.jpg")


def test_an_address_in_a_srcset_may_hold_commas() -> None:
    markup = "<img srcset='https://cdn.example/w_100,h_50/a.jpg 100w, https://cdn.example/w_900,h_450/a.jpg 900w'>"
    assert figure_in(markup) == figure("https://cdn.example/w_900,h_450/a.jpg")


def test_sources_of_a_picture_element_and_copies_for_readers_without_scripts() -> None:
    large = figure("https://site.example/large.webp")
    source = "<picture><source srcset='/small.webp 1x, /large.webp 2x'><img src=data:image/gif;base64,R0=></picture>"
    assert figure_in(source) == large
    assert figure_in("<img class=lazy><noscript><img src=/large.webp></noscript>") == large
    assert figure_in("<img data-src=/large.webp><noscript><img src=/large-2.webp></noscript>") == large


@pytest.mark.parametrize(
    "markup",
    [
        "<img src=https://stats.example/hit?id=1 width=1 height=1>",
        "<img src=/a.jpg width=64 height=64>",
        "<img src=/a.jpg width=99px>",
        "<img src=/a.jpg hidden>",
        "<div style='display:none'><img src=/a.jpg></div>",
        "<img src=/assets/logo.svg>",
        "<img src=/i/icons/arrow.png>",
        "<img class=avatar src=/jane.jpg>",
        "<div class=author-box><img src=/jane.jpg></div>",
        "<aside><img src=/a.jpg></aside>",
        "<div class='related'><img src=/a.jpg></div>",
        "<img src=data:image/png;base64,iVBORw0KGgo=>",
        "<img src='javascript:alert(1)'>",
        "<img src='file:///etc/passwd'>",
        "<img src=''>",
        "<img>",
    ],
)
def test_what_is_no_picture_of_the_text(markup: str) -> None:
    assert figure_in(markup) == ""


def test_a_teaser_is_no_figure() -> None:
    card = "<div><a href=/other><img src=/other.jpg></a><h4><a href=/other>Other story</a></h4></div>"
    assert "<img" not in html_of(f"{FIRST}{card}{SECOND}", without="Other")
    linked = "<a href=/large.jpg><img src=/boat.jpg></a>"
    assert figure_in(linked) == figure("https://site.example/boat.jpg")


def test_hostile_values_stay_values() -> None:
    markup = (
        """<img src='/a.jpg?"onerror="alert(1)' alt='"&gt;&lt;script&gt;alert(1)&lt;/script&gt;' onerror=alert(1)>"""
    )
    assert figure_in(markup) == figure(
        "https://site.example/a.jpg?%22onerror=%22alert(1)", "&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;"
    )


def test_a_picture_stands_where_it_stood() -> None:
    boat = figure("https://site.example/a.jpg")
    image = "<img src=/a.jpg>"
    assert html_of(f"<p>One</p>{image}<p>Two</p><p>Three</p>") == f"<p>One</p>\n{boat}\n<p>Two</p>\n<p>Three</p>"
    assert html_of(f"One<br><br>{image}<br><br>Two<br><br>Three").split("\n")[1] == boat
    assert html_of(f"<p>One</p><p>{image} Two</p>").split("\n")[1] == boat
    assert html_of(f"<p>One {image}</p><p>Two</p>").split("\n")[1] == boat
    assert html_of(f"<p>A</p><ul><li>One{image}</li><li>Two</li></ul>").split("\n")[1] == (
        f"<ul><li>One{boat}</li><li>Two</li></ul>"
    )
    table = html_of(f"<p>A</p><table><tr><td>One<td>{image}</tr><tr><td>Two<td>x</tr></table>")
    assert table.endswith(f"</table>\n{boat}")


def test_pictures_outside_the_text_are_not_its_own() -> None:
    first = figure("https://www.gazette.example/ferry.jpg", "Ferry", "Under way")
    html = page(
        above="<div><img src=/campaign.jpg></div>",
        byline="<figure><img src=/ferry.jpg alt=Ferry><figcaption>Under way</figcaption></figure>",
        below="<div><img src=/next.jpg></div>",
    )
    article = read(html).article
    assert (article.body_html or "").split("\n") == [first, *(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS)]
    assert "Under way" not in (article.body or "")


@pytest.mark.parametrize(
    "unit",
    [
        "word<img src=a.jpg><br><br>",
        "<p>word<img src=a.jpg>",
        "<h2>a</h2><img src=a.jpg>",
        "<img src=a.jpg>",
        "<source>",
        "<i><img src=a.jpg></i>word<hr>",
        "<table><tr><td>a<td><img src=a.jpg>",
    ],
)
def test_pictures_without_end_take_no_quadratic_time(unit: str) -> None:
    whole = Page.read(f"<html><body><p>First</p>{unit * 20_000}<img src=a.jpg><p>Last</p>", url=BASE)
    blocks = [block for block in whole.outline.blocks if block.text not in ("word", "a")]
    started = time.perf_counter()
    assert as_html(blocks, whole.outline, whole.base).startswith("<p>First</p>")
    assert as_html(whole.outline.blocks, whole.outline, whole.base)
    assert time.perf_counter() - started < 10
