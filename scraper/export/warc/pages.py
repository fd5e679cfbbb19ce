"""The records of a WARC file put together as captures.

Records of one exchange stand close together in a file, in whatever order: the last few are held until their company has
come. A redirect may be far from where it leads; of these the addresses are remembered.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, BinaryIO

from scraper.capture import Capture, Headers, Hop
from scraper.errors import BadEncoding, TooLarge, UsageError
from scraper.export.found import BodyElsewhere, Damage, Found, Item, Left
from scraper.export.warc import facts
from scraper.export.warc.entity import entity
from scraper.export.warc.http_blocks import PROTOCOLS, parse_answer, parse_request, without_orig
from scraper.export.warc.reading import Record, digest_bytes, is_digest_of, parse_date, read_records
from scraper.export.warc.redirects import Redirects
from scraper.fetch.headers import recordable_answer, recordable_request, values
from scraper.urls import check_url

_HELD = 64
"""Records held at a time, and their bytes."""
_HELD_BYTES = 48 << 20
_DIGESTS = 200_000
_SMALL = 256 * 1024
_HTML = ("text/html", "application/xhtml+xml")
_VERSIONS = {protocol: version for version, protocol in PROTOCOLS.items()}


def read_pages(file: BinaryIO, *, max_body: int) -> Iterator[Item]:
    """The pages of a WARC file as captures, and what could not be made one, in about their order.

    `max_body` is in bytes, before and after decoding. Raises UsageError for a file that is no WARC.
    """
    reader = _Pages(max_body)
    for record in read_records(file, reader.wanted, max_body + _SMALL):
        yield from reader.take(record) if isinstance(record, Record) else reader.damaged(record)
    yield from reader.finish()


@dataclass(slots=True)
class _Held:
    """A response, revisit or resource that waits for its company."""

    record: Record
    status: int
    version: str | None
    headers: Headers
    payload: bytes
    request: Headers = ()


class _Pages:
    def __init__(self, max_body: int) -> None:
        self._max_body = max_body
        self._is_ours = False
        self._held: OrderedDict[str, _Held] = OrderedDict()
        self._held_bytes = 0
        self._requests: OrderedDict[str, tuple[Record, Headers]] = OrderedDict()
        self._redirects = Redirects()
        # Digests as the file states them, and the SHA-256 of what is stored under them.
        self._bodies: OrderedDict[bytes, str] = OrderedDict()
        self._is_damaged = False

    # Which records

    def wanted(self, record: Record, beginning: bytes) -> bool:
        match record.kind:
            case "warcinfo" | "request":
                return record.length <= _SMALL
            case "metadata":
                return self._is_ours and record.get("content-type") == facts.MEDIA_TYPE
            case "revisit":
                return True
            case "resource":
                return self._is_ours or _is_html(record.get("content-type"), b"")
            case "response":
                return self._is_ours or _is_page_or_redirect(beginning)
        return False

    def take(self, record: Record) -> Iterator[Item]:
        match record.kind:
            case "warcinfo":
                yield from self._let_go(0)
                self._is_ours = (record.block or b"").startswith(b"software: news-archiver ")
            case "request":
                self._take_request(record)
            case "metadata":
                if self._is_ours and record.block is not None:
                    yield from self._take_facts(record, record.block)
            case "response" | "revisit" | "resource":
                yield from self._take_answer(record)

    def damaged(self, damage: Damage) -> Iterator[Item]:
        self._is_damaged = True
        yield damage

    def finish(self) -> Iterator[Item]:
        yield from self._let_go(0)
        for _ in range(self._redirects.unused()):
            yield Left("a redirect that leads to no page of the file")

    # Their company

    def _take_request(self, record: Record) -> None:
        fields = parse_request(record.block or b"")
        if fields is None:
            return
        headers = recordable_request(fields)
        for other in (*record.fields.get("warc-concurrent-to", ()), *self._same_address(record)):
            if other in self._held:
                self._held[other].request = headers
                return
        self._requests[record.id] = (record, headers)
        if len(self._requests) > _HELD:
            self._requests.popitem(last=False)

    def _same_address(self, record: Record) -> list[str]:
        """The last answer from the address of a request that does not say which answer is its own."""
        if "warc-concurrent-to" in record.fields:
            return []
        return [id_ for id_, held in reversed(self._held.items()) if held.record.url == record.url][:1]

    def _request_of(self, record: Record) -> Headers:
        named = record.fields.get("warc-concurrent-to", ())
        for id_, (request, headers) in reversed(self._requests.items()):
            theirs = request.fields.get("warc-concurrent-to", ())
            if id_ in named or record.id in theirs or (request.url == record.url and not theirs):
                del self._requests[id_]
                return headers
        return ()

    def _take_answer(self, record: Record) -> Iterator[Item]:
        if record.block is None:
            reason = "it is larger than a page may be" if record.length > self._max_body else "it is no page"
            yield Left(reason, record.id, worth_a_word=record.length > self._max_body and record.kind == "response")
            return
        if "warc-segment-number" in record.fields:
            yield Left("it is one segment of several", record.id, worth_a_word=True)
            return
        held = _held(record, record.block)
        if held is None:
            yield Damage("what it holds is no HTTP answer", record.id)
            return
        held.request = self._request_of(record)
        key = record.id or f"without id {len(self._held)}"
        if key in self._held:
            yield from self._let_go(0)
        self._held[key] = held
        self._held_bytes += len(held.payload)
        yield from self._let_go(_HELD)

    def _let_go(self, keep: int) -> Iterator[Item]:
        """Make captures of what is held, the oldest first, until no more than `keep` are."""
        while len(self._held) > keep or (self._held and self._held_bytes > _HELD_BYTES):
            _, held = self._held.popitem(last=False)
            self._held_bytes -= len(held.payload)
            yield from self._single(held)

    # What we wrote ourselves

    def _take_facts(self, record: Record, block: bytes) -> Iterator[Item]:
        names = record.fields.get("warc-concurrent-to", [])
        own = [self._held[name] for name in names if name in self._held]
        try:
            known = facts.read(block)
            item = self._from_facts(record, known, own)
        except facts.NotOurs:
            return
        for name in names:
            if name in self._held:
                self._held_bytes -= len(self._held.pop(name).payload)
        yield from self._let_go(0)
        if isinstance(item, Left) and self._is_damaged:
            return  # the damage that took its body was told
        self._is_damaged = False
        yield item

    def _from_facts(self, record: Record, known: dict[str, Any], own: list[_Held]) -> Item:
        exchange = [held for held in own if held.record.kind != "resource"]
        record_id = exchange[-1].record.id if exchange else record.id
        body = BodyElsewhere((str(known.get("sha256")),)) if known.get("body") == "elsewhere" else None
        if known.get("body") == "removed":
            return Left("its body had been removed from the archive that it was exported from", record_id, True)
        content = exchange[-1].payload if known.get("body") == "here" and exchange else None
        capture = facts.to_capture(known, content)
        if capture.sha256 != known.get("sha256") and body is None:
            return Left("its body is not in the file", record_id, True)
        rendering = None
        if "rendering" in known:
            drawn = {held.record.url.split(":")[1]: held.payload for held in own if held.record.kind == "resource"}
            rendering = facts.to_rendering(known, drawn.get("drawn"), drawn.get("fullPage"))
        return Found(capture, record_id, body, rendering)

    # What others wrote

    def _single(self, held: _Held) -> Iterator[Item]:
        record = held.record
        date = record.date
        if date is None:
            yield Damage("its date is none", record.id)
            return
        try:
            url = check_url(record.url).partition("#")[0]
        except UsageError:
            yield Left("its address is none of a web page", record.id)
            return
        if self._is_ours:
            held.headers = without_orig(held.headers)
        hop = Hop(
            url=url,
            status=held.status,
            http_version=held.version,
            headers=recordable_answer(held.headers),
            peer=record.get("warc-ip-address"),
        )
        if record.kind == "resource" and not _is_html(record.get("content-type"), held.payload):
            yield Left("it is no page", record.id)
        elif self._redirects.take(hop, date):
            return
        elif record.kind == "revisit":
            yield self._revisit(held, hop, date)
        else:
            yield self._page(held, hop, date)

    def _page(self, held: _Held, hop: Hop, date: datetime) -> Item:
        record = held.record
        try:
            body, wire_size = entity(held.headers, held.payload, self._max_body)
        except TooLarge:
            return Left("it is larger than a page may be", record.id, worth_a_word=True)
        except BadEncoding as error:
            return Damage(f"its content cannot be decoded: {error.why}", record.id)
        if not _is_html(_type_of(hop), body):
            return Left("it is no page", record.id)
        stated = record.get("warc-payload-digest")
        # Programs differ in whether it is of the content with its encodings, or without.
        of_what = () if stated is None or "warc-block-digest" in record.fields else (held.payload, body)
        if of_what and all(is_digest_of(stated or "", content) is False for content in of_what):
            return Damage("its content does not match its digest", record.id)
        capture = self._capture(held, hop, date, body, wire_size)
        if stated is not None and (digest := digest_bytes(stated)) is not None and capture.sha256 is not None:
            self._bodies[digest] = capture.sha256
            if len(self._bodies) > _DIGESTS:
                self._bodies.popitem(last=False)
        cut = record.get("warc-truncated")
        remarks = () if cut is None else (f"whoever recorded {hop.url} cut it short ({cut})",)
        return Found(capture, record.id, remarks=remarks)

    def _revisit(self, held: _Held, hop: Hop, date: datetime) -> Item:
        record = held.record
        if (record.get("warc-profile") or "").endswith("server-not-modified") or hop.status == 304:
            return Found(self._capture(held, hop, date, None, None), record.id)
        if not _is_html(_type_of(hop), b"<html"):
            return Left("it is no page", record.id)
        digest = digest_bytes(record.get("warc-payload-digest") or "") or b""
        in_file = self._bodies.get(digest)
        hashes = [*([in_file] if in_file else []), *([digest.hex()] if len(digest) == 32 else [])]
        try:
            original = check_url((record.get("warc-refers-to-target-uri") or record.url).strip("<>"))
        except UsageError:
            original = hop.url
        when = parse_date(record.get("warc-refers-to-date") or "")
        body = BodyElsewhere(tuple(hashes), original.partition("#")[0], when)
        return Found(self._capture(held, hop, date, None, None), record.id, body)

    def _capture(self, held: _Held, hop: Hop, date: datetime, body: bytes | None, wire_size: int | None) -> Capture:
        before = self._redirects.leading_to(hop.url, date)
        return Capture(
            url=before[0].url if before else hop.url,
            fetched_at=date,
            hops=(*before, hop),
            request_headers=held.request,
            body=body,
            wire_size=wire_size,
        )


def _held(record: Record, block: bytes) -> _Held | None:
    if record.kind == "resource" or (record.kind == "revisit" and not block):
        # No HTTP was recorded: status 200 stands for "here it is".
        mime = record.get("content-type") if record.kind == "resource" else None
        return _Held(record, 200, None, (("Content-Type", mime),) if mime else (), block)
    answer = parse_answer(block)
    if answer is None:
        return None
    status, version, headers, payload = answer
    protocols = record.fields.get("warc-protocol", [])
    return _Held(record, status, next((_VERSIONS[p] for p in protocols if p in _VERSIONS), version), headers, payload)


def _is_page_or_redirect(beginning: bytes) -> bool:
    answer = parse_answer(beginning)
    if answer is None:
        return True  # to be told as damage
    status, _, headers, body = answer
    if 300 <= status < 400 and values(headers, "location"):
        return True
    return _is_html(next(iter(values(headers, "content-type")), None), body)


def _type_of(hop: Hop) -> str | None:
    return next(iter(values(hop.headers, "content-type")), None)


def _is_html(content_type: str | None, body: bytes) -> bool:
    if content_type is not None and content_type.strip():
        return content_type.partition(";")[0].strip().lower() in _HTML
    start = body[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return start.startswith((b"<!doctype html", b"<html", b"<head"))
