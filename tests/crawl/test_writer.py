"""The one writer: batches, and answers that come after the commit."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest

from scraper.capture import Capture, Hop
from scraper.crawl.writer import Writer
from scraper.errors import NotInArchive
from scraper.store import Archive


def capture(number: int) -> Capture:
    hop = Hop(url=f"https://example.com/{number}", status=200)
    return Capture(url=hop.url, fetched_at=datetime.now(UTC), hops=(hop,), body=b"%d" % number)


def stored(path: Path) -> int:
    """As another process sees it."""
    with Archive.open(path) as other:
        return other.stats().captures


def test_an_answer_comes_after_the_commit(archive: Archive) -> None:
    seen: list[tuple[int, int]] = []

    async def work() -> None:
        writer = Writer(archive)
        writing = asyncio.create_task(writer.run())

        async def write(number: int) -> None:
            ref = await writer.write(lambda: archive.add_capture(capture(number)))
            seen.append((ref.id, stored(archive.path)))

        await asyncio.gather(*(write(number) for number in range(50)))
        writer.close()
        await writing

    asyncio.run(work())
    assert sorted(number for number, _ in seen) == list(range(1, 51))
    assert all(number <= committed for number, committed in seen)
    # Fifty writes at once are few commits: when the first was answered, many were there.
    assert min(committed for _, committed in seen) > 10


def test_what_is_queued_when_it_closes_is_written(archive: Archive) -> None:
    async def work() -> None:
        writer = Writer(archive)
        waiting = [asyncio.create_task(writer.write(lambda n=n: archive.add_capture(capture(n)))) for n in range(5)]
        await asyncio.sleep(0)
        writer.close()
        await writer.run()
        await asyncio.gather(*waiting)

    asyncio.run(work())
    assert stored(archive.path) == 5


def test_a_write_that_fails_fails_alone(archive: Archive) -> None:
    async def work() -> list[object]:
        writer = Writer(archive)
        waiting = [
            asyncio.create_task(writer.write(lambda: archive.add_capture(capture(1)))),
            asyncio.create_task(writer.write(lambda: archive.mark_extraction_failed(99, "no such capture"))),
            asyncio.create_task(writer.write(lambda: archive.add_capture(capture(2)))),
        ]
        await asyncio.sleep(0)
        writer.close()
        await writer.run()
        return await asyncio.gather(*waiting, return_exceptions=True)

    first, second, third = asyncio.run(work())
    assert isinstance(second, NotInArchive)
    assert not isinstance(first, BaseException)
    assert not isinstance(third, BaseException)
    assert stored(archive.path) == 2


def test_a_caller_that_gives_up_does_not_take_its_write_back(archive: Archive) -> None:
    async def work() -> None:
        writer = Writer(archive)
        waiting = asyncio.create_task(writer.write(lambda: archive.add_capture(capture(1))))
        await asyncio.sleep(0)
        waiting.cancel()
        writer.close()
        await writer.run()
        with pytest.raises(asyncio.CancelledError):
            await waiting

    asyncio.run(work())
    assert stored(archive.path) == 1


def test_nobody_waits_for_a_writer_that_was_cancelled(archive: Archive) -> None:
    async def work() -> list[object]:
        writer = Writer(archive)
        writing = asyncio.create_task(writer.run())
        await writer.write(lambda: None)
        writing.cancel()
        waiting = [asyncio.create_task(writer.write(lambda: None)) for _ in range(3)]
        await asyncio.wait([writing])
        waiting.append(asyncio.create_task(writer.write(lambda: None)))
        async with asyncio.timeout(5):
            return await asyncio.gather(*waiting, return_exceptions=True)

    assert all(isinstance(answer, asyncio.CancelledError) for answer in asyncio.run(work()))
