"""Opening the file: is it there, is it ours, is it of a version we know, and may it be written?"""

from __future__ import annotations

import os
import sqlite3
import time
from pathlib import Path

from scraper.errors import ArchiveError, ArchiveMissing, ArchiveNotWritable, ArchiveTooNew, NotAnArchive
from scraper.store.sqlite_errors import not_writable, translated

APPLICATION_ID = 0x4E574152
"""`NWAR`, in the header of every archive: `file archive.db` and `PRAGMA application_id` show it."""

SCHEMA_VERSION = 14
"""The number of migrations in `scraper.store.schema` (a test compares them), stored as `PRAGMA user_version`.

It stands here so that a reader need not import sqlite-utils.
"""


def open_for_reading(path: Path, *, busy_timeout: float) -> sqlite3.Connection:
    """A connection that cannot write. Raises ArchiveMissing, NotAnArchive, ArchiveTooNew or ArchiveNotWritable."""
    if not _exists(path):
        raise _missing(path)
    with translated(path):
        connection = _connect_read_only(path, busy_timeout)
    try:
        version = identify(connection, path)
        if version == 0:
            raise _missing(path)
        if version < SCHEMA_VERSION:
            raise ArchiveNotWritable(
                f"{path} was made by an older version of this program and was opened for reading only",
                why=f"its schema is version {version}; this program reads version {SCHEMA_VERSION}",
                next_step="bring it up to date by opening it once for writing, as `scrape url URL` does",
            )
    except BaseException:
        connection.close()
        raise
    return connection


def open_for_writing(path: Path, *, create: bool, busy_timeout: float, max_bytes: int | None) -> sqlite3.Connection:
    """A connection in WAL mode whose every commit is on disk before it returns; the schema may still be older.

    Raises ArchiveMissing (and `create` is false), NotAnArchive, ArchiveTooNew, ArchiveNotWritable or ArchiveFull.
    """
    if not _exists(path) and not create:
        raise _missing(path)
    _check_writable(path)
    with translated(path):
        connection = _connect(f"{path.absolute().as_uri()}?mode=rwc", busy_timeout)
    try:
        # Before anything is written: somebody else's database is left as it is.
        identify(connection, path)
        with translated(path):
            _use_wal(connection, busy_timeout)
            # FULL: a commit survives a power cut, not only the end of this process.
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA foreign_keys = ON")
            if max_bytes is not None:
                _limit_size(connection, max_bytes)
    except BaseException:
        connection.close()
        raise
    return connection


def identify(connection: sqlite3.Connection, path: Path) -> int:
    """The schema version of the archive behind `connection`; 0 for a database with nothing in it yet.

    Raises NotAnArchive for somebody else's database, ArchiveTooNew for one that a later version of this program made.
    """
    with translated(path):
        application_id, version, tables = _identity(connection)
    if application_id == 0 and not tables:
        return 0
    if application_id != APPLICATION_ID:
        listed = ", ".join(tables) or "none"
        raise NotAnArchive(
            f"{path} is a SQLite database, but not an archive of this program",
            why=f"another program made it (tables: {listed})",
            next_step="choose another file with --archive PATH",
        )
    if version > SCHEMA_VERSION:
        raise ArchiveTooNew(
            f"{path} was made by a newer version of this program",
            why=f"its schema is version {version}; this program knows up to {SCHEMA_VERSION}",
            next_step="upgrade news-archiver; nothing in the file was changed",
        )
    return version


def _identity(connection: sqlite3.Connection) -> tuple[int, int, list[str]]:
    """`application_id`, `user_version` and some table names, all of one moment: another process may be making them."""
    alone = not connection.in_transaction
    if alone:
        connection.execute("BEGIN")
    try:
        application_id = int(connection.execute("PRAGMA application_id").fetchone()[0])
        version = int(connection.execute("PRAGMA user_version").fetchone()[0])
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' LIMIT 4").fetchall()
    finally:
        if alone:
            connection.execute("ROLLBACK")
    return application_id, version, [table[0] for table in tables]


def _connect(uri: str, busy_timeout: float) -> sqlite3.Connection:
    # isolation_level=None: transactions begin where this package says so and nowhere else.
    # check_same_thread=False: an archive may be handed to another thread, but is used by one at a time.
    connection = sqlite3.connect(
        uri, uri=True, timeout=busy_timeout, isolation_level=None, check_same_thread=False, cached_statements=256
    )
    try:
        connection.row_factory = sqlite3.Row
        # The file may have come from a stranger: its views may not call functions with side effects.
        connection.execute("PRAGMA trusted_schema = OFF")
    except BaseException:
        connection.close()
        raise
    return connection


# What opening a database in WAL mode meets where the -shm file beside it cannot be made or grown: a full disk.
_NO_ROOM_FOR_SHM = frozenset((sqlite3.SQLITE_IOERR_SHMSIZE, sqlite3.SQLITE_IOERR_SHMOPEN, sqlite3.SQLITE_IOERR_SHMMAP))


def _connect_read_only(path: Path, busy_timeout: float) -> sqlite3.Connection:
    uri = f"{path.absolute().as_uri()}?mode=ro"
    connection = _connect(uri, busy_timeout)
    try:
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.OperationalError as error:
        connection.close()
        denied = error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY)
        if not denied and error.sqlite_errorcode not in _NO_ROOM_FOR_SHM:
            raise
        if not os.access(path, os.R_OK):
            raise ArchiveError(f"Cannot read {path}", why="its permissions do not allow it") from error
        if _has_unmerged_writes(path):
            raise ArchiveNotWritable(
                f"Cannot read {path} where it is",
                why=f"{path.name}-wal holds writes not yet merged into it, and nothing can be written beside it",
                next_step="copy both files to a folder that you can write, and read it there",
            ) from error
        # A reader in WAL mode makes a small -shm file, which a read-only folder or a full disk does not allow. Without
        # a write-ahead log there is no writer either, so the file can be taken as it is.
        return _connect(f"{uri}&immutable=1", busy_timeout)
    except BaseException:
        connection.close()
        raise
    return connection


def _has_unmerged_writes(path: Path) -> bool:
    log = path.with_name(f"{path.name}-wal")
    return log.exists() and log.stat().st_size > 0


def _use_wal(connection: sqlite3.Connection, busy_timeout: float) -> None:
    # SQLite does not wait for its busy timeout when two processes switch a new file to WAL at once: wait here.
    deadline = time.monotonic() + busy_timeout
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.02)


def _limit_size(connection: sqlite3.Connection, max_bytes: int) -> None:
    page_size = int(connection.execute("PRAGMA page_size").fetchone()[0])
    # PRAGMA takes no bound parameters; both values are integers of ours.
    connection.execute(f"PRAGMA max_page_count = {max(1, int(max_bytes) // page_size)}")


def _check_writable(path: Path) -> None:
    # Asked beforehand because SQLite opens a file it may not write as a read-only one, without saying so.
    folder = path.absolute().parent
    if not folder.is_dir():
        why = f"{folder} is not a folder" if folder.exists() else f"there is no folder {folder}"
        raise ArchiveNotWritable(
            f"Cannot make {path}", why=why, next_step="make the folder, or choose another place with --archive PATH"
        )
    if path.exists() and not os.access(path, os.W_OK):
        raise not_writable(path, why="the file is read-only")
    if not os.access(folder, os.W_OK):
        raise not_writable(path, why=f"the folder {folder} is read-only")


def _exists(path: Path) -> bool:
    with translated(path):  # for folders that may not even be looked into
        exists = path.exists()
    if exists and path.is_dir():
        raise NotAnArchive(
            f"{path} is not an archive", why="it is a folder", next_step="choose a file with --archive PATH"
        )
    return exists


def _missing(path: Path) -> ArchiveMissing:
    return ArchiveMissing(
        f"There is no archive at {path}", next_step="archive a first page with `scrape url URL`, or give --archive PATH"
    )
