"""Opening: missing, foreign, newer, older, read-only."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from scraper.errors import ArchiveError, ArchiveMissing, ArchiveNotWritable, ArchiveTooNew, NotAnArchive
from scraper.store import Archive
from scraper.store.opening import APPLICATION_ID, SCHEMA_VERSION


def run_sql(path: Path, *statements: str) -> None:
    connection = sqlite3.connect(path)
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


def test_reading_a_missing_archive(path: Path) -> None:
    with pytest.raises(ArchiveMissing, match="scrape url URL") as caught:
        Archive.open(path)
    assert caught.value.exit_code == 2
    assert not path.exists()


def test_writing_makes_it_unless_told_otherwise(path: Path) -> None:
    with pytest.raises(ArchiveMissing):
        Archive.open(path, write=True, create=False)
    assert not path.exists()
    Archive.open(path, write=True).close()
    assert path.read_bytes().startswith(b"SQLite format 3\0")
    assert [p.name for p in path.parent.iterdir()] == ["archive.db"]
    with Archive.open(str(path)) as archive:
        assert archive.path == path
        assert archive.stats().captures == 0


def test_an_empty_file_is_an_archive_to_be(path: Path) -> None:
    path.touch()
    with pytest.raises(ArchiveMissing):
        Archive.open(path)
    Archive.open(path, write=True).close()
    Archive.open(path).close()


@pytest.mark.parametrize("name", ["a b.db", "what?.db", "100%25.db", "#1.db", "архів.db"])
def test_any_file_name(tmp_path: Path, name: str, make) -> None:
    with Archive.open(tmp_path / name, write=True) as archive:
        archive.add_capture(make.capture())
    assert (tmp_path / name).exists()
    with Archive.open(tmp_path / name) as archive:
        assert archive.stats().captures == 1


@pytest.mark.parametrize(
    ("content", "looks_like"),
    [
        (b"<!doctype html><p>hello", "an HTML or XML page"),
        (b'{"url": 1}', "JSON"),
        (b"url\nhttps://example.com\n", "text"),
        (b"\x1f\x8b\x08\x00", "a gzip file"),
        (b"PK\x03\x04rest", "a zip file"),
        (b"WARC/1.1\r\n", "a WARC file"),
        (b"%PDF-1.7", "a PDF"),
        (b"\x00\x01\x02", "another kind of file"),
    ],
)
@pytest.mark.parametrize("write", [False, True])
def test_a_file_that_is_no_database(path: Path, content: bytes, looks_like: str, write: bool) -> None:
    path.write_bytes(content)
    with pytest.raises(NotAnArchive, match=looks_like):
        Archive.open(path, write=write)
    assert path.read_bytes() == content


@pytest.mark.parametrize("write", [False, True])
def test_a_folder(tmp_path: Path, write: bool) -> None:
    with pytest.raises(NotAnArchive, match="folder"):
        Archive.open(tmp_path, write=write)


@pytest.mark.parametrize("write", [False, True])
def test_an_encrypted_or_broken_database(path: Path, write: bool) -> None:
    path.write_bytes(b"SQLite format 3\x00" + b"\xff" * 5000)
    with pytest.raises(NotAnArchive):
        Archive.open(path, write=write)


@pytest.mark.parametrize("write", [False, True])
def test_somebody_elses_database_is_left_alone(path: Path, write: bool) -> None:
    run_sql(path, "CREATE TABLE recipes (id)", "PRAGMA user_version = 7")
    before = path.read_bytes()
    with pytest.raises(NotAnArchive, match="recipes"):
        Archive.open(path, write=write)
    assert path.read_bytes() == before
    assert [p.name for p in path.parent.iterdir()] == ["archive.db"]


@pytest.mark.parametrize("write", [False, True])
def test_an_archive_of_a_newer_version_is_left_alone(path: Path, write: bool) -> None:
    Archive.open(path, write=True).close()
    run_sql(path, f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    before = path.read_bytes()
    with pytest.raises(ArchiveTooNew, match="Upgrade"):
        Archive.open(path, write=write)
    assert path.read_bytes() == before


def test_the_file_says_what_it_is(archive: Archive, path: Path) -> None:
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA application_id").fetchone()[0] == APPLICATION_ID
    assert connection.execute("PRAGMA user_version").fetchone()[0] == SCHEMA_VERSION
    assert connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
    connection.close()


def test_a_reader_cannot_write(archive: Archive, path: Path, make) -> None:
    archive.add_capture(make.capture())
    with Archive.open(path) as reader:
        for write in (
            lambda: reader.add_capture(make.capture()),
            lambda: reader.add_article(1, make.article()),
            lambda: reader.mark_extraction_failed(1, "x"),
            lambda: reader.begin_run("url", []),
        ):
            with pytest.raises(ArchiveNotWritable, match="write=True"):
                write()
        with pytest.raises(ArchiveNotWritable), reader.batch():
            pass
        # Not only by our own manners: the connection itself is read-only.
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            reader._db.sql.execute("DELETE FROM captures")


def test_a_closed_archive_says_so(path: Path) -> None:
    archive = Archive.open(path, write=True)
    archive.close()
    archive.close()
    with pytest.raises(ArchiveError, match="closed"):
        archive.stats()


# --- Places that cannot be written ---------------------------------------------------------------------------------


def test_a_missing_folder(tmp_path: Path) -> None:
    with pytest.raises(ArchiveNotWritable, match="There is no folder"):
        Archive.open(tmp_path / "none" / "archive.db", write=True)


def test_a_file_in_place_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(ArchiveNotWritable, match="is not a folder"):
        Archive.open(tmp_path / "file" / "archive.db", write=True)


@pytest.fixture
def freeze() -> Iterator[Callable[[Path], None]]:
    """Make a folder and its files unwritable until the test ends, even for root."""
    frozen: list[Path] = []
    chattr = shutil.which("chattr")

    def freeze(folder: Path) -> None:
        paths = [*folder.iterdir(), folder]
        if os.geteuid() != 0:
            for path in paths:
                path.chmod(path.stat().st_mode & ~0o222)
        # Permissions do not bind root; the immutable attribute does, where the file system knows it.
        elif chattr is None or subprocess.run([chattr, "+i", *paths], capture_output=True, check=False).returncode:
            pytest.skip("running as root on a file system without immutable files")
        frozen.extend(paths)

    yield freeze
    for path in reversed(frozen):
        if os.geteuid() != 0:
            path.chmod(path.stat().st_mode | 0o200)
        else:
            subprocess.run([chattr, "-i", path], check=True)


def test_a_read_only_folder_can_be_read(path: Path, freeze, make) -> None:
    with Archive.open(path, write=True) as archive:
        archive.add_capture(make.capture())
    freeze(path.parent)
    with Archive.open(path) as archive:
        assert archive.stats().captures == 1


def test_also_after_a_reader_left_its_empty_log_there(path: Path, freeze) -> None:
    Archive.open(path, write=True).close()
    path.with_name("archive.db-shm").unlink(missing_ok=True)
    path.with_name("archive.db-wal").touch()
    freeze(path.parent)
    with Archive.open(path) as archive:
        assert archive.stats().captures == 0


@pytest.mark.parametrize("name", ["archive.db", "new.db"])
def test_a_read_only_folder_cannot_be_written(path: Path, freeze, name: str) -> None:
    Archive.open(path, write=True).close()
    freeze(path.parent)
    with pytest.raises(ArchiveNotWritable, match="read-only"):
        Archive.open(path.with_name(name), write=True)


def test_writes_not_yet_merged_are_not_passed_over(tmp_path: Path, freeze, make) -> None:
    """An archive copied while it was written, with its log, into a folder where SQLite cannot open that log."""
    source, copy = tmp_path / "source", tmp_path / "copy"
    source.mkdir()
    copy.mkdir()
    with Archive.open(source / "archive.db", write=True) as archive:
        archive.add_capture(make.capture())
        for name in ("archive.db", "archive.db-wal"):
            shutil.copy(source / name, copy / name)
    elsewhere = tmp_path / "elsewhere"
    shutil.copytree(copy, elsewhere)
    freeze(copy)
    with pytest.raises(ArchiveNotWritable, match="not yet merged"):
        Archive.open(copy / "archive.db")
    with Archive.open(elsewhere / "archive.db") as archive:
        assert archive.stats().captures == 1
