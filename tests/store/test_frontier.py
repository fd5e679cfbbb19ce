"""The frontier: what waits, in which order, who takes it, and what becomes of it when a process dies."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from scraper.capture import Capture, Hop
from scraper.store import Archive, CrawlQueue, Find, FrontierPage, RunState, Settlement, SourceCheck, named

START = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def archive(tmp_path: Path, clock: Clock) -> Iterator[Archive]:
    with Archive.open(tmp_path / "archive.db", write=True, clock=clock) as opened:
        yield opened


def job(archive: Archive, name: str = "daily") -> int:
    with sqlite3.connect(archive.path) as other:
        return int(
            other.execute(
                "INSERT INTO jobs (name, origin, starts, options, created_at, changed_at)"
                " VALUES (?, 'command', '[]', '{}', '', '') RETURNING id",
                (name,),
            ).fetchone()[0]
        )


@pytest.fixture
def queue(archive: Archive) -> CrawlQueue:
    return queue_of(archive, job(archive))


def queue_of(archive: Archive, job_id: int, owner: str | None = None) -> CrawlQueue:
    run_id = archive.begin_run("crawl", [str(job_id)])
    return archive.crawl_queue(job_id=job_id, run_id=run_id, owner=owner or named(str(run_id)))


def dead_owner() -> str:
    """The name that a process left which has ended."""
    code = "from scraper.store import named; print(named('dying'))"
    return subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.strip()


def captured(archive: Archive, page: FrontierPage) -> int:
    return archive.add_capture(Capture(url=page.url, fetched_at=START)).id


def rows(archive: Archive, sql: str) -> list[tuple[object, ...]]:
    with sqlite3.connect(archive.path) as other:
        return other.execute(sql).fetchall()


def test_the_newest_page_of_a_host_comes_first(queue: CrawlQueue) -> None:
    dates = {"/old": START - timedelta(days=3), "/new": START - timedelta(hours=1), "/undated": None}
    assert (
        queue.add_finds(None, [Find(url=f"http://a.example{path}", published_at=at) for path, at in dates.items()]) == 3
    )
    queue.add_finds(None, [Find(url="http://b.example/other", published_at=START - timedelta(days=9))])
    assert list(queue.hosts().items()) == [("a.example", 3), ("b.example", 1)]
    taken = [queue.take_page("a.example") for _ in range(4)]
    assert [page and page.url for page in taken] == [
        "http://a.example/undated",  # found now
        "http://a.example/new",
        "http://a.example/old",
        None,
    ]


def test_an_address_is_there_once_however_it_is_written(archive: Archive, queue: CrawlQueue) -> None:
    spellings = ["http://a.example/story?utm_source=feed", "http://A.example:80/story#top", "http://a.example/story"]
    assert [queue.add_finds(None, [Find(url=url)]) for url in spellings] == [1, 0, 0]
    assert rows(archive, "SELECT url, found_url FROM frontier") == [("http://a.example/story", spellings[0])]


def test_what_was_skipped_waits_when_it_is_wanted_after_all(archive: Archive, queue: CrawlQueue) -> None:
    assert queue.add_finds(None, [Find(url="http://a.example/x", skip="navigation")]) == 0
    assert queue.hosts() == {}
    assert queue.add_finds(None, [Find(url="http://a.example/x", skip="tag_page")]) == 0
    assert rows(archive, "SELECT state, reason FROM frontier") == [("skipped", "navigation")]
    assert queue.add_finds(None, [Find(url="http://a.example/x")]) == 1
    page = queue.take_page("a.example")
    assert page is not None
    queue.settle(page, Settlement(state="skipped", reason="robots_denied", succeeded=False, capture_id=None))
    assert queue.add_finds(None, [Find(url="http://a.example/x")]) == 0
    assert queue.hosts() == {}


def test_a_page_is_settled_with_what_it_brought(archive: Archive, queue: CrawlQueue, clock: Clock) -> None:
    queue.add_finds(None, [Find(url="http://a.example/x")])
    page = queue.take_page("a.example")
    assert page is not None
    queue.settle(
        page, Settlement(state="failed", reason="timeout", next_at=START + timedelta(hours=1), succeeded=False)
    )
    assert queue.hosts() == {}
    clock.now += timedelta(minutes=54)
    queue.wake_due(10)
    assert queue.hosts() == {}
    clock.now += timedelta(minutes=1)
    queue.wake_due(0)  # as good as due; the budget is for revisits
    page = queue.take_page("a.example")
    assert page is not None
    assert (page.attempts, page.visits) == (1, 0)
    queue.settle(page, Settlement(state="done", changed=True))
    assert rows(archive, "SELECT state, reason, attempts, visits, changes, next_at, taken_by FROM frontier") == [
        ("done", None, 0, 1, 0, None, None)  # the first visit changes nothing
    ]


def test_revisits_stay_within_the_budget_of_a_site_and_day(queue: CrawlQueue, clock: Clock) -> None:
    finds = [Find(url=f"http://a.example/{n}", published_at=START - timedelta(hours=n)) for n in range(5)]
    queue.add_finds(None, [*finds, Find(url="http://b.example/1")])
    for host in ["a.example"] * 5 + ["b.example"]:
        page = queue.take_page(host)
        assert page is not None
        queue.settle(page, Settlement(state="done", next_at=START + timedelta(hours=1)))
    clock.now += timedelta(hours=2)
    assert queue.wake_due(2) == 3
    taken = [queue.take_page("a.example") for _ in range(3)]
    assert [page and page.url for page in taken] == ["http://a.example/0", "http://a.example/1", None]
    assert queue.wake_due(2) == 0
    clock.now += timedelta(days=1)
    assert queue.wake_due(2) == 2
    assert queue.counts().waiting == 3


def test_what_a_source_says_was_modified_is_due_again(archive: Archive, queue: CrawlQueue, clock: Clock) -> None:
    queue.add_finds(None, [Find(url="http://a.example/x")])
    page = queue.take_page("a.example")
    assert page is not None
    queue.note_fetched(page, captured(archive, page))
    queue.settle(page, Settlement(state="done", next_at=START + timedelta(days=7)))
    clock.now += timedelta(hours=3)
    queue.add_finds(None, [Find(url="http://a.example/x", modified_at=START - timedelta(hours=1))])
    assert queue.wake_due(10) == 0
    queue.add_finds(None, [Find(url="http://a.example/x", modified_at=START + timedelta(hours=2))])
    assert queue.wake_due(10) == 1


def visited(archive: Archive, queue: CrawlQueue, url: str, *, next_in: timedelta | None) -> None:
    """Find a page, and visit it once, now."""
    queue.add_finds(None, [Find(url=url)])
    page = queue.take_page("a.example")
    assert page is not None
    queue.note_fetched(page, captured(archive, page))
    queue.settle(page, Settlement(state="done", next_at=None if next_in is None else archive.now() + next_in))


@pytest.mark.parametrize("ahead", [timedelta(hours=2), timedelta(days=400)])
def test_a_page_does_not_wait_for_a_clock_that_was_set_back(
    archive: Archive, queue: CrawlQueue, clock: Clock, ahead: timedelta
) -> None:
    """Its wait begins anew by the time that the clock shows now, and no later."""
    visited(archive, queue, "http://a.example/before", next_in=timedelta(days=7))
    planned = rows(archive, "SELECT next_at, visited_at FROM frontier")
    clock.now = START + ahead
    visited(archive, queue, "http://a.example/hour", next_in=timedelta(hours=1))
    visited(archive, queue, "http://a.example/day", next_in=timedelta(days=1))
    clock.now = START + timedelta(minutes=5)
    assert queue.wake_due(10) == 0
    clock.now += timedelta(minutes=50)  # another run, which must not put it off again
    assert queue.wake_due(10) == 0
    clock.now = START + timedelta(minutes=65)
    assert queue.wake_due(10) == 1
    page = queue.take_page("a.example")
    assert page is not None
    assert page.url == "http://a.example/hour"
    assert page.first_visited_at is not None
    assert page.first_visited_at <= clock.now
    clock.now = START + timedelta(days=1, minutes=5)
    assert queue.wake_due(10) == 1
    assert rows(archive, "SELECT next_at, visited_at FROM frontier WHERE url LIKE '%before'") == planned


def test_a_visit_is_the_first_one_where_the_clock_was_set_back(
    archive: Archive, queue: CrawlQueue, clock: Clock
) -> None:
    """Delays count from the first visit; one that lies in the future would put all others off until then."""
    clock.now = START + timedelta(days=400)
    visited(archive, queue, "http://a.example/x", next_in=None)
    with sqlite3.connect(archive.path) as other:  # as a page that an edit made due
        other.execute("UPDATE frontier SET state = 'waiting'")
    clock.now = START
    page = queue.take_page("a.example")
    assert page is not None
    queue.note_fetched(page, captured(archive, page))
    queue.settle(page, Settlement(state="done", next_at=START + timedelta(hours=1)))
    assert rows(
        archive, "SELECT DISTINCT substr(first_visited_at, 1, 10), substr(visited_at, 1, 10) FROM frontier"
    ) == [("2026-03-01", "2026-03-01")]


def test_an_edit_is_not_missed_where_the_clock_was_set_back(archive: Archive, queue: CrawlQueue, clock: Clock) -> None:
    clock.now = START + timedelta(hours=10)
    visited(archive, queue, "http://a.example/x", next_in=None)
    clock.now = START + timedelta(hours=2)
    queue.add_finds(None, [Find(url="http://a.example/x", modified_at=START + timedelta(hours=1))])
    assert queue.wake_due(10) == 1


def test_a_budget_that_was_spent_on_days_to_come_is_not(archive: Archive, queue: CrawlQueue, clock: Clock) -> None:
    visited(archive, queue, "http://a.example/x", next_in=timedelta(days=1))
    clock.now = START + timedelta(days=9)
    assert queue.wake_due(1) == 1
    queue.give_back()
    clock.now = START
    queue.wake_due(1)
    assert rows(archive, "SELECT day FROM revisits") == []


def test_what_a_dead_process_had_taken_waits_again(archive: Archive, clock: Clock) -> None:
    job_id = job(archive)
    dying = queue_of(archive, job_id, owner=dead_owner())
    dying.add_finds(None, [Find(url=f"http://a.example/{n}") for n in range(3)])
    dying.add_source("http://a.example/feed", "feed")
    assert dying.take_source("a.example") is not None
    first, second = dying.take_page("a.example"), dying.take_page("a.example")
    assert first is not None
    assert second is not None
    dying.note_fetched(second, captured(archive, second))
    alive = queue_of(archive, job_id)
    third = alive.take_page("a.example")
    assert third is not None
    following = queue_of(archive, job_id)
    assert [page.url for page in following.recover()] == [second.url]
    again = following.take_page("a.example")
    assert again is not None
    assert again.url == first.url
    assert following.take_page("a.example") is None  # the other one is in the hands of a process that lives
    assert following.take_source("a.example") is not None


def test_what_a_crawl_has_fetched_is_its_own_to_read(archive: Archive) -> None:
    job_id, other = job(archive), job(archive, "weekly")
    queue = queue_of(archive, job_id)
    queue.add_finds(None, [Find(url="http://a.example/1")])
    page = queue.take_page("a.example")
    assert page is not None
    body = Hop(
        url=page.url,
        status=200,
        headers=(("Content-Type", "text/html"),),
    )
    own = archive.add_capture(Capture(url=page.url, fetched_at=START, hops=(body,), body=b"<p>own")).id
    queue.note_fetched(page, own)
    elsewhere = replace(body, url="http://b.example/2")
    lying = archive.add_capture(
        Capture(url=elsewhere.url, fetched_at=START, hops=(elsewhere,), body=b"<p>lying about")
    ).id
    assert list(archive.unextracted()) == [lying]
    # A run that is stopped leaves it to the next one of the same job.
    assert queue_of(archive, job_id).recover() == []
    queue.give_back()
    assert list(archive.unextracted()) == [lying]
    assert queue_of(archive, other).recover() == []
    assert [page.capture_id for page in queue_of(archive, job_id).recover()] == [own]
    archive.remove_job("daily")
    assert list(archive.unextracted()) == [own, lying]


def test_what_is_given_back_waits_again(queue: CrawlQueue) -> None:
    queue.add_finds(None, [Find(url="http://a.example/1"), Find(url="http://a.example/2")])
    assert queue.take_page("a.example") is not None
    queue.give_back()
    assert queue.counts().waiting == 2


def test_two_jobs_share_the_frontier(archive: Archive) -> None:
    one, other = queue_of(archive, job(archive, "one")), queue_of(archive, job(archive, "other"))
    assert one.add_finds(None, [Find(url="http://a.example/x")]) == 1
    assert other.add_finds(None, [Find(url="http://a.example/x"), Find(url="http://a.example/y")]) == 1
    assert (one.counts().waiting, other.counts().waiting) == (1, 1)


def test_a_source_is_looked_at_once_a_run(archive: Archive, clock: Clock) -> None:
    job_id = job(archive)
    first = queue_of(archive, job_id)
    assert first.add_source("http://a.example/", "home")
    assert not first.add_source("http://a.example/", "home")
    source = first.take_source("a.example")
    assert source is not None
    assert first.take_source("a.example") is None
    check = SourceCheck(checked_at=clock(), status=200, sha256="ab", etag='"1"', items=4, new_items=3, notes=["odd"])
    first.store_check(source, check)
    assert first.hosts() == {}
    assert first.take_source("a.example") is None
    second = queue_of(archive, job_id)
    assert second.hosts() == {"a.example": 0}
    again = second.take_source("a.example")
    assert again is not None
    assert (again.etag, again.sha256, again.failures) == ('"1"', "ab", 0)
    second.store_check(again, SourceCheck(checked_at=clock(), status=500, error="http_500"))
    third = queue_of(archive, job_id).take_source("a.example")
    assert third is not None
    assert (third.failures, third.etag) == (1, '"1"')
    assert rows(archive, "SELECT error, items, new_items, notes FROM source_checks ORDER BY id") == [
        (None, 4, 3, '["odd"]'),
        ("http_500", 0, 0, "[]"),
    ]


@pytest.mark.parametrize(
    ("state", "later", "again"),
    [("interrupted", 30, 1), ("interrupted", 90, 2), ("done", 30, 2), ("interrupted", -90, 2)],
)
def test_a_run_goes_on_where_one_was_stopped(
    archive: Archive, clock: Clock, state: RunState, later: int, again: int
) -> None:
    job_id = job(archive)
    queue = queue_of(archive, job_id)
    for name in ("feed", "other"):
        queue.add_source(f"http://a.example/{name}", "feed")
    source = queue.take_source("a.example")
    assert source is not None
    queue.store_check(source, SourceCheck(checked_at=clock(), status=200))
    with sqlite3.connect(archive.path) as other:
        other.execute("UPDATE runs SET job_id = ?, state = ?", (job_id, state))
    clock.now += timedelta(minutes=later)
    queue.give_back()
    following = queue_of(archive, job_id)
    following.go_on(timedelta(hours=1))
    looked = 0
    while (source := following.take_source("a.example")) is not None:
        looked += 1
        following.store_check(source, SourceCheck(checked_at=clock(), status=200))
    assert looked == again


def test_what_continues_a_source_is_looked_at_when_it_is_asked_for(archive: Archive, clock: Clock) -> None:
    job_id = job(archive)
    first = queue_of(archive, job_id)
    first.add_source("http://a.example/news", "section")
    first.add_source("http://a.example/news/2", "section", continues=True)
    for _ in range(2):
        source = first.take_source("a.example")
        assert source is not None
        first.store_check(source, SourceCheck(checked_at=clock(), status=200))
    second = queue_of(archive, job_id)
    source = second.take_source("a.example")
    assert source is not None
    assert source.url == "http://a.example/news"
    second.store_check(source, SourceCheck(checked_at=clock(), status=200))
    assert second.take_source("a.example") is None
    assert not second.add_source("http://a.example/news/2", "section", continues=True)
    assert second.hosts() == {"a.example": 0}
    assert second.take_source("a.example") is not None
