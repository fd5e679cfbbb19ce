"""Listening to hubs: the server, the upkeep of subscriptions, and a crawl when there is news."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from scraper.crawl.websub.callbacks import Callbacks, HubEvent, Report
from scraper.crawl.websub.due_crawl import IS_AT_IT, DueCrawl
from scraper.crawl.websub.server import HookServer, Limits
from scraper.crawl.websub.upkeep import Upkeep
from scraper.errors import ArchiveBusy
from scraper.fetch import Fetcher
from scraper.settings import FetchSettings
from scraper.store import Archive

_DONE = frozenset({0, 3, 4, 6})
"""Exit codes of a crawl that came to its end, whatever it met."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listening:
    """Where hubs reach us, and how patient we are."""

    callback: str
    """As `callback_base` gives it."""
    host: str
    port: int
    lease: timedelta = timedelta(days=7)
    gather: float = 2.0
    """Seconds from a notification to the crawl: what comes meanwhile is fetched with it."""
    pace: float = 30.0
    """Seconds from one crawl to the next, at least."""
    slowest_pace: float = 900.0
    """The same after several that did nothing: another process is at it, or something is broken."""
    look: float = 30.0
    """Seconds between two looks at what is wanted: jobs are added and removed, and feeds name other hubs."""
    farewell: float = 60.0
    """Seconds that hubs have to end subscriptions before they are forgotten."""
    limits: Limits = field(default_factory=Limits)


async def listen(
    archive: Archive,
    listening: Listening,
    settings: FetchSettings,
    *,
    report: Report = lambda event: None,
    crawl: DueCrawl | None = None,
) -> None:
    """Subscribe to what the feeds of jobs name hubs for, and listen, until the task is cancelled.

    A notification makes its feed due, and with it the jobs that look at it; with `crawl`, that is run then. Raises
    AlreadyRunning while another process listens for the archive, UsageError where it cannot listen, and ArchiveError.
    """
    with archive.websub().lock():
        await _Listener(archive, listening, settings, report, crawl).run()


async def stop_listening(
    archive: Archive, listening: Listening, settings: FetchSettings, *, report: Report = lambda event: None
) -> int:
    """End all subscriptions; how many of them hubs did not end in time, and were forgotten here. Raises as `listen`."""
    with archive.websub().lock():
        if not archive.websub().subscriptions():
            return 0
        return await _Listener(archive, listening, settings, report, None).stop()


class _Listener:
    def __init__(
        self,
        archive: Archive,
        listening: Listening,
        settings: FetchSettings,
        report: Report,
        crawl: DueCrawl | None,
    ) -> None:
        self._records = archive.websub()
        self._listening = listening
        self._report = report
        self._crawl = crawl
        self._news = asyncio.Event()
        self._changed = asyncio.Event()
        self._callbacks = Callbacks(
            archive, lease=listening.lease, report=report, news=self._news.set, changed=self._changed.set
        )
        no_redirects = replace(settings, max_redirects=0)
        self._upkeep = Upkeep(
            archive,
            callback=listening.callback,
            lease=listening.lease,
            pause=settings.delay,
            web=lambda: Fetcher(no_redirects, clock=archive.now),
            report=report,
        )

    async def run(self) -> None:
        async with self._server() as server:
            self._report(HubEvent("listening", detail=f"{self._listening.host} port {server.port}"))
            parts = [self._keep_up()]
            if self._crawl is not None:
                if self._records.woken_jobs():
                    self._news.set()  # from before
                parts.append(self._crawl_on_news(self._crawl))
            await _until_one_fails(parts)

    async def stop(self) -> int:
        async with self._server():
            try:
                async with asyncio.timeout(self._listening.farewell):
                    while await self._upkeep.round(stopping=True) is not None:
                        if all(one.error for one in self._records.subscriptions()):
                            break
                        await self._changed.wait()
                        self._changed.clear()
            except TimeoutError:
                pass  # what hubs have not confirmed by now is given up, and counted
            return self._upkeep.abandon()

    def _server(self) -> HookServer:
        listening = self._listening
        return HookServer(
            self._callbacks,
            host=listening.host,
            port=listening.port,
            limits=listening.limits,
            on_error=lambda error: self._report(HubEvent("error", detail=str(error))),
        )

    async def _keep_up(self) -> None:
        while True:
            try:
                await self._upkeep.round()
            except ArchiveBusy as error:
                self._report(HubEvent("error", detail=str(error)))
            await asyncio.sleep(self._listening.look)

    async def _crawl_on_news(self, crawl: DueCrawl) -> None:
        listening = self._listening
        pace = listening.pace
        while True:
            await self._news.wait()
            await asyncio.sleep(listening.gather)
            self._news.clear()
            code = await crawl()
            if code != IS_AT_IT:
                self._report(HubEvent("crawled", detail=str(code)))
            pace = listening.pace if code in _DONE else min(2 * pace, listening.slowest_pace)
            await asyncio.sleep(pace)
            # What came during the crawl is due still, and so is all if it did nothing.
            if self._records.woken_jobs():
                self._news.set()


async def _until_one_fails(parts: list[Coroutine[Any, Any, None]]) -> None:
    tasks = [asyncio.create_task(part) for part in parts]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
