"""The outcome of choosing a field: the value, its provenance, and why every other candidate lost."""

from __future__ import annotations

from dataclasses import dataclass

from scraper.article import Provenance
from scraper.extract.candidates import Candidate

Value = str | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Considered:
    """A candidate after normalisation, with what became of it."""

    candidate: Candidate
    value: Value | None
    """Normalised; None when nothing usable was left."""
    score: float
    reason: str
    """Why it won or lost, in a few words."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One field's outcome. `value` is None when no candidate was good enough."""

    field: str
    value: Value | None
    provenance: Provenance
    considered: tuple[Considered, ...] = ()
    """Best first; the first is the winner unless `value` is None."""


def absent(field: str, reason: str, considered: list[Considered] | None = None) -> Choice:
    """A field the page does not give."""
    provenance = Provenance(source="none", confidence=0.0, reason=reason)
    return Choice(field, None, provenance, tuple(considered or ()))


def best_of(field: str, considered: list[Considered], *, missing: str) -> Choice:
    """The site file's candidate, else the one with the highest score; equal ones in the order they were found.

    Whoever wrote the site file has looked at the page: no number of sources that agree outvotes it. `missing` explains
    an absence.
    """
    usable = [c for c in considered if c.value is not None and c.score > 0]
    if not usable:
        return absent(field, missing if not considered else "no candidate could be used", considered)
    ordered = sorted(usable, key=lambda c: (c.candidate.source != "site_file", -c.score))
    rest = [c for c in considered if c not in ordered]
    winner = ordered[0]
    provenance = Provenance(
        source=winner.candidate.source,
        confidence=round(min(1.0, winner.score), 3),
        selector=winner.candidate.selector,
        reason=winner.reason or None,
    )
    return Choice(field, winner.value, provenance, (*ordered, *rest))
