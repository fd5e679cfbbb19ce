"""Files and folders that appear when they are whole, and not before."""

from __future__ import annotations

import ctypes
import os
import secrets
import shutil
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from scraper.errors import ExportFailed, UsageError

MADE_BY_US = "README.md"
"""A folder may be replaced when its file of this name begins with `MARK`: what others made is not ours to remove."""
MARK = "<!-- made by: scrape export -->"


@contextmanager
def whole_file(target: Path, *, replace: bool) -> Iterator[Path]:
    """A path to write to, which becomes `target` when the block ends, and is removed when the block raises.

    What was written is on disk before `target` appears. With `replace`, a file of that name is there, old or new, at
    every moment. What is no file of its own (a pipe, /dev/stdout) is written to as it is.
    Raises UsageError for a target that exists (without `replace`) or cannot be, ExportFailed when writing fails.
    """
    target = _checked(target, replace=replace)
    if target.exists() and not target.is_file():
        with _said(target):
            yield target
        return
    unfinished = _unfinished(target)
    try:
        with _said(target):
            yield unfinished
            if target.exists():
                unfinished.chmod(stat.S_IMODE(target.stat().st_mode))
            _to_disk(unfinished)
            _publish_file(unfinished, target, replace=replace)
            _to_disk(target.parent)
    finally:
        with suppress(OSError):
            unfinished.unlink()


@contextmanager
def whole_folder(target: Path, *, replace: bool) -> Iterator[Path]:
    """A new folder to write in, which becomes `target` when the block ends, and is removed when the block raises.

    With `replace`, a folder that an export made gives way to it, with all that is in it. Raises as `whole_file`.
    """
    target = _checked(target, replace=replace, folder=True)
    unfinished = _unfinished(target)
    try:
        with _said(target):
            unfinished.mkdir()
            yield unfinished
            # One call in place of one a file: an export may be of a hundred thousand.
            os.sync()
            _publish_folder(unfinished, target, replace=replace)
            _to_disk(target.parent)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


@contextmanager
def writing(path: Path) -> Iterator[BinaryIO]:
    """The file at `path`, buffered, for one of the paths above."""
    with path.open("wb", buffering=1 << 20) as out:
        yield out


def _checked(target: Path, *, replace: bool, folder: bool = False) -> Path:
    """`target`, absolute and without symbolic links: what a link points to is replaced, not the link."""
    real = Path(os.path.realpath(target))
    if not real.parent.is_dir():
        raise UsageError(
            f"Cannot write {target}", why=f"there is no folder {real.parent}", next_step="make the folder first"
        )
    if not real.exists():
        return real
    if real.is_dir() != folder:
        what, other = ("a file", "a folder") if folder else ("a folder", "a file")
        raise UsageError(f"Cannot write {target}", why=f"it is {what}, and this export is {other}")
    if folder and not any(real.iterdir()):
        return real
    if (folder or real.is_file()) and not replace:
        raise _exists(target)
    if folder and not _is_ours(real):
        raise UsageError(
            f"{target} exists already, and is not replaced",
            why="no export made it: there is more in it than an export's files",
            next_step="give --output another folder",
        )
    return real


def _exists(target: Path) -> UsageError:
    return UsageError(f"{target} exists already", next_step="add --force to replace it, or give --output another path")


def _is_ours(folder: Path) -> bool:
    try:
        with (folder / MADE_BY_US).open("rb") as file:
            return file.read(len(MARK)) == MARK.encode()
    except OSError:
        return False


def _unfinished(target: Path) -> Path:
    # Beside the target, so that it is on the same file system; a name of its own length, for the target's may be long.
    return target.with_name(f".scrape-{os.getpid()}-{secrets.token_hex(4)}.part")


def _publish_file(unfinished: Path, target: Path, *, replace: bool) -> None:
    if replace:
        unfinished.replace(target)
        return
    try:
        os.link(unfinished, target)  # fails where a file of that name appeared meanwhile; a rename would replace it
    except FileExistsError:
        raise _exists(target) from None
    except OSError:  # a file system without hard links
        if target.exists():
            raise _exists(target) from None
        unfinished.rename(target)


def _publish_folder(unfinished: Path, target: Path, *, replace: bool) -> None:
    try:
        unfinished.rename(target)  # onto nothing, or onto an empty folder
        return
    except OSError:
        if not target.is_dir():
            raise
    if not replace:  # it appeared meanwhile
        raise _exists(target)
    if not _exchanged(unfinished, target):
        old = _unfinished(target)
        target.rename(old)
        unfinished.rename(target)
        old.rename(unfinished)  # to be removed


def _exchanged(one: Path, other: Path) -> bool:
    """Let two folders change their names at once, where the system can."""
    if not sys.platform.startswith("linux"):
        return False
    try:
        rename = ctypes.CDLL(None, use_errno=True).renameat2
    except (OSError, AttributeError):
        return False
    here, exchange = -100, 2  # AT_FDCWD, RENAME_EXCHANGE
    return int(rename(here, os.fsencode(one), here, os.fsencode(other), exchange)) == 0


def _to_disk(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _said(target: Path) -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:  # whoever reads the pipe that we were given had enough
        raise
    except OSError as error:
        raise ExportFailed(
            f"Cannot write {target}",
            why=error.strerror or str(error),
            next_step="nothing of it was left behind; free some space or choose another place, and export again",
        ) from error
