"""One run of a crawl: sources are looked at, pages are fetched and read, and each is settled."""

from scraper.crawl.run.crawl import CrawlSummary, PageDone, Progress, SiteCounts, SourceDone, crawl

__all__ = ["CrawlSummary", "PageDone", "Progress", "SiteCounts", "SourceDone", "crawl"]
