"""Which blocks of a page are its labelled text: the text is laid along the page's blocks, in order.

That most of a block's words occur somewhere in the text says little of a short block, and nothing of a paragraph that
stands on the page twice. So long blocks are placed first, by their 4-grams and so that their places in the text never
go back; a short block must then fit into the gap between its neighbours.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

_GRAM = 4
_LONG = 2 * _GRAM
_COVERED = 0.25
_REACH_BEFORE, _REACH_AFTER = 40, 60
"""Blocks before the first and after the last long block of the text that may be part of it."""


@dataclass(frozen=True, slots=True)
class _Placed:
    block: int
    start: int
    end: int
    grams: int
    covered: float


def align(text: Sequence[str], blocks: Sequence[Sequence[str]]) -> list[float]:
    """The share, 0 to 1, of each block's words that are part of `text`. Both are given as words."""
    chain = _heaviest_chain(_candidates(text, blocks))
    shares = [0.0] * len(blocks)
    for placed in chain:
        shares[placed.block] = placed.covered
    _fill_gaps(text, blocks, chain, shares)
    return shares


def _candidates(text: Sequence[str], blocks: Sequence[Sequence[str]]) -> list[_Placed]:
    places: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for at in range(len(text) - _GRAM + 1):
        places[tuple(text[at : at + _GRAM])].append(at)
    out = []
    for number, words in enumerate(blocks):
        if len(words) < _LONG:
            continue
        offsets: Counter[int] = Counter()
        hits = 0
        for at in range(len(words) - _GRAM + 1):
            found = places.get(tuple(words[at : at + _GRAM]), ())
            hits += bool(found)
            offsets.update(place - at for place in found[:6])
        covered = hits / (len(words) - _GRAM + 1)
        if covered >= _COVERED:
            for offset, _ in offsets.most_common(3):
                start = max(0, offset)
                out.append(_Placed(number, start, min(len(text), offset + len(words)), hits, covered))
    return sorted(out, key=lambda placed: (placed.block, placed.start))


def _heaviest_chain(found: list[_Placed]) -> list[_Placed]:
    """The placed blocks that hold the most of the text without its order ever going back; small overlaps are let be."""
    best: list[int] = []
    before: list[int] = []
    for i, one in enumerate(found):
        weight, link = 0, -1
        for j in range(max(0, i - 600), i):
            other = found[j]
            fits = other.end <= one.start + 2 + 0.2 * (one.end - one.start)
            if other.block < one.block and fits and best[j] > weight:
                weight, link = best[j], j
        best.append(weight + one.grams)
        before.append(link)
    chain: list[_Placed] = []
    at = max(range(len(best)), key=best.__getitem__, default=-1)
    while at >= 0:
        chain.append(found[at])
        at = before[at]
    return chain[::-1]


def _fill_gaps(text: Sequence[str], blocks: Sequence[Sequence[str]], chain: list[_Placed], shares: list[float]) -> None:
    def place(numbers: Sequence[int], low: int, high: int, *, backwards: bool) -> None:
        for number in numbers:
            words = blocks[number]
            if not words or shares[number] or len(words) >= 2 * _LONG:
                continue
            at = _find(text, words, low, high, backwards=backwards)
            if at >= 0:
                shares[number] = 1.0
                low, high = (low, at) if backwards else (at + len(words), high)

    if not chain:
        place(range(len(blocks)), 0, len(text), backwards=False)
        return
    # What stands before the first long block is looked for from there upwards: a menu may hold the same words.
    first, last = chain[0], chain[-1]
    place(range(first.block - 1, max(-1, first.block - _REACH_BEFORE), -1), 0, first.start, backwards=True)
    for one, other in pairwise(chain):
        place(range(one.block + 1, other.block), one.end, other.start, backwards=False)
    place(range(last.block + 1, min(len(blocks), last.block + _REACH_AFTER)), last.end, len(text), backwards=False)


def _find(text: Sequence[str], words: Sequence[str], low: int, high: int, *, backwards: bool) -> int:
    starts = range(low, high - len(words) + 1)
    wanted = list(words)
    return next((at for at in (reversed(starts) if backwards else starts) if text[at : at + len(words)] == wanted), -1)
