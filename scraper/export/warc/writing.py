"""Captures out of the archive as WARC records, in a stream.

A capture is a request and a response record for each of its requests, what a browser made of it, and a metadata record
that ties them together. A body that is in the file already is written as a revisit that points at it.
"""

from __future__ import annotations

import hashlib
import ipaddress
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import BinaryIO, Literal

from scraper.article import utc_text
from scraper.capture import Capture, Hop, Rendering
from scraper.errors import NotInArchive
from scraper.export.warc import facts
from scraper.export.warc.http_blocks import PROTOCOLS, request_head, response_head
from scraper.export.warc.record import Place, RecordWriter, record_id, uri
from scraper.settings import VERSION
from scraper.store import Archive, Import, StoredCapture

SOFTWARE = f"news-archiver {VERSION}"
_HTTP = "application/http; msgtype="
_PROFILE = "http://netpreserve.org/warc/1.1/revisit/"
_TRUNCATED = {"too_large": "length", "timeout": "time", "connect": "disconnect"}

Kind = Literal["response", "revisit", "resource"]


@dataclass(frozen=True, slots=True)
class Indexed:
    """A record that an index names."""

    kind: Kind
    url: str
    date: str
    """As in WARC-Date."""
    mime: str | None
    status: int | None
    digest: str | None
    """As in WARC-Payload-Digest."""
    place: Place
    capture: StoredCapture
    is_page: bool
    """Whether it is what the capture brought, and not one of its redirects or what was made of it."""


Report = Callable[[Indexed], None]


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


@dataclass(frozen=True, slots=True)
class _Payload:
    """What stands for a capture's body in its last response."""

    body: bytes = b""
    length: int = 0
    digest: str | None = None
    profile: str | None = None
    """Of the revisit; None for a response."""
    original: int | None = None
    """The capture that a revisit refers to."""
    truncated: str | None = None
    place: Literal["here", "elsewhere", "removed", "none"] = "none"


class _Writer:
    def __init__(self, archive: Archive, records: RecordWriter, report: Report) -> None:
        self._archive = archive
        self._records = records
        self._report = report
        # Bodies that several captures of the archive show, and the capture in whose record each stands.
        self._bodies: dict[bytes, int] = {}
        self._imports: dict[int, Import] = {}
        self._info = self._write_info()

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
        answered = [(number, hop) for number, hop in enumerate(capture.hops) if hop.status is not None]
        for number, hop in answered:
            self._write_exchange(stored, capture, number, hop, payload)
        concurrent = [_id(stored, "response", number) for number, _ in answered]
        if rendering is not None:
            concurrent += self._write_drawn(stored, rendering)
        # Its address is not the page's: a replay would take it for the page.
        self._records.write(
            [
                *self._fields("metadata", _id(stored, "metadata"), stored, f"urn:capture:{stored.final_url}"),
                *(("WARC-Concurrent-To", one) for one in concurrent),
                ("Content-Type", facts.MEDIA_TYPE),
            ],
            facts.written(capture, stored, rendering, self._source(stored), body=payload.place),
        )

    def _payload(self, stored: StoredCapture, capture: Capture) -> _Payload:
        if stored.sha256 is None:
            if capture.status == 304 and (shown := self._archive.shown_before(stored.id)) is not None:
                sha256 = self._archive.stored_capture(shown).sha256 or ""
                original = self._bodies.get(bytes.fromhex(sha256), shown)
                return _Payload(profile="server-not-modified", digest=_digest(sha256), original=original)
            code = None if capture.failure is None else capture.failure.code
            return _Payload(truncated=code and _TRUNCATED.get(code, "unspecified"))
        key, digest, size = bytes.fromhex(stored.sha256), _digest(stored.sha256), stored.size or 0
        if size and key in self._bodies:
            return _Payload(
                length=size,
                digest=digest,
                profile="identical-payload-digest",
                original=self._bodies[key],
                place="elsewhere",
            )
        try:
            body = self._archive.body(stored.sha256)
        except NotInArchive:
            return _Payload(truncated="unspecified", place="removed")
        if self._is_shared(stored.sha256):
            self._bodies[key] = stored.id
        return _Payload(body=body, length=size, digest=digest, place="here")

    def _is_shared(self, sha256: str) -> bool:
        ids = self._archive.captures_of_body(sha256)
        return next(ids, None) is not None and next(ids, None) is not None

    def _write_exchange(
        self, stored: StoredCapture, capture: Capture, number: int, hop: Hop, payload: _Payload
    ) -> None:
        """The request and the response record of one request; all but the last are redirects, without bodies."""
        is_page = number == len(capture.hops) - 1
        if not is_page:
            is_empty = any(name.lower() == "content-length" and value == "0" for name, value in hop.headers)
            payload = _Payload(truncated=None if is_empty else "unspecified")
        response = _id(stored, "response", number)
        kind: Kind = "response" if payload.profile is None else "revisit"
        more = [*_network(hop), *self._referring(payload)]
        if payload.digest is not None:
            more.append(("WARC-Payload-Digest", payload.digest))
        if payload.truncated is not None:
            more.append(("WARC-Truncated", payload.truncated))
        place = self._records.write(
            [*self._fields(kind, response, stored, hop.url), *more, ("Content-Type", f"{_HTTP}response")],
            response_head(hop, payload.length),
            payload.body,
        )
        mime = next((value for name, value in hop.headers if name.lower() == "content-type"), None)
        date = utc_text(stored.fetched_at)
        self._report(Indexed(kind, uri(hop.url), date, mime, hop.status, payload.digest, place, stored, is_page))
        self._records.write(
            [
                *self._fields("request", _id(stored, "request", number), stored, hop.url),
                *_network(hop),
                ("WARC-Concurrent-To", response),
                ("Content-Type", f"{_HTTP}request"),
            ],
            request_head(hop, capture.request_headers if is_page else ()),
        )

    def _referring(self, payload: _Payload) -> list[tuple[str, str]]:
        if payload.profile is None or payload.original is None:
            return []
        original = self._archive.stored_capture(payload.original)
        last = len(self._archive.capture(original.id, with_body=False).hops) - 1
        return [
            ("WARC-Profile", _PROFILE + payload.profile),
            ("WARC-Refers-To", _id(original, "response", last)),
            ("WARC-Refers-To-Target-URI", uri(original.final_url)),
            ("WARC-Refers-To-Date", utc_text(original.fetched_at)),
        ]

    def _write_drawn(self, stored: StoredCapture, rendering: Rendering) -> list[str]:
        """What a browser made of the page: resources under addresses of their own, which no page has."""
        written = []
        date = utc_text(rendering.rendered_at)
        for name, mime, content in (
            ("drawn", "text/html; charset=utf-8", rendering.dom),
            ("fullPage", "image/png", rendering.screenshot),
        ):
            if content is None:
                continue
            own = _id(stored, name)
            url = f"urn:{name}:{stored.final_url}"
            digest = _digest(hashlib.sha256(content).hexdigest())
            place = self._records.write(
                [
                    *self._fields("resource", own, stored, url, date=date),
                    ("WARC-Payload-Digest", digest),
                    ("Content-Type", mime),
                ],
                content,
            )
            self._report(Indexed("resource", uri(url), date, mime, None, digest, place, stored, is_page=False))
            written.append(own)
        return written

    def _fields(
        self, kind: str, own: str, stored: StoredCapture, url: str, *, date: str | None = None
    ) -> list[tuple[str, str]]:
        return [
            ("WARC-Type", kind),
            ("WARC-Record-ID", own),
            ("WARC-Date", date or utc_text(stored.fetched_at)),
            ("WARC-Target-URI", uri(url)),
            ("WARC-Warcinfo-ID", self._info),
        ]

    def _source(self, stored: StoredCapture) -> Import | None:
        if stored.import_id is None:
            return None
        if stored.import_id not in self._imports:
            self._imports[stored.import_id] = self._archive.imported_file(stored.import_id)
        return self._imports[stored.import_id]


def _id(stored: StoredCapture, *part: object) -> str:
    return record_id(stored.id, stored.url, utc_text(stored.fetched_at), stored.sha256, *part)


def _network(hop: Hop) -> list[tuple[str, str]]:
    found = []
    peer = hop.peer or ""
    for text in (peer, peer.rpartition(":")[0].strip("[]")):  # what was imported may have no port
        with suppress(ValueError):
            found = [("WARC-IP-Address", str(ipaddress.ip_address(text)))]
    if hop.http_version in PROTOCOLS:
        found.append(("WARC-Protocol", PROTOCOLS[hop.http_version]))
    return found


def _digest(sha256: str) -> str:
    return f"sha256:{sha256}"
