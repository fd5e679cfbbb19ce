"""The archive for pages: a few readers, each in a thread of its own, that never stand in a writer's way."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from queue import SimpleQueue
from typing import TypeVar

from scraper.store import Archive

T = TypeVar("T")

THREADS = 4
SECONDS = 10.0
"""How long SQLite may take over one question."""


Clock = Callable[[], datetime]


def now() -> datetime:
    return datetime.now(UTC)


class Readers:
    """Answers questions about the archive at `path`, some at a time, each of the archive as it is then.

    A question is a function of an open archive. It must have read all it wants when it returns: what is left open would
    keep SQLite from merging what a crawl writes.
    """

    def __init__(self, path: Path, *, threads: int = THREADS, seconds: float = SECONDS, clock: Clock = now) -> None:
        """Opens the archive once, to see that it can be. `clock` tells the present. Raises ArchiveError."""
        self.path = path
        self._seconds = seconds
        self._idle: SimpleQueue[_Reader] = SimpleQueue()
        self._readers = [_Reader(path, clock) for _ in range(threads)]
        for reader in self._readers:
            self._idle.put(reader)
        self._readers[0].archive()
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="reader")

    async def ask(self, question: Callable[[Archive], T]) -> T:
        """The answer. Raises what the question raises; ArchiveError, too, and TookTooLong."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._answer, question)

    def close(self) -> None:
        self._threads.shutdown(cancel_futures=True)
        for reader in self._readers:
            reader.close()

    def _answer(self, question: Callable[[Archive], T]) -> T:
        reader = self._idle.get()  # there are as many as threads
        try:
            archive = reader.archive()
            with archive.browsing().time_limit(self._seconds):
                return question(archive)
        finally:
            self._idle.put(reader)


class _Reader:
    """An archive that is opened when it is needed, and again when another file was put in its place."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self._path = path
        self._clock = clock
        self._archive: Archive | None = None
        self._file: tuple[int, int] | None = None

    def archive(self) -> Archive:
        file = self._file_there()
        if self._archive is None or file != self._file:
            self.close()
            self._archive = Archive.open(self._path, busy_timeout=5.0, clock=self._clock)
            self._file = file
        return self._archive

    def close(self) -> None:
        if self._archive is not None:
            self._archive.close()
            self._archive = None

    def _file_there(self) -> tuple[int, int] | None:
        try:
            status = self._path.stat()
        except OSError:
            return None  # opening it says why
        return status.st_dev, status.st_ino
