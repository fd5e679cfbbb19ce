"""Large files into the archive: several read at a time in processes of their own, and their pages extracted meanwhile.

A file's captures are stored by this process alone, with where to go on in the file; whoever is stopped goes on there.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from typing import Literal

from scraper.article import Article
from scraper.capture import Capture
from scraper.crawl.file_readers import Come, FileReader, FileToRead
from scraper.crawl.stored_pages import Read, read_page
from scraper.crawl.unread import keep, read_unread
from scraper.crawl.workers import ExtractionPool, PageToRead
from scraper.errors import AlreadyRunning, ArchiveError, UsageError
from scraper.export.batches import Batch, FileKind, identity_of
from scraper.export.found import Found
from scraper.export.importing import (
    Imported,
    Kept,
    as_known,
    begin_saved,
    in_other_language,
    read_saved,
    store_batch,
    take_file,
)
from scraper.export.sifting import Sift, Wishes
from scraper.export.warc.position import Position
from scraper.store import Archive

_AHEAD = 64
"""Pages that are stored and not yet read, and bytes of them: then files wait."""
_AHEAD_BYTES = 64 << 20
_TOGETHER = 32
"""Pages whose articles are committed together."""


@dataclass(frozen=True, slots=True)
class FileToImport:
    path: Path
    kind: FileKind | Literal["html"]


@dataclass(frozen=True, slots=True)
class FileImported:
    """What became of one file."""

    file: FileToImport
    imported: Imported | None
    """None when it was not begun."""
    error: UsageError | AlreadyRunning | None = None
    """Why it was not read, or not to its end."""
    ended: bool = True
    """False when it was not read to its end: the same call does the rest."""
    was_known: bool = False
    """Whether it was passed over, as it had been read to its end before."""


@dataclass(slots=True)
class BackfillProgress:
    """How it stands."""

    files: int
    done: int = 0
    under_way: list[str] = field(default_factory=list)
    """Names of the files that are being read."""
    records: int = 0
    captures: int = 0
    pages: int = 0
    """Pages extracted."""
    sizes: dict[Path, int] = field(default_factory=dict)
    """Length of each file, in bytes; and how far it was read."""
    offsets: dict[Path, int] = field(default_factory=dict)

    @property
    def share(self) -> float:
        """How much of all files was read, from 0 to 1."""
        return sum(self.offsets.values()) / max(1, sum(self.sizes.values()))


Report = Callable[[BackfillProgress], None]
Remark = Callable[[Path, str], None]


async def backfill(
    archive: Archive,
    files: Sequence[FileToImport],
    wishes: Wishes,
    *,
    open_pool: Callable[[], ExtractionPool],
    extract: bool = True,
    jobs: int = 1,
    limit: int | None = None,
    report: Report = lambda progress: None,
    remark: Remark = lambda path, text: None,
) -> list[FileImported]:
    """Store what is new and wanted of files, and extract it unless told not to; what became of each, in their order.

    `jobs` files are read at a time. At most `limit` captures are added: what is left is for another call. `open_pool`
    makes the workers when the first are needed. A file's failure is its result; ArchiveError ends it all. What was
    stored when the task is cancelled stays.
    """
    with ExitStack() as stack:
        work = _Backfill(
            archive,
            wishes,
            BackfillProgress(len(files)),
            open_pool=lambda: stack.enter_context(open_pool()),
            limit=limit,
            report=report,
            remark=remark,
        )
        return await work.run(files, extract=extract, jobs=max(1, jobs))


class _Backfill:
    def __init__(
        self,
        archive: Archive,
        wishes: Wishes,
        progress: BackfillProgress,
        *,
        open_pool: Callable[[], ExtractionPool],
        limit: int | None,
        report: Report,
        remark: Remark,
    ) -> None:
        self._archive = archive
        self._wishes = wishes
        self._sift = Sift(wishes)
        self._progress = progress
        self._room = limit
        self._report = report
        self._remark = remark
        self._get_pool = cache(open_pool)
        self._readings: _Readings | None = None
        # The same content may be given twice.
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def run(self, files: Sequence[FileToImport], *, extract: bool, jobs: int) -> list[FileImported]:
        results: dict[int, FileImported] = {}
        waiting = deque(enumerate(files))
        for file in files:
            with suppress(OSError):  # which is told when its turn comes
                self._progress.sizes[file.path] = file.path.stat().st_size
        if extract:
            if next(self._archive.unextracted(limit=1), None) is not None:
                # What an earlier run left comes first, so that a page's versions follow each other.
                await read_unread(self._archive, self._get_pool(), report=self._count_unread)
            self._readings = _Readings(self._archive, self._get_pool, self._count_pages)

        async def read_files(threads: ThreadPoolExecutor) -> None:
            while waiting:
                number, file = waiting.popleft()
                results[number] = await self._one(file, threads)
                self._progress.done += 1
                self._progress.offsets[file.path] = self._progress.sizes.get(file.path, 0)
                self._report(self._progress)

        with ThreadPoolExecutor(jobs, thread_name_prefix="file") as threads:
            try:
                async with asyncio.TaskGroup() as group:
                    readers = [group.create_task(read_files(threads)) for _ in range(min(jobs, len(files)))]
                    if self._readings is not None:
                        group.create_task(self._readings.run())
                        if readers:
                            await asyncio.wait(readers)
                        self._readings.close()
            except ExceptionGroup as errors:
                # Whatever several of them ran into is the same trouble: one archive.
                first = next((e for e in errors.exceptions if isinstance(e, ArchiveError)), errors.exceptions[0])
                raise first from None
        return [results[number] for number in range(len(files))]

    # One file

    async def _one(self, file: FileToImport, threads: ThreadPoolExecutor) -> FileImported:
        if self._room == 0:
            return FileImported(file, None, ended=False)
        self._progress.under_way.append(file.path.name)
        try:
            if file.kind == "html":
                return await self._saved_page(file)
            async with self._locks[identity_of(file.path)[0]]:
                return await self._large(file, file.kind, threads)
        except (UsageError, AlreadyRunning) as error:
            return FileImported(file, None, error, ended=False)
        finally:
            self._progress.under_way.remove(file.path.name)

    async def _saved_page(self, file: FileToImport) -> FileImported:
        batch = read_saved(file.path, self._wishes)
        done = begin_saved(self._archive, file.path)
        await self._store(file.path, batch, done, None)
        return FileImported(file, done)

    async def _large(self, file: FileToImport, kind: FileKind, threads: ThreadPoolExecutor) -> FileImported:
        taken = take_file(self._archive, file.path, kind, self._wishes)
        if taken.ended_at is not None:
            return FileImported(file, as_known(taken), was_known=True)
        done = Imported(taken.id, taken.counts)
        ended = False
        try:
            if self._readings is not None:
                self._get_pool()  # its workers start meanwhile
            reader = FileReader(FileToRead(file.path, kind, self._wishes, Position.of(taken.position)), threads)
            try:
                while not ended and self._room != 0:
                    message = await reader.next()
                    if isinstance(message, Come):
                        self._progress.offsets[file.path] = message.offset
                        self._report(self._progress)
                        continue
                    ended = await self._store(file.path, message.batch, done, message.sha256)
            finally:
                reader.close()
        except UsageError as error:
            return FileImported(file, done, error, ended=False)
        finally:
            with suppress(ArchiveError):  # the next one sees that this process is gone
                self._archive.release_import(taken.id)
        return FileImported(file, done, ended=ended)

    async def _store(self, path: Path, batch: Batch, done: Imported, sha256: str | None) -> bool:
        """Store what is new and wanted of a batch; whether the file is at its end."""
        read = await self._understand(batch)
        before = done.read
        kept, ended = store_batch(
            self._archive, batch, done, partial(self._remark, path), room=self._room, sha256=sha256
        )
        if self._room is not None:
            self._room -= len(kept)
        self._progress.records += done.read - before
        self._progress.captures += len(kept)
        self._report(self._progress)
        if self._readings is not None:
            await self._readings.add([(one, read.get(id(one.item))) for one in kept])
        return ended

    async def _understand(self, batch: Batch) -> dict[int, Read]:
        """Read the pages of which only that tells their language, and leave those out that are in another.

        What was read of the others, by `id` of the item.
        """
        captures: dict[int, Capture] = {}
        for number, entry in enumerate(batch.entries):
            if isinstance(entry.item, Found) and entry.item.unsure:
                with suppress(ArchiveError):  # which is told when it is stored
                    capture = entry.item.whole(self._archive)
                    if capture is not None:
                        captures[number] = capture
        if not captures:
            return {}
        reading = (read_page(self._get_pool(), PageToRead.of(capture)) for capture in captures.values())
        found: dict[int, Read] = {}
        for number, read in zip(captures, await asyncio.gather(*reading), strict=True):
            if isinstance(read, Article) and not self._sift.takes_language(read.language):
                batch.entries[number] = in_other_language(batch.entries[number])
            else:
                found[id(batch.entries[number].item)] = read
        return found

    def _count_unread(self, done: int, total: int) -> None:
        self._progress.pages = done
        self._report(self._progress)

    def _count_pages(self, count: int) -> None:
        self._progress.pages += count
        self._report(self._progress)


class _Readings:
    """Pages that were stored and are being read: their articles are stored in the order of their captures."""

    def __init__(self, archive: Archive, pool: Callable[[], ExtractionPool], report: Callable[[int], None]) -> None:
        self._archive = archive
        self._pool = pool
        self._report = report
        self._at_work: deque[tuple[int, int, asyncio.Task[Read]]] = deque()
        self._bytes = 0
        self._closed = False
        self._turn = asyncio.Lock()
        self._changed = asyncio.Event()
        """There is another page, or room for one."""

    async def add(self, stored: Sequence[tuple[Kept, Read | None]]) -> None:
        """Have pages read that were just stored, unless they were read before; waits while there are enough.

        Several wait here at a time; the lock lets them in as they came.
        """
        async with self._turn:
            for kept, read in stored:
                await self._add(kept, read)

    async def _add(self, kept: Kept, read: Read | None) -> None:
        capture = kept.capture
        if not capture.ok or capture.body is None or (capture.status or 0) >= 400:
            return
        while self._at_work and (len(self._at_work) >= _AHEAD or self._bytes >= _AHEAD_BYTES):
            await self._next_change()
        page = PageToRead.of(capture, kept.rendering)
        size = len(page.html)
        self._bytes += size
        task = asyncio.create_task(read_page(self._pool(), page) if read is None else _ready(read))
        self._at_work.append((kept.capture_id, size, task))
        self._changed.set()

    async def run(self) -> None:
        """Store what was read, until `close`. What is done when this is cancelled is stored."""
        finished: list[tuple[int, Read]] = []
        try:
            while self._at_work or not self._closed:
                if not self._at_work:
                    await self._next_change()
                    continue
                await asyncio.wait([self._at_work[0][2]])
                while self._at_work and self._at_work[0][2].done() and len(finished) < _TOGETHER:
                    capture_id, size, task = self._at_work.popleft()
                    finished.append((capture_id, task.result()))
                    self._bytes -= size
                count = len(finished)
                keep(self._archive, finished)
                self._report(count)
                self._changed.set()
        finally:
            for _, _, task in self._at_work:
                task.cancel()
            await asyncio.gather(*(task for _, _, task in self._at_work), return_exceptions=True)

    def close(self) -> None:
        """Nothing more comes."""
        self._closed = True
        self._changed.set()

    async def _next_change(self) -> None:
        self._changed.clear()
        await self._changed.wait()


async def _ready(read: Read) -> Read:
    return read
