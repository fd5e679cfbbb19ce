"""Titles as people read them, out of what feeds write: escaped twice, with tags in them, over several lines."""

from __future__ import annotations

import html
import re
from html.entities import html5

_LONGEST = 500
"""Characters of a title that are kept."""
_MOST_READ = 20_000
"""Characters that are looked at."""
# A reference ends in a semicolon: `&section=1` in an address is none.
_REFERENCE = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|([A-Za-z][A-Za-z0-9]{1,31}));")
_UNSEEN = re.compile(r"<(script|style)\b[^<>]*>.*?(?:</\1\s*>|\Z)|<!--.*?(?:-->|\Z)", re.IGNORECASE | re.DOTALL)
INLINE = frozenset(
    """a abbr acronym b bdi bdo big cite code del dfn em font i ins kbd mark nobr q s small span strike strong sub sup
    time tt u var wbr""".split()
)
"""Elements that stand within a line, and within a word."""
_BREAKING = frozenset(
    """article blockquote body br center dd div dl dt figcaption figure h1 h2 h3 h4 h5 h6 header hr html iframe img li
    ol p picture pre section source svg table tbody td th tr ul video""".split()
)
# What else looks like a tag (`vector<int>`) is text.
_INLINE_TAG = re.compile(rf"</?(?:{'|'.join(sorted(INLINE))})(?=[\s/>])[^<>]*>", re.IGNORECASE)
_BREAKING_TAG = re.compile(rf"</?(?:{'|'.join(sorted(_BREAKING))})(?=[\s/>])[^<>]*>", re.IGNORECASE)
# Control characters, and those that take no room: soft hyphens, joiners of words, marks of order.
_INVISIBLE = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


def plain_title(text: str, *, is_markup: bool = True) -> str | None:
    """`text` without tags and references, on one line; None when nothing is left.

    Text that is no markup (`is_markup` False) keeps what looks like tags.
    """
    text = text[:_MOST_READ]
    if is_markup:
        # Once as HTML; and what is still escaped then was escaped once too often.
        text = _without_tags(unescaped(_without_tags(text)))
        if _REFERENCE.search(text):
            text = _without_tags(unescaped(text))
    line = " ".join(_INVISIBLE.sub("", text).split())
    if len(line) > _LONGEST:
        line = f"{line[: _LONGEST - 1].rstrip()}…"
    return line or None


def unescaped(text: str, defined: dict[str, str] | None = None) -> str:
    """With references resolved once: numbers, the names of HTML, and `defined` ones; others stay as they are."""
    if "&" not in text:
        return text
    names = defined or {}

    def meaning(match: re.Match[str]) -> str:
        name = match[1]
        if name is None:
            return html.unescape(match[0])
        return names.get(name) or html5.get(f"{name};") or html5.get(f"{name.lower()};") or match[0]

    return _REFERENCE.sub(meaning, text)


def _without_tags(text: str) -> str:
    if "<" not in text:
        return text
    return _BREAKING_TAG.sub(" ", _INLINE_TAG.sub("", _UNSEEN.sub(" ", text)))
