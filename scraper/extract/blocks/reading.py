"""What is measured of a block's text by itself, and against what the page's head says."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from scraper.extract.blocks.lexicon import Lexicon, line_words
from scraper.extract.labels import LONGEST_LABEL, words_are_label
from scraper.extract.outline import Block

_SHORT_LINE = 220
"""Characters up to which the single words of a block are looked at."""
_SENTENCE_END = re.compile(r"[.!?…。！？؟।][\"'»”’)\]]*$")
_DATE_LIKE = re.compile(r"\d(?:\d?[:.]\d\d|(?<=1)9\d\d|(?<=2)0\d\d|\d?[./-]\d\d?[./-]\d\d)")
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")


@dataclass(frozen=True, slots=True)
class Hints:
    """What the page's head says that its blocks are compared with."""

    titles: Sequence[str] = ()
    """The longest counts: `<title>`, og:title, JSON-LD headline."""
    leads: Sequence[str] = ()
    """Descriptions; the first three count."""


class Reading(NamedTuple):
    """What reading one text gives."""

    words: int
    commas: int = 0
    sentence: bool = False
    """It ends like one."""
    dated: bool = False
    label: bool = False
    mean: float = 0.0
    least: float = 0.0
    """Log-odds of the words; 0 for a text too long to be looked at by the word."""
    title: float = 0.0
    lead: float = 0.0
    """Likeness to the title and to the description, 0 to 1."""


class Reader:
    """Reads single texts of one page."""

    def __init__(self, hints: Hints, lexicon: Lexicon, blocks: Sequence[Block]) -> None:
        self._lexicon = lexicon
        self._title = frozenset(line_words(max(hints.titles, key=len, default="")))
        leads = [lead for lead in dict.fromkeys(hints.leads[:3]) if len(lead) > 20]
        self._leads = [(len(lead), words) for lead in leads if (words := frozenset(line_words(lead)))]
        sample = "".join([block.text for block in blocks[:400]])[:20_000]
        self._unspaced = not sample.isascii() and len(_UNSPACED.findall(sample)) > 0.05 * len(sample)

    def skim(self, text: str) -> Reading:
        """Only the words are counted."""
        return Reading(self._count(text))

    def read(self, text: str) -> Reading:
        """All that is measured of a text by itself."""
        size = len(text)
        mean = least = title = 0.0
        label = False
        words: set[str] | None = None
        if size < _SHORT_LINE:
            listed = line_words(text)
            label = size <= LONGEST_LABEL and words_are_label(listed)
            mean, least = self._lexicon.score_words(listed)
            words = set(listed)
            if self._title and words:
                title = 2 * len(words & self._title) / (len(words) + len(self._title))
        lead = 0.0
        for length, stated in self._leads:
            if 0.3 * length < size < 3 * length:  # else they share too little to be told from chance
                words = set(line_words(text)) if words is None else words
                shared = len(words & stated)
                lead = max(lead, shared / (len(words) + len(stated) - shared))
        commas = text.count(",") + (0 if text.isascii() else text.count("，") + text.count("、"))
        # Most lines are labels, and end in a letter.
        sentence = not text[-1:].isalnum() and _SENTENCE_END.search(text[-4:]) is not None
        dated = size < 200 and (bool(_DATE_LIKE.search(text)) or text.endswith(" ago"))
        return Reading(self._count(text), commas, sentence, dated, label, mean, least, title, lead)

    def _count(self, text: str) -> int:
        words = text.count(" ") + 1
        return max(words, len(_UNSPACED.findall(text)) // 2 + 1) if self._unspaced else words
