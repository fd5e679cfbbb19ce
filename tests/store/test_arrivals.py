"""What came into the archive last."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from scraper.article import Article
from scraper.store import Archive
from tests.store.test_outlets import plans, scanned
from tests.web.browser import store


@pytest.fixture
def archive(tmp_path: Path) -> Any:
    with Archive.open(tmp_path / "archive.db", write=True) as opened:
        yield opened


def test_new_articles_and_edits_the_last_one_first(archive: Archive) -> None:
    arrivals = archive.arrivals()
    assert (arrivals.latest(limit=9), arrivals.mark()) == ([], "")
    first = store(archive, "https://a.example/1?utm_source=feed", site="a.example", headline="Flood", lead="A lead.")
    store(archive, "https://b.example/1", minutes=1, site="b.example")
    store(archive, "https://a.example/1", minutes=2, site="a.example")  # as it was
    store(archive, "https://a.example/1", minutes=3, site="a.example", headline="Flood ends", word_count=7)
    store(archive, "https://b.example/wall", minutes=4, site="b.example", verdict="consent", body=None)
    edit, other, new = arrivals.latest(limit=9)
    assert (edit.page_id, edit.revision, edit.is_first, edit.headline_before) == (first, 2, False, "Flood")
    assert edit.edit is not None
    assert (edit.edit.edited, edit.edit.words_before, edit.edit.words_after) == (("headline",), 4, 7)
    assert (other.site, other.edit, other.beginning) == ("b.example", None, "Water rose. It fell.")
    assert (new.page_url, new.is_first, new.beginning) == ("https://a.example/1", True, "A lead.")
    assert new.seen_at == "2024-07-23T10:15:00.000Z"
    assert [one.revision for one in arrivals.latest(limit=1)] == [2]
    assert [one.site for one in arrivals.latest(site="b.example", limit=9)] == ["b.example"]
    assert "utm_source" in arrivals.mark()


def test_a_text_that_is_read_again_is_the_same_arrival(archive: Archive) -> None:
    store(archive, "https://a.example/1", site="a.example")
    store(archive, "https://a.example/2", minutes=1, site="a.example")
    [capture] = archive.captures("https://a.example/1")
    before = archive.arrivals().latest(limit=9)[1]
    again = Article(
        url=before.url,
        site="a.example",
        headline="Read better",
        body="Water rose.\n\nIt fell.",
        page_type="article",
        verdict="ok",
        extractor="test 2",
        word_count=4,
    )
    archive.store_reading(capture.id, again)
    _, after = archive.arrivals().latest(limit=9)
    assert (after.headline, after.revision, after.edit, after.is_first) == ("Read better", 2, None, True)
    assert (after.page_url, after.seen_at) == (before.page_url, before.seen_at)


def test_of_an_outlet_also_what_others_came_after(archive: Archive) -> None:
    store(archive, "https://a.example/1", site="a.example")
    for number in range(4):
        store(archive, f"https://b.example/{number}", minutes=1 + number, site="b.example")
    assert len(archive.arrivals().latest(limit=9, among=3)) == 3
    assert [one.site for one in archive.arrivals().latest(site="a.example", limit=9, among=3)] == ["a.example"]


def test_every_question_uses_an_index(archive: Archive) -> None:
    store(archive, "https://a.example/1", site="a.example")
    store(archive, "https://a.example/1", minutes=1, site="a.example", headline="Edited")

    def ask() -> None:
        archive.arrivals().latest(limit=9)
        archive.arrivals().latest(site="a.example", limit=9)
        archive.arrivals().mark()

    # The last captures, of which a fixed number is read, and the first.
    assert scanned(plans(archive, ask)) <= {"captures", "c", "latest"}
