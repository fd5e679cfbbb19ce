"""When a page is visited again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from scraper.crawl.jobs.options import DELAYS
from scraper.crawl.run.recrawl import RETRIES, adapted, next_visit, retry_at
from scraper.store import Habits

FIRST = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def visits(published: datetime | None = None, late: timedelta = timedelta(), delays=DELAYS) -> list[timedelta]:
    """How long after the first visit the others come, each `late`."""
    out: list[timedelta] = []
    now = FIRST
    while True:
        following = next_visit(delays, now=now, first_visited_at=FIRST, published_at=published)
        if following is None:
            return out
        assert following > now
        now = following + late
        out.append(now - FIRST)
        assert len(out) < 50


def test_a_young_article_is_visited_after_each_delay() -> None:
    assert visits() == list(DELAYS)
    assert visits(published=FIRST - timedelta(minutes=30)) == list(DELAYS)


def test_visits_that_come_late_are_not_made_up_for() -> None:
    assert visits(late=timedelta(minutes=50)) == [delay + timedelta(minutes=50) for delay in DELAYS]
    # After the day of the first three, one of them is enough.
    assert visits(late=timedelta(hours=23)) == [24 * HOUR, 7 * DAY + 23 * HOUR, 30 * DAY + 23 * HOUR]


@pytest.mark.parametrize(
    ("age", "left"),
    [(3 * HOUR, 5), (2 * DAY, 5), (3 * DAY, 4), (14 * DAY, 3), (60 * DAY, 2), (400 * DAY, 1), (2000 * DAY, 0)],
)
def test_what_has_been_out_for_long_is_left_alone(age: timedelta, left: int) -> None:
    assert visits(published=FIRST - age) == list(DELAYS[len(DELAYS) - left :])


def test_after_an_edit_the_next_visit_comes_sooner() -> None:
    now = FIRST + 6 * HOUR
    usual = next_visit(DELAYS, now=now, first_visited_at=FIRST)
    after_edit = next_visit(DELAYS, now=now, first_visited_at=FIRST, changed=True)
    assert usual == FIRST + DAY
    assert after_edit == now + 9 * HOUR


def test_no_delays_no_visits() -> None:
    assert visits(delays=()) == []


def test_a_date_of_publication_in_the_future_does_no_harm() -> None:
    assert visits(published=FIRST + 9 * DAY) == list(DELAYS)


def test_sites_are_visited_as_often_as_they_edit() -> None:
    assert adapted(DELAYS, Habits(revisits=10, edits=0)) == DELAYS
    assert adapted(DELAYS, Habits(revisits=400, edits=20)) == DELAYS
    seldom = adapted(DELAYS, Habits(revisits=400, edits=1))
    assert seldom == (6 * HOUR, 7 * DAY)
    often = adapted(DELAYS, Habits(revisits=400, edits=100))
    assert set(DELAYS) < set(often)
    assert len(often) == 2 * len(DELAYS)
    assert often == tuple(sorted(often))
    assert adapted((HOUR,), Habits(revisits=400, edits=0)) == (HOUR,)


def test_failures_are_tried_again_ever_later_and_then_no_more() -> None:
    tries = [retry_at(attempts, FIRST) for attempts in range(1, len(RETRIES) + 2)]
    assert tries == [*(FIRST + delay for delay in RETRIES), None]
