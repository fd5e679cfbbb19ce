"""Days of the solar Hijri calendar against days known from almanacs, and Buddhist years."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest

from scraper.extract.dates.calendars import from_solar_hijri, gregorian_year


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ((1357, 11, 22), date(1979, 2, 11)),
        ((1375, 1, 1), date(1996, 3, 20)),
        ((1395, 12, 30), date(2017, 3, 20)),
        ((1399, 1, 1), date(2020, 3, 20)),
        ((1400, 1, 1), date(2021, 3, 21)),
        ((1403, 1, 1), date(2024, 3, 20)),
        ((1403, 7, 1), date(2024, 9, 22)),
        ((1403, 12, 30), date(2025, 3, 20)),
        ((1404, 1, 1), date(2025, 3, 21)),
        ((1408, 12, 30), date(2030, 3, 20)),
    ],
)
def test_known_days(day: tuple[int, int, int], expected: date) -> None:
    assert from_solar_hijri(*day) == expected


@pytest.mark.parametrize("day", [(1342, 1, 1), (1473, 1, 1), (1403, 0, 1), (1403, 13, 1), (1403, 7, 31), (1403, 1, 32)])
def test_what_is_no_day_of_it(day: tuple[int, int, int]) -> None:
    assert from_solar_hijri(*day) is None


def test_every_day_follows_the_one_before() -> None:
    days = [
        found
        for year in range(1370, 1410)
        for month in range(1, 13)
        for day in range(1, 32)
        if (found := from_solar_hijri(year, month, day)) is not None
    ]
    assert all(later - earlier == timedelta(days=1) for earlier, later in pairwise(days))


def test_the_thirtieth_of_the_last_month_is_of_leap_years_alone() -> None:
    assert from_solar_hijri(1403, 12, 30) == date(2025, 3, 20)
    assert from_solar_hijri(1404, 12, 30) is None


def test_buddhist_years() -> None:
    assert [gregorian_year(year) for year in (2567, 2024, 1999)] == [2024, 2024, 1999]
