"""A list of URLs, archived: hosts side by side, one page at a time from each, every capture kept before it is read."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field

from scraper.capture import Failure
from scraper.crawl.assets.counts import AssetCounts
from scraper.crawl.way import Outcome, State, Way
from scraper.crawl.workers import ExtractionPool
from scraper.crawl.writer import Writer
from scraper.errors import ArchiveError, UsageError
from scraper.fetch import Fetcher
from scraper.settings import FetchSettings
from scraper.store import Archive
from scraper.urls import check_url, fit_to_show, host_of


@dataclass(slots=True)
class Summary:
    """Counts of a run."""

    outcomes: dict[State, int] = field(default_factory=dict)
    """By state; whatever failed counts as `failed`, also where what came instead of the page has a revision."""
    succeeded: int = 0
    failed: int = 0
    assets: AssetCounts | None = None
    """Of all pages; None where nobody asked for what they show."""

    def add(self, outcome: Outcome) -> None:
        state: State = "failed" if outcome.failure is not None else outcome.state
        self.outcomes[state] = self.outcomes.get(state, 0) + 1
        self.succeeded += outcome.ok
        self.failed += not outcome.ok
        if outcome.assets is not None:
            self.assets = (self.assets or AssetCounts()) + outcome.assets


async def archive_pages(
    urls: Sequence[str],
    *,
    archive: Archive,
    settings: FetchSettings,
    pool: ExtractionPool,
    run_id: int | None = None,
    report: Callable[[Outcome], None] = lambda outcome: None,
    fetcher: Fetcher | None = None,
) -> Summary:
    """Fetch, store, extract and store each of `urls` once; `report` is called as each is done.

    A page's failure is its outcome. ArchiveError ends the run, as nothing more could be kept; when the task is
    cancelled, what was fetched until then is stored before the cancellation goes on.
    """
    writer = Writer(archive)
    writing = asyncio.create_task(writer.run())
    summary = Summary()

    def done(outcome: Outcome) -> None:
        summary.add(outcome)
        report(outcome)

    try:
        async with fetcher or Fetcher(settings) as web:
            way = Way(web, writer, archive, pool, settings=settings, run_id=run_id)
            try:
                if way.assets is not None:
                    summary.assets = await way.assets.go_on()
                await _each_host(_by_host(urls, done), way.go, done)
            finally:
                await way.aclose()
    finally:
        writer.close()
        await writing
    return summary


def _by_host(urls: Iterable[str], done: Callable[[Outcome], None]) -> dict[str, list[str]]:
    """The URLs that can be fetched, each once, by host; the others are done at once, as failed."""
    hosts: dict[str, dict[str, None]] = {}
    for text in dict.fromkeys(urls):
        try:
            url = check_url(text)
        except UsageError as error:
            failure = Failure(code="not_a_url", message=str(error))
            done(Outcome(url=fit_to_show(text), state="failed", failure=failure, usage=error))
            continue
        hosts.setdefault(host_of(url), {})[url] = None
    return {host: list(found) for host, found in hosts.items()}


async def _each_host(
    hosts: dict[str, list[str]], go: Callable[[str], Awaitable[Outcome]], done: Callable[[Outcome], None]
) -> None:
    async def one_host(urls: list[str]) -> None:
        for url in urls:
            done(await go(url))

    try:
        async with asyncio.TaskGroup() as group:
            for urls in hosts.values():
                group.create_task(one_host(urls))
    except ExceptionGroup as errors:
        # Whatever several hosts ran into is the same trouble: one archive, and one reader of what `done` prints.
        first = next((e for e in errors.exceptions if isinstance(e, ArchiveError)), errors.exceptions[0])
        raise first from None
