"""Search: what is found, narrowed down, leafed through and taken along."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from scraper.store import Archive
from tests.web.browser import Browser, store

NUMBER = 1_030


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """More articles than are counted, of three outlets and two years."""
    path = tmp_path_factory.mktemp("many") / "archive.db"
    with Archive.open(path, write=True) as archive, archive.batch():
        for number in range(NUMBER):
            store(
                archive,
                f"https://outlet{number % 3}.example/{number}",
                minutes=number,
                site=f"outlet{number % 3}.example",
                headline=f"Storm number {number}",
                body=f"A storm came, and {number} roofs went.",
                authors=("Ann Bold",) if number % 2 else ("Cid Day", "Ann Bold"),
                published_at=f"20{23 + number % 2}-{1 + number % 12:02}-{1 + number % 28:02}",
                language="uk" if number == 7 else "en-GB",
            )
    with Browser(path) as browser:
        yield browser


def found(browser: Browser, query: str) -> list[str]:
    page = browser.page(f"/search?{query}")
    return [one.text for one in page.all("a", class_="headline")]


def test_words_are_marked_in_headline_and_text(browser: Browser) -> None:
    page = browser.page("/search?q=ferry")
    assert "1 article" in page.text
    assert {mark.text.lower() for mark in page.all("mark")} == {"ferry"}
    assert page.one("input", id="q").attributes["value"] == "ferry"
    assert page.all("title")[0].text == "Search: ferry · demo.db"


def test_without_words_the_newest_come_first(browser: Browser) -> None:
    headlines = found(browser, "")
    assert len(headlines) == 6
    assert headlines[-1] == "Mill Pond Drained for First Time Since 1961"
    assert found(browser, "site=fenwick-gazette.example") == [headlines[2]]


@pytest.mark.parametrize(
    ("query", "number"),
    [
        ("author=Nora+Whitlock", 2),
        ("author=nora&q=sea", 1),
        ("author=nobody", 0),
        ("lang=en", 3),
        ("lang=uk", 1),
        ("q=lang:uk", 1),
        ("q=-lang:en", 3),
        ("q=lang:en+-ferry", 2),
        ("since=2024-11-16&until=2024-11-20", 3),
        ("until=2023", 1),
        ("verdict=consent", 1),
        ("verdict=not_article", 1),
        ("verdict=ok", 6),
        ("verdict=consent&lang=en", 1),
        ("q=library+OR+pond&author=Ted+Harrow", 1),
    ],
)
def test_filters(browser: Browser, query: str, number: int) -> None:
    assert len(found(browser, query)) == number


def test_a_bad_query_is_told_beside_what_was_typed(browser: Browser) -> None:
    page = browser.page('/search?q=%22%28"&site=a.example', 400)
    assert page.one("input", id="site").attributes["value"] == "a.example"
    assert page.one("input", id="q").attributes["aria-describedby"] == "error"
    assert "no word to search for" in page.one("div", id="error").text


def test_facets_count_and_narrow_down(browser: Browser) -> None:
    page = browser.page("/search?q=the")
    facet = next(one for one in page.all("ul", class_="facet") if "harbour-courier" in one.text)
    assert facet.text.split() == [
        *("harbour-courier.example", "2", "fenwick-gazette.example", "1", "millbrook-bugle.example", "1")
    ]
    [address] = [link for link in page.links("/search?") if "site=harbour" in link]
    narrower = browser.page(address)
    assert "2 articles" in narrower.text
    chosen = narrower.one("p", class_="chosen")
    assert "Outlet: harbour-courier.example" in " ".join(chosen.text.split())
    # What is chosen can be let go.
    back = [one for one in narrower.all("a") if one.attributes.get("aria-label", "").startswith("Search without")]
    assert back[0].attributes["href"] == "/search?q=the"


def test_dates_are_counted_as_finely_as_they_differ(many: Browser, browser: Browser) -> None:
    def dates(browser: Browser, query: str) -> list[str]:
        page = browser.page(f"/search?{query}")
        return [
            link.partition("since=")[2][:10].partition("&")[0] for link in page.links("/search?") if "since=" in link
        ]

    assert dates(many, "q=storm&site=outlet1.example")[:2] == ["2024", "2023"]
    assert dates(browser, "q=harbour+-pond+-library")[0].startswith("2024-11-")


def test_more_than_is_counted(many: Browser) -> None:
    page = many.page("/search?q=storm")
    assert "More than 1,000 articles" in page.text
    assert "Counted among the first 1,000." in page.text
    total = sum(
        int(one.text.split()[index + 1])
        for one in page.all("ul", class_="facet")
        for index, word in enumerate(one.text.split())
        if word.startswith("outlet")
    )
    assert total == 1_000
    assert len(page.all("a", class_="headline")) == 20


def test_leafing_through(many: Browser) -> None:
    seen: list[str] = []
    address = "/search?q=storm&site=outlet1.example"
    while address:
        page = many.page(address)
        seen += [one.text for one in page.all("a", class_="headline")]
        address = next(iter(one.attributes["href"] for one in page.all("a", rel="next")), "")
    assert len(seen) == len(set(seen)) == NUMBER // 3
    last = many.page("/search?q=storm&page=50")
    assert not last.all("a", rel="next")
    assert last.one("a", rel="prev").attributes["href"] == "/search?q=storm&page=49"
    assert last.one("ol", class_="hits").attributes["start"] == "981"


def test_a_rare_language_is_found_without_words(many: Browser) -> None:
    assert found(many, "lang=uk") == ["Storm number 7"]
    assert "More than 1,000 articles" in many.page("/search?lang=en").text


def test_files_hold_all_that_is_found(many: Browser) -> None:
    answer = many.ask("/search.csv?q=storm&site=outlet1.example")
    assert answer.headers["content-disposition"] == 'attachment; filename="search.csv"'
    rows = list(csv.DictReader(io.StringIO(answer.text, newline="")))
    lines = [json.loads(line) for line in many.ask("/search.ndjson?q=storm&site=outlet1.example").text.splitlines()]
    assert len(rows) == len(lines) == NUMBER // 3
    assert [row["headline"] for row in rows] == [line["headline"] for line in lines]
    assert rows[0]["authors"] in ("Ann Bold", "Cid Day; Ann Bold")
    assert "**storm**" in rows[0]["snippet"].lower()
    assert len(many.ask("/search.csv?q=storm").text.splitlines()) == NUMBER + 1
    assert many.ask("/search.ndjson?q=nothing").text == ""


def test_the_same_as_the_command(many: Browser) -> None:
    with Archive.open(many.path) as archive:
        hits = [hit.id for hit in archive.search("storm", site="outlet2.example", limit=None)]
    lines = many.ask("/search.ndjson?q=storm&site=outlet2.example").text.splitlines()
    assert [json.loads(line)["id"] for line in lines] == hits


def test_an_archive_with_nothing_in_it(tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    Archive.open(path, write=True).close()
    with Browser(path) as empty:
        assert "There is no article in this archive yet" in empty.page("/").text
        assert "Nothing matches" in empty.page("/search?q=storm").text
        assert empty.ask("/search.csv").text.count("\n") == 1
        assert empty.page("/article/1", 404)
