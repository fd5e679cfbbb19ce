"""The main job on real pages: serve a labelled set over loopback, archive it with `scrape url -i`, check and score.

    python -m benchmarks.archiving --data FOLDER [--out FOLDER]

FOLDER holds `truth.jsonl` and `html/<id>.html.gz`; beside it may lie `score.py`, which then scores what the archive
holds. Every page is served under its own host and path (plain http, the host names led to this machine by
--connect-to). Checked: a capture for every page with the SHA-256 of what was served, and an article row with headline
and body. Trafilatura, given the same bytes, is scored in the same run.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

Pages = dict[tuple[str, str], bytes]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder of a labelled set")
    parser.add_argument("--out", type=Path, help="keep archive.db and the predictions here")
    given = parser.parse_args()
    if not (given.data / "truth.jsonl").is_file():
        print(f"no truth.jsonl in {given.data}; see --help", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as scratch:
        return run(given.data, given.out or Path(scratch))


def run(data: Path, out: Path) -> int:
    out.mkdir(parents=True, exist_ok=True)
    truths = [json.loads(line) for line in (data / "truth.jsonl").open(encoding="utf-8")]
    urls = {row["id"]: "http://" + row["url"].split("://", 1)[1].split("#")[0] for row in truths}
    bodies = {row["id"]: gzip.decompress((data / "html" / f"{row['id']}.html.gz").read_bytes()) for row in truths}
    archive = out / "archive.db"
    archive.unlink(missing_ok=True)
    (out / "urls.txt").write_text("\n".join(urls.values()) + "\n", encoding="utf-8")
    server = serve({address(url): bodies[id_] for id_, url in urls.items()})
    try:
        seconds, peak, code = timed_scrape(archive, out / "urls.txt", server.server_port)
    finally:
        server.shutdown()
        server.server_close()
    problems = check(archive, urls, bodies)
    report(archive, bodies, seconds=seconds, peak=peak, code=code)
    ours = write_predictions(out / "scrape.jsonl", predictions(archive, urls))
    theirs = write_predictions(out / "trafilatura.jsonl", trafilatura_predictions(bodies, urls))
    score(data, [ours, theirs])
    for problem in problems:
        print(f"PROBLEM {problem}")
    return 1 if problems else 0


def address(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.netloc.lower(), (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def serve(pages: Pages) -> ThreadingHTTPServer:
    """A loopback server that answers each page by host and path, uncompressed."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            body = pages.get((self.headers.get("Host", "").lower(), self.path))
            self.send_response(200 if body is not None else 404)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(body or b"")))
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def timed_scrape(archive: Path, urls: Path, port: int) -> tuple[float, int, int]:
    """(seconds, peak bytes of the process and its workers together, exit code) of one `scrape url -i`."""
    command = [sys.executable, "-m", "scraper", "url", "-i", str(urls), "--archive", str(archive), "--delay", "0"]
    command += ["--allow-private", "--connect-to", f"::127.0.0.1:{port}", "--quiet"]
    begun = time.perf_counter()
    peak = 0
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, start_new_session=True) as process:
        while process.poll() is None:
            peak = max(peak, resident_bytes(process.pid))
            time.sleep(0.05)
    return time.perf_counter() - begun, peak, process.returncode


def resident_bytes(session: int) -> int:
    """Resident memory of every process of a session, shared pages counted once a process."""
    total = 0
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if os.getsid(int(folder.name)) == session:
                total += int((folder / "statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
        except (OSError, ValueError):
            continue
    return total


def check(archive: Path, urls: dict[str, str], bodies: dict[str, bytes]) -> list[str]:
    """What is not as it must be."""
    problems = []
    with sqlite3.connect(archive) as db:
        captured = dict(db.execute("SELECT url, sha256 FROM captures"))
        count = db.execute("SELECT count(*) FROM captures").fetchone()[0]
        rows = {url: (headline, body) for url, headline, body in db.execute("SELECT url, headline, body FROM articles")}
    db.close()
    if count != len(urls):
        problems.append(f"{count} captures for {len(urls)} pages")
    for id_, url in urls.items():
        if captured.get(url) != hashlib.sha256(bodies[id_]).hexdigest():
            problems.append(f"{id_}: the capture's hash is not that of the page served")
        headline, body = rows.get(url, (None, None))
        if not headline:
            problems.append(f"{id_}: no headline")
        if not body:
            problems.append(f"{id_}: no body")
    return problems


def report(archive: Path, bodies: dict[str, bytes], *, seconds: float, peak: int, code: int) -> None:
    raw, packed = sum(map(len, bodies.values())), sum(len(gzip.compress(body)) for body in bodies.values())
    size = sum(path.stat().st_size for path in archive.parent.glob("archive.db*"))
    number = len(bodies)
    print(f"pages {number}, exit code {code}, {seconds:.1f} s, {number / seconds:.1f} pages/s")
    print(f"peak memory of all processes {peak / 2**20:.0f} MiB")
    print(f"served {raw / number:,.0f} bytes a page, as gzip {packed / number:,.0f}, archive {size / number:,.0f}")


def predictions(archive: Path, urls: dict[str, str]) -> list[dict[str, Any]]:
    with sqlite3.connect(archive) as db:
        db.row_factory = sqlite3.Row
        rows = {row["url"]: row for row in db.execute("SELECT * FROM articles")}
    db.close()
    out = []
    for id_, url in urls.items():
        row = rows.get(url)
        if row is not None:
            out.append(
                {
                    "id": id_,
                    "headline": row["headline"],
                    "authors": json.loads(row["authors"] or "[]"),
                    "date": (row["published_at"] or "")[:10],
                    "body": row["body"],
                    "page_type": row["page_type"],
                    "links": json.loads(row["links"] or "[]"),
                }
            )
    return out


def trafilatura_predictions(bodies: dict[str, bytes], urls: dict[str, str]) -> list[dict[str, Any]]:
    import logging

    import trafilatura

    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    out = []
    for id_, body in bodies.items():
        begun = time.perf_counter()
        found = trafilatura.bare_extraction(body, url=urls[id_], with_metadata=True, include_comments=False)
        seconds = time.perf_counter() - begun
        row: dict[str, Any] = {"id": id_, "seconds": seconds}
        if found is not None:
            author = getattr(found, "author", None) or ""
            row |= {
                "headline": getattr(found, "title", None),
                "authors": [name.strip() for name in author.split(";") if name.strip()],
                "date": getattr(found, "date", None),
                "body": getattr(found, "text", None),
            }
        out.append(row)
    return out


def write_predictions(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def score(data: Path, files: list[Path]) -> None:
    script = data.parent / "score.py"
    if script.is_file():
        subprocess.run([sys.executable, str(script), str(data), *map(str, files)], check=True)
    else:
        print(f"no score.py beside {data}: not scored")


if __name__ == "__main__":
    sys.exit(main())
