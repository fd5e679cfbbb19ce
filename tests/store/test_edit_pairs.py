"""Edits and noise in the manner of `benchmarks/edits.py` on whole pages, through the extractor and into an archive."""

from __future__ import annotations

import random

import pytest

from benchmarks.edits import EDITS
from benchmarks.noise import NOISE
from benchmarks.revisions import store_pair
from benchmarks.versions import Change, Page
from scraper import extract
from scraper.article import READABLE
from scraper.store.corrections import correction
from tests.fixtures import FIXTURES, Fixture

PAGES = [fixture for fixture in FIXTURES if fixture.expected.get("headline") and len(fixture.page) > 1900]


def page_of(fixture: Fixture) -> Page | None:
    try:
        html = fixture.page.decode("utf-8")
    except UnicodeDecodeError:
        return None
    article = extract(html.encode(), url=fixture.url)
    if article.verdict not in READABLE or not article.body:
        return None
    expected = fixture.expected
    return Page(
        fixture.url,
        html,
        expected["headline"],
        tuple(expected.get("authors") or ()),
        expected.get("published_at"),
        article.body,
        random.Random(fixture.name),
    )


@pytest.fixture(scope="module")
def pages() -> list[Page]:
    return [page for page in map(page_of, PAGES) if page is not None]


def judged(change: Change, pages: list[Page], wanted: int, start: int) -> list[tuple[str, str, str | None]]:
    """What became of `wanted` pairs: the page, the state of its second capture, and its note of correction."""
    found: list[tuple[str, str, str | None]] = []
    for at in range(len(pages)):
        page = pages[(start + at) % len(pages)]
        versions = change(page)
        if versions is None or len(found) == wanted:
            continue
        before, after = (extract(version.encode(), url=page.url) for version in versions[:2])
        found.append((page.url, store_pair(before, after, versions[:2]), correction(after.body)))
    return found


@pytest.mark.parametrize("change", EDITS, ids=lambda change: change.__name__)
def test_every_edit_is_a_revision(pages: list[Page], change: Change) -> None:
    found = judged(change, pages, 5, start=EDITS.index(change) * 3)
    assert len(found) >= (0 if change.__name__ == "byline_added" else 4)
    assert [(url, state) for url, state, _ in found] == [(url, "changed") for url, _, _ in found]
    if change.__name__.startswith("correction"):
        assert all(note for _, _, note in found)


def test_noise_is_none(pages: list[Page]) -> None:
    """At most one false alarm in thirty pairs, whatever the kind."""
    alarms = []
    total = 0
    for number, change in enumerate(NOISE):
        found = judged(change, pages, 3, start=number * 3)
        total += len(found)
        alarms += [(change.__name__, url) for url, state, _ in found if state != "unchanged"]
    assert total >= 60
    assert len(alarms) * 30 <= total, alarms
