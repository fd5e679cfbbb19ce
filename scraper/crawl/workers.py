"""Extraction in processes of its own: a page that hangs or devours memory costs a worker, not the run."""

from __future__ import annotations

import asyncio
import gc
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeVar, cast

from pebble import ProcessExpired, ProcessPool

from scraper.article import READABLE, Article
from scraper.capture import Capture, Rendering
from scraper.errors import ExtractionFailed
from scraper.urls import canonical

if TYPE_CHECKING:
    from scraper.extract import Extraction

T = TypeVar("T")

MEMORY_LIMIT = 2 * 1024**3
"""Bytes of address space a worker may take."""
TIME_LIMIT = 30.0
"""Seconds one page may take."""
_HEALTH_CHECK = 1.0
"""Seconds between two looks whether the workers still live."""
_PAGES_PER_WORKER = 1000  # then a fresh process: C libraries fragment memory over thousands of pages


@dataclass(frozen=True, slots=True)
class PageToRead:
    """What a worker is sent: plain values, cheap to pickle."""

    html: bytes
    url: str | None
    content_type: str | None = None
    captured_at: datetime | None = None

    @classmethod
    def of(cls, capture: Capture, rendering: Rendering | None = None) -> PageToRead:
        """A captured page: as a browser drew it, where one did; else as it was received."""
        if rendering is not None and rendering.dom is not None:
            return cls(rendering.dom, rendering.url, "text/html; charset=utf-8", capture.fetched_at)
        return cls(capture.body or b"", capture.final_url, capture.content_type, capture.fetched_at)


@dataclass(frozen=True, slots=True)
class PageRead:
    """What a worker sends back."""

    article: Article
    notes: tuple[str, ...] = ()
    """What a user should know about how the page was read, such as bytes that are no text."""
    is_shell: bool = False
    """Whether there may be an article where a browser runs the page's scripts."""
    pages: tuple[str, ...] = ()
    """Addresses of the other pages that the article is split over, in their order; as far as this one links to them."""


class ExtractionPool:
    """Worker processes that extract. Use as a context manager; leaving it ends every worker.

    `selectors` is the folder of site files (None: the packaged ones), loaded once per worker.
    """

    def __init__(
        self, *, workers: int | None = None, selectors: Path | None = None, time_limit: float = TIME_LIMIT
    ) -> None:
        self._time_limit = time_limit
        self._selectors = selectors
        self._workers = workers or os.cpu_count() or 1
        self._pool = self._new_pool()
        self._start = threading.Thread(target=self._warm_up, name="extraction-pool-start", daemon=True)

    @property
    def workers(self) -> int:
        """Pages that are read at a time."""
        return self._workers

    def _new_pool(self) -> ProcessPool:
        return ProcessPool(
            max_workers=self._workers,
            max_tasks=_PAGES_PER_WORKER,
            initializer=_start_worker,
            context=_context(),
        )

    def __enter__(self) -> ExtractionPool:
        # The workers' imports take a second, and pebble waits for them: in a thread, while pages are fetched.
        self._start.start()
        return self

    def _warm_up(self) -> None:
        with suppress(Exception):  # what goes wrong here is raised again by the first page
            self._pool.schedule(_warm_up, args=[self._selectors])

    def _running(self) -> ProcessPool:
        """The pool; a new one when it broke, as it does when a worker is killed that had nothing to do."""
        if not self._pool.active:
            self._end()
            self._pool = self._new_pool()
        return self._pool

    def _end(self) -> None:
        self._pool.stop()  # type: ignore[no-untyped-call]  # pebble leaves it without annotations
        self._pool.join(timeout=5)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._start.join()
        self._end()

    async def read(self, page: PageToRead) -> PageRead:
        """Extract in a worker. Raises what `explained` turns into ExtractionFailed."""
        return await self.call(_read, page, self._selectors)

    async def call(self, function: Callable[..., T], *arguments: Any) -> T:
        """Run a function of a module in a worker: what it does to time and memory is bounded as for a page.

        Raises what it raises, and what `explained` turns into ExtractionFailed.
        """
        try:
            return await self._call_once(function, arguments)
        except BrokenProcessPool:
            return await self._call_once(function, arguments)  # what was read was not at fault

    async def _call_once(self, function: Callable[..., T], arguments: Sequence[Any]) -> T:
        pool = self._running()
        future = pool.schedule(function, args=arguments, timeout=self._time_limit)
        reading: asyncio.Future[T] = asyncio.wrap_future(cast("Future[T]", future))
        try:
            # A pool that breaks forgets the pages that waited for a worker.
            while not (await asyncio.wait([reading], timeout=_HEALTH_CHECK))[0]:
                if not pool.active and not reading.done():
                    raise BrokenProcessPool("The workers are gone")
        except BaseException:
            reading.cancel()
            raise
        return reading.result()

    def read_all(self, pages: Iterable[PageToRead]) -> list[Extraction | ExtractionFailed]:
        """Extract with reasons, in order; a page that could not be read is its error."""
        schedule = partial(self._running().schedule, read_with_reasons, timeout=self._time_limit)
        futures = [schedule(args=[page, self._selectors]) for page in pages]
        out: list[Extraction | ExtractionFailed] = []
        for future in futures:
            try:
                out.append(future.result())
            except Exception as error:  # noqa: BLE001 - whatever a worker died of becomes this page's reason
                out.append(explained(error, self._time_limit))
        return out

    def read_highlighted(self, page: PageToRead) -> tuple[Extraction, str] | ExtractionFailed:
        """Extract with reasons, and write the page with its blocks marked; an error if it could not be read."""
        future = self._running().schedule(_read_highlighted, args=[page, self._selectors], timeout=self._time_limit)
        try:
            return future.result()
        except Exception as error:  # noqa: BLE001 - whatever a worker died of becomes this page's reason
            return explained(error, self._time_limit)

    def explained(self, error: BaseException) -> ExtractionFailed:
        """A worker's failure in words for the archive and the user."""
        return explained(error, self._time_limit)


def explained(error: BaseException, time_limit: float = TIME_LIMIT) -> ExtractionFailed:
    """Why a worker brought no article: too slow, too big, killed, or a fault in the extractor."""
    if isinstance(error, FutureTimeout | TimeoutError):
        return ExtractionFailed(f"the page took longer than {time_limit:g} seconds to read and was given up")
    if isinstance(error, MemoryError):
        return ExtractionFailed(f"the page took more than {MEMORY_LIMIT >> 20} MiB to read and was given up")
    if isinstance(error, ProcessExpired):
        return ExtractionFailed("the process reading the page died", why=f"exit code {error.exitcode}")
    if isinstance(error, BrokenProcessPool):
        return ExtractionFailed("the processes that read pages died", why=str(error))
    return ExtractionFailed(f"the extractor failed on the page: {type(error).__name__}: {error}")


def _context() -> multiprocessing.context.BaseContext:
    # A fork server imports the extractor once; a fork of this process would copy sockets and an open database.
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["scraper.crawl.workers", "scraper.extract", "trafilatura"])
    return context


def _start_worker() -> None:
    # A page is read into tens of thousands of objects of which none are in a cycle: looking for cycles after every 700
    # new ones, as Python does, frees nothing and takes a twentieth of the time, more when it goes through all modules.
    gc.freeze()
    gc.set_threshold(50_000)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent decides what ends
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT, MEMORY_LIMIT))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _warm_up(selectors: Path | None) -> None:
    from scraper.extract import load_site_files

    load_site_files(selectors)


def _read(page: PageToRead, selectors: Path | None) -> PageRead:
    extraction = read_with_reasons(page, selectors)
    article = extraction.article
    may_go_on = article.verdict in READABLE and (extraction.next_page is not None or _is_numbered(page.url))
    pages = _other_pages(page) if may_go_on else ()
    return PageRead(article, tuple(extraction.notes), extraction.is_shell, pages)


def _is_numbered(url: str | None) -> bool:
    """Whether an address may be that of a further page of an article."""
    from scraper.extract.pagination import numbered

    return url is not None and bool(numbered(canonical(url)))


def _other_pages(page: PageToRead) -> tuple[str, ...]:
    from scraper.crawl.discovery.pagination import pages_of_article

    return pages_of_article(page.html, url=page.url, content_type=page.content_type) if page.url else ()


def read_with_reasons(page: PageToRead, selectors: Path | None) -> Extraction:
    """Extract in this process: what the functions that workers run begin with."""
    from scraper.extract import extract_with_reasons, load_site_files

    return extract_with_reasons(
        page.html,
        url=page.url,
        content_type=page.content_type,
        captured_at=page.captured_at,
        sites=load_site_files(selectors),
    )


def _read_highlighted(page: PageToRead, selectors: Path | None) -> tuple[Extraction, str]:
    from scraper.extract.highlight import highlighted
    from scraper.extract.page import Page

    extraction = read_with_reasons(page, selectors)
    again = Page.read(page.html, url=page.url, content_type=page.content_type, captured_at=page.captured_at)
    return extraction, highlighted(again, extraction.body)
