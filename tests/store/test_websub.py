"""What hubs told of and what runs make of it: nothing is lost, nothing is looked at again and again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from scraper.store import Archive, CrawlQueue, RunState, Source, SourceCheck, Subscription, Topic, WebSubRecords, named

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
FEED, OTHER = "https://a.example/feed", "https://a.example/other"
HUB = "https://hub.example/"


class Clock:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Job:
    """A job, and its runs."""

    archive: Archive
    id: int
    name: str
    run_id: int = 0

    def begin(self, *, only_woken: bool = False) -> CrawlQueue:
        self.run_id = self.archive.claim_job(self.name)
        owner = named(str(self.run_id))
        return self.archive.crawl_queue(job_id=self.id, run_id=self.run_id, owner=owner, only_woken=only_woken)

    def end(self, state: RunState = "done") -> None:
        self.archive.finish_job_run(self.run_id, state, {}, next_at=None)


def look(queue: CrawlQueue, clock: Clock, *, seconds: float = 1.0) -> list[str]:
    """Look at all that the run is to look at, a second each; what that was."""
    looked = []
    while (source := queue.take_source("a.example")) is not None:
        looked.append(source.url)
        check(queue, source, clock, seconds=seconds)
    return looked


def check(queue: CrawlQueue, source: Source, clock: Clock, *, seconds: float = 1.0) -> None:
    at = clock.now
    clock.now += timedelta(seconds=seconds)
    queue.store_check(source, SourceCheck(checked_at=at))


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def archive(tmp_path: Path, clock: Clock) -> Iterator[Archive]:
    with Archive.open(tmp_path / "archive.db", write=True, clock=clock) as opened:
        yield opened


def make_job(archive: Archive, clock: Clock, name: str, schedule: str | None = "every 1h") -> Job:
    """A job that has looked at two feeds, of which one names a hub."""
    job_id = archive.add_job(
        name=name, origin="command", starts=[], options={}, schedule=schedule, time_zone=None, next_at=None
    )
    job = Job(archive, job_id, name)
    queue = job.begin()
    for url in (FEED, OTHER):
        queue.add_source(url, "feed")
    while (source := queue.take_source("a.example")) is not None:
        if source.url == FEED:
            queue.note_hubs(source, FEED, [HUB])
        check(queue, source, clock)
    job.end()
    clock.now += timedelta(minutes=5)
    return job


@pytest.fixture
def job(archive: Archive, clock: Clock) -> Job:
    return make_job(archive, clock, "daily")


@pytest.fixture
def records(archive: Archive) -> WebSubRecords:
    return archive.websub()


@pytest.fixture
def subscription(records: WebSubRecords) -> Subscription:
    records.add(Topic(FEED, HUB), callback="https://hooks.example/token", token="token", secret="secret")
    [subscription] = records.subscriptions()
    return subscription


def test_a_run_for_news_looks_at_nothing_else(
    job: Job, records: WebSubRecords, subscription: Subscription, clock: Clock
) -> None:
    assert records.woken_jobs() == set()
    assert records.note_notified(subscription)
    assert not records.note_notified(subscription)  # it is due already
    assert records.woken_jobs() == {job.id}
    clock.now += timedelta(seconds=1)
    queue = job.begin(only_woken=True)
    assert queue.hosts() == {"a.example": 0}
    # What the feed names goes on to, and was not looked at before, belongs to it.
    queue.add_source("https://a.example/feed?page=2", "feed", depth=1)
    assert look(queue, clock) == [FEED, "https://a.example/feed?page=2"]
    assert queue.hosts() == {}
    job.end()
    assert records.woken_jobs() == set()
    assert sorted(look(job.begin(), clock)) == [FEED, "https://a.example/feed?page=2", OTHER]


def test_a_run_for_everything_looks_at_the_news_first(
    job: Job, records: WebSubRecords, subscription: Subscription, clock: Clock
) -> None:
    queue = job.begin()
    queue.note_hubs(queue.take_source("a.example"), OTHER, [])  # type: ignore[arg-type]
    queue.give_back()
    job.end("interrupted")
    records.add(Topic(OTHER, HUB), callback="https://hooks.example/o", token="o", secret="s")
    queue = job.begin()
    for source in iter(lambda: queue.take_source("a.example"), None):
        queue.note_hubs(source, source.url, [HUB])
    queue.give_back()
    [other] = [one for one in records.subscriptions() if one.topic.url == OTHER]
    records.note_notified(other)
    clock.now += timedelta(seconds=1)
    assert look(queue, clock) == [OTHER, FEED]


def test_what_comes_during_a_look_leads_to_another(
    job: Job, records: WebSubRecords, subscription: Subscription, clock: Clock
) -> None:
    queue = job.begin()
    source = queue.take_source("a.example")
    assert source is not None
    assert source.url == FEED
    asked_at = clock.now
    clock.now += timedelta(seconds=1)
    records.note_notified(subscription)
    queue.store_check(source, SourceCheck(checked_at=asked_at))
    assert records.woken_jobs() == {job.id}
    # Not at once, however often hubs call, but in the same run if that goes on for so long.
    assert look(queue, clock) == [OTHER]
    clock.now += timedelta(seconds=58)
    again = queue.take_source("a.example")
    assert again is not None
    assert (again.url, again.is_woken) == (FEED, True)
    check(queue, again, clock)
    assert records.woken_jobs() == set()


@pytest.mark.parametrize("is_looked_at", [True, False])
def test_news_of_before_a_clock_was_set_back_are_told_once(
    job: Job, records: WebSubRecords, subscription: Subscription, clock: Clock, is_looked_at: bool
) -> None:
    """Or the job would be due at once, and again, until the clock has caught up."""
    records.note_notified(subscription)
    clock.now -= timedelta(hours=10)
    assert records.woken_jobs() == {job.id}
    queue = job.begin(only_woken=True)
    if is_looked_at:
        assert look(queue, clock) == [FEED]
    job.end()
    assert records.woken_jobs() == set()


def test_what_comes_when_a_run_is_done_with_the_feed_waits_for_the_next(
    job: Job, records: WebSubRecords, subscription: Subscription, clock: Clock
) -> None:
    queue = job.begin()
    look(queue, clock)
    records.note_notified(subscription)
    job.end()
    assert records.woken_jobs() == {job.id}
    queue = job.begin(only_woken=True)
    clock.now += timedelta(seconds=1)
    assert look(queue, clock) == [FEED]
    job.end()
    assert records.woken_jobs() == set()


def test_a_run_that_could_not_look_leaves_it_to_the_schedule(
    job: Job, records: WebSubRecords, subscription: Subscription, clock: Clock
) -> None:
    records.note_notified(subscription)
    job.begin(only_woken=True)
    job.end("interrupted")
    assert records.woken_jobs() == {job.id}  # stopped: the rest is still to be done
    clock.now += timedelta(seconds=1)
    job.begin(only_woken=True)
    job.end()
    assert records.woken_jobs() == set()  # the host was left alone, or the run's limit was reached


def test_a_run_for_news_that_was_stopped_spares_the_next_one_nothing(
    job: Job, records: WebSubRecords, subscription: Subscription, clock: Clock
) -> None:
    records.note_notified(subscription)
    clock.now += timedelta(seconds=1)
    queue = job.begin(only_woken=True)
    look(queue, clock)
    job.end("interrupted")
    queue = job.begin()
    queue.go_on(timedelta(hours=1))
    assert look(queue, clock) == [OTHER]


def test_each_job_is_told(archive: Archive, job: Job, records: WebSubRecords, clock: Clock) -> None:
    second = make_job(archive, clock, "second")
    by_hand = make_job(archive, clock, "by-hand", schedule=None)
    records.add(Topic(FEED, HUB), callback="https://hooks.example/token", token="token", secret="secret")
    [subscription] = records.subscriptions()
    records.note_notified(subscription)
    assert records.woken_jobs() == {job.id, second.id}
    clock.now += timedelta(seconds=1)
    look(job.begin(only_woken=True), clock)
    job.end()
    assert records.woken_jobs() == {second.id}
    archive.remove_job("second")
    assert records.woken_jobs() == set()
    assert sorted(look(by_hand.begin(), clock)) == [FEED, OTHER]


def test_names_that_are_no_text(records: WebSubRecords, subscription: Subscription) -> None:
    assert records.by_token("\x00\udcff") is None
    records.note_denied(subscription, "no\x00\udcff", next_at=START)
    assert records.subscriptions()[0].error == "no\ufffd\ufffd\ufffd"
