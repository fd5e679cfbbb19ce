"""What a reader sees of an article's section, tags and picture, on pages that state them nowhere else."""

from __future__ import annotations

import re
from functools import lru_cache

from selectolax.lexbor import LexborNode

from scraper.extract.body import Body
from scraper.extract.candidates import Evidence
from scraper.extract.chrome import names_chrome
from scraper.extract.outline import Outline
from scraper.extract.page import Page
from scraper.extract.wording import folded
from scraper.urls import resolve

_TAG_BOX = re.compile(
    r"(?:^|[\s_-])(?:post-?|entry-?|article-?|story-?)?(?:tags?|tag-?links|tag-?list|keywords|topics)(?:$|[\s_-])"
)
_LAZY = ("data-src", "data-lazy-src", "data-original", "data-full-url")


def read_visible(page: Page, body: Body, headline: str | None, evidence: Evidence) -> None:
    """Add section and tags linked as such, and the first picture between headline and text or in the text."""
    sections: list[LexborNode] = []
    tags: list[LexborNode] = []
    for anchor in page.sought("a"):
        rel = (anchor.attributes.get("rel") or "").lower().split()
        if "category" in rel or "tag" in rel:
            (sections if "category" in rel else tags).append(anchor)
    where = page.outline.blocks_in
    evidence.add("section", "".join(map(_text, sections[:1])), "page", "a[rel=category]", where(sections[:1]))
    evidence.add("tags", map(_text, tags), "page", "a[rel=tag]", where(tags))
    if body.blocks:
        texts, blocks = _tags_under_text(page.outline, body)
        evidence.add("tags", texts, "page", "links in a box of tags", blocks)
        evidence.add("image", _first_picture(page, body, headline), "page", "img")


def _text(anchor: LexborNode) -> str:
    return " ".join((anchor.text() or "").split())


def _tags_under_text(outline: Outline, body: Body) -> tuple[list[str], tuple[int, ...]]:
    """Links of the first box named for tags that follows the text, and the blocks that they stand in."""
    for box in outline.boxes[body.blocks[-1].box :]:
        names = box.names
        if ("tag" in names or "keywords" in names or "topics" in names) and _names_tags(names) and not box.hidden:
            inside = outline.below([box.index])
            anchors = [a for a in outline.anchors if a.box in inside]
            if not 0 < len(anchors) <= 20:
                return [], ()
            blocks = sorted({a.block for a in anchors if a.block >= 0})
            return [" ".join(a.text.split()) for a in anchors], tuple(blocks)
    return [], ()


@lru_cache(maxsize=4096)
def _names_tags(names: str) -> bool:
    return "cloud" not in names and _TAG_BOX.search(names) is not None


def _first_picture(page: Page, body: Body, headline: str | None) -> str | None:
    outline = page.outline
    wanted = folded(headline or "")
    shown = (b for b in outline.blocks[: body.blocks[0].index + 1] if headline and abs(len(b.text) - len(headline)) < 8)
    titles = [b for b in shown if folded(b.text) == wanted]
    first = titles[-1].box if titles else body.blocks[0].box
    last = max(run.box for run in body.blocks[-1].runs)
    for box in outline.boxes[first : last + 1]:
        if box.tag != "img" or box.hidden or _is_small(box.node):
            continue
        above = outline.ancestors(box.parent, 4)
        if any(names_chrome(b) and b.tag != "figcaption" and "caption" not in b.names for b in above):
            continue
        address = _address(box.node)
        url = resolve(address, page.base) if address else None
        if url:
            return url
    return None


def _address(node: LexborNode) -> str | None:
    attributes = node.attributes
    for name in (*_LAZY, "src"):
        value = attributes.get(name)
        if value and not value.startswith("data:"):
            return value
    return None


def _is_small(node: LexborNode) -> bool:
    """An icon, a portrait or a counting pixel."""
    sizes = [node.attributes.get(side) or "" for side in ("width", "height")]
    return any(size.isdigit() and int(size) < 100 for size in sizes)
