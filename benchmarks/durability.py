"""Nothing acknowledged is lost: crawls that are killed, disks that fill, many processes on one archive.

    python -m benchmarks.durability --kills 200 --full 50 --together 8

A crawl is `scrape url -i` over 1,000 pages of 20 hosts, served on 127.0.0.1. `--kills`: it is killed (SIGKILL, with all
its processes) at random moments and started again until it is done; then another archive begins. After every kill each
capture that the command had reported is looked for, read and verified, and the database and the chain of custody are
checked. `--full`: the same on a file system that is full after a random size, then given room. `--together`: so many
commands at once on one archive, with a reader and a backup beside them.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from scraper.store import Archive

_HOSTS = 20
_SCRAPE = str(Path(sys.executable).with_name("scrape"))
_WORDS = "harbour council ferry winter storm budget school bridge mayor vote island strike rescue police court".split()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=0)
    parser.add_argument("--full", type=int, default=0)
    parser.add_argument("--together", type=int, default=0)
    parser.add_argument("--pages", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    chance = random.Random(given.seed)
    failures: list[str] = []
    with _server() as port, tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        urls = [f"http://outlet-{n % _HOSTS}.example/{n}" for n in range(given.pages)]
        (folder / "urls.txt").write_text("\n".join(urls) + "\n")
        if given.kills:
            failures += _told(_kills(folder, port, given.kills, chance, len(urls)))
        if given.full:
            failures += _told(_full(folder, port, given.full, chance))
        if given.together:
            failures += _told(_together(folder, port, given.together))
    return 1 if failures else 0


def _told(failures: list[str]) -> list[str]:
    for failure in failures[:20]:
        print("FAILED:", failure)
    return failures


@dataclass
class _Crawl:
    """One archive, and what was acknowledged of it."""

    folder: Path
    urls: Path
    port: int
    acknowledged: dict[int, str] = field(default_factory=dict)
    """Capture id to SHA-256."""

    @property
    def path(self) -> Path:
        return self.folder / "archive.db"

    def start(self, *under: str) -> subprocess.Popen[bytes]:
        """The crawl, in a session of its own; `under` is a command that starts it."""
        return subprocess.Popen(
            [*under, _SCRAPE, "url", "-i", str(self.urls), "-f", "ndjson", "--delay", "0", "--concurrency", "20"],
            cwd=self.folder,
            env=_environment(self.port),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )

    def hear(self, out: bytes) -> None:
        """Take down what the command reported, in whole lines."""
        for line in out[: out.rfind(b"\n") + 1].splitlines():
            capture = json.loads(line).get("capture")
            if capture is not None and capture["sha256"]:
                self.acknowledged[capture["id"]] = capture["sha256"]

    def problems(self) -> Iterator[str]:
        """What is wrong with the archive."""
        if not self.path.exists():
            if self.acknowledged:
                yield "the archive is gone"
            return
        connection = sqlite3.connect(self.path)
        try:
            found = connection.execute("PRAGMA integrity_check").fetchone()[0]
            loose = connection.execute("PRAGMA foreign_key_check").fetchall()
            version = connection.execute("PRAGMA user_version").fetchone()[0]
        finally:
            connection.close()
        if found != "ok" or loose:
            yield f"the database: {found} {loose[:3]}"
        if not version:
            if self.acknowledged:
                yield "the archive is empty"
            return
        with Archive.open(self.path) as archive:
            for capture_id, sha256 in self.acknowledged.items():
                try:
                    kept = archive.capture(capture_id)
                except Exception as error:  # noqa: BLE001 - whatever it is, it is what this looks for
                    yield f"capture {capture_id} was acknowledged and is lost: {error}"
                    continue
                if kept.sha256 != sha256:
                    yield f"capture {capture_id} is not what was acknowledged"
            bad = [checked for checked in archive.check() if checked.result != "ok"]
            if bad:
                yield f"verification: {bad[:3]}"


def _kills(folder: Path, port: int, kills: int, chance: random.Random, pages: int) -> list[str]:
    failures: list[str] = []
    done = crawls = completed = acknowledged = 0
    while done < kills:
        crawls += 1
        home = folder / f"kills{crawls}"
        home.mkdir()
        crawl = _Crawl(home, folder / "urls.txt", port)
        while True:
            process = crawl.start()
            # From before the first page to somewhere among them.
            moment = chance.choice((chance.uniform(0.2, 1.5), chance.uniform(1.5, 8)))
            try:
                out, _ = process.communicate(timeout=moment if done < kills else 300)
                crawl.hear(out)
                if process.returncode != 0:
                    failures.append(f"a crawl ended with {process.returncode}")
                completed += 1
                break
            except subprocess.TimeoutExpired:
                done += 1
                os.killpg(process.pid, signal.SIGKILL)
                out, _ = process.communicate()
                crawl.hear(out)
                failures += [f"after kill {done}: {problem}" for problem in crawl.problems()]
        acknowledged += len(crawl.acknowledged)
        failures += list(crawl.problems())
        connection = sqlite3.connect(crawl.path)
        urls, captures, unread = connection.execute(
            "SELECT count(DISTINCT url), count(*), sum(extracted_at IS NULL) FROM captures"
        ).fetchone()
        connection.close()
        print(f"crawl {crawls}: {done} kills so far; {urls} of {pages} URLs, {captures} captures, {unread} unread")
        if urls != pages:
            failures.append(f"{pages - urls} URLs were never archived")
    print(f"{done} kills over {crawls} crawls, {completed} completed; {acknowledged} captures acknowledged; ", end="")
    print(f"{sum('lost' in failure for failure in failures)} lost")
    return failures


def _full(folder: Path, port: int, times: int, chance: random.Random) -> list[str]:
    failures: list[str] = []
    said: dict[str, int] = {}
    for number in range(times):
        home = folder / f"full{number}"
        home.mkdir()
        crawl = _Crawl(home, folder / "urls.txt", port)
        kilobytes = int(chance.choice((chance.uniform(8, 400), chance.uniform(400, 6000))))
        with _small_disk(home, kilobytes) as limit:
            process = crawl.start(*limit)
            out, err = process.communicate(timeout=300)
            crawl.hear(out)
            text = err.decode(errors="replace")
            if process.returncode == 0 or "Traceback" in text or "No room left" not in text:
                failures.append(f"full at {kilobytes} KB: exit code {process.returncode}, said {text[-300:]!r}")
            said[text.partition("\n")[0][:60]] = said.get(text.partition("\n")[0][:60], 0) + 1
            _grow(home)  # even to look into a database, SQLite needs a little room beside it
            failures += [f"full at {kilobytes} KB: {problem}" for problem in crawl.problems()]
            if number % 10 == 0:
                out, err = crawl.start().communicate(timeout=300)
                crawl.hear(out)
                failures += [f"after room was made: {problem}" for problem in crawl.problems()]
                connection = sqlite3.connect(crawl.path)
                (urls,) = connection.execute("SELECT count(DISTINCT url) FROM captures").fetchone()
                connection.close()
                if urls != len((folder / "urls.txt").read_text().split()):
                    failures.append(f"after room was made {urls} URLs are there")
    print(f"full disk at {times} points: {len(failures)} failures; first lines said: {said}")
    return failures


@contextmanager
def _small_disk(home: Path, kilobytes: int) -> Iterator[tuple[str, ...]]:
    """A file system of that size at `home`; where none may be mounted, a limit on the size of files."""
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", str(home)],  # noqa: S607
        check=False,
        capture_output=True,
    )
    if mounted.returncode != 0:
        yield ("prlimit", f"--fsize={kilobytes * 1024}")
        return
    try:
        yield ()
    finally:
        subprocess.run(["umount", str(home)], check=True)  # noqa: S607


def _grow(home: Path) -> None:
    subprocess.run(["mount", "-o", "remount,size=1g", str(home)], check=False, capture_output=True)  # noqa: S607


def _together(folder: Path, port: int, processes: int) -> list[str]:
    home = folder / "together"
    home.mkdir()
    failures: list[str] = []
    urls = (folder / "urls.txt").read_text().split()
    writers = []
    for number in range(processes):
        mine = home / f"urls{number}.txt"
        mine.write_text("\n".join(urls[number::processes]) + "\n")
        writers.append(_Crawl(home, mine, port).start())
    outputs: list[tuple[bytes, bytes]] = [(b"", b"")] * processes

    def collect(number: int) -> None:
        outputs[number] = writers[number].communicate()

    threads = [threading.Thread(target=collect, args=(number,)) for number in range(processes)]
    for thread in threads:
        thread.start()
    reads = backups = 0
    while any(thread.is_alive() for thread in threads):
        for command in (["list", "-n", "5"], ["search", "ferry"], ["backup", f"copy{backups}.db"]):
            done = subprocess.run(
                [_SCRAPE, *command], cwd=home, env=_environment(port), capture_output=True, text=True, check=False
            )
            if done.returncode != 0 and "There is no archive" not in done.stderr:
                failures.append(f"{command}: {done.stderr}")
            elif done.returncode == 0:
                reads += 1
                backups += command[0] == "backup"
        time.sleep(0.2)
    for thread in threads:
        thread.join()
    crawl = _Crawl(home, folder / "urls.txt", port)
    for writer, (out, err) in zip(writers, outputs, strict=True):
        crawl.hear(out)
        if writer.returncode != 0 or b"locked" in err or b"busy" in err:
            failures.append(f"a writer ended with {writer.returncode}: {err.decode()[-300:]}")
    failures += list(crawl.problems())
    for copy in home.glob("copy*.db"):
        with Archive.open(copy) as archive:
            failures += [f"{copy.name}: {c}" for c in archive.check() if c.result != "ok"]
    print(
        f"{processes} at once: {len(crawl.acknowledged)} pages, {reads} reads, {backups} backups beside them; ", end=""
    )
    print(f"{len(failures)} failures")
    return failures


def _environment(port: int) -> dict[str, str]:
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("SCRAPE_")},
        "SCRAPE_ALLOW_PRIVATE": "1",
        "SCRAPE_CONNECT_TO": f"::127.0.0.1:{port}",
    }


@contextmanager
def _server() -> Iterator[int]:
    class Outlets(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            body = _page(self.headers["host"] or "", self.path)
            self.send_response(404 if self.path == "/robots.txt" else 200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            pass  # clients that are killed hang up

    server = Server(("127.0.0.1", 0), Outlets)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _page(host: str, path: str) -> bytes:
    chance = random.Random(host + path)
    rules = random.Random(host)
    style = "".join(f".c{rules.getrandbits(32):x}{{margin:{rules.randrange(90)}px}}" for _ in range(300))
    text = "".join(
        f"<p>{' '.join(chance.choices(_WORDS, k=40)).capitalize()} {chance.getrandbits(40)}.</p>" for _ in range(8)
    )
    headline = " ".join(chance.choices(_WORDS, k=7)).capitalize()
    return (
        f"<html lang=en><head><title>{headline}</title><style>{style}</style></head><body><header>{host}</header>"
        f"<main><article><h1>{headline}</h1><time datetime=2026-01-02>2 January 2026</time>{text}</article></main>"
        f"</body></html>"
    ).encode()


if __name__ == "__main__":
    sys.exit(main())
