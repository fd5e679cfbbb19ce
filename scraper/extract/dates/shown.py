"""Dates a reader sees on the page, with where each stands and what is written beside it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache
from typing import Literal

from scraper.extract.dates.labels import Label, label_of, label_of_names
from scraper.extract.dates.relative import LONGEST_LINE as LONGEST_RELATIVE
from scraper.extract.dates.relative import day_ago
from scraper.extract.dates.values import read_value
from scraper.extract.dates.written import Reading, Written, find_dates
from scraper.extract.outline import Block, Box, Outline

Place = Literal["top", "above", "head", "opening", "inside", "end", "below"]
"""Where a date stands: above all of the article, above the headline in its own box, between headline and text, in the
first lines of the text, further inside it, right after it, further below."""

_LONGEST_LINE = 200
"""Characters; a longer block is prose, and dates in prose are about something else."""
_DATELINE = re.compile(r"(.{6,80}?)\s?(?:[—–―]|\s-)\s")
"""The beginning of a first paragraph: “KYIV, May 3, 2024 (Agency) — …”."""
_LONGEST_LABEL = 40
"""Characters of a line of its own that labels the date in the next line, and of what may stand beside a date alone."""
_CLOSE, _SOON, _JUST_AFTER = 8, 3, 4
"""Blocks within which a date is just above the headline, in the opening of the text, and at its end."""
_MOST_ON_A_PAGE = 100
_DIGIT = re.compile(r"\d")
_MAYBE_DATE = re.compile(r"\d{4}|\d[./-]\d\d?[./-]\d\d|['’-]\d\d(?!\d)|元年")
_CARRIER_TAGS = frozenset(("time", "abbr", "date", "relative-time", "local-time", "time-ago", "timeago"))
_VALUES = ("datetime", "content", "data-datetime", "data-date", "data-time", "data-timestamp", "data-utc", "title")
_CARRIERS_ABOVE = 3
"""Boxes above a text in which the element named for its date may be."""
_MOST_IN_A_CARRIER = 60
"""Boxes; an element that holds more is no date."""
_BOXES_OF_MAKE = 3
"""Boxes from a date's line upwards by which dates are of one make."""
_BOXES_ABOVE = 6
"""Boxes above a text whose names say what it belongs to."""
# Parts that hold the dates of something else: comments, other articles …
_FOREIGN = re.compile(
    r"(?:^|[\s_-])(?:comments?|comment-?list|disqus|respond|reply|replies|related|related-?(?:posts?|articles?|stories)"
    r"|recommend(?:ed|ations?)?|popular|trending|most-?(?:read|viewed|popular)|latest|recent|recent-?posts|read-?next"
    r"|up-?next|more-?(?:stories|news|articles|posts|from)|teasers?|outbrain|taboola|recirc|archives?|calendar)(?:$|[\s_-])"
)
# … and those that belong to the site rather than to a page of it.
_ASIDE = re.compile(
    r"(?:^|[\s_-])(?:mast-?head|top-?bar|site-?header|page-?header|header|nav|navbar|navigation|menu|ticker|weather|clock"
    r"|today|widget|side-?bar|footer|copyright|promo|newsletter|carousel|slider|swiper|cards?)(?:$|[\s_-])"
)
_ASIDE_TAGS = frozenset(("nav", "footer", "form", "aside", "header"))
_WIDE = re.compile(r"(?:^|[\s_-])(?:page|site|layout)(?:$|[\s_-])")
_WIDE_TAGS = frozenset(("body", "html", "main", "table", "tbody", "tr", "td"))
"""Elements that hold the masthead and the columns as well as the headline."""


@dataclass(frozen=True, slots=True)
class ShownDate:
    """A date on the visible page."""

    text: str
    """As written; the whole line for a date its element states for machines."""
    value: str
    """ISO 8601, as precise as the page is."""
    swapped: str | None
    """The day it would be with day and month the other way round, where that is a date too."""
    selector: str
    place: Place
    distance: int
    """Blocks between it and the headline (or the text's beginning, on a page that shows no headline)."""
    label: Label
    """What the text beside it says it is the date of."""
    named: Label
    """What its element's names say."""
    carried: bool
    """It stands in a `<time>` or an element named for a date."""
    alone: bool
    """Its line holds little else."""
    foreign: bool
    """It stands in a part named for comments or other articles."""
    aside: bool
    """It stands in a part made or named for the site: masthead, menu, sidebar, footer."""
    linked: bool
    hidden: bool
    repeats: int = 1
    """Lines of the page that hold a date in elements of the same make (tags and names): those of a list of articles."""
    block: int = -1
    """Index of the block it stands in."""


@dataclass(frozen=True, slots=True)
class Frame:
    """The blocks between which an article's own dates are looked for: indexes, or None when unknown."""

    title: int | None
    start: int | None
    end: int | None
    own: frozenset[int]
    """The boxes that hold the headline and little else: a date above it belongs to it when it is in one of them."""

    def place(self, block: Block, outline: Outline) -> Place:
        first, index = self._first, block.index
        if first is None:
            return "below"
        if index < first:
            near = first - index < _CLOSE
            return "above" if near and any(b.index in self.own for b in outline.ancestors(block.box)) else "top"
        start = self.start if self.start is not None else first + 12
        if index <= start:
            return "head"
        end = max(self.end or start, start)
        if index <= end:
            return "opening" if index - start <= _SOON else "inside"
        return "end" if index - end <= _JUST_AFTER else "below"

    def distance(self, block: Block) -> int:
        return abs(block.index - (self._first or 0))

    @property
    def _first(self) -> int | None:
        return self.title if self.title is not None else self.start


def frame_of(outline: Outline, title: int | None, body: list[Block]) -> Frame:
    """The frame of an article whose headline is the block `title` and whose text is `body`."""
    start, end = (body[0].index, body[-1].index) if body else (None, None)
    if title is not None and start is not None and title > start:
        title = None  # a heading inside the text, or a text that begins too early: no line to measure from
    first = title if title is not None else start
    own: frozenset[int] = frozenset()
    if first is not None:
        near = outline.ancestors(outline.blocks[first].box)[:4]
        own = frozenset(b.index for b in near if b.tag not in _WIDE_TAGS and not _WIDE.search(b.names))
    return Frame(title, start, end, own)


def read_shown_dates(
    outline: Outline, frame: Frame, reading: Reading, captured_at: datetime | None = None
) -> list[ShownDate]:
    """Every date the page shows in a line of its own or at the beginning of the text, in document order.

    “3 hours ago” is one where it is known from when: `captured_at`.
    """
    lines = _Lines(outline, frame, reading, captured_at)
    lines.read()
    order = lines.shown_order()
    if order != reading:  # a date that can be read in one way only tells how the page writes the others
        lines = _Lines(outline, frame, order, captured_at)
        lines.read()
    return lines.dates()


def texts_near(shown: Iterable[ShownDate]) -> list[str]:
    """The dates that stand where an article's own do, in lines that hold little else, as written."""
    return [one.text for one in shown if one.alone and one.place in ("above", "head", "opening")]


@dataclass(frozen=True, slots=True)
class _Stated:
    """What an element named for a date says in an attribute."""

    box: Box
    value: str
    """ISO 8601."""
    swapped: str | None


class _Lines:
    """The page's lines, read for dates."""

    def __init__(self, outline: Outline, frame: Frame, reading: Reading, captured_at: datetime | None) -> None:
        self._outline = outline
        self._frame = frame
        self._reading = reading
        self._captured_at = captured_at
        self._carriers = _carriers(outline)
        self._found: list[ShownDate] = []
        self._makes: list[tuple[str, int]] = []
        """Of each date found: the tags and names of its line's element and of those above, and the block."""
        self._orders: set[str] = set()

    def read(self) -> None:
        stating = _inside(self._outline, [index for index, value in self._carriers.items() if value])
        before = ""
        for block in self._outline.blocks:
            line = block.text
            if len(line) > _LONGEST_LINE:
                dateline = _DATELINE.match(line) if block.index == self._frame.start else None
                line = dateline[1] if dateline else ""
            maybe = bool(line) and _DIGIT.search(line) is not None and _MAYBE_DATE.search(line) is not None
            if maybe or (line and (self._captured_at or (stating and any(run.box in stating for run in block.runs)))):
                self._read_line(block, line, before if len(before) <= _LONGEST_LABEL else "", maybe)
                if len(self._found) >= _MOST_ON_A_PAGE:
                    break
            before = block.text

    def dates(self) -> list[ShownDate]:
        counted = Counter(make for make, _ in set(self._makes))
        return [replace(one, repeats=counted[make]) for one, (make, _) in zip(self._found, self._makes, strict=True)]

    def shown_order(self) -> Reading:
        """The order of day and month the page itself shows, where it shows one consistently."""
        reading = self._reading
        if len(self._orders & {"month first", "day first"}) == 1:
            reading = replace(reading, month_first="month first" in self._orders)
        if len(self._orders & {"dotted month first", "dotted day first"}) == 1:
            reading = replace(reading, dotted_month_first="dotted month first" in self._orders)
        return reading

    def _read_line(self, block: Block, text: str, before: str, maybe: bool) -> None:
        boxes = _carriers_of(block, self._outline, self._carriers)
        written = find_dates(text, self._reading) if maybe else []
        stated = [
            _Stated(box, *pair)
            for box, value in boxes
            if value and (pair := read_value(value, self._reading)) is not None
        ]
        if not written and not stated and (day := self._told_by_distance(block, text)):
            written = [Written(0, len(text), day)]
        if not written and not stated:
            return
        self._orders.update(one.order for one in written)
        base = self._shared(block, [box for box, _ in boxes])
        found = [*_written_in(text, written, stated, before, base), *_stated_in(text, stated, before, base)]
        self._found += found
        self._makes += [(self._make(block), block.index)] * len(found)

    def _make(self, block: Block) -> str:
        boxes = self._outline.ancestors(block.box, _BOXES_OF_MAKE)
        if all(box.tag in _WIDE_TAGS and not box.names for box in boxes):  # a layout of tables: all cells are alike
            return str(block.index)
        return " < ".join(f"{box.tag} {box.names}" for box in boxes)

    def _told_by_distance(self, block: Block, text: str) -> date | None:
        if self._captured_at is None or len(text) > LONGEST_RELATIVE:
            return None
        if self._frame.place(block, self._outline) not in ("head", "above"):
            return None
        day = day_ago(text, self._captured_at)
        return date.fromisoformat(day) if day else None

    def _shared(self, block: Block, carriers: list[Box]) -> ShownDate:
        """What all dates in a block have in common."""
        frame = self._frame
        above = [box for box in self._outline.ancestors(block.box, _BOXES_ABOVE) if box.index not in frame.own]
        return ShownDate(
            text="",
            value="",
            swapped=None,
            selector=_selector(carriers[0]) if carriers else "text",
            place=frame.place(block, self._outline),
            distance=frame.distance(block),
            label="",
            named=label_of_names(" ".join(box.names for box in carriers)),
            carried=bool(carriers),
            alone=False,
            foreign=any(_named_foreign(box.names) for box in above),
            aside=any(box.tag in _ASIDE_TAGS or _named_aside(box.names) for box in above),
            linked=block.link_share > 0.6,
            hidden=block.hidden,
            block=block.index,
        )


def _written_in(
    text: str, written: list[Written], stated: list[_Stated], before: str, base: ShownDate
) -> Iterator[ShownDate]:
    """The dates written in a line. Those of `stated` that say the same are taken out of it."""
    end = 0
    for one in written:
        ahead = text[end : one.start]
        label = label_of(ahead) or (label_of(before) if not end and len(ahead.strip()) < 4 else "")
        if one.start == 0 and one.end == len(text):  # told by its distance
            label = label or label_of(text)
        day, swapped = one.day.isoformat(), one.swapped.isoformat() if one.swapped else None
        shown = replace(
            base,
            text=text[one.start : one.end],
            value=one.iso,
            swapped=swapped,
            label=label,
            alone=len(text) - (one.end - one.start) <= _LONGEST_LABEL,
        )
        for said in [said for said in stated if said.value[:10] in (day, swapped)]:
            stated.remove(said)  # the element says the same: with the time of day, or unambiguously
            shown = replace(
                shown,
                value=said.value if len(said.value) > 10 or said.value[:10] != day else shown.value,
                swapped=swapped if said.swapped else None,
                selector=f"{_selector(said.box)}[datetime]",
            )
        yield shown
        end = one.end


def _stated_in(text: str, stated: list[_Stated], before: str, base: ShownDate) -> Iterator[ShownDate]:
    """The dates a line's elements state for machines and do not show."""
    for said in stated:
        yield replace(
            base,
            text=text,
            value=said.value,
            swapped=said.swapped,
            selector=f"{_selector(said.box)}[datetime]",
            label=label_of(text) or label_of(before),
            named=label_of_names(said.box.names),
            alone=len(text) <= _LONGEST_LABEL,
        )


def _carriers(outline: Outline) -> dict[int, str]:
    """Indexes of the boxes made or named for a date, with the machine-readable value they carry, if any."""
    out = {}
    for box in outline.boxes:
        names = box.names
        if box.tag in _CARRIER_TAGS or (
            names
            and ("date" in names or "time" in names or "publish" in names or "posted" in names or "stamp" in names)
        ):
            attributes = box.node.attributes
            values = (attributes.get(name) for name in _VALUES)
            out[box.index] = next((value for value in values if value and _MAYBE_DATE.search(value)), "")
    return out


def _inside(outline: Outline, carriers: list[int]) -> set[int]:
    """The carriers and the boxes in them, as deep as a carrier is looked for above a text."""
    out = set(carriers)
    for carrier in carriers:
        deepest = outline.boxes[carrier].depth + _CARRIERS_ABOVE
        for box in outline.boxes[carrier + 1 : carrier + _MOST_IN_A_CARRIER]:
            if box.depth <= deepest - _CARRIERS_ABOVE:
                break
            if box.depth <= deepest:
                out.add(box.index)
    return out


def _carriers_of(block: Block, outline: Outline, carriers: dict[int, str]) -> list[tuple[Box, str]]:
    """The carriers that hold a part of the block's text or, a few boxes up, all of it."""
    out: dict[int, tuple[Box, str]] = {}
    if carriers:
        for run in block.runs:
            index = run.box
            for _ in range(_CARRIERS_ABOVE + 1):
                if index < 0:
                    break
                if index in carriers:
                    out[index] = (outline.boxes[index], carriers[index])
                index = outline.boxes[index].parent
    return list(out.values())


@lru_cache(maxsize=8192)
def _named_foreign(names: str) -> bool:
    return _FOREIGN.search(names) is not None


@lru_cache(maxsize=8192)
def _named_aside(names: str) -> bool:
    return _ASIDE.search(names) is not None


def _selector(box: Box) -> str:
    classes = (box.node.attributes.get("class") or "").split()
    return f"{box.tag}.{classes[0]}" if classes else box.tag
