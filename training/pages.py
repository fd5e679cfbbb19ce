"""Labelled pages as the model sees them, and the folds they are split into by site."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from benchmarks.labelled import Row, read_set
from scraper.extract.blocks.reading import Hints
from scraper.extract.body import hints_of
from scraper.extract.candidates import Evidence
from scraper.extract.metadata import read_metadata
from scraper.extract.outline import Outline
from scraper.extract.page import Page
from scraper.extract.wording import words
from scraper.urls import site_of
from training.alignment import align

FOLDS = 5


@dataclass(frozen=True, slots=True)
class TrainingPage:
    """A page, and of each of its blocks the share that is the article's text and the words it has."""

    id: str
    site: str
    outline: Outline
    hints: Hints
    shares: list[float]
    words: list[int]

    @property
    def fold(self) -> int:
        return fold_of_site(self.site)


def fold_of_url(url: str | None) -> int:
    """The fold of a page, 0 to FOLDS - 1: pages of one site share one, so that no model is judged on a site it saw."""
    return fold_of_site(_site(url))


def fold_folder(folds: Path, number: int) -> Path:
    """Where the models are that have seen no site of a fold."""
    return folds / f"fold-{number}"


def fold_of_site(site: str) -> int:
    """As `fold_of_url`, for a site's name; the same on every machine."""
    return zlib.crc32(site.encode()) % FOLDS


def read_pages(data: Path, sets: list[str]) -> list[TrainingPage]:
    """All pages of the sets that are articles and have a labelled text."""
    with ProcessPoolExecutor(2) as pool:
        return list(pool.map(_read, *zip(*_articles(data, sets), strict=True), chunksize=8))


def _articles(data: Path, sets: list[str]) -> Iterator[tuple[Path, Row]]:
    for name in sets:
        labelled = read_set(data / name)
        for page in labelled.pages:
            truth = labelled.truths[page.id]
            if page.id in labelled.articles and truth.get("body"):
                yield page.path, truth


def _read(path: Path, truth: Row) -> TrainingPage:
    import gzip

    page = Page.read(gzip.decompress(path.read_bytes()), url=truth["url"])
    evidence = Evidence()
    read_metadata(page, evidence)
    hints = hints_of(page, evidence)
    outline = page.outline
    blocks = [words(block.text) for block in outline.blocks]
    for box in outline.boxes:
        box.node = None  # type: ignore[assignment]  # a tree's node cannot go from one process to another
    return TrainingPage(
        truth["id"],
        _site(truth["url"]),
        outline,
        hints,
        align(words(truth["body"]), blocks),
        [len(found) for found in blocks],
    )


def _site(url: str | None) -> str:
    # Pages without an address are one site: they may well come from the same one.
    return site_of(url) if url else ""
