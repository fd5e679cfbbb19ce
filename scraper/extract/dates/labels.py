"""What a page writes beside a date to say what it is the date of; the words are in `words.toml`."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Literal

from scraper.extract.dates.names import tables

Label = Literal["published", "modified", "other", ""]

# Languages whose words are joined or prefixed without a space: a phrase may begin inside what looks like a word.
_JOINED = frozenset(("ar", "fa", "he", "ja", "ko", "th", "zh"))
_PUBLISHED = re.compile(r"publish|pubdate|pub-date|posted|created|release")
_MODIFIED = re.compile(r"updat|modif|revis|changed")
_SHORT = 5
_REACH = 48
"""Characters before a date in which its label may stand."""


def label_of(before: str) -> Label:
    """What the text in front of a date says of it; "" when it says nothing."""
    near = before[-_REACH:].strip().lower()
    return _label(near) if near else ""


@lru_cache(maxsize=2048)
def _label(near: str) -> Label:
    said = {match.lastgroup for match in _pattern().finditer(near)}
    for label in ("modified", "other", "published"):
        if label in said:
            return label
    return ""


def label_of_names(names: str) -> Label:
    """What class, id and itemprop say: hAtom marks the same element as published and updated."""
    if not names:
        return ""
    if _PUBLISHED.search(names):
        return "published"
    return "modified" if _MODIFIED.search(names) else ""


@cache
def _pattern() -> re.Pattern[str]:
    parts = []
    for label, languages in tables()["labels"].items():
        phrases = [
            _bounded(phrase, joined=language in _JOINED, whole=label == "other")
            for language, words in languages.items()
            for phrase in words
        ]
        parts.append(f"(?P<{label}>{'|'.join(sorted(phrases, key=len, reverse=True))})")
    return re.compile("|".join(parts))


def _bounded(phrase: str, *, joined: bool, whole: bool) -> str:
    """The pattern of the beginning of a word or, for short ones that begin many words, of a whole one."""
    before = "" if joined else r"(?<!\w)"
    after = r"(?!\w)" if not joined and (whole or len(phrase) <= _SHORT) else ""
    return before + re.escape(phrase) + after
