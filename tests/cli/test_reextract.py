"""`scrape reextract`, as users run it: shown before it is written, kept apart from edits, gone on with when stopped."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
from pathlib import Path

import pytest

from scraper.article import Article
from scraper.capture import Capture, Hop
from scraper.store import Archive
from tests.cli.running import Scrape
from tests.store.bodies import page

# A reading that differs from the generic one: this site's headline is to be what stands under it.
SITE_FILE = """
name = "Harbour Courier"
hosts = ["harbour-courier.example"]

[[layout]]
[layout.fields.headline]
css = ".entry-content > p:first-of-type"
"""


@pytest.fixture(scope="module")
def kept(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    assert Scrape(folder)("demo", "--keep", "archive.db", "-q").code == 0
    return folder / "archive.db"


@pytest.fixture
def scrape(kept: Path, tmp_path: Path) -> Scrape:
    shutil.copy(kept, tmp_path / "archive.db")
    (tmp_path / "selectors").mkdir()
    (tmp_path / "selectors" / "harbour-courier.example.toml").write_text(SITE_FILE)
    return Scrape(tmp_path)


def query(scrape: Scrape, sql: str) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(scrape.folder / "archive.db")
    rows = connection.execute(sql).fetchall()
    connection.close()
    return rows


def test_what_would_change_is_shown_and_nothing_is_written(scrape: Scrape) -> None:
    before = scrape.files()["archive.db"]
    said = scrape("reextract", "--dry-run", "--changed-only")
    assert said.code == 0
    # Without the site files that come with the package, another outlet reads otherwise, too.
    assert "harbour-courier.example" in {row["url"].split("/")[2] for row in said.rows}
    first = next(row for row in said.rows if "ferry" in row["url"])
    assert "headline" in first["fields"]
    assert "Island ferry" in first["changed"]["headline"]["before"]
    assert "Inchmara ferry will keep sailing" in first["changed"]["headline"]["after"]
    assert "would change" in said.err
    assert scrape.files()["archive.db"] == before
    table = scrape("reextract", "--dry-run", "--changed-only", "-f", "table")
    assert "headline: Island ferry" in table.err


def test_it_is_written_and_is_no_edit_of_the_pages(scrape: Scrape) -> None:
    edits = query(scrape, "SELECT page_id, headline_changed, body_changed FROM changes")
    ferry = next(row for row in scrape("list").rows if "ferry" in row["url"])
    said = scrape("reextract", "--changed-only")
    assert said.code == 0
    assert said.rows
    now = scrape("show", ferry["id"], "-f", "ndjson").rows[0]
    assert "Inchmara ferry will keep sailing" in now["headline"]
    # The page's one edit is still there; of the headline, which is now another, the edit changed the price.
    assert query(scrape, "SELECT page_id, headline_changed, body_changed FROM changes") == edits
    assert query(scrape, "SELECT count(*) FROM revisions WHERE superseded_by IS NOT NULL")[0][0] >= 2
    assert {row[0] for row in query(scrape, "SELECT cause FROM revisions")} == {"page", "extractor"}
    assert scrape("verify").code == 0
    again = scrape("reextract", "--changed-only")
    assert (again.rows, "0 changed" in again.err) == ([], True)
    # An earlier reading can still be seen by its number.
    assert "Island ferry" in scrape("show", ferry["id"], "-r", "1", "-f", "ndjson").rows[0]["headline"]


def test_a_mistake_in_a_site_file_is_said_once(scrape: Scrape) -> None:
    (scrape.folder / "selectors" / "harbour-courier.example.toml").write_text("hosts = 3")
    said = scrape("reextract")
    assert said.code == 2
    assert "harbour-courier.example.toml" in said.err


def test_only_what_was_chosen(scrape: Scrape) -> None:
    assert scrape("reextract", "--site", "fenwick-gazette.example").rows[0]["fields"] == []
    assert scrape("reextract", "--until", "2020").rows == []
    assert scrape("reextract", "--since", "yesterday").code == 2


def test_stopped_it_goes_on(scrape: Scrape) -> None:
    # Enough pages that it is still at work when the first are committed.
    with Archive.open(scrape.folder / "archive.db", write=True) as archive, archive.batch():
        for number in range(400):
            url = f"http://many.example/{number}"
            hop = Hop(url=url, status=200, headers=(("Content-Type", "text/html"),))
            capture = Capture(url=url, fetched_at=archive.now(), hops=(hop,), body=page(1, number))
            archive.add_article(archive.add_capture(capture).id, Article(url=url, verdict="ok", extractor="older 1"))
    process = scrape.start("reextract", "--site", "many.example", "-f", "ndjson")
    for _ in range(40):
        assert process.stdout.readline(), process.stderr.read()
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    unread = "SELECT count(*) FROM captures WHERE extractor = 'older 1'"
    left = query(scrape, unread)[0][0]
    assert 0 < left < 400
    said = scrape("reextract", "--site", "many.example")
    assert said.code == 0
    assert len(said.rows) == left
    assert query(scrape, unread) == [(0,)]
    assert query(scrape, "SELECT state FROM runs WHERE command = 'reextract'") == [("done",)]


def test_a_body_that_cannot_be_read_costs_that_capture(scrape: Scrape) -> None:
    ((damaged,),) = query(scrape, "SELECT capture_id FROM articles WHERE url LIKE '%/tram-line%'")
    connection = sqlite3.connect(scrape.folder / "archive.db")
    with connection:
        connection.execute(
            "UPDATE blobs SET content = x'00' WHERE sha256 = (SELECT sha256 FROM captures WHERE id = ?)", (damaged,)
        )
    connection.close()
    asked = f"SELECT headline FROM articles WHERE capture_id = {damaged}"
    headline = query(scrape, asked)
    said = scrape("reextract")
    assert said.code == 3
    assert f"capture {damaged} was not read" in said.err
    assert query(scrape, asked) == headline != []
