"""Hostile pages, read as the product reads them: each ends, and its text is kept or its loss is said.

Small ones, so that the whole takes a minute; `python -m benchmarks.hostile` makes them as large as they come.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator

import pytest

from benchmarks.hostile import MOST_MEMORY, read_shape
from benchmarks.shapes import SHAPES
from scraper.crawl import ExtractionPool
from tests.extract.validity import assert_valid

SIZE = int(os.environ.get("HOSTILE_BYTES", "150000"))
SECONDS = 20.0
"""A bound against quadratic time that a busy machine holds too."""


@pytest.fixture(scope="module")
def pool() -> Iterator[ExtractionPool]:
    with ExtractionPool(workers=1) as pool:
        yield pool


def test_there_are_enough_shapes() -> None:
    assert len(SHAPES) >= 75
    assert len({shape(2_000) for shape in SHAPES.values()}) == len(SHAPES)


@pytest.mark.parametrize("name", SHAPES)
def test_a_hostile_page_ends_and_loses_no_text_in_silence(name: str, pool: ExtractionPool) -> None:
    outcome = asyncio.run(read_shape(pool, name, SHAPES[name](SIZE)))
    assert outcome.kept == 1 or outcome.said
    assert outcome.article is not None, outcome.said
    assert_valid(outcome.article)
    assert outcome.seconds < SECONDS
    assert outcome.peak < MOST_MEMORY
