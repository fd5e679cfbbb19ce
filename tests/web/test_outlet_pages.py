"""Outlets: what there is of each, how it drifts, and what went wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest

from scraper.store import Archive
from tests.web.browser import INJECTIONS, Browser, Page, store
from tests.web.crawled import BROKE, COURIER, MERCURY, Crawled
from tests.web.test_pages import is_sound

PLAIN = "/outlets/plain.example"


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Sixty outlets that nobody crawled: they were archived by hand."""
    path = tmp_path_factory.mktemp("plain") / "archive.db"
    with Archive.open(path, write=True) as archive:
        for number in range(3):
            authors = ("Ann",) if number else ()
            store(archive, f"https://plain.example/{number}", site="plain.example", authors=authors)
        store(archive, "https://plain.example/1", minutes=9, site="plain.example", headline="Edited")
        for number in range(60):
            store(archive, f"https://o{number:02}.example/1", site=f"o{number:02}.example", published_at="2024-07-01")
    with Browser(path) as running:
        yield running


def words(markup: str) -> str:
    """What a piece of a page says, in one line."""
    return " ".join(unescape(re.sub("<[^>]*>", " ", markup)).split())


def row_of(page: Page, begin: str) -> str:
    """The only row of a table that begins so."""
    [row] = [row for row in map(words, re.findall("<tr.*?</tr>", page.source, re.DOTALL)) if row.startswith(begin)]
    return row


def test_the_list(crawled: Browser) -> None:
    page = crawled.page("/outlets")
    is_sound(page)
    assert row_of(page, COURIER) == f"{COURIER} 74 22 2024-05-29 100% 100% 100% 100% 100% 0"
    # Of the mercury's last pages a few were empty, and nobody wrote those that were not, nor when.
    assert row_of(page, MERCURY) == f"{MERCURY} 53 10 2024-05-29 65% 100% 85% 85% 100% 2"
    assert page.links(f"/outlets/{MERCURY}#") == [f"/outlets/{MERCURY}#alarms"]
    # Alarms above it, with their words.
    assert page.one("h2", id="alarms").text == "3 alarms"
    assert "0 of 6 <b>since</b> 2024-05-26" in page.text
    assert not page.all("b")


def test_a_list_of_many_has_pages(plain: Browser) -> None:
    first, second = plain.page("/outlets"), plain.page("/outlets?page=2")
    is_sound(first)
    assert first.one("h2", id="list").text.strip() == "61 outlets"
    names = [link for page in (first, second) for link in page.links("/outlets/")]
    assert len(names) == len(set(names)) == 61
    assert [link.attributes["href"] for link in first.all("a", rel="next")] == ["/outlets?page=2"]
    assert [link.attributes["href"] for link in second.all("a", rel="prev")] == ["/outlets?page=1"]
    plain.page("/outlets?page=3", 400)


def test_an_outlet_over_time(crawled: Browser, history: Crawled) -> None:
    page = crawled.page(f"/outlets/{MERCURY}")
    is_sound(page)
    assert page.one("h1").text == MERCURY
    assert page.links("/search?site=") == [f"/search?site={MERCURY}"]
    assert "/runs?job=mornings" in page.links()
    assert [one.attributes["aria-current"] for one in page.all("a", href=f"/outlets/{MERCURY}?days=30")] == ["page"]
    # How much of it was whole: in all, now, and as it usually is.
    assert row_of(page, "With authors 9") == "With authors 94% 85% 100% " + bars(page, "With authors")
    # Every chart says its numbers in a table: new articles, of how many; headline, authors, date, text.
    assert len(page.all("svg")) == len(page.all("svg", role="img"))
    broken = f"2024-05-{6 + BROKE + 1}"
    assert row_of(page, f"{broken} 1 1") == f"{broken} 1 1 1 / 3"
    assert row_of(page, f"{broken} 1 / 1") == f"{broken} 1 / 1 0 / 1 0 / 1 1 / 1"
    # And its runs lead to theirs.
    assert f"/runs/{history.runs[-1]}" in page.links()


def bars(page: Page, name: str) -> str:
    """What the bars of a line say when they are pointed at."""
    [svg] = [one for one in page.all("svg") if one.attributes["aria-label"].startswith(f"Bars: {name};")]
    return " ".join(svg.text.split())


def test_bars_say_what_they_are_of(crawled: Browser) -> None:
    page = crawled.page(f"/outlets/{MERCURY}")
    assert bars(page, "With authors").startswith("2024-05-06: 3 / 3 2024-05-07: 3 / 3")
    assert bars(page, "With authors").endswith("2024-05-29: 0 / 1")
    assert "2024-05-12: 1" in bars(page, "Gone")


def test_alarms_that_are_open_and_over(crawled: Browser, history: Crawled) -> None:
    page = crawled.page(f"/outlets/{MERCURY}")
    assert "1 alarm that is over" in page.text
    assert "the feed answers 404" in page.text
    assert f"/runs/{history.runs[BROKE]}" in page.links()
    assert len(page.links("/capture/")) == 1
    assert "No alarm is open." in crawled.page(f"/outlets/{COURIER}").text
    assert "the feed answers 404" not in crawled.page(f"/outlets/{COURIER}").text


def test_by_week(crawled: Browser) -> None:
    page = crawled.page(f"/outlets/{MERCURY}?days=365")
    is_sound(page)
    assert "by week" in page.text
    assert row_of(page, "2024-05-06 17 17") == "2024-05-06 17 17 17 / 17"
    for wrong in ("31", "0", "x"):
        is_sound(crawled.page(f"/outlets/{MERCURY}?days={wrong}", 400))


def test_what_nobody_crawled_is_counted_from_its_texts(plain: Browser) -> None:
    page = plain.page(PLAIN)
    is_sound(page)
    assert "nothing is watched" in page.text
    # Of four texts, one of which is an edit, two have authors: 1 and 2, and the edit has none.
    assert row_of(page, "With authors").startswith("With authors 50% 50%")
    assert row_of(page, "Edits").startswith("Edits 1")
    assert "scrape jobs add NAME --site https://plain.example/" in page.text
    assert row_of(plain.page("/outlets?page=2"), "plain.example").split()[1:] == [
        *("4", "4", "2024-07-23", "–", "100%", "50%", "100%", "100%", "0")
    ]


def test_an_outlet_that_is_not_there(crawled: Browser) -> None:
    page = crawled.page("/outlets/elsewhere.example", 404)
    is_sound(page)
    assert "No outlet elsewhere.example" in page.text
    assert str(crawled.path.parent) not in page.source


def test_an_empty_archive_says_what_to_do(empty: Browser) -> None:
    page = empty.page("/outlets")
    is_sound(page)
    assert "scrape crawl https://example.com/" in page.text
    assert not page.all("table")


@pytest.mark.parametrize("number", range(len(INJECTIONS)))
def test_names_of_outlets_are_text(hostile: Browser, number: int) -> None:
    page = hostile.page("/outlets")
    is_sound(page)
    links = page.links("/outlets/")
    assert len(links) > len(INJECTIONS)
    one = hostile.page(links[number])
    is_sound(one)
    assert one.one("h1").text in {" ".join(text.split()) for text in INJECTIONS} | {"outlet.example"} | shown(page)


def shown(page: Page) -> set[str]:
    return {one.text for one in page.all("a") if one.attributes["href"].startswith("/outlets/")}


def test_it_is_told_in_ukrainian_too(crawled: Browser) -> None:
    page = crawled.page(f"/outlets/{MERCURY}?lang_ui=uk")
    is_sound(page)
    assert "З авторами" in page.text
    ours = [link for link in page.links() if not link.startswith(("/archive", "/web/"))]
    assert [link for link in ours if "lang_ui=uk" not in link] == [f"/outlets/{MERCURY}?lang_ui=en"]


def test_files_may_be_read_only(tmp_path: Path) -> None:
    """Nothing that the pages ask writes."""
    path = tmp_path / "archive.db"
    with Archive.open(path, write=True) as archive:
        store(archive, "https://outlet.example/1")
    path.chmod(0o400)
    with Browser(path) as browser:
        for address in ("/outlets", "/outlets/outlet.example", "/jobs", "/runs", "/changes.atom"):
            assert browser.ask(address).status_code == 200
