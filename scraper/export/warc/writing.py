"""Captures out of the archive as WARC records, in a stream.

A capture is a request and a response record for each of its requests, what a browser made of it, and a metadata record
that ties them together. What the page shows follows: see `asset_records`. A body that is in the file already is written
as a revisit that points at it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import BinaryIO

from scraper.article import utc_text
from scraper.capture import Capture, Rendering
from scraper.errors import NotInArchive
from scraper.export.warc import facts
from scraper.export.warc.asset_records import AssetWriter
from scraper.export.warc.exchanges import Exchanges, Indexed, Original, Payload, Report, Subject, digest_text
from scraper.export.warc.record import RecordWriter, record_id, uri
from scraper.settings import VERSION
from scraper.store import Archive, Import, StoredCapture

__all__ = ["SOFTWARE", "Indexed", "write_records", "write_warc"]

SOFTWARE = f"news-archiver {VERSION}"
_TRUNCATED = {"too_large": "length", "timeout": "time", "connect": "disconnect"}


def write_warc(archive: Archive, captures: Iterable[int], out: BinaryIO) -> int:
    """Write the records of these captures to `out`, each a gzip member of its own; the number of captures written.

    Raises BlobCorrupt for a body that is damaged; what was written until then is not whole.
    """
    return write_records(archive, captures, out, lambda record: None)


def write_records(archive: Archive, captures: Iterable[int], out: BinaryIO, report: Report) -> int:
    """As `write_warc`; `report` is told of each record that an index names, in their order."""
    writer = _Writer(archive, RecordWriter(out), report)
    count = 0
    for capture_id in captures:
        writer.write(capture_id)
        count += 1
    return count


class _Writer:
    def __init__(self, archive: Archive, records: RecordWriter, report: Report) -> None:
        self._archive = archive
        self._records = records
        self._report = report
        # Bodies that several captures of the archive show, and the capture in whose record each stands.
        self._bodies: dict[bytes, int] = {}
        self._imports: dict[int, Import] = {}
        self._exchanges = Exchanges(records, self._write_info(), report)
        self._assets = AssetWriter(archive, records, self._exchanges)

    def _write_info(self) -> str:
        own = record_id("warcinfo", self._archive.path, utc_text(self._archive.now()))
        block = (
            f"software: {SOFTWARE}\r\nformat: WARC File Format 1.1\r\n"
            "conformsTo: http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/\r\n"
            "description: Captures of an archive.db, written by `scrape export`. Bodies are stored without the content"
            " and transfer encodings that they came in; header fields that speak of these are kept as"
            " X-Archive-Orig-*.\r\n"
        )
        fields = [("WARC-Type", "warcinfo"), ("WARC-Record-ID", own), ("WARC-Date", utc_text(self._archive.now()))]
        self._records.write([*fields, ("Content-Type", facts.MEDIA_TYPE)], block.encode())
        return own

    def write(self, capture_id: int) -> None:
        stored = self._archive.stored_capture(capture_id)
        capture = self._archive.capture(capture_id, with_body=False)
        rendering = self._archive.rendering(capture_id)
        payload = self._payload(stored, capture)
        subject = _subject(stored)
        concurrent = self._exchanges.write(subject, capture, payload)
        if rendering is not None:
            concurrent += self._write_drawn(subject, rendering)
        # Its address is not the page's: a replay would take it for the page.
        self._records.write(
            [
                *self._exchanges.fields(
                    "metadata", subject.id("metadata"), f"urn:capture:{stored.final_url}", subject.date
                ),
                *(("WARC-Concurrent-To", one) for one in concurrent),
                ("Content-Type", facts.MEDIA_TYPE),
            ],
            facts.written(capture, stored, rendering, self._source(stored), body=payload.place),
        )
        self._assets.write_of(subject)

    def _payload(self, stored: StoredCapture, capture: Capture) -> Payload:
        if stored.sha256 is None:
            if capture.status == 304 and (shown := self._archive.shown_before(stored.id)) is not None:
                sha256 = self._archive.stored_capture(shown).sha256 or ""
                original = self._original(self._bodies.get(bytes.fromhex(sha256), shown))
                return Payload(profile="server-not-modified", digest=digest_text(sha256), original=original)
            code = None if capture.failure is None else capture.failure.code
            return Payload(truncated=code and _TRUNCATED.get(code, "unspecified"))
        key, digest, size = bytes.fromhex(stored.sha256), digest_text(stored.sha256), stored.size or 0
        if size and key in self._bodies:
            return Payload(
                length=size,
                digest=digest,
                profile="identical-payload-digest",
                original=self._original(self._bodies[key]),
                place="elsewhere",
            )
        try:
            body = self._archive.body(stored.sha256)
        except NotInArchive:
            return Payload(truncated="unspecified", place="removed")
        if self._is_shared(stored.sha256):
            self._bodies[key] = stored.id
        return Payload(body=body, length=size, digest=digest, place="here")

    def _is_shared(self, sha256: str) -> bool:
        ids = self._archive.captures_of_body(sha256)
        return next(ids, None) is not None and next(ids, None) is not None

    def _original(self, capture_id: int) -> Original:
        original = self._archive.stored_capture(capture_id)
        last = len(self._archive.capture(capture_id, with_body=False).hops) - 1
        return Original(_subject(original).id("response", last), original.final_url, utc_text(original.fetched_at))

    def _write_drawn(self, subject: Subject, rendering: Rendering) -> list[str]:
        """What a browser made of the page: resources under addresses of their own, which no page has."""
        written = []
        stored = subject.capture
        date = utc_text(rendering.rendered_at)
        for name, mime, content in (
            ("drawn", "text/html; charset=utf-8", rendering.dom),
            ("fullPage", "image/png", rendering.screenshot),
        ):
            if content is None:
                continue
            own = subject.id(name)
            url = f"urn:{name}:{stored.final_url}"
            digest = digest_text(hashlib.sha256(content).hexdigest())
            place = self._records.write(
                [
                    *self._exchanges.fields("resource", own, url, date),
                    ("WARC-Payload-Digest", digest),
                    ("Content-Type", mime),
                ],
                content,
            )
            self._report(Indexed("resource", uri(url), date, mime, None, digest, place, stored, is_page=False))
            written.append(own)
        return written

    def _source(self, stored: StoredCapture) -> Import | None:
        if stored.import_id is None:
            return None
        if stored.import_id not in self._imports:
            self._imports[stored.import_id] = self._archive.imported_file(stored.import_id)
        return self._imports[stored.import_id]


def _subject(stored: StoredCapture) -> Subject:
    date = utc_text(stored.fetched_at)
    return Subject((stored.id, stored.url, date, stored.sha256), date, stored, is_page=True)
