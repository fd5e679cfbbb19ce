"""`scrape open`: a page of the web interface, by a server that runs already or by one of its own."""

from __future__ import annotations

import http.server
import json
import re
import shlex
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from typer.main import get_command

from scraper.cli.opening import path_of
from scraper.errors import NotInArchive, UsageError
from scraper.store import Archive
from scraper.web.whereabouts import Announcement, address_of_server
from tests.cli.running import LIMIT, Scrape, wait_until

STORY = "http://harbour-courier.example/2024/11/15/sea-wall-survey-eleven-weak-points/"
SHORT = "http://harbour-courier.example/?p=2187"
"""Redirects to STORY."""
GONE = "http://harbour-courier.example/2019/03/02/bridge-toll-vote/"


@contextmanager
def running(scrape: Scrape, *arguments: str, **env: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A command that serves until it is ended, and the address it says."""
    process = scrape.start(*arguments, "--log", "json", **env)
    assert process.stderr is not None
    try:
        said = json.loads(process.stderr.readline())
        assert said["event"] == "serving", said
        yield process, said["url"]
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        process.communicate(timeout=LIMIT)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory, demo: tuple[Path, object]) -> Scrape:
    """A folder with the demo's archive, and a browser that writes down what it is to open."""
    folder = tmp_path_factory.mktemp("library")
    (folder / "archive.db").write_bytes((demo[0] / "demo.db").read_bytes())
    browser = folder / "browser"
    browser.write_text(f'#!/bin/sh\nprintf "%s\\n" "$1" >> {shlex.quote(str(folder / "opened"))}\n')
    browser.chmod(0o755)
    return Scrape(folder, env={"BROWSER": str(browser)})


@pytest.fixture(scope="module")
def server(library: Scrape) -> Iterator[str]:
    with running(library, "serve", "--port", "0") as (_, address):
        yield address


def opened(scrape: Scrape) -> list[str]:
    try:
        return (scrape.folder / "opened").read_text().splitlines()
    except FileNotFoundError:
        return []


def notices(scrape: Scrape) -> list[Path]:
    return sorted((scrape.folder / ".cache" / "news-archiver-serving").glob("*"))


def test_which_page_is_meant(library: Scrape, server: str) -> None:
    with Archive.open(library.folder / "archive.db") as archive:
        number = archive.article(STORY).id
        captures = list(archive.captures(STORY))
        first, last = (one.fetched_at.strftime("%Y%m%d%H%M%S") for one in (captures[0], captures[-1]))
        gone = list(archive.captures(GONE))[-1]
        for arguments, path in (
            ({}, "/"),
            ({"page": str(number)}, f"/article/{number}"),
            ({"page": STORY}, f"/article/{number}"),
            ({"page": STORY.removeprefix("http://")}, f"/article/{number}"),
            ({"page": f"{STORY}?utm_source=feed#top"}, f"/article/{number}"),
            ({"page": SHORT}, f"/article/{number}"),
            ({"page": GONE}, f"/capture/{gone.id}"),
            ({"capture": 3}, "/capture/3"),
            ({"page": STORY, "replay": True}, f"/web/{last}/{STORY}"),
            ({"page": SHORT, "replay": True}, f"/web/{last}/{SHORT}"),
            ({"page": str(number), "replay": True, "at": "2001"}, f"/web/{first}/{STORY}"),
            ({"page": STORY, "replay": True, "at": "2001-05"}, f"/web/{first}/{STORY}"),
            ({"page": STORY, "replay": True, "at": "2099-05-03T10:00:00+02:00"}, f"/web/{last}/{STORY}"),
            ({"capture": captures[0].id, "replay": True}, f"/web/{first}/{STORY}"),
        ):
            assert path_of(archive, **arguments) == path
            assert httpx.get(f"{server.rstrip('/')}{path}").status_code == 200
        for wrong, error in (
            ({"page": "https://nowhere.example/story"}, NotInArchive),
            ({"page": "https://nowhere.example/story", "replay": True}, NotInArchive),
            ({"page": "99999"}, NotInArchive),
            ({"capture": 99999}, NotInArchive),
            ({"capture": 99999, "replay": True}, NotInArchive),
            ({"page": STORY, "replay": True, "at": "yesterday"}, UsageError),
            ({"page": STORY, "at": "2024"}, UsageError),
            ({"capture": 1, "replay": True, "at": "2024"}, UsageError),
            ({"replay": True}, UsageError),
            ({"page": "1", "capture": 1}, UsageError),
        ):
            with pytest.raises(error):
                path_of(archive, **wrong)


def test_the_browser_opens_it(library: Scrape, server: str) -> None:
    said = library("open", "1")
    assert (said.code, said.out) == (0, "")
    assert opened(library) == [f"{server}article/1"]
    (library.folder / "opened").unlink()


def test_nothing_is_left_where_others_can_read_it(library: Scrape, server: str) -> None:
    [notice] = notices(library)
    assert notice.stat().st_mode & 0o777 == 0o600
    assert notice.parent.stat().st_mode & 0o777 == 0o700
    said = json.loads(notice.read_text())
    assert (said["archive"], said["address"]) == (str(library.folder / "archive.db"), server)
    # What it proves itself with is said to nobody.
    assert said["key"] not in httpx.get(f"{server}-/serving", params={"challenge": "0" * 64}).text
    assert httpx.get(f"{server}-/serving").status_code == 400
    assert httpx.get(f"{server}-/serving", params={"challenge": "x" * 64}).status_code == 400


def test_another_archive_is_not_at_that_address(library: Scrape, server: str) -> None:
    other = library.folder / "other.db"
    other.write_bytes((library.folder / "archive.db").read_bytes())
    with running(library, "open", "1", "--archive", "other.db") as (_, address):
        assert address != server
        assert wait_until(lambda: opened(library) == [f"{address}article/1"])
        # Of two archives' servers each is found.
        assert library("open", "--print", "--archive", "other.db").out == f"{address}\n"
        # The same file by another path is the same archive.
        (library.folder / "link.db").symlink_to("archive.db")
        assert library("open", "--print", "--archive", "link.db").out == f"{server}\n"
        # A file in the place of the one that a server began with is what it shows from now on.
        (library.folder / "new.db").write_bytes(other.read_bytes())
        (library.folder / "new.db").replace(other)
        assert library("open", "--print", "--archive", "other.db").out == f"{address}\n"
    (library.folder / "opened").unlink()


def test_a_server_of_its_own(library: Scrape, tmp_path: Path) -> None:
    (tmp_path / "archive.db").write_bytes((library.folder / "archive.db").read_bytes())
    scrape = Scrape(tmp_path, env=library.env)
    process = scrape.start("open", "1", "--print")
    assert process.stdout is not None
    assert process.stderr is not None
    try:
        where = process.stdout.readline().strip()
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/article/1", where)
        assert "(Ctrl-C ends it)" in process.stderr.readline()
        assert httpx.get(where).status_code == 200
        assert len(notices(scrape)) == 1
    finally:
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=LIMIT)
    assert (process.returncode, err) == (0, "stopped\n")
    assert notices(scrape) == []
    assert opened(library) == []


class _Liar(http.server.BaseHTTPRequestHandler):
    """Says yes to everything."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"0" * 64)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def liar() -> Iterator[str]:
    server = http.server.HTTPServer(("127.0.0.1", 0), _Liar)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where servers leave their files, for this process too."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    return tmp_path / "news-archiver-serving"


def test_what_cannot_prove_it_is_not_believed(library: Scrape, liar: str, places: Path) -> None:
    """Files of servers that are no more, ports that are somebody else's, files that are none."""
    archive = library.folder / "archive.db"
    with running(library, "serve", "--port", "0", XDG_CACHE_HOME=str(places.parent)) as (process, address):
        [honest] = places.iterdir()
        said = json.loads(honest.read_text())
        assert address_of_server(archive) == address
        for name, change in {
            "liar": {"address": liar},
            "elsewhere": {"address": "http://example.com:80/"},
            "scheme": {"address": "file:///etc/passwd"},
            "nobody": {"address": "http://127.0.0.1:1/"},
            "dead": {"pid": 2**22 + 1, "process": ""},
            "reused": {"process": f"{said['process']}0"},
            "key": {"key": "no"},
            "more": {"more": 1},
        }.items():
            (places / f"{name}.json").write_text(json.dumps({**said, **change}))
        (places / "none.json").write_bytes(b"\xff\0")
        (places / "list.json").write_text("[]")
        honest.rename(honest.with_suffix(".away"))
        assert address_of_server(archive) is None
        # What can never be right again is gone; the liar may be slow today.
        assert {path.name for path in places.glob("*.json")} == {"liar.json"}
        honest.with_suffix(".away").rename(honest)
        assert address_of_server(archive) == address
        places.chmod(0o755)
        assert address_of_server(archive) is None
        places.chmod(0o700)
        # Killed: what it left behind leads nowhere, and goes.
        process.kill()
        process.wait()
        assert address_of_server(archive) is None
        assert not honest.exists()


def test_without_a_folder_to_leave_a_file_in(library: Scrape, places: Path) -> None:
    places.touch()
    with Announcement().made(library.folder / "archive.db", "http://127.0.0.1:1/"):
        assert address_of_server(library.folder / "archive.db") is None
    places.unlink()
    with Announcement().made(library.folder / "archive.db", "http://127.0.0.1:1/"):
        assert len(list(places.iterdir())) == 1
    assert list(places.iterdir()) == []


def test_no_browser(library: Scrape, server: str) -> None:
    said = library("open", "1", env={"BROWSER": "/nothing/here", "PATH": "/nothing"})
    assert (said.code, said.out) == (0, f"{server}article/1\n")
    assert "no browser was found" in said.err


def test_what_is_not_there(library: Scrape) -> None:
    said = library("open", "https://nowhere.example/story")
    assert said.code == 4
    assert "is not in archive.db" in said.err
    assert "scrape url https://nowhere.example/story" in said.err
    assert "There is no archive" in library("open", "1", "--archive", "none.db").err


def test_without_the_extra(library: Scrape, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "import sys\n"
        "class Without:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'datasette': raise ModuleNotFoundError(name)\n"
        "sys.meta_path.insert(0, Without())\n"
    )
    said = library("open", "1", env={"PYTHONPATH": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path)})
    assert said.code == 2
    assert "news-archiver[web]" in said.err


def examples() -> list[str]:
    from scraper.cli.app import app

    command = get_command(app).commands["open"]  # type: ignore[attr-defined]
    return [line.strip() for line in (command.epilog or "").partition("Examples:\n")[2].splitlines()]


@pytest.mark.parametrize("line", examples())
def test_example(library: Scrape, server: str, line: str) -> None:
    said = library.shell(line)
    assert said.code == 0, said.err
    [where] = [said.out.strip()] if "--print" in line else opened(library)
    assert httpx.get(where).status_code == 200
    (library.folder / "opened").unlink(missing_ok=True)
