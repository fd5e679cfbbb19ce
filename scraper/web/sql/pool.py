"""A few children, and the statements that wait for one of them, first come, first served."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from contextlib import suppress

from scraper.web.sql.process import Answer, Child, ChildGone, Limits, Statement, StatementFailed


class PoolBusy(Exception):
    """So many statements wait already that this one was turned away."""


class Task:
    """A statement on its way: `future` brings its Answer, or raises StatementFailed."""

    def __init__(self, statement: Statement) -> None:
        self.statement = statement
        self.future: Future[Answer]
        self._lock = threading.Lock()
        self._child: Child | None = None
        self.cancelled = False

    def cancel(self) -> None:
        """Nobody waits for it any more: it loses its place, or the child that runs it is killed."""
        self.future.cancel()
        with self._lock:
            self.cancelled = True
            if self._child is not None:
                self._child.kill()

    def run_in(self, child: Child) -> Answer:
        """Raises CancelledError, and what `Child.ask` does."""
        with self._lock:
            if self.cancelled:
                raise CancelledError
            self._child = child
        try:
            return child.ask(self.statement)
        except (StatementFailed, ChildGone):
            if self.cancelled:
                raise CancelledError from None
            raise
        finally:
            with self._lock:
                self._child = None


class Pool:
    """Children that are started when first needed. Threads of its own wait for them, tied to no event loop.

    `address` gives the URI by which a child opens the archive; asked again (`True`) after a child could not read it,
    it first has its write-ahead log set right.
    """

    def __init__(self, address: Callable[[bool], str], limits: Limits) -> None:
        self._address = address
        self._limits = limits
        self._threads = ThreadPoolExecutor(limits.children, thread_name_prefix="statement")
        self._lock = threading.Lock()
        self._idle: list[Child] = []
        self._working: set[Child] = set()
        self._unfinished = 0
        self._closed = False

    def submit(self, statement: Statement) -> Task:
        """Put a statement into the queue. Raises PoolBusy."""
        task = Task(statement)
        with self._lock:
            if self._unfinished >= self._limits.children + self._limits.waiting:
                raise PoolBusy
            self._unfinished += 1
        try:
            task.future = self._threads.submit(self._run, task)
        except BaseException:
            self._finished(None)
            raise
        task.future.add_done_callback(self._finished)
        return task

    def _finished(self, _: object) -> None:
        with self._lock:
            self._unfinished -= 1

    def _run(self, task: Task) -> Answer:
        try:
            return self._run_once(task, again=False)
        except ChildGone:  # just then: those that ended before are seen when they are taken
            return self._run_once(task, again=False)
        except StatementFailed as failure:
            if failure.kind != "unreadable":
                raise
            return self._run_once(task, again=True)

    def _run_once(self, task: Task, *, again: bool) -> Answer:
        child = self._take(again=again)
        try:
            return task.run_in(child)
        except StatementFailed as failure:
            if failure.kind == "unreadable":
                child.end()
            raise
        finally:
            if task.cancelled:
                child.end()  # killed perhaps, but not seen to be dead yet
            self._give_back(child)

    def _take(self, *, again: bool) -> Child:
        child = None
        with self._lock:
            while self._idle and child is None:
                child = self._idle.pop()
                if again or not child.usable:  # all of them opened the file as it was
                    child.end()
                    child = None
        if child is None:
            child = Child(self._address(again), self._limits)
        with self._lock:
            self._working.add(child)
            if self._closed:
                child.kill()
        return child

    def _give_back(self, child: Child) -> None:
        with self._lock:
            self._working.discard(child)
            if child.usable and not self._closed:
                self._idle.append(child)
                return
        child.end()

    @property
    def pids(self) -> list[int]:
        """The children that were started and not seen to end."""
        with self._lock:
            return [child.pid for child in (*self._idle, *self._working)]

    def close(self) -> None:
        """End every child, and let the statements that wait go without an answer."""
        with self._lock:
            self._closed = True
            children = (*self._idle, *self._working)
        for child in children:
            with suppress(ProcessLookupError):
                child.kill()
        self._threads.shutdown(cancel_futures=True)
        for child in self._idle:
            child.end()
        self._idle.clear()
