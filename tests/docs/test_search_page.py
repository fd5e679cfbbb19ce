"""The queries and the SQL of docs/search.md, on the archive the demo makes."""

from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from scraper.store import Archive

TEXT = (Path(__file__).parents[2] / "docs" / "search.md").read_text(encoding="utf-8")
QUERIES = [(query, int(hits)) for query, hits in re.findall(r"^\| `(.+?)` \| .* \| (\d+) \|$", TEXT, re.M)]
RECIPES = re.findall(r"```sql\n(.*?)```", TEXT, re.DOTALL)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("docs") / "demo.db"
    subprocess.run([sys.executable, "-m", "scraper", "demo", "--keep", str(path), "--quiet"], check=True, stdout=-3)
    return path


def test_the_tables_were_read() -> None:
    assert len(QUERIES) == len(re.findall(r"^\| `", TEXT, re.M)) == 24


@pytest.mark.parametrize(("query", "hits"), QUERIES, ids=[query for query, _ in QUERIES])
def test_query_finds_what_the_page_says(path: Path, query: str, hits: int) -> None:
    with Archive.open(path) as archive:
        found = {hit.id for hit in archive.search(query)}
        assert len(found) == hits
        verdicts = None if "verdict:" in query else ("ok", "paywall")
        assert {article.id for article in archive.articles(text=query, verdicts=verdicts)} == found


@pytest.mark.parametrize("sql", RECIPES)
def test_sql_finds_an_article(path: Path, sql: str) -> None:
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    assert len(connection.execute(sql).fetchall()) == 1
    connection.close()


def test_the_number_of_ranked_hits() -> None:
    from scraper.store.search import RANKED

    assert f"more than {RANKED:,} hits" in TEXT
