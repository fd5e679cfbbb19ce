"""Reading what was stored and not read: in order, several at a time, and kept when it is stopped."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from scraper.article import Article
from scraper.crawl.unread import read_unread
from scraper.crawl.workers import PageRead, PageToRead, explained
from scraper.errors import ExtractionFailed
from scraper.store import Archive
from tests.store.conftest import Builder


class Readers:
    """A pool whose pages take the time that the test says: those in `never` do not come."""

    def __init__(self, never: frozenset[str] = frozenset(), broken: frozenset[str] = frozenset()) -> None:
        self.never = never
        self.broken = broken
        self.at_work = self.most_at_work = self.done = 0
        self.stuck = asyncio.Event()

    async def read(self, page: PageToRead) -> PageRead:
        self.at_work += 1
        self.most_at_work = max(self.most_at_work, self.at_work)
        try:
            if page.url in self.never:
                while self.done < 5:  # noqa: ASYNC110 - five others set it, in whatever order
                    await asyncio.sleep(0)
                self.stuck.set()
                await asyncio.Event().wait()
            await asyncio.sleep(0.01)
            self.done += 1
            if page.url in self.broken:
                raise MemoryError
        finally:
            self.at_work -= 1
        body = page.html.decode()
        return PageRead(
            Article(url=page.url, headline="x", body=body, verdict="ok", page_type="article", extractor="t")
        )

    def explained(self, error: BaseException) -> ExtractionFailed:
        return explained(error)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    make = Builder()
    with Archive.open(tmp_path / "archive.db", write=True) as archive:
        for number in range(80):
            archive.add_capture(make.capture(f"https://example.com/{number % 40}"))
    return tmp_path / "archive.db"


def test_each_is_read_once_and_in_order(path: Path) -> None:
    told: list[tuple[int, int]] = []
    readers = Readers(broken=frozenset({"https://example.com/7"}))
    with Archive.open(path, write=True) as archive:
        count = asyncio.run(read_unread(archive, readers, report=lambda done, total: told.append((done, total))))
        assert count == 80
        assert told == [(32, 80), (64, 80), (80, 80)]
        assert readers.most_at_work > 1
        assert list(archive.unextracted()) == []
        first, second = archive.revisions("https://example.com/3")
        assert [first.revision, second.revision] == [1, 2]
        assert "more than" in (archive.stored_capture(8).extraction_error or "")
        assert asyncio.run(read_unread(archive, readers)) == 0


def test_what_is_done_is_kept_when_it_is_stopped(path: Path) -> None:
    async def stop_at_the_sixth(archive: Archive) -> Readers:
        readers = Readers(never=frozenset({"https://example.com/5"}))
        task = asyncio.create_task(read_unread(archive, readers))
        await readers.stuck.wait()
        for _ in range(10):  # what is done is collected
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return readers

    with Archive.open(path, write=True) as archive:
        readers = asyncio.run(stop_at_the_sixth(archive))
        assert next(archive.unextracted()) == 6
        assert readers.at_work == 0
