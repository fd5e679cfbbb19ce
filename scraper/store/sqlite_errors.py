"""The one place where SQLite's errors become this project's."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from scraper.errors import (
    ArchiveBusy,
    ArchiveError,
    ArchiveFull,
    ArchiveNotWritable,
    NotAnArchive,
    TookTooLong,
)

# Writes that the disk refused for another reason than ENOSPC, which SQLite reports as SQLITE_FULL: over a quota or a
# file size limit, or space that was promised and not there when the file was flushed.
_REFUSED_WRITES = frozenset(
    {
        sqlite3.SQLITE_IOERR_WRITE,
        sqlite3.SQLITE_IOERR_FSYNC,
        sqlite3.SQLITE_IOERR_SHMSIZE,
        sqlite3.SQLITE_IOERR_TRUNCATE,
        sqlite3.SQLITE_IOERR,  # without saying which: what a virtual table makes of any of these
    }
)


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Raise an ArchiveError for every sqlite3.Error and OSError of the block; `path` is the archive it names."""
    try:
        yield
    except sqlite3.Error as error:
        raise translate(_first(error), path) from error
    except OSError as error:
        raise ArchiveError(f"Cannot use {path}", why=error.strerror or str(error)) from error


def _first(error: sqlite3.Error) -> sqlite3.Error:
    """The error itself, or the one before it that made SQLite roll back, so that a library could not do so again."""
    before = error.__context__
    return before if "no transaction is active" in str(error) and isinstance(before, sqlite3.Error) else error


def translate(error: sqlite3.Error, path: Path) -> ArchiveError:
    """The error to raise in place of `error`."""
    # Errors of the Python module itself, such as the use of a closed connection, carry no code.
    code: int = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
    primary = code & 0xFF
    if primary == sqlite3.SQLITE_FULL or code in _REFUSED_WRITES:
        return ArchiveFull(
            f"No room left to write {path}",
            why=f"the disk is full, over a quota, or failing ({error}); what was stored before is safe",
            next_step="free some space and run the same command again",
        )
    if primary in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return ArchiveBusy(
            f"{path} is busy",
            why="another process kept its write lock for too long",
            next_step="wait for it to finish and run the same command again",
        )
    if primary == sqlite3.SQLITE_INTERRUPT:
        return TookTooLong("The archive did not answer in time", next_step="ask for less at once")
    if primary in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM):
        return not_writable(path, why=str(error))
    if primary == sqlite3.SQLITE_NOTADB:
        return NotAnArchive(
            f"{path} is not an archive",
            why=f"it looks like {_what_it_is(path)}",
            next_step="choose another file with --archive PATH",
        )
    if primary == sqlite3.SQLITE_CORRUPT:
        return ArchiveError(
            f"{path} is damaged", why=str(error), next_step="restore it from a backup, or try `sqlite3 FILE .recover`"
        )
    return ArchiveError(f"{path} could not do what was asked", why=str(error))


def not_writable(path: Path, *, why: str) -> ArchiveNotWritable:
    return ArchiveNotWritable(
        f"Cannot write {path}",
        why=why,
        next_step="check the permissions of the file and its folder, or choose another place with --archive PATH",
    )


# First bytes of files that are given by mistake, and what to call them.
_LOOKS_LIKE = (
    (b"SQLite format 3\x00", "a SQLite database that is encrypted or damaged"),
    (b"\x1f\x8b", "a gzip file (perhaps a WARC)"),
    (b"PK\x03\x04", "a zip file (perhaps a WACZ)"),
    (b"WARC/", "a WARC file"),
    (b"%PDF", "a PDF"),
    (b"\x28\xb5\x2f\xfd", "a zstd file"),
    (b"\x89PNG", "an image"),
    (b"\xff\xd8\xff", "an image"),
)


def _what_it_is(path: Path) -> str:
    # Only ever asked of a file that SQLite has refused. To open and close a database beside SQLite would drop the locks
    # that other connections of this process hold on it (POSIX locks belong to the process, not to the descriptor).
    try:
        with path.open("rb") as file:
            head = file.read(512)
    except OSError:
        return "something that cannot be read"
    for magic, name in _LOOKS_LIKE:
        if head.startswith(magic):
            return name
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if start[:1] == b"<":
        return "an HTML or XML page"
    if start[:1] in (b"{", b"["):
        return "JSON"
    return "another kind of file" if b"\x00" in head else "text"
