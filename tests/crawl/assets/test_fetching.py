"""What pages show, fetched from servers that do what servers do, and what none should."""

from __future__ import annotations

import asyncio
import gzip
from dataclasses import replace

import pytest

from scraper.crawl import archive_pages
from scraper.crawl.manners import Manners
from scraper.crawl.writer import Writer
from scraper.fetch import Fetcher
from scraper.fetch.transport import GuardedTransport
from scraper.settings import FetchSettings
from tests.crawl.assets.conftest import CDN, NEWS, STORY, World
from tests.fetch.test_ssrf import PUBLIC, Loopback
from tests.http_server import Reply, drip, head, raw, stall
from tests.web.replay.archived import PNG

CSS = "text/css; charset=utf-8"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script><circle r="9"/></svg>'
FONT = b"wOF2" + bytes(64)


def picture(number: int, size: int = 0) -> bytes:
    return PNG + b"%d" % number + bytes(size)


def test_a_page_is_kept_with_all_that_it_shows(world: World) -> None:
    news, cdn = world.news, world.cdn
    news.page("/a.css", f'@import "two.css"; h1 {{ background: url({CDN}/bg.png) }}', type=CSS)
    news.page("/two.css", "@import 'a.css'; @import 'two.css'; p { margin: 0 }", type="text/css")
    zipped = (("Content-Encoding", "gzip"),)
    news.page("/zipped.css", gzip.compress(b"i{src:url(f.ttf)} @font-face{src:url(f.woff2)}"), type=CSS, headers=zipped)
    news.page("/f.woff2", FONT, type="font/woff2")
    news.page("/f.ttf", b"no font", type="font/ttf")
    news.page("/lead.jpg", b"\xff\xd8\xff\xe0" + bytes(40), type="image/jpeg")
    cdn.page("/bg.png", PNG, type="image/png")
    cdn.page("/drawing", SVG, type="image/svg+xml")
    news.redirect("/moved.png", f"{CDN}/bg.png?moved")
    news.page("/f.ico", b"\0\0\1\0\1\0" + bytes(30), type="image/vnd.microsoft.icon")
    counts = world.fetch(
        f"""<link rel=stylesheet href=/a.css><link rel=stylesheet href=/zipped.css><link rel=icon href=/f.ico>
        <img src=/small.jpg data-src=/lead.jpg><img src={CDN}/drawing><img src=/moved.png>
        <img src="data:image/gif;base64,R0lGODlhAQABAAAAACw=">"""
    )
    held = {url for url, asset in world.shown().items() if asset.is_held}
    assert held == {
        *(f"{NEWS}/{name}" for name in "a.css two.css zipped.css f.woff2 lead.jpg f.ico moved.png".split()),
        *(f"{CDN}/{name}" for name in ("bg.png", "drawing")),
    }
    assert (counts.stored, counts.held, counts.left_out) == (9, 0, 0)
    assert counts.bytes == sum(asset.size or 0 for asset in world.shown().values())
    moved = world.shown()[f"{NEWS}/moved.png"]
    assert (moved.final_url, moved.sha256) == (f"{CDN}/bg.png?moved", world.shown()[f"{CDN}/bg.png"].sha256)
    assert b"@font-face" in world.body(f"{NEWS}/zipped.css")
    assert {checked.result for checked in world.archive.check()} == {"ok"}
    asked = [request.target for request in (*news.pages_asked, *cdn.pages_asked)]
    assert len(asked) == len(set(asked)), "nothing is asked for twice"
    assert "/small.jpg" not in asked, "the placeholder of a picture that was had"
    by_path = {request.path: request for request in news.requests}
    assert by_path["/lead.jpg"].header("Referer") == f"{NEWS}/"
    assert (by_path["/lead.jpg"].header("Accept") or "").startswith("image/*")
    assert (by_path["/a.css"].header("Accept") or "").startswith("text/css")


def test_what_cannot_be_had_fails_no_page(world: World) -> None:
    news = world.news
    news.page("/html.png", "<h1>Not found", type="image/png")
    news.page("/html.css", " <!doctype html><title>Not found", type="text/css")
    news.page("/style", "p{}", type="text/html")
    news.page("/script.woff", "alert(1)", type="font/woff")
    news.page("/empty.png", b"", type="image/png")
    news.page("/bad.png", b"no gzip", type="image/png", headers=(("Content-Encoding", "gzip"),))
    news.page("/error.png", PNG, type="image/png", status=500)
    news.redirect("/loop.png", "/loop.png")
    counts = world.fetch(
        """<link rel=stylesheet href=/html.css><link rel=stylesheet href=/style>
        <style>@font-face{src:url(/script.woff)}</style>
        <img src=/gone.png><img src=/html.png><img src=/empty.png><img src=/bad.png><img src=/error.png>
        <img src=/loop.png><img src=http://nowhere.example/a.png>"""
    )
    assert counts.reasons == {
        "http_404": 1,
        "wrong_type": 5,
        "bad_encoding": 1,
        "http_500": 1,
        "redirects": 1,
        "dns": 1,
    }
    assert (counts.stored, counts.failed, counts.bytes) == (0, 10, 0)
    shown = world.shown()
    assert not any(asset.is_held for asset in shown.values())
    assert shown[f"{NEWS}/gone.png"].status == 404
    assert shown[f"{NEWS}/gone.png"].error is None
    assert shown[f"{NEWS}/html.png"].error == "wrong_type"
    # Not tried again at once, and then again.
    asked = len(news.pages_asked)
    assert world.fetch().reasons == counts.reasons
    assert len(news.pages_asked) == asked + 1
    world.clock.go_on(hours=2)
    news.page("/gone.png", PNG, type="image/png")
    assert world.fetch().stored == 1


def test_another_size_is_taken_where_one_cannot_be_had(world: World) -> None:
    world.news.page("/b.png", PNG, type="image/png")
    counts = world.fetch("<img src=/a.png srcset='/b.png 800w, /c.png 400w'>")
    assert (counts.stored, counts.failed) == (1, 0)
    assert [request.path for request in world.news.pages_asked] == ["/story", "/a.png", "/b.png"]


def test_the_same_is_kept_once_and_asked_for_once(world: World) -> None:
    stamped = (("ETag", '"1"'), ("Cache-Control", "max-age=7200"))
    world.news.page("/a.css", "p{background:url(/1.png)}", type=CSS, headers=stamped)
    world.news.page("/1.png", PNG, type="image/png", headers=(("Last-Modified", "Tue, 23 Jul 2024 09:00:00 GMT"),))
    world.cdn.page("/1.png?again", PNG, type="image/png")
    markup = f"<link rel=stylesheet href=/a.css><img src=/1.png><img src='{CDN}/1.png?again'>"
    assert world.fetch(markup).stored == 3
    assert world.shown()[f"{NEWS}/1.png"].sha256 == world.shown()[f"{CDN}/1.png?again"].sha256
    assert world.archive.stats().assets == 2

    # Within the hour nothing is asked again, of another page either.
    world.page(markup, "/other")
    counts = world.fetch(url=f"{NEWS}/other")
    assert (counts.stored, counts.held, counts.bytes) == (0, 3, 2 * len(PNG) + 25)
    assert len(world.news.pages_asked) == 4
    assert set(world.shown(2)) == set(world.shown(1))

    # Later what is stale is asked for by what is known of it; the style is fresh for two hours.
    world.clock.go_on(hours=1)
    world.news.script("/1.png", raw(head(304, ()), b""))
    counts = world.fetch()
    assert (counts.stored, counts.held) == (1, 2)
    (asked,) = [request for request in world.news.requests[-2:] if request.path == "/1.png"]
    assert asked.header("If-Modified-Since") == "Tue, 23 Jul 2024 09:00:00 GMT"
    assert not world.news.seen("/a.css")[1:]
    unchanged = world.shown(3)[f"{NEWS}/1.png"]
    assert (unchanged.status, unchanged.sha256) == (304, world.shown()[f"{NEWS}/1.png"].sha256)
    assert {checked.result for checked in world.archive.check()} == {"ok"}


def test_a_page_that_had_not_changed_is_given_what_it_shows(world: World) -> None:
    """It was archived without before: the capture whose bytes are shown is the earlier one."""
    world.settings = replace(world.settings, assets=False)
    world.news.page("/1.png", PNG, type="image/png")
    world.news.page("/story", "<img src=/1.png>", headers=(("ETag", '"1"'),))
    (outcome,) = world.archive_all([STORY])
    assert outcome.assets is None
    assert [request.path for request in world.news.pages_asked] == ["/story"]
    world.settings = replace(world.settings, assets=True)
    world.news.script("/story", raw(head(304, (("ETag", '"1"'),))))
    assert world.fetch().stored == 1
    assert world.shown(1)[f"{NEWS}/1.png"].is_held
    assert world.shown(2) == {}
    world.news.page("/story", "<img src=/1.png>", headers=(("ETag", '"1"'),))
    assert world.fetch().held == 1
    assert set(world.shown(3)) == set(world.shown(1))


def test_large_ones_are_left(world: World) -> None:
    world.settings = replace(world.settings, assets_largest=10_000)
    bomb = gzip.compress(PNG + bytes(1_000_000))
    world.news.page("/bomb.png", bomb, type="image/png", headers=(("Content-Encoding", "gzip"),))
    world.news.page("/large.png", picture(1, 10_000), type="image/png")
    world.news.script("/endless.png", drip(head(headers=(("Content-Type", "image/png"),)) + PNG, b"x" * 4000, pause=0))
    world.news.page("/fits.png", picture(2, 9_000), type="image/png")
    counts = world.fetch("<img src=/bomb.png><img src=/large.png><img src=/endless.png><img src=/fits.png>")
    assert (counts.stored, counts.reasons, counts.left_out) == (1, {"too_large": 3}, 0)


def test_a_page_has_so_many_bytes(world: World) -> None:
    world.settings = replace(world.settings, assets_budget=25_000, assets_largest=20_000)
    for number in range(4):
        world.news.page(f"/{number}.png", picture(number, 10_000), type="image/png")
    world.news.page("/last.css", "p{}" + " " * 3_000, type=CSS)
    pictures = "".join(f"<img src=/{number}.png>" for number in range(4))
    counts = world.fetch(f"{pictures}<link rel=stylesheet href=/last.css>")
    assert (counts.stored, counts.failed, counts.left_out) == (3, 0, 2)
    # Styles come first, then pictures in their order.
    assert [url for url, asset in world.shown().items() if asset.is_held] == [
        f"{NEWS}/{name}" for name in ("last.css", "0.png", "1.png")
    ]
    assert counts.bytes <= 25_000
    # What is there already counts, too.
    counts = world.fetch()
    assert (counts.stored, counts.held, counts.left_out) == (0, 3, 2)


def test_a_page_has_so_many_addresses_and_so_much_time(world: World) -> None:
    world.settings = replace(world.settings, assets_number=3)
    for number in range(6):
        world.news.page(f"/{number}.png", picture(number), type="image/png")
    pictures = "".join(f"<img src=/{number}.png>" for number in range(6))
    counts = world.fetch(pictures)
    assert (counts.stored, counts.left_out) == (3, 3)
    world.settings = replace(world.settings, assets_number=200, assets_time=0.0)
    world.clock.go_on(days=2)
    counts = world.fetch(pictures)
    assert (counts.stored, counts.left_out) == (0, 6)


def test_a_slow_server_is_not_waited_for_long(world: World) -> None:
    world.settings = replace(world.settings, timeout=0.4, assets_time=10.0)
    for number in range(5):
        world.news.script(f"/{number}.png", stall(head(headers=(("Content-Type", "image/png"),)) + PNG[:20]))
    world.cdn.page("/1.png", PNG, type="image/png")
    slow = "".join(f"<img src=/{number}.png>" for number in range(5))
    counts = world.fetch(f"{slow}<img src={CDN}/1.png>")
    assert (counts.stored, counts.reasons) == (1, {"timeout": 2, "host_paused": 3})
    assert len(world.news.pages_asked) == 3


def test_a_host_that_wants_to_be_left_alone_is(world: World) -> None:
    world.cdn.page("/0.png", PNG, type="image/png", status=429, headers=(("Retry-After", "600"),))
    pictures = "".join(f"<img src={CDN}/{number}.png>" for number in range(4))
    assert world.fetch(pictures).reasons == {"http_429": 1, "host_paused": 3}
    assert [request.path for request in world.cdn.pages_asked] == ["/0.png"]


def test_robots_txt_is_obeyed_unless_told_otherwise(world: World) -> None:
    world.cdn.page("/robots.txt", "User-agent: *\nDisallow: /private/\n", type="text/plain")
    for path in ("/private/1.png", "/public/1.png"):
        world.cdn.page(path, PNG, type="image/png")
    pictures = f"<img src={CDN}/private/1.png><img src={CDN}/public/1.png>"
    counts = world.fetch(pictures)
    assert (counts.stored, counts.reasons) == (1, {"robots_denied": 1})
    assert [request.path for request in world.cdn.requests] == ["/robots.txt", "/public/1.png"]
    world.settings = replace(world.settings, ignore_robots=True)
    world.clock.go_on(days=2)
    assert world.fetch(pictures).stored == 2
    with_robots = [world.archive.assets().capture(asset.id).robots for asset in world.shown(2).values()]
    assert with_robots == ["ignored", "ignored"]


def test_one_thing_after_another_is_asked_of_a_host(world: World) -> None:
    at_work: list[int] = []
    most = 0

    async def slowly(request: object, writer: asyncio.StreamWriter) -> None:
        nonlocal most
        at_work.append(1)
        most = max(most, len(at_work))
        await asyncio.sleep(0.02)
        at_work.pop()
        writer.write(Reply(PNG, 200, (("Content-Type", "image/png"),)).to_bytes())
        await writer.drain()

    for number in range(8):
        world.cdn.script(f"/{number}.png", slowly)
    assert world.fetch("".join(f"<img src={CDN}/{number}.png>" for number in range(8))).stored == 8
    assert most == 1


def test_styles_that_import_each_other_come_to_an_end(world: World) -> None:
    for number in range(40):
        world.news.page(f"/{number}.css", f"@import '{number + 1}.css'; p{{}}", type=CSS)
    counts = world.fetch("<link rel=stylesheet href=/0.css>")
    assert counts.stored == 6
    assert world.pool.called.count("_wanted_by_style") == 6


def test_two_pages_at_a_time_ask_once_for_what_both_show(world: World) -> None:
    world.hosts = {"other.example": world.news}
    world.cdn.page("/1.png", PNG, type="image/png")
    world.page(f"<img src={CDN}/1.png>")
    outcomes = world.archive_all([STORY, "http://other.example/story"])
    assert sorted((one.assets.stored, one.assets.held) for one in outcomes if one.assets) == [(0, 1), (1, 0)]
    assert [request.path for request in world.cdn.pages_asked] == ["/1.png"]


def test_what_lies_between_two_pictures(world: World) -> None:
    class Keeper:
        def known(self, url: str) -> str:
            return url

        def delay_of(self, robots: str) -> float:
            return 7.0 if "slow" in robots else 0.0

    settings = FetchSettings(delay=2.0)
    manners = Manners(world.archive, Writer(world.archive), settings, Keeper())  # type: ignore[arg-type]
    assert manners.pause_within_page("http://slow.example/") == 7.0
    assert manners.pause_within_page("http://news.example/") == pytest.approx(0.2)
    assert Manners(world.archive, Writer(world.archive), settings).pause_within_page(NEWS) == pytest.approx(0.2)


def test_a_style_is_read_once_for_all_pages_of_a_run(world: World) -> None:
    world.news.page("/a.css", "p{background:url(/1.png)}", type=CSS)
    world.news.page("/1.png", PNG, type="image/png")
    urls = [f"{NEWS}/{number}" for number in range(3)]
    for number in range(3):
        world.page("<link rel=stylesheet href=/a.css>", f"/{number}")
    assert [outcome.assets and outcome.assets.bytes for outcome in world.archive_all(urls)] == [25 + len(PNG)] * 3
    assert world.pool.called.count("_wanted_by_style") == 1


def test_a_page_that_failed_has_none(world: World) -> None:
    world.news.page("/story", "<img src=/1.png>", status=404)
    (outcome,) = world.archive_all([STORY])
    assert (outcome.assets, len(world.news.pages_asked)) == (None, 1)
    assert world.archive.assets().waiting(1) == {}


def test_a_run_that_was_killed_goes_on(world: World) -> None:
    """What waits is in the archive: a process that dies between a page and its pictures loses neither."""
    world.news.page("/1.png", PNG, type="image/png")
    world.page("<img src=/1.png>")
    run = world.archive.begin_run("url", [STORY])
    world.settings = replace(world.settings, assets=False)
    world.archive_all([STORY], run_id=run)
    world.archive.assets().queue(1, "news.example", run)
    world.settings = replace(world.settings, assets=True)
    assert world.archive_all([], run_id=run) == []
    assert world.shown(1)[f"{NEWS}/1.png"].is_held
    assert world.archive.assets().waiting(run) == {}


def test_nothing_private_is_reached_from_a_public_page(world: World) -> None:
    """The page is public; what it shows is said to be on this machine, in its network, or at a cloud's own address."""
    private = {"loop.example": "127.0.0.1", "lan.example": "192.168.1.1", "meta.example": "169.254.169.254"}
    asked: list[str] = []

    async def resolve(host: str, port: int) -> list[tuple[str, int]]:
        asked.append(host)
        is_name = host.endswith(".example")
        return [(private.get(host, PUBLIC) if is_name else host, world.news.port)]

    port = world.news.port
    names = [*private, "10.0.0.1", "[::1]", "2130706433"]
    world.news.page("/secret.png", PNG, type="image/png")
    world.news.redirect("/out.png", f"http://127.0.0.1:{port}/secret.png")
    world.page(
        "".join(f"<img src=http://{name}:{port}/secret.png>" for name in names)
        + f"<img src=http://public.example:{port}/out.png>"
        + "<img src=file:///etc/passwd>"
    )
    settings = FetchSettings(assets=True, delay=0.0, timeout=5.0, ports=(port,))
    network = Loopback()
    outcomes = []

    async def go() -> None:
        transport = GuardedTransport(settings, resolver=resolve, network=network)
        await archive_pages(
            [f"http://public.example:{port}/story"],
            archive=world.archive,
            settings=settings,
            pool=world.pool,  # type: ignore[arg-type]
            report=outcomes.append,
            fetcher=Fetcher(settings, transport=transport, clock=world.clock),
        )

    asyncio.run(go())
    counts = outcomes[0].assets
    assert (counts.stored, counts.failed) == (0, len(names) + 1)
    assert set(counts.reasons) == {"forbidden_address"}
    assert network.asked
    assert set(network.asked) == {PUBLIC}
    assert [request.path for request in world.news.pages_asked] == ["/story", "/out.png"]


@pytest.mark.parametrize("delay", [0.0, 0.05])
def test_hosts_are_given_back(world: World, delay: float) -> None:
    world.settings = replace(world.settings, delay=delay)
    world.cdn.page("/1.png", PNG, type="image/png")
    world.fetch(f"<img src={CDN}/1.png>")
    held = world.archive._db.row("SELECT count(*) AS n FROM hosts WHERE leased_by IS NOT NULL")
    assert held is not None
    assert held["n"] == 0
