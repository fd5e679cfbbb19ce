"""Links of labelled pages: which of a page's addresses lead to articles. `benchmarks.sections` describes the files."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.labelled import LabelledPage, read_rows, read_set, set_names
from scraper.crawl.discovery.section_signs import Target, read_targets
from scraper.crawl.discovery.url_shapes import read_url
from scraper.extract.page import Page
from scraper.urls import canonical, site_of


@dataclass(frozen=True, slots=True)
class Sample:
    """A page: the addresses of its own site, and which of them are articles (None: not counted)."""

    name: str
    site: str
    url: str
    targets: tuple[Target, ...]
    truth: tuple[bool | None, ...]
    labelled: tuple[bool | None, ...] = ()
    """The same where every unlabelled link is no article; for `links-dev.jsonl` alone."""


def read_samples(data: Path, labels: Path | None) -> list[Sample]:
    pages = {page.id: page for name in set_names(data) for page in read_set(data / name).pages}
    samples = []
    more = {row["id"]: row for row in (read_rows(labels) if labels else ())}
    for row in read_rows(data / "links-dev.jsonl"):
        article = {*row["related"], *row["popular"]}
        unsure = {*row["inline"], *more.pop(row["id"], {}).get("unsure", ())} - article
        strict = _sample("", pages[row["id"]], article, set(row["inline"]) - article).truth
        sample = _sample("links-dev", pages[row["id"]], article, unsure)
        samples.append(replace(sample, truth=_without_teasers(sample, {*article, *row["inline"]}), labelled=strict))
    for row in more.values():
        samples.append(_sample("more", pages[row["id"]], row["article"], row["unsure"]))
    return samples


def _without_teasers(sample: Sample, articles: set[str]) -> tuple[bool | None, ...]:
    """The truth, not counting unlabelled links whose addresses are made like those of the page's articles or its own.

    The labels are of what is offered with an article: teasers in menus and bars of trending topics have none.
    """
    made = (read_url(canonical(url)) for url in (*articles, sample.url) if site_of(url) == sample.site)
    shapes = {address.shape for address in made if address.specific}
    return tuple(
        None if truth is False and target.address.shape in shapes else truth
        for target, truth in zip(sample.targets, sample.truth, strict=True)
    )


def _sample(name: str, page: LabelledPage, article: Iterable[str], unsure: Iterable[str]) -> Sample:
    found = read_targets(Page.read(page.html(), url=page.url))
    targets = tuple(target for target in found if target.same_site and target.address.file is None)
    yes, unknown = {canonical(url) for url in article}, {canonical(url) for url in unsure}
    truth = [True if key in yes else None if key in unknown else False for key in (canonical(t.url) for t in targets)]
    return Sample(name, site_of(page.url), page.url, targets, tuple(truth))
