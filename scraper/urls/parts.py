"""Absolute addresses and their parts: host, path, and the site they belong to."""

from __future__ import annotations

import re
from functools import lru_cache

import ada_url

_SCHEME = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]*:")

# Most links on real pages are written so that nothing about them has to be worked out: no characters to escape, no
# upper case in the host; and then no dots after a slash and no empty segment.
_PLAIN_PATH = re.compile(r"/[\w~%+,;=&@./-]*(?:\?[\w~%+,;=&@./-]*)?\Z", re.ASCII)
_PLAIN_URL = re.compile(r"https?://[a-z][a-z0-9.-]*[a-z]/[\w~%+,;=&@./-]*(?:\?[\w~%+,;=&@./-]*)?\Z", re.ASCII)


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
    return site_of_host(host_of(url))


@lru_cache(maxsize=4096)
def site_of_host(host: str) -> str:
    """The same for a host as `host_of` gives it; "" for an empty one."""
    if not host:
        return ""
    registrable = str(_suffix_list()(host).top_domain_under_public_suffix)
    if registrable:
        return registrable
    labels = host.split(".")
    # The list's default rule for a top-level domain it does not name (.test, .example, .internal): two labels.
    return host if labels[-1].isdigit() or host.startswith("[") else ".".join(labels[-2:])
