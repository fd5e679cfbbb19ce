"""Home and section pages: which of their links lead to articles, which to other lists, and where the list goes on.

What an address says is in `url_shapes`, what the page says in `section_signs`; `link_model` weighs both.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from scraper.crawl.discovery.link_model import KnownShapes, packaged_link_model, probability
from scraper.crawl.discovery.pagination import next_of_list
from scraper.crawl.discovery.section_signs import Target, read_targets
from scraper.crawl.discovery.url_shapes import read_url
from scraper.extract.page import Page
from scraper.extract.wording import count_words
from scraper.urls import canonical, without_credentials

LinkKind = Literal["article", "section", "other"]

_REASONS = {
    "login": "login",
    "search": "search",
    "comments": "comments",
    "print": "print",
    "share": "share",
    "feed": "feed",
    "tag": "tag_page",
    "author": "author_page",
    "legal": "legal",
    "service": "service",
}
"""What an address's words say it is for to the reason why it is not fetched."""
_PLACES_OF_SECTIONS = frozenset(
    ("nav", "header", "footer", "heading", "named_menu", "named_foot", "named_top", "named_tags")
)
_NO_SECTION = frozenset(("last_words_6", "evidence_2", "date", "number_and_words"))
_LONGEST_NAME = 4
"""Words of a section's name."""
_DEEPEST_SECTION = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class PageLink:
    """An address that a page links to, once, however often it does."""

    url: str
    """Absolute http(s), in WHATWG serialisation, without fragment and credentials; every parameter is kept."""
    text: str
    """What the links to it read at best, at most 300 characters; "" when none says anything."""
    kind: LinkKind
    """`section` is another list of articles on this site that is worth a look."""
    score: float
    """That it is an article: 0 to 1."""
    position: int
    """Its place among the page's addresses, from 0."""
    reason: str
    """Why it is no article, in a word; "" for articles."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionPage:
    """What a home or section page lists."""

    links: tuple[PageLink, ...]
    """In the order of the page; its own address is left out."""
    next_url: str | None
    """The next page of the list, if it says there is one."""


def read_section(
    html: bytes,
    *,
    url: str,
    content_type: str | None = None,
    known_articles: frozenset[str] | tuple[str, ...] = (),
) -> SectionPage:
    """Find the links to articles on a page. Never raises on bad HTML; what is no HTML has no links.

    `url` is the page's own, after redirects. `known_articles` are addresses of articles of this site, from its feeds
    and sitemaps: they speak for others that are made the same way. Links to other sites are never articles here, those
    to other hosts of the same registrable domain may be.
    """
    page = Page.read(html, url=url, content_type=content_type)
    targets = read_targets(page)
    next_url = next_of_list(page)
    known = KnownShapes.of(known_articles)
    model = packaged_link_model()
    own = [target for target in targets if target.same_site]
    odds = dict(zip((target.position for target in own), model.odds(own), strict=True))
    links = []
    for target in targets:
        key = canonical(target.url)
        if target.same_site:
            score = 1.0 if key in known.addresses else probability(odds[target.position] + known.odds(target.address))
        else:
            score = probability(model.odds_of_address(target.address))
        kind, reason = _kind(target, score, is_next=key == next_url)
        links.append(
            PageLink(
                url=without_credentials(target.url),
                text=target.text,
                kind=kind,
                score=round(score, 4),
                position=target.position,
                reason=reason,
            )
        )
    return SectionPage(links=tuple(links), next_url=next_url)


def score_address(url: str, *, known_articles: frozenset[str] | tuple[str, ...] = ()) -> float:
    """That an address is an article's, told from the address alone: 0 to 1."""
    address = read_url(canonical(url))
    known = KnownShapes.of(known_articles)
    return probability(packaged_link_model().odds_of_address(address) + known.odds(address))


def _kind(target: Target, score: float, *, is_next: bool) -> tuple[LinkKind, str]:
    address = target.address
    if not target.same_site:
        return "other", "other_host"
    if address.file is not None:
        return "other", "media_file" if address.file == "media" else "feed"
    if is_next or "page_number" in address.signs:
        return "other", "pagination"
    if score >= 0.5:
        return "article", ""
    if address.purpose in _REASONS:
        return "other", _REASONS[address.purpose]
    if address.shape == "/":
        return "section", "home"
    if _is_section(target):
        return "section", "navigation"
    return "other", "not_article"


def _is_section(target: Target) -> bool:
    """A short name, a short address, and a place where sections are named."""
    address = target.address
    if address.depth > _DEEPEST_SECTION or "in_prose" in target.signs or not address.signs.isdisjoint(_NO_SECTION):
        return False
    if not 0 < count_words(target.text) <= _LONGEST_NAME:
        return False
    return address.purpose == "list" or not _PLACES_OF_SECTIONS.isdisjoint(target.signs)
