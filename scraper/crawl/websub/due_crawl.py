"""`scrape crawl --due` as a process of its own, as a timer would start it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

from scraper.errors import AlreadyRunning

DueCrawl = Callable[[], Awaitable[int]]
"""Does what is due; its exit code."""
IS_AT_IT = AlreadyRunning.exit_code

_PATIENCE = 60.0
"""Seconds that a crawl has to store what it fetched when it is ended."""


def due_crawl(command: Sequence[str]) -> DueCrawl:
    """`command`, its output going where ours does. Whoever stops waiting for it ends it, and lets it store its work."""

    async def run() -> int:
        # In a session of its own: Ctrl-C on a terminal would reach it as well as what ends it here.
        process = await asyncio.create_subprocess_exec(
            *command, stdin=asyncio.subprocess.DEVNULL, start_new_session=True
        )
        try:
            return await process.wait()
        except asyncio.CancelledError:
            with suppress(ProcessLookupError):
                process.terminate()
            try:
                async with asyncio.timeout(_PATIENCE):
                    await process.wait()
            except TimeoutError:
                with suppress(ProcessLookupError):
                    process.kill()
                await process.wait()
            raise

    return run
