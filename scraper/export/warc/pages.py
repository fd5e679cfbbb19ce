"""The records of a WARC file put together as captures.

Records of one exchange stand close together in a file, in whatever order: the last few are held until their company has
come. A redirect may be far from where it leads; of these the addresses are remembered.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from datetime import datetime
from typing import Any, BinaryIO

from scraper.capture import Capture, Headers, Hop
from scraper.errors import BadEncoding, TooLarge, UsageError
from scraper.export.found import BodyElsewhere, Damage, Found, FoundAsset, FoundAssets, Item, Left, Reason
from scraper.export.sifting import Sift, Wishes
from scraper.export.warc import facts
from scraper.export.warc.answers import Held, held_of, is_html, is_redirect, may_be_page, type_of
from scraper.export.warc.entity import entity
from scraper.export.warc.http_blocks import parse_request, without_orig
from scraper.export.warc.position import Position
from scraper.export.warc.reading import Record, digest_bytes, is_digest_of, parse_date, read_again, read_records
from scraper.export.warc.redirects import Redirects
from scraper.fetch.headers import recordable_answer, recordable_request
from scraper.urls import check_url

_HELD = 64
"""Records held at a time, and their bytes."""
_HELD_BYTES = 48 << 20
_DIGESTS = 200_000
_SMALL = 256 * 1024


def read_pages(file: BinaryIO, *, max_body: int, sift: Sift | None = None) -> Iterator[Item]:
    """The pages of a WARC file as captures, and what could not be made one, in about their order.

    `max_body` is in bytes, before and after decoding. Raises UsageError for a file that is no WARC.
    """
    pages = Pages(file, max_body, sift or Sift(Wishes()))
    for record in pages.records():
        yield from pages.take(record)
    yield from pages.finish()


class Pages:
    """Puts the records of one file together. `take` is given each of `records` in turn, and `finish` ends it."""

    def __init__(self, file: BinaryIO, max_body: int, sift: Sift, start: Position | None = None) -> None:
        self._file = file
        self._max_body = max_body
        self._sift = sift
        self._start = start or Position()
        self._is_ours = self._start.is_ours
        self._held: OrderedDict[str, Held] = OrderedDict()
        self._held_bytes = 0
        self._requests: OrderedDict[str, tuple[Record, Headers]] = OrderedDict()
        self._redirects = Redirects()
        # Digests as the file states them, and the SHA-256 of what is stored under them.
        self._bodies: OrderedDict[bytes, str] = OrderedDict()
        self._knows_bodies = self._start.offset == 0
        self._is_damaged = self._start.is_damaged
        # Of the record that was asked about last: why it is not wanted.
        self._refusal: Left | None = None
        self._recall()

    def records(self) -> Iterator[Record | Damage]:
        """From where it starts to the end. Raises UsageError for a file that is no WARC."""
        return read_records(self._file, self._wanted, self._max_body + _SMALL, start=self._start.offset)

    def take(self, record: Record | Damage) -> Iterator[Item]:
        if isinstance(record, Damage):
            self._is_damaged = True
            yield record
            return
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

    def finish(self) -> Iterator[Item]:
        yield from self._let_go(0)
        for _ in range(self._redirects.unused()):
            yield Left("a redirect that leads to no page of the file", reason="redirect")

    # Going on in the middle

    def position(self, offset: int) -> Position:
        """What must be known to go on at `offset`, where a unit begins, with everything before it taken."""
        held = [held.record.place for held in self._held.values()]
        theirs = [held.request_place for held in self._held.values() if held.request_place is not None]
        waiting = [record.place for record, _ in self._requests.values()]
        return Position(
            offset=offset,
            again=tuple(sorted({*held, *theirs, *waiting})),
            redirects=tuple(sorted(set(self._redirects.places))),
            forgotten=self._redirects.forgotten,
            is_ours=self._is_ours,
            is_damaged=self._is_damaged,
        )

    def _recall(self) -> None:
        """Read again what came before the start and has yet to be put together with what comes after it."""
        limit = self._max_body + _SMALL
        for record in read_again(self._file, self._start.redirects, limit):
            held = held_of(record, record.block or b"")
            hop = None if held is None else self._hop(held)
            if isinstance(hop, Hop) and record.date is not None:
                self._redirects.take(hop, record.date, record.place)
        self._redirects.forgotten = self._start.forgotten
        for record in read_again(self._file, self._start.again, limit):
            for _ in self.take(record):  # it is only held: nothing comes of it now
                pass

    def _recall_bodies(self) -> None:
        """Read what comes before the start for the digests of its bodies. Few files have revisits."""
        self._knows_bodies = True
        before = Pages(self._file, self._max_body, self._sift)
        at = self._file.tell()
        for record in before.records():
            if isinstance(record, Record) and record.place[0] >= self._start.offset:
                break
            for _ in before.take(record):
                pass
        self._file.seek(at)
        self._bodies = OrderedDict((*before._bodies.items(), *self._bodies.items()))

    # Which records

    def _wanted(self, record: Record, beginning: bytes) -> bool:
        self._refusal = None
        match record.kind:
            case "warcinfo" | "request":
                return record.length <= _SMALL
            case "metadata":
                return self._is_ours and record.get("content-type") == facts.MEDIA_TYPE
            case "revisit" | "resource" | "response":
                self._refusal = None if self._is_ours else self._why_not(record, beginning)
                return self._refusal is None
        return False

    def _why_not(self, record: Record, beginning: bytes) -> Left | None:
        """Why what somebody else recorded is not wanted, as far as its beginning tells."""
        if record.kind == "response" and is_redirect(beginning):
            return None  # where it leads to may be wanted
        reason = self._sift.why_not(record.url, record.date)
        if reason is not None:
            return _not_asked_for(reason, record.id)
        is_page = (
            record.kind == "revisit"
            or (record.kind == "resource" and is_html(record.get("content-type"), b""))
            or (record.kind == "response" and may_be_page(record, beginning))
        )
        return None if is_page else Left("it is no page", record.id)

    # Their company

    def _take_request(self, record: Record) -> None:
        fields = parse_request(record.block or b"")
        if fields is None:
            return
        headers = recordable_request(fields)
        for other in (*record.fields.get("warc-concurrent-to", ()), *self._same_address(record)):
            if other in self._held:
                self._held[other].request = headers
                self._held[other].request_place = record.place
                return
        self._requests[record.id] = (record, headers)
        if len(self._requests) > _HELD:
            self._requests.popitem(last=False)

    def _same_address(self, record: Record) -> list[str]:
        """The last answer from the address of a request that does not say which answer is its own."""
        if "warc-concurrent-to" in record.fields:
            return []
        url = record.url
        return [id_ for id_, held in reversed(self._held.items()) if held.record.url == url][:1]

    def _add_request(self, held: Held) -> None:
        """Give an answer the request that came before it."""
        named = held.record.fields.get("warc-concurrent-to", ())
        for id_, (request, headers) in reversed(self._requests.items()):
            theirs = request.fields.get("warc-concurrent-to", ())
            if id_ in named or held.record.id in theirs or (not theirs and request.url == held.record.url):
                del self._requests[id_]
                held.request, held.request_place = headers, request.place
                return

    def _take_answer(self, record: Record) -> Iterator[Item]:
        if record.block is None:
            too_large = Left("it is larger than a page may be", record.id, "too_large", record.kind == "response")
            yield self._refusal or too_large
            return
        if "warc-segment-number" in record.fields:
            yield Left("it is one segment of several", record.id, "segment", worth_a_word=True)
            return
        held = held_of(record, record.block)
        if held is None:
            yield Damage("what it holds is no HTTP answer", record.id)
            return
        self._add_request(held)
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
        item: Item
        try:
            known = facts.read(block)
            if known["format"] == facts.FORMAT:
                item = self._from_facts(record, known, own)
            else:
                item = self._assets_from_facts(record, known, own)
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

    def _from_facts(self, record: Record, known: dict[str, Any], own: list[Held]) -> Item:
        exchange = [held for held in own if held.record.kind != "resource"]
        record_id = exchange[-1].record.id if exchange else record.id
        body = BodyElsewhere((str(known.get("sha256")),)) if known.get("body") == "elsewhere" else None
        if known.get("body") == "removed":
            why = "its body had been removed from the archive that it was exported from"
            return Left(why, record_id, "without_body", worth_a_word=True)
        content = exchange[-1].payload if known.get("body") == "here" and exchange else None
        capture = facts.to_capture(known, content)
        if capture.sha256 != known.get("sha256") and body is None:
            return Left("its body is not in the file", record_id, "without_body", worth_a_word=True)
        rendering = None
        if "rendering" in known:
            drawn = {held.record.url.split(":")[1]: held.payload for held in own if held.record.kind == "resource"}
            rendering = facts.to_rendering(known, drawn.get("drawn"), drawn.get("fullPage"))
        return self._sift.sifted(Found(capture, record_id, body, rendering))

    def _assets_from_facts(self, record: Record, known: dict[str, Any], own: list[Held]) -> Item:
        """What a page shows, where the page is wanted."""
        page = facts.to_page(known)
        reason = self._sift.why_not(page.final_url, page.fetched_at)
        if reason is not None:
            return _not_asked_for(reason, record.id)
        if known["format"] == facts.ASSETS:
            return FoundAssets(page, facts.to_assets(known), record.id)
        if known.get("body") == "removed":
            why = "its body had been removed from the archive that it was exported from"
            return Left(why, record.id, "without_body")
        content = own[-1].payload if known.get("body") == "here" and own else None
        capture = facts.to_capture(known, content)
        body = BodyElsewhere((str(known.get("sha256")),)) if known.get("body") == "elsewhere" else None
        validated = facts.to_validated(known)
        if capture.sha256 != known.get("sha256") and body is None and validated is None:
            return Left("its body is not in the file", record.id, "without_body", worth_a_word=True)
        return FoundAsset(capture, record.id, page, body, validated)

    # What others wrote

    def _single(self, held: Held) -> Iterator[Item]:
        record = held.record
        hop = self._hop(held)
        date = record.date
        if not isinstance(hop, Hop) or date is None:
            yield Damage("its date is none", record.id) if date is None or isinstance(hop, Hop) else hop
        elif record.kind == "resource" and not is_html(record.get("content-type"), held.payload):
            yield Left("it is no page", record.id)
        elif self._redirects.take(hop, date, record.place):
            return
        elif held.status < 200 or held.status == 206:
            yield Left("its status is none of a whole page", record.id, "status")
        elif (reason := None if self._is_ours else self._sift.why_not(record.url, date)) is not None:
            yield _not_asked_for(reason, record.id)
        else:
            item = self._revisit(held, hop, date) if record.kind == "revisit" else self._page(held, hop, date)
            yield self._sift.sifted(item) if isinstance(item, Found) else item

    def _hop(self, held: Held) -> Hop | Left:
        record = held.record
        try:
            url = check_url(record.url).partition("#")[0]
        except UsageError:
            return Left("its address is none of a web page", record.id, "not_web")
        headers = without_orig(held.headers) if self._is_ours else held.headers
        return Hop(
            url=url,
            status=held.status,
            http_version=held.version,
            headers=recordable_answer(headers),
            peer=record.get("warc-ip-address"),
        )

    def _page(self, held: Held, hop: Hop, date: datetime) -> Item:
        record = held.record
        cut = record.get("warc-truncated")
        headers = without_orig(held.headers) if self._is_ours else held.headers
        try:
            body, wire_size = entity(headers, held.payload, self._max_body, truncated=cut is not None)
        except TooLarge:
            return Left("it is larger than a page may be", record.id, "too_large", worth_a_word=True)
        except BadEncoding as error:
            return Damage(f"its content cannot be decoded: {error.why}", record.id)
        if not is_html(type_of(hop), body, record.get("warc-identified-payload-type")):
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
        remarks = () if cut is None else (f"whoever recorded {hop.url} cut it short ({cut})",)
        return Found(capture, record.id, remarks=remarks, truncated=cut)

    def _revisit(self, held: Held, hop: Hop, date: datetime) -> Item:
        record = held.record
        if (record.get("warc-profile") or "").endswith("server-not-modified") or hop.status == 304:
            return Found(self._capture(held, hop, date, None, None), record.id)
        if not is_html(type_of(hop), b"<html"):
            return Left("it is no page", record.id)
        digest = digest_bytes(record.get("warc-payload-digest") or "") or b""
        if digest not in self._bodies and not self._knows_bodies:
            self._recall_bodies()
        in_file = self._bodies.get(digest)
        hashes = [*([in_file] if in_file else []), *([digest.hex()] if len(digest) == 32 else [])]
        try:
            original = check_url((record.get("warc-refers-to-target-uri") or record.url).strip("<>"))
        except UsageError:
            original = hop.url
        when = parse_date(record.get("warc-refers-to-date") or "")
        body = BodyElsewhere(tuple(hashes), original.partition("#")[0], when)
        return Found(self._capture(held, hop, date, None, None), record.id, body)

    def _capture(self, held: Held, hop: Hop, date: datetime, body: bytes | None, wire_size: int | None) -> Capture:
        before = self._redirects.leading_to(hop.url, date)
        return Capture(
            url=before[0].url if before else hop.url,
            fetched_at=date,
            hops=(*before, hop),
            request_headers=held.request,
            body=body,
            wire_size=wire_size,
        )


def _not_asked_for(reason: Reason, record: str) -> Left:
    return Left("it was not asked for", record, reason)
