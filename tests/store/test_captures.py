"""Captures, bodies and the pages they belong to."""

from __future__ import annotations

import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest

from scraper.capture import Hop, Timings
from scraper.errors import BlobCorrupt, NotInArchive
from scraper.store import Archive


def test_a_capture_round_trips(archive: Archive, make) -> None:
    capture = make.capture(
        "http://example.com/old",
        via=("https://example.com/old", "https://example.com/story"),
        body=bytes(range(256)) * 40,
        request_headers=(("User-Agent", "test"),),
        timings=Timings(resolved=0.01, connected=0.02, tls=0.03, first_byte=0.1, total=0.2),
    )
    ref = archive.add_capture(capture)
    assert archive.capture(ref.id) == capture
    assert (ref.status, ref.final_url, ref.size, ref.sha256) == (200, capture.final_url, 10240, capture.sha256)
    assert archive.body(capture.sha256) == capture.body


@pytest.mark.parametrize("body", [b"", b"x", b"\x00" * 3_000_000])
def test_bodies_of_any_size(archive: Archive, make, body) -> None:
    ref = archive.add_capture(make.capture(body=body))
    assert archive.capture(ref.id).body == body


def test_failures_are_captures(archive: Archive, make) -> None:
    failed = make.failed(code="timeout")
    ref = archive.add_capture(failed)
    assert archive.capture(ref.id) == failed
    assert (ref.status, ref.sha256, ref.size, ref.final_url) == (None, None, None, make.url)
    (row,) = archive.captures(make.url)
    assert (row.error, row.error_message, row.status) == ("timeout", "no such host", None)
    with pytest.raises(NotInArchive, match="no such host") as caught:
        archive.article(make.url)
    assert "scrape url" in caught.value.next_step


def test_equal_bodies_are_stored_once(archive: Archive, make, path: Path) -> None:
    for address in ("https://a.example/", "https://b.example/", "https://a.example/"):
        archive.add_capture(make.capture(address, body=b"same" * 1000))
    stats = archive.stats()
    assert (stats.captures, stats.pages, stats.blobs, stats.bytes_raw) == (3, 2, 1, 4000)
    assert stats.bytes_stored < 100


def test_credentials_are_not_stored(archive: Archive, make, path: Path) -> None:
    hops = (
        Hop(url="https://ada:s3cret@example.com/", status=302),
        Hop(url="https://ada:s3cret@example.com/b", status=200),
    )
    archive.add_capture(make.capture("https://ada:s3cret@example.com/", hops=hops))
    archive.close()
    assert b"s3cret" not in path.read_bytes()


def test_a_damaged_body_names_its_captures(archive: Archive, make, path: Path) -> None:
    good = archive.add_capture(make.capture(body=b"good"))
    bad = [archive.add_capture(make.capture(body=b"bad" * 500)) for _ in range(2)]
    archive.close()
    damage = {
        "changed": "UPDATE blobs SET content = CAST(substr(content, 1, stored_size - 1) || 'x' AS BLOB)"
        " WHERE sha256 = ?",
        "cut": "UPDATE blobs SET content = substr(content, 1, stored_size - 3) WHERE sha256 = ?",
        "swapped": "UPDATE blobs SET (size, content) = (SELECT size, content FROM blobs WHERE size = 4)"
        " WHERE sha256 = ?",
        "codec": "UPDATE blobs SET codec = 'lzma' WHERE sha256 = ?",
        "size": "UPDATE blobs SET size = 7 WHERE sha256 = ?",
        "text": "UPDATE blobs SET content = 'not a blob' WHERE sha256 = ?",
        "empty": "UPDATE blobs SET content = x'' WHERE sha256 = ?",
    }
    for how, sql in damage.items():
        copy = path.with_name(f"{how}.db")
        copy.write_bytes(path.read_bytes())
        connection = sqlite3.connect(copy)
        connection.execute(sql, (bad[0].sha256,))
        connection.commit()
        connection.close()
        with Archive.open(copy) as damaged:
            with pytest.raises(BlobCorrupt, match=r"captures that cannot be read without it: 2, 3") as caught:
                damaged.capture(bad[1].id)
            assert bad[0].sha256 in str(caught.value), how
            assert damaged.capture(good.id).body == b"good"


def test_a_body_that_was_removed_is_not_called_damaged(archive: Archive, make, path: Path) -> None:
    ref = archive.add_capture(make.capture(body=b"abc"))
    archive.close()
    connection = sqlite3.connect(path)
    connection.execute("UPDATE blobs SET content = NULL")
    connection.commit()
    connection.close()
    with Archive.open(path, write=True) as again:
        with pytest.raises(NotInArchive, match="was removed"):
            again.capture(ref.id)
        again.add_capture(make.capture(body=b"abc"))
        assert again.capture(ref.id).body == b"abc"


def test_what_is_not_there(archive: Archive) -> None:
    with pytest.raises(NotInArchive, match="No capture 5"):
        archive.capture(5)
    with pytest.raises(NotInArchive, match="No body"):
        archive.body("0" * 64)
    for unknown in (9, "9", "٣", "9" * 40, "https://example.com/none", "nonsense", ""):
        with pytest.raises(NotInArchive) as caught:
            archive.article(unknown)
        assert caught.value.next_step


# --- Which page --------------------------------------------------------------------------------------------------


def test_spellings_of_one_page(archive: Archive, make) -> None:
    stored = make.store(archive, make.article(), url="https://EXAMPLE.com:443/story?utm_source=x#top")
    assert make.store(archive, make.article()).article_id == stored.article_id
    for spelling in (
        1,
        "1",
        make.url,
        "https://example.com/story?fbclid=1",
        "https://Example.com/story#comments",
        "example.com/story",
        "  https://example.com/story ",
    ):
        assert archive.article(spelling).id == 1


def test_a_page_is_the_address_that_answered(archive: Archive, make) -> None:
    stored = make.store(
        archive, make.article(), url="http://t.example/x", via=("https://t.example/x", "https://example.com/story")
    )
    assert make.store(archive, make.article(), url="https://example.com/story").article_id == stored.article_id
    for address in ("http://t.example/x", "https://t.example/x", "https://example.com/story"):
        assert archive.article(address).id == stored.article_id
    assert archive.stats().pages == 1


def test_a_failure_counts_for_the_page_the_url_led_to(archive: Archive, make) -> None:
    make.store(archive, make.article(), url="https://t.example/x", via=("https://example.com/story",))
    archive.add_capture(make.failed("https://t.example/x"))
    archive.add_capture(make.capture("https://t.example/x", status=503))
    archive.add_capture(make.failed("https://example.com/story"))
    assert [c.page_id for c in archive.captures(1)] == [1, 1, 1, 1]
    assert archive.stats().failures == {"dns": 2, "http_503": 1}


def test_a_failure_of_an_unknown_url_makes_its_page(archive: Archive, make) -> None:
    archive.add_capture(make.failed("https://t.example/x"))
    stored = make.store(archive, make.article(), url="https://t.example/x", via=("https://example.com/story",))
    assert stored.article_id == 2
    # The short address has a page of its own, without text: the article is what is meant by it from now on.
    assert archive.article("https://t.example/x").id == 2
    archive.add_capture(make.failed("https://t.example/x"))
    assert [c.page_id for c in archive.captures(2)] == [2, 2]


def test_an_article_that_became_a_redirect_is_still_found(archive: Archive, make) -> None:
    make.store(archive, make.article("The story"))
    make.store(archive, make.article("Another story"), url=make.url, via=("https://example.com/another",))
    assert archive.article(make.url).body == "The story"
    assert archive.article("https://example.com/another").body == "Another story"


def test_a_redirect_leads_to_where_it_led_last(archive: Archive, make) -> None:
    make.store(archive, make.article("A"), url="https://t.example/", via=("https://example.com/a",))
    later = make.capture("https://t.example/", via=("https://example.com/b",))
    earlier = make.capture(
        "https://t.example/", via=("https://example.com/c",), fetched_at=make.start - timedelta(days=1)
    )
    for capture, text in ((later, "B"), (earlier, "C")):
        archive.add_article(archive.add_capture(capture).id, make.article(text))
    assert archive.article("https://t.example/").body == "B"


def test_pages_remember_when_they_were_seen(archive: Archive, make, path: Path) -> None:
    first, second = make.capture(), make.failed()
    archive.add_capture(second)
    archive.add_capture(first)
    connection = sqlite3.connect(path)
    rows = connection.execute("SELECT first_seen_at, last_seen_at FROM pages").fetchall()
    connection.close()
    assert rows == [("2024-07-23T10:16:00.000Z", "2024-07-23T10:17:00.000Z")]
