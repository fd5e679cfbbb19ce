"""The fitted model: two forests of small trees and a lexicon, read from one data file and applied with numpy.

Each tree asks the same question of all blocks at a level (a symmetric tree), so that a forest is a table lookup. The
leaves are whole numbers: sums are exact, and a page gives the same result on every machine.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from scraper.extract.blocks.lexicon import Lexicon
from scraper.extract.blocks.measures import Column

LEAF_SCALE = 65_536
"""Leaves are stored as log-odds times this."""


@dataclass(frozen=True, slots=True)
class Forest:
    """Symmetric trees of up to 8 levels. Arrays of shape (depth, trees): which column is asked, and above which value
    the answer is 1."""

    columns: tuple[str, ...]
    asked: NDArray[np.int16]
    borders: NDArray[np.float32]
    leaves: NDArray[np.int32]
    """Shape (trees, 2 ** depth); the answer of the first level is the lowest bit of the leaf's number."""
    bias: int

    def probability(self, columns: dict[str, Column], rows: NDArray[np.int64]) -> Column:
        """The probability, 0 to 1, of each of the `rows`."""
        table = np.array([columns[name] for name in self.columns])[:, rows].astype(np.float32)
        depth, trees = self.asked.shape
        answers = np.zeros((trees, len(rows)), dtype=np.uint8)  # small numbers: a page's fit into the nearest cache
        for level in range(depth):
            answers |= (table[self.asked[level]] > self.borders[level][:, None]).view(np.uint8) << np.uint8(level)
        leaf = answers + (np.arange(trees) << depth)[:, None]
        total = self.leaves.ravel().take(leaf).sum(axis=0, dtype=np.int64) + self.bias
        probability: Column = 1 / (1 + np.exp(-total / LEAF_SCALE))
        return probability


@dataclass(frozen=True, slots=True)
class BlockModel:
    """What `training` fits and `judge_blocks` applies."""

    lexicon: Lexicon
    first: Forest
    second: Forest

    @classmethod
    def load(cls, file: Path | IO[bytes]) -> BlockModel:
        """Read the file that `save` wrote. Raises OSError or ValueError when it is none."""
        with np.load(file, allow_pickle=False) as stored:
            names = zip(_lines(stored["names"]), stored["names_odds"], stored["names_held"], strict=True)
            words = zip(_lines(stored["words"]), stored["words_odds"], strict=True)
            lexicon = Lexicon(
                {name: (odds / 100, held / 100) for name, odds, held in names},
                {word: odds / 100 for word, odds in words},
            )
            first, second = (
                Forest(
                    tuple(_lines(stored[f"{stage}_columns"])),
                    stored[f"{stage}_asked"],
                    stored[f"{stage}_borders"],
                    stored[f"{stage}_leaves"],
                    int(stored[f"{stage}_bias"]),
                )
                for stage in ("first", "second")
            )
        return cls(lexicon, first, second)

    def save(self, path: Path) -> None:
        """Write one compressed file; the same model gives the same bytes."""
        names, words = sorted(self.lexicon.names.items()), sorted(self.lexicon.words.items())
        arrays: dict[str, NDArray[np.generic]] = {
            "names": _packed([name for name, _ in names]),
            "names_odds": np.array([round(100 * odds) for _, (odds, _) in names], np.int16),
            "names_held": np.array([round(100 * held) for _, (_, held) in names], np.int16),
            "words": _packed([word for word, _ in words]),
            "words_odds": np.array([round(100 * odds) for _, odds in words], np.int16),
        }
        for stage, forest in (("first", self.first), ("second", self.second)):
            arrays |= {
                f"{stage}_columns": _packed(list(forest.columns)),
                f"{stage}_asked": forest.asked,
                f"{stage}_borders": forest.borders,
                f"{stage}_leaves": forest.leaves,
                f"{stage}_bias": np.array(forest.bias, np.int64),
            }
        np.savez_compressed(path, **arrays)  # type: ignore[arg-type]


@cache
def packaged_model() -> BlockModel:
    """The model that ships with this package."""
    with (resources.files("scraper.extract.blocks") / "model.npz").open("rb") as file:
        return BlockModel.load(file)


def _packed(lines: list[str]) -> NDArray[np.uint8]:
    return np.frombuffer("\n".join(lines).encode(), np.uint8)


def _lines(packed: NDArray[np.uint8]) -> list[str]:
    return packed.tobytes().decode().split("\n") if packed.size else []
