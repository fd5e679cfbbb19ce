"""Growing forests of symmetric trees with CatBoost, and writing them as the extractor reads them."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from catboost import CatBoostClassifier, Pool
from numpy.typing import NDArray

from scraper.extract.blocks.model import LEAF_SCALE, Forest

TREES, DEPTH = 250, 6
_OPTIONS: dict[str, Any] = {
    "learning_rate": 0.1,
    "l2_leaf_reg": 5,
    "rsm": 0.3,
    "border_count": 64,
    "bootstrap_type": "Bernoulli",
    "subsample": 0.7,
    "loss_function": "CrossEntropy",
    "random_seed": 1,
    "thread_count": 2,
    "verbose": 0,
    "allow_writing_files": False,
}


def grow(
    columns: Sequence[str],
    table: NDArray[np.float32],
    shares: NDArray[np.float64],
    weights: NDArray[np.float64],
    *,
    trees: int = TREES,
    depth: int = DEPTH,
) -> Forest:
    """A forest that tells, from a row of `table` (a value a column), the share, 0 to 1, of what the row stands for.

    For a block that is the share of it that is the article's; for a page, 1 for an article and 0 for none.
    """
    model = CatBoostClassifier(iterations=trees, depth=depth, **_OPTIONS)
    model.fit(Pool(table, shares, weight=weights))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "forest.json"
        model.save_model(str(path), format="json")
        return _forest(list(columns), json.loads(path.read_text(encoding="utf-8")), depth)


def _forest(columns: list[str], stored: dict[str, Any], depth: int) -> Forest:
    trees = stored["oblivious_trees"]
    scale, (bias,) = stored["scale_and_bias"]
    asked = np.zeros((depth, len(trees)), np.int16)
    # A tree with fewer questions than the others asks what nothing can answer with 1; its leaves are never reached.
    borders = np.full((depth, len(trees)), np.inf, np.float32)
    leaves = np.zeros((len(trees), 2**depth), np.int32)
    for number, tree in enumerate(trees):
        for level, split in enumerate(tree["splits"] or ()):
            asked[level, number] = split["float_feature_index"]
            borders[level, number] = split["border"]
        values = np.array(tree["leaf_values"]) * scale * LEAF_SCALE
        leaves[number, : len(values)] = np.round(values)
    used = np.unique(asked)
    renumbered = np.searchsorted(used, asked).astype(np.int16)
    return Forest(tuple(columns[one] for one in used), renumbered, borders, leaves, round(bias * LEAF_SCALE))
