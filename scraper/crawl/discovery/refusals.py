"""What was fetched as a feed or a sitemap and is neither, in words."""

from __future__ import annotations

from scraper.errors import UnreadableSource
from scraper.urls import without_credentials

_MEANING = {
    "empty": "it is empty",
    "html": "it is an HTML page",
    "feed": "it is a feed",
    "sitemap": "it is a sitemap",
    "json": "it is JSON of another kind",
    "xml": "it is XML of another kind",
    "text": "it is text of another kind",
    "binary": "it is not text",
}
# Elements of pages; a page need not have an <html>.
_OF_PAGES = frozenset(
    "html head body title meta link script style div p h1 h2 a br center table form span iframe img main nav".split()
)
_FEEDS = frozenset(("rss", "rdf:rdf", "rdf", "feed", "channel", "item", "entry"))
_SITEMAPS = frozenset(("urlset", "sitemapindex", "url", "sitemap"))


def refusal(kind: type[UnreadableSource], url: str, found: str, *, detail: str = "") -> UnreadableSource:
    """The error that says of `url` what it is instead; `found` as in UnreadableSource."""
    name = "feed" if kind.__name__ == "NotAFeed" else "sitemap"
    why = _MEANING[found] + (f" ({detail})" if detail else "")
    error = kind(f"{without_credentials(url)} is not a {name}", why=why)
    error.found = found
    return error


def kind_of_root(root: str) -> str:
    """What a document is that begins with `root`, as `Markup.root` gives it: feed, sitemap, html or xml."""
    if root in _FEEDS:
        return "feed"
    if root in _SITEMAPS:
        return "sitemap"
    return "html" if root in _OF_PAGES else "xml"
