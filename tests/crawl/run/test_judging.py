"""What becomes of a page on the frontier after a fetch."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from scraper.crawl.jobs.options import DELAYS
from scraper.crawl.run.judging import Result, settlement_of
from scraper.crawl.run.recrawl import RETRIES, WALL_RETRIES
from scraper.store import FrontierPage, Settlement

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
PAGE = FrontierPage(
    id=1,
    url="https://a.example/news/story",
    host="a.example",
    site="a.example",
    depth=0,
    attempts=0,
    visits=0,
    changes=0,
    first_visited_at=None,
    visited_at=None,
    published_at=None,
    capture_id=None,
    found_at=NOW,
)
READ = Result(
    capture_id=7, status=200, final_url=PAGE.url, failure=None, verdict="ok", page_type="article", published_at=None
)


def settled(page: FrontierPage = PAGE, **differs: object) -> Settlement:
    return settlement_of(replace(READ, **differs), page, delays=DELAYS, now=NOW)


def test_a_first_visit_in_the_future_was_made_by_a_clock_that_was_set_back() -> None:
    page = replace(PAGE, visits=1, first_visited_at=NOW + timedelta(days=400))
    assert settled(page).next_at == NOW + DELAYS[0]


def test_an_article_is_done_and_visited_again() -> None:
    assert settled() == Settlement(state="done", next_at=NOW + DELAYS[0], capture_id=7)
    assert settled(verdict="paywall").state == "done"
    assert settled(published_at="2020-01-01").next_at is None
    assert settled(published_at="no date").next_at == NOW + DELAYS[0]


def test_an_edit_is_counted() -> None:
    visited = replace(PAGE, visits=1, first_visited_at=NOW - timedelta(hours=1))
    assert settled(visited, changed=True).changed
    assert not settled(visited).changed


@pytest.mark.parametrize("status", [404, 410])
def test_what_is_gone_is_asked_for_once_more(status: int) -> None:
    gone = settled(status=status, failure=f"http_{status}", verdict="not_article")
    assert (gone.state, gone.reason, gone.next_at) == ("gone", f"http_{status}", NOW + timedelta(days=1))
    assert settled(replace(PAGE, attempts=1), status=status).next_at is None


def test_a_redirect_to_the_home_page_is_a_page_that_is_gone() -> None:
    assert settled(final_url="https://www.a.example/", verdict="not_article").reason == "redirected_home"


def test_pages_that_are_no_articles_are_skipped_with_what_they_are() -> None:
    skipped = settled(verdict="not_article", page_type="listing")
    assert (skipped.state, skipped.reason, skipped.next_at) == ("skipped", "not_article: listing", None)
    assert settled(status=None, failure="robots_denied", verdict=None).state == "skipped"


@pytest.mark.parametrize(
    ("differs", "reason", "delays"),
    [
        ({"failure": "timeout", "status": None, "verdict": None}, "timeout", RETRIES),
        ({"failure": "http_503", "status": 503, "verdict": None}, "http_503", RETRIES),
        ({"failure": "http_403", "status": 403, "verdict": None}, "http_403", WALL_RETRIES),
        ({"failure": "consent", "verdict": "consent"}, "consent", WALL_RETRIES),
        ({"failure": "blocked", "status": 503, "verdict": "blocked"}, "blocked", WALL_RETRIES),
        ({"failure": "dns", "status": None, "verdict": None}, "dns", WALL_RETRIES),
    ],
)
def test_failures_are_tried_again(differs: dict[str, object], reason: str, delays: tuple[timedelta, ...]) -> None:
    failed = settled(**differs)
    assert (failed.state, failed.reason, failed.next_at) == ("failed", reason, NOW + delays[0])
    assert not failed.succeeded
    assert settled(replace(PAGE, attempts=len(delays)), **differs).next_at is None


def test_what_can_never_be_fetched_is_not_tried_again() -> None:
    assert settled(failure="forbidden_address", status=None, verdict=None).next_at is None
