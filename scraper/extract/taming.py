"""Markup that no author meant, made harmless before it is parsed.

Parsing takes quadratic time when tags nest without end, when formatting is opened and never closed, and when a tag has
thousands of attributes; everything after it takes time a tag. Browsers stop nesting at about 512 elements too. Taming
loses no text but on pages of more tags than any text needs: of those the middle is left out, and a note says so.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

_MOST_TAGS = 100_000
"""Tags of a page that are read; of 1,600 real pages, none had a quarter as many."""
_MOST_UNCLOSED = 3_000
"""How many tags more may be opened than closed before each is looked at."""
_DEEPEST = 500
"""Elements inside each other."""
_MOST_FORMATTING = 30
"""Formatting elements inside each other: every paragraph inside them gets a copy of each."""
_MOST_ATTRIBUTES = 1_000
_STRETCH = 10_000
"""Characters without a `>`, or of white space alone, from which a page is looked at more closely."""

# What looks like tags in comments and scripts is none.
_OPAQUE = r"<!--(?:-?>|.*?(?:-->|\Z))|<(?P<raw>script|style)\b.*?(?:</(?P=raw)|\Z)"
_TAG_START = re.compile(rf"{_OPAQUE}|<[A-Za-z/!?]", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(
    _OPAQUE + r"""|<(?P<end>/?)(?P<name>[A-Za-z][^\s/<>]*)(?P<rest>(?:[^<>"']|"[^"]*"|'[^']*')*+)>?""",
    re.IGNORECASE | re.DOTALL,
)
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
_LONG_SPACE = re.compile(rf"(?<!\s)\s{{{_STRETCH},}}")
# Their end is implied, or they have none: however many follow each other, none is inside another.
_NEVER_DEEP = frozenset(
    """a area base basefont bgsound br button col colgroup dd dt embed form frame head hr image img input
    keygen li link meta nobr p param rb rp rt rtc source tbody td tfoot th thead tr track wbr""".split()
)
_FORMATTING = frozenset("b big code em font i s small strike strong tt u".split())


def tame(source: str) -> tuple[str, tuple[str, ...]]:
    """Markup that parses in time, and notes for the reader about what was left out of it."""
    notes = []
    stretches = range(0, len(source) - _STRETCH, _STRETCH)
    flooded = False
    if any(source.find(">", at, at + _STRETCH) < 0 for at in stretches):
        # The first character tells nearly always, and costs no copy of the stretch.
        if any(source[at].isspace() and source[at : at + _STRETCH].isspace() for at in stretches):
            source = _LONG_SPACE.sub(" ", source)
        flooded = any(map(_has_too_many_attributes, _long_tags(source)))
    tags = source.count("<")
    if tags > _MOST_TAGS:
        source, left_out = _without_middle(source)
        if left_out:
            notes.append(f"the page has {left_out + _MOST_TAGS:,} tags; {left_out:,} in its middle are left out")
    if flooded or (tags > _MOST_UNCLOSED and tags - 2 * source.count("</") > _MOST_UNCLOSED):
        nesting = _Nesting()
        source = nesting.limited(source)
        if nesting.too_deep:
            notes.append(f"{nesting.too_deep:,} tags too deep inside others were passed over, but not their text")
    return source, tuple(notes)


def _long_tags(source: str) -> Iterator[str]:
    """The tags that are longer than a stretch, as far as there is no angle bracket in them.

    Looked for in steps of which one is inside each: a pattern for such a tag takes ten times as long over big scripts.
    """
    end, opens, closes = 0, -1, -1
    for at in range(0, len(source), _STRETCH // 2):
        if at < end:
            continue
        if opens < at:
            opens = _found("<", source, at)
        if closes < at:
            closes = _found(">", source, at)
        start = source.rfind("<", end, at)
        end = min(opens, closes)
        if end - start > _STRETCH + 1 and start >= 0 and source.find(">", start, at) < 0:
            name = source[start + 1]
            if name.isascii() and name.isalpha():
                yield source[start:end]


def _found(bracket: str, source: str, start: int) -> int:
    """Where the bracket stands from `start` on; the end where it does not."""
    at = source.find(bracket, start)
    return at if at >= 0 else len(source)


def _has_too_many_attributes(tag: str) -> bool:
    if len(tag.split(maxsplit=_MOST_ATTRIBUTES)) <= _MOST_ATTRIBUTES:
        return False  # as those are whose one attribute is a whole picture: not for the pattern to go through
    return len(_QUOTED.sub("", tag).split(maxsplit=_MOST_ATTRIBUTES)) > _MOST_ATTRIBUTES


def _without_middle(source: str) -> tuple[str, int]:
    """The first and the last tags with their text, as many as are read, and how many were between them."""
    starts = [match.start() for match in _TAG_START.finditer(source)]
    left_out = len(starts) - _MOST_TAGS
    if left_out <= 0:
        return source, 0
    half = _MOST_TAGS // 2
    return source[: starts[half]] + source[starts[-half] :], left_out


class _Nesting:
    """What is open at a place of the markup, as far as tags tell."""

    def __init__(self) -> None:
        self.too_deep = 0
        """Start tags passed over."""
        self._open: Counter[str] = Counter()
        self._ignored: Counter[str] = Counter()
        self._depth = self._formatting = 0

    def limited(self, source: str) -> str:
        """The markup without the tags that nest too deep, and without attributes that are too many."""
        pieces: list[str] = []
        kept_to = 0
        for match in _TAG.finditer(source):
            name, rest = (match["name"] or "").lower(), match["rest"] or ""
            if match["end"]:
                instead = None if self._closes(name) else ""
            elif name:
                instead = None if self._opens(name, rest) else ""
            else:
                continue
            if instead is None and len(rest) > _STRETCH and _has_too_many_attributes(rest):
                instead = f"<{name}>"
            if instead is not None:
                pieces += source[kept_to : match.start()], instead
                kept_to = match.end()
        pieces.append(source[kept_to:])
        return "".join(pieces)

    def _opens(self, name: str, rest: str) -> bool:
        """Take a start tag into account; False for one to pass over."""
        if name in ("html", "body"):
            # A second one adds its attributes to the first, each compared with all.
            self._open[name] += 1
            return self._open[name] == 1
        if name in _NEVER_DEEP or (rest.endswith("/") and (self._open["svg"] or self._open["math"])):
            return True
        if self._depth >= _DEEPEST or (name in _FORMATTING and self._formatting >= _MOST_FORMATTING):
            self._ignored[name] += 1
            self.too_deep += 1
            return False
        self._open[name] += 1
        self._depth += 1
        self._formatting += name in _FORMATTING
        return True

    def _closes(self, name: str) -> bool:
        """Take an end tag into account; False for that of a start tag passed over."""
        if self._ignored[name]:
            self._ignored[name] -= 1
            return False
        if self._open[name] and name not in ("html", "body"):
            self._open[name] -= 1
            self._depth -= 1
            self._formatting -= name in _FORMATTING
        return True
