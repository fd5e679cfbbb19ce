"""What was stored with a capture is what its replay shows: pictures and styles, and nothing that could do anything."""

from __future__ import annotations

import asyncio
import base64
import struct
import zlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from scraper.crawl import archive_pages
from scraper.errors import ScrapeError
from scraper.settings import FetchSettings
from scraper.store import Archive
from scraper.web.guard import Guard, OwnPolicy
from scraper.web.replay.assets import stored_assets
from scraper.web.replay.headers import OWN_HEADERS
from scraper.web.replay.routes import PREFIX
from tests.crawl.assets.conftest import Here
from tests.http_server import HttpServer
from tests.web.replay.archived import PNG, archive_of, capture, serving
from tests.web.replay.conftest import on_a_port
from tests.web.replay.strictness import assert_harmless
from tests.web.replay.test_in_a_browser import Watched

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext

STORY = "https://news.example/story"
FRAMED = f"/web/20240501100000mp_/{STORY}"
OTHER = PNG[:-1] + b"2"
ICON = b"\0\0\1\0\1\0" + bytes(20)
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>'


def written(body: bytes) -> str:
    return base64.b64encode(body).decode()


def add(path: Path, url: str, body: bytes | None, kind: str, *, status: int = 200, final: str | None = None) -> int:
    with Archive.open(path, write=True) as archive:
        one = capture(final or url, body, "2024-05-01 10:00:05", kind=kind, status=status)
        return archive.assets().add(1, replace(one, url=url))


def test_pictures_and_styles_stand_in_the_page(tmp_path: Path) -> None:
    page = """<!doctype html><link rel=stylesheet href=/s.css><link rel=icon href=/f.ico>
        <img src=/p.png alt=one><img src=/d.svg alt=two><img src=/gone.png alt=three><p>Text"""
    path = archive_of(tmp_path, capture(STORY, page))
    add(path, "https://news.example/s.css", b"@import 'two.css'; p{color:red}", "text/css", final="https://c.example/s")
    add(path, "https://c.example/two.css", b"i{background:url(p.png)}", "text/css")
    add(path, "https://c.example/p.png", OTHER, "image/png")
    add(path, "https://news.example/p.png", PNG, "image/png")
    add(path, "https://news.example/d.svg", SVG, "image/svg+xml")
    add(path, "https://news.example/gone.png", None, "text/html", status=404)
    add(path, "https://news.example/f.ico", ICON, "image/x-icon")
    with serving(path) as server:
        shown = server.get(FRAMED)
        saved = server.get(FRAMED.replace("mp_", "sf_"))
    for answer in (shown, saved):
        for body in (PNG, OTHER, SVG):
            assert answer.text.count(written(body)) == 1
        assert "p{color:red}" in answer.text
        assert "<span>three</span>" in answer.text
        assert f'<link href="data:image/x-icon;base64,{written(ICON)}" rel="icon">' in answer.text
        assert "<svg" not in answer.text, "a drawing is a picture, never a part of the page"
    assert_harmless(shown.content)
    assert "sandbox" in shown.headers["content-security-policy"]
    assert "img-src data:;" in shown.headers["content-security-policy"]
    assert shown.headers["x-content-type-options"] == "nosniff"


def test_what_is_damaged_or_was_let_go_is_left_out(tmp_path: Path) -> None:
    path = archive_of(tmp_path, capture(STORY, "<img src=/1.png alt=one><img src=/2.png alt=two><img src=/3.png>"))
    for number in (1, 2, 3):
        add(path, f"https://news.example/{number}.png", PNG + b"%d" % number, "image/png")
    with Archive.open(path, write=True) as archive:
        archive._db.execute("UPDATE blobs SET content = NULL WHERE content = ?", (PNG + b"1",))
        archive._db.execute("UPDATE blobs SET content = ? WHERE content = ?", (PNG + b"x", PNG + b"2"))
        assert set(stored_assets(archive, 1)) == {"https://news.example/3.png"}
        with pytest.raises(ScrapeError):
            archive.assets().capture(2)
    with serving(path) as server:
        page = server.get(FRAMED).text
    assert "<span>one</span><span>two</span><img" in page


def test_they_are_shown_as_soon_as_they_are_there(tmp_path: Path) -> None:
    path = archive_of(tmp_path, capture(STORY, "<img src=/p.png alt=Ferry>"))
    with serving(path) as server:
        assert "<span>Ferry</span>" in server.get(FRAMED).text
        add(path, "https://news.example/p.png", PNG, "image/png")
        assert written(PNG) in server.get(FRAMED).text


def square(size: int) -> bytes:
    """A PNG of so many black pixels a side."""
    pixels = zlib.compress(b"".join(b"\0" + bytes(size) for _ in range(size)))
    chunks = [(b"IHDR", struct.pack(">IIBBBBB", size, size, 8, 0, 0, 0, 0)), (b"IDAT", pixels), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in chunks
    )


@pytest.mark.browser
def test_a_browser_shows_them_and_asks_nobody(window: BrowserContext, tmp_path: Path) -> None:
    """All of the way: fetched from a server that is gone, kept, replayed, and saved as one file."""
    with HttpServer() as news:
        news.page(
            "/story",
            "<!doctype html><link rel=stylesheet href=/s.css><h1>Story</h1><img id=png src=/p.png>"
            "<img id=svg src=/d.svg width=20 height=20><p>Text",
        )
        news.page("/s.css", "h1 { color: rgb(1, 2, 3); background: url(p.png) }", type="text/css")
        news.page("/p.png", square(7), type="image/png")
        news.page("/d.svg", SVG, type="image/svg+xml")
        url = news.url("/story")
        path = tmp_path / "archive.db"
        settings = FetchSettings(allow_private=True, assets=True, delay=0.0)
        with Archive.open(path, write=True) as archive, ThreadPoolExecutor() as thread:
            # The browser's loop is this thread's.
            work = archive_pages([url], archive=archive, settings=settings, pool=Here())  # type: ignore[arg-type]
            thread.submit(asyncio.run, work).result()
            assert archive.assets().count(1) == 3
    own = OwnPolicy(PREFIX, OWN_HEADERS)
    with serving(path) as server, on_a_port(Guard(server.app, own_policies=[own])) as port:
        watched = Watched(window)
        watched.page.goto(f"{port.url}/web/{url}")
        frame = watched.page.frames[1]
        frame.wait_for_load_state()
        size = "e => [e.complete, e.naturalWidth]"
        assert frame.locator("#png").evaluate(size) == [True, 7]
        assert frame.locator("#svg").evaluate(size)[1] > 0
        style = frame.locator("h1").evaluate("e => [getComputedStyle(e).color, getComputedStyle(e).backgroundImage]")
        assert style[0] == "rgb(1, 2, 3)"
        assert style[1].startswith('url("data:image/png;base64,')
        watched.page.locator("summary").first.click()
        with watched.page.expect_download() as download:
            watched.page.get_by_text("Save as one file").click()
        assert watched.asked_elsewhere(port.url) == []
        assert {path.partition("?")[0].split("/")[1] for path in port.asked} == {"web"}
        assert not [path for path in port.asked if ".png" in path or ".css" in path.replace("replay.css", "")]
        saved = tmp_path / "saved.html"
        download.value.save_as(saved)
        watched.asked.clear()
        watched.open(saved.as_uri())
        assert watched.page.locator("#png").evaluate(size) == [True, 7]
        assert [asked for asked in watched.asked if not asked.startswith("data:")] == [saved.as_uri()]
        assert watched.ran == set()
