"""`scrape health`, and what `scrape crawl` says and returns when something breaks."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from scraper.store import Archive, Trouble
from tests.cli.running import Scrape
from tests.crawl.health.test_alarms import CONSENT, WORDS
from tests.crawl.test_crawl import HOST, Clock, Outlet
from tests.http_server import HttpServer


@pytest.fixture
def server() -> Iterator[HttpServer]:
    """Its own for each test: outlets have a home page."""
    with HttpServer() as running:
        yield running


@pytest.fixture
def outlet(server: HttpServer) -> Outlet:
    outlet = Outlet(server, Clock())
    for number in range(24):
        publish(outlet, ago=timedelta(hours=24 - number))
    return outlet


def publish(outlet: Outlet, *, ago: timedelta = timedelta()) -> str:
    number = len(outlet.articles)
    slug = f"{WORDS[number % 12]}-{WORDS[number // 12]}-{number}"
    outlet.publish(slug, f"The {slug.replace('-', ' ')} that all of the town spoke about", ago=ago)
    return f"/news/{slug}.html"


def make_due(scrape: Scrape) -> None:
    with closing(sqlite3.connect(scrape.folder / "archive.db")) as connection, connection:
        connection.execute("UPDATE jobs SET next_at = '2020-01-01T00:00:00.000Z'")


def test_a_wall_from_the_run_in_which_it_appears_to_its_end(scrape: Scrape, server: HttpServer, outlet: Outlet) -> None:
    (scrape.folder / "scrape.toml").write_text(f'[health]\nwebhook = "{server.url("/hook")}"\n')
    server.page("/hook", "thanks")
    assert scrape("jobs", "add", "outlet", "--site", f"{HOST}/", "--every", "1h", "--recrawl", "never").code == 0
    said = scrape("crawl", "--due")
    assert (said.code, said.out, said.err) == (0, "", "")

    for path in [publish(outlet) for _ in range(3)]:
        server.page(path, CONSENT)
    server.page("/feed.xml", "gone", status=404)
    make_due(scrape)
    said = scrape("crawl", "--due")
    assert (said.code, said.out) == (6, "")
    assert "scrape: wall alarm: outlet.example: pages without a consent wall or a check for robots: 0 of 3" in said.err
    assert f"feed alarm: the feed {HOST}/feed.xml answers 404" in said.err
    [request] = server.seen("/hook")
    assert {alarm["kind"] for alarm in json.loads(request.body)["alarms"]} == {"wall", "feed"}

    make_due(scrape)
    assert scrape("crawl", "--due").code == 0  # it has been said
    said = scrape("health", "--job", "outlet")
    assert said.code == 6
    assert {(row["state"], row["kind"], row["site"]) for row in said.rows} == {
        ("open", "wall", "outlet.example"),
        ("open", "feed", "outlet.example"),
    }
    ids = [str(row["id"]) for row in said.rows]
    said = scrape("health", "--acknowledge", ids[0], "--acknowledge", ids[1])
    assert (said.code, {row["state"] for row in said.rows}) == (0, {"known"})

    for _ in range(3):
        publish(outlet)
    outlet.list()
    make_due(scrape)
    said = scrape("crawl", "outlet", "--log", "json")
    assert said.code == 0
    events = [json.loads(line) for line in said.err.splitlines()]
    assert {event["kind"] for event in events if event["event"] == "alarm_over"} == {"wall", "feed"}
    over = json.loads(server.seen("/hook")[-1].body)["alarms"]
    assert {alarm["event"] for alarm in over} == {"cleared"}
    rows = scrape("health", "--all").rows
    assert [row["state"] for row in rows] == ["over", "over", "normal"]
    assert rows[-1]["baseline"]["parts"]["headline"] == 1.0


def test_rows_and_wrong_use(scrape: Scrape) -> None:
    assert scrape("health").code == 2  # there is no archive
    with Archive.open(scrape.folder / "archive.db", write=True) as archive:
        for site in ("a.example", "b.example"):
            archive.health().raise_alarm(
                Trouble(
                    site=site,
                    kind="layout",
                    subject="headline",
                    severity="error",
                    since=datetime(2024, 7, 23, 10, 15, tzinfo=UTC),
                    since_run_id=None,
                    message="articles with a headline: 0 of 4 \x1b[31m",
                ),
                None,
            )
    said = scrape("health", "-f", "csv")
    assert said.code == 6
    assert said.out.splitlines()[0] == "id,state,site,kind,since,what"
    assert "2,open,b.example,layout,2024-07-23 10:15,articles with a headline" in said.out
    assert "\x1b[31m" not in scrape.on_terminal("health").plain
    said = scrape("health", "--site", "a.example", "--accept", "1")
    assert (said.code, said.out) == (0, "")
    assert scrape("health", "--all", "--site", "a.example").rows[0]["state"] == "accepted"
    said = scrape("health", "--acknowledge", "77")
    assert said.code == 4
    assert "No alarm 77" in said.err


def test_a_job_that_nobody_runs(scrape: Scrape, outlet: Outlet) -> None:
    assert scrape("jobs", "add", "outlet", "--site", f"{HOST}/", "--every", "1h").code == 0
    make_due(scrape)
    said = scrape("health")
    assert said.code == 6
    [row] = said.rows
    assert (row["kind"], row["subject"]) == ("job", "outlet")
    assert row["what"].startswith("the job outlet should have run at 2020-01-01 00:00, and did not")
    assert scrape("crawl", "--due").code == 0
    said = scrape("health")
    assert (said.code, said.out) == (0, "")
    assert "no alarm is open" in said.err


def test_settings_that_cannot_be_used_are_said_before_anything_is_done(scrape: Scrape, server: HttpServer) -> None:
    (scrape.folder / "scrape.toml").write_text('[health]\nmail = "ops@example.org"\n')
    said = scrape("crawl", f"{HOST}/")
    assert said.code == 2
    assert "health.mail needs a server that sends it" in said.err
    assert server.requests == []
