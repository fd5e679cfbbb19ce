"""Addresses and languages as sources write them, in the one form they have here."""

from __future__ import annotations

import re

from scraper.urls import resolve, without_credentials

_LONGEST_URL = 4_000
"""Characters; what is longer is no address of a page."""
_TWO_SCHEMES = re.compile(r"(?:https?|feed):/*(?=https?:)", re.IGNORECASE)
_ABSOLUTE = re.compile(r"(?:https?:)?[/\\]{2}", re.IGNORECASE)
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_LANGUAGE = re.compile(r"([A-Za-z]{2,3})((?:[-_][A-Za-z0-9]{1,8}){0,3})")


def usable_url(href: str, base: str | None) -> str | None:
    """`href` as `FoundLink.url`; None for what leads to no page: mailto:, javascript:, a fragment, a word."""
    href = href.strip()
    if len(href) > _LONGEST_URL:
        return None
    if "&amp;" in href:  # escaped once too often
        href = href.replace("&amp;", "&")
    href = _TWO_SCHEMES.sub("", href)
    if not _ABSOLUTE.match(href):
        if href.lower().startswith("www."):
            href = f"{(base or 'https').partition(':')[0]}://{href}"
        elif not _is_relative(href):
            return None
    url = resolve(href, base)
    return without_credentials(url.partition("#")[0]) if url else None


def is_absolute(href: str) -> bool:
    """True for what begins as an http(s) address does, with a host."""
    return bool(_ABSOLUTE.match(href.strip()))


def language_tag(text: str | None) -> str | None:
    """A language as BCP 47 writes it (`en_us` becomes en-US); None for what is no language."""
    match = _LANGUAGE.fullmatch((text or "").strip())
    if match is None:
        return None
    parts = [part.upper() if len(part) == 2 else part for part in re.split("[-_]", match[2])[1:]]
    return "-".join([match[1].lower(), *parts])


def _is_relative(href: str) -> bool:
    """True for a path or a query; a lone word, such as `none`, would become an address of the site as well."""
    if not href or href.startswith("#") or any(map(str.isspace, href)):
        return False
    if _SCHEME.match(href):  # browsers read http:/path and http:path, too
        return href.lower().startswith(("http:", "https:"))
    return any(mark in href for mark in "/.?\\")
