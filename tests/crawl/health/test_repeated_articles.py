"""An article that is read several times within a few days is one article to the watch over its site."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from scraper.article import Article
from scraper.capture import Capture, Hop
from scraper.crawl.health import judge_run
from scraper.store import Archive

MONDAY = datetime(2024, 3, 4, 9, tzinfo=UTC)
SITE = "outlet.example"


class Clock:
    now = MONDAY

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def archive(tmp_path: Path, clock: Clock) -> Iterator[Archive]:
    with Archive.open(tmp_path / "archive.db", write=True, clock=clock) as opened:
        yield opened


def read(archive: Archive, run_id: int, number: int, *, text: str, authors: tuple[str, ...], query: str = "") -> None:
    """An article as a run read it at one of its addresses."""
    address = f"https://{SITE}/news/story-{number}"
    hop = Hop(url=address + query, status=200, headers=(("Content-Type", "text/html"),))
    body = f"{number} {query} {text}".encode()
    ref = archive.add_capture(Capture(url=hop.url, fetched_at=archive.now(), hops=(hop,), body=body), run_id)
    article = Article(
        url=hop.url,
        canonical_url=address,
        site=SITE,
        headline=f"Headline of story {number}",
        authors=authors,
        published_at=archive.now().date().isoformat(),
        body=f"The water rose by {number} metres in the lower town. {text}",
        word_count=400,
        page_type="article",
        verdict="ok",
        extractor="test 1",
    )
    archive.add_article(ref.id, article)


def known_for_a_week(archive: Archive, clock: Clock) -> None:
    """Four articles each working day, all of them signed."""
    for day in range(12):
        clock.now = MONDAY + timedelta(days=day)
        if clock.now.weekday() < 5:
            run_id = archive.begin_run("crawl", [])
            for number in range(4):
                read(archive, run_id, 100 + 4 * day + number, text="It fell.", authors=("Ada Bell",))
            assert not judged(archive, run_id)


def judged(archive: Archive, run_id: int) -> list[str]:
    """What alarms are raised about."""
    archive.end_run(run_id, "done")
    return [alarm.subject for alarm in asyncio.run(judge_run(archive, run_id)).raised]


def test_two_articles_of_an_agency_are_no_broken_layout(archive: Archive, clock: Clock) -> None:
    """However often they are edited, and at however many addresses they are."""
    known_for_a_week(archive, clock)
    clock.now = MONDAY + timedelta(days=14)
    for hour in range(6):
        clock.now += timedelta(hours=1)
        run_id = archive.begin_run("crawl", [])
        for number in (1, 2):
            for query in ("", "?amp=1"):
                read(archive, run_id, number, text=f"{hour} hours later it fell.", authors=(), query=query)
        assert judged(archive, run_id) == []


def test_as_many_articles_without_authors_are(archive: Archive, clock: Clock) -> None:
    known_for_a_week(archive, clock)
    clock.now = MONDAY + timedelta(days=14)
    raised = []
    for number in range(6):
        clock.now += timedelta(hours=1)
        run_id = archive.begin_run("crawl", [])
        read(archive, run_id, number, text="It fell.", authors=())
        raised += judged(archive, run_id)
    assert raised == ["authors"]
