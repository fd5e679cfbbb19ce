"""Copies of the archive: of one moment, whole or not there, while others write."""

from __future__ import annotations

import resource
import sqlite3
from pathlib import Path

import pytest

from scraper.errors import ArchiveFull, ArchiveNotWritable
from scraper.store import Archive
from tests.store.bodies import page

WRITER = """
import sys
from scraper.capture import Capture, Hop
from scraper.store import Archive
from datetime import datetime, UTC, timedelta
with Archive.open(sys.argv[1], write=True) as archive:
    for number in range(int(sys.argv[2])):
        url = f"https://writer.example/{number}"
        hop = Hop(url=url, status=200, headers=(("Content-Type", "text/html"),))
        at = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(seconds=number)
        archive.add_capture(Capture(url=url, fetched_at=at, hops=(hop,), body=b"%d" % number * 3000))
        print(number, flush=True)
"""


def captures_in(path: Path) -> int:
    connection = sqlite3.connect(path)
    (count,) = connection.execute("SELECT count(*) FROM captures").fetchone()
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()
    return count


def test_a_copy_holds_everything_and_is_one_file(archive: Archive, path: Path, make) -> None:
    for number in range(20):
        archive.add_capture(make.capture(f"https://example.com/{number}", body=page(1, number)))
    target = path.with_name("copy.db")
    parts: list[float] = []
    size = archive.backup(target, progress=parts.append)
    assert size == target.stat().st_size
    assert parts[-1] == 1
    assert {file.name for file in path.parent.iterdir() if file.name.startswith(("copy", "."))} == {"copy.db"}
    with Archive.open(target) as copy:
        assert {checked.result for checked in copy.check()} == {"ok"}
        assert copy.head() == archive.head()
        assert copy.capture(7).body == page(1, 6)


def test_a_copy_is_of_one_moment_while_others_write(archive: Archive, path: Path, make, python) -> None:
    for number in range(200):
        archive.add_capture(make.capture(f"https://example.com/{number}", body=page(number, number)))
    writer = python(WRITER, path, 400)
    assert writer.stdout.readline() == "0\n"
    with Archive.open(path) as reader:
        before = int(writer.stdout.readline())
        reader.backup(path.with_name("copy.db"))
        after = int(writer.stdout.readline())
    out, err = writer.communicate(timeout=60)
    assert (writer.returncode, err) == (0, "")
    assert "399" in out
    # The pipe may hold lines that were written long before they are read: `after` says little, `before` is certain.
    assert 200 + before <= captures_in(path.with_name("copy.db")) <= 600
    assert after > before
    assert captures_in(path) == 600
    with Archive.open(path.with_name("copy.db")) as copy:
        assert {checked.result for checked in copy.check()} == {"ok"}


def test_nothing_is_overwritten(archive: Archive, path: Path) -> None:
    target = path.with_name("precious.txt")
    target.write_text("mine")
    with pytest.raises(ArchiveNotWritable, match="file of that name"):
        archive.backup(target)
    assert target.read_text() == "mine"
    with pytest.raises(ArchiveNotWritable, match="no folder"):
        archive.backup(path.with_name("missing") / "copy.db")


def test_a_disk_that_fills_leaves_nothing_behind(archive: Archive, path: Path, make) -> None:
    for number in range(60):
        archive.add_capture(make.capture(f"https://example.com/{number}", body=page(number, number)))
    archive.close()
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = set(path.parent.iterdir())
    with Archive.open(path) as reader:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limit[1]))
        try:
            with pytest.raises(ArchiveFull):
                reader.backup(path.with_name("copy.db"))
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limit)
    assert {file for file in path.parent.iterdir() if not file.name.startswith("archive.db-")} == {
        file for file in before if not file.name.startswith("archive.db-")
    }


def test_a_copy_that_was_stopped_leaves_nothing_behind(archive: Archive, path: Path, make) -> None:
    for number in range(600):
        archive.add_capture(make.capture(f"https://example.com/{number}", body=page(number, number)))

    def stop(part: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        archive.backup(path.with_name("copy.db"), progress=stop)
    assert not [file for file in path.parent.iterdir() if "copy" in file.name]
    archive.add_capture(make.capture())  # it can still be written
