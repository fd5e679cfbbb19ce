"""The records of a WARC file, one after another; what is damaged is told and passed over."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from operator import itemgetter
from typing import BinaryIO

from scraper.errors import UsageError
from scraper.export.found import Damage
from scraper.export.warc.members import Units

LONGEST_HEADER = 64 * 1024
PREFIX = 64 * 1024
"""Bytes of a block by which is decided whether it is wanted."""
_VERSION = re.compile(rb"WARC/(\d+\.\d+)\r?\n")
_RECORD = b"WARC/1."
_DATE = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?Z)?)?)?")


Place = tuple[int, int]
"""Where a record can be found again: where in the file its unit begins, and how many records of the unit are before."""


@dataclass(frozen=True, slots=True)
class Record:
    """One record. `fields` are by their names in lower case."""

    fields: dict[str, list[str]]
    block: bytes | None
    """None for one that was not wanted, or is larger than the limit."""
    length: int
    place: Place = (0, 0)

    def get(self, name: str) -> str | None:
        return next(iter(self.fields.get(name, ())), None)

    @property
    def kind(self) -> str:
        return (self.get("warc-type") or "").lower()

    @property
    def id(self) -> str:
        return self.get("warc-record-id") or ""

    @property
    def url(self) -> str:
        # Some programs wrote it as <http://…>.
        return (self.get("warc-target-uri") or "").removeprefix("<").removesuffix(">")

    @property
    def date(self) -> datetime | None:
        return parse_date(self.get("warc-date") or "")


Wanted = Callable[[Record, bytes], bool]
"""Whether a record is wanted, by its header and the first bytes of its block."""


def read_records(file: BinaryIO, wanted: Wanted, limit: int, *, start: int = 0) -> Iterator[Record | Damage]:
    """Every record of a file: plain, gzip or zstd, one member a record or one for all.

    A record's block is read when it is `wanted` and has at most `limit` bytes, and is then checked against its digests.
    `start` is the first number of a place. Raises UsageError for a file that is no WARC.
    """
    units = Units(file, start)
    first = start == 0
    while units.advance():
        if first and units.broken is None and not units.peek(5).startswith(b"WARC/"):
            older = units.peek(11) == b"filedesc://"
            raise UsageError(
                "It is no WARC file",
                why="it is an ARC file, which came before WARC" if older else "what is in it does not begin with WARC/",
                next_step="make a WARC of it with `warcio recompress`" if older else "",
            )
        first = False
        yield from _of_unit(units, wanted, limit)


def read_again(file: BinaryIO, places: Iterable[Place], limit: int) -> Iterator[Record]:
    """The records at these places, in the order of the file, with their blocks."""
    for start, found in groupby(sorted(set(places)), key=itemgetter(0)):
        left = set(found)
        for record in read_records(file, lambda record, beginning: True, limit, start=start):
            if isinstance(record, Record):
                if record.place in left:
                    yield record
                left.discard(record.place)
                if not left or record.place[0] != start:
                    break


def _of_unit(units: Units, wanted: Wanted, limit: int) -> Iterator[Record | Damage]:
    count = 0
    while _pass_blank_lines(units):
        place = (units.offset, 0 if units.is_plain else count)
        fields = _header(units)
        if fields is None:
            if units.broken is not None:
                break
            yield Damage("its header is none of a WARC record")
            # Within a member that holds one record, what looks like another is content: a page may quote a WARC.
            if not (count or units.is_plain) or not _seek_record(units):
                return
            continue
        length = int(fields["content-length"][0])
        record = Record(fields, None, length, place)
        is_wanted = wanted(record, units.peek(min(length, PREFIX))) and length <= limit
        block = units.take(length) if is_wanted else None
        found = len(block) if block is not None else units.skip(length)
        ending = units.peek(4)
        count += 1
        if found < length or ending.strip(b"\r\n"):
            why = "it is cut short" if found < length else "its Content-Length is wrong"
            yield Damage(units.broken or why, record.id)
            # What the record holds is not looked through: a page may quote what looks like another record.
            if found < length or not (count > 1 or units.is_plain) or not _seek_record(units):
                return
            continue
        units.take(len(ending) - len(ending.lstrip(b"\r\n")))
        if not units.peek(1) and units.broken is not None:
            yield Damage(units.broken, record.id)
            return
        if block is not None and (fault := _digest_fault(record, block)):
            yield Damage(fault, record.id)
            continue
        yield Record(fields, block, length, place)
    if units.broken is not None:
        yield Damage(units.broken)


def _pass_blank_lines(units: Units) -> bool:
    """Whether anything but blank lines comes."""
    while (ahead := units.peek(64)) and not ahead.strip(b"\r\n"):
        units.skip(len(ahead))
    units.skip(len(ahead) - len(ahead.lstrip(b"\r\n")))
    return bool(ahead)


def _header(units: Units) -> dict[str, list[str]] | None:
    """The fields of a record's header, taken; None where there is none."""
    if not _VERSION.match(units.peek(16)):
        return None
    crlf = b"\r\n" in units.peek(16)
    head = units.find(b"\r\n\r\n" if crlf else b"\n\n", LONGEST_HEADER)
    if head is None:
        units.skip(len(b"WARC/"))
        return None
    fields: dict[str, list[str]] = {}
    last: list[str] | None = None
    for line in head.decode("utf-8", "replace").replace("\r\n", "\n").split("\n")[1:]:
        if line[:1] in (" ", "\t") and last is not None:
            last[-1] += " " + line.strip()
            continue
        name, colon, value = line.partition(":")
        if colon:
            last = fields.setdefault(name.strip().lower(), [])
            last.append(value.strip())
    length = fields.get("content-length", [""])[0]
    whole = "warc-type" in fields and length.isascii() and length.isdigit() and len(length) < 16
    if not whole:
        return None
    return fields


def _seek_record(units: Units) -> bool:
    """Go to what looks like the beginning of the next record within the unit; False when there is none."""
    if units.peek(len(_RECORD)) == _RECORD:
        return True
    while ahead := units.peek(1 << 16):
        at = ahead.find(b"\n" + _RECORD)
        if at >= 0:
            units.skip(at + 1)
            return True
        keep = len(_RECORD)
        if len(ahead) <= keep:
            return False
        units.skip(len(ahead) - keep)
    return False


def _digest_fault(record: Record, block: bytes) -> str | None:
    """What is wrong with a block by its own digest; None when nothing is, or nobody can tell."""
    stated = record.get("warc-block-digest")
    if stated is None or record.kind == "revisit":
        return None
    return "its bytes do not match its digest" if is_digest_of(stated, block) is False else None


def is_digest_of(stated: str, content: bytes) -> bool | None:
    """Whether `stated` (`sha1:…`, in base 16, 32 or 64) is the digest of `content`; None for one not known here."""
    digest = digest_bytes(stated)
    return (
        None if digest is None else hashlib.new(_algorithm(stated), content, usedforsecurity=False).digest() == digest
    )


def digest_bytes(stated: str) -> bytes | None:
    """The bytes of a digest as WARC states it; None for one of an algorithm or notation not known here."""
    value = stated.strip().partition(":")[2]
    size = {"md5": 16, "sha1": 20, "sha256": 32, "sha512": 64}.get(_algorithm(stated))
    if size is None:
        return None
    try:
        if len(value) == 2 * size:
            return bytes.fromhex(value)
        if len(value.rstrip("=")) == -(-size * 8 // 5):
            return base64.b32decode(value.rstrip("=") + "=" * (-len(value.rstrip("=")) % 8), casefold=True)
        found = base64.b64decode(value.rstrip("=") + "=" * (-len(value.rstrip("=")) % 4), altchars=b"-_")
    except (ValueError, binascii.Error):
        return None
    return found if len(found) == size else None


def _algorithm(stated: str) -> str:
    return stated.strip().partition(":")[0].lower().replace("-", "")


def parse_date(text: str) -> datetime | None:
    """A WARC-Date: UTC, to the year or as exact as nine decimals; None for what is none."""
    match = _DATE.fullmatch(text.strip())
    if match is None:
        return None
    year, month, day, hour, minute, second, fraction = match.groups()
    try:
        return datetime(
            int(year),
            int(month or 1),
            int(day or 1),
            int(hour or 0),
            int(minute or 0),
            min(int(second or 0), 59),
            int((fraction or "0")[:6].ljust(6, "0")),
            tzinfo=UTC,
        )
    except ValueError:
        return None
