"""The one writer: what fetchers and extractors bring is committed in small batches, in the order it came."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

from scraper.errors import ArchiveFull
from scraper.store import Archive

T = TypeVar("T")
_BATCH = 32
"""Operations committed together at the most: what a power cut may undo was never acknowledged."""


class Writer:
    """Runs every write of a run in one task. A caller is answered after the commit, not before."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._queue: asyncio.Queue[tuple[Callable[[], Any], asyncio.Future[Any]] | None] = asyncio.Queue()
        self._has_ended = False

    async def write(self, operation: Callable[[], T]) -> T:
        """Run `operation` (which writes to the archive) and return its result once it is committed.

        Raises CancelledError when nobody commits any more, because `run` was cancelled.
        """
        if self._has_ended:
            raise asyncio.CancelledError
        done: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._queue.put_nowait((operation, done))
        # A cancelled caller must not take back a write that is under way.
        return await asyncio.shield(done)

    async def run(self) -> None:
        """Commit until `close`, and then what is still queued."""
        closing = False
        try:
            while not closing:
                batch = [await self._queue.get()]
                while len(batch) < _BATCH and not self._queue.empty():
                    batch.append(self._queue.get_nowait())
                closing = None in batch
                self._commit([item for item in batch if item is not None])
        finally:
            self._give_up()

    def _give_up(self) -> None:
        """Let nobody wait for a commit that will not come, as when a second Ctrl-C ends all tasks at once."""
        self._has_ended = True
        while not self._queue.empty():
            item = self._queue.get_nowait()
            if item is not None:
                item[1].cancel()

    def close(self) -> None:
        """Ask `run` to end after what is queued."""
        self._queue.put_nowait(None)

    def _commit(self, batch: list[tuple[Callable[[], Any], asyncio.Future[Any]]]) -> None:
        results: list[tuple[asyncio.Future[Any], Any, Exception | None]] = []
        try:
            with self._archive.batch():
                for operation, done in batch:
                    try:
                        results.append((done, operation(), None))
                    except ArchiveFull:
                        raise  # SQLite has undone the whole batch by itself
                    except Exception as error:  # noqa: BLE001 - answered to whoever asked for this write
                        results.append((done, None, error))
        except ArchiveFull as error:
            if len(batch) > 1:
                # Nothing of this batch was committed, but some of it may still fit.
                for one in batch:
                    self._commit([one])
                return
            results = [(done, None, error) for _, done in batch]
        except Exception as error:  # noqa: BLE001 - nothing of this batch was committed; everyone must know
            results = [(done, None, error) for _, done in batch]
        for done, result, failure in results:
            if done.cancelled():
                continue
            if failure is None:
                done.set_result(result)
            else:
                done.set_exception(failure)
                done.exception()  # marks it as seen: a cancelled caller will not fetch it
