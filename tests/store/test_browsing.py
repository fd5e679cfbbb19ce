"""What a reading room asks of an archive."""

from __future__ import annotations

import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from scraper.errors import NotInArchive, QueryError, TookTooLong
from scraper.store import Archive
from scraper.store.browsing import Browsing
from tests.web.browser import store

UNTIL = date(2024, 12, 31)


@pytest.fixture
def archive(tmp_path: Path) -> Any:
    with Archive.open(tmp_path / "archive.db", write=True) as opened:
        yield opened


def test_days_are_those_of_publication_in_utc(archive: Archive) -> None:
    for number, published in enumerate(("2024-07-20", "2024-07-23T23:30:00-04:00", "2024-07-24", "2024-06-01")):
        store(archive, f"https://a.example/{number}", minutes=9_000, site="a.example", published_at=published)
    store(archive, "https://b.example/1", site="b.example", published_at=None)
    store(archive, "https://b.example/2", site="b.example", published_at="2031-01-01")  # not yet
    found = archive.browsing().days(until=UNTIL, days=5)
    assert [(one.day, one.site, one.number) for one in found] == [
        ("2024-07-20", "a.example", 1),
        ("2024-07-23", "b.example", 2),
        ("2024-07-24", "a.example", 2),
    ]
    assert len(archive.browsing().days(until=UNTIL, days=60)) == 4


def test_what_is_no_text_is_not_counted(archive: Archive) -> None:
    assert archive.browsing().days(until=UNTIL, days=5) == []
    store(archive, "https://a.example/wall", verdict="consent", body=None, published_at="2024-07-25")
    assert archive.browsing().days(until=UNTIL, days=5) == []
    store(archive, "https://a.example/1", published_at="2024-07-23", verdict="paywall")
    store(archive, "https://a.example/2", published_at="2024-07-23", verdict="not_article", body=None)
    [found] = archive.browsing().days(until=UNTIL, days=5)
    assert (found.day, found.number) == ("2024-07-23", 1)


def test_the_newest_are_those_that_came_last(archive: Archive) -> None:
    ids = [store(archive, f"https://a.example/{number}", minutes=number) for number in range(5)]
    store(archive, "https://a.example/0", minutes=10, headline="Edited")
    store(archive, "https://a.example/wall", minutes=11, verdict="consent", body=None)
    found = archive.browsing().newest(3)
    assert [one.id for one in found] == [ids[0], ids[4], ids[3]]
    assert (found[0].headline, found[0].revision) == ("Edited", 2)


def test_texts_captures_and_edits_of_a_page(archive: Archive) -> None:
    number = store(archive, "https://a.example/1", minutes=1)
    store(archive, "https://a.example/1", minutes=2)
    store(archive, "https://a.example/1", minutes=3, body="Water rose.\n\nIt fell again.", word_count=5)
    browsing = archive.browsing()
    assert [(text.number, text.word_count) for text in browsing.texts(number)] == [(1, 4), (2, 5)]
    assert [capture.revision for capture in browsing.captures(number, limit=2)] == [2, 1]
    [edit] = browsing.edits(number)
    assert (edit.from_revision, edit.to_revision, edit.edited, edit.words_after) == (1, 2, ("body",), 5)
    assert browsing.article(number, 1).body == "Water rose.\n\nIt fell."
    with pytest.raises(NotInArchive, match="no revision 3"):
        browsing.article(number, 3)


def test_which_addresses_are_known(archive: Archive) -> None:
    number = store(archive, "https://a.example/1")
    urls = ["https://a.example/1?utm_source=feed#top", "https://a.example/2", "javascript:alert(1)", ""]
    assert archive.browsing().known(urls) == {urls[0]: number}
    assert archive.browsing().known([]) == {}


@pytest.mark.parametrize(
    "asked",
    [
        {"query": "water"},
        {"query": '"it fell"', "site": "b.example"},
        {"query": "water -storm"},
        {"query": "site:a.example"},
        {"query": "lang:en"},
        {"query": "lang:en -storm"},
        {"query": "-lang:uk"},
        {"query": "fell*", "language": "uk", "since": "2024-07"},
    ],
)
def test_it_finds_what_the_search_finds(archive: Archive, asked: dict[str, Any]) -> None:
    for number in range(30):
        store(
            archive,
            f"https://a.example/{number}",
            site="ab"[number % 2] + ".example",
            language=("en", "uk", "en-GB")[number % 3],
            body="Water rose.\n\nIt fell." + " Storm." * (number % 4),
            published_at=f"2024-07-{1 + number % 25:02}",
        )
    browsing = archive.browsing()
    matches = browsing.search(**asked)
    hits = list(archive.search(**asked, limit=None, marks=("<", ">")))
    assert 0 < len(hits) <= 30
    assert browsing.hits(matches, 0, 100, marks=("<", ">")) == hits
    assert not matches.more
    assert browsing.hits(matches, 2, 4, marks=("<", ">")) == hits[2:4]
    few = browsing.search(**asked, most=3)
    assert (few.more, len(few.found)) == (len(hits) > 3, min(3, len(hits)))


def test_authors_and_verdicts(archive: Archive) -> None:
    ann = store(archive, "https://a.example/1", authors=("Ann Bold", "Cid Day"))
    store(archive, "https://a.example/2", authors=("Ann Day",))
    wall = store(archive, "https://a.example/3", verdict="consent", body=None)

    def ids(*query: str, **asked: str) -> list[int]:
        return [match.candidate.page_id for match in archive.browsing().search(*query or (None,), **asked).found]

    assert ids(author="ann bold") == [ann]
    assert ids("water", author="Cid Day") == [ann]
    assert len(ids(author="ann")) == len(ids("storm OR water", author="day")) == 2
    assert ids(verdict="consent") == [wall]
    assert ids(verdict="consent", language="en") == [wall]
    assert ids() == ids(language="en")
    with pytest.raises(QueryError, match="no verdict"):
        ids(verdict="nice")
    with pytest.raises(QueryError):
        ids("")


def test_a_time_limit(archive: Archive) -> None:
    browsing = archive.browsing()
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
    begun = time.monotonic()
    with pytest.raises(TookTooLong), browsing.time_limit(0.1):
        browsing._db.row(endless)
    assert time.monotonic() - begun < 30  # it ended at all
    assert browsing.newest(1) == []  # and what comes after has no limit


def test_every_question_uses_an_index(archive: Archive) -> None:
    """No table is read from its beginning to its end, but for what is bounded by its own words."""
    store(archive, "https://a.example/1")
    statements: list[str] = []
    archive._db.sql.set_trace_callback(statements.append)
    browsing: Browsing = archive.browsing()
    browsing.newest(5)
    browsing.days(until=UNTIL, days=30)
    browsing.texts(1)
    browsing.captures(1, limit=5)
    browsing.edits(1)
    browsing.known(["https://a.example/1"])
    for asked in ({"query": "water"}, {"site": "a.example"}, {"language": "en"}, {"verdict": "ok"}, {"author": "a"}):
        matches = browsing.search(**{"query": None, **asked})  # type: ignore[arg-type]
        browsing.hits(matches, 0, 5, marks=("", ""))
    browsing.search(None, since="2024", until=str(UNTIL + timedelta(days=1)))
    archive._db.sql.set_trace_callback(None)
    plans = {
        row[3]
        for statement in statements
        if statement.lstrip().startswith(("SELECT", "WITH"))
        for row in archive._db.rows(f"EXPLAIN QUERY PLAN {statement}")
    }
    scanned = {
        plan for plan in plans if plan.startswith("SCAN") and "VIRTUAL TABLE" not in plan and "INDEX" not in plan
    }
    # The newest rows, of which a fixed number is read; what was made for the question.
    assert {plan.split()[1] for plan in scanned} <= {"revisions", "latest", "sites", "articles_fts_folded_docsize"}
