"""What is found: addresses, and what a feed, a sitemap or a page says that lists them.

Plain values, cheap to import and to send between processes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

FeedKind = Literal["rss", "atom", "rdf", "json"]
SitemapKind = Literal["urlset", "index", "text"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundLink:
    """An address that a source lists, with what the source says about it."""

    url: str
    """Absolute http(s), in WHATWG serialisation, without fragment and credentials; every parameter is kept."""
    published_at: datetime | None = None
    """Aware, UTC; midnight where only a day is given. None when none is given, or none that can be."""
    modified_at: datetime | None = None
    title: str | None = None
    """Plain text on one line."""
    language: str | None = None
    """BCP 47."""

    @property
    def newest_at(self) -> datetime | None:
        """The later of both dates; None when neither is known."""
        return max(filter(None, (self.published_at, self.modified_at)), default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """What a feed says. `links` are its items that lead to a page, in its order, each address once."""

    kind: FeedKind
    title: str | None = None
    language: str | None = None
    """BCP 47."""
    home_url: str | None = None
    """The page whose feed it is."""
    links: tuple[FoundLink, ...] = ()
    next_url: str | None = None
    """Where older items are: the next page (RFC 5005, JSON Feed), or the archive before this document."""
    hubs: tuple[str, ...] = ()
    """WebSub hubs that tell subscribers of `self_url` what is new."""
    self_url: str | None = None
    """The feed's own address, as it gives it."""
    ttl: timedelta | None = None
    """How long it asks to be left alone between two looks."""
    of_comments: bool = False
    """Whether its items are comments on pages rather than pages."""
    notes: tuple[str, ...] = ()
    """What was odd, in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sitemap:
    """What a sitemap lists, each address once, in its order."""

    kind: SitemapKind
    links: tuple[FoundLink, ...] = ()
    """Pages: `modified_at` is what it calls lastmod, `published_at` what the News extension says."""
    children: tuple[FoundLink, ...] = ()
    """Sitemaps that an index names, never itself; all of them, whatever their lastmod."""
    total: int = 0
    """How many pages or sitemaps it lists, before `since` and `most`."""
    notes: tuple[str, ...] = ()
    """What was odd, in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovered:
    """What a page says about where more is. All addresses as in FoundLink, in the page's order."""

    feeds: tuple[FoundLink, ...] = ()
    """Those the page names as its feeds first, then links that look like feeds."""
    comment_feeds: tuple[FoundLink, ...] = ()
    sitemaps: tuple[FoundLink, ...] = ()
    canonical: str | None = None
    """The address the page gives itself; whether to believe it is for others to decide."""
    next_url: str | None = None
    """The page after this one, by rel=next."""
    language: str | None = None
    """BCP 47, as the page states it."""


class FoundLinks:
    """Links in the order they were listed, each address once; what is said of it later fills what was left out."""

    def __init__(self) -> None:
        self.repeated = 0
        """How often an address was listed again."""
        self._links: dict[str, FoundLink] = {}

    def __len__(self) -> int:
        return len(self._links)

    def __iter__(self) -> Iterator[FoundLink]:
        return iter(self._links.values())

    def add(self, link: FoundLink) -> None:
        known = self._links.setdefault(link.url, link)
        if known is link:
            return
        self.repeated += 1
        if link == known:
            return
        self._links[link.url] = replace(
            known,
            published_at=known.published_at or link.published_at,
            modified_at=max(filter(None, (known.modified_at, link.modified_at)), default=None),
            title=known.title or link.title,
            language=known.language or link.language,
        )

    def keep(self, links: list[FoundLink]) -> None:
        """Forget all but `links`."""
        self._links = {link.url: link for link in links}
