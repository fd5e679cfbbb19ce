"""News and pictures on servers of this machine, under names of their own, and the way there."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from scraper.article import Article
from scraper.crawl import Outcome, archive_pages
from scraper.crawl.assets.counts import AssetCounts
from scraper.crawl.workers import PageRead, PageToRead, explained
from scraper.errors import ExtractionFailed
from scraper.fetch import Fetcher
from scraper.settings import FetchSettings
from scraper.store import Archive, StoredAsset
from tests.http_server import HttpServer

NEWS, CDN = "http://news.example", "http://cdn.example"
STORY = f"{NEWS}/story"


class Here:
    """As ExtractionPool, in this process: every page is an article, and what is called is run."""

    def __init__(self) -> None:
        self.called: list[str] = []

    async def read(self, page: PageToRead) -> PageRead:
        article = Article(headline="News", body=page.html.decode(), page_type="article", verdict="ok", extractor="test")
        return PageRead(article)

    async def call(self, function: Callable[..., Any], *arguments: Any) -> Any:
        self.called.append(function.__name__)
        return function(*arguments)

    def explained(self, error: BaseException) -> ExtractionFailed:
        return explained(error)


class Clock:
    """It goes as any other does, and can be set forward."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._at = datetime(2024, 7, 23, 10, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self._at + timedelta(seconds=time.monotonic() - self._began)

    def go_on(self, **span: int) -> None:
        self._at += timedelta(**span)


@dataclass
class World:
    """The servers behind the names, and the archive that is filled from them."""

    news: HttpServer
    cdn: HttpServer
    archive: Archive
    clock: Clock
    pool: Here = field(default_factory=Here)
    settings: FetchSettings = field(
        default_factory=lambda: FetchSettings(allow_private=True, assets=True, delay=0.0, timeout=5.0)
    )
    hosts: dict[str, HttpServer] = field(default_factory=dict)

    def page(self, markup: str, path: str = "/story") -> None:
        self.news.page(path, f"<!doctype html><html><head></head><body>{markup}")

    async def resolve(self, host: str, port: int) -> list[tuple[str, int]]:
        servers = {"news.example": self.news, "cdn.example": self.cdn, **self.hosts}
        server = servers.get(host)
        return [] if server is None else [("127.0.0.1", server.port)]

    def archive_all(self, urls: Sequence[str], *, run_id: int | None = None) -> list[Outcome]:
        outcomes: list[Outcome] = []

        async def go() -> None:
            fetcher = Fetcher(self.settings, resolver=self.resolve, clock=self.clock)
            await archive_pages(
                urls,
                archive=self.archive,
                settings=self.settings,
                pool=self.pool,  # type: ignore[arg-type]
                run_id=run_id,
                report=outcomes.append,
                fetcher=fetcher,
            )

        asyncio.run(go())
        return outcomes

    def fetch(self, markup: str | None = None, *, url: str = STORY) -> AssetCounts:
        """Archive the page; what came of what it shows."""
        if markup is not None:
            self.page(markup)
        (outcome,) = self.archive_all([url])
        assert outcome.failure is None, outcome.failure
        assert outcome.assets is not None
        return outcome.assets

    def shown(self, capture_id: int = 1) -> dict[str, StoredAsset]:
        """What a capture has, by address."""
        return {asset.url: asset for asset in self.archive.assets().of(capture_id)}

    def body(self, url: str, capture_id: int = 1) -> bytes:
        return self.archive.body(self.shown(capture_id)[url].sha256 or "")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    clock = Clock()
    with (
        HttpServer() as news,
        HttpServer() as cdn,
        Archive.open(tmp_path / "archive.db", write=True, clock=clock) as archive,
    ):
        yield World(news, cdn, archive, clock)
