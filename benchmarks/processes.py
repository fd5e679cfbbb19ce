"""One process a tool: its crashes, its hangs and its peak of memory are its own."""

from __future__ import annotations

import multiprocessing
import resource
import sys
import time
import warnings
from multiprocessing.connection import Connection
from pathlib import Path

from benchmarks.labelled import LabelledPage, Row
from benchmarks.tools import TOOLS

_START_LIMIT = 120.0
"""Seconds a tool may take to be imported."""


class ToolProcess:
    """A tool that reads one page after another in a process of its own; a page that kills it costs that page.

    A prediction has beside the tool's fields `id`, `seconds` and, when there is none, `failure`: why.
    """

    def __init__(self, tool: str, *, time_limit: float) -> None:
        self.peak = 0
        """Bytes of resident memory at the highest, over all processes this tool needed so far."""
        self._tool = tool
        self._time_limit = time_limit
        self._process: multiprocessing.process.BaseProcess | None = None
        self._connection: Connection | None = None

    def read(self, page: LabelledPage) -> Row:
        """Raises RuntimeError when the tool cannot be started at all."""
        connection = self._connection
        if connection is None:
            connection = self._start()
            first = self._exchange(connection, page)  # fills the tool's caches and is not counted
            if self._connection is None:
                return first
        return self._exchange(connection, page)

    def _start(self) -> Connection:
        # Not a fork: it would begin with the memory of this process.
        context = multiprocessing.get_context("spawn")
        self._connection, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(self._tool, theirs), daemon=True)
        self._process.start()
        theirs.close()
        try:
            started = self._connection.poll(_START_LIMIT) and self._connection.recv()
        except EOFError:
            started = False
        if not started:
            self.close()
            raise RuntimeError(f"{self._tool} did not start")
        return self._connection

    def _exchange(self, connection: Connection, page: LabelledPage) -> Row:
        row: Row = {"id": page.id, "seconds": self._time_limit}
        try:
            connection.send(page)
            if not connection.poll(self._time_limit):
                self.close()
                return row | {"failure": f"killed after {self._time_limit:g} s"}
            row |= connection.recv()
        except (EOFError, OSError):
            self.close()
            return row | {"failure": "killed: its process died"}
        self.peak = max(self.peak, row.pop("peak"))
        return row

    def close(self) -> None:
        if self._process is not None and self._connection is not None:
            self._connection.close()
            self._process.kill()
            self._process.join()
        self._process = self._connection = None


def _serve(tool: str, connection: Connection) -> None:
    warnings.simplefilter("ignore")
    extract = TOOLS[tool].load()
    connection.send(True)
    while True:
        try:
            page: LabelledPage = connection.recv()
        except EOFError:
            return
        html = page.html()
        begun = time.perf_counter()
        try:
            row = extract(html, page.url)
        except Exception as error:  # noqa: BLE001 - whatever a tool raises is its result on this page
            row = {"failure": f"raised {type(error).__name__}: {error}"}
        seconds = time.perf_counter() - begun
        connection.send(row | {"seconds": seconds, "peak": peak_memory()})


def peak_memory() -> int:
    """Bytes of resident memory this process has taken at the highest."""
    # Linux's ru_maxrss begins with that of the process that started this one; VmHWM does not.
    status = Path("/proc/self/status")
    if status.exists():
        [line] = (line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
