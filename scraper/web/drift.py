"""How counts and shares drift: a row of bars each, by day or by week. The page draws them, and says the numbers.

A share has a track behind its bar, as high as all of it: so nothing good among some differs from nothing at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from scraper.crawl.health import Share
from scraper.web.chart import HEIGHT, STEP

_GAP = 2
_MOST_DAYS = 100
"""Beyond so many days a bar is a week."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What was found at some time of a day."""

    day: str
    counts: Mapping[str, int] = field(default_factory=dict)
    shares: Mapping[str, Share] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Span:
    """The days up to `until`, in periods of a day or a week."""

    until: date
    days: int

    @property
    def by_week(self) -> bool:
        return self.days > _MOST_DAYS

    @property
    def periods(self) -> tuple[str, ...]:
        """Each by its first day, in the order of time."""
        first = date.fromisoformat(self.period((self.until - timedelta(days=self.days - 1)).isoformat()))
        step = 7 if self.by_week else 1
        return tuple((first + timedelta(days=at)).isoformat() for at in range(0, (self.until - first).days + 1, step))

    @property
    def width(self) -> int:
        """Of a row of bars, in units of the drawing."""
        return STEP * len(self.periods)

    def period(self, day: str) -> str:
        """The period that a day lies in: itself, or the Monday of its week."""
        if not self.by_week:
            return day
        found = date.fromisoformat(day)
        return (found - timedelta(days=found.weekday())).isoformat()


@dataclass(frozen=True, slots=True)
class Bar:
    """A period's bar, in units of the drawing; the origin is at the top left."""

    period: str
    number: int
    of: int | None
    """What a share is the share of; None for a count."""
    x: int
    y: float
    width: int
    height: float


@dataclass(frozen=True, slots=True)
class Line:
    """One count or one share over the periods."""

    name: str
    bars: tuple[Bar, ...]
    """Without periods in which nothing was."""
    number: int
    of: int | None
    """As those of the bars, of all periods together."""

    @property
    def by_period(self) -> dict[str, Bar]:
        return {bar.period: bar for bar in self.bars}


def count_lines(samples: Iterable[Sample], span: Span, names: Sequence[str]) -> tuple[Line, ...]:
    """The counts of these names that are not nothing; each line has a scale of its own."""
    places = {period: at for at, period in enumerate(span.periods)}
    sums: dict[str, dict[str, int]] = {name: {} for name in names}
    for sample in samples:
        period = span.period(sample.day)
        if period not in places:
            continue
        for name in names:
            number = sample.counts.get(name, 0)
            if number:
                sums[name][period] = sums[name].get(period, 0) + number
    return tuple(_counts(name, sums[name], places) for name in names if sums[name])


def share_lines(samples: Iterable[Sample], span: Span, names: Sequence[str]) -> tuple[Line, ...]:
    """The shares of these names that are of something, from none to all."""
    places = {period: at for at, period in enumerate(span.periods)}
    sums: dict[str, dict[str, Share]] = {name: {} for name in names}
    for sample in samples:
        period = span.period(sample.day)
        if period not in places:
            continue
        for name in names:
            share = sample.shares.get(name)
            if share is not None and share.of:
                sums[name][period] = sums[name].get(period, Share(0, 0)).plus(share)
    return tuple(_shares(name, sums[name], places) for name in names if sums[name])


def _counts(name: str, numbers: Mapping[str, int], places: Mapping[str, int]) -> Line:
    highest = max(numbers.values())
    # What is little is still something: nothing that is there is lower than two units.
    bars = [_bar(period, n, None, places[period], max(2.0, HEIGHT * n / highest)) for period, n in numbers.items()]
    return Line(name, tuple(sorted(bars, key=lambda bar: bar.x)), sum(numbers.values()), None)


def _shares(name: str, shares: Mapping[str, Share], places: Mapping[str, int]) -> Line:
    bars = [_bar(period, one.good, one.of, places[period], HEIGHT * one.part) for period, one in shares.items()]
    total = Share(sum(one.good for one in shares.values()), sum(one.of for one in shares.values()))
    return Line(name, tuple(sorted(bars, key=lambda bar: bar.x)), total.good, total.of)


def _bar(period: str, number: int, of: int | None, place: int, height: float) -> Bar:
    return Bar(period, number, of, place * STEP, round(HEIGHT - height, 1), STEP - _GAP, round(height, 1))
