"""Links to other articles, by kind: in the text, offered with it, or popular on the site.

The nearest label decides (“Related posts”, “Most read”), then the names an author gave the box around the link. Menus,
footers, tags, authors, shares and the page itself are no links to other articles.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from functools import lru_cache
from itertools import accumulate

from scraper.article import Link, LinkKind
from scraper.extract.labels import begins_as_teaser, names_popular, names_related
from scraper.extract.outline import Anchor, Block, Box, Outline
from scraper.extract.wording import count_words
from scraper.urls import as_linked, canonical, site_of

_NAMES_RELATED = re.compile(
    r"related|recommend|read-?(?:more|also|next)|yarpp|see-?also|similar|more-?stories"
    r"|post-?nav|nav-?(?:previous|next|links)|next-?(?:post|article)"
)
_NAMES_POPULAR = re.compile(
    r"popular|most-?read|trending|latest|recent|top-?(?:stories|posts|news)|headlines|ticker|newest"
)
_NAMES_CHROME = re.compile(
    r"""(?:^|[\s_-])(?:
      menu|navbar|nav|breadcrumbs?|pagination|languages?|skip|toolbar|masthead|site-header|header-top|footer|legal|copyright
    | share|sharing|social|tags?|tag-?list|tag-?cloud|topics|author|byline|comments?
    | login|signin|subscribe|subscription|newsletter|cookie|consent
    | ads?|advert\w*|sponsored|outbrain|taboola|promo|partner\w*
    )(?:$|[\s_-])""",
    re.VERBOSE,
)
_PATH_CHROME = re.compile(
    r"""/(?:
      tags?|topics?|category|categories|kategorie|search|feed|rss|sitemap
    | authors?|auteur|autor|profile|users?|people|staff|by
    | about|contact|privacy|terms|impressum|datenschutz|agb|cookies?|legal|help|faq|advertise
    | login|signin|register|subscribe|newsletters?|abo|account|wp-login\.php|cgi-bin|cart|shop|jobs?
    )(?:/|$|\.)""",
    re.IGNORECASE | re.VERBOSE,
)
_TEASER_TAGS = frozenset(("h2", "h3", "h4", "h5", "article", "li", "section", "aside"))
_MAX_LABEL = 60
"""Characters; a longer heading is a story's title, not the label of a list."""
_RANK: dict[LinkKind, int] = {"inline": 0, "related": 1, "popular": 2}


def classify_links(
    outline: Outline, body: list[Block], site_boxes: dict[str, set[int]], url: str | None
) -> tuple[Link, ...]:
    """Every link to another article, once, in document order; a link in several places has the first kind it has.

    Addresses are as the page writes them (`as_linked`): which parameters tell articles apart, its site knows best.

    `body` are the blocks of the chosen text; `site_boxes` holds the boxes a site file names for a kind.
    """
    places = _Places(outline, body, site_boxes, url)
    here = canonical(url) if url else None
    found: dict[str, Link] = {}
    for anchor in outline.anchors:
        kind = places.kind_of(anchor)
        if kind is None:
            continue
        target = as_linked(anchor.url)
        if here is not None and canonical(target) == here:
            continue
        text = " ".join(anchor.text.split())
        known = found.get(target)
        if known is None:
            found[target] = Link(target, text, kind)
        elif _RANK[kind] < _RANK[known.kind] or not known.text:
            found[target] = Link(target, known.text or text, min(kind, known.kind, key=_RANK.__getitem__))
    return tuple(found.values())


class _Places:
    """What is known about the places of a page at which links stand."""

    def __init__(self, outline: Outline, body: list[Block], site_boxes: dict[str, set[int]], url: str | None) -> None:
        self._outline = outline
        self._url = url
        self._site = site_of(url) if url else None
        self._sites: dict[str, str] = {}
        self._body = {block.index for block in body}
        self._inline = {
            mark[1] for block in body for run in block.runs if run.text.strip() for mark in run.marks if mark[0] == "a"
        }
        self._named = {kind: outline.below(boxes) for kind, boxes in site_boxes.items()}
        self._labels = _labels(outline)
        self._furthest = list(accumulate((block.box for block in outline.blocks), max))

    def kind_of(self, anchor: Anchor) -> LinkKind | None:
        """The kind of a link, or None when it is no link to another article."""
        if anchor.block in self._body and anchor.url in self._inline:
            return "inline"
        if not self._is_other_article(anchor):
            return None
        kinds: tuple[LinkKind, ...] = ("related", "popular")
        for kind in kinds:
            if anchor.box in self._named.get(kind, ()):
                return kind
        return self._kind_by_place(anchor)

    def _is_other_article(self, anchor: Anchor) -> bool:
        words = count_words(anchor.text)
        if 0 < words < 3:
            return False
        host, path, query = _parts(anchor.url)
        # A card's picture is linked too, without text; its address has the words of a headline.
        if (words == 0 and path.count("-") < 3) or (path == "/" and not query) or _PATH_CHROME.search(path):
            return False
        return self._site is None or self._site_of_host(host) == self._site

    def _site_of_host(self, host: str) -> str:
        known = self._sites.get(host)
        if known is None:
            known = self._sites[host] = site_of(f"https://{host}/")
        return known

    def _kind_by_place(self, anchor: Anchor) -> LinkKind | None:
        """Walk outwards; the nearest label or name decides. Unlabelled teasers are the site's, not the article's."""
        outline = self._outline
        if anchor.block >= 0 and begins_as_teaser(outline.blocks[anchor.block].text):
            return "related"
        # An anchor without text (a picture) stands before the first block of a later box.
        position = anchor.block if anchor.block >= 0 else bisect_left(self._furthest, anchor.box)
        above = outline.ancestors(anchor.box)
        for depth, box in enumerate(above):
            label = _label_before(self._labels.get(box.index, []), position)
            kind = _kind_by_words(label, box.names if depth < 8 else "")
            if kind is not None:
                return kind
            if _is_chrome(box):
                return None
        is_teaser = count_words(anchor.text) >= 5 and any(box.tag in _TEASER_TAGS for box in above[:6])
        return "popular" if is_teaser else None


def _parts(url: str) -> tuple[str, str, str]:
    """Host, path and query of an absolute URL in WHATWG serialisation: cutting suffices, parsing is done."""
    start = url.find("/", 8)
    address, _, query = url.partition("#")[0].partition("?")
    return address[address.find("//") + 2 : start], address[start:], query


@lru_cache(maxsize=16_384)
def _kind_by_names(names: str) -> LinkKind | None:
    if _NAMES_RELATED.search(names):
        return "related"
    return "popular" if _NAMES_POPULAR.search(names) else None


@lru_cache(maxsize=16_384)
def _names_chrome(names: str) -> bool:
    return bool(_NAMES_CHROME.search(names))


def _kind_by_words(label: str | None, names: str) -> LinkKind | None:
    return (_kind_by_label(label) if label else None) or (_kind_by_names(names) if names else None)


@lru_cache(maxsize=16_384)
def _kind_by_label(label: str) -> LinkKind | None:
    if names_related(label):
        return "related"
    return "popular" if names_popular(label) else None


def _names_label(names: str) -> bool:
    return "title" in names or "head" in names or "label" in names


def _is_chrome(box: Box) -> bool:
    return box.tag in ("nav", "footer", "form", "address") or bool(box.names and _names_chrome(box.names))


def _labels(outline: Outline) -> dict[int, list[tuple[int, str]]]:
    """Box index to the labels that stand in it, directly or a few wrappers down, as (block index, text)."""
    out: dict[int, list[tuple[int, str]]] = {}
    for block in outline.blocks:
        if not block.text or len(block.text) > _MAX_LABEL or not _is_label(block, outline):
            continue
        for box in outline.ancestors(block.box, 4):
            if box.tag in ("body", "html", "main"):
                break
            out.setdefault(box.index, []).append((block.index, block.text))
    return out


def _is_label(block: Block, outline: Outline) -> bool:
    if block.link_share > 0.5 and count_words(block.text) > 4:
        return False  # a story's title
    if block.kind == "heading" or block.text.endswith(":"):
        return True
    box = outline.boxes[block.box]
    if _names_label(box.names) or (box.parent >= 0 and _names_label(outline.boxes[box.parent].names)):
        return True
    return _kind_by_label(block.text) is not None


def _label_before(labels: list[tuple[int, str]], position: int) -> str | None:
    at = bisect_left(labels, (position + 1,))
    return labels[at - 1][1] if at else None
