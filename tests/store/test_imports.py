"""What came from files: told apart from what is there, and written down."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from scraper.article import ImportedFrom
from scraper.errors import NotInArchive
from scraper.store import Archive, ImportCounts
from tests.store.conftest import START, Builder, Clock


def test_an_import_from_its_beginning_to_its_end(archive: Archive, make: Builder, clock: Clock) -> None:
    first = archive.begin_import("a.warc", "warc", "00" * 32, 7)
    archive.add_capture(make.capture(), import_id=first, import_record="<urn:uuid:1>")
    archive.count_import(first, ImportCounts(captures=1))
    assert archive.imported_file(first).ended_at is None
    clock.time += timedelta(minutes=1)
    archive.count_import(first, ImportCounts(1, 2, 3, 4), ended=True)
    done = archive.imported_file(first)
    assert (done.source, done.kind, done.sha256, done.size) == ("a.warc", "warc", "00" * 32, 7)
    assert (done.started_at, done.ended_at) == (START, START + timedelta(minutes=1))
    assert (done.captures, done.known, done.skipped, done.damaged) == (1, 2, 3, 4)
    second = archive.begin_import("b.wacz", "wacz", "11" * 32, 8)
    assert [one.id for one in archive.imports()] == [first, second]
    [stored] = archive.captures(make.url)
    assert (stored.import_id, stored.import_record) == (first, "<urn:uuid:1>")
    assert archive.stored_capture(archive.add_capture(make.capture()).id).import_id is None


def test_imports_that_are_not_there(archive: Archive) -> None:
    for ask in (lambda: archive.imported_file(7), lambda: archive.count_import(7, ImportCounts())):
        with pytest.raises(NotInArchive):
            ask()


def test_which_captures_are_known(archive: Archive, make: Builder) -> None:
    exact = replace(make.capture(via=("https://example.com/moved",)), fetched_at=START + timedelta(milliseconds=250))
    failed, unchanged = make.failed(), make.capture(status=304, body=None)
    unchanged = replace(unchanged, body=None)
    for capture in (exact, failed, unchanged):
        assert not archive.has_capture(capture)
        archive.add_capture(capture)
        assert archive.has_capture(capture)
    assert archive.has_capture(replace(exact, fetched_at=START))  # only to the second
    assert not archive.has_capture(replace(exact, fetched_at=START + timedelta(milliseconds=251)))
    assert not archive.has_capture(replace(exact, fetched_at=START + timedelta(seconds=1)))
    assert not archive.has_capture(replace(exact, body=b"other"))
    assert not archive.has_capture(replace(exact, url="https://example.com/moved"))
    assert not archive.has_capture(replace(failed, failure=None, hops=exact.hops))
    assert not archive.has_capture(replace(unchanged, hops=exact.hops))


def test_a_body_by_where_and_when_it_was_shown(archive: Archive, make: Builder) -> None:
    capture = replace(make.capture(via=("https://example.com/moved",)), fetched_at=START + timedelta(milliseconds=250))
    archive.add_capture(capture)
    assert archive.body_shown_at("https://example.com/moved", START) == capture.sha256
    assert archive.body_shown_at("https://example.com/moved", START + timedelta(seconds=1)) is None
    assert archive.body_shown_at("https://example.com/other", START) is None


def test_imported_304s_show_what_they_are_of(archive: Archive, make: Builder) -> None:
    number = archive.begin_import("a.warc", "warc", "00" * 32, 7)
    first = archive.add_capture(make.capture(), import_id=number)
    second = archive.add_capture(replace(make.capture(status=304), body=None), import_id=number)
    lone = archive.add_capture(replace(make.capture("https://example.com/x", status=304), body=None), import_id=number)
    archive.add_article(first.id, make.article())
    archive.settle_checks()
    shown = archive.stored_capture(second.id)
    assert (shown.verdict, shown.revision) == ("ok", 1)
    assert archive.stored_capture(lone.id).verdict is None
    assert archive.shown_before(second.id) == first.id
    assert archive.headline(second.id) == "Flood"


def test_an_article_says_where_it_was_imported_from(archive: Archive, make: Builder) -> None:
    number = archive.begin_import("a.warc", "warc", "00" * 32, 7)
    ref = archive.add_capture(make.capture(), import_id=number, import_record="<urn:uuid:1>")
    archive.add_article(ref.id, make.article())
    article = archive.article(make.url)
    assert article.capture is not None
    assert article.capture.imported == ImportedFrom(source="a.warc", record="<urn:uuid:1>", imported_at=START)
    assert article.as_dict()["capture"]["imported"] == {
        "source": "a.warc",
        "record": "<urn:uuid:1>",
        "imported_at": "2024-07-23T10:15:00.000Z",
    }
    make.store(archive, make.article(), url="https://example.com/fetched")
    assert "imported" not in archive.article("https://example.com/fetched").as_dict()["capture"]


def test_notes(archive: Archive, make: Builder) -> None:
    page = make.store(archive, make.article(), url="http://example.com/old", via=("https://example.com/story",))
    assert archive.add_note("http://example.com/old#part", "one")
    assert not archive.add_note("https://example.com/story", "one")
    assert archive.add_note("https://example.com/story", "two")
    assert archive.add_note("https://example.com/new")
    assert not archive.add_note("https://example.com/new")
    rows = [tuple(row) for row in archive._db.rows("SELECT page_id, note FROM notes ORDER BY id")]
    assert rows[:2] == [(page.article_id, "one"), (page.article_id, "two")]
    assert len(rows) == 3


def test_ids_of_captures(archive: Archive, make: Builder) -> None:
    a = make.store(archive, make.article(), url="https://a.example/1")
    make.store(archive, make.article(site="b.example", language="uk"), url="https://b.example/1")
    later = archive.add_capture(replace(make.capture("https://a.example/1"), fetched_at=START))
    failed = archive.add_capture(make.failed("https://c.example/"))
    assert list(archive.capture_ids()) == [later.id, 1, 2, failed.id]
    assert list(archive.capture_ids(site="b.example")) == [2]
    assert list(archive.capture_ids(language="en")) == [later.id, 1]
    assert list(archive.capture_ids(text="water", site="a.example")) in ([later.id, 1], [])
    assert a.article_id == archive.stored_capture(1).page_id
    sha256 = archive.stored_capture(1).sha256 or ""
    assert list(archive.captures_of_body(sha256)) == [1]
