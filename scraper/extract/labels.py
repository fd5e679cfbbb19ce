"""The words by which pages of many languages announce what is not the article; the words are in `labels.toml`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources

from scraper.extract.wording import folded

# Languages whose words are joined or prefixed without a space: a phrase may begin inside what looks like a word.
LONGEST_LABEL = 60
"""Characters."""
_JOINED = frozenset(("ar", "he", "ja", "ko", "zh"))


@cache
def _phrases() -> dict[str, dict[str, list[str]]]:
    text = (resources.files("scraper.extract") / "labels.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


@dataclass(frozen=True, slots=True)
class _Phrases:
    """The phrases of one purpose, ready to be looked for in folded text."""

    by_letter: dict[str, tuple[str, ...]]
    """First letter to the phrases that must begin where a word begins."""
    beginnings: dict[str, tuple[str, ...]]
    """The same with those that may begin anywhere."""
    joined: tuple[str, ...]
    """Phrases that may begin anywhere."""

    def begin(self, text: str) -> bool:
        """True when a phrase stands at the very beginning of `text`."""
        return bool(text) and text.startswith(self.beginnings.get(text[0], self.joined))

    def within(self, text: str) -> bool:
        """True when a phrase stands anywhere in `text`."""
        at = 0
        while at < len(text):
            if text.startswith(self.by_letter.get(text[at], ()), at):
                return True
            at = text.find(" ", at) + 1 or len(text)  # folded text has single spaces between words
        return not text.isascii() and any(phrase in text for phrase in self.joined)


@cache
def _phrases_for(*purposes: str) -> _Phrases:
    by_letter: dict[str, list[str]] = {}
    joined: list[str] = []
    for language, phrases in (item for purpose in purposes for item in _phrases()[purpose].items()):
        for phrase in phrases:
            if language in _JOINED:
                joined.append(phrase)
            else:
                by_letter.setdefault(phrase[0], []).append(phrase)
    return _Phrases(
        {letter: tuple(found) for letter, found in by_letter.items()},
        {letter: (*found, *joined) for letter, found in by_letter.items()},
        tuple(joined),
    )


@cache
def _ends() -> frozenset[str]:
    return frozenset(phrase for phrases in _phrases()["ends"].values() for phrase in phrases)


def ends_text(text: str) -> bool:
    """True for a line that is nothing but the label of a comment form, a share bar, tags or an advertisement."""
    return len(text) <= LONGEST_LABEL and folded(text) in _ends()


def begins_as_teaser(text: str) -> bool:
    """True for a line that begins as those do which point to another article: “Read also: …”."""
    return _phrases_for("teasers").begin(folded(text[:60]))


def names_related(label: str) -> bool:
    """True when the label of a list of links says that they go with this article."""
    return _phrases_for("related").within(folded(label) + " ")


def names_popular(label: str) -> bool:
    """True when the label of a list of links says that they are the site's latest or most read."""
    return _phrases_for("popular").within(folded(label) + " ")


def is_label(text: str) -> bool:
    """True for a line that is nothing but a label: one that ends the text, or one of a list of other articles."""
    return len(text) <= LONGEST_LABEL and words_are_label(folded(text).split())


def words_are_label(words: list[str]) -> bool:
    """As `is_label`, of the folded words of a line no longer than LONGEST_LABEL."""
    if len(words) > 10:
        return False
    line = " ".join(words)
    return line in _ends() or (len(words) <= 5 and _phrases_for("teasers", "related", "popular").begin(line + " "))
