"""One open archive file: what it may do, and its transactions. The rest of this package is given one of these."""

from __future__ import annotations

import sqlite3
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scraper.article import utc_text
from scraper.errors import ArchiveError, ArchiveNotWritable
from scraper.store.sqlite_errors import translated

if TYPE_CHECKING:
    from sqlite_utils import Database

Parameters = Sequence[Any] | Mapping[str, Any]


class RecentBodies:
    """Bodies that were needed lately, by hash: the last ones that fit."""

    _ROOM = 32 * 1024 * 1024
    """Bytes."""

    def __init__(self) -> None:
        self._bodies: OrderedDict[str, bytes] = OrderedDict()
        self._size = 0

    def get(self, sha256: str) -> bytes | None:
        body = self._bodies.get(sha256)
        if body is not None:
            self._bodies.move_to_end(sha256)
        return body

    def put(self, sha256: str, body: bytes) -> None:
        if sha256 in self._bodies or len(body) > self._ROOM // 4:
            return
        self._bodies[sha256] = body
        self._size += len(body)
        while self._size > self._ROOM:
            self._size -= len(self._bodies.popitem(last=False)[1])


class Connection:
    """A SQLite connection, its path, whether it may write, and a clock."""

    def __init__(self, sql: sqlite3.Connection, path: Path, *, writable: bool, clock: Callable[[], datetime]) -> None:
        self.sql = sql
        if not writable:
            # KiB, as it is negative: a search in a large archive reads some pages several times.
            sql.execute("PRAGMA cache_size = -65536")
        self.path = path
        self.writable = writable
        self.recent_bodies = RecentBodies()
        self._clock = clock
        self._in_batch = False
        self._in_snapshot = False

    @cached_property
    def tables(self) -> Database:
        """The same connection as sqlite-utils sees it. Its own commits are savepoints inside our transactions."""
        from sqlite_utils import Database

        # Plugins that happen to be installed have no business in an archive.
        return Database(self.sql, execute_plugins=False)

    def now(self) -> str:
        """The time of the clock as text (UTC, ISO 8601)."""
        return utc_text(self._clock())

    def moment(self) -> datetime:
        """The time of the clock."""
        return self._clock()

    def rows(self, sql: str, parameters: Parameters = ()) -> Iterator[sqlite3.Row]:
        """The rows of a SELECT, one at a time."""
        with translated(self.path):
            # Not `yield from`: leaving that early closes the cursor, which raises once the archive itself is closed.
            for row in self.sql.execute(sql, parameters):  # noqa: UP028
                yield row

    def row(self, sql: str, parameters: Parameters = ()) -> sqlite3.Row | None:
        """The first row of a SELECT, or None."""
        with translated(self.path):
            found: sqlite3.Row | None = self.sql.execute(sql, parameters).fetchone()
        return found

    def execute(self, sql: str, parameters: Parameters = ()) -> sqlite3.Cursor:
        """Run one statement inside the open transaction."""
        return self.sql.execute(sql, parameters)

    def insert(self, table: str, row: Mapping[str, Any]) -> int:
        """Insert `row` into `table`, both named by us; its rowid."""
        # By hand: sqlite-utils takes three times as long, and a page is several rows.
        places = ", ".join("?" * len(row))
        statement = f"INSERT INTO {table} ({', '.join(row)}) VALUES ({places})"  # noqa: S608 - names of ours
        rowid = self.sql.execute(statement, tuple(row.values())).lastrowid
        if rowid is None:
            raise ArchiveError(f"A row of {table} was not stored")
        return rowid

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All of the block's writes, or none; committed when the block ends, or with the batch it stands in.

        BEGIN IMMEDIATE takes the write lock at the start, where waiting for it works: a deferred transaction that
        turns from reading to writing fails at once when another process has written meanwhile.
        Raises ArchiveNotWritable, ArchiveBusy, ArchiveFull.
        """
        if not self.writable:
            raise ArchiveNotWritable(
                f"{self.path} was opened for reading only", next_step="use Archive.open(path, write=True)"
            )
        if self._in_snapshot:
            raise ArchiveError(
                f"{self.path} is being read as of one moment", next_step="write when the snapshot has ended"
            )
        with translated(self.path):
            if self.sql.in_transaction:
                with self._savepoint():
                    yield
            elif self._in_batch:
                raise self._batch_lost()
            else:
                with self._immediate():
                    yield

    @contextmanager
    def batch(self) -> Iterator[None]:
        """Several transactions as one: a single commit at the end; an exception undoes all of them."""
        if self._in_batch:
            raise ArchiveError("A batch cannot stand inside another batch")
        with self.transaction():
            self._in_batch = True
            try:
                yield
                if not self.sql.in_transaction:
                    raise self._batch_lost()
            finally:
                self._in_batch = False

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Everything read in the block is of one moment, whatever others write meanwhile; nothing is written in it.

        Writers need not wait for its end, but what they write stays in the write-ahead log until then.
        """
        if self.sql.in_transaction:
            raise ArchiveError("A snapshot cannot stand inside a batch or another snapshot")
        with translated(self.path):
            self.sql.execute("BEGIN")
        self._in_snapshot = True
        try:
            # It is the first read that fixes the moment.
            self.row("SELECT count(*) FROM sqlite_master")
            yield
        finally:
            self._in_snapshot = False
            self._undo("ROLLBACK")

    def vacuum(self) -> None:
        """Rewrite the file without the room that nothing uses. Raises as `transaction`, and ArchiveBusy at once."""
        if not self.writable:
            raise self._read_only()
        with translated(self.path):
            self.sql.execute("VACUUM")
            # In WAL mode the file itself shrinks when the log is merged into it.
            self.sql.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()

    def _read_only(self) -> ArchiveNotWritable:
        return ArchiveNotWritable(
            f"{self.path} was opened for reading only", next_step="use Archive.open(path, write=True)"
        )

    @contextmanager
    def _immediate(self) -> Iterator[None]:
        self.sql.execute("BEGIN IMMEDIATE")
        try:
            yield
            self.sql.execute("COMMIT")
        except BaseException:
            self._undo("ROLLBACK")
            raise

    @contextmanager
    def _savepoint(self) -> Iterator[None]:
        self.sql.execute("SAVEPOINT step")
        try:
            yield
        except BaseException:
            self._undo("ROLLBACK TO step", "RELEASE step")
            raise
        self.sql.execute("RELEASE step")

    def _undo(self, *statements: str) -> None:
        # A full disk or an I/O error makes SQLite roll back by itself; there is nothing left to undo then.
        if self.sql.in_transaction:
            for statement in statements:
                self.sql.execute(statement)

    def _batch_lost(self) -> ArchiveError:
        return ArchiveError(
            f"A batch of writes to {self.path} was undone",
            why="one of its writes failed in a way that SQLite answers by undoing all of them",
            next_step="do the batch again",
        )
