"""Many writers, killed writers, full disks: nothing that was acknowledged is lost."""

from __future__ import annotations

import random
import shutil
import signal
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from scraper.errors import ArchiveBusy, ArchiveError, ArchiveFull, ArchiveMissing
from scraper.store import Archive

WRITER = """
import sys
from datetime import datetime, timezone
from scraper.article import Article
from scraper.capture import Capture, Hop
from scraper.store import Archive
path, name, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
with Archive.open(path, write=True) as archive:
    for n in range(count):
        url = f"https://example.com/{name}/{n}"
        body = f"{url} ".encode() * 2000
        moment = datetime.now(timezone.utc)
        capture = Capture(url=url, fetched_at=moment, hops=(Hop(url=url, status=200),), body=body)
        ref = archive.add_capture(capture)
        print(ref.id, ref.sha256, flush=True)
        archive.add_article(ref.id, Article(headline=url, body=f"text of {url}", verdict="ok", extractor="t"))
"""


def integrity(path: Path) -> str:
    connection = sqlite3.connect(path)
    try:
        problems = connection.execute("PRAGMA foreign_key_check").fetchall()
        return problems or connection.execute("PRAGMA integrity_check").fetchone()[0]
    finally:
        connection.close()


def test_several_writers_and_a_reader_at_once(path: Path, python) -> None:
    """The archive does not exist yet: they also race for making it."""
    writers = [python(WRITER, path, name, 50) for name in "abc"]
    lists = 0
    while any(writer.poll() is None for writer in writers):
        with suppress(ArchiveMissing), Archive.open(path) as reader:
            sum(1 for _ in reader.articles())
            lists += 1
    for writer in writers:
        _, err = writer.communicate()
        assert err == ""
        assert writer.returncode == 0
    with Archive.open(path) as archive:
        stats = archive.stats()
        assert (stats.captures, stats.articles, stats.unextracted) == (150, 150, 0)
        assert len(list(archive.search("text", limit=None))) == 150
    assert lists > 0
    assert integrity(path) == "ok"


def test_a_killed_writer_loses_nothing_acknowledged(path: Path, python) -> None:
    acknowledged: list[tuple[int, str]] = []
    for round_number, lines in enumerate((1, 7, 40)):
        writer = python(WRITER, path, round_number, 100_000)
        for _ in range(lines):
            number, digest = writer.stdout.readline().split()
            acknowledged.append((int(number), digest))
        writer.send_signal(signal.SIGKILL)
        rest, _ = writer.communicate()
        whole_lines = rest[: rest.rfind("\n") + 1].splitlines()
        acknowledged += [(int(number), digest) for number, digest in map(str.split, whole_lines)]
    with Archive.open(path, write=True) as archive:
        for number, digest in acknowledged:
            assert archive.capture(number).sha256 == digest
        waiting = list(archive.unextracted())
        assert len(waiting) <= 3  # at most the one that each was at
        assert len(list(archive.articles())) == archive.stats().captures - len(waiting)
    assert integrity(path) == "ok"


def fill(archive: Archive, make, most: int = 2000) -> list[str]:
    """Write captures that do not compress until the disk is full; the hashes of those that were stored."""
    chance = random.Random(1)
    stored = []
    with pytest.raises(ArchiveFull, match="No room left") as caught:  # noqa: PT012 - one of many writes fails
        for n in range(most):
            ref = archive.add_capture(make.capture(f"https://example.com/{n}", body=chance.randbytes(20_000)))
            stored.append(ref.sha256)
    assert "free some space" in caught.value.next_step
    assert stored
    return stored


def test_a_limit_on_the_size_loses_nothing(path: Path, make) -> None:
    with Archive.open(path, write=True, max_bytes=600_000) as archive:
        stored = fill(archive, make)
        for digest in stored:
            assert len(archive.body(digest)) == 20_000
        assert archive.stats().captures == len(stored)
    assert integrity(path) == "ok"
    with Archive.open(path, write=True) as archive:
        archive.add_capture(make.capture(body=b"z" * 20_000))
        assert archive.stats().captures == len(stored) + 1


def test_no_room_for_the_archive_itself(path: Path) -> None:
    with pytest.raises(ArchiveFull):
        Archive.open(path, write=True, max_bytes=20_000)
    Archive.open(path, write=True).close()


def test_a_batch_on_a_full_disk_is_undone_as_a_whole(path: Path, make) -> None:
    with Archive.open(path, write=True, max_bytes=600_000) as archive:
        archive.add_capture(make.capture(body=b"before"))
        with pytest.raises(ArchiveError), archive.batch():
            fill(archive, make)
        assert archive.stats().captures == 1
        # The archive goes on working.
        archive.add_capture(make.capture(body=b"after"))
        assert archive.stats().captures == 2
    assert integrity(path) == "ok"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "small"
    folder.mkdir()
    mount, umount = shutil.which("mount"), shutil.which("umount")
    command = [mount, "-t", "tmpfs", "-o", "size=1500k", "tmpfs", str(folder)]
    if mount is None or subprocess.run(command, capture_output=True, check=False).returncode != 0:
        pytest.skip("mounting a small file system is not allowed here")
    yield folder
    subprocess.run([umount, str(folder)], check=True)


def test_a_full_disk_loses_nothing(small_disk: Path, make) -> None:
    path = small_disk / "archive.db"
    with Archive.open(path, write=True) as archive:
        stored = fill(archive, make)
    with Archive.open(path) as archive:
        for digest in stored:
            assert len(archive.body(digest)) == 20_000
    assert integrity(path) == "ok"


def test_a_file_size_limit_is_a_full_disk(path: Path, python) -> None:
    """A quota: the disk has room, but not for this."""
    code = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))" + WRITER
    process = python(code, path, "a", 10_000)
    out, err = process.communicate()
    assert "ArchiveFull" in err
    with Archive.open(path) as archive:
        for line in out.splitlines():
            number, digest = line.split()
            assert archive.capture(int(number)).sha256 == digest
    assert integrity(path) == "ok"


# --- Transactions --------------------------------------------------------------------------------------------------


def test_a_batch_is_all_or_nothing(archive: Archive, path: Path, make) -> None:
    with archive.batch():
        first = archive.add_capture(make.capture())
        archive.add_article(first.id, make.article())
        with Archive.open(path) as reader:
            assert reader.stats().captures == 0
    with Archive.open(path) as reader:
        assert reader.stats().captures == 1

    class Stop(Exception):
        pass

    with pytest.raises(Stop), archive.batch():  # noqa: PT012 - what matters is where in the block it is raised
        second = archive.add_capture(make.capture("https://example.com/2"))
        archive.add_article(second.id, make.article("Other"))
        raise Stop
    stats = archive.stats()
    assert (stats.captures, stats.pages, stats.revisions) == (1, 1, 1)
    assert not list(archive.search("other"))


def test_a_failed_write_inside_a_batch_is_undone_alone(archive: Archive, make) -> None:
    with archive.batch():
        archive.add_capture(make.capture())
        with pytest.raises(ArchiveError):
            archive.add_capture(make.capture("https://example.com/2"), run_id=99)  # no such run
        archive.add_capture(make.capture("https://example.com/3"))
    stats = archive.stats()
    assert (stats.captures, stats.pages, stats.blobs) == (2, 2, 2)


def test_batches_do_not_nest(archive: Archive) -> None:
    with archive.batch():  # noqa: SIM117 - the outer one must survive
        with pytest.raises(ArchiveError, match="inside another"), archive.batch():
            pass
    with archive.batch():
        pass


def test_a_writer_that_waits_too_long(archive: Archive, path: Path, make) -> None:
    with (
        Archive.open(path, write=True, busy_timeout=0.1) as other,
        archive.batch(),
        pytest.raises(ArchiveBusy, match="Another process") as caught,
    ):
        other.add_capture(make.capture())
    assert caught.value.exit_code == 5


def test_sqlite_utils_does_not_commit_by_itself(archive: Archive, make) -> None:
    """Every write is one transaction, whatever the libraries in between do."""
    statements: list[str] = []
    archive._db.sql.set_trace_callback(statements.append)
    ref = archive.add_capture(make.capture())
    archive.add_article(ref.id, make.article())
    archive._db.sql.set_trace_callback(None)
    bounds = [s for s in statements if s.split()[0] in ("BEGIN", "COMMIT", "ROLLBACK")]
    assert bounds == ["BEGIN IMMEDIATE", "COMMIT"] * 2
    assert statements[0] == "BEGIN IMMEDIATE"


WITH_LITTLE_ROOM = """
import resource, sys
from scraper.errors import ArchiveError
from scraper.store import Archive
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
try:
    with Archive.open(sys.argv[1], write=sys.argv[3] == "write") as archive:
        print(archive.stats().captures)
except ArchiveError as error:
    print(type(error).__name__)
"""


@pytest.mark.parametrize("size", [0, 1_000, 4_096, 19_000, 40_000, 100_000])
def test_no_room_to_make_an_archive(path: Path, python, size: int) -> None:
    """Also where SQLite rolls back before a library that would do it, too."""
    process = python(WITH_LITTLE_ROOM, path, size, "write")
    assert process.communicate(timeout=60) == ("ArchiveFull\n", "")


def test_on_a_full_disk_an_archive_can_be_read(archive: Archive, path: Path, make, python) -> None:
    archive.add_capture(make.capture())
    archive.close()
    assert [file.name for file in path.parent.iterdir()] == [path.name]
    process = python(WITH_LITTLE_ROOM, path, 1_000, "read")
    assert process.communicate(timeout=60) == ("1\n", "")
