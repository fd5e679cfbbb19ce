"""The process that runs statements: one at a time, on a connection of its own that can only read. It may be killed.

Started by `scraper.web.sql.process`, on whose socket (its standard input) it hears statements and answers.
"""

from __future__ import annotations

import os
import re
import resource
import select
import signal
import sqlite3
import sys
import time

from .policy import Authorizer
from .wire import bytes_of, packed, received, types_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

OUT_OF_MEMORY = 73
"""Exit code of a child that had not even the memory to say so."""
_SOCKET = 0
_BATCH = 256 * 1024
"""Bytes of rows, about, that are sent together."""
_STEPS = 200
"""Of SQLite's virtual machine between two looks at the clock: hundredths of a millisecond, but for long steps."""
_MEMORY = () if sys.platform == "darwin" else (resource.RLIMIT_AS, resource.RLIMIT_DATA)
_UNREADABLE = frozenset(
    {
        sqlite3.SQLITE_BUSY_RECOVERY,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_IOERR_SHMLOCK,
        sqlite3.SQLITE_IOERR_SHMMAP,
        sqlite3.SQLITE_IOERR_SHMOPEN,
        sqlite3.SQLITE_IOERR_SHMSIZE,
        sqlite3.SQLITE_PROTOCOL,
        sqlite3.SQLITE_READONLY_CANTINIT,
        sqlite3.SQLITE_READONLY_CANTLOCK,
        sqlite3.SQLITE_READONLY_RECOVERY,
    }
)
"""The file's write-ahead log has to be set right by somebody who may write beside it."""


class _Stopped(Exception):
    """The statement brings no rows: `kind` for the parent, and words for the user."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message


def main() -> None:
    """Run until the parent is gone, or nothing was asked for a while."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        settings = received(_read, most=1 << 20)
        _limit_process(settings)
        try:
            runner = Runner(settings)
        except sqlite3.Error as error:
            _write(packed({"error": _kind_of(error), "message": str(error)}))
            return
        _write(packed({"ready": True}))
        while select.select([_SOCKET], [], [], settings["idle_seconds"])[0]:
            if not runner.answer(received(_read, most=settings["request_bytes"])):
                return
    except MemoryError:
        os._exit(OUT_OF_MEMORY)
    except (EOFError, OSError):
        return  # the parent is gone


def _limit_process(settings: dict[str, Any]) -> None:
    """No byte in any file, no other process, and so much memory: from here on, whatever SQLite does."""
    for what, limit in (
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_NOFILE, 12),
        # macOS knows neither of these; there the limit of SQLite's heap is what holds.
        *((what, settings["process_bytes"]) for what in _MEMORY),
    ):
        hard = resource.getrlimit(what)[1]
        most = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
        resource.setrlimit(what, (most, most))
    # The crawl, and the pages that people read, go first.
    os.nice(5)


class Runner:
    """A connection that can only read, and the statements run on it."""

    def __init__(self, settings: dict[str, Any]) -> None:
        self._settings = settings
        self._connection = connection = sqlite3.connect(
            settings["uri"], uri=True, timeout=0.5, isolation_level=None, cached_statements=0
        )
        connection.text_factory = lambda text: str(text, "utf-8", "replace")
        connection.create_function("escape_fts", 1, escape_fts, deterministic=True)
        for pragma in (
            "query_only = ON",
            "trusted_schema = ON",  # see `policy`
            "temp_store = MEMORY",
            "mmap_size = 0",
            "cell_size_check = ON",
            f"cache_size = -{settings['cache_bytes'] >> 10}",
            f"hard_heap_limit = {settings['heap_bytes']}",
        ):
            connection.execute(f"PRAGMA {pragma}")
        for limit, most in (
            (sqlite3.SQLITE_LIMIT_LENGTH, settings["value_bytes"]),
            (sqlite3.SQLITE_LIMIT_SQL_LENGTH, settings["statement_bytes"]),
            (sqlite3.SQLITE_LIMIT_ATTACHED, 0),
            (sqlite3.SQLITE_LIMIT_COLUMN, 500),
            (sqlite3.SQLITE_LIMIT_COMPOUND_SELECT, 100),
            (sqlite3.SQLITE_LIMIT_EXPR_DEPTH, 250),
            (sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 2000),
            (sqlite3.SQLITE_LIMIT_TRIGGER_DEPTH, 1),
            (sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER, 32766),
            (sqlite3.SQLITE_LIMIT_VDBE_OP, 250_000),
            (sqlite3.SQLITE_LIMIT_WORKER_THREADS, 0),
        ):
            connection.setlimit(limit, most)
        if hasattr(connection, "enable_load_extension"):  # some builds of Python cannot load any
            connection.enable_load_extension(False)
        connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchall()  # is it a database, and can it be read?
        self._authorizer = Authorizer(connection)
        connection.set_authorizer(self._authorizer)

    def answer(self, request: dict[str, Any]) -> bool:
        """Run a statement and send what it brings. False when this process has grown too big to go on."""
        # Should the parent be gone and the clock not be looked at (one step can take long), the kernel ends this.
        used = sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
        resource.setrlimit(resource.RLIMIT_CPU, (int(used + request["seconds"]) + 2, resource.RLIM_INFINITY))
        try:
            end = self._run(request)
        except _Stopped as stopped:
            end = {"error": stopped.kind, "message": stopped.message}
        except MemoryError:
            end = {"error": "memory", "message": ""}
        goes_on = end.get("error") != "memory" and _resident_bytes() < self._settings["resident_bytes"]
        _write(packed({**end, "goes_on": goes_on}))
        return goes_on

    def _run(self, request: dict[str, Any]) -> dict[str, Any]:
        deadline = time.monotonic() + request["seconds"]
        self._authorizer.refused = None
        self._connection.set_progress_handler(lambda: time.monotonic() > deadline, _STEPS)
        names, values = request["names"], request["values"]
        parameters = values if names is None else dict(zip(names, values, strict=True))
        cursor = self._connection.cursor()
        try:
            cursor.execute(request["sql"], parameters)
            if cursor.description is None:
                raise _Stopped("sql", "The statement brings no rows")
            truncated = self._send_rows(cursor, request["rows"])
            return {"columns": [column[0] for column in cursor.description], "truncated": truncated}
        except (sqlite3.Error, sqlite3.Warning) as error:
            if self._authorizer.refused is not None:
                raise _Stopped("refused", self._authorizer.refused) from error
            raise _Stopped(_kind_of(error), str(error)) from error
        except (OverflowError, ValueError) as error:  # of values and texts that SQLite does not take
            raise _Stopped("sql", str(error)) from error
        finally:
            cursor.close()  # with it ends the transaction: nothing keeps the writer from tidying its log

    def _send_rows(self, cursor: sqlite3.Cursor, most: int | None) -> bool:
        """Whether there were more than `most`."""
        batch: list[tuple[Any, ...]] = []
        size = total = 0
        most_rows = self._settings["result_values"] // len(cursor.description)
        for count, row in enumerate(cursor):
            if count == most:
                self._send(batch)
                return True
            batch.append(row)
            size += bytes_of(row, types_of(row))
            if total + size > self._settings["result_bytes"] or count >= most_rows:
                raise _Stopped("result", "")
            if size > _BATCH:
                self._send(batch)
                batch, total, size = [], total + size, 0
        self._send(batch)
        return False

    def _send(self, batch: list[tuple[Any, ...]]) -> None:
        frame = packed({"rows": batch})
        if len(frame) > self._settings["frame_bytes"]:  # texts of control characters, written as \u0000
            raise _Stopped("result", "")
        _write(frame)


def _kind_of(error: Exception) -> str:
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:
        return "sql"
    if code in _UNREADABLE:
        return "unreadable"
    kinds = {
        sqlite3.SQLITE_AUTH: "refused",
        sqlite3.SQLITE_INTERRUPT: "time",
        sqlite3.SQLITE_NOMEM: "memory",
        sqlite3.SQLITE_TOOBIG: "value",
    }
    return kinds.get(code & 0xFF, "sql")


_WORDS = re.compile(r'"[^"]*"|[^\s"]+')


def escape_fts(query: str) -> str:
    """What Datasette's search of tables calls: words become quoted words, so that nothing in them is an operator."""
    if query.count('"') % 2:
        query += '"'
    words = (word.strip('"') for word in _WORDS.findall(query))
    return " ".join(f'"{word}"' for word in words if word)


def _resident_bytes() -> int:
    """What this process takes now; where the system does not say, what it took at the highest."""
    try:
        with open("/proc/self/statm", "rb") as file:
            return int(file.read().split()[1]) * resource.getpagesize()
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _read(length: int) -> bytes:
    """Raises EOFError when the parent is gone."""
    return b"".join(_pieces(length))


def _pieces(length: int) -> Iterator[bytes]:
    while length:
        piece = os.read(_SOCKET, min(length, 1 << 20))
        if not piece:
            raise EOFError
        length -= len(piece)
        yield piece


def _write(frame: bytes) -> None:
    left = memoryview(frame)
    while left:
        left = left[os.write(_SOCKET, left) :]


if __name__ == "__main__":
    main()
