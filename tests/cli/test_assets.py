"""`--assets`: what is said of pictures and styles, on a terminal, as rows, as events."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from tests.cli.running import Said, Scrape
from tests.crawl.test_crawl import PARAGRAPHS
from tests.http_server import HttpServer
from tests.web.replay.archived import PNG

SHOWN = (
    b"<link rel=stylesheet href=/assets/a.css><img src=/assets/1.png><img src=/assets/2.png><img src=/assets/no.png>"
)
STORY = "http://pictures.example/assets/story"
ASSETS: dict[str, Any] = {
    "stored": 3,
    "held": 0,
    "failed": 1,
    "left_out": 0,
    "bytes": 2 * len(PNG) + 5,
    "reasons": {"http_404": 1},
}


@pytest.fixture(autouse=True)
def site(server: HttpServer) -> None:
    for name in ("story", "other"):
        text = "".join(f"<p>{paragraph.format(headline=name, slug=name)}</p>" for paragraph in PARAGRAPHS)
        server.page(
            f"/assets/{name}",
            f'<html lang="en"><head><title>The {name} of the harbour</title>'
            '<meta property="article:published_time" content="2024-07-23T10:00:00+00:00"></head>'
            f"<body><main><article><h1>The {name} of the harbour</h1>{text}{SHOWN}</article></main></body></html>",
            type="text/html; charset=utf-8",
        )
    server.page("/assets/a.css", "p{}\n\n", type="text/css")
    server.page("/assets/1.png", PNG, type="image/png")
    server.page("/assets/2.png", PNG[:-1] + b"2", type="image/png")


def events(said: Said) -> list[dict]:
    return [json.loads(line) for line in said.err.splitlines()]


def test_on_a_terminal_the_card_says_it(scrape: Scrape) -> None:
    (scrape.folder / "scrape.toml").write_text('[fetch]\nassets = true\nassets_budget = "1kB"\ndelay = 0\n')
    plain = scrape.on_terminal("url", STORY, columns=120).plain
    assert re.search(rf"^assets +3 stored, 1 failed \(http_404 1\): {ASSETS['bytes']} bytes *$", plain, re.M), plain


def test_rows_and_events_have_the_counts(scrape: Scrape) -> None:
    said = scrape("url", STORY, STORY.replace("story", "other"), "--assets", "--delay", "0", "--log", "json")
    again = {**ASSETS, "stored": 0, "held": 3}
    assert [row["assets"] for row in said.rows] == [ASSETS, again]
    found = events(said)
    assert [event["assets"] for event in found if event["event"] == "page"] == [ASSETS, again]
    (sum_,) = [event["assets"] for event in found if event["event"] == "done"]
    assert sum_ == {**ASSETS, "held": 3, "failed": 2, "bytes": 2 * ASSETS["bytes"], "reasons": {"http_404": 2}}


def test_a_job_keeps_them_and_says_so_at_the_end(scrape: Scrape, server: HttpServer) -> None:
    feed = "".join(
        f"<item><title>{name}</title><link>http://pictures.example/assets/{name}</link></item>"
        for name in ("story", "other")
    )
    server.page("/assets/feed", f"<rss version='2.0'><channel>{feed}</channel></rss>", type="application/rss+xml")
    added = scrape("jobs", "add", "pictures", "--feed", "http://pictures.example/assets/feed", "--assets")
    assert added.rows[0]["options"]["assets"] is True
    said = scrape("crawl", "pictures", "--delay", "0")
    assert said.code == 0, said.err
    assert f"pictures and styles: 3 stored, 3 held already, 2 failed (http_404 2): {2 * ASSETS['bytes']}" in said.err
    assert "assets" not in said.rows[0], "they come when there is nothing else to do"


def test_a_budget_is_a_size(scrape: Scrape) -> None:
    wrong = scrape("url", STORY, "--assets-budget", "much")
    assert (wrong.code, "'much' is no size" in wrong.err) == (2, True)
