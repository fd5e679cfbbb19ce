"""`scrape jobs listen` as people run it: behind a proxy, told by a hub, fetching what is new."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from scraper.cli import listening
from scraper.cli.conventions import Conventions, Log
from scraper.cli.fetch_options import FetchOptions, ReachOptions
from scraper.store import Archive
from tests.cli.conftest import Query
from tests.cli.running import LIMIT, Scrape, processes_of, wait_until
from tests.crawl.test_crawl import Clock
from tests.crawl.websub.hub import CALLBACK, Hub
from tests.crawl.websub.test_listener import TOPIC, HubOutlet, known
from tests.http_server import HttpServer


@pytest.fixture
def outlet_server() -> Iterator[HttpServer]:
    with HttpServer() as running:
        yield running


def test_news_are_fetched_when_the_hub_tells_of_them(outlet_server: HttpServer, tmp_path: Path, query: Query) -> None:
    scrape = Scrape(tmp_path, outlet_server.port)
    hub = Hub(outlet_server)
    outlet = HubOutlet(outlet_server, Clock())
    outlet.publish("ferry", "The ferry is late")
    with Archive.open(tmp_path / "archive.db", write=True) as opened:
        known(opened)
    archive = tmp_path / "archive.db"
    process = scrape.start(
        "jobs", "listen", "--callback", CALLBACK, "--bind", "127.0.0.1:0", "--crawl", "--log", "json"
    )
    try:
        assert process.stderr is not None
        said = json.loads(process.stderr.readline())
        assert said["event"] == "websub_listening"
        hub.port = int(said["detail"].rpartition(" ")[2])
        assert wait_until(lambda: hub.callbacks)
        outlet.publish("quay", "The quay is closed")
        assert hub.notify(hub.callbacks[TOPIC]["hub.callback"], b"<rss/>", "sha256=" + "0" * 64) == 204
        assert hub.publish(TOPIC) == 204
        assert wait_until(lambda: len(query(archive, "SELECT 1 FROM articles")) == 2, seconds=LIMIT)
        assert wait_until(lambda: not query(archive, "SELECT 1 FROM runs WHERE state = 'running' AND job_id NOTNULL"))
    finally:
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=LIMIT)
    assert process.returncode == 143
    assert not processes_of(process.pid)
    assert out == ""
    events = [json.loads(line)["event"] for line in err.splitlines()]
    assert events[:3] == ["websub_subscribed", "websub_rejected", "websub_notified"]
    [run] = query(archive, "SELECT json(summary) AS summary FROM runs ORDER BY id DESC LIMIT 1")
    assert (json.loads(run["summary"])["sources"], json.loads(run["summary"])["only_woken"]) == (1, True)

    [row] = scrape("jobs", "listen", "--show").rows
    assert (row["state"], row["notifications"], row["rejected"]) == ("active", 1, 1)
    assert not {"secret", "token", "callback"} & row.keys()
    # Whoever calls now is not heard; so the end is asked for by one that listens.
    ending = scrape("jobs", "listen", "--callback", CALLBACK, "--bind", f"127.0.0.1:{hub.port}", "--stop")
    assert (ending.code, ending.out) == (0, "")
    assert "nothing is subscribed to any more" in ending.err
    assert wait_until(lambda: not hub.callbacks)
    assert not query(archive, "SELECT 1 FROM websub_subscriptions")


def test_whoever_can_be_reached_by_others_is_to_say_so(tmp_path: Path) -> None:
    said = Scrape(tmp_path)("jobs", "listen", "--callback", CALLBACK, "--bind", "0.0.0.0:8471")
    assert said.code == 2
    assert "can be reached from other machines" in said.err
    assert "--allow-others" in said.err
    assert not list(tmp_path.iterdir())


def test_the_crawl_is_told_what_the_listener_was_told(tmp_path: Path) -> None:
    archive, config = tmp_path / "a.db", tmp_path / "s.toml"
    told = Conventions(archive=archive, config=config, selectors=tmp_path, quiet=True, log=Log.json, debug=False)
    fetching = FetchOptions(delay=0.5, ignore_robots=True)
    reach = ReachOptions(allow_private=False, connect_to=["a:1:b:2", "c:3:d:4"])
    words = listening._command(told, fetching, reach)
    assert words[words.index("crawl") :] == [
        *("crawl", "--due", "--archive", str(archive), "--config", str(config), "--selectors", str(tmp_path)),
        *("--log", "json", "--quiet", "--delay", "0.5", "--ignore-robots"),
        *("--connect-to", "a:1:b:2", "--connect-to", "c:3:d:4"),
    ]
