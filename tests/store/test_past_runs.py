"""Runs, and what became of what they were to fetch."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import Any

import pytest

from scraper.errors import NotInArchive
from scraper.store import Archive
from tests.store.test_outlets import plans, scanned
from tests.web.crawled import COURIER, DAYS, MERCURY, Crawled, crawled_archive


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Crawled]:
    path = tmp_path_factory.mktemp("crawled") / "archive.db"
    return path, crawled_archive(path)


@pytest.fixture
def past(crawled: tuple[Path, Crawled]) -> Any:
    with Archive.open(crawled[0]) as archive:
        yield archive


def test_runs_are_listed_some_at_a_time(past: Archive, crawled: tuple[Path, Crawled]) -> None:
    made = crawled[1]
    runs = past.past_runs().latest(limit=3)
    assert [run.id for run in runs] == [made.interrupted, made.typed, made.runs[-1]]
    assert [(run.command, run.job, run.state, run.captures) for run in runs] == [
        ("crawl", "evenings", "interrupted", 0),
        ("url", None, "done", 1),
        ("crawl", "mornings", "done", 7),
    ]
    assert (runs[1].totals, runs[1].urls) == ({}, 1)
    assert runs[2].totals == {
        "fetched": 7,
        "new": 6,
        "changed": 1,
        "failed": 0,
        "gone": 0,
        "waiting": DAYS - 1,
    }
    following = past.past_runs().latest(before=runs[-1].id, limit=DAYS)
    assert [run.id for run in following] == made.runs[-2::-1]
    assert [run.id for run in past.past_runs().latest(job="evenings", limit=9)] == [made.interrupted]
    with pytest.raises(NotInArchive, match="No job nights"):
        past.past_runs().latest(job="nights", limit=9)
    with pytest.raises(NotInArchive, match="No run 999"):
        past.past_runs().read(999)


def test_what_became_of_pages(past: Archive, crawled: tuple[Path, Crawled]) -> None:
    made = crawled[1]
    pages = past.past_runs().pages(made.runs[20], before=None, limit=2)
    assert [(page.outcome, page.reason) for page in pages] == [("refused", "http_410"), ("changed", None)]
    assert pages[1].headline == "Bridge reopens"
    assert pages[1].revision == 2
    [first] = past.past_runs().pages(made.runs[0], before=None, limit=99)[-1:]
    assert (first.outcome, first.page_id) == ("first", made.pages[first.url])
    later = past.past_runs().pages(made.runs[20], before=pages[-1].capture, limit=99)
    assert [page.outcome for page in later] == ["first", "no_article", "first"]
    assert (later[1].reason, later[1].said) == ("empty", "no text was found")
    [unread] = past.past_runs().pages(made.typed, before=None, limit=9)
    assert (unread.outcome, unread.headline) == ("unread", None)


def test_what_failed_is_counted_with_examples(past: Archive, crawled: tuple[Path, Crawled]) -> None:
    runs = crawled[1].runs
    tally = past.past_runs().tally(runs[0], most=100)
    assert (tally.pages, tally.outcomes, tally.whole) == (7, {"first": 6, "failed": 1}, True)
    [reason] = tally.failures
    assert (reason.code, reason.number) == ("timeout", 1)
    assert reason.examples == ((f"https://{COURIER}/slow", past.page(f"https://{COURIER}/slow").id),)
    few = past.past_runs().tally(runs[0], most=3)
    assert (few.pages, sum(few.outcomes.values()), few.whole) == (3, 3, False)
    [empty] = past.past_runs().tally(runs[BROKEN], most=100).no_articles
    assert (empty.code, empty.number) == ("empty", 2)


BROKEN = 21
"""A working day of the broken outlet: two of its three pages show nothing."""


def test_what_was_found_and_not_fetched(past: Archive, crawled: tuple[Path, Crawled]) -> None:
    runs = crawled[1].runs
    run = past.past_runs().read(runs[7])
    skips = past.past_runs().skips(run, most=100)
    [reason] = skips.reasons
    assert skips.whole
    # Of this run alone, and no more than some examples of them.
    assert (reason.code, reason.number) == ("tag_page", 4)
    assert [url for url, _ in reason.examples] == [f"https://{COURIER}/tags/7-{number}" for number in range(3)]
    few = past.past_runs().skips(run, most=2)
    assert (few.whole, few.reasons[0].number) == (False, 2)
    assert past.past_runs().skips(past.past_runs().read(crawled[1].typed), most=9).reasons == ()


def test_sites_sources_hosts_and_alarms_of_a_run(past: Archive, crawled: tuple[Path, Crawled]) -> None:
    made, runs = crawled[1], past.past_runs()
    courier, mercury = runs.sites(made.runs[20], limit=9)
    assert (courier.site, courier.pages, courier.new_articles, courier.edits) == (COURIER, 3, 2, 1)
    assert (mercury.site, mercury.pages, mercury.gone, mercury.no_article) == (MERCURY, 2, 1, 1)
    assert [one.site for one in runs.sites(made.runs[20], limit=1)] == [COURIER]
    [source] = runs.sources_failed(made.runs[11], limit=9)
    assert (source.url, source.error, source.message) == (f"https://{COURIER}/", "timeout", "no answer in <b>30</b> s")
    assert runs.sources_failed(made.runs[12], limit=9) == []
    assert runs.resting(made.runs[3]) == {MERCURY: "it asks for patience <b>until</b> noon"}
    assert runs.resting(made.runs[4]) == runs.resting(made.typed) == {}
    assert [(alarm.kind, alarm.subject) for alarm in runs.alarms(made.runs[20], limit=9)] == [
        ("layout", "authors"),
        ("dates", "published_at"),
    ]
    assert runs.waiting(past.job("mornings").id, most=5) == 5
    assert runs.waiting(past.job("mornings").id, most=100) == DAYS
    assert runs.waiting(past.job("once").id, most=100) == 0


def test_a_run_whose_process_is_gone_was_interrupted_and_a_lock_is_no_run(tmp_path: Path) -> None:
    with Archive.open(tmp_path / "archive.db", write=True) as archive:
        run_id = archive.begin_run("url", ["https://a.example/"])
        with archive.due_lock():
            [run] = archive.past_runs().latest(limit=9)
            assert (run.id, run.state, run.ended_at) == (run_id, "running", None)
        # A number that no process has.
        archive._db.execute("UPDATE runs SET pid = ?, host = ?", (2**22 + os.getpid(), socket.gethostname()))
        assert archive.past_runs().read(run_id).state == "interrupted"


def test_every_question_uses_an_index(past: Archive, crawled: tuple[Path, Crawled]) -> None:
    runs, made = past.past_runs(), crawled[1]

    def ask() -> None:
        for run_id in (made.runs[20], made.typed):
            run = runs.read(run_id)
            runs.tally(run_id, most=100)
            runs.pages(run_id, before=10**9, limit=9)
            runs.skips(run, most=100)
            runs.sites(run_id, limit=9)
            runs.sources_failed(run_id, limit=9)
            runs.resting(run_id)
            runs.alarms(run_id, limit=9)
        runs.latest(job="mornings", before=20, limit=9)
        runs.latest(before=20, limit=9)
        runs.waiting(1, most=100)

    assert scanned(plans(past, ask)) == set()
    # The last ones, of which a fixed number is read.
    assert scanned(plans(past, lambda: runs.latest(limit=9))) <= {"runs"}
