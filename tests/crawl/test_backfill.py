"""Files read in processes of their own, stored by one, extracted meanwhile."""

from __future__ import annotations

import asyncio
import gzip
import os
import signal
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from scraper.article import Article
from scraper.crawl.backfill import BackfillProgress, FileImported, FileToImport, backfill
from scraper.crawl.file_readers import Come, FileReader, FileToRead, Read
from scraper.crawl.workers import PageRead, PageToRead, explained
from scraper.errors import AlreadyRunning, ArchiveFull, ExtractionFailed, UsageError
from scraper.export.batches import identity_of
from scraper.export.sifting import Wishes
from scraper.export.warc.position import Position
from scraper.store import Archive
from tests.cli.running import wait_until
from tests.export.captures import page
from tests.export.warc_files import http, response


class Readers:
    """In the place of an ExtractionPool: what it says of a page, the page's address says."""

    def __init__(self, *, pause: float = 0.0, most: int | None = None) -> None:
        """After `most` pages it comes to no other's end."""
        self.pause = pause
        self.most = most
        self.read_urls: list[str] = []
        self.at_work = self.most_at_work = 0

    def __enter__(self) -> Readers:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    async def read(self, page: PageToRead) -> PageRead:
        assert page.url is not None
        self.at_work += 1
        self.most_at_work = max(self.most_at_work, self.at_work)
        await asyncio.sleep(self.pause)
        if self.most is not None and len(self.read_urls) >= self.most:
            await asyncio.Event().wait()
        self.at_work -= 1
        self.read_urls.append(page.url)
        if "/hangs" in page.url:
            raise TimeoutError
        language = page.url.rpartition("=")[2] if "=" in page.url else None
        return PageRead(
            Article(
                url=page.url,
                headline=page.url,
                body=page.html.decode(),
                language=language,
                verdict="ok",
                page_type="article",
                extractor="t",
            )
        )

    def explained(self, error: BaseException) -> ExtractionFailed:
        return explained(error)


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with Archive.open(tmp_path / "archive.db", write=True) as opened:
        yield opened


def warc(path: Path, urls: list[str], *, body: bytes | None = None) -> FileToImport:
    records = [gzip.compress(response(url, http(body or page(url, filler=3)))) for url in urls]
    path.write_bytes(b"".join(records))
    return FileToImport(path, "warc")


def run(
    archive: Archive, files: list[FileToImport], readers: Readers | None = None, **options: Any
) -> list[FileImported]:
    wishes = options.pop("wishes", Wishes())
    made = readers or Readers()
    return asyncio.run(
        asyncio.wait_for(backfill(archive, files, wishes, open_pool=lambda: made, **options), 60)  # type: ignore[arg-type,return-value]
    )


def addresses(count: int, host: str = "a.example") -> list[str]:
    return [f"https://{host}/{number}" for number in range(count)]


def test_several_files_and_every_page_once(archive: Archive, tmp_path: Path) -> None:
    files = [warc(tmp_path / f"{name}.warc.gz", addresses(150, f"{name}.example")) for name in "abc"]
    (tmp_path / "page.html").write_text("<html><title>x</title><p>Flood")
    files.insert(1, FileToImport(tmp_path / "page.html", "html"))
    readers = Readers(pause=0.01)
    told: list[tuple[int, int, int]] = []

    def report(progress: BackfillProgress) -> None:
        told.append((progress.records, progress.captures, progress.pages))
        assert len(progress.under_way) <= 2

    wishes = Wishes(url="https://saved.example/")
    results = run(archive, files, readers, wishes=wishes, jobs=2, report=report)
    assert [result.file for result in results] == files
    assert [result.imported.counts.captures for result in results if result.imported] == [150, 1, 150, 150]
    assert told[-1] == (451, 451, 451)
    urls = [url for name in "abc" for url in addresses(150, f"{name}.example")]
    assert sorted(readers.read_urls) == sorted([*urls, "https://saved.example/"])
    assert list(archive.unextracted()) == []
    assert readers.most_at_work > 1
    assert all(row.ended_at for row in archive.imports())
    # Articles were stored in the order of their captures, whichever was read first.
    rows = archive._db.rows("SELECT capture_id FROM revisions ORDER BY id")
    assert [row["capture_id"] for row in rows] == sorted(archive.capture_ids())
    # Again: nothing is read, neither files nor pages.
    again = run(archive, files[2:], readers, wishes=wishes, jobs=2)
    assert [(result.was_known, result.imported.counts.known) for result in again if result.imported] == [
        (True, 150)
    ] * 2
    assert len(readers.read_urls) == 451


def test_what_an_earlier_run_left_is_read_first(archive: Archive, tmp_path: Path) -> None:
    readers = Readers()
    run(archive, [warc(tmp_path / "a.warc.gz", addresses(3))], readers, extract=False)
    assert (readers.read_urls, len(list(archive.unextracted()))) == ([], 3)
    run(archive, [warc(tmp_path / "b.warc.gz", addresses(3, "b.example"))], readers)
    assert readers.read_urls == [*addresses(3), *addresses(3, "b.example")]


def test_pages_that_cannot_be_read_are_kept_with_the_reason(archive: Archive, tmp_path: Path) -> None:
    urls = ["https://a.example/1", "https://a.example/hangs", "https://a.example/2"]
    run(archive, [warc(tmp_path / "a.warc.gz", urls)])
    assert "longer than 30 seconds" in (archive.stored_capture(2).extraction_error or "")
    assert [archive.stored_capture(number).verdict for number in (1, 3)] == ["ok", "ok"]


@pytest.mark.parametrize("extract", [True, False])
def test_only_reading_tells_the_language(archive: Archive, tmp_path: Path, extract: bool) -> None:
    urls = [f"https://a.example/{number}?lang={tag}" for number, tag in enumerate(("uk", "en", "uk-UA", "de"))]
    urls += ["https://a.example/hangs", "https://a.example/unknown"]
    readers = Readers()
    body = b"<html><p>It does not say."
    [result] = run(
        archive,
        [warc(tmp_path / "a.warc.gz", urls, body=body)],
        readers,
        wishes=Wishes(languages=("uk",)),
        extract=extract,
    )
    assert result.imported is not None
    counts = result.imported.counts
    assert (counts.captures, counts.reasons) == (4, {"other_language": 2})
    stored = [archive.stored_capture(number).url for number in archive.capture_ids()]
    assert stored == [urls[0], urls[2], *urls[4:]]
    assert sorted(readers.read_urls) == sorted(urls)  # once each
    assert len(list(archive.unextracted())) == (0 if extract else 4)


def test_a_limit_is_kept_to_and_the_rest_comes_later(archive: Archive, tmp_path: Path) -> None:
    files = [warc(tmp_path / f"{name}.warc.gz", addresses(100, f"{name}.example")) for name in "ab"]
    total = 0
    for jobs in (1, 2, 2, 1):
        results = run(archive, files, jobs=jobs, limit=60)
        total = min(200, total + 60)
        assert len(list(archive.capture_ids())) == total
        assert all(result.error is None for result in results)
        assert all(result.ended for result in results) == (total == 200)
    assert [(row.captures, row.known, row.skipped) for row in archive.imports()] == [(100, 0, 0)] * 2


def test_the_same_content_given_twice(archive: Archive, tmp_path: Path) -> None:
    file = warc(tmp_path / "a.warc.gz", addresses(80))
    results = run(archive, [file, file], jobs=2)
    assert [result.imported.counts.captures for result in results if result.imported] == [80, 0]
    assert [result.was_known for result in results] == [False, True]


def test_a_file_that_cannot_be_read_costs_that_file(archive: Archive, tmp_path: Path) -> None:
    (tmp_path / "no.warc").write_bytes(b"MZ" + bytes(100))
    (tmp_path / "folder.warc").mkdir()
    files = [FileToImport(tmp_path / name, "warc") for name in ("no.warc", "missing.warc", "folder.warc")]
    files.append(FileToImport(tmp_path / "no.warc", "wacz"))
    files.append(warc(tmp_path / "a.warc.gz", addresses(2)))
    results = run(archive, files, jobs=2)
    assert [type(result.error) for result in results] == [UsageError] * 4 + [type(None)]
    assert len(list(archive.imports())) == 1


def test_a_file_that_another_process_reads(archive: Archive, tmp_path: Path) -> None:
    file = warc(tmp_path / "a.warc.gz", addresses(2))
    identity, size = identity_of(file.path)
    archive.take_import("a.warc.gz", "warc", size, identity=identity, wishes=Wishes().as_text())
    [result] = run(archive, [file])
    assert isinstance(result.error, AlreadyRunning)
    assert list(archive.capture_ids()) == []


def test_a_full_disk_ends_it_all(tmp_path: Path) -> None:
    files = [warc(tmp_path / f"{name}.warc.gz", addresses(200, f"{name}.example")) for name in "ab"]
    with Archive.open(tmp_path / "small.db", write=True, max_bytes=1_200_000) as archive:
        with pytest.raises(ArchiveFull):
            run(archive, files, jobs=2)
        [*rows] = archive.imports()
        assert sum(row.captures for row in rows) == len(list(archive.capture_ids())) < 400


def test_stopped_in_the_middle_the_same_call_does_the_rest(archive: Archive, tmp_path: Path) -> None:
    files = [warc(tmp_path / f"{name}.warc.gz", addresses(150, f"{name}.example")) for name in "ab"]

    async def stop() -> None:
        enough = asyncio.Event()

        def report(progress: BackfillProgress) -> None:
            if progress.captures > 60 and progress.pages == 20:
                enough.set()

        task = asyncio.create_task(
            backfill(archive, files, Wishes(), open_pool=lambda: Readers(most=20), jobs=2, report=report)  # type: ignore[arg-type,return-value]
        )
        await enough.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    threads = threading.active_count()
    asyncio.run(stop())
    assert threading.active_count() == threads
    kept = list(archive.capture_ids())
    assert len(list(archive.unextracted())) == len(kept) - 20
    assert 60 < len(kept) < 300
    assert sum(row.captures for row in archive.imports()) == len(kept)
    run(archive, files, jobs=2)
    assert sorted((row.captures, row.known, row.source) for row in archive.imports()) == [
        (150, 0, "a.warc.gz"),
        (150, 0, "b.warc.gz"),
    ]
    assert list(archive.unextracted()) == []


# The process of one file


async def read_all(reader: FileReader) -> list[Come | Read]:
    messages = [await reader.next()]
    while not (isinstance(messages[-1], Read) and messages[-1].batch.after is None):
        messages.append(await reader.next())
    return messages


def start(path: Path, threads: ThreadPoolExecutor, *, stall_limit: float = 30) -> FileReader:
    return FileReader(FileToRead(path, "warc", Wishes(), Position()), threads, stall_limit=stall_limit)


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as made:
        yield made


def test_a_reader_that_dies(tmp_path: Path, threads: ThreadPoolExecutor) -> None:
    file = warc(tmp_path / "a.warc.gz", addresses(300))

    async def read() -> None:
        reader = start(file.path, threads)
        await reader.next()
        os.kill(reader.pid, signal.SIGKILL)
        with pytest.raises(UsageError, match=r"died \(exit code -9\)"):
            await read_all(reader)

    asyncio.run(read())


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes")
def test_a_reader_that_comes_no_further_is_killed(tmp_path: Path, threads: ThreadPoolExecutor) -> None:
    os.mkfifo(tmp_path / "never")

    async def read() -> int:
        reader = start(tmp_path / "never", threads, stall_limit=0.5)
        with pytest.raises(UsageError, match="it came no further"):
            await reader.next()
        reader.close()
        return reader.pid

    with pytest.raises(ProcessLookupError):
        os.kill(asyncio.run(read()), 0)


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_a_reader_waits_while_nobody_takes_what_it_sends(tmp_path: Path, threads: ThreadPoolExecutor) -> None:
    content = b"".join(response(url, http(page(url, filler=400))) for url in addresses(1_000))
    path = tmp_path / "large.warc"
    path.write_bytes(content)

    def offsets(pid: int) -> list[int]:
        found = []
        for link in Path(f"/proc/{pid}/fd").iterdir():
            if os.readlink(link) == str(path):
                info = Path(f"/proc/{pid}/fdinfo/{link.name}").read_text()
                found.append(int(info.split()[1]))
        return found

    async def read() -> None:
        reader = start(path, threads)
        await reader.next()
        seen: list[list[int]] = []

        def stands_still() -> bool:
            seen.append(offsets(reader.pid))
            return len(seen) > 5 and len({tuple(one) for one in seen[-5:]}) == 1

        assert wait_until(stands_still)
        [offset] = seen[-1]
        assert offset < len(content) // 2
        assert sum(len(m.batch.entries) for m in await read_all(reader) if isinstance(m, Read)) > 800
        reader.close()

    asyncio.run(read())
