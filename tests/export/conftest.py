"""Archives to export."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from scraper.store import Archive
from tests.export import corpus
from tests.store.conftest import Builder


@pytest.fixture(scope="session")
def nasty_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("nasty") / "nasty.db"
    corpus.fill(path)
    return path


@pytest.fixture
def nasty(nasty_path: Path) -> Iterator[Archive]:
    """The articles of `corpus`, opened for reading."""
    with Archive.open(nasty_path) as archive:
        yield archive


@pytest.fixture
def make() -> Builder:
    return Builder()
