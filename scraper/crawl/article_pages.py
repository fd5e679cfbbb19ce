"""Articles that are split over numbered pages: which addresses come after a page."""

from __future__ import annotations

from collections.abc import Sequence

from scraper.extract.pagination import Numbered, numbered
from scraper.urls import canonical

MOST_PAGES = 40
"""Further pages of one article that are fetched."""


def later_pages(url: str, pages: Sequence[str]) -> list[str]:
    """Those of an article's other `pages` that follow the one at `url`."""
    here = canonical(url)
    own = {Numbered(here.rstrip("/"), 1), *numbered(here)}
    return [
        page
        for page in pages
        if any(other.stem == one.stem and other.number > one.number for one in own for other in _readings(page))
    ]


def first_page(url: str, pages: Sequence[str]) -> str | None:
    """The first page of the article of which the one at `url` is a further one; None when it is the first itself."""
    here = canonical(url)
    stems = {one.stem for one in numbered(here) if one.number > 1}
    for page in pages:
        if any(other.stem in stems and other.number == 1 for other in _readings(page)):
            return page
    return None


def _readings(url: str) -> list[Numbered]:
    address = canonical(url)
    return [Numbered(address.rstrip("/"), 1), *numbered(address)]
