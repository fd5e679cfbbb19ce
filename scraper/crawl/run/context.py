"""What the parts of one crawl share."""

from __future__ import annotations

from dataclasses import dataclass

from scraper.crawl.jobs import Job
from scraper.crawl.way import Way
from scraper.crawl.workers import ExtractionPool
from scraper.crawl.writer import Writer
from scraper.store import Archive, CrawlQueue


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """One run of one job, and what it works with."""

    job: Job
    archive: Archive
    queue: CrawlQueue
    """Reads may be made at once; writes go through the writer."""
    writer: Writer
    way: Way
    pool: ExtractionPool
