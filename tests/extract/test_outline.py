"""The walk over the tree: where blocks begin and end, what they are, what is hidden, where links lead."""

from __future__ import annotations

import random
import time

import pytest
from selectolax.lexbor import LexborHTMLParser

from scraper.extract.outline import Outline, outline
from scraper.extract.page import Page
from scraper.extract.render import as_html, as_text

BASE = "https://site.example/a/b"


def read(markup: str, base: str | None = BASE) -> Outline:
    return outline(LexborHTMLParser(f"<body>{markup}").body, base)


def texts(markup: str) -> list[str]:
    return [block.text for block in read(markup).blocks]


def kinds(markup: str) -> list[tuple[str, str]]:
    return [(block.kind, block.text) for block in read(markup).blocks]


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("<p>One</p><p>Two</p>", ["One", "Two"]),
        ("<p>One<p>Two", ["One", "Two"]),
        ("<div>Before<p>In</p>After</div>", ["Before", "In", "After"]),
        ("Bare <b>bold</b> text<div>Block</div>tail", ["Bare bold text", "Block", "tail"]),
        ("<p>One<br><br>Two<br/><br/><br/>Three</p>", ["One", "Two", "Three"]),
        ("<p>One<br>Two</p>", ["One Two"]),
        ("<p>One<br> \n <br>Two</p>", ["One", "Two"]),
        ("<p>One <span>two</span>\n\t three</p>", ["One two three"]),
        ("<p>Half<b>way</b>house</p>", ["Halfwayhouse"]),
        ("<p>&nbsp;One&nbsp;&amp;&#160;two </p>", ["One & two"]),
        ("<p></p><p> </p><p>&nbsp;</p><p>One</p>", ["One"]),
        ("<section>One<aside>Two</aside>Three</section>", ["One", "Two", "Three"]),
        ("One<hr>Two", ["One", "Two"]),
        ("<!-- no --><p>One<!-- no --> two</p><?php no ?>", ["One two"]),
        ("<p>One<script>no()</script> two<style>no{}</style></p><template>no</template>", ["One two"]),
        ("<p>One</p><svg><text>no</text></svg><select><option>no</select><textarea>no</textarea>", ["One"]),
        ("<button>no</button><p>One</p><iframe>no</iframe>", ["One"]),
        ("", []),
        ("<br><br><br>", []),
    ],
)  # fmt: skip
def test_blocks(markup: str, expected: list[str]) -> None:
    assert texts(markup) == expected


def test_single_breaks_part_lines_marked_up_as_a_whole() -> None:
    assert texts("<p><b>Doors</b><br>They open at nine.<br><b>Tickets</b><br>They cost nothing.</p>") == [
        "Doors",
        "They open at nine.",
        "Tickets",
        "They cost nothing.",
    ]


def test_single_breaks_keep_lines_of_verse_together() -> None:
    assert texts("<p>The sea is high again today<br>with a <i>thrilling</i> flush of wind<br>and more</p>") == [
        "The sea is high again today with a thrilling flush of wind and more"
    ]


def test_many_single_breaks_take_linear_time() -> None:
    started = time.perf_counter()
    assert len(texts("<p>" + "some text of a line here<br>" * 30_000)) == 1
    assert time.perf_counter() - started < 5


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("<h1>A</h1><h4>B</h4>", [("heading", "A"), ("heading", "B")]),
        ("<h2><div>Wrapped <span>heading</span></div></h2>", [("heading", "Wrapped heading")]),
        ("<ul><li>One<ul><li>Two</li></ul></li><li>Three", [("item", "One"), ("item", "Two"), ("item", "Three")]),
        ("<dl><dt>Term<dd>Meaning</dl>", [("item", "Term"), ("item", "Meaning")]),
        ("<blockquote><p>Said</p>bare</blockquote>", [("quote", "Said"), ("quote", "bare")]),
        ("<figure><img><figcaption><p>A boat</p></figcaption></figure>", [("caption", "A boat")]),
        ("<table><caption>Prices</caption><tr><td>1</table>", [("caption", "Prices"), ("cell", "1")]),
        ("<li><h3>Step</h3>Do it</li>", [("heading", "Step"), ("item", "Do it")]),
    ],
)
def test_kinds(markup: str, expected: list[tuple[str, str]]) -> None:
    assert kinds(markup) == expected


def test_levels_of_headings_and_lists() -> None:
    blocks = read("<h1>A</h1><h5>B</h5><ul><li>One<ol><li>Two<ul><li>Three").blocks
    assert [(block.text, block.level) for block in blocks] == [("A", 1), ("B", 5), ("One", 1), ("Two", 2), ("Three", 3)]


def test_a_table_of_data_keeps_its_rows() -> None:
    page = read("<table><tr><th>Year<th>Boats</tr><tr><td>2023<td>4</tr></table>")
    assert [block.kind for block in page.blocks] == ["cell"] * 4
    assert as_text(page.blocks) == "Year | Boats\n\n2023 | 4"
    assert as_html(page.blocks, page, None) == (
        "<table><tr><th>Year</th><th>Boats</th></tr>\n<tr><td>2023</td><td>4</td></tr></table>"
    )


def test_a_table_for_layout_is_paragraphs() -> None:
    page = read("<table><tr><td>Menu</td><td><p>First paragraph.</p><p>Second paragraph.</p></td></tr></table>")
    assert [block.kind for block in page.blocks] == ["cell", "paragraph", "paragraph"]
    long = read(f"<table><tr><td>{'A long text in one cell. ' * 20}</td></tr></table>")
    assert [block.kind for block in long.blocks] == ["paragraph"]


def test_preformatted_text_keeps_its_lines() -> None:
    page = read("<pre>\n  one\n    two\n</pre>")
    blocks = page.blocks
    assert [block.kind for block in blocks] == ["preformatted"]
    assert as_text(blocks) == "  one\n    two"
    assert as_html(blocks, page, None) == "<pre>  one\n    two</pre>"


@pytest.mark.parametrize(
    "attributes",
    ["hidden", "hidden='until-found'", "style='display:none'", "style='color:red; display : none;'",
     "style='visibility:hidden'"],
)  # fmt: skip
def test_hidden_parts_are_marked(attributes: str) -> None:
    blocks = read(f"<div {attributes}><p>Inside</p></div><p>Outside</p>").blocks
    assert [(block.text, block.hidden) for block in blocks] == [("Inside", True), ("Outside", False)]


def test_style_in_capitals_hides_too() -> None:
    blocks = read("<p style='DISPLAY: NONE'>Inside</p>").blocks
    assert [block.hidden for block in blocks] == [True]


def test_noscript_is_hidden() -> None:
    blocks = Page.read("<html><body><noscript><p>Enable scripts</p></noscript><p>Text</p>").outline.blocks
    assert [(block.text, block.hidden) for block in blocks] == [("Enable scripts", True), ("Text", False)]


def test_anchors_are_absolute_and_know_their_block() -> None:
    page = read(
        "<p>First</p><p>See <a href='/x?y=1#z'>the <b>news</b></a>, <a href='c'>c</a>.</p><a href='//o.example'>o</a>"
    )
    assert [(a.url, a.text, a.block) for a in page.anchors] == [
        ("https://site.example/x?y=1#z", "the news", 1),
        ("https://site.example/a/c", "c", 1),
        ("https://o.example/", "o", 2),
    ]


@pytest.mark.parametrize(
    "href", ["javascript:alert(1)", "mailto:a@b.example", "tel:1", "data:text/html,x", "ftp://x.example", ""]
)
def test_what_is_no_web_address_is_no_anchor(href: str) -> None:
    page = read(f'<p><a href="{href}">text</a></p>')
    assert page.anchors == []
    assert [block.text for block in page.blocks] == ["text"]
    assert as_html(page.blocks, page, None) == "<p>text</p>"


@pytest.mark.parametrize(
    ("base", "expected"),
    [
        ('<base href="https://cdn.example/dir/">', "https://cdn.example/dir/x"),
        ('<base href="/dir/">', "https://site.example/dir/x"),
        ('<base href="javascript:1"><base href="/second/">', "https://site.example/second/x"),
        ("<base target=_top>", "https://site.example/a/x"),
    ],
)
def test_links_resolve_against_base(base: str, expected: str) -> None:
    page = Page.read(f"<html><head>{base}</head><body><a href=x>x</a>", url=BASE)
    assert [anchor.url for anchor in page.outline.anchors] == [expected]


def test_without_url_only_absolute_links_remain() -> None:
    page = read("<a href='/x'>x</a><a href='https://o.example/y'>y</a>", base=None)
    assert [anchor.url for anchor in page.anchors] == ["https://o.example/y"]


def test_inline_marks_in_order_and_once() -> None:
    page = read("<p>A <strong>b <em>c</em></strong> <b><b>d</b></b> H<sub>2</sub>O <code>x</code> <u>u</u></p>")
    assert as_html(page.blocks, page, None) == (
        "<p>A <strong>b <em>c</em></strong> <strong>d</strong> H<sub>2</sub>O <code>x</code> u</p>"
    )


def test_link_share() -> None:
    linked, half, none = read("<p><a href=/x>all of it</a></p><p><a href=/y>half</a> rest</p><p>none</p>").blocks
    assert linked.link_share == 1.0
    assert 0.3 < half.link_share < 0.6
    assert none.link_share == 0.0


@pytest.mark.parametrize("tag", ["div", "span", "b", "blockquote", "font", "section"])
def test_nesting_without_end_neither_recurses_nor_takes_quadratic_time(tag: str) -> None:
    started = time.perf_counter()
    page = read(f"<{tag}>word " * 20_000)
    assert "".join(block.text for block in page.blocks).count("word") == 20_000
    assert max(len(page.ancestors(box.index)) for box in page.boxes[-50:]) <= 202
    as_html(page.blocks, page, None)
    assert time.perf_counter() - started < 10


def test_fifty_thousand_deep() -> None:
    # Built by hand: the parser itself needs many seconds for this page, our walk must not.
    page = read("<i>" * 50_000 + "deep")
    assert [block.text for block in page.blocks] == ["deep"]
    assert as_html(page.blocks, page, None) == "<p><em>deep</em></p>"


def test_below_and_ancestors_agree() -> None:
    rng = random.Random(3)
    markup = "".join(
        rng.choice(["<div>", "<p>", "</div>", "</p>", "<span>x", "</span>", "<ul><li>", "</ul>"]) for _ in range(400)
    )
    page = read(markup)
    for top in range(0, len(page.boxes), 7):
        below = page.below([top])
        assert below == {box.index for box in page.boxes if any(a.index == top for a in page.ancestors(box.index))}


def test_every_character_is_in_exactly_one_block() -> None:
    rng = random.Random(11)
    tags = ["p", "div", "span", "b", "li", "ul", "td", "tr", "table", "blockquote", "h2", "a href=/x", "em", "section"]
    for _ in range(60):
        words = [f"w{i}x" for i in range(40)]
        markup = "".join(
            rng.choice([f"<{rng.choice(tags)}>", f"</{rng.choice(tags)}>", "<br>", " "]) + word for word in words
        )
        page = read(markup)
        together = " ".join(block.text for block in page.blocks)
        assert all(together.count(word) == 1 for word in words), markup
        assert all(block.text for block in page.blocks)
