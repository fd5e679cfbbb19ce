"""Shares of few things, and how surprising one is: what tells a page that is odd from a site that has changed."""

from __future__ import annotations

from math import exp, lgamma
from typing import NamedTuple

_MOST = 100
"""Pages that a share counts for at the most. Pages are no coin tosses: those of a day are like each other, so that a
thousand of them tell less than a thousand tosses would."""


class Share(NamedTuple):
    """So many good ones of so many."""

    good: int
    of: int

    @property
    def part(self) -> float:
        """0 to 1; 1 for a share of nothing."""
        return self.good / self.of if self.of else 1.0

    @property
    def bad(self) -> int:
        return self.of - self.good

    def __str__(self) -> str:
        return f"{self.good} of {self.of}"

    def plus(self, other: Share) -> Share:
        return Share(self.good + other.good, self.of + other.of)

    def scaled(self) -> Share:
        """The same part of no more than `_MOST`."""
        return self if self.of <= _MOST else Share(round(self.part * _MOST), _MOST)


def chance(now: Share, before: Share) -> float:
    """How likely it is to see no more good ones than `now`, if nothing has changed since `before`: 0 to 1.

    The beta-binomial distribution: what the true share was is not known either, only what was seen of it (Jeffreys'
    prior).
    """
    now, before = now.scaled(), before.scaled()
    good, bad = before.good + 0.5, before.bad + 0.5
    return min(1.0, sum(exp(_log_chance(seen, now.of, good, bad)) for seen in range(now.good + 1)))


def _log_chance(seen: int, of: int, good: float, bad: float) -> float:
    ways = lgamma(of + 1) - lgamma(seen + 1) - lgamma(of - seen + 1)
    return ways + _log_beta(seen + good, of - seen + bad) - _log_beta(good, bad)


def _log_beta(a: float, b: float) -> float:
    return lgamma(a) + lgamma(b) - lgamma(a + b)
