"""Odd feeds: what is read out of each, exactly, and what is said about it."""

from __future__ import annotations

import pickle

import pytest

from scraper.crawl.discovery.feeds import read_feed
from scraper.errors import NotAFeed
from tests.crawl.discovery.odd_feeds import FEEDS, NOW, OddFeed


@pytest.mark.parametrize("case", FEEDS.values(), ids=FEEDS)
def test_odd_feeds(case: OddFeed) -> None:
    if case.refused:
        with pytest.raises(NotAFeed) as refusal:
            read_feed(case.body, url=case.url, content_type=case.content_type, now=NOW)
        assert refusal.value.found == case.refused
        assert pickle.loads(pickle.dumps(refusal.value)).found == case.refused
        return
    feed = read_feed(case.body, url=case.url, content_type=case.content_type, now=NOW)
    assert feed.links == case.links
    assert {name: getattr(feed, name) for name in case.about} == case.about
    said = "; ".join(feed.notes)
    assert [note for note in case.notes if note not in said] == []
    assert len(feed.notes) == len(case.notes), said
    assert pickle.loads(pickle.dumps(feed)) == feed
