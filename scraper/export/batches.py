"""A file read in batches, each with the place where the next one begins: so that whoever is stopped can go on there."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Literal, cast

from scraper.errors import UsageError
from scraper.export.found import Damage, Found, FoundAsset, Item, Left, Reason
from scraper.export.reading_wacz import read_wacz
from scraper.export.sifting import Sift, Wishes
from scraper.export.warc.pages import Pages
from scraper.export.warc.position import Position

FileKind = Literal["warc", "wacz"]
MOST = 64
"""Captures of a batch, bytes of their bodies, and records that it takes to find them."""
_BYTES = 4 << 20
_RECORDS = 4_000
_ENDS = 1 << 20
"""Bytes at each end of a file by which it is known again."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An item to be looked at, and what came before it since the last one."""

    item: Item
    passed: int
    """`Position.passed` when it is dealt with."""
    records: int
    left: Mapping[Reason, int]


@dataclass(slots=True)
class Batch:
    """Some of a file. Records that are silently left out are only counted."""

    before: Position
    entries: list[Entry] = field(default_factory=list)
    left: dict[Reason, int] = field(default_factory=dict)
    """After the last entry."""
    records: int = 0
    """After the last entry."""
    after: Position | None = None
    """None at the end of the file."""

    def up_to(self, number: int) -> Position:
        """Where to go on when only so many of its entries were dealt with."""
        passed = self.entries[number - 1].passed if number else self.before.passed
        return replace(self.before, passed=passed)


class _Builder:
    def __init__(self, before: Position, most: int) -> None:
        self._most = most
        self._batch = Batch(before)
        self._passed = before.passed
        self._bytes = 0
        self._records = 0

    @property
    def passed(self) -> int:
        return self._passed

    @property
    def is_full(self) -> bool:
        return len(self._batch.entries) >= self._most or self._bytes >= _BYTES or self._records >= _RECORDS

    def count_record(self) -> None:
        self._batch.records += 1
        self._records += 1

    def add(self, item: Item) -> None:
        self._passed += 1
        batch = self._batch
        if isinstance(item, Left) and not item.worth_a_word:
            batch.left[item.reason] = batch.left.get(item.reason, 0) + 1
            return
        batch.entries.append(Entry(item, self._passed, batch.records, batch.left))
        batch.left, batch.records = {}, 0
        self._bytes += item.size if isinstance(item, Found | FoundAsset) else 0

    def close(self, after: Position | None) -> Batch:
        self._batch.after = after
        return self._batch


def read_batches(
    path: Path, kind: FileKind, wishes: Wishes, start: Position, file: BinaryIO, *, most: int = MOST
) -> Iterator[Batch]:
    """What is in a file from `start` on, about `most` captures at a time; `file` is the file, open.

    The last batch, which may be empty, has no `after`. Raises UsageError for a file that is not of that kind.
    """
    sift = Sift(wishes)
    if kind == "wacz":
        return _in_batches(read_wacz(path, max_body=wishes.max_body, sift=sift, file=file), start, most)
    return _of_warc(Pages(file, wishes.max_body, sift, start), start, most)


def _of_warc(pages: Pages, start: Position, most: int) -> Iterator[Batch]:
    batch = _Builder(start, most)
    to_pass = start.passed
    for record in pages.records():
        if batch.is_full:
            at = None if isinstance(record, Damage) else record.place
            if at is not None and at[1] == 0:
                start = pages.position(at[0])
                to_pass = 0
                yield batch.close(start)
                batch = _Builder(start, most)
            else:
                here = replace(start, passed=batch.passed)
                yield batch.close(here)
                batch = _Builder(here, most)
        batch.count_record()
        for item in pages.take(record):
            if to_pass:
                to_pass -= 1
            else:
                batch.add(item)
    for item in pages.finish():
        if to_pass:
            to_pass -= 1
        else:
            batch.add(item)
    yield batch.close(None)


def _in_batches(items: Iterable[Item], start: Position, most: int) -> Iterator[Batch]:
    batch = _Builder(start, most)
    for number, item in enumerate(items):
        if number < start.passed:
            continue
        if batch.is_full:
            here = replace(start, passed=batch.passed)
            yield batch.close(here)
            batch = _Builder(here, most)
        batch.count_record()
        batch.add(item)
    yield batch.close(None)


def identity_of(path: Path) -> tuple[str, int]:
    """What tells a file from others without reading all of it (hexadecimal), and its length. Raises UsageError."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, io.SEEK_END)
            modified = path.stat().st_mtime_ns
            digest = hashlib.sha256(f"{size} {modified} ".encode())
            for at in (0, max(0, size - _ENDS)):
                file.seek(at)
                digest.update(file.read(_ENDS))
    except OSError as error:
        raise unreadable(path, error) from error
    return digest.hexdigest(), size


def unreadable(path: Path, error: OSError) -> UsageError:
    return UsageError(f"Cannot read {path}", why=error.strerror or str(error))


class HashedFile:
    """A file that is hashed while it is read from its beginning on. What else of it is needed is read at the end.

    Its methods raise UsageError when it cannot be read.
    """

    def __init__(self, path: Path, report: Callable[[int], None] = lambda offset: None) -> None:
        """`report` is told the offset after every read. Raises UsageError."""
        self._path = path
        self._report = report
        self._digest = hashlib.sha256()
        self._hashed = 0
        try:
            self._file = path.open("rb")
        except OSError as error:
            raise unreadable(path, error) from error

    def __enter__(self) -> HashedFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def read(self, size: int = -1) -> bytes:
        at = self._file.tell()
        try:
            data = self._file.read(size)
        except OSError as error:
            raise unreadable(self._path, error) from error
        if at <= self._hashed < at + len(data):
            self._digest.update(data[self._hashed - at :])
            self._hashed = at + len(data)
        self._report(at + len(data))
        return data

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def seekable(self) -> bool:
        return True

    def sha256(self) -> str:
        """Of the whole file."""
        self._file.seek(self._hashed)
        while self.read(1 << 20):
            pass
        return self._digest.hexdigest()

    def as_file(self) -> BinaryIO:
        """Itself: all of a file that readers of WARC and ZIP ask for."""
        return cast("BinaryIO", self)
