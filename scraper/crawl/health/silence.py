"""Troubles of a site as a whole that are no shares: nothing new for far too long, answers that take far too long."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from itertools import pairwise
from math import exp, log
from statistics import median

from scraper.crawl.health.measures import fetches
from scraper.store import SiteMeasures, Trouble

SILENT = timedelta(days=3)
SILENT_TIMES = 4
"""A site is silent when it brought nothing for so many times its longest silence, and for longer than `SILENT` …"""
_KNOWN_FOR, _KNOWN_ARTICLES = timedelta(days=14), 20
"""… where so long a time, with so many articles, tells what silences it has."""

SLOW = 2.0
"""Seconds until an answer begins from which a site may be slow …"""
SLOW_TIMES = 5
"""… when that is so many times what it was …"""
_DEVIATIONS = 6
"""… and this many deviations (the median absolute one, of logarithms, as long as normal values are spread so)."""
_SLOW_PAGES = 3
_SLOW_RUNS, _RUNS = 2, 10


def silence_of(runs: Sequence[SiteMeasures]) -> Trouble | None:
    """Whether a site brings nothing new, though its sources answer; `runs` are the newest first."""
    now = runs[0]
    with_new = [run for run in runs if run.new_articles]
    if now.new_articles or not with_new or now.sources <= now.sources_failed:
        return None
    articles = sum(run.new_articles for run in with_new)
    if with_new[0].at - with_new[-1].at < _KNOWN_FOR or articles < _KNOWN_ARTICLES:
        return None
    longest = max((later.at - earlier.at for later, earlier in pairwise(with_new)), default=timedelta())
    silent = now.at - with_new[0].at
    if silent <= max(SILENT, SILENT_TIMES * longest):
        return None
    return Trouble(
        site=now.site,
        kind="yield",
        subject="new articles",
        severity="warning",
        since=with_new[0].at,
        since_run_id=with_new[0].run_id,
        message=(
            f"nothing new for {silent.days} days, since {with_new[0].at:%Y-%m-%d}, though its sources answer;"
            f" it was never silent for longer than {longest.total_seconds() / 3600:.0f} hours"
        ),
        detail={
            "baseline": {"longest_silence_hours": round(longest.total_seconds() / 3600, 1), "articles": articles},
            "now": {"silent_hours": round(silent.total_seconds() / 3600, 1)},
        },
    )


def slowness_of(runs: Sequence[SiteMeasures]) -> Trouble | None:
    """Whether a site has become slow, in its last runs one after the other; `runs` are the newest first."""
    latest, before = runs[:_SLOW_RUNS], runs[_SLOW_RUNS:]
    limit = slow_from(before)
    if limit is None or len(latest) < _SLOW_RUNS:
        return None
    took = [run.first_byte_median for run in latest if fetches(run).good >= _SLOW_PAGES]
    took = [seconds for seconds in took if seconds is not None and seconds > limit]
    if len(took) < _SLOW_RUNS:
        return None
    usual = median(_latencies(before))
    return Trouble(
        site=latest[0].site,
        kind="latency",
        subject="first byte",
        severity="warning",
        since=latest[-1].at,
        since_run_id=latest[-1].run_id,
        message=f"answers begin after {took[0]:.1f} seconds, in the median; before it were {usual:.1f}",
        detail={
            "baseline": {"first_byte_median": round(usual, 3), "limit": round(limit, 3)},
            "now": {"first_byte_median": took[0]},
        },
    )


def slow_from(runs: Sequence[SiteMeasures]) -> float | None:
    """Seconds from which a site is slow by its own standards; None while these are not known."""
    latencies = _latencies(runs)
    if len(latencies) < _RUNS:
        return None
    logs = [log(max(seconds, 0.001)) for seconds in latencies]
    middle = median(logs)
    deviation = 1.4826 * median(abs(one - middle) for one in logs)
    return max(SLOW, SLOW_TIMES * exp(middle), exp(middle + _DEVIATIONS * deviation))


def _latencies(runs: Sequence[SiteMeasures]) -> list[float]:
    return [run.first_byte_median for run in runs[:100] if run.first_byte_median is not None]
