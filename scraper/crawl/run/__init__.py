"""One run of a crawl: sources are looked at, pages are fetched and read, and each is settled."""

from scraper.crawl.run.crawl import crawl
from scraper.crawl.run.summary import AssetsDone, CrawlSummary, PageDone, Progress, SiteCounts, SourceDone

__all__ = ["AssetsDone", "CrawlSummary", "PageDone", "Progress", "SiteCounts", "SourceDone", "crawl"]
