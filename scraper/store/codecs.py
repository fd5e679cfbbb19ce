"""Bytes to fewer bytes and back: a body by itself, or as what differs from another one. The one user of zstandard."""

from __future__ import annotations

import re
from typing import Literal

import zstandard

Codec = Literal["zstd", "zstd-delta", "identity"]
"""`zstd-delta`: a zstd frame whose raw-content dictionary is the other body; `identity`: the body as it is."""

# PNG, JPEG, GIF, WebP, AVIF, WOFF: what holds them has done what a compressor could do.
_COMPRESSED = re.compile(rb"\x89PNG\r\n\x1a\n|\xff\xd8\xff|GIF8[79]a|RIFF.{4}WEBP|.{4}ftypavi[fs]|wOF[F2]", re.DOTALL)

# Measured on 1,318 first pages of as many sites: 10 % smaller than level 3, and still faster than the disk syncs a
# commit; level 12 gains 1 % more and takes three times as long. As a delta against another page of the site, 298
# pages come to 60 % of that, against 75 % at level 3.
_LEVEL = 9
_FAST = 3
_SHORTEST_PIECE = 20
"""Bytes; shorter ones are in any page."""
LARGEST_FOR_DELTA = 8 * 1024 * 1024
"""Bytes; the tables of the compressor grow with both bodies, and pages of that size are rare."""

DamagedFrame = (zstandard.ZstdError, TypeError, ValueError)
"""What the functions below raise for stored bytes that are not what was stored."""


def is_compressed(body: bytes) -> bool:
    """Whether to compress it would only take time, by its first bytes."""
    return _COMPRESSED.match(body) is not None


def compress(body: bytes) -> bytes:
    return zstandard.ZstdCompressor(level=_LEVEL, write_checksum=True).compress(body)


def compress_against(base: bytes, body: bytes) -> bytes:
    """What differs from `base`."""
    window = min(27, max(10, (len(base) + len(body)).bit_length()))  # it has to reach back over both
    how = zstandard.ZstdCompressionParameters.from_level(
        _LEVEL, source_size=len(body), dict_size=len(base), window_log=window, write_checksum=True
    )
    return zstandard.ZstdCompressor(compression_params=how, dict_data=_dictionary(base)).compress(body)


def estimated_size(body: bytes) -> int:
    """About what `compress` makes of `body`, at a quarter of its cost."""
    return int(0.9 * len(zstandard.ZstdCompressor(level=_FAST).compress(body)))


def pieces(body: bytes) -> frozenset[bytes]:
    """What a body is made of, as far as others may be made of the same: tags with what follows them, and lines."""
    return frozenset(piece for piece in body.replace(b"\n", b"<").split(b"<") if len(piece) > _SHORTEST_PIECE)


def part_in_common(some: frozenset[bytes], others: frozenset[bytes]) -> float:
    """The part of `some` pieces, by their bytes, that is among `others`."""
    return sum(map(len, some & others)) / (sum(map(len, some)) or 1)


def decompress(content: bytes, *, size: int, base: bytes | None) -> bytes:
    """The body of `size` bytes that `content` was made of. Raises one of `DamagedFrame`."""
    # The frame says how much it will expand to. Believing only the size that was recorded keeps a doctored frame from
    # filling the memory.
    if zstandard.frame_content_size(content) != size:
        raise ValueError(f"it does not hold the {size} bytes recorded")
    reader = zstandard.ZstdDecompressor(dict_data=None if base is None else _dictionary(base))
    return reader.decompress(content, max_output_size=size, allow_extra_data=False)


def _dictionary(base: bytes) -> zstandard.ZstdCompressionDict:
    return zstandard.ZstdCompressionDict(base, dict_type=zstandard.DICT_TYPE_RAWCONTENT)
