"""How fast `scrape serve` answers over a large archive, what memory it takes, and what readers cost a crawl.

    python -m benchmarks.reading_room --archive million.db [--visits 60] [--json FILE]
    python -m benchmarks.reading_room --crawl FOLDER [FOLDER …] [--pages 1000] [--passes 3] [--json FILE]

The first asks for each page of the web interface, one visit after another, as a browser on this machine would: IDs,
sites and words are drawn from the archive itself, other ones at each visit. Milliseconds are from the request to the
last byte of the page; the memory is that of the server and all of its processes at its highest. The file is in the
machine's cache as far as it fits; the first visit of each kind, which finds it cold, is told apart.

The second crawls pages of the labelled sets (see `benchmarks.crawl_speed`) with and without four people reading the
same archive meanwhile, each opening a page every four seconds; passes are interleaved.
"""

from __future__ import annotations

import argparse
import http.client
import json
import multiprocessing
import random
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote, urlsplit

from benchmarks.crawl_speed import Job, memory_of, scrape_command, serve, timed
from benchmarks.million import report
from scraper.capture import Capture
from scraper.store import Archive

_READERS = 4
_PAUSE = 4.0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--archive", type=Path, help="the archive whose pages are visited")
    what.add_argument("--crawl", type=Path, nargs="+", metavar="FOLDER", help="folders of labelled sets to crawl")
    parser.add_argument("--visits", type=int, default=60, help="of each kind of page")
    parser.add_argument("--pages", type=int, default=1000, help="that are crawled")
    parser.add_argument("--passes", type=int, default=3)
    parser.add_argument("--json", type=Path, help="write the figures here, too")
    given = parser.parse_args()
    if given.archive is not None and not given.archive.is_file():
        print(f"no archive at {given.archive}; `python -m benchmarks.million --out` makes a large one", file=sys.stderr)
        return 2
    figures = visit(given.archive, given.visits) if given.archive else crawl(given.crawl, given.pages, given.passes)
    if given.json:
        given.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    return 0


@dataclass
class Server:
    """`scrape serve` over one archive."""

    process: subprocess.Popen[str]
    host: str
    port: int
    peak: int = 0
    """Bytes, of all of its processes."""

    def get(self, path: str) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection(self.host, self.port, timeout=60)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def measure(self) -> None:
        self.peak = max(self.peak, memory_of(self.process.pid)[1])


@contextmanager
def serving(archive: Path) -> Iterator[Server]:
    command = [str(Path(sys.executable).parent / "scrape"), "serve", "--archive", str(archive), "--port", "0"]
    process = subprocess.Popen([*command, "--log", "json"], stderr=subprocess.PIPE, text=True)
    try:
        said: IO[str] = process.stderr  # type: ignore[assignment]
        address = urlsplit(json.loads(said.readline())["url"])
        # What it says later is of no interest, but must not fill the pipe.
        threading.Thread(target=said.read, daemon=True).start()
        yield Server(process, address.hostname or "127.0.0.1", address.port or 80)
    finally:
        process.terminate()
        process.wait()


# --- Pages of a large archive --------------------------------------------------------------------------------------


def visit(path: Path, visits: int) -> dict[str, Any]:
    begun = time.perf_counter()
    with serving(path) as server:
        status, _ = server.get("/dictionary")
        started = time.perf_counter() - begun
        server.measure()
        print(f"first page {started:.2f} s after the command began (status {status}); {server.peak / 2**20:.0f} MiB")
        figures: dict[str, Any] = {"start_seconds": round(started, 2), "start_memory": server.peak}
        for kind, address in addresses(path).items():
            took = []
            for _ in range(visits + 1):
                page = address()
                begun = time.perf_counter()
                status, _body = server.get(page)
                took.append((time.perf_counter() - begun) * 1000)
                if status != 200:
                    raise RuntimeError(f"{page} answered {status}")
            server.measure()
            figures[kind] = {"first": round(took[0], 1), **report(f"{kind} (first {took[0]:.0f})", took[1:])}
        figures["peak_memory"] = server.peak
        print(f"memory at the highest: {server.peak / 2**20:.0f} MiB")
    return figures


def addresses(path: Path) -> dict[str, Callable[[], str]]:
    """For each kind of page what gives the address of one, another at each call."""
    chance = random.Random(7)
    with Archive.open(path) as archive:
        captures = archive.stats().captures
        articles = [archive.article(chance.randint(1, captures)) for _ in range(400)]
        pages = [archive.capture(chance.randint(1, captures)) for _ in range(100)]
    sites = sorted({article.site or "" for article in articles})
    words = [word for article in articles for word in re.findall(r"[^\W\d_]{3,}", (article.body or "")[:2000])]

    def of(items: list[Any]) -> Any:
        return chance.choice(items)

    def some() -> int:
        return int(of(articles).id)

    def searched(count: int) -> str:
        return quote(" ".join(chance.sample(words, count)))

    return {
        "/": lambda: "/",
        "/search, one word": lambda: f"/search?q={searched(1)}",
        "/search, two words": lambda: f"/search?q={searched(2)}",
        "/search, two words, site": lambda: f"/search?q={searched(2)}&site={of(sites)}",
        "/search, filters only": lambda: f"/search?site={of(sites)}&since={chance.randint(2015, 2023)}",
        "/search.ndjson, two words": lambda: f"/search.ndjson?q={searched(2)}",
        "/article": lambda: f"/article/{some()}",
        "/article/…/history": lambda: f"/article/{some()}/history",
        "/article/…/cite.bib": lambda: f"/article/{some()}/cite.bib",
        "/capture": lambda: f"/capture/{some()}",
        "/capture/…/explain": lambda: f"/capture/{some()}/explain",
        "/web, replay": lambda: _replay(of(pages)),
        "/outlets": lambda: "/outlets",
        "/outlets/SITE": lambda: f"/outlets/{quote(of(sites), safe='')}",
        "/jobs": lambda: "/jobs",
        "/runs": lambda: "/runs",
        "/dictionary": lambda: "/dictionary",
        "/changes.atom": lambda: "/changes.atom",
        "/archive (Datasette)": lambda: "/archive",
        "/archive/articles (Datasette)": lambda: "/archive/articles?_size=20",
        "SQL, one row (Datasette)": lambda: (
            f"/archive.json?sql=select+headline+from+articles+where+id+%3D+{some()}&_shape=array"
        ),
    }


def _replay(capture: Capture) -> str:
    return f"/web/{capture.fetched_at:%Y%m%d%H%M%S}/{capture.url}"


# --- Beside a crawl ------------------------------------------------------------------------------------------------


@dataclass
class Readers:
    """People who read an archive while it grows."""

    archive: Path
    took: list[float] = field(default_factory=list)
    failed: int = 0
    _ended: threading.Event = field(default_factory=threading.Event)

    def read(self) -> None:
        while not self.archive.exists() and not self._ended.wait(0.1):
            pass
        if self._ended.wait(2):  # until its tables are there
            return
        with serving(self.archive) as server:
            people = [threading.Thread(target=self._one, args=(server, number)) for number in range(_READERS)]
            for person in people:
                person.start()
            for person in people:
                person.join()

    def end(self) -> None:
        self._ended.set()

    def _one(self, server: Server, number: int) -> None:
        chance = random.Random(number)
        self._ended.wait(number * _PAUSE / _READERS)
        while not self._ended.is_set():
            begun = time.perf_counter()
            page = chance.choice(("/", "/search?q=the", "/search?q=minister", f"/article/{chance.randint(1, 200)}"))
            try:
                status, _ = server.get(page)
            except OSError:
                status = 0
            self.took.append(time.perf_counter() - begun)
            self.failed += status not in (200, 404)
            self._ended.wait(max(0.0, _PAUSE - self.took[-1]))


def crawl(folders: list[Path], pages: int, passes: int) -> dict[str, Any]:
    ours, theirs = multiprocessing.Pipe()
    outlets = multiprocessing.Process(target=serve, args=(folders, 50, pages, theirs), daemon=True)
    outlets.start()
    urls, sitemaps = ours.recv()
    rates: dict[str, list[float]] = {"alone": [], "read meanwhile": []}
    took: list[float] = []
    failed = 0
    try:
        for number in range(passes):
            for kind, found in rates.items():
                with tempfile.TemporaryDirectory() as scratch:
                    folder = Path(scratch)
                    readers = Readers(folder / "archive.db")
                    reading = threading.Thread(target=readers.read)
                    if kind != "alone":
                        reading.start()
                    ran = timed(scrape_command, Job(folder, urls, sitemaps))
                    readers.end()
                    if kind != "alone":
                        reading.join()
                found.append(ran.stored / ran.seconds)
                took += readers.took
                failed += readers.failed
                print(
                    f"pass {number + 1}, {kind}: {ran.stored} of {len(urls)} stored, {found[-1]:.1f} a second;"
                    f" {len(readers.took)} pages read, {readers.failed} failed",
                    flush=True,
                )
    finally:
        outlets.terminate()
    medians = {kind: statistics.median(found) for kind, found in rates.items()}
    print(f"rate with readers to rate alone: {medians['read meanwhile'] / medians['alone']:.2f}")
    return {**medians, "pages_read": report("a page read meanwhile", [one * 1000 for one in took]), "failed": failed}


if __name__ == "__main__":
    sys.exit(main())
