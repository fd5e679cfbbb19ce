"""Counts and shares by day and by week, as bars."""

from __future__ import annotations

from datetime import date

from scraper.crawl.health import Share
from scraper.web.chart import HEIGHT, STEP
from scraper.web.drift import Sample, Span, count_lines, share_lines

MAY = Span(date(2024, 5, 31), 3)


def test_days_and_weeks() -> None:
    assert MAY.periods == ("2024-05-29", "2024-05-30", "2024-05-31")
    assert MAY.width == 3 * STEP
    year = Span(date(2024, 12, 31), 365)
    assert (year.by_week, year.period("2024-12-31"), year.periods[-1]) == (True, "2024-12-30", "2024-12-30")
    assert year.periods[0] == "2024-01-01"
    assert len(year.periods) == 53
    assert Span(date(2024, 3, 1), 30).periods[0] == "2024-02-01"


def test_counts_have_a_scale_of_their_own() -> None:
    samples = [
        Sample(day="2024-05-29", counts={"new": 1}),
        Sample(day="2024-05-31", counts={"new": 300, "gone": 2}),
        Sample(day="2024-05-31", counts={"new": 100}),
        Sample(day="2024-05-20", counts={"new": 9}),  # before all of it
    ]
    new, gone = count_lines(samples, MAY, ["new", "lost", "gone"])
    assert [(bar.period, bar.number, bar.x) for bar in new.bars] == [("2024-05-29", 1, 0), ("2024-05-31", 400, 20)]
    assert (new.number, new.of, gone.name) == (401, None, "gone")
    assert new.bars[0].height >= 2
    assert new.bars[1].height == gone.bars[0].height == HEIGHT
    assert all(bar.y + bar.height == HEIGHT for bar in (*new.bars, *gone.bars))
    assert gone.by_period == {"2024-05-31": gone.bars[0]}


def test_none_of_some_is_not_nothing() -> None:
    samples = [
        Sample(day="2024-05-30", shares={"dates": Share(1, 4)}),
        Sample(day="2024-05-30", shares={"dates": Share(2, 2), "authors": Share(0, 0)}),
        Sample(day="2024-05-29", shares={"dates": Share(0, 5)}),
    ]
    [dates] = share_lines(samples, MAY, ["authors", "dates"])
    assert [(bar.number, bar.of, bar.height) for bar in dates.bars] == [(0, 5, 0.0), (3, 6, HEIGHT / 2)]
    assert (dates.number, dates.of) == (3, 11)
    assert share_lines([], MAY, ["dates"]) == ()


def test_weeks_are_added_up() -> None:
    year = Span(date(2024, 5, 31), 365)
    samples = [Sample(day=f"2024-05-{day}", counts={"new": 1}, shares={"dates": Share(1, 2)}) for day in (20, 26, 27)]
    [new] = count_lines(samples, year, ["new"])
    assert [(bar.period, bar.number) for bar in new.bars] == [("2024-05-20", 2), ("2024-05-27", 1)]
    [dates] = share_lines(samples, year, ["dates"])
    assert [bar.of for bar in dates.bars] == [4, 2]
