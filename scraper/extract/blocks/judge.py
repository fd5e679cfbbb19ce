"""From probabilities to a choice: which blocks, taken together, are most likely to be the article's text."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from scraper.extract.blocks.measures import Column, Measures, measure
from scraper.extract.blocks.model import BlockModel
from scraper.extract.blocks.reading import Hints
from scraper.extract.blocks.second_look import look_again
from scraper.extract.outline import Block, Outline

__all__ = ["Hints", "Opinion", "judge_blocks"]

_LEAST, _MOST = 0.3, 0.6
"""Between these the probability from which a block is taken is moved to suit the page."""
_HOPELESS = 0.01
"""Probability at first sight below which nobody looks again: a second look has never raised one above 0.2."""
_WITNESS = 1.0
"""Log-odds that another extractor's opinion of a block is worth."""
_COPIED = 40
"""Characters from which the same text twice is a copy; shorter lines may well be repeated."""
_DIGEST = 2_000
"""Characters of the shortest block that is looked at for being a copy of many others."""


@dataclass
class Opinion:
    """The probability of each block of a page to be the article's text, and what follows from it."""

    blocks: list[Block]
    words: Column
    probability: Column

    @cached_property
    def expected_f1(self) -> float:
        """The word F1, 0 to 1, that the best choice has if the probabilities are right: how sure this opinion is."""
        return self._best_choice[0]

    @cached_property
    def threshold(self) -> float:
        """The probability from which a block is taken: half the F1 that can be expected maximises it."""
        return min(_MOST, max(_LEAST, self._best_choice[0] / 2))

    @cached_property
    def _best_choice(self) -> tuple[float, int]:
        if not len(self.words):
            return 0.0, 0
        order = np.argsort(-self.probability, kind="stable")
        expected = (self.probability * self.words)[order]
        scores = 2 * np.cumsum(expected) / (np.cumsum(self.words[order]) + expected.sum() + 1e-9)
        best = int(scores.argmax())
        return float(scores[best]), best

    def chosen(self) -> list[Block]:
        """The blocks to take, in document order, a text that stands on the page twice only once."""
        first: dict[str, Block] = {}
        taken: dict[int, Block] = {}
        for block in self.blocks:
            if self.probability[block.index] < self.threshold:
                continue
            known = first.get(block.text) if len(block.text) > _COPIED else None
            if known is not None and not (known.hidden and not block.hidden):
                continue
            if known is not None:
                del taken[known.index]
            first[block.text] = taken[block.index] = block
        return _without_digests(list(taken.values()))

    def heard(self, witness: list[Block]) -> Opinion:
        """This opinion after another extractor's, which took the blocks `witness`."""
        named = np.zeros(len(self.words), bool)
        named[[block.index for block in witness]] = True
        odds = np.log((self.probability + 1e-6) / (1 - self.probability + 1e-6)) + np.where(named, _WITNESS, -_WITNESS)
        ruled_out = self.probability == 0
        return Opinion(self.blocks, self.words, np.where(ruled_out, 0.0, 1 / (1 + np.exp(-odds))))


def _without_digests(blocks: list[Block]) -> list[Block]:
    """Without blocks that repeat, in one piece, what most of them is made of elsewhere: a copy kept for some script."""
    long = [block for block in blocks if len(block.text) > _DIGEST]
    repeats = {
        block.index
        for block in long
        if sum(len(b.text) for b in blocks if _COPIED < len(b.text) < len(block.text) and b.text in block.text)
        > 0.5 * len(block.text)
    }
    return [block for block in blocks if block.index not in repeats]


def judge_blocks(outline: Outline, hints: Hints, model: BlockModel) -> Opinion:
    """How likely each block of a page is the article's text."""
    if not outline.blocks:
        return Opinion([], np.zeros(0), np.zeros(0))
    page = measure(outline, hints, model.lexicon)
    rows = worth_judging(page)
    first = np.zeros(len(page.words))
    first[rows] = model.first.probability(page.columns, rows)
    again = page.columns | look_again(page, first)
    second = first.copy()
    rows = rows[first[rows] >= _HOPELESS]
    second[rows] = model.second.probability(again, rows)
    return Opinion(outline.blocks, page.words, tables_as_one(outline, page.words, (first + second) / 2))


def worth_judging(page: Measures) -> NDArray[np.int64]:
    """The numbers of the blocks that may be an article's text: not the links of menus and footers."""
    columns = page.columns
    menu = ((columns["in_nav"] > 0) | (columns["in_footer"] > 0)) & (page.links > 0.5)
    return np.flatnonzero(~menu)


def tables_as_one(outline: Outline, words: Column, probability: Column) -> Column:
    """`probability` with the cells of a table of data sharing one: half a table is of no use to anyone."""
    cells: dict[int, list[int]] = {}
    for block in outline.blocks:
        if block.kind == "cell":
            tables = [box.index for box in outline.ancestors(block.box) if box.tag == "table"]
            if tables:
                cells.setdefault(tables[-1], []).append(block.index)  # the outermost
    if not cells:
        return probability
    out = probability.copy()
    for same in cells.values():
        weight = words[same] + 0.5
        out[same] = (probability[same] * weight).sum() / weight.sum()
    return out
