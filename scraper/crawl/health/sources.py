"""Whether what listed articles, a feed, sitemap or page, has died, was emptied, or stands still beside its site."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise, takewhile

from scraper.article import utc_text
from scraper.store import Look, LookedAt, Severity, SiteMeasures, Trouble

LOOKS, MANY_LOOKS = 40, 1_000
"""Looks at a source that are asked what is normal; the latter where something may be wrong."""
PASSING = 3
"""Failures in a row, of a kind that may pass, from which a source counts as dead …"""
_PASSING_FOR = timedelta(days=1)
"""… or two, when they lie so far apart."""
EMPTIED = 5
"""A source is emptied when it lists less than this part of the fewest addresses that it ever listed …"""
_FEWEST = 3
"""… where those were at least so many."""
_READINGS = 3
"""Readings from which it is known how many addresses a source lists."""
STILL = timedelta(days=3)
STILL_TIMES = 3
"""A feed stands still when its newest item is older than `STILL`, and this many times the longest gap between two …"""
_ITEMS, _ITEMS_OVER = 8, timedelta(days=7)
"""… where so many items, over so long, tell what gaps it has …"""
_ARTICLES = 5
"""… and the site has brought so many articles since."""
_WEIGHT = 0.2
"""Part of a site's new addresses from which one of its sections counts."""
_WEIGHED_OVER = timedelta(days=14)
_NOT_FOUND = ("http_404", "http_410", "robots_denied")
_WORDS = {"feed": "feed", "sitemap": "sitemap", "home": "home page", "section": "section page"}


@dataclass(frozen=True, slots=True)
class State:
    """How a source stood at a look. A body that was as before is not read again: it says what it said."""

    look: Look
    error: str | None
    items: int | None
    """Addresses listed; None when that is not known."""


def states_of(source: LookedAt) -> list[State]:
    """The state at each look, the newest first."""
    states: list[State] = []
    body: str | None = None
    said: State | None = None
    for look in reversed(source.looks):
        if look.error is not None:
            state = State(look, look.error, None)
        elif look.sha256 is not None and look.sha256 != body:
            # Of the first body nobody knows whether it was read at this look, or was as before.
            state = State(look, None, look.items if body is not None or look.items else None)
        else:
            state = State(look, said.error, said.items) if said else State(look, None, None)
        if look.sha256 is not None:
            body, said = look.sha256, state
        states.append(state)
    return states[::-1]


def may_be_in_trouble(source: LookedAt) -> bool:
    """Whether the last looks alone cannot tell that nothing is wrong."""
    states = states_of(source)
    if not states or states[0].error is not None:
        return bool(states)
    items = states[0].items
    listed = [state.items for state in states[1:] if state.items]
    return items is not None and (not listed or items * EMPTIED < max(listed))


def trouble_with(source: LookedAt, runs: Sequence[SiteMeasures], newest_items: Sequence[datetime]) -> Trouble | None:
    """What is wrong with a source; None when nothing is, or it never was of use.

    `runs` are those of its site, and `newest_items` the dates of its newest item as looks found them, all of them the
    newest first.
    """
    states = states_of(source)
    if not states or not any(state.items for state in states):
        return None
    found = _dead(source, states) or _emptied(source, states) or _still(source, states, runs, newest_items)
    severity = _severity(source, runs) if found else None
    return replace(found, severity=severity) if found and severity else None


def is_well(source: LookedAt, was: str, newest_before: str | None) -> bool:
    """Whether a source that was in trouble (`dead`, `emptied` or `still`) is of use again."""
    states = states_of(source)
    if not states or states[0].error is not None:
        return False
    if was == "still":
        newest = source.newest_item_at
        return newest is not None and (newest_before is None or utc_text(newest) > newest_before)
    return bool(states[0].items) or states[0].items is None


def is_passing(error: str) -> bool:
    """Whether a source that failed so may soon be back."""
    return error not in _NOT_FOUND and not error.startswith("no_")


def _dead(source: LookedAt, states: Sequence[State]) -> Trouble | None:
    error = states[0].error
    if error is None:
        return None
    streak = list(takewhile(lambda state: state.error is not None, states))
    before = states[len(streak) :]
    if not any(state.items for state in before):
        return None
    longest = _longest_streak(before, passing=is_passing(error))
    since = streak[-1].look
    if is_passing(error):
        lasted = states[0].look.at - since.at >= _PASSING_FOR and len(streak) >= 2
        if (len(streak) < PASSING and not lasted) or len(streak) <= 2 * longest:
            return None
    elif len(streak) <= longest:
        return None
    what = _what(error, states[0].look)
    listed = next(state.items for state in before if state.items)
    times = f" {len(streak)} times in a row," if len(streak) > 1 else ""
    return _trouble(
        source,
        since,
        f"{what}{times} since {_minute(since.at)}; until then it listed {listed} addresses",
        state="dead",
        now={"error": error, "looks": len(streak)},
        baseline={"items": listed, "failures_in_a_row": longest},
    )


def _longest_streak(states: Sequence[State], *, passing: bool) -> int:
    """Failures in a row that came and went; only those that do not usually pass, unless `passing`."""
    longest = current = 0
    for state in states:
        current = current + 1 if state.error is not None and (passing or not is_passing(state.error)) else 0
        longest = max(longest, current)
    return longest


def _emptied(source: LookedAt, states: Sequence[State]) -> Trouble | None:
    items = states[0].items
    if states[0].error is not None or items is None:
        return None
    listed = [(state.look, state.items) for state in states if state.items is not None]
    low = list(takewhile(lambda one: one[1] <= items, listed))
    before = [number for _, number in listed[len(low) :]]
    fewest = min(before, default=0)
    if len(before) < _READINGS or fewest < _FEWEST or items * EMPTIED >= fewest:
        return None
    since, _ = low[-1]
    return _trouble(
        source,
        since,
        f"lists {items} addresses since {_minute(since.at)}; until then it listed {fewest} at the least",
        state="emptied",
        now={"items": items},
        baseline={"items": fewest},
    )


def _still(
    source: LookedAt, states: Sequence[State], runs: Sequence[SiteMeasures], newest_items: Sequence[datetime]
) -> Trouble | None:
    if source.kind != "feed" or source.newest_item_at is None or states[0].error is not None:
        return None
    now, newest = states[0].look.at, source.newest_item_at
    items = sorted(set(newest_items), reverse=True)
    if now - newest <= STILL or len(items) < _ITEMS or items[0] - items[-1] < _ITEMS_OVER:
        return None
    longest = max(later - earlier for later, earlier in pairwise(items))
    articles = sum(run.new_articles for run in takewhile(lambda run: run.at > newest + timedelta(days=1), runs))
    if now - newest <= STILL_TIMES * longest or articles < _ARTICLES:
        return None
    return _trouble(
        source,
        states[0].look,
        f"stands still: its newest item is of {_minute(newest)}, and it never went longer without one than"
        f" {_span(longest)}; since then the site brought {articles} articles",
        state="still",
        now={"newest_item_at": utc_text(newest), "articles": articles},
        baseline={"longest_gap_hours": round(longest.total_seconds() / 3600, 1)},
        began=newest,
    )


def _severity(source: LookedAt, runs: Sequence[SiteMeasures]) -> Severity | None:
    """How bad its loss is; None for what comes and goes, such as a section or last month's sitemap."""
    if source.is_named or source.kind == "home" or _part_of_new(source, runs) >= _WEIGHT:
        return "error"
    is_main = source.kind == "feed" or (source.kind == "sitemap" and source.parent_kind != "sitemap")
    return "warning" if is_main and source.parent_kind not in (source.kind, "section") else None


def _part_of_new(source: LookedAt, runs: Sequence[SiteMeasures]) -> float:
    since = source.looks[0].at - _WEIGHED_OVER
    of_site = sum(run.new_items for run in takewhile(lambda run: run.at >= since, runs))
    return sum(look.new_items for look in source.looks if look.at >= since) / of_site if of_site else 0.0


def _what(error: str, look: Look) -> str:
    if error.startswith("no_"):
        return f"is no {error.removeprefix('no_')} any more, but something else,"
    return f"answers {look.status}," if look.status else f"cannot be had ({error}),"


def _trouble(
    source: LookedAt,
    since: Look,
    what: str,
    *,
    state: str,
    now: dict[str, object],
    baseline: dict[str, object],
    began: datetime | None = None,
) -> Trouble:
    return Trouble(
        site=source.site,
        kind="feed",
        subject=source.url,
        severity="error",
        since=began or since.at,
        since_run_id=since.run_id,
        message=f"the {_WORDS[source.kind]} {source.url} {what}",
        detail={"state": state, "baseline": baseline, "now": now},
    )


def _minute(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"


def _span(span: timedelta) -> str:
    hours = span.total_seconds() / 3600
    return f"{hours:.0f} hours" if hours < 48 else f"{hours / 24:.0f} days"
