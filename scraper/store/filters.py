"""Which articles: conditions by site, day, language, verdict and words.

They are told twice: exactly, as SQL text with bound values; and, for searches, as words of the index's column `facets`,
by which a search in many articles comes to the few that pass without looking at the others. `facets` holds a word for
the site, for the verdict, for the language, and for the day's millennium, century, decade, year, month and day; each
begins with a character that nobody types.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from scraper.article import READABLE, VERDICTS, Verdict
from scraper.errors import QueryError
from scraper.store.expressions import Tree, expression, without_inner
from scraper.store.query import parse

Day = str | date
"""A day as `2024-07-23`, a month as `2024-07`, a year as `2024`, or a date; of a time only its day counts."""

FACET = "\ue000"
"""What a word of the column `facets` begins with; the view `searchable` makes them."""

_DAY = re.compile(r"(\d{4}(-\d{2}(-\d{2})?)?)([T ].*)?")
_LENGTHS = (1, 2, 3, 4, 6, 8)


@dataclass(frozen=True, slots=True)
class Filters:
    """A condition on `pages` joined with `revisions`. The text is put together from this module's own constants."""

    sql: str = "1"
    values: dict[str, Any] = field(default_factory=dict)
    facets: tuple[str, ...] = ()
    """Alternatives, as FTS5 expressions that every article that passes fulfils."""
    without_facets: tuple[str, ...] = ()
    """FTS5 expressions that no article that passes fulfils."""

    @classmethod
    def of(
        cls,
        *,
        site: str | None = None,
        since: Day | None = None,
        until: Day | None = None,
        language: str | None = None,
        verdicts: Collection[Verdict] | None = None,
        text: str | None = None,
        typed: Mapping[str, tuple[str, ...]] | None = None,
    ) -> Filters:
        """All that are given must hold; None is not given. Raises QueryError for a day or words that mean nothing.

        `text` is a search query, filters and all; `typed` are the filters of one that was taken apart already.
        Days are compared as the pages state them, whatever the offset: an article of 23:30 on the 23rd in Kyiv is one
        of the 23rd. Articles without a date are left out when `since` or `until` is given.
        """
        made = _Conditions()
        if site is not None:
            made.site((site,))
        made.days([] if since is None else [since], [] if until is None else [until])
        if language is not None:
            made.language((language,))
        if verdicts is not None:
            made.verdict(tuple(verdicts))
        if text is not None:
            query = parse(text)
            typed = query.filters
            if query.tree is not None:
                made.words(query.tree)
        made.typed(typed or {})
        return cls(" AND ".join(made.sql), made.values, tuple(made.facets), tuple(made.without_facets))


class _Conditions:
    def __init__(self) -> None:
        self.sql = ["1"]
        self.values: dict[str, Any] = {}
        self.facets: list[str] = []
        self.without_facets: list[str] = []

    def typed(self, filters: Mapping[str, tuple[str, ...]]) -> None:
        self.days(filters.get("since", ()), filters.get("until", ()))
        for name, add in (("site", self.site), ("lang", self.language), ("verdict", self.verdict)):
            if filters.get(name):
                add(filters[name])
            if filters.get(f"-{name}"):
                add(filters[f"-{name}"], wanted=False)

    def site(self, sites: tuple[str, ...], *, wanted: bool = True) -> None:
        names = [re.sub(r"^\w+://|/.*", "", site.strip().lower()).removeprefix("www.") for site in sites]
        self._one_of("revisions.site", names, wanted=wanted)
        self._facet([f"s{name.encode('utf-8', 'replace').hex()}" for name in names], wanted=wanted)

    def days(self, since: Collection[Day], until: Collection[Day]) -> None:
        first = [as_day(day, "since") for day in since]
        last = [as_day(day, "until") for day in until]
        for day in first:
            self.sql.append(f"substr(revisions.published_at, 1, 10) >= {self._bound(day)}")
        for day in last:
            # A month or a year reaches to its end: compare as many characters as were given.
            self.sql.append(f"substr(revisions.published_at, 1, {len(day)}) <= {self._bound(day)}")
            # Follows from that, and spares a list from passing by everything newer: no offset is longer than a day.
            self.sql.append(f"revisions.sorted_at < {self._bound(_two_days_after(day))}")
        if first or last:
            low = max((day.replace("-", "").ljust(8, "0") for day in first), default="0" * 8)
            high = min((day.replace("-", "").ljust(8, "9") for day in last), default="9" * 8)
            # A range with nothing in it is no word at all, which finds nothing.
            self._facet([f"d{prefix}" for prefix in _cover(low, high)] or ["none"])

    def language(self, languages: tuple[str, ...], *, wanted: bool = True) -> None:
        names = [language.strip().lower().replace("_", "-") for language in languages]
        # `en` is also en-GB.
        one = [f"lower(substr(revisions.language || '-', 1, {len(n) + 1})) = {self._bound(n + '-')}" for n in names]
        either = f"({' OR '.join(one)})"
        self.sql.append(either if wanted else f"NOT coalesce({either}, 0)")
        if wanted or not any("-" in name for name in names):
            self._facet(
                [f"l{name.partition('-')[0].encode('utf-8', 'replace').hex()}" for name in names], wanted=wanted
            )

    def verdict(self, verdicts: tuple[str, ...], *, wanted: bool = True) -> None:
        names = [verdict.strip().lower() for verdict in verdicts]
        for name in names:
            if name not in VERDICTS:
                raise QueryError(f"There is no verdict {name!r}", next_step=f"known: {', '.join(VERDICTS)}")
        # The plus keeps SQLite from taking two kinds of verdict as a way to find anything.
        self._one_of("revisions.verdict" if len(names) == 1 else "+revisions.verdict", sorted(names), wanted=wanted)
        # Nothing else is in the index.
        if not set(READABLE) <= set(names):
            self._facet([f"v{name}" for name in names], wanted=wanted)

    def words(self, tree: Tree) -> None:
        wanted, excluded = without_inner(tree)
        if wanted is not None:
            self.sql.append(f"pages.id IN ({self._matching(wanted)})")
        if excluded is not None:
            self.sql.append(f"pages.id NOT IN ({self._matching(excluded)})")

    def _matching(self, tree: Tree) -> str:
        # An article that is in the folded index is found by what that says.
        plain, folded = self._bound(expression(tree)), self._bound(expression(tree, folded=True))
        return (
            f"SELECT rowid FROM articles_fts WHERE articles_fts MATCH {plain}"  # noqa: S608 - names of parameters
            " AND NOT EXISTS (SELECT 1 FROM articles_fts_folded_docsize WHERE id = articles_fts.rowid)"
            f" UNION ALL SELECT rowid FROM articles_fts_folded WHERE articles_fts_folded MATCH {folded}"
        )

    def _one_of(self, column: str, values: list[str], *, wanted: bool) -> None:
        if len(values) == 1:
            # One by itself lets SQLite read its articles in the order of an index.
            self.sql.append(f"{column} {'=' if wanted else '<>'} {self._bound(values[0])}")
            return
        negated = "" if wanted else "NOT "
        given = self._bound(json.dumps(values))
        self.sql.append(f"{column} {negated}IN (SELECT value FROM json_each({given}))")  # noqa: S608 - names of ours

    def _facet(self, words: list[str], *, wanted: bool = True) -> None:
        either = " OR ".join(f'"{FACET}{word}"' for word in words)
        (self.facets if wanted else self.without_facets).append(f"facets : ({either})")

    def _bound(self, value: Any) -> str:
        name = f"filter_{len(self.values)}"
        self.values[name] = value
        return f":{name}"


def as_day(given: Day, name: str) -> str:
    """A day, month or year as text that sorts; `name` is what the option is called. Raises QueryError."""
    text = given.isoformat() if isinstance(given, date) else given.strip()
    found = _DAY.fullmatch(text)
    try:
        if found is None:
            raise ValueError
        day = found[1]
        date.fromisoformat(day + "-01-01"[len(day) - 4 :] if len(day) < 10 else day)
    except ValueError:
        raise QueryError(
            f"{name}: {text!r} is not a day", next_step="write it as 2024-07-23, or 2024-07, or 2024"
        ) from None
    return day


def _two_days_after(day: str) -> str:
    """The first day that no offset brings into `day`, or into the month or year that it is."""
    if len(day) == 4:
        return f"{int(day) + 1:04}-01-02" if day != "9999" else "~"
    if len(day) == 7:
        year, month = int(day[:4]), int(day[5:])
        return "~" if day == "9999-12" else f"{year + month // 12:04}-{month % 12 + 1:02}-02"
    try:
        return (date.fromisoformat(day) + timedelta(days=2)).isoformat()
    except OverflowError:
        return "~"


def _cover(low: str, high: str, prefix: str = "") -> Iterator[str]:
    """The fewest beginnings of days (`2`, `20`, `202`, `2024`, `202407`, `20240723`) that cover all days in between."""
    first, last = prefix.ljust(8, "0"), prefix.ljust(8, "9")
    if last < low or high < first:
        return
    if prefix and low <= first and last <= high:
        yield prefix
    elif len(prefix) < 4:
        for digit in range(10):
            yield from _cover(low, high, f"{prefix}{digit}")
    elif len(prefix) < 8:
        for part in range(1, 13 if len(prefix) == 4 else 32):
            yield from _cover(low, high, f"{prefix}{part:02}")
