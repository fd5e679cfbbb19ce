"""Header fields on their way in and out: bytes to the network, text to a capture, secrets to nobody."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Mapping
from urllib.parse import unquote_to_bytes

import ada_url

from scraper.capture import Headers
from scraper.errors import ConfigError
from scraper.urls import without_credentials, without_credentials_in

RawHeaders = list[tuple[bytes, bytes]]

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
# Received, these hold a secret of the session, or repeat one that was sent.
_SECRET_IN_ANSWER = frozenset(
    """authorization proxy-authorization authentication-info proxy-authentication-info cookie cookie2 x-auth-token
    x-access-token x-refresh-token x-session-token x-csrf-token x-xsrf-token x-api-key""".split()
)
_SET_COOKIE = frozenset({"set-cookie", "set-cookie2"})
# What a cookie is, and not what it says.
_COOKIE_ATTRIBUTES = frozenset(
    "domain path expires max-age secure httponly samesite partitioned priority version discard port".split()
)
HIDDEN = "***"
"""What a capture has in the place of a value that is nobody's business."""
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


def recordable_answer(headers: Headers, *, secret: Iterable[str] = ()) -> Headers:
    """What a capture keeps of the headers received: all, but of cookies and tokens only that they came.

    `secret` are names (in lower case) of more headers whose values are hidden: those that were sent to subscribe.
    """
    hidden = _SECRET_IN_ANSWER.union(secret)
    return tuple((name, _recordable(name.lower(), value, hidden)) for name, value in headers)


def _recordable(name: str, value: str, hidden: frozenset[str]) -> str:
    if name in _SET_COOKIE:
        return _without_value(value)
    if name in hidden:
        return HIDDEN
    if name in ("location", "content-location"):
        return without_credentials(value)
    return without_credentials_in(value)


def _without_value(cookie: str) -> str:
    """A Set-Cookie with its cookie's name and attributes. Whoever has the value of a session's cookie has the session.

    An attribute that holds what an attribute cannot is hidden too: there, proxies write several cookies into one line.
    """
    pair, *rest = cookie.split(";")
    name, equals, _ = pair.partition("=")
    kept = [f"{name.strip()}={HIDDEN}" if equals else HIDDEN]
    for part in rest:
        key, equals, said = (text.strip() for text in part.partition("="))
        if key.lower() not in _COOKIE_ATTRIBUTES:
            continue
        is_plain = "=" not in said and (key.lower() == "expires" or "," not in said)
        kept.append(f"{key}{equals}{said if is_plain else HIDDEN}")
    return "; ".join(kept)


def split_credentials(url: str) -> tuple[str, bytes | None]:
    """`url` without its user:password, and the Authorization header these make, or None."""
    parsed = ada_url.URL(url)
    if not parsed.username and not parsed.password:
        return url, None
    pair = unquote_to_bytes(parsed.username) + b":" + unquote_to_bytes(parsed.password)
    return without_credentials(url), b"Basic " + base64.b64encode(pair)


def same_origin(one: str, other: str) -> bool:
    return bool(ada_url.URL(one).origin == ada_url.URL(other).origin)
