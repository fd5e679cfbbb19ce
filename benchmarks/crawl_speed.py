"""Pages a second and CPU seconds a page for the whole job, beside Scrapy with trafilatura, and trafilatura itself.

    python -m benchmarks.crawl_speed --data FOLDER … [--hosts 50] [--pages 1000] [--passes 3] [--only NAME …]
    python -m benchmarks.crawl_speed --data FOLDER … --pages 20000 --passes 1 --only scrape

The same pages for everybody: those of the labelled sets, spread over hosts of this machine (127.0.0.1 to 127.0.0.50),
served by a process of their own that is not counted. No pause between pages, as every tool can be told. Each finds
the list of pages as its users would give it:

- scrape: `scrape crawl` with a sitemap a host; fetches robots.txt, extracts, stores capture and article, commits.
- Scrapy: a spider over the list that obeys robots.txt, and a pipeline that has trafilatura extract text and
  metadata, and inserts them into SQLite, a commit a page.
- trafilatura: its command with the list, output as JSON files, downloads and extraction as parallel as it can.

Passes of the tools are interleaved; medians are printed. A page counts when its text was stored. What memory the
command and all of its processes take is printed at every tenth of a pass: whether it stays flat is seen on many pages.
"""

from __future__ import annotations

import argparse
import asyncio
import ctypes
import gzip
import json
import multiprocessing
import os
import resource
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

_SPIDER = """
import scrapy


class Pages(scrapy.Spider):
    name = "pages"

    async def start(self):
        with open(self.urls) as lines:
            for line in lines:
                yield scrapy.Request(line.strip())

    def parse(self, response):
        yield {"url": response.url, "body": response.body}


class Store:
    def open_spider(self, spider):
        import sqlite3

        self.db = sqlite3.connect(spider.out)
        self.db.execute("PRAGMA journal_mode = WAL")
        self.db.execute("CREATE TABLE pages (url TEXT PRIMARY KEY, body BLOB, title, author, date, text)")

    def process_item(self, item, spider):
        import trafilatura

        found = trafilatura.bare_extraction(item["body"], url=item["url"], with_metadata=True)
        row = (found.title, found.author, found.date, found.text) if found else (None, None, None, None)
        with self.db:
            self.db.execute("INSERT OR REPLACE INTO pages VALUES (?, ?, ?, ?, ?, ?)", (item["url"], item["body"], *row))
        return item

    def close_spider(self, spider):
        self.db.close()
"""
_SPIDER_SETTINGS = {
    "ROBOTSTXT_OBEY": "True",
    "CONCURRENT_REQUESTS": "64",
    "CONCURRENT_REQUESTS_PER_DOMAIN": "1",
    "DOWNLOAD_DELAY": "0",
    "RETRY_TIMES": "2",
    "LOG_LEVEL": "ERROR",
    "TELNETCONSOLE_ENABLED": "False",
}
_PR_SET_CHILD_SUBREAPER = 36


@dataclass(frozen=True, slots=True)
class Ran:
    """One pass of one tool."""

    seconds: float
    cpu: float
    stored: int
    memory: list[tuple[int, int]]
    """Bytes of its first process, and of all, at every tenth of the time."""


@dataclass(frozen=True, slots=True)
class Job:
    """What a tool is given."""

    folder: Path
    urls: list[str]
    sitemaps: list[str]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, nargs="+", required=True, help="folders of labelled sets")
    parser.add_argument("--hosts", type=int, default=50)
    parser.add_argument("--pages", type=int, default=1000)
    parser.add_argument("--passes", type=int, default=3)
    parser.add_argument("--only", choices=list(TOOLS), nargs="+", help="these tools")
    parser.add_argument("--json", type=Path, help="write the figures here, too")
    given = parser.parse_args()
    if missing := [str(folder) for folder in given.data if not (folder / "truth.jsonl").is_file()]:
        print(f"no truth.jsonl in {', '.join(missing)}; see --help", file=sys.stderr)
        return 2
    wanted = given.only or list(TOOLS)
    # Workers of workers are counted with the tool that started them: this process inherits them.
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    ours, theirs = multiprocessing.Pipe()
    server = multiprocessing.Process(target=serve, args=(given.data, given.hosts, given.pages, theirs), daemon=True)
    server.start()
    urls, sitemaps = ours.recv()
    figures: dict[str, list[Ran]] = {name: [] for name in wanted}
    try:
        for number in range(given.passes):
            for name in wanted:
                with tempfile.TemporaryDirectory() as scratch:
                    ran = timed(TOOLS[name], Job(Path(scratch), urls, sitemaps))
                figures[name].append(ran)
                print(
                    f"pass {number + 1}  {name:12} {ran.stored:>5} of {len(urls)} stored, {ran.seconds:6.1f} s,"
                    f" CPU {ran.cpu:6.1f} s; MiB of the command, and of all processes:"
                    f" {', '.join(f'{own >> 20}/{every >> 20}' for own, every in ran.memory)}",
                    flush=True,
                )
    finally:
        server.terminate()
    report(figures, given.json)
    return 0


def report(figures: dict[str, list[Ran]], out: Path | None) -> None:
    rates = {name: statistics.median(ran.stored / ran.seconds for ran in rans) for name, rans in figures.items()}
    costs = {name: statistics.median(ran.cpu / max(1, ran.stored) for ran in rans) for name, rans in figures.items()}
    for name in figures:
        print(f"{name:12} {rates[name]:7.1f} pages a second, {costs[name] * 1000:7.1f} ms of CPU a page")
    peers = [name for name in figures if name != "scrape"]
    if "scrape" in figures and peers:
        print(
            f"scrape to the better: {rates['scrape'] / max(rates[name] for name in peers):.2f} times the pages a second"
        )
        print(f"                      {min(costs[name] for name in peers) / costs['scrape']:.2f} times less CPU a page")
    if out:
        out.write_text(json.dumps({"pages_a_second": rates, "cpu_seconds_a_page": costs}, indent=2), encoding="utf-8")


def timed(tool: Callable[[Job], tuple[list[str], Callable[[], int]]], job: Job) -> Ran:
    command, count = tool(job)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begun = time.perf_counter()
    process = subprocess.Popen(
        command, cwd=job.folder, stdout=subprocess.DEVNULL, stderr=(job.folder / "err").open("w")
    )
    samples = []
    while (ended := os.waitpid(process.pid, os.WNOHANG)) == (0, 0):
        samples.append(memory_of(process.pid))
        time.sleep(0.1 if time.perf_counter() - begun < 5 else 1)
    status = ended[1]
    seconds = time.perf_counter() - begun
    process.returncode = os.waitstatus_to_exitcode(status)
    _reap()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    if process.returncode not in (0, 3):
        print((job.folder / "err").read_text(encoding="utf-8")[-2000:], file=sys.stderr)
    return Ran(seconds, cpu, count(), [samples[len(samples) * tenth // 10 - 1] for tenth in range(1, 11)])


def memory_of(pid: int) -> tuple[int, int]:
    """Bytes of a process, and of it and all that it started; shared pages are shared among those that have them."""
    own = every = 0
    waiting = [pid]
    while waiting:
        one = waiting.pop()
        try:
            summary = Path(f"/proc/{one}/smaps_rollup").read_text(encoding="ascii")
            children = Path(f"/proc/{one}/task/{one}/children").read_text(encoding="ascii")
        except OSError:
            continue  # it has ended
        size = sum(int(line.split()[1]) for line in summary.splitlines() if line.startswith("Pss:")) * 1024
        own, every = own or size, every + size
        waiting += map(int, children.split())
    return own, every


def _reap() -> None:
    """Wait for processes that a tool left behind, so that their time is counted; the server is not among them."""
    until = time.monotonic() + 5
    while time.monotonic() < until:
        try:
            found = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if found == (0, 0):
            time.sleep(0.1)


def scrape_command(job: Job) -> tuple[list[str], Callable[[], int]]:
    command = [str(Path(sys.executable).parent / "scrape"), "crawl"]
    for sitemap in job.sitemaps:
        command += ["--sitemap", sitemap]
    command += ["--delay", "0", "--allow-private", "--render", "never", "--concurrency", "50", "-f", "ndjson", "-q"]
    (job.folder / "scrape.toml").write_text("[fetch]\nports = [" + job.urls[0].split(":")[2].split("/")[0] + "]\n")
    return command, lambda: _count(
        job.folder / "archive.db",
        "SELECT count(DISTINCT page_id) FROM captures WHERE extracted_at IS NOT NULL AND status = 200",
    )


def _scrapy(job: Job) -> tuple[list[str], Callable[[], int]]:
    (job.folder / "pages.py").write_text(_SPIDER, encoding="utf-8")
    (job.folder / "urls.txt").write_text("\n".join(job.urls), encoding="utf-8")
    command = [sys.executable, "-m", "scrapy", "runspider", "pages.py", "-a", "urls=urls.txt", "-a", "out=pages.db"]
    for name, value in {**_SPIDER_SETTINGS, "ITEM_PIPELINES": '{"pages.Store": 1}'}.items():
        command += ["-s", f"{name}={value}"]
    return command, lambda: _count(job.folder / "pages.db", "SELECT count(*) FROM pages")


def _trafilatura(job: Job) -> tuple[list[str], Callable[[], int]]:
    from trafilatura.settings import DEFAULT_CONFIG

    (job.folder / "urls.txt").write_text("\n".join(job.urls), encoding="utf-8")
    with (job.folder / "settings.cfg").open("w", encoding="utf-8") as file:
        DEFAULT_CONFIG.set("DEFAULT", "SLEEP_TIME", "0")
        DEFAULT_CONFIG.set("DEFAULT", "SSRF_PROTECTION", "no")  # the pages are on this machine
        DEFAULT_CONFIG.write(file)
    command = [str(Path(sys.executable).parent / "trafilatura"), "-i", "urls.txt", "-o", "out", "--json"]
    command += ["--with-metadata", "--config-file", "settings.cfg", "--parallel", str(os.cpu_count())]
    return command, lambda: len(list((job.folder / "out").rglob("*.json")))


TOOLS: dict[str, Callable[[Job], tuple[list[str], Callable[[], int]]]] = {
    "scrape": scrape_command,
    "scrapy": _scrapy,
    "trafilatura": _trafilatura,
}


def _count(path: Path, sql: str) -> int:
    if not path.exists():
        return 0
    with sqlite3.connect(path) as db:
        return int(db.execute(sql).fetchone()[0])


# --- The server ----------------------------------------------------------------------------------------------------


def serve(folders: list[Path], hosts: int, pages: int, ready: Connection) -> None:
    """Answer until ended; `ready` is told the addresses of the pages and of a sitemap for each host."""
    bodies: list[bytes] = []
    for folder in folders:
        for line in (folder / "truth.jsonl").open(encoding="utf-8"):
            page = folder / "html" / f"{json.loads(line)['id']}.html.gz"
            if len(bodies) < pages and page.exists():
                bodies.append(gzip.decompress(page.read_bytes()))
    asyncio.run(_serve([bodies[number % len(bodies)] for number in range(pages)], hosts, ready))


async def _serve(bodies: list[bytes], hosts: int, ready: Connection) -> None:
    answers: dict[tuple[str, str], tuple[str, bytes]] = {}
    port = 0

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        own = writer.get_extra_info("sockname")[0]
        try:
            while True:
                asked = await reader.readuntil(b"\r\n\r\n")
                path = asked.split(b" ", 2)[1].decode()
                kind, body = answers.get((own, path), ("", b""))
                status = "200 OK" if kind else "404 Not Found"
                head = (
                    f"HTTP/1.1 {status}\r\nContent-Type: {kind or 'text/plain'}\r\nContent-Length: {len(body)}\r\n\r\n"
                )
                writer.write(head.encode())
                writer.write(body)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    servers = []
    for number in range(hosts):
        server = await asyncio.start_server(connected, f"127.0.0.{number + 1}", port)
        port = server.sockets[0].getsockname()[1]
        servers.append(server)
    urls: list[str] = []
    for number, body in enumerate(bodies):
        own, path = f"127.0.0.{number % hosts + 1}", f"/news/2026/a-story-that-has-number-{number}.html"
        answers[own, path] = ("text/html", body)
        urls.append(f"http://{own}:{port}{path}")
    sitemaps = []
    for number in range(hosts):
        own = f"127.0.0.{number + 1}"
        listed = "".join(f"<url><loc>{url}</loc></url>" for url in urls if url.startswith(f"http://{own}:"))
        sitemap = f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{listed}</urlset>'
        answers[own, "/sitemap.xml"] = ("application/xml", sitemap.encode())
        answers[own, "/robots.txt"] = ("text/plain", b"User-agent: *\nDisallow: /private/\n")
        sitemaps.append(f"http://{own}:{port}/sitemap.xml")
    ready.send((urls, sitemaps))
    await asyncio.gather(*(server.serve_forever() for server in servers))


if __name__ == "__main__":
    if shutil.which("scrape", path=str(Path(sys.executable).parent)) is None:
        sys.exit("scrape is not installed beside this Python; see CONTRIBUTING.md")
    sys.exit(main())
