"""Being told to end: SIGTERM (kill, systemctl stop, timeout) ends a command as Ctrl-C does."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

_interrupts: list[Callable[[], None]] = []
"""What SIGTERM calls while `run_until_ended` runs; empty at other times."""


def end_as_on_ctrl_c() -> threading.Event:
    """Have SIGTERM do what SIGINT does; the event tells that it was sent."""
    asked = threading.Event()

    def on_sigterm(*_: object) -> None:
        asked.set()
        if not _ignores_ctrl_c():
            signal.raise_signal(signal.SIGINT)
        elif _interrupts:
            _interrupts[-1]()
        else:
            raise KeyboardInterrupt

    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, on_sigterm)
    return asked


def run_until_ended(work: Coroutine[Any, Any, T]) -> T:
    """`asyncio.run`, which SIGTERM ends in order, too, where SIGINT is ignored, as in the background job of a script.

    There asyncio leaves signals alone, and an exception out of a signal's handler comes wherever Python happens to be:
    in the middle of a write. So the work is cancelled, as asyncio does on Ctrl-C; the second time it is not waited for.
    Raises KeyboardInterrupt.
    """
    if not _ignores_ctrl_c() or threading.current_thread() is not threading.main_thread():
        return asyncio.run(work)
    was_interrupted = False

    async def watched() -> T:
        loop, task = asyncio.get_running_loop(), asyncio.current_task()

        def interrupt() -> None:
            nonlocal was_interrupted
            if was_interrupted or task is None:
                raise KeyboardInterrupt
            was_interrupted = True
            loop.call_soon_threadsafe(task.cancel)

        _interrupts.append(interrupt)
        try:
            return await work
        finally:
            _interrupts.remove(interrupt)

    try:
        return asyncio.run(watched())
    except asyncio.CancelledError:
        if was_interrupted:
            raise KeyboardInterrupt from None
        raise


def _ignores_ctrl_c() -> bool:
    return signal.getsignal(signal.SIGINT) is signal.SIG_IGN
