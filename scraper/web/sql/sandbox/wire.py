"""How statements and rows cross from one process to the other: JSON, and bytes behind it. Nothing in it can run."""

from __future__ import annotations

import json
import struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable
    from typing import Any

HEADER = struct.Struct(">II")
"""Length of the JSON text, and of the bytes that follow it."""


SCALARS = frozenset((type(None), int, float, str, bytes))
"""The types of SQLite's values."""
_SIZED = frozenset((str, bytes))


def types_of(row: Iterable[Any]) -> set[type]:
    """Of the values of a row. Asked for in this way, they cost a tenth of what a look at each value does."""
    return set(map(type, row))


def bytes_of(row: Collection[Any], types: set[type]) -> int:
    """What a row counts: the length of its texts and blobs, and 16 bytes for each value, and 64 for itself."""
    size = 16 * (4 + len(row))
    if types.isdisjoint(_SIZED):
        return size
    return size + sum(len(value) for value in row if type(value) in _SIZED)


class Garbled(ValueError):
    """What came is not in this format, or longer than it may be."""


def packed(message: dict[str, Any]) -> bytes:
    """A frame. Values are those of SQLite: None, int, float, str and bytes. Raises TypeError or UnicodeEncodeError."""
    blobs: list[bytes] = []

    def aside(value: object) -> dict[str, int]:
        if not isinstance(value, bytes):
            raise TypeError(f"a value of type {type(value).__name__} is none that SQLite knows")
        blobs.append(value)
        return {"bytes": len(value)}

    text = json.dumps(message, ensure_ascii=False, separators=(",", ":"), default=aside).encode()
    return b"".join((HEADER.pack(len(text), sum(map(len, blobs))), text, *blobs))


def received(read: Callable[[int], bytes], *, most: int) -> dict[str, Any]:
    """The next frame from `read(length)`. Raises Garbled, also when it is longer than `most` bytes."""
    lengths = HEADER.unpack(read(HEADER.size))
    if sum(lengths) > most:
        raise Garbled(f"{sum(lengths)} bytes are more than {most}")
    text, blobs = (read(length) for length in lengths)
    begin = 0

    def from_aside(value: dict[str, Any]) -> Any:
        nonlocal begin
        length = value.get("bytes")
        if len(value) != 1 or not isinstance(length, int):
            return value
        if not 0 <= length <= len(blobs) - begin:
            raise Garbled("bytes are missing")
        begin += length
        return blobs[begin - length : begin]

    try:
        message = json.loads(text, object_hook=from_aside)
    except (ValueError, RecursionError) as error:
        raise Garbled(str(error)) from error
    if not isinstance(message, dict):
        raise Garbled("no message")
    return message
