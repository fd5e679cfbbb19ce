"""Other pages of a list, of an article that is split over several, and of the same article in other clothes.

`scraper.extract.pagination` reads numbers out of addresses and follows an article forwards while it is extracted; here
lists are followed, too, and all the pages of an article are named at once. What a link reads is in `paging_words.toml`.
"""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import Literal

from scraper.crawl.discovery.url_shapes import LONGEST_URL, read_url, split_url
from scraper.extract.outline import Anchor
from scraper.extract.page import Page
from scraper.extract.pagination import Numbered, next_page, numbered
from scraper.extract.wording import folded
from scraper.urls import canonical, resolve

MOST_LIST_PAGES = 99_999
_LONGEST_LABEL = 60
_LABEL_BOXES = 3
"""Elements above a link whose names say that it turns pages."""
_OFFSETS = frozenset(
    "start offset from skip first begin startindex start_index startrow limitstart since before after cursor".split()
)
"""Query parameters by which lists are continued at an item rather than at a page."""
_PAGER = re.compile(
    r"(?:^|[\s_-])(?:pagination|pager|paging|page-?nav|page-?numbers?|pages|nav-?links|wp-pagenavi|load-?more|next|older)"
    r"(?:$|[\s_-])"
)
_TALK = re.compile(
    r"(?:^|[\s_-])(?:comments?|comment-?list|disqus|replies|discussion|carousel|slider|slick|swiper)(?:$|[\s_-])"
)
_WHOLE = re.compile(
    r"(?:[?&](?:page|view|seite|p|pagewanted|display|show)=(?:all|full|single|complete)"
    r"|[?&](?:show_?all|view_?all|single_?page|full_?page|onepage|fullarticle|showfull|full|all)(?:=(?:1|true|yes|all|on))?(?=&|$)"
    r"|/(?:all|full|single|single-?page|komplettansicht|seite-all|view-?all|full-?view|page/all|onepage))/?(?=$|&|\?)",
    re.IGNORECASE,
)

Label = Literal["next", "previous", "all", "print"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Editions:
    """Other addresses of an article, absolute and without fragment, as the page states them; none is checked."""

    amp: str | None
    """The version for AMP."""
    canonical: str | None
    """What `<link rel=canonical>` names, which may be the page itself, or wrong."""
    print: str | None
    """The version for paper."""


@cache
def _words() -> dict[str, Label]:
    text = (resources.files("scraper.crawl.discovery") / "paging_words.toml").read_text(encoding="utf-8")
    tables: dict[str, dict[str, list[str]]] = tomllib.loads(text)
    labels: tuple[Label, ...] = ("print", "all", "next", "previous")
    out: dict[str, Label] = {}
    for label in labels:
        out |= {folded(phrase): label for phrases in tables[label].values() for phrase in phrases}
        out |= {f"sign {sign}": label for sign in tables["signs"].get(label, ())}
    return out


@lru_cache(maxsize=8_192)
def _label(text: str) -> Label | None:
    """What a short text says a link is; "Next page »" is "next page", and » alone says something, too."""
    text = text.strip()
    if not text or len(text) > _LONGEST_LABEL:
        return None
    words = folded(text)
    return _words().get(words) if words else _words().get(f"sign {''.join(text.split())}")


class _Links:
    """The links of a page to its own host, with what they say they are."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.here = canonical(page.url or "").partition("#")[0]
        self.host = split_url(self.here)[0].removeprefix("www.")

    def linked(self, rel: str) -> Iterator[str]:
        """What `<link rel>` and `<a rel>` name, in canonical form, on this host."""
        for node in self.page.tree.css(f'link[rel~="{rel}" i][href], a[rel~="{rel}" i][href]'):
            target = self._target(resolve(node.attributes.get("href") or "", self.page.base) or "")
            if target:
                yield target

    def anchors(self) -> Iterator[tuple[str, Anchor]]:
        """Links to other addresses of this host, in canonical form."""
        for anchor in self.page.outline.anchors:
            target = self._target(anchor.url)
            if target:
                yield target, anchor

    def _target(self, url: str) -> str | None:
        if not url or len(url) > LONGEST_URL or split_url(url)[0].removeprefix("www.") != self.host:
            return None
        target = canonical(url)
        return None if target == self.here else target

    def label(self, anchor: Anchor) -> Label | None:
        """What a link reads, else what it says to those who do not see it."""
        found = _label(anchor.text) if len(anchor.text) <= 4 * _LONGEST_LABEL else None
        if found is None and len(anchor.text.strip()) <= 2:
            attributes = self.page.outline.boxes[anchor.box].node.attributes
            found = _label(attributes.get("aria-label") or "") or _label(attributes.get("title") or "")
        return found

    def names(self, anchor: Anchor) -> str:
        boxes = self.page.outline.ancestors(anchor.box, _LABEL_BOXES)
        return " ".join(box.names for box in boxes if box.tag not in ("body", "html"))

    def is_talk(self, anchor: Anchor) -> bool:
        return any(box.names and _TALK.search(box.names) for box in self.page.outline.ancestors(anchor.box, 8))


def next_of_list(page: Page) -> str | None:
    """The address of a list's next page, in canonical form; None on its last one. Never this page or one before it."""
    if not page.url:
        return None
    links = _Links(page)
    place = _Place(links.here)
    for target in links.linked("next"):
        if place.follows(target) and (place.is_successor(target) or not _is_titled(target)):
            return target
    best: tuple[int, str] | None = None
    for target, anchor in links.anchors():
        rank = _rank(target, anchor, links, place)
        if rank and (best is None or rank > best[0]):
            best = rank, target
    return best[1] if best else None


def _is_titled(url: str) -> bool:
    """Whether an address looks like that of a story: `rel=next` of a story names the story after it."""
    signs = read_url(url).signs
    return not signs.isdisjoint(("last_words_4", "last_words_6", "number_long"))


class _Place:
    """Where in a list this page is, as far as its address tells."""

    def __init__(self, here: str) -> None:
        self.readings = numbered(here, MOST_LIST_PAGES)
        self.bare = here.rstrip("/")
        self.stems = {self.bare, *(one.stem for one in self.readings)}
        self.successors = {Numbered(one.stem, one.number + 1) for one in self.readings}
        self.successors.add(Numbered(self.bare, 2))
        self.offset = _offset(here)

    def is_successor(self, target: str) -> bool:
        return not self.successors.isdisjoint(numbered(target, MOST_LIST_PAGES))

    def follows(self, target: str) -> bool:
        """False for what is before this page, or this page by another name."""
        if target.rstrip("/") in self.stems:
            return False
        before = {(one.stem, one.number) for one in self.readings}
        if any(
            one.stem == stem and one.number <= number
            for one in numbered(target, MOST_LIST_PAGES)
            for stem, number in before
        ):
            return False
        here, there = self.offset, _offset(target)
        return not (here and there and here[0] == there[0] and there[1] <= here[1])

    def continues(self, target: str) -> bool:
        """Whether an address is this list's, further down: the same path with other parameters, or a path below it."""
        if self.is_successor(target) or any(one.stem in self.stems for one in numbered(target, MOST_LIST_PAGES)):
            return True
        host, path, query = split_url(target)
        own = split_url(self.bare)
        paths = {split_url(stem)[1].rstrip("/") for stem in self.stems}
        return host == own[0] and path.rstrip("/") in paths and bool(query)


def _offset(url: str) -> tuple[str, int] | None:
    """The address without its offset, and the offset; None when it has none that is a number."""
    address, _, query = url.partition("?")
    kept, offset = [], None
    for pair in query.split("&")[:20]:
        name, _, value = pair.partition("=")
        if name.lower() in _OFFSETS and value.isdigit() and len(value) < 20:
            offset = int(value)
        else:
            kept.append(pair)
    return None if offset is None else (f"{address.rstrip('/')}?{'&'.join(kept)}", offset)


def _rank(target: str, anchor: Anchor, links: _Links, place: _Place) -> int:
    """How surely a link leads to the next page; 0 when it does not."""
    text = anchor.text.strip()
    short = len(text) <= _LONGEST_LABEL
    label = links.label(anchor)
    number = int(text) if text.isdecimal() and len(text) <= 5 else None
    if label == "previous" or (number is None and label is None and not short):
        return 0
    successor = place.is_successor(target)
    if label is None and number is None and not successor:
        return 0
    if not place.continues(target) or not place.follows(target) or links.is_talk(anchor):
        return 0
    in_pager = bool(_PAGER.search(links.names(anchor)))
    if successor and label == "next":
        return 6
    if not place.readings and number is not None:
        # Unnumbered, this is page 1; some count its addresses from 0.
        return (5 if successor else 4) if number == 2 and _counts(target, (1, 2), place) else 0
    if label == "next":
        return 5 if in_pager else 3
    if successor and (number is not None or in_pager):
        return 4
    return 0


def _counts(target: str, numbers: tuple[int, ...], place: _Place) -> bool:
    offset = _offset(target)
    if offset:
        return offset[1] > 0
    return any(one.stem in place.stems and one.number in numbers for one in numbered(target, MOST_LIST_PAGES))


def pages_of_article(html: bytes, *, url: str, content_type: str | None = None) -> tuple[str, ...]:
    """Addresses of the other pages of an article split over numbered pages, in order; () when it has one page.

    In canonical form. Only pages linked here are named, so that a long article is known only as its pages are read.
    """
    page = Page.read(html, url=url, content_type=content_type)
    links = _Links(page)
    own = {Numbered(links.here.rstrip("/"), 1), *numbered(links.here)}
    if next_page(page) is None and len(own) == 1:
        return ()
    found: defaultdict[Numbered, dict[int, str]] = defaultdict(dict)
    shown: set[Numbered] = set()
    for target, anchor in [*((one, None) for rel in ("next", "prev") for one in links.linked(rel)), *links.anchors()]:
        if anchor is not None and links.is_talk(anchor):
            continue
        for here in own:
            number = _number_with(target, here)
            if number is not None and number != here.number:
                if number == 1 and target.rstrip("/") == here.stem:
                    found[here][number] = target
                found[here].setdefault(number, target)
                if anchor is None or _turns(links, anchor, number):
                    shown.add(here)
    for here in sorted(shown, key=lambda one: -len(found[one])):
        numbers = found[here]
        if here.number + 1 in numbers or here.number - 1 in numbers:
            return tuple(numbers[number] for number in sorted(numbers))
    return ()


def _number_with(target: str, here: Numbered) -> int | None:
    """Which page of an article an address is, when it is one: its first page has no number."""
    if target.rstrip("/") == here.stem:
        return 1
    return next((one.number for one in numbered(target) if one.stem == here.stem), None)


def _turns(links: _Links, anchor: Anchor, number: int) -> bool:
    """Whether a link reads like one that turns pages, and not like the title of another story."""
    text = anchor.text.strip()
    if text.isdecimal() or links.label(anchor) in ("next", "previous"):
        return True
    words = folded(text[:_LONGEST_LABEL]).split()
    first = " ".join(words[:1])
    return (
        str(number) in words or _words().get(first) in ("next", "previous") or bool(_PAGER.search(links.names(anchor)))
    )


def view_all_of(html: bytes, *, url: str, content_type: str | None = None) -> str | None:
    """The address under which all of an article is on one page, in canonical form; None when no link says so."""
    page = Page.read(html, url=url, content_type=content_type)
    links = _Links(page)
    stems = {split_url(one.stem)[1].rstrip("/") for one in numbered(links.here)} | {
        split_url(links.here)[1].rstrip("/")
    }
    for target, anchor in links.anchors():
        marked = _WHOLE.search(target)
        path = split_url(target[: marked.start()] if marked else target)[1].rstrip("/")
        if path not in stems or len(path) < 2:
            continue
        if marked and len(anchor.text) <= 4 * _LONGEST_LABEL:
            return target
        if links.label(anchor) == "all" and target.rstrip("/") not in {one.stem for one in numbered(links.here)}:
            return target
    return None


def editions_of(html: bytes, *, url: str, content_type: str | None = None) -> Editions:
    """What a page says are its other versions."""
    page = Page.read(html, url=url, content_type=content_type)
    return Editions(
        amp=_first_linked(page, 'link[rel~="amphtml" i][href]'),
        canonical=_first_linked(page, 'link[rel~="canonical" i][href]'),
        print=_first_linked(page, 'link[rel~="alternate" i][media="print" i][href]') or _printed(page),
    )


def _first_linked(page: Page, selector: str) -> str | None:
    for node in page.tree.css(selector):
        address = (node.attributes.get("href") or "").strip()  # an empty one would mean any page it stands on
        found = resolve(address, page.base) if address else None
        if found and len(found) <= LONGEST_URL:
            return found.partition("#")[0]
    return None


def _printed(page: Page) -> str | None:
    links = _Links(page)
    for target, anchor in links.anchors():
        signs = read_url(target).signs
        printed = {"begins_print", "passes_print", "ends_print"} & signs or re.search(r"[?&]\w*print\w*=", target, re.I)
        if printed and links.label(anchor) == "print":
            return target
    return None
