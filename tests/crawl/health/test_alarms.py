"""From a crawl to an alarm: an outlet on a real server whose layout breaks, whose feed dies, which puts up a wall."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from scraper.crawl import ExtractionPool, crawl
from scraper.crawl.health import Findings, judge_run, normal_of
from scraper.crawl.jobs import JobOptions, Start, claim_job, finish_job_run, keep_typed
from scraper.store import Archive
from tests.crawl.test_crawl import HOST, Clock, Outlet
from tests.crawl.test_pipeline import settings
from tests.http_server import HttpServer

SITE = "outlet.example"
WORDS = "harbour ferry bridge library market school council county street museum theatre station".split()
CONSENT = (
    "<html><head><title>Before you continue</title></head><body><h1>We value your privacy</h1><p>We and our 812"
    " partners store and access information on a device, such as cookies. Please give your consent to go on.</p>"
    "<button>Accept all</button><button>Reject all</button></body></html>"
)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory, pool: ExtractionPool) -> Path:
    """An archive with a first run on the outlet, its 24 articles and nothing wrong."""
    path = tmp_path_factory.mktemp("known") / "archive.db"
    clock = Clock()
    with HttpServer() as server, Archive.open(path, write=True, clock=clock) as archive:
        assert Watched(archive, server, pool, clock).crawl() == Findings()
    return path


@pytest.fixture
def archive(tmp_path: Path, clock: Clock) -> Iterator[Archive]:
    with Archive.open(tmp_path / "archive.db", write=True, clock=clock) as opened:
        yield opened


class Watched:
    """An outlet that is crawled again and again, and judged each time."""

    def __init__(self, archive: Archive, server: HttpServer, pool: ExtractionPool, clock: Clock) -> None:
        self.archive, self.server, self.pool, self.clock = archive, server, pool, clock
        self.outlet = Outlet(server, clock)
        self.selectors: Path | None = None
        self.options: dict[str, Any] = {"recrawl": ()}
        for number in range(24):
            self.publish(ago=timedelta(hours=24 - number))

    def publish(self, count: int = 1, *, ago: timedelta = timedelta()) -> list[str]:
        slugs = []
        for place in range(count):
            number = len(self.outlet.articles)
            slug = f"{WORDS[number % 12]}-{WORDS[number // 12]}-{number}"
            self.outlet.publish(
                slug,
                f"The {slug.replace('-', ' ')} that all of the town spoke about",
                ago=ago + timedelta(minutes=count - place),
            )
            slugs.append(slug)
        return slugs

    def crawl(self, *starts: Start) -> Findings:
        job = keep_typed(self.archive, starts or (Start("site", f"{HOST}/"),), JobOptions(**self.options))
        run_id = claim_job(self.archive, job)
        summary = asyncio.run(
            crawl(
                job, archive=self.archive, settings=settings(self.server, render="never"), pool=self.pool, run_id=run_id
            )
        )
        findings = asyncio.run(judge_run(self.archive, run_id, pool=self.pool, selectors=self.selectors))
        finish_job_run(self.archive, run_id, "done", summary.as_dict())
        self.clock.ahead += timedelta(hours=1)
        return findings


@pytest.fixture
def watched(known: Path, tmp_path: Path, server: HttpServer, pool: ExtractionPool, clock: Clock) -> Iterator[Watched]:
    """The outlet an hour later."""
    clock.ahead = timedelta(hours=1)
    shutil.copy(known, tmp_path / "known.db")
    with Archive.open(tmp_path / "known.db", write=True, clock=clock) as archive:
        yield Watched(archive, server, pool, clock)


def said(findings: Findings) -> list[tuple[str, str]]:
    return [(alarm.kind, alarm.subject) for alarm in findings.raised]


def test_a_quiet_day_raises_nothing(watched: Watched) -> None:
    for hours in (1, 6, 17, 24):
        watched.clock.ahead += timedelta(hours=hours)
        assert watched.crawl() == Findings()
    normal = normal_of(watched.archive, SITE)
    assert normal is not None
    assert (normal.parts["articles"], normal.pages["headline"], normal.runs) == (1.0, 24, 5)


def test_a_broken_layout(watched: Watched) -> None:
    broken = watched.publish(3)
    for slug in broken:
        watched.server.page(
            f"/news/{slug}.html", '<html><body><div id="app"></div><script src="/a.js"></script></body>'
        )
    findings = watched.crawl()
    assert said(findings) == [("layout", "articles")]
    [alarm] = findings.raised
    assert "0 of 3" in alarm.message
    assert "24 of 24 (100%)" in alarm.message
    assert {example["url"] for example in alarm.detail["examples"]} == {f"{HOST}/news/{slug}.html" for slug in broken}
    more = watched.publish(2)
    for slug in more:
        watched.server.page(f"/news/{slug}.html", '<html><body><div id="app"></div></body>')
    assert watched.crawl() == Findings()  # the same trouble is one alarm
    watched.publish(3)
    assert [alarm.id for alarm in watched.crawl().cleared] == [alarm.id]
    assert watched.archive.health().alarms() == []


def test_what_was_an_article_and_is_none_weighs_more(watched: Watched) -> None:
    """Two pages are enough, where the normal state is known from many."""
    watched.publish(36)
    watched.options = {"recrawl": (timedelta(hours=1),)}
    watched.crawl()
    watched.clock.ahead += timedelta(hours=2)
    for slug in watched.publish(1):
        watched.server.page(f"/news/{slug}.html", '<html><body><div id="app"></div></body>')
    for slug in list(watched.outlet.articles)[-10:-1]:
        watched.server.page(f"/news/{slug}.html", '<html><body><div id="app"></div></body>')
    assert said(watched.crawl()) == [("layout", "articles")]


@pytest.mark.parametrize("how", ["gone", "html"])
def test_a_dead_feed(watched: Watched, how: str) -> None:
    watched.crawl()
    status = 404 if how == "gone" else 200
    watched.server.page("/feed.xml", "<html><body><h1>Our feeds have moved</h1></body></html>", status=status)
    findings = watched.crawl()
    assert said(findings) == [("feed", f"{HOST}/feed.xml")]
    assert ("answers 404" if how == "gone" else "is no feed any more") in findings.raised[0].message
    assert watched.crawl() == Findings()  # also where the same page came again and was not read again
    watched.publish()
    assert [alarm.kind for alarm in watched.crawl().cleared] == ["feed"]


def test_a_feed_that_lists_nothing_any_more(watched: Watched) -> None:
    items = "".join(f"<item><link>{HOST}/news/{slug}.html</link></item>" for slug in watched.outlet.articles)
    start = Start("feed", f"{HOST}/all.xml")
    for number in range(4):
        feed = f'<rss version="2.0"><channel><title>All, part {number}</title>{items}</channel></rss>'
        watched.server.page("/all.xml", feed, type="application/rss+xml")
        assert watched.crawl(start) == Findings()
    watched.server.page("/all.xml", '<rss version="2.0"><channel><title>All</title></channel></rss>')
    [alarm] = watched.crawl(start).raised
    assert alarm.message.startswith(f"the feed {HOST}/all.xml lists 0 addresses since ")
    assert watched.crawl(start) == Findings()


def test_a_consent_wall(watched: Watched) -> None:
    for slug in watched.publish(3):
        watched.server.page(f"/news/{slug}.html", CONSENT)
    findings = watched.crawl()
    assert said(findings) == [("wall", "wall")]
    assert "0 of 3" in findings.raised[0].message


def test_dates_stop(watched: Watched) -> None:
    for slug in watched.publish(4):
        page = watched.server._answers[f"/news/{slug}.html"].body.decode()
        start = page.index('<meta property="article:published_time"')
        watched.server.page(f"/news/{slug}.html", page[:start] + page[page.index("</head>") :])
    watched.server.page("/feed.xml", "gone", status=503)  # and the feed's dates are no help
    findings = watched.crawl()
    assert said(findings) == [("dates", "published_at")]


def test_a_site_file_that_broke(
    archive: Archive, server: HttpServer, pool: ExtractionPool, clock: Clock, tmp_path: Path
) -> None:
    folder = tmp_path / "selectors"
    folder.mkdir()
    (folder / "outlet.example.toml").write_text(
        'name = "The Outlet"\nhosts = ["outlet.example"]\n[[layout]]\n'
        '[layout.fields.headline]\ncss = "main article h1"\n'
        '[layout.fields.body]\ncss = "main article"\n'
    )
    with ExtractionPool(workers=1, selectors=folder) as with_file:
        watched = Watched(archive, server, with_file, clock)
        watched.selectors = folder
        assert watched.crawl() == Findings()
        last = watched.publish(1)[0]
        assert watched.crawl() == Findings()
        for slug in watched.publish(4):
            page = server._answers[f"/news/{slug}.html"].body.decode()
            page = page.replace("<h1>", '<div class="top"><h1>').replace("</h1>", "</h1></div>")
            server.page(
                f"/news/{slug}.html",
                page.replace("<article>", '<section class="story">').replace("</article>", "</section>"),
            )
        findings = watched.crawl()
    assert {subject for _, subject in said(findings)} == {"headline selector", "body selector"}
    alarm = next(alarm for alarm in findings.raised if alarm.subject == "headline selector")
    broken = {one["field"]: one for one in alarm.detail["selectors"]}
    assert broken["headline"]["selectors"] == ["main article h1"]
    assert broken["headline"]["last_found"]["url"] == f"{HOST}/news/{last}.html"
    first = broken["headline"]["missing_since"]
    assert first["url"].startswith(f"{HOST}/news/")
    assert first["capture"] > broken["headline"]["last_found"]["capture"]
    assert broken["headline"]["without"].endswith("that all of the town spoke about")
    assert "outlet.example.toml: headline (main article h1) matches nothing since" in alarm.message
    assert "without it “The" in alarm.message


def test_runs_that_died_are_measured_later(watched: Watched) -> None:
    with sqlite3.connect(watched.archive.path) as other:
        other.execute("UPDATE runs SET state = 'interrupted'")
        other.execute("DELETE FROM run_sites")
    watched.crawl()
    assert [run.texts for run in watched.archive.health().measures(SITE)] == [0, 24]


def test_what_is_accepted_is_normal_from_then_on(watched: Watched) -> None:
    def break_some() -> Findings:
        for slug in watched.publish(4):
            watched.server.page(f"/news/{slug}.html", CONSENT)
        return watched.crawl()

    [alarm] = break_some().raised
    watched.archive.health().accept(alarm.id)
    for _ in range(3):
        assert break_some() == Findings()
