"""A file of a news crawler into an archive: pages a second, memory, and how long it takes to go on after a kill.

    python -m benchmarks.backfill --data FOLDER [--pages 1000] [--sift-pages 5000] [--rounds 1]

Two files are made of the labelled pages, as CC-NEWS files are: a warcinfo, and for each page a request and a response,
a gzip member each; every page under its own host, and when all were used, again under other hosts, with another
comment at its end. The smaller is imported whole, extraction and all, with one job and with two. The larger is
imported with a host filter that keeps one page in fifty, and whole without extraction.

Beside them the plain loop that people write: warcio reads the file, trafilatura extracts, SQLite keeps body, text and
metadata, a commit for 100 pages; for the larger file warcio and SQLite alone, with the same filter. Every run is a
process of its own on an archive of its own. Rounds are repeated and medians printed. Memory is the largest process's,
and that of all together, with what they share counted once, looked at every 50 ms.
"""

from __future__ import annotations

import argparse
import base64
import gzip
import hashlib
import json
import os
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.labelled import read_set, set_names

_KEPT = 50
"""Of so many pages a filter keeps one."""
_HOST = "kept.example"
_DAYS = 28

_LOOP = """
import json, sqlite3, sys
from warcio.archiveiterator import ArchiveIterator

path, out, host = sys.argv[1:]
db = sqlite3.connect(out)
db.execute("PRAGMA journal_mode = WAL")
db.execute("CREATE TABLE pages (url TEXT, date TEXT, body BLOB, text TEXT, meta TEXT)")
records = kept = 0
with open(path, "rb") as stream:
    for record in ArchiveIterator(stream):
        records += 1
        if record.rec_type != "response":
            continue
        url = record.rec_headers.get_header("WARC-Target-URI")
        if host and not url.split("/")[2].endswith(host):
            continue
        body = record.content_stream().read()
        text = meta = None
        if not host:
            import trafilatura
            found = trafilatura.bare_extraction(body, url=url, with_metadata=True, include_comments=False)
            if found is not None:
                text, meta = found.text, json.dumps([found.title, found.author, found.date])
        date = record.rec_headers.get_header("WARC-Date")
        db.execute("INSERT INTO pages VALUES (?, ?, ?, ?, ?)", (url, date, body, text, meta))
        kept += 1
        if kept % 100 == 0:
            db.commit()
db.commit()
"""


@dataclass(frozen=True, slots=True)
class Source:
    """A file that was made."""

    path: Path
    pages: int
    kept: int
    """Pages that the filter keeps."""
    size: int
    raw: int
    """Bytes of the pages."""


@dataclass(frozen=True, slots=True)
class Run:
    """What one process took."""

    seconds: float
    largest: int
    total: int
    stored: int


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder of labelled sets")
    parser.add_argument("--pages", type=int, default=1000, help="of the file that is extracted")
    parser.add_argument("--sift-pages", type=int, default=5000, help="of the file that is filtered")
    parser.add_argument("--rounds", type=int, default=1)
    given = parser.parse_args()
    pages = [(page.url, page.html()) for name in set_names(given.data) for page in read_set(given.data / name).pages]
    pages = [(url, html) for url, html in pages if url]
    if not pages:
        print(f"no sets in {given.data}; see --help", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="backfill-") as scratch:
        folder = Path(scratch)
        whole = make_file(folder / "whole.warc.gz", pages, given.pages)
        print(_described("extracted", whole))
        _compare(
            folder, whole, given.rounds, ours={"scrape, 1 job": ["--jobs", "1"], "scrape, 2 jobs": ["--jobs", "2"]}
        )
        whole.path.unlink()
        large = make_file(folder / "large.warc.gz", pages, given.sift_pages)
        print(_described("filtered", large))
        sifted = {"scrape, filter": ["--host", _HOST, "--no-extract"], "scrape, all, not extracted": ["--no-extract"]}
        _compare(folder, large, given.rounds, ours=sifted, host=_HOST)
        _go_on(folder, large)
    return 0


def make_file(path: Path, pages: Sequence[tuple[str, bytes]], number: int) -> Source:
    """A file of `number` pages."""
    kept = raw = 0
    with path.open("wb") as out:
        out.write(_record("warcinfo", "urn:info", "2024-03-01T00:00:00Z", b"software: a crawler\r\n", ()))
        for at in range(number):
            url, html = pages[at % len(pages)]
            if at % _KEPT == 0:
                kept += 1
                url = f"https://{_HOST}/{at}/{urlsplit(url).netloc}"
            elif at >= len(pages):
                url = url.replace("://", f"://round-{at // len(pages)}.", 1)
            if at >= len(pages):
                html += b"<!-- %d -->" % at
            raw += len(html)
            date = f"2024-03-{1 + at % _DAYS:02}T{at // 3600 % 24:02}:{at // 60 % 60:02}:{at % 60:02}Z"
            asked = f"GET / HTTP/1.1\r\nHost: {urlsplit(url).netloc}\r\nUser-Agent: a crawler\r\n\r\n".encode()
            head = (
                "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nX-Crawl-Content-Encoding: gzip\r\n"
                f"Content-Length: {len(html)}\r\n\r\n"
            )
            out.write(_record("request", url, date, asked, ()))
            payload = ("WARC-Payload-Digest", _sha1(html)), ("WARC-Identified-Payload-Type", "text/html")
            out.write(_record("response", url, date, head.encode() + html, payload))
    return Source(path, number, kept, path.stat().st_size, raw)


_ids = count()


def _record(kind: str, url: str, date: str, block: bytes, more: Sequence[tuple[str, str]]) -> bytes:
    fields = [
        ("WARC-Type", kind),
        ("WARC-Record-ID", f"<urn:uuid:00000000-0000-4000-8000-{next(_ids):012}>"),
        ("WARC-Date", date),
        ("WARC-Target-URI", url),
        ("Content-Type", "application/warc-fields" if kind == "warcinfo" else f"application/http; msgtype={kind}"),
        ("WARC-Block-Digest", _sha1(block)),
        *more,
        ("Content-Length", str(len(block))),
    ]
    head = "WARC/1.0\r\n" + "".join(f"{name}: {value}\r\n" for name, value in fields) + "\r\n"
    return gzip.compress(head.encode() + block + b"\r\n\r\n", 6)


def _sha1(content: bytes) -> str:
    return "sha1:" + base64.b32encode(hashlib.sha1(content, usedforsecurity=False).digest()).decode()


def _described(what: str, source: Source) -> str:
    return (
        f"\n{source.pages} pages to be {what}: {source.size / 1e6:.0f} MB of gzip, {source.raw / 1e6:.0f} MB of pages,"
        f" 1 + 2 x {source.pages} records\n"
    )


def _compare(folder: Path, source: Source, rounds: int, *, ours: dict[str, list[str]], host: str = "") -> None:
    runs: dict[str, list[Run]] = {}
    for _ in range(rounds):
        for name, options in ours.items():
            runs.setdefault(name, []).append(_imported(folder, source, options))
        peer = "warcio, filter, SQLite" if host else "warcio, trafilatura, SQLite"
        runs.setdefault(peer, []).append(_looped(folder, source, host))
    base = statistics.median(run.seconds for run in runs[peer])
    columns = ("", "seconds", "pages/s", "MB/s of gzip", "captures", "largest process MiB", "all MiB", "plain loop = 1")
    print("| " + " | ".join(columns) + " |")
    print("|" + "---|" * len(columns))
    for name, several in runs.items():
        seconds = statistics.median(run.seconds for run in several)
        largest, total = (max(getattr(run, what) for run in several) / 2**20 for what in ("largest", "total"))
        print(
            f"| {name} | {seconds:.1f} | {source.pages / seconds:.0f} | {source.size / 1e6 / seconds:.1f} |"
            f" {several[0].stored} | {largest:.0f} | {total:.0f} | {base / seconds:.2f} |",
            flush=True,
        )


def _imported(folder: Path, source: Source, options: list[str]) -> Run:
    archive = folder / "archive.db"
    run = _measured(_command(source, archive, options), archive, "captures")
    _forget(archive)
    return run


def _looped(folder: Path, source: Source, host: str) -> Run:
    out = folder / "loop.db"
    run = _measured([sys.executable, "-W", "ignore", "-c", _LOOP, str(source.path), str(out), host], out, "pages")
    _forget(out)
    return run


def _command(source: Source, archive: Path, options: list[str]) -> list[str]:
    return [sys.executable, "-m", "scraper", "import", str(source.path), "--archive", str(archive), "--quiet", *options]


def _measured(command: list[str], database: Path, table: str) -> Run:
    begun = time.perf_counter()
    largest = total = 0
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, start_new_session=True) as process:
        while process.poll() is None:
            sizes = list(_resident(process.pid))
            largest, total = max([largest, *sizes]), max(total, sum(sizes))
            time.sleep(0.05)
    if process.returncode:
        raise RuntimeError(f"{command} ended with {process.returncode}")
    return Run(time.perf_counter() - begun, largest, total, _stored(database, table))


def _resident(session: int) -> Iterator[int]:
    """Proportional memory of each process of a session: what several share is counted once."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if os.getsid(int(folder.name)) != session:
                continue
            lines = (folder / "smaps_rollup").read_text().splitlines()
        except (OSError, ValueError):
            continue
        yield from (int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))


def _stored(database: Path, table: str) -> int:
    with closing(sqlite3.connect(database)) as db:
        return int(db.execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # noqa: S608 - a constant


def _go_on(folder: Path, source: Source) -> None:
    """Kill an import in the middle of the file, and measure until the next capture is committed."""
    archive = folder / "archive.db"
    command = _command(source, archive, ["--no-extract"])
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, start_new_session=True) as process:
        while process.poll() is None and _position(archive) < source.size // 2:
            time.sleep(0.05)
        os.killpg(process.pid, signal.SIGKILL)
    before, at = _stored(archive, "captures"), _position(archive)
    begun = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, start_new_session=True) as process:
        while process.poll() is None and _stored(archive, "captures") == before:
            time.sleep(0.01)
        first = time.perf_counter() - begun
        process.wait()
    stored = _stored(archive, "captures")
    print(
        f"\nkilled with {before} captures, at {at / 1e6:.0f} of {source.size / 1e6:.0f} MB: the same command added"
        f" the next one after {first:.1f} s, start of the program and all; in the end {stored} of {source.pages}"
    )
    begun = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    print(f"the same command again, when all is in: {time.perf_counter() - begun:.1f} s")


def _position(archive: Path) -> int:
    try:
        with closing(sqlite3.connect(f"{archive.absolute().as_uri()}?mode=ro", uri=True)) as db:
            [text] = db.execute("SELECT position FROM imports").fetchone() or [None]
    except sqlite3.Error:  # it is still being made
        return 0
    return int(json.loads(text)["offset"]) if text else 0


def _forget(database: Path) -> None:
    for path in database.parent.glob(f"{database.name}*"):
        path.unlink()


if __name__ == "__main__":
    sys.exit(main())
