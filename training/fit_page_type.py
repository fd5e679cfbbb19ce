"""Fit the page type model and write it: `python -m training.fit_page_type --data ../shared/bench --folds FOLDER`.

FOLDER holds what `training.fit_blocks` and `training.fit_dates` wrote there: how sure the body is, is a sign, and it
must be as unsure here as on a page the block model never saw. The forest learns from scores of words that were weighed
on other sites, for the same reason. Each fold's own model is put there too, and what these get wrong is printed.
"""

from __future__ import annotations

import argparse
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.labelled import LabelledPage, read_set
from scraper.extract.blocks import BlockModel
from scraper.extract.candidates import Evidence
from scraper.extract.dates.model import DateModel
from scraper.extract.extraction import extract_with_reasons
from scraper.extract.metadata import read_metadata
from scraper.extract.models import BLOCKS, DATES, PAGE_TYPE, Models, packaged_models
from scraper.extract.page import Page
from scraper.extract.page_signs import Signs, facts_of, read_signs, read_words
from scraper.extract.page_type import WORD_SCALE, WORDS_SIGN, PageTypeModel, PageWords, WordWeights
from scraper.extract.sitefiles import SiteFiles
from scraper.extract.surroundings import look_around
from scraper.extract.verdict import LEAST_PROBABILITY
from scraper.urls import site_of
from training.forests import grow
from training.pages import FOLDS, fold_folder, fold_of_url

MODEL = Path(__file__).parents[1] / "scraper" / "extract" / "page_type.npz"
_TREES, _DEPTH = 200, 4
_WORD_SITES = 6
"""Sites a word must be seen on to be weighed."""
_RIDGE = 0.1
_LEAST_WEIGHT = 0.05 * WORD_SCALE
"""Of a word that is worth remembering."""
_BIAS_COLUMN = 10.0
"""What every page has besides its words; so large that the ridge hardly holds it back."""
_NEWTON_STEPS = 12
_INNER_FOLDS = 3


@dataclass(frozen=True, slots=True)
class _LabelledType:
    """A page, its kind as labelled (`article` where the set has no kinds) and its signs."""

    set: str
    site: str
    fold: int
    kind: str
    signs: Signs
    words: PageWords

    @property
    def inner_fold(self) -> int:
        return sum(self.site.encode()) % _INNER_FOLDS


def read_labelled(data: Path, sets: Sequence[str], folds: Path) -> list[_LabelledType]:
    """All pages of the sets, each read with the block model that has not seen its site."""
    wanted = []
    for name in sets:
        labelled = read_set(data / name)
        wanted += [(name, page, labelled.truths[page.id].get("kind", "article"), folds) for page in labelled.pages]
    with ProcessPoolExecutor(2) as pool:
        return list(pool.map(_read, *zip(*wanted, strict=True), chunksize=8))


@cache
def _models(folder: Path) -> Models:
    # Nothing that is read here depends on the page type.
    dates = DateModel.load(folder / DATES)
    return replace(packaged_models(), blocks=BlockModel.load(folder / BLOCKS), dates=dates)


def _read(name: str, labelled: LabelledPage, kind: str, folds: Path) -> _LabelledType:
    html, url = labelled.html(), labelled.url or None
    fold = fold_of_url(url)
    extraction = extract_with_reasons(html, url=url, sites=SiteFiles(), models=_models(fold_folder(folds, fold)))
    page = Page.read(html, url=url)
    evidence = Evidence()
    read_metadata(page, evidence)
    choices = {choice.field: choice for choice in extraction.choices}
    headline = choices["headline"].value
    around = look_around(page.outline, headline if isinstance(headline, str) else None, extraction.body.blocks)
    facts = facts_of(url, extraction.body, choices, around)
    return _LabelledType(
        name,
        (site_of(url) if url else "") or labelled.id,
        fold,
        kind,
        read_signs(page.outline, evidence, facts),
        read_words(page.outline, evidence, facts.url),
    )


def fit_model(pages: Sequence[_LabelledType]) -> PageTypeModel:
    """The model of `pages`."""
    scores = np.zeros(len(pages))
    for number in range(_INNER_FOLDS):
        weights = weigh_words([page for page in pages if page.inner_fold != number])
        for at, page in enumerate(pages):
            if page.inner_fold == number:
                scores[at] = weights.score(page.words)
    names = list(pages[0].signs)
    table = np.array([[page.signs[name] for name in names] for page in pages], np.float32)
    table = np.column_stack([table, scores.astype(np.float32)])
    forest = grow([*names, WORDS_SIGN], table, _is_article(pages), np.ones(len(pages)), trees=_TREES, depth=_DEPTH)
    return PageTypeModel(weigh_words(pages), forest)


def weigh_words(pages: Sequence[_LabelledType]) -> WordWeights:
    """Logistic regression with a ridge, over the words that several sites have."""
    sites: dict[tuple[str, str], set[str]] = defaultdict(set)
    for page in pages:
        for entry in _entries(page):
            sites[entry].add(page.site)
    kept = sorted(entry for entry, seen in sites.items() if len(seen) >= _WORD_SITES)
    column = {entry: at for at, entry in enumerate(kept)}
    table = np.zeros((len(pages), len(column)), np.float32)
    for row, page in zip(table, pages, strict=True):
        known = [column[entry] for entry in _entries(page) if entry in column]
        row[known] = (len(known) + 1) ** -0.5
    share = _shares_of_pages(table, _is_article(pages))
    found = np.round(table.T @ share * WORD_SCALE).astype(int)
    weights: dict[str, dict[str, int]] = defaultdict(dict)
    for (place, word), at in column.items():
        if abs(found[at]) >= _LEAST_WEIGHT:
            weights[place][word] = int(found[at])
    return WordWeights(dict(weights), round(_BIAS_COLUMN**2 * float(share.sum()) * WORD_SCALE))


def _shares_of_pages(table: NDArray[np.float32], target: NDArray[np.float64]) -> NDArray[np.float64]:
    """The share each page has in the weights, by Newton's method: there are fewer pages than words to solve for."""
    alike = (table @ table.T).astype(np.float64) + _BIAS_COLUMN**2
    share: NDArray[np.float64] = np.zeros(len(target))
    for _ in range(_NEWTON_STEPS):
        odds = alike @ share
        probability = 1 / (1 + np.exp(-odds))
        spread = np.maximum(probability * (1 - probability), 1e-6)
        wanted = odds + (target - probability) / spread
        share = np.asarray(np.linalg.solve(alike + np.diag(_RIDGE / spread), wanted), np.float64)
    return share


def _entries(page: _LabelledType) -> Iterator[tuple[str, str]]:
    return ((place, word) for place, words in page.words.items() for word in words)


def _is_article(pages: Sequence[_LabelledType]) -> NDArray[np.float64]:
    return np.array([page.kind == "article" for page in pages], np.float64)


def cross_validate(pages: Sequence[_LabelledType], folds: Path) -> None:
    """Write each fold's model; print, for each set and kind, how many pages of sites it never saw it gets wrong."""
    wrong: Counter[tuple[str, str]] = Counter()
    for fold in range(FOLDS):
        model = fit_model([page for page in pages if page.fold != fold])
        model.save(fold_folder(folds, fold) / PAGE_TYPE)
        for page in pages:
            if page.fold == fold:
                is_article = model.probability(page.signs, page.words) >= LEAST_PROBABILITY
                wrong[page.set, page.kind] += is_article != (page.kind == "article")
    of = Counter((page.set, page.kind) for page in pages)
    for name, total in Counter(page.set for page in pages).items():
        missed = sum(count for (one, _), count in wrong.items() if one == name)
        print(f"{name}: {1 - missed / total:.4f} right")
    for key in sorted(of):
        print(f"  {key[0]} {key[1]}: {wrong[key]} of {of[key]} wrong")


def main() -> None:
    """Fit, and write what was fitted."""
    parser = argparse.ArgumentParser(description="Fit the page type model to labelled pages.")
    parser.add_argument("--data", type=Path, required=True, help="folder with the labelled sets")
    parser.add_argument("--sets", nargs="+", default=["wcxb-dev", "fundus-dev"])
    parser.add_argument("--folds", type=Path, required=True, help="folder with the models of a cross-validation")
    parser.add_argument("--out", type=Path, default=MODEL, help="where the model is written")
    options = parser.parse_args()
    pages = read_labelled(options.data, options.sets, options.folds)
    print(f"{len(pages)} pages of {len({page.site for page in pages})} sites")
    cross_validate(pages, options.folds)
    fit_model(pages).save(options.out)
    print(f"wrote {options.out}: {options.out.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
