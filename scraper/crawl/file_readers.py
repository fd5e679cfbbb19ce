"""A large file read in a process of its own, which can be killed; it waits while nobody takes what it sends."""

from __future__ import annotations

import asyncio
import multiprocessing
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from scraper.crawl.workers import MEMORY_LIMIT
from scraper.errors import UsageError
from scraper.export.batches import Batch, FileKind, HashedFile, read_batches
from scraper.export.sifting import Wishes
from scraper.export.warc.position import Position

STALL_LIMIT = 120.0
"""Seconds in which a reader that is waited for has to come some way into its file."""
_BEAT = 0.5
"""Seconds between two signs of life."""


@dataclass(frozen=True, slots=True)
class FileToRead:
    """What a reader is told."""

    path: Path
    kind: FileKind
    wishes: Wishes
    start: Position


@dataclass(frozen=True, slots=True)
class Come:
    """How far into the file a reader is, in bytes."""

    offset: int


@dataclass(frozen=True, slots=True)
class Read:
    """A batch; with the last one, the file's SHA-256."""

    batch: Batch
    sha256: str | None


@dataclass(frozen=True, slots=True)
class _Refused:
    what: str
    why: str
    next_step: str


class FileReader:
    """One file and its process. `close` ends it, wherever it is."""

    def __init__(self, file: FileToRead, threads: ThreadPoolExecutor, *, stall_limit: float = STALL_LIMIT) -> None:
        """`threads` wait for it: one for each file that is read at a time."""
        self._file = file
        self._threads = threads
        self._stall_limit = stall_limit
        context = _context()
        self._connection, theirs = context.Pipe(duplex=False)
        self._process = context.Process(target=_serve, args=(theirs, file), daemon=True)
        self._process.start()
        theirs.close()

    @property
    def pid(self) -> int:
        return self._process.pid or 0

    async def next(self) -> Come | Read:
        """What it sends next. Raises UsageError when it cannot be read, or not any further."""
        receiving = asyncio.get_running_loop().run_in_executor(self._threads, self._connection.recv)
        try:
            done, _ = await asyncio.wait([receiving], timeout=self._stall_limit)
        except asyncio.CancelledError:
            await self._give_up(receiving)
            raise
        if not done:
            await self._give_up(receiving)
            raise self._failed(f"for {self._stall_limit:g} seconds it came no further")
        try:
            message: Come | Read | _Refused = receiving.result()
        except (EOFError, OSError):
            self.close()
            raise self._failed(f"the process reading it died (exit code {self._process.exitcode})") from None
        if isinstance(message, _Refused):
            raise UsageError(message.what, why=message.why, next_step=message.next_step)
        return message

    def close(self) -> None:
        # Killed, not asked: what it does may not listen, and nothing of it is needed.
        self._process.kill()
        self._process.join()
        self._connection.close()

    async def _give_up(self, receiving: asyncio.Future[Come | Read | _Refused]) -> None:
        """End it, and with it the thread that waits for it."""
        self._process.kill()
        await asyncio.wait([receiving])
        receiving.exception()

    def _failed(self, why: str) -> UsageError:
        return UsageError(f"{self._file.path} was not read to its end", why=why, next_step="run the same command again")


def _context() -> multiprocessing.context.ForkServerContext | multiprocessing.context.SpawnContext:
    # A fork of this process would copy an open database; the server of the extractor's workers serves these, too.
    if "forkserver" in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("forkserver")
    return multiprocessing.get_context("spawn")


def _serve(connection: Connection, file: FileToRead) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent decides what ends
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT, MEMORY_LIMIT))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    beat = _Beat(connection)
    with suppress(BrokenPipeError, ConnectionResetError):  # whoever asked is gone
        try:
            with HashedFile(file.path, beat.at) as opened:
                for batch in read_batches(file.path, file.kind, file.wishes, file.start, opened.as_file()):
                    connection.send(Read(batch, opened.sha256() if batch.after is None else None))
        except UsageError as error:
            connection.send(_Refused(error.what, error.why, error.next_step))
        except MemoryError:
            too_much = f"it took more than {MEMORY_LIMIT >> 20} MiB of memory"
            connection.send(_Refused(f"{file.path} was not read to its end", too_much, ""))


class _Beat:
    """Says now and then how far into the file its reader is."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._last = time.monotonic()

    def at(self, offset: int) -> None:
        now = time.monotonic()
        if now - self._last >= _BEAT:
            self._last = now
            self._connection.send(Come(offset))
