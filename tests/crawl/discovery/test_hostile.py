"""Bodies made to do harm, and bodies damaged at random: nothing is opened, nothing grows, nothing else is raised."""

from __future__ import annotations

import random
import subprocess
import sys
import textwrap

import pytest

from scraper.crawl.discovery.feeds import read_feed
from scraper.crawl.discovery.sitemaps import read_sitemap
from scraper.errors import NotAFeed, NotASitemap
from tests.crawl.discovery.odd_feeds import FEEDS, NOW, URL
from tests.crawl.discovery.odd_sitemaps import SITEMAPS

_WATCHED = textwrap.dedent(
    """
    import sys
    from contextlib import suppress
    from scraper.crawl.discovery.feeds import read_feed
    from scraper.crawl.discovery.sitemaps import read_sitemap
    from scraper.errors import UnreadableSource
    from tests.crawl.discovery.odd_feeds import FEEDS, NOW
    from tests.crawl.discovery.odd_sitemaps import SITEMAPS

    def read_all():
        for name, case in (*FEEDS.items(), *SITEMAPS.items()):
            if len(case.body) < 100_000 and "bomb" not in name:
                for read in (read_feed, read_sitemap):
                    with suppress(UnreadableSource):
                        read(case.body, url=case.url, content_type=case.content_type, now=NOW)

    def watch(event, details):
        if watching and event.split(".")[0] in ("open", "socket", "subprocess", "os", "urllib"):
            print(event, details)

    watching = False
    sys.addaudithook(watch)
    read_all()  # what is imported and read of the package itself
    watching = True
    read_all()
    open(sys.executable, "rb").close()  # the watch is awake
    """
)
_BOUNDED = textwrap.dedent(
    """
    import gzip, resource, sys
    from scraper.crawl.discovery.feeds import read_feed
    from scraper.crawl.discovery.sitemaps import read_sitemap
    from scraper.errors import UnreadableSource
    from tests.crawl.discovery.odd_feeds import NOW, URL, item, rss

    read_feed(rss(item()).encode(), url=URL, content_type=None, now=NOW)
    taken = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (taken + 700 * 1024**2,) * 2)
    bomb = gzip.compress(rss(item()).encode()) + gzip.compress(b" " * 10_000_000) * 400
    print(len(read_feed(bomb, url=URL, content_type=None, now=NOW).links))
    for piece in (b"\\0", b"<", b"{", b"<rss><!DOCTYPE rss ["):
        try:
            read_sitemap(gzip.compress(piece * 1_000_000) * 70, url=URL, content_type=None, now=NOW)
        except UnreadableSource as error:
            print(error.found)
    """
)


def _run(program: str) -> str:
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_nothing_is_opened_or_connected_to() -> None:
    (only,) = _run(_WATCHED).splitlines()
    assert only.startswith(f"open ('{sys.executable}'")


@pytest.mark.skipif(sys.platform != "linux", reason="address space is limited and measured as Linux does")
def test_bombs_do_not_fill_the_memory() -> None:
    assert _run(_BOUNDED).split() == ["1", "empty", "xml", "json", "feed"]


def test_damaged_bodies_are_read_or_refused() -> None:
    chance = random.Random(6)
    bodies = [case.body for case in (*FEEDS.values(), *SITEMAPS.values()) if 50 < len(case.body) < 5000]
    refused = 0
    for _ in range(600):
        body = bytearray(chance.choice(bodies))
        for _ in range(chance.randint(1, 4)):
            first = chance.randrange(len(body) + 1)
            last = first + chance.choice((0, 1, 5, 60))
            body[first:last] = chance.choice(
                (b"", b"<", b">", b"]]>", b"<!--", b"&", b"\0\xff", bytes(body[last : last + 40]))
            )
        try:
            read_feed(bytes(body), url=URL, content_type=None, now=NOW)
        except NotAFeed:
            refused += 1
        try:
            read_sitemap(bytes(body), url=URL, content_type=None, now=NOW)
        except NotASitemap:
            refused += 1
    assert 200 < refused < 1000


def test_more_entries_than_are_read() -> None:
    feed = read_feed(
        b"<rss><title>News</title>" + b"<item><link>/a</link></item>" * 50_001, url=URL, content_type=None, now=NOW
    )
    assert (feed.title, len(feed.links)) == ("News", 1)
    assert "only its first 50,000 items were read" in feed.notes
    sitemap = read_sitemap(b"http://a.example/\n" * 500_001, url=URL, content_type=None, now=NOW)
    assert (sitemap.total, len(sitemap.links)) == (500_000, 1)
    assert "only its first 500,000 entries were read" in sitemap.notes
