"""Servers and archives for the tests of the command line."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from scraper.demo import DemoSite
from tests.cli.running import Said, Scrape
from tests.http_server import HttpServer


@pytest.fixture(scope="session")
def server() -> Iterator[HttpServer]:
    """One server for all tests of this process; each test takes paths of its own."""
    with HttpServer() as running:
        yield running


@pytest.fixture(scope="session")
def demo_site() -> Iterator[DemoSite]:
    with DemoSite() as running:
        yield running


@pytest.fixture
def scrape(tmp_path: Path, server: HttpServer) -> Scrape:
    """In an empty folder, every host name leading to `server`."""
    return Scrape(tmp_path, server.port)


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Said]:
    """A folder with demo.db, as `scrape demo --keep demo.db` leaves it, and what that said on a terminal."""
    folder = tmp_path_factory.mktemp("demo")
    said = Scrape(folder).on_terminal("demo", "--keep", "demo.db", columns=100)
    assert said.code == 0, said.out
    return folder, said


@pytest.fixture
def reader(demo: tuple[Path, Said], tmp_path: Path) -> Scrape:
    """In a folder with a copy of the demo's archive as archive.db."""
    shutil.copy(demo[0] / "demo.db", tmp_path / "archive.db")
    return Scrape(tmp_path)


Query = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def query() -> Query:
    """Rows of an archive, read with nothing but sqlite3."""

    def ask(path: Path, sql: str, *parameters: object) -> list[dict[str, Any]]:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute(sql, parameters)]

    return ask
