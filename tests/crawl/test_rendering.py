"""When a page of a run is drawn by a browser, and what is kept of it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from scraper.crawl import ExtractionPool, Outcome, archive_pages
from scraper.settings import FetchSettings
from scraper.store import Archive
from tests.http_server import HttpServer

URL = "http://news.example/story"
SHELL = "<!doctype html><title>News</title><body><div id=root></div><script src=/app.js></script></body>"
REPORTS = "".join(
    f"<p>Report {n}: {word} officials said on Monday that repairs to the {word} pier would take {n} weeks, and that "
    f"passengers of the {word} line should plan for it in good time.</p>"
    for n, word in enumerate("northern southern western eastern upper lower inner outer".split())
)
ARTICLE = f"<article><h1>Eight piers closed for repairs</h1>{REPORTS}</article>"
FILL = f"document.getElementById('root').innerHTML = `{ARTICLE}`; document.title = 'Eight piers'"


def run(server: HttpServer, archive: Archive, pool: ExtractionPool, *urls: str, **settings: Any) -> list[Outcome]:
    outcomes: list[Outcome] = []
    chosen = FetchSettings(
        allow_private=True, delay=0, timeout=25.0, retries=0, connect_to=(f"::127.0.0.1:{server.port}",), **settings
    )
    asyncio.run(archive_pages(urls or (URL,), archive=archive, settings=chosen, pool=pool, report=outcomes.append))
    return outcomes


@pytest.fixture
def shell(server: HttpServer) -> HttpServer:
    server.page("/story", SHELL, headers=[("ETag", '"shell"')])
    server.page("/app.js", FILL, type="text/javascript")
    return server


@pytest.mark.browser
def test_a_shell_is_drawn(shell: HttpServer, archive: Archive, pool: ExtractionPool) -> None:
    [outcome] = run(shell, archive, pool)
    assert outcome.ok
    assert outcome.article is not None
    assert (outcome.article.verdict, outcome.article.headline) == ("ok", "Eight piers closed for repairs")
    assert outcome.capture is not None
    rendering = archive.rendering(outcome.capture.id)
    assert rendering is not None
    assert rendering.sha256 == outcome.article.capture.rendered_sha256 if outcome.article.capture else False
    assert [request.url for request in rendering.requests] == ["http://news.example/app.js"]
    assert archive.capture(outcome.capture.id).body == SHELL.encode()
    stored = archive.article(URL)
    assert stored.body == outcome.article.body
    assert stored.capture is not None
    assert stored.capture.rendered_sha256 == rendering.sha256
    assert stored.as_dict()["capture"]["rendered_sha256"] == rendering.sha256
    assert [request.path for request in shell.pages_asked] == ["/story", "/app.js"]


@pytest.mark.browser
def test_drawn_again_nothing_is_new_and_no_validator_is_believed(
    shell: HttpServer, archive: Archive, pool: ExtractionPool
) -> None:
    run(shell, archive, pool)
    [outcome] = run(shell, archive, pool)
    assert outcome.state == "unchanged"
    assert [request.header("if-none-match") for request in shell.seen("/story")] == [None, None]
    shell.page("/app.js", FILL.replace("Eight piers closed", "Nine piers closed"), type="text/javascript")
    [outcome] = run(shell, archive, pool)
    assert outcome.state == "changed"


@pytest.mark.browser
def test_a_page_that_has_its_text_is_not_drawn(server: HttpServer, archive: Archive, pool: ExtractionPool) -> None:
    server.page("/story", f"<title>Piers</title>{ARTICLE}<script src=/app.js></script>")
    [outcome] = run(server, archive, pool)
    assert outcome.ok
    assert outcome.capture is not None
    assert archive.rendering(outcome.capture.id) is None
    assert server.seen("/app.js") == []


@pytest.mark.browser
@pytest.mark.parametrize("settings", [{"render": "always"}, {"screenshot": True}])
def test_but_for_those_who_want_it(
    server: HttpServer, archive: Archive, pool: ExtractionPool, settings: dict[str, Any]
) -> None:
    server.page("/story", f"<title>Piers</title>{ARTICLE}<script src=/app.js></script>")
    server.page("/app.js", "document.querySelector('h1').textContent = 'Drawn'", type="text/javascript")
    [outcome] = run(server, archive, pool, **settings)
    assert outcome.article is not None
    assert outcome.article.headline == "Drawn"
    assert outcome.capture is not None
    rendering = archive.rendering(outcome.capture.id)
    assert rendering is not None
    assert bool(rendering.screenshot) == ("screenshot" in settings)


@pytest.mark.parametrize("settings", [{"render": "never"}, {"browser": "/nowhere/chromium"}])
def test_without_a_browser_it_is_empty_for_a_reason(
    shell: HttpServer, archive: Archive, pool: ExtractionPool, settings: dict[str, Any]
) -> None:
    [outcome] = run(shell, archive, pool, **settings)
    assert outcome.failure is not None
    assert outcome.failure.code == "empty"
    notes = [note for note in outcome.notes if "no browser was asked" in note]
    assert len(notes) == ("browser" in settings)
    assert all("There is no browser at /nowhere/chromium" in note for note in notes)


@pytest.mark.parametrize("status", [404, 500])
def test_error_pages_are_not_drawn(server: HttpServer, archive: Archive, pool: ExtractionPool, status: int) -> None:
    server.page("/story", SHELL, status=status)
    [outcome] = run(server, archive, pool, render="always")
    assert outcome.failure is not None
    assert outcome.capture is not None
    assert archive.rendering(outcome.capture.id) is None


def test_other_files_are_not_drawn(server: HttpServer, archive: Archive, pool: ExtractionPool) -> None:
    server.page("/story", b"%PDF-1.7", type="application/pdf")
    [outcome] = run(server, archive, pool, render="always")
    assert outcome.capture is not None
    assert archive.rendering(outcome.capture.id) is None


@pytest.mark.browser
def test_what_cannot_be_drawn_is_read_as_it_came(server: HttpServer, archive: Archive, pool: ExtractionPool) -> None:
    server.page("/story", f"<title>Piers</title>{ARTICLE}<script>while (true);</script>")
    outcomes: list[Outcome] = []
    chosen = FetchSettings(
        allow_private=True, delay=0, timeout=5.0, connect_to=(f"::127.0.0.1:{server.port}",), render="always"
    )
    asyncio.run(archive_pages((URL,), archive=archive, settings=chosen, pool=pool, report=outcomes.append))
    [outcome] = outcomes
    assert outcome.ok
    assert outcome.article is not None
    assert outcome.article.headline == "Eight piers closed for repairs"
    assert any("could not be drawn by a browser (timeout)" in note for note in outcome.notes)
    assert outcome.capture is not None
    rendering = archive.rendering(outcome.capture.id)
    assert rendering is not None
    assert rendering.failure is not None
    assert (rendering.failure.code, rendering.dom) == ("timeout", None)
    assert outcome.article.capture is not None
    assert outcome.article.capture.rendered_sha256 is None


@pytest.mark.browser
def test_it_waits_its_turn_and_asks_robots(server: HttpServer, archive: Archive, pool: ExtractionPool) -> None:
    server.page("/robots.txt", "User-agent: *\nDisallow: /secret\nCrawl-delay: 1", type="text/plain")
    server.page("/story", f"{SHELL}<script>onload = () => {{ location = '/secret' }}</script>")
    server.page("/app.js", FILL, type="text/javascript")
    server.page("/secret", ARTICLE)
    [outcome] = run(server, archive, pool, concurrency=1)
    assert outcome.ok
    assert server.seen("/secret") == []
    assert outcome.capture is not None
    rendering = archive.rendering(outcome.capture.id)
    assert rendering is not None
    assert [(one.url, one.refused) for one in rendering.requests if one.kind == "document"] == [
        ("http://news.example/secret", "robots_denied")
    ]
    began = archive.capture(outcome.capture.id)
    pause = (rendering.rendered_at - began.fetched_at).total_seconds() - began.timings.total
    assert pause >= 1.0


@pytest.mark.browser
def test_several_at_a_time(server: HttpServer, archive: Archive, pool: ExtractionPool) -> None:
    urls = [f"http://{host}.example/story" for host in "abcdef"]
    server.page("/story", SHELL)
    server.page("/app.js", FILL, type="text/javascript")
    outcomes = run(server, archive, pool, *urls, concurrency=2)
    assert [outcome.failure for outcome in outcomes] == [None] * 6
    assert sorted(outcome.url for outcome in outcomes) == urls


@pytest.mark.browser
def test_damage_to_a_rendering_names_its_capture(
    shell: HttpServer, archive: Archive, pool: ExtractionPool, tmp_path: Path
) -> None:
    import sqlite3

    from scraper.errors import BlobCorrupt

    [outcome] = run(shell, archive, pool)
    assert outcome.capture is not None
    rendering = archive.rendering(outcome.capture.id)
    assert rendering is not None
    with sqlite3.connect(tmp_path / "archive.db") as other:
        other.execute("UPDATE blobs SET content = x'00' WHERE sha256 = ?", (rendering.sha256,))
    other.close()
    with pytest.raises(BlobCorrupt, match=rf"cannot be read without it: {outcome.capture.id}$|{outcome.capture.id}\."):
        archive.rendering(outcome.capture.id)
    assert archive.capture(outcome.capture.id).body == SHELL.encode()
