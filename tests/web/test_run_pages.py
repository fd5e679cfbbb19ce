"""Jobs and runs: what ran, what failed and why, and what is next."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from scraper.capture import Capture, Hop
from scraper.store import Archive
from tests.web.browser import START, Browser, Page
from tests.web.crawled import BROKE, COURIER, DAYS, MERCURY, Crawled
from tests.web.test_outlet_pages import words
from tests.web.test_pages import is_sound


def section(page: Page, name: str) -> str:
    [found] = re.findall(f'<section aria-labelledby="{name}">.*?</section>', page.source, re.DOTALL)
    return words(found)


def jobs_of(page: Page) -> dict[str, str]:
    """Each job's row, by its name."""
    rows = map(words, re.findall('<tr id="job-.*?</tr>', page.source, re.DOTALL))
    return {row.split()[0]: row for row in rows}


def test_jobs(crawled: Browser, history: Crawled) -> None:
    page = crawled.page("/jobs")
    is_sound(page)
    rows = jobs_of(page)
    assert list(rows) == ["evenings", "mornings", "once"]
    assert "cron 0 18 * * * Europe/Kyiv paused" in rows["evenings"]
    # Nobody has called since: as scrape health would find it, whether or not it has looked.
    assert "overdue the job mornings should have run at 2024-05-30" in rows["mornings"]
    assert "done: 6 new, 1 changed, 23 left for later" in rows["mornings"]
    assert rows["mornings"].endswith(f" {DAYS}")
    assert "never ran" in rows["once"]
    assert page.links("/runs/") == [f"/runs/{history.interrupted}", f"/runs/{history.runs[-1]}"]
    assert f"https://{COURIER}/" in page.links("https://")
    assert "the job mornings should have run, and did not" in page.text
    assert "With 1 crawl that was typed" in page.text
    assert "crawl-0123456789ab" not in page.text
    assert "crawl-0123456789ab" in crawled.page("/jobs?all=1").text


def test_states_of_jobs(tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    with Archive.open(path, write=True) as archive:
        soon = archive.now() + timedelta(hours=2)
        for name, schedule, next_at in (
            ("soon", "every 1h", soon),
            ("now", "every 1h", archive.now() - timedelta(minutes=1)),
            ("odd", "when the moon is full", soon),
            ("gone", "every 1h", None),
            ("busy", "every 1h", soon),
            ("bad", "every 1h", soon),
        ):
            values: dict[str, Any] = {
                "starts": [{"kind": "site", "url": "https://a.example/"}],
                "options": {},
                "time_zone": None,
            }
            values["origin"] = "file" if name == "gone" else "command"
            archive.add_job(name=name, schedule=schedule, next_at=next_at, **values)
        archive.set_job_times(archive.job("gone").id, paused_at=archive.now(), next_at=None)
        archive.claim_job("busy")
        for _ in range(3):
            archive.finish_job_run(archive.claim_job("bad"), "done", {"starts_failed": 1}, next_at=soon)
        with Browser(path) as browser:
            page = browser.page("/jobs")
            is_sound(page)
    states = jobs_of(page)
    for name, state in (
        ("soon", "waits for its time"),
        ("now", "due now"),
        ("odd", "cannot be followed The job odd is stored in a way that cannot be followed"),
        ("gone", "not in scrape.toml any more"),
        ("busy", "running"),
        ("bad", "failing the last 3 runs of the job bad"),
    ):
        assert state in states[name]


def test_runs_have_pages(crawled: Browser, history: Crawled, tmp_path: Path) -> None:
    page = crawled.page("/runs")
    is_sound(page)
    assert page.links("/runs/") == [f"/runs/{run}" for run in range(history.interrupted, 0, -1)]
    assert page.links("/runs?job=")[0] == "/runs?job=evenings"
    earlier = crawled.page(f"/runs?before={history.runs[3]}")
    assert earlier.links("/runs/") == ["/runs/3", "/runs/2", "/runs/1"]
    assert [link.attributes["href"] for link in earlier.all("a", rel="prev")] == ["/runs"]
    of_one = crawled.page("/runs?job=evenings")
    assert of_one.links("/runs/") == [f"/runs/{history.interrupted}"]
    assert of_one.one("h1").text == "Runs of evenings"
    with Archive.open(tmp_path / "many.db", write=True) as archive:
        for _ in range(51):
            archive.end_run(archive.begin_run("url", []), "done")
    with Browser(tmp_path / "many.db") as browser:
        first = browser.page("/runs")
        assert [link.attributes["href"] for link in first.all("a", rel="next")] == ["/runs?before=2"]
        assert browser.page("/runs?before=2").links("/runs/") == ["/runs/1"]


def test_a_run(crawled: Browser, history: Crawled) -> None:
    page = crawled.page(f"/runs/{history.runs[0]}")
    is_sound(page)
    assert "limit 500 languages en, uk" in section(page, "asked")
    assert section(page, "outcomes").startswith("What came of it As the crawl said at its end: 6 new, 1 failed.")
    assert section(page, "failures") == f"What failed, and why No answer in time 1 https://{COURIER}/slow"
    assert section(page, "skipped").endswith(f"https://{COURIER}/tags/0-2 ↗ and 1 more")
    assert f"/outlets/{MERCURY}" in page.links()
    # Each page with its article; of what failed, what is known of it.
    articles = [link for link in page.links("/article/") if not link.endswith("/history")]
    assert len(articles) == 6
    assert len(page.links("/capture/")) == 7
    for link in articles[:2]:
        assert "Bridge closed on day" in crawled.page(link).one("h1").text


def test_a_run_that_met_trouble(crawled: Browser, history: Crawled) -> None:
    page = crawled.page(f"/runs/{history.runs[BROKE]}")
    assert page.one("h2", id="alarms").text == "2 alarms raised"
    assert "HTTP 410" in section(page, "failures")
    assert "Empty 1" in section(page, "no-articles")
    rested = crawled.page(f"/runs/{history.runs[3]}")
    assert f"{MERCURY} was left alone: it asks for patience <b>until</b> noon" in section(rested, "outcomes")
    source = crawled.page(f"/runs/{history.runs[11]}")
    assert f"home https://{COURIER}/ ↗ No answer in time · no answer in <b>30</b> s" in section(source, "failures")


def test_runs_that_were_no_crawl_or_brought_nothing(crawled: Browser, history: Crawled) -> None:
    typed = crawled.page(f"/runs/{history.typed}")
    is_sound(typed)
    assert section(typed, "asked") == "What was asked for A list of 1 address"
    assert "Not read yet 1" in section(typed, "outcomes")
    nothing = crawled.page(f"/runs/{history.interrupted}")
    assert "No page was fetched." in section(nothing, "outcomes")
    assert "interrupted" in nothing.text


def test_many_pages_of_a_run(tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    with Archive.open(path, write=True) as archive, archive.batch():
        run_id = archive.begin_run("url", [])
        for number in range(130):
            url = f"https://a.example/{number}"
            hop = Hop(url=url, status=404, headers=())
            archive.add_capture(Capture(url=url, fetched_at=START, hops=(hop,), body=b"none"), run_id)
        archive.end_run(run_id, "done")
    with Browser(path) as browser:
        first = browser.page("/runs/1")
        [following] = [link.attributes["href"] for link in first.all("a", rel="next")]
        second = browser.page(following)
        assert (len(first.links("/capture/")), len(second.links("/capture/"))) == (100, 30)
        assert "HTTP 404 130" in section(first, "failures")
        assert len(first.links("/article/")) == 3 + 100


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/runs/999", 404),
        ("/runs/x", 404),
        ("/runs?before=0", 400),
        ("/runs?job=nights", 404),
        ("/runs/1?before=x", 400),
    ],
)
def test_what_is_not_there_or_not_understood(crawled: Browser, path: str, status: int) -> None:
    page = crawled.page(path, status)
    is_sound(page)
    assert str(crawled.path.parent) not in page.source


def test_an_empty_archive_says_what_to_do(empty: Browser) -> None:
    jobs, runs = empty.page("/jobs"), empty.page("/runs")
    for page in (jobs, runs):
        is_sound(page)
        assert not page.all("table")
    assert "scrape jobs add NAME --site https://example.com/ --every 1h" in jobs.text
    assert "scrape crawl https://example.com/" in runs.text


def test_home_leads_there(crawled: Browser, history: Crawled) -> None:
    page = crawled.page("/")
    links = page.links()
    assert {f"/outlets/{MERCURY}", "/jobs", "/runs?job=mornings", f"/runs/{history.interrupted}"} <= set(links)
    assert links.count("/jobs") >= 2  # in the menu, and from the alarm of a job


def test_rows_of_tables_lead_there(crawled: Browser, history: Crawled) -> None:
    assert f"/runs/{history.runs[-1]}" in crawled.page("/archive/runs?_size=max").links("/runs/")
    assert f"/outlets/{MERCURY}" in crawled.page("/archive/run_sites").links("/outlets/")
    assert f"/runs/{history.runs[0]}" in crawled.page("/archive/captures?_size=9").links("/runs/")
    assert "/runs?job=mornings" in crawled.page("/archive/jobs").links("/runs")
    alarms = crawled.page("/archive/alarms").links("/outlets/")
    assert set(alarms) == {f"/outlets/{MERCURY}"}  # an alarm about a job has none
