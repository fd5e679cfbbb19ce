"""A text as the words it is compared by, and which of them two texts share."""

from __future__ import annotations

import re
import sys
import unicodedata
from array import array
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Literal

from scraper.diff.noise import folded

Op = Literal["same", "removed", "added"]

# Written without spaces between words: Thai, Lao, Myanmar, Khmer, kana, Han and their extensions.
UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u1950-\u19df\u3005-\u3007\u3021-\u3029\u3040-\u30ff\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff"
)


@dataclass(frozen=True, slots=True)
class Word:
    """A word, a sign of a script without spaces, a mark of punctuation or an emoji."""

    key: str
    """What it is compared by: typography folded."""
    text: str
    """As it stands, with the spaces that follow."""
    counts: bool
    """True for what a reader would count as a word; punctuation is none."""


@dataclass(frozen=True, slots=True)
class Run:
    """Words that two texts share, or that one of them has."""

    op: Op
    text: str
    words: int


class Budget:
    """How many comparisons a diff may still make; when hostile texts end it, whole paragraphs are shown instead."""

    def __init__(self, steps: int = 3_000_000) -> None:
        self.left = steps

    def spend(self, steps: int) -> bool:
        """False when there is nothing left."""
        self.left -= steps
        return self.left >= 0


def split(text: str) -> list[Word]:
    """The words of a text, in order; joined, their texts are the text without the spaces it begins with."""
    found = []
    for match in _token().finditer(text):
        word = match["word"]
        found.append(Word(_key(word) if len(word) <= 40 else folded(word), match[0], word[0].isalnum()))
    return found


@lru_cache(maxsize=16_384)
def _key(word: str) -> str:
    return folded(word)


def compare(before: Sequence[Word], after: Sequence[Word], budget: Budget) -> list[Run] | None:
    """The runs that lead from one text to the other; None when they would take more than the budget."""
    pairs = common([word.key for word in before], [word.key for word in after], budget)
    if pairs is None:
        return None
    return _runs(before, after, _without_chance(before, after, pairs))


def count(text: str | None) -> int:
    """The words of a text."""
    return sum(word.counts for word in split(text or ""))


def shared(one: Counter[str], other: Counter[str]) -> float:
    """The part of the words of two texts that both have (Dice), 0 to 1."""
    total = one.total() + other.total()
    if len(other) < len(one):
        one, other = other, one
    return 2 * sum(min(number, other[key]) for key, number in one.items() if key in other) / total if total else 1.0


def common(before: Sequence[str], after: Sequence[str], budget: Budget) -> list[tuple[int, int]] | None:
    """The positions of a longest common subsequence (Myers 1986), ascending; None when the budget does not allow it."""
    start = 0
    shorter = min(len(before), len(after))
    while start < shorter and before[start] == after[start]:
        start += 1
    end = 0
    while end < shorter - start and before[-1 - end] == after[-1 - end]:
        end += 1
    # What only one of them has takes no part in what they share.
    left, right = set(before[start : len(before) - end]), set(after[start : len(after) - end])
    a = [i for i in range(start, len(before) - end) if before[i] in right]
    b = [j for j in range(start, len(after) - end) if after[j] in left]
    middle = _myers([before[i] for i in a], [after[j] for j in b], budget)
    if middle is None:
        return None
    tail = range(end, 0, -1)
    return [
        *((i, i) for i in range(start)),
        *((a[i], b[j]) for i, j in middle),
        *((len(before) - k, len(after) - k) for k in tail),
    ]


def _myers(a: list[str], b: list[str], budget: Budget) -> list[tuple[int, int]] | None:
    """The same without the shortcuts: for 0, 1, 2 … edits, how far each diagonal of the two texts is reached."""
    most = len(a) + len(b)
    reached = [0] * (2 * most + 3)
    zero = most + 1
    history: list[array[int]] = []
    for edits in range(most + 1):
        if not budget.spend(edits + 1):
            return None
        history.append(array("l", reached[zero - edits - 1 : zero + edits + 2]))
        for k in range(-edits, edits + 1, 2):
            x = begun = _step(reached, zero + k, k, edits)
            y = x - k
            while x < len(a) and y < len(b) and a[x] == b[y]:
                x += 1
                y += 1
            reached[zero + k] = x
            if not budget.spend((x - begun) // 2):
                return None
            if x >= len(a) and y >= len(b):
                return _walked_back(history, x, y)
    return []


def _step(reached: Sequence[int], at: int, k: int, edits: int) -> int:
    """Where diagonal `k` is entered: down from the one above, or to the right from the one below."""
    if k == -edits or (k != edits and reached[at - 1] < reached[at + 1]):
        return reached[at + 1]
    return reached[at - 1] + 1


def _walked_back(history: list[array[int]], x: int, y: int) -> list[tuple[int, int]]:
    pairs = []
    for edits in range(len(history) - 1, -1, -1):
        reached = history[edits]
        k = x - y
        zero = edits + 1
        begun = _step(reached, zero + k, k, edits)
        while x > begun:
            x, y = x - 1, y - 1
            pairs.append((x, y))
        if edits == 0:
            break
        # One step back: up, if the diagonal above was the farther one, else to the left.
        if begun == reached[zero + k + 1] and (k == -edits or (k != edits and reached[zero + k - 1] < begun)):
            y -= 1
        else:
            x -= 1
    return pairs[::-1]


def _without_chance(
    before: Sequence[Word], after: Sequence[Word], pairs: list[tuple[int, int]]
) -> list[tuple[int, int]]:
    """`pairs` without short islands between longer edits: “the” in two different sentences is shared by chance."""
    islands: list[list[tuple[int, int]]] = []
    for pair in pairs:
        if islands and (pair[0] - 1, pair[1] - 1) == islands[-1][-1]:
            islands[-1].append(pair)
        else:
            islands.append([pair])
    kept: list[tuple[int, int]] = []
    end_a = end_b = 0
    for number, island in enumerate(islands):
        (first_a, first_b), (last_a, last_b) = island[0], island[-1]
        next_a, next_b = islands[number + 1][0] if number + 1 < len(islands) else (len(before), len(after))
        edits_before = max(first_a - end_a, first_b - end_b)
        edits_after = max(next_a - last_a - 1, next_b - last_b - 1)
        weight = sum(before[i].counts for i, _ in island)
        chance = weight <= 2 and 2 * max(weight, 1) <= min(edits_before, edits_after)
        if not chance:
            kept += island
            end_a, end_b = last_a + 1, last_b + 1
    return kept


def _runs(before: Sequence[Word], after: Sequence[Word], pairs: list[tuple[int, int]]) -> list[Run]:
    runs: list[Run] = []
    i = j = 0
    same: list[Word] = []
    for a, b in [*pairs, (len(before), len(after))]:
        if (a, b) != (i, j):
            runs += [_run("same", same), _run("removed", before[i:a]), _run("added", after[j:b])]
            same = []
        same += after[b : b + 1]
        i, j = a + 1, b + 1
    runs.append(_run("same", same))
    return [run for run in runs if run.text]


def _run(op: Op, words: Sequence[Word]) -> Run:
    return Run(op, "".join(word.text for word in words), sum(word.counts for word in words))


@cache
def _token() -> re.Pattern[str]:
    marks = _marks()
    letter = rf"[^\W_{UNSPACED}]"
    emoji = "\u2190-\u21ff\u2300-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff"
    # A number with its separators; letters with their marks, and apostrophes between them; one sign of a script without
    # spaces; an emoji with all that is joined to it, a flag of two; else one mark.
    return re.compile(
        rf"""(?P<word>
            \d+(?:[.,:\u00a0\u202f']\d+)*
          | (?:{letter}[{marks}]*)+(?:['’ʼ\u2019\u00ad\u200c\u200d](?:{letter}[{marks}]*)+)*
          | [{UNSPACED}][{marks}]*
          | [\U0001f1e6-\U0001f1ff]{{2}}
          | [{emoji}](?:[\ufe0e\ufe0f\U0001f3fb-\U0001f3ff]|\u200d[{emoji}])*
          | \S[{marks}]*
        )\s*""",
        re.VERBOSE,
    )


@cache
def _marks() -> str:
    """The combining marks, as the inside of a character class."""
    ranges: list[list[int]] = []
    for code in range(0x300, min(0x1F000, sys.maxunicode)):
        if unicodedata.category(chr(code))[0] == "M":
            if ranges and ranges[-1][1] == code - 1:
                ranges[-1][1] = code
            else:
                ranges.append([code, code])
    return "".join(f"{chr(first)}-{chr(last)}" for first, last in ranges)
