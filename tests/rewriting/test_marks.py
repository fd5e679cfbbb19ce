"""Texts marked by their blocks: each where it is read, and nothing that a page holds becomes a mark or breaks one."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

import pytest
from selectolax.lexbor import LexborHTMLParser, LexborNode

from scraper.extract.page import Page
from scraper.rewriting.marks import Label, Marks
from scraper.rewriting.pages import Rewritten, read_page, rewrite
from tests.fixtures import FIXTURES, Fixture
from tests.web.replay.payloads import filled, page_of, payloads
from tests.web.replay.strictness import assert_harmless

URL = "https://news.example/story"
NAME = "archive-0a1b2c3d"
ALL = [filled(one, js="alert(1)", url="http://evil.test/x") for one in payloads()]
MARKUP = (
    "<h1>Head <em>line</em></h1><p>One <a href=/a>in a link <b>bold</b></a> after<p><a href=/b>whole</a>"
    "<pre>\n\n code</pre><p hidden>dark</p><ul><li>item<li>item</ul><table><tr><td>a<td>b</table><button>no</button>"
    "<xmp>as it is</xmp><p>One</p><select><option>no</select><a href=/c><div>in a box</div></a>"
)


def marked(markup: str | bytes, *, most: int = 10_000) -> tuple[Page, Rewritten, bytes]:
    """The page, and what it is written as with each of its first blocks in a class of its own."""
    body = markup if isinstance(markup, bytes) else markup.encode()
    page = read_page(body, url=URL, content_type="text/html; charset=utf-8")
    classes = {block.index: f"b-{block.index}" for block in page.outline.blocks[:most]}
    document = rewrite(page, lambda url: None, marks=Marks(NAME, classes))
    return page, document, document.written(lambda slot: slot.attributes(f"/web/{slot.url}"), label=label)


def label(place: Label) -> str:
    said = escape(f"{place.block} \"'>")
    inner = (
        said if place.in_link else f'<a href="/capture/1#{place.block}" target="_top" aria-label="{said}">{said}</a>'
    )
    return f'<{NAME}-label id="{NAME}-{place.block}" title="{said}">{inner}</{NAME}-label>'


def texts(page: bytes) -> dict[str, str]:
    """What stands in elements of our name, by class."""
    found: dict[str, str] = {}
    for node in LexborHTMLParser(page.decode()).css(NAME):
        kind = node.attributes["class"] or ""
        found[kind] = f"{found.get(kind, '')}{node.text()}"
    return found


def same_texts(page: Page, written: bytes, shown: frozenset[int]) -> None:
    """Each block that is marked has all of its words, and only those, in its marks."""
    found = texts(written)
    assert set(found) == {f"b-{index}" for index in shown}
    for index in shown:
        assert "".join(found[f"b-{index}"].split()) == "".join(page.outline.blocks[index].text.split())


def test_each_text_is_marked_where_it_stands() -> None:
    page, document, written = marked(MARKUP)
    words = [block.text for block in page.outline.blocks]
    same_texts(page, written, document.marked)
    # What is written in other elements than the page has is not.
    assert [words[index] for index in range(len(words)) if index not in document.marked] == ["as it is"]
    assert_harmless(written, links="/")
    tree = LexborHTMLParser(written.decode())
    assert [one.attributes["id"] for one in tree.css(f"{NAME}-label")] == [
        f"{NAME}-{n}" for n in sorted(document.marked)
    ]
    [pre] = tree.css("pre:has(archive-0a1b2c3d)")
    assert pre.text().endswith("\n code")


def test_no_link_stands_in_a_link() -> None:
    page, document, written = marked(MARKUP)
    links = {piece.block for piece in document.pieces if isinstance(piece, Label) and piece.in_link}
    assert [page.outline.blocks[index].text for index in sorted(links)] == ["whole", "in a box"]
    tree = LexborHTMLParser(written.decode())
    assert all(above(one, "a") is None for one in tree.css("a"))
    assert len(tree.css(f"{NAME}-label > a")) == len(document.marked) - len(links)


def above(node: LexborNode, tag: str) -> LexborNode | None:
    parent = node.parent
    while parent is not None and parent.tag != tag:
        parent = parent.parent
    return parent


def test_only_the_blocks_that_are_named_are_marked() -> None:
    page, document, written = marked(MARKUP, most=2)
    assert document.marked == {0, 1}
    same_texts(page, written, document.marked)
    plain = rewrite(read_page(MARKUP.encode(), url=URL, content_type="text/html"), lambda url: None)
    assert plain.marked == frozenset()
    assert NAME.encode() not in plain.written(lambda slot: slot.attributes(slot.url))


@pytest.mark.parametrize("fixture", FIXTURES, ids=lambda fixture: fixture.name)
def test_pages_of_the_web(fixture: Fixture) -> None:
    page, document, written = marked(fixture.page)
    same_texts(page, written, document.marked)
    assert len(document.marked) > 0.9 * len(page.outline.blocks)
    assert_harmless(written, links="/")


def no_other_texts(page: Page, written: bytes, shown: frozenset[int]) -> None:
    """Each mark holds words of its block, in their order: what is not written anew of a page is not there."""
    found = texts(written)
    assert set(found) <= {f"b-{index}" for index in shown}
    for kind, text in found.items():
        rest = iter(page.outline.blocks[int(kind[2:])].text)
        assert all(letter in rest for letter in "".join(text.split()))


@pytest.mark.parametrize("start", range(0, len(ALL), 60))
def test_hostile_pages(start: int) -> None:
    for payload in ALL[start : start + 60]:
        for markup in (payload, f"<!doctype html><body><div>{payload}</div><p>x"):
            page, document, written = marked(markup)
            assert_harmless(written, links="/")
            no_other_texts(page, written, document.marked)


def test_all_of_them_together() -> None:
    page, document, written = marked(page_of(ALL))
    assert_harmless(written, links="/")
    no_other_texts(page, written, document.marked)


def numbers(document: Rewritten) -> Iterator[int]:
    return (piece.block for piece in document.pieces if isinstance(piece, Label))


def test_a_block_has_one_label_however_many_texts_it_has() -> None:
    _, document, _ = marked("<p>a <b>b</b> <i>c</i> d</p><div>e<span> f</span></div>")
    assert list(numbers(document)) == [0, 1]
