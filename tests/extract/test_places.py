"""Where on the page blocks and fields stand: by the nodes of its tree, whatever they say."""

from __future__ import annotations

from typing import Any

import pytest

from scraper.extract import SiteFiles
from scraper.extract.explanation import explanation_rows
from scraper.extract.page import Page
from scraper.extract.places import blocks_of_texts
from scraper.extract.sitefiles.checking import load_site_file
from tests.extract.pages import CAPTURED, PARAGRAPHS, URL, page, read

AGAIN = "<p>The same words.</p>"
MARKUP = (
    f"<title>no</title><h1>Head <em>line</em></h1>{AGAIN}bare<div>{AGAIN}<ul><li>one<li>two <b>bold</b></ul></div>"
    "<p>first<br><br>second<script>no</script><style>no{}</style><p hidden>dark</p><select><option>no</select>"
    "<table><tr><td>a</td><td>b</td></table><p>Doors<br><b>Tickets</b><br>cost</p><xmp><b>as it is</b></xmp>"
)


def texts_by_block(markup: str) -> dict[int, str]:
    """What the tree says in each block, put together from its texts."""
    one = Page.read(f"<!doctype html><html><body>{markup}", url=URL)
    owners = blocks_of_texts(one)
    found: dict[int, str] = {}
    for node in one.tree.root.traverse(include_text=True) if one.tree.root else ():
        if node.mem_id in owners:
            found[owners[node.mem_id]] = f"{found.get(owners[node.mem_id], '')}{node.text_content}"
    assert {block.index: block.text for block in one.outline.blocks} == {
        index: " ".join(text.split()) for index, text in found.items()
    }
    return found


def test_every_text_belongs_to_the_block_that_it_is_read_in() -> None:
    found = texts_by_block(MARKUP)
    first = ["Head line", "The same words.", "bare", "The same words.", "one", "two bold", "first", "second", "dark"]
    assert [text.strip() for text in found.values()][:9] == first
    assert "no" not in found.values()


@pytest.mark.parametrize(
    "markup",
    [
        "",
        "<script>1</script>",
        "<div>" * 700 + "deep" + "</div>" * 700 + "after",
        "<b><p>one<p>two</b>three<table>lost<td>cell</table>",
        "<a href=/x>one<a href=/y>two</a></a><p>\u00a0</p><p> <br> x",
        "<frameset><frame></frameset>",
    ],
)
def test_whatever_the_tree_is_like(markup: str) -> None:
    texts_by_block(markup)


def test_what_is_no_html_has_no_texts() -> None:
    assert blocks_of_texts(Page.read("Copied text.", url=None, content_type="text/plain")) == {}
    assert blocks_of_texts(Page.read(b"%PDF-1.7", url=None)) == {}


def test_blocks_of_nodes() -> None:
    one = Page.read("<!doctype html><p>a</p><div id=d>b<p>c <i>d</i></p></div>e<section>f</section>", url=URL)
    outline = one.outline
    assert [block.text for block in outline.blocks] == ["a", "b", "c d", "e", "f"]
    assert outline.blocks_in(one.tree.css("#d")) == (1, 2)
    assert outline.blocks_in(one.tree.css("i, section")) == (2, 4)
    assert outline.blocks_in(one.tree.css("html, title")) == ()
    assert outline.blocks_in(one.tree.css("body")) == (0, 1, 2, 3, 4)


def where(markup: str, **given: Any) -> dict[str, list[str]]:
    """By field the texts of the blocks that its chosen value stands in."""
    extraction = read(markup, **given)
    blocks = Page.read(markup, url=URL, captured_at=CAPTURED).outline.blocks
    rows = [row for row in explanation_rows(extraction) if row["outcome"] == "won" and "blocks" in row]
    return {row["field"]: [blocks[index].text for index in row["blocks"]] for row in rows}


def test_a_field_says_where_on_the_page_it_stands() -> None:
    byline = "<p class=byline>By <a rel=author href=/by/ann>Ann Lee</a></p><p><time>July 22, 2024</time></p>"
    tags = "<p class=tags><a rel=tag href=/t/sea>Sea</a> <a rel=tag href=/t/boats>Boats</a></p>"
    found = where(page(byline=byline, below=tags, lang="en"))
    assert found["headline"] == ["Ferry returns to the old harbour"]
    assert found["authors"] == ["By Ann Lee"]
    assert found["published_at"] == ["July 22, 2024"]
    assert found["tags"] == ["Sea Boats"]


def test_so_does_one_that_a_site_file_or_microdata_names(tmp_path: Any) -> None:
    file = tmp_path / "gazette.toml"
    file.write_text(
        'name = "Gazette"\nhosts = ["www.gazette.example"]\n[[layout]]\n[layout.fields.headline]\ncss = "h1"\n'
        '[layout.fields.authors]\ncss = ".who"\n[layout.fields.body]\ncss = ".text"\n'
        '[layout.fields.published_at]\ncss = "meta[name=when]"\nattr = "content"\n',
        encoding="utf-8",
    )
    who = "<p class=who>Ann Lee</p><meta name=when content=2024-07-22>"
    found = where(page(byline=who), sites=SiteFiles([load_site_file(file)]))
    assert (found["headline"], found["authors"]) == (["Ferry returns to the old harbour"], ["Ann Lee"])
    assert "published_at" not in found
    item = "<div itemscope itemtype='https://schema.org/NewsArticle'>"
    micro = page(above=item, byline="<p><span itemprop=author>Bo Ray</span>, <i>reporter at large here</i></p>")
    assert where(micro)["authors"] == ["Bo Ray, reporter at large here"]


def test_every_block_of_the_page_has_a_row_when_it_is_given() -> None:
    markup = page(below="<footer><a href=/about>About</a><p>Imprint</p></footer>")
    blocks = Page.read(markup, url=URL).outline.blocks
    rows = [row for row in explanation_rows(read(markup), blocks) if "block" in row]
    assert [row["block"] for row in rows] == [block.index for block in blocks]
    assert [row["outcome"] for row in rows] == ["dropped", *["kept"] * len(PARAGRAPHS), "dropped", "dropped"]
    assert all(row["reason"] for row in rows)
