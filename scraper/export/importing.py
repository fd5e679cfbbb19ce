"""Files into the archive: which kind they are, what of them is new, stored in batches with where it came from."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import get_args

from scraper.errors import ArchiveError, UsageError
from scraper.export.found import Damage, Found, Item, Left
from scraper.export.reading_wacz import read_wacz
from scraper.export.saved_html import read_saved_page
from scraper.export.url_lists import read_list
from scraper.export.warc.pages import read_pages
from scraper.store import Archive, Day, ImportCounts, ImportKind
from scraper.store.filters import Filters
from scraper.urls import site_of

KINDS: tuple[ImportKind, ...] = get_args(ImportKind)
_BATCH = 64
"""Captures stored at a time, and bytes of their bodies."""
_BATCH_BYTES = 16 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What of a file is wanted."""

    site: str | None = None
    since: Day | None = None
    """Of captures, unlike elsewhere: when a page was published is not known before it is read."""
    until: Day | None = None
    url: str | None = None
    """Of a saved page that does not say where it is from."""
    note: str = ""
    """For the addresses of a list."""
    max_body: int = 32 << 20


@dataclass(slots=True)
class Imported:
    """What became of a file."""

    import_id: int
    counts: ImportCounts = field(default_factory=ImportCounts)
    read: int = 0
    """Records until now, of whatever outcome."""


Report = Callable[[Imported], None]
Remark = Callable[[str], None]


def kind_of(path: Path) -> ImportKind:
    """What a file is, by its beginning. Raises UsageError."""
    try:
        with path.open("rb") as file:
            head = file.read(4096)
    except FileNotFoundError:
        raise UsageError(f"No such file: {path}", next_step="check the path") from None
    except OSError as error:
        raise UsageError(f"Cannot read {path}", why=error.strerror or str(error)) from error
    if head.startswith(b"PK\x03\x04"):
        return "wacz"
    if head.startswith((b"WARC/", b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"\x5d\x2a\x4d\x18")):
        return "warc"
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return "html"
    if b"\0" not in head and path.suffix.lower() in (".txt", ".csv", ".tsv", ".list", ".urls", ""):
        return "list"
    raise UsageError(
        f"It is not clear what {path} is",
        why="it begins as neither a WARC, a WACZ, a web page nor a list of addresses does",
        next_step=f"say it with --kind {'|'.join(KINDS)}",
    )


def import_file(
    archive: Archive, path: Path, kind: ImportKind, wishes: Wishes, *, report: Report, remark: Remark
) -> Imported:
    """Store what is new in a file; the same again adds nothing. `report` is called after each batch.

    Stopped anywhere, what was stored stays, and the same call does the rest.
    Raises UsageError for a file that is not of that kind, and ArchiveError.
    """
    sha256, size = _digest_of(path)
    if kind == "list":
        return _import_list(archive, path, wishes, archive.begin_import(path.name, kind, sha256, size), remark)
    passes = passing(wishes)
    done: Imported | None = None
    for batch in _batches(_items(path, kind, wishes)):
        # Only now is it certain that the file is what it was taken for.
        done = done or Imported(archive.begin_import(path.name, kind, sha256, size))
        with archive.batch():
            for item in batch:
                _store(archive, item, done, passes, remark)
            archive.count_import(done.import_id, done.counts)
        report(done)
    done = done or Imported(archive.begin_import(path.name, kind, sha256, size))
    archive.count_import(done.import_id, done.counts, ended=True)
    return done


def _items(path: Path, kind: ImportKind, wishes: Wishes) -> Iterator[Item]:
    if kind == "html":
        yield read_saved_page(path, url=wishes.url, max_body=wishes.max_body)
    elif kind == "wacz":
        yield from read_wacz(path, max_body=wishes.max_body)
    else:
        with path.open("rb") as file:
            yield from read_pages(file, max_body=wishes.max_body)


def _batches(items: Iterator[Item]) -> Iterator[list[Item]]:
    batch: list[Item] = []
    size = 0
    for item in items:
        batch.append(item)
        size += item.size if isinstance(item, Found) else 0
        if len(batch) >= _BATCH or size >= _BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _store(archive: Archive, item: Item, done: Imported, passes: Callable[[Found], bool], remark: Remark) -> None:
    counts = done.counts
    done.read += 1
    match item:
        case Damage():
            counts.damaged += 1
            remark(f"damaged: {item.record or 'a record'}: {item.why}")
        case Left():
            counts.skipped += 1
            if item.worth_a_word:
                remark(f"left out: {item.record}: {item.why}")
        case Found() if not passes(item):
            counts.skipped += 1
        case Found():
            _store_capture(archive, item, done, remark)


def _store_capture(archive: Archive, found: Found, done: Imported, remark: Remark) -> None:
    counts = done.counts
    try:
        capture = found.whole(archive)
    except ArchiveError as error:
        counts.damaged += 1
        remark(f"damaged: {found.record}: {error}")
        return
    if capture is None:
        counts.skipped += 1
        remark(f"left out: {found.record}: the body that it points at is neither in the file nor in the archive")
    elif archive.has_capture(capture):
        counts.known += 1
    else:
        ref = archive.add_capture(capture, import_id=done.import_id, import_record=found.record)
        if found.rendering is not None:
            archive.add_rendering(ref.id, found.rendering)
        counts.captures += 1
        for text in found.remarks:
            remark(text)


def passing(wishes: Wishes) -> Callable[[Found], bool]:
    """Whether a capture is one of those wished for. Raises QueryError."""
    Filters.of(site=wishes.site, since=wishes.since, until=wishes.until)
    site = wishes.site and _site(wishes.site)
    since, until = (None if day is None else str(day).strip()[:10] for day in (wishes.since, wishes.until))

    def passes(found: Found) -> bool:
        day = found.capture.fetched_at.date().isoformat()
        return (
            (site is None or site_of(found.capture.final_url) == site)
            and (since is None or day >= since)
            and (until is None or day[: len(until)] <= until)
        )

    return passes


def _site(text: str) -> str:
    return text.strip().lower().removeprefix("www.")


def _import_list(archive: Archive, path: Path, wishes: Wishes, import_id: int, remark: Remark) -> Imported:
    done = Imported(import_id)
    counts = done.counts
    with archive.batch():
        for line in read_list(path, note=wishes.note):
            done.read += 1
            if line.url is None:
                counts.damaged += 1
                remark(f"not an address: {line.text}")
            elif wishes.site is not None and site_of(line.url) != _site(wishes.site):
                counts.skipped += 1
            elif archive.add_note(line.url, line.note, import_id):
                counts.captures += 1
            else:
                counts.known += 1
        archive.count_import(import_id, counts, ended=True)
    return done


def _digest_of(path: Path) -> tuple[str, int]:
    digest = hashlib.sha256()
    size = 0
    try:
        with path.open("rb") as file:
            while piece := file.read(1 << 20):
                digest.update(piece)
                size += len(piece)
    except OSError as error:
        raise UsageError(f"Cannot read {path}", why=error.strerror or str(error)) from error
    return digest.hexdigest(), size
