"""Answers that break the rules of HTTP, of framing or of an encoding: each is one capture, and never half a page.

Every answer goes over a real socket. What is expected is the code of the failure, or the body of a page.
"""

from __future__ import annotations

import asyncio
import gzip
import random
import socket
import ssl
import zlib
from collections.abc import Iterator

import brotli
import hpack
import pytest
import trustme
import zstandard

from benchmarks.hostile_servers import Answer, Mutant, answers, fetch_all, mutants
from scraper.capture import Capture
from tests.fetch.conftest import Visitor
from tests.http_server import HttpServer, Request, Script, head, raw

PAGE = b"<p>news</p>" * 20
OK = b"HTTP/1.1 200 OK\r\n"
ENOUGH = b"x" * 200_000
"""More than any line or block of header fields may be long."""

Cases = dict[str, tuple[bytes, str | bytes]]


def said(*fields: bytes, body: bytes = b"") -> bytes:
    """An answer with these lines under its status line."""
    return OK + b"".join(field + b"\r\n" for field in fields) + b"\r\n" + body


def sized(body: bytes, *fields: bytes) -> bytes:
    return said(*fields, b"Content-Length: %d" % len(body), body=body)


def chunked(rest: bytes) -> bytes:
    """An answer whose chunks are `rest`."""
    return said(b"Transfer-Encoding: chunked", body=rest)


def coded(coding: bytes, body: bytes) -> bytes:
    return sized(body, b"Content-Encoding: " + coding)


def changed(data: bytes, place: int, bits: int = 0xFF) -> bytes:
    """`data` with the byte at `place` another one."""
    out = bytearray(data)
    out[place] ^= bits
    return bytes(out)


STATUS_LINES: Cases = {
    "nothing at all": (b"", "connect"),
    "cut in the status line": (b"HTTP/1.1 20", "connect"),
    "cut after the status line": (OK, "connect"),
    "html": (b"<html>no HTTP at all</html>\r\n\r\n", "protocol"),
    "html without a line end": (b"<html>no HTTP at all</html>", "connect"),
    "ssh": (b"SSH-2.0-OpenSSH_9.6\r\n\r\n", "protocol"),
    "smtp": (b"220 mail.example ESMTP\r\n\r\n", "protocol"),
    "NULs": (b"\x00" * 200_000, "protocol"),
    "no line end": (ENOUGH, "protocol"),
    "empty lines for ever": (b"\r\n" * 100_000, "protocol"),
    "TLS alert": (b"\x15\x03\x03\x00\x02\x02\x28", "protocol"),
    "TLS server hello": (b"\x16\x03\x03\x00\x31\x02\x00\x00\x2d\x03\x03" + b"\x11" * 42 + b"\r\n\r\n", "protocol"),
    "HTTP/2 settings": (b"\x00\x00\x00\x04\x00\x00\x00\x00\x00" * 20, "protocol"),
    "status of letters": (b"HTTP/1.1 abc OK\r\n\r\n", "protocol"),
    "status of five digits": (b"HTTP/1.1 99999 OK\r\n\r\n", "protocol"),
    "status of four digits": (b"HTTP/1.1 2000 OK\r\n\r\n", "protocol"),
    "status of two digits": (b"HTTP/1.1 20 OK\r\n\r\n", "protocol"),
    "status below zero": (b"HTTP/1.1 -200 OK\r\n\r\n", "protocol"),
    "status 000": (b"HTTP/1.1 000 OK\r\n\r\n", "protocol"),
    "status 099": (b"HTTP/1.1 099 OK\r\n\r\n", "protocol"),
    "status 999": (b"HTTP/1.1 999 OK\r\n\r\nbody", b"body"),
    "status full-width": ("HTTP/1.1 ２００ OK\r\n\r\n".encode(), "protocol"),
    "status missing": (b"HTTP/1.1\r\n\r\n", "protocol"),
    "status after two spaces": (b"HTTP/1.1  200 OK\r\n\r\n", "protocol"),
    "status after a tab": (b"HTTP/1.1\t200 OK\r\n\r\n", "protocol"),
    "reason missing": (b"HTTP/1.1 200\r\n\r\nbody", b"body"),
    "reason with a NUL": (b"HTTP/1.1 200 O\x00K\r\n\r\n", "protocol"),
    "reason with a bare CR": (b"HTTP/1.1 200 O\rK\r\n\r\n", "protocol"),
    "reason not UTF-8": (b"HTTP/1.1 200 \xff\xfe\r\n\r\nbody", b"body"),
    "reason without end": (b"HTTP/1.1 200 " + ENOUGH, "protocol"),
    "version 0.9": (b"HTTP/0.9 200 OK\r\n\r\nbody", b"body"),
    "version 1.0": (b"HTTP/1.0 200 OK\r\n\r\nbody", b"body"),
    "version 1.2": (b"HTTP/1.2 200 OK\r\n\r\nbody", b"body"),
    "version 2.0": (b"HTTP/2.0 200 OK\r\n\r\nbody", b"body"),
    "version 1": (b"HTTP/1 200 OK\r\n\r\nbody", "protocol"),
    "version 1.1.1": (b"HTTP/1.1.1 200 OK\r\n\r\nbody", "protocol"),
    "version 1.10": (b"HTTP/1.10 200 OK\r\n\r\nbody", "protocol"),
    "in lower case": (b"http/1.1 200 ok\r\n\r\nbody", "protocol"),
    "another protocol's name": (b"RTSP/1.0 200 OK\r\n\r\nbody", "protocol"),
    "ICY": (b"ICY 200 OK\r\n\r\nbody", "protocol"),
    "a space first": (b" HTTP/1.1 200 OK\r\n\r\nbody", "protocol"),
    "an empty line first": (b"\r\n" + OK + b"\r\nbody", "protocol"),
    "a byte order mark first": (b"\xef\xbb\xbf" + OK + b"\r\nbody", "protocol"),
    "two status lines": (OK + OK + b"\r\nbody", "protocol"),
    "only LF": (b"HTTP/1.1 200 OK\nContent-Length: 4\n\nbody", b"body"),
    "only CR": (b"HTTP/1.1 200 OK\rContent-Length: 4\r\rbody", "connect"),
    "100 and no more": (b"HTTP/1.1 100 Continue\r\n\r\n", "connect"),
    "101 unasked": (b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\nwhatever", "protocol"),
    "103 with a bad field": (b"HTTP/1.1 103 Early\r\nno colon\r\n\r\n" + sized(b"body"), "protocol"),
    "103 a few times": (b"HTTP/1.1 103 Early\r\nLink: </a>\r\n\r\n" * 3 + sized(b"body"), b"body"),
    "103 with a body": (b"HTTP/1.1 103 Early\r\nContent-Length: 4\r\n\r\nbody" + sized(b"body"), "protocol"),
}

FIELDS: Cases = {
    "no colon": (said(b"no colon"), "protocol"),
    "no name": (said(b": value"), "protocol"),
    "only a colon": (said(b":"), "protocol"),
    "a space in the name": (said(b"My Field: x"), "protocol"),
    "a space before the colon": (said(b"X : y", body=b"body"), "protocol"),
    "a tab before the colon": (said(b"Content-Length\t: 4", body=b"body"), "protocol"),
    "a NUL in the name": (said(b"X\x00Y: z"), "protocol"),
    "a NUL in the value": (said(b"X: \x00"), "protocol"),
    "a bare CR in the value": (said(b"X: a\rSet-Cookie: b=c"), "protocol"),
    "a bare LF in the value": (said(b"X: a\nY: b", body=b"body"), b"body"),
    "a control character in the value": (said(b"X: a\x01b"), b""),
    "a vertical tab in the value": (said(b"X: a\x0bb"), "protocol"),
    "a DEL in the value": (said(b"X: a\x7fb"), b""),
    "a name not ASCII": (said("Х: y".encode()), "protocol"),
    "a value not UTF-8": (said(b"X: \xff\xfe\x80", body=b"body"), b"body"),
    "an empty value": (said(b"X:", body=b"body"), b"body"),
    "a line of spaces": (said(b"X: y", b"   ", body=b"body"), b"body"),
    "folded": (said(b"X: one", b" two", body=b"body"), b"body"),
    "folded with a tab": (said(b"X: one", b"\ttwo", body=b"body"), b"body"),
    "folded before the first": (said(b" X: one", body=b"body"), "protocol"),
    "a folded length": (said(b"Content-Length:", b" 4", body=b"body and more"), b"body"),
    "a value without end": (OK + b"X: " + ENOUGH, "protocol"),
    "a name without end": (OK + ENOUGH, "protocol"),
    "a value too long": (said(b"X: " + ENOUGH), "protocol"),
    "too many": (said(*[b"X-%d: %d" % (number, number) for number in range(20_000)]), "protocol"),
    "no empty line": (OK + b"Content-Length: 0\r\n", "connect"),
    "cut in a name": (OK + b"Content-", "connect"),
    "cut in the empty line": (OK + b"Content-Length: 0\r\n\r", "connect"),
    "cookies that are none": (said(b"Set-Cookie: \xff=\x80; Expires=never; Max-Age=" + b"9" * 50), b""),
    "a type that is none": (said(b"Content-Type: ;;;=\xff", body=b"body"), b"body"),
    "Location with a NUL": (b"HTTP/1.1 302 Found\r\nLocation: /\x00\r\nContent-Length: 0\r\n\r\n", "protocol"),
    "Location not UTF-8": (b"HTTP/1.1 302 Found\r\nLocation: http://\xff\xfe/\r\n\r\n", "redirects"),
    "Upgrade with a page": (said(b"Upgrade: h2c", b"Connection: upgrade", body=b"body"), b"body"),
}

LENGTHS: Cases = {
    "below zero": (said(b"Content-Length: -1"), "protocol"),
    "with a plus": (said(b"Content-Length: +4", body=b"body"), "protocol"),
    "hexadecimal": (said(b"Content-Length: 0x4", body=b"body"), "protocol"),
    "a fraction": (said(b"Content-Length: 4.0", body=b"body"), "protocol"),
    "an exponent": (said(b"Content-Length: 4e0", body=b"body"), "protocol"),
    "an underscore": (said(b"Content-Length: 1_0", body=b"body"), "protocol"),
    "full-width": (said("Content-Length: ４".encode(), body=b"body"), "protocol"),
    "superscript": (said(b"Content-Length: \xb2", body=b"bo"), "protocol"),
    "empty": (said(b"Content-Length:", body=b"body"), "protocol"),
    "a word": (said(b"Content-Length: four", body=b"body"), "protocol"),
    "with leading zeros": (said(b"Content-Length: 0004", body=b"body"), b"body"),
    "the same twice": (said(b"Content-Length: 4", b"Content-Length: 4", body=b"body"), b"body"),
    "the same in a list": (said(b"Content-Length: 4, 4", body=b"body"), b"body"),
    "two different": (said(b"Content-Length: 1", b"Content-Length: 2", body=b"ab"), "protocol"),
    "two different in a list": (said(b"Content-Length: 1, 2", body=b"ab"), "protocol"),
    "of 30 digits": (said(b"Content-Length: " + b"9" * 30, body=b"body"), "protocol"),
    "2 to the 63rd": (said(b"Content-Length: %d" % 2**63, body=b"body"), "too_large"),
    "of 5,000 digits": (said(b"Content-Length: " + b"9" * 5000, body=b"body"), "protocol"),
    "one byte missing": (said(b"Content-Length: 5", body=b"body"), "connect"),
    "no byte came": (said(b"Content-Length: 5"), "connect"),
    "bytes left over": (said(b"Content-Length: 4", body=b"body and more"), b"body"),
    "zero, and a body": (said(b"Content-Length: 0", body=b"body"), b""),
    "another answer left over": (sized(b"body") + sized(b"another"), b"body"),
    "204 with a body": (b"HTTP/1.1 204 No Content\r\nContent-Length: 4\r\n\r\nbody", b""),
    "304 with a body": (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 4\r\n\r\nbody", b""),
    "205 with a body": (b"HTTP/1.1 205 Reset\r\nContent-Length: 4\r\n\r\nbody", b"body"),
}

FOUR = b"4\r\nbody\r\n0\r\n\r\n"
TRANSFERS: Cases = {
    "gzip": (said(b"Transfer-Encoding: gzip"), "protocol"),
    "gzip and chunked": (said(b"Transfer-Encoding: gzip, chunked", body=b"0\r\n\r\n"), "protocol"),
    "chunked twice": (said(b"Transfer-Encoding: chunked, chunked", body=b"0\r\n\r\n"), "protocol"),
    "chunked in two fields": (said(*[b"Transfer-Encoding: chunked"] * 2, body=b"0\r\n\r\n"), "protocol"),
    "identity": (said(b"Transfer-Encoding: identity", body=b"body"), "protocol"),
    "chunked and identity": (said(b"Transfer-Encoding: chunked, identity", body=b"0\r\n\r\n"), "protocol"),
    "unknown": (said(b"Transfer-Encoding: xchunked", body=b"body"), "protocol"),
    "a parameter": (said(b"Transfer-Encoding: chunked;q=1", body=b"0\r\n\r\n"), "protocol"),
    "quoted": (said(b'Transfer-Encoding: "chunked"', body=b"0\r\n\r\n"), "protocol"),
    "a vertical tab": (said(b"Transfer-Encoding: \x0bchunked", body=b"0\r\n\r\n"), "protocol"),
    "empty": (said(b"Transfer-Encoding:", body=b"body"), "protocol"),
    "upper case": (said(b"Transfer-Encoding: CHUNKED", body=FOUR), b"body"),
    "a length too": (said(b"Transfer-Encoding: chunked", b"Content-Length: 1", body=FOUR), b"body"),
    "a length first": (said(b"Content-Length: 1", b"Transfer-Encoding: chunked", body=FOUR), b"body"),
    "in HTTP/1.0": (b"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + FOUR, b"body"),
    "in a 204": (b"HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n" + FOUR, b""),
}

CHUNKS: Cases = {
    "size of letters": (chunked(b"zz\r\n"), "protocol"),
    "size missing": (chunked(b"\r\nbody\r\n0\r\n\r\n"), "protocol"),
    "size below zero": (chunked(b"-4\r\nbody\r\n0\r\n\r\n"), "protocol"),
    "size with a plus": (chunked(b"+4\r\nbody\r\n0\r\n\r\n"), "protocol"),
    "size with 0x": (chunked(b"0x4\r\nbody\r\n0\r\n\r\n"), "protocol"),
    "size with an underscore": (chunked(b"1_0\r\nbody\r\n0\r\n\r\n"), "protocol"),
    "size full-width": (chunked("４\r\nbody\r\n0\r\n\r\n".encode()), "protocol"),
    "size with a NUL": (chunked(b"4\x00\r\nbody\r\n0\r\n\r\n"), "protocol"),
    "size after a space": (chunked(b" 4\r\nbody\r\n0\r\n\r\n"), "protocol"),
    "size before a space": (chunked(b"4 \r\nbody\r\n0\r\n\r\n"), b"body"),
    "size of 16 digits": (chunked(b"f" * 16 + b"\r\nbody\r\n0\r\n\r\n"), "connect"),
    "size of 20 digits": (chunked(b"f" * 20 + b"\r\nbody\r\n0\r\n\r\n"), "connect"),
    "size of 21 digits": (chunked(b"f" * 21 + b"\r\nbody\r\n0\r\n\r\n"), "protocol"),
    "size of 100 digits": (chunked(b"1" * 100 + b"\r\n"), "protocol"),
    "size with leading zeros": (chunked(b"0004\r\nbody\r\n0000\r\n\r\n"), b"body"),
    "size too small": (chunked(b"3\r\nbody\r\n0\r\n\r\n"), "protocol"),
    "size too large": (chunked(b"6\r\nbody\r\n0\r\n\r\n"), "protocol"),
    "size far too large": (chunked(b"50\r\nhello"), "connect"),
    "size line without end": (chunked(b"4;" + ENOUGH), "protocol"),
    "only LF": (chunked(b"4\nbody\n0\n\n"), "connect"),
    "only CR": (chunked(b"4\rbody\r0\r\r"), "connect"),
    "no end of line after the data": (chunked(b"4\r\nbody0\r\n\r\n"), "protocol"),
    "no chunk at all": (chunked(b""), "connect"),
    "no last chunk": (chunked(b"4\r\nbody\r\n"), "connect"),
    "cut in a size": (chunked(b"4\r\nbody\r\n1"), "connect"),
    "cut after a size": (chunked(b"4\r\nbody\r\n4\r\n"), "connect"),
    "cut in a chunk": (chunked(b"4\r\nbody\r\n4\r\nbo"), "connect"),
    "cut after a chunk": (chunked(b"4\r\nbody"), "connect"),
    "cut in the last chunk": (chunked(b"4\r\nbody\r\n0"), "connect"),
    "cut before the trailer's end": (chunked(b"4\r\nbody\r\n0\r\n"), "connect"),
    "cut in a trailer": (chunked(b"4\r\nbody\r\n0\r\nX: y\r\n"), "connect"),
    "an extension": (chunked(b'4;name="value"\r\nbody\r\n0;last\r\n\r\n'), b"body"),
    "an extension without a name": (chunked(b"4;\r\nbody\r\n0\r\n\r\n"), b"body"),
    "an extension with a NUL": (chunked(b"4;a=\x00\r\nbody\r\n0\r\n\r\n"), b"body"),
    "an extension with a line end": (chunked(b'4;a="\r\n"\r\nbody\r\n0\r\n\r\n'), "protocol"),
    "an extension of 50,000 bytes": (chunked(b"4;" + b"a" * 50_000 + b"\r\nbody\r\n0\r\n\r\n"), b"body"),
    "a trailer": (chunked(b"4\r\nbody\r\n0\r\nX: y\r\n\r\n"), b"body"),
    "a trailer with a length": (chunked(b"4\r\nbody\r\n0\r\nContent-Length: 1\r\n\r\n"), b"body"),
    "a trailer without a colon": (chunked(b"4\r\nbody\r\n0\r\nno colon\r\n\r\n"), "protocol"),
    "a trailer with a NUL": (chunked(b"4\r\nbody\r\n0\r\nX: \x00\r\n\r\n"), "protocol"),
    "a trailer without end": (chunked(b"4\r\nbody\r\n0\r\nX: " + ENOUGH), "protocol"),
    "bytes left over": (chunked(b"4\r\nbody\r\n0\r\n\r\nmore"), b"body"),
}

GZIP, ZLIB = gzip.compress(PAGE, mtime=0), zlib.compress(PAGE)
BROTLI, ZSTD = bytes(brotli.compress(PAGE)), zstandard.ZstdCompressor(write_checksum=True).compress(PAGE)
BARE = ZLIB[2:-4]
_WIDE = zstandard.ZstdCompressionParameters(window_log=24, write_content_size=False)
_WIDE_FRAME = zstandard.ZstdCompressor(compression_params=_WIDE).compressobj()
WIDE = _WIDE_FRAME.compress(PAGE) + _WIDE_FRAME.flush()

ENCODINGS: Cases = {
    "gzip that is none": (coded(b"gzip", PAGE), "bad_encoding"),
    "deflate that is none": (coded(b"deflate", PAGE), "bad_encoding"),
    "br that is none": (coded(b"br", PAGE), "bad_encoding"),
    "zstd that is none": (coded(b"zstd", PAGE), "bad_encoding"),
    "gzip cut short": (coded(b"gzip", GZIP[:-9]), "bad_encoding"),
    "gzip cut in its trailer": (coded(b"gzip", GZIP[:-1]), "bad_encoding"),
    "gzip cut in its header": (coded(b"gzip", GZIP[:3]), "bad_encoding"),
    "gzip of one byte": (coded(b"gzip", GZIP[:1]), "bad_encoding"),
    "gzip with a wrong checksum": (coded(b"gzip", changed(GZIP, -8)), "bad_encoding"),
    "gzip with a wrong length": (coded(b"gzip", changed(GZIP, -1)), "bad_encoding"),
    "gzip with reserved flags": (coded(b"gzip", changed(GZIP, 3, 0xE0)), "bad_encoding"),
    "gzip with another method": (coded(b"gzip", changed(GZIP, 2)), "bad_encoding"),
    "gzip and garbage": (coded(b"gzip", GZIP + b"garbage"), PAGE),
    "gzip twice in a row": (coded(b"gzip", GZIP + GZIP), PAGE + PAGE),
    "gzip, a second one cut short": (coded(b"gzip", GZIP + GZIP[:-3]), "bad_encoding"),
    "gzip, thousands of empty ones": (coded(b"gzip", gzip.compress(b"", mtime=0) * 5000), "bad_encoding"),
    "deflate cut short": (coded(b"deflate", ZLIB[:-5]), "bad_encoding"),
    "deflate cut in its checksum": (coded(b"deflate", ZLIB[:-1]), "bad_encoding"),
    "deflate with a wrong checksum": (coded(b"deflate", changed(ZLIB, -1)), "bad_encoding"),
    "deflate that wants a dictionary": (coded(b"deflate", b"\x78\xbb" + b"\x01\x02\x03\x04" + BARE), "bad_encoding"),
    "deflate without a header": (coded(b"deflate", BARE), PAGE),
    "deflate without a header, cut short": (coded(b"deflate", BARE[:-1]), "bad_encoding"),
    "br cut short": (coded(b"br", BROTLI[:-2]), "bad_encoding"),
    "br of one byte": (coded(b"br", BROTLI[:1]), "bad_encoding"),
    "br and garbage": (coded(b"br", BROTLI + b"garbage"), "bad_encoding"),
    "zstd cut short": (coded(b"zstd", ZSTD[:-2]), "bad_encoding"),
    "zstd of one byte": (coded(b"zstd", ZSTD[:1]), "bad_encoding"),
    "zstd with a wrong checksum": (coded(b"zstd", changed(ZSTD, -1)), "bad_encoding"),
    "zstd and garbage": (coded(b"zstd", ZSTD + b"garbage"), "bad_encoding"),
    "zstd that wants 16 MiB": (coded(b"zstd", WIDE), "bad_encoding"),
    "unknown": (coded(b"rot13", PAGE), "bad_encoding"),
    "not UTF-8": (coded(b"\xff\xfe", PAGE), "bad_encoding"),
    "three times": (coded(b"gzip, gzip, gzip", PAGE), "bad_encoding"),
    "ten thousand times": (coded(b",".join([b"gzip"] * 10_000), PAGE), "bad_encoding"),
    "in the wrong order": (coded(b"br, gzip", bytes(brotli.compress(GZIP))), "bad_encoding"),
    "two in two fields": (
        sized(bytes(brotli.compress(GZIP)), b"Content-Encoding: gzip", b"Content-Encoding: br"),
        PAGE,
    ),
    "empty names between": (coded(b", ,gzip,,", GZIP), PAGE),
    "identity": (coded(b"identity", PAGE), PAGE),
    "gzip without a length, cut short": (said(b"Content-Encoding: gzip", body=GZIP[:-4]), "bad_encoding"),
    "gzip in chunks, cut short": (
        said(b"Content-Encoding: gzip", b"Transfer-Encoding: chunked", body=b"a\r\n%b\r\n0\r\n\r\n" % GZIP[:10]),
        "bad_encoding",
    ),
    "gzip in chunks, whole, no last chunk": (
        said(b"Content-Encoding: gzip", b"Transfer-Encoding: chunked", body=b"%x\r\n%b\r\n" % (len(GZIP), GZIP)),
        "connect",
    ),
}

MALFORMED = {
    f"{group}: {name}": case
    for group, cases in {
        "status line": STATUS_LINES,
        "field": FIELDS,
        "length": LENGTHS,
        "transfer": TRANSFERS,
        "chunks": CHUNKS,
        "encoding": ENCODINGS,
    }.items()
    for name, case in cases.items()
}


def outcome(capture: Capture) -> str | bytes:
    """The code of its failure, or its body; it has one of them and not the other."""
    if capture.failure is not None:
        assert capture.body is None
        assert not capture.ok
        if capture.failure.code == "connect":
            assert "closed the connection" in capture.failure.message
        return capture.failure.code
    assert capture.body is not None
    return capture.body


@pytest.mark.parametrize(("answer", "expected"), MALFORMED.values(), ids=MALFORMED)
def test_one_typed_outcome(server: HttpServer, visit: Visitor, answer: bytes, expected: str | bytes) -> None:
    server.script("/", raw(answer))
    assert outcome(visit("http://news.example/")) == expected
    assert len(server.requests) == 1


@pytest.mark.parametrize("encoding", ["rot13", "gzip, gzip, gzip", "utf-8", "compress"])
def test_encodings_that_are_not_undone(server: HttpServer, visit: Visitor, encoding: str) -> None:
    server.page("/", b"x", headers=[("Content-Encoding", encoding)])
    capture = visit("http://news.example/")
    assert outcome(capture) == "bad_encoding"
    assert capture.failure is not None
    assert encoding in capture.failure.message


# Cut short


@pytest.mark.parametrize("sent", [b"", OK, OK + b"Content-Length: 100\r\n\r\n", sized(PAGE)[:-1]])
def test_a_reset(server: HttpServer, visit: Visitor, sent: bytes) -> None:
    server.script("/", raw(sent, reset=True))
    assert outcome(visit("http://news.example/")) == "connect"


@pytest.mark.parametrize(
    "answer", [answer for answer in answers() if answer.ends_itself], ids=lambda answer: answer.name
)
def test_a_good_answer_cut_anywhere(answer: Answer) -> None:
    """Near its edges at every byte; elsewhere in a few places."""
    head, size = answer.head_size, len(answer.wire)
    places = {*range(5), *range(head - 5, head + 30), *range(size - 30, size)}
    places |= set(random.Random(answer.name).sample(range(size), 10))
    if answer.name.startswith("closed"):
        places.remove(head)
    outcomes = asyncio.run(fetch_all([Mutant(answer, answer.wire[:place]) for place in places if 0 <= place < size]))
    assert len(outcomes) >= 40
    assert {found.code for found in outcomes} <= {"connect", "bad_encoding"}


@pytest.mark.parametrize("encoding", ["gzip", "br", "zstd", "deflate"])
def test_no_byte_of_an_encoded_page(server: HttpServer, visit: Visitor, encoding: str) -> None:
    server.script("/", raw(head(200, [("Content-Encoding", encoding)])))
    assert outcome(visit("http://news.example/")) == "bad_encoding"


@pytest.mark.parametrize("answer", answers(), ids=lambda answer: answer.name)
def test_good_answers_are_pages(answer: Answer) -> None:
    """So that the tests of damaged ones would fail if nothing came through."""
    (found,) = asyncio.run(fetch_all([Mutant(answer, answer.wire)]))
    assert found.code == "page"
    assert not found.half_a_page


# Left over


def then_waiting(sent: bytes) -> Script:
    """Sends this and keeps the connection."""

    async def script(_: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(sent)
        await asyncio.sleep(5)

    return script


FORGED = sized(b"forged")


NO_CONTENT = b"HTTP/1.1 204 No Content\r\nContent-Length: 4\r\n\r\n"
FOUND = b"HTTP/1.1 302 Found\r\nLocation: /next\r\nContent-Length: 0\r\n\r\n"


def is_not_taken_up(server: HttpServer, visit: Visitor, sent: bytes) -> None:
    """Nothing of `sent` is met by the page that is asked for next."""
    server.script("/", then_waiting(sent))
    server.page("/next", "next")
    captures = visit.all(["http://news.example/", "http://news.example/next"], settings={"timeout": 1.0})
    assert captures[1].body == b"next"
    assert b"forged" not in {capture.body for capture in captures}
    assert server.seen("/next")


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(sized(b"body") + FORGED, id="after a length"),
        pytest.param(chunked(b"4\r\nbody\r\n0\r\n\r\n") + FORGED, id="after chunks"),
        pytest.param(NO_CONTENT + FORGED, id="after a 204"),
        pytest.param(FOUND + FORGED, id="after a redirect"),
        pytest.param(NO_CONTENT + b"body", id="no answer"),
        pytest.param(NO_CONTENT + b"HTTP/1.1 200 OK\r\n", id="half an answer"),
    ],
)
def test_what_is_left_over_answers_no_other_request(server: HttpServer, visit: Visitor, sent: bytes) -> None:
    is_not_taken_up(server, visit, sent)


@pytest.mark.parametrize("left", [b"\r\n", b"<html>\r\n\r\n", b"\x00" * 100])
def test_nonsense_left_over_does_no_harm(server: HttpServer, visit: Visitor, left: bytes) -> None:
    is_not_taken_up(server, visit, NO_CONTENT + left)


# Mutants


def test_mutants_are_pages_or_typed_failures() -> None:
    """Ten thousand of them: python -m benchmarks.hostile_servers."""
    found = mutants(600, "tests")
    outcomes = asyncio.run(fetch_all(found))
    assert len(outcomes) == len(found)
    assert [outcome.escaped for outcome in outcomes if outcome.escaped] == []
    assert not any(outcome.contradicts_itself for outcome in outcomes)
    assert [outcome.mutant.wire for outcome in outcomes if outcome.half_a_page] == []
    assert max(outcome.seconds for outcome in outcomes) < 11
    assert {"page", "protocol", "connect", "bad_encoding"} <= {outcome.code for outcome in outcomes}
    assert sum(mutant.cut_short for mutant in found) > 50


def test_the_same_mutants_for_the_same_seed() -> None:
    assert mutants(100, "tests") == mutants(100, "tests") != mutants(100, "others")


# TLS and HTTP/2

HOST = "news.example"
DATA, HEADERS, PRIORITY, RESET, SETTINGS, PUSH, PING, GOAWAY, WINDOW, CONTINUATION = range(10)
END, END_HEADERS, PADDED = 1, 4, 8


def frame(kind: int, flags: int, stream: int, payload: bytes = b"", *, length: int | None = None) -> bytes:
    size = len(payload) if length is None else length
    return size.to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload


def block(*fields: tuple[str | bytes, str | bytes]) -> bytes:
    return bytes(hpack.Encoder().encode(fields))


def headers(*fields: tuple[str | bytes, str | bytes], status: str = "200", flags: int = END_HEADERS) -> bytes:
    return frame(HEADERS, flags, 1, block((":status", status), *fields))


def coded_headers(coded: bytes) -> bytes:
    return frame(HEADERS, END_HEADERS, 1, coded)


HEAD, BODY, PART = headers(), frame(DATA, END, 1, b"body"), frame(DATA, 0, 1, b"body")

HTTP_2: Cases = {
    "whole": (HEAD + BODY, b"body"),
    "padded": (HEAD + frame(DATA, END | PADDED, 1, b"\x02bodyxx"), b"body"),
    "trailers": (HEAD + PART + frame(HEADERS, END | END_HEADERS, 1, block(("x", "y"))), b"body"),
    "after 103": (headers(status="103") + HEAD + BODY, b"body"),
    "in a continuation": (frame(HEADERS, 0, 1, block((":status", "200"))) + frame(CONTINUATION, 4, 1) + BODY, b"body"),
    "an unknown frame": (frame(0xBB, 0xFF, 1, b"zz") + HEAD + BODY, b"body"),
    "no frame": (b"", "connect"),
    "HTTP/1.1": (sized(b"body"), "connect"),
    "no data": (HEAD, "connect"),
    "cut in the headers": (HEAD[:-1], "connect"),
    "cut in the data": (HEAD + BODY[:-1], "connect"),
    "cut after some data": (HEAD + PART, "connect"),
    "cut before the length": (headers(("content-length", "5")) + PART, "connect"),
    "only 103": (headers(status="103"), "connect"),
    "more than the length": (headers(("content-length", "3")) + BODY, "protocol"),
    "less than the length": (headers(("content-length", "5")) + BODY, "protocol"),
    "a length that is none": (headers(("content-length", "x")) + BODY, "protocol"),
    "reset without an error": (HEAD + PART + frame(RESET, 0, 1, bytes(4)), "protocol"),
    "reset with one": (HEAD + PART + frame(RESET, 0, 1, b"\0\0\0\2"), "protocol"),
    "reset at once": (frame(RESET, 0, 1, bytes(4)), "protocol"),
    "going away": (HEAD + PART + frame(GOAWAY, 0, 0, b"\0\0\0\1" + bytes(4)), "protocol"),
    "going away at once": (frame(GOAWAY, 0, 0, bytes(8)), "protocol"),
    "going away with words": (frame(GOAWAY, 0, 0, b"\0\0\0\1\0\0\0\x0b\xff\x00calm"), "protocol"),
    "status of letters": (headers(status="abc") + BODY, "protocol"),
    "status empty": (headers(status="") + BODY, "protocol"),
    "status below zero": (headers(status="-1") + BODY, "protocol"),
    "status 101": (headers(status="101") + BODY, "protocol"),
    "103 is the end": (headers(status="103", flags=END | END_HEADERS), "protocol"),
    "index out of the table": (coded_headers(b"\x88\xff\xff\xff\x7f") + BODY, "protocol"),
    "a field cut short": (coded_headers(b"\x88\x40\x7f") + BODY, "protocol"),
    "a table too large": (coded_headers(b"\x3f\xff\xff\xff\x7f\x88") + BODY, "protocol"),
    "a number too long": (coded_headers(b"\xff" * 50) + BODY, "protocol"),
    "Huffman cut short": (coded_headers(b"\x88\x40\x81\xff\x81\xff") + BODY, "protocol"),
    "headers of no stream": (frame(HEADERS, 4, 0, block((":status", "200"))) + BODY, "protocol"),
    "data of no stream": (HEAD + frame(DATA, END, 0, b"body"), "protocol"),
    "another stream": (frame(HEADERS, 4, 3, block((":status", "200"))) + frame(DATA, END, 3, b"body"), "protocol"),
    "data first": (BODY + HEAD, "protocol"),
    "headers after the end": (HEAD + BODY + HEAD, "protocol"),
    "trailers that do not end": (HEAD + PART + HEAD, "protocol"),
    "more padding than frame": (HEAD + frame(DATA, END | PADDED, 1, b"\xffbody"), "protocol"),
    "a frame too long": (HEAD + frame(DATA, END, 1, b"x" * 20_000), "protocol"),
    "a frame shorter than it says": (HEAD + frame(DATA, END, 1, b"body", length=16_384), "connect"),
    "a frame that says 16 MiB": (HEAD + frame(DATA, END, 1, b"body", length=2**24 - 1), "connect"),
    "a continuation of nothing": (frame(CONTINUATION, 4, 1, block((":status", "200"))) + BODY, "protocol"),
    "a continuation interrupted": (frame(HEADERS, 0, 1, b"\x88") + frame(PING, 0, 0, bytes(8)) + BODY, "protocol"),
    "settings of 5 bytes": (frame(SETTINGS, 0, 0, b"12345") + HEAD + BODY, "protocol"),
    "settings of a stream": (frame(SETTINGS, 0, 1) + HEAD + BODY, "protocol"),
    "settings: a window": (frame(SETTINGS, 0, 0, b"\0\4\xff\xff\xff\xff") + HEAD + BODY, "protocol"),
    "settings: a frame of 1": (frame(SETTINGS, 0, 0, b"\0\5\0\0\0\1") + HEAD + BODY, "protocol"),
    "settings agreed to, and more": (frame(SETTINGS, 1, 0, bytes(6)) + HEAD + BODY, "protocol"),
    "a ping of 1 byte": (frame(PING, 0, 0, b"1") + HEAD + BODY, "protocol"),
    "a window of 0": (frame(WINDOW, 0, 1, bytes(4)) + HEAD + BODY, "protocol"),
    "a window too large": (frame(WINDOW, 0, 0, b"\x7f\xff\xff\xff") * 2 + HEAD + BODY, "protocol"),
    "a push": (frame(PUSH, 4, 1, b"\0\0\0\2" + block((":method", "GET"))) + HEAD + BODY, "protocol"),
    "depending on itself": (frame(PRIORITY, 0, 1, b"\0\0\0\1\x10") + HEAD + BODY, "protocol"),
}


@pytest.fixture(scope="module")
def contexts() -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's, and that of a client who trusts it."""
    authority = trustme.CA()
    serving, trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context()
    authority.issue_cert(HOST).configure_cert(serving)
    authority.configure_trust(trusting)
    return serving, trusting


@pytest.fixture
def visit_2(contexts: tuple[ssl.SSLContext, ssl.SSLContext]) -> Iterator[Visitor]:
    with HttpServer(tls=contexts[0]) as server:
        yield Visitor(server, contexts[1])


@pytest.mark.parametrize(("sent", "expected"), HTTP_2.values(), ids=HTTP_2)
def test_http_2(visit_2: Visitor, sent: bytes, expected: str | bytes) -> None:
    visit_2.server.script("/", raw(sent))
    assert outcome(visit_2(f"https://{HOST}/")) == expected


@pytest.mark.parametrize("field", [("x", "a\r\nset-cookie: b=c"), ("x", "a\nb"), ("x", "a\x00b"), ("x\r\ny", "z")])
def test_line_ends_in_fields_of_http_2(visit_2: Visitor, field: tuple[str, str]) -> None:
    visit_2.server.script("/", raw(headers(field) + BODY))
    capture = visit_2(f"https://{HOST}/")
    assert outcome(capture) == "protocol"
    assert capture.status == 200
    assert field[0] not in dict(capture.headers)


def test_mutants_of_http_2(visit_2: Visitor) -> None:
    """Damaged anywhere, at one end or in a frame's head; none is a page with a part of its data."""
    dice = random.Random(5)
    good = headers(("content-type", "text/html"), ("content-length", "12")) + PART + PART + BODY
    urls = []
    for number in range(150):
        sent = bytearray(good)
        for _ in range(dice.randrange(1, 4)):
            place = dice.randrange(len(sent))
            sent[place : place + dice.randrange(3)] = dice.choice((b"", b"\x00", b"\xff", b"\x01", dice.randbytes(3)))
        if number % 5 == 0:
            sent = sent[: dice.randrange(len(sent))]
        visit_2.server.script(f"/{number}", raw(bytes(sent)))
        urls.append(f"https://{HOST}/{number}")
    captures = visit_2.all(urls)
    outcomes = [outcome(capture) for capture in captures]
    assert {found for found in outcomes if isinstance(found, str)} == {"protocol", "connect"}
    assert all(
        capture.wire_size == 12 for capture in captures if capture.header("content-length") == "12" and capture.ok
    )


def test_tls_cut_off_is_not_the_end_of_a_page(contexts: tuple[ssl.SSLContext, ssl.SSLContext]) -> None:
    """RFC 9112, 9.8: what ends with the connection is complete only if TLS says that it ends there."""

    async def cut(_: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(head() + PAGE)
        await writer.drain()
        writer.get_extra_info("socket").shutdown(socket.SHUT_WR)
        await asyncio.sleep(5)

    with HttpServer(tls=contexts[0], http2=False) as server:
        server.script("/", cut)
        assert outcome(Visitor(server, contexts[1])(f"https://{HOST}/")) == "connect"


def test_tls_that_ends_properly_is(contexts: tuple[ssl.SSLContext, ssl.SSLContext]) -> None:
    with HttpServer(tls=contexts[0], http2=False) as server:
        server.script("/", raw(head() + PAGE))
        assert outcome(Visitor(server, contexts[1])(f"https://{HOST}/")) == PAGE
