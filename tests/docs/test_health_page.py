"""The examples of docs/health.md are valid as they stand, and its numbers are those of the program."""

from __future__ import annotations

import re
import sqlite3
from datetime import timedelta
from pathlib import Path
from typing import get_args

import pytest

from scraper.crawl.health import health_settings
from scraper.crawl.health.baseline import CHANCE, CHANCE_IN_PART, COLLAPSE, ENOUGH, MEMORY
from scraper.crawl.health.measures import WATCHED
from scraper.crawl.health.silence import SILENT, SILENT_TIMES, SLOW, SLOW_TIMES
from scraper.crawl.health.sources import EMPTIED, PASSING, STILL, STILL_TIMES
from scraper.settings import load_config
from scraper.store import AlarmKind, Archive

TEXT = (Path(__file__).parents[2] / "docs" / "health.md").read_text(encoding="utf-8")


def test_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMTP_PASSWORD", "secret")
    path = tmp_path / "scrape.toml"
    path.write_text(re.findall(r"```toml\n(.*?)```", TEXT, re.DOTALL)[0])
    settings = health_settings(load_config(path), path)
    assert settings.server is not None
    assert (settings.server.user, len(settings.recipients)) == ("scrape@example.org", 2)


def test_every_kind_is_described() -> None:
    assert set(re.findall(r"^\| `(\w+)` \|", TEXT, re.M)) == set(get_args(AlarmKind)) >= {one.kind for one in WATCHED}


def test_numbers() -> None:
    assert (1 / CHANCE, round(1 / CHANCE_IN_PART), COLLAPSE, ENOUGH) == (5_000, 100_000, 0.5, 20)
    assert timedelta(days=60) == MEMORY
    assert (timedelta(days=3), 4, 2.0, 5) == (SILENT, SILENT_TIMES, SLOW, SLOW_TIMES)
    assert (5, 3, timedelta(days=3), 3) == (EMPTIED, PASSING, STILL, STILL_TIMES)


def test_sql(tmp_path: Path) -> None:
    queries = re.findall(r"```sql\n(.*?)```", TEXT, re.DOTALL)
    with Archive.open(tmp_path / "archive.db", write=True):
        pass
    connection = sqlite3.connect(tmp_path / "archive.db")
    assert [connection.execute(query).fetchall() for query in queries] == [[]] * 4
    connection.close()
