"""What stands at an address, and how pages of links are addressed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from benchmarks.simulated_web.articles import Article

Form = Literal["plain", "old", "new", "second", "node", "short", "amp", "print", "mobile", "part"]
ListKind = Literal["home", "section", "tag", "author", "month", "search"]
PAGES = ("about", "contact", "privacy", "terms", "newsletter", "login", "subscribe")


@dataclass(frozen=True, slots=True)
class ListingStyle:
    """Addresses of lists: {section}, {number} (of the section, from 1), {page}, {before} (pages before), {offset}."""

    section: str
    section_page: str
    home_page: str | None = None
    size: int = 15
    by_month: bool = False


LISTINGS: dict[str, ListingStyle] = {
    "plain": ListingStyle("/{section}/", "/{section}/?page={page}"),
    "query": ListingStyle("/rubric/{section}", "/rubric/{section}?page={page}", size=20),
    "wordpress": ListingStyle(
        "/category/{section}/", "/category/{section}/page/{page}/", "/page/{page}/", 10, by_month=True
    ),
    "wordpress_query": ListingStyle("/?cat={number}", "/?cat={number}&paged={page}", "/?paged={page}", 10),
    "files": ListingStyle("/sections/{section}.html", "/sections/{section}-{page}.html"),
    "php": ListingStyle("/section.php?cat={number}", "/section.php?cat={number}&page={page}", size=20),
    "asp": ListingStyle("/list.asp?cat={number}", "/list.asp?cat={number}&p={page}", size=12),
    "aspx": ListingStyle("/list.aspx?cid={number}", "/list.aspx?cid={number}&pg={page}"),
    # It counts from nought.
    "drupal": ListingStyle("/{section}", "/{section}?page={before}", "/?page={before}", 12),
    "labels": ListingStyle(
        "/search/label/{section}", "/search/label/{section}?start={offset}", "/search?start={offset}", 10, by_month=True
    ),
    "older": ListingStyle("/label/{section}", "/label/{section}?start={offset}", "/?start={offset}", 7, by_month=True),
    "more": ListingStyle("/{section}/", "/{section}/?page={page}", "/?page={page}", 30),
}


@dataclass(frozen=True, slots=True)
class ArticleAt:
    """An article, in one of its forms. `part` counts from 1."""

    article: Article
    form: Form = "plain"
    part: int = 1


@dataclass(frozen=True, slots=True)
class ListAt:
    """A page of links. `of` is the number of the section, tag or author, or a month as YYYY-MM."""

    kind: ListKind
    of: int | str = 0
    page: int = 1


@dataclass(frozen=True, slots=True)
class FeedAt:
    section: int | None


@dataclass(frozen=True, slots=True)
class SitemapAt:
    """`part` is "" for the one that is named, a month as YYYY-MM, or `posts`, `pages`, `lists` as in WordPress."""

    part: str


@dataclass(frozen=True, slots=True)
class PageAt:
    """One of PAGES, or `calendar` (of a month), `loop`, `robots`."""

    name: str
    month: str = ""


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """The same target on another host."""

    host: str


At = ArticleAt | ListAt | FeedAt | SitemapAt | PageAt | Elsewhere
