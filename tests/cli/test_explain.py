"""`scrape explain`: the reasons in rows and on a terminal, and the page with its blocks coloured."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser

from tests.cli.running import Scrape
from tests.extract.pages import HEADLINE, PARAGRAPHS, TEXT, URL, page

EVIL = """
<script>fetch('https://evil.example/a')</script><script src=https://evil.example/b.js></script>
<iframe src=https://evil.example/c></iframe><object data=https://evil.example/d></object><embed src=//evil.example/e>
<p onclick="alert(1)" style="background:url(https://evil.example/f)">
A paragraph with a handler, <b onmouseover=alert(1)>
twice</b>, that <a href="https://evil.example/g" ping="https://evil.example/h">links</a>
&lt;script&gt;alert(2)&lt;/script&gt;.</p>
<img src=https://evil.example/i.gif srcset="https://evil.example/j.gif 2x"
onerror=alert(1) alt='"><script>alert(3)</script>'>
<form action=https://evil.example/k><input onfocus=alert(1) autofocus><p>In a form.</p></form>
<svg onload=alert(1)><a xlink:href="javascript:alert(1)"><text>In a drawing.</text></a></svg>
<video src=https://evil.example/l poster=https://evil.example/m></video>
<x-y onfoo=alert(1) dir='rtl" onload="x'>own</x-y>
<style>body { background: url(https://evil.example/n) }</style><link rel=stylesheet href=https://evil.example/o.css>
<noscript><img src=https://evil.example/p.gif></noscript><div style="display:none">In the dark.</div>
"""
EVIL_HEAD = (
    "<meta http-equiv=refresh content='0;url=https://evil.example/'><base href=https://evil.example/>"
    "<link rel=preload href=https://evil.example/q.js as=script><style>@import 'https://evil.example/r.css'</style>"
)
ELEMENTS = set(
    """html head meta title style body header main details summary table tbody tr th td h1 h2 p b mark section span div
    article a br ul li""".split()
)


@pytest.fixture
def local(tmp_path: Path) -> Scrape:
    """In a folder with story.html, an ordinary article, and evil.html, the same with whatever could run in it."""
    footer = "<footer><a href=/about>About this paper</a></footer>"
    (tmp_path / "story.html").write_text(page(below=footer), encoding="utf-8")
    evil = page(head=EVIL_HEAD, title=f"</title><script>alert(4)</script>{HEADLINE}", text=TEXT.replace("\n", EVIL, 1))
    (tmp_path / "evil.html").write_text(evil, encoding="utf-8")
    return Scrape(tmp_path)


def opened(document: str) -> LexborHTMLParser:
    return LexborHTMLParser(document)


def test_every_field_says_why_its_candidate_won(local: Scrape) -> None:
    rows = local("explain", "story.html", "--url", URL).rows
    [headline] = [row for row in rows if row["field"] == "headline" and row["outcome"] == "won"]
    assert headline["value"] == HEADLINE
    assert headline["source"]
    assert 0 < headline["score"] <= 1
    assert headline["reason"]
    assert all(row["reason"] for row in rows)
    assert [row["field"] for row in rows if row["field"] == "next_page"] == []


def test_the_body_says_which_blocks_were_kept_and_dropped(local: Scrape) -> None:
    rows = [row for row in local("explain", "story.html", "--url", URL).rows if row["field"] == "body"]
    assert rows[0]["outcome"] == "won"
    assert re.fullmatch(r"won: .*; expected F1 \d\.\d\d, threshold 0\.\d\d", rows[0]["reason"])
    kept = [row for row in rows if row["outcome"] == "kept"]
    assert [row["value"].rstrip("…") for row in kept] == [" ".join(p.split()[:12]) for p in PARAGRAPHS]
    assert all(0 < row["score"] <= 1 and "threshold" in row["reason"] for row in kept)
    assert all(row["outcome"] != "kept" for row in rows if row.get("value") == HEADLINE)
    plain = local.on_terminal("explain", "story.html", columns=100).plain
    assert re.search(r"^  kept    \d\.\d\d page: The ferry company said", plain, re.M)


def test_the_next_page_is_named(local: Scrape) -> None:
    pages = "<div><a href='?page=2'>2</a> <a href='?page=3'>3</a></div>"
    (local.folder / "paged.html").write_text(page(below=pages), encoding="utf-8")
    rows = local("explain", "paged.html", "--url", URL).rows
    [following] = [row for row in rows if row["field"] == "next_page"]
    assert following["value"] == f"{URL}?page=2"
    document = local("explain", "paged.html", "--url", URL, "--html", "-").out
    assert f"<b>goes on at</b> {URL}?page=2" in document


def test_the_page_with_its_blocks_coloured(local: Scrape) -> None:
    said = local("explain", "story.html", "--url", URL, "--html", "explained.html")
    assert (said.code, said.out, said.err) == (0, "", "explained.html written\n")
    tree = opened((local.folder / "explained.html").read_text(encoding="utf-8"))
    kept = [mark for mark in tree.css("main mark") if mark.attributes["class"] == "kept"]
    assert [mark.text() for mark in kept] == list(PARAGRAPHS)
    for mark in kept:
        title = mark.attributes["title"] or ""
        assert re.fullmatch(r"kept: probability [01]\.\d\d, not below the threshold of 0\.\d\d", title)
    [about] = [mark for mark in tree.css("main mark") if mark.text() == "About this paper"]
    assert (about.attributes["class"] or "").startswith("p")
    assert (about.attributes["title"] or "").startswith("left out: probability 0.")
    legend = tree.css_first("#legend")
    assert legend is not None
    words = legend.text()
    assert HEADLINE in words
    assert "article, ok" in words
    assert re.search(r"threshold 0\.\d\d, expected F1 [01]\.\d\d", words)
    assert "won: the blocks most likely to be the text" in words
    assert local("explain", "story.html", "--url", URL, "--html", "-", "-q").out == (
        local.folder / "explained.html"
    ).read_text(encoding="utf-8")


def test_nothing_of_a_hostile_page_runs_or_is_fetched(local: Scrape) -> None:
    document = local("explain", "evil.html", "--html", "-").out
    tree = opened(document)
    assert {node.tag for node in tree.css("*")} <= ELEMENTS
    for node in tree.css("body *"):
        assert set(node.attributes) <= {"class", "title", "dir", "id", "open"}, node.html
        assert node.attributes.get("dir") in (None, "ltr", "rtl", "auto")
    policy = tree.css_first("meta[http-equiv=Content-Security-Policy]")
    assert policy is not None
    assert (policy.attributes["content"] or "").startswith(
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    )
    assert [meta.attributes.get("http-equiv") for meta in tree.css("meta[http-equiv]")] == [
        "Content-Security-Policy",
        "x-dns-prefetch-control",
    ]
    [style] = tree.css("style")
    assert "url" not in style.text()
    assert "evil.example/" not in (tree.css_first("main").html or "")  # type: ignore[union-attr]
    text = tree.css_first("main").text()  # type: ignore[union-attr]
    assert "<script>alert(2)</script>" in text
    assert '[picture: "><script>alert(3)</script>]' in text
    assert "In a drawing" not in text
    [dark] = [mark for mark in tree.css("main mark") if mark.text() == "In the dark."]
    assert (dark.attributes["class"] or "").endswith("hidden")
    assert "hidden on the page; " in (dark.attributes["title"] or "")


def test_a_page_that_cannot_be_read_is_explained_too(local: Scrape) -> None:
    (local.folder / "paper.html").write_bytes(b"%PDF-1.7 and so on")
    document = local("explain", "paper.html", "--html", "-").out
    assert "the page is a PDF document" in document
    assert opened(document).css("main mark") == []


def test_copied_text_is_shown_whole(local: Scrape) -> None:
    (local.folder / "story.txt").write_text("\n\n".join([HEADLINE, *PARAGRAPHS, "<script>x</script> & so on."]))
    tree = opened(local("explain", "story.txt", "--html", "-").out)
    assert [p.text() for p in tree.css("main section.kept p")][: len(PARAGRAPHS)] == list(PARAGRAPHS)
    assert tree.css("script") == []


def test_a_file_that_cannot_be_written(local: Scrape) -> None:
    said = local("explain", "story.html", "--html", "none/explained.html")
    assert said.code == 2
    assert "Cannot write none/explained.html" in said.err


def test_text_from_right_to_left_keeps_its_direction(local: Scrape) -> None:
    text = "".join(f"<p dir=RTL>{'המעבורת חזרה אל הנמל הישן אחרי שלושה חורפים ' * 4}{n}.</p>" for n in range(4))
    (local.folder / "rtl.html").write_text(page(text=text, lang="he"), encoding="utf-8")
    tree = opened(local("explain", "rtl.html", "--html", "-").out)
    assert [p.attributes for p in tree.css("main p")] == [{"dir": "rtl"}] * 4
