"""A page's body out of a record, as it was sent: transfer and content encodings are undone, within bounds."""

from __future__ import annotations

import re

from scraper.capture import Headers
from scraper.errors import BadEncoding
from scraper.fetch.decode import BodyDecoder, content_encodings
from scraper.fetch.headers import values

_CHUNK = re.compile(rb"[ \t]*([0-9A-Fa-f]{1,15})[ \t]*(?:;[^\r\n]*)?\r?\n")


def entity(headers: Headers, payload: bytes, limit: int, *, truncated: bool = False) -> tuple[bytes, int]:
    """The body after decoding, and its length before. Raises TooLarge, and BadEncoding.

    Many programs undo an encoding and leave the header that speaks of it: what is readable already is taken as it is.
    Of one that is known to be `truncated`, the body is as much as can be decoded.
    """
    transfer = content_encodings(values(headers, "transfer-encoding"))
    if "chunked" in transfer:
        payload = _dechunked(payload, truncated=truncated) or payload
    encodings = [
        *content_encodings(values(headers, "content-encoding")),
        *(name for name in transfer if name != "chunked"),
    ]
    try:
        decoder = BodyDecoder(encodings, limit)
        decoder.feed(payload)
        if truncated:
            return decoder.so_far(), len(payload)
        return decoder.finish(), len(payload)
    except BadEncoding:
        if payload.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
            return payload, len(payload)
        raise


def _dechunked(payload: bytes, *, truncated: bool) -> bytes | None:
    """The content of the chunks; None for what does not consist of chunks. What follows the last one is left."""
    parts: list[bytes] = []
    at = 0
    while (head := _CHUNK.match(payload, at)) is not None:
        size = int(head[1], 16)
        at = head.end() + size
        if size == 0:
            return b"".join(parts)
        if at > len(payload):
            return b"".join([*parts, payload[head.end() :]]) if truncated else None
        parts.append(payload[head.end() : at])
        at += 2 if payload[at : at + 2] == b"\r\n" else 1 if payload[at : at + 1] == b"\n" else 0
    return b"".join(parts) if truncated and parts else None
