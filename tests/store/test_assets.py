"""What pages show besides their text: kept once, known again, proved, and let go with the pages that show it."""

from __future__ import annotations

import hashlib
import os
import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest

from scraper.capture import Capture, Failure, Headers, Hop
from scraper.errors import BlobCorrupt, NotInArchive
from scraper.store import Archive, Retention
from tests.store.conftest import START, URL, Clock

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8
STYLE = b"p { color: black }\n" * 200
PICTURE = "https://cdn.example/1.png"


def fetched(
    url: str = PICTURE,
    body: bytes | None = PNG,
    *,
    minutes: int = 0,
    status: int | None = 200,
    headers: Headers = (("Content-Type", "image/png"), ("ETag", '"a"')),
    failure: Failure | None = None,
) -> Capture:
    hops = () if status is None else (Hop(url=url, status=status, http_version="HTTP/1.1", headers=headers),)
    at = START + timedelta(minutes=minutes)
    return Capture(url=url, fetched_at=at, hops=hops, body=body, wire_size=7, failure=failure, robots="obeyed")


def blob(path: Path, body: bytes) -> tuple[str, bytes | None]:
    with sqlite3.connect(path) as connection:
        found = connection.execute(
            "SELECT codec, content FROM blobs WHERE sha256 = ?", (hashlib.sha256(body).hexdigest(),)
        ).fetchone()
    return found[0], found[1]


def test_an_answer_comes_back_as_it_was_stored(archive: Archive, make) -> None:
    page = archive.add_capture(make.capture())
    assets = archive.assets()
    failure = Failure(code="dns", message="no such host")
    nowhere = fetched("https://e.org/x", None, status=None, failure=failure)
    for one in (fetched(), fetched("https://e.org/gone", None, status=404), nowhere):
        asset_id = assets.add(page.id, one)
        assert assets.capture(asset_id) == one
    first, gone, unreachable = assets.of(page.id)
    assert (first.url, first.status, first.content_type, first.size, first.is_held) == (
        PICTURE, 200, "image/png", len(PNG), True,
    )  # fmt: skip
    assert (gone.status, gone.sha256, gone.is_held) == (404, None, False)
    assert (unreachable.status, unreachable.error) == (None, "dns")
    assert assets.at(PICTURE, START) == first.id
    assert assets.at(PICTURE, START + timedelta(minutes=1)) is None
    with pytest.raises(NotInArchive):
        assets.stored(99)


def test_a_body_is_kept_once_and_a_picture_is_not_compressed(archive: Archive, path: Path, make) -> None:
    pages = [archive.add_capture(make.capture(f"https://example.com/{number}")) for number in range(3)]
    assets = archive.assets()
    one = assets.add(pages[0].id, fetched())
    assets.add(pages[1].id, fetched("https://other.example/same.png"))
    assets.give(pages[2].id, one)
    assets.give(pages[2].id, one)
    assets.add(pages[0].id, fetched("https://cdn.example/a.css", STYLE, headers=(("Content-Type", "text/css"),)))
    assert blob(path, PNG) == ("identity", PNG)
    codec, content = blob(path, STYLE)
    assert codec == "zstd"
    assert len(content or b"") < len(STYLE) // 4
    assert [asset.id for asset in assets.of(pages[2].id)] == [one]
    assert assets.count(pages[0].id) == 2
    assert archive.body(hashlib.sha256(PNG).hexdigest()) == PNG
    totals = assets.totals()
    assert (totals.answers, totals.bodies, totals.size) == (3, 2, len(PNG) + len(STYLE))
    assert archive.stats().assets == 2


def test_an_unchanged_answer_vouches_for_the_body_before(archive: Archive, make) -> None:
    page = archive.add_capture(make.capture())
    assets = archive.assets()
    whole = assets.add(page.id, fetched())
    same = assets.add(page.id, fetched(body=None, minutes=5, status=304, headers=()), validated=whole)
    stored = assets.stored(same)
    assert (stored.status, stored.sha256, stored.size) == (304, hashlib.sha256(PNG).hexdigest(), len(PNG))
    assert stored.content_type == "image/png"
    assert stored.is_held
    assert assets.capture(same).body is None
    assert (assets.validated_by(same), assets.validated_by(whole)) == (whole, None)
    known = assets.known(PICTURE)
    assert known is not None
    assert known.asset.id == same
    assert known.whole is not None
    assert (known.whole.id, known.etag, known.headers) == (whole, '"a"', ())
    assert assets.is_shared(whole)


def test_what_is_known_of_an_address(archive: Archive, make) -> None:
    page = archive.add_capture(make.capture())
    assets = archive.assets()
    assert assets.known(PICTURE) is None
    assets.add(page.id, fetched(headers=(("etag", "bad\x01"), ("last-modified", "Tue, 23 Jul 2024 10:00:00 GMT"))))
    known = assets.known(PICTURE)
    assert known is not None
    assert (known.etag, known.last_modified) == (None, "Tue, 23 Jul 2024 10:00:00 GMT")
    # What was redirected is not asked again by what another address said.
    moved = Capture(
        url="https://e.org/a",
        fetched_at=START,
        hops=(
            Hop(url="https://e.org/a", status=301, headers=(("Location", "/b"),)),
            Hop(url="https://e.org/b", status=200, headers=(("ETag", '"b"'),)),
        ),
        body=PNG,
    )
    assets.add(page.id, moved)
    known = assets.known("https://e.org/a")
    assert known is not None
    assert known.whole is not None
    assert (known.whole.final_url, known.etag) == ("https://e.org/b", None)
    # A failure that came later is what is known.
    assets.add(page.id, fetched(body=None, minutes=9, status=404))
    known = assets.known(PICTURE)
    assert known is not None
    assert (known.asset.status, known.whole) == (404, None)


def test_damage_names_the_captures_that_show_it(archive: Archive, path: Path, make) -> None:
    pages = [archive.add_capture(make.capture(f"https://example.com/{number}")) for number in range(3)]
    assets = archive.assets()
    picture = assets.add(pages[0].id, fetched())
    assets.give(pages[2].id, picture)
    archive._db.execute("UPDATE blobs SET content = ? WHERE codec = 'identity'", (PNG[:-1] + b"!",))
    with pytest.raises(BlobCorrupt, match=rf"cannot be read without it: {pages[0].id}, {pages[2].id}\."):
        assets.capture(picture)
    (failed,) = [checked for checked in archive.check() if checked.result != "ok"]
    assert (failed.part, failed.captures) == ("body", (pages[0].id, pages[2].id))


@pytest.mark.parametrize(
    ("sql", "fault"),
    [
        ("UPDATE assets SET url = 'https://cdn.example/other.png'", "asset 1: the asset it is about"),
        ("DELETE FROM custody WHERE kind = 'asset'", "asset 1 is not part of the chain"),
    ],
)
def test_answers_are_part_of_the_chain(archive: Archive, make, sql: str, fault: str) -> None:
    page = archive.add_capture(make.capture())
    archive.assets().add(page.id, fetched())
    assert {checked.result for checked in archive.check()} == {"ok"}
    archive._db.execute(sql)
    (failed,) = [checked for checked in archive.check() if checked.result != "ok"]
    assert fault in failed.reason
    assert failed.captures == (page.id,)


def test_a_capture_that_is_deleted_takes_its_own_along_and_no_body(archive: Archive, make) -> None:
    pages = [archive.add_capture(make.capture(f"https://example.com/{number}")) for number in range(2)]
    assets = archive.assets()
    picture = assets.add(pages[0].id, fetched())
    assets.give(pages[1].id, picture)
    assets.queue(pages[0].id, "example.com", None)
    archive._db.execute("DELETE FROM captures WHERE id = ?", (pages[0].id,))
    assert assets.of(pages[0].id) == []
    assert [asset.is_held for asset in assets.of(pages[1].id)] == [True]
    assert assets.capture(picture).body == PNG


def gone(archive: Archive, rules: Retention) -> set[bytes]:
    bodies = {hashlib.sha256(body).hexdigest(): body for body in (PNG, STYLE, *FILLERS)}
    found = list(archive.removable(rules))
    for body in found:
        archive.remove(body)
    return {bodies[body.sha256] for body in found if body.sha256 in bodies}


FILLERS = [b"\x89PNG\r\n\x1a\n" + os.urandom(500) for _ in range(4)]


def test_what_a_page_shows_stays_as_long_as_the_page(archive: Archive, make, clock: Clock) -> None:
    """Many things to one page: all of those that its newest body shows are kept."""
    assets = archive.assets()
    old = archive.add_capture(make.capture(body=b"<p>one"))
    new = archive.add_capture(make.capture(body=b"<p>two"))
    for number, body in enumerate(FILLERS):
        assets.add(new.id if number else old.id, fetched(f"https://cdn.example/{number}", body))
    shared = assets.add(old.id, fetched())
    assets.give(new.id, shared)
    clock.time = START + timedelta(days=1)
    assert gone(archive, Retention(keep=1)) == {FILLERS[0]}
    assert [asset.is_held for asset in assets.of(old.id)] == [False, True]
    assert all(asset.is_held for asset in assets.of(new.id))
    assert {checked.result for checked in archive.check()} == {"ok", "unverifiable"}
    known = assets.known("https://cdn.example/0")
    assert known is not None
    assert known.whole is None
    assert gone(archive, Retention(keep=0)) == {PNG, *FILLERS[1:]}


def test_what_another_site_shows_stays_when_one_is_let_go(archive: Archive, make, clock: Clock) -> None:
    assets = archive.assets()
    one = archive.add_capture(make.capture(URL))
    other = archive.add_capture(make.capture("https://other.example/story"))
    own = assets.add(one.id, fetched("https://cdn.example/own", FILLERS[0]))
    shared = assets.add(one.id, fetched())
    assets.give(other.id, shared)
    clock.time = START + timedelta(days=1)
    assert gone(archive, Retention(keep=0, site="example.com")) == {FILLERS[0]}
    assert not assets.stored(own).is_held
    assert gone(archive, Retention(max_bytes=0, keep=0, site="other.example")) == set()
    assert gone(archive, Retention(keep=0)) == {PNG}


def test_captures_wait_for_theirs_until_they_have_them(archive: Archive, make, clock: Clock) -> None:
    run = archive.begin_run("url", ["a"])
    pages = [archive.add_capture(make.capture(f"https://example.com/{number}")) for number in range(3)]
    assets = archive.assets()
    for page in pages:
        assets.queue(page.id, "example.com", run)
    assets.dequeue(pages[1].id)
    assert assets.waiting(run) == {"example.com": [pages[0].id, pages[2].id]}
    assert assets.waiting(run + 1) == {}
    assets.go_on(run)
    assert assets.waiting(run) == {"example.com": [pages[0].id, pages[2].id]}
    clock.time = START + timedelta(days=8)
    assets.go_on(run)
    assert assets.waiting(run) == {}


def test_a_backup_has_them(archive: Archive, make, tmp_path: Path) -> None:
    page = archive.add_capture(make.capture())
    picture = archive.assets().add(page.id, fetched())
    archive.backup(tmp_path / "copy.db")
    with Archive.open(tmp_path / "copy.db") as copy:
        assert copy.assets().capture(picture).body == PNG
