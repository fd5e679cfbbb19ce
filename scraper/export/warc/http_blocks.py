"""The HTTP messages inside records: written so that nothing a server sent can break them, and read back.

The archive keeps bodies as they are after content and transfer decoding. Fields that say otherwise are written under
another name, and Content-Length is that of the body as it stands in the record.
"""

from __future__ import annotations

import re
from http import HTTPStatus
from urllib.parse import urlsplit

from scraper.capture import Headers, Hop
from scraper.export.warc.record import uri

ORIGINAL = "X-Archive-Orig-"
_FRAMING = frozenset({"content-encoding", "transfer-encoding", "content-length"})
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
# Some crawlers write the protocol of HTTP/2 as their library calls it.
_ANSWER = re.compile(rb"(HTTP/\d(?:\.\d)?|[Hh]2)[ \t]+(\d{3})(?:[ \t][^\n]*)?\r?\n")
_REQUEST = re.compile(rb"GET [^\n]*HTTP/\d(?:\.\d)?\r?\n")
_BLANK_LINE = re.compile(rb"\n\r?\n")
_LONGEST_HEAD = 1 << 20
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
PROTOCOLS = {"HTTP/1.0": "http/1.0", "HTTP/1.1": "http/1.1", "HTTP/2": "h2", "HTTP/3": "h3"}
"""What `Hop.http_version` is in WARC-Protocol."""


def response_head(hop: Hop, length: int) -> bytes:
    """Status line and fields of an answer whose body is written with `length` bytes."""
    status = hop.status or 0
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:
        phrase = ""  # the one that was sent is not kept
    lines = [f"{_version(hop)} {status:03} {phrase}".encode()]
    for name, value in hop.headers:
        lines.append(_field(f"{ORIGINAL}{name}" if name.lower() in _FRAMING else name, value))
    lines.append(_field("Content-Length", str(length)))
    return _head(lines)


def request_head(hop: Hop, sent: Headers) -> bytes:
    """Request line and fields. Of redirects the fields `sent` are not kept: all we know then is the host."""
    url = urlsplit(uri(hop.url))
    target = (url.path or "/") + (f"?{url.query}" if url.query else "")
    lines = [f"GET {target} {_version(hop)}".encode(), *(_field(name, value) for name, value in sent)]
    if not any(name.lower() == "host" for name, _ in sent):
        lines.insert(1, _field("Host", url.netloc))
    return _head(lines)


def _version(hop: Hop) -> str:
    return "HTTP/1.0" if hop.http_version == "HTTP/1.0" else "HTTP/1.1"


def _field(name: str, value: str) -> bytes:
    """One field; nothing for one whose name is none. Controls, line ends among them, become spaces."""
    if not _TOKEN.fullmatch(name):
        return b""
    value = _CONTROL.sub(" ", value).strip()
    try:
        return f"{name}: {value}".encode("latin-1")
    except UnicodeEncodeError:
        return f"{name}: {value}".encode("utf-8", "replace")


def _head(lines: list[bytes]) -> bytes:
    return b"\r\n".join([*filter(None, lines), b"", b""])


def without_orig(headers: Headers) -> Headers:
    """The fields of an answer that was written here, as they came."""
    out = []
    for name, value in headers:
        prefix, rest = name[: len(ORIGINAL)], name[len(ORIGINAL) :]
        if prefix.lower() == ORIGINAL.lower() and rest.lower() in _FRAMING:
            out.append((rest, value))
        elif name.lower() != "content-length":
            out.append((name, value))
    return tuple(out)


def parse_answer(block: bytes) -> tuple[int, str, Headers, bytes] | None:
    """Status, version (`HTTP/1.1`), fields and body of a response as it stands in a record; None if it is none."""
    start = _ANSWER.match(block)
    if start is None:
        return None
    parsed = _parse_fields(block, start.end())
    version = start[1].decode()
    return None if parsed is None else (int(start[2]), "HTTP/2" if version in ("H2", "h2") else version, *parsed)


def parse_request(block: bytes) -> Headers | None:
    """The fields of a request as it stands in a record; None if it is none, or no GET."""
    start = _REQUEST.match(block)
    parsed = None if start is None else _parse_fields(block, start.end())
    return None if parsed is None else parsed[0]


def _parse_fields(block: bytes, start: int) -> tuple[Headers, bytes] | None:
    end = _BLANK_LINE.search(block, start - 1, start + _LONGEST_HEAD)
    if end is None:
        return None
    fields: list[tuple[str, str]] = []
    for line in re.split("\r?\n", block[start : end.start()].decode("latin-1").removesuffix("\r")):
        if line[:1] in (" ", "\t") and fields:
            fields[-1] = (fields[-1][0], f"{fields[-1][1]} {line.strip()}")
            continue
        name, colon, value = line.partition(":")
        # A capture has no fields with controls in them: see scraper.fetch.
        if colon and _TOKEN.fullmatch(name.strip()) and not re.search("[\r\0]", value):
            fields.append((name.strip(), value.strip()))
    return tuple(fields), block[end.end() :]
