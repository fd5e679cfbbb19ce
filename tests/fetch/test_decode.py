"""The decoders by themselves: pieces of any size, several members, what follows the end."""

from __future__ import annotations

import gzip
import random
import struct
import zlib
from collections.abc import Callable

import brotli
import pytest
import zstandard

from scraper.errors import BadEncoding, TooLarge
from scraper.fetch.decode import MAX_MEMBERS, BodyDecoder, content_encodings

LIMIT = 10_000_000
PAGE = b"".join(f"<p>paragraph {number}</p>".encode() for number in range(20_000)) + bytes(300_000)


def raw_deflate(data: bytes) -> bytes:
    compressor = zlib.compressobj(wbits=-15)
    return compressor.compress(data) + compressor.flush()


ENCODERS: list[tuple[str, Callable[[bytes], bytes]]] = [
    ("gzip", gzip.compress),
    ("deflate", zlib.compress),
    ("deflate", raw_deflate),
    ("br", lambda data: brotli.compress(data, quality=4)),
    ("zstd", zstandard.compress),
]


def decode(encodings: str, *chunks: bytes, limit: int = LIMIT) -> bytes:
    decoder = BodyDecoder(content_encodings([encodings]), limit)
    for chunk in chunks:
        decoder.feed(chunk)
    return decoder.finish()


def pieces(data: bytes, size: int) -> list[bytes]:
    return [data[start : start + size] for start in range(0, len(data), size)]


@pytest.mark.parametrize(("encoding", "encode"), ENCODERS)
@pytest.mark.parametrize("size", [1, 7, 1000, 10**9])
def test_pieces_of_any_size(encoding: str, encode: Callable[[bytes], bytes], size: int) -> None:
    page = PAGE if size > 100 else PAGE[:5000]
    assert decode(encoding, *pieces(encode(page), size)) == page


@pytest.mark.parametrize(("encoding", "encode"), ENCODERS)
def test_every_truncation_is_noticed(encoding: str, encode: Callable[[bytes], bytes]) -> None:
    encoded = encode(PAGE[:300])
    assert decode(encoding, encoded) == PAGE[:300]
    for length in range(1, len(encoded)):
        with pytest.raises(BadEncoding):
            decode(encoding, encoded[:length])


@pytest.mark.parametrize(("encoding", "encode"), ENCODERS)
def test_damage_is_noticed_or_harmless(encoding: str, encode: Callable[[bytes], bytes]) -> None:
    """gzip and zlib carry checksums, others may not; whatever the damage, only BadEncoding or TooLarge comes."""
    dice = random.Random(1)
    encoded = encode(PAGE[:3000])
    noticed = 0
    for _ in range(200):
        damaged = bytearray(encoded)
        damaged[dice.randrange(len(damaged))] ^= 1 << dice.randrange(8)
        try:
            decode(encoding, bytes(damaged), limit=100_000)
        except (BadEncoding, TooLarge):
            noticed += 1
    assert noticed > 20


@pytest.mark.parametrize(("encoding", "encode"), ENCODERS)
def test_the_limit_is_exact(encoding: str, encode: Callable[[bytes], bytes]) -> None:
    encoded = encode(bytes(100_000))
    assert len(decode(encoding, encoded, limit=100_000)) == 100_000
    with pytest.raises(TooLarge):
        decode(encoding, encoded, limit=99_999)


@pytest.mark.parametrize(("encoding", "encode"), [ENCODERS[0], ENCODERS[4]])
@pytest.mark.parametrize("size", [1, 10**6])
def test_several_members(encoding: str, encode: Callable[[bytes], bytes], size: int) -> None:
    encoded = encode(b"one ") + encode(b"") + encode(b"two")
    assert decode(encoding, *pieces(encoded, size)) == b"one two"
    with pytest.raises(BadEncoding):
        decode(encoding, *pieces(encoded[:-2], size))


def test_a_skippable_zstd_frame() -> None:
    skippable = struct.pack("<II", 0x184D2A50, 5) + b"abcde"
    assert decode("zstd", skippable + zstandard.compress(b"page")) == b"page"


@pytest.mark.parametrize("tail", [b"\x00\x00\x00", b"\n<!-- cached -->", b"\x1f", b"\x1f\x00"])
@pytest.mark.parametrize("size", [1, 10**6])
def test_what_follows_gzip_is_ignored_as_in_browsers(tail: bytes, size: int) -> None:
    assert decode("gzip", *pieces(gzip.compress(b"page") + tail, size)) == b"page"


def test_what_follows_deflate_is_ignored() -> None:
    assert decode("deflate", zlib.compress(b"page") + b"\n", b"more") == b"page"


@pytest.mark.parametrize(("encoding", "encode"), [ENCODERS[0], ENCODERS[4]])
def test_a_million_empty_members(encoding: str, encode: Callable[[bytes], bytes]) -> None:
    assert decode(encoding, encode(b"") * MAX_MEMBERS) == b""
    with pytest.raises(BadEncoding, match="parts"):
        decode(encoding, encode(b"") * (MAX_MEMBERS + 1))


def test_nested_encodings() -> None:
    assert decode("gzip, br", brotli.compress(gzip.compress(b"page"))) == b"page"
    assert decode("br, gzip", gzip.compress(brotli.compress(b"page"))) == b"page"
    with pytest.raises(BadEncoding):
        decode("gzip, br", brotli.compress(gzip.compress(b"page")[:-1]))


def test_the_layer_between_is_bounded_too() -> None:
    """A megabyte of empty deflate blocks decodes to nothing, and costs the time of a megabyte."""
    empty_blocks = zlib.compress(b"")[:2] + b"\x00\x00\x00\xff\xff" * 200_000
    with pytest.raises(TooLarge):
        decode("deflate, gzip", gzip.compress(empty_blocks), limit=100_000)


def test_a_zstd_window_beyond_the_standard() -> None:
    parameters = zstandard.ZstdCompressionParameters(window_log=27)
    compressor = zstandard.ZstdCompressor(compression_params=parameters).compressobj()
    with pytest.raises(BadEncoding, match="memory"):
        decode("zstd", compressor.compress(b"page") + compressor.flush())


def test_names_of_encodings() -> None:
    assert content_encodings([" GZip ,, x-gzip", "identity"]) == ["gzip", "gzip", "identity"]
    assert decode("identity", b"page") == b"page"
    assert decode("", b"pa", b"", b"ge") == b"page"
    assert decode("Identity, identity, identity", b"page") == b"page"
