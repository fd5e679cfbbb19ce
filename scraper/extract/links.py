"""Links to other articles, by kind: in the text, offered with it, or popular on the site."""

from __future__ import annotations

import re

from scraper.article import Link, LinkKind
from scraper.extract.labels import POPULAR_LABEL, RELATED_LABEL, TEASER
from scraper.extract.outline import Anchor, Block, Box, Outline
from scraper.extract.wording import count_words, folded
from scraper.urls import canonical, path_of, site_of

_NAMES_RELATED = re.compile(
    r"related|recommend|read-?(?:more|also|next)|readmore|yarpp|jp-relatedposts|see-?also|similar|more-?stories|post-?nav|nav-?(?:previous|next|links)|next-?(?:post|article)"
)
_NAMES_POPULAR = re.compile(
    r"popular|most-?read|mostread|trending|latest|recent|top-?(?:stories|posts|news)|widget_recent|headlines|ticker|newest"
)
_CHROME_NAMES = re.compile(
    r"(?:^|[\s_-])(?:menu|navbar|nav|breadcrumbs?|share|sharing|social|tags?|tag-?list|tag-?cloud|topics|author|byline|comments?|footer|login|signin|subscribe|subscription|newsletter|cookie|consent"
    r"|legal|copyright|pagination|languages?|skip|toolbar|masthead|site-header|header-top|ads?|advert\w*|sponsored|outbrain|taboola|promo|partner\w*)(?:$|[\s_-])"
)
_CHROME_PATH = re.compile(
    r"/(?:tags?|topics?|authors?|auteur|autor|profile|users?|category|categories|kategorie|about|contact|privacy|terms|login|signin|register|subscribe|newsletters?|search|feed|rss|sitemap"
    r"|people|staff|by|impressum|datenschutz|agb|abo|cart|shop|jobs?|wp-login\.php|account|help|faq|cookies?|legal|advertise|cgi-bin)(?:/|$|\.)",
    re.IGNORECASE,
)
_MAX_LABEL = 60
"""Characters; a longer heading is a story's title, not the label of a list."""


def classify_links(
    outline: Outline, body: list[Block], link_boxes: dict[str, set[int]], url: str | None
) -> tuple[Link, ...]:
    """Every link to another article, once, in document order. `link_boxes` are the site file's boxes for a kind.

    In several places: the first of inline, related, popular.
    """
    here = canonical(url) if url else None
    inline = _inline_urls(body)
    given = {kind: outline.below(boxes) for kind, boxes in link_boxes.items()}
    labels = _labels(outline)
    body_boxes = _body_boxes(outline, body)
    found: dict[str, Link] = {}
    rank = {"inline": 0, "related": 1, "popular": 2}
    for anchor in outline.anchors:
        target = canonical(anchor.url)
        if target == here:
            continue
        kind = _kind(anchor, target, inline, given, labels, body_boxes, outline, url)
        if kind is None:
            continue
        text = " ".join(anchor.text.split())
        old = found.get(target)
        if old is None or rank[kind] < rank[old.kind] or (not old.text and text):
            better = kind if old is None or rank[kind] < rank[old.kind] else old.kind
            found[target] = Link(target, text or (old.text if old else ""), better)
    return tuple(found.values())


def _inline_urls(body: list[Block]) -> set[str]:
    return {
        mark[1]
        for block in body
        if block.kind != "heading" or block.link_share < 1
        for run in block.runs
        for mark in run.marks
        if mark[0] == "a" and run.text.strip()
    }


def _body_boxes(outline: Outline, body: list[Block]) -> set[int]:
    return {b.index for b in body}


def _kind(
    anchor: Anchor,
    target: str,
    inline: set[str],
    given: dict[str, set[int]],
    labels: dict[int, list[tuple[int, str]]],
    body_blocks: set[int],
    outline: Outline,
    url: str | None,
) -> LinkKind | None:
    if anchor.block in body_blocks and anchor.url in inline:
        return "inline"
    if anchor.box in given.get("related", ()):
        return "related" if _is_other_article(anchor, target, url) else None
    if anchor.box in given.get("popular", ()):
        return "popular" if _is_other_article(anchor, target, url) else None
    if not _is_other_article(anchor, target, url):
        return None
    return _kind_by_place(anchor, labels, outline)


def _is_other_article(anchor: Anchor, target: str, url: str | None) -> bool:
    path = path_of(target)
    if path in ("", "/") and "?" not in target:
        return False
    if _CHROME_PATH.search(path):
        return False
    if url is not None and site_of(target) != site_of(url):
        return False
    words = count_words(anchor.text)
    return words >= 3 or (words == 0 and path.count("-") >= 3)


def _kind_by_place(anchor: Anchor, labels: dict[int, list[tuple[int, str]]], outline: Outline) -> LinkKind | None:
    """Walk outwards; the nearest label or name decides. Unlabelled teaser lists of the page are popular."""
    above = outline.ancestors(anchor.box)
    position = anchor.block if anchor.block >= 0 else _position(anchor, outline)
    if anchor.block >= 0 and TEASER.match(outline.blocks[anchor.block].text):
        return "related"
    for depth, box in enumerate(above):
        label = _label_before(labels.get(box.index, ()), position)
        if label:
            if RELATED_LABEL.search(label):
                return "related"
            if POPULAR_LABEL.search(label):
                return "popular"
        if box.names and depth < 8:
            if _NAMES_RELATED.search(box.names):
                return "related"
            if _NAMES_POPULAR.search(box.names):
                return "popular"
        if _is_chrome(box):
            return None
    return "popular" if _is_teaser(anchor, above) else None


def _is_chrome(box: Box) -> bool:
    return box.tag in ("nav", "footer", "form", "address") or bool(box.names and _CHROME_NAMES.search(box.names))


def _is_teaser(anchor: Anchor, above: list[Box]) -> bool:
    return count_words(anchor.text) >= 5 and any(
        box.tag in ("h2", "h3", "h4", "h5", "article", "li", "section", "aside") for box in above[:6]
    )


def _position(anchor: Anchor, outline: Outline) -> int:
    """Index of the block that follows an anchor without text (a picture)."""
    return next((b.index for b in outline.blocks if b.box >= anchor.box), len(outline.blocks))


def _labels(outline: Outline) -> dict[int, list[tuple[int, str]]]:
    """Box index to the labels that stand directly in it (or one or two wrappers down), as (block index, folded text)."""
    out: dict[int, list[tuple[int, str]]] = {}
    for block in outline.blocks:
        if len(block.text) > _MAX_LABEL or not block.text:
            continue
        named = any(
            "title" in box.names or "head" in box.names or "label" in box.names
            for box in outline.ancestors(block.box)[:2]
        )
        phrase = (
            block.text.rstrip().endswith(":")
            or RELATED_LABEL.match(folded(block.text))
            or POPULAR_LABEL.match(folded(block.text))
        )
        if not (block.kind == "heading" or named or phrase) or (block.link_share > 0.5 and count_words(block.text) > 4):
            continue
        for box in outline.ancestors(block.box)[:4]:
            if box.tag in ("body", "html", "main"):
                break
            out.setdefault(box.index, []).append((block.index, folded(block.text)))
    return out


def _label_before(labels: list[tuple[int, str]] | tuple[()], position: int) -> str | None:
    before = [label for index, label in labels if index <= position]
    return before[-1] if before else None
