"""The web interface over the demo's archive, and over one of hostile stories, asked as a browser asks."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from scraper.store import Archive
from tests.web.browser import Browser, hostile_archive
from tests.web.crawled import Crawled, crawled_archive


@pytest.fixture(scope="session")
def demo_archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("web") / "demo.db"
    command = [sys.executable, "-m", "scraper", "demo", "--keep", str(path), "--quiet", "-f", "ndjson"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, timeout=60)
    return path


@pytest.fixture(scope="session")
def browser(demo_archive: Path) -> Iterator[Browser]:
    with Browser(demo_archive) as running:
        yield running


@pytest.fixture(scope="session")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    path = tmp_path_factory.mktemp("hostile") / "hostile.db"
    hostile_archive(path)
    with Browser(path) as running:
        yield running


@pytest.fixture(scope="session")
def crawled_path(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Crawled]:
    path = tmp_path_factory.mktemp("crawled") / "crawled.db"
    return path, crawled_archive(path)


@pytest.fixture(scope="session")
def history(crawled_path: tuple[Path, Crawled]) -> Crawled:
    """What the archive of `crawled` holds."""
    return crawled_path[1]


@pytest.fixture(scope="session")
def crawled(crawled_path: tuple[Path, Crawled]) -> Iterator[Browser]:
    """The web interface over an archive that was crawled for weeks."""
    with Browser(crawled_path[0]) as running:
        yield running


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """The same over an archive in which nothing is yet."""
    path = tmp_path_factory.mktemp("empty") / "empty.db"
    Archive.open(path, write=True).close()
    with Browser(path) as running:
        yield running


@pytest.fixture(scope="session")
def ferry(browser: Browser) -> int:
    """The id of the story that the demo edits."""
    return int(browser.page("/search?q=headline:ferry").links("/article/")[0].rpartition("/")[2])
