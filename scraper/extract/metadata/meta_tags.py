"""Meta elements and links in the head: OpenGraph, article:*, Twitter cards, Dublin Core, Parse.ly and their kin."""

from __future__ import annotations

import re

from selectolax.lexbor import LexborNode

from scraper.extract.candidates import Evidence
from scraper.extract.fields.byline_words import leading_label
from scraper.extract.page import Page
from scraper.urls import resolve

# name or property (lower case) -> field. The first table is OpenGraph, which describes the share card; the second is
# what outlets state about the article itself.
_OPENGRAPH = {
    "og:title": "headline",
    "og:description": "lead",
    "og:locale": "language",
    "og:image": "image",
    "og:image:secure_url": "image",
    "og:url": "canonical_url",
    "article:published_time": "published_at",
    "og:article:published_time": "published_at",
    "article:modified_time": "modified_at",
    "og:article:modified_time": "modified_at",
    "og:updated_time": "modified_at",
    "article:section": "section",
    "og:article:section": "section",
    "article:author": "authors",
    "og:article:author": "authors",
}
_META = {
    "headline": "headline",
    "dc.title": "headline",
    "dcterms.title": "headline",
    "sailthru.title": "headline",
    "parsely-title": "headline",
    "cxenseparse:recs:title": "headline",
    "twitter:title": "headline",
    "title": "headline",
    "datepublished": "published_at",
    "date.published": "published_at",
    "publishdate": "published_at",
    "publish-date": "published_at",
    "publish_date": "published_at",
    "published": "published_at",
    "publication_date": "published_at",
    "pubdate": "published_at",
    "pub_date": "published_at",
    "date": "published_at",
    "dc.date": "published_at",
    "dc.date.issued": "published_at",
    "dc.date.created": "published_at",
    "dcterms.created": "published_at",
    "dcterms.date": "published_at",
    "dcterms.issued": "published_at",
    "citation_publication_date": "published_at",
    "parsely-pub-date": "published_at",
    "sailthru.date": "published_at",
    "cxenseparse:recs:publishtime": "published_at",
    "cxenseparse:publishtime": "published_at",
    "rnews:datepublished": "published_at",
    "vr:published_time": "published_at",
    "iso-8601-publish-date": "published_at",
    "datemodified": "modified_at",
    "last-modified": "modified_at",
    "lastmod": "modified_at",
    "dc.date.modified": "modified_at",
    "dcterms.modified": "modified_at",
    "author": "authors",
    "authors": "authors",
    "article.author": "authors",
    "article:author_name": "authors",
    "shareaholic:article_author_name": "authors",
    "creator": "authors",
    "byline": "authors",
    "byl": "authors",
    "dc.creator": "authors",
    "dcterms.creator": "authors",
    "parsely-author": "authors",
    "sailthru.author": "authors",
    "citation_author": "authors",
    "cxenseparse:author": "authors",
    "description": "lead",
    "twitter:description": "lead",
    "dc.description": "lead",
    "sailthru.description": "lead",
    "content-language": "language",
    "dc.language": "language",
    "parsely-section": "section",
    "cxenseparse:category": "section",
    "section": "section",
    "news_keywords": "tags",
    "keywords": "tags",
    "parsely-tags": "tags",
    "sailthru.tags": "tags",
    "twitter:image": "image",
    "twitter:image:src": "image",
}
_ITEM_DATES = {"datepublished": "published_at", "datemodified": "modified_at"}
META_NAMES = frozenset(_META)
"""Names that a standard or a widespread tool gives a meaning."""
_TAG_PROPERTIES = frozenset(("article:tag", "og:article:tag"))
_CARD_LABELS = ("twitter:label1", "twitter:data1", "twitter:label2", "twitter:data2")
_ADDRESSES = frozenset(("image", "canonical_url"))
_DATE_NAME = re.compile(r"date|publish|pub_?time|release|issued|created|posted|modif|updat|revis|_time$|:time$")
_CHANGE_NAME = re.compile(r"modif|updat|revis|review|edit(?!ion)|chang")
_NO_DATE_NAME = re.compile(r"expir|unpublish|event|start|end|format|build|deploy|cache|crawl|copyright|valid|embargo")
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d|^\d{10}(?:\d{3})?$")
_SEPARATOR = re.compile(r"\s*[,;|]\s*")


def read_meta_tags(page: Page, evidence: Evidence) -> None:
    """Add what meta elements, `<title>`, `<html lang>` and `<link rel=canonical>` say."""
    several: dict[str, list[str]] = {}
    for node in page.sought("meta"):
        attributes = node.attributes
        content = (attributes.get("content") or "").strip()
        name = attributes.get("property") or attributes.get("name") or attributes.get("http-equiv") or ""
        if content and not name and attributes.get("itemprop"):
            _read_item(node, attributes["itemprop"] or "", content, evidence)
        elif content and name:
            _read_one(name.strip().lower(), content, page, evidence, several)
    _read_card_labels(several)
    for name, values in several.items():
        wanted = "tags" if name in _TAG_PROPERTIES else "authors"
        evidence.add(wanted, values, "opengraph" if name.startswith(("article:", "og:")) else "meta", name)
    _read_head(page, evidence)


def _read_one(name: str, content: str, page: Page, evidence: Evidence, several: dict[str, list[str]]) -> None:
    if name in ("og:site_name", "application-name", "apple-mobile-web-app-title"):
        evidence.site_names.add(content)
        return
    if name == "og:type":
        evidence.types.add(f"og:{content.lower()}")
        return
    wanted = _OPENGRAPH.get(name) or _META.get(name)
    if name in _TAG_PROPERTIES or wanted == "authors" or name in _CARD_LABELS:
        several.setdefault(name, []).append(content)
        return
    if wanted is None:
        _read_date(name, content, evidence)
        return
    source = "opengraph" if name in _OPENGRAPH else "meta"
    if wanted in _ADDRESSES:
        evidence.add(wanted, resolve(content, page.base), source, name)
    elif wanted == "tags":
        evidence.add("tags", _SEPARATOR.split(content), source, name)
    else:
        evidence.add(wanted, " ".join(content.split()), source, name)


def _read_item(node: LexborNode, prop: str, content: str, evidence: Evidence) -> None:
    """A date as microdata in the head, where it is the page's; in the body it is that of the item around it."""
    wanted = _ITEM_DATES.get(prop.strip().lower())
    if wanted and node.parent is not None and node.parent.tag == "head":
        evidence.add(wanted, content, "microdata", f"itemprop={prop}")


def _read_date(name: str, content: str, evidence: Evidence) -> None:
    """A date under a name no standard knows: w-published-date, cludo:date, content_date_updated …"""
    if len(content) > 60 or not _DATE_NAME.search(name) or not _YEAR.search(content) or _NO_DATE_NAME.search(name):
        return
    evidence.add("modified_at" if _CHANGE_NAME.search(name) else "published_at", content, "meta", name)


def _read_card_labels(several: dict[str, list[str]]) -> None:
    """Twitter cards give two facts with a label each; "Written by" is the one wanted here."""
    label1, data1, label2, data2 = (several.pop(name, [""])[0] for name in _CARD_LABELS)
    for label, text in ((label1, data1), (label2, data2)):
        if text and leading_label(label) == ("by", ""):
            several["twitter:data"] = [text]


def _read_head(page: Page, evidence: Evidence) -> None:
    title = page.first("title")
    if title is not None:
        evidence.add("headline", " ".join((title.text() or "").split()), "meta", "title")
    html = page.first("html")
    if html is not None:
        attributes = html.attributes
        evidence.add("language", attributes.get("lang") or attributes.get("xml:lang"), "page", "html[lang]")
    for node in page.sought("link"):
        attributes = node.attributes
        if "canonical" not in (attributes.get("rel") or "").lower().split():
            continue
        address = (attributes.get("href") or "").strip()  # an empty one would mean any page it stands on
        evidence.add("canonical_url", resolve(address, page.base) if address else None, "meta", "link[rel=canonical]")
