"""The words by which pages of many languages announce what is not the article; the words are in `labels.toml`."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib import resources

from scraper.extract.wording import count_words, folded

# Languages whose words are joined or prefixed without a space: a phrase may begin inside what looks like a word.
_JOINED = frozenset(("ar", "he", "ja", "ko", "zh"))


@cache
def _phrases() -> dict[str, dict[str, list[str]]]:
    text = (resources.files("scraper.extract") / "labels.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


@cache
def _pattern(purpose: str) -> re.Pattern[str]:
    parts = [
        ("" if language in _JOINED else r"(?<!\w)") + re.escape(phrase)
        for language, phrases in _phrases()[purpose].items()
        for phrase in phrases
    ]
    return re.compile("|".join(parts))


@cache
def _ends() -> frozenset[str]:
    return frozenset(phrase for phrases in _phrases()["ends"].values() for phrase in phrases)


def ends_text(text: str) -> bool:
    """True for a line that is nothing but the label of a comment form, a share bar, tags or an advertisement."""
    return len(text) <= 60 and folded(text) in _ends()


def begins_as_teaser(text: str) -> bool:
    """True for a line that begins as those do which point to another article: “Read also: …”."""
    return _pattern("teasers").match(folded(text[:60])) is not None


def names_related(label: str) -> bool:
    """True when the label of a list of links says that they go with this article."""
    return _pattern("related").search(folded(label) + " ") is not None


def names_popular(label: str) -> bool:
    """True when the label of a list of links says that they are the site's latest or most read."""
    return _pattern("popular").search(folded(label) + " ") is not None


def opens_link_list(text: str) -> bool:
    """True for a line that is nothing but the label of a list of other articles: “See also”, “Most read”."""
    if not text or len(text) > 48 or count_words(text) > 5:
        return False
    label = folded(text) + " "
    return any(_pattern(purpose).match(label) for purpose in ("teasers", "related", "popular"))
