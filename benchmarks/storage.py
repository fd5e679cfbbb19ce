"""What a captured page costs on disk, beside the same captures as a gzip WARC; and how fast they are written and read.

    python -m benchmarks.storage --data ../shared/bench

Four measures: a first page of each of many sites; further pages of sites already held; recaptures after small changes
(another token, counter, advertisement every time, and every third time an edit of the text); and all of it with the
articles' text and the search index. The WARC has a request and a response record a capture, a gzip member each, and a
revisit record where a body comes again. Sizes are of whole files, everything in them included, after the write-ahead
log was merged; pages a second are medians of interleaved passes.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import random
import re
import sqlite3
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import zstandard

from benchmarks.labelled import read_set, set_names
from scraper.capture import Capture, Hop, Timings
from scraper.store import Archive
from scraper.urls import site_of

_START = datetime(2026, 1, 1, tzinfo=UTC)
_BATCH = 32
"""Captures a commit, as a crawl writes them."""
_REQUEST = (
    ("Host", "news.example"),
    ("User-Agent", "news-archiver/0.1.0 (+https://archive.example/about)"),
    ("Accept", "text/html,application/xhtml+xml,*/*;q=0.8"),
    ("Accept-Encoding", "gzip, deflate, br, zstd"),
)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder of labelled sets")
    parser.add_argument("--pages", type=int, help="take only so many sites")
    parser.add_argument("--no-text", action="store_true", help="leave out the measure with articles")
    given = parser.parse_args()
    sites = _by_site(given.data)
    if not sites:
        print(f"no sets in {given.data}; see --help", file=sys.stderr)
        return 2
    chosen = list(sites.values())[: given.pages]
    firsts = [pages[:1] for pages in chosen]
    several = [pages for pages in chosen if len(pages) > 1]
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        _sizes(folder, firsts, several)
        if not given.no_text:
            _with_text(folder, chosen)
        _speeds(folder, chosen)
    return 0


Page = tuple[str, bytes]


def _by_site(data: Path) -> dict[str, list[Page]]:
    sites: dict[str, list[Page]] = defaultdict(list)
    for name in set_names(data):
        for page in read_set(data / name).pages:
            if page.url:
                sites[site_of(page.url)].append((page.url, page.html()))
    return sites


def _sizes(folder: Path, firsts: list[list[Page]], several: list[list[Page]]) -> None:
    rows = []
    captures = [_capture(url, body, n) for n, [(url, body)] in enumerate(firsts)]
    rows.append(("first page of a site", len(captures), *_both(folder, [], captures)))

    held = [_capture(*pages[0], n) for n, pages in enumerate(several)]
    more = [_capture(*page, 10_000 + n) for n, page in enumerate(page for pages in several for page in pages[1:])]
    rows.append(("further page of a site held", len(more), *_both(folder, held, more)))

    chance = random.Random(5)
    some = [pages[0] for pages in firsts[:: max(1, len(firsts) // 150)]]
    for times in (5, 9, 20):
        once = [_capture(*page, n) for n, page in enumerate(some)]
        again: list[Capture] = []
        versions = dict(some)
        for number in range(1, times + 1):
            versions = {url: _changed(body, number, chance) for url, body in versions.items()}
            again += [_capture(*page, number * 100_000 + n) for n, page in enumerate(versions.items())]
        rows.append((f"recapture, {times} of a page", len(again), *_both(folder, once, again)))
    print(f"\n{'':32}{'captures':>9}{'archive B':>11}{'WARC.gz B':>11}{'ratio':>8}")
    for name, count, ours, warc in rows:
        print(f"{name:32}{count:>9}{ours / count:>11.0f}{warc / count:>11.0f}{ours / warc:>8.3f}")


def _both(folder: Path, held: Sequence[Capture], captures: Sequence[Capture]) -> tuple[int, int]:
    """Bytes that `captures` add to an archive and to a WARC that hold `held`."""
    path = folder / "sizes.db"
    _write(path, held)
    before = path.stat().st_size
    _write(path, captures)
    ours = path.stat().st_size - before
    path.unlink()
    seen: set[str] = set()
    for capture in held:
        _warc(capture, seen)
    return ours, sum(len(_warc(capture, seen)) for capture in captures)


def _write(path: Path, captures: Iterable[Capture]) -> None:
    captures = list(captures)
    with Archive.open(path, write=True) as archive:
        for start in range(0, len(captures), _BATCH):
            with archive.batch():
                for capture in captures[start : start + _BATCH]:
                    archive.add_capture(capture)
    _merge_log(path)


def _merge_log(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    connection.close()


def _with_text(folder: Path, sites: list[list[Page]]) -> None:
    """Everything: captures, articles, links, fingerprints and the search index, of pages that are read."""
    from scraper.extract import extract

    path = folder / "text.db"
    captures = [_capture(*page, n) for n, page in enumerate(page for pages in sites for page in pages)]
    with Archive.open(path, write=True) as archive:
        refs = [archive.add_capture(capture) for capture in captures]
    _merge_log(path)
    bare = path.stat().st_size
    with Archive.open(path, write=True) as archive:
        for ref, capture in zip(refs, captures, strict=True):
            archive.add_article(ref.id, extract(capture.body or b"", url=capture.url))
    _merge_log(path)
    seen: set[str] = set()
    warc = sum(len(_warc(capture, seen)) for capture in captures)
    whole, count = path.stat().st_size, len(captures)
    print(f"\nall {count} pages, bytes a page: captures alone {bare / count:.0f} ({bare / warc:.3f} of the WARC)")
    print(f"with text and search {whole / count:.0f} ({whole / warc:.3f}); gzip WARC {warc / count:.0f}")
    connection = sqlite3.connect(path)
    try:
        parts = connection.execute(
            "SELECT name, sum(pgsize) FROM dbstat GROUP BY name ORDER BY 2 DESC LIMIT 12"
        ).fetchall()
        print("; ".join(f"{name} {size / count:.0f}" for name, size in parts))
    except sqlite3.OperationalError:
        pass  # this SQLite was built without the table dbstat
    finally:
        connection.close()
    path.unlink()


def _speeds(folder: Path, sites: list[list[Page]], passes: int = 3) -> None:
    pages = [page for site in sites for page in site]
    chance = random.Random(9)
    captures = [_capture(*page, n) for n, page in enumerate(pages)]
    for number in (1, 2, 3):
        pages = [(url, _changed(body, number, chance)) for url, body in pages]
        captures += [_capture(*page, number * 100_000 + n) for n, page in enumerate(pages)]
    timings: dict[str, list[float]] = defaultdict(list)
    for number in range(passes):
        ours, plain = folder / f"ours{number}.db", folder / f"plain{number}.db"
        timings["written: archive"].append(_rate(len(captures), partial(_write, ours, captures)))
        timings["written: plain zstd blobs"].append(_rate(len(captures), partial(_write_plain, plain, captures)))
        timings["read and verified"].append(_rate(len(captures), partial(_read, ours)))
        timings["verified, as `scrape verify`"].append(_rate(len(captures), partial(_verify, ours)))
        timings["read: plain zstd blobs"].append(_rate(len(captures), partial(_read_plain, plain)))
        for path in (ours, plain):
            print(f"{path.name}: {path.stat().st_size / len(captures):.0f} bytes a capture", file=sys.stderr)
            path.unlink()
    print(f"\n{len(captures)} captures, a quarter of them first ones; a second, median of {passes} passes")
    for name, rates in timings.items():
        print(f"{name:32}{statistics.median(rates):>9.0f}   ({min(rates):.0f} to {max(rates):.0f})")


def _rate(count: int, work: Callable[[], None]) -> float:
    start = time.perf_counter()
    work()
    return count / (time.perf_counter() - start)


def _read(path: Path) -> None:
    with Archive.open(path) as archive:
        for capture_id in archive.capture_ids():
            archive.capture(capture_id)


def _verify(path: Path) -> None:
    with Archive.open(path) as archive:
        bad = [checked for checked in archive.check() if checked.result != "ok"]
    if bad:
        raise SystemExit(f"verification failed: {bad[:3]}")


def _write_plain(path: Path, captures: Sequence[Capture]) -> None:
    """What any program would do first: a table of bodies at zstd's default level."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE blobs (sha256 TEXT PRIMARY KEY, url TEXT, content BLOB)")
    compressor = zstandard.ZstdCompressor()
    for start in range(0, len(captures), _BATCH):
        connection.execute("BEGIN IMMEDIATE")
        for capture in captures[start : start + _BATCH]:
            body = capture.body or b""
            digest = hashlib.sha256(body).hexdigest()
            row = (digest, capture.url, compressor.compress(body))
            connection.execute("INSERT OR IGNORE INTO blobs VALUES (?, ?, ?)", row)
        connection.execute("COMMIT")
    connection.close()


def _read_plain(path: Path) -> None:
    connection = sqlite3.connect(path)
    reader = zstandard.ZstdDecompressor()
    for sha256, content in connection.execute("SELECT sha256, content FROM blobs"):
        if hashlib.sha256(reader.decompress(content)).hexdigest() != sha256:
            raise SystemExit("a plain blob is damaged")
    connection.close()


def _capture(url: str, body: bytes, number: int) -> Capture:
    """As a server of today answers: some fifteen header fields, two of them long and different every time."""
    chance = random.Random(number)
    at = _START + timedelta(seconds=7 * number)
    headers = (
        ("Date", at.strftime("%a, %d %b %Y %H:%M:%S GMT")),
        ("Content-Type", "text/html; charset=utf-8"),
        ("Transfer-Encoding", "chunked"),
        ("Connection", "keep-alive"),
        ("Server", "nginx"),
        ("Vary", "Accept-Encoding, Cookie"),
        ("Cache-Control", "max-age=60, stale-while-revalidate=30"),
        ("X-Frame-Options", "SAMEORIGIN"),
        ("Strict-Transport-Security", "max-age=31536000; includeSubDomains; preload"),
        ("Content-Security-Policy", "upgrade-insecure-requests; frame-ancestors 'self'"),
        ("ETag", f'W/"{chance.getrandbits(128):032x}"'),
        ("X-Request-Id", f"{chance.getrandbits(128):032x}"),
        ("Age", str(chance.randrange(60))),
        ("Via", "1.1 varnish, 1.1 varnish"),
        ("Content-Encoding", "gzip"),
    )
    hop = Hop(url=url, status=200, http_version="HTTP/1.1", headers=headers, peer=f"192.0.2.{number % 250}:443")
    return Capture(
        url=url,
        fetched_at=at,
        hops=(hop,),
        request_headers=_REQUEST,
        body=body,
        wire_size=len(body) // 5,
        timings=Timings(first_byte=chance.random(), total=1 + chance.random()),
        robots="obeyed",
    )


def _warc(capture: Capture, seen: set[str]) -> bytes:
    """The capture's records, a gzip member each, at the level that WARC writers use."""
    headers = "".join(f"{name}: {value}\r\n" for name, value in capture.headers)
    sent = "".join(f"{name}: {value}\r\n" for name, value in capture.request_headers)
    answer = f"HTTP/1.1 200 OK\r\n{headers}\r\n".encode()
    digest = capture.sha256 or ""
    record, block = ("revisit", answer) if digest in seen else ("response", answer + (capture.body or b""))
    seen.add(digest)
    request = f"GET /{capture.url.partition('://')[2].partition('/')[2]} HTTP/1.1\r\n{sent}\r\n".encode()
    return b"".join(
        gzip.compress(_head(kind, capture, content, digest) + content + b"\r\n\r\n", 6, mtime=0)
        for kind, content in ((record, block), ("request", request))
    )


def _head(kind: str, capture: Capture, block: bytes, payload: str) -> bytes:
    sha1 = hashlib.sha1(block, usedforsecurity=False).hexdigest()
    number = hashlib.md5(f"{kind}{capture.url}{capture.fetched_at}".encode(), usedforsecurity=False).hexdigest()
    lines = [
        "WARC/1.1",
        f"WARC-Type: {kind}",
        f"WARC-Record-ID: <urn:uuid:{number}>",
        f"WARC-Target-URI: {capture.url}",
        f"WARC-Date: {capture.fetched_at:%Y-%m-%dT%H:%M:%SZ}",
        f"WARC-IP-Address: {(capture.peer or '').partition(':')[0]}",
        f"WARC-Block-Digest: sha1:{sha1}",
        f"WARC-Payload-Digest: sha256:{payload}",
        f"Content-Type: application/http; msgtype={kind}",
        f"Content-Length: {len(block)}",
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


_TOKENS = re.compile(rb"[0-9a-f]{16,}|\b\d{3,7}\b")


def _changed(body: bytes, number: int, chance: random.Random) -> bytes:
    """The page as it is served the next time: tokens and counters differ, and every third time somebody edited it."""
    places = list(_TOKENS.finditer(body))
    for match in sorted(chance.sample(places, min(12, len(places))), key=lambda m: -m.start()):
        new = "".join(chance.choices("0123456789", k=len(match[0]))).encode()
        body = body[: match.start()] + new + body[match.end() :]
    script = f"<script>window.t={chance.getrandbits(64)};window.v='{chance.getrandbits(64):x}'</script>".encode()
    body = body.replace(b"</body>", script + b"</body>", 1)
    if number % 3 == 0:
        ends = [match.end() for match in re.finditer(rb"</p>", body)] or [len(body)]
        said = " ".join(chance.choices(("officials", "said", "on", "Monday", "that", "the", "town", "council"), k=45))
        at = chance.choice(ends)
        body = body[:at] + f"<p>{said}.</p>".encode() + body[at:]
    return body


if __name__ == "__main__":
    sys.exit(main())
