"""The SQL of docs/archive.md, run as an analyst would: plain sqlite3 on the archive the demo makes."""

from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
RECIPES = re.findall(r"```sql\n(.*?)```", (DOCS / "archive.md").read_text(encoding="utf-8"), re.DOTALL)


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    path = tmp_path_factory.mktemp("docs") / "demo.db"
    subprocess.run([sys.executable, "-m", "scraper", "demo", "--keep", str(path), "--quiet"], check=True, stdout=-3)
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    yield connection
    connection.close()


def test_there_are_recipes() -> None:
    assert len(RECIPES) >= 9


@pytest.mark.parametrize("sql", RECIPES, ids=[" ".join(sql.split())[:50] for sql in RECIPES])
def test_recipe_finds_rows(archive: sqlite3.Connection, sql: str) -> None:
    rows = archive.execute(sql).fetchall()
    assert rows
    assert all(any(value is not None for value in row) for row in rows)


def test_every_table_and_view_is_named(archive: sqlite3.Connection) -> None:
    text = (DOCS / "archive.md").read_text(encoding="utf-8")
    described = {name for (name,) in archive.execute("SELECT DISTINCT table_name FROM data_dictionary")}
    assert not [name for name in described if f"`{name}`" not in text and not name.startswith(("sqlite_", "_"))]


def test_the_changed_headline_is_found(archive: sqlite3.Connection) -> None:
    changed = next(sql for sql in RECIPES if "AS before" in sql)
    [(_, before, after, _)] = archive.execute(changed).fetchall()
    assert "£48,000" in before
    assert "£38,000" in after
