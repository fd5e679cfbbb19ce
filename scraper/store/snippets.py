"""What a hit shows of its text: the part around the best match, the matches marked.

FTS5 does this itself where it has the text. The folded index has none: there the text of the few articles that are
shown is cut into the units of the index and compared here.
"""

from __future__ import annotations

import functools
import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, NamedTuple

from scraper.store.expressions import Every, Near, Some, Tree, Within, Without, Words
from scraper.store.scripts import UNIT, fold, fold_beginning, stands_alone

_ROOM = 60
"""Characters of a script without spaces, or 24 words at 2.5 each."""
_WORD = 2.5
_STEP = 300
_PLACES = ("body", "lead", "headline", "authors")
"""In the order in which a snippet prefers them, where they match equally well."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What a hit shows."""

    headline: str | None
    snippet: str


@dataclass(frozen=True, slots=True)
class _Sought:
    """Units in a row that are marked, in one column or in any; the last may be a beginning."""

    units: tuple[str, ...]
    begins: bool
    column: str | None


class _Unit(NamedTuple):
    start: int
    end: int
    folded: str
    width: float


class _Window(NamedTuple):
    worth: int
    different: int
    first: int
    last: int


class _Match(NamedTuple):
    first: int
    last: int
    sought: int


def beginning_of(text: str | None) -> str:
    """The first words of a text, for a hit that nothing was sought in."""
    units = list(islice(_stream(text or ""), _ROOM))
    return _cut(text or "", units, [], (0, _reach(units, 0)), ("", ""))


def excerpt_of(tree: Tree, row: Mapping[str, Any] | Any, marks: tuple[str, str]) -> Shown:
    """The headline of `row`, marked, and the part of headline, lead, body or authors that matches best."""
    sought = list(_sought(tree, None))
    best: tuple[int, str] = (-1, "")
    for place in _PLACES:
        text = ", ".join(json.loads(row[place])) if place == "authors" else row[place]
        if text and best[0] < len(sought):
            best = max(best, _best_part(text, sought, place, marks), key=lambda part: part[0])
    return Shown(row["headline"] and _all_marked(row["headline"], sought, marks), best[1])


def _all_marked(headline: str, sought: list[_Sought], marks: tuple[str, str]) -> str:
    units = list(_stream(headline))
    return _cut(headline, units, _matches(units, sought, "headline"), (0, len(units) - 1), marks)


def _best_part(text: str, sought: list[_Sought], place: str, marks: tuple[str, str]) -> tuple[int, str]:
    """How many different things match in the best part of a text, and that part."""
    stream = _stream(text)
    units: list[_Unit] = []
    best = _Window(0, 0, 0, 0)
    # A step at a time: most texts have all that is sought near their beginning.
    while step := list(islice(stream, _STEP)):
        base = max(0, len(units) - _ROOM)
        units += step
        window = _window(units[base:], _matches(units[base:], sought, place))
        if window.worth > best.worth:
            best = _Window(window.worth, window.different, window.first + base, window.last + base)
        if best.different == len(sought):
            break
    units += islice(stream, _ROOM)
    first = 0 if _reach(units, 0) >= best.last else _before(units, best.first, best.last)
    last = max(best.last, _reach(units, first))
    return best.different, _cut(text, units, _matches(units, sought, place), (first, last), marks)


def _sought(tree: Tree, column: str | None) -> Iterator[_Sought]:
    match tree:
        case Words():
            text, continues = fold_beginning(tree.text) if tree.begins else (tree.text, False)
            units = tuple(unit.folded for unit in _stream(text))
            if units:
                yield _Sought(units, tree.begins and continues, column)
        case Near():
            for words in tree.words:
                yield from _sought(Words(words), column)
        case Within():
            yield from _sought(tree.inner, tree.column)
        case Every() | Some():
            for part in tree.parts:
                yield from _sought(part, column)
        case Without():
            if tree.inner is not None:
                yield from _sought(tree.inner, column)


def _stream(text: str) -> Iterator[_Unit]:
    for match in UNIT.finditer(text):
        folded, width = _measured(match[0])
        if folded:
            yield _Unit(match.start(), match.end(), folded, width)


@functools.lru_cache(maxsize=50_000)
def _measured(unit: str) -> tuple[str, float]:
    """A unit as the index compares it (folded, in small letters, without accents), and how much room it takes."""
    apart = unicodedata.normalize("NFD", fold(unit).strip().lower())
    folded = unicodedata.normalize("NFC", re.sub("[\u0300-\u036f]", "", apart))
    return folded, 1.0 if stands_alone(unit) else _WORD


def _matches(units: list[_Unit], sought: list[_Sought], column: str) -> list[_Match]:
    places: dict[str, list[int]] = {}
    for place, unit in enumerate(units):
        places.setdefault(unit.folded, []).append(place)
    found = []
    for number, wanted in enumerate(sought):
        if wanted.column not in (None, column):
            continue
        *whole, end = wanted.units
        starts = places.get(wanted.units[0], []) if whole or not wanted.begins else range(len(units))
        for start in starts:
            last = start + len(whole)
            if last < len(units) and all(units[start + n].folded == part for n, part in enumerate(whole)):
                folded = units[last].folded
                if folded == end or (wanted.begins and folded.startswith(end)):
                    found.append(_Match(start, last, number))
    return sorted(found, key=lambda match: (match.first, -match.last))


def _window(units: list[_Unit], matches: list[_Match]) -> _Window:
    """The matches that fit into one snippet and are worth most: different ones before many."""
    best = _Window(0, 0, 0, 0)
    for place, match in enumerate(matches):
        reach = _reach(units, match.first)
        inside = [other for other in matches[place : place + 50] if other.last <= reach]
        different = len({other.sought for other in inside})
        worth = 100 * different + len(inside)
        if worth > best.worth:
            best = _Window(worth, different, match.first, max((other.last for other in inside), default=match.first))
    return best


def _before(units: list[_Unit], first: int, last: int) -> int:
    """Where to begin, so that of the room that matches leave half is before them."""
    spare = (_ROOM - sum(unit.width for unit in units[first : last + 1])) / 2
    while first > 0 and spare >= units[first - 1].width:
        first -= 1
        spare -= units[first].width
    return first


def _reach(units: list[_Unit], first: int) -> int:
    """The last unit that still has room when `first` is the first."""
    room = float(_ROOM)
    last = first
    for place in range(first, len(units)):
        room -= units[place].width
        if room < 0:
            break
        last = place
    return last


def _cut(text: str, units: list[_Unit], matches: list[_Match], window: tuple[int, int], marks: tuple[str, str]) -> str:
    first, last = window
    if not units:
        return " ".join(text[:200].split())
    begin = 0 if first == 0 else units[first].start
    end = units[last].end if UNIT.search(text, units[last].end) else len(text)
    parts = ["…" if begin else ""]
    at = begin
    for start, stop in _runs(matches, first, last):
        parts += [text[at : units[start].start], marks[0], text[units[start].start : units[stop].end], marks[1]]
        at = units[stop].end
    parts += [text[at:end], "…" if end < len(text) else ""]
    return " ".join("".join(parts).split())


def _runs(matches: list[_Match], first: int, last: int) -> Iterator[tuple[int, int]]:
    """The matched units between first and last; matches that overlap are one."""
    run: tuple[int, int] | None = None
    for match in matches:
        if match.first < first or match.last > last:
            continue
        if run is not None and match.first <= run[1]:
            run = (run[0], max(run[1], match.last))
            continue
        if run is not None:
            yield run
        run = (match.first, match.last)
    if run is not None:
        yield run
