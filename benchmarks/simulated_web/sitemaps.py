"""The sitemaps of an outlet, and its robots.txt."""

from __future__ import annotations

import gzip
from datetime import datetime, timedelta
from html import escape as e

from benchmarks.simulated_web.articles import Article
from benchmarks.simulated_web.outlets import Outlet
from benchmarks.simulated_web.places import ListAt

_XML = '<?xml version="1.0" encoding="UTF-8"?>\n'
_SPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
_NEWS = 'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'
_NEWS_AGE = timedelta(days=2)
_XML_TYPE = "application/xml; charset=utf-8"


def robots(outlet: Outlet) -> str:
    """What robots.txt says."""
    lines = ["# Be gentle.", "User-agent: *", *(f"Disallow: {path}" for path in outlet.forbidden)]
    if outlet.profile.crawl_delay:
        lines.append(f"Crawl-delay: {outlet.profile.crawl_delay:g}")
    lines += ["", "User-agent: GreedyBot", "Disallow: /"]
    if outlet.profile.sitemap and outlet.profile.sitemap.shown == "robots":
        lines += ["", f"Sitemap: {outlet.addresses.sitemap()}"]
    return "\n".join(lines) + "\n"


def sitemap(outlet: Outlet, part: str, now: datetime) -> tuple[bytes, str]:
    """A sitemap as bytes, and its Content-Type."""
    profile = outlet.profile.sitemap
    if profile is None:
        raise ValueError(f"{outlet.profile.host} has no sitemap")
    articles = outlet.listed(now)
    match profile.form:
        case "text":
            lines = [outlet.addresses.home(), *(outlet.addresses.article(one, now) for one in articles)]
            return "\n".join(lines).encode() + b"\n", "text/plain; charset=utf-8"
        case "news":
            return _news(outlet, [one for one in articles if now - one.published < _NEWS_AGE], now), _XML_TYPE
        case "months" | "months_gz" | "wordpress" if not part:
            return _index(outlet, now), _XML_TYPE
        case "months" | "months_gz":
            text = _set(outlet, [one for one in articles if outlet.addresses.month_of(one) == part], now)
            if profile.form == "months":
                return text, _XML_TYPE
            return gzip.compress(text, 6, mtime=0), "application/x-gzip"
        case "wordpress":
            return _set(outlet, articles if part == "posts" else [], now, part), _XML_TYPE
        case "gz":
            return gzip.compress(_set(outlet, articles, now), 6, mtime=0), "application/gzip"
        case "single":
            return _set(outlet, articles, now), _XML_TYPE


def _index(outlet: Outlet, now: datetime) -> bytes:
    if outlet.profile.sitemap and outlet.profile.sitemap.form == "wordpress":
        parts = ["posts", "pages", *(("lists",) if "lists" in outlet.profile.sitemap.quirks else ())]
    else:
        parts = sorted({outlet.addresses.month_of(one) for one in outlet.listed(now)}, reverse=True)
    places = "".join(f"<sitemap><loc>{e(outlet.addresses.sitemap(part) or '')}</loc></sitemap>\n" for part in parts)
    return f"{_XML}<sitemapindex {_SPACE}>\n{places}</sitemapindex>\n".encode()


def _set(outlet: Outlet, articles: list[Article], now: datetime, part: str = "") -> bytes:
    quirks = outlet.profile.sitemap.quirks if outlet.profile.sitemap else ()
    others: list[str] = []
    if part == "pages" or (not part and "lists" in quirks):
        others += [outlet.addresses.page(name) for name in ("about", "contact", "privacy")]
    if part == "lists" or (not part and "lists" in quirks):
        found = [ListAt("tag", number) for number in range(len(outlet.tags))]
        found += [ListAt("section", number) for number in range(len(outlet.words.sections))]
        others += [url for at in found if (url := outlet.addresses.listing(at))]
    lines = [f"<url><loc>{e(url)}</loc></url>" for url in others]
    for article in articles:
        stamp = now if "all_now" in quirks else article.editions[article.edition_at(now)].at
        dated = "" if "no_dates" in quirks else f"<lastmod>{stamp:%Y-%m-%dT%H:%M:%S+00:00}</lastmod>"
        lines.append(f"<url><loc>{e(outlet.addresses.article(article, now))}</loc>{dated}</url>")
    return f"{_XML}<urlset {_SPACE}>\n{chr(10).join(lines)}\n</urlset>\n".encode()


def _news(outlet: Outlet, articles: list[Article], now: datetime) -> bytes:
    language = f"<news:language>{outlet.words.code}</news:language>"
    name = f"<news:publication><news:name>{e(outlet.profile.name)}</news:name>{language}</news:publication>"
    lines = [
        f"<url><loc>{e(outlet.addresses.article(one, now))}</loc><news:news>{name}"
        f"<news:publication_date>{one.published.astimezone(outlet.zone).isoformat()}</news:publication_date>"
        f"<news:title>{e(one.editions[one.edition_at(now)].headline)}</news:title></news:news></url>"
        for one in articles
    ]
    return f"{_XML}<urlset {_SPACE} {_NEWS}>\n{chr(10).join(lines)}\n</urlset>\n".encode()
