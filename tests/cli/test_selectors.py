"""`scrape selectors` as its users run it."""

from __future__ import annotations

import csv
import io
import json
import re
import tomllib
from contextlib import closing
from pathlib import Path
from sqlite3 import connect

import pytest

from scraper.store import Archive, HostState
from tests.cli.conftest import Query
from tests.cli.running import Scrape
from tests.fixtures import FOLDER
from tests.http_server import HttpServer

HTML = "text/html; charset=utf-8"
PARAGRAPHS = (
    "The council voted on Tuesday to rebuild the pier that the storm had taken, and to begin before the winter comes.",
    "The money had been there all along, the mayor said, and nobody had thought of looking for it in the right drawer.",
    "Until it is done the ferry runs every twenty minutes, and crossing with it costs nothing, the town promised.",
    "The eastern end, which has been leaning since the flood, is to be the first part that the workers take down.",
)


def story(number: int, *, title_class: str = "story-title") -> str:
    text = "".join(f"<p>{paragraph} ({number})</p>" for paragraph in PARAGRAPHS)
    return (
        f'<!doctype html><html lang="en"><head><title>Pier number {number} is rebuilt</title>'
        '<meta property="og:type" content="article"><meta property="og:site_name" content="The Pier">'
        f'<meta property="article:published_time" content="2024-05-0{number}T08:00:00+00:00"></head><body><article>'
        f'<h2 class="{title_class}">Pier number {number} is rebuilt</h2><p class="story-byline">By Ann Lee</p>'
        f'<div class="story-text">{text}</div></article></body></html>'
    )


FILE = """name = "The Pier"
hosts = ["pier.example"]

[[layout]]

[layout.fields.headline]
css = "h2.story-title"

[layout.fields.body]
css = ".story-text"
"""


@pytest.fixture
def pier(scrape: Scrape) -> Scrape:
    """A folder with one site file in ./selectors."""
    (scrape.folder / "selectors").mkdir()
    (scrape.folder / "selectors" / "pier.toml").write_text(FILE)
    return scrape


def fixture(folder: Path, *, headline: str = "Pier number 1 is rebuilt", html: str | None = None) -> None:
    here = folder / "fixtures" / "pier.example" / "one"
    here.mkdir(parents=True)
    (here / "page.html").write_text(html or story(1))
    meta = {"url": "https://pier.example/1", "fetched_at": "2024-05-09T10:00:00+00:00", "content_type": HTML}
    (here / "meta.json").write_text(json.dumps(meta))
    (here / "expected.json").write_text(json.dumps({"headline": headline}))


# list


def test_list_shows_the_files_in_force(pier: Scrape) -> None:
    [row] = pier("selectors", "list").rows
    assert row == {
        "name": "The Pier",
        "hosts": ["pier.example"],
        "language": None,
        "layouts": 1,
        "until": [],
        "fields": ["headline", "body"],
        "file": "selectors/pier.toml",
    }
    table = csv.DictReader(io.StringIO(pier("selectors", "list", "-f", "csv").out))
    assert [line["fields"] for line in table] == ["headline; body"]


def test_list_shows_the_packaged_ones_where_there_are_no_others(scrape: Scrape) -> None:
    rows = scrape("selectors", "list").rows
    assert len(rows) >= 28
    assert "headline" in scrape.on_terminal("selectors", "list", columns=100).plain


def test_a_mistake_in_a_file_is_said_and_not_shown_as_a_row(pier: Scrape) -> None:
    (pier.folder / "selectors" / "pier.toml").write_text(FILE.replace("h2.story-title", "h2["))
    said = pier("selectors", "list")
    assert (said.code, said.out) == (2, "")
    assert "layout[1].fields.headline.css: 'h2['" in said.err
    assert "next: right would be: a CSS selector" in said.err


# new


def test_new_from_pages_on_the_web(scrape: Scrape, server: HttpServer) -> None:
    for number in (1, 2):
        server.page(f"/pier/{number}", story(number).encode(), type=HTML)
    urls = [f"http://pier.example/pier/{number}" for number in (1, 2)]
    said = scrape("selectors", "new", *urls)
    assert said.code == 0, said.err
    raw = tomllib.loads(said.out)
    assert (raw["name"], raw["hosts"], raw["language"]) == ("The Pier", ["pier.example"], "en")
    fields = raw["layout"][0]["fields"]
    assert fields["headline"]["css"] == ".story-title"
    assert fields["body"]["css"] == ".story-text"
    assert "modified_at: no page gives it" in said.err


def test_new_from_saved_pages_into_a_file_that_then_works(scrape: Scrape) -> None:
    for number in (1, 2):
        (scrape.folder / f"{number}.html").write_text(story(number))
    said = scrape("selectors", "new", "1.html", "2.html", "--url", "https://pier.example/x", "-o", "pier.toml")
    assert (said.code, said.out) == (0, "")
    assert "wrote pier.toml; next: scrape selectors test pier.toml" in said.err
    again = scrape("selectors", "new", "1.html", "--url", "https://pier.example/x", "-o", "pier.toml")
    assert again.code == 2
    assert "pier.toml exists already" in again.err
    fixture(scrape.folder)
    tested = scrape("selectors", "test", "pier.toml", "--fixtures", "fixtures")
    assert tested.code == 0, tested.out


def test_new_where_some_pages_cannot_be_had(scrape: Scrape, server: HttpServer) -> None:
    server.page("/new/1", story(1).encode(), type=HTML)
    said = scrape("selectors", "new", "http://pier.example/new/1", "http://pier.example:1/none")
    assert said.code in (0, 3)
    assert "story-title" in said.out
    none = scrape("selectors", "new", "http://127.0.0.1:9/none", env={"SCRAPE_CONNECT_TO": ""})
    assert none.code == 4
    assert "could not be fetched" in none.err


def test_new_asks_robots_txt(scrape: Scrape, server: HttpServer) -> None:
    server.page("/robots.txt", "User-agent: *\nDisallow: /forbidden/\n", type="text/plain")
    server.page("/forbidden/1", story(1).encode(), type=HTML)
    url = "http://strict.pier.example/forbidden/1"
    said = scrape("selectors", "new", url)
    assert said.code == 4
    assert "Line 2 says `Disallow: /forbidden/`" in said.err
    said = scrape("selectors", "new", url, "--ignore-robots")
    assert said.code == 0, said.err
    assert "warning: robots.txt is ignored" in said.err
    assert not (scrape.folder / "archive.db").exists()


def test_new_takes_turns_with_others_at_a_host(scrape: Scrape, server: HttpServer, query: Query) -> None:
    """By what the archive says of it: a host that is to be left alone is left alone by this command, too."""
    server.page("/turns/1", story(1).encode(), type=HTML)
    path = scrape.folder / "archive.db"
    with Archive.open(path, write=True) as archive:
        archive.lease_host("turns.pier.example", "another process", 40, pause=1)
        archive.release_host(
            "turns.pier.example", "another process", pause=900, state=HostState(failures=9, reason="it was in trouble")
        )
    asked = len(server.requests)
    said = scrape("selectors", "new", "http://turns.pier.example/turns/1")
    assert said.code == 4
    assert "is left alone for another 15 minutes. It was in trouble" in said.err
    assert len(server.requests) == asked
    said = scrape("selectors", "new", "http://other.pier.example/turns/1", "--delay", "50", "--ignore-robots")
    assert said.code == 0, said.err
    [host] = query(
        path,
        "SELECT next_at > strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '40 seconds') AS waits"
        " FROM hosts WHERE host = 'other.pier.example'",
    )
    assert host == {"waits": 1}
    assert query(path, "SELECT count(*) AS n FROM captures") == [{"n": 0}]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["1.html"], "Saved pages need --url"),
        (["none.html", "--url", "https://pier.example/"], "Cannot read none.html"),
        (["1.html", "1.html", "1.html", "--url", "https://a.example/", "--url", "https://b.example/"], "2 times --url"),
        (
            ["1.html", "2.html", "--url", "https://a.example/", "--url", "https://b.example/"],
            "The pages are of 2 sites",
        ),
    ],
)
def test_new_used_wrongly(scrape: Scrape, arguments: list[str], words: str) -> None:
    for number in (1, 2):
        (scrape.folder / f"{number}.html").write_text(story(number))
    said = scrape("selectors", "new", *arguments)
    assert (said.code, said.out) == (2, "")
    assert words in said.err


def test_new_of_a_page_without_an_article(scrape: Scrape) -> None:
    (scrape.folder / "1.html").write_text("<html><body><a href=/x>Home</a></body></html>")
    said = scrape("selectors", "new", "1.html", "--url", "https://pier.example/x")
    assert said.code == 4
    assert "no selector was found for anything" in said.err


# test


def test_test_shows_what_a_file_mends(pier: Scrape) -> None:
    decoy = story(1).replace("<article>", "<article><h1>Pier number 1 is rebuilt at last, and soon</h1>")
    fixture(
        pier.folder,
        html=decoy.replace("<title>Pier number 1 is rebuilt", "<title>Pier number 1 is rebuilt at last, and soon"),
    )
    said = pier("selectors", "test", "--fixtures", "fixtures")
    assert said.code == 0, said.out
    [row] = [one for one in said.rows if one["field"] == "headline"]
    assert (row["fixture"], row["state"]) == ("pier.example/one", "mended")
    assert row["with_file"] == row["expected"] == "Pier number 1 is rebuilt"
    assert re.search(r"1 fixtures of 1 site files: \d fields, \d mended, 0 failed", said.err)


def test_test_fails_with_3(pier: Scrape) -> None:
    fixture(pier.folder, headline="Another headline")
    said = pier("selectors", "test", "--fixtures", "fixtures")
    assert said.code == 3
    assert [row["state"] for row in said.rows] == ["wrong"]
    shown = pier.on_terminal("selectors", "test", "--fixtures", "fixtures", columns=100).plain
    assert "expected: Another headline" in " ".join(shown.split())


def test_test_shows_all_when_asked_and_files_without_a_fixture(pier: Scrape) -> None:
    fixture(pier.folder)
    assert pier("selectors", "test", "--fixtures", "fixtures").rows == []
    assert [row["state"] for row in pier("selectors", "test", "--fixtures", "fixtures", "--all").rows] == ["right"]
    other = FILE.replace("pier.example", "quay.example")
    (pier.folder / "selectors" / "quay.toml").write_text(other)
    assert "selectors/quay.toml has no fixture in fixtures" in pier("selectors", "test", "--fixtures", "fixtures").err


def test_test_without_fixtures_and_with_broken_ones(pier: Scrape) -> None:
    said = pier("selectors", "test")
    assert said.code == 2
    assert "No such folder: tests/fixtures" in said.err
    fixture(pier.folder)
    (pier.folder / "fixtures" / "pier.example" / "one" / "expected.json").write_text("{")
    broken = pier("selectors", "test", "--fixtures", "fixtures")
    assert broken.code == 2
    assert "fixtures/pier.example/one is no fixture" in broken.err


def test_the_packaged_files_pass(scrape: Scrape) -> None:
    said = scrape("selectors", "test", "--fixtures", FOLDER)
    assert said.code == 0, said.out
    assert {row["state"] for row in said.rows} <= {"mended", "unjudged"}
    assert sum(row["state"] == "mended" for row in said.rows) >= 10


# check


def archive_of(pier: Scrape, server: HttpServer, titles: list[str], query: Query) -> None:
    """One capture a day, the newest last; `titles` are the classes of the headline on each."""
    urls = []
    for number, name in enumerate(titles, 1):
        server.page(f"/drift/{number}/{len(titles)}", story(number, title_class=name).encode(), type=HTML)
        urls.append(f"http://pier.example/drift/{number}/{len(titles)}")
    assert pier("url", *urls, "--delay", "0").code == 0
    with closing(connect(pier.folder / "archive.db")) as archive:
        for number, url in enumerate(urls, 1):
            archive.execute(
                "UPDATE captures SET fetched_at = ? WHERE url = ?", (f"2024-05-0{number}T10:00:00.000Z", url)
            )
        archive.commit()
    assert len(query(pier.folder / "archive.db", "SELECT id FROM captures")) == len(titles)


def test_check_when_all_is_well(pier: Scrape, server: HttpServer, query: Query) -> None:
    archive_of(pier, server, ["story-title"] * 3, query)
    said = pier("selectors", "check")
    assert said.code == 0, said.err
    rows = {row["field"]: row for row in said.rows}
    assert set(rows) == {"headline", "body"}
    assert rows["headline"] == {
        "site": "pier.example",
        "field": "headline",
        "state": "ok",
        "captures": 3,
        "missing": 0.0,
        "differing": 0.0,
        "missing_since": None,
        "file": "selectors/pier.toml",
    }


def test_check_says_what_stopped_matching_and_when(pier: Scrape, server: HttpServer, query: Query) -> None:
    archive_of(pier, server, ["story-title", "story-title", "headline", "headline"], query)
    said = pier("selectors", "check", "pier.example")
    assert said.code == 6
    rows = {row["field"]: row for row in said.rows}
    assert (rows["headline"]["state"], rows["headline"]["missing"]) == ("stopped", 0.5)
    assert rows["headline"]["missing_since"].startswith("2024-05-03T10:00:00")
    assert rows["body"]["state"] == "ok"
    assert "pier.example: headline stopped matching since 2024-05-03" in said.err
    newest = pier("selectors", "check", "--limit", "2")
    assert newest.code == 6
    assert [row["state"] for row in newest.rows if row["field"] == "headline"] == ["never"]


def test_check_of_sites_without_captures_and_without_files(pier: Scrape, server: HttpServer, query: Query) -> None:
    archive_of(pier, server, ["story-title"], query)
    (pier.folder / "selectors" / "quay.toml").write_text(FILE.replace("pier.example", "quay.example"))
    said = pier("selectors", "check", "quay.example")
    assert (said.code, said.out) == (0, "")
    assert "no capture of an article in the archive" in said.err
    unknown = pier("selectors", "check", "nowhere.example")
    assert unknown.code == 2
    assert "No site file covers nowhere.example" in unknown.err
    missing = pier("selectors", "check", "--archive", "none.db")
    assert missing.code == 2


# import-ftr


@pytest.fixture
def configs(scrape: Scrape) -> Scrape:
    folder = scrape.folder / "site-config"
    folder.mkdir()
    (folder / "pier.example.txt").write_text(
        "title: //h2[@class='story-title']\nbody: //div[@class='story-text']\nprune: no\nprune: yes\nstrip: //a/..\n"
    )
    (folder / "quay.example.txt").write_text("body: //p/preceding-sibling::div\n")
    return scrape


def test_import_reports_and_writes_nothing_unless_told(configs: Scrape) -> None:
    said = configs("selectors", "import-ftr", "site-config")
    assert said.code == 3  # one of the two is of no use
    rows = {Path(row["file"]).name: row for row in said.rows}
    pier, quay = rows["pier.example.txt"], rows["quay.example.txt"]
    assert (pier["taken"], pier["left_out"], pier["what"]) == (2, 3, "prune (2), strip (1)")
    assert [line["line"] for line in pier["lines"]] == [3, 4, 5]
    assert (quay["taken"], quay["left_out"], quay["hosts"]) == (0, 1, [])
    assert "2 files, 1 of use: 2 lines taken, 4 left out; nothing written; -o DIR does" in said.err
    assert [path.name for path in configs.folder.iterdir()] == ["site-config"]


def test_import_writes_files_that_are_valid_and_overwrites_none(configs: Scrape) -> None:
    said = configs("selectors", "import-ftr", "site-config", "-o", "made")
    assert said.code == 3
    assert [path.name for path in (configs.folder / "made").iterdir()] == ["pier.example.toml"]
    assert [row["fields"] for row in configs("selectors", "list", "--selectors", "made").rows] == [["headline", "body"]]
    (configs.folder / "site-config" / "quay.example.txt").unlink()
    again = configs("selectors", "import-ftr", "site-config", "-o", "made")
    assert again.code == 4
    assert "made/pier.example.toml exists already" in again.err


def test_import_of_nothing(scrape: Scrape) -> None:
    assert "No such folder: none" in scrape("selectors", "import-ftr", "none").err
    (scrape.folder / "empty").mkdir()
    said = scrape("selectors", "import-ftr", "empty")
    assert said.code == 2
    assert "empty holds no *.txt" in said.err


def test_the_group_alone_shows_its_commands(scrape: Scrape) -> None:
    said = scrape("selectors")
    assert said.code == 2
    for name in ("list", "new", "test", "check", "import-ftr"):
        assert f"  {name} " in said.out + said.err
