"""What the servers saw of a crawler, and what of it was bad manners.

Everything is judged from the log alone, so a log of another process, or of an earlier run, can be judged as well.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal
from urllib.parse import urljoin

from benchmarks.simulated_web.outlets import Outlet
from benchmarks.simulated_web.world import World

ViolationKind = Literal[
    "too_soon", "redirect_too_soon", "at_once", "disallowed", "before_robots", "stale_robots", "retry_after", "agent"
]
ROBOTS_LIFE = 24.5 * 3600
"""Seconds for which a robots.txt may be believed: a day (RFC 9309), and what a run may take that began within it."""
RUN_GAP = 120.0
"""Seconds without any request that part two runs of a crawler."""
_BROWSERS = re.compile(r"mozilla|chrome|safari|webkit|gecko|opera", re.IGNORECASE)
_PRODUCT = re.compile(r"[A-Za-z][\w.-]*/[\w.]+")
_LIBRARIES = ("python-", "curl/", "wget/", "aiohttp", "httpx", "go-http", "java/")


@dataclass(frozen=True, slots=True)
class Entry:
    """One request. Times are the simulation's, in seconds since 1970."""

    host: str
    method: str
    target: str
    """Path with query."""
    arrived: float
    ended: float
    """Just before the last byte of the answer was sent."""
    status: int
    agent: str = ""
    condition: str = ""
    """If-None-Match or If-Modified-Since, as sent; "" for neither."""
    retry_after: float | None = None
    """Seconds that the answer asked to be left alone for."""
    location: str = ""
    size: int = 0
    """Bytes of the body as sent."""
    mishap: str = ""
    connection: int = 0

    @property
    def url(self) -> str:
        return f"http://{self.host}{self.target}"

    @property
    def at(self) -> datetime:
        return datetime.fromtimestamp(self.arrived, UTC)


@dataclass(frozen=True, slots=True)
class Violation:
    """One piece of bad manners."""

    host: str
    kind: ViolationKind
    at: datetime
    detail: str


@dataclass(frozen=True, slots=True)
class Run:
    """A time in which a crawler was at work, in seconds since 1970."""

    began: float
    ended: float


class Watch:
    """The requests that a world's servers saw, in the order in which they came.

    `delay` is what the crawler was told to leave between two requests to a host, in seconds; a Crawl-delay that is
    longer counts instead. `follows_at_once` allows that a redirect to the same host is followed without that pause.
    """

    def __init__(
        self, world: World, entries: Iterable[Entry] = (), *, delay: float = 0.0, follows_at_once: bool = False
    ) -> None:
        self.world = world
        self.entries = list(entries)
        self.delay = delay
        self.follows_at_once = follows_at_once

    @classmethod
    def read(cls, world: World, log: Path, *, delay: float = 0.0, follows_at_once: bool = False) -> Watch:
        """From the log that a server wrote; a last line that is not whole is left out."""
        lines = log.read_text(encoding="utf-8").split("\n")[:-1]
        entries = (Entry(**json.loads(line)) for line in lines)
        return cls(world, entries, delay=delay, follows_at_once=follows_at_once)

    @property
    def pages_asked(self) -> list[Entry]:
        """All requests but those for robots.txt."""
        return [entry for entry in self.entries if entry.target != "/robots.txt"]

    def runs(self) -> list[Run]:
        """When the crawler was at work."""
        found: list[Run] = []
        for entry in sorted(self.entries, key=lambda entry: entry.arrived):
            if found and entry.arrived - found[-1].ended < RUN_GAP:
                found[-1] = Run(found[-1].began, max(found[-1].ended, entry.ended))
            else:
                found.append(Run(entry.arrived, entry.ended))
        return found

    def violations(self) -> list[Violation]:
        """All of them, in the order of time."""
        by_host: dict[str, list[Entry]] = defaultdict(list)
        for entry in self.entries:
            by_host[entry.host].append(entry)
        found: list[Violation] = []
        for host, entries in by_host.items():
            outlet = self.world.by_host.get(host)
            if outlet is not None:
                found += self._of_host(outlet, sorted(entries, key=lambda entry: entry.arrived))
        return sorted(found, key=lambda one: one.at)

    def _of_host(self, outlet: Outlet, entries: list[Entry]) -> Iterator[Violation]:
        delay = max(self.delay, outlet.profile.crawl_delay)
        asked_robots: float | None = None
        wait_until, wait_reason = 0.0, ""
        # The one that ends last, and the one that came last: of several at once, they are not the same.
        ended = before = None
        for entry in entries:
            if why := _dishonest(entry.agent):
                yield _violation(entry, "agent", why)
            if entry.arrived < wait_until:
                yield _violation(entry, "retry_after", f"{wait_until - entry.arrived:.2f} s before {wait_reason}")
            if ended is not None and entry.arrived < ended.ended:
                yield _violation(entry, "at_once", f"while {ended.target} was being answered")
            elif ended is not None and entry.arrived - ended.ended < delay:
                is_followed = before is not None and _leads_to(before, entry)
                if not (is_followed and self.follows_at_once):
                    gap = f"{entry.arrived - ended.ended:.3f} s after {ended.target}, not {delay:g}"
                    yield _violation(entry, "redirect_too_soon" if is_followed else "too_soon", gap)
            if entry.target == "/robots.txt":
                asked_robots = entry.arrived
            elif asked_robots is None:
                yield _violation(entry, "before_robots", "robots.txt was not asked for")
            elif entry.arrived - asked_robots > ROBOTS_LIFE:
                yield _violation(
                    entry, "stale_robots", f"robots.txt is {(entry.arrived - asked_robots) / 3600:.1f} h old"
                )
            if not outlet.allows(entry.target):
                yield _violation(entry, "disallowed", "robots.txt forbids it")
            if entry.retry_after is not None and entry.ended + entry.retry_after > wait_until:
                wait_until = entry.ended + entry.retry_after
                wait_reason = f"the end of Retry-After: {entry.retry_after:g}"
            before = entry
            if ended is None or entry.ended > ended.ended:
                ended = entry


def _violation(entry: Entry, kind: ViolationKind, detail: str) -> Violation:
    return Violation(entry.host, kind, entry.at, f"{entry.method} {entry.target}: {detail}")


def _leads_to(before: Entry, entry: Entry) -> bool:
    return bool(before.location) and urljoin(before.url, before.location).partition("#")[0] == entry.url


def _dishonest(agent: str) -> str:
    """Why a User-Agent does not say who is asking; "" when it does."""
    if not agent:
        return "no User-Agent"
    if _BROWSERS.search(agent):
        return f"it passes for a browser: {agent}"
    if not _PRODUCT.match(agent) or agent.lower().startswith(_LIBRARIES):
        return f"it names nobody: {agent}"
    return ""


def first_run_from(runs: list[Run], moment: float) -> Run | None:
    """The first run that begins at `moment` or later."""
    place = bisect_left(runs, moment, key=lambda run: run.began)
    return runs[place] if place < len(runs) else None


def as_line(entry: Entry) -> str:
    """An entry as a line of the log."""
    return json.dumps({key: value for key, value in asdict(entry).items() if value not in ("", None)}) + "\n"
