"""Odd sitemaps: what is read out of each, exactly, and what is said about it."""

from __future__ import annotations

import pickle

import pytest

from scraper.crawl.discovery.sitemaps import read_sitemap
from scraper.errors import NotASitemap
from tests.crawl.discovery.odd_feeds import NOW
from tests.crawl.discovery.odd_sitemaps import SITEMAPS, OddSitemap


@pytest.mark.parametrize("case", SITEMAPS.values(), ids=SITEMAPS)
def test_odd_sitemaps(case: OddSitemap) -> None:
    options = {"url": case.url, "content_type": case.content_type, "now": NOW, "since": case.since, "most": case.most}
    if case.refused:
        with pytest.raises(NotASitemap) as refusal:
            read_sitemap(case.body, **options)
        assert refusal.value.found == case.refused
        return
    sitemap = read_sitemap(case.body, **options)
    assert sitemap.links == case.links
    assert sitemap.children == case.children
    expected = len(case.links) + len(case.children) if case.total is None else case.total
    assert (sitemap.kind, sitemap.total) == (case.kind, expected)
    said = "; ".join(sitemap.notes)
    assert [note for note in case.notes if note not in said] == []
    assert len(sitemap.notes) == len(case.notes), said
    assert pickle.loads(pickle.dumps(sitemap)) == sitemap
