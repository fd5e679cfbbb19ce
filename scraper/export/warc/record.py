"""One WARC record: its header, its block, its digests; written as a gzip member of its own."""

from __future__ import annotations

import hashlib
import uuid
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import BinaryIO
from urllib.parse import quote

VERSION = b"WARC/1.1"
# Reserved and unreserved characters of RFC 3986, and the % of what is escaped already.
_OF_A_URI = "!$&'()*+,/:;=?@[]~%"
_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "news-archiver:warc-record")
_GZIP = zlib.MAX_WBITS | 16

Fields = Iterable[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a record stands in its file: bytes, the compressed ones."""

    offset: int
    length: int


class RecordWriter:
    """Writes records to an open binary file, each in a gzip member of its own. It need not be seekable."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self._offset = 0

    def write(self, fields: Fields, *block: bytes) -> Place:
        """Write a record of `block`, given in parts. Block-Digest and Content-Length are added to its `fields`."""
        digest = hashlib.sha256()
        for part in block:
            digest.update(part)
        length = sum(map(len, block))
        ends = (("WARC-Block-Digest", f"sha256:{digest.hexdigest()}"), ("Content-Length", str(length)))
        lines = [VERSION, *(f"{name}: {value}".encode() for name, value in (*fields, *ends)), b"", b""]
        zipped = zlib.compressobj(wbits=_GZIP)
        size = 0
        for part in (b"\r\n".join(lines), *block, b"\r\n\r\n"):
            size += self._out.write(zipped.compress(part))
        size += self._out.write(zipped.flush())
        place = Place(self._offset, size)
        self._offset += size
        return place


def record_id(*identity: object) -> str:
    """A WARC-Record-ID that is the same whenever the same thing is written."""
    return f"<urn:uuid:{uuid.uuid5(_NAMESPACE, chr(10).join(map(str, identity)))}>"


def uri(url: str) -> str:
    """`url` as a record names it: without fragment, what is no character of a URI percent-encoded as UTF-8."""
    return quote(url.partition("#")[0], safe=_OF_A_URI, errors="replace")
