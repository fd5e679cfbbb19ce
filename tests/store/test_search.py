"""Full-text search, and what people type into it."""

from __future__ import annotations

import random

import pytest

from scraper.errors import QueryError
from scraper.store import Archive
from scraper.store.query import to_fts

ARTICLES = [
    ("https://a.example/1", "Flood in Kherson", "The dam broke; the mayor didn't speak. O'Brien's well-known café.",
     "2024-07-22"),
    ("https://a.example/2", "Storm over Odesa", "A flood of calls. The dam held.", "2024-07-23T23:30:00+03:00"),
    ("https://b.example/3", "Кам'янець-Подільський: їжаки", "У Камʼянці знайшли їжака біля мосту.", "2024-08-01"),
    ("https://c.example/4", "فيضان في الخرطوم", "ارتفع منسوب النيل يوم الثلاثاء", None),
    ("https://c.example/5", "C++ and R&D at 50% off", "Nothing else (really) matters: \"quoted\" text.",
     "2024-06-30T12:00:00Z"),
]  # fmt: skip


@pytest.fixture
def full(archive: Archive, make) -> Archive:
    with archive.batch():
        for url, headline, body, day in ARTICLES:
            ref = archive.add_capture(make.capture(url))
            archive.add_article(
                ref.id,
                make.article(
                    body, headline=headline, published_at=day, url=url, site=url[8:17], authors=("Zoë Müller",)
                ),
            )
    return archive


def ids(archive: Archive, query: str, **more) -> set[int]:
    return {hit.id for hit in archive.search(query, **more)}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("flood", {1, 2}),
        ("FLOOD dam", {1, 2}),
        ("flood kherson", {1}),
        ("flood AND kherson", {1}),
        ("kherson OR odesa", {1, 2}),
        ("flood NOT kherson", {2}),
        ("flood AND NOT kherson", {2}),
        ("(kherson OR odesa) dam", {1, 2}),
        ("(kherson OR odesa) NOT (dam broke)", {2}),
        ('"the dam"', {1, 2}),
        ('"dam broke"', {1}),
        ("“dam broke”", {1}),
        ('"broke dam"', set()),
        ("khers*", {1}),
        ("khers", set()),
        ("cafe", {1}),
        ("CAFÉ", {1}),
        ("didn't", {1}),
        ("didn’t", {1}),
        ("O'Brien's", {1}),
        ("well-known", {1}),
        ("known-well", set()),
        ("-flood", {1, 2}),
        ("їжаки", {3}),
        ("їжак*", {3}),
        ("кам'янець-подільський", {3}),
        ("Камʼянець", {3}),
        ("кам’янці", {3}),
        ("الخرطوم", {4}),
        ("النيل الثلاثاء", {4}),
        ("C++", {5}),
        ("R&D", {5}),
        ("50%", {5}),
        ("muller zoe", {1, 2, 3, 4, 5}),
        ("nonexistent", set()),
        ("and", {5}),
        ('"NOT"', set()),
        ("flood :)", {1, 2}),
        ("dam — broke", {1}),
        ("headline:flood", set()),
        ("flood *", {1, 2}),
        ('5" flood', set()),
        ("flood ()", {1, 2}),
        ("flood )(", {1, 2}),
        ("NEAR(dam broke)", set()),
        ("flood\x00kherson", {1}),
        ("flood \ud83d", {1, 2}),
    ],
)
def test_queries(full: Archive, query: str, expected: set[int]) -> None:
    assert ids(full, query) == expected


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("", "empty"),
        ("   ", "empty"),
        ("!!!", "no word"),
        ('"', "no word"),
        ("* - ()", "no word"),
        ("AND", "in capitals"),
        ("NOT flood", "small letters or in quotes"),
        ("flood OR", "between two words"),
        ("OR flood", "between two words"),
        ("flood NOT", "between two words"),
        ("flood AND OR storm", "between two words"),
        ("(OR flood) storm", "between two words"),
        ("(" * 50 + "flood OR storm" + ")" * 50, "parentheses"),
    ],
)
def test_queries_that_cannot_be_meant(archive: Archive, query: str, message: str) -> None:
    with pytest.raises(QueryError, match=message) as caught:
        archive.search(query)
    assert caught.value.next_step


def test_no_query_is_a_syntax_error(full: Archive) -> None:
    """Whatever is typed either finds something or nothing, or is refused in words of ours."""
    pieces = [*"\"'()-:^+*{},\\%_«”🌊½\x00\u0301\u202e", "flood", "dam*", "їжак", "النيل"]
    pieces += ["AND", "OR", "NOT", "NEAR", "headline:", ";--"]
    chance = random.Random(7)
    answered = refused = 0
    for _ in range(1500):
        query = chance.choice(["", " "]).join(chance.choices(pieces, k=chance.randint(1, 12)))
        try:
            list(full.search(query))
            answered += 1
        except QueryError:
            refused += 1
    assert answered + refused == 1500
    assert answered > 100
    assert refused > 100


def test_a_whole_page_as_query(full: Archive) -> None:
    assert ids(full, " ".join(f"word{n}" for n in range(5000))) == set()
    assert ids(full, " OR ".join(["flood"] * 5000)) == {1, 2}


def test_filters(full: Archive) -> None:
    assert ids(full, "zoe", site="a.example") == {1, 2}
    assert ids(full, "zoe", site="www.A.example") == {1, 2}
    assert ids(full, "zoe", since="2024-07-23") == {2, 3}
    assert ids(full, "zoe", until="2024-07-22") == {1, 5}
    assert ids(full, "zoe", since="2024-07", until="2024-07") == {1, 2}
    assert len(list(full.search("zoe", limit=2))) == 2
    assert len(list(full.search("zoe", limit=None))) == 5
    with pytest.raises(QueryError, match="not a day"):
        full.search("zoe", since="yesterday")


def test_the_headline_counts_most(full: Archive) -> None:
    first, second = full.search("flood")
    assert (first.id, second.id) == (1, 2)
    assert first.score > second.score > 0


def test_what_a_hit_shows(full: Archive) -> None:
    (hit,) = full.search("broke", marks=("[", "]"))
    assert hit.snippet.startswith("The dam [broke]; the mayor")
    assert (hit.headline, hit.site, hit.published_at) == ("Flood in Kherson", "a.example", "2024-07-22")
    assert (hit.authors, hit.revision, hit.verdict, hit.language) == (("Zoë Müller",), 1, "ok", "en")
    (by_author,) = full.search("muller kherson")
    assert "**Müller**" in by_author.snippet or "**Kherson**" in by_author.snippet


def test_only_the_newest_text_is_found(archive: Archive, make) -> None:
    make.store(archive, make.article("alpha beta"))
    make.store(archive, make.article("beta gamma"))
    assert ids(archive, "alpha") == set()
    assert ids(archive, "gamma") == {1}


@pytest.mark.parametrize(
    ("query", "expression"),
    [
        ("a b", '"a" AND "b"'),
        ("a b* NOT (c OR d)", '"a" AND "b" * NOT ("c" OR "d")'),
        ("((a))", '(("a"))'),
        ("don't **", '"don\'t"'),
    ],
)
def test_expressions(query: str, expression: str) -> None:
    assert to_fts(query) == expression
