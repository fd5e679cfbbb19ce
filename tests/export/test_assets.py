"""What pages show, out as records of their own and back as what it was."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from fastwarc.warc import ArchiveIterator

from scraper.capture import Capture, Failure, Hop, Timings
from scraper.export.importing import Imported, Wishes, import_file, kind_of
from scraper.export.wacz import write_wacz
from scraper.export.warc import write_warc
from scraper.store import Archive
from tests.export.captures import START, Shelf, page
from tests.export.warc_files import http, response

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))
PAGES = [f"https://{host}.example/story" for host in "aba"]
A, B = "https://cdn.example/a.png", "https://cdn.example/b.png"
STYLE = "https://a.example/a.css"


def asset(url: str, body: bytes | None = PNG, *, minutes: int = 0, status: int = 200, **more: Any) -> Capture:
    kind = "text/css" if url.endswith(".css") else "image/png"
    hop = Hop(url=url, status=status, http_version="HTTP/1.1", headers=(("Content-Type", kind), ("ETag", '"é"')))
    values: dict[str, Any] = {
        "hops": (hop,),
        "request_headers": (("Accept", "image/*"),),
        "wire_size": 11,
        "timings": Timings(first_byte=0.5, total=0.75),
        "robots": "obeyed",
    }
    return Capture(url=url, fetched_at=START + timedelta(minutes=minutes), body=body, **{**values, **more})


def fill(path: Path) -> None:
    """Three captures of two sites: what they show is shared, redirected, unchanged, gone, forbidden."""
    with Archive.open(path, write=True) as archive:
        shelf = Shelf(archive)
        first, second, third = (shelf.put(url, page(f"{number}")) for number, url in enumerate(PAGES))
        shelf.put("https://a.example/bare", page("Nothing but text"))
        assets = archive.assets()
        whole = assets.add(first, asset(A))
        style = assets.add(first, asset(STYLE, b"p { color: red }" * 40, minutes=1))
        assets.add(first, asset("https://cdn.example/gone.png", None, minutes=2, status=404))
        assets.give(second, whole)
        assets.add(second, asset(B, minutes=3))  # the same picture at another address
        moved = Hop(url="https://old.example/c.png", status=301, headers=(("Location", "https://new.example/c.png"),))
        there = replace(asset("https://new.example/c.png").hops[0])
        assets.add(second, replace(asset("https://old.example/c.png", PNG + b"c", minutes=4), hops=(moved, there)))
        forbidden = Failure(code="robots_denied", message="robots.txt forbids it")
        assets.add(
            second, asset("https://x.example/d.png", None, minutes=5, hops=(), failure=forbidden, wire_size=None)
        )
        assets.add(third, asset(A, None, minutes=90, status=304), validated=whole)
        assets.give(third, style)


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("assets") / "archive.db"
    fill(path)
    return path


@pytest.fixture(scope="module")
def warc(database: Path) -> Path:
    return exported(database, "warc.gz")


@pytest.fixture(scope="module")
def wacz(database: Path) -> Path:
    return exported(database, "wacz")


def exported(database: Path, kind: str) -> Path:
    path = database.with_name(f"data.{kind}")
    with Archive.open(database) as archive:
        if kind == "wacz":
            write_wacz(archive, archive.capture_ids(), path)
        else:
            with path.open("wb") as out:
                write_warc(archive, archive.capture_ids(), out)
    return path


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with Archive.open(tmp_path / "back.db", write=True) as opened:
        yield opened


def load(archive: Archive, path: Path, **wishes: Any) -> Imported:
    return import_file(archive, path, kind_of(path), Wishes(**wishes), report=lambda done: None, remark=pytest.fail)


def everything(archive: Archive) -> list[tuple[str, list[tuple[Capture, str | None, int | None]]]]:
    """Of each capture, what it shows, and the body that stands behind it."""
    return [
        (
            archive.stored_capture(number).url,
            sorted(
                ((archive.assets().capture(one.id), one.sha256, one.size) for one in archive.assets().of(number)),
                key=lambda found: (found[0].url, found[0].fetched_at),
            ),
        )
        for number in archive.capture_ids()
    ]


@pytest.mark.parametrize("form", ["warc", "wacz"])
def test_it_comes_back_as_it_was(request: pytest.FixtureRequest, database: Path, archive: Archive, form: str) -> None:
    path = request.getfixturevalue(form)
    done = load(archive, path)
    assert (done.counts.captures, done.counts.skipped, done.counts.damaged) == (4, 0, 0)
    with Archive.open(database) as original:
        assert everything(archive) == everything(original)
        assert archive.assets().totals() == original.assets().totals()
    assert {checked.result for checked in archive.check()} == {"ok"}
    # Once more, and into the archive that it is from: nothing is added.
    before = archive.assets().totals()
    again = path.with_name(f"again-{path.name}")
    again.write_bytes(path.read_bytes())
    assert load(archive, again).counts.known == 4
    assert archive.assets().totals() == before


def test_each_body_is_in_the_file_once_and_each_answer_is_found(warc: Path) -> None:
    records = list(ArchiveIterator(BytesIO(warc.read_bytes()), parse_http=True))
    answers = [
        (record.headers["WARC-Type"], record.headers["WARC-Target-URI"], record.headers.get("WARC-Profile", ""))
        for record in records
        if record.headers["WARC-Type"] in ("response", "revisit")
    ]
    identical = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
    unchanged = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"
    assert [answer for answer in answers if not answer[1].endswith(("/story", "/bare"))] == [
        ("response", A, ""),
        ("response", STYLE, ""),
        ("response", "https://cdn.example/gone.png", ""),
        ("revisit", B, identical),
        ("response", "https://old.example/c.png", ""),
        ("response", "https://new.example/c.png", ""),
        ("revisit", A, unchanged),
    ]
    by_id = {record.headers["WARC-Record-ID"]: record for record in records}
    for record in records:
        if record.headers["WARC-Type"] == "revisit":
            original = by_id[record.headers["WARC-Refers-To"]]
            assert original.headers["WARC-Target-URI"] == record.headers["WARC-Refers-To-Target-URI"]
            assert original.headers["WARC-Date"] == record.headers["WARC-Refers-To-Date"]


def test_other_programs_read_it(warc: Path, wacz: Path) -> None:
    programs = Path(sys.executable).parent
    for command in (["warcio", "check", warc], ["wacz", "validate", "-f", wacz]):
        done = subprocess.run([programs / command[0], *command[1:]], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def test_an_index_leads_to_them_and_they_are_no_pages(wacz: Path) -> None:
    with zipfile.ZipFile(wacz) as package:
        lines = gzip.decompress(package.read("indexes/index.cdx.gz")).decode().splitlines()
        data = package.read("archive/data.warc.gz")
        pages = package.read("pages/pages.jsonl").decode().splitlines()[1:]
    found = {}
    for line in lines:
        entry = json.loads(line.split(" ", 2)[2])
        record = gzip.decompress(data[int(entry["offset"]) : int(entry["offset"]) + int(entry["length"])])
        assert f"WARC-Target-URI: {entry['url']}".encode() in record
        found.setdefault(entry["url"], []).append((entry.get("mime"), entry.get("status")))
    assert found[A] == [("image/png", "200"), ("warc/revisit", "304")]
    assert found[STYLE] == [("text/css", "200")]
    assert sorted(json.loads(line)["url"] for line in pages) == sorted(["https://a.example/bare", *PAGES])


def test_what_belongs_to_pages_that_are_left_is_left(warc: Path, archive: Archive) -> None:
    done = load(archive, warc, site="b.example")
    assert done.counts.captures == 1
    (capture,) = archive.capture_ids()
    # What stands with a page that was left out is left, too, though others show it.
    assert {one.url for one in archive.assets().of(capture)} == {
        "https://old.example/c.png",
        "https://x.example/d.png",
    }
    assert archive.assets().totals().answers == 1


def test_a_body_that_was_let_go_is_missed_and_nothing_else(database: Path, tmp_path: Path, archive: Archive) -> None:
    copy = tmp_path / "pruned.db"
    copy.write_bytes(database.read_bytes())
    with Archive.open(copy, write=True) as pruned:
        pruned._db.execute("UPDATE blobs SET content = NULL, stored_size = 0 WHERE codec = 'identity'")
        path = tmp_path / "pruned.warc.gz"
        with path.open("wb") as out:
            write_warc(pruned, pruned.capture_ids(), out)
    done = load(archive, path)
    assert done.counts.captures == 4
    first = next(iter(archive.capture_ids()))
    assert [one.url for one in archive.assets().of(first)] == [STYLE, "https://cdn.example/gone.png"]


def test_pictures_that_others_recorded_are_no_pages(archive: Archive, tmp_path: Path) -> None:
    path = tmp_path / "theirs.warc"
    path.write_bytes(
        response(PAGES[0], http(page("Theirs"))) + response(A, http(PNG, type="image/png"), name="picture")
    )
    done = load(archive, path)
    assert (done.counts.captures, done.counts.reasons) == (1, {"not_html": 1})
    assert archive.assets().totals().answers == 0
