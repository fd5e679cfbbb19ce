"""From probabilities to a choice of blocks."""

from __future__ import annotations

import numpy as np
import pytest
from selectolax.lexbor import LexborHTMLParser

from scraper.extract.blocks import Opinion
from scraper.extract.blocks.judge import tables_as_one
from scraper.extract.outline import Outline, outline

LONG = "A sentence that is long enough to be known again where it stands twice."


def read(markup: str) -> Outline:
    return outline(LexborHTMLParser(f"<body>{markup}").body, None)


def opinion(markup: str, probability: list[float], words: list[float] | None = None) -> Opinion:
    blocks = read(markup).blocks
    assert len(blocks) == len(probability)
    return Opinion(blocks, np.array(words or [10.0] * len(blocks)), np.array(probability))


def taken(given: Opinion) -> list[int]:
    return [block.index for block in given.chosen()]


FOUR = "<p>One</p><p>Two</p><p>Three</p><p>Four</p>"


def test_the_threshold_is_half_the_f1_to_be_expected() -> None:
    # Of 30 words expected, the best three blocks hold 27: 2 * 27 / (30 + 30).
    given = opinion(FOUR, [0.9, 0.9, 0.9, 0.3])
    assert given.expected_f1 == pytest.approx(0.9)
    assert given.threshold == pytest.approx(0.45)
    assert taken(given) == [0, 1, 2]


def test_words_weigh() -> None:
    # The long block alone: 2 * 90 / (100 + 95); with the short one: 2 * 95 / (110 + 95).
    given = opinion("<p>One</p><p>Two</p>", [0.9, 0.5], [100, 10])
    assert given.expected_f1 == pytest.approx(190 / 205)
    assert taken(given) == [0, 1]


def test_the_threshold_has_bounds() -> None:
    assert opinion(FOUR, [0.3, 0.3, 0.3, 0.3]).threshold == pytest.approx(0.3)  # half of 0.46 would be less
    assert opinion(FOUR, [1.0, 1.0, 1.0, 1.0]).threshold == pytest.approx(0.5)
    assert taken(opinion(FOUR, [0.1, 0.1, 0.2, 0.1])) == []


def test_a_text_that_stands_twice_is_taken_once() -> None:
    assert taken(opinion(f"<p>{LONG}</p><p>Two</p><p>{LONG}</p>", [0.9, 0.9, 0.9])) == [0, 1]
    assert taken(opinion(f"<p>{LONG}</p><p>Two</p><p>{LONG}</p>", [0.1, 0.9, 0.9])) == [1, 2]


def test_a_short_line_may_stand_twice() -> None:
    assert taken(opinion("<p>Who was asked</p><p>Two</p><p>Who was asked</p>", [0.9, 0.9, 0.9])) == [0, 1, 2]


def test_a_shown_copy_is_taken_before_a_hidden_one() -> None:
    hidden, shown = f"<p hidden>{LONG}</p>", f"<p>{LONG}</p>"
    assert taken(opinion(hidden + shown, [0.9, 0.9])) == [1]
    assert taken(opinion(shown + hidden, [0.9, 0.9])) == [0]
    assert taken(opinion(hidden + hidden, [0.9, 0.9])) == [0]


def test_a_witness_raises_what_it_names_and_lowers_the_rest() -> None:
    given = opinion(FOUR, [0.5, 0.5, 0.9, 0.0])
    after = given.heard([given.blocks[0], given.blocks[3]])
    sure = 1 / (1 + np.exp(-1))
    assert after.probability[0] == pytest.approx(sure, abs=1e-4)
    assert after.probability[1] == pytest.approx(1 - sure, abs=1e-4)
    assert after.probability[2] < 0.9
    assert after.probability[3] == 0, "what was ruled out stays out"


def test_the_cells_of_a_table_share_a_probability() -> None:
    page = read("<p>Text</p><table><tr><th>Year<th>Boats</tr><tr><td>2023<td>4</tr></table><p>More</p>")
    assert [block.kind for block in page.blocks] == ["paragraph", *["cell"] * 4, "paragraph"]
    words = np.array([20.0, 1, 1, 1, 1, 20])
    before = np.array([0.9, 0.1, 0.9, 0.6, 0.8, 0.2])
    after = tables_as_one(page, words, before)
    assert after.tolist() == pytest.approx([0.9, 0.6, 0.6, 0.6, 0.6, 0.2])
    assert before[1] == 0.1, "given arrays are left as they are"


def test_each_table_for_itself_and_a_table_in_a_table_with_the_outer_one() -> None:
    inner = "<table><tr><td>3<td>4</tr><tr><td>5<td>6</tr></table>"
    outer = f"<table><tr><td>1<td>2</tr><tr><td>{inner}<td>7</tr></table>"
    page = read(outer + inner)
    cells = [block for block in page.blocks if block.kind == "cell"]
    after = tables_as_one(page, np.ones(len(page.blocks)), np.linspace(0, 1, len(page.blocks)))
    groups = sorted({round(float(after[block.index]), 9) for block in cells})
    assert len(groups) == 2
    assert {round(float(after[block.index]), 9) for block in cells[-4:]} == {groups[1]}


def test_a_page_without_a_table_is_left_as_it_is() -> None:
    given = np.array([0.1, 0.2])
    assert tables_as_one(read("<p>One</p><p>Two</p>"), np.ones(2), given) is given
