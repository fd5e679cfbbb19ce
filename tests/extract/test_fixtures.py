"""Every golden page, a test a field: the whole extractor against what a careful reader says."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import pytest

from scraper.article import Article
from scraper.extract import SiteFiles, extract, load_site_files
from tests.fixtures import FIXTURES, Fixture, fixture

JUDGED = [(f, field) for f in FIXTURES for field in f.expected if field != "links"]
LINKED = [(f, kind) for f in FIXTURES for kind in f.expected.get("links", {})]


@lru_cache
def extracted(page: Fixture) -> Article:
    return extract(page.page, url=page.url, content_type=page.meta["content_type"], captured_at=page.fetched_at)


def as_read(value: Any) -> Any:
    """White space folded, as a reader sees it; the page's &nbsp; and line breaks are its own affair."""
    if isinstance(value, str):
        return [" ".join(paragraph.split()) for paragraph in value.split("\n\n")]
    return list(value) if isinstance(value, tuple | list) else value


@pytest.mark.parametrize(("page", "field"), JUDGED, ids=[f"{f.name}-{field}" for f, field in JUDGED])
def test_field(page: Fixture, field: str) -> None:
    assert as_read(getattr(extracted(page), field)) == as_read(page.expected[field])


@pytest.mark.parametrize(("page", "kind"), LINKED, ids=[f"{f.name}-{kind}" for f, kind in LINKED])
def test_links(page: Fixture, kind: str) -> None:
    found = {link.url for link in extracted(page).links if link.kind == kind}
    assert found == set(page.expected["links"][kind])


@pytest.mark.parametrize("page", FIXTURES, ids=[f.name for f in FIXTURES])
def test_site_file_covers_what_it_says(page: Fixture) -> None:
    assert (load_site_files().for_url(page.url) is not None) == page.meta["site_file"]


@pytest.mark.parametrize("name", ["harbour-courier/ferry", "kherson-monitor/seed-with-metadata", "visti-stepu/vodohin"])
def test_without_its_site_file_the_body_is_the_same(name: str) -> None:
    page = fixture(name)
    article = extract(page.page, url=page.url, captured_at=page.fetched_at, sites=SiteFiles())
    assert as_read(article.body) == as_read(page.expected["body"])
    assert article.headline == page.expected["headline"]
