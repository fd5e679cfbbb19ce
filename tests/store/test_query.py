"""What people type, taken apart."""

from __future__ import annotations

import pytest

from scraper.errors import QueryError
from scraper.store import Archive
from scraper.store.expressions import Near, Tree, Within, Without, Words, expression
from scraper.store.query import parse


def tree_of(query: str) -> Tree:
    tree = parse(query).tree
    assert tree is not None
    return tree


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("a b", '"a" AND "b"'),
        ("a AND b", '"a" AND "b"'),
        ("((a))", '"a"'),
        ("a b* NOT (c OR d)", '("a" AND "b" *) NOT ("c" OR "d")'),
        ("a -b c", '("a" AND "c") NOT "b"'),
        ("a -b -c", '"a" NOT ("b" OR "c")'),
        ("-b a", '"a" NOT "b"'),
        ("a OR b c", '"a" OR ("b" AND "c")'),
        ("don't **", '"don\'t"'),
        ("a -- b", '"a" AND "b"'),
        ("a-b", '"a-b"'),
        ("a -(b c)", '"a" NOT ("b" AND "c")'),
        ("headline:a b", '(headline : ("a")) AND "b"'),
        ("author:a", 'authors : ("a")'),
        ('lead:"a b"', 'lead : ("a b")'),
        ('"a b"*', '"a b" *'),
        ("body:(a OR b*)", 'body : ("a" OR "b" *)'),
        ("headline:author:a", 'headline : ("author:a")'),
        ("subheadline:a", '"subheadline:a"'),
        ("10:30 http://x.y/z", '"10:30" AND "http://x.y/z"'),
        ("site://x", '"site://x"'),
        ("NEAR(a b)", 'NEAR("a" "b", 10)'),
        ('NEAR("a b" c, 3) d', 'NEAR("a b" "c", 3) AND "d"'),
        ("NEAR(a, b)", 'NEAR("a," "b", 10)'),
        ("NEAR() a", '"a"'),
        ("“a b”", '"a b"'),
        ("ａ（ｂ　ＯＲ　ｃ）", '"a" AND ("b" OR "c")'),
        ('צה"ל', '"צה״ל"'),
        ("и\u0306", '"й"'),
    ],
)
def test_expressions(query: str, expected: str) -> None:
    assert expression(tree_of(query)) == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("北京*", '"北 京"'),
        ('"中国iPhone*"', '"中 国 iPhone*"'),
        ("中国iPh*", '"中 国 iPh" *'),
        ("الكت*", '"كت" *'),
        ("الكتا*", '"كتا" *'),
        ("café*", '"café" *'),
        ("headline:(西 OR 东)", 'headline : ("西" OR "东")'),
    ],
)
def test_folded_expressions(query: str, expected: str) -> None:
    assert expression(tree_of(query), folded=True) == expected


@pytest.mark.parametrize(
    ("query", "words", "filters"),
    [
        ("a site:b.example", "a", {"site": ("b.example",)}),
        ("site:b.example a", "a", {"site": ("b.example",)}),
        ("site: b.example a", "a", {"site": ("b.example",)}),
        ('a site:"b.example"', "a", {"site": ("b.example",)}),
        ("a site:b site:c", "a", {"site": ("b", "c")}),
        ("(site:b OR site:c) a", "a", {"site": ("b", "c")}),
        ("site:b OR site:c a", "a", {"site": ("b", "c")}),
        ("a AND site:b", "a", {"site": ("b",)}),
        ("site:b AND a", "a", {"site": ("b",)}),
        ("a -site:b", "a", {"-site": ("b",)}),
        ("a NOT site:b", "a", {"-site": ("b",)}),
        ("a AND NOT site:b", "a", {"-site": ("b",)}),
        ("a since:2024-07 until:2024 lang:uk verdict:ok", "a",
         {"since": ("2024-07",), "until": ("2024",), "lang": ("uk",), "verdict": ("ok",)}),
        ("site：b a", "a", {"site": ("b",)}),
        ("SITE:b a", "a", {"site": ("b",)}),
    ],
)  # fmt: skip
def test_filters_are_taken_out(query: str, words: str, filters: dict[str, tuple[str, ...]]) -> None:
    asked = parse(query)
    assert asked.tree == Words(words)
    assert asked.filters == filters


def test_filters_alone() -> None:
    assert parse("site:b since:2024").tree is None
    assert parse("site:b -a").tree == Without(None, Words("a"))


def test_shapes() -> None:
    assert tree_of("headline:(a)") == Within("headline", Words("a"))
    assert tree_of("NEAR(a b, 2)") == Near(("a", "b"), 2)
    assert tree_of("ab*") == Words("ab", begins=True)


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
        ("-flood", "only what must not occur.*site:"),
        ("storm OR -flood", "only what must not occur"),
        ("headline:", "behind headline:"),
        ("flood body:", "behind body:"),
        ("flood site:", "behind site:"),
        ("flood OR site:b.example", "filter counts for the whole query.*in front"),
        ("site:b.example OR flood", "filter counts for the whole query"),
        ("site:b OR lang:uk flood", "filter counts for the whole query"),
        ("(flood site:b.example)", "filter counts for the whole query"),
        ("headline:site:b", None),
        ("flood -since:2024", "since: cannot be excluded.*first day"),
        ("flood since:yesterday", "since: 'yesterday' is not a day.*2024-07-23"),
        ("flood until:2024-13", "is not a day"),
        ("flood verdict:good", "no verdict 'good'.*known: ok, paywall"),
    ],
)
def test_queries_that_cannot_be_meant(archive: Archive, query: str, message: str | None) -> None:
    if message is None:
        assert list(archive.search(query)) == []
        return
    with pytest.raises(QueryError, match="(?i)" + message) as caught:
        archive.search(query)
    assert caught.value.next_step
