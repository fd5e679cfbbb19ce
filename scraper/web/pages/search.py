"""Search: the query stands in the address; what was found can be narrowed down by facets, and taken along as a file."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from itertools import chain

from scraper.article import VERDICTS
from scraper.errors import QueryError
from scraper.export.cells import cell, json_text, utf8
from scraper.store import Archive, SearchHit
from scraper.store.browsing import Match, Matches
from scraper.web.rendering import MARKS, page, told
from scraper.web.visits import Answer, Part, Route, Visit

COUNTED = 1_000
"""So many of the articles found are counted for the facets, and can be leafed through."""
EXPORTED = 10_000
"""So many are in a file at most."""

_SHOWN = 20
_VALUES = 12
"""Values of a facet that are listed."""
_AT_ONCE = 200
"""Hits of a file that are read at a time."""
_COLUMNS = ("id", "url", "site", "headline", "authors", "published_at", "score", "snippet")

FILTERS = ("site", "since", "until", "lang", "author", "verdict")


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """A value of a facet."""

    label: str
    number: int
    address: str
    """Of the search that is narrowed down to it; where it is chosen already, of the one without it."""
    chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Facet:
    name: str
    values: tuple[Value, ...]
    more: int
    """Values that are not listed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A page of what was found."""

    number: int
    """Of all that was found, COUNTED at most."""
    more: bool
    hits: tuple[SearchHit, ...]
    first: int
    """The number of the first hit that is shown; 1 for the best."""
    previous: int | None
    following: int | None
    """The numbers of the pages before and after."""
    facets: tuple[Facet, ...]


def read_found(archive: Archive, visit: Visit) -> Found:
    """What the visit's query finds. Raises QueryError, and UsageError for a page that is no number."""
    number = visit.number("page", highest=COUNTED // _SHOWN) or 1
    start = (number - 1) * _SHOWN
    matches = _search(archive, visit, most=COUNTED)
    total = len(matches.found)
    return Found(
        number=total,
        more=matches.more,
        hits=tuple(archive.browsing().hits(matches, start, start + _SHOWN, marks=MARKS)),
        first=start + 1,
        previous=number - 1 if number > 1 else None,
        following=number + 1 if start + _SHOWN < total else None,
        facets=tuple(_facets(matches.found, visit)),
    )


def _search(archive: Archive, visit: Visit, *, most: int) -> Matches:
    return archive.browsing().search(
        visit.asked("q") or None,
        site=visit.asked("site") or None,
        since=visit.asked("since") or None,
        until=visit.asked("until") or None,
        language=visit.asked("lang") or None,
        author=visit.asked("author") or None,
        verdict=visit.asked("verdict") or None,
        most=most,
    )


def _show(archive: Archive, visit: Visit) -> Answer:
    try:
        found, error = read_found(archive, visit), None
    except QueryError as wrong:
        found, error = None, wrong
    return page(
        "search.html",
        visit,
        status=400 if error else 200,
        found=found,
        error=error and told(visit, error),
        chosen=[
            (name, visit.asked(name), visit.here(**{name: None, "page": None})) for name in FILTERS if visit.asked(name)
        ],
        filters={name: visit.asked(name) for name in FILTERS},
        verdicts=VERDICTS,
        counted=COUNTED,
        exported=EXPORTED,
        csv_address=visit.here(page=None).replace("/search", "/search.csv", 1),
        ndjson_address=visit.here(page=None).replace("/search", "/search.ndjson", 1),
    )


# --- Facets ----------------------------------------------------------------------------------------------------------


def _facets(found: tuple[Match, ...], visit: Visit) -> Iterator[Facet]:
    yield _facet("site", (match.site for match in found), visit)
    yield _days(found, visit)
    yield _facet("lang", ((match.language or "").partition("-")[0] for match in found), visit)
    yield _facet("author", chain.from_iterable(match.authors for match in found), visit)
    yield _facet(
        "verdict", (match.verdict for match in found), visit, label=lambda verdict: visit.say(f"verdict.{verdict}")
    )


def _facet(name: str, values: Iterable[str], visit: Visit, *, label: Callable[[str], str] = str) -> Facet:
    counts = Counter(value for value in values if value)
    chosen = visit.asked(name).casefold()
    listed = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return Facet(
        name=name,
        values=tuple(
            Value(
                label=label(value),
                number=number,
                address=visit.here(**{name: None if value.casefold() == chosen else value, "page": None}),
                chosen=value.casefold() == chosen,
            )
            for value, number in listed[:_VALUES]
        ),
        more=max(0, len(listed) - _VALUES),
    )


def _days(found: tuple[Match, ...], visit: Visit) -> Facet:
    """By year; by month where all are of one, by day where all are of one month."""
    days = [match.published_at[:10] for match in found if match.published_at]
    length = next((length for length in (4, 7) if len({day[:length] for day in days}) > 1), 10)
    counts = Counter(day[:length] for day in days)
    listed = sorted(counts.items(), reverse=True)
    chosen = (visit.asked("since"), visit.asked("until"))
    return Facet(
        name="date",
        values=tuple(
            Value(
                label=day,
                number=number,
                address=visit.here(since=None, until=None, page=None)
                if chosen == (day, day)
                else visit.here(since=day, until=day, page=None),
                chosen=chosen == (day, day),
            )
            for day, number in listed[:_VALUES]
        ),
        more=max(0, len(listed) - _VALUES),
    )


# --- Files -----------------------------------------------------------------------------------------------------------


def _csv(archive: Archive, visit: Visit) -> Answer:
    return Answer(
        parts=[lambda _: _row(_COLUMNS), *_in_parts(archive, visit, _csv_rows)],
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="search.csv"'},
    )


def _ndjson(archive: Archive, visit: Visit) -> Answer:
    return Answer(
        parts=_in_parts(archive, visit, _ndjson_rows),
        content_type="application/x-ndjson; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="search.ndjson"'},
    )


def _in_parts(archive: Archive, visit: Visit, rows: Callable[[list[SearchHit]], bytes]) -> list[Part]:
    """What is found, some hits at a time, as rows that `scrape search -f csv` or `-f ndjson` writes."""
    matches = _search(archive, visit, most=EXPORTED)

    def read(start: int) -> Part:
        return lambda archive: rows(archive.browsing().hits(matches, start, start + _AT_ONCE, marks=("**", "**")))

    return [read(start) for start in range(0, len(matches.found), _AT_ONCE)]


def _csv_rows(hits: list[SearchHit]) -> bytes:
    return b"".join(_row(getattr(hit, name) for name in _COLUMNS) for hit in hits)


def _row(values: Iterable[object]) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\r\n").writerow(
        [cell(list(value) if isinstance(value, tuple) else value) for value in values]
    )
    return utf8(out.getvalue())


def _ndjson_rows(hits: list[SearchHit]) -> bytes:
    return utf8("".join(json_text({**asdict(hit), "authors": list(hit.authors)}) + "\n" for hit in hits))


ROUTES = (Route("/search", _show), Route(r"/search\.csv", _csv), Route(r"/search\.ndjson", _ndjson))
