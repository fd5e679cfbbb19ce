"""RSS, RDF and Atom, understood by the names of their elements rather than by the version they claim."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from itertools import islice

from scraper.crawl.discovery.addresses import is_absolute, language_tag, usable_url
from scraper.crawl.discovery.found import Feed, FeedKind, FoundLink, FoundLinks
from scraper.crawl.discovery.markup import Element, Markup, Vocabulary
from scraper.crawl.discovery.moments import Moments
from scraper.crawl.discovery.second_reading import read_again
from scraper.crawl.discovery.titles import plain_title
from scraper.urls import canonical, resolve, site_of

_PUBLISHED = tuple(
    "pubdate published issued atom:published dcterms:issued dc:date dcterms:created created date".split()
)
_MODIFIED = ("updated", "atom:updated", "dcterms:modified", "modified", "lastmod")
_LANGUAGE = ("language", "dc:language")
_ORIGINAL = ("feedburner:origlink", "pheedo:origlink", "origlink")
_TITLES = ("title", "dc:title", "atom:title")
_ADDRESSES = ("link", "atom:link", "guid", "id", "dc:identifier", "content", "url")
_FIELDS = frozenset((*_TITLES, *_ADDRESSES, *_ORIGINAL, *_PUBLISHED, *_MODIFIED, *_LANGUAGE))
_LEAVES = frozenset(("title", "link", "guid", "id", "description", "author", "category", *_PUBLISHED, *_MODIFIED))
VOCABULARY = Vocabulary(records=frozenset(("item", "entry")), fields=_FIELDS, leaves=_LEAVES)

_MOST_ITEMS = 50_000
_CONTAINERS = frozenset(("rss", "rdf:rdf", "rdf", "feed", "channel"))
_KINDS: dict[str, FeedKind] = {"rdf:rdf": "rdf", "rdf": "rdf", "feed": "atom", "entry": "atom"}
_OF_COMMENT = re.compile(r"#(?:comments?|respond|reply|c)[-_/]?\d*$", re.IGNORECASE)
_COMMENT_FEED = re.compile(r"\bcomments(?:[/._?=&-]|$)", re.IGNORECASE)
_URL_IN_TEXT = re.compile(r"https?://[^\s<>\"']+")
_MINUTES = {"hourly": 60, "daily": 1440, "weekly": 10_080, "monthly": 43_200, "yearly": 525_600}
_LONGEST_TTL = timedelta(days=366)


def read_xml_feed(markup: Markup, root: str, notes: tuple[str, ...], *, url: str, now: datetime) -> Feed:
    """Read a document whose root is one of a feed's; `notes` are those of its bytes."""
    with closing(markup.records(VOCABULARY, url)) as records:
        items = list(islice(records, _MOST_ITEMS))
        has_more = next(records, None) is not None
    about = _About(_children_of_containers(markup.outside), url)
    reading = _Items(about, url, now)
    for item in items:
        reading.add(item, default_base=about.base)
    said = list(notes)
    if markup.cut_short:
        said.append("the document is cut short")
    if has_more:
        said.append(f"only its first {_MOST_ITEMS:,} items were read")
    if root in ("item", "entry") or (root == "rss" and not about.has_channel):
        said.append("it has items, but no channel around them" if items else "it has no channel and no items")
    elif not items:
        said.append("it has no items")
    links = tuple(reading.links)
    if 2 * reading.without > len(items) or not items:
        again = read_again(markup.text, url=url, now=now, language=about.language)
        if len(again) > len(links):
            said.append(f"read a second time, which found {len(again):,} items for {len(links):,}")
            links = again
    return Feed(
        kind=_KINDS.get(root, "rss"),
        title=about.title,
        language=about.language,
        home_url=about.home_url,
        links=links,
        next_url=about.next_url,
        hubs=about.hubs,
        self_url=about.self_url,
        ttl=about.ttl,
        of_comments=reading.of_comments,
        notes=(*said, *reading.notes),
    )


def _children_of_containers(outside: list[Element]) -> list[Element]:
    """What is said of the feed itself: the children of its root and of its channel."""
    found: list[Element] = []
    waiting = [*outside]
    while waiting:
        element = waiting.pop(0)
        if element.name in _CONTAINERS:
            found.append(element)
            waiting += element.children
    return [child for container in found for child in (container, *container.children)]


class _About:
    """What a feed says of itself."""

    def __init__(self, elements: list[Element], url: str) -> None:
        self.has_channel = any(element.name == "channel" for element in elements)
        self._elements = [element for element in elements if element.name not in _CONTAINERS]
        self._roots = [element for element in elements if element.name in _CONTAINERS]
        self._url = url
        links = self._all("link", "atom:link")
        rels: dict[str, list[str]] = {}
        for link in links:
            href = link.get("href")
            if href and (target := usable_url(href, link.base or url)):
                rels.setdefault(relation(link), []).append(target)
        texts = [target for link in links if (target := usable_url(link.text, link.base or url))]
        self.home_url = next(iter(texts + rels.get("alternate", [])), None)
        self.self_url = next(iter(rels.get("self", [])), None)
        self.hubs = tuple(dict.fromkeys(rels.get("hub", [])))
        following = [*rels.get("next", []), *rels.get("prev-archive", [])]
        self.next_url = next((target for target in following if target not in (url, self.self_url)), None)
        self.title = next(filter(None, (_title_of(element) for element in self._all("title", "dc:title"))), None)
        self.language = next(filter(None, map(language_tag, self._languages())), None)

    @property
    def base(self) -> str:
        """What relative addresses start from where nothing else is said: a feed kept by another site means its own."""
        if self.home_url and site_of(self.home_url) != site_of(self._url):
            return self.home_url
        return self._url

    @property
    def ttl(self) -> timedelta | None:
        minutes = _number(next((element.text for element in self._all("ttl")), ""))
        period = next((element.text.strip().lower() for element in self._all("sy:updateperiod")), "")
        if minutes is None and period in _MINUTES:
            times = _number(next((element.text for element in self._all("sy:updatefrequency")), ""))
            minutes = _MINUTES[period] / (times or 1)
        wait = timedelta(minutes=minutes) if minutes else None
        return wait if wait and wait <= _LONGEST_TTL else None

    def _all(self, *names: str) -> list[Element]:
        return [element for element in self._elements if element.name in names]

    def _languages(self) -> Iterator[str | None]:
        yield from (element.text for element in self._all(*_LANGUAGE))
        yield from (element.get("xml:lang") for element in self._roots)


class _Items:
    """The items of one feed, as links."""

    def __init__(self, about: _About, url: str, now: datetime) -> None:
        self.links = FoundLinks()
        self._url = url
        self._about = about
        self._homes = {canonical(home) for home in (about.home_url, resolve("/", about.home_url or url), url) if home}
        self._moments = Moments(now, about.language)
        self.without = 0
        """Items that lead nowhere."""
        self._unusable = ""
        self._counts: Counter[str] = Counter()

    @property
    def of_comments(self) -> bool:
        items = self._counts["items"]
        return 2 * self._counts["comments"] > items or bool(items and _COMMENT_FEED.search(self._url))

    @property
    def notes(self) -> list[str]:
        notes = []
        if self.without:
            example = f", such as one with “{self._unusable[:80]}”" if self._unusable else ""
            notes.append(f"{self.without:,} without a link to a page{example}")
        if self.links.repeated:
            notes.append(f"{self.links.repeated:,} listed again")
        if self._counts["relative"]:
            notes.append(f"{self._counts['relative']:,} with a relative link")
        if self.of_comments:
            notes.append("its items are comments")
        return notes + self._moments.notes

    def add(self, item: Element, *, default_base: str) -> None:
        self._counts["items"] += 1
        url = self._address(item, item.base or default_base)
        if url is None:
            self.without += 1
            return
        title = next(filter(None, (_title_of(one) for one in item.all(*_TITLES))), None)
        languages = [*(one.text for one in item.all(*_LANGUAGE)), item.get("xml:lang")]
        link = FoundLink(
            url=url,
            published_at=self._moments.first([one.text for name in _PUBLISHED for one in item.all(name)]),
            modified_at=self._moments.first([one.text for name in _MODIFIED for one in item.all(name)]),
            title=title,
            language=next(filter(None, map(language_tag, languages)), None),
        )
        self.links.add(link)

    def _address(self, item: Element, base: str) -> str | None:
        """Where an item leads: the first of its addresses that is one, and that is not the feed's home page."""
        spare = spare_href = None
        for element, href in _addresses(item):
            url = usable_url(href, element.base or base)
            if url is None:
                self._unusable = self._unusable or " ".join(href.split())
            elif canonical(url) not in self._homes:
                self._count(href)
                return url
            elif spare is None:
                spare, spare_href = url, href
        if spare_href:
            self._count(spare_href)
        return spare if spare != canonical(self._url) else None

    def _count(self, href: str) -> None:
        self._counts["comments"] += bool(_OF_COMMENT.search(href.strip()))
        self._counts["relative"] += not is_absolute(href)


def _addresses(item: Element) -> Iterator[tuple[Element, str]]:
    """What an item gives as its address, the most likely first."""
    links = item.all("link", "atom:link")
    for element in item.all(*_ORIGINAL):
        yield element, element.text
    for element in links:
        if text := element.whole_text.strip():
            yield element, text
    alternates = [(element, element.get("href")) for element in links if relation(element) == "alternate"]
    for element, href in sorted(alternates, key=lambda pair: not _leads_to_page(pair[0])):
        if href:
            yield element, href
    # An identifier is an address only where it is written as one, and where it is not said to be none.
    for element in item.all("guid", "id", "dc:identifier"):
        if is_absolute(element.text) and (element.get("ispermalink") or "true").lower() != "false":
            yield element, element.text
    for element, href in [(item, item.get("rdf:about")), *((one, one.get("src")) for one in item.all("content"))]:
        if href and is_absolute(href):
            yield element, href
    for element in item.all("url"):
        yield element, element.text
    if match := _URL_IN_TEXT.search(item.text):  # <link/>https://…, as HTML parsers write it
        yield item, match[0]


def relation(link: Element) -> str:
    """The relation of a link in lower case, short where it is written as an address; alternate if none is given."""
    return (link.get("rel") or "alternate").lower().rstrip("/").rpartition("/")[2]


def _leads_to_page(link: Element) -> bool:
    kind = (link.get("type") or "").partition(";")[0].strip().lower()
    return kind in ("", "text/html", "application/xhtml+xml", "html")


def _title_of(element: Element) -> str | None:
    kind = (element.get("type") or "").lower()
    # RSS does not say whether a title is markup, and both are common; Atom does, and is believed.
    return plain_title(element.whole_text, is_markup=kind not in ("text", "text/plain"))


def _number(text: str) -> float | None:
    try:
        number = float(text.strip()[:20])
    except ValueError:
        return None
    return number if 0 < number < 1e7 else None
