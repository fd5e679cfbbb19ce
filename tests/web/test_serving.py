"""`scrape serve` as its users start it."""

from __future__ import annotations

import json
import re
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from typer.main import get_command

from tests.cli.running import LIMIT, Scrape, wait_until


@pytest.fixture
def folder(demo_archive: Path, tmp_path: Path) -> Scrape:
    """A folder with a copy of the demo's archive, under both names that examples know."""
    for name in ("archive.db", "demo.db"):
        shutil.copy(demo_archive, tmp_path / name)
    return Scrape(tmp_path)


@contextmanager
def serving(scrape: Scrape, *arguments: str, **env: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The running server and its address."""
    process = scrape.start("serve", *arguments, "--log", "json", **env)
    assert process.stderr is not None
    try:
        said = json.loads(process.stderr.readline())
        assert said["event"] == "serving"
        yield process, said["url"]
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_a_server_from_its_start_to_its_end(folder: Scrape, ending: signal.Signals) -> None:
    with serving(folder, "--port", "0") as (process, address):
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/", address)
        with httpx.Client(base_url=address) as client:
            answer = client.get("/")
            assert answer.status_code == 200
            assert "server" not in answer.headers
            assert client.get("/search", params={"q": "ferry"}).status_code == 200
            assert client.get("/archive/pages.json").json()["rows"]
            assert client.get("/", headers={"Host": "evil.example"}).status_code == 421
            assert client.post("/archive").status_code == 405
            head = client.head("/article/1")
            assert (head.status_code, head.content) == (200, b"")
            assert int(head.headers["content-length"]) == len(client.get("/article/1").content)
        process.send_signal(ending)
        out, err = process.communicate(timeout=LIMIT)
        assert process.returncode == 0
        assert out == ""
        assert "Traceback" not in err


def examples() -> list[str]:
    from scraper.cli.app import app

    command = get_command(app).commands["serve"]  # type: ignore[attr-defined]
    return [line.strip() for line in (command.epilog or "").partition("Examples:\n")[2].splitlines()]


@pytest.mark.parametrize("line", examples()[1:])  # the first is what the other tests do
def test_examples(folder: Scrape, line: str) -> None:
    arguments = line.split()[2:]
    if "--port" not in arguments:
        arguments += ["--port", "0"]  # the usual one may be taken here
    with serving(folder, *arguments, BROWSER="true") as (_, address):
        assert httpx.get(address).status_code == 200


def test_it_opens_the_browser(folder: Scrape) -> None:
    opened = folder.folder / "opened"
    browser = folder.folder / "browser"
    browser.write_text(f'#!/bin/sh\nprintf %s "$1" > "{opened}.part" && mv "{opened}.part" "{opened}"\n')
    browser.chmod(0o755)
    with serving(folder, "--port", "0", "--open", BROWSER=str(browser)) as (_, address):
        assert wait_until(opened.exists)
        assert opened.read_text() == address


@pytest.mark.parametrize("host", ["0.0.0.0", "news.lan"])
def test_other_machines_are_let_in_only_on_purpose(folder: Scrape, host: str) -> None:
    said = folder("serve", "--host", host, "--port", "0")
    assert said.code == 2
    assert "there is no password" in said.err
    assert "--allow-others" in said.err


def test_words_for_people(folder: Scrape) -> None:
    process = folder.start("serve", "--port", "0", "--hostname", "news.lan")
    assert process.stderr is not None
    try:
        line = process.stderr.readline()
        found = re.fullmatch(r"archive\.db at (http://127\.0\.0\.1:\d+/) \(Ctrl-C ends it\)\n", line)
        assert found is not None, line
        assert httpx.get(found[1], headers={"Host": "news.lan"}).status_code == 200
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=LIMIT)
        assert err == "stopped\n"
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate()


def test_a_port_that_is_taken(folder: Scrape) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = folder("serve", "--port", port)
    assert said.code == 2
    assert f"Cannot listen on port {port} of 127.0.0.1" in said.err
    assert "--port" in said.err


def test_archives_that_cannot_be_read(folder: Scrape) -> None:
    assert "There is no archive at none.db" in folder("serve", "--archive", "none.db").err
    (folder.folder / "text.db").write_text("text\n" * 100)
    said = folder("serve", "--archive", "text.db")
    assert (said.code, "is not an archive" in said.err) == (2, True)
    for version, code, words in ((1, 1, "older version"), (999, 2, "newer version")):
        import sqlite3
        from contextlib import closing

        with closing(sqlite3.connect(folder.folder / "archive.db")) as connection:
            connection.execute(f"PRAGMA user_version = {version}")
        said = folder("serve")
        assert (said.code, words in said.err) == (code, True)


def test_without_the_extra(folder: Scrape) -> None:
    """Where Datasette is not installed, the command says what to install."""
    hidden = folder.folder / "hidden"
    hidden.mkdir()
    (hidden / "sitecustomize.py").write_text(
        "import sys\n"
        "class Without:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'datasette': raise ModuleNotFoundError(name)\n"
        "sys.meta_path.insert(0, Without())\n"
    )
    said = folder("serve", env={"PYTHONPATH": str(hidden)})
    assert said.code == 2
    assert "news-archiver[web]" in said.err
