"""Captures that were stored and not read: after an import, or a run that was stopped. Several are read at a time."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import aclosing

from scraper.article import Article
from scraper.crawl.stored_pages import Read, read_stored
from scraper.crawl.workers import ExtractionPool
from scraper.store import Archive

_COMMIT = 32
"""Pages whose articles are committed together."""

Report = Callable[[int, int], None]
"""Is told how many of how many are done."""


async def read_unread(archive: Archive, pool: ExtractionPool, *, report: Report = lambda done, total: None) -> int:
    """Extract every capture that nobody tried to read; how many were. What is done is kept when this is cancelled.

    Articles are stored in the order of their captures, so that a page's revisions follow each other.
    """
    ids = list(archive.unextracted())
    finished: list[tuple[int, Read]] = []
    done = 0
    try:
        async with aclosing(read_stored(archive, pool, ids)) as readings:
            async for reading in readings:
                finished.append(reading)
                done += 1
                if len(finished) >= _COMMIT or done == len(ids):
                    keep(archive, finished)
                    report(done, len(ids))
    finally:
        keep(archive, finished)
    return len(ids)


def keep(archive: Archive, finished: list[tuple[int, Read]]) -> None:
    """Commit what was read of captures, and empty the list."""
    if not finished:
        return
    with archive.batch():
        for capture_id, read in finished:
            if isinstance(read, Article):
                archive.add_article(capture_id, read)
            else:
                archive.mark_extraction_failed(capture_id, str(read))
    finished.clear()
