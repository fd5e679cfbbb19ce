"""Microdata: itemprop attributes inside an element that claims to be a schema.org article."""

from __future__ import annotations

from selectolax.lexbor import LexborNode

from scraper.extract.candidates import Evidence
from scraper.extract.metadata.json_ld import ARTICLE_TYPES
from scraper.extract.page import Page
from scraper.urls import resolve

_FIELDS = {
    "headline": "headline",
    "name": "headline",
    "datepublished": "published_at",
    "datemodified": "modified_at",
    "author": "authors",
    "creator": "authors",
    "description": "lead",
    "articlesection": "section",
    "inlanguage": "language",
    "keywords": "tags",
    "image": "image",
}
_MOST_PROPERTIES = 1_000
_MOST_ABOVE = 200
"""Bounds on pages made to nest without end: each property is looked at with everything above and below it."""


def read_microdata(page: Page, evidence: Evidence) -> None:
    """Add the properties of the page's article item."""
    item = _main_item([node for node in page.sought("item") if _type_of(node) in ARTICLE_TYPES])
    if item is None:
        return
    evidence.types.add(_type_of(item))
    authors: list[LexborNode] = []
    where = page.outline.blocks_in
    for node in item.css("[itemprop]")[:_MOST_PROPERTIES]:
        owner = _owner(node)
        if owner is None or owner.mem_id != item.mem_id:
            continue
        for prop in (node.attributes.get("itemprop") or "").lower().split():
            wanted = _FIELDS.get(prop)
            if wanted == "authors":
                authors.append(node)
            elif wanted == "tags":
                texts = [" ".join((a.text() or "").split()) for a in node.css("a")] or _value(node).split(",")
                evidence.add("tags", texts, "microdata", "itemprop=keywords", where([node]))
            elif wanted == "image":
                evidence.add("image", resolve(_value(node), page.base), "microdata", "itemprop=image")
            elif wanted:
                evidence.add(wanted, _value(node), "microdata", f"itemprop={prop}", where([node]))
    evidence.add("authors", map(_name_of, authors), "microdata", "itemprop=author", where(authors))


def _main_item(items: list[LexborNode]) -> LexborNode | None:
    """The one item of the page that holds a text or an `h1`; several alike are a list of teasers."""
    if len(items) > 1:
        items = [item for item in items if item.css_first("[itemprop~=articleBody], h1") is not None]
    return items[0] if len(items) == 1 else None


def _type_of(node: LexborNode) -> str:
    return (node.attributes.get("itemtype") or "").rstrip("/").rpartition("/")[2].lower()


def _owner(node: LexborNode) -> LexborNode | None:
    """The item a property belongs to: the nearest itemscope above it (one that opens an item is its parent's)."""
    above = node.parent
    for _ in range(_MOST_ABOVE):
        if above is None or "itemscope" in above.attributes:
            return above
        above = above.parent
    return None


def _name_of(node: LexborNode) -> str:
    inner = node.css_first("[itemprop=name]") if "itemscope" in node.attributes else None
    return _value(inner) if inner is not None else " ".join((node.text(separator=" ") or "").split())


def _value(node: LexborNode) -> str:
    attributes = node.attributes
    for key in ("content", "datetime"):
        if attributes.get(key):
            return attributes[key] or ""
    if "itemscope" in attributes:  # an object in place of a value: its address is what can be used of it
        inner = node.css_first("[itemprop~=url], [itemprop~=contentUrl]")
        return _value(inner) if inner is not None else ""
    if node.tag in ("img", "iframe", "embed", "source"):
        return attributes.get("src") or ""
    if node.tag == "link":
        return attributes.get("href") or ""
    return " ".join((node.text(separator=" ") or "").split())
