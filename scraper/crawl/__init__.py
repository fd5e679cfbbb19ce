"""From URLs to rows: the only place that knows the whole way. Fetch, store the capture, extract, store the article."""

from __future__ import annotations

from scraper.crawl.pipeline import Outcome, Summary, archive_pages
from scraper.crawl.workers import ExtractionPool

__all__ = ["ExtractionPool", "Outcome", "Summary", "archive_pages"]
