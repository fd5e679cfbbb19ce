"""Captures of every kind that an archive may hold: plain, hostile, failed, drawn, and several of one page."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from scraper.capture import Capture, Failure, Headers, Hop, PageRequest, Rendering, Timings
from scraper.store import Archive

START = datetime(2024, 7, 23, 10, 15, 0, 123_000, tzinfo=UTC)
HTML: Headers = (("Content-Type", "text/html; charset=utf-8"),)
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(256))


def page(text: str, *, filler: int = 40) -> bytes:
    paragraphs = "".join(
        f"<p>{text}: paragraph {number} says that the water rose by {number} centimetres overnight.</p>"
        for number in range(filler)
    )
    return f"<!DOCTYPE html><html lang='en'><title>{text}</title><body><h1>{text}</h1>{paragraphs}</body>".encode()


class Shelf:
    """Puts captures into an archive, each a minute after the one before."""

    def __init__(self, archive: Archive) -> None:
        self.archive = archive
        self._minutes = 0

    def put(
        self,
        url: str,
        body: bytes | None,
        *,
        status: int | None = 200,
        headers: Headers = HTML,
        version: str | None = "HTTP/1.1",
        peer: str | None = "192.0.2.1:443",
        before: tuple[Hop, ...] = (),
        final: str | None = None,
        failure: Failure | None = None,
        hops: tuple[Hop, ...] | None = None,
    ) -> int:
        self._minutes += 1
        answer = Hop(url=final or url, status=status, http_version=version, headers=headers, peer=peer)
        capture = Capture(
            url=url,
            fetched_at=START + timedelta(minutes=self._minutes),
            hops=(*before, answer) if hops is None else hops,
            request_headers=(("Host", "a.example"), ("User-Agent", "news-archiver/0 (+é)"), ("Accept", "text/html")),
            body=body,
            wire_size=None if body is None else len(body) // 3,
            timings=Timings(resolved=0.01, connected=0.02, first_byte=0.3, total=0.4),
            failure=failure,
            robots="obeyed",
        )
        return self.archive.add_capture(capture).id


def fill(archive: Archive) -> None:
    """About thirty captures that an export must get through whole."""
    shelf = Shelf(archive)
    put = shelf.put
    gzip = (("content-encoding", "gzip"), ("Content-Length", "17"), ("Vary", "Accept-Encoding"))
    first = put("https://a.example/plain", page("Plain"), headers=(*HTML, ("ETag", '"1"'), ("Content-Length", "9")))
    put("https://a.example/gzip", page("Zipped"), headers=(*HTML, *gzip))
    put("https://a.example/br", page("Brotli"), headers=(*HTML, ("Content-Encoding", "br")), version="HTTP/2")
    put("https://a.example/zstd", page("Zstd"), headers=(*HTML, ("Content-Encoding", "zstd")))
    chunked = (*HTML, ("Transfer-Encoding", "chunked"), ("Trailer", "X-Sum"), ("Content-Encoding", "gzip, br"))
    put("https://a.example/chunked", page("Chunked"), headers=chunked)
    # The same body again, of this page and of another one.
    put("https://a.example/plain", page("Plain"), headers=(*HTML, ("Age", "7")))
    put("https://b.example/copy", page("Plain"), headers=(*HTML, *gzip))
    unchanged = put("https://a.example/plain", None, status=304, headers=(("ETag", '"1"'),))
    put("https://a.example/never", None, status=304, headers=())
    hops = (
        Hop(
            url="http://a.example/old",
            status=301,
            http_version="HTTP/1.0",
            headers=(("Location", "/mid"), ("Content-Length", "0")),
            peer="[2001:db8::1]:80",
        ),
        Hop(url="http://a.example/mid", status=302, headers=(("location", "https://a.example/new"),), peer="odd"),
    )
    put("http://a.example/old", page("Moved"), before=hops, final="https://a.example/new", version="HTTP/2")
    put("http://a.example/old", page("Moved"), before=hops, final="https://a.example/new", version="HTTP/2")
    circle = Hop(url="https://a.example/cookie", status=302, headers=(("Location", "/cookie"),), peer="192.0.2.1:443")
    put("https://a.example/cookie", page("Cookie"), before=(circle,))
    # Failures: before any answer, without one, and after one.
    put("https://gone.example/", None, hops=(), failure=Failure(code="dns", message="no such host\r\nX: y"))
    put("https://mute.example/", None, status=None, version=None, failure=Failure(code="timeout", message="no answer"))
    put("https://a.example/big", None, failure=Failure(code="too_large", message="larger than 32 MiB"))
    put("https://a.example/loop", None, status=302, before=hops, failure=Failure(code="redirects", message="a circle"))
    put("https://a.example/missing", page("Not found"), status=404)
    put("https://a.example/teapot", b"odd status", status=299)
    put("https://a.example/999", b"stranger", status=999)
    # Headers and addresses that a hostile server, or an old program, may have left.
    odd: Headers = (
        ("Content-Type", "text/html; charset=koi8-r"),
        ("X-Line", "one\r\nContent-Length: 1\r\n\r\nWARC/1.1"),
        ("X-Nul", "a\x00b\x0bc\x85d"),
        ("X-Latin", "Zürich, café"),
        ("X-Wide", "Київ 東京 😀"),
        ("Bad Name", "1"),
        ("Bad:Name", "1"),
        ("", "empty"),
        ("X-Empty", ""),
        ("X-Space", "  around  "),
        ("X-Long", "x" * 9_000),
        ("X-Archive-Orig-Content-Length", "12"),
        ("X-A", "1"),
        ("x-a", "2"),
        ("Content-Length", "5"),
        ("Content-Length", "6"),
    )
    put("https://a.example/odd", page("Odd"), headers=odd)
    put("https://a.example/space%20d?q=a%20b&u=%D0%BA#part", page("Spaces"))
    put("https://a.example/привет світ?q=два слова\u2028x", page("Raw"))
    put("https://a.example/line\r\nWARC-Type: fake", page("Line end"))
    put('https://a.example/pipe|{}"<>`^\\', page("Signs"))
    # Bodies.
    put("https://a.example/empty", b"")
    put("https://a.example/empty2", b"", headers=(*HTML, ("Content-Encoding", "gzip")))
    put("https://a.example/inside", b"\r\n\r\nWARC/1.1\r\nWARC-Type: response\r\nContent-Length: 3\r\n\r\nabc\r\n\r\n")
    put("https://a.example/bytes.bin", bytes(range(256)) * 300, headers=(("Content-Type", "application/pdf"),))
    put("https://a.example/untyped", page("Untyped"), headers=())
    put("https://a.example/large", page("Large", filler=30_000))
    drawn = put("https://a.example/app", b"<div id=app></div><script src=x.js></script>")
    archive.add_rendering(
        drawn,
        Rendering(
            url="https://a.example/app#home",
            rendered_at=START + timedelta(hours=2),
            browser="Chromium 140",
            dom=page("Drawn"),
            screenshot=PICTURE,
            requests=(
                PageRequest(method="GET", url="https://a.example/x.js", kind="script", status=200, size=12),
                PageRequest(method="GET", url="https://ads.example/", kind="image", refused="not_loaded"),
            ),
            time_total=1.5,
        ),
    )
    undrawn = put("https://a.example/broken-app", b"<div id=app></div>")
    failure = Failure(code="browser", message="it died")
    when = START + timedelta(hours=3)
    archive.add_rendering(
        undrawn, Rendering(url="https://a.example/broken-app", rendered_at=when, browser="", failure=failure)
    )
    archive.add_check(unchanged, first)


def filled(path: Path) -> Path:
    """An archive at `path` that holds these captures."""
    with Archive.open(path, write=True) as archive, archive.batch():
        fill(archive)
    return path
