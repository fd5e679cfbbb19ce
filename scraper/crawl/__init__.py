"""From URLs to rows: the only place that knows the whole way. Fetch, store the capture, extract, store the article.

What is named here is imported when it is first used: a command that only lists jobs need not load what fetches pages.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from scraper.crawl.pipeline import Summary, archive_pages
    from scraper.crawl.run import AssetsDone, CrawlSummary, PageDone, Progress, SourceDone, crawl
    from scraper.crawl.way import Outcome
    from scraper.crawl.workers import ExtractionPool

__all__ = [
    "AssetsDone",
    "CrawlSummary",
    "ExtractionPool",
    "Outcome",
    "PageDone",
    "Progress",
    "SourceDone",
    "Summary",
    "archive_pages",
    "crawl",
]

_HOMES = {
    "AssetsDone": "run",
    "CrawlSummary": "run",
    "ExtractionPool": "workers",
    "Outcome": "way",
    "PageDone": "run",
    "Progress": "run",
    "SourceDone": "run",
    "Summary": "pipeline",
    "archive_pages": "pipeline",
    "crawl": "run",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return globals().setdefault(name, getattr(import_module(f"scraper.crawl.{_HOMES[name]}"), name))
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
