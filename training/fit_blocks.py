"""Fit the block model and write it: `python -m training.fit_blocks --data ../shared/bench`.

Everything a page is judged by is learnt from other sites, inside the fit too: the lexicon a page is measured with, and
the first look's probabilities that the second look learns from, come from folds the page's site is not in.
With `--folds FOLDER` the models of a cross-validation are written as well: that in `fold-N` has seen no site of fold N,
and `python -m benchmarks.extraction --folds FOLDER` judges each page with the one that never saw it.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from scraper.extract.blocks.judge import worth_judging
from scraper.extract.blocks.lexicon import Lexicon
from scraper.extract.blocks.measures import Measures, measure
from scraper.extract.blocks.model import BlockModel, Forest
from scraper.extract.blocks.second_look import look_again
from scraper.extract.models import BLOCKS
from training.forests import grow
from training.lexicon import learn_lexicon
from training.pages import FOLDS, TrainingPage, fold_folder, read_pages

MODEL = Path(__file__).parents[1] / "scraper" / "extract" / "blocks" / "model.npz"
_T = TypeVar("_T")
_INNER_FOLDS = 3
_LEAST_TOTAL = 50
_PER_BLOCK, _MOST_WORDS = 1.5, 200


class _Rows:
    """A measured page, cut to the blocks worth judging."""

    def __init__(self, page: TrainingPage, lexicon: Lexicon) -> None:
        self.measures: Measures = measure(page.outline, page.hints, lexicon)
        self.rows = worth_judging(self.measures)
        self.shares = np.array(page.shares)[self.rows]
        counts = np.array(page.words, dtype=np.float64)
        # Each page counts alike, and in it each word: that is what a mean of word F1 over pages asks for.
        total = max(_LEAST_TOTAL, float((counts * np.array(page.shares)).sum()))
        self.weights = np.minimum(counts + _PER_BLOCK, _MOST_WORDS)[self.rows] / total
        self.columns = list(self.measures.columns)
        self.first = self.table(self.measures.columns)

    def table(self, columns: dict[str, NDArray[np.float64]]) -> NDArray[np.float32]:
        return np.array([column[self.rows] for column in columns.values()], dtype=np.float32).T

    def probability(self, forest: Forest) -> NDArray[np.float64]:
        """Of every block of the page, by the first look."""
        out = np.zeros(len(self.measures.words))
        out[self.rows] = forest.probability(self.measures.columns, self.rows)
        return out


def fit_model(pages: Sequence[TrainingPage]) -> BlockModel:
    """The model of `pages`."""
    groups = [[page for page in pages if _inner_fold(page) == number] for number in range(_INNER_FOLDS)]
    measured: list[list[_Rows]] = []
    for number, group in enumerate(groups):
        lexicon = learn_lexicon(_others(groups, number))
        measured.append([_Rows(page, lexicon) for page in group])
    again: list[NDArray[np.float32]] = []
    names: list[str] = []
    for number, group_rows in enumerate(measured):
        forest = _grow_first(_others(measured, number))
        for rows in group_rows:
            columns = rows.measures.columns | look_again(rows.measures, rows.probability(forest))
            again.append(rows.table(columns))
            names = list(columns)
    everything = [rows for group_rows in measured for rows in group_rows]
    second = grow(names, np.concatenate(again), *_targets(everything))
    return BlockModel(learn_lexicon(pages), _grow_first(everything), second)


def _grow_first(rows: Sequence[_Rows]) -> Forest:
    return grow(rows[0].columns, np.concatenate([one.first for one in rows]), *_targets(rows))


def _targets(rows: Iterable[_Rows]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    listed = list(rows)
    return np.concatenate([one.shares for one in listed]), np.concatenate([one.weights for one in listed])


def _inner_fold(page: TrainingPage) -> int:
    # Another hash than that of the outer folds, or an inner fold would be made of whole outer ones.
    return sum(page.site.encode()) % _INNER_FOLDS


def _others(groups: Sequence[Sequence[_T]], left_out: int) -> list[_T]:
    return [one for number, group in enumerate(groups) if number != left_out for one in group]


def main() -> None:
    """Fit, and write what was fitted."""
    parser = argparse.ArgumentParser(description="Fit the block model to labelled pages.")
    parser.add_argument("--data", type=Path, required=True, help="folder with the labelled sets")
    parser.add_argument("--sets", nargs="+", default=["wcxb-dev", "fundus-dev"])
    parser.add_argument("--out", type=Path, default=MODEL, help="where the model is written")
    parser.add_argument("--folds", type=Path, help="also write the models of a cross-validation to this folder")
    options = parser.parse_args()
    pages = read_pages(options.data, options.sets)
    print(f"{len(pages)} pages of {len({page.site for page in pages})} sites")
    if options.folds:
        for fold in range(FOLDS):
            folder = fold_folder(options.folds, fold)
            folder.mkdir(parents=True, exist_ok=True)
            fit_model([page for page in pages if page.fold != fold]).save(folder / BLOCKS)
            print(f"fold {fold} fitted", flush=True)
    fit_model(pages).save(options.out)
    print(f"wrote {options.out}: {options.out.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
