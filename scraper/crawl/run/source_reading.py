"""What a source says, read in a worker: addresses that may be articles, further sources, and what was odd about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from scraper.errors import ScrapeError
from scraper.store import Find, SourceKind

MOST_SECTIONS = 40
"""Sections of a site that are looked at, those that stand first on its home page."""

_MOST_HUBS = 3
"""Hubs of one feed: some name a second one for the case that the first has gone."""

_PERHAPS = 0.2
"""From this on the address of what was taken for a list may be an article's."""
_HARDLY = 0.1
"""Below this an address that says that it is for something else is believed to be for that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceToRead:
    """A body that was fetched from a source."""

    kind: SourceKind
    body: bytes
    url: str
    """That answered, after redirects."""
    content_type: str | None
    now: datetime
    since: datetime | None = None
    known_articles: tuple[str, ...] = ()
    link_headers: tuple[str, ...] = ()
    """As received."""
    is_section_of_home: bool = False
    """Whether it is a section that the home page of a job names: then the feeds that it announces are wanted, too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Further:
    """A source that another one names."""

    url: str
    kind: SourceKind
    modified_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRead:
    """What a source says. `error` when it is not what it was taken for: then there is nothing else."""

    finds: tuple[Find, ...] = ()
    further: tuple[Further, ...] = ()
    next_url: str | None = None
    """Where it goes on: looked at when this part held something new."""
    title: str | None = None
    notes: tuple[str, ...] = ()
    hubs: tuple[str, ...] = ()
    """WebSub hubs that tell news of `topic`: of a feed."""
    topic: str = ""
    error: str | None = None
    error_message: str | None = None


def read_source(source: SourceToRead) -> SourceRead:
    """Read a feed, a sitemap, or a page that links to articles. Raises nothing for what a site got wrong."""
    try:
        match source.kind:
            case "feed":
                return _feed(source)
            case "sitemap":
                return _sitemap(source)
            case _:
                return _page(source)
    except ScrapeError as error:
        return SourceRead(error=f"no_{source.kind}", error_message=str(error))


def _feed(source: SourceToRead) -> SourceRead:
    from scraper.crawl.discovery.feeds import read_feed
    from scraper.crawl.discovery.link_header import linked

    feed = read_feed(source.body, url=source.url, content_type=source.content_type, now=source.now)
    said = linked(source.link_headers, source.url)
    return SourceRead(
        finds=tuple(
            Find(
                url=link.url,
                published_at=link.published_at,
                modified_at=link.modified_at,
                language=link.language or feed.language,
            )
            for link in feed.links
        ),
        next_url=feed.next_url,
        title=feed.title,
        notes=feed.notes,
        # By the protocol headers come first: what was made of a feed on the way may still hold the feed's own.
        hubs=(said.get("hub") or feed.hubs)[:_MOST_HUBS],
        topic=next(iter(said.get("self", ())), None) or feed.self_url or source.url,
    )


def _sitemap(source: SourceToRead) -> SourceRead:
    from scraper.crawl.discovery.sitemaps import read_sitemap

    sitemap = read_sitemap(
        source.body, url=source.url, content_type=source.content_type, now=source.now, since=source.since
    )
    finds = []
    for link in sitemap.links:
        # A date of publication is what only articles have.
        refusal = None if link.published_at is not None else _refusal(link.url)
        finds.append(
            Find(
                url=link.url,
                published_at=link.published_at,
                modified_at=link.modified_at,
                language=link.language,
                skip=refusal,
            )
        )
    further = tuple(Further(url=child.url, kind="sitemap", modified_at=child.modified_at) for child in sitemap.children)
    return SourceRead(finds=tuple(finds), further=further, notes=sitemap.notes)


def articles_among(urls: Sequence[str], known_articles: Sequence[str]) -> list[str]:
    """Those of `urls` that are made as addresses of articles are of which a site is known to have some."""
    from scraper.crawl.discovery.sections import score_address

    known = tuple(known_articles)
    return [url for url in urls if score_address(url, known_articles=known) >= 0.5]


def _refusal(url: str) -> str | None:
    """Why an address that a sitemap lists is none of an article, told from the address alone; None when it may be."""
    from scraper.crawl.discovery.sections import score_address
    from scraper.crawl.discovery.url_shapes import read_url

    address = read_url(url)
    if address.file is not None:
        return f"{address.file}_file"
    if address.shape == "/":
        return "home_page"
    if address.purpose is not None and score_address(url) < _HARDLY:
        return f"{address.purpose}_page"
    return None


def _page(source: SourceToRead) -> SourceRead:
    from scraper.crawl.discovery.autodiscovery import feeds_of_page, feeds_of_section
    from scraper.crawl.discovery.sections import read_section, score_address

    section = read_section(
        source.body, url=source.url, content_type=source.content_type, known_articles=source.known_articles
    )
    finds = []
    sections: list[Further] = []
    for link in section.links:
        if link.kind == "article":
            finds.append(Find(url=link.url))
        elif link.kind == "section":
            sections.append(Further(url=link.url, kind="section"))
        elif link.reason != "other_host":
            finds.append(Find(url=link.url, skip=link.reason))
    further: list[Further] = []
    if source.kind == "home":
        feeds = feeds_of_page(source.body, url=source.url, content_type=source.content_type)
        further = [Further(url=feed.url, kind="feed") for feed in feeds]
        further += sections[:MOST_SECTIONS]
    # What an article announces is a feed of the comments on it.
    elif source.is_section_of_home and score_address(source.url, known_articles=source.known_articles) < _PERHAPS:
        feeds = feeds_of_section(source.body, url=source.url, content_type=source.content_type)
        further = [Further(url=feed.url, kind="feed") for feed in feeds]
    return SourceRead(finds=tuple(finds), further=tuple(further), next_url=section.next_url)
