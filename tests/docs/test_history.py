"""The SQL of docs/history.md, run as an analyst would: plain sqlite3 on the archive the demo makes."""

from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

GUIDE = (Path(__file__).parents[2] / "docs" / "history.md").read_text(encoding="utf-8")
RECIPES = re.findall(r"```sql\n(.*?)```", GUIDE, re.DOTALL)


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    path = tmp_path_factory.mktemp("docs") / "demo.db"
    subprocess.run([sys.executable, "-m", "scraper", "demo", "--keep", str(path), "--quiet"], check=True, stdout=-3)
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    yield connection
    connection.close()


def test_there_are_recipes() -> None:
    assert len(RECIPES) == 3


@pytest.mark.parametrize("sql", RECIPES, ids=[" ".join(sql.split())[:50] for sql in RECIPES])
def test_recipe_finds_rows(archive: sqlite3.Connection, sql: str) -> None:
    rows = archive.execute(sql).fetchall()
    assert rows
    assert all(value is not None for row in rows for value in row)


def test_the_demo_s_correction_is_found(archive: sqlite3.Connection) -> None:
    [(_, _, note)] = archive.execute(RECIPES[1]).fetchall()
    assert note.startswith("Correction, November 20, 2024: An earlier version")


def test_nothing_in_the_demo_is_a_duplicate(archive: sqlite3.Connection) -> None:
    """The recipe for them stands in the guide, and there is nothing to show for it."""
    sql = re.findall(r"```\n(SELECT .*?)```", GUIDE, re.DOTALL)[0]
    assert archive.execute(sql).fetchall() == []
