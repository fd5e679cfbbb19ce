"""Years and days of calendars other than the Gregorian, as web pages of their countries use them."""

from __future__ import annotations

from datetime import date, timedelta


def gregorian_year(year: int) -> int:
    """`year` itself, or for a year of the Buddhist era (Thailand, Laos, Cambodia), 2567, the Gregorian one, 2024."""
    return year - 543 if year > 2400 else year


def from_solar_hijri(year: int, month: int, day: int) -> date | None:
    """A day of the calendar of Iran and Afghanistan, for the years 1343 to 1472 (1964 to 2094); else None.

    The first six months have 31 days, the next five 30, and leap years follow each other every four years but for one
    gap of five in 33: the rule of 33 years, which agrees with the observed equinox in that range.
    """
    last = 31 if month <= 6 else 30 if month < 12 or _is_leap(year) else 29
    if not (1343 <= year <= 1472 and 1 <= month <= 12 and 1 <= day <= last):
        return None
    passed = (month - 1) * 31 - max(0, month - 7)
    return _new_year(year) + timedelta(days=passed + day - 1)


def _new_year(year: int) -> date:
    """Nowruz: 1 Farvardin 1403 was 20 March 2024."""
    first, last = sorted((year, 1403))
    leaps = sum(1 for between in range(first, last) if _is_leap(between))
    return date(2024, 3, 20) + timedelta(days=365 * (year - 1403) + (leaps if year > 1403 else -leaps))


def _is_leap(year: int) -> bool:
    return year % 33 in (1, 5, 9, 13, 17, 22, 26, 30)
