"""What there is of outlets: counted by an index, or of a bounded number of rows."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from scraper.store import Archive
from scraper.store.outlets import OutletCounts
from tests.web.browser import store
from tests.web.crawled import COURIER, DAYS, MERCURY, Crawled, crawled_archive

UNTIL = date(2024, 7, 23)


@pytest.fixture
def archive(tmp_path: Path) -> Any:
    with Archive.open(tmp_path / "archive.db", write=True) as opened:
        yield opened


def counted(archive: Archive, site: str, **more: Any) -> OutletCounts:
    values: dict[str, Any] = {"until": UNTIL, "days": 7, "most": 100, **more}
    [found] = archive.outlets().counts([site], **values)
    return found


def test_every_site_of_texts_and_of_pages(archive: Archive) -> None:
    for number in range(3):
        store(archive, f"https://b.example/{number}", site="b.example")
    store(archive, "https://a.example/1", site="named-otherwise.example")
    store(archive, "https://c.example/1", site="c.example", verdict="consent", body=None)
    outlets = archive.outlets()
    # A page's site is that of its address, whatever its text says.
    assert outlets.names() == (["a.example", "b.example", "c.example", "named-otherwise.example"], False)
    assert outlets.is_known("b.example")
    assert not outlets.is_known("d.example")
    assert not outlets.is_known("")


def test_texts_are_what_can_be_read(archive: Archive) -> None:
    for number, day in enumerate(("2024-07-23", "2024-07-17", "2024-07-16", "2031-01-01")):
        store(archive, f"https://a.example/{number}", site="a.example", headline=f"Day {day}", published_at=day)
    store(archive, "https://a.example/1", minutes=5, site="a.example", headline="Edited", published_at="2024-07-17")
    store(archive, "https://a.example/wall", minutes=9, site="a.example", verdict="consent", body=None)
    store(archive, "https://b.example/1", site="b.example")
    found = counted(archive, "a.example")
    # An edit counts, what is no text does not; what is to be published one day is of the day of its capture.
    assert (found.texts, found.more, found.lately) == (5, False, 4)
    assert found.last is not None
    assert (found.last.headline, found.last.day) == ("Day 2031-01-01", "2024-07-23")
    few = counted(archive, "a.example", most=2)
    assert (few.texts, few.more) == (2, True)
    assert archive.outlets().newest_day(date(2024, 12, 1)) == UNTIL
    assert archive.outlets().days("a.example", until=UNTIL, days=8) == {
        "2024-07-16": 1,
        "2024-07-17": 2,
        "2024-07-23": 2,
    }


def test_an_outlet_without_a_text(archive: Archive) -> None:
    store(archive, "https://a.example/1", site="a.example", verdict="blocked", body=None)
    found = counted(archive, "a.example")
    assert (found.texts, found.lately, found.last) == (0, 0, None)
    assert archive.outlets().newest_day(UNTIL) == UNTIL
    assert archive.outlets().measured_since("a.example") is None


def test_which_fields_texts_have(archive: Archive) -> None:
    store(archive, "https://a.example/1", site="a.example", authors=("Ann",), published_at="2024-07-20")
    store(archive, "https://a.example/1", minutes=1, site="a.example", headline=None, published_at="2024-07-21")
    store(archive, "https://a.example/2", site="a.example", verdict="empty", body=None, published_at="2024-07-19")
    texts = archive.outlets().last_texts("a.example", until=UNTIL, limit=9)
    assert [(text.day, text.verdict, text.is_edit) for text in texts] == [
        ("2024-07-21", "ok", True),
        ("2024-07-20", "ok", False),
        ("2024-07-19", "empty", False),
    ]
    assert [(text.headline, text.authors, text.published_at, text.body) for text in texts[:2]] == [
        (False, False, True, True),
        (True, True, True, True),
    ]
    assert len(archive.outlets().last_texts("a.example", until=UNTIL, limit=2)) == 2


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Crawled]:
    path = tmp_path_factory.mktemp("crawled") / "archive.db"
    return path, crawled_archive(path)


def test_jobs_that_look_at_an_outlet(crawled: tuple[Path, Crawled]) -> None:
    with Archive.open(crawled[0]) as archive:
        outlets = archive.outlets()
        assert outlets.jobs(COURIER) == ["mornings"]
        assert outlets.jobs("elsewhere.example") == []
        assert outlets.measured_since(MERCURY) == "2024-05-06T04:00:00.000Z"
        assert len(outlets.days(MERCURY, until=date(2024, 5, 29), days=90)) == DAYS - 1  # on one day all were empty


def plans(archive: Archive, ask: Any) -> set[str]:
    """How SQLite goes about what is asked."""
    statements: list[str] = []
    archive._db.sql.set_trace_callback(statements.append)
    ask()
    archive._db.sql.set_trace_callback(None)
    return {
        row[3]
        for statement in statements
        if statement.lstrip().startswith(("SELECT", "WITH"))
        for row in archive._db.rows(f"EXPLAIN QUERY PLAN {statement}")
    }


def scanned(found: set[str]) -> set[str]:
    """What is read from beginning to end."""
    made = ("VIRTUAL TABLE", "INDEX", "CONSTANT", "(subquery")  # what is asked itself is made of what was found
    return {plan.split()[1] for plan in found if plan.startswith("SCAN") and not any(one in plan for one in made)}


def test_every_question_uses_an_index(crawled: tuple[Path, Crawled]) -> None:
    with Archive.open(crawled[0]) as archive:
        outlets = archive.outlets()

        def ask() -> None:
            outlets.names()
            outlets.is_known(COURIER)
            outlets.counts([COURIER, MERCURY], until=UNTIL, days=7, most=100)
            outlets.newest_day(UNTIL)
            outlets.days(COURIER, until=UNTIL, days=90)
            outlets.last_texts(COURIER, until=UNTIL, limit=50)
            outlets.measured_since(COURIER)

        # One step at a time; a fixed number of texts.
        assert scanned(plans(archive, ask)) <= {"sites", "latest"}
        # Jobs are few, and the sources of an outlet some hundreds at most.
        assert scanned(plans(archive, lambda: outlets.jobs(COURIER))) <= {"jobs"}
