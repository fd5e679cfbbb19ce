"""`scrape import`: files in, articles read, and what is said of it."""

from __future__ import annotations

import gzip
import json
import signal
from pathlib import Path
from typing import Any

from scraper.export.warc import write_warc
from scraper.store import Archive
from tests.cli.running import Scrape, wait_until
from tests.export.captures import page
from tests.export.warc_files import http, response

STORY = "http://harbour-courier.example/2024/11/18/inchmara-ferry-winter-timetable/"


def export(folder: Path) -> None:
    """The archive of the folder as demo.warc.gz, and the archive away."""
    with Archive.open(folder / "archive.db") as archive, (folder / "demo.warc.gz").open("wb") as out:
        write_warc(archive, archive.capture_ids(), out)
    for path in folder.glob("archive.db*"):
        path.unlink()


def test_an_archive_goes_out_and_comes_back(reader: Scrape, query: Any) -> None:
    before = reader("list").rows
    export(reader.folder)
    said = reader("import", "demo.warc.gz")
    assert said.code == 0, said.err
    none = {"known": 0, "skipped": 0, "damaged": 0, "truncated": 0, "reasons": {}, "error": None}
    assert said.rows == [{"file": "demo.warc.gz", "kind": "warc", "captures": 20, **none}]
    after = reader("list").rows
    own = ("id", "capture")  # numbers of this file
    assert [{k: v for k, v in row.items() if k not in own} for row in sorted(after, key=lambda row: row["url"])] == [
        {k: v for k, v in row.items() if k not in own} for row in sorted(before, key=lambda row: row["url"])
    ]
    [row] = query(reader.folder / "archive.db", "SELECT source, captures, ended_at IS NOT NULL AS ended FROM imports")
    assert row == {"source": "demo.warc.gz", "captures": 20, "ended": 1}
    again = reader("import", "demo.warc.gz", "-f", "csv")
    assert again.out.splitlines()[1] == "demo.warc.gz,warc,0,20,0,0,"
    assert reader("list").rows == after


def test_captures_may_be_read_later(reader: Scrape) -> None:
    export(reader.folder)
    assert reader("import", "demo.warc.gz", "--no-extract").code == 0
    assert reader("list").rows == []
    assert reader("import", "demo.warc.gz").rows[0]["known"] == 20
    assert len(reader("list").rows) == 8


def test_damage_is_counted_and_said(scrape: Scrape) -> None:
    parts = [gzip.compress(response(f"https://a.example/{n}", http(page(str(n))))) for n in range(40)]
    damaged = b"".join(part[:-30] if n % 2 else part for n, part in enumerate(parts))
    (scrape.folder / "bad.warc.gz").write_bytes(damaged)
    said = scrape("import", "bad.warc.gz", "missing.warc", "--no-extract")
    assert said.code == 3
    first, second = said.rows
    assert (first["captures"], first["damaged"]) == (20, 20)
    assert second["error"] == "No such file: missing.warc"
    assert said.err.count("bad.warc.gz: damaged: ") == 20
    (scrape.folder / "worse.warc.gz").write_bytes(b"".join(part[:-30] for part in parts))
    said = scrape("import", "worse.warc.gz", "--archive", "other.db")
    assert said.code == 4
    assert "worse.warc.gz: … and 20 more of these" in said.err


def test_nothing_that_can_be_imported(scrape: Scrape) -> None:
    (scrape.folder / "page.html").write_bytes(page("Flood"))
    said = scrape("import", "page.html")
    assert said.code == 4
    assert "next: scrape import page.html --url https://example.com/story" in said.err
    (scrape.folder / "other.html").write_bytes(page("Flood"))
    assert scrape("import", "page.html", "other.html", "--url", "https://example.com/").code == 2
    said = scrape("import", "page.html", "--since", "last week")
    assert (said.code, "is not a day" in said.err) == (2, True)


def test_a_list_tells_the_command_that_fetches(scrape: Scrape) -> None:
    (scrape.folder / "urls.txt").write_text(f"{STORY}\n")
    said = scrape("import", "urls.txt", "--archive", "war.db")
    assert said.code == 0
    assert said.err == "1 addresses and notes are new, none was fetched: scrape url -i urls.txt --archive war.db\n"


def test_a_saved_page_is_read(scrape: Scrape) -> None:
    (scrape.folder / "page.html").write_bytes(page("Flood in Kherson"))
    assert scrape("import", "page.html", "--url", STORY).code == 0
    [row] = scrape("list").rows
    assert (row["url"], row["headline"]) == (STORY, "Flood in Kherson")


def test_ctrl_c_keeps_what_was_stored_and_the_rest_comes_later(scrape: Scrape, query: Any) -> None:
    records = [response(f"https://a.example/{n}", http(page(str(n), filler=400))) for n in range(600)]
    (scrape.folder / "many.warc.gz").write_bytes(b"".join(map(gzip.compress, records)))
    process = scrape.start("import", "many.warc.gz")
    archive = scrape.folder / "archive.db"

    def some_are_read() -> bool:
        try:
            with Archive.open(archive) as opened:
                return any(opened.articles(verdicts=None, limit=1))
        except Exception:  # noqa: BLE001 - it is still being made
            return False

    assert wait_until(some_are_read, seconds=60)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert "the same command again does the rest" in err
    assert "Traceback" not in err
    unread = "SELECT count(*) AS n FROM captures WHERE extracted_at IS NULL"
    assert query(archive, unread)[0]["n"] > 0
    said = scrape("import", "many.warc.gz")
    assert (said.code, json.loads(said.out)["captures"]) == (0, 600)
    assert query(archive, unread)[0]["n"] == 0
