"""What words mean on news pages, learnt from labelled ones: words in class names, and words in short lines."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import NamedTuple

from scraper.extract.wording import ascii_words

_NAME = re.compile(r"[a-z]{2,19}")
_WORD = re.compile(r"\w+")
_MAX_CACHED = 50_000


class NameScore(NamedTuple):
    """What the words in an element's names say of the text in it, as log-odds that it is the article's."""

    best: float = 0.0
    worst: float = 0.0
    mean: float = 0.0
    holds: float = 0.0
    """The greatest share of an article that elements so named hold on average: 0 to 1."""


SILENT = NameScore()


@dataclass
class Lexicon:
    """Log-odds of words. `names`: word in a name → (log-odds, share of the article held); `words`: word → log-odds."""

    names: dict[str, tuple[float, float]] = field(default_factory=dict)
    words: dict[str, float] = field(default_factory=dict)
    _known: dict[str, NameScore] = field(default_factory=dict, repr=False)

    def score_names(self, names: str) -> NameScore:
        """The score of an element's `names` (lower case); all zero for words never seen."""
        known = self._known.get(names)
        if known is None:
            found = [score for word in set(_NAME.findall(names)) if (score := self.names.get(word))]
            known = SILENT
            if found:
                odds, held = zip(*sorted(found), strict=True)
                known = NameScore(odds[-1], odds[0], sum(odds) / len(odds), max(held))
            if len(self._known) < _MAX_CACHED:
                self._known[names] = known
        return known

    def score_words(self, words: list[str]) -> tuple[float, float]:
        """Mean over all of `words` (a word never seen counts as 0) and the least of them."""
        found = [odds for word in words if (odds := self.words.get(word)) is not None]
        return (sum(found) / len(words), min(found)) if found else (0.0, 0.0)


def name_words(names: str) -> set[str]:
    """The words a name is made of, as the lexicon knows them: "entry-content wide" is entry, content and wide."""
    return set(_NAME.findall(names))


def line_words(text: str) -> list[str]:
    """The words of a line, in lower case."""
    return ascii_words(text) if text.isascii() else _WORD.findall(text.lower())
