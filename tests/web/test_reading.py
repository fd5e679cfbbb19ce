"""The archive goes on while it is read."""

from __future__ import annotations

import asyncio
import shutil
import threading
from pathlib import Path

import pytest

from scraper.errors import ArchiveMissing, NotAnArchive, NotInArchive, TookTooLong
from scraper.store import Archive
from scraper.web.reading import Readers
from scraper.web.visits import Route
from tests.web.browser import Browser, store


def count(archive: Archive) -> int:
    return len(archive.browsing().newest(100))


def test_what_is_archived_is_there_at_once(tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    with Archive.open(path, write=True) as writer:
        store(writer, "https://outlet.example/1", headline="First")
        with Browser(path) as browser:
            assert "Second" not in browser.page("/").text
            for address in ("/", "/search?q=second", "/archive/pages", "/article/1", "/search.csv"):
                browser.ask(address)
            store(writer, "https://outlet.example/2", headline="Second")
            assert "Second" in browser.page("/").text
            assert "Second" in browser.page("/search?q=second").text
            assert "2 rows" in browser.page("/archive/pages").text


def test_readers_keep_nothing_open(tmp_path: Path) -> None:
    """After any page the write-ahead log can be merged whole and cut off: nobody reads an older state."""
    path = tmp_path / "archive.db"
    with Archive.open(path, write=True) as writer:
        for number in range(30):
            store(writer, f"https://outlet.example/{number}", headline=f"Storm {number}")
        with Browser(path) as browser:
            for address in (
                "/",
                "/search?q=storm",
                "/search?lang=en",
                "/article/1",
                "/article/1/history",
                "/search.csv",
            ):
                assert browser.ask(address).status_code == 200
                store(writer, f"https://outlet.example{address}", headline="Another")
                busy, _, _ = writer._db.row("PRAGMA wal_checkpoint(TRUNCATE)") or (1, 0, 0)
                assert busy == 0, address
                assert path.with_name("archive.db-wal").stat().st_size == 0


def test_a_writer_at_work_is_waited_for_by_nobody(tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    with Archive.open(path, write=True) as writer:
        store(writer, "https://outlet.example/1", headline="First")
        with Browser(path) as browser, writer.batch():
            store(writer, "https://outlet.example/2", headline="Second")
            for address in ("/", "/search?q=first", "/article/1"):
                assert browser.ask(address).status_code == 200
            assert "Second" not in browser.page("/").text


def test_several_are_asked_at_a_time(demo_archive: Path) -> None:
    readers = Readers(demo_archive, threads=3)
    together = threading.Barrier(3, timeout=10)

    def wait(archive: Archive) -> int:
        together.wait()
        return count(archive)

    async def ask() -> list[int]:
        return await asyncio.gather(*(readers.ask(wait) for _ in range(6)))

    try:
        assert len(set(asyncio.run(ask()))) == 1
    finally:
        readers.close()


def test_a_question_has_its_time(demo_archive: Path) -> None:
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
    readers = Readers(demo_archive, threads=1, seconds=0.2)
    try:
        with pytest.raises(TookTooLong):
            asyncio.run(readers.ask(lambda archive: archive._db.row(endless)))
        assert asyncio.run(readers.ask(count)) > 0
    finally:
        readers.close()


def test_a_page_that_takes_too_long_says_so(demo_archive: Path) -> None:
    from scraper.web.visits import Answer, Visit

    def slow(archive: Archive, visit: Visit) -> Answer:
        raise TookTooLong("The archive did not answer in time", next_step="ask for less at once")

    def broken(archive: Archive, visit: Visit) -> Answer:
        raise RuntimeError("the pages are at fault")

    with Browser(demo_archive, more_routes=[Route("/slow", slow), Route("/broken", broken)]) as browser:
        assert "Ask for less at once." in browser.page("/slow", 503).text
        page = browser.page("/broken", 500)
        assert page.one("h1").text == "Something went wrong"
        assert browser.page("/").status == 200


def test_errors_of_questions_are_raised(demo_archive: Path) -> None:
    readers = Readers(demo_archive)
    try:
        with pytest.raises(NotInArchive):
            asyncio.run(readers.ask(lambda archive: archive.article(99999)))
    finally:
        readers.close()


def test_another_file_in_its_place_is_read(demo_archive: Path, tmp_path: Path) -> None:
    path, other = tmp_path / "archive.db", tmp_path / "other.db"
    with Archive.open(path, write=True) as archive:
        store(archive, "https://outlet.example/1")
    shutil.copy(demo_archive, other)
    readers = Readers(path, threads=1)
    try:
        assert asyncio.run(readers.ask(count)) == 1
        other.replace(path)
        assert asyncio.run(readers.ask(count)) == 6
        path.unlink()
        with pytest.raises(ArchiveMissing):
            asyncio.run(readers.ask(count))
    finally:
        readers.close()


def test_what_is_no_archive_is_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(ArchiveMissing):
        Readers(tmp_path / "none.db")
    (tmp_path / "text.db").write_text("a text\n" * 100)
    with pytest.raises(NotAnArchive):
        Readers(tmp_path / "text.db")
