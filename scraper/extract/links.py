"""Links to other articles, by kind: in the text, offered with it, or popular on the site.

The nearest label decides (“Related posts”, “Most read”), then the names an author gave the box around the link. Menus,
footers, tags, authors, shares and the page itself are no links to other articles.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from itertools import accumulate

from scraper.article import Link, LinkKind
from scraper.extract.labels import begins_as_teaser, names_popular, names_related
from scraper.extract.outline import Anchor, Block, Box, Outline
from scraper.extract.wording import count_words
from scraper.urls import canonical, path_of, site_of

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

    `body` are the blocks of the chosen text; `site_boxes` holds the boxes a site file names for a kind.
    """
    places = _Places(outline, body, site_boxes, url)
    found: dict[str, Link] = {}
    for anchor in outline.anchors:
        target = canonical(anchor.url)
        kind = places.kind_of(anchor, target)
        if kind is None:
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
        self._here = canonical(url) if url else None
        self._site = site_of(url) if url else None
        self._body = {block.index for block in body}
        self._inline = {
            mark[1] for block in body for run in block.runs if run.text.strip() for mark in run.marks if mark[0] == "a"
        }
        self._named = {kind: outline.below(boxes) for kind, boxes in site_boxes.items()}
        self._labels = _labels(outline)
        self._furthest = list(accumulate((block.box for block in outline.blocks), max))

    def kind_of(self, anchor: Anchor, target: str) -> LinkKind | None:
        """The kind of a link to `target`, or None when it is no link to another article."""
        if target == self._here:
            return None
        if anchor.block in self._body and anchor.url in self._inline:
            return "inline"
        if not self._is_other_article(anchor, target):
            return None
        kinds: tuple[LinkKind, ...] = ("related", "popular")
        for kind in kinds:
            if anchor.box in self._named.get(kind, ()):
                return kind
        return self._kind_by_place(anchor)

    def _is_other_article(self, anchor: Anchor, target: str) -> bool:
        path = path_of(target)
        if (path in ("", "/") and "?" not in target) or _PATH_CHROME.search(path):
            return False
        if self._site is not None and site_of(target) != self._site:
            return False
        words = count_words(anchor.text)
        # A card's picture is linked too, without text; its address has the words of a headline.
        return words >= 3 or (words == 0 and path.count("-") >= 3)

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


def _kind_by_words(label: str | None, names: str) -> LinkKind | None:
    if label and names_related(label):
        return "related"
    if label and names_popular(label):
        return "popular"
    if names and _NAMES_RELATED.search(names):
        return "related"
    if names and _NAMES_POPULAR.search(names):
        return "popular"
    return None


def _is_chrome(box: Box) -> bool:
    return box.tag in ("nav", "footer", "form", "address") or bool(box.names and _NAMES_CHROME.search(box.names))


def _labels(outline: Outline) -> dict[int, list[tuple[int, str]]]:
    """Box index to the labels that stand in it, directly or a few wrappers down, as (block index, text)."""
    out: dict[int, list[tuple[int, str]]] = {}
    for block in outline.blocks:
        if not block.text or len(block.text) > _MAX_LABEL or not _is_label(block, outline):
            continue
        for box in outline.ancestors(block.box)[:4]:
            if box.tag in ("body", "html", "main"):
                break
            out.setdefault(box.index, []).append((block.index, block.text))
    return out


def _is_label(block: Block, outline: Outline) -> bool:
    if block.link_share > 0.5 and count_words(block.text) > 4:
        return False  # a story's title
    if block.kind == "heading" or block.text.endswith(":"):
        return True
    if any(word in box.names for box in outline.ancestors(block.box)[:2] for word in ("title", "head", "label")):
        return True
    return names_related(block.text) or names_popular(block.text)


def _label_before(labels: list[tuple[int, str]], position: int) -> str | None:
    at = bisect_left(labels, (position + 1,))
    return labels[at - 1][1] if at else None
