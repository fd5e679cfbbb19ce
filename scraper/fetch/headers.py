"""Header fields on their way in and out: bytes to the network, text to a capture, secrets to nobody."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Mapping
from urllib.parse import unquote_to_bytes

import ada_url

from scraper.capture import Headers
from scraper.errors import ConfigError
from scraper.urls import without_credentials

RawHeaders = list[tuple[bytes, bytes]]

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_SECRET = frozenset({"cookie", "authorization", "proxy-authorization"})
# They say how a message is framed and where it goes, which the connection decides.
_RESERVED = frozenset({"host", "connection", "content-length", "transfer-encoding", "te", "upgrade"})


def checked(headers: Mapping[str, str] | None) -> RawHeaders:
    """`headers` a caller wants sent, as bytes. Raises ConfigError naming the one that cannot be."""
    raw: RawHeaders = []
    for name, value in (headers or {}).items():
        if not _TOKEN.fullmatch(name):
            raise ConfigError(f"{name!r} is not a header name")
        if name.lower() in _RESERVED:
            raise ConfigError(f"The header {name} cannot be set", why="the connection decides it")
        if _CONTROL.search(value):
            raise ConfigError(f"The header {name} cannot be sent", why="its value holds a control character")
        raw.append((name.encode("ascii"), value.strip().encode()))
    return raw


def text(raw: Iterable[tuple[bytes, bytes]]) -> Headers:
    """Header fields as a capture keeps them."""
    return tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in raw)


def values(headers: Headers, name: str) -> list[str]:
    """Of every field called `name` (in lower case), in order."""
    return [value for key, value in headers if key.lower() == name]


def recordable_request(headers: Headers, *, secret: Iterable[str] = ()) -> Headers:
    """What a capture may keep of the headers sent; `secret` are names (in lower case) of more that it may not."""
    hidden = _SECRET.union(secret)
    return tuple(header for header in headers if header[0].lower() not in hidden)


def recordable_answer(headers: Headers) -> Headers:
    """What a capture keeps of the headers received: all, but no user:password in a Location that repeats ours."""
    return tuple(
        (name, without_credentials(value) if name.lower() in ("location", "content-location") else value)
        for name, value in headers
    )


def split_credentials(url: str) -> tuple[str, bytes | None]:
    """`url` without its user:password, and the Authorization header these make, or None."""
    parsed = ada_url.URL(url)
    if not parsed.username and not parsed.password:
        return url, None
    pair = unquote_to_bytes(parsed.username) + b":" + unquote_to_bytes(parsed.password)
    return without_credentials(url), b"Basic " + base64.b64encode(pair)


def same_origin(one: str, other: str) -> bool:
    return bool(ada_url.URL(one).origin == ada_url.URL(other).origin)
