"""The schema: every step, every column described, older archives brought forward."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from sqlite_utils import Database

from scraper.errors import ArchiveError, ArchiveNotWritable
from scraper.store import Archive
from scraper.store.opening import APPLICATION_ID, SCHEMA_VERSION
from scraper.store.schema import MIGRATIONS


def columns_of(connection: sqlite3.Connection) -> set[tuple[str, str]]:
    tables = connection.execute("SELECT name FROM pragma_table_list WHERE schema = 'main' AND type != 'shadow'")
    return {
        (table, column)
        for (table,) in tables.fetchall()
        if not table.startswith("sqlite_")
        for (column,) in connection.execute("SELECT name FROM pragma_table_info(?)", (table,))
    }


def schema_of(connection: sqlite3.Connection) -> list[tuple[str, str]]:
    rows = connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name")
    return [(name, " ".join(sql.split())) for name, sql in rows]


def make_older(path: Path) -> None:
    """Make of it an archive as the version before the steps about search left it, with the same pages."""
    newer = path.rename(path.with_name("newer.db"))
    connection = sqlite3.connect(path)
    MIGRATIONS.apply(Database(connection), stop_before="m003_search")
    tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    connection.execute("ATTACH ? AS newer", (str(newer),))
    for table in tables:
        if table not in ("_sqlite_migrations", "data_dictionary") and not table.startswith("sqlite_"):
            columns = ", ".join(row[1] for row in connection.execute(f"PRAGMA main.table_info({table})"))
            connection.execute(f"INSERT INTO main.{table} ({columns}) SELECT {columns} FROM newer.{table}")
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute("PRAGMA user_version = 2")
    connection.commit()
    connection.close()


def test_the_version_is_the_number_of_steps(archive: Archive) -> None:
    assert len(MIGRATIONS.applied(archive._db.tables)) == SCHEMA_VERSION
    assert not MIGRATIONS.pending(archive._db.tables)


def test_every_column_is_described_and_nothing_else(archive: Archive, path: Path) -> None:
    connection = sqlite3.connect(path)
    described = connection.execute("SELECT table_name, column_name, type, unit, description FROM data_dictionary")
    rows = described.fetchall()
    present = columns_of(connection)
    types = {
        (table, name): kind.lower()
        for table in {t for t, _ in present}
        for name, kind in connection.execute("SELECT name, type FROM pragma_table_info(?)", (table,))
        if kind
    }
    connection.close()
    assert {(row[0], row[1]) for row in rows} == present
    for table, column, kind, _, description in rows:
        assert description, (table, column)
        assert types.get((table, column), kind) == kind, (table, column)


def test_an_older_archive_is_brought_forward(archive: Archive, path: Path, make) -> None:
    ref = archive.add_capture(make.capture(body=b"old bytes"))
    archive.add_article(ref.id, make.article("Old but searchable"))
    make.store(archive, make.article(None, verdict="blocked"), url="https://example.com/wall")
    archive.close()
    fresh = path.with_name("fresh.db")
    Archive.open(fresh, write=True).close()
    make_older(path)

    with pytest.raises(ArchiveNotWritable, match="older version"):
        Archive.open(path)
    with Archive.open(path, write=True) as forward:
        assert [hit.id for hit in forward.search("searchable")] == [1]
        assert forward.capture(ref.id).body == b"old bytes"
        assert make.store(forward, make.article("Now edited")).state == "changed"
        assert not list(forward.search("searchable"))
    with Archive.open(path) as reader:
        assert [hit.revision for hit in reader.search("edited")] == [2]
    old, new = sqlite3.connect(path), sqlite3.connect(fresh)
    assert schema_of(old) == schema_of(new)
    assert old.execute("SELECT count(*) FROM data_dictionary").fetchone()[0] == len(columns_of(new))
    old.close()
    new.close()


def test_a_step_that_fails_changes_nothing(archive: Archive, path: Path, make) -> None:
    make.store(archive, make.article())
    archive.close()
    make_older(path)
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE articles_fts (in_the_way)")
    connection.commit()
    before = schema_of(connection)
    with pytest.raises(ArchiveError, match="articles_fts"):
        Archive.open(path, write=True)
    assert schema_of(connection) == before
    assert connection.execute("PRAGMA user_version").fetchone()[0] == 2
    connection.close()


def test_the_index_holds_what_the_view_shows(archive: Archive, make) -> None:
    for text in ("first text", "second text"):
        make.store(archive, make.article(text))
    make.store(archive, make.article(None, verdict="consent"), url="https://example.com/wall")
    # FTS5 compares the index with the content and raises if they differ.
    archive._db.sql.execute("INSERT INTO articles_fts (articles_fts, rank) VALUES ('integrity-check', 1)")
    assert archive._db.sql.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    assert not archive._db.sql.execute("PRAGMA foreign_key_check").fetchall()


def test_plain_sqlite3_reads_the_view(archive: Archive, path: Path, make) -> None:
    import json

    from scraper.article import Link, utc_text

    links = tuple(Link(f"https://e.org/{n}", f"№ {n}", "related") for n in range(12))
    make.store(archive, make.article(links=links, tags=("a",), authors=("Ада", 'B "Bee" C')))
    make.store(archive, make.article("Edited", links=links[::-1], authors=("Ада", 'B "Bee" C')))
    archive.close()
    connection = sqlite3.connect(path)
    connection.row_factory = sqlite3.Row
    (row,) = connection.execute("SELECT * FROM articles").fetchall()
    found = connection.execute("SELECT rowid FROM articles_fts WHERE articles_fts MATCH 'ада'").fetchall()
    connection.close()
    assert [tuple(hit) for hit in found] == [(1,)]
    with Archive.open(path) as reader:
        article = reader.article(1)
    expected = article.as_dict()
    capture = expected.pop("capture")
    expected |= {"capture_id": capture.pop("id"), **capture}
    shown = {
        name: json.loads(value) if name in ("authors", "tags", "links", "provenance") else value
        for name, value in dict(row).items()
    }
    assert shown == expected
    assert shown["fetched_at"] == utc_text(article.capture.fetched_at)
