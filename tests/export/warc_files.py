"""WARC files as other programs write them, and as bad luck leaves them. Put together by hand, byte for byte."""

from __future__ import annotations

import base64
import gzip
import hashlib
from collections.abc import Callable, Iterable

DATE = "2023-05-06T07:08:09Z"
LINE = "\r\n"


def record(kind: str, block: bytes, fields: Iterable[tuple[str, str]] = (), *, length: int | None = None) -> bytes:
    lines = [
        "WARC/1.0",
        f"WARC-Type: {kind}",
        *(f"{name}: {value}" for name, value in fields),
        f"Content-Length: {len(block) if length is None else length}",
    ]
    return LINE.join([*lines, "", ""]).encode() + block + b"\r\n\r\n"


def http(body: bytes, *fields: str, status: str = "200 OK", type: str | None = "text/html") -> bytes:
    lines = [f"HTTP/1.1 {status}", *([f"Content-Type: {type}"] if type else []), *fields]
    return LINE.join([*lines, "", ""]).encode("latin-1") + body


def response(
    url: str,
    block: bytes,
    *more: tuple[str, str],
    name: str | None = None,
    date: str = DATE,
    kind: str = "response",
    digest: bool = True,
) -> bytes:
    fields = [
        ("WARC-Record-ID", record_id(name or url + date)),
        ("WARC-Date", date),
        ("WARC-Target-URI", url),
        ("Content-Type", "application/http; msgtype=response"),
    ]
    if digest:
        fields.append(("WARC-Block-Digest", sha1(block)))
    return record(kind, block, [*fields, *more])


def request(url: str, *fields: str, to: str | None = None, date: str = DATE) -> bytes:
    lines = ["GET / HTTP/1.1", *fields, "", ""]
    concurrent = [] if to is None else [("WARC-Concurrent-To", record_id(to))]
    own = [("WARC-Record-ID", record_id(f"request {url} {date}")), ("WARC-Date", date), ("WARC-Target-URI", url)]
    return record("request", LINE.join(lines).encode(), [*own, *concurrent])


def record_id(name: str) -> str:
    raw = hashlib.md5(name.encode()).hexdigest()
    return f"<urn:uuid:{raw[:8]}-{raw[8:12]}-{raw[12:16]}-{raw[16:20]}-{raw[20:]}>"


def sha1(content: bytes) -> str:
    return f"sha1:{base64.b32encode(hashlib.sha1(content).digest()).decode()}"


def chunked(body: bytes, size: int = 1000) -> bytes:
    parts = [body[at : at + size] for at in range(0, len(body), size)]
    return b"".join(b"%x;x=y\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


def zstd(data: bytes) -> bytes:
    import zstandard

    return zstandard.ZstdCompressor(write_checksum=True).compress(data)


PACKINGS: dict[str, Callable[[list[bytes]], bytes]] = {
    "plain": b"".join,
    "gzip": lambda records: b"".join(gzip.compress(one, mtime=0) for one in records),
    "gzip of all": lambda records: gzip.compress(b"".join(records), mtime=0),
    "gzip in pieces": lambda records: b"".join(
        gzip.compress(b"".join(records)[at : at + 777], mtime=0) for at in range(0, len(b"".join(records)), 777)
    ),
    "zstd": lambda records: b"".join(map(zstd, records)),
    "zstd of all": lambda records: zstd(b"".join(records)),
}
