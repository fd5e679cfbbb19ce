"""XML as the web writes it: read as far as it makes any sense, in one pass and in time that grows with its length.

No XML parser is used, because much of what is served as a feed is not XML: ampersands and tags that are not escaped,
prefixes and entities that nobody declared, two roots, no root, half a file. What an XML parser could be made to do,
such as expanding entities without end or opening other files, is not done here at all.
"""

from __future__ import annotations

import re
from collections.abc import Generator
from dataclasses import dataclass, field

from scraper.crawl.discovery.namespaces import Namespaces
from scraper.crawl.discovery.titles import INLINE, unescaped
from scraper.urls import resolve

ROOTS = frozenset(
    ("rss", "rdf:rdf", "rdf", "feed", "channel", "item", "entry", "urlset", "sitemapindex", "url", "sitemap")
)
"""What feeds and sitemaps begin with, if they are whole and if they are not."""

_NAME = r"[A-Za-z_][^\s<>/=\"']*+"
_ATTRIBUTES = r"(?:[^<>\"'/]|/(?!>)|\"[^\"<]*\"|'[^'<]*')*+"
# No part of it looks beyond the next "<", but for CDATA and comments, whose lack of an end ends the text.
_TOKEN = re.compile(
    rf"""<(?P<leaf>{_NAME})(?P<of_leaf>{_ATTRIBUTES})(?:/>|>(?P<within>[^<]*)</(?P=leaf)\s*>)
    |<(?P<start>{_NAME})(?P<of_start>{_ATTRIBUTES})>
    |</(?P<end>{_NAME})[^<>]*>
    |(?P<text>[^<]+)
    |<!\[CDATA\[(?P<cdata>.*?)(?P<cdata_end>\]\]>|\Z)
    |<!--.*?(?:-->|\Z)
    |<(?P<broken>{_NAME})(?P<of_broken>[^<>]*)>
    |<[!?/][^<>]*>?
    |(?P<stray><+(?=<)|<)""",
    re.VERBOSE | re.DOTALL,
)
_ATTRIBUTE = re.compile(r"(?<![^\s\"'/])([^\s=<>\"'/]++)\s*+=\s*+(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'<>]+))")
_LONGEST_ATTRIBUTES = 16_384
_DOCTYPE = re.compile(r"<!DOCTYPE\b", re.IGNORECASE)
_DOCTYPE_WHOLE = re.compile(r"<!DOCTYPE\b[^<>\[]*(?:\[(?P<subset>[^\]]*)\]\s*)?>", re.IGNORECASE)
_ENTITY = re.compile(
    r"<!ENTITY\s+([A-Za-z][\w.-]{0,31})\s+(?:\"((?:[^\"<>%&]|&#){0,64})\"|'((?:[^'<>%&]|&#){0,64})')\s*>"
)
_PROLOG = 100_000
_DEEPEST = 100
"""Elements inside each other; deeper ones are passed over, but not their text."""
_MOST_TOKENS = 5_000_000
"""Tags and texts that are read; 50,000 pages with all that may be said of them take a third."""
_MOST_CHILDREN = 5_000
_LOOK_BACK = 32
"""Open elements among which the one is sought that an end tag ends."""


@dataclass(slots=True)
class Element:
    """An element with what is directly in it. Names are in lower case, with the prefix by which their namespace is
    known (`dc:date`); those of feeds' and sitemaps' own vocabularies have none."""

    name: str
    attributes: str
    """As written."""
    base: str | None
    """What relative addresses in it start from, where xml:base says so."""
    pieces: list[str | Element] = field(default_factory=list)
    """Text and elements as they follow each other."""
    children: list[Element] = field(default_factory=list)

    @property
    def text(self) -> str:
        """What stands directly in it, references resolved."""
        return "".join(piece for piece in self.pieces if isinstance(piece, str))

    @property
    def whole_text(self) -> str:
        """The same with the text of the elements inside it, a space around those that begin a line of their own."""
        return "".join(piece if isinstance(piece, str) else piece._within_text() for piece in self.pieces)

    def _within_text(self) -> str:
        return self.whole_text if self.name.rpartition(":")[2] in INLINE else f" {self.whole_text} "

    def get(self, name: str) -> str | None:
        """The value of an attribute, references resolved; None when it has none of this name (in lower case)."""
        for match in _ATTRIBUTE.finditer(self.attributes[:_LONGEST_ATTRIBUTES]):
            if match[1].lower() == name:
                return unescaped(match[2] or match[3] or match[4] or "").strip()
        return None

    def all(self, *names: str) -> list[Element]:
        """The children of these names."""
        return [child for child in self.children if child.name in names]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Which elements of a format matter."""

    records: frozenset[str]
    """Each is handed on as soon as it ends. One inside another of them means that the other was not closed."""
    fields: frozenset[str]
    """Direct children of records that are kept, with what is in them."""
    leaves: frozenset[str]
    """Fields that hold text: one that begins inside another means that the other was not closed."""
    lone: frozenset[str] = frozenset()
    """Fields that are records where they stand outside of any."""


class Markup:
    """One document, read once."""

    def __init__(self, text: str) -> None:
        self.cut_short = False
        """Whether the document ended before its last element did; known after reading."""
        self.outside: list[Element] = []
        """What is in no record, as trees; known after reading."""
        # Without its declaration of type.
        self.text, self._entities = _without_doctype(text)
        self._names = Namespaces()

    def root(self) -> str:
        """The first element that feeds or sitemaps begin with, else `html`, else the first of any name; "" for none."""
        first = ""
        names = Namespaces()
        for count, match in enumerate(_TOKEN.finditer(self.text)):
            raw = match["leaf"] or match["start"] or match["broken"]
            if not raw:
                continue
            name = names.name_of(raw, match["of_leaf"] or match["of_start"] or match["of_broken"] or "")
            name = name.removeprefix("atom:")
            if name in ROOTS or name == "html":
                return name
            first = first or name
            if count > 2000:
                break
        return first

    def records(self, vocabulary: Vocabulary, base: str | None) -> Generator[Element, None, None]:
        """The records in order. `base` is the document's address."""
        reading = _Reading(vocabulary, base, self._names, self._entities)
        try:
            for count, match in enumerate(_TOKEN.finditer(self.text)):
                reading.take(match)
                if reading.finished:
                    yield from reading.finished
                    reading.finished.clear()
                if count == _MOST_TOKENS:
                    break
            self.cut_short = reading.is_open
            reading.break_off()
            yield from reading.finished
        finally:  # also where whoever reads has enough
            reading.break_off()
            self.outside = reading.outside


class _Reading:
    """The elements that are open at a place of a document."""

    def __init__(self, vocabulary: Vocabulary, base: str | None, names: Namespaces, entities: dict[str, str]) -> None:
        self.finished: list[Element] = []
        """Records that ended and were not yet handed on."""
        self.outside: list[Element] = []
        self._vocabulary = vocabulary
        self._base = base
        self._names = names
        self._entities = entities
        self._open: list[Element] = []
        self._record = -1
        """Where the record under way stands among the open elements; -1 for none."""

    @property
    def is_open(self) -> bool:
        return bool(self._open)

    def take(self, match: re.Match[str]) -> None:
        """One token."""
        kind = match.lastgroup
        if kind in ("of_leaf", "within"):
            self.leaf(match["leaf"], match["of_leaf"], match["within"])
        elif kind == "text":
            self.add_text(match["text"])
        elif kind == "of_start":
            self.start(match["start"], match["of_start"])
        elif kind == "end":
            self.end(match["end"])
        elif kind == "cdata_end":
            self.add_text(match["cdata"], is_escaped=False)
        elif kind == "of_broken":
            self.start(match["broken"], match["of_broken"])
        elif kind == "stray":
            self.add_text(match["stray"], is_escaped=False)

    def start(self, raw: str, attributes: str) -> None:
        name = self._names.name_of(raw, attributes)
        vocabulary, depth = self._vocabulary, len(self._open) - self._record
        if self._record >= 0 and name in vocabulary.records and depth <= 2:
            self._close(self._record)
        elif self._record >= 0 and depth == 2 and {name, self._open[-1].name} <= vocabulary.leaves:
            self._close(self._record + 1)
        if len(self._open) >= _DEEPEST:
            return
        if self._record < 0 and (name in vocabulary.records or name in vocabulary.lone):
            self._record = len(self._open)
        self._open.append(self._element(name, attributes))

    def leaf(self, raw: str, attributes: str, text: str | None) -> None:
        """An element with nothing but text in it: most are such, and in the right place, so this way is a short one."""
        depth = len(self._open) - self._record
        name = self._names.name_of(raw, attributes)
        ends_another = depth == 2 and {name, self._open[-1].name} <= self._vocabulary.leaves
        if self._record < 0 or name in self._vocabulary.records or ends_another:
            self.start(raw, attributes)
            self.add_text(text)
            self.end(raw)
        elif depth > 1 or name in self._vocabulary.fields:
            element = self._element(name, attributes)
            if text:
                element.pieces.append(unescaped(text, self._entities))
            self._put(element)

    def add_text(self, text: str | None, *, is_escaped: bool = True) -> None:
        if text and self._open:
            self._open[-1].pieces.append(unescaped(text, self._entities) if is_escaped else text)

    def end(self, raw: str) -> None:
        name = self._names.name_of(raw)
        for at in range(len(self._open) - 1, max(-1, len(self._open) - 1 - _LOOK_BACK), -1):
            if self._open[at].name == name:
                self._close(at)
                return
        if self._record >= 0 and len(self._open) == self._record + 2 and name in self._vocabulary.leaves:
            self._close(self._record + 1)  # a field begun under a name of its own: <titel>…</title>

    def break_off(self) -> None:
        """No more comes. Of a record under way, the fields that were whole are kept: half an address is another one."""
        if self._record >= 0:
            record = self._open[self._record]
            del self._open[self._record :]
            self._record = -1
            self.finished += [record] if record.children else []
        while self._open:
            element = self._open.pop()
            if element.children:
                self._put(element)

    def _close(self, at: int) -> None:
        """End every open element from `at` on."""
        while len(self._open) > at:
            element = self._open.pop()
            depth = len(self._open)
            if depth == self._record:
                self._record = -1
                self.finished.append(element)
            elif self._record < 0 or depth > self._record + 1 or element.name in self._vocabulary.fields:
                self._put(element)

    def _element(self, name: str, attributes: str) -> Element:
        element = Element(name, attributes, self._open[-1].base if self._open else None)
        if "base" in attributes and (written := element.get("xml:base")):
            element.base = resolve(written, element.base or self._base) or element.base
        return element

    def _put(self, element: Element) -> None:
        """Into the element that is open, or among those outside."""
        siblings = self._open[-1].children if self._open else self.outside
        if len(siblings) < _MOST_CHILDREN:
            siblings.append(element)
            if self._open:
                self._open[-1].pieces.append(element)


def _without_doctype(text: str) -> tuple[str, dict[str, str]]:
    """A document without its declaration of type, and the short texts that this gives names to."""
    first = _DOCTYPE.search(text, 0, _PROLOG)
    match = _DOCTYPE_WHOLE.match(text, first.start(), first.start() + _PROLOG) if first else None
    if match is None:
        return text, {}
    # What stands for a text made of other entities is left alone, so that nothing can grow.
    defined = {name: unescaped(one or other) for name, one, other in _ENTITY.findall(match["subset"] or "")[:300]}
    return text[: match.start()] + text[match.end() :], defined
