"""Manners towards hosts: one fetch at a time, a pause between two, more patience with those in trouble.

Who may ask a host is written in the archive, so that processes which share one also share their manners, and a run that
was killed leaves no host asked twice. Robots.txt is a fetch like any other: it has its turn, and the pause after it.
"""

from __future__ import annotations

import asyncio
import random
import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, nullcontext
from datetime import datetime
from email.utils import parsedate_to_datetime

from scraper.capture import Capture, Failure, Hop
from scraper.crawl.writer import Writer
from scraper.errors import FetchError, HostPaused
from scraper.fetch.identity.logins import Logins
from scraper.fetch.robots import Robots, RobotsKeeper
from scraper.settings import FetchSettings
from scraper.store import Archive, HostState, Lease, StoredRobots, named
from scraper.urls import host_of

PATIENCE = 30.0
"""Seconds a run waits for a host that wants more than the usual pause; its pages fail when it wants longer."""
ENOUGH = 5
"""Failures in a row after which a host is left alone."""
FIRST_REST, LONGEST_REST = 60.0, 3600.0
"""Seconds it is then left alone: doubled with each failure more."""
LONGEST_PACE = 60.0
SLOW = 1.0
"""Seconds to the first byte from which a server is given as long to recover."""
WITHIN_PAGE = 0.1
"""Part of the pause between two pages that lies between two pictures of one."""
_LOOK_AGAIN = 0.25
"""Seconds between two looks whether somebody else is done with a host."""
_TROUBLED = frozenset({"timeout", "connect", "refused", "dns", "protocol"})
PASSING_FAILURES = frozenset({"timeout", "connect", "refused"})
PASSING_STATUSES = frozenset({429, 500, 502, 503, 504})
_ASKS_FOR_PATIENCE = frozenset({429, 503})


class Turn:
    """The right to fetch one URL from its host. `done` gives it back."""

    def __init__(self, manners: Manners, url: str, owner: str, state: HostState) -> None:
        self._manners = manners
        self._url = url
        self._owner = owner
        self._state = state
        self._is_over = False

    async def done(self, capture: Capture | None) -> None:
        """The fetch brought `capture`; None when there was none after all. The host's pause begins."""
        if not self._is_over:
            self._is_over = True
            await self._manners.give_back(self._url, self._owner, self._state, capture)


class Visit:
    """The fetch of one page, or of several things that one page shows, at whichever hosts it takes place."""

    def __init__(
        self, manners: Manners, turns: AsyncExitStack, url: str, turn: Turn, *, of_one_page: bool = False
    ) -> None:
        self._manners = manners
        self._of_one_page = of_one_page
        self._turns = turns
        self._host = host_of(url)
        self._turn = turn
        self._has_asked = False

    async def permit(self, url: str) -> None:
        """Return when `url`, which a redirect may have led to, may be fetched. Raises FetchError: HostPaused, …"""
        host = host_of(url)
        if host != self._host:
            # The one before is free first: two that wait for each other would wait for ever.
            await self._turn.done(None)
            await self._manners.ask_robots(url, has_place=True)
            self._turn = await self._turns.enter_async_context(self._manners.turn(url, has_place=True))
            self._host = host
        elif self._has_asked and not self._of_one_page:
            await self._manners.pause_within(url)
        await self._manners.ask_leave(url)
        if self._has_asked and self._of_one_page:
            await asyncio.sleep(self._manners.pause_within_page(url))
        self._has_asked = True

    async def done(self, capture: Capture) -> None:
        """The fetch brought `capture`; the pause of the host that it ended at begins."""
        await self._turn.done(capture)


class Manners:
    """Hands out turns. `keeper` is asked for what robots.txt says of pauses; None when robots.txt is ignored."""

    def __init__(
        self, archive: Archive, writer: Writer, settings: FetchSettings, keeper: RobotsKeeper | None = None
    ) -> None:
        self._archive = archive
        self._writer = writer
        self._settings = settings
        self._keeper = keeper
        self._slots = asyncio.Semaphore(settings.concurrency)
        # Longer than a fetch can take, so that nobody else takes a host that is being asked.
        self._lease_time = settings.timeout + 10.0

    @asynccontextmanager
    async def turn(self, url: str, *, has_place: bool = False) -> AsyncIterator[Turn]:
        """Wait until `url` may be fetched: a place among those at work, and its host. Raises HostPaused.

        Whoever is at work already, and `has_place`, takes no second one.
        """
        host = host_of(url)
        # A name of its own: pages of several hosts may be redirected to one at the same time.
        owner = named(secrets.token_hex(4))
        while True:
            async with nullcontext() if has_place else self._slots:
                lease = await self._lease(host, owner)
                if not lease.wait:
                    turn = Turn(self, url, owner, lease.state)
                    try:
                        yield turn
                    finally:
                        await turn.done(None)
                    return
            if lease.is_taken:
                await asyncio.sleep(min(lease.wait, _LOOK_AGAIN))
            elif lease.wait > max(PATIENCE, 2 * self._settings.delay):
                raise _paused(host, lease)
            else:
                await asyncio.sleep(lease.wait)

    async def ask_leave(self, url: str) -> None:
        """Return when robots.txt does not forbid `url`; its host is leased. Raises the FetchError that says why not."""
        if self._keeper is None:
            return
        # It may have been known when the host's turn was asked for, and have run out since.
        was_known = self._keeper.known(url) is not None
        await self._keeper.permit(url)
        if not was_known:
            await asyncio.sleep(self._pause(url))

    async def ask_robots(self, url: str, *, has_place: bool = False) -> None:
        """Fetch the robots.txt for `url` in a turn of its own, unless it is known. Raises HostPaused."""
        if self._keeper is not None and self._keeper.known(url) is None:
            async with self.turn(url, has_place=has_place) as turn:
                await turn.done(_as_capture(url, await self._keeper.of(url)))

    async def pause_within(self, url: str) -> None:
        """Sit out the pause of a host between two requests of one fetch: a redirect is no reason to hurry.

        At most a third of the time that a fetch may take in all, for the pause is part of it.
        """
        await asyncio.sleep(min(self._pause(url), self._settings.timeout / 3))

    def pause_within_page(self, url: str) -> float:
        """Seconds between two things that one page shows at the host of `url`: a part of the usual pause.

        Where robots.txt asks for a pause, it is that.
        """
        pause = self._settings.delay * WITHIN_PAGE
        if self._keeper is not None and (robots := self._keeper.known(url)) is not None:
            pause = max(pause, self._keeper.delay_of(robots))
        return pause

    async def log_in(self, url: str, logins: Logins) -> None:
        """Log in to the host of `url` if it was not done, in a turn of its own. Raises HostPaused and LoginFailed."""
        page = logins.page_for(url)
        if page is not None and not logins.is_made(url):
            if self._keeper is not None:
                try:
                    await self._keeper.permit(url)
                except FetchError:
                    return  # the page will not be asked for, and this is the reason that its capture is to name
            async with self.turn(page) as turn:
                attempt = await logins.attempt(url)
                await turn.done(attempt.answer if attempt is not None else None)
        await logins.permit(url)

    @asynccontextmanager
    async def visit(self, url: str, *, of_one_page: bool = False) -> AsyncIterator[Visit]:
        """A turn at the host of `url`, and at each host that it redirects to. Raises HostPaused.

        `of_one_page`: for several things that one page shows, with short pauses between them.
        """
        async with AsyncExitStack() as turns:
            turn = await turns.enter_async_context(self.turn(url))
            yield Visit(self, turns, url, turn, of_one_page=of_one_page)

    async def give_back(self, url: str, owner: str, state: HostState, capture: Capture | None) -> None:
        pause = self._pause(url)
        if capture is not None:
            state, pause = judged(state, capture, pause)
        host = host_of(url)
        await self._writer.write(lambda: self._archive.release_host(host, owner, pause=pause, state=state))

    def _pause(self, url: str) -> float:
        """Seconds between two fetches of the host of `url`, as set, or as its robots.txt asks for."""
        pause = self._settings.delay
        if self._keeper is not None and (robots := self._keeper.known(url)) is not None:
            pause = max(pause, self._keeper.delay_of(robots))
        return pause

    async def _lease(self, host: str, owner: str) -> Lease:
        pause = self._settings.delay
        return await self._writer.write(lambda: self._archive.lease_host(host, owner, self._lease_time, pause=pause))


def judged(state: HostState, capture: Capture, pause: float) -> tuple[HostState, float]:
    """What an answer says of its host, and the seconds to leave it alone; `pause` is what would be usual."""
    code = capture.failure.code if capture.failure else None
    trouble = (
        code in _TROUBLED
        or (code or "").startswith("tls")
        or (code is None and capture.status is not None and capture.status >= 500)
    )
    asked = retry_after(capture) if capture.status in _ASKS_FOR_PATIENCE else None
    if not trouble and capture.status not in _ASKS_FOR_PATIENCE:
        recovered = _recovered(state, capture)
        return recovered, max(pause, recovered.pace)
    failures = state.failures + 1
    # Twice as slow from now on, for a server that says it is asked too often.
    pace = min(LONGEST_PACE, 2 * max(state.pace, pause)) if capture.status in _ASKS_FOR_PATIENCE else state.pace
    rest = _jittered(pause * 2 ** min(failures - 1, 10))
    if failures >= ENOUGH:
        rest = max(rest, _jittered(min(LONGEST_REST, FIRST_REST * 2 ** min(failures - ENOUGH, 10))))
    if asked is not None:
        rest, reason = max(asked, pace), f"it asked to be left alone for {asked:.0f} seconds"
    else:
        reason = f"its last {failures} answers were failures ({code or capture.status})"
    return HostState(pace, failures, reason), max(rest, pause, pace)


def is_passing(capture: Capture) -> bool:
    """Whether what went wrong may well be over in a moment: then the page is worth another try."""
    if capture.failure is not None:
        return capture.failure.code in PASSING_FAILURES
    return capture.status in PASSING_STATUSES


def retry_after(capture: Capture) -> float | None:
    """Seconds that the server asks to be left alone for, counted from its answer; None when it does not say."""
    said = (capture.header("retry-after") or "").strip()
    if said.isascii() and said.isdigit() and len(said) < 10:
        return float(said)
    try:
        until = parsedate_to_datetime(said)
        return max(0.0, (until - _answered_at(capture)).total_seconds())
    except (ValueError, TypeError, OverflowError):
        return None


def _answered_at(capture: Capture) -> datetime:
    """The server's clock where it shows it: what it asks for is by that one."""
    try:
        said = parsedate_to_datetime(capture.header("date") or "")
        return said if said.tzinfo else capture.fetched_at
    except (ValueError, TypeError, OverflowError):
        return capture.fetched_at


def _recovered(state: HostState, capture: Capture) -> HostState:
    """A host that answers is trusted again step by step, and a slow one is given as long as it took."""
    timings = capture.timings
    began = max(timings.asked, timings.tls or 0.0, timings.connected or 0.0)
    latency = (timings.first_byte or 0.0) - began
    wanted = min(latency, LONGEST_PACE) if latency > SLOW else 0.0
    pace = (state.pace + wanted) / 2
    return HostState(pace if pace > 0.05 else 0.0)


def _jittered(seconds: float) -> float:
    # So that hosts which failed together are not asked again together.
    return seconds * random.uniform(0.8, 1.2)  # noqa: S311 - no secret


def _paused(host: str, lease: Lease) -> HostPaused:
    wait = f"{lease.wait / 60:.0f} minutes" if lease.wait >= 120 else f"{lease.wait:.0f} seconds"
    return HostPaused(
        f"The host {host} is left alone for another {wait}",
        why=lease.state.reason or "it was to be left alone",
    )


def _as_capture(url: str, robots: Robots) -> Capture:
    """A robots.txt as what a fetch of the host brought, for judging the host by."""
    hops = () if robots.status is None else (Hop(url=url, status=robots.status),)
    return Capture(url=url, fetched_at=robots.fetched_at, hops=hops, failure=None if hops else robots.failure)


class ArchiveMemory:
    """What robots.txt files say, kept in the archive."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive

    def recall(self, origin: str) -> Robots | None:
        row = self._archive.recall_robots(origin)
        if row is None:
            return None
        failure = None if row.error is None else Failure(code=row.error, message=row.error_message or "")
        return Robots(row.origin, row.fetched_at, row.expires_at, row.status, row.text, failure)

    def remember(self, robots: Robots) -> None:
        failure = robots.failure
        self._archive.remember_robots(
            StoredRobots(
                origin=robots.origin,
                fetched_at=robots.fetched_at,
                expires_at=robots.expires_at,
                status=robots.status,
                text=robots.text,
                error=failure.code if failure else None,
                error_message=failure.message if failure else None,
            )
        )
