"""Pages that are looked at and not kept: asked for as politely as those that are."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from scraper.capture import Capture, Failure
from scraper.crawl.manners import ArchiveMemory, Manners, is_passing
from scraper.crawl.writer import Writer
from scraper.errors import HostPaused, LoginFailed
from scraper.fetch import Fetcher
from scraper.settings import FetchSettings
from scraper.store import Archive


async def look_at(urls: Sequence[str], *, archive: Archive, settings: FetchSettings) -> list[Capture]:
    """Fetch pages (as `check_url` returns them) one after the other, each in its host's turn.

    What cannot be had is a capture with the reason. Of `archive`, which is open for writing, only what it knows of
    hosts is used and written: by that, processes which share it take turns. Raises ArchiveError.
    """
    writer = Writer(archive)
    writing = asyncio.create_task(writer.run())
    try:
        async with Fetcher(settings, clock=archive.now) as web:
            keeper = None if settings.ignore_robots else web.robots(ArchiveMemory(archive))
            manners = Manners(archive, writer, settings, keeper)
            captures = []
            for url in urls:
                try:
                    captures.append(await _look_at(url, web, manners, tries=1 + settings.retries))
                except (HostPaused, LoginFailed) as refused:
                    failure = Failure(code=refused.code, message=str(refused))
                    captures.append(Capture(url=url, fetched_at=archive.now(), failure=failure))
            return captures
    finally:
        writer.close()
        await writing


async def _look_at(url: str, web: Fetcher, manners: Manners, *, tries: int) -> Capture:
    await manners.ask_robots(url)
    await manners.log_in(url, web.logins)
    while True:
        tries -= 1
        async with manners.visit(url) as visit:
            capture = await web.fetch(url, permit=visit.permit)
            await visit.done(capture)
        if tries <= 0 or not is_passing(capture):
            return capture
