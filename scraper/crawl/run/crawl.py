"""A crawl: sources are looked at, what they list goes on the frontier, and what waits there is archived, host by host.

Hosts are worked on side by side, each by a task that takes one thing after another: first the sources that the run has
not looked at, then the newest page that waits. A page is read while the next one of its host is fetched; when too many
wait to be read, fetching waits, too. Everything that must not be forgotten is in the archive before it is acted on.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Coroutine
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

from scraper.crawl.assets.counts import AssetCounts
from scraper.crawl.discovery.url_shapes import read_url
from scraper.crawl.fetched import Fetched
from scraper.crawl.jobs import Job
from scraper.crawl.run.context import Context
from scraper.crawl.run.following import links_to_follow
from scraper.crawl.run.judging import OTHER_LANGUAGE, Result, settlement_of
from scraper.crawl.run.recrawl import adapted
from scraper.crawl.run.source_reading import MOST_SECTIONS
from scraper.crawl.run.sources import Looker
from scraper.crawl.run.summary import AssetsDone, CrawlSummary, PageDone, Progress, Report, SourceDone
from scraper.crawl.unread import read_unread
from scraper.crawl.way import Outcome, Way
from scraper.crawl.workers import ExtractionPool
from scraper.crawl.writer import Writer
from scraper.errors import HostPaused, LoginFailed
from scraper.fetch import Fetcher
from scraper.settings import FetchSettings
from scraper.store import Archive, FrontierPage, Settlement, Source, SourceCheck, SourceKind, named
from scraper.urls import site_of

_HOSTS_PER_PLACE = 8
"""Hosts with a task of their own, for each that may be fetched from at a time: most of them sit out a pause."""

_GO_ON_WITHIN = timedelta(hours=1)
"""A run that was stopped and began no longer ago is gone on with: what it looked at is not looked at again."""


async def crawl(
    job: Job,
    *,
    archive: Archive,
    settings: FetchSettings,
    pool: ExtractionPool,
    run_id: int,
    report: Report = lambda done: None,
    fetcher: Fetcher | None = None,
    progress: Progress | None = None,
) -> CrawlSummary:
    """Do what is due of a job: look at its sources, archive what they list, visit again what is due for it.

    The run `run_id` is the job's, as `scraper.crawl.jobs.claim_job` began it. A page's or a source's failure is noted
    and nothing more. ArchiveError ends the run. When the task is cancelled, what was fetched is stored, and what was
    taken and not fetched waits again.
    """
    if job.id is None:
        raise ValueError("the job is not stored")
    writer = Writer(archive)
    writing = asyncio.create_task(writer.run())
    owner = named(f"crawl-{run_id}")
    queue = archive.crawl_queue(job_id=job.id, run_id=run_id, owner=owner, only_woken=job.only_woken)
    progress = progress or Progress()
    progress.summary.only_woken = job.only_woken
    try:
        async with fetcher or Fetcher(settings, clock=archive.now) as web:
            way = Way(web, writer, archive, pool, settings=settings, run_id=run_id)
            try:
                context = Context(job=job, archive=archive, queue=queue, writer=writer, way=way, pool=pool)
                await _Crawl(context, settings, progress, report).run()
            finally:
                await way.aclose()
                await writer.write(queue.give_back)
    finally:
        writer.close()
        await writing
    progress.summary.waiting = queue.counts().waiting
    return progress.summary


class _Crawl:
    def __init__(self, context: Context, settings: FetchSettings, progress: Progress, report: Report) -> None:
        self._job = context.job
        self._archive = context.archive
        self._queue = context.queue
        self._way = context.way
        self._writer = context.writer
        self._pool = context.pool
        self._looker = Looker(context)
        self._progress = progress
        self._summary = progress.summary
        self._report = report
        self._most_hosts = settings.concurrency * _HOSTS_PER_PLACE
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._looked_again: set[str] = set()
        self._lists: Counter[str] = Counter()
        self._showing: dict[str, list[int]] = {}
        """By host, captures of articles whose pictures and styles are to be fetched when nothing else is to be done."""
        self._readings: set[asyncio.Task[None]] = set()
        self._ended = asyncio.Event()
        """Set whenever a task has ended."""
        self._is_news = True
        """Whether another host may have something to do since it was last asked which have."""

    async def run(self) -> None:
        await self._recover()
        for start in self._job.starts:
            kind: SourceKind = "home" if start.kind == "site" else start.kind
            await self._writer.write(partial(self._queue.add_source, start.url, kind))
        await self._writer.write(lambda: self._queue.wake_due(self._job.options.budget))
        try:
            while self._start_hosts() or self._tasks or self._readings:
                await self._ended.wait()
                self._ended.clear()
                self._collect()
            while self._start_rest_of_assets() or self._tasks:
                await self._ended.wait()
                self._ended.clear()
                self._collect()
        finally:
            await self._end_tasks()

    async def _recover(self) -> None:
        """Go on with what a process that died has left."""
        await self._writer.write(lambda: self._queue.go_on(_GO_ON_WITHIN))
        if self._way.assets is not None:
            self._summary.assets = AssetCounts()
            self._showing = await self._writer.write(self._way.assets.take_over)
        await read_unread(self._archive, self._pool)
        pages = await self._writer.write(self._queue.recover)
        readings = [self._task(self._go_on(page, page.capture_id)) for page in pages if page.capture_id is not None]
        try:
            await asyncio.gather(*readings)
        finally:
            for reading in readings:
                reading.cancel()

    async def _go_on(self, page: FrontierPage, capture_id: int) -> None:
        await self._settle(page, await self._way.go_on(capture_id))

    # --- Tasks ---

    def _start_hosts(self) -> bool:
        """Give hosts with something to do a task; False when none was started."""
        if self._is_over() or not self._is_news:
            return False
        self._is_news = False
        started = False
        hosts = self._queue.hosts()
        self._progress.waiting = sum(hosts.values())
        for host in dict.fromkeys((*hosts, *self._showing)):
            if len(self._tasks) >= self._most_hosts:
                self._is_news = True  # for when one of them has ended
                break
            if host not in self._tasks and host not in self._summary.resting:
                self._tasks[host] = self._task(self._work_on(host))
                started = True
        self._progress.hosts = len(self._tasks)
        return started

    def _start_rest_of_assets(self) -> bool:
        """As `_start_hosts`, for what a run that is over has left of what its articles show."""
        started = False
        for host in self._showing:
            if len(self._tasks) >= self._most_hosts:
                break
            if host not in self._tasks and host not in self._summary.resting:
                self._tasks[host] = self._task(self._fetch_assets(host))
                started = True
        return started

    def _task(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        task.add_done_callback(lambda _: self._ended.set())
        return task

    def _collect(self) -> None:
        """Let go of tasks that ended. Raises what one of them failed with."""
        for host, task in list(self._tasks.items()):
            if task.done():
                del self._tasks[host]
                self._is_news = True
                task.result()
        for task in list(self._readings):
            if task.done():
                self._readings.discard(task)
                task.result()
        self._progress.hosts, self._progress.reading = len(self._tasks), len(self._readings)

    async def _end_tasks(self) -> None:
        tasks = [*self._tasks.values(), *self._readings]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    # --- One host ---

    async def _work_on(self, host: str) -> None:
        try:
            while not self._is_over():
                source = await self._writer.write(partial(self._queue.take_source, host))
                if source is not None:
                    await self._look_at(source)
                elif (
                    not await self._next_page(host)
                    and not await self._look_again(host)
                    and not await self._next_assets(host)
                ):
                    return
        except HostPaused as error:
            # Whatever else there is to be asked of it waits for another run.
            self._summary.resting[host] = str(error)

    async def _look_again(self, host: str) -> bool:
        """Once a run, when nothing else is left of a site: is there an article among what did not look like one?"""
        site = site_of(f"http://{host}/")
        if site in self._looked_again or not self._summary.of_site(site).new:
            return False
        self._looked_again.add(site)
        found = await self._looker.look_again(site)
        self._summary.of_site(site).found += found
        return found > 0

    async def _fetch_assets(self, host: str) -> None:
        while await self._next_assets(host):
            pass

    async def _next_assets(self, host: str) -> bool:
        """Fetch what an article of a host shows, when the host has nothing else to give; False when there is none."""
        waiting = self._showing.get(host)
        if not waiting or self._way.assets is None:
            return False
        capture_id = waiting.pop(0)
        if not waiting:
            del self._showing[host]
        counts = await self._way.assets.fetch(capture_id)
        self._summary.assets = (self._summary.assets or AssetCounts()) + counts
        self._report(AssetsDone(capture_id=capture_id, counts=counts))
        return True

    async def _look_at(self, source: Source) -> None:
        try:
            check = await self._looker.look_at(source)
        except HostPaused as error:
            check = SourceCheck(checked_at=self._archive.now(), error=error.code, error_message=str(error))
            await self._writer.write(partial(self._queue.store_check, source, check))
            self._count_source(source, check)
            raise
        if check is not None:
            self._count_source(source, check)
        self._is_news = True
        self._ended.set()

    def _count_source(self, source: Source, check: SourceCheck) -> None:
        self._summary.sources += 1
        self._summary.of_site(source.site).found += check.new_items
        if check.error is not None and (check.state != "absent" or source.depth == 0):
            self._summary.sources_failed += 1
            self._summary.starts_failed += source.depth == 0
        self._report(SourceDone(source=source, check=check))

    async def _next_page(self, host: str) -> bool:
        """Fetch the newest page of a host that waits, and have it read; False when there is none."""
        page = await self._writer.write(partial(self._queue.take_page, host))
        if page is None:
            return False
        if self._is_over():
            await self._writer.write(partial(self._queue.put_back, page))
            return False
        self._summary.fetched += 1
        try:
            fetched = await self._way.fetch(page.url, keep=lambda ref: self._queue.note_fetched(page, ref.id))
        except HostPaused:
            self._summary.fetched -= 1
            await self._writer.write(partial(self._queue.put_back, page))
            raise
        except LoginFailed as error:
            await self._settle(page, await self._way.refused(page.url, error))
        else:
            self._readings.add(self._task(self._read(page, fetched)))
        return True

    async def _read(self, page: FrontierPage, fetched: Fetched) -> None:
        await self._settle(page, await self._way.read(fetched, again=False))

    async def _settle(self, page: FrontierPage, outcome: Outcome) -> None:
        settlement = self._settled(Result.of(outcome), page)
        if settlement.state == "done":
            if outcome.article and not self._job.options.takes_language(outcome.article.language):
                settlement = replace(settlement, state="skipped", reason=OTHER_LANGUAGE, next_at=None)
            elif settlement.next_at is not None and self._is_copy(outcome):
                settlement = replace(settlement, next_at=None)
        finds = links_to_follow(outcome, page, self._job.options.depth, self._looker.why_not)

        is_list = settlement.state == "skipped" and self._is_list(outcome)

        def settle() -> int:
            self._queue.settle(page, settlement)
            if settlement.state == "done":
                self._queue_assets(outcome)
            if is_list:
                self._queue.add_source(page.url, "section", depth=1)
            return self._queue.add_finds(None, finds) if finds else 0

        found = await self._writer.write(settle)
        self._summary.of_site(page.site).found += found
        self._is_news = self._is_news or is_list or found > 0
        self._count_page(page, outcome, settlement)
        self._report(PageDone(page=page, outcome=outcome, state=settlement.state, reason=settlement.reason))
        self._ended.set()

    def _queue_assets(self, outcome: Outcome) -> None:
        """Note that what an article shows is wanted; in a transaction."""
        if self._way.assets is None or outcome.capture is None or outcome.failure is not None:
            return
        host, waiting = self._way.assets.queue(outcome.capture.id)
        if waiting:
            known = self._showing.setdefault(host, [])
            known += [one for one in waiting if one not in known]
            self._is_news = True

    def _is_list(self, outcome: Outcome) -> bool:
        """Whether what was taken for an article is a list of articles, and is to be looked at as one."""
        article = outcome.article
        if article is None or outcome.failure is not None or article.verdict != "not_article":
            return False
        if article.page_type != "listing" and read_url(outcome.url).purpose != "list":
            return False
        self._lists[site_of(outcome.url)] += 1
        return self._lists[site_of(outcome.url)] <= MOST_SECTIONS

    def _is_copy(self, outcome: Outcome) -> bool:
        """Whether a page is another address of one that is visited, too."""
        return outcome.article is not None and self._archive.page(outcome.url).same_as is not None

    def _settled(self, result: Result, page: FrontierPage) -> Settlement:
        delays = adapted(self._job.options.recrawl, self._queue.habits(page.site))
        return settlement_of(result, page, delays=delays, now=self._archive.now())

    def _count_page(self, page: FrontierPage, outcome: Outcome, settlement: Settlement) -> None:
        counts = self._summary.of_site(page.site)
        match settlement.state, outcome.state:
            case "done", "changed":
                counts.changed += 1
            case "done", "unchanged":
                counts.unchanged += 1
            case "done", _:
                counts.new += 1
            case "skipped", _:
                counts.labelled += 1
            case "gone", _:
                counts.gone += 1
            case _:
                counts.failed += 1
        if settlement.reason is not None:
            reasons = self._summary.reasons
            reasons[settlement.reason] = reasons.get(settlement.reason, 0) + 1

    def _is_over(self) -> bool:
        limit = self._job.options.limit
        if limit is not None and self._summary.fetched >= limit:
            self._summary.stopped = "limit"
            return True
        return False
