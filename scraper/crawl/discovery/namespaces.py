"""Names of elements, whatever prefix a document gives their namespace, and whether or not it declares it."""

from __future__ import annotations

import re

_DECLARED = re.compile(r"xmlns(?::([^\s=\"']{1,40}))?\s*=\s*[\"']\s*([^\"'<>]{1,200}?)\s*[\"']", re.IGNORECASE)
_TRIMMED = re.compile(r"^https?://(?:www\.)?|[/#]+$")
_MOST = 200
"""Namespaces and names that are remembered at a time."""

# The vocabularies of RSS and of sitemaps have no prefix here.
_PREFIX_OF = {
    "purl.org/rss/1.0": "",
    "my.netscape.com/rdf/simple/0.9": "",
    "channel.netscape.com/rdf/simple/0.9": "",
    "backend.userland.com/rss": "",
    "backend.userland.com/rss2": "",
    "blogs.law.harvard.edu/tech/rss": "",
    "cyber.harvard.edu/rss/rss.html": "",
    "sitemaps.org/schemas/sitemap/0.9": "",
    "google.com/schemas/sitemap/0.84": "",
    "google.com/schemas/sitemap/0.9": "",
    "w3.org/2005/atom": "atom",
    "purl.org/atom/ns": "atom",
    "w3.org/1999/02/22-rdf-syntax-ns": "rdf",
    "purl.org/dc/elements/1.0": "dc",
    "purl.org/dc/elements/1.1": "dc",
    "purl.org/dc/terms": "dcterms",
    "purl.org/rss/1.0/modules/syndication": "sy",
    "purl.org/rss/1.0/modules/content": "content",
    "rssnamespace.org/feedburner/ext/1.0": "feedburner",
    "search.yahoo.com/mrss": "media",
    "itunes.com/dtds/podcast-1.0.dtd": "itunes",
    "google.com/schemas/sitemap-news/0.9": "news",
    "google.com/schemas/sitemap-image/1.1": "image",
    "google.com/schemas/sitemap-video/1.1": "video",
    "w3.org/1999/xhtml": "xhtml",
}
# What prefixes mean that nobody declared.
_CUSTOMARY = {
    "a10": "atom",
    "atom10": "atom",
    "atom03": "atom",
    "rss": "",
    "sm": "",
    "dct": "dcterms",
    "xhtml": "xhtml",
}
_OWN_ROOTS = frozenset(("rss", "urlset", "sitemapindex"))


class Namespaces:
    """The prefixes of one document, learnt as they are declared."""

    def __init__(self) -> None:
        self._prefixes: dict[str, str] = {}
        self._known: dict[str, str] = {}

    def name_of(self, raw: str, attributes: str = "") -> str:
        """A name in lower case, with the prefix by which its namespace is known."""
        if "xmlns" in attributes or "XMLNS" in attributes:
            own = self._declare(attributes)
            if own and ":" not in raw:  # a default namespace counts for this element; those of roots are theirs
                return f"{own}:{raw.lower()}"
        name = self._known.get(raw)
        if name is None:
            name = self._resolved(raw.lower())
            if len(self._known) < _MOST:
                self._known[raw] = name
        return name

    def _declare(self, attributes: str) -> str:
        """Remember the prefixes; return the one of a default namespace that is another format's."""
        default = ""
        for prefix, uri in _DECLARED.findall(attributes[:20_000]):
            known = _PREFIX_OF.get(_TRIMMED.sub("", _TRIMMED.sub("", uri.lower())))
            if prefix and known is not None and len(self._prefixes) < _MOST:
                self._prefixes[prefix.lower()] = known
                self._known.clear()
            elif not prefix and known not in (None, "", "atom", "rdf", "xhtml"):
                default = known or ""
        return default

    def _resolved(self, name: str) -> str:
        prefix, colon, local = name.partition(":")
        if not colon:
            return name
        known = self._prefixes.get(prefix)
        if known is None:
            known = _CUSTOMARY.get(prefix, prefix)
            if local in _OWN_ROOTS:  # a format's root says by its name whose prefix it has
                known = self._prefixes[prefix] = ""
        if known == "atom" and local == "feed":
            known = self._prefixes[prefix] = ""  # within Atom, Atom's names are the plain ones
            self._known.clear()
        return f"{known}:{local}" if known else local
