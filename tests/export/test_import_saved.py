"""Saved pages and lists of addresses into an archive."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from scraper.errors import UsageError
from scraper.export.importing import Imported, Wishes, import_file, kind_of
from scraper.store import Archive, StoredCapture
from tests.export.captures import page

URL = "https://news.example/story"
SAVED = datetime(2024, 7, 23, 10, 15, tzinfo=UTC)
MODIFIED = datetime(2021, 2, 3, 4, 5, 6, tzinfo=UTC)
SINGLEFILE = (
    "<!DOCTYPE html> <html lang=en><!--\n Page saved with SingleFile \n url: https://news.example/story?a=1&b=2#top \n"
    " saved date: {} \n--><meta charset=utf-8><title>Flood</title>"
    '<link rel=canonical href="https://other.example/"><p>Water rose.'
)


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with Archive.open(tmp_path / "archive.db", write=True) as opened:
        yield opened


@pytest.fixture
def load(archive: Archive, tmp_path: Path) -> Callable[..., Imported]:
    said: list[str] = []

    def run(content: str | bytes, name: str = "story.html", **wishes: object) -> Imported:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        os.utime(path, (MODIFIED.timestamp(), MODIFIED.timestamp()))
        return import_file(archive, path, kind_of(path), Wishes(**wishes), report=lambda done: None, remark=said.append)

    run.said = said
    return run


def only(archive: Archive) -> StoredCapture:
    [number] = archive.capture_ids()
    return archive.stored_capture(number)


@pytest.mark.parametrize(
    "date",
    ["Tue Jul 23 2024 12:15:00 GMT+0200 (Central European Summer Time)", "2024-07-23T10:15:00.000Z"],
)
def test_a_page_of_singlefile(archive: Archive, load: Callable[..., Imported], date: str) -> None:
    load(SINGLEFILE.format(date))
    stored = only(archive)
    assert (stored.url, stored.fetched_at, stored.status) == (f"{URL}?a=1&b=2", SAVED, 200)
    assert stored.import_record == "story.html (a saved page; its address is from SingleFile)"
    assert archive.body(stored.sha256 or "") == SINGLEFILE.format(date).encode()
    assert load.said == []
    assert load(SINGLEFILE.format(date)).counts.known == 1


def test_a_date_that_is_none_leaves_the_time_of_the_file(archive: Archive, load: Callable[..., Imported]) -> None:
    load(SINGLEFILE.format("some day"))
    stored = only(archive)
    assert stored.fetched_at == MODIFIED
    assert (stored.import_record or "").endswith("; its time is the file's)")


@pytest.mark.parametrize(
    ("head", "given", "told"),
    [
        (f"<!-- saved from url=(0026){URL} -->", None, ("a browser", 0)),
        (
            f'<!-- saved from url=(0014)about:internet --><link href="{URL}" rel="canonical">',
            None,
            ("its canonical link", 1),
        ),
        (f"<link href='{URL}' rel=canonical>", None, ("its canonical link", 1)),
        ('<link rel="canonical" href="https://other.example/">', URL, ("--url", 0)),
        ("", URL, ("--url", 0)),
    ],
)
def test_where_a_page_is_from(
    archive: Archive, load: Callable[..., Imported], head: str, given: str | None, told: tuple[str, int]
) -> None:
    how, remarks = told
    load(f"<!DOCTYPE html>\r\n{head}<title>Flood</title>", url=given)
    stored = only(archive)
    assert (stored.url, stored.fetched_at) == (URL, MODIFIED)
    assert f"its address is from {how}" in (stored.import_record or "")
    assert len(load.said) == remarks


@pytest.mark.parametrize(
    ("content", "wishes", "why"),
    [
        (page("Flood"), {}, "--url https://example.com/story"),
        (b'<link rel="canonical" href="/relative">', {}, "is none of a web page"),
        (b'<link rel="canonical" href="file:///etc/passwd">', {}, "is none of a web page"),
        (page("Flood"), {"url": URL, "max_body": 100}, "too large"),
    ],
)
def test_pages_that_cannot_be_imported(
    archive: Archive, load: Callable[..., Imported], content: bytes, wishes: dict[str, object], why: str
) -> None:
    with pytest.raises(UsageError, match=why):
        load(content, **wishes)
    assert list(archive.capture_ids()) == []
    assert list(archive.imports()) == []


def test_files_that_are_not_known(tmp_path: Path) -> None:
    (tmp_path / "x.bin").write_bytes(b"\0\1")
    for name in ("x.bin", "missing.warc", "."):
        with pytest.raises(UsageError):
            kind_of(tmp_path / name)


# Lists


def test_lists(archive: Archive, load: Callable[..., Imported]) -> None:
    text = f"# of interest\n{URL}?utm_source=x\n\nhttps://b.example/\nnot an address\n"
    counts = load(text, "urls.txt", note="later").counts
    assert (counts.captures, counts.known, counts.damaged) == (2, 0, 1)
    assert load.said == ["not an address: not an address"]
    assert [tuple(row) for row in archive._db.rows("SELECT pages.url, notes.url, note, import_id FROM notes"
        " JOIN pages ON pages.id = page_id ORDER BY notes.id")] == [
        (URL, f"{URL}?utm_source=x", "later", 1),
        ("https://b.example/", "https://b.example/", "later", 1),
    ]  # fmt: skip
    assert list(archive.capture_ids()) == []
    again = load(text, "urls.txt", note="later").counts
    assert (again.captures, again.known) == (0, 2)


def test_tables(archive: Archive, load: Callable[..., Imported]) -> None:
    text = f'\ufeffnote;URL\r\n"Первая; заметка";{URL}\r\n;https://user:pw@b.example/\r\n'
    assert load(text, "urls.csv", note="none given").counts.captures == 2
    notes = [tuple(row) for row in archive._db.rows("SELECT url, note FROM notes ORDER BY id")]
    assert notes == [(URL, "Первая; заметка"), ("https://b.example/", "none given")]


def test_a_note_about_a_page_that_was_captured(archive: Archive, load: Callable[..., Imported]) -> None:
    load(SINGLEFILE.format("2024-07-23T10:15:00Z"))
    load(f"{URL}?a=1&b=2\n", "urls.txt", note="read it")
    [row] = archive._db.rows("SELECT page_id FROM notes")
    assert row["page_id"] == only(archive).page_id


def test_a_list_of_one_site(archive: Archive, load: Callable[..., Imported]) -> None:
    counts = load(f"{URL}\nhttps://b.example/\n", "urls.txt", site="news.example").counts
    assert (counts.captures, counts.skipped) == (1, 1)
