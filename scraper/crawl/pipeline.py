"""A list of URLs, archived: hosts side by side, one page at a time from each, every capture kept before it is read."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Literal

from scraper.article import READABLE, Article, CaptureRef
from scraper.capture import Capture, Failure
from scraper.crawl.freshness import conditional_headers, says_unchanged
from scraper.crawl.manners import ArchiveMemory, Manners, Visit, is_passing
from scraper.crawl.rendering import Renderer, missing_browser
from scraper.crawl.stored_pages import read_one
from scraper.crawl.workers import ExtractionPool, PageRead, PageToRead
from scraper.crawl.writer import Writer
from scraper.errors import ArchiveError, ExtractionFailed, HostPaused, LoginFailed, UsageError
from scraper.fetch import Fetcher
from scraper.settings import FetchSettings
from scraper.store import Archive, Validators
from scraper.urls import check_url, fit_to_show, host_of, without_credentials

State = Literal["new", "unchanged", "changed", "labelled", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one URL."""

    url: str
    state: State
    """`new`, `unchanged` or `changed` revision; `labelled` when the page is no article; `failed`."""
    capture: CaptureRef | None = None
    """None when the URL could not even be asked for."""
    article: Article | None = None
    """As extracted, with its place in the archive where it has one."""
    failure: Failure | None = None
    notes: tuple[str, ...] = ()
    """What a user should know about how the page was read."""
    usage: UsageError | None = None
    """Set when the URL itself was wrong."""

    @property
    def ok(self) -> bool:
        """True when a page a reader could read was got: an article, or a page rightly labelled as something else."""
        return self.failure is None and self.article is not None


@dataclass(slots=True)
class Summary:
    """Counts of a run."""

    outcomes: dict[State, int] = field(default_factory=dict)
    """By state; whatever failed counts as `failed`, also where what came instead of the page has a revision."""
    succeeded: int = 0
    failed: int = 0

    def add(self, outcome: Outcome) -> None:
        state: State = "failed" if outcome.failure is not None else outcome.state
        self.outcomes[state] = self.outcomes.get(state, 0) + 1
        self.succeeded += outcome.ok
        self.failed += not outcome.ok


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
            way = _Way(web, writer, archive, pool, settings=settings, run_id=run_id)
            try:
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


class _Way:
    """The way of one page through the rooms."""

    def __init__(
        self,
        web: Fetcher,
        writer: Writer,
        archive: Archive,
        pool: ExtractionPool,
        *,
        settings: FetchSettings,
        run_id: int | None,
    ) -> None:
        self._web = web
        self._writer = writer
        self._archive = archive
        self._pool = pool
        self._run_id = run_id
        self._keeper = None if settings.ignore_robots else web.robots(ArchiveMemory(archive))
        self._manners = Manners(archive, writer, settings, self._keeper)
        self._settings = settings
        self._renderer = Renderer(web, archive, self._manners, settings)
        self._tries = 1 + settings.retries

    async def aclose(self) -> None:
        await self._renderer.aclose()

    async def go(self, url: str) -> Outcome:
        try:
            await self._manners.ask_robots(url)
            await self._manners.log_in(url, self._web.logins)
            for tries_left in reversed(range(self._tries)):
                async with self._manners.visit(url) as visit:
                    known = self._archive.validators(url)
                    conditions = conditional_headers(known, self._archive.now())
                    capture = await self._fetch(url, conditions, visit)
                    ref = await self._store(capture)
                    await visit.done(capture)  # the host's pause begins while the page is read
                    if tries_left and is_passing(capture):
                        continue
                    if known is not None and conditions and capture.status == 304:
                        return await self._unchanged(capture, ref, known)
                    if capture.failure is not None or capture.body is None:
                        break
                    return await self._read(capture, ref, known)
        except (HostPaused, LoginFailed) as refused:
            failure = Failure(code=refused.code, message=str(refused))
            capture = Capture(url=without_credentials(url), fetched_at=self._archive.now(), failure=failure)
            ref = await self._store(capture)
        failure = capture.failure or Failure(code="http_304", message="the server says unchanged, and was not asked")
        return Outcome(url=capture.url, state="failed", capture=ref, failure=failure)

    async def _fetch(self, url: str, conditions: dict[str, str], visit: Visit) -> Capture:
        capture = await self._web.fetch(url, headers=conditions, permit=visit.permit)
        if capture.status == 304:
            capture = replace(capture, body=None)  # it has none, which is not the same as an empty one
        return replace(capture, robots="ignored" if self._settings.ignore_robots else "obeyed")

    async def _unchanged(self, capture: Capture, ref: CaptureRef, known: Validators) -> Outcome:
        await self._writer.write(lambda: self._archive.add_check(ref.id, known.capture_id))
        article = replace(self._archive.article(capture.url), capture=ref)
        return Outcome(url=capture.url, state="unchanged", capture=ref, article=article)

    async def _store(self, capture: Capture) -> CaptureRef:
        return await self._writer.write(lambda: self._archive.add_capture(capture, self._run_id))

    async def _read(self, capture: Capture, ref: CaptureRef, before: Validators | None = None) -> Outcome:
        try:
            read, drawn, notes = await self._read_or_draw(capture, ref)
        except asyncio.CancelledError:
            raise
        except ArchiveError:
            raise
        except Exception as error:  # noqa: BLE001 - a worker may die of anything; the capture is kept with the reason
            reason = self._pool.explained(error)
            await self._writer.write(lambda: self._archive.mark_extraction_failed(ref.id, str(reason)))
            return Outcome(url=capture.url, state="failed", capture=ref, failure=_failure_of(reason))
        await self._catch_up(ref, read.article)
        stored = await self._writer.write(lambda: self._archive.add_article(ref.id, read.article))
        ref = replace(ref, rendered_sha256=drawn)
        known = replace(read.article, id=stored.article_id, revision=stored.revision, capture=ref)
        if before is not None and stored.state == "changed" and says_unchanged(before, capture):
            await self._writer.write(lambda: self._archive.distrust_validators(host_of(capture.final_url)))
        failure = page_failure(capture, read.article)
        return Outcome(
            url=capture.url,
            state=stored.state,
            capture=ref,
            article=known,
            failure=failure,
            notes=(*read.notes, *notes),
        )

    async def _catch_up(self, ref: CaptureRef, article: Article) -> None:
        """Read the page's earlier captures again, if another extractor did: its difference is no edit of the page's."""
        for capture_id in self._archive.outdated_readings(ref.id, article.extractor):
            again = await read_one(self._archive, self._pool, capture_id)
            if isinstance(again, Article):
                await self._writer.write(partial(self._archive.store_reading, capture_id, again))

    async def _read_or_draw(self, capture: Capture, ref: CaptureRef) -> tuple[PageRead, str | None, list[str]]:
        """What the page says as it was received; or as a browser draws it, where that is wanted or needed.

        With it the SHA-256 of the document as drawn, where it was read from that, and what a user should know.
        """
        can_be_drawn = capture.ok and _is_html(capture) and not self._renderer.never
        read: PageRead | None = None
        if not (can_be_drawn and self._renderer.always):
            read = await self._pool.read(PageToRead.of(capture))
            if not (can_be_drawn and read.is_shell):
                return read, None, []
            if (missing := missing_browser(self._settings)) is not None:
                return read, None, [f"scripts put its text there, and no browser was asked: {missing}"]
        rendering = await self._renderer.draw(capture)
        await self._writer.write(lambda: self._archive.add_rendering(ref.id, rendering))
        if rendering.failure is None:
            return await self._pool.read(PageToRead.of(capture, rendering)), rendering.sha256, []
        note = f"it could not be drawn by a browser ({rendering.failure.code}): {rendering.failure.message}"
        return read or await self._pool.read(PageToRead.of(capture)), None, [note]


def _is_html(capture: Capture) -> bool:
    kind = (capture.content_type or "text/html").partition(";")[0].strip().lower()
    return kind in ("text/html", "application/xhtml+xml")


def _failure_of(error: ExtractionFailed) -> Failure:
    return Failure(code="extraction", message=str(error))


def page_failure(capture: Capture, article: Article) -> Failure | None:
    """Why what came back is not the page that was asked for, or None."""
    if capture.status is not None and capture.status >= 400:
        return Failure(code=f"http_{capture.status}", message=f"the server answered {capture.status}")
    if article.verdict in ("consent", "blocked", "empty"):
        return Failure(code=article.verdict, message=article.verdict_reason or article.verdict)
    if article.verdict not in READABLE and article.headline is None and article.body is None:
        return Failure(code="no_page", message=article.verdict_reason or "there is nothing to read")
    return None
