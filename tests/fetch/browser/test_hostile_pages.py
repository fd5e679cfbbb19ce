"""Whatever a page does, drawing it ends in time, reaches nothing it may not, and leaves nothing behind."""

from __future__ import annotations

import gzip
import os
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from textwrap import dedent

import pytest

from scraper.fetch.browser import process
from scraper.fetch.browser.requests import MOST_NAVIGATIONS, MOST_REQUESTS
from tests.fetch.browser.conftest import SETTINGS, Artist, UdpEar, page
from tests.http_server import HttpServer, drip, head

pytestmark = pytest.mark.browser
STORY = "".join(f"<p>Paragraph {n} tells how the ferry came back to the harbour after winter.</p>" for n in range(9))
SOON = 6.0
"""The deadline for pages that would take for ever."""
LATER = 25.0
"""For those that come to an end, on a machine that may be busy."""
TO_START_AND_END = 8.0
"""Seconds for the browser itself."""

# Every way a page has to reach something, with the address to reach in place of TARGET (HOST is that without scheme).
WAYS = {
    "elements": """<img src=TARGET/img><script src=TARGET/js></script><link rel=stylesheet href=TARGET/css>
        <iframe src=TARGET/frame></iframe><object data=TARGET/object></object><embed src=TARGET/embed>
        <video src=TARGET/video poster=TARGET/poster></video><audio src=TARGET/audio></audio>
        <input type=image src=TARGET/input><body background=TARGET/background>""",
    "hints": """<link rel=dns-prefetch href=TARGET><link rel=preconnect href=TARGET><link rel=prefetch href=TARGET/a>
        <link rel=preload as=script href=TARGET/b><link rel=modulepreload href=TARGET/c><link rel=icon href=TARGET/d>
        <link rel=manifest href=TARGET/e><script type=speculationrules>{"prerender": [{"source": "list",
        "urls": ["TARGET/f"]}], "prefetch": [{"source": "list", "urls": ["TARGET/g"]}]}</script>""",
    "styles": "<style>@import 'TARGET/a'; p {background: url(TARGET/b)} p {font-family: x}"
    "@font-face {font-family: x; src: url(TARGET/c)}</style>",
    "fetch": "<script>fetch('TARGET/a');"
    "fetch('TARGET/b', {method: 'POST', mode: 'no-cors', keepalive: true, body: 'x'});"
    "fetch('TARGET/c', {method: 'PUT', headers: {'X-Y': 'z'}}); navigator.sendBeacon('TARGET/d', 'x');"
    "let x = new XMLHttpRequest(); x.open('GET', 'TARGET/e'); x.send()</script>",
    "synchronous": "<script>let x = new XMLHttpRequest(); x.open('GET', 'TARGET/e', false); x.send()</script>",
    "streams": "<script>new WebSocket('ws://HOST/a'); new EventSource('TARGET/b');"
    "try { new WebTransport('https://HOST/c') } catch (e) {}</script>",
    "workers": """<script>let code = "fetch('TARGET/a'); importScripts('TARGET/b'); new WebSocket('ws://HOST/c')";
        let url = URL.createObjectURL(new Blob([code])); new Worker(url);
        try { new SharedWorker(url) } catch (e) {} navigator.serviceWorker?.register('/sw.js');
        new Worker('TARGET/d')</script>""",
    "navigation": "<script>onload = () => { location = 'TARGET/a' }</script>",
    "refresh": "<meta http-equiv=refresh content='0; url=TARGET/a'>",
    "form": "<form action=TARGET/a method=post><input name=a></form>"
    "<script>onload = () => document.forms[0].submit()</script>",
    "windows": "<a href=TARGET/a target=_blank ping=TARGET/b>x</a><script>open('TARGET/c');"
    "open('TARGET/d', '', 'noopener'); document.links[0].click()</script>",
    "ping": "<a href='#here' ping=TARGET/a>x</a><script>document.links[0].click()</script>",
    "report": "<meta http-equiv=Content-Security-Policy content=\"img-src 'none'; report-uri TARGET/a\"><img src=/x>",
}
SPELLINGS = ("http://127.0.0.1:{}", "http://localhost:{}", "http://[::1]:{}", "http://2130706433:{}", "http://0:{}")


@pytest.mark.parametrize("way", WAYS)
def test_nothing_private_is_reached(server: HttpServer, draw: Artist, way: str) -> None:
    bodies = []
    for spelling in SPELLINGS:
        target = spelling.format(server.port)
        bodies.append(WAYS[way].replace("TARGET", target).replace("HOST", target.partition("//")[2]) + STORY)
    settings = {"allow_private": False, "ports": (server.port,), "screenshot": True, "timeout": LATER}
    for drawn in draw.all(*bodies, settings=settings):
        assert drawn.failure is None
        assert drawn.dom is not None
        assert b"Paragraph 8" in drawn.dom
        assert {one.refused for one in drawn.requests} <= {"forbidden_address", "not_loaded"}
        assert all(one.status is None for one in drawn.requests)
    assert server.connections == 0


@pytest.mark.parametrize("way", ["elements", "fetch", "navigation"])
def test_the_same_pages_do_reach_what_they_may(server: HttpServer, draw: Artist, way: str) -> None:
    target = f"http://127.0.0.1:{server.port}"
    draw(WAYS[way].replace("TARGET", target) + STORY, settings={"screenshot": True})
    assert server.connections > 0


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("<script>location = 'http://127.0.0.1:{}/a'</script>", "forbidden_address"),
        (
            "<form action=http://127.0.0.1:{}/a method=post></form><script>document.forms[0].submit()</script>",
            "browser",
        ),
    ],
)
def test_a_page_that_is_only_a_way_to_where_nothing_is_got(
    server: HttpServer, draw: Artist, body: str, code: str
) -> None:
    drawn = draw(body.format(server.port) + STORY, settings={"allow_private": False, "ports": (server.port,)})
    assert drawn.failure is not None
    assert (drawn.failure.code, drawn.dom) == (code, None)
    assert server.connections == 0


def test_no_packet_leaves_past_the_requests(server: HttpServer, udp: UdpEar, draw: Artist) -> None:
    drawn = draw(
        f"""{STORY}<script>
        let peer = new RTCPeerConnection({{iceServers: [{{urls: ['stun:127.0.0.1:{udp.port}',
            'stun:localhost:{udp.port}', 'turn:127.0.0.1:{udp.port}?transport=udp'], username: 'a', credential: 'b'}},
            {{urls: 'turn:127.0.0.1:{server.port}?transport=tcp', username: 'a', credential: 'b'}}]}});
        peer.createDataChannel('x'); peer.createOffer().then(offer => peer.setLocalDescription(offer));
        document.title = 'asked'</script>"""
    )
    assert b"<title>asked</title>" in (drawn.dom or b"")
    assert udp.heard == []
    assert server.connections == 0


@pytest.mark.parametrize(
    "script",
    [
        "while (true);",
        "while (true) alert('look')",
        "let s = '<p>'; while (true) { s += s; document.body.append(s.slice(0, 1e6)) }",
        "const f = () => Promise.resolve().then(f); f()",
        "for (let i = 0; i < 1e7; i++) history.pushState(0, '', '/' + i)",
    ],
    ids=["a loop", "alerts", "one long string", "microtasks", "history"],
)
def test_one_that_would_take_for_ever(draw: Artist, script: str) -> None:
    began = time.monotonic()
    drawn = draw(f"<body>{STORY}<script>{script}</script>", settings={"timeout": SOON})
    assert time.monotonic() - began < SOON + TO_START_AND_END
    assert drawn.time_total < SOON + 4
    assert drawn.failure is not None
    assert drawn.failure.code in ("timeout", "browser")  # the browser may die of it first
    assert drawn.dom is None


@pytest.mark.parametrize(
    "body",
    [
        "<script>setInterval(() => { const until = Date.now() + 300; while (Date.now() < until); }, 1)</script>",
        "<script>for (let i = 0; i < 50; i++) { alert(i); confirm(i); prompt(i) } print()</script>",
        "<script>onbeforeunload = () => 'stay'; addEventListener('unload', () => { while (true); })</script>",
        "<script>onload = () => { location = '/?' + Math.random() }</script>",
        "<script>onload = () => location.reload()</script>",
        "<meta http-equiv=refresh content='0'>",
        "<script>for (let i = 0; i < 300; i++) open('/' + i)</script>",
        "<script>for (let i = 0; i < 300; i++) document.body.append(document.createElement('iframe'))</script>",
        "<script>setInterval(() => document.body.append('more '), 10)</script>",
        "<div>" * 20_000,
    ],
    ids="busy dialogs unload navigations reloads refresh windows frames growing deep".split(),
)
def test_one_that_would_not_let_go(server: HttpServer, draw: Artist, body: str) -> None:
    server.page("/", f"{STORY}{body}")
    server.page("/story", f"{STORY}{body}")
    began = time.monotonic()
    drawn = draw(f"<body>{STORY}{body}", settings={"timeout": LATER})
    assert time.monotonic() - began < LATER + TO_START_AND_END
    assert drawn.failure is None
    assert b"Paragraph 8" in (drawn.dom or b"")
    assert len(server.requests) <= MOST_NAVIGATIONS


@pytest.mark.parametrize("script", ["location = '/?' + Math.random()", "location.reload()"])
def test_scripts_that_lead_on_and_on(server: HttpServer, draw: Artist, script: str) -> None:
    body = f"<script>{script}</script>{STORY}"
    server.page("/", body)
    server.page("/story", body)
    drawn = draw(body)
    assert drawn.failure is not None
    assert (drawn.failure.code, drawn.dom) == ("redirects", None), drawn.failure.message
    assert len(server.requests) == MOST_NAVIGATIONS


def test_a_document_that_grows_too_large(draw: Artist) -> None:
    drawn = draw(
        f"<body>{STORY}<script>document.body.append('x'.repeat(3e6))</script>",
        settings={"timeout": LATER, "max_body": 1_000_000},
    )
    assert drawn.failure is not None
    assert (drawn.failure.code, drawn.dom) == ("too_large", None)


def test_answers_without_end(server: HttpServer, draw: Artist) -> None:
    async def endless(request: object, writer: object) -> None:
        await drip(head(), [b"x"] * 600, pause=0.05)(request, writer)  # type: ignore[arg-type]

    server.script("/drip", endless)
    drawn = draw(
        f"{STORY}<script src=/drip async></script><script>fetch('/drip')</script>", settings={"timeout": SOON * 2}
    )
    assert drawn.failure is None
    assert b"Paragraph 8" in (drawn.dom or b"")
    assert drawn.time_total < SOON * 2 + 1


def test_a_bomb_is_stopped_before_the_browser(server: HttpServer, draw: Artist) -> None:
    bomb = gzip.compress(bytes(200_000_000))
    server.page("/bomb", bomb, headers=[("Content-Encoding", "gzip")], type="text/javascript")
    drawn = draw(f"{STORY}<script src=/bomb></script>")
    assert drawn.failure is None
    assert [one.refused for one in drawn.requests] == ["too_large"]


def test_all_answers_together_have_a_limit(server: HttpServer, draw: Artist) -> None:
    server.page("/big", b"x" * 300_000, type="text/plain")
    drawn = draw(
        f"{STORY}<script>for (let i = 0; i < 10; i++) fetch('/big?' + i)</script>", settings={"max_body": 2_000_000}
    )
    assert drawn.failure is None
    came = [one.size or 0 for one in drawn.requests]
    assert 1_000_000 < sum(came) <= 2_000_000
    assert [one.refused for one in drawn.requests].count("too_large") == came.count(0) > 0


def test_a_flood_of_requests(server: HttpServer, draw: Artist) -> None:
    server.page("/a", b"x", type="text/plain")
    drawn = draw(
        f"{STORY}<script>for (let i = 0; i < 2000; i++) fetch('/a?' + i)</script>", settings={"timeout": LATER}
    )
    assert drawn.failure is None
    assert len(drawn.requests) == MOST_REQUESTS
    assert len(server.requests) <= MOST_REQUESTS


def test_one_that_takes_all_memory(draw: Artist, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "MEMORY_LIMIT", 1500 << 20)
    hog = "<script>let all = []; setInterval(() => all.push(new Uint8Array(64 << 20).fill(1)), 1)</script>"
    first, second = draw.all(f"{STORY}{hog}", f"{STORY}<p>Another</p>", settings={"timeout": 15.0})
    assert first.failure is not None
    assert first.failure.code == "browser"
    assert second.failure is None


def test_after_one_that_hangs_the_next_is_drawn(draw: Artist) -> None:
    first, second = draw.all("<script>while (true);</script>", STORY, settings={"timeout": 4.0})
    assert first.failure is not None
    assert (first.failure.code, first.dom) == ("timeout", None)
    assert second.failure is None


def test_nothing_is_saved(server: HttpServer, draw: Artist, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setenv("HOME", str(tmp_path))
    server.page("/file", b"MZ", headers=[("Content-Disposition", "attachment; filename=evil.exe")])
    body = f"""{STORY}<a download=evil.txt href='data:text/plain,evil'>x</a><a download=b.txt id=b>x</a><script>
        b.href = URL.createObjectURL(new Blob(['evil'])); for (const a of document.links) a.click();
        location = '/file'</script>"""
    drawn = draw(page(body), page(STORY, headers=(("Content-Disposition", "attachment; filename=page.html"),)))
    assert drawn.failure is None
    assert b"Paragraph 8" in (drawn.dom or b"")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_program_that_is_no_browser(draw: Artist) -> None:
    drawn = draw(STORY, settings={"browser": "/bin/false"})
    assert drawn.failure is not None
    assert drawn.failure.code == "browser"
    assert "/bin/false did not start" in drawn.failure.message


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_its_processes_end_with_ours(how: signal.Signals, tmp_path: Path) -> None:
    script = """
        import asyncio
        from datetime import UTC, datetime
        from scraper.fetch import Fetcher
        from scraper.fetch.browser import Browser
        from tests.fetch.browser.conftest import page, SETTINGS

        async def main():
            async with Fetcher(SETTINGS) as fetcher:
                browser = Browser(fetcher, SETTINGS)
                await browser.start()
                print("started", flush=True)
                await browser.render(page("<script>while (true);</script>"))

        asyncio.run(main())
        """
    assert SETTINGS.timeout > 10
    child = subprocess.Popen([sys.executable, "-c", dedent(script)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        assert child.stdout is not None
        assert child.stdout.readline() == b"started\n"
        family = _descendants(child.pid)
        assert len(family) >= 3
        time.sleep(1.0)
        family |= _descendants(child.pid)
        child.send_signal(how)
        child.wait(10)
        end = time.monotonic() + 10
        while (alive := _alive(family)) and time.monotonic() < end:
            time.sleep(0.1)
        assert alive == set()
    finally:
        child.kill()
        child.wait()
        child.stdout.close()
        for pid in _alive(family):
            with suppress(OSError):
                os.kill(pid, signal.SIGKILL)


def _descendants(pid: int) -> set[int]:
    import psutil

    return {one.pid for one in psutil.Process(pid).children(recursive=True)}


def _alive(pids: set[int]) -> set[int]:
    import psutil

    alive = set()
    for pid in pids:
        with suppress(psutil.Error):
            if psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
                alive.add(pid)
    return alive
