"""Files into the archive: which kind they are, what of them is new, stored in batches with where it came from."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import get_args

from scraper.capture import Capture, Rendering
from scraper.errors import ArchiveError, UsageError
from scraper.export.batches import Batch, Entry, FileKind, HashedFile, identity_of, read_batches, unreadable
from scraper.export.found import Damage, Found, FoundAsset, FoundAssets, Item, Left, Reason
from scraper.export.saved_html import read_saved_page
from scraper.export.sifting import Sift, Wishes
from scraper.export.url_lists import read_list
from scraper.export.warc.position import Position
from scraper.store import Archive, Import, ImportCounts, ImportKind

KINDS: tuple[ImportKind, ...] = get_args(ImportKind)


@dataclass(slots=True)
class Imported:
    """What became of a file."""

    import_id: int
    counts: ImportCounts = field(default_factory=ImportCounts)
    read: int = 0
    """Records until now, of whatever outcome, in this run."""


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
        raise unreadable(path, error) from error
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


@dataclass(frozen=True, slots=True)
class Kept:
    """A capture that was stored, to be read by the extractor."""

    capture_id: int
    capture: Capture
    rendering: Rendering | None
    item: Found
    """What it was stored from."""


def import_file(
    archive: Archive, path: Path, kind: ImportKind, wishes: Wishes, *, report: Report, remark: Remark
) -> Imported:
    """Store what is new in a file; the same again adds nothing. `report` is called after each batch.

    Stopped anywhere, what was stored stays, and the same call does the rest. Everything is done in this process:
    `scraper.crawl.backfill` reads WARC and WACZ files in others.
    Raises UsageError for a file that is not of that kind, AlreadyRunning, and ArchiveError.
    """
    if kind == "list":
        return import_list(archive, path, wishes, remark)
    if kind == "html":
        batch = _understood(read_saved(path, wishes), Sift(wishes), archive)
        done = begin_saved(archive, path)
        store_batch(archive, batch, done, remark)
        report(done)
        return done
    return _import_large(archive, path, kind, wishes, report=report, remark=remark)


def _import_large(
    archive: Archive, path: Path, kind: FileKind, wishes: Wishes, *, report: Report, remark: Remark
) -> Imported:
    taken = take_file(archive, path, kind, wishes)
    if taken.ended_at is not None:
        return as_known(taken)
    done = Imported(taken.id, taken.counts)
    sift = Sift(wishes)
    try:
        with HashedFile(path) as file:
            for batch in read_batches(path, kind, wishes, Position.of(taken.position), file.as_file()):
                sha256 = file.sha256() if batch.after is None else None
                store_batch(archive, _understood(batch, sift, archive), done, remark, sha256=sha256)
                report(done)
    finally:
        archive.release_import(taken.id)
    return done


def take_file(archive: Archive, path: Path, kind: FileKind, wishes: Wishes) -> Import:
    """Begin with a file, or go on with it. With `ended_at` it was read before. Raises UsageError, AlreadyRunning."""
    identity, size = identity_of(path)
    return archive.take_import(path.name, kind, size, identity=identity, wishes=wishes.as_text())


def as_known(before: Import) -> Imported:
    """What reading a file again would come to that was read to its end before."""
    counts = before.counts
    known = ImportCounts(
        known=counts.captures + counts.known,
        skipped=counts.skipped,
        damaged=counts.damaged,
        truncated=counts.truncated,
        reasons=counts.reasons,
    )
    return Imported(before.id, known)


def store_batch(
    archive: Archive,
    batch: Batch,
    done: Imported,
    remark: Remark,
    *,
    room: int | None = None,
    sha256: str | None = None,
) -> tuple[list[Kept], bool]:
    """Store what is new of a batch, and where to go on, together; what was stored, and whether the file is at its end.

    `room` is how many captures may be added: with fewer than there are, the rest of the batch is left for another time.
    """
    kept: list[Kept] = []
    with archive.batch():
        for number, entry in enumerate(batch.entries):
            if room is not None and len(kept) >= room:
                archive.count_import(done.import_id, done.counts, position=batch.up_to(number).as_dict())
                return kept, False
            _count_left(done, entry.left, entry.records)
            _store(archive, entry.item, done, remark, kept)
        _count_left(done, batch.left, batch.records)
        if batch.after is None:
            archive.count_import(done.import_id, done.counts, ended=True, sha256=sha256)
        else:
            archive.count_import(done.import_id, done.counts, position=batch.after.as_dict())
    return kept, batch.after is None


def read_saved(path: Path, wishes: Wishes) -> Batch:
    """A saved page, as a batch of its own. Raises UsageError."""
    sift = Sift(wishes)
    found = read_saved_page(path, url=wishes.url, max_body=wishes.max_body)
    item = sift.sifted(found)
    return Batch(Position(), [Entry(item, passed=1, records=1, left={})])


def begin_saved(archive: Archive, path: Path) -> Imported:
    """Record that a saved page is imported. Raises UsageError."""
    sha256, size = _digest_of(path)
    return Imported(archive.begin_import(path.name, "html", sha256, size))


def _understood(batch: Batch, sift: Sift, archive: Archive) -> Batch:
    """The batch, with the pages left out that only reading tells to be in another language."""
    for number, entry in enumerate(batch.entries):
        if isinstance(entry.item, Found) and entry.item.unsure:
            capture = entry.item.whole(archive)
            if capture is not None and not sift.takes_language(_language_of(capture)):
                batch.entries[number] = in_other_language(entry)
    return batch


def in_other_language(entry: Entry) -> Entry:
    """In the place of a page that proved to be in a language that was not asked for."""
    record = entry.item.record
    return replace(entry, item=Left("it was not asked for", record, "other_language"))


def _language_of(capture: Capture) -> str | None:
    from scraper.extract import extract

    return extract(capture.body or b"", url=capture.final_url, content_type=capture.content_type).language


def _count_left(done: Imported, left: Mapping[Reason, int], records: int) -> None:
    done.read += records
    for reason, count in left.items():
        _skip(done.counts, reason, count)


def _skip(counts: ImportCounts, reason: Reason, count: int = 1) -> None:
    counts.skipped += count
    counts.reasons[reason] = counts.reasons.get(reason, 0) + count


def _store(archive: Archive, item: Item, done: Imported, remark: Remark, kept: list[Kept]) -> None:
    counts = done.counts
    match item:
        case Damage():
            counts.damaged += 1
            remark(f"damaged: {item.record or 'a record'}: {item.why}")
        case Left():
            _skip(counts, item.reason)
            if item.worth_a_word:
                remark(f"left out: {item.record}: {item.why}")
        case Found():
            _store_capture(archive, item, done, remark, kept)
        case FoundAsset():
            _store_asset(archive, item, done, remark)
        case FoundAssets():
            _give_assets(archive, item, counts)


def _store_capture(archive: Archive, found: Found, done: Imported, remark: Remark, kept: list[Kept]) -> None:
    counts = done.counts
    try:
        capture = found.whole(archive)
    except ArchiveError as error:
        counts.damaged += 1
        remark(f"damaged: {found.record}: {error}")
        return
    if capture is None:
        _skip(counts, "without_body")
        remark(f"left out: {found.record}: the body that it points at is neither in the file nor in the archive")
    elif archive.has_capture(capture):
        counts.known += 1
    else:
        record = found.record if found.truncated is None else f"{found.record} (cut short: {found.truncated})"
        ref = archive.add_capture(capture, import_id=done.import_id, import_record=record)
        if found.rendering is not None:
            archive.add_rendering(ref.id, found.rendering)
        kept.append(Kept(ref.id, capture, found.rendering, found))
        counts.captures += 1
        counts.truncated += found.truncated is not None
        for text in found.remarks:
            remark(text)


def _store_asset(archive: Archive, found: FoundAsset, done: Imported, remark: Remark) -> None:
    """Keep what a page shows that is in the archive: it belongs to it when all that the page shows is named."""
    assets, capture = archive.assets(), found.capture
    if archive.capture_at(found.page.url, found.page.fetched_at) is None:
        _skip(done.counts, "not_html")
        return
    if assets.at(capture.url, capture.fetched_at) is not None:
        return
    try:
        body = None if found.body is None else found.body.fetch(archive)
    except ArchiveError as error:
        done.counts.damaged += 1
        remark(f"damaged: {found.record}: {error}")
        return
    validated = None if found.validated is None else assets.at(capture.url, found.validated)
    if (found.body is not None and body is None) or (found.validated is not None and validated is None):
        _skip(done.counts, "without_body")
        return
    assets.add(
        None,
        capture if found.body is None else replace(capture, body=body),
        import_id=done.import_id,
        validated=validated,
    )


def _give_assets(archive: Archive, found: FoundAssets, counts: ImportCounts) -> None:
    capture_id = archive.capture_at(found.page.url, found.page.fetched_at)
    if capture_id is None:
        _skip(counts, "not_html")
        return
    assets = archive.assets()
    for url, moment in found.names:
        asset_id = assets.at(url, moment)
        if asset_id is not None:
            assets.give(capture_id, asset_id)


def import_list(archive: Archive, path: Path, wishes: Wishes, remark: Remark) -> Imported:
    """Keep the addresses of a list and what is noted about them. Raises UsageError."""
    sift = Sift(wishes)
    done = Imported(archive.begin_import(path.name, "list", *_digest_of(path)))
    counts = done.counts
    with archive.batch():
        for line in read_list(path, note=wishes.note):
            done.read += 1
            if line.url is None:
                counts.damaged += 1
                remark(f"not an address: {line.text}")
            elif not sift.takes_address(line.url):
                _skip(counts, "other_host")
            elif archive.add_note(line.url, line.note, done.import_id):
                counts.captures += 1
            else:
                counts.known += 1
        archive.count_import(done.import_id, counts, ended=True)
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
        raise unreadable(path, error) from error
    return digest.hexdigest(), size
