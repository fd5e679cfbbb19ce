"""Mutants: pages damaged as no author and no server damages them, the same ones for the same seed."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

Mutation = Callable[[bytes, random.Random], bytes]

_TAG = re.compile(rb"<[^<>]*>")
_VALUE = re.compile(rb'="[^"]*"')
_CHARSET = re.compile(rb"charset\s*=\s*[\"']?[\w-]+", re.IGNORECASE)
_BAD_VALUES = (
    b'=""',
    b"=",
    b'="<p>"',
    b"='javascript:1'",
    b'="' + b"x" * 500 + b'"',
    b'="\xff\xfe"',
    b'="2024-99-99"',
    b'="{[("',
    b'="',
)
_CHARSETS = (b"utf-16", b"utf-7", b"hex", b"windows-1251", b"shift_jis", b"idna", b"\xff\xfe", b"", b"x" * 300)


def cut(page: bytes, rng: random.Random) -> bytes:
    return page[: rng.randrange(len(page) + 1)]


def delete_range(page: bytes, rng: random.Random) -> bytes:
    start, end = _range(page, rng)
    return page[:start] + page[end:]


def repeat_range(page: bytes, rng: random.Random) -> bytes:
    start, end = _range(page, rng)
    return page[:end] + page[start:end] * rng.randrange(1, 5) + page[end:]


def swap_ranges(page: bytes, rng: random.Random) -> bytes:
    one, two, three, four = sorted(rng.randrange(len(page) + 1) for _ in range(4))
    return page[:one] + page[three:four] + page[two:three] + page[one:two] + page[four:]


def flip_bits(page: bytes, rng: random.Random) -> bytes:
    out = bytearray(page)
    for _ in range(min(rng.randrange(1, 200), len(out))):
        out[rng.randrange(len(out))] ^= 1 << rng.randrange(8)
    return bytes(out)


def put_bytes(page: bytes, rng: random.Random) -> bytes:
    """Bytes of no encoding, NULs, or a byte order mark, in a few places."""
    for _ in range(rng.randrange(1, 6)):
        at = rng.randrange(len(page) + 1)
        page = (
            page[:at]
            + rng.choice((b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"\xc3", b"\x1b$B", rng.randbytes(20)))
            + page[at:]
        )
    return page


def change_charset(page: bytes, rng: random.Random) -> bytes:
    stated = b"charset=" + rng.choice(_CHARSETS)
    return _CHARSET.sub(lambda _: stated, page) if _CHARSET.search(page) else b"<meta " + stated + b">" + page


def drop_tags(page: bytes, rng: random.Random) -> bytes:
    share = rng.choice((0.02, 0.2, 0.6))
    return _TAG.sub(lambda tag: b"" if rng.random() < share else tag[0], page)


def swap_tags(page: bytes, rng: random.Random) -> bytes:
    tags = _TAG.findall(page)
    return _TAG.sub(lambda tag: rng.choice(tags) if rng.random() < 0.1 else tag[0], page)


def truncate_tags(page: bytes, rng: random.Random) -> bytes:
    return _TAG.sub(lambda tag: tag[0][: rng.randrange(len(tag[0]))] if rng.random() < 0.05 else tag[0], page)


def break_attributes(page: bytes, rng: random.Random) -> bytes:
    return _VALUE.sub(lambda value: rng.choice(_BAD_VALUES) if rng.random() < 0.2 else value[0], page)


MUTATIONS: tuple[Mutation, ...] = (
    cut,
    delete_range,
    repeat_range,
    swap_ranges,
    flip_bits,
    put_bytes,
    change_charset,
    drop_tags,
    swap_tags,
    truncate_tags,
    break_attributes,
)


def mutant(page: bytes, rng: random.Random) -> bytes:
    """The page after one to three mutations."""
    for mutation in rng.choices(MUTATIONS, k=rng.choice((1, 1, 2, 3))):
        page = mutation(page, rng)
    return page


def _range(page: bytes, rng: random.Random) -> tuple[int, int]:
    start = rng.randrange(len(page) + 1)
    return start, min(len(page), start + rng.randrange(5_000))
