"""Files and folders that appear when they are whole."""

from __future__ import annotations

import os
import resource
import signal
import stat
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from scraper.errors import ExportFailed, UsageError
from scraper.export import atomic
from scraper.export.atomic import MARK, whole_file, whole_folder, writing


class Broken(Exception):
    pass


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def make_file(target: Path, *, replace: bool = False, then: Callable[[], object] = lambda: None) -> None:
    with whole_file(target, replace=replace) as path:
        path.write_bytes(b"new")
        then()


def broken() -> None:
    raise Broken


def make_folder(target: Path, text: str, *, replace: bool = False, then: Callable[[], object] = lambda: None) -> None:
    with whole_folder(target, replace=replace) as folder:
        (folder / "README.md").write_text(f"{MARK}\n{text}")
        then()


def test_a_file_appears_at_the_end_of_the_block(tmp_path: Path) -> None:
    target = tmp_path / "out.csv"
    with whole_file(target, replace=False) as path:
        path.write_bytes(b"whole")
        assert not target.exists()
        assert path.parent == tmp_path
    assert target.read_bytes() == b"whole"
    assert names(tmp_path) == {"out.csv"}
    umask = os.umask(0)
    os.umask(umask)
    assert stat.S_IMODE(target.stat().st_mode) == 0o666 & ~umask


@pytest.mark.parametrize("replace", [True, False])
def test_an_exception_leaves_nothing(tmp_path: Path, replace: bool) -> None:
    with pytest.raises(Broken):
        make_file(tmp_path / "out.csv", replace=replace, then=broken)
    with pytest.raises(Broken):
        make_folder(tmp_path / "out", "half", replace=replace, then=broken)
    assert names(tmp_path) == set()


def test_what_is_there_stays_unless_it_is_to_be_replaced(tmp_path: Path) -> None:
    target = tmp_path / "out.csv"
    target.write_bytes(b"old")
    target.chmod(0o640)
    with pytest.raises(UsageError, match=r"exists already.*--force"):
        make_file(target)
    with pytest.raises(Broken):
        make_file(target, replace=True, then=broken)
    assert target.read_bytes() == b"old"
    with whole_file(target, replace=True) as path:
        path.write_bytes(b"new")
        assert target.read_bytes() == b"old"
    assert target.read_bytes() == b"new"
    assert stat.S_IMODE(target.stat().st_mode) == 0o640
    assert names(tmp_path) == {"out.csv"}


def test_a_file_that_appears_meanwhile_is_not_replaced(tmp_path: Path) -> None:
    target = tmp_path / "out.csv"
    with pytest.raises(UsageError, match="exists already"):
        make_file(target, then=lambda: target.write_bytes(b"theirs"))
    assert target.read_bytes() == b"theirs"
    assert names(tmp_path) == {"out.csv"}


def test_a_folder_that_appears_meanwhile_is_not_replaced(tmp_path: Path) -> None:
    target = tmp_path / "out"

    def appear() -> None:
        target.mkdir()
        (target / "theirs").touch()

    with pytest.raises(UsageError, match="exists already"):
        make_folder(target, "ours", then=appear)
    assert names(target) == {"theirs"}
    assert names(tmp_path) == {"out"}


def test_the_target_of_a_link_is_replaced_and_the_link_stays(tmp_path: Path) -> None:
    real, link = tmp_path / "real.csv", tmp_path / "link.csv"
    real.write_bytes(b"old")
    link.symlink_to(real)
    with whole_file(link, replace=True) as path:
        path.write_bytes(b"new")
    assert link.is_symlink()
    assert real.read_bytes() == b"new"


def test_folders_of_ours_are_replaced_whole(tmp_path: Path) -> None:
    target = tmp_path / "out"
    make_folder(target, "old")
    (target / "more").touch()
    with pytest.raises(UsageError, match="exists already"):
        make_folder(target, "new")
    make_folder(target, "new", replace=True)
    assert (target / "README.md").read_text().endswith("new")
    assert names(target) == {"README.md"}
    assert names(tmp_path) == {"out"}


def test_a_folder_is_there_at_every_moment_while_it_is_replaced(tmp_path: Path) -> None:
    target = tmp_path / "out"
    make_folder(target, "0")
    seen: list[str] = []
    done = threading.Event()

    def look() -> None:
        while not done.is_set():
            seen.append((target / "README.md").read_text())

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        for number in range(30):
            make_folder(target, str(number), replace=True)
    finally:
        done.set()
        watcher.join()
    assert len(set(seen)) > 1  # and no look found it missing, which would have ended the watch with an exception
    assert seen[-1].startswith(MARK)


@pytest.mark.skipif(sys.platform != "linux", reason="a call of Linux")
def test_names_are_exchanged_at_once(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / name).touch()
    assert atomic._exchanged(tmp_path / "a", tmp_path / "b")
    assert (names(tmp_path / "a"), names(tmp_path / "b")) == ({"b"}, {"a"})
    assert not atomic._exchanged(tmp_path / "a", tmp_path / "c")


def test_without_the_exchange_of_names_folders_are_replaced_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(atomic.sys, "platform", "darwin")
    make_folder(tmp_path / "out", "old")
    make_folder(tmp_path / "out", "new", replace=True)
    assert (tmp_path / "out" / "README.md").read_text().endswith("new")
    assert names(tmp_path) == {"out"}


def test_folders_of_others_are_never_replaced(tmp_path: Path) -> None:
    target = tmp_path / "home"
    target.mkdir()
    (target / "thesis.txt").touch()
    with pytest.raises(UsageError, match="No export made it"):
        make_folder(target, "new", replace=True)
    assert names(target) == {"thesis.txt"}


def test_an_empty_folder_is_filled(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    make_folder(tmp_path / "out", "new")
    assert names(tmp_path / "out") == {"README.md"}


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "folder").mkdir()
    with pytest.raises(UsageError, match="is a file"):
        make_folder(tmp_path / "file", "", replace=True)
    with pytest.raises(UsageError, match="is a folder"), whole_file(tmp_path / "folder", replace=True):
        raise AssertionError
    with pytest.raises(UsageError, match="There is no folder"), whole_file(tmp_path / "no" / "x", replace=False):
        raise AssertionError


def write_much(target: Path) -> None:
    with whole_file(target, replace=False) as path, writing(path) as out:
        for _ in range(100):
            out.write(b"x" * 50_000)


def test_a_full_disk_leaves_nothing(tmp_path: Path) -> None:
    """By a limit on the size of files, which the kernel enforces as it does a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    try:
        with pytest.raises(ExportFailed, match="Nothing of it was left behind"):
            write_much(tmp_path / "out.csv")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)
    assert names(tmp_path) == set()


def test_a_pipe_is_written_to_as_it_is(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    got: list[bytes] = []
    reader = threading.Thread(target=lambda: got.append(pipe.read_bytes()))
    reader.start()
    with whole_file(pipe, replace=False) as path, writing(path) as out:
        out.write(b"through")
    reader.join()
    assert got == [b"through"]
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_the_longest_of_names(tmp_path: Path) -> None:
    with whole_file(tmp_path / ("x" * 255), replace=False) as path:
        path.touch()
    assert names(tmp_path) == {"x" * 255}
