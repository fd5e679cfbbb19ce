"""How likely a page is an article, by a small fitted model: words weighed one by one, then a forest over all signs.

`training/fit_page_type.py` fits it to labelled articles, shops, forums, manuals, lists and service pages.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from scraper.extract.blocks.model import LEAF_SCALE, Forest
from scraper.extract.page_signs import Signs

WORD_SCALE = 1_000
"""Weights of words are stored as whole numbers, this many to 1."""
WORDS_SIGN = "words"
"""The name under which the forest reads the score of the words."""

PageWords = dict[str, set[str]]
"""Place (`label`, `name` …) to the words there."""


@dataclass(frozen=True, slots=True)
class WordWeights:
    """A logistic regression over which words stand on a page; each page counts as much as another, however long."""

    weights: dict[str, dict[str, int]]
    """Place to word to weight, times WORD_SCALE."""
    bias: int

    def score(self, words: PageWords) -> float:
        """Log-odds of being an article."""
        known = total = 0
        for place, weights in self.weights.items():
            for word in weights.keys() & words.get(place, set()):
                known += 1
                total += weights[word]
        return (total / math.sqrt(known + 1) + self.bias) / WORD_SCALE


@dataclass(frozen=True, slots=True)
class PageTypeModel:
    """What the fit writes and `probability` applies."""

    words: WordWeights
    forest: Forest

    def probability(self, signs: Signs, words: PageWords) -> float:
        """That the page is an article: 0 to 1."""
        known = signs | {WORDS_SIGN: self.words.score(words)}
        forest = self.forest
        depth, trees = forest.asked.shape
        # One row at a time, so that the trees are what numpy goes through at once.
        row = np.array([known[name] for name in forest.columns], np.float32)
        leaf = ((row[forest.asked] > forest.borders) << np.arange(depth)[:, None]).sum(axis=0)
        odds = (int(forest.leaves[np.arange(trees), leaf].sum(dtype=np.int64)) + forest.bias) / LEAF_SCALE
        return 1 / (1 + math.exp(-odds))

    @classmethod
    def load(cls, file: Path | IO[bytes]) -> PageTypeModel:
        """Read the file that `save` wrote. Raises OSError or ValueError when it is none."""
        with np.load(file, allow_pickle=False) as stored:
            weights: dict[str, dict[str, int]] = {}
            for entry, weight in zip(stored["words"].tolist(), stored["weights"].tolist(), strict=True):
                place, _, word = entry.partition(" ")
                weights.setdefault(place, {})[word] = weight
            forest = Forest(
                tuple(stored["columns"].tolist()),
                stored["asked"],
                stored["borders"],
                stored["leaves"],
                int(stored["forest_bias"]),
            )
            return cls(WordWeights(weights, int(stored["words_bias"])), forest)

    def save(self, path: Path) -> None:
        """Write one compressed file; the same model gives the same bytes."""
        entries = sorted(
            (f"{place} {word}", weight) for place, words in self.words.weights.items() for word, weight in words.items()
        )
        arrays: dict[str, NDArray[np.generic]] = {
            "words": np.array([entry for entry, _ in entries]),
            "weights": np.array([weight for _, weight in entries], np.int16),
            "words_bias": np.array(self.words.bias, np.int64),
            "columns": np.array(self.forest.columns),
            "asked": self.forest.asked,
            "borders": self.forest.borders,
            "leaves": self.forest.leaves,
            "forest_bias": np.array(self.forest.bias, np.int64),
        }
        np.savez_compressed(path, **arrays)  # type: ignore[arg-type]


@cache
def packaged_page_type_model() -> PageTypeModel:
    """The model that ships with this package."""
    with (resources.files("scraper.extract") / "page_type.npz").open("rb") as file:
        return PageTypeModel.load(file)
