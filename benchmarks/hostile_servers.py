"""Hostile servers: thousands of damaged answers, and what the check of every address costs.

    python -m benchmarks.hostile_servers [--mutants N] [--seed SEED] [--guard] [--fetches N]

--mutants damages good answers (bits flipped, cut, pieces put in, repeated or left out, fields swapped) and serves each
over a socket of this machine; every fetch has to be a page or a typed failure, and no answer cut short a page. --guard
measures fetching with the check of address and port and without it, each fetch on a connection of its own. With
neither, both are done.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import random
import re
import sys
import time
import zlib
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from statistics import median
from typing import Any
from unittest import mock

import brotli
import httpcore
import zstandard

from scraper.capture import Capture
from scraper.fetch import Fetcher, transport
from scraper.fetch.guard import check_address, check_port
from scraper.fetch.transport import GuardedTransport
from scraper.settings import FetchSettings

MUTANTS = 10_000
AT_A_TIME = 16
DEADLINE = 10.0
FETCHES, TURNS, CHECKS = 2000, 5, 20_000
PUBLIC = "93.184.215.14"
"""Stands for a website's address; nothing is sent there."""

# Good answers


@dataclass(frozen=True, slots=True)
class Answer:
    """A good answer. One that `ends_itself` shows when any of its last bytes is missing."""

    name: str
    wire: bytes
    ends_itself: bool = True

    @property
    def head_size(self) -> int:
        return self.wire.index(b"\r\n\r\n") + 4


PARAGRAPHS = "".join(f"<p>Paragraph {number}: what the council decided, and why. Новини.</p>\n" for number in range(40))
PAGE = f"<!doctype html><html><head><title>News</title></head><body>{PARAGRAPHS}</body></html>".encode()


def _head(*fields: str, status: str = "HTTP/1.1 200 OK") -> bytes:
    return "\r\n".join([status, "Server: news", "Content-Type: text/html; charset=utf-8", *fields, "", ""]).encode()


def _sized(body: bytes, *fields: str, status: str = "HTTP/1.1 200 OK") -> bytes:
    return _head(*fields, f"Content-Length: {len(body)}", status=status) + body


def _chunked(body: bytes, size: int, *fields: str, extension: bytes = b"", trailer: bytes = b"") -> bytes:
    chunks = [body[start : start + size] for start in range(0, len(body), size)]
    framed = b"".join(b"%x%b\r\n%b\r\n" % (len(chunk), extension, chunk) for chunk in chunks)
    return _head(*fields, "Transfer-Encoding: chunked") + framed + b"0\r\n" + trailer + b"\r\n"


def answers() -> list[Answer]:
    """The good answers that are damaged: every framing, every encoding, and what else servers send."""
    zipped, deflated = gzip.compress(PAGE, mtime=0), zlib.compress(PAGE)
    packed, framed = bytes(brotli.compress(PAGE)), zstandard.ZstdCompressor(write_checksum=True).compress(PAGE)
    noise = random.Random(1).randbytes(60_000).hex().encode()
    return [
        Answer("length", _sized(PAGE)),
        Answer("length, short", _sized(b"<p>news</p>")),
        Answer("length 0", _sized(b"")),
        Answer("length, many fields", _sized(PAGE, *[f"X-Field-{number}: {number}" for number in range(50)])),
        Answer("length, cookies", _sized(PAGE, "Set-Cookie: a=1; Path=/; Max-Age=60", "Set-Cookie: b=2; HttpOnly")),
        Answer("length, folded field", _sized(PAGE, "X-Long: one\r\n two\r\n\tthree")),
        Answer("length, after 103", _head("Link: </a.css>", status="HTTP/1.1 103 Early Hints") + _sized(PAGE)),
        Answer("length, status 404", _sized(PAGE, status="HTTP/1.1 404 Not Found")),
        Answer("length, gzip", _sized(zipped, "Content-Encoding: gzip")),
        Answer("length, deflate", _sized(deflated, "Content-Encoding: deflate")),
        Answer("length, bare deflate", _sized(deflated[2:-4], "Content-Encoding: deflate")),
        Answer("length, br", _sized(packed, "Content-Encoding: br")),
        Answer("length, zstd", _sized(framed, "Content-Encoding: zstd")),
        Answer("length, gzip in br", _sized(bytes(brotli.compress(zipped)), "Content-Encoding: gzip, br")),
        Answer("chunked", _chunked(PAGE, 700)),
        Answer("chunked, small", _chunked(PAGE[:200], 3)),
        Answer("chunked, trailer", _chunked(PAGE, 999, extension=b";a=b", trailer=b"X-Sum: 1\r\n")),
        Answer("chunked, gzip", _chunked(zipped, 50, "Content-Encoding: gzip")),
        Answer("chunked, br", _chunked(packed, 40, "Content-Encoding: br")),
        Answer("chunked, zstd", _chunked(framed, 60, "Content-Encoding: zstd")),
        Answer("chunked, gzip, 100 KB", _chunked(gzip.compress(noise, mtime=0), 8000, "Content-Encoding: gzip")),
        Answer("closed, gzip", _head("Content-Encoding: gzip") + zipped),
        Answer("closed, br", _head("Content-Encoding: br") + packed),
        Answer("closed, zstd", _head("Content-Encoding: zstd") + framed),
        # Nothing tells where the next ones end, or nobody looks at how they do.
        Answer("closed", _head() + PAGE, ends_itself=False),
        Answer("closed, HTTP/1.0", _head(status="HTTP/1.0 200 OK") + PAGE, ends_itself=False),
        Answer("redirect", _sized(b"moved", "Location: /moved", status="HTTP/1.1 302 Found"), ends_itself=False),
        Answer("204", _head(status="HTTP/1.1 204 No Content")),
        Answer("304", _head("ETag: W/\"1\"", status="HTTP/1.1 304 Not Modified")),
    ]  # fmt: skip


# Damage

Mutation = Callable[[bytes, random.Random, int], bytes]
"""Of an answer, given in how many of its first bytes it may begin."""

_PIECES = (
    b"", b"\r\n", b"\n", b"\r", b"\r\n\r\n", b"\x00", b":", b";", b",", b" ", b"\t", b"\xff\xfe", b"9" * 20, b"-1",
    b"0", b"0\r\n\r\n", b"ffffffff", b"\x1f\x8b\x08\x00", b"\x28\xb5\x2f\xfd", b"x" * 70_000,
    b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 103 Early\r\n\r\n", b"Content-Length: 3\r\n", b"Transfer-Encoding: chunked\r\n",
    b"Content-Encoding: br\r\n", b"Content-Encoding: gzip, zstd\r\n", b"Location: http://[::1]/\r\n",
)  # fmt: skip


def flip_bits(wire: bytes, rng: random.Random, within: int) -> bytes:
    out = bytearray(wire)
    for _ in range(rng.randrange(1, 8)):
        if out:
            out[rng.randrange(min(within, len(out)))] ^= 1 << rng.randrange(8)
    return bytes(out)


def cut(wire: bytes, rng: random.Random, within: int) -> bytes:
    return wire[: rng.randrange(within)]


def put_in(wire: bytes, rng: random.Random, within: int) -> bytes:
    at = rng.randrange(within)
    return wire[:at] + rng.choice((*_PIECES, rng.randbytes(20))) + wire[at:]


def overwrite(wire: bytes, rng: random.Random, within: int) -> bytes:
    at, piece = rng.randrange(within), rng.choice(_PIECES)
    return wire[:at] + piece + wire[at + len(piece) :]


def leave_out(wire: bytes, rng: random.Random, within: int) -> bytes:
    at = rng.randrange(within)
    return wire[:at] + wire[at + rng.randrange(1, 40) :]


def repeat(wire: bytes, rng: random.Random, within: int) -> bytes:
    at = rng.randrange(within)
    end = at + rng.randrange(1, 400)
    return wire[:end] + wire[at:end] * rng.randrange(1, 4) + wire[end:]


def swap_fields(wire: bytes, rng: random.Random, _: int) -> bytes:
    head, empty, body = wire.partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    one, other = rng.randrange(len(lines)), rng.randrange(len(lines))
    lines[one], lines[other] = lines[other], lines[one]
    return b"\r\n".join(lines) + empty + body


def change_number(wire: bytes, rng: random.Random, _: int) -> bytes:
    """A status, a length or a chunk's size becomes another."""
    found = list(re.finditer(rb"(?<=[ \n])[0-9a-f]{1,6}(?=[\r;])|(?<=HTTP/1.1 )\d+", wire))
    if not found:
        return wire
    match = rng.choice(found)
    return wire[: match.start()] + rng.choice((b"%x" % rng.randrange(5000), b"1", b"0", b"")) + wire[match.end() :]


MUTATIONS: tuple[Mutation, ...] = (
    flip_bits,
    cut,
    cut,
    put_in,
    overwrite,
    leave_out,
    repeat,
    swap_fields,
    change_number,
)


@dataclass(frozen=True, slots=True)
class Mutant:
    of: Answer
    wire: bytes

    @property
    def cut_short(self) -> bool:
        """True when it is a good answer without its last bytes, and that can be seen."""
        return self.of.ends_itself and len(self.wire) < len(self.of.wire) and self.of.wire.startswith(self.wire)


def mutants(number: int, seed: str) -> list[Mutant]:
    """The same ones for the same seed, the answers in turn."""
    good = answers()
    return [_mutant(good[one % len(good)], random.Random(f"{seed} {one}")) for one in range(number)]


def _mutant(answer: Answer, rng: random.Random) -> Mutant:
    """One to three mutations, half of them in the head: most bytes are the body's, but the rules are the head's."""
    wire = answer.wire
    for mutation in rng.choices(MUTATIONS, k=rng.choice((1, 1, 2, 3))):
        if wire:
            wire = mutation(wire, rng, min(len(wire), rng.choice((answer.head_size, len(wire)))))
    return Mutant(answer, wire)


# What became of them


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the fetch of a mutant ended: a capture, or the exception that should not have been."""

    mutant: Mutant
    seconds: float
    capture: Capture | None
    escaped: str = ""

    @property
    def code(self) -> str:
        if self.capture is None:
            return "uncaught"
        return self.capture.failure.code if self.capture.failure else "page"

    @property
    def half_a_page(self) -> bool:
        """True when an answer that is cut short, as can be told from its own bytes, was taken for a page."""
        return self.capture is not None and self.capture.failure is None and (
            self.mutant.cut_short or _misses_bytes(self.mutant.wire, self.capture)
        )  # fmt: skip

    @property
    def contradicts_itself(self) -> bool:
        """True when a capture has both a body and a failure, or neither."""
        return self.capture is not None and (self.capture.body is None) == (self.capture.failure is None)


def _misses_bytes(wire: bytes, capture: Capture) -> bool:
    """Whether a page was taken with fewer bytes than its own head said, or in chunks that do not come to their end."""
    if len(capture.hops) != 1 or capture.status in (204, 304):
        return False
    if capture.header("transfer-encoding"):
        # Which empty line ended the head is not asked: any that is followed by whole chunks of that size will do.
        return not any(_chunks_end(wire[match.end() :]) == capture.wire_size for match in _EMPTY_LINE.finditer(wire))
    length = re.match(r"\d+", capture.header("content-length") or "")
    return length is not None and capture.wire_size != int(length[0])


_EMPTY_LINE = re.compile(rb"\n(?=(\r?\n))\1")  # looked ahead for, so that of three line ends both pairs are found
_SIZE_LINE = re.compile(rb"([0-9A-Fa-f]{1,20})[ \t]*(?:;[^\r\n]*)?\r\n")
_TRAILER = re.compile(rb"(?:[^\r\n]+\r?\n)*\r?\n")


def _chunks_end(framed: bytes) -> int | None:
    """Bytes in the chunks of `framed`; None when they do not come to their end."""
    total = at = 0
    while (line := _SIZE_LINE.match(framed, at)) is not None:
        size = int(line[1], 16)
        if size == 0:
            return total if _TRAILER.match(framed, line.end()) else None
        total, at = total + size, line.end() + size + 2
        if framed[at - 2 : at] != b"\r\n":
            return None
    return None


# Serving and fetching


class Serving(asyncio.Protocol):
    """Answers a request of `/N` with the Nth of `wires`, any other with a good page, and hangs up."""

    def __init__(self, wires: Sequence[bytes]) -> None:
        self._wires = wires
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - what a server gives
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        if b"\r\n\r\n" in self._received:
            target = self._received.split(b" ", 2)[1]
            number = int(target[1:]) if target[1:].isdigit() else len(self._wires)
            self._transport.write(self._wires[number] if number < len(self._wires) else _sized(b"here"))
            self._transport.close()


class Loopback(httpcore.AnyIOBackend):
    """Connects to a port of this machine and to nothing else, whatever public address it was asked for."""

    def __init__(self, port: int) -> None:
        super().__init__()
        self._port = port

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's signature
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        if host != PUBLIC:
            raise httpcore.ConnectError("nothing else is connected to")
        return await super().connect_tcp("127.0.0.1", self._port, timeout, local_address, socket_options)


@asynccontextmanager
async def fetching(wires: Sequence[bytes]) -> AsyncIterator[Fetcher]:
    """A fetcher for which every name is a server of `wires` at a public address."""

    async def resolve(_: str, port: int) -> list[tuple[str, int]]:
        return [(PUBLIC, port)]

    server = await asyncio.get_running_loop().create_server(lambda: Serving(wires), "127.0.0.1", 0, backlog=1024)
    settings = FetchSettings(timeout=DEADLINE, max_redirects=5)
    network = Loopback(server.sockets[0].getsockname()[1])
    try:
        async with Fetcher(
            settings, transport=GuardedTransport(settings, resolver=resolve, network=network)
        ) as fetcher:
            yield fetcher
    finally:
        server.close()


async def fetch_all(found: Sequence[Mutant]) -> list[Outcome]:
    """What becomes of each mutant, in the order they end."""
    outcomes: list[Outcome] = []
    numbers = iter(range(len(found)))

    async def take(fetcher: Fetcher) -> None:
        for number in numbers:
            capture, escaped, begun = None, "", time.perf_counter()
            try:
                # A host each, so that what one leaves in a connection or a cookie jar is not met by the next.
                capture = await fetcher.fetch(f"http://host-{number}.example/{number}")
            except Exception as error:  # noqa: BLE001 - that there is none is what is measured
                escaped = f"{found[number].of.name}, number {number}: {error!r}"
            outcomes.append(Outcome(found[number], time.perf_counter() - begun, capture, escaped))

    async with fetching([mutant.wire for mutant in found]) as fetcher, asyncio.TaskGroup() as group:
        for _ in range(AT_A_TIME):
            group.create_task(take(fetcher))
    return outcomes


def run_mutants(number: int, seed: str) -> int:
    """Print how the mutants ended; 1 when one escaped, was half a page, or took too long."""
    found = mutants(number, seed)
    begun = time.perf_counter()
    outcomes = asyncio.run(fetch_all(found))
    seconds = time.perf_counter() - begun
    counts = Counter(outcome.code for outcome in outcomes)
    escaped = [outcome.escaped for outcome in outcomes if outcome.escaped]
    halves = [outcome for outcome in outcomes if outcome.half_a_page]
    both = sum(outcome.contradicts_itself for outcome in outcomes)
    slowest = max(outcome.seconds for outcome in outcomes)
    print(f"{number:,} mutants of {len(answers())} answers, seed {seed}, in {seconds:.0f} s")
    print("outcomes: " + ", ".join(f"{code} {count:,}" for code, count in counts.most_common()))
    print(f"slowest: {slowest:.2f} s, {AT_A_TIME} at a time")
    print(f"uncaught exceptions: {len(escaped)}; body and failure at once, or neither: {both}")
    cuts = sum(mutant.cut_short for mutant in found)
    print(f"cut short and taken for a page: {len(halves)} ({cuts:,} of the mutants are good answers cut short)")
    for line in [*escaped, *(f"{half.mutant.of.name}: {half.mutant.wire[-60:]!r}" for half in halves)][:20]:
        print(f"  {line}")
    return 1 if escaped or halves or both or slowest > DEADLINE + 1 else 0


# The check


@contextmanager
def unguarded() -> Iterator[None]:
    """Connections are made without a check of address and port."""
    with (
        mock.patch.object(transport, "check_address", lambda address, **_: address),
        mock.patch.object(transport, "check_port", return_value=None),
    ):
        yield


async def speed(count: int) -> float:
    """Fetches a second, one at a time, each on a connection of its own."""
    async with fetching([_sized(PAGE, "Connection: close")]) as fetcher:
        begun = time.perf_counter()
        for _ in range(count):
            if not (await fetcher.fetch("http://news.example/0")).ok:
                raise RuntimeError("a page did not come")
        return count / (time.perf_counter() - begun)


def cost(address: str) -> float:
    """Microseconds of one check of `address` and a port, in the best of some turns."""
    turns = []
    for _ in range(TURNS):
        begun = time.perf_counter()
        for _ in range(CHECKS):
            check_address(address, host="news.example", allow_private=False)
            check_port(443, host="news.example", others=(), allow_private=False)
        turns.append(time.perf_counter() - begun)
    return min(turns) / CHECKS * 1e6


def run_guard(fetches: int) -> int:
    """Print what the check costs, alone and as a part of a fetch."""
    costs = {address: cost(address) for address in (PUBLIC, "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "::ffff:8.8.8.8")}
    print("microseconds a check: " + ", ".join(f"{address} {micros:.1f}" for address, micros in costs.items()))
    speeds: dict[str, list[float]] = {"with the check": [], "without": []}
    for _ in range(TURNS):
        speeds["with the check"].append(asyncio.run(speed(fetches)))
        with unguarded():
            speeds["without"].append(asyncio.run(speed(fetches)))
    print(f"fetches a second, one at a time, a connection each, {TURNS} turns of {fetches:,}:")
    for name, turns in speeds.items():
        print(f"  {name}: median {median(turns):.0f}, best {max(turns):.0f}")
    with_it, without = (max(turns) for turns in speeds.values())  # what else the machine does only makes it slower
    share = costs[PUBLIC] * with_it / 1e6
    print(f"  difference of the best {without / with_it - 1:+.1%}; the check alone is {share:.2%} of such a fetch")
    return 0


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mutants", type=int, metavar="N", help=f"how many mutants ({MUTANTS} unless --guard)")
    parser.add_argument("--seed", default="1", help="another seed gives other mutants (%(default)s)")
    parser.add_argument("--guard", action="store_true", help="measure the check of addresses")
    parser.add_argument("--fetches", type=int, default=FETCHES, metavar="N", help="of a turn of --guard (%(default)s)")
    given = parser.parse_args(arguments)
    number = given.mutants if given.mutants is not None else 0 if given.guard else MUTANTS
    failed = run_mutants(number, given.seed) if number else 0
    if given.guard or given.mutants is None:
        run_guard(given.fetches)
    return failed


if __name__ == "__main__":
    sys.exit(main())
