"""The extractors that are compared, each called as its documentation tells a user who wants text and metadata.

A tool is loaded in its own process; what loading returns takes the bytes as received and the page's URL, and gives
the fields of a prediction. None of them touches the network.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from benchmarks.labelled import Row
from scraper.article import Article

Extract = Callable[[bytes, str], Row]

FOLDS_VARIABLE = "BENCHMARK_FOLDS"
"""Environment variable that tells the process of `ours_unseen` where the models of the cross-validation are."""
UNSEEN = "ours, site unseen"
METADATA = frozenset({"headline", "date", "author"})


@dataclass(frozen=True, slots=True)
class Tool:
    """An extractor: the distribution it comes in, the columns of the table it can fill beside the body's."""

    name: str
    distribution: str
    gives: frozenset[str]
    load: Callable[[], Extract]

    def version(self) -> str | None:
        """None when it is not installed."""
        try:
            return metadata.version(self.distribution)
        except metadata.PackageNotFoundError:
            return None


def ours() -> Extract:
    """As a user calls it: with the packaged site files and the packaged model."""
    from scraper import extract

    return lambda html, url: _row(extract(html, url=url))


def ours_unseen() -> Extract:
    """Without site files, and with models that have not seen the page's site: what to expect of other pages."""
    from scraper.extract.extraction import extract_with_reasons
    from scraper.extract.models import Models
    from scraper.extract.sitefiles import SiteFiles
    from training.pages import FOLDS, fold_folder, fold_of_url

    models = [Models.load(fold_folder(Path(os.environ[FOLDS_VARIABLE]), number)) for number in range(FOLDS)]
    no_files = SiteFiles()

    def read(html: bytes, url: str) -> Row:
        return _row(extract_with_reasons(html, url=url, sites=no_files, models=models[fold_of_url(url)]).article)

    return read


def _row(article: Article) -> Row:
    return {
        "headline": article.headline,
        "authors": list(article.authors),
        "date": article.published_at,
        "body": article.body,
        "page_type": article.page_type,
        "links": [{"url": link.url, "kind": link.kind} for link in article.links],
    }


def trafilatura_standard() -> Extract:
    return _trafilatura(fast=False)


def trafilatura_fast() -> Extract:
    return _trafilatura(fast=True)


def _trafilatura(*, fast: bool) -> Extract:
    import trafilatura

    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)

    def read(html: bytes, url: str) -> Row:
        found: Any = trafilatura.bare_extraction(html, url=url, with_metadata=True, include_comments=False, fast=fast)
        if found is None:
            return {}
        authors = (found.author or "").split(";")
        return {
            "headline": found.title,
            "authors": [name.strip() for name in authors if name.strip()],
            "date": found.date,
            "body": found.text,
        }

    return read


def newspaper4k() -> Extract:
    import newspaper

    logging.getLogger("newspaper").setLevel(logging.CRITICAL)

    def read(html: bytes, url: str) -> Row:
        # Without a language it takes the page's own word for it.
        article = newspaper.Article(url, fetch_images=False)
        article.download(input_html=html)
        article.parse()
        date = article.publish_date
        return {
            "headline": article.title,
            "authors": list(article.authors),
            "date": date.date().isoformat() if date else None,
            "body": article.text,
        }

    return read


def readability() -> Extract:
    import lxml.html
    from readability import Document

    logging.getLogger("readability").setLevel(logging.CRITICAL)

    def read(html: bytes, url: str) -> Row:
        document = Document(html, url=url)
        content = lxml.html.fromstring(document.summary(html_partial=True))
        author = document.author()
        return {
            "headline": document.short_title(),
            "authors": [] if author == "[no-author]" else [author],
            # A text a node: blocks that touch in the markup must not glue their words together.
            "body": "\n".join(text for text in map(str.strip, content.itertext()) if text),
        }

    return read


def resiliparse() -> Extract:
    from resiliparse.extract.html2text import extract_plain_text
    from resiliparse.parse.encoding import detect_encoding
    from resiliparse.parse.html import HTMLTree

    def read(html: bytes, url: str) -> Row:
        tree = HTMLTree.parse_from_bytes(html, detect_encoding(html, from_html_meta=True) or "utf-8")
        return {"body": extract_plain_text(tree, main_content=True, alt_texts=False, comments=False)}

    return read


TOOLS = {
    tool.name: tool
    for tool in (
        Tool("ours", "news-archiver", METADATA | {"type", "links"}, ours),
        Tool(UNSEEN, "news-archiver", METADATA | {"type", "links"}, ours_unseen),
        Tool("trafilatura", "trafilatura", METADATA, trafilatura_standard),
        Tool("trafilatura fast", "trafilatura", METADATA, trafilatura_fast),
        Tool("newspaper4k", "newspaper4k", METADATA, newspaper4k),
        Tool("readability-lxml", "readability-lxml", frozenset({"headline", "author"}), readability),
        Tool("resiliparse", "resiliparse", frozenset(), resiliparse),
    )
}
