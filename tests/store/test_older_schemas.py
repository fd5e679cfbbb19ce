"""Archives of every earlier schema are brought forward, nothing of them is lost, and a copy of each is kept."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
from pathlib import Path

import pytest
import zstandard
from sqlite_utils import Database

from scraper.errors import ArchiveFull, ArchiveNotWritable
from scraper.store import Archive
from scraper.store.custody import link_all
from scraper.store.opening import APPLICATION_ID, SCHEMA_VERSION
from scraper.store.schema import MIGRATIONS

STEPS = [step.name for step in MIGRATIONS.pending(Database(memory=True))]
URL = "https://example.com/story"
BODIES = [b"<html>first version of the page", b"<html>second version of the page"]


def insert(connection: sqlite3.Connection, table: str, **values: object) -> None:
    """Insert the values for which the table, in this version, has a column."""
    known = {row[1] for row in connection.execute(f"PRAGMA table_info({table})")}
    kept = {name: value for name, value in values.items() if name in known}
    if known:
        marks = ", ".join("?" for _ in kept)
        connection.execute(f"INSERT INTO {table} ({', '.join(kept)}) VALUES ({marks})", list(kept.values()))


def make_archive(path: Path, version: int) -> None:
    """An archive as the program with the first `version` steps left it: one page, two captures, two revisions."""
    connection = sqlite3.connect(path)
    database = Database(connection)
    MIGRATIONS.apply(database, stop_before=STEPS[version] if version < len(STEPS) else None)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {version}")
    at = [f"2024-07-2{day}T10:00:00.000Z" for day in (3, 4)]
    insert(connection, "pages", id=1, url=URL, site="example.com", first_seen_at=at[0], last_seen_at=at[1])
    insert(connection, "page_urls", url="https://example.com/?p=1", page_id=1, last_seen_at=at[0])
    for number, body in enumerate(BODIES):
        sha256 = hashlib.sha256(body).hexdigest()
        content = zstandard.compress(body)
        sizes = {"size": len(body), "stored_size": len(content)}
        insert(connection, "blobs", sha256=sha256, codec="zstd", content=content, **sizes)
        empty = dict.fromkeys(("headers", "request_headers", "redirects"), "[]")
        insert(
            connection,
            "captures",
            id=number + 1,
            page_id=1,
            url=URL,
            final_url=URL,
            fetched_at=at[number],
            status=200,
            **{"sha256": sha256, "size": len(body), "requests": 1, "time_total": 0.5, "extractor": "old 1", **empty},
            extracted_at=at[number],
            verdict="ok",
            page_type="article",
            revision=number + 1,
        )
        insert(
            connection,
            "revisions",
            id=number + 1,
            page_id=1,
            number=number + 1,
            capture_id=number + 1,
            url=URL,
            first_seen_at=at[number],
            content_hash="0" * 64,
            sorted_at=at[number],
            site="example.com",
            headline=f"Flood {number + 1}",
            authors=json.dumps(["Ada Bell"]),
            tags="[]",
            word_count=4,
            page_type="article",
            verdict="ok",
            extractor="old 1",
            provenance="{}",
            language="zh",
            body=f"Version {number + 1} of it: 北京发生洪水",
            lead=None,
        )
        insert(connection, "links", revision_id=number + 1, position=0, url="https://e.org/", text="e", kind="inline")
    if version >= 2:
        connection.execute("UPDATE pages SET newest_revision_id = 2")
    if version >= 3:
        connection.execute("INSERT INTO articles_fts (articles_fts) VALUES ('rebuild')")
    if version >= 7:
        link_all(connection)
    connection.commit()
    connection.close()


def contents(path: Path) -> list[str]:
    connection = sqlite3.connect(path)
    lines = list(connection.iterdump())
    connection.close()
    return lines


@pytest.mark.parametrize("version", range(1, SCHEMA_VERSION))
def test_every_version_comes_forward(path: Path, version: int, make) -> None:
    make_archive(path, version)
    before = contents(path)
    with Archive.open(path, write=True) as forward:
        captures = [forward.capture(number) for number in (1, 2)]
        assert [capture.body for capture in captures] == BODIES
        assert {checked.result for checked in forward.check()} == {"ok"}
        assert forward.head().position == 2
        if version >= 2:
            assert [revision.headline for revision in forward.revisions(URL)] == ["Flood 1", "Flood 2"]
            assert [hit.headline for hit in forward.search("version")] == ["Flood 2"]
            assert forward.article("https://example.com/?p=1").authors == ("Ada Bell",)
        unread = make.capture(URL, body=BODIES[1] + b" once more")
        assert forward.capture(forward.add_capture(unread).id).body == unread.body
    kept = path.with_name(f"archive.db.v{version}")
    assert contents(kept) == before
    fresh = path.with_name("fresh.db")
    Archive.open(fresh, write=True).close()
    assert schema(path) == schema(fresh)


def schema(path: Path) -> list[tuple[str, str]]:
    connection = sqlite3.connect(path)
    rows = connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name").fetchall()
    connection.close()
    return [(name, " ".join(sql.split())) for name, sql in rows]


def test_what_an_older_extractor_read_is_searched_and_compared(path: Path) -> None:
    make_archive(path, 5)
    with Archive.open(path, write=True) as forward:
        assert [hit.id for hit in forward.search("洪水")] == [1]
    connection = sqlite3.connect(path)
    (row,) = connection.execute("SELECT headline_changed, headline_before, body_changed FROM changes").fetchall()
    connection.close()
    assert row == (1, "Flood 1", 1)


def test_the_same_text_again_is_no_edit_after_it(path: Path, make) -> None:
    """Hashes of older versions followed other rules: what decides is what the fields say."""
    make_archive(path, 5)
    with Archive.open(path, write=True) as forward:
        article = make.article("Version 2 of it: 北京发生洪水", headline="Flood 2", published_at=None)
        assert make.store(forward, article, url=URL).state == "unchanged"


def test_a_copy_that_is_there_is_kept(path: Path) -> None:
    make_archive(path, 5)
    copy = path.with_name("archive.db.v5")
    copy.write_bytes(b"from an earlier attempt")
    Archive.open(path, write=True).close()
    assert copy.read_bytes() == b"from an earlier attempt"


def test_without_room_for_the_copy_nothing_is_changed(path: Path) -> None:
    import resource

    make_archive(path, 5)
    before = contents(path)
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, limit[1]))
    try:
        with pytest.raises(ArchiveFull):
            Archive.open(path, write=True)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
    assert contents(path) == before
    assert not list(path.parent.glob("*.v5*"))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_in_a_folder_that_cannot_be_written_nothing_is_changed(path: Path) -> None:
    make_archive(path, 5)
    path.parent.chmod(0o500)
    with pytest.raises(ArchiveNotWritable):
        Archive.open(path, write=True)
    path.parent.chmod(0o700)


def test_two_that_bring_it_forward_at_once(path: Path, python) -> None:
    make_archive(path, 5)
    open_it = "import sys; from scraper.store import Archive; Archive.open(sys.argv[1], write=True).close()"
    processes = [python(open_it, path) for _ in range(4)]
    for process in processes:
        assert process.communicate(timeout=60) == ("", "")
        assert process.returncode == 0
    with Archive.open(path) as reader:
        assert reader.head().position == 2
    shutil.rmtree(path.parent)
