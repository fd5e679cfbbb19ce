"""How often nothing is wrong and an alarm is raised, and how soon one is raised when something is.

SCRAPE_TEST_SITES=200 makes it as many sites as the figures in docs/health.md are of.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import timedelta

import pytest

from scraper.store import SiteMeasures, Trouble
from tests.crawl.health.lives import EPOCH, Life

SITES = int(os.environ.get("SCRAPE_TEST_SITES", "24"))


def test_months_in_which_nothing_breaks() -> None:
    """Weekends, holidays, agencies' Sundays, failures that pass: an alarm is true only in an outage."""
    false: list[str] = []
    outages = 0
    for seed in range(SITES):
        life = Life(seed, days=30)
        for now, raised in life.live():
            for trouble in raised:
                if trouble.kind == "errors" and life.habits.is_out(now):
                    outages += 1
                else:
                    false.append(f"site {seed}, {now:%a %m-%d %H:%M}: {trouble.kind}: {trouble.message}")
    print(f"{SITES} site-months: {len(false)} false alarms, {outages} outages noticed")  # noqa: T201
    assert len(false) <= max(1, SITES // 40), "\n".join(false)
    assert outages


Affected = Callable[[SiteMeasures], int]
BREAKS: list[tuple[str, str, Affected, int]] = [
    # What is scripted, the alarm, what of a run shows it, and how much of that may have been seen in runs before.
    ("layout", "layout", lambda run: run.expected, 8),
    ("wall", "wall", lambda run: run.consent, 8),
    ("dates", "dates", lambda run: run.texts, 8),
    ("dead_feed", "feed", lambda run: int(run.sources_failed < run.sources), 1),
    ("emptied_feed", "feed", lambda run: int(run.sources_failed < run.sources), 1),
]


@pytest.mark.parametrize(("what", "kind", "affected", "most"), BREAKS, ids=[what for what, *_ in BREAKS])
def test_what_breaks_is_noticed(what: str, kind: str, affected: Affected, most: int) -> None:
    """In the first run that shows enough of it: seldom more than three pages; a feed at once."""
    breaks = timedelta(days=18)
    at_once = 0
    sites = max(6, SITES // 4)
    for seed in range(sites):
        life = Life(seed, days=24, script={what: breaks / timedelta(days=1)})
        seen: list[int] = []
        found: list[Trouble] = []
        for now, raised in life.live():
            if now < EPOCH + breaks or life.habits.is_out(now):
                continue
            found += [trouble for trouble in raised if trouble.kind == kind]
            seen.append(affected(life.runs[0]))
            if found:
                break
        assert found, f"site {seed}: {what} was never noticed"
        assert sum(seen[:-1]) <= most, f"site {seed}: noticed after {seen}"
        at_once += sum(seen[:-1]) <= 2
    print(f"{what}: {at_once} of {sites} with no more than two pages before")  # noqa: T201
    assert at_once >= sites * 0.6


def test_a_quiet_week_raises_nothing_and_a_silent_one_in_a_busy_site_does() -> None:
    silent = 0
    for seed in range(8):
        life = Life(seed, days=40, script={"quiet": 30.0})
        for _now, raised in life.live():
            silent += any(trouble.kind == "yield" for trouble in raised)
    assert silent >= 6
    life = Life(1, days=20, script={"quiet": 16.0, "quiet_over": 17.5})
    assert not any(raised for now, raised in life.live() if now > EPOCH + timedelta(days=16))
