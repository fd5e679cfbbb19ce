"""Fit the weights by which `scraper.extract` chooses the day of publication, on labelled pages.

python -m training.fit_dates --data FOLDER --folds FOLDS [--write]

FOLDER holds sets as `benchmarks.labelled` describes them; articles whose `date` is known are learnt from.
FOLDS is what `training.fit_blocks` wrote: its models find the text of pages they never saw, and the weights fitted
without a fold's sites are put beside them.

The score of a day is the sum of its features' weights (`dates.features`), with those of the best place where it is
shown; its chance is its share of exp(score) among the page's days and "none of them". The weights maximise the chances
of the labelled days, are kept small by a quadratic penalty, and keep the sign common sense gives them. Printed is the
share of right days, cross-validated by site; --write puts the weights fitted on all pages into the package.
"""

from __future__ import annotations

import argparse
import random
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.labelled import LabelledPage, read_set, set_names
from scraper.extract.blocks import BlockModel
from scraper.extract.body import choose_body
from scraper.extract.candidates import Evidence
from scraper.extract.dates import model
from scraper.extract.dates.features import STATED, Day, days_of
from scraper.extract.dates.shown import frame_of, read_shown_dates
from scraper.extract.fields.choice import Choice
from scraper.extract.fields.dates import read_members, reading_of
from scraper.extract.fields.headline import choose_headline
from scraper.extract.fields.simple import choose_simple
from scraper.extract.metadata import read_metadata
from scraper.extract.models import BLOCKS, DATES
from scraper.extract.page import Page
from scraper.extract.surroundings import look_around
from scraper.urls import host_of, site_of
from training.pages import FOLDS, fold_folder, fold_of_url

Vector = NDArray[np.float64]

NONE = "none"
FOR = frozenset(
    "json_ld json_ld_page opengraph meta meta_unknown microdata url month_in_url alone label_published "
    "far_label_published".split()
)
AGAINST = frozenset(
    "aside changed distance far_label_modified far_label_other foreign hidden json_ld_other label_modified "
    "label_other linked other_month_in_url other_stated repeated unlabelled_though_stated".split()
)
PENALTY = 0.02
STEPS = 500
RATE = 0.06
UNDATED = 0.1
"""The weight of a page whose label has no date: the labels leave out more than pages do."""
WEIGHTS = Path(model.__file__).with_name("weights.toml")


@dataclass(frozen=True, slots=True)
class Sample:
    """A page: its days, and which of them is right (an index, -1 for none, None when it is not among them)."""

    set: str
    site: str
    fold: int
    days: list[Day]
    truth: str | None

    @property
    def right(self) -> int | None:
        days = [day.day for day in self.days]
        return days.index(self.truth) if self.truth in days else None if self.truth else -1


def read_sample(set_name: str, page: LabelledPage, truth: str | None, folds: Path) -> Sample:
    """What `scraper.extract` has to choose from on a page."""
    parsed = Page.read(page.html(), url=page.url)
    host = host_of(page.url) if page.url else ""
    evidence = Evidence()
    read_metadata(parsed, evidence)
    fold = fold_of_url(page.url)
    body = choose_body(parsed, evidence, None, _block_model(fold_folder(folds, fold) / BLOCKS))
    start = body.blocks[0].index if body.blocks else None
    headline = _text(choose_headline(evidence, parsed.outline, start, host))
    around = look_around(parsed.outline, headline, body.blocks)
    reading = reading_of(_text(choose_simple("language", evidence, url=page.url)), host)
    shown = read_shown_dates(parsed.outline, frame_of(parsed.outline, around.title, body.blocks), reading)
    members, _ = read_members(evidence, shown, url=page.url, reading=reading, captured_at=None)
    days = [day for day in days_of(members, url=page.url) if not day.of_change]
    return Sample(set_name, (site_of(page.url) if page.url else "") or page.id, fold, days, truth)


@cache
def _block_model(path: Path) -> BlockModel:
    return BlockModel.load(path)


def _text(choice: Choice) -> str | None:
    return choice.value if isinstance(choice.value, str) else None


class Problem:
    """Samples as matrices: a row a day, and a row a place where a day is shown."""

    def __init__(self, samples: list[Sample]) -> None:
        self.samples = [sample for sample in samples if sample.days]
        self.names = [NONE, *sorted({name for s in self.samples for day in s.days for name in _names(day)})]
        days = [day for sample in self.samples for day in sample.days]
        self.stated = self._matrix([day.stated for day in days])
        self.shown = self._matrix([features for day in days for _, features in day.shown])
        self.is_stated = np.array([day.has(*STATED) for day in days])
        counts = np.array([len(day.shown) for day in days])
        self.shown_days = np.flatnonzero(counts)
        self.shown_starts = (np.cumsum(counts) - counts)[self.shown_days]
        sizes = np.array([len(sample.days) for sample in self.samples])
        self.starts = np.cumsum(sizes) - sizes
        self.page = np.repeat(np.arange(len(sizes)), sizes)
        right = [sample.right for sample in self.samples]
        self.right = np.array(
            [-2 if r is None else -1 if r < 0 else s + r for r, s in zip(right, self.starts, strict=True)]
        )
        self.signs = np.array([1 if name in FOR else -1 if name in AGAINST else 0 for name in self.names])

    def _matrix(self, rows: list[dict[str, float]]) -> Vector:
        columns = {name: number for number, name in enumerate(self.names)}
        out = np.zeros((len(rows), len(columns)))
        for number, row in enumerate(rows):
            for name, value in row.items():
                out[number, columns[name]] = value
        return out

    def scores(self, weights: Vector) -> tuple[Vector, NDArray[np.int64]]:
        """The score of each day, and which place it is shown at counted (-1 for none)."""
        scores = self.stated @ weights
        chosen = np.full(len(scores), -1)
        places = self.shown @ weights
        ends = np.append(self.shown_starts, len(places))[1:]
        for day, start, end in zip(self.shown_days, self.shown_starts, ends, strict=True):
            best = start + int(np.argmax(places[start:end]))
            if places[best] > 0 or not self.is_stated[day]:
                chosen[day] = best
                scores[day] += places[best]
        return scores, chosen

    def fit(self, among: NDArray[np.bool_]) -> Vector:
        """The weights fitted on the pages `among`, by Adam."""
        used = among & (self.right != -2)
        importance = used * np.where(self.right == -1, UNDATED, 1.0)
        weights, first, second = (np.zeros(len(self.names)) for _ in range(3))
        for step in range(1, STEPS + 1):
            gradient = self._gradient(weights, importance) + PENALTY * weights * used.sum() / 100
            first = 0.9 * first + 0.1 * gradient
            second = 0.99 * second + 0.01 * gradient**2
            weights = weights - RATE * (first / (1 - 0.9**step)) / (np.sqrt(second / (1 - 0.99**step)) + 1e-8)
            weights = np.where(weights * self.signs < 0, 0.0, weights)
        return weights

    def _gradient(self, weights: Vector, importance: Vector) -> Vector:
        scores, chosen = self.scores(weights)
        top = np.maximum(np.maximum.reduceat(scores, self.starts), weights[0])
        shares, none = np.exp(scores - top[self.page]), np.exp(weights[0] - top)
        total = np.add.reduceat(shares, self.starts) + none
        shares, none = shares / total[self.page], none / total
        shares[self.right[self.right >= 0]] -= 1
        none = none - (self.right == -1)
        shares, none = shares * importance[self.page], none * importance
        gradient = self.stated.T @ shares
        places = chosen >= 0
        gradient += shares[places] @ self.shown[chosen[places]]
        gradient[0] += none.sum()
        return np.asarray(gradient)

    def chosen_days(self, weights: Vector) -> list[str | None]:
        scores, _ = self.scores(weights)
        out: list[str | None] = []
        for sample, start in zip(self.samples, self.starts, strict=True):
            best = int(np.argmax(scores[start : start + len(sample.days)]))
            out.append(sample.days[best].day if scores[start + best] > weights[0] else None)
        return out

    def cross_validated(self, seed: int) -> list[str | None]:
        """The day chosen for each page by weights fitted on the pages of other sites."""
        sites = sorted({sample.site for sample in self.samples})
        random.Random(seed).shuffle(sites)  # noqa: S311 - folds are no secret
        folds = {site: number % FOLDS for number, site in enumerate(sites)}
        fold = np.array([folds[sample.site] for sample in self.samples])
        out: list[str | None] = [None] * len(self.samples)
        for number in range(FOLDS):
            chosen = self.chosen_days(self.fit(fold != number))
            for page in np.flatnonzero(fold == number):
                out[page] = chosen[page]
        return out


def _names(day: Day) -> set[str]:
    return {*day.stated, *(name for _, features in day.shown for name in features)}


def report(samples: list[Sample], problem: Problem) -> None:
    """Print the share of dated pages of each set whose day is right, by weights that have not seen their site."""
    for seed in range(3):
        chosen = problem.cross_validated(seed)
        right = [s.set for s, day in zip(problem.samples, chosen, strict=True) if s.truth and s.truth == day]
        for name in sorted({sample.set for sample in samples}):
            dated = sum(1 for sample in samples if sample.set == name and sample.truth)
            print(f"{name} folds {seed}: {right.count(name)} of {dated} right, {right.count(name) / dated:.4f}")


def write(problem: Problem, weights: Vector, path: Path) -> None:
    pairs = sorted(zip(problem.names, weights, strict=True), key=lambda pair: -pair[1])
    lines = [f"{name} = {weight:.2f}" for name, weight in pairs]
    head = "# Written by `python -m training.fit_dates`, which says what they mean. What the names mean: features.py.\n"
    path.write_text(f"{head}\n[weights]\n" + "\n".join(lines) + "\n", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0] if __doc__ else None)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--folds", type=Path, required=True, help="folder with the models of a cross-validation")
    parser.add_argument("--write", action="store_true", help="put the weights into the package")
    options = parser.parse_args()
    tasks = []
    for name in set_names(options.data):
        labelled = read_set(options.data / name)
        tasks += [
            (name, p, labelled.truths[p.id].get("date"), options.folds)
            for p in labelled.pages
            if p.id in labelled.articles
        ]
    with ProcessPoolExecutor() as workers:
        samples = list(workers.map(read_sample, *zip(*tasks, strict=True), chunksize=8))
    problem = Problem(samples)
    report(samples, problem)
    fold = np.array([sample.fold for sample in problem.samples])
    for number in range(FOLDS):
        write(problem, problem.fit(fold != number), fold_folder(options.folds, number) / DATES)
    if options.write:
        write(problem, problem.fit(fold >= 0), WEIGHTS)


if __name__ == "__main__":
    main()
