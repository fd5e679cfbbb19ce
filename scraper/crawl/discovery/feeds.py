"""Feeds: RSS 0.9 to 2.0, RDF, Atom 0.3 and 1.0, JSON Feed; whatever the address or the server calls them."""

from __future__ import annotations

from datetime import datetime

from scraper.crawl.discovery.bodies import read_body
from scraper.crawl.discovery.found import Feed
from scraper.crawl.discovery.json_feeds import read_json_feed
from scraper.crawl.discovery.markup import Markup
from scraper.crawl.discovery.refusals import kind_of_root, refusal
from scraper.crawl.discovery.xml_feeds import read_xml_feed
from scraper.errors import NotAFeed


def read_feed(body: bytes, *, url: str, content_type: str | None, now: datetime) -> Feed:
    """Read a feed that was fetched from `url` at `now` (aware). A feed without items is a feed.

    Nothing is fetched, and nothing but the bytes given is read. Raises NotAFeed, which says what it is instead.
    """
    source = read_body(body, content_type)
    if source.form == "json":
        feed = read_json_feed(source, url=url, now=now)
        if feed is None:
            raise refusal(NotAFeed, url, "json")
        return feed
    if source.form != "markup":
        raise refusal(NotAFeed, url, source.form)
    markup = Markup(source.text)
    root = markup.root()
    kind = kind_of_root(root)
    if kind != "feed":
        raise refusal(NotAFeed, url, kind, detail=f"<{root[:40]}>" if kind == "xml" and root else "")
    return read_xml_feed(markup, root, source.notes, url=url, now=now)
