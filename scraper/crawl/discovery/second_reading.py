"""A feed in which hardly an item leads anywhere, read again, by feedparser: what one reader loses, another may find.

feedparser is given text that is decoded, within bounds and without a declaration of type, as a stream: given bytes, it
would first try to open a file of that name.
"""

from __future__ import annotations

import io
from datetime import datetime

from scraper.crawl.discovery.addresses import usable_url
from scraper.crawl.discovery.found import FoundLink, FoundLinks
from scraper.crawl.discovery.moments import Moments
from scraper.crawl.discovery.titles import plain_title

_LONGEST = 500_000
"""Characters; markup that is made for it takes it quadratic time."""


def read_again(text: str, *, url: str, now: datetime, language: str | None) -> tuple[FoundLink, ...]:
    """The links of a feed's items as feedparser finds them; none when it fails, too."""
    import feedparser

    if len(text) > _LONGEST:
        return ()
    try:
        feed = feedparser.parse(
            io.BytesIO(text.encode("utf-8", "replace")), sanitize_html=False, resolve_relative_uris=False
        )
    except Exception:  # noqa: BLE001 - a second opinion may fail in whatever way
        return ()
    moments = Moments(now, language)
    links = FoundLinks()
    for entry in feed.entries:
        address = usable_url(str(entry.get("link") or ""), url)
        if address and address != url:
            links.add(
                FoundLink(
                    url=address,
                    published_at=moments.read(str(entry.get("published") or "")),
                    modified_at=moments.read(str(entry.get("updated") or "")),
                    title=plain_title(str(entry.get("title") or "")),
                )
            )
    return tuple(links)
