"""Captures read again: what the extractor changed is kept apart from what the page changed, and nothing is lost."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from scraper.article import Article, Link
from scraper.errors import NotInArchive
from scraper.store import Archive


def read_again(archive: Archive, *articles: Article) -> list[tuple[str, ...]]:
    """Read captures 1, 2, … again; the fields that each reading changed."""
    ids = list(archive.captures_to_reread(read_before="9999"))
    assert len(ids) == len(articles)
    found = []
    for capture_id, article in zip(ids, articles, strict=True):
        told = archive.compare_reading(capture_id, article)
        stored = archive.store_reading(capture_id, article)
        assert stored.changed == told.changed
        found.append(tuple(stored.changed))
    return found


def edits(path: Path) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(path)
    rows = connection.execute(
        "SELECT from_revision, to_revision, headline_changed, body_changed FROM changes ORDER BY to_revision"
    ).fetchall()
    connection.close()
    return rows


def captures(archive: Archive) -> list[int | None]:
    return [capture.revision for capture in archive.captures(1)]


def test_a_reading_that_is_the_same_changes_nothing(archive: Archive, make) -> None:
    make.store(archive, make.article())
    before = archive.article(1)
    assert read_again(archive, make.article(extractor="test 2")) == [()]
    assert archive.article(1) == before
    assert [capture.extractor for capture in archive.captures(1)] == ["test 2"]


def test_a_better_reading_takes_the_place_of_the_first(archive: Archive, make, path: Path) -> None:
    make.store(archive, make.article("Cookie banner.\n\nWater rose."))
    fields = read_again(archive, make.article("Water rose.", extractor="test 2"))
    assert fields == [("body", "body_html")]
    assert (archive.article(1).body, archive.article(1).revision) == ("Water rose.", 2)
    assert [revision.body for revision in archive.revisions(1)] == ["Water rose."]
    assert [hit.id for hit in archive.search("rose")] == [1]
    assert not list(archive.search("cookie"))
    assert edits(path) == []
    connection = sqlite3.connect(path)
    kept = connection.execute("SELECT number, extractor, cause, superseded_by, body FROM revisions ORDER BY 1")
    assert kept.fetchall() == [
        (1, "test 1", "page", 2, "Cookie banner.\n\nWater rose."),
        (2, "test 2", "extractor", None, "Water rose."),
    ]
    connection.close()


def test_a_field_that_is_no_edit_is_put_right_everywhere(archive: Archive, make, path: Path) -> None:
    for _ in range(3):
        make.store(archive, make.article(tags=("wrong",)))
    other = make.article(tags=("right",), links=(Link("https://e.org/", "e", "inline"),), extractor="test 2")
    assert read_again(archive, other, other, other) == [("tags", "links"), (), ()]
    assert captures(archive) == [2, 2, 2]
    assert archive.article(1).tags == ("right",)
    assert edits(path) == []


def test_the_pages_own_edits_stay_edits(archive: Archive, make, path: Path) -> None:
    make.store(archive, make.article("Ad. Water rose."))
    make.store(archive, make.article("Ad. Water rose."), body=b"same text, other bytes")
    make.store(archive, make.article("Ad. Water fell."))
    assert edits(path) == [(1, 2, 0, 1)]
    fields = read_again(
        archive,
        make.article("Water rose.", extractor="test 2"),
        make.article("Water rose.", extractor="test 2"),
        make.article("Water fell.", extractor="test 2"),
    )
    assert [bool(changed) for changed in fields] == [True, True, True]
    assert captures(archive) == [3, 3, 4]
    assert edits(path) == [(3, 4, 0, 1)]
    assert [revision.body for revision in archive.revisions(1)] == ["Water rose.", "Water fell."]


def test_an_edit_that_was_only_noise_to_the_first_reading_disappears(archive: Archive, make, path: Path) -> None:
    make.store(archive, make.article("Water rose. Weather today: sunny and 20 degrees."))
    make.store(archive, make.article("Water rose. Weather today: rainy and 12 degrees."))
    assert len(edits(path)) == 1
    read_again(archive, *[make.article("Water rose.", extractor="test 2")] * 2)
    assert edits(path) == []
    assert captures(archive) == [3, 3]
    assert archive.article(1).revision == 3


def test_an_edit_that_the_first_reading_missed_appears(archive: Archive, make, path: Path) -> None:
    make.store(archive, make.article("Water rose."))
    make.store(archive, make.article("Water rose."), body=b"with a box that was not read")
    read_again(
        archive,
        make.article("Water rose.", extractor="test 2"),
        make.article("Water rose.\n\nTwo people drowned.", extractor="test 2"),
    )
    assert captures(archive) == [1, 2]
    assert edits(path) == [(1, 2, 0, 1)]
    assert archive.article(1).body == "Water rose.\n\nTwo people drowned."


def test_a_text_that_returns_is_the_newest(archive: Archive, make, path: Path) -> None:
    for text in ("Ad. One.", "Ad. Two.", "Ad. One."):
        make.store(archive, make.article(text))
    read_again(archive, *[make.article(text, extractor="test 2") for text in ("One.", "Two.", "One.")])
    assert [revision.body for revision in archive.revisions(1)] == ["One.", "Two.", "One."]
    assert archive.article(1).body == "One."
    assert len(edits(path)) == 2


def test_a_wall_that_was_taken_for_an_article_is_one_no_longer(archive: Archive, make, path: Path) -> None:
    make.store(archive, make.article("We value your privacy."))
    read_again(archive, make.article(None, verdict="consent", extractor="test 2"))
    assert archive.article(1).verdict == "consent"
    assert archive.article(1).body is None
    assert not list(archive.articles())
    assert not list(archive.search("privacy"))


def test_a_wall_among_articles(archive: Archive, make, path: Path) -> None:
    make.store(archive, make.article("Water rose."))
    make.store(archive, make.article("We value your privacy."))
    read_again(
        archive,
        make.article("Water rose.", extractor="test 2"),
        make.article(None, verdict="consent", extractor="test 2"),
    )
    assert archive.article(1).body == "Water rose."
    assert edits(path) == []


def test_an_article_that_was_taken_for_a_wall(archive: Archive, make) -> None:
    make.store(archive, make.article(None, verdict="consent"))
    assert archive.article(1).body is None
    read_again(archive, make.article("Water rose.", extractor="test 2"))
    assert archive.article(1).body == "Water rose."
    assert [hit.id for hit in archive.search("rose")] == [1]


def test_a_labelled_capture_that_turns_out_to_be_the_article(archive: Archive, make) -> None:
    make.store(archive, make.article("Water rose."))
    make.store(archive, make.article(None, verdict="blocked"))
    assert captures(archive) == [1, None]
    read_again(archive, make.article("Water rose."), make.article("Water rose and fell.", extractor="test 2"))
    assert captures(archive) == [1, 2]
    assert archive.article(1).body == "Water rose and fell."


def test_which_captures_are_read_again(archive: Archive, make) -> None:
    first = archive.add_capture(make.capture("https://example.com/a", body=b"a"))
    other = archive.add_capture(make.capture("https://other.example/b", body=b"b"))
    for ref in (first, other):
        archive.add_article(ref.id, make.article(url=ref.final_url))
    archive.add_capture(make.capture("https://example.com/unread", body=b"c"))
    archive.add_capture(make.capture("https://example.com/gone", status=404))
    archive.add_capture(make.failed())

    def chosen(**choice: str) -> list[int]:
        return list(archive.captures_to_reread(**{"read_before": "9999", **choice}))

    assert chosen() == [first.id, other.id]
    assert chosen(site="www.Other.example") == [other.id]
    assert chosen(since="2024-07-23") == [first.id, other.id]
    assert chosen(since="2024-07-24") == []
    assert chosen(until="2024-06") == []
    assert chosen(read_before="2000") == []
    connection = archive._db.sql
    connection.execute("UPDATE blobs SET content = NULL WHERE sha256 = ?", (first.sha256,))
    assert chosen() == [other.id]


def test_a_text_of_another_extractor_is_known_as_such(archive: Archive, make) -> None:
    make.store(archive, make.article())
    ref = archive.add_capture(make.capture())
    assert archive.outdated_readings(ref.id, "test 2") == [1]
    assert archive.outdated_readings(ref.id, "test 1") == []
    alone = archive.add_capture(make.capture("https://example.com/new"))
    assert archive.outdated_readings(alone.id, "test 2") == []


def test_a_page_that_could_not_be_read_before_keeps_its_label(archive: Archive, make) -> None:
    ref = archive.add_capture(make.capture())
    archive.mark_extraction_failed(ref.id, "died")
    read_again(archive, make.article(None, verdict="consent", extractor="test 2"))
    assert archive.article(1).verdict == "consent"
    assert captures(archive) == [1]


def test_a_capture_that_is_not_there(archive: Archive, make) -> None:
    with pytest.raises(NotInArchive):
        archive.store_reading(9, make.article())
