"""Full-text search, and what people type into it."""

from __future__ import annotations

import random
import sqlite3
from pathlib import Path

import pytest

from scraper.errors import QueryError
from scraper.store import Archive
from scraper.store.search import SearchHit, search

ARTICLES = [
    ("https://a.example/1", "Flood in Kherson", "The dam broke; the mayor didn't speak. O'Brien's well-known café.",
     "2024-07-22"),
    ("https://a.example/2", "Storm over Odesa", "A flood of calls. The dam held.", "2024-07-23T23:30:00+03:00"),
    ("https://b.example/3", "Кам'янець-Подільський: їжаки", "У Камʼянці знайшли їжака біля мосту.", "2024-08-01"),
    ("https://c.example/4", "فيضان في الخرطوم", "ارتفع منسوب النيل يوم الثلاثاء", None),
    ("https://c.example/5", "C++ and R&D at 50% off", "Nothing else (really) matters: \"quoted\" text.",
     "2024-06-30T12:00:00Z"),
]  # fmt: skip

LANGUAGES = {
    "https://a.example/1": "en",
    "https://a.example/2": "en",
    "https://b.example/3": "uk",
    "https://c.example/4": "ar",
    "https://c.example/5": "en-GB",
}


@pytest.fixture
def full(archive: Archive, make) -> Archive:
    with archive.batch():
        for url, headline, body, day in ARTICLES:
            ref = archive.add_capture(make.capture(url))
            archive.add_article(
                ref.id,
                make.article(
                    body,
                    headline=headline,
                    published_at=day,
                    url=url,
                    site=url[8:17],
                    authors=("Zoë Müller",),
                    language=LANGUAGES[url],
                    verdict="paywall" if url.endswith("5") else "ok",
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
        ("dam -flood", set()),
        ("-kherson dam", {2}),
        ('dam -"flood of calls"', {1}),
        ("dam -(kherson OR storm)", set()),
        ("- flood", {1, 2}),
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
        ("headline:flood", {1}),
        ("body:flood", {2}),
        ("headline: flood", {1}),
        ("Headline:FLOOD", {1}),
        ('headline:"flood in"', {1}),
        ("headline:(storm OR flood) dam", {1, 2}),
        ("headline:kher*", {1}),
        ("author:zoe kherson", {1}),
        ("authors:(zoe NOT ada) kherson", {1}),
        ("body:kherson", set()),
        ("lead:flood", set()),
        ("flood -headline:flood", {2}),
        ("site:a.example flood", {1, 2}),
        ("flood site:www.A.example", {1, 2}),
        ("flood site:https://a.example/news", {1, 2}),
        ("zoe site:b.example site:c.example", {3, 4, 5}),
        ("zoe (site:b.example OR site:a.example)", {1, 2, 3}),
        ("site:b.example OR site:a.example AND zoe", {1, 2, 3}),
        ("zoe -site:a.example", {3, 4, 5}),
        ("zoe NOT site:a.example", {3, 4, 5}),
        ("zoe -site:a.example -site:b.example", {4, 5}),
        ("zoe since:2024-07", {1, 2, 3}),
        ("zoe since:2024-07-23 until:2024-07", {2}),
        ("zoe until:2024-07-22", {1, 5}),
        ("zoe since:2023 until:2022", set()),
        ("zoe since:2024-07 since:2024-08", {3}),
        ("zoe lang:en", {1, 2, 5}),
        ("zoe lang:uk lang:ar", {3, 4}),
        ("zoe -lang:en", {3, 4}),
        ("zoe lang:en-GB", {5}),
        ("zoe -lang:en-GB", {1, 2, 3, 4}),
        ("zoe verdict:paywall", {5}),
        ("zoe -verdict:paywall", {1, 2, 3, 4}),
        ("zoe verdict:ok verdict:paywall", {1, 2, 3, 4, 5}),
        ("site:a.example", {1, 2}),
        ("site:a.example -kherson", {2}),
        ("-kherson site:a.example", {2}),
        ("since:2024-07-23", {2, 3}),
        ("10:30", set()),
        ("at:broke", set()),
        ("https://a.example/1", set()),
        ("flood *", {1, 2}),
        ('5" flood', set()),
        ("flood ()", {1, 2}),
        ("flood )(", {1, 2}),
        ("NEAR(dam broke)", {1}),
        ("NEAR(dam speak, 3)", set()),
        ("NEAR(dam speak, 8)", {1}),
        ('NEAR("the dam" speak, 8) mayor', {1}),
        ("near(dam broke)", set()),
        ("flood\x00kherson", {1}),
        ("flood \ud83d", {1, 2}),
    ],
)
def test_queries(full: Archive, query: str, expected: set[int]) -> None:
    assert ids(full, query) == expected


def test_no_query_is_a_syntax_error(full: Archive) -> None:
    """Whatever is typed either finds something or nothing, or is refused in words of ours."""
    pieces = [*"\"'()-:^+*{},\\%_«”🌊½\x00\u0301\u202e", "flood", "dam*", "їжак", "النيل"]
    pieces += ["AND", "OR", "NOT", "NEAR", "NEAR(", "headline:", "site:", "since:", "lang:x", "-", "中国", ";--"]
    chance = random.Random(7)
    answered = refused = 0
    for _ in range(3000):
        query = chance.choice(["", " "]).join(chance.choices(pieces, k=chance.randint(1, 12)))
        try:
            list(full.search(query))
            answered += 1
        except QueryError:
            refused += 1
    assert answered + refused == 3000
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


def store_many(archive: Archive, make, texts: list[tuple[str, str]]) -> None:
    with archive.batch():
        for number, (headline, body) in enumerate(texts):
            url = f"https://m.example/{number}"
            ref = archive.add_capture(make.capture(url, body=b"<p>%d" % number))
            article = make.article(body, headline=headline, url=url, site="m.example")
            archive.add_article(ref.id, article)


def test_filters_of_the_call_and_of_the_query_both_count(full: Archive) -> None:
    assert ids(full, "zoe site:a.example", site="b.example") == set()
    assert ids(full, "zoe since:2024-07-23", site="a.example") == {2}
    assert ids(full, "zoe", language="en") == {1, 2, 5}
    assert ids(full, "zoe lang:en-gb", language="en") == {5}


def test_articles_take_the_same_queries(full: Archive) -> None:
    def found(text: str, **more) -> set[int]:
        return {article.id or 0 for article in full.articles(text=text, **more)}

    assert found("headline:flood") == {1}
    assert found("flood -kherson") == {2}
    assert found("site:a.example -kherson") == {2}
    assert found("zoe since:2024-07-23") == {2, 3}
    assert found("zoe", site="c.example") == {4, 5}
    assert found("الخرطوم -lang:en") == {4}
    assert found("verdict:paywall") == {5}


def test_filters_alone_list_the_newest_first(full: Archive, make) -> None:
    assert [hit.id for hit in full.search("site:a.example since:2024")] == [2, 1]
    (first, *_) = full.search("site:a.example")
    assert first.snippet == "A flood of calls. The dam held."
    assert first.score is None
    wall = make.article(None, verdict="blocked", url="https://a.example/wall", site="a.example", headline="Blocked")
    full.add_article(full.add_capture(make.capture("https://a.example/wall")).id, wall)
    assert ids(full, "site:a.example") == {1, 2}
    assert ids(full, "site:a.example verdict:blocked") == {6}


@pytest.mark.parametrize(
    ("day", "inside", "outside"),
    [
        ("2024-02-29", ["since:2024-02-29", "until:2024-02", "since:2024 until:2024", "since:1999-12-31"],
         ["since:2024-03", "until:2024-02-28", "until:2023", "since:2025", "until:1999-12-31"]),
        ("1999-12-31T23:30:00-05:00", ["until:1999", "since:1999-12-31", "since:0001 until:2000-01-01"],
         ["since:2000", "until:1999-12-30", "until:1999-11"]),
        ("2019-10-01", ["since:2019-09-30 until:2019-10-01", "since:2010 until:2020", "since:2019-10"],
         ["since:2019-10-02", "until:2019-09-30", "since:2020 until:2029"]),
    ],
)  # fmt: skip
def test_days(archive: Archive, make, day: str, inside: list[str], outside: list[str]) -> None:
    """Both ways of asking: by the index's facets (with a word), and by the days themselves."""
    make.store(archive, make.article("tide", published_at=day))
    make.store(archive, make.article("tide", published_at=None), url="https://example.com/undated")
    for query in inside:
        assert ids(archive, f"tide {query}") == ids(archive, query) == {1}, query
    for query in outside:
        assert ids(archive, f"tide {query}") == ids(archive, query) == set(), query


def test_more_hits_than_are_ranked(archive: Archive, make) -> None:
    """All are found: those with the word in the headline first, then the others, the newest page first."""
    texts = [("Harbour news" if n % 10 == 7 else "News", f"harbour text {n} 港") for n in range(20)]
    texts += [("Harbour news" if n % 10 == 7 else "News", f"harbour text {n}") for n in range(20, 40)]
    store_many(archive, make, texts)

    def found(query: str, ranked: int) -> list[SearchHit]:
        return list(search(archive._db, query, ranked=ranked))

    hits = found("harbour", 39)
    in_headline = [38, 28, 18, 8]
    assert [hit.id for hit in hits] == in_headline + [n for n in range(40, 0, -1) if n not in in_headline]
    assert all(hit.score is None for hit in hits)
    by_rank = found("harbour", 40)
    assert {hit.id for hit in by_rank[:4]} == set(in_headline)
    assert [hit.score for hit in by_rank] == sorted((hit.score or 0 for hit in by_rank), reverse=True)
    assert len(by_rank) == 40
    # What passes the filters counts.
    assert all(hit.score for hit in found("harbour -港", 20))
    assert not any(hit.score for hit in found("harbour", 20))
    assert [hit.id for hit in found("harbour site:m.example", 39)] == [hit.id for hit in hits]
    assert len(found("harbour site:m.example", 40)) == 40
    assert found("harbour site:other.example", 0) == []


def test_words_that_are_everywhere_do_not_rank(archive: Archive, make) -> None:
    """In a large archive; what is found is the same."""
    texts = [
        ("News", f"the {'the ' * (n % 7)}story {'' if n % 10 else 'harbour ' * (1 + n % 3)}{n}") for n in range(50)
    ]
    store_many(archive, make, texts)

    def scores(query: str, sample: int) -> dict[int, float | None]:
        return {hit.id: hit.score for hit in search(archive._db, query, sample=sample)}

    harbour = scores("harbour", 10)
    assert len(harbour) == 5
    assert scores("the harbour", 10) == scores("the harbour site:m.example", 10) == harbour
    assert list(scores("the harbour", 10)) == list(harbour)
    assert scores("(the OR nothing) harbour -40", 10) == {n: score for n, score in harbour.items() if n != 41}
    as_is = scores("the harbour", 11)
    assert as_is.keys() == harbour.keys()
    assert as_is != harbour
    assert len(scores("the story", 10)) == 50


def test_phrases_of_common_words_are_not_ranked(archive: Archive, make) -> None:
    """In a large archive, where it would take long: the headline first, then the newest, and none is lost."""
    texts = [
        (("The sea" if n == 20 else "News"), f"of the sea {'' if n % 7 else 'the harbour'} {n}") for n in range(50)
    ]
    store_many(archive, make, texts)

    def found(query: str, sample: int = 10) -> list[SearchHit]:
        return list(search(archive._db, query, sample=sample))

    order = [21, *(n for n in range(50, 0, -1) if n != 21)]
    for query in ('"the sea"', "NEAR(the sea)", 'body:"the sea"', '"the sea" OR quarry', '("the sea" OR a) NOT quarry'):
        hits = found(query)
        assert {hit.id for hit in hits} == set(order), query
        assert not any(hit.score for hit in hits), query
    assert [hit.id for hit in found('"the sea"')] == order
    assert all(hit.score for hit in found('"the sea"', sample=11))
    # Beside a word that tells more, it is the word that ranks.
    assert [hit.score for hit in found('"the sea" 41')] == [hit.score for hit in found("41")]
    assert all(hit.score for hit in found('headline:"the sea"'))
    assert [hit.id for hit in found('"the sea" since:2030')] == []


def test_phrases_of_a_rare_word_are_ranked(archive: Archive, make) -> None:
    texts = [("News", f"of the sea {'' if n else 'the harbour'} {n}") for n in range(500)]
    store_many(archive, make, texts)
    (hit,) = search(archive._db, '"the harbour"', sample=100)
    assert hit.score
    assert not next(search(archive._db, '"the sea"', sample=100)).score


def test_marks_in_headline_and_snippet(full: Archive) -> None:
    (hit, *_) = full.search("flood", marks=("[", "]"))
    assert hit.headline == "Flood in Kherson"
    assert hit.headline_marked == "[Flood] in Kherson"
    (hit,) = full.search("headline:kherson broke", marks=("[", "]"))
    assert hit.headline_marked == "Flood in [Kherson]"
    (hit,) = full.search("khers* (spea* OR nothing)", marks=("[", "]"))
    assert hit.headline_marked == "Flood in [Kherson]"
    assert "didn't [speak]. O'Brien's" in hit.snippet


@pytest.mark.parametrize("query", ["needle", "needl*"])
def test_a_snippet_is_cut_at_words(archive: Archive, make, query: str) -> None:
    words = [f"word{n}" for n in range(400)]
    words[200] = "needle"
    make.store(archive, make.article("\n\n".join(" ".join(words[n : n + 20]) for n in range(0, 400, 20))))
    (hit,) = archive.search(query)
    inner = hit.snippet.removeprefix("…").removesuffix("…")
    assert hit.snippet == f"…{inner}…"
    shown = inner.replace("**", "").split()
    assert set(shown) <= set(words)
    assert 10 <= len(shown) <= 26
    assert 2 <= shown.index("needle") <= 22
    assert "**needle**" in inner


def test_a_changed_day_or_site_is_looked_up_anew(archive: Archive, make) -> None:
    make.store(archive, make.article("tide", published_at="2020-01-01"))
    assert ids(archive, "tide until:2020") == {1}
    make.store(archive, make.article("tide table", published_at="2021-01-01"))
    assert ids(archive, "tide until:2020") == set()
    assert ids(archive, "tide since:2021") == {1}
    archive._db.sql.execute("INSERT INTO articles_fts (articles_fts, rank) VALUES ('integrity-check', 1)")


def test_plain_sqlite_finds_words_and_no_facets(full: Archive, path: Path) -> None:
    connection = sqlite3.connect(path)

    def matching(query: str) -> list[int]:
        sql = "SELECT rowid FROM articles_fts WHERE articles_fts MATCH ? ORDER BY rank"
        return [row[0] for row in connection.execute(sql, (query,))]

    assert matching("flood") == [1, 2]
    assert matching("2024 OR d2024 OR ok OR vok OR en OR len OR example") == []
    connection.close()
