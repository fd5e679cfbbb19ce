"""The crawl as a process of its own: its exit code, and that it is let finish when we are ended."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from scraper.crawl.websub import due_crawl

STORES_ITS_WORK = """
import signal, sys, time
from pathlib import Path
times = []
def on_sigterm(*_):
    times.append(1)
    time.sleep(0.2)
    Path(sys.argv[1], "stored").write_text(str(len(times)))
    sys.exit(143)
signal.signal(signal.SIGTERM, on_sigterm)
Path(sys.argv[1], "begun").touch()
time.sleep(60)
"""


def test_its_exit_code() -> None:
    assert asyncio.run(due_crawl([sys.executable, "-c", "import sys; sys.exit(5)"])()) == 5


def test_it_stores_its_work_when_the_listener_is_ended(tmp_path: Path) -> None:
    async def scene() -> None:
        task = asyncio.create_task(due_crawl([sys.executable, "-c", STORES_ITS_WORK, str(tmp_path)])())  # type: ignore[arg-type]
        async with asyncio.timeout(20):
            while not (tmp_path / "begun").exists():  # noqa: ASYNC110 - another process makes it
                await asyncio.sleep(0.01)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        assert task.cancelled()

    asyncio.run(scene())
    assert (tmp_path / "stored").read_text() == "1"
