"""Where a site's feeds and sitemaps are: named by its pages and its robots.txt, else at the usual addresses."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from scraper.crawl.discovery.addresses import language_tag, usable_url
from scraper.crawl.discovery.found import Discovered, FoundLink, FoundLinks
from scraper.crawl.discovery.titles import plain_title
from scraper.urls import path_of, resolve, site_of

if TYPE_CHECKING:
    from scraper.extract.page import Page

_MOST = 100
"""Feeds or sitemaps of one page."""
_MOST_ANCHORS = 20_000
_LONGEST_FEED_URL = 500
"""Characters of an address that is looked at closely."""
_FEED_TYPE = re.compile(
    r"(?:application|text|xml)/(?:x[.-])?(?:(?:rss|atom|rdf)(?:\+?xml)?|feed\+json|feed)|rss|atom", re.IGNORECASE
)
_VAGUE_TYPES = frozenset(("", "text/xml", "application/xml", "application/json", "text/html", "text/plain"))
"""Types that say nothing: the address has to look like a feed's."""
_NO_FEED = re.compile(r"oembed|/wp-json(?:/|$)|xmlrpc\.php|opensearch|manifest\.json|/embed/?$", re.IGNORECASE)
_FEED_PATH = re.compile(
    r"""/(?:feeds?|rss(?:\d|[_-]?feeds?)?|atom|rdf|syndication)(?:/(?:rss2?|atom|rdf|default|all|index)?)?$
    |/(?:[\w.-]*[_.-])?(?:feed|rss2?|atom|rdf)(?:[_-][\w-]+)?\.(?:xml|php|json)$
    |/(?:feeds?|rss2?|atom|rdf)\.(?:aspx?|cfm|jsp|html?)$
    |/(?:rss|atom|feed)/[\w/.-]+\.(?:xml|rss)$
    |\.(?:rss|atom|rdf)$|/index\.xml$|/feeds/posts/default/?$
    |/(?:rss|feeds?)/[\w/-]{1,80}$""",
    re.IGNORECASE | re.VERBOSE,
)
_FEED_QUERY = re.compile(
    r"(?:^|&)(?:feed=(?:rss2?|atom|rdf|json)|format=(?:feed|rss|atom)|type=(?:rss|atom|100)|rss=1|output=rss)(?:&|$)"
)
_FEED_WORDS = re.compile(r"\brss\b|\b(?:atom|xml|news)[ -]?feeds?\b|^atom$", re.IGNORECASE)
_FEED_HOST = re.compile(r"https?://(?:feeds?\d?|rss)[.-][^/]+/.", re.IGNORECASE)
# In the plural, or as blog software puts it: a section of opinions is called Comment, Kommentar or 评论, too.
_OF_COMMENTS = re.compile(
    r"""\bcomments\b|kommentar-?feed|kommentare\ zu|flux\ des\ commentaires|feed\ de\ (?:los\ )?coment[áa]rios
    |feed\ dei\ commenti|reacties\ feed|komentarzami|комментариев|комментарии\ к
    |коментарів|коментарі\ до|评论\s*feed|コメントフィード""",
    re.IGNORECASE | re.VERBOSE,
)
_COMMENTS_PATH = re.compile(r"(?:^|[/_.=-])comments(?:$|[/_.&-])|kommentar-?feed|/crss/", re.IGNORECASE)
_PUBLISHED = 'meta[property="article:published_time"]'
_SITEMAP_PATH = re.compile(r"/[\w.-]*site[_-]?map[\w.-]*\.(?:xml|txt)(?:\.gz)?$", re.IGNORECASE)
# A site's robots.txt names them by lines of their own, outside of all groups; not every site spells them right.
_SITEMAP_LINE = re.compile(
    r"(?:^|\r)[ \t\ufeff]*site-?map(?:[ \t]*[:=][ \t]*|[ \t]+)(\S+)", re.IGNORECASE | re.MULTILINE
)
_MOST_IN_ROBOTS = 1_000

_USUAL_FEEDS = ("feed", "rss", "rss.xml", "feed.xml", "atom.xml", "index.xml", "feeds", "feed.json")
_USUAL_SITEMAPS = (
    "sitemap.xml",
    "sitemap_index.xml",
    "wp-sitemap.xml",
    "sitemap-index.xml",
    "sitemap-news.xml",
    "news-sitemap.xml",
    "sitemap_news.xml",
    "sitemap.xml.gz",
    "sitemap.txt",
)


def discover(html: bytes, *, url: str, content_type: str | None) -> Discovered:
    """What the page fetched from `url` says about where more is. Raises nothing on bad HTML: it finds nothing there."""
    from scraper.extract.page import Page

    page = Page.read(html, url=url, content_type=content_type)
    feeds, comments, sitemaps = FoundLinks(), FoundLinks(), FoundLinks()
    for link, is_feed in _named(page):
        if not is_feed:
            sitemaps.add(link)
        elif _is_of_comments(link, url):
            comments.add(link)
        elif len(feeds) < _MOST:
            feeds.add(link)
    relations = _relations(page)
    root = page.first("html")
    return Discovered(
        feeds=tuple(feeds),
        comment_feeds=tuple(comments)[:_MOST],
        sitemaps=tuple(sitemaps)[:_MOST],
        canonical=relations.get("canonical"),
        next_url=relations.get("next"),
        language=language_tag(root.attributes.get("lang")) if root else None,
    )


def feeds_of_page(html: bytes, *, url: str, content_type: str | None) -> tuple[FoundLink, ...]:
    """The feeds that a page names, the likeliest first; feeds of comments are not among them."""
    return discover(html, url=url, content_type=content_type).feeds


def feeds_of_section(html: bytes, *, url: str, content_type: str | None) -> tuple[FoundLink, ...]:
    """The feeds that a section page announces in its head; feeds of comments are not among them.

    None where the page says when it was published: then it is an article, and what it announces are the comments on it.
    """
    from scraper.extract.page import Page

    page = Page.read(html, url=url, content_type=content_type)
    if page.first(_PUBLISHED) is not None:
        return ()
    feeds = FoundLinks()
    for link, is_feed in _announced(page):
        if is_feed and len(feeds) < _MOST and not _is_of_comments(link, url):
            feeds.add(link)
    return tuple(feeds)


def sitemaps_of_robots(text: str, *, url: str) -> tuple[str, ...]:
    """The sitemaps that a robots.txt (fetched from `url`) names, absolute, each once."""
    named = (match[1].partition("#")[0] for match in _SITEMAP_LINE.finditer(text))
    found = (usable_url(address, url) for address in named)
    return tuple(dict.fromkeys(address for address in found if address))[:_MOST_IN_ROBOTS]


def likely_feeds(home: str) -> tuple[str, ...]:
    """Where feeds usually are, the likeliest first; of a page within a site, its own before the site's."""
    return _usual(home, _USUAL_FEEDS)


def likely_sitemaps(home: str) -> tuple[str, ...]:
    """Where a site's sitemaps usually are, the likeliest first."""
    return _usual(resolve("/", home) or home, _USUAL_SITEMAPS)


def _usual(home: str, names: Iterable[str]) -> tuple[str, ...]:
    own = home.partition("#")[0].partition("?")[0]
    # The last part of a path is a folder or a file; only a folder has files in it.
    folder = own if own.endswith("/") or "." in own.rpartition("/")[2] else f"{own}/"
    folder = folder if path_of(own) != "/" else f"{own.rstrip('/')}/"
    names = tuple(names)
    nearby = (resolve(name, folder) for name in names[:3]) if path_of(folder) != "/" else ()
    sitewide = (resolve(f"/{name}", home) for name in names)
    return tuple(dict.fromkeys(address for address in (*nearby, *sitewide) if address))


def _named(page: Page) -> Iterator[tuple[FoundLink, bool]]:
    """Feeds (True) and sitemaps (False): those that link elements name, then those that are linked to."""
    yield from _announced(page)
    yield from _linked(page)


def _announced(page: Page) -> Iterator[tuple[FoundLink, bool]]:
    for node in page.tree.css("link[href]"):
        attributes = node.attributes
        rels = (attributes.get("rel") or "").lower().split()
        link = _link(page, attributes, attributes.get("title") or "")
        if link is None:
            continue
        if "sitemap" in rels:
            yield link, False
        elif ("alternate" in rels or "feed" in rels) and _names_feed(link.url, attributes, is_feed="feed" in rels):
            yield link, True


def _linked(page: Page) -> Iterator[tuple[FoundLink, bool]]:
    for count, node in enumerate(page.tree.css("a[href]")):
        if count >= _MOST_ANCHORS:
            break
        href = node.attributes.get("href") or ""
        kind = (node.attributes.get("type") or "").partition(";")[0].strip()
        is_called_feed = bool(_FEED_TYPE.fullmatch(kind)) or _is_labelled(node.text()[:100])
        if not is_called_feed and not _may_matter(href):
            continue
        link = _link(page, node.attributes, node.attributes.get("title") or node.text()[:500])
        if link is None or _NO_FEED.search(link.url) or not _is_own(link.url, page.url):
            continue
        if len(link.url) <= _LONGEST_FEED_URL and _SITEMAP_PATH.search(path_of(link.url)):
            yield link, False
        elif is_called_feed or _looks_like_feed(link.url):
            yield link, True


def _link(page: Page, attributes: dict[str, str | None], title: str) -> FoundLink | None:
    href = (attributes.get("href") or "").strip()
    if href.lower().startswith("feed:"):  # feed://host/path, feed:https://host/path
        href = href[5:] if "//" not in href[5:7] else f"https:{href[5:]}"
    url = usable_url(href, page.base)
    if url is None or url == page.url:
        return None
    return FoundLink(url=url, title=plain_title(title), language=language_tag(attributes.get("hreflang")))


def _names_feed(url: str, attributes: dict[str, str | None], *, is_feed: bool) -> bool:
    kind = (attributes.get("type") or "").partition(";")[0].strip().lower()
    if _NO_FEED.search(url) or "oembed" in kind or attributes.get("media"):
        return False
    if _FEED_TYPE.fullmatch(kind) or is_feed:
        return True
    return kind in _VAGUE_TYPES and not (attributes.get("hreflang") and not kind) and _looks_like_feed(url)


def _may_matter(href: str) -> bool:
    """A quick look at an address, before it is resolved."""
    href = href.lower()
    return any(word in href for word in ("feed", "rss", "atom", "rdf", "syndication", "index.xml", "map", "=100"))


def _looks_like_feed(url: str) -> bool:
    if len(url) > _LONGEST_FEED_URL:
        return False
    query = url.partition("?")[2]
    return bool(_FEED_PATH.search(path_of(url)) or _FEED_HOST.match(url) or (query and _FEED_QUERY.search(query)))


def _is_labelled(text: str) -> bool:
    """Whether a link's text is little else than the name of a feed's format."""
    text = " ".join(text.split())
    return len(text) <= 20 and bool(_FEED_WORDS.search(text))


def _is_own(url: str, page_url: str | None) -> bool:
    """Whether a link leads to the page's own site, or to one that keeps feeds; others' feeds are not the page's."""
    return page_url is None or site_of(url) == site_of(page_url) or bool(_FEED_HOST.match(url))


def _is_of_comments(link: FoundLink, page_url: str) -> bool:
    where = path_of(link.url) + "&" + link.url.partition("?")[2]
    if _OF_COMMENTS.search(link.title or "") or _COMMENTS_PATH.search(where):
        return True
    # The feed of an article has the comments on it.
    path = path_of(page_url).rstrip("/")
    return path.count("/") > 2 and path_of(link.url).rstrip("/") == f"{path}/feed"


def _relations(page: Page) -> dict[str, str]:
    """Relation to address, of what the page names once; where it names two, the first counts."""
    found: dict[str, str] = {}
    for node in page.tree.css("link[rel][href]"):
        target = usable_url(node.attributes.get("href") or "", page.base)
        for rel in (node.attributes.get("rel") or "").lower().split():
            if target and rel in ("canonical", "next"):
                found.setdefault(rel, target)
    return found
