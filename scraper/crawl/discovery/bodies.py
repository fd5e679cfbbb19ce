"""What a feed's or a sitemap's address answered, as text: unpacked within bounds, decoded by what its bytes are."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from typing import Literal

from scraper.extract.charset import decode, is_utf8, web_encoding
from scraper.extract.unlabelled import encoding_of

MOST_BYTES = 64 * 1024 * 1024
"""Of a source that are read, unpacked; the protocol of sitemaps allows 50 MB."""

Form = Literal["markup", "json", "text", "binary", "empty"]

_GZIP = b"\x1f\x8b"
_LAYERS = 2  # a packed file that a server packs again
_PIECE = 1024 * 1024
_BINARY = (b"%PDF-", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"PK\x03\x04", b"RIFF", b"OggS", b"ID3")
_HEADER_LABEL = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:-]{2,40})", re.IGNORECASE)
# Not only at the top: messages of the site's software come before it.
_DECLARATION = re.compile(rb"<\?xml[^<>]{0,200}?encoding\s*=\s*[\"']\s*([\w.:-]{2,40})", re.IGNORECASE)
_PROLOG = 4096
_WESTERN = ("cp1252", "iso8859-15")
_OTHER_SCRIPTS = ("cp1251", "koi8-u", "gb18030", "big5hkscs", "cp932", "euc_jp", "cp949", "cp1256", "cp1255", "cp1253")
_MARKUP = re.compile(
    r"<(?:\?xml|!doctype|(?:[\w.-]{1,40}:)?(?:rss|rdf|feed|urlset|sitemapindex|html))\b", re.IGNORECASE
)
_FIRST = 65_536
"""Characters in which markup has to begin."""


@dataclass(frozen=True, slots=True)
class Body:
    """A body as text, without what stands before its first sign."""

    text: str
    form: Form
    notes: tuple[str, ...]
    """What was odd about the bytes, in words."""


def read_body(body: bytes, content_type: str | None) -> Body:
    """Unpack, decode and tell the form. Never raises."""
    notes: list[str] = []
    body = _unpacked(body, notes)
    if not body.strip(b" \t\r\n\0"):
        return Body("", "empty", tuple(notes))
    if body.startswith(_BINARY):
        return Body("", "binary", tuple(notes))
    text = _decoded(body, content_type, notes).replace("\0", "").lstrip("\ufeff \t\r\n\f\v\x85\xa0\u200b")
    return _in_form(text, notes)


def _in_form(text: str, notes: list[str]) -> Body:
    head = text[:1000]
    if sum(char < " " and char not in "\t\r\n\f" for char in head) + head.count("\ufffd") > len(head) // 8:
        return Body("", "binary", tuple(notes))
    if text.startswith("<"):
        return Body(text, "markup", tuple(notes))
    if text.startswith(("{", "[")):
        return Body(text, "json", tuple(notes))
    markup = _MARKUP.search(text, 0, _FIRST)
    if markup:
        notes.append(f"{markup.start():,} characters stand before the markup")
        return Body(text[markup.start() :], "markup", tuple(notes))
    return Body(text, "text" if text else "empty", tuple(notes))


def _unpacked(body: bytes, notes: list[str]) -> bytes:
    for _ in range(_LAYERS):
        if not body.startswith(_GZIP):
            break
        body = _without_gzip(body, notes)
    if len(body) > MOST_BYTES:
        body = body[:MOST_BYTES]
        notes.append(f"only the first {MOST_BYTES >> 20} MiB were read")
    return body


def _without_gzip(packed: bytes, notes: list[str]) -> bytes:
    """What `packed` holds, until it breaks off or is more than is read; members in a row are one file."""
    out = bytearray()
    at = 0
    inflate = zlib.decompressobj(zlib.MAX_WBITS | 16)
    rest = b""
    try:
        while len(out) <= MOST_BYTES and (rest or at < len(packed)):
            if not rest:
                rest, at = packed[at : at + _PIECE], at + _PIECE
            out += inflate.decompress(rest, _PIECE)
            rest = inflate.unconsumed_tail
            if inflate.eof:
                rest = inflate.unused_data
                if not (rest + packed[at : at + 2]).startswith(_GZIP):
                    return bytes(out)
                inflate = zlib.decompressobj(zlib.MAX_WBITS | 16)
        if len(out) <= MOST_BYTES:
            out += inflate.flush()
            notes.append("the gzip file is cut short")
    except zlib.error:
        notes.append("the gzip file is broken")
    return bytes(out)


def _decoded(body: bytes, content_type: str | None, notes: list[str]) -> str:
    declared = _labels(body, content_type)
    if any(label != "utf-8" for label in declared) and is_utf8(body):
        # Text in other encodings is never UTF-8 by chance, and labels are often a server's or a template's default.
        declared = ["utf-8"]
    for label in declared:
        decoded = decode(body, f"text/xml; charset={label}")
        if not decoded.replaced and not decoded.refused:
            other = encoding_of(body) if decoded.encoding in _WESTERN and not body.isascii() else None
            if other not in _OTHER_SCRIPTS:
                return decoded.text
            break
    # Nothing, or nothing true, is said.
    decoded = decode(body, _other_type(content_type))
    if declared and decoded.encoding != declared[0]:
        notes.append(f"declared as {declared[0]}, but read as {decoded.encoding}")
    if decoded.replaced:
        notes.append(f"{decoded.replaced:,} characters were not valid {decoded.encoding}")
    return decoded.text


def _other_type(content_type: str | None) -> str | None:
    """A content type without what it says about the encoding."""
    return content_type.partition(";")[0] if content_type else None


def _labels(body: bytes, content_type: str | None) -> list[str]:
    """The encodings claimed, the likeliest first: a header's, but for Latin-1, which servers send unasked."""
    header = _HEADER_LABEL.search(content_type or "")
    declaration = _DECLARATION.search(body[:_PROLOG])
    found = [header[1] if header else "", declaration[1].decode("ascii", "ignore") if declaration else ""]
    # Whoever reads a declaration as ASCII does not read UTF-16.
    wide = b"\0" in body[:200] or body.startswith((b"\xff\xfe", b"\xfe\xff"))
    labels = [name for label in found if label and (name := web_encoding(label)) and (wide or "16" not in name[:6])]
    return sorted(dict.fromkeys(labels), key=lambda label: label in _WESTERN)
