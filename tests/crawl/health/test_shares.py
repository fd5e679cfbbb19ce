"""Shares: what is chance, and what is normal."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from scraper.crawl.health.baseline import collapse_of, has_recovered
from scraper.crawl.health.measures import WATCHED, Watched, by_selector, fetches, watched_by_key
from scraper.crawl.health.shares import Share, chance
from scraper.crawl.health.silence import silence_of, slowness_of
from scraper.store import SiteMeasures

MONDAY = datetime(2024, 5, 6, 12, tzinfo=UTC)


def watched(subject: str) -> Watched:
    return next(one for one in WATCHED if one.subject == subject)


def runs(*said: dict[str, Any], every: timedelta = timedelta(hours=6), last: datetime = MONDAY) -> list[SiteMeasures]:
    """Measures of runs, the newest first, as they are given."""
    count = len(said)
    return [
        SiteMeasures(run_id=count - place, site="outlet.example", at=last - place * every, **values)
        for place, values in enumerate(said)
    ]


def articles(yielded: int, expected: int, **more: Any) -> dict[str, Any]:
    return {"yielded": yielded, "expected": expected, **more}


def test_chance() -> None:
    """By hand: no good one of three, after twenty of twenty, is 0.5 · 1.5 · 2.5 / (21 · 22 · 23)."""
    assert chance(Share(0, 3), Share(20, 20)) == pytest.approx(1.875 / (21 * 22 * 23))
    assert chance(Share(5, 5), Share(20, 20)) == pytest.approx(1.0)
    assert chance(Share(1, 4), Share(10, 40)) > 0.5
    assert chance(Share(0, 20_000), Share(500, 500)) < 1e-20


GOOD = [articles(4, 4)] * 10


@pytest.mark.parametrize(
    ("latest", "before", "is_collapse"),
    [
        ([articles(0, 3)], GOOD, True),
        ([articles(0, 2)], GOOD, False),  # two pages are too few …
        ([articles(0, 2, lost=1)], GOOD * 2, True),  # … unless one of them was an article before
        ([articles(0, 1, lost=1)], GOOD * 2, False),
        ([articles(0, 1), articles(0, 1), articles(0, 1)], GOOD, True),  # three runs of one page each
        ([articles(2, 2), articles(0, 3)], GOOD, False),  # the last one is well
        ([articles(2, 6)], GOOD, False),  # in part, and by so little: may be chance
        ([articles(4, 16)], GOOD * 5, True),
        ([articles(0, 3)], [articles(4, 4)] * 3, False),  # nobody knows the site yet
        ([articles(0, 5)], [articles(1, 5)] * 10, False),  # it never brought many
        ([articles(0, 0)], GOOD, False),
    ],
)
def test_collapse(latest: list[dict[str, Any]], before: list[dict[str, Any]], is_collapse: bool) -> None:
    assert (collapse_of(watched("articles"), runs(*latest, *before)) is not None) == is_collapse


def test_since_when() -> None:
    found = collapse_of(watched("articles"), runs(articles(0, 1), articles(0, 2), articles(3, 3), *GOOD))
    assert found is not None
    assert (found.now, found.before, found.since) == (Share(0, 3), Share(43, 43), MONDAY - timedelta(hours=6))


def test_weekends_have_a_measure_of_their_own() -> None:
    """On Sundays only agencies write: no alarm. On a Monday it is one."""
    week = [
        {"texts": 8, "with_authors": 0 if (MONDAY - timedelta(days=1 + day)).weekday() >= 5 else 8} for day in range(28)
    ]
    nothing = {"texts": 8, "with_authors": 0}
    on_monday = runs(nothing, *week, every=timedelta(days=1))
    assert collapse_of(watched("authors"), on_monday) is not None
    on_sunday = runs(nothing, *week[1:], every=timedelta(days=1), last=MONDAY - timedelta(days=1))
    assert collapse_of(watched("authors"), on_sunday) is None


def test_failures_are_waited_for() -> None:
    down = {"pages": 2, "sources": 2, "failures": {"timeout": 4}}
    up = {"pages": 4, "sources": 2}
    assert collapse_of(watched("fetches"), runs(down, *[up] * 10)) is None
    assert collapse_of(watched("fetches"), runs(down, down, *[up] * 10)) is not None
    gone = SiteMeasures(run_id=1, site="a", at=MONDAY, pages=3, sources=1, failures={"http_404": 2, "no_feed": 1})
    assert fetches(gone) == Share(4, 4)


def test_recovery() -> None:
    kind = watched("articles")
    broken = runs(articles(0, 4), articles(0, 4), *GOOD)
    since = broken[1].at
    assert not has_recovered(kind, broken, since, Share(40, 40))
    assert not has_recovered(kind, runs(articles(1, 1), articles(0, 4), *GOOD), since, Share(40, 40))
    assert has_recovered(kind, runs(articles(2, 2), articles(1, 1), articles(0, 4), *GOOD), since, Share(40, 40))


def test_watched_by_key() -> None:
    assert watched_by_key("layout", "articles") is watched("articles")
    selector = watched_by_key("layout", "headline selector")
    assert selector is not None
    assert selector.key == by_selector("headline").key
    assert watched_by_key("feed", "https://outlet.example/feed.xml") is None


def test_slowness() -> None:
    def answering(after: float, count: int = 1) -> list[dict[str, Any]]:
        return [{"pages": 5, "first_byte_median": after}] * count

    assert slowness_of(runs(*answering(9.0), *answering(0.3, 20))) is None  # once
    found = slowness_of(runs(*answering(9.0, 2), *answering(0.3, 20)))
    assert found is not None
    assert found.message == "answers begin after 9.0 seconds, in the median; before it were 0.3"
    assert slowness_of(runs(*answering(1.6, 2), *answering(0.3, 20))) is None
    assert slowness_of(runs(*answering(9.0, 2), *answering(4.0, 20))) is None
    assert slowness_of(runs(*answering(9.0, 2), *answering(0.3, 5))) is None


def test_silence() -> None:
    daily = [{"new_articles": 3, "sources": 2}] * 20
    quiet: dict[str, Any] = {"sources": 2}

    def after(days: int, **more: Any) -> object:
        return silence_of(runs(*[{**quiet, **more}] * days, *daily, every=timedelta(days=1)))

    assert after(4) is None
    assert after(5) is not None
    assert after(5, sources_failed=2) is None  # that is another trouble
    assert silence_of(runs(*[quiet] * 8, *daily[:10], every=timedelta(days=1))) is None
