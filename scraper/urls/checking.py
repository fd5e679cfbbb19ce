"""What a user typed: is it a URL, and what of it may be shown?"""

from __future__ import annotations

import re

import ada_url

from scraper.errors import NotAUrl, UnsupportedScheme

# What begins a text that is meant as a URL: what stands behind it, up to an @, may be user:password.
_AUTHORITY = re.compile(r"\s*(?:https?:[/\\]*|[A-Za-z][A-Za-z0-9+.-]*:[/\\]{2,}|[/\\]{2,})", re.IGNORECASE)
# The same within other text, and a query; a mark that ends a sentence is no part of it.
_CREDENTIALS_IN_TEXT = re.compile(r"(?<=[:/\\][/\\])[^\s/?#\"'<>]*@")
_QUERY_IN_TEXT = re.compile(
    r"(?<![^\s?#\"<>])([^\s?#\"<>]++)\?(?=[^\s\"<>])[^\s\"<>]*?(?=[).,;:!'`\]]{0,8}(?:[\s\"<>]|\Z))"
)


def check_url(text: str) -> str:
    """Return `text` as an absolute http(s) URL in WHATWG serialisation, its fragment kept.

    Raises NotAUrl or UnsupportedScheme, each saying what would be right.
    """
    text = text.strip()
    shown = fit_to_show(text)
    if not text:
        raise NotAUrl("An empty string is not a URL", next_step="give an address such as https://example.com/story")
    try:
        url = ada_url.URL(text)
    except ValueError:
        hint = f"https://{shown}" if _looks_like_a_host(text) else "https://example.com/story"
        raise NotAUrl(
            f"Not a URL: {shown}",
            why="an address starts with https:// or http://",
            next_step=f"did you mean {hint} ?" if _looks_like_a_host(text) else f"give an address such as {hint}",
        ) from None
    if url.protocol not in ("http:", "https:"):
        if _looks_like_a_host(text):  # example.com:8080/x parses as the scheme "example.com"
            raise NotAUrl(
                f"Not a URL: {shown}",
                why="an address starts with https:// or http://",
                next_step=f"did you mean https://{shown} ?",
            )
        raise UnsupportedScheme(
            f"Cannot fetch {shown}",
            why=f"only http and https are fetched{_but_not(url.protocol, shown)}",
            next_step="for a file on this machine use: scrape extract FILE",
        )
    return str(url.href)


def _but_not(protocol: str, shown: str) -> str:
    """The scheme of an address, unless what is shown of it leaves that out: it may be a user's name."""
    return f", not {protocol.rstrip(':')}" if shown.lower().startswith(protocol) else ""


def _looks_like_a_host(text: str) -> bool:
    return bool(re.match(r"^(localhost|[\w-]+(\.[\w-]+)+)(:\d+)?([/?#]|$)", text)) and " " not in text


def without_credentials(url: str) -> str:
    """`url` without user:password, which must never be stored or logged."""
    if "@" not in url:
        return url
    try:
        parsed = ada_url.URL(url)
        parsed.username = ""
        parsed.password = ""
    except ValueError:  # no URL, or one of a kind that has no credentials (mailto:)
        start = _AUTHORITY.match(url)
        if start:  # nobody can say where the credentials of what is no URL end
            return start[0] + url.rpartition("@")[2]
        return re.sub(r"//[^/]*@", "//", url)
    return str(parsed.href)


def fit_to_show(text: str) -> str:
    """What was given as a URL, and may be none, without what may be user:password (`user:password@host` too)."""
    clean = without_credentials(text)
    before = clean.partition("@")[0].lower()
    if "@" not in clean or _AUTHORITY.match(clean) or ":" not in before or before.startswith("mailto:"):
        return clean
    return clean.rpartition("@")[2]


def without_credentials_in(text: str) -> str:
    """`text` with no user:password in any address within it."""
    return _CREDENTIALS_IN_TEXT.sub("", text) if "@" in text else text


def without_queries(text: str) -> str:
    """`text` with `?…` in the place of the query string (and fragment) of any address or path within it."""
    return _QUERY_IN_TEXT.sub(_without_query, text) if "?" in text else text


def _without_query(match: re.Match[str]) -> str:
    return f"{match[1]}?…" if any(mark in match[1] for mark in "/\\.:") else match[0]
