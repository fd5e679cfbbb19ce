"""docs/recipes.md: each recipe in sqlite3, sqlite-utils, DuckDB and pandas, with one answer; the Python as it is."""

from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from scraper.capture import Capture, Hop
from scraper.store import Archive

TEXT = (Path(__file__).parents[2] / "docs" / "recipes.md").read_text(encoding="utf-8")
RECIPES = {
    title.strip(): sql.strip().rstrip(";")
    for title, sql in re.findall(r"^## (.+?)\n[^#]*?```sql\n(.*?)```", TEXT, re.DOTALL | re.MULTILINE)
}
Rows = list[tuple[str, ...]]


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("recipes") / "archive.db"
    subprocess.run([sys.executable, "-m", "scraper", "demo", "--keep", str(path), "--quiet"], check=True, stdout=-3)
    with Archive.open(path, write=True) as archive:
        # The demo's outlets share no text; this one takes a text over.
        original = archive.article(next(archive.search("library")).id)
        url = "http://copier.example/library"
        hop = Hop(url=url, status=200, headers=(("Content-Type", "text/html"),))
        copy = Capture(url=url, fetched_at=datetime.now(UTC), hops=(hop,), body=b"<html>taken over</html>")
        archive.add_article(archive.add_capture(copy).id, replace(original, url=url, site="copier.example"))
    return path


def with_sqlite3(archive: Path, sql: str) -> Rows:
    with closing(sqlite3.connect(f"file:{archive}?mode=ro", uri=True)) as connection:
        return as_text(connection.execute(sql).fetchall())


def with_sqlite_utils(archive: Path, sql: str) -> Rows:
    from sqlite_utils import Database

    with closing(sqlite3.connect(archive)) as connection:
        return as_text(tuple(row.values()) for row in Database(connection).query(sql))


def with_pandas(archive: Path, sql: str) -> Rows:
    import pandas

    with closing(sqlite3.connect(f"file:{archive}?mode=ro", uri=True)) as connection:
        table = pandas.read_sql_query(sql, connection)
    return as_text(table.astype(object).where(table.notna(), None).itertuples(index=False, name=None))


def with_duckdb(archive: Path, sql: str) -> Rows:
    import duckdb
    import duckdb_extension_sqlite_scanner

    extension = next(Path(next(iter(duckdb_extension_sqlite_scanner.__path__))).rglob("*.duckdb_extension"))
    with closing(duckdb.connect(config={"allow_unsigned_extensions": "false"})) as connection:
        connection.execute(f"LOAD '{extension}'")
        connection.execute(f"ATTACH '{archive}' AS archive (TYPE sqlite, READ_ONLY)")
        connection.execute("USE archive")
        return as_text(connection.execute(sql).fetchall())


def as_text(rows) -> Rows:
    def text(value: object) -> str:
        return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)

    return [tuple(map(text, row)) for row in rows]


TOOLS: dict[str, Callable[[Path, str], Rows]] = {
    "sqlite-utils": with_sqlite_utils,
    "pandas": with_pandas,
    "duckdb": with_duckdb,
}


def test_they_are_all_found() -> None:
    assert len(RECIPES) == TEXT.count("```sql\n") == 8


@pytest.mark.parametrize("title", RECIPES)
def test_every_tool_gives_the_same_answer(archive: Path, title: str) -> None:
    expected = with_sqlite3(archive, RECIPES[title])
    assert expected
    assert {tool: run(archive, RECIPES[title]) for tool, run in TOOLS.items()} == dict.fromkeys(TOOLS, expected)


def test_answers_are_what_the_demo_holds(archive: Path) -> None:
    edits = with_sqlite3(archive, RECIPES["Edits per outlet"])
    assert edits[0] == ("harbour-courier.example", "2", "1", "1", "1")
    [(*_, before, after, _, _, _)] = with_sqlite3(archive, RECIPES["Corrections and changed headlines"])
    assert "£48,000" in before
    assert "£38,000" in after


def test_the_full_text_index(archive: Path) -> None:
    (sql,) = re.findall(r"```sqlite\n(.*?)```", TEXT, re.DOTALL)
    rows = with_sqlite3(archive, sql)
    assert len(rows) == 2
    assert all("[" in row[3] for row in rows)


def test_the_python_runs(archive: Path) -> None:
    script = next(code for code in re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL) if "Archive.open" in code)
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", script], cwd=archive.parent, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "£48,000" in done.stdout
    assert "SHA-256" in done.stdout
