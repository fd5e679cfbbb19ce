"""Structured metadata: JSON-LD, meta elements (OpenGraph, article:*, Dublin Core …), microdata, data for scripts."""

from __future__ import annotations

from scraper.extract.candidates import Evidence
from scraper.extract.metadata.embedded_dates import read_embedded_dates
from scraper.extract.metadata.json_ld import read_json_ld
from scraper.extract.metadata.meta_tags import read_meta_tags
from scraper.extract.metadata.microdata import read_microdata
from scraper.extract.page import Page

__all__ = ["read_metadata"]


def read_metadata(page: Page, evidence: Evidence) -> None:
    """Add what the page says about itself in machine-readable form."""
    read_json_ld(page, evidence)
    read_meta_tags(page, evidence)
    read_microdata(page, evidence)
    read_embedded_dates(page, evidence)
