"""A capture: what one fetch of one URL brought, or why it brought nothing. Values only; nothing here does I/O."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Literal

RobotsUse = Literal["obeyed", "ignored"]
Headers = tuple[tuple[str, str], ...]
"""Header fields in the order they were received, names as received, bytes decoded as Latin-1."""


@dataclass(frozen=True, kw_only=True)
class Timings:
    """Seconds since the fetch began; None for a phase not reached, or not needed (as on a reused connection)."""

    resolved: float | None = None
    connected: float | None = None
    tls: float | None = None
    first_byte: float | None = None
    total: float = 0.0
    asked: float = 0.0
    """When the last request was made: after redirects, and waiting for leave. Not kept in the archive."""


@dataclass(frozen=True, kw_only=True)
class Hop:
    """One request of a fetch. A fetch without redirects has exactly one."""

    url: str
    status: int | None = None
    http_version: str | None = None
    headers: Headers = ()
    peer: str | None = None
    """Address and port actually connected to, as `192.0.2.1:443` or `[2001:db8::1]:443`."""


@dataclass(frozen=True, kw_only=True)
class Failure:
    """Why a fetch brought no body: a stable `code` (see `scraper.errors`) and a sentence for people."""

    code: str
    message: str


@dataclass(frozen=True, kw_only=True)
class PageRequest:
    """Something that a page asked for while a browser drew it."""

    method: str
    url: str
    """Without credentials."""
    kind: str
    """What it was for, in the browser's words: `script`, `stylesheet`, `xhr`, `fetch`, `image`, `document` …"""
    status: int | None = None
    size: int | None = None
    """Bytes of the answer after content decoding."""
    refused: str | None = None
    """The code of the failure it met, or `not_loaded` for what a reader of text does not need; None when it came."""


@dataclass(frozen=True, kw_only=True)
class Rendering:
    """What a browser made of a captured page, or why it made nothing of it."""

    url: str
    """Where the page was in the end: scripts may lead on."""
    rendered_at: datetime
    """When it began; timezone-aware, UTC."""
    browser: str
    """Its name and version; empty when it did not start."""
    dom: bytes | None = None
    """The document as it then was, as HTML in UTF-8, the content of open shadow roots in its place."""
    screenshot: bytes | None = None
    """A PNG picture of the whole page, where one was asked for."""
    requests: tuple[PageRequest, ...] = ()
    """In the order they were made; the page itself is not among them."""
    time_total: float = 0.0
    """Seconds."""
    failure: Failure | None = None

    @cached_property
    def sha256(self) -> str | None:
        """Of `dom`, in hexadecimal; None without one."""
        return None if self.dom is None else hashlib.sha256(self.dom).hexdigest()


@dataclass(frozen=True, kw_only=True)
class Capture:
    """What one fetch brought. `body` is the entity after content decoding, bit for bit, not yet decoded to text."""

    url: str
    """As asked for, without credentials."""
    fetched_at: datetime
    """When the fetch began; timezone-aware, UTC."""
    hops: tuple[Hop, ...] = ()
    """Every request made, redirects first; the last one is the answer. Empty when no request could be sent."""
    request_headers: Headers = ()
    """Headers sent with the last request; cookies and authorization are left out."""
    body: bytes | None = None
    """None when the fetch failed."""
    wire_size: int | None = None
    """Bytes of the body as they came over the wire, before content decoding."""
    timings: Timings = field(default_factory=Timings)
    failure: Failure | None = None
    robots: RobotsUse | None = None
    """Whether the site's robots.txt was asked; None when nobody cared."""

    @property
    def final_url(self) -> str:
        """The URL that answered, after redirects."""
        return self.hops[-1].url if self.hops else self.url

    @property
    def status(self) -> int | None:
        return self.hops[-1].status if self.hops else None

    @property
    def headers(self) -> Headers:
        return self.hops[-1].headers if self.hops else ()

    @property
    def http_version(self) -> str | None:
        return self.hops[-1].http_version if self.hops else None

    @property
    def peer(self) -> str | None:
        return self.hops[-1].peer if self.hops else None

    def header(self, name: str) -> str | None:
        """The first header called `name`, ignoring case."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    @property
    def content_type(self) -> str | None:
        return self.header("content-type")

    @cached_property
    def sha256(self) -> str | None:
        """Of `body`, in hexadecimal; None without a body."""
        return None if self.body is None else hashlib.sha256(self.body).hexdigest()

    @property
    def ok(self) -> bool:
        """True when a page came back: a body and a status below 400."""
        return self.failure is None and self.body is not None and self.status is not None and self.status < 400
