"""The page this began with, in both its forms, from a server into archive.db: every column, read with sqlite3 alone."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.running import Said, Scrape
from tests.fixtures import FOLDER, Fixture, fixture
from tests.http_server import HttpServer

WITH = fixture("kherson-monitor/seed-with-metadata")
WITHOUT = fixture("dnipro-dispatch/seed-without-metadata")
HEADLINE = "Russian soldiers flee for their lives from Kherson – Ukraine inteligence"
MASTHEAD = "2024-07-23"
"""The day on which the reader's browser showed the page: never the article's."""
TYPE = "text/html; charset=UTF-8"


def address(page: Fixture) -> str:
    """Its URL without TLS: the test server has no certificate for these names."""
    return page.url.replace("https://", "http://", 1)


def path_of(page: Fixture) -> str:
    return "/" + page.url.split("/", 3)[3]


class Rounds:
    """An archive in which each form was archived three times: as it is, again, and with its first paragraph edited."""

    def __init__(self, scrape: Scrape) -> None:
        self.scrape = scrape
        self.archive = scrape.folder / "archive.db"
        self.bodies = {
            form: [page, page, edited(page)] for form, page in (("with", WITH.page), ("without", WITHOUT.page))
        }
        self.said: list[Said] = []


def edited(page: bytes) -> bytes:
    assert page.count(b"a humiliating defeat") == 1
    return page.replace(b"a humiliating defeat", b"a second humiliating defeat")


@pytest.fixture(scope="module")
def rounds(tmp_path_factory: pytest.TempPathFactory) -> Rounds:
    # The two forms have one path on two hosts, and the server knows paths only: one server each.
    with HttpServer() as first, HttpServer() as second:
        scrape = Scrape(tmp_path_factory.mktemp("seed"), first.port)
        to = f"kherson-monitor.example::127.0.0.1:{first.port} dnipro-dispatch.example::127.0.0.1:{second.port}"
        done = Rounds(scrape)
        for number in range(3):
            first.page(path_of(WITH), done.bodies["with"][number], type=TYPE)
            second.page(path_of(WITHOUT), done.bodies["without"][number], type=TYPE)
            said = scrape("url", address(WITH), address(WITHOUT), "-f", "json", env={"SCRAPE_CONNECT_TO": to})
            assert said.code == 0, said.err
            done.said.append(said)
    return done


Query = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def rows(rounds: Rounds, query: Query) -> Callable[..., list[dict[str, Any]]]:
    return lambda sql, *parameters: query(rounds.archive, sql, *parameters)


FORMS = pytest.mark.parametrize(("form", "page"), [("with", WITH), ("without", WITHOUT)])


@FORMS
def test_the_article_field_by_field(rows: Query, form: str, page: Fixture) -> None:
    [row] = rows("SELECT * FROM articles WHERE url = ?", address(page))
    expected = page.expected
    body = expected["body"].replace("a humiliating defeat", "a second humiliating defeat")
    assert row["headline"] == expected["headline"] == HEADLINE
    assert row["body"].split("\n\n") == body.split("\n\n")
    assert row["word_count"] == len(re.findall(r"\w+", body))
    assert json.loads(row["authors"]) == expected["authors"]
    assert row["published_at"] == expected["published_at"]
    assert row["modified_at"] == expected["modified_at"]
    assert row["language"] == "en-US"
    assert row["section"] == expected["section"]
    assert json.loads(row["tags"]) == []
    assert row["image"].rpartition("/")[2] == "kherson-soldiers.jpg"
    assert row["site"] == page.url.split("/")[2]
    assert row["page_type"] == "article"
    assert (row["verdict"], row["verdict_reason"]) == ("ok", None)
    assert row["extractor"].startswith("news-archiver ")
    assert row["revision"] == 2
    assert row["status"] == 200
    assert row["final_url"] == address(page)
    assert MASTHEAD not in json.dumps([row["published_at"], row["modified_at"], row["body"], row["lead"]])
    provenance = json.loads(row["provenance"])
    assert provenance["headline"]["source"] != "none"
    assert (provenance["published_at"]["source"] == "none") == (expected["published_at"] is None)
    assert provenance["published_at"].get("reason") or expected["published_at"]


@FORMS
def test_no_chrome_in_the_text(rows: Query, form: str, page: Fixture) -> None:
    [row] = rows("SELECT body, body_html FROM articles WHERE url = ?", address(page))
    for words in (
        "Top 5 This Week",
        "Related Posts",
        "Kherson soldiers",
        "Leave a Reply",
        "Popular Articles",
        "July 23",
    ):
        assert words not in row["body"]
        # A picture keeps its caption; nothing else of the page is in the clean HTML but the text.
        assert words not in re.sub(r"<figure>.*?</figure>", "", row["body_html"], flags=re.DOTALL)
    assert "<script" not in row["body_html"]


@FORMS
def test_its_links_have_their_kinds(rows: Query, form: str, page: Fixture) -> None:
    found: dict[str, set[str]] = {"inline": set(), "related": set(), "popular": set()}
    links = rows(
        "SELECT links.* FROM links JOIN revisions ON revisions.id = revision_id WHERE revisions.url = ? AND number = 2",
        address(page),
    )
    for link in links:
        found[link["kind"]].add(link["url"].split("://")[1])
        assert link["text"].strip()
    assert found == {kind: {url.split("://")[1] for url in urls} for kind, urls in page.expected["links"].items()}
    [row] = rows("SELECT links FROM articles WHERE url = ?", address(page))
    assert [link["url"] for link in json.loads(row["links"])] == [
        link["url"] for link in sorted(links, key=lambda link: link["position"])
    ]


@FORMS
def test_every_fetch_is_a_capture_of_the_bytes_served(rounds: Rounds, rows: Query, form: str, page: Fixture) -> None:
    captures = rows("SELECT * FROM captures WHERE url = ? ORDER BY id", address(page))
    served = rounds.bodies[form]
    assert [c["sha256"] for c in captures] == [hashlib.sha256(body).hexdigest() for body in served]
    assert [c["size"] for c in captures] == [len(body) for body in served]
    assert [c["revision"] for c in captures] == [1, 1, 2]
    for capture in captures:
        assert (capture["status"], capture["error"], capture["final_url"]) == (200, None, address(page))
        assert capture["content_type"] == TYPE
        assert capture["peer"].startswith("127.0.0.1:")
        assert capture["http_version"] == "HTTP/1.1"
        assert capture["verdict"] == "ok"
        assert capture["extraction_error"] is None
        assert capture["fetched_at"] <= capture["extracted_at"]
        assert dict(json.loads(capture["headers"]))["Content-Type"] == TYPE
        assert dict(json.loads(capture["request_headers"]))["User-Agent"].startswith("news-archiver/")


@FORMS
def test_a_second_fetch_adds_no_revision_and_an_edit_does(rows: Query, form: str, page: Fixture) -> None:
    revisions = rows("SELECT * FROM revisions WHERE url = ? ORDER BY number", address(page))
    assert [r["number"] for r in revisions] == [1, 2]
    assert revisions[0]["body"].split("\n\n") == page.expected["body"].split("\n\n")
    assert revisions[1]["body"] == revisions[0]["body"].replace("a humiliating", "a second humiliating")
    assert revisions[0]["content_hash"] != revisions[1]["content_hash"]
    captures = [c["id"] for c in rows("SELECT id FROM captures WHERE url = ? ORDER BY id", address(page))]
    assert [r["capture_id"] for r in revisions] == [captures[0], captures[2]]


@FORMS
def test_a_body_is_stored_once(rounds: Rounds, rows: Query, form: str, page: Fixture) -> None:
    for body in rounds.bodies[form]:
        [blob] = rows("SELECT * FROM blobs WHERE sha256 = ?", hashlib.sha256(body).hexdigest())
        assert blob["size"] == len(body)
        assert blob["codec"] in ("zstd", "zstd-delta")
        assert len(blob["content"]) == blob["stored_size"] < len(body)
    assert rows("SELECT count(*) AS n FROM blobs") == [{"n": 4}]


def test_what_the_command_said(rounds: Rounds, rows: Query) -> None:
    states = [[row["state"] for row in json.loads(said.out)] for said in rounds.said]
    assert states == [["new", "new"], ["unchanged", "unchanged"], ["changed", "changed"]]
    last = {row["url"]: row for row in json.loads(rounds.said[2].out)}[address(WITH)]
    [stored] = rows("SELECT * FROM articles WHERE url = ?", address(WITH))
    assert (last["id"], last["revision"], last["body"]) == (stored["id"], 2, stored["body"])
    assert last["capture"]["id"] == stored["capture_id"]
    assert "2 pages: 2 changed" in rounds.said[2].err


def test_every_column_is_described(rows: Query) -> None:
    described = {
        (r["table_name"], r["column_name"]) for r in rows("SELECT * FROM data_dictionary WHERE description <> ''")
    }
    for table in ("articles", "captures", "revisions", "links", "pages", "runs", "blobs"):
        columns = {(table, r["name"]) for r in rows("SELECT name FROM pragma_table_info(?)", table)}
        assert columns
        assert columns <= described


def test_the_bytes_come_out_as_they_went_in(rounds: Rounds) -> None:
    said = rounds.scrape("show", address(WITH), "--html")
    assert said.raw == edited(WITH.page)


def test_the_text_a_reader_copied(scrape: Scrape) -> None:
    text = fixture("dnipro-dispatch/seed-plain-text")
    [page] = (FOLDER / "dnipro-dispatch" / "seed-plain-text").glob("page.*")
    copied = scrape.folder / "kherson-page.txt"
    copied.write_bytes(Path(page).read_bytes())
    said = scrape("extract", "kherson-page.txt")
    assert said.code == 0
    [article] = said.rows
    assert article["headline"] == HEADLINE
    assert article["body"].split("\n\n") == text.expected["body"].split("\n\n")
    assert article["published_at"] is None
    assert list(scrape.folder.iterdir()) == [copied]
