"""Drift: what a site file finds on a site's captures over time, next to what is found without it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby

from scraper.article import READABLE
from scraper.extract.extraction import Extraction
from scraper.extract.sitefiles.comparing import alike, value_of

_FEWEST = 2
"""Captures in a row without a match from which a selector counts as broken; a single one may be an odd page."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """One field on one capture."""

    at: datetime
    matched: bool
    differs: bool
    """From what is found without the file."""


@dataclass(slots=True)
class FieldDrift:
    """One field of one site file over the captures of its site."""

    name: str
    sightings: list[Sighting] = field(default_factory=list)

    @property
    def captures(self) -> int:
        return len(self.sightings)

    @property
    def missing(self) -> float:
        """Share of the captures on which no selector matched: 0 to 1."""
        return sum(not one.matched for one in self.sightings) / self.captures if self.captures else 0.0

    @property
    def differing(self) -> float:
        """Share of the captures on which something was found, and differs from what is found without the file."""
        matched = [one for one in self.sightings if one.matched]
        return sum(one.differs for one in matched) / len(matched) if matched else 0.0

    @property
    def missing_since(self) -> datetime | None:
        """The first capture of those at the end without a match; None when the last one has it."""
        runs = self._runs()
        return runs[-1][1] if runs and not runs[-1][0] else None

    @property
    def state(self) -> str:
        """`stopped` matching, `never` matched, or `ok`.

        A field may be missing now and then, as a correction's date is: it has stopped when it has been missing for
        longer than twice the longest time that it was missing before and came back.
        """
        runs = self._runs()
        if not runs or runs[-1][0]:
            return "ok"
        if len(runs) == 1:
            return "never" if runs[0][2] >= _FEWEST else "ok"
        longest = max((length for matched, _, length in runs[:-1] if not matched), default=0)
        return "stopped" if runs[-1][2] >= max(_FEWEST, 2 * longest + 1) else "ok"

    def _runs(self) -> list[tuple[bool, datetime, int]]:
        """(matched, since, captures) for each stretch of captures alike, oldest first."""
        ordered = sorted(self.sightings, key=lambda one: one.at)
        runs = ((matched, list(group)) for matched, group in groupby(ordered, key=lambda one: one.matched))
        return [(matched, group[0].at, len(group)) for matched, group in runs]


@dataclass(slots=True)
class Drift:
    """A site file's fields over the captures of its site, and `article` for how it tells articles apart."""

    fields: dict[str, FieldDrift] = field(default_factory=dict)

    def add(self, at: datetime, generic: Extraction, with_file: Extraction) -> None:
        """Take note of a capture that both read; one that is no article by either says nothing about selectors."""
        file = with_file.site_file
        if file is None:
            return
        layout = file.layout_on(at.date())
        refused = with_file.article.verdict == "not_article" and generic.article.verdict in READABLE
        if layout.article is not None and (refused or with_file.article.verdict in READABLE):
            self._note("article", Sighting(at, matched=not refused, differs=refused))
        if with_file.article.verdict not in READABLE:
            return
        for name in layout.fields:
            matched = name not in with_file.missed
            same = alike(name, value_of(generic.article, name), value_of(with_file.article, name))
            self._note(name, Sighting(at, matched, differs=not same))

    def _note(self, name: str, sighting: Sighting) -> None:
        self.fields.setdefault(name, FieldDrift(name)).sightings.append(sighting)

    def ordered(self) -> Iterable[FieldDrift]:
        """The fields, `article` first."""
        return sorted(self.fields.values(), key=lambda one: one.name != "article")
