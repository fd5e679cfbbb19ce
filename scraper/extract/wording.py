"""Comparing pieces of text: folding, words, and how alike two titles are."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from functools import lru_cache

_WORD = re.compile(r"\w+")
# Most pages are in Western letters. Bytes are split into words, by a table that makes a space of all that is in none,
# several times as fast as a pattern finds them. The second table lowers ASCII letters too, and knows no others.
_IN_WORDS = bytes(
    code if _WORD.match(char) else 32 for code, char in enumerate(bytes(range(256)).decode("cp1252", errors="replace"))
)
_FOLDED = bytes(ord(chr(code).lower()) if _WORD.match(chr(code)) else 32 for code in range(128)) + b" " * 128
_LINE = 100
"""Characters of the longest text whose folded form is remembered."""
# Scripts written without spaces between words: there, a "word" of this module is a pair of characters.
_UNSPACED = re.compile(r"[\u0e00-\u0e7f\u0e80-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")


def folded(text: str) -> str:
    """Case, width, punctuation and white space folded away."""
    return _folded_line(text) if len(text) <= _LINE else " ".join(_words_of(text))


@lru_cache(maxsize=8_192)
def _folded_line(text: str) -> str:
    # A page repeats its labels, a site repeats them on every page, and several readers of a line fold it.
    return " ".join(_words_of(text))


def _words_of(text: str) -> list[str]:
    if text.isascii():
        return ascii_words(text)
    return _WORD.findall(unicodedata.normalize("NFKC", text).casefold())


def ascii_words(text: str) -> list[str]:
    """The words of an ASCII text, in lower case: what `\\w+` finds in it."""
    return text.encode("ascii").translate(_FOLDED).decode("ascii").split()


def words(text: str) -> list[str]:
    """The words of `text` as they are compared: folded; pairs of characters where the script has no spaces."""
    found = _words_of(text)
    if text.isascii() or not _UNSPACED.search(text):
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
    try:
        return len(text.encode("ascii" if text.isascii() else "cp1252").translate(_IN_WORDS).split())
    except UnicodeEncodeError:
        pass  # other letters than Western ones
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
