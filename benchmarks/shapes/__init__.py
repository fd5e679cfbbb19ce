"""Hostile pages: shapes of HTML, each up to a size, each carrying an article."""

from __future__ import annotations

from statistics import mean

from benchmarks.shapes.article import PARAGRAPHS, UKRAINIAN, Shape
from benchmarks.shapes.encoded import ENCODED
from benchmarks.shapes.floods import ELEMENTS, SOURCE
from benchmarks.shapes.structure import CROSSED, NESTED
from benchmarks.shapes.text import HEAD, WORDS

__all__ = ["SHAPES", "paragraphs_kept"]

SHAPES: dict[str, Shape] = NESTED | CROSSED | ELEMENTS | SOURCE | HEAD | WORDS | ENCODED


def paragraphs_kept(body: str | None) -> float:
    """The share of the article's paragraphs that a body holds."""
    text = " ".join((body or "").split())
    return max(mean(paragraph in text for paragraph in paragraphs) for paragraphs in (PARAGRAPHS, UKRAINIAN))
