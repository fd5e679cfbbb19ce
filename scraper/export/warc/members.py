"""The bytes of a WARC file, decompressed in a stream, however it is packed; and where to go on after damage.

A unit is what can be read without looking over an edge: a gzip member or zstd frame that begins with a record, with
those after it that do not; of a file that is not compressed, all of it. A record lies within one unit.
"""

from __future__ import annotations

import zlib
from collections import deque
from collections.abc import Iterator
from typing import BinaryIO, Protocol

from scraper.errors import UsageError

PIECE = 1 << 16
_BEGINNING = b"WARC/"
_GZIP = b"\x1f\x8b\x08"
_ZSTD = b"\x28\xb5\x2f\xfd"
_ZSTD_DICTIONARY = b"\x5d\x2a\x4d\x18"
_ZSTD_SLICE = 256  # as in scraper.fetch.decode: what bounds the output of one call
_ZSTD_WINDOW = 32 << 20


class _Start:
    """A member begins."""

    def __init__(self, offset: int) -> None:
        self.offset = offset


class _Broken:
    """What comes next was lost."""

    def __init__(self, why: str) -> None:
        self.why = why


_Item = bytes | _Start | _Broken


class Units:
    """Reads a file unit by unit. Raises UsageError for one that holds no WARC."""

    def __init__(self, file: BinaryIO, start: int = 0) -> None:
        """`file` is seekable. `start` is where one of its units begins; of a plain file, one of its records."""
        file.seek(start)
        head = file.read(5)
        file.seek(start)
        self.is_plain = head == _BEGINNING
        if self.is_plain:
            self._items = _plain(file)
        elif head.startswith(_GZIP):
            self._items = _members(file, _GZIP, _Gzip)
        elif head.startswith(_ZSTD):
            self._items = _members(file, _ZSTD, _Zstd)
        elif head.startswith(_ZSTD_DICTIONARY):
            raise UsageError(
                "It is compressed with a dictionary of its own, which is not read here",
                next_step="unpack it with `zstd -d` and import the .warc that this makes",
            )
        else:
            raise UsageError("It is no WARC file", why="it begins neither with WARC/ nor as gzip or zstd do")
        self._back: deque[_Item] = deque()
        self._buffer = bytearray()
        self._is_over = True
        # Where the unit begins, in the file; of one that is not compressed, where what comes next stands.
        self._offset = start
        self._last_start = start
        self.broken: str | None = None
        """Why the unit ends before its time; known when `peek` finds nothing more."""

    @property
    def offset(self) -> int:
        """Where in the file one can begin to read what comes next: of a compressed one, only where its unit begins."""
        return self._offset

    def advance(self) -> bool:
        """Go to the next unit, leaving what is left of this one; False when there is none."""
        while not self._is_over:
            self._pull()
            self._drop(len(self._buffer))
        self._drop(len(self._buffer))
        self.broken = None
        self._is_over = False
        while not self._buffer and not self._is_over:
            self._pull(first=True)
        if not self.is_plain:
            self._offset = self._last_start
        return bool(self._buffer) or self.broken is not None

    def peek(self, size: int) -> bytes:
        """The next bytes, up to `size` of them; fewer only at the unit's end."""
        while len(self._buffer) < size and not self._is_over:
            self._pull()
        return bytes(self._buffer[:size])

    def take(self, size: int) -> bytes:
        taken = self.peek(size)
        self._drop(len(taken))
        return taken

    def skip(self, size: int) -> int:
        """Pass over so many bytes; how many there were."""
        left = size
        while left:
            if not self._buffer:
                if self._is_over:
                    break
                self._pull()
                continue
            found = min(left, len(self._buffer))
            self._drop(found)
            left -= found
        return size - left

    def find(self, mark: bytes, limit: int) -> bytes | None:
        """Everything up to and with `mark`, taken; None, and nothing taken, if it does not come within `limit`."""
        searched = 0
        while (at := self._buffer.find(mark, max(0, searched - len(mark)))) < 0:
            searched = len(self._buffer)
            if searched > limit or self._is_over:
                return None
            self._pull()
        return self.take(at + len(mark)) if at + len(mark) <= limit else None

    def _drop(self, size: int) -> None:
        del self._buffer[:size]
        if self.is_plain:
            self._offset += size

    def _pull(self, *, first: bool = False) -> None:
        item = self._next()
        if isinstance(item, bytes):
            self._buffer += item
        elif item is None:
            self._is_over = True
        elif isinstance(item, _Broken):
            self._is_over = True
            self.broken = item.why
        elif first:
            self._last_start = item.offset
        else:
            head = self._beginning()
            if not head or head.startswith(_BEGINNING):
                self._back.appendleft(head)
                self._last_start = item.offset
                self._is_over = True
            else:
                self._buffer += head

    def _beginning(self) -> bytes:
        """The first bytes of a member that just began."""
        head = b""
        while len(head) < len(_BEGINNING):
            item = self._next()
            if not isinstance(item, bytes):
                if item is not None:
                    self._back.append(item)
                break
            head += item
        return head

    def _next(self) -> _Item | None:
        return self._back.popleft() if self._back else next(self._items, None)


def _plain(file: BinaryIO) -> Iterator[_Item]:
    while data := file.read(PIECE):
        yield data


class _Decoder(Protocol):
    eof: bool

    def decompress(self, data: bytes) -> tuple[bytes, bytes]:
        """Some output, and what is left of the input. Raises ValueError."""


class _Gzip:
    def __init__(self) -> None:
        self._zlib = zlib.decompressobj(zlib.MAX_WBITS | 16)
        self._error: zlib.error | None = None
        self.eof = False

    def decompress(self, data: bytes) -> tuple[bytes, bytes]:
        if self._error is not None:
            raise ValueError(str(self._error)) from self._error
        before = self._zlib.copy()
        try:
            out = self._zlib.decompress(data, PIECE)
        except zlib.error as error:
            self._error = error
            return _until_error(before, data), b""
        self.eof = self._zlib.eof
        return out, self._zlib.unused_data if self.eof else self._zlib.unconsumed_tail


def _until_error(decoder: zlib._Decompress, data: bytes) -> bytes:
    """What can be had before the error; zlib gives none of a call's output when it raises."""
    out = bytearray()
    try:
        for start in range(0, len(data), 32):
            out += decoder.decompress(data[start : start + 32])
    except zlib.error:
        pass
    return bytes(out)


class _Zstd:
    def __init__(self) -> None:
        import zstandard

        self._zstd = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW).decompressobj(write_size=PIECE)
        self._error = zstandard.ZstdError
        self.eof = False

    def decompress(self, data: bytes) -> tuple[bytes, bytes]:
        part, rest = data[:_ZSTD_SLICE], data[_ZSTD_SLICE:]
        try:
            out = self._zstd.decompress(part)
        except self._error as error:
            raise ValueError(str(error)) from error
        self.eof = self._zstd.eof
        return out, self._zstd.unused_data + rest if self.eof else rest


def _members(file: BinaryIO, magic: bytes, kind: type[_Decoder]) -> Iterator[_Item]:
    """What the members hold; after a damaged one, from the next that begins with a record."""
    data = b""
    while True:
        data = data or file.read(PIECE)
        if not data.strip(b"\0"):
            if not data:
                return
            data = b""
            continue
        began = file.tell() - len(data)
        decoder = kind()
        yield _Start(began)
        try:
            while not decoder.eof:
                given = data or file.read(PIECE)
                # With nothing to read, output may still be waiting: only when that ends, too, is the member cut short.
                out, data = decoder.decompress(given)
                if out:
                    yield out
                elif not given and not decoder.eof:
                    raise ValueError("it is cut short")
        except ValueError as error:
            yield _Broken(str(error))
            found = _next_member(file, began + 1, magic, kind)
            if found is None:
                return
            file.seek(found)
            data = b""


def _next_member(file: BinaryIO, offset: int, magic: bytes, kind: type[_Decoder]) -> int | None:
    """Where from `offset` on a member begins that begins with a record."""
    file.seek(offset)
    window = b""
    while data := file.read(PIECE):
        window += data
        base = file.tell() - len(window)
        at = window.find(magic)
        while at >= 0:
            file.seek(base + at)
            if _begins_with_record(file.read(PIECE), kind):
                return base + at
            at = window.find(magic, at + 1)
        file.seek(base + len(window))
        window = window[-len(magic) :]
    return None


def _begins_with_record(data: bytes, kind: type[_Decoder]) -> bool:
    decoder = kind()
    out = b""
    try:
        while len(out) < len(_BEGINNING) and data and not decoder.eof:
            piece, data = decoder.decompress(data)
            out += piece
    except ValueError:
        return False
    return out.startswith(_BEGINNING)
