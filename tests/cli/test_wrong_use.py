"""What goes wrong, each with what happened, why, what to do next, and its exit code; never a traceback unasked."""

from __future__ import annotations

import shutil
import socket
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.cli.running import Scrape
from tests.fixtures import fixture
from tests.http_server import HttpServer

SEED = fixture("kherson-monitor/seed-with-metadata").page
CONSENT = fixture("metropost/consent").page
WHERE = "http://news.example"


# Known before anything is fetched: nothing is made, nothing is asked for.

USAGE: dict[str, tuple[list[str], int, list[str]]] = {
    "no URL": (["url"], 2, ["No URL given", "next: scrape url"]),
    "not a URL": (
        ["url", "example.com/story"],
        2,
        ["Not a URL: example.com/story", "did you mean https://example.com/"],
    ),
    "no host": (["url", "story"], 2, ["Not a URL: story", "why:  an address starts with https://", "next: give an"]),
    "ftp": (["url", "ftp://news.example/x"], 2, ["only http and https are fetched, not ftp", "scrape extract FILE"]),
    "list missing": (["url", "-i", "none.txt"], 2, ["No such file: none.txt", "next: check the path given to -i"]),
    "list empty": (["url", "-i", "empty.txt"], 2, ["empty.txt holds no URL", "next: put one URL on each line"]),
    "list is no text": (
        ["url", "-i", "latin.txt"],
        2,
        ["Cannot read latin.txt", "not UTF-8", "next: save it as UTF-8"],
    ),
    "csv without url": (
        ["url", "-i", "people.csv"],
        2,
        ["people.csv has no column called url", "its columns are name, age"],
    ),
    "file missing": (["extract", "none.html"], 2, ["No such file: none.html", "next: for a page on the web use"]),
    "file is a folder": (["extract", "folder"], 2, ["folder is a folder", "folder/*.html"]),
    "config missing": (["url", f"{WHERE}/a", "--config", "none.toml"], 2, ["No such file: none.toml", "--config"]),
    "config missing, unused": (["list", "--config", "none.toml"], 2, ["No such file: none.toml"]),
    "config key": (
        ["url", f"{WHERE}/a", "--config", "wrong.toml"],
        2,
        ["wrong.toml: unknown key fetch.dealy", "delay"],
    ),
    "config not TOML": (["url", f"{WHERE}/a", "--config", "notes.txt"], 2, ["notes.txt is not valid TOML", "why:"]),
    "timeout": (["url", f"{WHERE}/a", "--timeout", "0"], 2, ["timeout must be at least 0.1", "it is 0"]),
    "timeout in words": (["url", f"{WHERE}/a", "--timeout", "soon"], 2, ["'--timeout'", "scrape url -h"]),
    "connect to": (
        ["url", f"{WHERE}/a", "--connect-to", "x"],
        2,
        ["'x' is not HOST1:PORT1:HOST2:PORT2", "next: write it like"],
    ),
    "site file": (
        ["url", f"{WHERE}/a", "--selectors", "broken"],
        2,
        [
            "broken/news.example.toml: layout[1].fields.headline.css",
            "'h1::text' is not a CSS selector",
            "next: right would be",
        ],
    ),
    "site file for extract": (
        ["extract", "story.html", "--selectors", "broken"],
        2,
        ["broken/news.example.toml: layout"],
    ),
    "no site files": (["url", f"{WHERE}/a", "--selectors", "none"], 2, ["No such folder: none", "--selectors"]),
    "not SQLite": (
        ["url", f"{WHERE}/a", "--archive", "notes.txt"],
        2,
        ["notes.txt is not an archive", "it looks like text"],
    ),
    "not SQLite, read": (
        ["list", "--archive", "page.db"],
        2,
        ["page.db is not an archive", "an HTML", "--archive PATH"],
    ),
    "of another program": (
        ["list", "--archive", "recipes.db"],
        2,
        ["not an archive of this program", "tables: recipes"],
    ),
    "of another program, write": (
        ["url", f"{WHERE}/a", "--archive", "recipes.db"],
        2,
        ["tables: recipes", "--archive PATH"],
    ),
    "newer": (
        ["list", "--archive", "newer.db"],
        2,
        ["newer.db was made by a newer version", "next: upgrade news-archiver"],
    ),
    "newer, write": (["url", f"{WHERE}/a", "--archive", "newer.db"], 2, ["was made by a newer version", "version 99"]),
    "no archive": (
        ["list", "--archive", "none.db"],
        2,
        ["There is no archive at none.db", "next: archive a first page"],
    ),
    "no archive to search": (["search", "ferry", "--archive", "none.db"], 2, ["There is no archive at none.db"]),
    "archive is a folder": (["stats", "--archive", "folder"], 2, ["folder is not an archive", "it is a folder"]),
    "archive in no folder": (
        ["url", f"{WHERE}/a", "--archive", "no/x.db"],
        1,
        ["Cannot make no/x.db", "there is no folder"],
    ),
    "unknown option": (["list", "--colour"], 2, ["No such option: --colour", "Try 'scrape list -h' for help"]),
    "unknown command": (["scarpe"], 2, ["No such command 'scarpe'", "Try 'scrape -h' for help"]),
    "format": (["list", "-f", "nonsense"], 2, ["'nonsense' is not one of 'table', 'json', 'ndjson', 'csv', 'md'"]),
    "verdict": (
        ["list", "--verdict", "boring"],
        2,
        ["There is no verdict 'boring'", "next: known: ok, paywall, consent"],
    ),
    "day": (["list", "--since", "yesterday"], 2, ["'yesterday' is not a day", "next: write it as 2024-07-23"]),
    "limit": (["list", "--limit", "0"], 2, ["'--limit'"]),
    "query of operators": (
        ["search", "AND"],
        2,
        ["Nothing to search for in 'AND'", "why:", "next: to search for such a word"],
    ),
    "query of nothing": (["search", '"'], 2, ["holds no word to search for", "next: give one or more words"]),
    "no such article": (["show", "99"], 4, ["No article 99 in archive.db", "next: `scrape list` shows"]),
    "no such address": (
        ["show", f"{WHERE}/none"],
        4,
        [f"{WHERE}/none is not in archive.db", f"scrape url {WHERE}/none"],
    ),
    "no such revision": (["show", "1", "-r", "9"], 4, ["1 has no revision 9", "why:  it has"]),
    "nothing to explain": (
        ["explain", "none.html"],
        2,
        ["none.html is neither a file, a number nor a URL", "scrape list"],
    ),
    "demo over a file": (["demo", "--keep", "notes.txt"], 2, ["notes.txt exists already", "next: give --keep a path"]),
}


@pytest.fixture(scope="module")
def mistakes(tmp_path_factory: pytest.TempPathFactory, demo: tuple[Path, Any]) -> Scrape:
    """A folder full of the wrong files."""
    folder = tmp_path_factory.mktemp("mistakes")
    shutil.copy(demo[0] / "demo.db", folder / "archive.db")
    shutil.copy(demo[0] / "demo.db", folder / "newer.db")
    for name, sql in (("newer.db", "PRAGMA user_version = 99"), ("recipes.db", "CREATE TABLE recipes (name TEXT)")):
        with closing(sqlite3.connect(folder / name)) as connection:
            connection.execute(sql)
            connection.commit()
    (folder / "folder").mkdir()
    (folder / "broken").mkdir()
    (folder / "broken" / "news.example.toml").write_text(
        'name = "News"\nhosts = ["news.example"]\n[[layout]]\n[layout.fields.headline]\ncss = "h1::text"\n'
    )
    (folder / "notes.txt").write_text("Ring the ferry company.\n")
    (folder / "page.db").write_text("<html><p>Saved under the wrong name.")
    (folder / "story.html").write_text("<h1>A story</h1>")
    (folder / "empty.txt").write_text("\n# nothing yet\n")
    (folder / "latin.txt").write_bytes(b"http://news.example/caf\xe9\n")
    (folder / "people.csv").write_text("name,age\nAda,36\n")
    (folder / "wrong.toml").write_text("[fetch]\ndealy = 2\n")
    return Scrape(folder)


@pytest.mark.parametrize("case", USAGE)
def test_usage(mistakes: Scrape, case: str) -> None:
    arguments, code, words = USAGE[case]
    before = mistakes.files()
    said = mistakes(*arguments)
    assert said.code == code, said.err
    for part in words:
        assert part in said.err
    assert "internal error" not in said.err
    assert not said.out
    assert mistakes.files() == before


# Known after something was fetched: every one is a capture.


@pytest.fixture
def unhelpful(server: HttpServer) -> HttpServer:
    server.page("/pdf", b"%PDF-1.7\n" + bytes(range(256)), type="application/pdf")
    server.page("/empty", b"")
    server.page("/consent", CONSENT, type="text/html; charset=UTF-8")
    server.page("/good", SEED, type="text/html; charset=UTF-8")
    server.page("/bad-bytes", SEED.replace(b"humiliating", b"humil\xff\xfeiating"), type="text/html; charset=UTF-8")
    server.redirect("/circle", "/circle")
    server.redirect("/leave", "ftp://news.example/x")
    return server


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def test_nothing_but_failures(scrape: Scrape, unhelpful: HttpServer, query: Any) -> None:
    port = unhelpful.port
    to = f"refused.example::127.0.0.1:{free_port()} nowhere.example::no-such-host.invalid: ::127.0.0.1:{port}"
    expected = {
        f"{WHERE}/gone": ("http_404", "the server answered 404", "shows what came"),
        f"{WHERE}/pdf": ("no_page", "the page is a PDF document", "scrape explain http://news.example/pdf"),
        f"{WHERE}/empty": ("empty", "the page has no text", "shows what came"),
        f"{WHERE}/consent": ("consent", "", "shows what came"),
        f"{WHERE}/circle": ("redirects", "redirects in a circle", "tries again"),
        f"{WHERE}/leave": ("redirects", "Location is 'ftp://news.example/x'", "tries again"),
        "http://refused.example/x": ("refused", "refused the connection", "check host and port"),
        "http://nowhere.example/x": ("dns", "No address for nowhere.example", "check the spelling"),
    }
    said = scrape("url", *expected, "--delay", "0", env={"SCRAPE_CONNECT_TO": to})
    assert said.code == 4
    rows = {row["url"]: row for row in said.rows}
    captures = {c["url"]: c for c in query(scrape.folder / "archive.db", "SELECT * FROM captures")}
    assert set(rows) == set(captures) == set(expected)
    blocks = said.err.split("scrape: ")
    for url, (code, why, next_step) in expected.items():
        [block] = [block for block in blocks if block.startswith(f"{url} failed ({code})\n")]
        assert f"\n  why:  {why}" in block or why in block.partition("why:")[2]
        assert next_step in block.partition("next:")[2]
        assert f"kept as capture {captures[url]['id']}" in block
        assert rows[url]["error"]["code"] == code
    assert captures[f"{WHERE}/pdf"]["size"] == 265
    assert captures[f"{WHERE}/gone"]["status"] == 404
    assert captures["http://refused.example/x"]["error"] == "refused"
    assert captures["http://nowhere.example/x"]["error_message"].startswith("No address for nowhere.example")
    assert "8 pages: 8 failed" in said.err


def test_one_that_is_not_there(scrape: Scrape, unhelpful: HttpServer) -> None:
    said = scrape("url", f"{WHERE}/gone", "-f", "table")
    assert said.code == 4
    assert said.out == ""
    assert said.err.startswith(f"scrape: {WHERE}/gone failed (http_404)\n  why:  the server answered 404; what came is")
    assert said.err.count("\n") == 3


def test_some_good_some_bad(scrape: Scrape, unhelpful: HttpServer) -> None:
    said = scrape("url", f"{WHERE}/good", f"{WHERE}/bad-bytes", f"{WHERE}/gone", "nonsense", "--delay", "0")
    assert said.code == 3
    assert "4 pages: 2 failed, 2 new" in said.err
    assert f"{WHERE}/bad-bytes: 2 characters were not valid utf-8 and are lost" in said.err
    good = {row["url"]: row for row in said.rows}[f"{WHERE}/bad-bytes"]
    assert good["state"] == "new"
    assert "humil��iating" in good["body"]


def test_a_private_address(scrape: Scrape, unhelpful: HttpServer, query: Any) -> None:
    before = len(unhelpful.requests)
    url = unhelpful.url("/good")
    said = Scrape(scrape.folder)("url", url)
    assert said.code == 4
    assert f"{url} failed (forbidden_address)" in said.err
    assert "not a public address" in said.err
    assert "next: add --allow-private" in said.err
    assert len(unhelpful.requests) == before
    assert query(scrape.folder / "archive.db", "SELECT error, sha256 FROM captures") == [
        {"error": "forbidden_address", "sha256": None}
    ]


def test_saved_pages_with_nothing_in_them(scrape: Scrape) -> None:
    (scrape.folder / "empty.html").touch()
    (scrape.folder / "story.html").write_bytes(SEED)
    (scrape.folder / "report.pdf").write_bytes(b"%PDF-1.7\n" + bytes(range(256)))
    said = scrape("extract", "empty.html", "none.html", "story.html", "report.pdf")
    assert said.code == 3
    assert [row["file"] for row in said.rows] == ["empty.html", "story.html", "report.pdf"]
    assert "scrape: empty.html: empty\n  why:  the page has no text" in said.err
    assert "scrape: No such file: none.html" in said.err
    assert "scrape: report.pdf: not_article\n  why:  the page is a PDF document" in said.err
    assert scrape("extract", "empty.html").code == 4


def test_debug_shows_where(scrape: Scrape) -> None:
    said = scrape("list", "--archive", "none.db", "--debug", traceback=True)
    assert said.code == 2
    assert "scraper.errors.ArchiveMissing" in said.err
    assert said.err.rstrip().splitlines()[-2] == "scrape: There is no archive at none.db"


# Output that nobody reads


@pytest.mark.parametrize("form", ["table", "json", "ndjson", "csv", "md"])
def test_a_reader_that_left(reader: Scrape, form: str) -> None:
    said = reader.shell(f"scrape list -f {form} | true")
    assert (said.code, said.err) == (0, "")


def test_a_reader_that_had_enough(reader: Scrape) -> None:
    said = reader.shell("scrape list -f ndjson | head -1")
    assert (said.code, said.err) == (0, "")
    assert said.out.count("\n") == 1


def test_nobody_reads_what_became_of_the_pages(scrape: Scrape, unhelpful: HttpServer) -> None:
    """A run that nobody listens to stops, and says that it did: the pages are what it was for."""
    urls = [f"http://host-{number}.example/good" for number in range(60)]
    (scrape.folder / "urls.txt").write_text("\n".join(urls))
    said = scrape.shell("scrape url -i urls.txt --concurrency 1 | true")
    assert said.code == 130
    assert "Traceback" not in said.err
    assert said.err.startswith("scrape: stopped\n  why:  nobody reads the output any more; what was committed is kept")
    again = scrape("url", "-i", "urls.txt", "-q")
    assert again.code == 0
    assert 1 <= len(again.rows) < 60


def test_nobody_reads_what_became_of_the_pages_at_the_end(scrape: Scrape, unhelpful: HttpServer) -> None:
    """All pages are there; the same command again fetches none of them."""
    urls = [f"http://host-{number}.example/good" for number in range(3)]
    (scrape.folder / "urls.txt").write_text("\n".join(urls))
    before = len(unhelpful.pages_asked)
    said = scrape.shell("scrape url -i urls.txt -f csv | true")
    assert said.code == 130
    assert said.err.startswith("scrape: stopped\n  why:  nobody reads the output any more; what was committed is kept")
    assert scrape("url", "-i", "urls.txt", "-q").code == 0
    assert len(unhelpful.pages_asked) == before + 3


# Places that cannot be written


@pytest.fixture
def frozen(tmp_path: Path) -> Iterator[Path]:
    """A folder that cannot be written, not even by root."""
    folder = tmp_path / "frozen"
    folder.mkdir()
    folder.chmod(0o555)
    chattr = shutil.which("chattr")
    by_attribute = bool(chattr) and subprocess.run([str(chattr), "+i", folder], check=False).returncode == 0
    try:
        (folder / "probe").touch()
    except OSError:
        yield folder
    else:
        pytest.skip("running as root on a file system without immutable files")
    finally:
        if by_attribute:
            subprocess.run([str(chattr), "-i", folder], check=True)
        folder.chmod(0o755)


def test_a_read_only_folder(scrape: Scrape, frozen: Path, unhelpful: HttpServer) -> None:
    said = scrape("url", f"{WHERE}/good", "--archive", frozen / "archive.db")
    assert said.code == 1
    assert said.err.startswith(f"scrape: Cannot write {frozen}/archive.db\n  why:  the folder {frozen} is read-only\n")
    assert "next: check the permissions of the file and its folder" in said.err


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A folder with room for eight empty archives, and what to put before a command so that it has no more."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = shutil.which("mount") or "mount"
    command = [mount, "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(folder)]
    try:
        mounted = subprocess.run(command, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        mounted = False
    yield folder, "" if mounted else "ulimit -f 3000; "
    if mounted:
        subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk(scrape: Scrape, server: HttpServer, small_disk: tuple[Path, str], query: Any) -> None:
    folder, limit = small_disk
    paths = [f"/large/{number}" for number in range(60)]
    for number, path in enumerate(paths):
        # Hexadecimal digits of a hash chain: text that no compressor makes much smaller than half.
        digits = subprocess.run(
            ["openssl", "rand", "-hex", "30000"], capture_output=True, text=True, check=True
        ).stdout.replace("\n", " ")
        server.page(path, f"<h1>Number {number}</h1><p>The council met on Tuesday night.</p><!-- {digits} -->")
    urls = " ".join(f"http://host-{number}.example{path}" for number, path in enumerate(paths))
    said = scrape.shell(f"{limit}scrape url {urls} --archive {folder}/archive.db --concurrency 2")
    assert said.code == 1, said.err
    assert "Traceback" not in said.err
    assert f"scrape: No room left to write {folder}/archive.db" in said.err
    assert "what was stored before is safe" in said.err
    assert "next: free some space and run the same command again" in said.err
    reported = said.rows
    assert 0 < len(reported) < 60
    kept = query(
        folder / "archive.db", "SELECT url, sha256, length(content) AS n FROM captures JOIN blobs USING (sha256)"
    )
    assert {row["url"]: row["capture"]["sha256"] for row in reported}.items() <= {
        row["url"]: row["sha256"] for row in kept if row["n"]
    }.items()
    assert query(folder / "archive.db", "PRAGMA integrity_check") == [{"integrity_check": "ok"}]
    if not limit:
        subprocess.run(["mount", "-o", "remount,size=64m", str(folder)], check=True)
    again = scrape.shell(f"scrape url {urls} --archive {folder}/archive.db")
    assert again.code == 0, again.err
    assert "going on with an interrupted run" in again.err
    assert query(folder / "archive.db", "SELECT count(DISTINCT url) AS n FROM captures WHERE sha256 IS NOT NULL") == [
        {"n": 60}
    ]
