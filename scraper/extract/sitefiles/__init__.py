"""Site files: what a person wrote down about one outlet's pages, as data (`selectors/*.toml`)."""

from __future__ import annotations

from scraper.extract.sitefiles.apply import SiteReading, apply_layout
from scraper.extract.sitefiles.checking import load_site_file
from scraper.extract.sitefiles.folder import SiteFiles, load_site_files, packaged_folder
from scraper.extract.sitefiles.schema import FieldRule, Layout, SiteFile

__all__ = [
    "FieldRule",
    "Layout",
    "SiteFile",
    "SiteFiles",
    "SiteReading",
    "apply_layout",
    "load_site_file",
    "load_site_files",
    "packaged_folder",
]
