"""Counts by day as bars: where each stands and how high it is. The page draws them, and says the numbers in a table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

HEIGHT = 40
STEP = 10
"""Width of a day, gap included."""
_GAP = 2


@dataclass(frozen=True, slots=True)
class Bar:
    """A day's bar, in units of the drawing; the origin is at the top left."""

    day: str
    number: int
    x: int
    y: float
    width: int
    height: float


@dataclass(frozen=True, slots=True)
class Row:
    """What one name has, day by day."""

    name: str
    number: int
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars of several names on the same days, the name with most first; each row has a scale of its own."""

    days: tuple[str, ...]
    total: Row
    rows: tuple[Row, ...]
    others: Row | None
    """All names that have no row of their own, together."""
    other_names: int
    by_day: tuple[tuple[str, int, tuple[tuple[str, int], ...]], ...]
    """Days on which there is something: the day, how many, and whose, most first."""

    @property
    def width(self) -> int:
        return STEP * len(self.days)


def chart(counts: Iterable[tuple[str, str, int]], *, days: int, most_rows: int) -> Chart | None:
    """The chart of (day, name, number) of the `days` days up to the last of them; None where there is nothing."""
    numbers: Counter[tuple[str, str]] = Counter()
    for day, name, number in counts:
        numbers[day, name] += number
    if not numbers:
        return None
    last = date.fromisoformat(max(day for day, _ in numbers))
    every = tuple((last - timedelta(days=back)).isoformat() for back in reversed(range(days)))
    totals: Counter[str] = Counter()
    for (_, name), number in numbers.items():
        totals[name] += number
    names = [name for name, _ in sorted(totals.items(), key=lambda item: (-item[1], item[0]))]
    shown, rest = names[:most_rows], names[most_rows:]
    return Chart(
        days=every,
        total=_row("", names, numbers, every),
        rows=tuple(_row(name, [name], numbers, every) for name in shown),
        others=_row("", rest, numbers, every) if rest else None,
        other_names=len(rest),
        by_day=tuple(_days_named(numbers, every)),
    )


def _row(name: str, names: Sequence[str], numbers: Counter[tuple[str, str]], days: tuple[str, ...]) -> Row:
    values = [sum(numbers[day, one] for one in names) for day in days]
    highest = max(values, default=0) or 1
    bars = tuple(
        # What is little is still something: nothing that is there is lower than two units.
        _bar(day, value, at * STEP, max(2.0, HEIGHT * value / highest))
        for at, (day, value) in enumerate(zip(days, values, strict=True))
        if value
    )
    return Row(name, sum(values), bars)


def _bar(day: str, number: int, x: int, height: float) -> Bar:
    return Bar(day, number, x, round(HEIGHT - height, 1), STEP - _GAP, round(height, 1))


def _days_named(
    numbers: Counter[tuple[str, str]], days: tuple[str, ...]
) -> Iterable[tuple[str, int, tuple[tuple[str, int], ...]]]:
    for day in reversed(days):
        names = sorted(
            ((name, n) for (one, name), n in numbers.items() if one == day and n), key=lambda i: (-i[1], i[0])
        )
        if names:
            yield day, sum(n for _, n in names), tuple(names)
