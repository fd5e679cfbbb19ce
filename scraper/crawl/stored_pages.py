"""Captures that are in the archive already, read by several workers at a time and handed on in their order."""

from __future__ import annotations

import asyncio
import os
from collections import deque
from collections.abc import AsyncGenerator, Iterable

from scraper.article import Article
from scraper.crawl.workers import ExtractionPool, PageToRead
from scraper.errors import ArchiveError, ExtractionFailed
from scraper.extract.joining import joined
from scraper.store import Archive

Read = Article | ExtractionFailed


async def read_stored(
    archive: Archive, pool: ExtractionPool, ids: Iterable[int]
) -> AsyncGenerator[tuple[int, Read], None]:
    """Each capture's id and what was read from it, or why nothing could be, in the order of `ids`.

    `ids` is asked as far as the workers need it and no further.
    """
    waiting = iter(ids)
    at_work: deque[tuple[int, asyncio.Task[Read]]] = deque()
    try:
        while True:
            for capture_id in waiting:
                at_work.append((capture_id, asyncio.create_task(read_one(archive, pool, capture_id))))
                if len(at_work) >= 2 * (os.cpu_count() or 1):
                    break
            if not at_work:
                return
            capture_id, task = at_work[0]
            read = await task
            at_work.popleft()
            yield capture_id, read
    finally:
        for _, task in at_work:
            task.cancel()
        await asyncio.gather(*(task for _, task in at_work), return_exceptions=True)


async def read_one(archive: Archive, pool: ExtractionPool, capture_id: int) -> Read:
    """What is read from a capture, as a browser drew it where one did, and those of the article's further pages."""
    first = await _read_page(archive, pool, capture_id)
    if not isinstance(first, Article):
        return first
    pages = [first]
    for part_id in archive.parts(capture_id):
        further = await _read_page(archive, pool, part_id)
        if not isinstance(further, Article):
            return further
        pages.append(further)
    return joined(pages)


async def _read_page(archive: Archive, pool: ExtractionPool, capture_id: int) -> Read:
    try:
        page = PageToRead.of(archive.capture(capture_id), archive.rendering(capture_id))
    except ArchiveError as error:
        return ExtractionFailed(str(error))
    return await read_page(pool, page)


async def read_page(pool: ExtractionPool, page: PageToRead) -> Read:
    """What a worker reads from a page, or why it could not."""
    try:
        return (await pool.read(page)).article
    except asyncio.CancelledError:
        raise
    except Exception as error:  # noqa: BLE001 - a worker may die of anything; the capture is kept with the reason
        return pool.explained(error)
