"""One child from the parent's side: started, asked, and killed when it does not answer in time."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from scraper.web.sql.sandbox.runner import OUT_OF_MEMORY
from scraper.web.sql.sandbox.wire import SCALARS, Garbled, bytes_of, packed, received, types_of

Value = None | int | float | str | bytes

_MEBIBYTE = 1024 * 1024
_REQUEST_BYTES = 4 * _MEBIBYTE
_START_SECONDS = 10.0
"""For a machine that has other things to do; it takes some 25 milliseconds."""
_PROGRAM = "import sys; sys.path.insert(0, sys.argv[1]); from sandbox.runner import main; main()"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a statement may take. Sizes are in bytes."""

    seconds: float = 1.5
    """At the most, whatever Datasette's setting `sql_time_limit_ms` says."""
    grace: float = 0.2
    """Seconds after its time at which a process is killed that has not stopped of itself."""
    process_bytes: int = 240 * _MEBIBYTE
    """Address space of a child, which its resident memory cannot exceed."""
    heap_bytes: int = 192 * _MEBIBYTE
    """Of that, for SQLite: sorting, grouping, and its cache. There are no temporary files."""
    cache_bytes: int = 16 * _MEBIBYTE
    value_bytes: int = 16 * _MEBIBYTE
    """One text or blob."""
    result_bytes: int = 16 * _MEBIBYTE
    """All rows of a result together, each value counted as 16 bytes more than its length."""
    result_values: int = 50_000
    """Datasette makes a page of so many cells in about a second, in which it does nothing else."""
    statement_bytes: int = 100_000
    resident_bytes: int = 64 * _MEBIBYTE
    """A child that has this much after a statement is replaced by a new one."""
    children: int = 2
    """Statements that run at a time."""
    waiting: int = 32
    """Statements that may wait for their turn; more are turned away."""
    idle_seconds: float = 60.0
    """Then a child with nothing to do ends."""

    @property
    def frame_bytes(self) -> int:
        """What a child may send at a time: control characters take more on the way than in memory."""
        return 2 * self.result_bytes + _MEBIBYTE


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What a child is asked: SQL, its parameters, how long it may take, and how many rows are wanted (None: all)."""

    sql: str
    parameters: Sequence[Value] | Mapping[str, Value] = ()
    seconds: float = 1.0
    rows: int | None = None


@dataclass(slots=True)
class Answer:
    """Columns and rows; `truncated` when there were more rows than wanted."""

    columns: list[str] = field(default_factory=list)
    rows: list[tuple[Value, ...]] = field(default_factory=list)
    truncated: bool = False


class StatementFailed(Exception):
    """Why a statement brought no rows. `kind` is one of:

    time, memory, value (one is too long), result (too many bytes), refused (it wanted to do what is not allowed, which
    the message says), sql (as SQLite says), unreadable (the file's write-ahead log is not in order) and died.
    """

    def __init__(self, kind: str, message: str = "") -> None:
        super().__init__(message or kind)
        self.kind = kind
        self.message = message


class ChildGone(Exception):
    """The child had ended by itself before it heard the statement: another one can be asked."""


class Child:
    """A process of the sandbox. One thread uses it at a time; any thread may `kill` it."""

    def __init__(self, uri: str, limits: Limits) -> None:
        """Start it. Raises StatementFailed when it cannot open the archive, or did not start."""
        self._limits = limits
        self._heard = False
        self._socket, theirs = socket.socketpair()
        try:
            with theirs:
                self._process = _started(theirs)
        except OSError as error:
            self._socket.close()
            raise StatementFailed("died", f"it could not be started: {error}") from error
        try:
            self._deadline = time.monotonic() + _START_SECONDS
            self._send(self._settings(uri))
            started = self._receive(_MEBIBYTE)
            if "error" in started:
                raise StatementFailed(str(started["error"]), str(started.get("message", "")))
        except ChildGone as error:
            self.end()
            raise StatementFailed("died", "it could not be started") from error
        except BaseException:
            self.end()
            raise

    def _settings(self, uri: str) -> dict[str, Any]:
        sizes = ("process", "heap", "cache", "value", "result", "statement", "resident", "frame")
        return {
            "uri": uri,
            "idle_seconds": self._limits.idle_seconds,
            "result_values": self._limits.result_values,
            "request_bytes": _REQUEST_BYTES,
            **{f"{name}_bytes": getattr(self._limits, f"{name}_bytes") for name in sizes},
        }

    @property
    def pid(self) -> int:
        return self._process.pid

    def ask(self, statement: Statement) -> Answer:
        """Run a statement. Raises StatementFailed, and ChildGone when there is no child any more; see `usable`."""
        self._heard = False
        self._deadline = time.monotonic() + statement.seconds + self._limits.grace
        try:
            self._send(_request(statement))
            return self._answer()
        except Garbled as error:
            self.end()
            raise StatementFailed("died", f"what it answered makes no sense: {error}") from error

    def _answer(self) -> Answer:
        answer = Answer()
        room = self._limits.result_bytes
        while room >= 0:
            message = self._receive(self._limits.frame_bytes)
            self._heard = True
            if "rows" not in message:
                break
            room -= _take_rows(message["rows"], answer.rows)
        else:
            raise Garbled("more rows than fit")
        if not message.get("goes_on"):
            self.end()
        if "error" in message:
            raise StatementFailed(str(message["error"]), str(message.get("message", "")))
        answer.columns = _checked_columns(message.get("columns"), answer.rows)
        answer.truncated = message.get("truncated") is True
        return answer

    def _send(self, message: dict[str, Any]) -> None:
        try:
            frame = packed(message)
        except (TypeError, ValueError) as error:
            raise StatementFailed("sql", str(error)) from error
        if len(frame) > _REQUEST_BYTES:
            raise StatementFailed("sql", f"The statement is longer than {_REQUEST_BYTES} bytes with its parameters")
        try:
            self._socket.settimeout(max(0.001, self._deadline - time.monotonic()))
            self._socket.sendall(frame)
        except TimeoutError:
            self._give_up()
        except OSError:
            self._explain_end()

    def _receive(self, most: int) -> dict[str, Any]:
        return received(self._read, most=most)

    def _read(self, length: int) -> bytes:
        pieces = []
        try:
            while length:
                self._socket.settimeout(max(0.001, self._deadline - time.monotonic()))
                piece = self._socket.recv(min(length, _MEBIBYTE))
                if not piece:
                    self._explain_end()
                pieces.append(piece)
                length -= len(piece)
        except TimeoutError:
            self._give_up()
        except OSError:
            self._explain_end()
        return b"".join(pieces)

    def _give_up(self) -> None:
        self.end()
        raise StatementFailed("time")

    def _explain_end(self) -> None:
        """The child is gone. Why?"""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(1.0)
        code = self._process.returncode
        self.end()
        if code == 0 and not self._heard:
            raise ChildGone
        if code == OUT_OF_MEMORY:
            raise StatementFailed("memory")
        if code == -signal.SIGXCPU:
            raise StatementFailed("time")
        raise StatementFailed("died", f"by signal {-code}" if code is not None and code < 0 else f"with code {code}")

    @property
    def usable(self) -> bool:
        """Whether it lives and can be asked."""
        return self._process.poll() is None

    def kill(self) -> None:
        """End it at once, from any thread; the one that waits for its answer hears that it died."""
        self._process.kill()

    def end(self) -> None:
        """Kill it if it lives, and leave nothing of it."""
        self._process.kill()
        self._process.wait()
        self._socket.close()


def _started(theirs: socket.socket) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603 - this very interpreter
        # Isolated: nothing of the user's environment or folder is imported; only the standard library and the sandbox.
        [sys.executable, "-I", "-S", "-B", "-c", _PROGRAM, str(Path(__file__).parent)],
        stdin=theirs.fileno(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd="/",
        env={},
        # Ctrl-C in the terminal is for the server, which ends its children.
        start_new_session=True,
    )


def _request(statement: Statement) -> dict[str, Any]:
    given = statement.parameters
    named = isinstance(given, Mapping)
    return {
        "sql": statement.sql,
        "names": list(given) if named else None,
        "values": list(given.values() if isinstance(given, Mapping) else given),
        "seconds": statement.seconds,
        "rows": statement.rows,
    }


def _take_rows(rows: object, into: list[tuple[Value, ...]]) -> int:
    """Add rows to those that came before; how many bytes they count. Raises Garbled.

    The child is not trusted: what ran in it may have taken it over.
    """
    if not isinstance(rows, list):
        raise Garbled("rows are not rows")
    size = 0
    for row in rows:
        if not isinstance(row, list):
            raise Garbled("rows are not rows")
        types = types_of(row)
        if not types <= SCALARS:
            raise Garbled("values are not values")
        size += bytes_of(row, types)
        into.append(tuple(row))
    return size


def _checked_columns(columns: object, rows: Sequence[Sequence[Value]]) -> list[str]:
    if not (isinstance(columns, list) and all(isinstance(name, str) for name in columns)):
        raise Garbled("columns are not columns")
    if any(len(row) != len(columns) for row in rows):
        raise Garbled("rows and columns do not fit")
    return columns
