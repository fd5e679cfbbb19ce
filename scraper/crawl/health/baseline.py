"""A site's normal state, from the runs before, and whether the last ones differ from it more than chance has it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from scraper.crawl.health.measures import Watched
from scraper.crawl.health.shares import Share, chance
from scraper.store import Alarm, SiteMeasures

MEMORY = timedelta(days=60)
"""How far back runs are asked what is normal."""
ENOUGH = 20
"""Pages from which a share is known."""
_MOST = 500
"""Pages that are asked, the latest ones."""
NORMAL_PART = 0.3
"""A share below this when all is well is too low to collapse."""
COLLAPSE = 0.5
"""A share has collapsed when it is at most this part of what it was …"""
CHANCE, CHANCE_IN_PART = 2e-4, 1e-5
"""… and that, or worse, is seen by chance less often than this; than the latter, where some good ones are left."""
_CHANCE_ON_A_DAY, _ON_DAYS_THAT_DIFFER = 1e-3, 1e-2
"""A day was like this before when what was seen on it was less likely than this; the latter where days differ."""
_WEEK = timedelta(days=7)
"""How long a site must have been known where days differ."""
_WINDOW = timedelta(days=7)
_WINDOW_RUNS = 48
_WINDOW_PAGES = 8
"""Runs that bring few pages are looked at together with the ones before: until there are so many pages."""
RECOVERED = 0.75
"""A share is back when it is at least this part of what it was …"""
_RECOVERED_ON = 3
"""… on so many pages, the last ones."""


CountOnce = Callable[[Sequence[int]], SiteMeasures]
"""What runs (ids, the newest first) have read, each article counted once: some are edited again and again."""


@dataclass(frozen=True, slots=True)
class Collapse:
    """A share that is not what it was."""

    watched: Watched
    now: Share
    before: Share
    since: datetime
    runs: tuple[int, ...]
    """Ids of the runs it was seen in, the newest first."""


def normal_runs(runs: Iterable[SiteMeasures], alarms: Iterable[Alarm], kind: str, subject: str) -> list[SiteMeasures]:
    """The runs that are a measure of what is normal, or that are judged: without those of troubles that are over.

    Where a user said that a trouble is how things are now, only those since it began.
    """
    ours = [one for one in alarms if (one.kind, one.subject) == (kind, subject)]
    accepted = max((one.since for one in ours if one.accepted_at is not None), default=None)
    troubled = [(one.since, one.cleared_at) for one in ours if one.accepted_at is None and one.cleared_at is not None]
    return [
        run
        for run in runs
        if (accepted is None or run.at >= accepted)
        and not any(since <= run.at <= until for since, until in troubled if until is not None)
    ]


def baseline(watched: Watched, runs: Sequence[SiteMeasures]) -> Share:
    """The share in the latest of `runs`, which are the newest first."""
    total = Share(0, 0)
    for run in runs:
        total = total.plus(watched.of_run(run))
        if total.of >= _MOST:
            break
    return total


def collapse_of(
    watched: Watched,
    runs: Sequence[SiteMeasures],
    ever: Sequence[SiteMeasures] | None = None,
    count_once: CountOnce | None = None,
) -> Collapse | None:
    """Whether a share has collapsed in the newest of `runs` (newest first), or in it and some before it.

    `ever` are all runs, also those of troubles that are over: where days differ, what came and went is known. What
    seems to have collapsed is looked at again with `count_once`.
    """
    if not runs or not watched.of_run(runs[0]).bad:
        return None
    if watched.differs_by_day:
        runs = [run for run in runs if _is_weekend(run) == _is_weekend(runs[0])]
    found: Collapse | None = None
    least_chance = 1.0
    now, bad_runs, lost = Share(0, 0), 0, 0
    for place, run in enumerate(runs[:_WINDOW_RUNS]):
        share = watched.of_run(run)
        if runs[0].at - run.at > _WINDOW or (now.of >= _WINDOW_PAGES and bad_runs >= watched.least_runs):
            break
        now, lost = now.plus(share), lost + run.lost
        if not share.bad:
            continue
        bad_runs += share.part <= COLLAPSE
        is_enough = bad_runs >= watched.least_runs and _is_enough(watched, now, lost)
        before = _known(watched, runs[0].at, runs[place + 1 :]) if is_enough else None
        if before is None or (seen := _chance_of_collapse(now, before)) is None or seen >= least_chance:
            continue
        ids = tuple(one.run_id for one in runs[: place + 1])
        if count_once is not None and watched.of_articles:
            once = count_once(ids)
            now, lost = watched.of_run(once), once.lost
            seen = _chance_of_collapse(now, before) if _is_enough(watched, now, lost) else None
            if seen is None or seen >= least_chance:
                continue
        known = ever if ever is not None and watched.differs_by_day else runs
        if not _has_been_so(watched, [one for one in known if one.at < run.at], before):
            least_chance = seen
            found = Collapse(watched, now, before, run.at, ids)
    return found


def _is_enough(watched: Watched, now: Share, lost: int) -> bool:
    """Whether enough was seen; `lost` of it were articles before."""
    return now.of >= (watched.least_if_lost if lost else watched.least)


def _chance_of_collapse(now: Share, before: Share) -> float | None:
    """How likely what is seen now is by chance, where it is so much less that it is no chance; else None."""
    if now.part > COLLAPSE * before.part:
        return None
    seen = chance(now, before)
    return seen if seen <= (CHANCE_IN_PART if now.good else CHANCE) else None


def _is_weekend(run: SiteMeasures) -> bool:
    return run.at.weekday() >= 5


def has_recovered(watched: Watched, runs: Sequence[SiteMeasures], since: datetime, before: Share) -> bool:
    """Whether a share that collapsed is back, in the newest of `runs`."""
    now = Share(0, 0)
    for run in runs:
        if run.at < since or now.of >= _RECOVERED_ON:
            break
        now = now.plus(watched.of_run(run))
    return now.of >= min(_RECOVERED_ON, watched.least) and now.part >= RECOVERED * before.part


def _known(watched: Watched, at: datetime, runs: Sequence[SiteMeasures]) -> Share | None:
    """What is normal; None while too little is known, or when there is nothing to collapse."""
    if not runs or at - runs[-1].at < (_WEEK if watched.differs_by_day else timedelta()):
        return None
    before = baseline(watched, runs)
    return before if before.of >= ENOUGH and before.part >= NORMAL_PART else None


def _has_been_so(watched: Watched, runs: Sequence[SiteMeasures], before: Share) -> bool:
    """Whether there were days like this, as Sundays may be, on which an outlet prints what agencies write."""
    days: dict[str, Share] = defaultdict(lambda: Share(0, 0))
    for run in runs:
        day = run.at.date().isoformat()
        days[day] = days[day].plus(watched.of_run(run))
    odd = _ON_DAYS_THAT_DIFFER if watched.differs_by_day else _CHANCE_ON_A_DAY
    return any(
        day.of >= watched.least and day.part <= COLLAPSE * before.part and chance(day, before) <= odd
        for day in days.values()
    )
