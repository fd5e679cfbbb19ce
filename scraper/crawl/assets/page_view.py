"""What one page shows, fetched as one view of it: all that lies at a host in one turn of that host.

A browser asks for all of it at once, six at a time of each host. Here a host is asked for one thing after another, with
a tenth of the pause that lies between two pages, or the whole of the pause that its robots.txt asks for; hosts go side
by side. What robots.txt forbids is left, as for pages: nobody is waiting to see it.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from scraper.capture import Capture, Failure
from scraper.crawl.assets.budget import Budget, why_not
from scraper.crawl.assets.caching import conditions, holds
from scraper.crawl.assets.counts import AssetCounts
from scraper.crawl.manners import Manners, Visit
from scraper.crawl.writer import Writer
from scraper.errors import ArchiveError, HostPaused, UsageError
from scraper.fetch import Fetcher
from scraper.rewriting.assets import Kind
from scraper.rewriting.wanted import Wanted
from scraper.settings import FetchSettings
from scraper.store import Archive, KnownAsset, StoredAsset
from scraper.urls import host_of

_LONGEST_FETCH = 15.0
"""Seconds for one of them."""
_LONGEST_VISIT = 8.0
"""Seconds after which nothing more is begun in one turn of a host: others may wait for it."""
_LONGEST_PAUSE = 2.0
"""Seconds between two of them within a turn."""
_MOST_ADDRESSES = 3
"""Of one thing, that are tried."""
_DEEPEST = 5
"""Styles that import styles."""
_MOST_TROUBLES = 2
"""With one host; then the rest of what it has is left."""
_HOPELESS = frozenset({"dns", "refused", "connect", "forbidden_address", "login", "proxy", "http_429", "http_503"})
_TROUBLES = frozenset({"timeout", "protocol", "http_500", "http_502", "http_504"})
# What any program can show, where a server has a choice: newer formats come where it has none.
_ACCEPT: dict[Kind, str] = {
    "image": "image/*,*/*;q=0.5",
    "style": "text/css,*/*;q=0.1",
    "font": "font/woff2,font/woff;q=0.9,*/*;q=0.5",
}

ReadStyle = Callable[[StoredAsset], Awaitable[Sequence[Wanted]]]
"""What a stored style asks for."""


class PageView:
    """Of one page. `fetch` is called once."""

    def __init__(
        self,
        capture_id: int,
        page_url: str,
        *,
        web: Fetcher,
        archive: Archive,
        writer: Writer,
        manners: Manners,
        settings: FetchSettings,
        run_id: int | None,
        read_style: ReadStyle,
    ) -> None:
        self._capture_id = capture_id
        self._page_url = page_url
        self._web = web
        self._archive = archive
        self._records = archive.assets()
        self._writer = writer
        self._manners = manners
        self._settings = settings
        self._run_id = run_id
        self._read_style = read_style
        self._budget = Budget(settings)
        self._timeout = min(settings.timeout, _LONGEST_FETCH)
        self._seen: set[str] = set()
        self._styles: list[StoredAsset] = []
        """That have yet to be read."""
        self._stored = self._held = self._left_out = 0
        self._reasons: Counter[str] = Counter()

    async def fetch(self, wanted: Sequence[Wanted]) -> AssetCounts:
        """Styles first, as they ask for more; then pictures, then what styles ask for. Raises ArchiveError."""
        waiting = list(wanted)
        try:
            async with asyncio.timeout(self._settings.assets_time):
                for _ in range(1 + _DEEPEST):
                    styles = [one for one in waiting if one.kind == "style"]
                    if not styles:
                        break
                    found = await self._all(styles)
                    waiting = [one for one in waiting if one.kind != "style"] + found
                for in_style in (False, True):
                    await self._all([one for one in waiting if one.kind != "style" and one.in_style == in_style])
        except TimeoutError:
            self._left_out += sum(not self._seen.intersection(one.urls) for one in waiting)
        return AssetCounts(
            stored=self._stored,
            held=self._held,
            failed=self._reasons.total(),
            left_out=self._left_out,
            bytes=self._budget.used,
            reasons=dict(self._reasons),
        )

    async def _all(self, wanted: Iterable[Wanted]) -> list[Wanted]:
        """Fetch these, hosts side by side; what the styles among them ask for."""
        for _ in range(_MOST_ADDRESSES):
            hosts: dict[str, deque[Wanted]] = {}
            for one in wanted:
                if one.urls[0] not in self._seen:
                    self._seen.add(one.urls[0])
                    hosts.setdefault(host_of(one.urls[0]), deque()).append(one)
            again: list[Wanted] = []
            await _side_by_side(self._at_host(left, again) for left in hosts.values())
            wanted = again
            if not again:
                break
        styles, self._styles = self._styles, []
        return [one for style in styles for one in await self._read_style(style)]

    async def _at_host(self, left: deque[Wanted], again: list[Wanted]) -> None:
        """What lies at one host: what is there and still holds is given, the rest asked for in turns of the host.

        What could not be had, and can elsewhere, goes on `again`.
        """
        try:
            for _ in range(len(left)):
                one = left.popleft()
                if not self._budget.take_address():
                    self._left_out += 1
                elif (known := self._records.known(one.urls[0])) and holds(known, self._archive.now()):
                    self._note(one, await self._give(one, known), again)
                else:
                    left.append(one)
            troubles = 0
            while left:
                troubles += await self._in_one_turn(left, again)
                if troubles >= _MOST_TROUBLES:
                    self._reasons["host_paused"] += len(left)
                    return
        except asyncio.CancelledError:
            self._left_out += len(left)
            raise

    async def _in_one_turn(self, left: deque[Wanted], again: list[Wanted]) -> int:
        """Ask a host for what there is time for in one turn; how many troubles there were with it."""
        url = left[0].urls[0]
        time = asyncio.get_running_loop().time
        troubles = 0
        try:
            await self._manners.ask_robots(url)
            async with self._manners.visit(url, of_one_page=True) as visit:
                last: Capture | None = None
                # Who is to be left alone for longer is so between two turns, where others see it.
                ends = time() + (_LONGEST_VISIT if self._manners.pause_within_page(url) < _LONGEST_PAUSE else 0.0)
                while left and troubles < _MOST_TROUBLES and (last is None or time() < ends):
                    capture, failure = await self._ask(left[0], visit)
                    self._note(left.popleft(), failure, again)
                    last = capture or last
                    troubles += 0 if failure is None else _weight(failure.code)
                if last is not None:
                    await visit.done(last)
        except HostPaused as paused:
            self._reasons[paused.code] += len(left)
            left.clear()
        return troubles

    # --- One of them -------------------------------------------------------------------------------------------------

    async def _give(self, one: Wanted, known: KnownAsset) -> Failure | None:
        """Let the page have what is there; why that is nothing to show, or None."""
        asset = known.asset
        if asset.is_held and not self._budget.take(asset.size or 0):
            self._left_out += 1
            return None
        await self._writer.write(lambda: self._records.give(self._capture_id, asset.id))
        if not asset.is_held:
            return Failure(code=asset.error or f"http_{asset.status}", message=asset.error_message or "")
        self._count_held(one, known.whole or asset)
        return None

    async def _ask(self, one: Wanted, visit: Visit) -> tuple[Capture | None, Failure | None]:
        """Fetch it and keep what came: that, and why it is nothing to show, or None."""
        known = self._records.known(one.urls[0])
        if known is not None and holds(known, self._archive.now()):
            return None, await self._give(one, known)  # another page has asked for it meanwhile
        async with self._budget.share() as share:
            if not share.allowance:
                self._left_out += 1
                return None, None
            try:
                capture = await self._fetch(one, known, visit, share.allowance)
            except UsageError as error:
                return None, Failure(code="not_a_url", message=str(error))
            failure = capture.failure
            if failure and failure.code == "too_large" and share.allowance < self._settings.assets_largest:
                self._left_out += 1  # it would have come, had there been more left
                return capture, None
            whole = known.whole if known is not None and capture.status == 304 else None
            failure = failure or _why_nothing(one.kind, capture, has_whole=whole is not None)
            kept = capture
            if failure is not None:
                answered = capture.status is not None and capture.status >= 400
                kept = replace(capture, body=None, failure=None if answered else failure)
            elif whole is not None:
                share.used = whole.size or 0
            else:
                share.used = len(capture.body or b"")
            asset = await self._keep(kept, whole)
        if failure is None and whole is not None:
            self._count_held(one, whole)
        elif failure is None:
            self._stored += 1
            self._read_later(one, asset)
        return capture, failure

    async def _fetch(self, one: Wanted, known: KnownAsset | None, visit: Visit, allowance: int) -> Capture:
        capture = await self._web.fetch(
            one.urls[0],
            headers={
                "Accept": _ACCEPT[one.kind],
                **self._referer(one.urls[0]),
                **conditions(known, self._archive.now()),
            },
            max_body=allowance,
            permit=visit.permit,
            timeout=self._timeout,
        )
        if capture.status == 304:
            capture = replace(capture, body=None)  # it has none, which is not the same as an empty one
        return replace(capture, robots="ignored" if self._settings.ignore_robots else "obeyed")

    def _referer(self, url: str) -> dict[str, str]:
        """Where it stands, as browsers say it: servers give many pictures to pages of their own site alone."""
        page = urlsplit(self._page_url)
        if page.scheme == "https" and not url.startswith("https:"):
            return {}
        origin = f"{page.scheme}://{page.netloc.rpartition('@')[2]}/"
        return {"Referer": origin} if origin.isascii() else {}

    async def _keep(self, capture: Capture, whole: StoredAsset | None) -> StoredAsset:
        def keep() -> StoredAsset:
            validated = None if whole is None else whole.id
            return self._records.stored(
                self._records.add(self._capture_id, capture, run_id=self._run_id, validated=validated)
            )

        return await self._writer.write(keep)

    def _count_held(self, one: Wanted, asset: StoredAsset) -> None:
        self._held += 1
        self._read_later(one, asset)

    def _read_later(self, one: Wanted, asset: StoredAsset) -> None:
        # Not now: its host waits.
        if one.kind == "style":
            self._styles.append(asset)

    def _note(self, one: Wanted, failure: Failure | None, again: list[Wanted]) -> None:
        """Count a failure, unless the same thing can be had at another address."""
        if failure is None:
            return
        if len(one.urls) > 1:
            again.append(replace(one, urls=one.urls[1:]))
        else:
            self._reasons[failure.code] += 1


def _why_nothing(kind: Kind, capture: Capture, *, has_whole: bool) -> Failure | None:
    """Why an answer is nothing to show; None when it is something."""
    if capture.status == 304 and has_whole:
        return None
    if capture.status != 200:
        return Failure(code=f"http_{capture.status}", message=f"the server answered {capture.status}")
    why = why_not(kind, capture)
    return None if why is None else Failure(code="wrong_type", message=why)


def _weight(code: str) -> int:
    """How much of a trouble with its host a failure is."""
    return _MOST_TROUBLES if code in _HOPELESS or code.startswith("tls") else int(code in _TROUBLES)


async def _side_by_side(work: Iterable[Coroutine[Any, Any, None]]) -> None:
    """All of it; of what several ran into, one. Raises ArchiveError."""
    try:
        async with asyncio.TaskGroup() as group:
            for one in work:
                group.create_task(one)
    except ExceptionGroup as errors:
        first = next((e for e in errors.exceptions if isinstance(e, ArchiveError)), errors.exceptions[0])
        raise first from None
