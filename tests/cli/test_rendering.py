"""`scrape url --render`, `--screenshot`, and what `scrape show` gives out of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.running import Scrape
from tests.http_server import HttpServer

URL = "http://news.example/story"
WORDS = "northern southern western eastern upper lower inner outer".split()
REPORTS = "".join(
    f"<p>Report {n}: {word} officials said on Monday that repairs to the {word} pier would take {n} weeks, and that "
    f"passengers of the {word} line should plan for it in good time.</p>"
    for n, word in enumerate(WORDS)
)
ARTICLE = f"<article><h1>Eight piers closed for repairs</h1>{REPORTS}</article>"
SHELL = "<!doctype html><title>News</title><body><div id=root></div><script src=/app.js></script></body>"


@pytest.fixture
def server() -> Iterator[HttpServer]:
    with HttpServer() as running:
        running.page("/shell", SHELL)
        running.page("/app.js", f"document.getElementById('root').innerHTML = `{ARTICLE}`", type="text/javascript")
        running.page("/story", ARTICLE)
        yield running


@pytest.fixture
def scrape(server: HttpServer, tmp_path: Path) -> Scrape:
    return Scrape(tmp_path, server.port)


@pytest.mark.browser
def test_from_a_shell_to_a_picture(scrape: Scrape) -> None:
    said = scrape("url", "http://news.example/shell", "--screenshot", "-f", "table")
    assert said.code == 0, said.err
    assert "Eight piers closed for repairs" in said.plain
    assert "by a browser, and read as drawn: sha256" in " ".join(said.plain.split())
    assert b"Report 7: outer officials" in scrape("show", "1", "--rendered").raw
    assert scrape("show", "1", "--html").raw == SHELL.encode()
    assert scrape("show", "1", "--screenshot").raw.startswith(b"\x89PNG")
    assert "read as a browser drew it, SHA-256" in scrape("show", "1", "-f", "md").out
    assert scrape("explain", "1", "-f", "ndjson").rows


def test_what_there_is_not(scrape: Scrape) -> None:
    assert scrape("url", URL, "--render", "never").code == 0
    for option, again in (("--rendered", "--render always"), ("--screenshot", "--screenshot")):
        said = scrape("show", "1", option)
        assert said.code == 4
        assert f"next: scrape url {URL} {again} makes one" in said.err


def test_what_cannot_be(scrape: Scrape, server: HttpServer) -> None:
    (scrape.folder / "scrape.toml").write_text('[fetch]\nbrowser = "/nowhere/chromium"\n')
    said = scrape("url", URL, "--render", "always")
    assert said.code == 2
    assert "There is no browser at /nowhere/chromium" in said.err
    assert server.requests == []
    said = scrape("url", "http://news.example/shell")
    assert said.code == 4
    assert "scripts put its text there, and no browser was asked: There is no browser at /nowhere/chromium" in said.err
    assert scrape("url", URL, "--render", "sometimes").code == 2
    (scrape.folder / "scrape.toml").write_text('[fetch]\nrender = "sometimes"\n')
    said = scrape("url", URL)
    assert said.code == 2
    assert "render must be one of auto, always, never" in said.err
