"""Capture to article: pure functions over bytes. Nothing here opens a file, a socket or a database."""

from __future__ import annotations

from scraper.extract.extraction import Extraction, extract, extract_with_reasons
from scraper.extract.sitefiles import SiteFiles, load_site_files

__all__ = ["Extraction", "SiteFiles", "extract", "extract_with_reasons", "load_site_files"]
