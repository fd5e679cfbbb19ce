"""What a record of an exchange holds: the answer in it, and whether that may be a page or a redirect."""

from __future__ import annotations

from dataclasses import dataclass

from scraper.capture import Headers, Hop
from scraper.export.warc.http_blocks import PROTOCOLS, parse_answer
from scraper.export.warc.reading import Place, Record
from scraper.fetch.headers import values

_HTML = ("text/html", "application/xhtml+xml")
_NO_TYPE = ("", "application/octet-stream", "text/plain", "unknown/unknown")
"""What servers say of what they know nothing of."""
_VERSIONS = {protocol: version for version, protocol in PROTOCOLS.items()}


@dataclass(slots=True)
class Held:
    """A response, revisit or resource that waits for its company."""

    record: Record
    status: int
    version: str | None
    headers: Headers
    payload: bytes
    request: Headers = ()
    request_place: Place | None = None


def held_of(record: Record, block: bytes) -> Held | None:
    if record.kind == "resource" or (record.kind == "revisit" and not block):
        # No HTTP was recorded: status 200 stands for "here it is".
        mime = record.get("content-type") if record.kind == "resource" else None
        return Held(record, 200, None, (("Content-Type", mime),) if mime else (), block)
    answer = parse_answer(block)
    if answer is None:
        return None
    status, version, headers, payload = answer
    protocols = record.fields.get("warc-protocol", [])
    return Held(record, status, next((_VERSIONS[p] for p in protocols if p in _VERSIONS), version), headers, payload)


def is_redirect(beginning: bytes) -> bool:
    # Cheap for what is none: of a file that is looked through for one host, this is asked of everything else.
    if beginning[: beginning.find(b" ") + 2][-1:] != b"3":
        return False
    answer = parse_answer(beginning)
    return answer is not None and 300 <= answer[0] < 400 and bool(values(answer[2], "location"))


def may_be_page(record: Record, beginning: bytes) -> bool:
    answer = parse_answer(beginning)
    if answer is None:
        return True  # to be told as damage
    _, _, headers, body = answer
    content_type = next(iter(values(headers, "content-type")), None)
    return is_html(content_type, body, record.get("warc-identified-payload-type"))


def type_of(hop: Hop) -> str | None:
    return next(iter(values(hop.headers, "content-type")), None)


def is_html(content_type: str | None, body: bytes, identified: str | None = None) -> bool:
    """By what the server says; where that says nothing, by what whoever recorded it found, and by how it begins."""
    stated = _media_type(content_type)
    if stated in _HTML or stated not in _NO_TYPE:
        return stated in _HTML
    if identified is not None:
        return _media_type(identified) in _HTML
    start = body[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return not stated and start.startswith((b"<!doctype html", b"<html", b"<head"))


def _media_type(text: str | None) -> str:
    return (text or "").partition(";")[0].strip().lower()
