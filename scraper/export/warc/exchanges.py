"""One fetch as WARC records: a request and a response, or a revisit, for each of its requests."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

from scraper.capture import Capture, Hop
from scraper.export.warc.http_blocks import PROTOCOLS, request_head, response_head
from scraper.export.warc.record import Place, RecordWriter, record_id, uri
from scraper.store import StoredCapture

_HTTP = "application/http; msgtype="
_PROFILE = "http://netpreserve.org/warc/1.1/revisit/"

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
    """The page's that it belongs to."""
    is_page: bool
    """Whether it is what the capture brought, and not one of its redirects, what was made of it, or what it shows."""


Report = Callable[[Indexed], None]


@dataclass(frozen=True, slots=True)
class Subject:
    """What records are written of."""

    identity: tuple[object, ...]
    """Tells it from all others: record IDs are made of it."""
    date: str
    capture: StoredCapture
    """The page's capture that it belongs to, or is."""
    is_page: bool

    def id(self, *part: object) -> str:
        """The WARC-Record-ID of a part of it."""
        return record_id(*self.identity, *part)


@dataclass(frozen=True, slots=True)
class Original:
    """The record that a revisit refers to."""

    id: str
    url: str
    date: str


@dataclass(frozen=True, slots=True)
class Payload:
    """What stands for the body in the last response of a fetch."""

    body: bytes = b""
    length: int = 0
    digest: str | None = None
    profile: str | None = None
    """Of the revisit; None for a response."""
    original: Original | None = None
    truncated: str | None = None
    place: Literal["here", "elsewhere", "removed", "none"] = "none"


class Exchanges:
    """Writes fetches. `info` is the ID of the file's warcinfo record; `report` is told what an index names."""

    def __init__(self, records: RecordWriter, info: str, report: Report) -> None:
        self._records = records
        self._info = info
        self._report = report

    def write(self, subject: Subject, capture: Capture, payload: Payload) -> list[str]:
        """The records of a fetch; the IDs of its answers, in their order."""
        answered = [(number, hop) for number, hop in enumerate(capture.hops) if hop.status is not None]
        for number, hop in answered:
            self._write(subject, capture, number, hop, payload)
        return [subject.id("response", number) for number, _ in answered]

    def fields(self, kind: str, own: str, url: str, date: str) -> list[tuple[str, str]]:
        """What the header of every record has."""
        return [
            ("WARC-Type", kind),
            ("WARC-Record-ID", own),
            ("WARC-Date", date),
            ("WARC-Target-URI", uri(url)),
            ("WARC-Warcinfo-ID", self._info),
        ]

    def _write(self, subject: Subject, capture: Capture, number: int, hop: Hop, payload: Payload) -> None:
        """The request and the response record of one request; all but the last are redirects, without bodies."""
        is_last = number == len(capture.hops) - 1
        if not is_last:
            is_empty = any(name.lower() == "content-length" and value == "0" for name, value in hop.headers)
            payload = Payload(truncated=None if is_empty else "unspecified")
        response = subject.id("response", number)
        kind: Kind = "response" if payload.profile is None else "revisit"
        more = [*_network(hop), *_referring(payload)]
        if payload.digest is not None:
            more.append(("WARC-Payload-Digest", payload.digest))
        if payload.truncated is not None:
            more.append(("WARC-Truncated", payload.truncated))
        place = self._records.write(
            [*self.fields(kind, response, hop.url, subject.date), *more, ("Content-Type", f"{_HTTP}response")],
            response_head(hop, payload.length),
            payload.body,
        )
        mime = next((value for name, value in hop.headers if name.lower() == "content-type"), None)
        is_page = subject.is_page and is_last
        self._report(
            Indexed(kind, uri(hop.url), subject.date, mime, hop.status, payload.digest, place, subject.capture, is_page)
        )
        self._records.write(
            [
                *self.fields("request", subject.id("request", number), hop.url, subject.date),
                *_network(hop),
                ("WARC-Concurrent-To", response),
                ("Content-Type", f"{_HTTP}request"),
            ],
            request_head(hop, capture.request_headers if is_last else ()),
        )


def digest_text(sha256: str) -> str:
    """A hash as WARC-Payload-Digest has it."""
    return f"sha256:{sha256}"


def _referring(payload: Payload) -> list[tuple[str, str]]:
    if payload.profile is None or payload.original is None:
        return []
    return [
        ("WARC-Profile", _PROFILE + payload.profile),
        ("WARC-Refers-To", payload.original.id),
        ("WARC-Refers-To-Target-URI", uri(payload.original.url)),
        ("WARC-Refers-To-Date", payload.original.date),
    ]


def _network(hop: Hop) -> list[tuple[str, str]]:
    found = []
    peer = hop.peer or ""
    for text in (peer, peer.rpartition(":")[0].strip("[]")):  # what was imported may have no port
        with suppress(ValueError):
            found = [("WARC-IP-Address", str(ipaddress.ip_address(text)))]
    if hop.http_version in PROTOCOLS:
        found.append(("WARC-Protocol", PROTOCOLS[hop.http_version]))
    return found
