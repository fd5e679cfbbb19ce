"""The next page of an article that goes on: told by its address, which is this one's with the next number.

`rel=next` alone proves nothing: blogs point with it to the next story.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from scraper.extract.page import Page
from scraper.urls import canonical, resolve

_MOST_PAGES = 60
_DIGITS = frozenset("0123456789")
_MARKS = (
    re.compile(
        r"(?P<mark>[?&](?:page|pagina|seite|pag|p|pg|pn|paged|paging|start_?page|page_?no|page_?num)=)(?P<number>\d{1,5})(?=&|$)",
        re.I,
    ),
    re.compile(r"(?P<mark>/(?:page|pagina|seite|pag|p)[/-]?)(?P<number>\d{1,5})(?=/?(?:\?|$))", re.I),
    re.compile(
        r"(?P<mark>[-_,](?:p|page|seite)?[-_]?)(?P<number>\d{1,5})(?=(?:\.s?html?|\.php|\.aspx?|\.jsp)(?:\?|$))", re.I
    ),
    re.compile(r"(?P<mark>/)(?P<number>\d{1,5})(?=/?(?:\?|$))"),
)


class Numbered(NamedTuple):
    stem: str
    """The address without its page mark and without a slash at its end."""
    number: int


def next_page(page: Page) -> str | None:
    """The absolute address of the article's next page; None on the last one and on articles of one page."""
    if not page.url:
        return None
    here = canonical(page.url)
    successors = {Numbered(one.stem, one.number + 1) for one in (Numbered(here.rstrip("/"), 1), *numbered(here))}
    # The cheap tests first, as there are hundreds of links: pages of one article differ in their address's end.
    folders = tuple({stem[: stem.partition("?")[0].rfind("/")] for stem, _ in successors})
    links = (node.attributes for node in page.sought("link"))
    following = (link.get("href") or "" for link in links if "next" in (link.get("rel") or "").lower().split())
    linked = [resolve(address, page.base) for address in following]
    for address in [*linked, *(anchor.url for anchor in page.outline.anchors)]:
        if address and address.startswith(folders) and not _DIGITS.isdisjoint(address[-24:]):
            target = canonical(address)
            if target != here and not successors.isdisjoint(numbered(target)):
                return target
    return None


def numbered(url: str, most: int = _MOST_PAGES) -> list[Numbered]:
    """Every way to read `url` as a numbered page of something that has at most `most` pages."""
    out = []
    for mark in _MARKS:
        match = next((found for found in mark.finditer(url) if int(found["number"]) <= most), None)
        if match:
            head, rest = url[: match.start()], url[match.end() :]
            if match["mark"].startswith("?") and rest.startswith("&"):
                rest = "?" + rest[1:]
            out.append(Numbered((head + rest).rstrip("/"), int(match["number"])))
    return out
