"""Articles that are split over numbered pages: which addresses come after a page, and what is there.

Each further page is fetched in its host's turn, and kept and read as a page of its own, too.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

from scraper.article import Article, CaptureRef
from scraper.capture import Capture
from scraper.crawl.fetched import Fetched
from scraper.crawl.workers import ExtractionPool, PageToRead
from scraper.crawl.writer import Writer
from scraper.errors import ArchiveError, HostPaused, LoginFailed
from scraper.extract.pagination import Numbered, numbered
from scraper.store import Archive
from scraper.urls import canonical

MOST_PAGES = 40
"""Further pages of one article that are fetched."""


@dataclass(frozen=True, slots=True)
class FurtherPage:
    """A further page of an article."""

    url: str
    ref: CaptureRef
    article: Article


class FurtherPages:
    """Gets the pages that articles go on at; `fetch` is how a page is fetched and kept."""

    def __init__(
        self, fetch: Callable[[str], Awaitable[Fetched]], *, archive: Archive, writer: Writer, pool: ExtractionPool
    ) -> None:
        self._fetch = fetch
        self._archive = archive
        self._writer = writer
        self._pool = pool

    async def of(self, capture: Capture, named: Sequence[str]) -> tuple[list[FurtherPage], str | None]:
        """The pages that an article goes on at, in their order; and why that is not all of them, or None.

        `capture` is of its first page (else there are none), which names the others. Raises ArchiveError.
        """
        pages: list[FurtherPage] = []
        if first_page(capture.final_url, named) is not None:
            return [], None
        waiting = later_pages(capture.final_url, named)
        known = {capture.final_url, *waiting}
        while waiting:
            url = waiting.pop(0)
            if len(pages) >= MOST_PAGES:
                return pages, f"the article goes on at {url}, and {MOST_PAGES} pages of it were read"
            try:
                fetched = await self._fetch(url)
            except (HostPaused, LoginFailed) as refused:
                return pages, f"the article goes on at {url}, which could not be asked for: {refused}"
            outcome = await self._read(fetched)
            if isinstance(outcome, str):
                return pages, f"the article goes on at {url}, which was not read: {outcome}"
            page, names = outcome
            pages.append(page)
            new = [later for later in later_pages(url, names) if later not in known]
            known.update(new)
            waiting += new
        return pages, None

    async def _read(self, fetched: Fetched) -> tuple[FurtherPage, tuple[str, ...]] | str:
        """One further page, and those that it names; or why there is none."""
        capture, ref = fetched.capture, fetched.ref
        if capture.status == 304 and fetched.known is not None and fetched.is_conditional:
            validated = fetched.known.capture_id
            await self._writer.write(lambda: self._archive.add_check(ref.id, validated))
            capture, ref = self._archive.capture(validated), replace(ref, id=validated)
        if not capture.ok or capture.body is None:
            return capture.failure.message if capture.failure else f"the server answered {capture.status}"
        try:
            read = await self._pool.read(PageToRead.of(capture))
        except asyncio.CancelledError:
            raise
        except ArchiveError:
            raise
        except Exception as error:  # noqa: BLE001 - a worker may die of anything; the capture is kept with the reason
            reason = str(self._pool.explained(error))
            await self._writer.write(lambda: self._archive.mark_extraction_failed(ref.id, reason))
            return reason
        if ref is fetched.ref:
            await self._writer.write(lambda: self._archive.add_article(ref.id, read.article))
        return FurtherPage(capture.url, ref, read.article), read.pages


def later_pages(url: str, pages: Sequence[str]) -> list[str]:
    """Those of an article's other `pages` that follow the one at `url`."""
    here = canonical(url)
    own = {Numbered(here.rstrip("/"), 1), *numbered(here)}
    return [
        page
        for page in pages
        if any(other.stem == one.stem and other.number > one.number for one in own for other in _readings(page))
    ]


def first_page(url: str, pages: Sequence[str]) -> str | None:
    """The first page of the article of which the one at `url` is a further one; None when it is the first itself."""
    here = canonical(url)
    stems = {one.stem for one in numbered(here) if one.number > 1}
    for page in pages:
        if any(other.stem in stems and other.number == 1 for other in _readings(page)):
            return page
    return None


def _readings(url: str) -> list[Numbered]:
    address = canonical(url)
    return [Numbered(address.rstrip("/"), 1), *numbered(address)]
