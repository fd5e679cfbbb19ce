"""Comparing pieces of text: folding, words, and how alike two titles are."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from functools import lru_cache

_WORD = re.compile(r"\w+")
_LINE = 100
"""Characters of the longest text whose folded form is remembered."""
# Scripts written without spaces between words: there, a "word" of this module is a pair of characters.
_UNSPACED = re.compile(r"[\u0e00-\u0e7f\u0e80-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")


def folded(text: str) -> str:
    """Case, width, punctuation and white space folded away."""
    return _folded_line(text) if len(text) <= _LINE else " ".join(_WORD.findall(_plain(text)))


@lru_cache(maxsize=8_192)
def _folded_line(text: str) -> str:
    # A page repeats its labels, a site repeats them on every page, and several readers of a line fold it.
    return " ".join(_WORD.findall(_plain(text)))


def _plain(text: str) -> str:
    return text.lower() if text.isascii() else unicodedata.normalize("NFKC", text).casefold()


def words(text: str) -> list[str]:
    """The words of `text` as they are compared: folded; pairs of characters where the script has no spaces."""
    found: list[str] = _WORD.findall(_plain(text))
    if not _UNSPACED.search(text):
        return found
    out: list[str] = []
    for word in found:
        if len(word) > 2 and _UNSPACED.search(word):
            out += [word[i : i + 2] for i in range(len(word) - 1)]
        else:
            out.append(word)
    return out


def count_words(text: str) -> int:
    """Words as a reader counts them; in scripts without spaces, two characters are about one word."""
    found = _WORD.findall(text)
    if not _UNSPACED.search(text):
        return len(found)
    total = 0
    for word in found:
        unspaced = len(_UNSPACED.findall(word))
        total += (unspaced + 1) // 2 + bool(len(word) - unspaced) if unspaced else 1
    return total


def similarity(a: str, b: str) -> float:
    """Word F1 of two texts: 0 (nothing shared) to 1 (the same words)."""
    left, right = words(a), words(b)
    if not left or not right:
        return 0.0
    both = sum((Counter(left) & Counter(right)).values())
    return 2 * both / (len(left) + len(right))
