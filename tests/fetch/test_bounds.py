"""Slow, endless, oversized and broken answers: each ends in time, in bounded memory, with its reason."""

from __future__ import annotations

import asyncio
import gzip
import random
import tracemalloc
import zlib
from collections.abc import Callable
from functools import cache

import brotli
import pytest
import zstandard

from scraper.capture import Capture
from tests.fetch.conftest import Visitor
from tests.http_server import HttpServer, Script, drip, head, raw, stall

MIB = 1024 * 1024
BROKEN_GZIP = gzip.compress(b"<p>news</p>" * 100)[:-9]


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


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(raw(head(200, [("Content-Length", "100")]), b"x" * 99), id="Content-Length"),
        pytest.param(raw(head(200, [("Transfer-Encoding", "chunked")]), b"5\r\nhello\r\n"), id="no last chunk"),
        pytest.param(raw(head(200, [("Transfer-Encoding", "chunked")]), b"50\r\nhello"), id="in a chunk"),
        pytest.param(raw(head(200, [("Content-Length", "100")]), b"x" * 99, reset=True), id="reset"),
        pytest.param(raw(b"HTTP/1.1 200 OK\r\nContent-"), id="in the headers"),
        pytest.param(raw(), id="nothing at all"),
    ],
)
def test_what_is_cut_short_is_never_a_page(server: HttpServer, visit: Visitor, script: Script) -> None:
    server.script("/", script)
    code, message = failure(visit("http://news.example/"))
    assert code == "connect"
    assert "closed the connection" in message


@pytest.mark.parametrize(
    "answer",
    [
        b"<html>no HTTP at all</html>\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.6\r\n\r\n",
        b"HTTP/1.1 abc OK\r\n\r\n",
        b"HTTP/1.1 99999 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: \x00\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1" * 100 + b"\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: " + b"y" * 200_000,
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\nwhatever",
        b"\x00" * 200_000,
    ],
)
def test_what_is_not_http(server: HttpServer, visit: Visitor, answer: bytes) -> None:
    server.script("/", raw(answer))
    assert failure(visit("http://news.example/"))[0] == "protocol"


def test_mutated_answers_never_escape(server: HttpServer, visit: Visitor) -> None:
    """Each gives a page or one typed failure; an exception of another kind would end the test."""
    dice = random.Random(2)
    good = (
        head(200, [("Content-Type", "text/html"), ("Set-Cookie", "a=1"), ("Transfer-Encoding", "chunked")])
        + b"3\r\nabc\r\n0\r\n\r\n"
    )
    urls = []
    for number in range(150):
        mutated = bytearray(good)
        for _ in range(dice.randrange(1, 4)):
            place = dice.randrange(len(mutated))
            mutated[place : place + dice.randrange(3)] = dice.choice(
                (b"", b"\r\n", b"\x00", b":", b"\xff", b"9" * 20, b";", b" ")
            )
        server.script(f"/{number}", raw(bytes(mutated)))
        urls.append(f"http://news.example/{number}")
    captures = visit.all(urls)
    codes = {capture.failure.code if capture.failure else None for capture in captures}
    assert codes == {None, "protocol", "connect"}
    assert all((capture.body is None) == (capture.failure is not None) for capture in captures)


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


@pytest.mark.parametrize("encoding", ["rot13", "gzip, gzip, gzip", "utf-8", "compress"])
def test_encodings_that_are_not_undone(server: HttpServer, visit: Visitor, encoding: str) -> None:
    server.page("/", b"x", headers=[("Content-Encoding", encoding)])
    code, message = failure(visit("http://news.example/"))
    assert code == "bad_encoding"
    assert encoding in message
