"""From an address and a time to a page that can be sent: the archive is read in its readers' threads, what came from
the web is taken apart in a process that can be killed, and what was made is kept for a while."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from threading import Lock
from typing import Any, Protocol, TypeVar

from scraper.crawl.workers import ExtractionPool, explained
from scraper.errors import ScrapeError
from scraper.rewriting.assets import Asset
from scraper.rewriting.marks import Marks
from scraper.rewriting.pages import BUDGET, Rewritten
from scraper.store import Archive
from scraper.store.captures import StoredCapture
from scraper.store.mementos import MOST_LISTED, Around
from scraper.web.replay.assets import stored_assets
from scraper.web.replay.documents import Source, read_document

T = TypeVar("T")

SECONDS = 20.0
"""How long the rewriting of one page may take."""
_ROUNDS = 3
"""How often a page is rewritten for what its styles turn out to need."""
_MOST_BYTES = 24 << 20
"""Of assets of one page that are read out of captures of their own."""
_KEPT = 64 << 20
"""Characters of rewritten pages that are kept."""

_Key = tuple[int, str, int]
"""A capture, the name of the marks in its page, and how many assets it has: they come after the page."""

StoredAssets = Callable[[Archive, int], Mapping[str, Asset]]
"""What was stored with a capture (its id): assets by the absolute http(s) address, without fragment, that the page or
one of its styles asks for. All of it is read at once, so it must be bounded when it is stored."""


class Ask(Protocol):
    """`Readers.ask`: answers a question about the archive in a thread of its own."""

    def __call__(self, question: Callable[[Archive], T], /) -> Awaitable[T]: ...


class Call(Protocol):
    """`ExtractionPool.call`: runs a function of a module in a process that can be killed."""

    def __call__(self, function: Callable[..., T], /, *arguments: Any) -> Awaitable[T]: ...


class Unreadable(ScrapeError):
    """A captured page that could not be prepared for showing: it took too long, or too much memory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A capture that was found, and what of it there is to see."""

    around: Around
    content: StoredCapture
    """The capture whose bytes are shown: another one for an answer that said that nothing had changed."""
    drawn_at: datetime | None
    """When a browser drew it, where that is what is shown."""

    @property
    def this(self) -> StoredCapture:
        return self.around.this


class Worker:
    """A process of one's own for rewriting, started when it is first needed."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._pool: ExtractionPool | None = None
        self._lock = Lock()

    async def __call__(self, function: Callable[..., T], /, *arguments: Any) -> T:
        with self._lock:
            if self._pool is None:
                self._pool = ExtractionPool(workers=1, time_limit=self._seconds)
                self._pool.__enter__()
        return await self._pool.call(function, *arguments)

    def close(self) -> None:
        with self._lock:
            pool, self._pool = self._pool, None
        if pool is not None:
            pool.__exit__(None, None, None)


class Replay:
    """Captured pages, ready to be sent."""

    def __init__(self, ask: Ask, call: Call | None = None, *, stored_assets: StoredAssets = stored_assets) -> None:
        """`call` runs what reads pages; by default in a process of this object's own, which `close` ends."""
        self.ask = ask
        self._own: Worker | None = None
        if call is None:
            call = self._own = Worker()
        self._call = call
        self._stored_assets = stored_assets
        self._kept: OrderedDict[_Key, Rewritten | None] = OrderedDict()
        self._size = 0
        self._at_work: dict[_Key, asyncio.Task[Rewritten | None]] = {}

    def close(self) -> None:
        if self._own is not None:
            self._own.close()

    async def find(self, url: str, moment: datetime | None) -> Shown | None:
        """The capture of `url` nearest to `moment` (the last one for None); None when there is none."""
        return await self.ask(lambda archive: _shown(archive, url, moment))

    async def list(self, url: str, *, answers: bool, limit: int = MOST_LISTED) -> list[StoredCapture]:
        """The last captures of `url`, oldest first."""
        return await self.ask(lambda archive: archive.mementos().listed(url, answers=answers, limit=limit))

    async def body(self, shown: Shown) -> bytes:
        """What was received, verified. Raises NotInArchive for what was let go, BlobCorrupt."""
        sha256 = shown.content.sha256 or ""
        return await self.ask(lambda archive: archive.body(sha256))

    async def document(self, content: StoredCapture, marks: Marks | None = None) -> Rewritten | None:
        """The page to show; None for what is none. Raises NotInArchive, BlobCorrupt, Unreadable.

        `content` is the capture whose bytes are shown. With `marks` the texts of its blocks are marked: whoever gives
        them gives the same for the same capture and name.
        """
        assets = await self.ask(lambda archive: archive.assets().count(content.id))
        key = content.id, "" if marks is None else marks.name, assets
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        # Whoever asks for the same page meanwhile waits for the same work, which goes on if one of them goes away.
        task = self._at_work.get(key)
        if task is None:
            task = asyncio.create_task(self._made(content, marks))
            self._at_work[key] = task
            task.add_done_callback(lambda done: self._finished(key, done))
        return await asyncio.shield(task)

    async def held(self, document: Rewritten) -> set[str]:
        """Those of a page's links that lead to something in the archive as it is now."""
        urls = list(dict.fromkeys(slot.url for slot in document.links))
        return await self.ask(lambda archive: archive.mementos().held_among(urls)) if urls else set()

    # --- Making ------------------------------------------------------------------------------------------------------

    async def _made(self, content: StoredCapture, marks: Marks | None) -> Rewritten | None:
        source, held = await self.ask(lambda archive: self._read(archive, content))
        for _ in range(_ROUNDS):
            document, is_whole = await self._rewritten(source, held, marks)
            if document is None or not document.missing or not is_whole:
                break
            wanted = [url for url, _ in document.missing]
            left = _MOST_BYTES - sum(len(asset.body) for asset in held.values())
            found = await self.ask(partial(_by_themselves, wanted=wanted, content=content, left=left))
            if not found:
                break
            held = {**held, **found}
        return document

    async def _rewritten(
        self, source: Source, held: Mapping[str, Asset], marks: Marks | None
    ) -> tuple[Rewritten | None, bool]:
        """The page, and whether it has all that it could have."""
        try:
            return await self._call(read_document, source, held, BUDGET, marks), True
        except Exception as error:  # noqa: BLE001 - whatever a worker died of
            reason = str(explained(error, SECONDS))
        # Styles are what takes long, if anything does: without them there is still the text.
        try:
            document = await self._call(read_document, source, {}, 0, marks)
        except Exception as error:
            raise Unreadable(str(explained(error, SECONDS))) from error
        if document is not None:
            document = replace(document, notes=(*document.notes, f"with its styles, {reason}"))
        return document, False

    def _read(self, archive: Archive, content: StoredCapture) -> tuple[Source, dict[str, Asset]]:
        assets = dict(self._stored_assets(archive, content.id))
        rendering = archive.rendering(content.id)
        if rendering is not None and rendering.dom is not None:
            return Source(rendering.dom, rendering.url, "text/html; charset=utf-8"), assets
        body = b"" if content.sha256 is None else archive.body(content.sha256)
        return Source(body, content.final_url, content.content_type), assets

    def _finished(self, key: _Key, task: asyncio.Task[Rewritten | None]) -> None:
        self._at_work.pop(key, None)
        if task.cancelled() or task.exception() is not None:
            return
        document = task.result()
        size = 0 if document is None else document.size
        if size > _KEPT // 2:
            return
        self._kept[key] = document
        self._size += size
        while self._size > _KEPT:
            _, dropped = self._kept.popitem(last=False)
            self._size -= 0 if dropped is None else dropped.size


def _shown(archive: Archive, url: str, moment: datetime | None) -> Shown | None:
    mementos = archive.mementos()
    around = mementos.around(url, moment)
    if around is None:
        return None
    content = around.this
    if content.is_check:
        before = archive.shown_before(content.id)
        content = content if before is None else archive.stored_capture(before)
    return Shown(around=around, content=content, drawn_at=mementos.drawn_at(content.id))


def _by_themselves(archive: Archive, wanted: list[str], content: StoredCapture, left: int) -> dict[str, Asset]:
    """Pictures, styles and fonts that were captured like pages, near in time to the page that shows them."""
    found: dict[str, Asset] = {}
    for url, capture in archive.mementos().captured_by_themselves(wanted, content.fetched_at).items():
        left -= capture.size or 0
        if capture.sha256 is None or left < 0:
            continue
        try:
            found[url] = Asset(archive.body(capture.sha256), capture.content_type, capture.final_url)
        except ScrapeError:
            continue  # its body was let go, or is damaged: it is not held
    return found
