"""What runs found, counted by site; alarms, which are one each as long as they last."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from scraper.article import Provenance
from scraper.errors import ArchiveNotWritable, NotInArchive
from scraper.store import Archive, Find, SiteMeasures, SourceCheck, Trouble

SITE = "example.com"


def address(number: int) -> str:
    return f"https://{SITE}/news/{number}"


def begin(archive: Archive) -> int:
    return archive.begin_run("crawl", [])


def measured(archive: Archive, run_id: int) -> SiteMeasures:
    [found] = archive.health().measure(run_id)
    assert list(archive.health().measures(SITE, limit=1)) == [found]
    return found


def store(archive: Archive, make: Any, run_id: int, number: int, **more: Any) -> None:
    """A capture of a page, and what was read from it; without `verdict` and `article` an article of its own."""
    capture = {name: more.pop(name) for name in ("status", "via", "body") if name in more}
    made = replace(
        make.capture(address(number), **capture),
        timings=replace(make.capture().timings, first_byte=number / 10, total=number / 5),
    )
    ref = archive.add_capture(made, run_id)
    values = {
        "headline": f"Headline {number}",
        "published_at": f"2024-07-22T09:{number:02}:00+03:00",
        "url": address(number),
    }
    archive.add_article(ref.id, make.article(f"Water rose by {number} metres.", **{**values, **more}))


def test_pages_by_what_became_of_them(archive: Archive, make: Any) -> None:
    first = begin(archive)
    for number in (1, 2, 3, 4):
        store(archive, make, first, number, body=b"page %d" % number)
    second = begin(archive)
    store(archive, make, second, 1, headline="Edited")
    store(archive, make, second, 2, body=b"page 2")  # as it was
    store(archive, make, second, 3, verdict="consent")
    archive.add_capture(make.capture(address(4), status=410), second)
    store(archive, make, second, 5, verdict="empty", body=b"")
    store(archive, make, second, 6, verdict="not_article")
    archive.add_capture(make.failed(address(7), "timeout"), second)
    archive.add_capture(make.capture(address(8), status=503), second)
    dead = archive.add_capture(make.capture(address(9)), second)
    archive.mark_extraction_failed(dead.id, "out of memory")
    found = measured(archive, second)
    assert {
        name: getattr(found, name)
        for name in ("pages", "ok", "unchanged", "consent", "gone", "empty", "not_article", "failed", "lost", "edits")
    } == {
        "pages": 9,
        "ok": 1,
        "unchanged": 1,
        "consent": 1,
        "gone": 1,
        "empty": 1,
        "not_article": 1,
        "failed": 3,
        "lost": 1,
        "edits": 1,
    }
    assert found.failures == {"timeout": 1, "http_503": 1, "extraction": 1}
    assert (found.revisits, found.new_articles, found.texts) == (4, 0, 1)
    # Nobody said that page 6 is an article; an empty page shows nothing else.
    assert (found.yielded, found.expected) == (1, 2)


def test_only_the_last_try_of_a_page_counts(archive: Archive, make: Any) -> None:
    run_id = begin(archive)
    for _ in range(2):
        archive.add_capture(make.failed(address(1), "timeout"), run_id)
    store(archive, make, run_id, 1)
    found = measured(archive, run_id)
    assert (found.pages, found.ok, found.failures) == (1, 1, {})


def test_fields_and_where_they_came_from(archive: Archive, make: Any) -> None:
    run_id = begin(archive)
    by_file = {"headline": Provenance(source="site_file", confidence=1.0, selector="h1")}
    store(archive, make, run_id, 1, provenance=by_file)
    store(archive, make, run_id, 2, provenance=by_file, authors=(), published_at=None)
    store(archive, make, run_id, 3, headline=None)
    found = measured(archive, run_id)
    assert (found.texts, found.with_headline, found.with_authors, found.with_published_at) == (3, 2, 2, 2)
    assert found.found_by["headline"] == {"site_file": 2, "none": 1}
    assert (found.first_byte_median, found.total_p95) == (0.2, 0.6)
    assert (found.words, found.short) == (5, None)


def test_headlines_and_dates_that_are_nobodys_own(archive: Archive, make: Any) -> None:
    first, second = begin(archive), begin(archive)
    for number in range(3):
        store(archive, make, first, number, headline="The Outlet", published_at="2024-07-01T10:00:00Z")
    store(archive, make, second, 10, headline="The Outlet", published_at="2024-07-01T10:00:00Z")
    store(archive, make, second, 11, published_at="2031-01-01")
    store(archive, make, second, 12, published_at="2024-07-22")
    found = measured(archive, second)
    assert (found.repeated_headlines, found.odd_dates) == (1, 2)
    assert archive.health().measure(first)[0].repeated_headlines == 3  # of four, by now


def test_a_date_is_held_against_the_sources(archive: Archive, make: Any) -> None:
    queue = crawl(archive)
    said = datetime(2024, 7, 22, 8, tzinfo=UTC)
    queue.add_finds(None, [Find(url=address(number), published_at=said) for number in (1, 2, 3)])
    run_id = begin(archive)
    store(archive, make, run_id, 1, published_at="2024-07-22T09:00:00+03:00")
    store(archive, make, run_id, 2, published_at="2024-07-12T09:00:00+03:00")
    store(archive, make, run_id, 3, verdict="not_article")
    found = measured(archive, run_id)
    assert (found.odd_dates, found.yielded, found.expected) == (1, 2, 3)


def test_short_texts_are_known_where_the_usual_length_is(archive: Archive, make: Any) -> None:
    first, second = begin(archive), begin(archive)
    for number in range(20):
        store(archive, make, first, number, word_count=400)
    measured(archive, first)
    store(archive, make, second, 30, word_count=399)
    store(archive, make, second, 31, word_count=40)
    assert measured(archive, second).short == 1


def crawl(archive: Archive) -> Any:
    job_id = archive.add_job(
        name="j", origin="command", starts=[], options={}, schedule=None, time_zone=None, next_at=None
    )
    return archive.crawl_queue(job_id=job_id, run_id=archive.claim_job("j"), owner="owner")


def test_sources(archive: Archive, clock: Any) -> None:
    queue = crawl(archive)
    at = clock()
    for path, check in (
        ("feed.xml", SourceCheck(checked_at=at, items=20, new_items=3, newest_item_at=at - timedelta(hours=1))),
        ("sitemap.xml", SourceCheck(checked_at=at, error="http_500", status=500)),
        ("rss", SourceCheck(checked_at=at, error="http_404", status=404, state="absent")),
    ):
        queue.add_source(f"https://{SITE}/{path}", "feed")
        queue.store_check(queue.take_source(SITE), check)
    [run] = [job.last_run for job in archive.jobs()]
    found = measured(archive, run.id)
    assert (found.sources, found.sources_failed, found.items, found.new_items) == (3, 1, 20, 3)
    assert found.failures == {"http_500": 1}
    feed, *_ = archive.health().sources(run.id, SITE, looks=5)
    assert (feed.is_named, feed.looks[0].items, feed.looks[0].newest_item_at) == (True, 20, at - timedelta(hours=1))
    assert archive.health().newest_items(feed.id) == [at - timedelta(hours=1)]
    assert archive.health().is_looked_at(feed.url)


def test_looks_at_a_source_are_in_their_order_after_the_clock_was_set_back(archive: Archive, clock: Any) -> None:
    """A body that is as before says what the one said that was looked at before, whatever the clock did."""
    crawl(archive)
    [job], at = archive.jobs(), clock()
    run = job.last_run.id
    for hours, items in ((0, 20), (25, 21), (2, 22)):
        archive.finish_job_run(run, "done", {}, next_at=None)
        clock.time = at + timedelta(hours=hours)
        run = archive.claim_job("j")
        queue = archive.crawl_queue(job_id=job.id, run_id=run, owner="owner")
        queue.add_source(f"https://{SITE}/feed.xml", "feed")
        queue.store_check(queue.take_source(SITE), SourceCheck(checked_at=clock(), items=items, new_items=1))
    [feed] = archive.health().sources(run, SITE, looks=5)
    assert [look.items for look in feed.looks] == [22, 21, 20]


TROUBLE = Trouble(
    site=SITE,
    kind="layout",
    subject="headline",
    severity="error",
    since=datetime(2024, 7, 23, tzinfo=UTC),
    since_run_id=None,
    message="articles with a headline: 0 of 4",
    detail={"now": {"good": 0, "of": 4}},
)


def test_one_trouble_is_one_alarm_until_it_is_over(archive: Archive, clock: Any) -> None:
    health = archive.health()
    alarm = health.raise_alarm(TROUBLE, None)
    assert alarm is not None
    assert alarm.is_open
    assert alarm.as_dict()["detail"] == TROUBLE.detail
    assert health.raise_alarm(TROUBLE, None) is None
    assert not health.acknowledge(alarm.id).is_open
    clock.time += timedelta(hours=1)
    assert health.clear(alarm, None).cleared_at == clock.time
    again = health.raise_alarm(TROUBLE, None)
    assert again is not None
    assert [one.id for one in health.alarms()] == [again.id]
    assert [one.id for one in health.alarms(cleared=True)] == [again.id, alarm.id]
    assert health.alarms(site="other.example") == []
    with pytest.raises(NotInArchive, match="No alarm 77"):
        health.accept(77)


def test_alarms_of_a_job(archive: Archive) -> None:
    queue = crawl(archive)
    assert queue is not None
    [job] = archive.jobs()
    assert job.last_run is not None
    archive.health().raise_alarm(TROUBLE, job.last_run.id)
    archive.health().raise_alarm(replace(TROUBLE, site="", kind="job", subject="j"), None)
    archive.health().raise_alarm(replace(TROUBLE, subject="body"), None)
    assert {alarm.subject for alarm in archive.health().alarms(job="j")} == {"headline", "j"}


def test_fields_seen(archive: Archive, make: Any) -> None:
    run_id = begin(archive)
    by_file = {"headline": Provenance(source="site_file", confidence=1.0, selector="h1.top")}
    store(archive, make, run_id, 1, provenance=by_file)
    store(archive, make, run_id, 2, provenance={"headline": Provenance(source="page", confidence=0.5)})
    store(archive, make, run_id, 3)
    health = archive.health()
    found = health.field_last_found(SITE, "headline")
    assert found is not None
    assert (found.url, found.selector, found.value) == (address(1), "h1.top", "Headline 1")
    missed = health.field_first_missed(SITE, "headline", after=found.capture)
    assert missed is not None
    assert (missed.url, missed.source) == (address(2), "page")
    assert health.field_last_found(SITE, "body") is None
    assert health.field_last_found(SITE, "no such field") is None
    assert [one.url for one in health.examples([run_id], SITE, "headline", limit=1)] == [address(1)]


def test_a_reader_reads(archive: Archive, path: Any) -> None:
    archive.health().raise_alarm(TROUBLE, None)
    with Archive.open(path) as reader:
        assert len(reader.health().alarms()) == 1
        with pytest.raises(ArchiveNotWritable):
            reader.health().acknowledge(1)


# --- Each article once --------------------------------------------------------------------------------------------


def test_an_article_at_several_addresses_counts_once_in_a_run(archive: Archive, make: Any) -> None:
    run_id = begin(archive)
    for number in (1, 2):
        same = {"headline": f"Headline {number}", "authors": (), "canonical_url": address(number)}
        store(archive, make, run_id, number, **same)
        for edition in ("amp", "print"):
            ref = archive.add_capture(make.capture(f"{address(number)}?{edition}=1"), run_id)
            archive.add_article(
                ref.id, make.article(f"Water rose by {number} metres.", url=address(number), published_at=None, **same)
            )
    found = measured(archive, run_id)
    assert (found.pages, found.texts, found.with_authors, found.with_published_at) == (6, 2, 0, 2)
    assert found.found_by["authors"] == {"none": 2}
    assert found.repeated_headlines == 0  # AMP and print pages are no other pages


def test_an_article_that_is_edited_again_and_again_counts_once(archive: Archive, make: Any) -> None:
    runs = [begin(archive) for _ in range(4)]
    store(archive, make, runs[0], 1, authors=())
    store(archive, make, runs[0], 2)
    store(archive, make, runs[1], 1, authors=(), headline="Edited")
    store(archive, make, runs[2], 1, headline="Edited, and signed")
    store(archive, make, runs[2], 3, verdict="consent")
    store(archive, make, runs[2], 5, verdict="empty", body=b"")
    store(archive, make, runs[3], 5, verdict="empty")
    archive.add_capture(make.failed(address(2), "timeout"), runs[3])
    once = archive.health().measure_once(runs[::-1], SITE)
    assert (once.texts, once.with_authors) == (2, 2)  # as they were found last
    assert (once.ok, once.consent, once.empty, once.failed) == (2, 1, 1, 0)
    assert archive.health().measure_once(runs[1::-1], SITE).with_authors == 1
    assert archive.health().measure_once(runs, "other.example").texts == 0
    assert list(archive.health().measures(SITE)) == []  # nothing is kept
