"""Sums and places over the boxes of a page, on a tree small enough to count by hand."""

from __future__ import annotations

import numpy as np
import pytest
from selectolax.lexbor import LexborHTMLParser

from scraper.extract.blocks.lexicon import Lexicon
from scraper.extract.blocks.measures import Measures, measure, shifted, windowed
from scraper.extract.blocks.reading import Hints
from scraper.extract.outline import outline

# Two branches, one of them with a branch of its own: a holds b and c, and c holds d.
TREE = """
<div id=a><p>one</p>
  <div id=b><p>two</p><p>three</p></div>
  <div id=c><p>four</p><div id=d><p>five</p></div></div>
</div>
<div id=e><p>six</p></div>
"""


def measured(markup: str, hints: Hints | None = None, lexicon: Lexicon | None = None) -> Measures:
    return measure(outline(LexborHTMLParser(f"<body>{markup}").body, None), hints or Hints(), lexicon or Lexicon())


def box_named(page: Measures, name: str) -> int:
    (found,) = (box.index for box in page.outline.boxes if box.names == name)
    return found


@pytest.fixture
def page() -> Measures:
    return measured(TREE)


@pytest.mark.parametrize(("name", "held"), [("a", 31), ("b", 6), ("c", 24), ("d", 16), ("e", 32)])
def test_below_is_the_sum_over_the_blocks_in_a_box(page: Measures, name: str, held: int) -> None:
    assert page.below(np.array([1.0, 2, 4, 8, 16, 32]))[box_named(page, name)] == held


def test_below_the_first_box_is_everything(page: Measures) -> None:
    assert page.below(np.ones(6))[0] == 6


@pytest.mark.parametrize(
    ("name", "held"),
    [
        ("a", "one two three four five"),
        ("b", "two three"),
        ("c", "four five"),
        ("d", "five"),
        ("e", "six"),
    ],
)
def test_inside(page: Measures, name: str, held: str) -> None:
    inside = page.inside(box_named(page, name))
    assert [block.text for block in page.outline.blocks if inside[block.index]] == held.split()


@pytest.mark.parametrize(
    ("one", "other", "innermost"),
    [("d", "d", "d"), ("d", "c", "c"), ("c", "d", "c"), ("b", "d", "a"), ("a", "d", "a")],
)
def test_nearest_box_that_holds_both(page: Measures, one: str, other: str, innermost: str) -> None:
    nearest = page.nearest_on_way_to(box_named(page, other))
    assert nearest[box_named(page, one)] == box_named(page, innermost)


def test_the_nearest_box_of_strangers_is_above_all_that_is_named(page: Measures) -> None:
    nearest = int(page.nearest_on_way_to(box_named(page, "d"))[box_named(page, "e")])
    assert nearest < box_named(page, "a")
    assert page.inside(nearest).all()


def test_boxes_above_end_at_the_first(page: Measures) -> None:
    five = next(block for block in page.outline.blocks if block.text == "five")
    above = [int(boxes[five.index]) for boxes in page.above]
    assert above[1:4] == [box_named(page, name) for name in "dca"]
    assert above[-1] == 0


def test_every_column_has_a_finite_value_a_block() -> None:
    for markup in (TREE, "<p>one", "<h1>Title</h1>", "<ul><li><a href=/>one</a></ul>", "<table><tr><td>1<td>2</table>"):
        page = measured(markup, Hints(["Title of it"], ["A lead that says what the page is about"]))
        for name, column in page.columns.items():
            assert column.shape == (len(page.outline.blocks),), name
            assert np.isfinite(column).all(), name


def test_names_count_by_what_was_learnt_of_their_words() -> None:
    lexicon = Lexicon({"story": (2.0, 0.9), "promo": (-3.0, 0.0)}, {"subscribe": -4.0})
    page = measured(
        "<div class='story wide'><p>A ferry</p><div class=promo><p>Subscribe now</p></div></div>", None, lexicon
    )
    assert page.columns["names_best"].tolist() == [2.0, 2.0]
    assert page.columns["names_worst"].tolist() == [0.0, -3.0]
    assert page.columns["names_most_held"].tolist() == [0.9, 0.9]
    assert page.columns["word_least"].tolist() == [0.0, -4.0]
    assert page.columns["word_mean"].tolist() == [0.0, -2.0]


def test_shifted_and_windowed() -> None:
    column = np.array([1.0, 2, 4])
    assert shifted(column, 1).tolist() == [0, 1, 2]
    assert shifted(column, -1, 9).tolist() == [2, 4, 9]
    assert shifted(column, 3, 9).tolist() == [9, 9, 9]
    assert windowed(column, 1).tolist() == [3, 7, 6]
    assert windowed(column, 5).tolist() == [7, 7, 7]
