"""Content-Encoding undone piece by piece, so that no response, however built, fills the memory.

Each decoder hands its output on in small pieces, and the pieces are counted: a body of 800 bytes that would inflate to
a gigabyte is given up as soon as the limit is passed. Every layer of a nested encoding has the same limit, because the
layer in between may be the big one.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable
from io import BytesIO
from typing import NoReturn, Protocol

import brotli
import zstandard

from scraper.errors import BadEncoding, TooLarge

ACCEPTED = "gzip, deflate, br, zstd"
"""What Accept-Encoding may offer."""

MAX_LAYERS = 2
MAX_MEMBERS = 4096
"""Of gzip members or zstd frames in a row: one may be empty, and a million of them cost time without giving bytes."""

PIECE = 64 * 1024
ZSTD_SLICE = 256
"""Bytes given to zstandard at a time. It knows no bound on its output, but a block of zstd takes at least 4 bytes and
gives at most 128 KiB, so that a slice gives at most some 8 MiB."""
ZSTD_WINDOW = 8 * 1024 * 1024
"""The largest window that the zstd content coding may ask for (RFC 9659)."""

Emit = Callable[[bytes], object]


class BodyDecoder:
    """Takes a body as it came over the wire and gives the entity, at most `limit` bytes of it.

    `feed` and `finish` raise TooLarge, and BadEncoding for an encoding that is broken or cut short.
    """

    def __init__(self, encodings: Iterable[str], limit: int) -> None:
        """`encodings`: as `content_encodings` gives them. Raises BadEncoding for an unknown one or too many."""
        names = [name for name in encodings if name != "identity"]
        if len(names) > MAX_LAYERS:
            why = f"its Content-Encoding is {_listed(names)}, and no more than {MAX_LAYERS} are undone"
            raise BadEncoding("The page is encoded too many times over", why=why)
        if not _DECODERS.keys() >= set(names):
            why = f"its Content-Encoding is {_listed(names)}; known are {ACCEPTED}"
            raise BadEncoding("The page has an unknown encoding", why=why)
        self._entity = BytesIO()
        self._names = names
        self._layers: list[_Decoder] = []
        self._fed = False
        self._first = _bounded(self._entity.write, limit)
        for name in names:  # the one applied last is undone first
            layer = _DECODERS[name](name, self._first)
            self._layers.insert(0, layer)
            self._first = _bounded(layer.feed, limit)

    def feed(self, data: bytes) -> None:
        if data:
            self._fed = True
            self._first(data)

    def so_far(self) -> bytes:
        """What has been decoded until now."""
        return self._entity.getvalue()

    def finish(self, *, may_be_empty: bool = True) -> bytes:
        """The whole entity. A body without any bytes is an empty entity, whatever encoding it claims.

        Unless it may not be: where a body ends with the connection, no byte at all may also be all that came of it.
        """
        if self._fed:
            for layer in self._layers:
                layer.finish()
        elif self._layers and not may_be_empty:
            _cut_short(self._names[-1])
        return self._entity.getvalue()


def content_encodings(values: Iterable[str]) -> list[str]:
    """The names in the Content-Encoding headers `values`, in the order they were applied, in lower case."""
    names = (name.strip().lower() for value in values for name in value.split(","))
    return [{"x-gzip": "gzip", "x-deflate": "deflate"}.get(name, name) for name in names if name]


def too_large(limit: int) -> TooLarge:
    size = f"{limit / 1024**2:g} MiB" if limit >= 1024**2 else f"{limit:,} bytes"
    return TooLarge(
        f"The page is larger than {size}",
        why="that is the limit for one page, before and after decoding",
        next_step="raise max_body under [fetch] in scrape.toml to admit it",
    )


def _listed(names: list[str]) -> str:
    text = ", ".join(names)
    return repr(text if len(text) <= 80 else f"{text[:80]}…")


def _bounded(emit: Emit, limit: int) -> Emit:
    """`emit` that raises TooLarge once more than `limit` bytes went through it."""
    room = limit

    def emit_bounded(piece: bytes) -> None:
        nonlocal room
        room -= len(piece)
        if room < 0:
            raise too_large(limit)
        if piece:
            emit(piece)

    return emit_bounded


class _Decoder(Protocol):
    def __init__(self, name: str, emit: Emit) -> None: ...

    def feed(self, data: bytes) -> object:
        """Decode `data` (not empty) as far as it goes and hand the output on in pieces. Raises BadEncoding."""

    def finish(self) -> None:
        """No more comes. Raises BadEncoding when the encoding has not come to its end."""


def _broken(name: str, error: Exception | None = None) -> NoReturn:
    why = f"it was announced as {name}, but its bytes are not" + (f" ({error})" if error else "")
    raise BadEncoding("The page cannot be decoded", why=why) from error


def _cut_short(name: str) -> NoReturn:
    raise BadEncoding("The page is cut short", why=f"its {name} encoding does not come to its end")


class _Members:
    """Counts gzip members or zstd frames."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._left = MAX_MEMBERS

    def next(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise BadEncoding("The page cannot be decoded", why=f"its {self._name} has over {MAX_MEMBERS} parts")


class _Gzip:
    """gzip, several members in a row included. What follows the last member is ignored, as browsers do."""

    def __init__(self, name: str, emit: Emit) -> None:
        self._name = name
        self._emit = emit
        self._members = _Members(name)
        self._inflate: _Inflate | None = None
        self._before = b""  # the first byte of what may be another member, or nothing
        self._first = True
        self._ended = False

    def feed(self, data: bytes) -> None:
        data = self._before + data
        self._before = b""
        while data and not self._ended:
            if self._inflate is None:
                if not self._first and not data.startswith(b"\x1f\x8b"):
                    self._before = data if data == b"\x1f" else b""
                    self._ended = data != b"\x1f"
                    return
                self._first = False
                self._members.next()
                self._inflate = _Inflate(self._name, zlib.MAX_WBITS | 16, self._emit)
            data = self._inflate.feed(data)
            if self._inflate.ended:
                self._inflate = None

    def finish(self) -> None:
        if self._inflate is not None:
            _cut_short(self._name)


class _Deflate:
    """deflate: a zlib stream, or the bare stream that some servers send under this name."""

    def __init__(self, name: str, emit: Emit) -> None:
        self._name = name
        self._emit = emit
        self._head = b""
        self._inflate: _Inflate | None = None

    def feed(self, data: bytes) -> None:
        if self._inflate is None:
            self._head += data
            if len(self._head) < 2:
                return
            data = self._head
            # RFC 1950: method 8, and a checksum over both bytes. No bare stream begins so, since its padding is zero.
            is_zlib = data[0] & 0x0F == 8 and (data[0] << 8 | data[1]) % 31 == 0
            self._inflate = _Inflate(self._name, zlib.MAX_WBITS if is_zlib else -zlib.MAX_WBITS, self._emit)
        if not self._inflate.ended:
            self._inflate.feed(data)

    def finish(self) -> None:
        if self._inflate is None or not self._inflate.ended:
            _cut_short(self._name)


class _Inflate:
    """One zlib stream, with output in pieces."""

    def __init__(self, name: str, window_bits: int, emit: Emit) -> None:
        self._name = name
        self._zlib = zlib.decompressobj(window_bits)
        self._emit = emit

    @property
    def ended(self) -> bool:
        return self._zlib.eof

    def feed(self, data: bytes) -> bytes:
        """Decode `data` and return what follows the end of the stream."""
        piece = b""
        # A full piece means that more may wait inside zlib, even when all input is taken.
        while (data or len(piece) == PIECE) and not self._zlib.eof:
            try:
                piece = self._zlib.decompress(data, PIECE)
            except zlib.error as error:
                _broken(self._name, error)
            data = self._zlib.unconsumed_tail
            self._emit(piece)
        return self._zlib.unused_data


class _Brotli:
    def __init__(self, name: str, emit: Emit) -> None:
        self._name = name
        self._emit = emit
        self._brotli = brotli.Decompressor()

    def feed(self, data: bytes) -> None:
        try:
            # The limit is where the output buffer stops growing: a piece is at most twice as long.
            piece = self._brotli.process(data, output_buffer_limit=PIECE)
            self._emit(piece)
            # More may wait inside after all input is taken, and no more input may be given before it is out.
            while not self._brotli.is_finished() and (piece or not self._brotli.can_accept_more_data()):
                piece = self._brotli.process(b"", output_buffer_limit=PIECE)
                self._emit(piece)
        except brotli.error as error:
            _broken(self._name, error)

    def finish(self) -> None:
        if not self._brotli.is_finished():
            _cut_short(self._name)


class _Zstd:
    """zstd, several frames in a row included."""

    def __init__(self, name: str, emit: Emit) -> None:
        self._name = name
        self._emit = emit
        self._members = _Members(name)
        self._zstd = zstandard.ZstdDecompressor(max_window_size=ZSTD_WINDOW)
        self._frame: zstandard.ZstdDecompressionObj | None = None

    def feed(self, data: bytes) -> None:
        for start in range(0, len(data), ZSTD_SLICE):
            part = data[start : start + ZSTD_SLICE]
            while part:
                if self._frame is None:
                    self._members.next()
                    self._frame = self._zstd.decompressobj(write_size=PIECE)
                try:
                    piece = self._frame.decompress(part)
                except zstandard.ZstdError as error:
                    _broken(self._name, error)
                self._emit(piece)
                part = self._frame.unused_data if self._frame.eof else b""
                if self._frame.eof:
                    self._frame = None

    def finish(self) -> None:
        if self._frame is not None:
            _cut_short(self._name)


_DECODERS: dict[str, type[_Decoder]] = {"gzip": _Gzip, "deflate": _Deflate, "br": _Brotli, "zstd": _Zstd}
