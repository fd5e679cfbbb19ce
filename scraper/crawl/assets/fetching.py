"""The pictures, styles and fonts of captured pages: what a page asks for is read in a worker, then fetched and kept."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeVar

from scraper.crawl.assets.counts import AssetCounts
from scraper.crawl.assets.page_view import PageView
from scraper.crawl.manners import Manners
from scraper.crawl.workers import ExtractionPool, PageToRead
from scraper.crawl.writer import Writer
from scraper.errors import ArchiveError
from scraper.fetch import Fetcher
from scraper.rewriting.wanted import Wanted
from scraper.settings import FetchSettings
from scraper.store import Archive, StoredAsset
from scraper.urls import host_of

T = TypeVar("T")

_STYLES_KEPT = 500
"""Styles whose wants are remembered: the pages of a site have the same few."""


class Assets:
    """Of the pages of one run. Any number of pages may be worked on at a time."""

    def __init__(
        self,
        web: Fetcher,
        writer: Writer,
        archive: Archive,
        pool: ExtractionPool,
        *,
        manners: Manners,
        settings: FetchSettings,
        run_id: int | None,
    ) -> None:
        self._web = web
        self._writer = writer
        self._archive = archive
        self._records = archive.assets()
        self._pool = pool
        self._manners = manners
        self._settings = settings
        self._run_id = run_id
        self._styles: OrderedDict[tuple[str | None, str], Sequence[Wanted]] = OrderedDict()

    def queue(self, capture_id: int) -> tuple[str, list[int]]:
        """Note that what a capture and the further pages of its article show is wanted; in a transaction.

        The host in whose turn it is, and the captures that wait. Of a page that had not changed since an earlier
        capture, it is the earlier one's, and nothing where that has its own.
        """
        waiting = []
        for one in (capture_id, *self._archive.parts(capture_id)):
            shown = self._shown(one)
            if shown is not None:
                waiting.append(shown)
        host = host_of(self._archive.stored_capture(capture_id).final_url)
        for one in waiting:
            self._records.queue(one, host, self._run_id)
        return host, waiting

    async def fetch_all_of(self, capture_id: int) -> AssetCounts:
        """What a capture and the further pages of its article show, at once. Raises ArchiveError."""
        _, waiting = await self._writer.write(partial(self.queue, capture_id))
        counts = AssetCounts()
        for one in waiting:
            counts += await self.fetch(one)
        return counts

    async def leave(self, capture_id: int) -> None:
        """Let a capture wait no more: it is not what was asked for. Raises ArchiveError."""
        shown = self._shown(capture_id)
        if shown is not None:
            await self._writer.write(partial(self._records.dequeue, shown))

    async def go_on(self) -> AssetCounts:
        """Fetch what captures of the same run show that a process had stored which was stopped. Raises ArchiveError."""
        counts = AssetCounts()
        for waiting in (await self._writer.write(self.take_over)).values():
            for one in waiting:
                counts += await self.fetch(one)
        return counts

    def take_over(self) -> dict[str, list[int]]:
        """The captures that wait, by host: of this run, and of earlier ones of its job; in a transaction."""
        if self._run_id is None:
            return {}
        self._records.go_on(self._run_id)
        return self._records.waiting(self._run_id)

    async def fetch(self, capture_id: int) -> AssetCounts:
        """Fetch what a capture shows, as far as it can be had; the capture waits no more. Raises ArchiveError."""
        counts = await self._fetch(capture_id)
        await self._writer.write(partial(self._records.dequeue, capture_id))
        return counts

    async def _fetch(self, capture_id: int) -> AssetCounts:
        try:
            page = PageToRead.of(self._archive.capture(capture_id), self._archive.rendering(capture_id))
        except ArchiveError:
            return AssetCounts()  # its body was let go, or is damaged
        if page.url is None:
            return AssetCounts()
        view = PageView(
            capture_id,
            page.url,
            web=self._web,
            archive=self._archive,
            writer=self._writer,
            manners=self._manners,
            settings=self._settings,
            run_id=self._run_id,
            read_style=self._read_style,
        )
        wanted = await self._read(_wanted_by_page, page.html, page.url, page.content_type)
        return AssetCounts(failed=1, reasons={"extraction": 1}) if wanted is None else await view.fetch(wanted)

    def _shown(self, capture_id: int) -> int | None:
        if self._archive.stored_capture(capture_id).status != 304:
            return capture_id
        before = self._archive.shown_before(capture_id)
        return None if before is None or self._records.count(before) else before

    async def _read_style(self, asset: StoredAsset) -> Sequence[Wanted]:
        key = (asset.sha256, asset.final_url)
        if key in self._styles:
            self._styles.move_to_end(key)
            return self._styles[key]
        try:
            body = self._archive.body(asset.sha256 or "")
        except ArchiveError:
            return ()
        found = await self._read(_wanted_by_style, body, asset.final_url, asset.content_type) or ()
        self._styles[key] = found
        if len(self._styles) > _STYLES_KEPT:
            self._styles.popitem(last=False)
        return found

    async def _read(self, function: Callable[..., T], *arguments: object) -> T | None:
        """What a worker makes of it; None when it could not."""
        try:
            return await self._pool.call(function, *arguments)
        except asyncio.CancelledError:
            raise
        except Exception:  # noqa: BLE001 - a worker may die of anything; then the page has what it has
            return None


def _wanted_by_page(html: bytes, url: str, content_type: str | None) -> list[Wanted]:
    from scraper.rewriting.wanted import wanted_by_page

    return wanted_by_page(html, url, content_type)


def _wanted_by_style(body: bytes, url: str, content_type: str | None) -> list[Wanted]:
    from scraper.rewriting.wanted import wanted_by_style

    return wanted_by_style(body, url, content_type)
