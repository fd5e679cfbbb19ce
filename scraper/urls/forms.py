"""The form that two spellings of one page's address share."""

from __future__ import annotations

import re

import ada_url

from scraper.urls.tracking import tracking

# An address of which nothing has to be left out or written otherwise: no query, no escapes, no parameters of a path.
_PLAIN = re.compile(r"https?://[a-z][a-z0-9.-]*[a-z]/[\w~+,=&@./-]*\Z", re.ASCII)

_ESCAPE = re.compile(r"%[0-9A-Fa-f]{2}")
# What comes of an escape must not stand where it makes another one of a stray percent sign before it.
_AFTER_A_STRAY_PERCENT = re.compile(r"%[0-9A-Fa-f]?\Z")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")

# Sessions in the path: Java's parameters of one of its parts, and ASP.NET's, which is a part of its own.
_SESSION_PARAMETER = re.compile(r";(?:jsessionid|phpsessid|sessionid)(?:=[^/;]*)?(?=[/;]|\Z)", re.I)
_SESSION_FOLDER = re.compile(r"(?<=/)\([A-Z]\([^()/]*\)\)/", re.I)

# Archives of the first releases hold pages under addresses without these; do not add to them.
_CAMPAIGN_PREFIX = "utm_"
_CAMPAIGN_NAMES = frozenset(
    """fbclid gclid dclid gbraid wbraid msclkid yclid twclid ttclid igshid mc_cid mc_eid _hsenc _hsmi mkt_tok""".split()
)


def canonical(url: str) -> str:
    """The form two spellings of one page share.

    No fragment, credentials, default port, session, or parameters that only say where a reader came from
    (`tracking_parameters.toml`); escapes are written as RFC 3986 has them (`~` for `%7e`, `%C3` for `%c3`). Scheme,
    host and every other parameter are kept, in their order: whether a page is the same without them is not for its
    address alone to tell. Text that is no http(s) URL is returned unchanged.
    """
    return canonical_or_none(url) or url


def canonical_or_none(url: str) -> str | None:
    """The same; None for text that is no http(s) URL."""
    if _is_plain(url):
        return url
    try:
        parsed = ada_url.URL(url)
    except ValueError:
        return None
    if parsed.protocol not in ("http:", "https:"):
        return None
    parsed.hash = ""
    parsed.username = ""
    parsed.password = ""
    path = parsed.pathname
    clean = _without_sessions(_normal_escapes(path))
    if clean != path:
        parsed.pathname = clean
    query = parsed.search.removeprefix("?")
    telling = _telling_part(_normal_escapes(query), parsed.hostname) if query else ""
    parsed.search = telling and f"?{telling}"  # or a question mark that begins a name would be taken for this one
    return str(parsed.href)


def as_linked(url: str) -> str:
    """An address as a page links to it, without fragment, credentials and marks of a campaign (`utm_source`).

    Nothing else is left out or written otherwise. Text that is no http(s) URL is returned unchanged.
    """
    if _is_plain(url):
        return url
    try:
        parsed = ada_url.URL(url)
    except ValueError:
        return url
    if parsed.protocol not in ("http:", "https:"):
        return url
    parsed.hash = ""
    parsed.username = ""
    parsed.password = ""
    if parsed.search:
        pairs = parsed.search.removeprefix("?").split("&")
        parsed.search = "&".join(pair for pair in pairs if not _is_campaign(pair.partition("=")[0].lower()))
    return str(parsed.href)


def earlier_forms(url: str) -> tuple[str, ...]:
    """Forms that `canonical` gave this address in earlier releases, where they differ from today's; the last one first.

    Pages of older archives are found by them. What comes out of `canonical` has none: to look up a page, ask with the
    address as it was given.
    """
    today = canonical_or_none(url)
    form = as_linked(url)  # as the first releases did
    return () if today is None or form == today else (form,)


def _is_plain(url: str) -> bool:
    return "/." not in url and "//" not in url[8:] and _PLAIN.match(url) is not None


def _is_campaign(name: str) -> bool:
    return name.startswith(_CAMPAIGN_PREFIX) or name in _CAMPAIGN_NAMES


def _telling_part(query: str, host: str) -> str:
    """`query` without the parameters that tell nothing."""
    drops = tracking().drops
    kept = []
    for pair in query.split("&"):
        name, _, value = pair.partition("=")
        if pair and not drops(name, value, host):
            kept.append(pair)
    return "&".join(kept)


def _without_sessions(path: str) -> str:
    if ";" in path:
        path = _SESSION_PARAMETER.sub("", path)
    return _SESSION_FOLDER.sub("", path) if "(" in path else path


def _normal_escapes(text: str) -> str:
    """Escapes of what needs none written out, all others in upper case (RFC 3986, 6.2.2)."""
    if "%" not in text:
        return text

    def normal(match: re.Match[str]) -> str:
        escape = match[0].upper()
        character = chr(int(escape[1:], 16))
        if character not in _UNRESERVED or _AFTER_A_STRAY_PERCENT.search(
            text, max(0, match.start() - 2), match.start()
        ):
            return escape
        return character

    return _ESCAPE.sub(normal, text)
