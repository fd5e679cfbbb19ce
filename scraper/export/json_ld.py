"""Articles as JSON-LD, in the words of schema.org."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, BinaryIO

from scraper.article import Article, utc_text
from scraper.export.about import About
from scraper.export.cells import json_text, utf8
from scraper.export.fields import Field, described
from scraper.export.people import author


def fields() -> tuple[Field, ...]:
    """The properties of a NewsArticle."""
    return described(
        {
            "identifier": "id",
            "version": "revision",
            "url": "url",
            "mainEntityOfPage": "canonical_url",
            "headline": "headline",
            "author": "authors",
            "datePublished": "published_at",
            "dateModified": "modified_at",
            "abstract": "lead",
            "articleBody": "body",
            "inLanguage": "language",
            "articleSection": "section",
            "keywords": "tags",
            "image": "image",
            "wordCount": "word_count",
            "isAccessibleForFree": "false where a paywall showed only a part",
            "citation": "Addresses that the text links to",
            "publisher.name": "site",
            "isBasedOn.url": "final_url",
            "isBasedOn.archivedAt": "The capture, as sha256 of its bytes in the form of a URN",
            "isBasedOn.encoding.sha256": "sha256",
            "isBasedOn.encoding.contentSize": "size",
            "isBasedOn.encoding.uploadDate": "fetched_at",
            "sdPublisher.name": "extractor",
        }
    )


def write_json_ld(articles: Iterable[Article], out: BinaryIO, about: About) -> int:
    """One document, whose @graph has an article a line."""
    out.write(b'{"@context": "https://schema.org", "@graph": [')
    count = 0
    for article in articles:
        out.write(b"\n" if count == 0 else b",\n")
        out.write(utf8(json_text(news_article(article))))
        count += 1
    out.write(b"\n]}\n" if count else b"]}\n")
    return count


def news_article(article: Article) -> dict[str, Any]:
    """A NewsArticle; a property that the page does not give is left out."""
    values: dict[str, Any] = {
        "@type": "NewsArticle" if article.page_type == "article" else "WebPage",
        "identifier": str(article.id),
        "version": article.revision,
        "url": article.url,
        "mainEntityOfPage": article.canonical_url,
        "headline": article.headline,
        "author": [_author(name, article.language) for name in article.authors],
        "datePublished": article.published_at,
        "dateModified": article.modified_at,
        "abstract": article.lead,
        "articleBody": article.body,
        "inLanguage": article.language,
        "articleSection": article.section,
        "keywords": list(article.tags),
        "image": article.image,
        "wordCount": article.word_count,
        "citation": [link.url for link in article.links if link.kind == "inline"],
        "publisher": {"@type": "Organization", "name": article.site},
        "isBasedOn": _capture(article),
        "sdPublisher": {"@type": "Organization", "name": article.extractor} if article.extractor else None,
    }
    given = {name: value for name, value in values.items() if value not in (None, [], "")}
    return given | ({"isAccessibleForFree": False} if article.verdict == "paywall" else {})


def _author(name: str, language: str | None) -> dict[str, str]:
    known = author(name, language)
    kind = {True: {"@type": "Person"}, False: {"@type": "Organization"}, None: {}}[known.person]
    parts = {} if known.family is None else {"givenName": known.given or "", "familyName": known.family}
    return {**kind, "name": name, **parts}


def _capture(article: Article) -> dict[str, Any] | None:
    """The page as it was captured: what the article was read from."""
    capture = article.capture
    if capture is None:
        return None
    page: dict[str, Any] = {"@type": "WebPage", "url": capture.final_url}
    if capture.sha256:
        page["archivedAt"] = f"urn:sha256:{capture.sha256}"
    encoding = {
        "@type": "MediaObject",
        "identifier": f"capture {capture.id}",
        "uploadDate": utc_text(capture.fetched_at),
        "sha256": capture.sha256,
        "contentSize": None if capture.size is None else str(capture.size),
    }
    page["encoding"] = {name: value for name, value in encoding.items() if value is not None}
    return page
