"""The outlets of outlets.toml: what each key of it means."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields
from functools import cache
from importlib import resources
from typing import Any, Literal

from benchmarks.simulated_web.articles import WallKind

Trouble = Literal["slow", "broken", "limited"]
Validators = Literal["none", "etag", "modified", "weak", "lying"]
Robots = Literal["open", "strict", "delay", "missing", "broken"]

HABITS = {
    "amp": "pages have an AMP edition, under /amp/",
    "amp_query": "the same, with ?amp=1",
    "bare": "the home page is given without www. and is redirected there",
    "calendar": "a calendar whose months go on for ever",
    "canonical_first": "rel=canonical of every page names the first article",
    "canonical_home": "rel=canonical of every page names the home page",
    "mobile": "pages have a mobile edition on another host",
    "mobile_query": "the same, with ?m=1",
    "noise": "counters, advertisements and lists that change without anybody editing anything",
    "node": "pages have a second address, /node/ID, in links and with rel=canonical",
    "orphans": "some articles are linked from nowhere",
    "parts": "long articles are spread over three numbered pages, /2/ and /3/",
    "parts_query": "the same, with ?page=2",
    "print": "pages have a print edition, ?print=1",
    "private": "some articles are under /private/, which robots.txt forbids",
    "redirect_loop": "a link that leads in circles",
    "ref_home": "links on the home page end in ?ref=home",
    "sessions": "links carry a session number that changes every hour",
    "shortlink": "each page names a short address, ?p=ID, that redirects to it",
    "soft_404": "what is not there answers 200",
    "tracking_links": "links on lists carry utm_source and fbclid",
    "two_sections": "some articles stand in a second section, under a second address with rel=canonical",
    "unknown_links": "links on lists carry a parameter that nobody knows, with rel=canonical",
}


@dataclass(frozen=True, slots=True)
class FeedProfile:
    """A feed, or one of each section when `at` names {section}."""

    format: Literal["rss", "atom", "rdf", "json"]
    at: str
    shown: Literal["linked", "silent", "sections"] = "linked"
    """By a <link> on every page, by nothing (it is where feeds are wont to be), by section pages alone."""
    items: int = 15
    text: Literal["partial", "full"] = "partial"
    quirks: tuple[str, ...] = ()
    """tracking, unknown_source: parameters on links; relative: links; html_titles; bad_dates; no_dates; undeclared:
    a namespace; ampersand: not escaped; leading_space; encoding: not UTF-8."""


@dataclass(frozen=True, slots=True)
class SitemapProfile:
    """Sitemaps. `news` lists the last two days; the others list everything."""

    form: Literal["single", "months", "months_gz", "gz", "text", "news", "wordpress"]
    at: str
    shown: Literal["conventional", "robots"] = "conventional"
    quirks: tuple[str, ...] = ()
    """lists: tag pages and the like are named, too; no_dates; all_now: every lastmod is the present time."""


@dataclass(frozen=True, slots=True)
class WallProfile:
    """What stands before a share of the articles, for good."""

    kind: WallKind
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One outlet's habits."""

    host: str
    name: str
    theme: str
    share: int
    path: str
    """Of articles: {section}, {section_number}, {slug}, {id}, {year}, {month}, {mon}, {day}."""
    language: str = "en"
    listing: str = "plain"
    """How pages of links are addressed: a key of `places.LISTINGS`."""
    slugs: Literal["latin", "unicode"] = "latin"
    offset: int = 0
    """Hours that the outlet's clocks are ahead of UTC."""
    encoding: str = "utf-8"
    feed: FeedProfile | None = None
    sitemap: SitemapProfile | None = None
    robots: Robots = "open"
    """`missing` answers 404, `broken` 500, `delay` names a Crawl-delay, `strict` forbids searching and more."""
    crawl_delay: float = 0.0
    validators: Validators = "none"
    """`weak` ETags never match, `lying` ones always."""
    wall: WallProfile | None = None
    trouble: Trouble | None = None
    sub: str | None = None
    """A section that has a host of its own."""
    habits: frozenset[str] = frozenset()

    @property
    def parts(self) -> bool:
        return bool(self.habits & {"parts", "parts_query"})

    @property
    def home(self) -> str:
        """The URL of the home page as somebody would type it."""
        host = self.host.removeprefix("www.") if "bare" in self.habits else self.host
        return f"http://{host}/"


@cache
def profiles() -> tuple[Profile, ...]:
    """All of outlets.toml, in its order. Raises ValueError for keys and habits that nobody knows."""
    text = resources.files(__package__).joinpath("outlets.toml").read_text(encoding="utf-8")
    return tuple(_read(table) for table in tomllib.loads(text)["outlet"])


def _read(table: dict[str, Any]) -> Profile:
    known = {field.name for field in fields(Profile)}
    habits = frozenset(table.pop("habits", ()))
    if unknown := (set(table) - known) | (habits - set(HABITS)):
        raise ValueError(f"outlets.toml: {table['host']}: {sorted(unknown)}")
    parts: dict[str, type] = {"feed": FeedProfile, "sitemap": SitemapProfile, "wall": WallProfile}
    for key, kind in parts.items():
        if key in table:
            given = dict(table[key])
            if "quirks" in given:
                given["quirks"] = tuple(given["quirks"])
            table[key] = kind(**given)
    return Profile(**table, habits=habits)
