"""A crawl fetches what its articles show when it has nothing else to do, and forgets nothing of it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from scraper.crawl import AssetsDone, CrawlSummary, ExtractionPool, crawl
from scraper.crawl.jobs import JobOptions, Start, claim_job, finish_job_run, keep_typed
from scraper.store import Archive
from tests.crawl.test_crawl import HOST, Clock, Outlet
from tests.crawl.test_pipeline import settings
from tests.http_server import HttpServer
from tests.web.replay.archived import PNG

SLUGS = ("ferry-timetable", "library-hours", "bridge-toll")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def archive(tmp_path: Path, clock: Clock) -> Iterator[Archive]:
    with Archive.open(tmp_path / "archive.db", write=True, clock=clock) as opened:
        yield opened


@pytest.fixture
def outlet(server: HttpServer, clock: Clock) -> Outlet:
    outlet = Outlet(server, clock)
    for number, slug in enumerate(SLUGS):
        outlet.publish(slug, f"Headline of the {slug}", ago=timedelta(hours=3 - number))
        outlet.show(slug, more=f"<img src=/{slug}.png><img src=/logo.png>")
        server.page(f"/{slug}.png", PNG + slug.encode(), type="image/png")
    server.page("/logo.png", PNG, type="image/png")
    return outlet


def go(
    archive: Archive, server: HttpServer, pool: ExtractionPool, *, assets: bool = True, **options: int
) -> tuple[CrawlSummary, list[AssetsDone]]:
    job = keep_typed(archive, [Start("site", f"{HOST}/")], JobOptions(**options))
    run_id = claim_job(archive, job)
    seen: list[object] = []
    chosen = replace(settings(server), assets=assets)
    summary = asyncio.run(crawl(job, archive=archive, settings=chosen, pool=pool, run_id=run_id, report=seen.append))
    finish_job_run(archive, run_id, "done", summary.as_dict())
    return summary, [done for done in seen if isinstance(done, AssetsDone)]


def shown(archive: Archive, slug: str) -> set[str]:
    (capture,) = archive.captures(f"{HOST}/news/{slug}.html")
    return {asset.url.removeprefix(HOST) for asset in archive.assets().of(capture.id) if asset.is_held}


def test_articles_come_first(archive: Archive, server: HttpServer, outlet: Outlet, pool: ExtractionPool) -> None:
    summary, done = go(archive, server, pool)
    assert len(done) == 3
    assert summary.assets is not None
    assert (summary.assets.stored, summary.assets.held, summary.assets.failed) == (4, 2, 0)
    assert summary.as_dict()["assets"]["stored"] == 4
    for slug in SLUGS:
        assert shown(archive, slug) == {f"/{slug}.png", "/logo.png"}
    asked = [request.path for request in server.requests]
    pictures = [number for number, path in enumerate(asked) if path.endswith(".png")]
    articles = [number for number, path in enumerate(asked) if path.startswith("/news/")]
    assert len(pictures) == 4
    assert max(articles) < min(pictures)
    with_assets = {row["capture_id"] for row in archive._db.rows("SELECT capture_id FROM capture_assets")}
    assert len(with_assets) == 3, "what is no article has none"
    assert archive._db.row("SELECT * FROM asset_queue") is None


def test_a_limit_of_pages_is_none_of_pictures(
    archive: Archive, server: HttpServer, outlet: Outlet, pool: ExtractionPool
) -> None:
    summary, done = go(archive, server, pool, limit=2)
    assert (summary.fetched, len(done)) == (2, 2)
    assert summary.assets is not None
    assert summary.assets.stored == 3


def test_without_the_option_nothing_of_it_is_done(
    archive: Archive, server: HttpServer, outlet: Outlet, pool: ExtractionPool
) -> None:
    summary, done = go(archive, server, pool, assets=False)
    assert (summary.assets, done) == (None, [])
    assert not [request for request in server.requests if request.path.endswith(".png")]
    assert archive._db.row("SELECT * FROM asset_queue") is None


def test_what_a_run_left_the_next_one_of_its_job_fetches(
    archive: Archive, server: HttpServer, outlet: Outlet, pool: ExtractionPool
) -> None:
    go(archive, server, pool, assets=False)
    (capture,) = archive.captures(f"{HOST}/news/bridge-toll.html")
    archive.assets().queue(capture.id, "outlet.example", capture.run_id)
    summary, done = go(archive, server, pool)
    assert [one.capture_id for one in done] == [capture.id]
    assert shown(archive, "bridge-toll") == {"/bridge-toll.png", "/logo.png"}
    assert summary.assets is not None
    assert summary.assets.stored == 2
