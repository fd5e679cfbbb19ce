"""`scrape import` of large files: killed anywhere and gone on with, filtered, limited, two at once."""

from __future__ import annotations

import gc
import gzip
import json
import os
import re
import shutil
import signal
import tempfile
import warnings
from collections import Counter
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from scraper.errors import ArchiveError
from scraper.export.batches import identity_of
from scraper.export.sifting import Wishes
from scraper.store import Archive
from tests.cli.running import LIMIT, Scrape, processes_of, wait_until
from tests.export.captures import page
from tests.http_server import HttpServer

PAGES = 400
HOSTS = ("www.pravda.com.ua", "news.bbc.co.uk", "spiegel.example")


def news_file(path: Path, count: int) -> None:
    """As a news crawler writes it, by warcio: a warcinfo, and for each page its request and its answer."""
    name = path.name.partition(".")[0].lower()
    with path.open("wb") as out:
        writer = WARCWriter(out, gzip=True, warc_version="1.0")
        writer.write_record(writer.create_warcinfo_record(path.name, {"software": "a news crawler"}))
        for number in range(count):
            host = HOSTS[number % len(HOSTS)]
            url = f"https://{host}/{name}/{number}"
            date = {"WARC-Date": f"2024-03-{1 + number % 28:02}T01:02:03Z"}
            sent = StatusAndHeaders(f"GET /{name}/{number} HTTP/1.1", [("Host", host)], is_http_request=True)
            asked = writer.create_warc_record(url, "request", http_headers=sent, warc_headers_dict=date)
            body = page(f"{name} {number}", filler=20)
            fields = [("Content-Type", "text/html"), ("X-Crawl-Content-Encoding", "gzip")]
            answer = writer.create_warc_record(
                url,
                "response",
                payload=BytesIO(body),
                http_headers=StatusAndHeaders("200 OK", fields, protocol="HTTP/1.1"),
                warc_headers_dict={**date, "WARC-Identified-Payload-Type": "text/html"},
            )
            writer.write_request_response_pair(asked, answer)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("news")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # warcio leaves its temporary files to be collected
        news_file(folder / "CC-NEWS-1.warc.gz", PAGES)
        news_file(folder / "CC-NEWS-2.warc.gz", 30)
        gc.collect()
    return folder


@pytest.fixture
def folder(tmp_path: Path, made: Path, server: HttpServer) -> Iterator[Scrape]:
    for path in made.iterdir():
        shutil.copy2(path, tmp_path)
    # A process that is killed leaves its temporary files. (The name is short because sockets will be in it.)
    with tempfile.TemporaryDirectory(prefix="scrape-") as temporary:
        yield Scrape(tmp_path, server.port, {"TMPDIR": temporary})


def taken_from(archive: Path, name: str) -> int:
    """How many captures of a file are committed."""
    try:
        with Archive.open(archive) as opened:
            return sum(one.captures for one in opened.imports() if one.source == name)
    except ArchiveError:  # it is still being made
        return 0


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processes are looked for in /proc")
def test_killed_again_and_again(folder: Scrape, query: Any) -> None:
    archive = folder.folder / "archive.db"
    files = ("CC-NEWS-1.warc.gz", "CC-NEWS-2.warc.gz")
    offsets = []
    for _ in range(2):
        before = taken_from(archive, files[0])
        process = folder.start("import", *files, "--no-extract", "--jobs", "2")
        assert wait_until(lambda least=before: taken_from(archive, files[0]) > least, seconds=LIMIT)
        process.kill()
        process.communicate()
        assert process.returncode == -signal.SIGKILL
        assert wait_until(lambda started=process.pid: not processes_of(started)), "left running"
        rows = query(archive, "SELECT captures, position, ended_at FROM imports WHERE source = ?", files[0])
        assert [row["ended_at"] for row in rows] == [None]
        offsets.append(json.loads(rows[0]["position"])["offset"])
        stored = query(archive, "SELECT import_id, count(*) AS n FROM captures GROUP BY 1 ORDER BY 1")
        assert [row["n"] for row in stored] == [
            row["captures"] for row in query(archive, "SELECT captures FROM imports WHERE captures ORDER BY id")
        ]
    assert offsets == sorted(set(offsets))  # each began where the one before was
    assert offsets[0] > 0

    said = folder("import", *files, "--no-extract")
    assert said.code == 0
    first, second = said.rows
    assert (first["captures"], first["known"], first["skipped"]) == (PAGES, 0, 0)
    assert second["captures"] + second["known"] == 30  # it may have been read to its end before
    assert query(archive, "SELECT count(*) AS n, count(DISTINCT url) AS urls FROM captures") == [
        {"n": PAGES + 30, "urls": PAGES + 30}
    ]
    kept = query(archive, "SELECT request_headers FROM captures")
    assert all(row["request_headers"].startswith('[["Host"') for row in kept)  # what stood in the record before it
    imports = query(archive, "SELECT source, captures, known, position, taken_by, ended_at, sha256 FROM imports")
    assert [(row["source"], row["position"], row["taken_by"]) for row in imports] == [
        (name, None, None) for name in files
    ]
    assert all(row["ended_at"] and len(row["sha256"]) == 64 for row in imports)
    assert query(archive, "PRAGMA integrity_check") == [{"integrity_check": "ok"}]


def test_what_is_wanted_and_what_is_said_of_the_rest(folder: Scrape, query: Any) -> None:
    options = ("--host", "*.ua", "--host", "bbc.co.uk", "--since", "2024-03-10", "--until", "2024-03")
    said = folder("import", "CC-NEWS-2.warc.gz", *options, "--no-extract", "--log", "json")
    assert said.code == 0
    [row] = said.rows
    days = [1 + number % 28 for number in range(30) if number % 3 != 2]
    taken = sum(day >= 10 for day in days)
    reasons = {"other_host": 10, "other_date": len(days) - taken}
    assert (row["captures"], row["skipped"], row["reasons"]) == (taken, 30 - taken, reasons)
    summary = json.loads(said.err.splitlines()[-1])
    assert (summary["event"], summary["files"], summary["captures"]) == ("import", 1, taken)
    assert summary["reasons"] == reasons
    hosts = Counter(row["url"].split("/")[2] for row in query(folder.folder / "archive.db", "SELECT url FROM captures"))
    assert set(hosts) == set(HOSTS[:2])
    # Nothing at all that was asked for is no failure; a file that cannot be read is.
    said = folder("import", "CC-NEWS-2.warc.gz", "--host", "nowhere.example")
    assert (said.code, said.err) == (0, "left out: other_host 30\n")
    refused = folder("import", "CC-NEWS-2.warc.gz", "--host", "https://nowhere.example/")
    assert (refused.code, "is no host" in refused.err) == (2, True)


def test_a_limit(folder: Scrape) -> None:
    said = folder("import", "CC-NEWS-2.warc.gz", "--limit", "20", "--no-extract")
    assert (said.code, said.rows[0]["captures"]) == (0, 20)
    assert "stopped at --limit: what was stored is kept; the same command again does the rest" in said.err
    said = folder("import", "CC-NEWS-2.warc.gz", "--limit", "20", "--no-extract")
    assert (said.code, said.rows[0]["captures"], said.err) == (0, 30, "")
    said = folder("import", "CC-NEWS-2.warc.gz", "--limit", "20", "--no-extract")
    assert (said.rows[0]["captures"], said.rows[0]["known"]) == (0, 30)
    assert said.err == "CC-NEWS-2.warc.gz: it was imported before, and was not read again\n"


def test_two_commands_at_one_file(folder: Scrape, query: Any) -> None:
    """With other wishes both read it, and each capture is stored once; with the same ones, one does."""
    commands = [folder.start("import", "CC-NEWS-1.warc.gz", "--no-extract", "--until", day) for day in ("2024", "2025")]
    said = [process.communicate(timeout=LIMIT) for process in commands]
    assert [process.returncode for process in commands] == [0, 0], said
    rows = [json.loads(out) for out, _ in said]
    assert sum(row["captures"] for row in rows) == PAGES
    assert all(row["captures"] + row["known"] == PAGES for row in rows)
    archive = folder.folder / "archive.db"
    assert query(archive, "SELECT count(*) AS n, count(DISTINCT url) AS urls FROM captures") == [
        {"n": PAGES, "urls": PAGES}
    ]

    path = folder.folder / "CC-NEWS-2.warc.gz"
    with Archive.open(archive, write=True) as opened:  # this process is at it
        identity, size = identity_of(path)
        taken = opened.take_import(path.name, "warc", size, identity=identity, wishes=Wishes().as_text())
        refused = folder("import", path.name)
        assert refused.code == 5
        assert f"Another command is importing {path.name}" in refused.err
        assert f"process {os.getpid()} " in refused.err
        opened.release_import(taken.id)
    assert folder("import", path.name, "--no-extract").code == 0


def test_files_that_end_in_the_middle_or_are_something_else(folder: Scrape) -> None:
    whole = (folder.folder / "CC-NEWS-2.warc.gz").read_bytes()
    (folder.folder / "cut.warc.gz").write_bytes(whole[: len(whole) // 2])
    (folder.folder / "page.warc.gz").write_bytes(gzip.compress(page("no WARC")))
    (folder.folder / "empty.warc.gz").write_bytes(b"")
    said = folder("import", "cut.warc.gz", "page.warc.gz", "empty.warc.gz", "--kind", "warc", "--no-extract")
    assert said.code == 3
    cut, other, empty = said.rows
    assert (cut["damaged"], cut["error"]) == (1, None)
    assert 10 <= cut["captures"] <= 15
    assert (other["captures"], other["error"]) == (0, "It is no WARC file")
    assert "page.warc.gz: It is no WARC file" in said.err
    assert empty["error"] == "It is no WARC file"


def test_how_it_stands_on_a_terminal(folder: Scrape) -> None:
    said = folder.on_terminal(
        "import", "CC-NEWS-1.warc.gz", "CC-NEWS-2.warc.gz", "--no-extract", "--jobs", "1", columns=120
    )
    assert said.code == 0
    assert re.search(r"file 1 of 2 \(\d+%\) · CC-NEWS-1\.warc\.gz · \d+ records \(\d+/s\) · \d+ new captures", said.out)
    table = said.plain.rpartition("file ")[2]
    assert "CC-NEWS-2.warc.gz  warc" in table
    quiet = folder.on_terminal("import", "CC-NEWS-2.warc.gz", "--quiet", "--archive", "other.db", "--no-extract")
    assert "file 1 of" not in quiet.out
