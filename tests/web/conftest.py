"""The web interface over the demo's archive, and over one of hostile stories, asked as a browser asks."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.web.browser import Browser, hostile_archive


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
def ferry(browser: Browser) -> int:
    """The id of the story that the demo edits."""
    return int(browser.page("/search?q=headline:ferry").links("/article/")[0].rpartition("/")[2])
