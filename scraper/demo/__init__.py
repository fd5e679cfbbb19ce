"""A small news web served from this machine: ten pages on six invented hosts, one of which is edited on request.

with DemoSite() as site:
    site.urls        # what to fetch; any host leads here with site.connect_to
    site.edit()      # from now on one article is a corrected version of itself
"""

from scraper.demo.pages import PAGES, Page
from scraper.demo.server import DemoSite

__all__ = ["PAGES", "DemoSite", "Page"]
