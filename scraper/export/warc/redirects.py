"""Redirects of a file, remembered until the page that they lead to comes."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta

from scraper.capture import Hop
from scraper.export.warc.reading import Place
from scraper.fetch.headers import values
from scraper.urls import resolve

_MOST = 10_000
_MOST_HOPS = 20
_LONGEST = timedelta(hours=1)
"""Between a redirect and its page: crawlers put one into their queue as they do any other address."""


@dataclass(frozen=True, slots=True)
class _Way:
    hops: tuple[Hop, ...]
    began: datetime
    places: tuple[Place, ...]
    """Of the records of its hops."""


class Redirects:
    def __init__(self) -> None:
        # By the address that they lead to.
        self._ways: OrderedDict[str, _Way] = OrderedDict()
        self.forgotten = 0
        """How many led to no page, and are remembered no more."""

    @property
    def places(self) -> list[Place]:
        """Where the records of those that are remembered stand."""
        return [place for way in self._ways.values() for place in way.places]

    def take(self, hop: Hop, date: datetime, place: Place) -> bool:
        """Remember `hop` if it is a redirect; whether it is one."""
        location = next(iter(values(hop.headers, "location")), None)
        if location is None or hop.status not in (301, 302, 303, 307, 308):
            return False
        target = resolve(location, hop.url)
        if target is None:
            self.forgotten += 1
            return True
        before = self._way_to(hop.url, date)
        hops = (*(before.hops if before else ()), hop)[-_MOST_HOPS:]
        places = (*(before.places if before else ()), place)[-_MOST_HOPS:]
        way = _Way(hops, before.began if before else date, places)
        key = target.partition("#")[0]
        if key in self._ways:
            self.forgotten += len(self._ways.pop(key).hops)
        self._ways[key] = way
        if len(self._ways) > _MOST:
            self.forgotten += len(self._ways.popitem(last=False)[1].hops)
        return True

    def leading_to(self, url: str, date: datetime) -> tuple[Hop, ...]:
        """The redirects that led to `url` at that time, the first one first."""
        way = self._way_to(url, date)
        return () if way is None else way.hops

    def unused(self) -> int:
        """How many led to no page."""
        return self.forgotten + sum(len(way.hops) for way in self._ways.values())

    def _way_to(self, url: str, date: datetime) -> _Way | None:
        way = self._ways.get(url)
        if way is None or not timedelta(0) <= date - way.began <= _LONGEST:
            return None
        return self._ways.pop(url)
