"""Captures as WACZ 1.1.1: a ZIP of WARC, index and list of pages that a browser can replay without unpacking it.

archive/data.warc.gz        as scraper.export.warc writes it
indexes/index.cdx.gz        its records by address and time, in blocks of gzip; index.idx says where each block is
pages/pages.jsonl           the pages to begin with, a line each
datapackage.json            what is in it, with a SHA-256 a file; datapackage-digest.json has that file's own
"""

from __future__ import annotations

import gzip
import hashlib
import heapq
import json
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, BinaryIO, cast

from scraper.article import utc_text
from scraper.export.search_keys import search_key
from scraper.export.warc.writing import SOFTWARE, Indexed, write_records
from scraper.store import Archive

VERSION = "1.1.1"
_WARC = "data.warc.gz"
_PIECE = 1 << 20


def write_wacz(
    archive: Archive,
    captures: Iterable[int],
    path: Path,
    *,
    lines_a_block: int = 1024,
    lines_in_memory: int = 20_000,
) -> int:
    """Write a WACZ of these captures to `path`, which the caller publishes when it is whole; how many captures.

    A reader loads a block of the index at a time; what of it does not fit into memory here waits in files beside
    `path`. Raises as `scraper.export.warc.write_warc`.
    """
    with ExitStack() as stack:
        package = _Package(stack.enter_context(zipfile.ZipFile(path, "w", allowZip64=True)))
        index = stack.enter_context(_SortedLines(path.parent, lines_in_memory))
        pages = stack.enter_context(tempfile.TemporaryFile(dir=path.parent))
        pages.write(_line({"format": "json-pages-1.0", "id": "pages", "title": "Archived pages"}))

        def report(record: Indexed) -> None:
            index.add(_cdx_line(record))
            if (page := _page(archive, record)) is not None:
                pages.write(_line(page))

        with package.member(f"archive/{_WARC}") as out:
            count = write_records(archive, captures, out, report)
        _write_index(package, index, lines_a_block)
        pages.seek(0)
        with package.member("pages/pages.jsonl", compressed=True) as out:
            while piece := pages.read(_PIECE):
                out.write(piece)
        package.finish(created=utc_text(archive.now()), description=f"{count} captures of an archive.db")
    return count


class _Package:
    """The ZIP, and what its datapackage.json says of each member."""

    def __init__(self, zipped: zipfile.ZipFile) -> None:
        self._zip = zipped
        self._resources: list[dict[str, Any]] = []

    def member(self, path: str, *, compressed: bool = False) -> _Member:
        info = zipfile.ZipInfo(path)
        # Readers seek inside WARC and index: these are stored as they are, and are compressed by themselves.
        info.compress_type = zipfile.ZIP_DEFLATED if compressed else zipfile.ZIP_STORED
        return _Member(path, self._zip.open(info, "w", force_zip64=True), self._resources)

    def finish(self, *, created: str, description: str) -> None:
        content = json.dumps(
            {
                "profile": "data-package",
                "wacz_version": VERSION,
                "title": "Archived pages",
                "description": description,
                "software": SOFTWARE,
                "created": created,
                "modified": created,
                "resources": self._resources,
            },
            indent=2,
        ).encode()
        self._zip.writestr(zipfile.ZipInfo("datapackage.json"), content)
        digest = {"path": "datapackage.json", "hash": f"sha256:{hashlib.sha256(content).hexdigest()}"}
        self._zip.writestr(zipfile.ZipInfo("datapackage-digest.json"), json.dumps(digest, indent=2))


@dataclass
class _Member:
    """A file in the ZIP while it is written: bytes are counted and hashed on their way."""

    path: str
    out: IO[bytes]
    resources: list[dict[str, Any]]
    size: int = 0
    digest: Any = field(default_factory=hashlib.sha256)

    def write(self, data: bytes) -> int:
        self.out.write(data)
        self.size += len(data)
        self.digest.update(data)
        return len(data)

    def __enter__(self) -> BinaryIO:
        return cast("BinaryIO", self)

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        self.out.close()
        self.resources.append(
            {
                "name": self.path.rpartition("/")[2].lower(),
                "path": self.path,
                "hash": f"sha256:{self.digest.hexdigest()}",
                "bytes": self.size,
            }
        )


class _SortedLines:
    """Lines that come in any order and go out sorted; what does not fit into memory waits in files."""

    def __init__(self, folder: Path, in_memory: int) -> None:
        self._folder = folder
        self._in_memory = in_memory
        self._lines: list[bytes] = []
        self._files: list[IO[bytes]] = []

    def __enter__(self) -> _SortedLines:
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        for file in self._files:
            file.close()

    def add(self, line: bytes) -> None:
        self._lines.append(line)
        if len(self._lines) >= self._in_memory:
            file = tempfile.TemporaryFile(dir=self._folder)  # noqa: SIM115 - closed by __exit__
            file.writelines(sorted(self._lines))
            self._files.append(file)
            self._lines = []

    def __iter__(self) -> Iterator[bytes]:
        for file in self._files:
            file.seek(0)
        return heapq.merge(*self._files, sorted(self._lines))


def _write_index(package: _Package, lines: Iterable[bytes], a_block: int) -> None:
    """The index in blocks, each a gzip member of its own, and where each block begins."""
    places = [b'!meta 0 {"format": "cdxj-gzip-1.0", "filename": "index.cdx.gz"}\n']
    offset = 0
    with package.member("indexes/index.cdx.gz") as out:
        for block in _blocks(lines, a_block):
            member = gzip.compress(b"".join(block), mtime=0)
            out.write(member)
            key = b" ".join(block[0].split(b" ", 2)[:2])
            place = {
                "offset": offset,
                "length": len(member),
                "digest": f"sha256:{hashlib.sha256(member).hexdigest()}",
                "filename": "index.cdx.gz",
            }
            places.append(key + b" " + _line(place))
            offset += len(member)
    with package.member("indexes/index.idx", compressed=True) as out:
        out.write(b"".join(places))


def _blocks(lines: Iterable[bytes], size: int) -> Iterator[list[bytes]]:
    block: list[bytes] = []
    for line in lines:
        block.append(line)
        if len(block) == size:
            yield block
            block = []
    if block:
        yield block


def _cdx_line(record: Indexed) -> bytes:
    mime = "warc/revisit" if record.kind == "revisit" else (record.mime or "").partition(";")[0].strip()
    values: dict[str, Any] = {"url": record.url}
    if mime:
        values["mime"] = mime
    if record.status is not None:
        values["status"] = str(record.status)
    if record.digest is not None:
        values["digest"] = record.digest
    values |= {"length": str(record.place.length), "offset": str(record.place.offset), "filename": _WARC}
    stamp = "".join(filter(str.isdigit, record.date))[:14]
    return f"{search_key(record.url)} {stamp} ".encode() + _line(values)


def _page(archive: Archive, record: Indexed) -> dict[str, Any] | None:
    """A page of the list: what a capture brought, with the headline of the text it shows."""
    capture = record.capture
    if not record.is_page or capture.error is not None or capture.sha256 is None or capture.status != 200:
        return None
    page = {"id": f"capture-{capture.id}", "url": record.url, "ts": record.date}
    headline = archive.headline(capture.id)
    return page if headline is None else {**page, "title": headline}


def _line(values: dict[str, Any]) -> bytes:
    return json.dumps(values).encode() + b"\n"
