"""When a page is to be fetched again: young articles often, older ones seldom, failures a few times."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from scraper.store import Habits

_QUIET = 52
"""A page that was out for so many times as long as a visit waits is no longer young enough for that visit."""
_ENOUGH = 200
"""Revisits of a site from which its habits are judged."""
_SELDOM, _OFTEN = 0.005, 0.15
"""Parts of the revisits of a site that found an edit: below the one fewer are made, above the other more."""

RETRIES = (timedelta(minutes=10), timedelta(hours=1), timedelta(hours=6), timedelta(days=1), timedelta(days=3))
"""From one failure in a row to the next try."""
WALL_RETRIES = (timedelta(hours=6), timedelta(days=1), timedelta(days=7))
"""The same for pages behind a wall, and others that were not what was asked for."""


def adapted(delays: Sequence[timedelta], habits: Habits) -> tuple[timedelta, ...]:
    """`delays` for a site of such habits: every second one where it edits next to nothing, twice as many where much."""
    ordered = tuple(sorted(delays))
    if habits.revisits < _ENOUGH or len(ordered) < 2:
        return ordered
    share = habits.edits / habits.revisits
    if share < _SELDOM:
        return ordered[1::2]
    if share > _OFTEN:
        between = [earlier * (later / earlier) ** 0.5 for earlier, later in pairwise(ordered)]
        return tuple(sorted((ordered[0] / 2, *ordered, *between)))
    return ordered


def next_visit(
    delays: Sequence[timedelta],
    *,
    now: datetime,
    first_visited_at: datetime,
    published_at: datetime | None = None,
    changed: bool = False,
) -> datetime | None:
    """When an article is to be fetched again after a visit at `now`; None when never.

    Delays count from the first visit. Those much shorter than the article's age at that visit are left out: what was
    quiet for a month will not be edited within the hour. After an edit another one is likely soon.
    """
    age = max(timedelta(), first_visited_at - published_at) if published_at is not None else timedelta()
    elapsed = now - first_visited_at
    wanted = sorted(delay for delay in delays if delay * _QUIET >= age)
    for earlier, delay in zip((timedelta(), *wanted), wanted, strict=False):
        # One that is as good as over, because the last visit came late, is over.
        if elapsed < delay - (delay - earlier) / 4:
            until = first_visited_at + delay
            return min(until, now + (until - now) / 2) if changed and delay - earlier > timedelta(hours=1) else until
    return None


def retry_at(attempts: int, now: datetime, *, delays: Sequence[timedelta] = RETRIES) -> datetime | None:
    """When to try again after `attempts` failures in a row; None when it was tried often enough."""
    return now + delays[attempts - 1] if attempts <= len(delays) else None
