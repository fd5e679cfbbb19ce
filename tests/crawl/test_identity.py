"""Articles of a site that offers each of them in many ways: fetched, read and stored, each is shown once."""

from __future__ import annotations

import asyncio
import random
from contextlib import closing
from dataclasses import replace
from sqlite3 import connect
from typing import Any

import pytest

from scraper.crawl import ExtractionPool, archive_pages
from scraper.settings import FetchSettings
from scraper.store import Archive
from tests.http_server import HttpServer

SITE = "http://www.gazette.example"
WORDS = """
    council harbour ferry bridge school budget hospital tram library river market winter storm police mayor strike union
    teacher farmer doctor engineer festival museum theatre repair tender contract vote hearing report inquiry
""".split()


def sentences(seed: object, count: int) -> list[str]:
    chance = random.Random(f"{seed}")
    lines = []
    for _ in range(count):
        one, two, three, four = chance.sample(WORDS, 4)
        lines.append(
            f"The {one} and the {two} were discussed for {chance.randrange(2, 90)} minutes on Monday, said the {three},"
            f" who has watched the {four} of the town since {chance.randrange(1961, 2019)}."
        )
    return lines


class Story:
    """One article, and the pages that show it."""

    def __init__(self, number: int) -> None:
        chance = random.Random(number)
        self.headline = (
            f"{chance.choice(WORDS).title()} and {chance.choice(WORDS)} divide the lower town, part {number}"
        )
        self.path = f"/politics/{'-'.join(self.headline.lower().replace(',', '').split())}-{48000 + number}"
        self.paragraphs = [" ".join(sentences(f"{number}-{at}", 3)) for at in range(8)]

    @property
    def url(self) -> str:
        return SITE + self.path

    def html(self, *, canonical: str | None, frame: bool = True) -> str:
        link = f'<link rel="canonical" href="{canonical}">' if canonical else ""
        text = "".join(f"<p>{paragraph}</p>" for paragraph in self.paragraphs)
        around = '<nav><a href="/">Home</a> <a href="/politics/">Politics</a></nav>' if frame else ""
        foot = '<footer><p>The Gazette, Mill Lane 4</p><a href="/imprint">Imprint</a></footer>' if frame else ""
        return (
            f"<!doctype html><html lang=en><head><title>{self.headline} - The Gazette</title>{link}"
            f'<meta property="og:type" content="article">'
            f'<meta property="article:published_time" content="2024-07-22T09:00:00+01:00"></head><body>{around}'
            f"<main><article><h1>{self.headline}</h1><p>By Ada Bell</p>{text}</article></main>{foot}</body></html>"
        )


def serve(server: HttpServer, story: Story, *, canonical: bool) -> list[str]:
    """Offer it in every way, each of which names the clean address or none does; the addresses."""
    named = story.url if canonical else None
    for path in ("", "/", "/index.html"):
        server.page(story.path + path, story.html(canonical=named))
    for path in (f"{story.path}/amp/", f"/amp{story.path}", f"{story.path}.amp.html", f"/print{story.path}"):
        server.page(path, story.html(canonical=named, frame=False))
    region = story.path.replace("/politics/", "/region/")
    server.page(region, story.html(canonical=named))
    server.redirect(f"/short/{story.path[-5:]}", story.url)
    marks = "?utm_source=feed ?fbclid=x1 ?ref=home ?src=rss&x=2 ?amp=1 ?outputType=amp ?print=1 ?PHPSESSID=a1".split()
    encoded = story.path.replace("politics", "%70olitics")
    server.page(encoded, story.html(canonical=named))
    hosts = ("http://gazette.example", "http://m.gazette.example", "http://amp.gazette.example")
    return [
        *(story.url + mark for mark in ("", "/", "/index.html", "/amp/", ".amp.html", *marks)),
        SITE + encoded,
        *(host + story.path for host in hosts),
        f"{SITE}/amp{story.path}",
        f"{SITE}/print{story.path}",
        SITE + region,
        f"{SITE}/short/{story.path[-5:]}",
    ]


def archive_all(urls: list[str], server: HttpServer, archive: Archive, pool: Any) -> None:
    base = FetchSettings(allow_private=True, connect_to=(f"::127.0.0.1:{server.port}",), delay=0.0, timeout=10.0)
    settings = replace(base, ignore_robots=True)
    asyncio.run(archive_pages(urls, archive=archive, settings=settings, pool=pool))


def articles(archive: Archive) -> list[tuple[str, str]]:
    with closing(connect(archive.path)) as sql:
        return sql.execute(
            "SELECT pages.url, headline FROM articles JOIN pages USING (id) WHERE verdict IN ('ok', 'paywall')"
        ).fetchall()


@pytest.mark.parametrize("canonical", [True, False])
def test_every_article_is_shown_once(
    server: HttpServer, archive: Archive, pool: ExtractionPool, canonical: bool
) -> None:
    stories = [Story(1), Story(2)]
    urls = [url for story in stories for url in serve(server, story, canonical=canonical)]
    random.Random(5).shuffle(urls)
    archive_all(urls, server, archive, pool)
    shown = articles(archive)
    assert sorted(headline for _, headline in shown) == sorted(story.headline for story in stories)
    if canonical:
        assert sorted(shown) == sorted((story.url, story.headline) for story in stories)
    ids = {archive.page(url).id for url, _ in shown}
    assert {archive.article(url).id for url in urls} == ids
    assert archive.stats().captures == len(urls)


def test_a_template_that_names_one_address_everywhere(
    server: HttpServer, archive: Archive, pool: ExtractionPool
) -> None:
    """Each article is shown, though they all say that they are one."""
    stories = [Story(number) for number in range(3)]
    for story in stories:
        server.page(story.path, story.html(canonical=f"{SITE}/politics/the-latest-news-of-the-town"))
    archive_all([story.url for story in stories], server, archive, pool)
    assert len(articles(archive)) == 3


def test_a_deleted_article_that_leads_to_the_home_page(
    server: HttpServer, archive: Archive, pool: ExtractionPool
) -> None:
    story, front = Story(1), Story(2)
    server.page(story.path, story.html(canonical=None))
    server.page("/", front.html(canonical=None))
    archive_all([story.url], server, archive, pool)
    server.redirect(story.path, "/")
    archive_all([story.url], server, archive, pool)
    assert articles(archive) == [(story.url, story.headline)]
    assert archive.page(story.url).gone_reason == "redirected_home"
    assert [seen.revision for seen in archive.history(story.url)] == [1, None]
