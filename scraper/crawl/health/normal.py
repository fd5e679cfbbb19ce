"""What is normal for a site, in a few numbers for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

from scraper.crawl.health.baseline import ENOUGH, MEMORY, baseline, normal_runs
from scraper.crawl.health.measures import watched_of
from scraper.store import Alarm, Archive, SiteMeasures


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteNormal:
    """A site's normal state, over the last 60 days at most."""

    site: str
    runs: int
    days: float
    articles_a_day: float
    parts: Mapping[str, float]
    """What is watched to its share, 0 to 1; without what is not known well enough yet."""
    pages: Mapping[str, int]
    """The same to the number of pages that it is the share of."""
    first_byte: float | None
    """Seconds, in the median."""

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return asdict(self)


def normal_of(archive: Archive, site: str) -> SiteNormal | None:
    """What is normal for a site; None when no run has come by within 60 days."""
    records = archive.health()
    runs = list(records.measures(site, since=archive.now() - MEMORY))
    return normal_of_runs(site, runs, records.past_alarms(site))


def normal_of_runs(site: str, runs: Sequence[SiteMeasures], alarms: Sequence[Alarm]) -> SiteNormal | None:
    """The same of runs of the last 60 days, the newest first, and all alarms of the site; None when there is no run."""
    if not runs:
        return None
    shares = {}
    for watched in watched_of(runs):
        troubled = [one.since for one in alarms if one.cleared_at is None and watched.key == (one.kind, one.subject)]
        kept = normal_runs(runs, alarms, *watched.key)
        share = baseline(watched, [run for run in kept if not any(run.at >= since for since in troubled)])
        if share.of >= ENOUGH:
            shares[watched.subject] = share
    days = (runs[0].at - runs[-1].at).total_seconds() / 86_400
    # What the first run found was there before.
    articles = sum(run.new_articles for run in runs[:-1])
    latencies = [run.first_byte_median for run in runs if run.first_byte_median is not None]
    return SiteNormal(
        site=site,
        runs=len(runs),
        days=round(days, 2),
        articles_a_day=round(articles / days, 2) if days >= 1 else float(articles),
        parts={name: round(share.part, 4) for name, share in shares.items()},
        pages={name: share.of for name, share in shares.items()},
        first_byte=round(median(latencies), 3) if latencies else None,
    )
