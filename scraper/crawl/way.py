"""The way of one page: fetched in its host's turn, kept before it is read, read (or drawn first), and kept as read."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal

from scraper.article import READABLE, Article, CaptureRef
from scraper.capture import Capture, Failure
from scraper.crawl.article_pages import FurtherPages, first_page
from scraper.crawl.assets.counts import AssetCounts
from scraper.crawl.assets.fetching import Assets
from scraper.crawl.fetched import Fetched
from scraper.crawl.freshness import conditional_headers, says_unchanged
from scraper.crawl.manners import ArchiveMemory, Manners, Visit, is_passing
from scraper.crawl.rendering import Renderer, missing_browser
from scraper.crawl.stored_pages import read_one
from scraper.crawl.workers import ExtractionPool, PageRead, PageToRead
from scraper.crawl.writer import Writer
from scraper.errors import (
    ArchiveError,
    BlobCorrupt,
    ExtractionFailed,
    HostPaused,
    LoginFailed,
    NotInArchive,
    UsageError,
)
from scraper.extract.joining import joined
from scraper.fetch import Fetcher
from scraper.settings import FetchSettings
from scraper.store import Archive, Stored, Validators
from scraper.urls import host_of, without_credentials

_UNREAD = 8
"""Pages for each processor that may wait to be read; then fetching waits."""

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
    parts: tuple[str, ...] = ()
    """Addresses of the further pages that the article was joined from."""
    first_page: str | None = None
    """Where the article begins that this is only a further page of."""
    assets: AssetCounts | None = None
    """What came of its pictures and styles; None where nobody asked for them, or it is not known yet."""

    @property
    def ok(self) -> bool:
        """True when a page a reader could read was got: an article, or a page rightly labelled as something else."""
        return self.failure is None and self.article is not None


Keep = Callable[[CaptureRef], object]


class _Backlog:
    """Pages that were fetched and are not yet read: when there are many, fetching waits, or they would fill memory."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._unread = 0
        self._room = asyncio.Event()
        self._room.set()

    async def room(self) -> None:
        """Return when another page may be fetched."""
        await self._room.wait()

    def add(self, number: int) -> None:
        self._unread += number
        if self._unread < self._most:
            self._room.set()
        else:
            self._room.clear()


class Way:
    """The way of one page through the rooms. Close it."""

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
        self._further_pages = FurtherPages(self._fetch_now, archive=archive, writer=writer, pool=pool)
        self.assets = (
            Assets(web, writer, archive, pool, manners=self._manners, settings=settings, run_id=run_id)
            if settings.assets
            else None
        )
        """Fetches what pages show; None where nobody asked for that."""
        self._tries = 1 + settings.retries
        self._backlog = _Backlog(_UNREAD * (os.cpu_count() or 1))

    async def aclose(self) -> None:
        await self._renderer.aclose()

    async def go(self, url: str) -> Outcome:
        """Fetch, keep, read, keep, and with what it shows, where that is wanted.

        A page that fails is an outcome; raises ArchiveError.
        """
        assets = self.assets
        try:
            fetched = await self.fetch(url, keep=lambda ref: assets and assets.queue(ref.id))
        except (HostPaused, LoginFailed) as refused:
            return await self.refused(url, refused)
        outcome = await self.read(fetched)
        if assets is None:
            return outcome
        if outcome.failure is not None:
            await assets.leave(fetched.ref.id)
            return outcome
        return replace(outcome, assets=await assets.fetch_all_of(fetched.ref.id))

    async def fetch(self, url: str, *, keep: Keep = lambda ref: None) -> Fetched:
        """Fetch a page in its host's turn and keep what came; it is to be given to `read`, once.

        `keep` is called in the transaction that stores it. Raises HostPaused, LoginFailed and ArchiveError.
        """
        fetched = await self._fetch_now(url, keep=keep, waits=True)
        self._backlog.add(1)
        return fetched

    async def _fetch_now(self, url: str, *, keep: Keep = lambda ref: None, waits: bool = False) -> Fetched:
        await self._manners.ask_robots(url)
        await self._manners.log_in(url, self._web.logins)
        for tries_left in reversed(range(self._tries)):
            async with self._manners.visit(url) as visit:
                if waits:
                    await self._backlog.room()
                known = self._archive.validators(url)
                conditions = conditional_headers(known, self._archive.now())
                capture = await self._fetch(url, conditions, visit)
                again = tries_left > 0 and is_passing(capture)
                ref = await self._store(capture, (lambda ref: None) if again else keep)
                await visit.done(capture)  # the host's pause begins while the page is read
            if not again:
                break
        return Fetched(capture, ref, known, is_conditional=bool(conditions))

    async def read(self, fetched: Fetched, *, again: bool = True) -> Outcome:
        """Read what was fetched; a body that was read before only `again`. Raises ArchiveError."""
        try:
            return await self._read_fetched(fetched, again=again)
        finally:
            self._backlog.add(-1)

    async def _read_fetched(self, fetched: Fetched, *, again: bool) -> Outcome:
        capture, ref, known = fetched.capture, fetched.ref, fetched.known
        if known is not None and fetched.is_conditional and capture.status == 304:
            return await self._unchanged(capture, ref, known)
        if capture.failure is None and capture.body is not None:
            if not again and await self._writer.write(lambda: self._archive.repeat_reading(ref.id)):
                return Outcome(
                    url=capture.url,
                    state="unchanged",
                    capture=ref,
                    article=replace(self._archive.article(capture.url), capture=ref),
                )
            return await self._read(capture, ref, known, is_conditional=fetched.is_conditional)
        failure = capture.failure or Failure(code="http_304", message="the server says unchanged, and was not asked")
        return Outcome(url=capture.url, state="failed", capture=ref, failure=failure)

    async def go_on(self, capture_id: int) -> Outcome:
        """Read what a process fetched that died before it was done with it, as if it had just come.

        Its further pages are fetched, too, as reading it alone would cut the article short. Raises ArchiveError.
        """
        stored = self._archive.stored_capture(capture_id)
        ref = CaptureRef(
            id=stored.id,
            fetched_at=stored.fetched_at,
            status=stored.status,
            final_url=stored.final_url,
            sha256=stored.sha256,
            size=stored.size,
        )
        try:
            capture = self._archive.capture(capture_id)
        except BlobCorrupt as error:
            return Outcome(
                url=stored.url, state="failed", capture=ref, failure=Failure(code="blob_corrupt", message=str(error))
            )
        known = self._archive.validators(capture.url) if capture.status == 304 else None
        self._backlog.add(1)
        return await self.read(Fetched(capture, ref, known, is_conditional=known is not None), again=False)

    async def refused(self, url: str, refusal: HostPaused | LoginFailed) -> Outcome:
        """Keep the reason why a page could not be asked for."""
        failure = Failure(code=refusal.code, message=str(refusal))
        capture = Capture(url=without_credentials(url), fetched_at=self._archive.now(), failure=failure)
        ref = await self._store(capture)
        return Outcome(url=capture.url, state="failed", capture=ref, failure=failure)

    async def look(self, url: str, conditions: dict[str, str], *, max_body: int | None = None) -> Capture:
        """Fetch what is no page to be kept, such as a feed, as politely as a page. Raises HostPaused, LoginFailed."""
        await self._manners.ask_robots(url)
        await self._manners.log_in(url, self._web.logins)
        for tries_left in reversed(range(self._tries)):
            async with self._manners.visit(url) as visit:
                capture = await self._fetch(url, conditions, visit, max_body=max_body)
                await visit.done(capture)
            if not (tries_left and is_passing(capture)):
                break
        return capture

    async def robots_of(self, url: str) -> str:
        """The robots.txt for `url`; empty where there is none, or nobody cares. Raises HostPaused."""
        if self._keeper is None:
            return ""
        await self._manners.ask_robots(url)
        known = self._keeper.known(url)
        return known.text if known is not None else ""

    async def _fetch(
        self, url: str, conditions: dict[str, str], visit: Visit, *, max_body: int | None = None
    ) -> Capture:
        capture = await self._web.fetch(url, headers=conditions, permit=visit.permit, max_body=max_body)
        if capture.status == 304:
            capture = replace(capture, body=None)  # it has none, which is not the same as an empty one
        return replace(capture, robots="ignored" if self._settings.ignore_robots else "obeyed")

    async def _unchanged(self, capture: Capture, ref: CaptureRef, known: Validators) -> Outcome:
        await self._writer.write(lambda: self._archive.add_check(ref.id, known.capture_id))
        article = replace(self._archive.article(capture.url), capture=ref)
        return Outcome(url=capture.url, state="unchanged", capture=ref, article=article)

    async def _store(self, capture: Capture, keep: Keep = lambda ref: None) -> CaptureRef:
        def store() -> CaptureRef:
            ref = self._archive.add_capture(capture, self._run_id)
            keep(ref)
            return ref

        return await self._writer.write(store)

    async def _read(
        self, capture: Capture, ref: CaptureRef, before: Validators | None, *, is_conditional: bool
    ) -> Outcome:
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
        parts, why = await self._further_pages.of(capture, read.pages) if drawn is None else ([], None)
        if why is not None and self._is_known(capture.url):
            # Without its end, the text would seem to have been cut.
            await self._writer.write(lambda: self._archive.mark_extraction_failed(ref.id, why))
            return Outcome(url=capture.url, state="failed", capture=ref, failure=_failure_of(ExtractionFailed(why)))
        article = joined([read.article, *(part.article for part in parts)])

        def store() -> Stored:
            if parts:
                self._archive.add_parts(ref.id, [part.ref.id for part in parts])
            return self._archive.add_article(ref.id, article)

        stored = await self._writer.write(store)
        ref = replace(ref, rendered_sha256=drawn)
        known = replace(article, id=stored.article_id, revision=stored.revision, capture=ref)
        if before is not None and stored.state == "changed" and says_unchanged(before, capture):
            await self._writer.write(lambda: self._archive.distrust_validators(host_of(capture.final_url)))
        elif before is not None and not before.is_proven and is_conditional and stored.state == "changed":
            await self._writer.write(lambda: self._archive.trust_validators(host_of(capture.final_url)))
        failure = page_failure(capture, article)
        return Outcome(
            url=capture.url,
            state=stored.state,
            capture=ref,
            article=known,
            failure=failure,
            notes=(*read.notes, *notes, *([why] if why else [])),
            parts=tuple(part.url for part in parts),
            first_page=first_page(capture.final_url, read.pages),
        )

    def _is_known(self, url: str) -> bool:
        """Whether there is a text of the page already."""
        try:
            return self._archive.article(url).body is not None
        except NotInArchive:
            return False

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
