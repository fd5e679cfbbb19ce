"""The fitted model: its arithmetic by hand, its file, and what the packaged one says of a page."""

from __future__ import annotations

import math
from importlib import resources
from pathlib import Path

import numpy as np
import pytest
from selectolax.lexbor import LexborHTMLParser

from scraper.extract.blocks import BlockModel, Hints, judge_blocks, packaged_model
from scraper.extract.blocks.lexicon import Lexicon
from scraper.extract.blocks.model import LEAF_SCALE, Forest
from scraper.extract.outline import Outline, outline
from tests.extract.pages import HEADLINE, PARAGRAPHS, page

ROWS = np.arange(4)
COLUMNS = {"words": np.array([5.0, 5.0, 50.0, 50.0]), "links": np.array([0.1, 0.9, 0.1, 0.9])}


def forest(*, bias: float = 0.0) -> Forest:
    """Two trees: "more than 10 words" and "links above a half" by leaf 0 to 3, then "more than 10 words" alone."""
    leaves = np.array([[0.0, 2.0, -3.0, -1.0], [-0.5, 0.5, 7.0, 7.0]])
    return Forest(
        columns=("words", "links"),
        asked=np.array([[0, 0], [1, 0]], np.int16),
        borders=np.array([[10, 10], [0.5, np.inf]], np.float32),
        leaves=(leaves * LEAF_SCALE).astype(np.int32),
        bias=round(bias * LEAF_SCALE),
    )


def read(markup: str) -> Outline:
    return outline(LexborHTMLParser(markup).body, None)


@pytest.mark.parametrize("bias", [0.0, 0.25])
def test_a_forest_sums_the_leaves_of_its_trees(bias: float) -> None:
    odds = [0.0 - 0.5, -3.0 - 0.5, 2.0 + 0.5, -1.0 + 0.5]
    expected = [1 / (1 + math.exp(-(one + bias))) for one in odds]
    assert forest(bias=bias).probability(COLUMNS, ROWS).tolist() == pytest.approx(expected, abs=1e-9)


def test_a_forest_judges_the_rows_it_is_asked_about() -> None:
    everything = forest().probability(COLUMNS, ROWS)
    assert forest().probability(COLUMNS, np.array([3, 0])).tolist() == [everything[3], everything[0]]
    assert forest().probability(COLUMNS, np.array([], np.int64)).tolist() == []


def test_a_value_on_the_border_answers_no() -> None:
    columns = {"words": np.array([10.0]), "links": np.array([0.5])}
    assert forest().probability(columns, np.array([0])).tolist() == pytest.approx([1 / (1 + math.exp(0.5))])


def test_what_is_saved_is_what_is_loaded(tmp_path: Path) -> None:
    lexicon = Lexicon({"story": (2.13, 0.9), "promo": (-3.0, 0.05)}, {"subscribe": -4.2, "читайте": -1.5})
    model = BlockModel(lexicon, forest(bias=0.25), forest())
    model.save(tmp_path / "one.npz")
    model.save(tmp_path / "two.npz")
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()
    loaded = BlockModel.load(tmp_path / "one.npz")
    assert loaded.lexicon.names == lexicon.names
    assert loaded.lexicon.words == lexicon.words
    for ours, theirs in ((model.first, loaded.first), (model.second, loaded.second)):
        assert theirs.columns == ours.columns
        assert theirs.probability(COLUMNS, ROWS).tolist() == ours.probability(COLUMNS, ROWS).tolist()
    loaded.save(tmp_path / "three.npz")
    assert (tmp_path / "three.npz").read_bytes() == (tmp_path / "one.npz").read_bytes()


def test_a_file_that_is_no_model(tmp_path: Path) -> None:
    (tmp_path / "text.npz").write_text("no model")
    with pytest.raises(ValueError, match="pickle"):
        BlockModel.load(tmp_path / "text.npz")
    with pytest.raises(OSError, match="missing"):
        BlockModel.load(tmp_path / "missing.npz")


def test_the_packaged_model_is_small_and_reads_columns_that_are_measured() -> None:
    file = resources.files("scraper.extract.blocks") / "model.npz"
    assert len(file.read_bytes()) < 1_000_000
    model = packaged_model()
    assert model is packaged_model()
    judge_blocks(read(page()), Hints(), model)  # a column it does not know would be a KeyError
    for forest in (model.first, model.second):
        depth, trees = forest.asked.shape
        assert forest.leaves.shape == (trees, 2**depth)
        assert 0 <= forest.asked.min() <= forest.asked.max() < len(forest.columns)


def test_the_packaged_model_tells_text_from_menus_and_says_so_twice() -> None:
    menu = "".join(f"<li><a href=/{place}>{place}</a></li>" for place in ("Harbour", "Town", "Weather", "Sports"))
    markup = page(above=f"<nav><ul>{menu}</ul></nav>", below="<footer><p>All rights reserved.</p></footer>")
    one, two = (judge_blocks(read(markup), Hints([HEADLINE]), packaged_model()) for _ in range(2))
    assert one.probability.tobytes() == two.probability.tobytes()
    assert [block.text for block in one.chosen()] == list(PARAGRAPHS)


def test_a_page_without_text_has_no_opinion_to_give() -> None:
    opinion = judge_blocks(read("<img src=a.png>"), Hints(), packaged_model())
    assert opinion.expected_f1 == 0
    assert opinion.chosen() == []
