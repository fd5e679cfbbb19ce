"""What honest statements and pages give is what Datasette's own database gives, to the byte."""

from __future__ import annotations

import asyncio
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from datasette.app import Datasette
from datasette.database import Database

from scraper.web.sql import AnalystDatabase

DOCS = Path(__file__).parents[3] / "docs"
RECIPES = [
    sql.strip().rstrip(";")
    for name in ("recipes.md", "archive.md")
    for sql in re.findall(r"```sql(?:ite)?\n(.*?)```", (DOCS / name).read_text(encoding="utf-8"), re.DOTALL)
]
STATEMENTS = [
    "SELECT 1 AS one, 1.5, NULL, 'ї', x'00ff', 9223372036854775807 AS 'a \"name\"', -0.0, 1e999",
    "SELECT site, row_number() OVER (PARTITION BY site ORDER BY published_at) AS n FROM articles ORDER BY 1, 2",
    "SELECT json_extract(value, '$'), count(*) FROM articles, json_each(authors) GROUP BY 1 ORDER BY 1",
    "SELECT authors ->> 0 FROM articles ORDER BY id",
    "WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c LIMIT 3000) SELECT n, n * n FROM c",
    "WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c LIMIT 3000) SELECT printf('%.2f', n / 7.0) FROM c",
    "SELECT id, highlight(articles_fts, 0, '<', '>') FROM articles_fts JOIN articles ON id = articles_fts.rowid"
    " WHERE articles_fts MATCH 'ferry' ORDER BY rank",
    "SELECT rowid FROM articles_fts WHERE articles_fts MATCH escape_fts('ferry \"sea wall\" AND (')",
    "EXPLAIN QUERY PLAN SELECT * FROM articles WHERE site = 'x'",
    "EXPLAIN SELECT 1",
    "SELECT * FROM changes",
    "SELECT * FROM duplicates",
    "SELECT * FROM data_dictionary",
    "SELECT * FROM blobs",
    "SELECT name, type FROM pragma_table_info('captures')",
    "SELECT m.name, i.name FROM sqlite_master m, pragma_index_list(m.name) i ORDER BY 1, 2",
    "SELECT count(*) FROM pragma_function_list",
    "SELECT strftime('%Y', fetched_at), group_concat(DISTINCT status), median FROM captures,"
    " (SELECT avg(status) AS median FROM captures) GROUP BY 1",
    "SELECT CAST(x'ff41' AS TEXT)",
    "SELECT :name, :other",
    "SELECT * FROM articles WHERE 0",
    "SELECT date('now', 'nonsense') FROM articles LIMIT 0",
    "SELECT nothing FROM nowhere",
    "SELEC",
    "SELECT json_type('{')",
    "SELECT rowid FROM articles_fts WHERE articles_fts MATCH 'AND'",
]
PAGES = [
    "/archive.json",
    "/archive/articles.json?_facet=site&_facet_array=authors&_facet_date=published_at&_sort_desc=published_at&_size=3",
    "/archive/articles.json?_search=ferry&_shape=objects",
    "/archive/articles.json?site__contains=harbour&_where=word_count>10&_labels=on",
    "/archive/captures.json?_sort=fetched_at&_size=2&_next=x",
    "/archive/captures.json?_facet=status&_trace=1",
    "/archive/revisions.json?_labels=on&_size=max",
    "/archive/pages/1.json?_extras=foreign_key_tables",
    "/archive/articles.csv?_stream=on&_size=2",
    "/archive/captures.csv?_stream=on&_size=3&_labels=on",
    "/archive/blobs.csv?_size=2",
    "/archive/nothing.json",
    "/archive/articles.json?_where=nonsense(",
    "/archive.csv?sql=select+site+from+articles+order+by+1",
    "/archive.json?sql=select+:a+as+given&a=ї&_shape=array",
    "/archive.json?sql=drop+table+captures",
    "/archive/articles",
    "/archive?sql=select+url,+'<script>'+from+captures",
]


@pytest.fixture(scope="module")
def plain(archive: Path) -> Iterator[Database]:
    datasette = Datasette([], settings={"sql_time_limit_ms": 5000})
    datasette.remove_database("_memory")
    database = datasette.add_database(Database(datasette, str(archive), is_mutable=True), name="archive")
    yield database
    datasette.executor.shutdown()
    for one in datasette.databases.values():
        one.close()


def outcome_of(database: Database, sql: str, **how: Any) -> Any:
    params = {"name": "ї", "other": None, "more": 1} if ":name" in sql else None
    try:
        results = asyncio.run(database.execute(sql, params, log_sql_errors=False, **how))
    except sqlite3.DatabaseError as error:
        return str(error)
    rows = [dict(row) for row in results.rows]
    return results.columns, results.description, rows, [tuple(row) for row in results], results.truncated


@pytest.mark.parametrize("truncate", [True, False])
@pytest.mark.parametrize("sql", RECIPES + STATEMENTS, ids=lambda sql: " ".join(sql.split())[:60])
def test_statements(database: AnalystDatabase, plain: Database, sql: str, truncate: bool) -> None:
    ours = outcome_of(database, sql, truncate=truncate)
    assert ours == outcome_of(plain, sql, truncate=truncate)
    # As many as `max_returned_rows`, and those of a page as long as that: one more.
    assert outcome_of(database, sql, truncate=True, page_size=1000) == outcome_of(
        plain, sql, truncate=True, page_size=1000
    )


def test_rows_are_what_pages_expect(database: AnalystDatabase) -> None:
    row = asyncio.run(database.execute("SELECT 1 AS a, 2 AS A, 3 AS b")).first()
    assert isinstance(row, sqlite3.Row)
    assert (row["B"], row[-1], row.keys()) == (3, 3, ["a", "A", "b"])


@pytest.mark.parametrize("path", PAGES)
def test_pages(database: AnalystDatabase, plain: Database, path: str) -> None:
    ours, theirs = (asyncio.run(one.ds.client.get(path, follow_redirects=True)) for one in (database, plain))
    assert (ours.status_code, without_times(ours.text)) == (theirs.status_code, without_times(theirs.text))


def without_times(text: str) -> str:
    return re.sub(r'"_trace": .*|"query_ms": [\d.e-]+|Queries took [\d.]+', "", text)


def test_magic_parameters_are_computed(archive: Path) -> None:
    from scraper.web.sql import add_archive

    queries = {"now": {"sql": "SELECT :_now_epoch > 1700000000 AS late, :given AS given"}}
    datasette = Datasette([], metadata={"databases": {"archive": {"queries": queries}}})
    database = add_archive(datasette, archive)
    answer = asyncio.run(datasette.client.get("/archive/now.json?given=this&_shape=array")).json()
    database.close()
    assert answer == [{"late": 1, "given": "this"}]


def test_only_the_archive_is_served(database: AnalystDatabase) -> None:
    for path, status in (("/_memory", 404), ("/_internal", 403), ("/_internal?sql=select+1", 403)):
        assert asyncio.run(database.ds.client.get(path)).status_code == status


def test_a_long_statement_by_its_address(database: AnalystDatabase) -> None:
    sql = "SELECT " + " || ".join(["'ї'"] * 200) + " AS t"
    assert asyncio.run(database.ds.client.get(f"/archive.json?sql={quote(sql)}")).json()["rows"] == [["ї" * 200]]
