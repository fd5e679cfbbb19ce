"""Learning the lexicon: how often elements and short lines with a word are the text, each site counting once."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence

from scraper.extract.blocks.lexicon import Lexicon, line_words, name_words
from training.pages import TrainingPage

_NAME_SITES, _WORD_SITES = 3, 6
"""Sites a word must be seen on to be remembered."""
_PRIOR_SITES = 2
_SHORT_LINE = 220
_LONGEST_WORD = 24


def learn_lexicon(pages: Sequence[TrainingPage]) -> Lexicon:
    """The lexicon of `pages`; each site counts once, however many pages it has."""
    return Lexicon(_names(pages), _words(pages))


def _names(pages: Sequence[TrainingPage]) -> dict[str, tuple[float, float]]:
    pure: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    held: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for page in pages:
        for name, (good, words, share) in _names_on(page).items():
            pure[name][page.site].append(good / words)
            held[name][page.site].append(share)
    out = {}
    for name, sites in pure.items():
        if len(sites) < _NAME_SITES:
            continue
        mean = (sum(_means(sites)) + 0.5 * _PRIOR_SITES) / (len(sites) + _PRIOR_SITES)
        mean = min(max(mean, 0.01), 0.99)
        out[name] = (round(math.log(mean / (1 - mean)), 2), round(sum(_means(held[name])) / (len(sites) + 2), 2))
    return out


def _names_on(page: TrainingPage) -> dict[str, list[float]]:
    """Name to (words of the article in boxes so named, all words there, greatest share of the article in one)."""
    boxes = page.outline.boxes
    good, words = [0.0] * len(boxes), [0.0] * len(boxes)
    for block, share, count in zip(page.outline.blocks, page.shares, page.words, strict=True):
        good[block.box] += share * count
        words[block.box] += count
    for box in reversed(boxes):
        if box.parent >= 0:
            good[box.parent] += good[box.index]
            words[box.parent] += words[box.index]
    total = sum(share * count for share, count in zip(page.shares, page.words, strict=True)) or 1.0
    out: dict[str, list[float]] = {}
    for box in boxes:
        if box.names and words[box.index]:
            for name in name_words(box.names):
                sums = out.setdefault(name, [0.0, 0.0, 0.0])
                sums[0] += good[box.index]
                sums[1] += words[box.index]
                sums[2] = max(sums[2], good[box.index] / total)
    return out


def _words(pages: Sequence[TrainingPage]) -> dict[str, float]:
    inside: dict[str, set[str]] = defaultdict(set)
    outside: dict[str, set[str]] = defaultdict(set)
    for page in pages:
        for block, share in zip(page.outline.blocks, page.shares, strict=True):
            if len(block.text) < _SHORT_LINE and not block.hidden:
                for word in set(line_words(block.text)):
                    if len(word) <= _LONGEST_WORD and not word.isdigit():
                        (inside if share >= 0.5 else outside)[word].add(page.site)
    out = {}
    for word in inside.keys() | outside.keys():
        yes, no = len(inside.get(word, ())), len(outside.get(word, ()))
        if yes + no >= _WORD_SITES:
            out[word] = round(math.log((yes + 1) / (no + 1)), 2)
    return out


def _means(sites: dict[str, list[float]]) -> list[float]:
    return [sum(values) / len(values) for values in sites.values()]
