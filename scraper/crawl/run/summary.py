"""What a run did, told as it happens and at its end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from scraper.crawl.assets.counts import AssetCounts
from scraper.crawl.way import Outcome
from scraper.store import FrontierPage, Source, SourceCheck


@dataclass(slots=True)
class SiteCounts:
    """What a run did on one site."""

    found: int = 0
    """Addresses that were new, and wanted."""
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    labelled: int = 0
    """Pages that are no articles."""
    failed: int = 0
    gone: int = 0


@dataclass(slots=True)
class CrawlSummary:
    """What a run did."""

    fetched: int = 0
    """Pages that were asked for."""
    sources: int = 0
    """Feeds, sitemaps, home and section pages that were looked at."""
    sources_failed: int = 0
    starts_failed: int = 0
    """Those of them that the user named."""
    waiting: int = 0
    """Pages that the run left for the next one."""
    sites: dict[str, SiteCounts] = field(default_factory=dict)
    reasons: dict[str, int] = field(default_factory=dict)
    """Of pages that failed, are gone or are no articles, by code."""
    resting: dict[str, str] = field(default_factory=dict)
    """Hosts that the run left alone, and why."""
    only_woken: bool = False
    """Whether the run was only for sources that hubs told news of."""
    assets: AssetCounts | None = None
    """What came of pictures and styles of articles; None where nobody asked for them."""
    stopped: str | None = None
    """Why the run ended before everything was done: `limit`; None when it was done."""

    def of_site(self, site: str) -> SiteCounts:
        return self.sites.setdefault(site, SiteCounts())

    def total(self, name: str) -> int:
        """A count of all sites."""
        return sum(getattr(counts, name) for counts in self.sites.values())

    def as_dict(self) -> dict[str, Any]:
        """As `runs.summary` keeps it."""
        totals = {name.name: self.total(name.name) for name in fields(SiteCounts)}
        return {**totals, **asdict(self)}


@dataclass(frozen=True, slots=True, kw_only=True)
class PageDone:
    """A page was dealt with."""

    page: FrontierPage
    outcome: Outcome
    state: str
    """What the frontier says of it now."""
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceDone:
    """A source was looked at."""

    source: Source
    check: SourceCheck


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetsDone:
    """What a page shows was fetched, as far as it could be."""

    capture_id: int
    counts: AssetCounts


Report = Callable[[PageDone | SourceDone | AssetsDone], None]


@dataclass(slots=True)
class Progress:
    """How a running crawl stands, for whoever shows it."""

    summary: CrawlSummary = field(default_factory=CrawlSummary)
    hosts: int = 0
    """At work, or in a pause."""
    reading: int = 0
    waiting: int = 0
    """Pages to be fetched, as of the last look."""
