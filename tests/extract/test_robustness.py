"""Whatever arrives, extraction ends, raises nothing, and says of every field where it came from or why it is absent."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable
from datetime import date, datetime

import pytest

from scraper.article import LINK_KINDS, PAGE_TYPES, VERDICTS, Article
from scraper.extract import extract
from tests.extract.pages import HEADLINE, PARAGRAPHS, TEXT, URL, ld, page, read
from tests.fixtures import FIXTURES, Fixture

HTML = [f for f in FIXTURES if b"<" in f.page[:2000]]
MUTANTS_A_PAGE = 560 // len(HTML) + 1
FIELDS = ("headline", "authors", "published_at", "modified_at", "lead", "body", "language", "section", "tags", "image")


def assert_valid(article: Article) -> None:
    assert article.verdict in VERDICTS
    assert article.page_type in PAGE_TYPES
    assert (article.verdict == "ok") == (article.verdict_reason is None)
    for text in (article.headline, article.lead, article.body, article.section, article.image, article.language):
        assert text is None or (isinstance(text, str) and text.strip())
    assert all(isinstance(name, str) and name.strip() for name in (*article.authors, *article.tags))
    for moment in (article.published_at, article.modified_at):
        if moment is not None:
            assert datetime.fromisoformat(moment) if len(moment) > 10 else date.fromisoformat(moment)
    assert all(link.kind in LINK_KINDS and link.url.startswith(("http://", "https://")) for link in article.links)
    assert len({link.url for link in article.links}) == len(article.links)
    assert (article.body is None) == (article.body_html is None) == (article.word_count == 0)
    assert not re.search(r"<script|<style|<iframe|javascript:", (article.body_html or "").lower().replace("&lt;", ""))
    for name in FIELDS if article.provenance.keys() >= set(FIELDS) else ("body",):
        provenance = article.provenance[name]
        assert 0 <= provenance.confidence <= 1
        if not getattr(article, name):
            assert provenance.source == "none"
            assert provenance.reason, name
    assert article.as_dict()


Mutation = Callable[[bytes, random.Random], bytes]


def cut(body: bytes, rng: random.Random) -> bytes:
    return body[: rng.randrange(len(body))]


def cut_out(body: bytes, rng: random.Random) -> bytes:
    start = rng.randrange(len(body))
    return body[:start] + body[start + rng.randrange(2_000) :]


def double(body: bytes, rng: random.Random) -> bytes:
    start = rng.randrange(len(body))
    piece = body[start : start + rng.randrange(3_000)]
    at = rng.randrange(len(body))
    return body[:at] + piece * rng.randrange(1, 4) + body[at:]


def flip_bits(body: bytes, rng: random.Random) -> bytes:
    out = bytearray(body)
    for _ in range(rng.randrange(1, 200)):
        out[rng.randrange(len(out))] ^= 1 << rng.randrange(8)
    return bytes(out)


def drop_tags(body: bytes, rng: random.Random) -> bytes:
    share = rng.choice([0.02, 0.2, 0.6])
    return re.sub(rb"<[^>]*>", lambda m: b"" if rng.random() < share else m.group(), body)


def mangle_attributes(body: bytes, rng: random.Random) -> bytes:
    values = [
        b'=""',
        b"=",
        b'="<p>"',
        b"='javascript:1'",
        b'="' + b"x" * 500 + b'"',
        b'="\xff\xfe"',
        b'="2024-99-99"',
        b'="{[("',
    ]
    return re.sub(rb'="[^"]*"', lambda m: rng.choice(values) if rng.random() < 0.2 else m.group(), body)


def shuffle_tags(body: bytes, rng: random.Random) -> bytes:
    tags = re.findall(rb"<[^>]*>", body)
    return re.sub(rb"<[^>]*>", lambda m: rng.choice(tags) if rng.random() < 0.1 else m.group(), body)


MUTATIONS: list[Mutation] = [cut, cut_out, double, flip_bits, drop_tags, mangle_attributes, shuffle_tags]


@pytest.mark.parametrize("fixture", HTML, ids=[f.name for f in HTML])
def test_mutants_of_real_pages(fixture: Fixture) -> None:
    rng = random.Random(fixture.name)
    for number in range(MUTANTS_A_PAGE):
        mutant = MUTATIONS[number % len(MUTATIONS)](fixture.page, rng)
        if rng.random() < 0.2:
            mutant = rng.choice(MUTATIONS)(mutant or b"x", rng)
        article = extract(
            mutant, url=fixture.url, content_type=fixture.meta["content_type"], captured_at=fixture.fetched_at
        )
        assert_valid(article)


def test_there_are_500_mutants() -> None:
    assert MUTANTS_A_PAGE * len(HTML) >= 500


def test_random_bytes_and_random_text() -> None:
    rng = random.Random(1)
    for _ in range(60):
        assert_valid(extract(rng.randbytes(rng.randrange(500))))
        assert_valid(
            extract(
                "<html>" + "".join(chr(rng.choice([rng.randrange(128), rng.randrange(0x3000)])) for _ in range(300))
            )
        )


def many(piece: str, count: int) -> str:
    return piece * count


SHAPES: dict[str, Callable[[], str | bytes]] = {
    "2000 divs deep": lambda: page(above=many("<div>", 2_000)),
    "20000 inline deep": lambda: page(above=many("<b>", 20_000)),
    "5000 divs with text": lambda: page(below=many("<div>some words here", 5_000)),
    "tables in tables": lambda: page(above=many("<table><tr><td>", 1_000)),
    "forms in forms": lambda: page(above=many("<form><div>", 2_000)),
    "lists in lists": lambda: page(below=many("<ul><li>item", 3_000)),
    "100000 attributes": lambda: page(above="<div " + " ".join(f"a{i}=1" for i in range(100_000)) + "></div>"),
    "a huge comment": lambda: page(above="<!--" + many("x ", 500_000) + "-->"),
    "a huge script": lambda: page(above="<script>" + many("var a = '<p>';", 70_000) + "</script>"),
    "a huge style": lambda: page(head="<style>" + many("p{color:red}", 80_000) + "</style>"),
    "unclosed tags": lambda: page(above=many("<div><section><b><i>", 300)),
    "unclosed attribute below": lambda: page(below=many('<a href="', 50_000)),
    "NULs": lambda: page(above=many("\0", 100_000), text=TEXT.replace("ferry", "fer\0ry")),
    "NULs in tags": lambda: page(text=TEXT.replace("<p>", "<\0p cl\0ass='x'>").replace("<\0p", "<p")),
    "100000 paragraphs": lambda: page(below=many("<p>", 100_000)),
    "entities": lambda: page(below="<p>" + many("&amp;&#x41;&nbsp;&bogus;&#xFFFFFFFF;", 25_000)),
    "surrogates": lambda: page(below="<p>" + many("\udcff\ud800", 1_000)),
    "a giant word": lambda: page(below="<p>" + many("x", 1_000_000)),
    "white space": lambda: page(below="<p>" + many(" \n\t", 300_000) + "</p>"),
    "marks of direction": lambda: page(below="<p>" + many("\u202e\u200f\u2066", 20_000)),
    "less-than signs": lambda: page(below=many("<", 500_000)),
    "plaintext": lambda: page(below="<plaintext>" + many("a <b> ", 5_000)),
    "line breaks": lambda: page(below=many("<br>", 100_000)),
    "lines with breaks": lambda: page(below="<p>" + many("a line of text<br>", 20_000)),
    "one long link": lambda: page(below="<a href=/x>" + many("word <b>x</b> ", 15_000) + "</a>"),
    "10000 links": lambda: page(below="".join(f"<p><a href=/a-b-c-{i}>one two three "
        f"{i}</a></p>" for i in range(5_000))),
    "long title": lambda: page(title=HEADLINE + many(" a | b -", 50_000)),
    "5000 meta titles": lambda: page(head=many('<meta property="og:title" content="Some other title">', 5_000)),
    "1000 json-ld": lambda: page(head=many(ld({"@type": "NewsArticle", "headline": "x"}), 1_000)),
    "nested json-ld": lambda: page(head=ld("[" * 50_000 + "]" * 50_000)),
    "json-ld comments": lambda: page(head=ld('{"a": ' + many("/*", 100_000))),
    "names of names": lambda: page(above="<div class='" + many("related-", 60_000) + "'></div>"),
    "itemprops": lambda: page(above='<div itemscope '
        'itemtype="http://schema.org/NewsArticle">' + many("<i itemprop=author>", 3_000)),
    "dates": lambda: page(below="<p>" + many("3 May 2024 ", 20_000)),
    "bylines": lambda: page(below=many("<span class=author>By Ann Lee</span>", 5_000)),
}  # fmt: skip
ALLOWED_SECONDS = 20
"""A bound against quadratic time, not a promise: each takes one or two seconds on an idle machine."""


@pytest.mark.parametrize("shape", list(SHAPES))
def test_hostile_shapes_end_and_keep_the_article_or_say_so(shape: str) -> None:
    html = SHAPES[shape]()
    started = time.perf_counter()
    article = extract(html, url=URL)
    assert time.perf_counter() - started < ALLOWED_SECONDS
    assert_valid(article)
    kept = PARAGRAPHS[1] in (article.body or "")
    assert kept or article.verdict_reason or article.provenance["body"].confidence < 0.8


@pytest.mark.parametrize(
    "html",
    [
        "<br>" * 200_000,
        "x" * 1_000_000,
        "<" * 500_000,
        "<p>" * 100_000,
        "\udcff" * 1000,
        "<plaintext>" * 1000,
        "<!--" * 100_000,
        "&" * 500_000,
        " " * 1_000_000,
        "<a href=",
        "<![CDATA[",
        "\ufeff",
    ],
)
def test_pages_of_nothing_else(html: str) -> None:
    article = read(html).article
    assert_valid(article)
    assert article.verdict != "ok"


@pytest.mark.parametrize(
    "url",
    [
        None,
        "",
        "not a url",
        "https://",
        "https://[::1",
        "http://x.example:99999/",
        "javascript:1",
        "file:///etc/passwd",
        "https://пример.example/стаття",
        "https://x.example/" + "a" * 10_000,
    ],
)
def test_odd_addresses(url: str | None) -> None:
    article = extract(page(), url=url)
    assert_valid(article)
    assert article.headline == HEADLINE


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "",
        ";",
        "text/html;;;charset",
        "text/html; charset=",
        "TEXT/HTML",
        'text/html; charset="utf-8',
        "multipart/x",
        "\0",
        "x" * 10_000,
    ],
)
def test_odd_content_types(content_type: str | None) -> None:
    article = extract(page().encode(), url=URL, content_type=content_type)
    assert_valid(article)
    assert article.headline == HEADLINE


def test_the_same_bytes_give_the_same_article() -> None:
    for fixture in HTML:
        first, second = (extract(fixture.page, url=fixture.url, captured_at=fixture.fetched_at) for _ in range(2))
        assert first == second
