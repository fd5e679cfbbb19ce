"""A copy of the whole file while others read and write it."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

from scraper.errors import ArchiveError, ArchiveNotWritable
from scraper.store.sqlite_errors import translated

_PAGES_A_STEP = 4096
"""Between two steps Ctrl-C is heard and progress is told: 16 MiB take some hundredths of a second."""


def copy_database(
    source: sqlite3.Connection, path: Path, target: Path, *, progress: Callable[[float], None] | None = None
) -> int:
    """Copy what `source` (the open database at `path`) holds at this moment to the new file `target`; its bytes.

    Others may go on writing: the copy shows the moment it began. `target` appears when it is whole, on disk and
    checked, and not before. `progress` is told the part done, 0 to 1.
    Raises ArchiveNotWritable when `target` is there already or cannot be made, ArchiveFull when there is no room,
    ArchiveError when the copy fails SQLite's check.
    """
    if target.exists():
        raise ArchiveNotWritable(f"Cannot copy {path} to {target}", why="there is a file of that name already")
    if not target.absolute().parent.is_dir():
        raise ArchiveNotWritable(
            f"Cannot copy {path} to {target}",
            why=f"there is no folder {target.absolute().parent}",
            next_step="make the folder first",
        )
    unfinished = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with translated(unfinished), closing(sqlite3.connect(unfinished, isolation_level=None)) as copy:
            _copy_pages(source, copy, progress)
            # The copy is one file, with no log beside it, as long as nobody writes to it.
            copy.execute("PRAGMA journal_mode = DELETE")
            found = copy.execute("PRAGMA quick_check(1)").fetchone()[0]
        if found != "ok":
            raise ArchiveError(
                f"The copy of {path} is damaged", why=str(found), next_step="look at both: scrape verify"
            )
        with translated(target):
            _to_disk(unfinished)
            _publish(unfinished, target)
            _to_disk(target.absolute().parent)
            return target.stat().st_size
    finally:
        for name in (
            unfinished,
            *(unfinished.with_name(unfinished.name + end) for end in ("-journal", "-wal", "-shm")),
        ):
            with suppress(OSError):
                name.unlink()


def _copy_pages(source: sqlite3.Connection, copy: sqlite3.Connection, progress: Callable[[float], None] | None) -> None:
    # Inside a read transaction every step sees the same moment; without one, a write of another process would make
    # the copying begin again, and again.
    alone = not source.in_transaction
    if alone:
        source.execute("BEGIN")
    try:
        source.execute("SELECT count(*) FROM sqlite_master").fetchone()

        def on_step(_status: int, remaining: int, total: int) -> None:
            if progress is not None:
                progress(1 - remaining / total if total else 1.0)

        source.backup(copy, pages=_PAGES_A_STEP, progress=on_step, sleep=0.0)
    finally:
        if alone:
            source.execute("ROLLBACK")


def _publish(unfinished: Path, target: Path) -> None:
    try:
        os.link(unfinished, target)  # fails where a file of that name appeared meanwhile; a rename would replace it
    except FileExistsError:
        raise ArchiveNotWritable(f"Cannot make {target}", why="a file of that name appeared meanwhile") from None
    except OSError:  # a file system without hard links
        unfinished.rename(target)


def _to_disk(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
