"""Slow, endless and oversized answers: each ends in time, in bounded memory, with its reason."""

from __future__ import annotations

import asyncio
import gzip
import ssl
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import count

import brotli
import pytest
import trustme
import zstandard

from scraper.capture import Capture
from tests.fetch.conftest import Visitor
from tests.http_server import HttpServer, Request, Script, drip, head, raw, stall

MIB = 1024 * 1024


def failure(capture: Capture) -> tuple[str, str]:
    assert capture.failure is not None
    assert capture.body is None
    assert not capture.ok
    return capture.failure.code, capture.failure.message


@pytest.mark.parametrize(
    ("script", "said"),
    [
        pytest.param(drip(head(), b"x", pause=0.05), "still being received", id="body drips"),
        pytest.param(
            drip(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n", pause=0.05), "waiting for the answer", id="headers drip"
        ),
        pytest.param(drip(b"", b"HTTP/1.1 103 Early\r\n\r\n", pause=0), "waiting for the answer", id="endless 1xx"),
        pytest.param(stall(), "waiting for the answer", id="silence"),
        pytest.param(stall(head()), "still being received", id="silence after the headers"),
        pytest.param(
            stall(head(200, [("Content-Length", "5")]) + b"abc"), "still being received", id="two bytes missing"
        ),
    ],
)
def test_the_deadline_ends_it(server: HttpServer, visit: Visitor, script: Script, said: str) -> None:
    server.script("/", script)
    capture = visit("http://news.example/", settings={"timeout": 0.4})
    code, message = failure(capture)
    assert code == "timeout"
    assert said in message
    assert "within 0.4 seconds" in message
    assert 0.4 <= capture.timings.total < 1.4
    assert len(capture.hops) == 1
    assert capture.hops[0].peer == f"127.0.0.1:{server.port}"


def test_the_deadline_is_for_all_redirects_together(server: HttpServer, visit: Visitor) -> None:
    for number in range(20):
        server.script(
            f"/{number}", drip(b"", [head(302, [("Location", f"/{number + 1}"), ("Content-Length", "0")])], pause=0.1)
        )
    capture = visit("http://news.example/0", settings={"timeout": 0.5})
    assert failure(capture)[0] == "timeout"
    assert 2 <= len(capture.hops) <= 6
    assert capture.timings.total < 1.4


def test_the_deadline_covers_the_name_lookup(server: HttpServer, visit: Visitor) -> None:
    async def never(host: str, port: int) -> list[tuple[str, int]]:
        await asyncio.Event().wait()
        return []

    capture = visit("http://news.example/", resolver=never, settings={"timeout": 0.2})
    assert failure(capture)[0] == "timeout"
    assert "looking up" in failure(capture)[1]
    assert capture.hops == ()
    assert server.connections == 0


def test_after_a_timeout_the_host_can_be_asked_again(server: HttpServer, visit: Visitor) -> None:
    server.script("/slow", stall(head()))
    server.page("/", "here")
    slow, fine = visit.all(["http://news.example/slow", "http://news.example/"], settings={"timeout": 0.3})
    assert failure(slow)[0] == "timeout"
    assert fine.body == b"here"


# Each ends within a second of this deadline.
DEADLINE = 1.0
CHUNKED = head(200, [("Transfer-Encoding", "chunked")])


def next_hop(body: bytes = b"", *, cookie: bool = False) -> Script:
    """Redirects from `/?N` to `/?N+1`; with a `body`, that one for ever."""

    numbers = count()

    async def script(request: Request, writer: asyncio.StreamWriter) -> None:
        number = int(request.target.partition("?")[2] or 0) + 1
        fields = [("Location", "/" if cookie else f"/?{number}")]
        if cookie:
            fields.append(("Set-Cookie", f"n={next(numbers)}"))
        if body:
            await drip(head(302, fields), body, pause=0.01)(request, writer)
        else:
            writer.write(head(302, [*fields, ("Content-Length", "0")]))

    return script


def ends_in_time(capture: Capture, code: str) -> None:
    assert failure(capture)[0] == code
    assert capture.timings.total < DEADLINE + 1


@pytest.mark.parametrize(
    ("script", "code"),
    [
        pytest.param(drip(b"HTTP/1.1 200 O", b"K", pause=0.02), "timeout", id="status line drips"),
        pytest.param(drip(b"HTTP/1.1 200 O", b"K" * 1000, pause=0), "protocol", id="endless status line"),
        pytest.param(drip(b"", b"\r\n", pause=0), "protocol", id="endless empty lines"),
        pytest.param(drip(b"HTTP/1.1 200 OK\r\nX: ", b"y", pause=0.02), "timeout", id="a field drips"),
        pytest.param(drip(b"HTTP/1.1 200 OK\r\nX: ", b"y" * 1000, pause=0), "protocol", id="an endless field"),
        pytest.param(drip(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n" * 100, pause=0), "protocol", id="endless fields"),
        pytest.param(drip(b"HTTP/1.1 200 OK\r\nX: y", b"\r\n y" * 100, pause=0), "protocol", id="endless folds"),
        pytest.param(drip(b"", b"HTTP/1.1 103 Early\r\n\r\n", pause=0.02), "timeout", id="1xx drips"),
        pytest.param(drip(b"", b"HTTP/1.1 103 Early\r\n\r\n" * 100, pause=0), "timeout", id="endless 1xx"),
        pytest.param(drip(CHUNKED, b"1\r\nx\r\n", pause=0.02), "timeout", id="chunks drip"),
        pytest.param(drip(CHUNKED, b"400\r\n" + b"x" * 1024 + b"\r\n", pause=0), "too_large", id="endless chunks"),
        pytest.param(drip(CHUNKED + b"1;", b"a", pause=0.02), "timeout", id="a chunk's extension drips"),
        pytest.param(drip(CHUNKED + b"1;", b"a" * 1000, pause=0), "protocol", id="an endless extension"),
        pytest.param(drip(CHUNKED + b"0\r\n", b"X: y\r\n", pause=0.02), "timeout", id="trailers drip"),
        pytest.param(drip(CHUNKED + b"0\r\n", b"X: y\r\n" * 100, pause=0), "protocol", id="endless trailers"),
        pytest.param(stall(CHUNKED + b"5\r\nhello\r\n0\r\n"), "timeout", id="silence before the last line end"),
    ],
)
def test_slow_and_endless(server: HttpServer, visit: Visitor, script: Script, code: str) -> None:
    server.script("/", script)
    ends_in_time(visit("http://news.example/", settings={"timeout": DEADLINE, "max_body": MIB // 4}), code)


@dataclass(frozen=True)
class Nothing:
    """An encoding that can go on for ever without giving a byte: how it begins, and how it goes on."""

    name: str
    first: bytes
    then: bytes

    def __str__(self) -> str:
        return f"{self.name} {self.then[:8].hex()}"

    def script(self, times: int, pause: float) -> Script:
        return drip(head(200, [("Content-Encoding", self.name)]) + self.first, self.then * times, pause=pause)


EMPTY_BLOCK = b"\x00\x00\x00\xff\xff"
DEFLATE = Nothing("deflate", b"\x78\x01", EMPTY_BLOCK)
BROTLI = Nothing("br", b"\x0c", b"\x06")
ZSTD = Nothing("zstd", b"\x28\xb5\x2f\xfd\x00\x58", b"\x00\x00\x00")
ENDLESS = [
    DEFLATE,
    BROTLI,
    ZSTD,
    Nothing("deflate", b"", EMPTY_BLOCK),
    Nothing("gzip", gzip.compress(b"", mtime=0)[:10], EMPTY_BLOCK),
    Nothing("gzip", b"\x1f\x8b\x08\x08" + bytes(6), b"a"),  # a name of the file
    Nothing("gzip", gzip.compress(b"news", mtime=0), b"a"),  # what follows the last member is not looked at
]
PARTS = [
    Nothing("gzip", b"", gzip.compress(b"", mtime=0)),
    Nothing("zstd", b"", zstandard.compress(b"")),
    Nothing("zstd", b"", b"\x50\x2a\x4d\x18\x00\x00\x00\x00"),  # a frame to be skipped
]


@pytest.mark.parametrize("nothing", [DEFLATE, BROTLI, ZSTD, PARTS[0]], ids=str)
def test_an_encoding_of_nothing_drips(server: HttpServer, visit: Visitor, nothing: Nothing) -> None:
    server.script("/", nothing.script(1, 0.02))
    ends_in_time(visit("http://news.example/", settings={"timeout": DEADLINE}), "timeout")


@pytest.mark.parametrize("nothing", [*ENDLESS, *PARTS], ids=str)
def test_an_endless_encoding_of_nothing(server: HttpServer, visit: Visitor, nothing: Nothing) -> None:
    server.script("/", nothing.script(8192 // len(nothing.then), 0))
    capture = visit("http://news.example/", settings={"timeout": DEADLINE, "max_body": MIB // 4})
    ends_in_time(capture, "bad_encoding" if nothing in PARTS else "too_large")


@pytest.mark.parametrize(
    ("script", "code"),
    [
        pytest.param(next_hop(), "redirects", id="ever further"),
        pytest.param(next_hop(cookie=True), "redirects", id="a circle with ever new cookies"),
        pytest.param(next_hop(b"x"), "timeout", id="bodies drip"),
        pytest.param(next_hop(b"x" * 8192), "redirects", id="endless bodies"),
    ],
)
def test_endless_redirects(server: HttpServer, visit: Visitor, script: Script, code: str) -> None:
    server.script("/", script)
    settings = {"timeout": DEADLINE, "max_redirects": 5}
    ends_in_time(visit("http://news.example/", settings=settings), code)
    assert len(server.requests) <= 6


def frame(kind: int, flags: int, stream: int, payload: bytes = b"") -> bytes:
    """Of HTTP/2: 0 is data, 1 headers, 4 settings, 6 ping, 8 window, 9 a continuation; flags 1 ends it, 4 headers."""
    return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload


OK_2 = frame(1, 4, 1, b"\x88")
EARLY_2 = frame(1, 4, 1, b"\x08\x03103")


@pytest.mark.parametrize(
    ("script", "code"),
    [
        pytest.param(stall(), "timeout", id="silence"),
        pytest.param(stall(OK_2), "timeout", id="silence after the headers"),
        pytest.param(stall(OK_2[:-1]), "timeout", id="silence in the headers"),
        pytest.param(drip(OK_2, frame(0, 0, 1, b"x"), pause=0.02), "timeout", id="data drips"),
        pytest.param(drip(OK_2, frame(0, 0, 1, b"x" * 1000), pause=0), "too_large", id="endless data"),
        pytest.param(drip(OK_2, frame(0, 0, 1), pause=0.02), "timeout", id="empty data drips"),
        pytest.param(drip(OK_2, frame(0, 0, 1) * 100, pause=0), "timeout", id="endless empty data"),
        pytest.param(drip(b"", frame(6, 0, 0, bytes(8)) * 100, pause=0), "timeout", id="endless pings"),
        pytest.param(drip(b"", frame(4, 0, 0) * 100, pause=0), "timeout", id="endless settings"),
        pytest.param(drip(b"", frame(8, 0, 0, b"\0\0\0\1") * 100, pause=0), "timeout", id="endless windows"),
        pytest.param(drip(b"", frame(0xBB, 0, 0, b"?") * 100, pause=0), "timeout", id="endless unknown frames"),
        pytest.param(drip(b"", EARLY_2, pause=0), "timeout", id="endless 1xx"),
        pytest.param(drip(frame(1, 0, 1), frame(9, 0, 1), pause=0), "protocol", id="endless continuations"),
        pytest.param(drip(frame(1, 0, 1), frame(9, 0, 1), pause=0.05), "timeout", id="continuations drip"),
    ],
)
def test_slow_and_endless_http_2(over_tls: Visitor, script: Script, code: str) -> None:
    over_tls.server.script("/", script)
    ends_in_time(over_tls("https://news.example/", settings={"timeout": DEADLINE, "max_body": MIB // 4}), code)


@pytest.mark.parametrize("said", [b"", b"\x16", b"\x16\x03\x03\x40\x00\x02"])
def test_a_handshake_that_stalls(over_tls: Visitor, said: bytes) -> None:
    with HttpServer(mute=True, greeting=said) as server:
        capture = Visitor(server, over_tls.ssl_context)("https://news.example/", settings={"timeout": DEADLINE})
    ends_in_time(capture, "timeout")
    assert "TLS" in failure(capture)[1]


@pytest.fixture
def over_tls() -> Iterator[Visitor]:
    authority = trustme.CA()
    serving, trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context()
    authority.issue_cert("news.example").configure_cert(serving)
    authority.configure_trust(trusting)
    with HttpServer(tls=serving) as server:
        yield Visitor(server, trusting)


@pytest.mark.parametrize(("size", "ok"), [(1000, True), (1001, False)])
@pytest.mark.parametrize("framing", ["Content-Length", "chunked", "close"])
def test_the_limit_on_the_wire(server: HttpServer, visit: Visitor, size: int, ok: bool, framing: str) -> None:
    body = b"x" * size
    chunked = head(200, [("Transfer-Encoding", "chunked")]) + b"%x\r\n%b\r\n0\r\n\r\n" % (size, body)
    answers = {
        "Content-Length": head(200, [("Content-Length", str(size))]) + body,
        "chunked": chunked,
        "close": head() + body,
    }
    server.script("/", raw(answers[framing]))
    capture = visit("http://news.example/", max_body=1000)
    if ok:
        assert capture.body == body
    else:
        code, message = failure(capture)
        assert code == "too_large"
        assert "1,000 bytes" in message
        assert "max_body" in message
        assert capture.status == 200


def test_an_endless_body_is_given_up_at_the_limit(server: HttpServer, visit: Visitor) -> None:
    server.script("/", drip(head(), b"x" * 65536, pause=0))
    capture = visit("http://news.example/", settings={"max_body": MIB})
    assert failure(capture)[0] == "too_large"
    assert capture.wire_size is not None
    assert MIB < capture.wire_size < 2 * MIB


ENCODERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": lambda data: gzip.compress(data, 1),
    "deflate": lambda data: zlib.compress(data, 1),
    "br": lambda data: bytes(brotli.compress(data, quality=5)),
    "zstd": zstandard.compress,
}


@cache
def bomb(encoding: str) -> bytes:
    body = bytes(200 * MIB)
    for name in encoding.split(", "):
        body = ENCODERS[name](body)
    return body


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd", "gzip, gzip"])
def test_bombs(server: HttpServer, visit: Visitor, encoding: str) -> None:
    explosive = bomb(encoding)
    assert len(explosive) < 2 * MIB
    server.page("/", explosive, headers=[("Content-Encoding", encoding)])
    tracemalloc.start()
    try:
        capture = visit("http://news.example/", settings={"max_body": 10 * MIB})
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert failure(capture)[0] == "too_large"
    assert peak < 40 * MIB
    assert capture.timings.total < 5.0


@pytest.mark.parametrize("encoding", list(ENCODERS))
def test_encoded_pages(server: HttpServer, visit: Visitor, encoding: str) -> None:
    page = "<p>Новини</p>".encode() * 5000
    encoded = ENCODERS[encoding](page)
    server.page("/", encoded, headers=[("Content-Encoding", encoding)])
    server.page("/short", encoded[:-3], headers=[("Content-Encoding", encoding)])
    server.page("/garbage", page, headers=[("Content-Encoding", encoding)])
    server.page("/empty", b"", headers=[("Content-Encoding", encoding)])
    good, short, garbage, empty = visit.all(
        [f"http://news.example/{name}" for name in ("", "short", "garbage", "empty")]
    )
    assert good.body == page
    assert good.wire_size == len(encoded)
    assert failure(short)[0] == "bad_encoding"
    assert "cut short" in failure(short)[1]
    assert failure(garbage)[0] == "bad_encoding"
    assert (empty.body, empty.failure) == (b"", None)
