"""Whatever arrives, extraction ends, raises nothing, and says of every field where it came from or why it is absent."""

from __future__ import annotations

import random

import pytest

from benchmarks.mutants import MUTATIONS
from scraper.extract import extract
from tests.extract.pages import HEADLINE, URL, page, read
from tests.extract.validity import assert_valid
from tests.fixtures import FIXTURES, Fixture

HTML = [f for f in FIXTURES if b"<" in f.page[:2000]]
MUTANTS_A_PAGE = 560 // len(HTML) + 1


@pytest.mark.parametrize("fixture", HTML, ids=[f.name for f in HTML])
def test_mutants_of_real_pages(fixture: Fixture) -> None:
    rng = random.Random(fixture.name)
    for number in range(MUTANTS_A_PAGE):
        mutant = MUTATIONS[number % len(MUTATIONS)](fixture.page, rng)
        if rng.random() < 0.2:
            mutant = rng.choice(MUTATIONS)(mutant, rng)
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


@pytest.mark.parametrize("offset", ["-47:00", "+99:99", "+14:60", "-24:00"])
def test_offsets_of_no_place_on_earth(offset: str) -> None:
    stated = "".join(
        f'<meta property="article:{name}_time" content="2024-05-03T10:00:00{offset}">'
        for name in ("published", "modified")
    )
    article = extract(page(head=stated), url=URL)
    assert_valid(article)
    assert article.published_at == "2024-05-03T10:00:00"


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
