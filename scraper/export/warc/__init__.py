"""WARC 1.1: captures written as records, and records read as captures."""

from __future__ import annotations

from scraper.export.warc.writing import write_warc

__all__ = ["write_warc"]
