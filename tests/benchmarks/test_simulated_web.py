"""The simulated web: the same for the same seed, true to its own truth, and a sharp observer of manners."""

from __future__ import annotations

import gzip
import html
import http.client
import json
import re
import signal
import socket
import subprocess
import sys
import time
from collections import Counter, deque
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from urllib.parse import urljoin, urlsplit
from xml.etree import ElementTree

import pytest
from selectolax.lexbor import LexborHTMLParser

from benchmarks.simulated_web import EPOCH, Article, Entry, Incident, SimulatedClock, SimulatedWeb, Watch, World
from benchmarks.simulated_web.answers import Answer, Web
from benchmarks.simulated_web.outlets import Outlet
from benchmarks.simulated_web.places import ArticleAt, ListAt, PageAt
from benchmarks.simulated_web.profiles import HABITS, profiles
from benchmarks.simulated_web.prose import language
from benchmarks.simulated_web.themes import THEMES
from scraper.extract import extract

AGENT = "simulated-test/1.0 (+http://crawler.example/)"
HOUR = timedelta(hours=1)
LATER = EPOCH + timedelta(days=60)
"""When everything has happened."""


@pytest.fixture(scope="module")
def world() -> World:
    """All outlets, with few articles each."""
    return World(articles=1_600)


@pytest.fixture(scope="module")
def web(world: World) -> Web:
    return Web(world, slowness=0)


@pytest.fixture
def clock(tmp_path: Path) -> SimulatedClock:
    return SimulatedClock(tmp_path / "clock", start=EPOCH)


@pytest.fixture
def served(clock: SimulatedClock) -> Iterator[SimulatedWeb]:
    with SimulatedWeb(World(outlets=18, articles=180), clock) as started:
        yield started


def get(web: Web, url: str, now: datetime, **headers: str) -> Answer:
    """The answer; asked for again where it is one that fails at first."""
    parts = urlsplit(url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    answer = web.answer(parts.hostname or "", target, now, headers)
    if answer.mishap or answer.status in (500, 502):
        answer = web.answer(parts.hostname or "", target, now, headers)
    return answer


def plain_articles(outlet: Outlet, now: datetime) -> list[Article]:
    return [one for one in outlet.articles if one.is_out(now) and not one.wall and not one.hidden and one.parts == 1]


def with_habit(world: World, habit: str) -> Outlet:
    return next(outlet for outlet in world.outlets if outlet.has(habit))


# What it is made of


def test_the_same_seed_makes_the_same_web() -> None:
    one, other, different = (World(outlets=6, articles=60, seed=seed) for seed in (1, 1, 2))
    urls = [outlet.addresses.article(article) for outlet in one.outlets for article in outlet.articles]
    assert len(urls) == 60 == len(set(urls))
    again = [outlet.addresses.article(article) for outlet in other.outlets for article in outlet.articles]
    assert urls == again
    assert urls != [outlet.addresses.article(article) for outlet in different.outlets for article in outlet.articles]
    webs = [Web(world) for world in (one, other)]
    for url in [*one.homes, *urls[::7]]:
        for now in (one.epoch, one.end):
            assert len({get(web, url, now) for web in webs}) == 1


def test_a_full_web_is_as_it_was_asked_for() -> None:
    world = World()
    articles = [article for outlet in world.outlets for article in outlet.articles]
    counts = [len(outlet.articles) for outlet in world.outlets]
    assert (len(world.outlets), len(articles)) == (50, 5_000)
    assert min(counts) >= 15
    assert max(counts) >= 350
    new = [article for article in articles if article.published > world.epoch]
    assert 0.25 < len(new) / len(articles) < 0.35
    assert all(article.published < world.end for article in articles)
    assert sum(len(article.editions) - 1 for article in articles) > 800
    assert {article.deletion for article in articles} == {None, "404", "410", "home", "soft_404"}
    assert {article.wall for article in articles} == {None, "paywall", "consent", "bot_403", "bot_503", "login"}
    assert sum(article.moved_at is not None for article in articles) > 50
    tokens = [token for article in articles for token in article.tokens]
    assert len(set(tokens)) == len(tokens)


def test_every_habit_and_theme_occurs() -> None:
    assert {profile.theme for profile in profiles()} == set(THEMES)
    assert {habit for profile in profiles() for habit in profile.habits} == set(HABITS)
    assert {profile.trouble for profile in profiles()} == {None, "slow", "broken", "limited"}
    assert {profile.validators for profile in profiles()} == {"none", "etag", "modified", "weak", "lying"}
    assert {profile.robots for profile in profiles()} == {"open", "strict", "delay", "missing", "broken"}


def test_more_outlets_than_are_written_down() -> None:
    world = World(outlets=53, articles=300)
    assert len(world.by_host) >= 53
    assert sum(len(outlet.articles) for outlet in world.outlets) >= 300
    with pytest.raises(ValueError, match="outlets"):
        World(outlets=101)


@pytest.mark.parametrize("code", ["en", "uk", "ar", "zh", "ja"])
def test_invented_names_are_never_the_same(code: str) -> None:
    words = language(code)
    numbers = [*range(5_000), *range(100_000, 105_000), *range(4_900_000, 4_905_000)]
    assert len({words.token(number) for number in numbers}) == len(numbers)


# Pages


def test_articles_of_every_outlet_can_be_read(world: World, web: Web) -> None:
    """The text is an article's to the extractor, whatever the theme: what a crawl then lacks is the crawler's fault."""
    for outlet in world.outlets:
        article = plain_articles(outlet, world.end)[-1]
        url = outlet.addresses.article(article, world.end)
        answer = get(web, url, world.end)
        read = extract(answer.body, url=url, content_type=answer.header("content-type"), captured_at=world.end)
        edition = article.editions[article.edition_at(world.end)]
        assert (read.verdict, read.headline) == ("ok", edition.headline), url
        assert sum(token in (read.body or "") for token in article.tokens) >= 2, url


def test_themes_say_where_their_fields_are(world: World, web: Web) -> None:
    """For site files that are written for them, and broken by another layout."""
    for outlet in world.outlets:
        article = next(one for one in plain_articles(outlet, world.end) if one.editions[-1].authors)
        answer = get(web, outlet.addresses.article(article, world.end), world.end)
        page = LexborHTMLParser(answer.body.decode(outlet.profile.encoding))
        found = {name: page.css_first(place) for name, place in THEMES[outlet.profile.theme].selectors.items()}
        assert None not in found.values(), (outlet.profile.theme, found)
        edition = article.editions[article.edition_at(world.end)]
        assert found["headline"].text(strip=True) == edition.headline
        assert all(token in found["body"].text() for token in article.tokens)
        assert edition.authors == () or edition.authors[0] in found["authors"].text()


def test_addresses_lead_to_their_articles(world: World, web: Web) -> None:
    """Every address of every article, when all has happened, with and without parameters that nobody knows."""
    statuses: Counter[int] = Counter()
    gone = {"404": (404,), "410": (410,), "home": (302,), "soft_404": (200,)}
    walled = {"bot_403": (403,), "bot_503": (503,), "login": (302,)}
    for outlet in world.outlets:
        for article in outlet.articles:
            for url in outlet.urls_of(article):
                marked = f"{url}{'&' if '?' in url else '?'}utm_source=x&ref=home"
                assert outlet.article_at(url) is outlet.article_at(marked) is article
                answer = get(web, url, LATER)
                statuses[answer.status] += 1
                if article.is_deleted(LATER):
                    assert answer.status in gone[article.deletion or ""]
                elif answer.status == 301:
                    assert outlet.article_at(answer.header("location") or "") is article
                else:
                    assert answer.status in walled.get(article.wall or "", (200,)), url
            if article.published > world.epoch:
                before = get(web, outlet.addresses.article(article, world.epoch), world.epoch)
                assert before.status == (200 if outlet.has("soft_404") else 404)
    assert set(statuses) == {200, 301, 302, 403, 404, 410, 503}


def test_other_pages_answer(world: World, web: Web) -> None:
    for outlet in world.outlets:
        addresses = outlet.addresses
        lists = [ListAt("home"), ListAt("section", 0), ListAt("tag", 0), ListAt("author", 0), ListAt("search")]
        for url in [*(addresses.listing(at) for at in lists), addresses.page("about"), addresses.page("login")]:
            assert url is not None
            assert get(web, url, world.end).status == 200
            assert outlet.article_at(url) is None
        missing = get(web, f"http://{outlet.profile.host}/no/such/page.html", world.end)
        assert missing.status == (200 if outlet.has("soft_404") else 404)
    assert get(web, "http://nobody.example/", world.end).status == 421


def test_everything_findable_can_be_reached(world: World, web: Web) -> None:
    """From the home pages, robots.txt and where feeds and sitemaps are wont to be, keeping to robots.txt."""
    for outlet in world.outlets:
        reached = reachable(outlet, web, world.end)
        for article in outlet.articles:
            if article.is_out(world.end):
                why_not = outlet.why_not_findable(article)
                assert (article.number in reached) >= (why_not is None), outlet.addresses.article(article)
                if why_not in ("nothing links to it", "robots.txt forbids it", "robots.txt answers 500"):
                    assert article.number not in reached


_LINKS = re.compile(
    r'href=["\']([^"\']+)|<loc>([^<]+)|<link>([^<]+)|^Sitemap: (\S+)|^(http\S+)$|"url": ?"([^"]+)', re.M
)


def reachable(outlet: Outlet, web: Web, now: datetime) -> set[int]:
    host, reached = outlet.profile.host, set()
    usual = ("/robots.txt", "/sitemap.xml", "/feed/", "/feed", "/rss", "/rss.xml")
    todo = deque([outlet.profile.home, *(f"http://{host}{path}" for path in usual)])
    seen = set(todo)
    while todo:
        url = todo.popleft()
        parts = urlsplit(url)
        at = outlet.addresses.find(url)
        is_trap = isinstance(at, PageAt) and at.name != "robots"
        if parts.hostname not in outlet.addresses.hosts or is_trap or not outlet.allows(parts.path or "/"):
            continue
        if isinstance(at, ArticleAt):
            reached.add(at.article.number)
            continue
        answer = get(web, url, now)
        body = gzip.decompress(answer.body) if answer.body[:2] == b"\x1f\x8b" else answer.body
        is_page = "html" in (answer.header("content-type") or "")
        text = body.decode(outlet.profile.encoding if is_page else "utf-8", "replace")
        links = [answer.header("location") or "", *(next(filter(None, found)) for found in _LINKS.findall(text))]
        for link in links:
            target = re.sub(r"[?&]PHPSESSID=\w+", "", urljoin(url, html.unescape(link))).partition("#")[0]
            if target not in seen:
                seen.add(target)
                todo.append(target)
    return reached


def test_walls_stand_before_articles(world: World, web: Web) -> None:
    verdicts = set()
    for outlet in world.outlets:
        for article in outlet.articles:
            if article.wall is None or not article.is_out(world.end):
                continue
            url = outlet.addresses.article(article, world.end)
            answer = get(web, url, world.end)
            if answer.status == 302:
                url = answer.header("location") or ""
                answer = get(web, url, world.end)
            read = extract(answer.body, url=url, content_type=answer.header("content-type"), captured_at=world.end)
            verdicts.add((article.wall, read.verdict))
            assert (article.tokens[0] in (read.body or "")) == (article.wall == "paywall")
            assert article.tokens[2] not in (read.body or "")
            assert (outlet.why_not_findable(article) is None) == (article.wall == "paywall")
    expected = {
        "paywall": "paywall",
        "consent": "consent",
        "login": "blocked",
        "bot_403": "blocked",
        "bot_503": "blocked",
    }
    assert verdicts == set(expected.items())


def test_an_article_in_parts(web: Web, world: World) -> None:
    for habit in ("parts", "parts_query"):
        outlet = with_habit(world, habit)
        article = next(one for one in outlet.articles if one.parts == 3 and one.is_out(world.end) and not one.wall)
        urls = [outlet.addresses.form(article, "part", world.end, part) or "" for part in (1, 2, 3)]
        texts = [get(web, url, world.end).body.decode() for url in urls]
        held = [[token in text for text in texts] for token in article.tokens]
        assert held == [[True, False, False], [False, True, False], [False, False, True]]
        assert f'rel="next" href="{html.escape(urls[1])}"' in texts[0]
        assert 'rel="next"' not in texts[2]


def test_canonical_addresses_and_those_that_mislead(web: Web, world: World) -> None:
    def canonical(url: str) -> str:
        found = re.search(r'rel="canonical" href="([^"]+)"', get(web, url, world.end).body.decode())
        return html.unescape(found[1]) if found else ""

    for habit, form in (
        ("amp", "amp"),
        ("amp_query", "amp"),
        ("print", "print"),
        ("mobile", "mobile"),
        ("node", "node"),
    ):
        outlet = with_habit(world, habit)
        article = plain_articles(outlet, world.end)[-1]
        other = outlet.addresses.form(article, form, world.end)  # type: ignore[arg-type]
        assert other is not None
        assert canonical(other) == outlet.addresses.article(article, world.end) != other
    home, first = with_habit(world, "canonical_home"), with_habit(world, "canonical_first")
    for outlet in (home, first):
        url = outlet.addresses.article(plain_articles(outlet, world.end)[-1], world.end)
        expected = outlet.addresses.home() if outlet is home else outlet.addresses.article(outlet.articles[0])
        assert canonical(url) == expected


def test_traps_have_no_end(web: Web, world: World) -> None:
    calendar = with_habit(world, "calendar")
    url, seen = calendar.addresses.page("calendar", "2024-11"), set()
    for _ in range(30):
        seen.add(url)
        url = re.findall(r'href="([^"]+/events/[^"]+)"', get(web, url, world.end).body.decode())[1]
    assert len(seen) == 30
    loop = with_habit(world, "redirect_loop").addresses
    assert get(web, loop.page("loop1"), world.end).header("location") == loop.page("loop2")
    assert get(web, loop.page("loop2"), world.end).header("location") == loop.page("loop1")
    sessions = with_habit(world, "sessions")
    homes = [get(web, sessions.profile.home, now).body.decode() for now in (world.end, world.end + HOUR)]
    links = [set(re.findall(r"PHPSESSID=(\w+)", home)) for home in homes]
    assert [len(found) for found in links] == [1, 1]
    assert links[0] != links[1]


# Time


def test_the_clock_is_shared_by_a_file(tmp_path: Path) -> None:
    driver = SimulatedClock(tmp_path / "clock", start=EPOCH)
    other = SimulatedClock(tmp_path / "clock")
    assert abs(other.now() - EPOCH) < timedelta(seconds=60)
    driver.advance(timedelta(days=3))
    assert abs(other() - EPOCH - timedelta(days=3)) < timedelta(seconds=60)
    driver.advance_to(EPOCH)  # is past
    assert other.now() >= EPOCH + timedelta(days=3)
    with pytest.raises(ValueError, match="back"):
        driver.advance(-HOUR)
    assert abs(SimulatedClock(tmp_path / "none").now() - datetime.now(UTC)) < timedelta(seconds=60)


def test_editions_follow_one_another(world: World, web: Web) -> None:
    seen = set()
    for outlet in world.outlets:
        for article in plain_articles(outlet, world.end):
            for before, edition in zip(article.editions, article.editions[1:], strict=False):
                if edition.mark is None or edition.kind in seen or edition.at < world.epoch:
                    continue
                url = outlet.addresses.article(article, edition.at)
                pages = [get(web, url, at).body.decode(outlet.profile.encoding) for at in (before.at, edition.at)]
                assert [edition.mark.text in page for page in pages] == [False, True], (edition, url)
                seen.add(edition.kind)
    assert seen == {"headline", "paragraph", "correction", "number", "rewritten", "byline"}


def test_feeds_grow_with_time(world: World, web: Web) -> None:
    for outlet in world.outlets:
        url = outlet.addresses.feed() or outlet.addresses.feed(0)
        if url is None or outlet.profile.feed is None:
            continue
        sections = (None,) if outlet.addresses.feed() else (0,)
        listed = [
            one for one in outlet.listed(world.end) if sections[0] is None or 0 in (one.section, one.second_section)
        ]
        answers = [get(web, url, now) for now in (world.epoch, world.end)]
        assert [answer.status for answer in answers] == [200, 200]
        encoding = outlet.profile.encoding if "encoding" in outlet.profile.feed.quirks else "utf-8"
        texts = [answer.body.decode(encoding) for answer in answers]
        headlines = [one.editions[one.edition_at(world.end)].headline for one in listed[: outlet.profile.feed.items]]
        assert all(html.escape(line) in texts[1] or line in texts[1] for line in headlines)
        if listed[0].published > world.epoch:
            assert texts[0] != texts[1]
        if outlet.profile.feed.format == "json":
            assert len(json.loads(texts[1])["items"]) == len(headlines)
        elif not {"undeclared", "ampersand", "leading_space"} & set(outlet.profile.feed.quirks):
            ElementTree.fromstring(answers[1].body)
        else:
            with pytest.raises(ElementTree.ParseError):
                ElementTree.fromstring(answers[1].body)


def test_sitemaps_list_what_they_promise(world: World, web: Web) -> None:
    for outlet in world.outlets:
        if outlet.profile.sitemap is None:
            continue
        places, found = [outlet.addresses.sitemap() or ""], set()
        for place in places:
            body = get(web, place, world.end).body
            body = gzip.decompress(body) if place.endswith(".gz") else body
            if outlet.profile.sitemap.form == "text":
                found |= set(body.decode().split())
                continue
            urls = [
                element.text or "" for element in ElementTree.fromstring(body).iter() if element.tag.endswith("}loc")
            ]
            if b"<sitemapindex" in body:
                places += urls
            found |= set(urls)
        is_news = outlet.profile.sitemap.form == "news"
        expected = {
            outlet.addresses.article(one, world.end)
            for one in outlet.listed(world.end)
            if not is_news or world.end - one.published < timedelta(days=2)
        }
        assert expected <= found
        assert is_news <= (not {url for url in found if outlet.article_at(url)} - expected)


def test_pages_that_were_moved_and_taken_down(world: World, web: Web) -> None:
    for outlet in world.outlets:
        for article in outlet.articles:
            if article.moved_at is None or article.wall or article.hidden:
                continue
            moment = article.moved_at
            old, new = outlet.addresses.article(article, article.published), outlet.addresses.article(article, moment)
            before, after = moment - timedelta(seconds=1), moment
            assert get(web, old, before).status == 200
            assert get(web, old, after).header("location") == new
            assert get(web, new, after).status == 200
            assert old not in [outlet.addresses.article(one, after) for one in outlet.listed(after)]


def test_incidents() -> None:
    plain = World(outlets=6, articles=90)
    hosts = [outlet.profile.host for outlet in plain.outlets]
    at, until = EPOCH + timedelta(days=4), EPOCH + timedelta(days=5)
    world = World(
        outlets=6,
        articles=90,
        incidents=[
            Incident("layout_break", hosts[0], at),
            Incident("dead_feed", hosts[1], at, until),
            Incident("consent_wall", hosts[2], at),
            Incident("quiet_day", hosts[3], at),
            Incident("no_dates", hosts[4], at),
            Incident("new_layout", hosts[5], at),
        ],
    )
    web = Web(world)

    def read(number: int, now: datetime) -> tuple[str, bool, bool]:
        outlet = world.outlets[number]
        article = plain_articles(outlet, at)[-1]
        url = outlet.addresses.article(article, now)
        answer = get(web, url, now)
        found = extract(answer.body, url=url, content_type=answer.header("content-type"), captured_at=now)
        return found.verdict, article.tokens[0] in (found.body or ""), found.published_at is not None

    before = at - HOUR
    assert read(0, before) == read(2, before) == read(4, before) == read(5, before) == ("ok", True, True)
    assert read(0, at)[1] is False
    assert read(2, at)[0] == "consent"
    assert read(4, at) == ("ok", True, False)
    assert read(5, at) == ("ok", True, True)
    feed = world.outlets[1].addresses.feed() or ""
    assert [get(web, feed, now).status for now in (before, at, until)] == [200, 404, 200]
    assert not [one for one in world.outlets[3].articles if at <= one.published < until]
    assert [one for one in world.outlets[3].articles if one.published >= until]
    assert [len(outlet.articles) for outlet in world.outlets] == [len(outlet.articles) for outlet in plain.outlets]
    with pytest.raises(ValueError, match="no such outlet"):
        World(outlets=2, articles=20, incidents=[Incident("dead_feed", "nobody.example", at)])


# Answers over the wire


def test_validators(world: World, web: Web) -> None:
    def first(validators: str) -> tuple[str, datetime, datetime]:
        """An article's address, with a moment before an edit of it and one after."""
        for outlet in world.outlets:
            for article in plain_articles(outlet, world.end):
                if outlet.profile.validators == validators and len(article.editions) > 1:
                    at = article.editions[1].at
                    if not article.is_moved(at):
                        return outlet.addresses.article(article, at), at - timedelta(seconds=1), at
        raise AssertionError(validators)

    for kind, header, condition in (
        ("etag", "ETag", "if-none-match"),
        ("modified", "Last-Modified", "if-modified-since"),
    ):
        url, before, after = first(kind)
        known = get(web, url, before).header(header) or ""
        assert get(web, url, before, **{condition: known}).status == 304
        assert get(web, url, after, **{condition: known}).status == 200
    url, before, after = first("lying")
    known = get(web, url, before).header("ETag") or ""
    answers = [get(web, url, after, **{"if-none-match": known}), get(web, url, after)]
    assert [answer.status for answer in answers] == [304, 200]
    assert answers[1].body != get(web, url, before).body
    url, before, _ = first("weak")
    assert get(web, url, before, **{"if-none-match": get(web, url, before).header("ETag") or ""}).status in (200, 304)
    assert get(web, url, before + HOUR, **{"if-none-match": get(web, url, before).header("ETag") or ""}).status == 200


def test_noise_is_no_edit(world: World, web: Web) -> None:
    outlet = with_habit(world, "noise")
    article = plain_articles(outlet, world.end)[-1]
    url = outlet.addresses.article(article, world.end)
    moments = (world.end, world.end + timedelta(minutes=3), world.end + timedelta(hours=13))
    bodies = [get(web, url, now).body for now in moments]
    assert len(set(bodies)) == 3
    assert all(b"@@" not in body for body in bodies)
    texts = {extract(body, url=url, captured_at=now).body for body, now in zip(bodies, moments, strict=True)}
    assert len(texts) == 1


def ask(port: int, host: str, target: str, *, agent: str = AGENT, **headers: str) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        given = {name.replace("_", "-"): text for name, text in headers.items()}
        connection.request("GET", target, headers={"Host": host, "User-Agent": agent, **given})
        response = connection.getresponse()
        response.read()
        return response
    finally:
        connection.close()


def test_a_polite_client_is_no_offender(served: SimulatedWeb) -> None:
    host = served.world.outlets[1].profile.host
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=20)
    for target in ("/robots.txt", "/", "/feed/", "/nothing"):
        connection.request("GET", target, headers={"Host": host, "User-Agent": AGENT})
        response = connection.getresponse()
        response.read()
        assert response.getheader("Date", "").endswith("2024 06:00:00 GMT") or "Nov 2024" in response.getheader(
            "Date", ""
        )
        time.sleep(0.06)
    connection.close()
    watch = served.watch(delay=0.05)
    assert [entry.status for entry in watch.entries] == [200, 200, 200, 404]
    assert len({entry.connection for entry in watch.entries}) == 1
    assert [entry.target for entry in watch.pages_asked] == ["/", "/feed/", "/nothing"]
    assert watch.violations() == []
    assert len(watch.runs()) == 1


def test_a_rude_client_is_seen(served: SimulatedWeb, clock: SimulatedClock) -> None:
    world, port = served.world, served.port
    slow = next(outlet.profile.host for outlet in world.outlets if outlet.profile.trouble == "slow")
    limited = next(outlet.profile.host for outlet in world.outlets if outlet.profile.trouble == "limited")
    first = world.outlets[0].profile.host
    ask(port, first, "/", agent="Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36")
    ask(port, first, "/search?q=x")
    # Two at once, on two connections.
    sockets = [socket.create_connection(("127.0.0.1", port), timeout=20) for _ in range(2)]
    for one in sockets:
        one.sendall(f"GET / HTTP/1.1\r\nHost: {slow}\r\nUser-Agent: {AGENT}\r\nConnection: close\r\n\r\n".encode())
    for one in sockets:
        while one.recv(65536):
            pass
        one.close()
    ask(port, limited, "/robots.txt")
    statuses = [ask(port, limited, "/").status]
    # As long as it takes: a machine that is busy with other things is not rude enough.
    while len(statuses) < 2_000 and statuses[-2:] != [429, 429]:
        statuses.append(ask(port, limited, "/").status)
    assert statuses[:10] == [200] * 10
    clock.advance(timedelta(hours=26))
    ask(port, limited, "/")
    kinds = Counter((violation.host, violation.kind) for violation in served.watch(delay=600.0).violations())
    assert kinds[first, "agent"] == 1
    assert kinds[first, "before_robots"] == 2
    assert kinds[first, "disallowed"] == 1
    assert kinds[first, "too_soon"] == 1
    assert kinds[slow, "at_once"] == 1
    assert kinds[limited, "retry_after"] >= 1
    assert kinds[limited, "stale_robots"] == 1


def test_the_log_alone_is_judged() -> None:
    world = World(outlets=50, articles=300)
    host = next(outlet.profile.host for outlet in world.outlets if outlet.profile.crawl_delay == 0.2)

    def entry(target: str, arrived: float, **more: object) -> Entry:
        fields = {"ended": arrived + 0.01, "status": 200, "agent": AGENT, **more}
        return Entry(host, "GET", target, arrived, **fields)  # type: ignore[arg-type]

    def kinds(*entries: Entry, **more: bool) -> list[str]:
        return [one.kind for one in Watch(world, entries, delay=0.1, **more).violations()]

    robots = entry("/robots.txt", 0.0)
    assert kinds(robots, entry("/", 0.22), entry("/a", 0.44)) == []
    assert kinds(robots, entry("/", 0.2)) == ["too_soon"]  # from the end of the answer, and the Crawl-delay counts
    moved = entry("/a", 1.0, status=301, location=f"http://{host}/b")
    assert kinds(robots, moved, entry("/b", 1.02)) == ["redirect_too_soon"]
    assert kinds(robots, moved, entry("/b", 1.02), follows_at_once=True) == []
    assert kinds(robots, moved, entry("/c", 1.02), follows_at_once=True) == ["too_soon"]
    assert kinds(robots, entry("/", 1.0, ended=3.0), entry("/b", 2.0), entry("/c", 3.1)) == ["at_once", "too_soon"]
    assert kinds(robots, entry("/", 1.0, status=429, retry_after=2.0), entry("/b", 3.0)) == ["retry_after"]
    assert kinds(robots, entry("/", 1.0, status=429, retry_after=2.0), entry("/b", 3.1)) == []
    assert kinds(entry("/", 1.0)) == ["before_robots"]
    assert kinds(robots, entry("/", 25 * 3600.0)) == ["stale_robots"]
    agents = ("", "python-httpx/0.28", "x")
    assert kinds(*(entry("/robots.txt", float(n), agent=agent) for n, agent in enumerate(agents))) == ["agent"] * 3
    closed = next(outlet.profile.host for outlet in world.outlets if outlet.profile.robots == "broken")
    entries = [Entry(closed, "GET", target, at, at, 500, AGENT) for target, at in (("/robots.txt", 0.0), ("/", 1.0))]
    assert kinds(*entries) == ["disallowed"]


def test_a_broken_host_recovers(served: SimulatedWeb) -> None:
    outlet = next(outlet for outlet in served.world.outlets if outlet.profile.trouble == "broken")
    trouble: Counter[str] = Counter()
    for article in outlet.articles:
        if not article.is_out(EPOCH):
            continue
        target = outlet.addresses.article(article, EPOCH).removeprefix(f"http://{outlet.profile.host}")
        for number in range(60):  # other addresses of the same page fail, or not, each by itself
            asked = f"{target}?n={number}"
            try:
                status = str(ask(served.port, outlet.profile.host, asked).status)
            except (http.client.IncompleteRead, ConnectionResetError) as error:
                status = type(error).__name__
            trouble[status] += 1
            if status != "200":
                assert ask(served.port, outlet.profile.host, asked).status == 200
        break
    assert set(trouble) == {"200", "500", "502", "IncompleteRead", "ConnectionResetError"}
    assert 0.6 < trouble["200"] / trouble.total() < 0.95
    assert {entry.mishap for entry in served.entries} == {"", "reset", "truncated"}


def test_requests_of_another_kind(served: SimulatedWeb) -> None:
    host = served.world.outlets[1].profile.host
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=20)
    connection.request("HEAD", "/", headers={"Host": f"{host}:80", "User-Agent": AGENT})
    response = connection.getresponse()
    assert (response.status, response.read()) == (200, b"")
    connection.request("POST", "/comments", body=b"x" * 100, headers={"Host": host})
    response = connection.getresponse()
    assert (response.status, response.read()) == (405, b"")
    connection.close()
    with socket.create_connection(("127.0.0.1", served.port), timeout=20) as one:
        one.sendall(b"nonsense\r\n\r\n")
        assert one.recv(100) == b""
    compressed = served.world.outlets[0].profile.host
    assert ask(served.port, compressed, "/", Accept_Encoding="gzip").getheader("Content-Encoding") == "gzip"
    since = format_datetime(EPOCH + timedelta(days=1), usegmt=True)
    assert ask(served.port, host, "/", If_Modified_Since=since).status == 304
    assert served.entries[-1].condition == since


def test_a_process_of_its_own(tmp_path: Path) -> None:
    clock_file, log = tmp_path / "clock", tmp_path / "log.ndjson"
    clock = SimulatedClock(clock_file, start=EPOCH + timedelta(days=2))
    options = ["--outlets", "3", "--articles", "30", "--clock-file", clock_file, "--log", log]
    options += ["--incident", "dead_feed:fallowby-news.example:24-72"]
    command = [sys.executable, "-m", "benchmarks.simulated_web", *map(str, options)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        assert ask(port, "fallowby-news.example", "/feed/").status == 404
        clock.advance(timedelta(days=2))
        assert ask(port, "fallowby-news.example", "/feed/").status == 200
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    finally:
        process.kill()
        process.communicate()
    watch = Watch.read(World(outlets=3, articles=30), log)
    assert [entry.status for entry in watch.entries] == [404, 200]
    assert watch.entries[1].at - watch.entries[0].at > timedelta(days=1)
    assert {violation.kind for violation in watch.violations()} == {"before_robots"}
    command = [sys.executable, "-m", "benchmarks.simulated_web", "--outlets", "2", "--articles", "20", "--homes"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.split() == World(outlets=2, articles=20).homes
