"""URLs: checking what a user typed, the form two spellings of one page share, and the site a URL belongs to.

Parsing follows the WHATWG URL standard (ada), so that a URL means here what it means to a browser.
"""

from __future__ import annotations

import re
from functools import lru_cache

import ada_url

from scraper.errors import NotAUrl, UnsupportedScheme

_SCHEME = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]*:")

# Most links on real pages are written so that nothing about them has to be worked out: no characters to escape, no
# upper case in the host; and then no dots after a slash and no empty segment.
_PLAIN_PATH = re.compile(r"/[\w~%+,;=&@./-]*(?:\?[\w~%+,;=&@./-]*)?\Z", re.ASCII)
_PLAIN_URL = re.compile(r"https?://[a-z][a-z0-9.-]*[a-z]/[\w~%+,;=&@./-]*(?:\?[\w~%+,;=&@./-]*)?\Z", re.ASCII)

# What begins a text that is meant as a URL: what stands behind it, up to an @, may be user:password.
_AUTHORITY = re.compile(r"\s*(?:https?:[/\\]*|[A-Za-z][A-Za-z0-9+.-]*:[/\\]{2,}|[/\\]{2,})", re.IGNORECASE)
# The same within other text, and a query; a mark that ends a sentence is no part of it.
_CREDENTIALS_IN_TEXT = re.compile(r"(?<=[:/\\][/\\])[^\s/?#\"'<>]*@")
_QUERY_IN_TEXT = re.compile(
    r"(?<![^\s?#\"<>])([^\s?#\"<>]++)\?(?=[^\s\"<>])[^\s\"<>]*?(?=[).,;:!'`\]]{0,8}(?:[\s\"<>]|\Z))"
)

# Parameters that only say where a reader came from. A parameter that may name an article (id, cid, p, story, …) is
# never dropped: merging two articles loses one, while keeping a tracking parameter only costs a second row.
_TRACKING_PREFIXES = ("utm_",)
_TRACKING = frozenset(
    """fbclid gclid dclid gbraid wbraid msclkid yclid twclid ttclid igshid mc_cid mc_eid _hsenc _hsmi mkt_tok""".split()
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


def canonical(url: str) -> str:
    """The form two spellings of one page share: no fragment, credentials, default port or tracking parameters.

    The scheme and every other parameter are kept, in their order. Text that is no http(s) URL is returned unchanged.
    """
    if "?" not in url and "/." not in url and "//" not in url[8:] and _PLAIN_URL.match(url):
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
    query = parsed.search.removeprefix("?")
    if query:
        kept = [pair for pair in query.split("&") if not _is_tracking(pair.partition("=")[0])]
        parsed.search = "&".join(kept)
    return str(parsed.href)


def _is_tracking(name: str) -> bool:
    name = name.lower()
    return name.startswith(_TRACKING_PREFIXES) or name in _TRACKING


def resolve(href: str, base: str | None) -> str | None:
    """`href` as an absolute http(s) URL, or None when it is none (mailto:, javascript:, relative without a base)."""
    href = href.strip()
    if "/." not in href and "//" not in href[8:]:
        if base and href[1:2] != "/" and _PLAIN_PATH.match(href):
            return _origin(base) + href if _origin(base) else None
        if _PLAIN_URL.match(href):
            return href
    try:
        if base and not (_SCHEME.match(href) and not href.lower().startswith(("http:", "https:"))):
            absolute = ada_url.join_url(base, href)
        else:
            absolute = ada_url.normalize_url(href)
    except ValueError:
        return None
    return absolute if absolute.startswith(("http://", "https://")) else None


@lru_cache(maxsize=256)
def _origin(base: str) -> str:
    """The origin of an http(s) URL; "" for anything else."""
    try:
        parsed = ada_url.URL(base)
    except ValueError:
        return ""
    return str(parsed.origin) if parsed.protocol in ("http:", "https:") else ""


def host_of(url: str) -> str:
    """The host in lower case, IDNA-encoded, without port; "" for text that is no URL."""
    try:
        return str(ada_url.URL(url).hostname)
    except ValueError:
        return ""


def path_of(url: str) -> str:
    """The path of `url` ("/" at least), as written; "" for text that is no URL."""
    try:
        return str(ada_url.URL(url).pathname)
    except ValueError:
        return ""


@lru_cache(maxsize=1)
def _suffix_list():  # type: ignore[no-untyped-def]
    import tldextract

    # The bundled public suffix list only: nothing is downloaded, nothing is cached on disk.
    return tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True)


@lru_cache(maxsize=4096)
def site_of(url: str) -> str:
    """The registrable domain of `url` (bbc.co.uk for www.bbc.co.uk); for IP addresses and bare names, the host."""
    host = host_of(url)
    if not host:
        return ""
    registrable = str(_suffix_list()(host).top_domain_under_public_suffix)
    if registrable:
        return registrable
    labels = host.split(".")
    # The list's default rule for a top-level domain it does not name (.test, .example, .internal): two labels.
    return host if labels[-1].isdigit() or host.startswith("[") else ".".join(labels[-2:])
