"""The keys that indexes of web archives sort addresses by (SURT): the host from its end on, and spellings made one."""

from __future__ import annotations

import re
from urllib.parse import quote_from_bytes, unquote_to_bytes, urlsplit

_WWW = re.compile(r"www\d*\.")
_PORTS = {"http": 80, "https": 443}
# Printable ASCII, without the two that would be read as something else.
_AS_THEY_ARE = "".join(map(chr, range(0x21, 0x7F))).replace("%", "").replace("#", "")
_ROUNDS = 8


def search_key(url: str) -> str:
    """`https://www.Example.com:8080/A/?b=2&a=1` as `com,example:8080)/a?a=1&b=2`. Other than web addresses stay.

    The one difference to what other programs write: session ids in queries are not cut out.
    """
    parts = urlsplit(url.partition("#")[0])
    if parts.scheme not in _PORTS:
        return url.lower()
    try:
        port = parts.port
    except ValueError:
        return url.lower()
    host = ",".join(reversed(_WWW.sub("", (parts.hostname or ""), count=1).split(".")))
    shown_port = "" if port in (None, _PORTS[parts.scheme]) else f":{port}"
    path = re.sub("//+", "/", _one_spelling(parts.path or "/"))
    query = "&".join(sorted(_one_spelling(parts.query).split("&"), key=lambda pair: pair.split("=", 1)))
    return f"{host}{shown_port}){path.rstrip('/') or '/'}{'?' + query if query else ''}"


def _one_spelling(text: str) -> str:
    """In lower case, nothing escaped that need not be, however often it was."""
    raw = text.encode("utf-8", "replace")
    for _ in range(_ROUNDS):
        before, raw = raw, unquote_to_bytes(raw)
        if raw == before:
            break
    return quote_from_bytes(raw, safe=_AS_THEY_ARE).lower()
