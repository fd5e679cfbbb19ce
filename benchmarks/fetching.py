"""Fetching alone, against a server on this machine: speed beside httpx's, memory over many fetches, and bombs.

    python -m benchmarks.fetching --data FOLDER [--pages N] [--fetches N]

FOLDER is a labelled set, whose pages are served as they are under 50 host names. Ours and httpx take turns, three each;
both ask for whole bodies, 64 at a time. Ours also checks addresses, bounds, hashes nothing and keeps every header.
Memory is the process's own, after each thousand fetches. A bomb is a small body that inflates to 1 or 8 GiB: measured
is how long until it is given up, and the most memory while that happens.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import multiprocessing
import resource
import sys
import time
import zlib
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import brotli
import httpx
import zstandard

from benchmarks.labelled import read_set
from scraper.fetch import Fetcher, Resolver
from scraper.settings import FetchSettings

HOSTS, PAGES, AT_A_TIME, TURNS = 50, 100, 64, 3
MIB = 1 << 20
Get = Callable[[int], Awaitable[int]]


class Answering(asyncio.Protocol):
    """One connection of the server: as little work as can be, so that the client is what is measured."""

    def __init__(self, answers: dict[bytes, bytes]) -> None:
        self._answers = answers
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - what a server gives
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        while (end := self._received.find(b"\r\n\r\n")) >= 0:
            target = self._received.split(b" ", 2)[1]
            self._received = self._received[end + 4 :]
            self._transport.write(self._answers[target])


def serve(pages: list[bytes], bombs: dict[str, tuple[str, bytes]], ready: multiprocessing.Queue[int]) -> None:
    """Answer `/page/N` and `/bomb/NAME`, connections kept, until the process is ended."""

    def answer(body: bytes, *more: str) -> bytes:
        lines = ["HTTP/1.1 200 OK", "Content-Type: text/html", f"Content-Length: {len(body)}", *more, "", ""]
        return "\r\n".join(lines).encode() + body

    answers = {f"/page/{number}".encode(): answer(page) for number, page in enumerate(pages)}
    for name, (encoding, body) in bombs.items():
        answers[f"/bomb/{name}".encode()] = answer(body, f"Content-Encoding: {encoding}")

    async def run() -> None:
        server = await asyncio.get_running_loop().create_server(lambda: Answering(answers), "127.0.0.1", 0)
        ready.put(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(run())


@contextmanager
def serving(pages: list[bytes], bombs: dict[str, tuple[str, bytes]]) -> Iterator[int]:
    """The port of a server in a process of its own."""
    ready: multiprocessing.Queue[int] = multiprocessing.Queue()
    process = multiprocessing.Process(target=serve, args=(pages, bombs, ready), daemon=True)
    process.start()
    try:
        yield ready.get(timeout=60)
    finally:
        process.kill()
        process.join()


async def many(get: Get, count: int) -> float:
    """Seconds for `count` calls of `get`, so many at a time."""
    numbers = iter(range(count))

    async def work() -> None:
        for number in numbers:
            if not await get(number):
                raise RuntimeError(f"page {number} did not come")

    began = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for _ in range(AT_A_TIME):
            group.create_task(work())
    return time.perf_counter() - began


def settings() -> FetchSettings:
    return FetchSettings(allow_private=True, concurrency=AT_A_TIME, timeout=60)


def resolver_to(port: int) -> Resolver:
    async def resolve(host: str, _: int) -> list[tuple[str, int]]:
        return [("127.0.0.1", port)]

    return resolve


async def ours(port: int, count: int) -> float:
    async with Fetcher(settings(), resolver=resolver_to(port)) as fetcher:

        async def get(number: int) -> int:
            capture = await fetcher.fetch(f"http://host-{number % HOSTS}.example/page/{number % PAGES}")
            return len(capture.body or b"")

        return await many(get, count)


async def theirs(port: int, count: int) -> float:
    limits = httpx.Limits(max_connections=AT_A_TIME, max_keepalive_connections=AT_A_TIME)
    async with httpx.AsyncClient(limits=limits, timeout=60, trust_env=False) as client:

        async def get(number: int) -> int:
            headers = {"Host": f"host-{number % HOSTS}.example"}
            return len((await client.get(f"http://127.0.0.1:{port}/page/{number % PAGES}", headers=headers)).content)

        return await many(get, count)


def resident() -> float:
    """MiB of this process now."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / MIB


def forget_peak() -> None:
    """The highest resident memory begins anew: proc(5)."""
    Path("/proc/self/clear_refs").write_text("5")


async def long_run(port: int, fetches: int) -> list[float]:
    """MiB after each thousand fetches."""
    out = []
    async with Fetcher(settings(), resolver=resolver_to(port)) as fetcher:

        async def get(number: int) -> int:
            return len((await fetcher.fetch(f"http://host-{number % HOSTS}.example/page/{number % PAGES}")).body or b"")

        for _ in range(max(1, fetches // 1000)):
            await many(get, 1000)
            out.append(resident())
    return out


def bombs() -> dict[str, tuple[str, bytes]]:
    """Small bodies that inflate to 1 and 8 GiB, made piece by piece."""
    zeros = bytes(MIB)
    out = {}
    for name, size in (("1GiB", 1 << 30), ("8GiB", 1 << 33)):
        packer = zlib.compressobj(9, wbits=31)
        packed = b"".join(packer.compress(zeros) for _ in range(size // MIB)) + packer.flush()
        out[f"gzip-{name}"] = ("gzip", packed)
        out[f"gzip-in-gzip-{name}"] = ("gzip, gzip", gzip.compress(packed))
        frame = zstandard.ZstdCompressor(level=1).compressobj(size=size)
        packed = b"".join(frame.compress(zeros) for _ in range(size // MIB)) + frame.flush()
        out[f"zstd-{name}"] = ("zstd", packed)
        squeezer = brotli.Compressor(quality=1)
        packed = b"".join(squeezer.process(zeros) for _ in range(size // MIB)) + squeezer.finish()
        out[f"br-{name}"] = ("br", packed)
    return out


def defuse(name: str, port: int, told: multiprocessing.Queue[tuple[float, float, str]]) -> None:
    """In a process of its own: seconds, MiB above what the process had, and the reason."""

    async def fetch() -> tuple[float, float, str]:
        async with Fetcher(settings(), resolver=resolver_to(port)) as fetcher:
            await fetcher.fetch("http://news.example/page/0")
            forget_peak()
            had, began = resident(), time.perf_counter()
            capture = await fetcher.fetch(f"http://news.example/bomb/{name}")
            return time.perf_counter() - began, had, capture.failure.code if capture.failure else "none"

    seconds, had, code = asyncio.run(fetch())
    peak = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    told.put((seconds, int(peak.split()[1]) / 1024 - had, code))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0] if __doc__ else None)
    parser.add_argument("--data", type=Path, required=True, help="folder of a labelled set")
    parser.add_argument("--pages", type=int, default=3000, help="pages of a turn (3000)")
    parser.add_argument("--fetches", type=int, default=20_000, help="fetches over which memory is watched (20000)")
    given = parser.parse_args()
    pages = [page.html() for page in read_set(given.data, sample=PAGES).pages]
    made = bombs()
    with serving(pages, made) as port:
        speeds: dict[str, list[float]] = {"ours": [], "httpx": []}
        for _ in range(TURNS):
            speeds["ours"].append(given.pages / asyncio.run(ours(port, given.pages)))
            speeds["httpx"].append(given.pages / asyncio.run(theirs(port, given.pages)))
        mean = sum(map(len, pages)) / len(pages)
        print(f"{HOSTS} hosts, {AT_A_TIME} at a time, {mean:,.0f} bytes a page; pages a second, {TURNS} turns:")
        for name, found in speeds.items():
            print(f"  {name}: median {median(found):.0f}, best {max(found):.0f}")
        print(f"  ours / httpx: median {median(speeds['ours']) / median(speeds['httpx']):.2f}, "
              f"best {max(speeds['ours']) / max(speeds['httpx']):.2f}")  # fmt: skip
        memory = asyncio.run(long_run(port, given.fetches))
        print(f"memory over {given.fetches:,} fetches, MiB: " + " ".join(f"{one:.0f}" for one in memory))
        limit = settings().max_body / MIB
        fresh = multiprocessing.get_context("spawn")
        for name in made:
            told = fresh.Queue()
            process = fresh.Process(target=defuse, args=(name, port, told))
            process.start()
            seconds, extra, code = told.get(timeout=120)
            process.join()
            print(f"  {name}: {code} after {seconds:.2f} s, {extra:.0f} MiB more at the most (limit {limit:.0f})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
