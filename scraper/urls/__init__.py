"""URLs: checking what a user typed, when two addresses are one page, and the site a URL belongs to.

Parsing follows the WHATWG URL standard (ada), so that a URL means here what it means to a browser.
"""

from __future__ import annotations

from scraper.urls.checking import (
    check_url,
    fit_to_show,
    without_credentials,
    without_credentials_in,
    without_queries,
)
from scraper.urls.editions import Edition, EditionKind, address_key, edition_of
from scraper.urls.forms import as_linked, canonical, earlier_forms
from scraper.urls.parts import host_of, path_of, resolve, site_of
from scraper.urls.standing import (
    Named,
    bears_same_name,
    is_home_page,
    is_section_front,
    leads_home,
    same_article_named,
    trusted_canonical,
)

__all__ = [
    "Edition",
    "EditionKind",
    "Named",
    "address_key",
    "as_linked",
    "bears_same_name",
    "canonical",
    "check_url",
    "earlier_forms",
    "edition_of",
    "fit_to_show",
    "host_of",
    "is_home_page",
    "is_section_front",
    "leads_home",
    "path_of",
    "resolve",
    "same_article_named",
    "site_of",
    "trusted_canonical",
    "without_credentials",
    "without_credentials_in",
    "without_queries",
]
