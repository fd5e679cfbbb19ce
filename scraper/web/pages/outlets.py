"""The outlets of the archive: what there is of each, and whether what comes in now is whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from scraper.article import READABLE
from scraper.crawl.health import ENOUGH, Share, watched_of
from scraper.store import Alarm, Archive, SiteMeasures
from scraper.store.outlets import OutletCounts, TextFields
from scraper.web.rendering import page
from scraper.web.visits import Answer, Route, Visit

ON_A_PAGE = 50
_DAYS = 7
_MOST_TEXTS = 10_000
"""Texts that are counted of each outlet in the list."""
_RUNS = 50
_TEXTS = 50
_ALARMS = 20
YIELD = "articles"
FIELDS = ("headline", "authors", "published_at", "body")
"""What `scrape health` calls shares of texts that have them; YIELD is that of pages that are what they should be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutletRow:
    counts: OutletCounts
    now: Mapping[str, Share]
    """YIELD and FIELDS, of the last twenty or so; without what is not known. YIELD only of what a crawl measured."""
    alarms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OutletsShown:
    rows: tuple[OutletRow, ...]
    number: int
    more: bool
    """Whether there are more outlets than are listed at all."""
    first: int
    """Place of the first row, from 1."""
    previous: int | None
    following: int | None
    alarms: tuple[Alarm, ...]
    more_alarms: int
    since: str
    until: str
    """The days that `counts.lately` is of."""


def read_outlets(archive: Archive, visit: Visit) -> OutletsShown:
    """A page of them, by name. Raises UsageError."""
    outlets = archive.outlets()
    names, more = outlets.names()
    last_page = max(1, -(-len(names) // ON_A_PAGE))
    at = visit.number("page", highest=last_page) or 1
    shown = names[(at - 1) * ON_A_PAGE : at * ON_A_PAGE]
    until = outlets.newest_day(archive.now().date())
    alarms = [alarm for alarm in archive.health().alarms() if alarm.is_open]
    by_site = Counter(alarm.site for alarm in alarms)
    counts = outlets.counts(shown, until=until, days=_DAYS, most=_MOST_TEXTS)
    return OutletsShown(
        rows=tuple(
            OutletRow(counts=one, now=_now(archive, one.site, until), alarms=by_site[one.site]) for one in counts
        ),
        number=len(names),
        more=more,
        first=(at - 1) * ON_A_PAGE + 1,
        previous=at - 1 if at > 1 else None,
        following=at + 1 if at < last_page else None,
        alarms=tuple(alarms[:_ALARMS]),
        more_alarms=max(0, len(alarms) - _ALARMS),
        since=date.fromordinal(until.toordinal() - _DAYS + 1).isoformat(),
        until=until.isoformat(),
    )


def _now(archive: Archive, site: str, until: date) -> dict[str, Share]:
    runs = list(archive.health().measures(site, limit=_RUNS))
    now = {name: share for name, share in latest_of_runs(runs).items() if name in (YIELD, *FIELDS)}
    # Of what was imported, or archived by hand, there are no measures.
    return now or latest_of_texts(archive.outlets().last_texts(site, until=until, limit=_TEXTS))


def latest_of_runs(runs: list[SiteMeasures]) -> dict[str, Share]:
    """What `scrape health` watches, in the latest of `runs` (newest first) that make enough pages, by its subject."""
    return _known({watched.subject: _latest(map(watched.of_run, runs)) for watched in watched_of(runs)})


def latest_of_texts(texts: Iterable[TextFields]) -> dict[str, Share]:
    """The shares of FIELDS in the texts that can be read, the same way."""
    shares = [shares_of(text) for text in texts if text.verdict in READABLE]
    return _known({name: _latest(one[name] for one in shares) for name in FIELDS})


def shares_of(text: TextFields) -> dict[str, Share]:
    """What one text has of FIELDS."""
    return {name: Share(int(getattr(text, name)), 1) for name in FIELDS}


def _latest(shares: Iterable[Share]) -> Share:
    total = Share(0, 0)
    for share in shares:
        if total.of >= ENOUGH:
            break
        total = total.plus(share)
    return total


def _known(shares: Mapping[str, Share]) -> dict[str, Share]:
    return {name: share for name, share in shares.items() if share.of}


def _show(archive: Archive, visit: Visit) -> Answer:
    return page("outlets.html", visit, shown=read_outlets(archive, visit), fields=FIELDS)


ROUTES = (Route("/outlets", _show),)
