"""Where a site's articles are: what its feeds (`feeds`), sitemaps (`sitemaps`) and pages list, and where to find those
(`autodiscovery`). No I/O: bytes in, values (`found`) out. Reading costs imports of the extractor; the values do not."""

from __future__ import annotations

from scraper.crawl.discovery.found import Discovered, Feed, FoundLink, Sitemap

__all__ = ["Discovered", "Feed", "FoundLink", "Sitemap"]
