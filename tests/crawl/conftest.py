"""Servers, archives and pools for the tests of the whole way."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from scraper.crawl import ExtractionPool
from scraper.store import Archive
from tests.http_server import HttpServer


@pytest.fixture
def server() -> Iterator[HttpServer]:
    with HttpServer() as running:
        yield running


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with Archive.open(tmp_path / "archive.db", write=True) as opened:
        yield opened


@pytest.fixture(scope="session")
def pool() -> Iterator[ExtractionPool]:
    """Real workers, shared by all tests of this process."""
    with ExtractionPool(workers=1) as running:
        yield running
