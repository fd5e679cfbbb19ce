"""A whole crawl: an outlet on a real server, from its home page to the archive, again and again on a moved clock."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from scraper.crawl import CrawlSummary, ExtractionPool, PageDone, SourceDone, archive_pages, crawl
from scraper.crawl.jobs import JobOptions, Start, claim_job, finish_job_run, keep_typed
from scraper.crawl.unread import read_unread
from scraper.errors import NotInArchive
from scraper.store import Archive
from tests.crawl.test_pipeline import settings
from tests.http_server import HttpServer, Request, Script, stall

HOST = "http://outlet.example"


PARAGRAPHS = (
    "The council of the harbour town met on Tuesday evening to talk about the {slug}, and the hall was so full that"
    " some of those who had come listened from the stairs, where the windows were open in spite of the rain.",
    "“Nobody in this room wants to wait another year,” said Maren Holt, who speaks for the shopkeepers along the quay."
    " She handed over a list of nine hundred names, collected since the spring at the market and in both schools.",
    "The treasurer answered that the money was there but could not be spent before the county had given its consent,"
    " which is expected in the second week of next month. Until then, he said, everything remains as it was.",
    "Older residents remember that the same question was put before the council in 1987, when a storm had taken away"
    " part of the sea wall; then, too, the decision was put off, and the repair in the end cost twice as much.",
    "A vote was taken shortly before eleven. Twelve members were in favour, four against, and three of them left before"
    " the count was read out. The minutes will be laid out in the library from Friday on, as the law demands.",
)


class Clock:
    """The real time, and what was added to it."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def archive(tmp_path: Path, clock: Clock) -> Iterator[Archive]:
    with Archive.open(tmp_path / "archive.db", write=True, clock=clock) as opened:
        yield opened


class Outlet:
    """A small news site: `articles` by slug, the newest first; it writes its pages anew when asked to."""

    def __init__(self, server: HttpServer, clock: Clock) -> None:
        self.server = server
        self.clock = clock
        self.articles: dict[str, tuple[str, datetime]] = {}
        self.feed = self.sitemap = True
        server.page("/robots.txt", "User-agent: *\nDisallow: /private/\n", type="text/plain")

    def publish(self, slug: str, headline: str, *, ago: timedelta = timedelta()) -> None:
        self.articles[slug] = (headline, self.clock() - ago)
        self.show(slug)
        self.list()

    def show(self, slug: str, *, more: str = "") -> None:
        headline, at = self.articles[slug]
        text = "".join(f"<p>{paragraph.format(headline=headline, slug=slug)}</p>" for paragraph in PARAGRAPHS)
        self.server.page(
            f"/news/{slug}.html",
            f'<html lang="en"><head><title>{headline} - The Outlet</title>'
            f'<meta property="article:published_time" content="{at.isoformat(timespec="seconds")}"></head>'
            f'<body><nav><a href="/">Home</a> <a href="/about">About us</a></nav><main><article><h1>{headline}</h1>'
            f"{text}{more}</article></main></body></html>",
        )

    def list(self) -> None:
        links = "".join(
            f'<article><h2><a href="/news/{slug}.html">{headline} and what the council says about it</a></h2></article>'
            for slug, (headline, _) in reversed(self.articles.items())
        )
        announced = '<link rel="alternate" type="application/rss+xml" href="/feed.xml">' if self.feed else ""
        self.server.page(
            "/",
            f"<html><head><title>The Outlet</title>{announced}</head><body><nav><a href='/about'>About us</a>"
            f"<a href='/login'>Log in</a></nav><main>{links}</main></body></html>",
        )
        self.server.page("/about", "<html><title>About us</title><h1>About us</h1><p>We are an outlet.</p></html>")
        if self.feed:
            items = "".join(
                f"<item><title>{headline}</title><link>{HOST}/news/{slug}.html?utm_source=rss</link>"
                f"<pubDate>{format_datetime(at)}</pubDate></item>"
                for slug, (headline, at) in list(reversed(self.articles.items()))[:2]
            )
            self.server.page(
                "/feed.xml",
                f'<rss version="2.0"><channel><title>The Outlet</title>{items}</channel></rss>',
                type="application/rss+xml",
            )
        if self.sitemap:
            urls = "".join(f"<url><loc>{HOST}/news/{slug}.html</loc></url>" for slug in self.articles)
            self.server.page(
                "/sitemap.xml",
                '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
                f"{urls}<url><loc>{HOST}/tag/harbour/</loc></url></urlset>",
                type="application/xml",
            )


@pytest.fixture
def outlet(server: HttpServer, clock: Clock) -> Outlet:
    outlet = Outlet(server, clock)
    for number, slug in enumerate(("ferry-timetable", "library-hours", "bridge-toll")):
        outlet.publish(slug, f"Headline of the {slug}", ago=timedelta(hours=3 - number))
    return outlet


def go(
    archive: Archive, server: HttpServer, pool: ExtractionPool, *starts: Start, **options: Any
) -> tuple[CrawlSummary, list[PageDone | SourceDone]]:
    job = keep_typed(archive, starts or (Start("site", f"{HOST}/"),), JobOptions(**options))
    run_id = claim_job(archive, job)
    seen: list[PageDone | SourceDone] = []
    summary = asyncio.run(
        crawl(job, archive=archive, settings=settings(server), pool=pool, run_id=run_id, report=seen.append)
    )
    finish_job_run(archive, run_id, "done", summary.as_dict())
    return summary, seen


def rows(archive: Archive, sql: str) -> list[tuple[Any, ...]]:
    with sqlite3.connect(archive.path) as other:
        return other.execute(sql).fetchall()


def paths(server: HttpServer) -> list[str]:
    asked = [request.path for request in server.requests]
    server.requests.clear()
    return asked


def test_from_a_home_page_alone(archive: Archive, server: HttpServer, pool: ExtractionPool, outlet: Outlet) -> None:
    summary, _ = go(archive, server, pool)
    counts = summary.of_site("outlet.example")
    assert (counts.new, counts.failed, summary.fetched) == (3, 0, 3)
    assert {article.headline for article in archive.articles()} == {name for name, _ in outlet.articles.values()}
    assert set(rows(archive, "SELECT kind, error FROM sources WHERE state = 'active'")) >= {
        ("home", None),
        ("feed", None),
        ("sitemap", None),
    }
    assert rows(archive, "SELECT count(*) FROM frontier WHERE state = 'skipped' AND reason IS NULL") == [(0,)]
    assert ("skipped",) in rows(archive, "SELECT state FROM frontier WHERE url LIKE '%/tag/harbour/'")
    asked = paths(server)
    assert len(asked) == len(set(asked))  # nothing twice
    assert asked[0] == "/robots.txt"


def test_the_newest_article_comes_first(
    archive: Archive, server: HttpServer, pool: ExtractionPool, outlet: Outlet
) -> None:
    go(archive, server, pool, limit=1)
    assert [article.headline for article in archive.articles()] == ["Headline of the bridge-toll"]
    summary, _ = go(archive, server, pool, limit=1)
    assert (summary.stopped, summary.waiting) == ("limit", 1)
    assert len(list(archive.articles())) == 2


def test_a_second_run_fetches_what_is_new_and_what_is_due(
    archive: Archive, server: HttpServer, pool: ExtractionPool, outlet: Outlet, clock: Clock
) -> None:
    go(archive, server, pool)
    paths(server)
    outlet.publish("harbour-wall", "Headline of the harbour-wall")
    summary, _ = go(archive, server, pool)
    assert summary.of_site("outlet.example").new == 1
    assert [path for path in paths(server) if path.startswith("/news/")] == ["/news/harbour-wall.html"]
    clock.ahead = timedelta(minutes=70)
    outlet.show("bridge-toll", more="<p>Correction: an earlier version of this article named another street.</p>")
    summary, _ = go(archive, server, pool)
    counts = summary.of_site("outlet.example")
    assert (counts.new, counts.changed, counts.unchanged) == (0, 1, 3)
    assert [edit.url for edit in archive.changes()] == [f"{HOST}/news/bridge-toll.html"]
    clock.ahead = timedelta(minutes=100)
    assert go(archive, server, pool)[0].fetched == 0


def test_what_is_gone_keeps_its_text(
    archive: Archive, server: HttpServer, pool: ExtractionPool, outlet: Outlet, clock: Clock
) -> None:
    go(archive, server, pool)
    server.page("/news/bridge-toll.html", "<h1>Not found</h1>", status=410)
    server.redirect("/news/library-hours.html", "/")
    clock.ahead = timedelta(hours=2)
    summary, _ = go(archive, server, pool)
    assert summary.of_site("outlet.example").gone == 2
    gone = "SELECT url, reason FROM frontier WHERE state = 'gone' ORDER BY url"
    assert rows(archive, gone) == [
        (f"{HOST}/news/bridge-toll.html", "http_410"),
        (f"{HOST}/news/library-hours.html", "redirected_home"),
    ]
    assert len([article for article in archive.articles() if article.body]) == 3


def test_sources_that_are_gone_are_noted_and_stop_nothing(
    archive: Archive, server: HttpServer, pool: ExtractionPool, outlet: Outlet
) -> None:
    server.page("/feed.xml", "<html><h1>Our feeds have moved</h1></html>")
    server.page("/sitemap.xml", "oops", status=500)
    summary, _ = go(archive, server, pool, Start("site", f"{HOST}/"), Start("feed", f"{HOST}/missing.xml"))
    assert summary.of_site("outlet.example").new == 3
    assert summary.starts_failed == 1
    failed = dict(rows(archive, "SELECT url, error FROM sources WHERE error IS NOT NULL AND state = 'active'"))
    assert failed == {f"{HOST}/sitemap.xml": "http_500"}
    assert rows(archive, "SELECT error FROM sources WHERE url LIKE '%/missing.xml'") == [("http_404",)]


def test_a_source_that_is_none_stays_none(
    archive: Archive, server: HttpServer, pool: ExtractionPool, outlet: Outlet
) -> None:
    server.page("/feed.xml", "<html><h1>Our feeds have moved</h1></html>")
    for _ in range(2):
        summary, _ = go(archive, server, pool, Start("feed", f"{HOST}/feed.xml"))
        assert summary.starts_failed == 1
        assert rows(archive, "SELECT error FROM sources WHERE kind = 'feed'") == [("no_feed",)]


def test_a_source_is_looked_at_again_where_the_clock_was_set_back(
    archive: Archive, server: HttpServer, pool: ExtractionPool, outlet: Outlet, clock: Clock
) -> None:
    """It does not wait until the clock has caught up with the last look."""
    outlet.feed = False
    outlet.list()
    server.page("/feed.xml", "none", status=404)
    clock.ahead = timedelta(days=300)
    go(archive, server, pool)
    assert ("absent",) in rows(archive, "SELECT state FROM sources WHERE url LIKE '%/feed.xml'")
    clock.ahead = timedelta()
    outlet.feed = True
    outlet.list()
    home = server._answers["/"]
    server.page("/", home.body.replace(b'rel="alternate"', b'rel="nothing"'))  # type: ignore[union-attr]
    go(archive, server, pool)
    assert rows(archive, "SELECT state, error FROM sources WHERE url LIKE '%/feed.xml'") == [("active", None)]


def test_robots_txt_holds_for_sources_and_pages(
    archive: Archive, server: HttpServer, pool: ExtractionPool, outlet: Outlet
) -> None:
    server.page("/robots.txt", "User-agent: *\nDisallow: /news/library\nDisallow: /feed\n", type="text/plain")
    summary, _ = go(archive, server, pool)
    asked = paths(server)
    assert not [path for path in asked if path.startswith(("/news/library", "/feed"))]
    assert summary.reasons == {"robots_denied": 1}
    assert rows(archive, "SELECT reason FROM frontier WHERE url LIKE '%library%'") == [("robots_denied",)]


def test_dates_and_patterns_limit_what_is_fetched(
    archive: Archive, server: HttpServer, pool: ExtractionPool, outlet: Outlet, clock: Clock
) -> None:
    outlet.publish("old-story", "Headline of the old-story", ago=timedelta(days=40))
    outlet.articles = dict(sorted(outlet.articles.items(), key=lambda item: item[1][1]))
    outlet.articles["old-story"] = outlet.articles.pop("old-story")
    outlet.list()
    go(archive, server, pool, Start("feed", f"{HOST}/feed.xml"), since=str(clock().date() - timedelta(days=10)))
    assert dict(rows(archive, "SELECT url, reason FROM frontier WHERE state = 'skipped'")) == {
        f"{HOST}/news/old-story.html": "too_old"
    }
    assert [article.headline for article in archive.articles()] == ["Headline of the bridge-toll"]
    go(archive, server, pool, Start("sitemap", f"{HOST}/sitemap.xml"), exclude=("/news/library*",))
    assert ("excluded",) in rows(archive, "SELECT reason FROM frontier WHERE url LIKE '%library%'")


def test_articles_in_other_languages_are_left_alone(
    archive: Archive, server: HttpServer, pool: ExtractionPool, outlet: Outlet, clock: Clock
) -> None:
    summary, _ = go(archive, server, pool, languages=("uk",))
    assert summary.of_site("outlet.example").new == 0
    assert summary.reasons == {"other_language": 3}
    clock.ahead = timedelta(days=2)
    assert go(archive, server, pool, languages=("uk",))[0].fetched == 0


def test_links_are_followed_as_deep_as_asked(archive: Archive, server: HttpServer, pool: ExtractionPool) -> None:
    outlet = Outlet(server, Clock())
    outlet.feed = outlet.sitemap = False
    for slug in ("first-step", "second-step", "third-step"):
        outlet.publish(slug, f"Headline of the {slug}")
    for slug, following in (("first-step", "second-step"), ("second-step", "third-step")):
        outlet.show(slug, more=f'<p>The council said so <a href="/news/{following}.html">in the second report</a>.</p>')
    outlet.articles = {"first-step": outlet.articles["first-step"]}
    outlet.list()
    go(archive, server, pool, depth=1)
    assert {article.headline for article in archive.articles()} == {
        "Headline of the first-step",
        "Headline of the second-step",
    }


def split(outlet: Outlet, slug: str, *, ends: int = 3) -> None:
    """Spread an article over numbered pages, two paragraphs on each."""
    headline, at = outlet.articles[slug]
    for number in range(1, ends + 1):
        text = "".join(
            f"<p>On page {number} of {slug}: {paragraph.format(slug=slug)}</p>"
            for paragraph in PARAGRAPHS[number - 1 : number + 2]
        )
        pager = "".join(
            f'<a href="/news/{slug}.html{f"?page={other}" if other > 1 else ""}">{other}</a>'
            for other in range(1, ends + 1)
            if other != number
        )
        following = f'<link rel="next" href="/news/{slug}.html?page={number + 1}">' if number < ends else ""
        outlet.server.page(
            f"/news/{slug}.html" + (f"?page={number}" if number > 1 else ""),
            f'<html lang="en"><head><title>{headline}</title>{following}'
            f'<meta property="article:published_time" content="{at.isoformat(timespec="seconds")}"></head><body><main>'
            f"<article><h1>{headline}</h1>{text}</article><div class='pagination'>{pager}</div></main></body></html>",
        )


def test_an_article_on_several_pages_is_one(
    archive: Archive, server: HttpServer, pool: ExtractionPool, outlet: Outlet, clock: Clock
) -> None:
    split(outlet, "bridge-toll")
    summary, _ = go(archive, server, pool)
    article = archive.article(f"{HOST}/news/bridge-toll.html")
    for number in (1, 2, 3):
        assert f"On page {number} of bridge-toll" in (article.body or "")
    assert article.word_count > 400
    assert len(list(archive.articles())) == 3
    asked = paths(server)
    assert asked.count("/news/bridge-toll.html") == 3
    # Nothing has changed, then a further page has; and one that cannot be had cuts nothing off.
    clock.ahead = timedelta(minutes=70)
    go(archive, server, pool)
    assert list(archive.changes()) == []
    split(outlet, "bridge-toll", ends=4)
    clock.ahead = timedelta(hours=7)
    go(archive, server, pool)
    assert "On page 4" in (archive.article(f"{HOST}/news/bridge-toll.html").body or "")
    assert len(list(archive.changes())) == 1
    split(outlet, "bridge-toll", ends=5)
    server.page("/news/bridge-toll.html?page=5", "oops", status=500)
    clock.ahead = timedelta(hours=30)
    summary, _ = go(archive, server, pool)
    assert summary.reasons == {"extraction": 1}
    assert len(list(archive.changes())) == 1
    # What is read again is joined again.
    captures = [capture.id for capture in archive.captures(f"{HOST}/news/bridge-toll.html")]
    assert [len(archive.parts(capture_id)) for capture_id in sorted(captures)] == [2, 0, 3, 0]


def test_an_article_on_several_pages_is_whole_when_the_run_was_stopped_in_it(
    archive: Archive, server: HttpServer, pool: ExtractionPool, outlet: Outlet
) -> None:
    split(outlet, "bridge-toll")
    second = "/news/bridge-toll.html?page=2"
    server.script(second, stall())
    job = keep_typed(archive, (Start("site", f"{HOST}/"),), JobOptions())

    async def stop_while_the_second_page_is_awaited() -> None:
        run_id = claim_job(archive, job)
        running = asyncio.create_task(crawl(job, archive=archive, settings=settings(server), pool=pool, run_id=run_id))
        while not any(request.target == second for request in server.requests):
            await asyncio.sleep(0.05)
            assert not running.done()
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        finish_job_run(archive, run_id, "interrupted", {})
        # Another command that reads what lies about must not cut the article short.
        await read_unread(archive, pool)

    asyncio.run(stop_while_the_second_page_is_awaited())
    with pytest.raises(NotInArchive):
        archive.article(f"{HOST}/news/bridge-toll.html")
    split(outlet, "bridge-toll")
    paths(server)
    go(archive, server, pool)
    article = archive.article(f"{HOST}/news/bridge-toll.html")
    for number in (1, 2, 3):
        assert f"On page {number} of bridge-toll" in (article.body or "")
    assert article.revision == 1
    assert "/news/bridge-toll.html" not in [request.target for request in server.requests]
    assert rows(archive, "SELECT state, taken_by FROM frontier WHERE url LIKE '%bridge-toll.html'") == [("done", None)]


def test_a_redirect_waits_as_another_page_would(archive: Archive, server: HttpServer, pool: ExtractionPool) -> None:
    times: list[float] = []

    def told(to: str) -> Script:
        async def answer(_: Request, writer: asyncio.StreamWriter) -> None:
            times.append(time.monotonic())
            writer.write(f"HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n".encode())
            await writer.drain()

        return answer

    server.script("/old", told("/older"))
    server.script("/older", told("/oldest"))
    server.script("/oldest", told("/old"))
    asyncio.run(
        archive_pages(
            [f"{HOST}/old"], archive=archive, settings=settings(server, delay=0.2, max_redirects=3), pool=pool
        )
    )
    assert len(times) == 3  # then it goes in a circle
    assert min(later - earlier for earlier, later in pairwise(times)) >= 0.2


def test_all_pages_of_a_list_are_met_once(archive: Archive, server: HttpServer, pool: ExtractionPool) -> None:
    """Its second page holds nothing that the home page does not; the third does."""
    outlet = Outlet(server, Clock())
    outlet.feed = outlet.sitemap = False
    slugs = [f"story-about-harbour-{number}" for number in range(12)]
    for slug in slugs:
        outlet.publish(slug, f"Headline of the {slug}")
    outlet.articles = {slug: outlet.articles[slug] for slug in slugs[4:]}
    outlet.list()
    home = server._answers["/"]
    menu = b'<nav><a href="/politics/">Politics</a><a href="/about">About us</a>'
    server.page("/", home.body.replace(b"<nav><a href='/about'>About us</a>", menu))  # type: ignore[union-attr]
    for number, listed in enumerate((slugs[8:], slugs[4:8], slugs[:4]), 1):
        links = "".join(f'<h2><a href="/news/{slug}.html">Headline of the {slug} and more</a></h2>' for slug in listed)
        following = (
            f'<a class="next" rel="next" href="/politics/page/{number + 1}/">Older posts</a>' if number < 3 else ""
        )
        path = "/politics/" if number == 1 else f"/politics/page/{number}/"
        server.page(
            path, f"<html><title>Politics</title><nav><a href='/'>Home</a></nav><main>{links}{following}</main></html>"
        )
    summary, _ = go(archive, server, pool)
    assert summary.of_site("outlet.example").new == 12
    paths(server)
    go(archive, server, pool)
    assert [path for path in paths(server) if "/page/" in path] == []


def rss(*paths: str) -> str:
    items = "".join(f"<item><title>Of {path}</title><link>{HOST}{path}</link></item>" for path in paths)
    return f'<rss version="2.0"><channel><title>Politics</title>{items}</channel></rss>'


def section(server: HttpServer, name: str, slug: str, *feeds: str) -> None:
    """A section page that lists one article, and announces feeds."""
    announced = "".join(f'<link rel="alternate" type="application/rss+xml" href="{feed}">' for feed in feeds)
    server.page(
        f"/{name}/",
        f"<html><head><title>{name}</title>{announced}</head><body><nav><a href='/'>Home</a></nav><main><h2>"
        f'<a href="/news/{slug}.html">Headline of the {slug} and what the council says about it</a></h2></main></body>',
    )


def test_feeds_that_only_a_section_announces_are_found(
    archive: Archive, server: HttpServer, pool: ExtractionPool, outlet: Outlet
) -> None:
    outlet.feed = outlet.sitemap = False
    outlet.publish("told-by-the-feed-alone", "Headline of the told-by-the-feed-alone")
    del outlet.articles["told-by-the-feed-alone"]
    outlet.list()
    home = server._answers["/"]
    menu = b"<nav><a href='/politics/'>Politics</a><a href='/sport/'>Sport</a>"
    server.page("/", home.body.replace(b"<nav>", menu))  # type: ignore[union-attr]
    comments = '/comments/feed/" title="The Outlet - Comments Feed'
    section(server, "politics", "bridge-toll", "/politics/feed/", "/feed/main.xml", comments)
    section(server, "sport", "bridge-toll", *(f"/sport/{number}/feed/" for number in range(30)))
    server.page("/politics/feed/", rss("/news/told-by-the-feed-alone.html"), type="application/rss+xml")
    server.page("/feed/main.xml", rss("/news/bridge-toll.html"), type="application/rss+xml")
    for slug in ("bridge-toll", "library-hours"):  # each article announces the comments on it
        body = server._answers[f"/news/{slug}.html"].body.decode()  # type: ignore[union-attr]
        own = f'<link rel="alternate" type="application/rss+xml" href="/news/{slug}.html/feed/">'
        server.page(f"/news/{slug}.html", body.replace("</head>", f"{own}</head>"))
    go(archive, server, pool)
    assert "Headline of the told-by-the-feed-alone" in {article.headline for article in archive.articles()}
    asked = paths(server)
    assert [path for path in asked if path.startswith(("/comments", "/news/")) and "feed/" in path] == []
    found = rows(
        archive,
        "SELECT url FROM sources WHERE kind = 'feed' AND parent_id IN (SELECT id FROM sources WHERE kind = 'section')",
    )
    assert len(found) == 20
    assert {f"{HOST}/politics/feed/", f"{HOST}/feed/main.xml"} <= {url for (url,) in found}
    go(archive, server, pool)
    again = rows(
        archive,
        "SELECT count(*) FROM sources WHERE kind = 'feed' AND parent_id IN"
        " (SELECT id FROM sources WHERE kind = 'section')",
    )
    assert again == [(20,)]


def test_a_section_that_a_user_named_is_all_that_is_looked_at(
    archive: Archive, server: HttpServer, pool: ExtractionPool, outlet: Outlet
) -> None:
    section(server, "politics", "bridge-toll", "/politics/feed/")
    server.page("/politics/feed/", rss("/news/library-hours.html"), type="application/rss+xml")
    go(archive, server, pool, Start("section", f"{HOST}/politics/"))
    assert "/politics/feed/" not in paths(server)


def test_a_list_that_was_taken_for_an_article_is_looked_at(
    archive: Archive, server: HttpServer, pool: ExtractionPool
) -> None:
    outlet = Outlet(server, Clock())
    outlet.feed = outlet.sitemap = False
    slugs = [f"story-about-harbour-{number}" for number in range(4)]
    for slug in slugs:
        outlet.publish(slug, f"Headline of the {slug}")
    linked = [f'<a href="/news/{slug}.html">Headline of the {slug} and what the council says</a>' for slug in slugs]
    cards = "".join(f"<article><h2>{link}</h2></article>" for link in linked)
    server.page(
        "/list.aspx?cid=4", f"<html><title>Older stories</title><h1>Older stories</h1><main>{cards}</main></html>"
    )
    server.page(
        "/feed.xml",
        f'<rss version="2.0"><channel><item><link>{HOST}/list.aspx?cid=4</link></item></channel></rss>',
        type="application/rss+xml",
    )
    go(archive, server, pool, Start("feed", f"{HOST}/feed.xml"))
    assert rows(archive, "SELECT reason LIKE 'not_article%' FROM frontier WHERE url LIKE '%cid=4'") == [(1,)]
    assert {article.headline for article in archive.articles() if article.body} == {
        f"Headline of the {slug}" for slug in slugs
    }
