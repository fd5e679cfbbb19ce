"""How well links to articles are told from other links, by address, by page and by both; cross-validated by site.

python -m benchmarks.sections --data FOLDER [--labels FILE] [--mistakes N] [--write]

FOLDER holds sets as `benchmarks.labelled` describes them and `links-dev.jsonl`: of its pages, links labelled related or
popular are articles and unlabelled ones are not. Not counted are inline ones, which may be either, and unlabelled ones
whose addresses are made like those of the page's articles: teasers in menus have no label. FILE has more pages, home
and section pages among them, a line each: `{"id", "dataset", "url", "article": [...], "unsure": [...]}`; links in
neither list are no articles. Of a page that `links-dev.jsonl` has, too, only `unsure` is used. Only links within the
page's own site are counted: others are never followed.

Weights are fitted by logistic regression, with a quadratic penalty on how far they are from what was expected of them.
A page counts as much as another from 60 links on. Each site's links are judged by weights that were fitted on other
sites, and so are the first-round scores that the second round reads. In rows "as labelled" every unlabelled link of
`links-dev.jsonl` is no article. --write puts the weights fitted on all pages into the package.
"""

from __future__ import annotations

import argparse
import random
import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.labelled import read_set, set_names
from benchmarks.section_labels import Sample, read_samples
from scraper.crawl.discovery import link_model
from scraper.crawl.discovery.link_model import (
    BIAS,
    NEVER,
    KnownShapes,
    LinkModel,
    Weights,
    all_signs,
    neighbours,
    ruled_out,
    url_signs,
    weighed,
)
from scraper.crawl.discovery.section_signs import Signs
from scraper.crawl.discovery.url_shapes import read_url
from scraper.urls import canonical, site_of

Vector = NDArray[np.float64]

FOLDS = 10
INNER_FOLDS = 5
PENALTY = 3.0
STEPS = 20
COUNTED = 60
"""Links from which on a page counts as one with so many."""
SEED = 7
_FOR = re.compile(
    r"url_(?:evidence_\d|number_(?:alone|long|and_words)|day|month|date|query_article|named_article_with_evidence"
    r"|(?:last|most)_words_[46]|(?:begins|passes)_article)"
    r"|heading|main|article|named_title|card_(?:date|image|heading|prose)|(?:make|shape)_(?:heading|card_date|card_image|odds)"
    r"|(?:make|shape)_words_[68]|text_words_(?:6|10|21)|text_in_address_\d"
)
_AGAINST = re.compile(
    r"url_(?:(?:begins|passes|ends)_(?:login|search|comments|print|share|feed|tag|author|legal|service|list)"
    r"|for_something_else(?:_named_short)?|host_without_articles|query_list|page_number|depth_0|year_at_end|month_at_end)"
    r"|nav|header|footer|form|other_host|named_(?:menu|foot|top|tags|author|talk|account|advert|pages)"
    r"|text_is_count|text_words_[01]"
)
WEIGHTS = Path(link_model.__file__).with_name("section_weights.toml")
HEAD = """\
# Written by `python -m benchmarks.sections --write`, which says how they are fitted: log-odds that a link leads to an
# article. What the names mean: url_shapes.py (those with url_) and section_signs.py. `url` is for an address alone,
# `first` for a link on a page, `second` for one when the others of its make and shape are judged.
"""

_SURE = re.compile(
    r"url_(?:begins|passes)_(?:login|search|comments|print|share|feed|tag|author)|url_(?:page_number|query_list)"
)


def fit(signs: Sequence[Signs], truth: Sequence[bool], importance: Sequence[float]) -> Weights:
    """Logistic regression by Newton's method, redone without the weights whose sign makes no sense."""
    names = [BIAS, *sorted({name for one in signs for name in one})]
    columns = {name: number for number, name in enumerate(names)}
    matrix = np.zeros((len(signs), len(names)))
    matrix[:, 0] = 1
    for row, one in enumerate(signs):
        for name, value in one.items():
            matrix[row, columns[name]] = value
    right, counts = np.array(truth, float), np.array(importance)
    sense = np.array([_sense_of(name) for name in names])
    expected = np.array([_expected(name) for name in names])
    weights = np.zeros(len(names))
    kept = np.full(len(names), True)
    while True:
        weights[kept] = _newton(matrix[:, kept], right, counts, expected[kept])
        senseless = weights * sense < 0
        if not senseless.any():
            return dict(zip(names, (float(weight) for weight in weights), strict=True))
        weights[senseless] = 0
        kept &= ~senseless


def _newton(matrix: Vector, right: Vector, counts: Vector, expected: Vector) -> Vector:
    weights = expected
    penalty = np.full(matrix.shape[1], PENALTY)
    penalty[0] = 1e-3
    for _ in range(STEPS):
        share = 1 / (1 + np.exp(-np.clip(matrix @ weights, -30, 30)))
        gradient = matrix.T @ (counts * (share - right)) + penalty * (weights - expected)
        curvature = (matrix * (counts * share * (1 - share))[:, None]).T @ matrix + np.diag(penalty)
        step = np.linalg.solve(curvature, gradient)
        weights = weights - step
        if np.abs(step).max() < 1e-3:
            break
    return weights


def _expected(name: str) -> float:
    """The weight of a sign before any page is looked at: what the labelled pages hardly show is not worth nothing."""
    if _SURE.fullmatch(name):
        return -1.5
    return 1.0 if name in ("url_query_article", "url_evidence_2", "url_day") else 0.0


def _sense_of(name: str) -> int:
    """Whether a sign may only speak for an article (1), only against one (-1), or either (0)."""
    return 1 if _FOR.fullmatch(name) else -1 if _AGAINST.fullmatch(name) else 0


SignsOf = Callable[[Sample], list[Signs]]


def _of_url(sample: Sample) -> list[Signs]:
    return [url_signs(target.address) for target in sample.targets]


def _of_page(sample: Sample) -> list[Signs]:
    return [target.signs for target in sample.targets]


def _of_both(sample: Sample) -> list[Signs]:
    return [all_signs(target) for target in sample.targets]


def fit_samples(samples: Sequence[Sample], signs_of: SignsOf) -> Weights:
    signs: list[Signs] = []
    truth: list[bool] = []
    importance: list[float] = []
    for sample in samples:
        known = [
            (one, right)
            for one, right, target in zip(signs_of(sample), sample.truth, sample.targets, strict=True)
            if right is not None and not ruled_out(target.address)
        ]
        signs += [one for one, _ in known]
        truth += [right for _, right in known]
        importance += [min(1.0, COUNTED / len(known))] * len(known) if known else []
    return fit(signs, truth, importance)


def folds_of(samples: Sequence[Sample], seed: int, many: int) -> list[list[Sample]]:
    sites = sorted({sample.site for sample in samples})
    random.Random(seed).shuffle(sites)
    fold = {site: number % many for number, site in enumerate(sites)}
    return [[sample for sample in samples if fold[sample.site] == number] for number in range(many)]


def out_of_fold(samples: Sequence[Sample], signs_of: SignsOf, seed: int, many: int = FOLDS) -> dict[str, list[float]]:
    """Page URL to the odds of its links, by weights fitted on other sites."""
    odds: dict[str, list[float]] = {}
    for held in folds_of(samples, seed, many):
        sites = {sample.site for sample in held}
        weights = fit_samples([sample for sample in samples if sample.site not in sites], signs_of)
        for sample in held:
            odds[sample.url] = _odds(sample, weights, signs_of(sample))
    return odds


def _odds(sample: Sample, weights: Weights, signs: Sequence[Signs]) -> list[float]:
    return [
        NEVER if ruled_out(target.address) else weighed(weights, one)
        for target, one in zip(sample.targets, signs, strict=True)
    ]


def fit_rounds(samples: Sequence[Sample], signs_of: SignsOf) -> tuple[Weights, Weights]:
    """The weights of both rounds; the second is fitted on what the first says of sites it has not seen."""
    before = out_of_fold(samples, signs_of, SEED, INNER_FOLDS)
    second = fit_samples(samples, lambda sample: _with_neighbours(sample, signs_of, before[sample.url]))
    return fit_samples(samples, signs_of), second


def _with_neighbours(sample: Sample, signs_of: SignsOf, odds: Sequence[float]) -> list[Signs]:
    near = neighbours(sample.targets, odds)
    return [one | other for one, other in zip(signs_of(sample), near, strict=True)]


def judged(samples: Sequence[Sample], signs_of: SignsOf, *, rounds: int) -> dict[str, list[float]]:
    """Page URL to the cross-validated odds of its links."""
    if rounds == 1:
        return out_of_fold(samples, signs_of, 0)
    odds: dict[str, list[float]] = {}
    for held in folds_of(samples, 0, FOLDS):
        sites = {sample.site for sample in held}
        first, second = fit_rounds([sample for sample in samples if sample.site not in sites], signs_of)
        for sample in held:
            before = _odds(sample, first, signs_of(sample))
            odds[sample.url] = _odds(sample, second, _with_neighbours(sample, signs_of, before))
    return odds


@dataclass(slots=True)
class Count:
    right: int = 0
    wrong: int = 0
    missed: int = 0

    def add(self, said: bool, truth: bool | None) -> None:
        if truth is not None:
            self.right += said and truth
            self.wrong += said and not truth
            self.missed += truth and not said

    @property
    def row(self) -> str:
        precision = self.right / (self.right + self.wrong or 1)
        recall = self.right / (self.right + self.missed or 1)
        f1 = 2 * precision * recall / (precision + recall or 1)
        return f"{precision:9.3f} {recall:9.3f} {f1:9.3f} {self.right + self.missed:9,}"


def count(samples: Sequence[Sample], said: Callable[[Sample], Sequence[bool]]) -> dict[str, Count]:
    counts: defaultdict[str, Count] = defaultdict(Count)
    for sample in samples:
        for one, truth in zip(said(sample), sample.truth, strict=True):
            counts[sample.name].add(one, truth)
            counts["all"].add(one, truth)
        for one, truth in zip(said(sample), sample.labelled, strict=False):
            counts["as labelled"].add(one, truth)
    return dict(counts)


def show(title: str, counts: dict[str, Count]) -> None:
    for name, one in counts.items():
        print(f"{title:34} {name:14} {one.row}")


def said_by_odds(odds: dict[str, list[float]]) -> Callable[[Sample], list[bool]]:
    return lambda sample: [value >= 0 for value in odds[sample.url]]


def said_with_known(odds: dict[str, list[float]], *, share: float) -> Callable[[Sample], list[bool]]:
    """With part of a page's articles known, as from its feed; those are not asked about."""

    def said(sample: Sample) -> list[bool]:
        chance = random.Random(sample.url)
        known = [
            t.url for t, truth in zip(sample.targets, sample.truth, strict=True) if truth and chance.random() < share
        ]
        shapes = KnownShapes.of(known)
        return [
            value + shapes.odds(target.address) >= 0
            for value, target in zip(odds[sample.url], sample.targets, strict=True)
        ]

    return said


def courlan_rules() -> dict[str, Callable[[Sample], list[bool]]]:
    """The tests trafilatura's spider puts a link through; none when courlan is not installed."""
    try:
        from courlan import check_url, is_navigation_page, is_not_crawlable
        from courlan.filters import type_filter
    except ImportError:
        return {}

    def passes(url: str) -> bool:
        return check_url(url) is not None and not is_navigation_page(url) and not is_not_crawlable(url)

    return {
        "courlan: type_filter": lambda s: [type_filter(t.url) for t in s.targets],
        "courlan: check_url, no navigation": lambda s: [passes(t.url) for t in s.targets],
    }


def pages_by_own_address(data: Path, seen: set[str], weights: Weights) -> Count:
    """The labelled pages' own addresses: articles against listings, shops, forums …, of sites not fitted on."""
    counts = Count()
    for name in set_names(data):
        labelled = read_set(data / name)
        for page in labelled.pages:
            if page.url and site_of(page.url) not in seen:
                odds = weighed(weights, url_signs(read_url(canonical(page.url))))
                counts.add(odds >= 0, labelled.truths[page.id].get("kind", "article") == "article")
    return counts


def write(path: Path, tables: dict[str, Weights]) -> None:
    lines = [HEAD]
    for table, weights in tables.items():
        rows = [(name, weight) for name, weight in weights.items() if name != BIAS and abs(weight) >= 0.005]
        lines += [f"[{table}]", f"{BIAS} = {weights[BIAS]:.2f}"]
        lines += [f"{name} = {weight:.2f}" for name, weight in sorted(rows, key=lambda row: (-row[1], row[0]))]
        lines.append("")
    path.write_text("\n".join(lines), encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0] if __doc__ else None)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--labels", type=Path, help="more labelled pages")
    parser.add_argument("--write", action="store_true", help="put the weights into the package")
    parser.add_argument("--mistakes", type=int, default=0, help="show the worst so many of each kind")
    options = parser.parse_args()
    samples = read_samples(options.data, options.labels)
    links = sum(truth is not None for sample in samples for truth in sample.truth)
    print(f"{len(samples)} pages of {len({s.site for s in samples})} sites, {links:,} links\n")
    print(f"{'':34} {'pages':14} precision    recall        F1  articles")
    for title, rule in courlan_rules().items():
        show(title, count(samples, rule))
    url = judged(samples, _of_url, rounds=1)
    show("address alone", count(samples, said_by_odds(url)))
    show("page alone", count(samples, said_by_odds(judged(samples, _of_page, rounds=2))))
    both = judged(samples, _of_both, rounds=2)
    show("both, one round", count(samples, said_by_odds(judged(samples, _of_both, rounds=1))))
    show("both", count(samples, said_by_odds(both)))
    show("both, half the articles known", count(samples, said_with_known(both, share=0.5)))
    tables = {"url": fit_samples(samples, _of_url)}
    tables["first"], tables["second"] = fit_rounds(samples, _of_both)
    own = pages_by_own_address(options.data, {sample.site for sample in samples}, tables["url"])
    print(f"{'address alone':34} {'own addresses':14} {own.row}")
    if options.mistakes:
        show_mistakes(samples, both, options.mistakes)
    if options.write:
        write(WEIGHTS, tables)
        LinkModel.load(WEIGHTS)


def show_mistakes(samples: Sequence[Sample], odds: dict[str, list[float]], most: int) -> None:
    rows = [
        (value, truth, target, sample)
        for sample in samples
        for value, truth, target in zip(odds[sample.url], sample.truth, sample.targets, strict=True)
        if truth is not None and truth != (value >= 0)
    ]
    for truth in (False, True):
        print(f"\n{'missed' if truth else 'taken for articles'}")
        chosen = sorted((row for row in rows if row[1] is truth), key=lambda row: -abs(row[0]))
        for value, _, target, sample in chosen[:most]:
            print(f"{value:6.1f} {sample.site[:18]:18} {target.text[:40]:40} {target.url[-90:]}")


if __name__ == "__main__":
    main()
