"""robots.txt of each origin: fetched when needed, remembered for as long as it says, asked before every request."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cached_property, partial
from typing import Protocol

import ada_url

from scraper.capture import Capture, Failure
from scraper.errors import (
    AddressForbidden,
    ConnectionFailed,
    ConnectionRefused,
    DnsError,
    FetchError,
    FetchTimeout,
    ProxyFailed,
    RobotsDenied,
    TlsError,
)
from scraper.fetch.robots.rules import Rules, parse

ROBOTS_SIZE = 512 * 1024
"""Bytes that are read; the standard asks for at least 500 KiB, and what follows counts as not there."""
ROBOTS_REDIRECTS = 5
"""Redirects that are followed; with more the standard lets us take it that there is none."""
LONGEST_LIFE = timedelta(hours=24)
SHORTEST_LIFE = timedelta(minutes=5)
"""Whatever a server says: asking again with every page would be no courtesy."""
RETRY_AFTER = timedelta(minutes=10)
"""For a robots.txt that could not be had."""
LONGEST_DELAY = 60.0
"""Seconds of a Crawl-delay that are honoured: a site that asks for hours means "go away", which Disallow says."""

_PRODUCT = re.compile(r"[A-Za-z_-]+")
_MAX_AGE = re.compile(r"(?:^|[\s,])max-age\s*=\s*\"?(\d{1,10})", re.IGNORECASE)
_NOT_KEPT = re.compile(r"(?:^|[\s,])no-(?:store|cache)(?:$|[\s,;])", re.IGNORECASE)


@dataclass(frozen=True)
class Robots:
    """What is known of an origin's robots.txt. Either `text`, or why there is none."""

    origin: str
    fetched_at: datetime
    expires_at: datetime
    status: int | None = None
    """Of the answer; None when none came."""
    text: str = ""
    failure: Failure | None = None
    """Set when it could not be had: then everything is forbidden."""

    @cached_property
    def rules(self) -> Rules:
        return parse(self.text)


class Memory(Protocol):
    """Where what is known is kept."""

    def recall(self, origin: str) -> Robots | None: ...

    def remember(self, robots: Robots) -> None: ...


class ShortMemory:
    """Until the process ends."""

    def __init__(self) -> None:
        self._known: dict[str, Robots] = {}

    def recall(self, origin: str) -> Robots | None:
        return self._known.get(origin)

    def remember(self, robots: Robots) -> None:
        self._known[robots.origin] = robots


class RobotsKeeper:
    """Asks robots.txt before a page is asked for.

    `fetch` gets one URL of a robots.txt as a capture: at most ROBOTS_SIZE bytes of it, over at most ROBOTS_REDIRECTS.
    `agent` is the User-Agent sent; its first word is the name that groups are looked up by.
    """

    def __init__(
        self,
        fetch: Callable[[str], Awaitable[Capture]],
        *,
        agent: str,
        clock: Callable[[], datetime],
        memory: Memory | None = None,
    ) -> None:
        match = _PRODUCT.match(agent)
        self._agent = match[0] if match else agent
        self._fetch = fetch
        self._clock = clock
        self._memory = memory or ShortMemory()
        self._under_way: dict[str, asyncio.Task[Robots]] = {}

    async def permit(self, url: str) -> None:
        """Return when `url` may be fetched. Raises RobotsDenied, naming the rule.

        Where nothing of the host can be had, that is raised as the FetchError a page would meet.
        """
        robots = await self.of(url)
        if robots.failure is not None:
            raise _unreachable(robots.origin, robots.failure)
        decision = robots.rules.decide(url, self._agent)
        if not decision.allowed and decision.rule is not None:
            raise RobotsDenied(
                f"The robots.txt of {robots.origin} forbids it",
                why=f"line {decision.rule.line} says `{decision.rule.text[:200]}`",
            )

    def delay_of(self, robots: Robots) -> float:
        """Seconds the site asks to leave between two fetches, at most LONGEST_DELAY; 0 when it asks for nothing."""
        return min(robots.rules.delay(self._agent) or 0.0, LONGEST_DELAY)

    def known(self, url: str) -> Robots | None:
        """What is known of the robots.txt for `url`; None when it is not known, or too old."""
        known = self._memory.recall(_origin(url))
        # One that is of the future was fetched by a clock that has been set back, and may be older than it seems.
        return known if known is not None and known.fetched_at <= self._clock() < known.expires_at else None

    async def of(self, url: str) -> Robots:
        """What the robots.txt for `url` is, fetched when it is not known or too old."""
        known = self.known(url)
        if known is not None:
            return known
        origin = _origin(url)
        task = self._under_way.get(origin)
        if task is None:
            # A task of its own: several pages wait for it, and the first of them may be cancelled.
            task = self._under_way[origin] = asyncio.create_task(self._ask(origin))
            task.add_done_callback(partial(self._done, origin))
        return await asyncio.shield(task)

    def _done(self, origin: str, task: asyncio.Task[Robots]) -> None:
        self._under_way.pop(origin, None)
        if not task.cancelled():
            task.exception()  # marks it as seen: all who waited for it may have been cancelled

    async def _ask(self, origin: str) -> Robots:
        robots = _understood(origin, await self._fetch(f"{origin}/robots.txt"), self._clock())
        self._memory.remember(robots)
        return robots


def _origin(url: str) -> str:
    return str(ada_url.URL(url).origin)


def _understood(origin: str, capture: Capture, now: datetime) -> Robots:
    """What an answer means (RFC 9309 2.3.1): a text, nothing to obey (4xx), or all forbidden (5xx, no answer)."""
    status, failure = capture.status, capture.failure
    if failure is not None and failure.code == "redirects":
        # More redirects than anybody needs: as if there were none.
        return Robots(origin, now, now + LONGEST_LIFE, status)
    if failure is None and status is not None and status >= 500:
        failure = Failure(code=RobotsDenied.code, message=f"The server answered {status}")
    if failure is not None:
        return Robots(origin, now, now + RETRY_AFTER, status, failure=failure)
    found = status is not None and 200 <= status < 300
    text = (capture.body or b"").decode("utf-8", errors="replace") if found else ""
    return Robots(origin, now, now + _lifetime(capture, now), status, text)


def _lifetime(capture: Capture, now: datetime) -> timedelta:
    said = capture.header("cache-control") or ""
    if _NOT_KEPT.search(said):
        return SHORTEST_LIFE
    if match := _MAX_AGE.search(said):
        life = timedelta(seconds=int(match[1]))
    else:
        try:
            life = parsedate_to_datetime(capture.header("expires") or "") - now
        except (ValueError, TypeError, OverflowError):  # TypeError: a date without a time zone
            life = LONGEST_LIFE
    return min(max(life, SHORTEST_LIFE), LONGEST_LIFE)


def _unreachable(origin: str, failure: Failure) -> FetchError:
    """The error for a page whose robots.txt cannot be had: without leave, the standard says, nothing is fetched."""
    kind = _HOST_FAILURES.get(failure.code)
    if kind is not None:  # no page of the host could be had either, and for this reason
        return kind(failure.message)
    why = f"{failure.message}; until it can be, everything is forbidden"
    return RobotsDenied(f"The robots.txt of {origin} could not be had", why=why)


_OF_THE_HOST: tuple[type[FetchError], ...] = (
    DnsError,
    ProxyFailed,
    ConnectionRefused,
    ConnectionFailed,
    FetchTimeout,
    AddressForbidden,
    TlsError,
    *TlsError.__subclasses__(),
)
_HOST_FAILURES = {kind.code: kind for kind in _OF_THE_HOST}
