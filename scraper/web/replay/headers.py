"""What goes with each answer: what a browser may do with it, and what of the archive it is (RFC 7089).

A captured page is shown in a sandbox: its origin is none that anything else has, ours neither. It runs nothing, sends
nothing, and has all that it shows within itself, so that even markup that was not rewritten could ask for nothing. Its
one liberty is that a link that is followed replaces the whole window: by another capture, in a frame of its own.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime

from scraper.store.captures import StoredCapture
from scraper.store.mementos import Around
from scraper.web.replay.addresses import Addresses, stamp_of

Fields = dict[str, str]

_SHOWN = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; font-src data:; base-uri 'none'; form-action 'none'"
)
IN_FILE = _SHOWN
"""The policy that a saved page states itself."""
_POLICIES = {
    "frame": "default-src 'none'; style-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none';"
    " frame-ancestors 'none'",
    "framed": f"sandbox allow-top-navigation-by-user-activation; {_SHOWN}; frame-ancestors 'self'",
    "alone": f"sandbox; {_SHOWN}; frame-ancestors 'none'",
    "ours": "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "data": "sandbox; default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
}
_LONGEST_IN_LINKS = 1_000
"""Characters of an address that is repeated in a header for every capture beside it."""


OWN_HEADERS = frozenset(
    (b"content-security-policy", b"cross-origin-resource-policy", b"cross-origin-opener-policy", b"x-frame-options")
)
"""Headers of an answer that must go out as they are, for the guard that stands before all pages."""


def policy(kind: str) -> Fields:
    """How browsers are to treat it: a `frame` around a page, a page `framed` or `alone`, one of `ours`, or `data`."""
    framing = "SAMEORIGIN" if kind == "framed" else "DENY"
    return {
        "Content-Security-Policy": _POLICIES[kind],
        "X-Frame-Options": framing,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Resource-Policy": "same-origin",
        # What is in a sandbox has no window to itself: browsers refuse a page that says both (HTML standard, 7.4.6).
        "Cross-Origin-Opener-Policy": "same-origin" if kind in ("frame", "ours") else "unsafe-none",
        "X-DNS-Prefetch-Control": "off",
        "Cache-Control": "private, no-cache",
    }


def memento_headers(found: Around, url: str, addresses: Addresses) -> Fields:
    """`Memento-Datetime` and `Link` of a capture. `addresses` are whole ones."""
    if not found.this.is_answer:
        return {"Link": ", ".join(_related(url, addresses))}
    return {
        "Memento-Datetime": http_date(found.this.fetched_at),
        "Link": ", ".join([*_related(url, addresses), *_mementos(found, url, addresses)]),
    }


def timegate_headers(url: str, addresses: Addresses, found: Around | None = None) -> Fields:
    links = [*_related(url, addresses), *(_mementos(found, url, addresses) if found else ())]
    return {"Vary": "accept-datetime", "Link": ", ".join(links)}


def _related(url: str, addresses: Addresses) -> Iterator[str]:
    yield f'<{_in_header(url)}>; rel="original"'
    if len(url) <= _LONGEST_IN_LINKS:
        yield f'<{_in_header(addresses.timegate(url))}>; rel="timegate"'
        yield f'<{_in_header(addresses.timemap(url))}>; rel="timemap"; type="application/link-format"'


def _mementos(found: Around, url: str, addresses: Addresses) -> Iterator[str]:
    if len(url) > _LONGEST_IN_LINKS:
        return
    relations: dict[int, list[str]] = {}
    mementos: dict[int, StoredCapture] = {}
    for relation, memento in (
        ("first", found.first),
        ("prev", found.previous),
        ("", found.this if found.this.is_answer else None),
        ("next", found.next),
        ("last", found.last),
    ):
        if memento is not None and memento.is_answer:
            mementos[memento.id] = memento
            relations.setdefault(memento.id, []).extend([relation] if relation else [])
    for memento in sorted(mementos.values(), key=lambda one: (one.fetched_at, one.id)):
        named = " ".join([*relations[memento.id], "memento"])
        address = _in_header(addresses.capture(memento.fetched_at, url))
        yield f'<{address}>; rel="{named}"; datetime="{http_date(memento.fetched_at)}"'


def saved_as(name: str) -> Fields:
    """An answer that is saved and never shown. `name` is ours: letters, digits, `-` and `.` alone."""
    return {"Content-Disposition": f'attachment; filename="{name}"'}


def original_headers(memento: StoredCapture) -> Fields:
    """What can be told of bytes that go out under a type of our own."""
    fields: Fields = {}
    stated = re.sub(r"[^\x20-\x7e]", "", memento.content_type or "")[:200].strip()
    if stated:
        fields["X-Archive-Orig-Content-Type"] = stated
    if memento.sha256 is not None:
        fields["Repr-Digest"] = f"sha-256=:{base64.b64encode(bytes.fromhex(memento.sha256)).decode('ascii')}:"
    return fields


def name_of(url: str, moment: datetime) -> str:
    """A file name for a capture, without its suffix: the host and the time."""
    host = re.sub(r"[^A-Za-z0-9.-]", "", url.partition("://")[2].partition("/")[0])[:80].strip(".-")
    return f"{host or 'capture'}-{stamp_of(moment)}"


def http_date(moment: datetime) -> str:
    return format_datetime(moment.astimezone(UTC), usegmt=True)


def asked_time(headers: Mapping[str, str]) -> datetime | None:
    """The moment of a header Accept-Datetime; None without one. Raises ValueError for one that is no date."""
    text = headers.get("accept-datetime", "").strip()
    if not text:
        return None
    moment = parsedate_to_datetime(text)
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def _in_header(url: str) -> str:
    return url.replace("<", "%3C").replace(">", "%3E").replace('"', "%22")
