"""Links on a page that was archived which lead on: other articles, and the address that the page calls its own."""

from __future__ import annotations

from collections.abc import Callable

from scraper.crawl.way import Outcome
from scraper.store import Find, FrontierPage
from scraper.urls import canonical, site_of, trusted_canonical

FURTHER_PAGE = "further_page"
"""Why an address is not fetched that an article goes on at: it was, with the article."""


def links_to_follow(
    outcome: Outcome, page: FrontierPage, depth: int, why_not: Callable[[str], str | None]
) -> list[Find]:
    """Addresses to put on the frontier; `depth` is how many links away from a job's sources they may be."""
    article = outcome.article
    if article is None or outcome.failure is not None:
        return []
    finds = []
    if page.depth < depth:
        site = site_of(page.url)
        urls = dict.fromkeys(link.url for link in article.links if site_of(link.url) == site)
        finds = [Find(url=url, depth=page.depth + 1, skip=why_not(url)) for url in urls]
    finds += [Find(url=url, skip=FURTHER_PAGE, is_dealt_with=True) for url in outcome.parts]
    if outcome.first_page is not None:
        finds.append(Find(url=outcome.first_page, depth=page.depth, skip=why_not(outcome.first_page)))
    named = trusted_canonical(page.url, article.canonical_url).address
    if named is not None and canonical(named) != canonical(page.url):
        # The edition that the page is a copy of; which of them is shown is decided where they are stored.
        finds.append(Find(url=named, depth=page.depth, skip=why_not(named)))
    return finds
