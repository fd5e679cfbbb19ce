"""The server that hubs talk to: whatever comes, it answers or hangs up, and takes no more than it has room for."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import pytest

from scraper.crawl.websub.server import Handler, HookServer, Limits, Request, Response

LIMITS = Limits(head=2_000, body=10_000, seconds=0.5, connections=3)


async def echo(request: Request) -> Response:
    """How many bytes came, to whoever asks for /size."""
    if request.path != "/size":
        return Response(404, b"No", (("Content-Type", "text/plain"),))
    size = 0
    async for chunk in request.body:
        size += len(chunk)
    return Response(200, str(size).encode())


async def ask(port: int, *pieces: bytes, pause: float = 0.0) -> bytes:
    """What comes back for these bytes, until the other side hangs up."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(pause)
        return await asyncio.wait_for(reader.read(), 10)
    except ConnectionError:
        return b""
    finally:
        await end(writer)


async def end(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()


def play(scene: Callable[[HookServer], Awaitable[None]], handler: Handler = echo) -> list[str]:
    """Run `scene` against a server; what went wrong in it."""
    errors: list[str] = []

    async def within() -> None:
        async with (
            asyncio.timeout(20),
            HookServer(
                handler, host="127.0.0.1", port=0, limits=LIMITS, on_error=lambda error: errors.append(repr(error))
            ) as server,
        ):
            await scene(server)

    asyncio.run(within())
    return errors


def post(size: int, *, path: str = "/size", length: int | None = None) -> bytes:
    head = f"POST {path}?a=b HTTP/1.1\r\nHost: hooks.example\r\nContent-Length: {length or size}\r\n\r\n"
    return head.encode() + b"x" * size


def test_a_request_is_answered_and_the_connection_ends() -> None:
    async def scene(server: HookServer) -> None:
        answer = await ask(server.port, post(4_000))
        assert answer.startswith(b"HTTP/1.1 200 ")
        assert answer.endswith(b"\r\n\r\n4000")
        assert b"connection: close" in answer.lower()
        chunked = b"POST /size HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
        assert (await ask(server.port, chunked)).endswith(b"\r\n\r\n3")
        assert (await ask(server.port, b"GET /size HTTP/1.0\r\n\r\n")).endswith(b"\r\n\r\n0")
        assert (await ask(server.port, b"HEAD / HTTP/1.1\r\nHost: h\r\n\r\n")).startswith(b"HTTP/1.1 404 ")
        waiting = post(0, length=5).replace(b"\r\n\r\n", b"\r\nExpect: 100-continue\r\n\r\n")
        answer = await ask(server.port, waiting, b"12345", pause=0.05)
        assert answer.startswith(b"HTTP/1.1 100 ")
        assert answer.endswith(b"5")

    assert not play(scene)


def test_what_is_too_large_is_refused_and_what_nobody_wants_is_not_read() -> None:
    async def scene(server: HookServer) -> None:
        assert (await ask(server.port, post(20_000))).startswith(b"HTTP/1.1 413 ")
        assert (await ask(server.port, post(200_000, path="/other"))).startswith(b"HTTP/1.1 404 ")
        long = b"GET /size HTTP/1.1\r\nHost: h\r\nX: " + b"x" * 100_000
        assert (await ask(server.port, long)).startswith((b"HTTP/1.1 431 ", b""))
        endless = b"POST /size HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
        pieces = [b"1000\r\n" + b"x" * 4096 + b"\r\n"] * 10
        assert (await ask(server.port, endless, *pieces)).startswith(b"HTTP/1.1 413 ")

    assert not play(scene)


@pytest.mark.parametrize(
    "pieces",
    [
        [b""],
        [b"GET /size HT"],
        [b"POST /size HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\nx"],
        [b"P"] * 100,
        [b"POST /size HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\n", *([b"x"] * 100)],
    ],
)
def test_the_slow_are_left(pieces: list[bytes]) -> None:
    async def scene(server: HookServer) -> None:
        assert await ask(server.port, *pieces, pause=0.01) == b""

    assert not play(scene)


@pytest.mark.parametrize(
    "said",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"POST /size HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"\r\n" * 5_000,
    ],
)
def test_what_is_no_http_is_refused(said: bytes) -> None:
    async def scene(server: HookServer) -> None:
        assert (await ask(server.port, said)).partition(b" ")[2][:1] in (b"4", b"")

    assert not play(scene)


def test_there_is_room_for_so_many_and_they_end_with_the_server() -> None:
    async def scene(server: HookServer) -> None:
        held = [await asyncio.open_connection("127.0.0.1", server.port) for _ in range(LIMITS.connections)]
        for _, writer in held:
            writer.write(b"GET /size HTTP/1.1\r\n")
        await asyncio.sleep(0.05)
        assert await ask(server.port, post(1)) == b""
        for reader, writer in held:  # when they have had their time there is room again
            assert await reader.read() == b""
            await end(writer)
        assert (await ask(server.port, post(1))).startswith(b"HTTP/1.1 200 ")
        left.append(await asyncio.open_connection("127.0.0.1", server.port))
        await asyncio.sleep(0.05)

    async def within() -> None:
        async with HookServer(echo, host="127.0.0.1", port=0, limits=LIMITS) as server:
            await scene(server)
        [(reader, writer)] = left
        assert await reader.read() == b""
        await end(writer)

    left: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []
    asyncio.run(asyncio.wait_for(within(), 20))


def test_a_fault_in_one_answer_is_told_and_ends_no_other() -> None:
    async def faulty(request: Request) -> Response:
        raise ValueError(request.path)

    async def scene(server: HookServer) -> None:
        for _ in range(2):
            assert (await ask(server.port, post(1))).startswith(b"HTTP/1.1 503 ")

    assert play(scene, faulty) == ["ValueError('/size')"] * 2
