"""Odd feeds and sitemaps: the links that are to be found in each, those we find, and those that others find.

    python -m benchmarks.discovery

The cases are those of the tests, written after what real feeds and sitemaps get wrong. feedparser is given the bytes
and their headers, as a stream; trafilatura's finders of links are given what its own decoder makes of the bytes, and
are asked to keep links to other sites. Addresses are compared without tracking parameters and the last slash, which
trafilatura takes off; it reads no titles and dates. No network is used.
"""

from __future__ import annotations

import io
import logging
import sys
import time
from calendar import timegm
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

import feedparser
from trafilatura.feeds import FeedParameters, extract_links
from trafilatura.sitemaps import SitemapObject
from trafilatura.utils import decode_file

from scraper.crawl.discovery.feeds import read_feed
from scraper.crawl.discovery.found import FoundLink
from scraper.crawl.discovery.sitemaps import read_sitemap
from scraper.errors import UnreadableSource
from scraper.urls import canonical, host_of
from tests.crawl.discovery.odd_feeds import FEEDS, NOW, OddFeed
from tests.crawl.discovery.odd_sitemaps import SITEMAPS, OddSitemap

MOST = 50_000
"""Pages of a sitemap, unless another number is asked for."""
Found = dict[str, tuple[datetime | None, str | None]]
"""Address, as it is compared, to the date of publication and the title that are given with it."""


@dataclass(slots=True)
class Tally:
    """What one reader found in many bodies."""

    exact: int = 0
    links: int = 0
    wrong: int = 0
    dates: int = 0
    wrong_dates: int = 0
    titles: int = 0
    seconds: float = 0.0

    def take(self, found: Found, expected: Found, seconds: float) -> str:
        """Count one body; return its cell in the table."""
        right, wrong = found.keys() & expected.keys(), found.keys() - expected.keys()
        self.exact += right == expected.keys() and not wrong
        self.links += len(right)
        self.wrong += len(wrong)
        dates = [(found[url][0], expected[url][0]) for url in right]
        self.dates += sum(one == other and one is not None for one, other in dates)
        self.wrong_dates += sum(one not in (None, other) for one, other in dates)
        self.titles += sum(found[url][1] == expected[url][1] is not None for url in right)
        self.seconds += seconds
        cell = f"{len(right):,}" + (f" +{len(wrong):,}" if wrong else "")
        return cell if right == expected.keys() and not wrong else f"{cell} ✗"


def main() -> int:
    logging.disable(logging.ERROR)
    feeds = _compare(
        "feeds",
        {case.odd: (case, _expected(case.links)) for case in FEEDS.values()},
        ("ours", "feedparser", "trafilatura"),
    )
    sitemaps = _compare(
        "sitemaps",
        {
            case.odd: (case, _expected((*case.links, *case.children)))
            for case in SITEMAPS.values()
            # Nobody else can be asked for a number or a date.
            if case.since is None and case.most == MOST and (case.total or 0) <= MOST
        },
        ("ours", "trafilatura"),
    )
    return 0 if feeds and sitemaps else 1


def _compare(kind: str, cases: dict[str, tuple[OddFeed | OddSitemap, Found]], readers: tuple[str, ...]) -> bool:
    """Print a table; whether we found exactly what was to be found in every case."""
    tallies = {name: Tally() for name in readers}
    print(f"{kind:<72}{'links':>8}" + "".join(f"{name:>16}" for name in readers))
    for odd, (case, expected) in cases.items():
        cells = []
        for name, tally in tallies.items():
            start = time.process_time()
            found = _found(name, case)
            cells.append(tally.take(found, expected, time.process_time() - start))
        print(f"{odd[:71]:<72}{len(expected):>8,}" + "".join(f"{cell:>16}" for cell in cells))
    wanted = [one for _, expected in cases.values() for one in expected.values()]
    dates, titles = (sum(one[part] is not None for one in wanted) for part in (0, 1))
    for what, most, values in (
        ("cases exactly as expected", len(cases), [tally.exact for tally in tallies.values()]),
        ("links found", len(wanted), [tally.links for tally in tallies.values()]),
        ("links found that are none", 0, [tally.wrong for tally in tallies.values()]),
        ("dates of publication read", dates, [tally.dates for tally in tallies.values()]),
        ("dates read wrong", 0, [tally.wrong_dates for tally in tallies.values()]),
        ("titles as a reader would see them", titles, [tally.titles for tally in tallies.values()]),
    ):
        print(f"{what:<72}{most:>8,}" + "".join(f"{value:>16,}" for value in values))
    print(f"{'CPU seconds':<80}" + "".join(f"{tally.seconds:>16.1f}" for tally in tallies.values()) + "\n")
    return tallies["ours"].exact == len(cases)


def _found(reader: str, case: OddFeed | OddSitemap) -> Found:
    if reader == "ours":
        return _ours(case)
    if reader == "feedparser":
        return _feedparsers(case)
    return dict.fromkeys(map(_key, _trafilaturas(case)), (None, None))


def _ours(case: OddFeed | OddSitemap) -> Found:
    with suppress(UnreadableSource):
        if isinstance(case, OddFeed):
            return _expected(read_feed(case.body, url=case.url, content_type=case.content_type, now=NOW).links)
        sitemap = read_sitemap(
            case.body, url=case.url, content_type=case.content_type, now=NOW, since=case.since, most=case.most
        )
        return _expected((*sitemap.links, *sitemap.children))
    return {}


def _feedparsers(case: OddFeed | OddSitemap) -> Found:
    headers = {"content-type": case.content_type or "", "content-location": case.url}
    feed = feedparser.parse(io.BytesIO(case.body), response_headers=headers)
    found: Found = {}
    for entry in feed.entries:
        if entry.get("link"):
            date = None
            with suppress(ValueError, OverflowError, TypeError):  # no date, or one after the end of the calendar
                date = datetime.fromtimestamp(timegm(entry.get("published_parsed")), UTC)
            found.setdefault(_key(entry.link), (date, entry.get("title")))
    return found


def _trafilaturas(case: OddFeed | OddSitemap) -> list[str]:
    text = decode_file(case.body)
    base = case.url[: case.url.index("/", 8)]
    if isinstance(case, OddFeed):
        return [*extract_links(text, FeedParameters(base, host_of(case.url), case.url, external=True))]
    sitemap = SitemapObject(base, host_of(case.url), [], external=True)
    sitemap.content, sitemap.current_url = text, case.url
    sitemap.process()
    return [*sitemap.urls, *sitemap.sitemap_urls]


def _expected(links: Iterable[FoundLink]) -> Found:
    return {_key(link.url): (link.published_at, link.title) for link in links}


def _key(url: str) -> str:
    return canonical(url).rstrip("/")


if __name__ == "__main__":
    sys.exit(main())
