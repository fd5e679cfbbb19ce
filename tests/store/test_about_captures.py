"""What the archive knows of one capture: where it stands, what can be shown of it, what became of it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from scraper.capture import PageRequest, Rendering
from scraper.errors import NotInArchive
from scraper.store import Archive, Retention
from tests.store.conftest import START, URL, Builder


def test_a_capture_among_others_of_its_page(archive: Archive, make: Builder) -> None:
    first = archive.add_capture(make.capture())
    failed = archive.add_capture(make.failed())
    archive.add_capture(make.capture("https://example.com/other"))
    last = archive.add_capture(make.capture("https://example.com/old", via=(URL,)))
    about = archive.about_capture(failed.id)
    assert (about.stored.id, about.stored.error) == (failed.id, "dns")
    assert about.previous is not None
    assert about.following is not None
    assert (about.previous.id, about.following.id) == (first.id, last.id)
    assert (about.has_body, about.drawn, about.imported, about.shows) == (False, None, None, None)
    assert archive.about_capture(first.id).previous is None
    newest = archive.about_capture(last.id)
    assert newest.following is None
    assert newest.has_body
    assert newest.capture.body is None
    assert [hop.url for hop in newest.capture.hops] == ["https://example.com/old", URL]
    assert newest.page.url == URL
    with pytest.raises(NotInArchive, match="No capture 99"):
        archive.about_capture(99)


def test_its_place_in_the_chain_and_the_first_stamp_that_covers_it(archive: Archive, make: Builder) -> None:
    one, two, three = (archive.add_capture(make.capture(f"https://example.com/{n}")) for n in range(3))
    head = archive.head()
    assert archive.about_capture(two.id).stamped is None
    for days in (2, 1, 3):
        at = START + timedelta(days=days)
        archive.add_timestamp(head, authority=f"https://tsa.example/{days}", stamped_at=at, token=b"t")
    later = archive.add_capture(make.capture())
    for capture in (one, two, three):
        about = archive.about_capture(capture.id)
        assert about.in_chain is not None
        assert about.stamped is not None
        assert about.in_chain.position == capture.id
        assert len(about.in_chain.head) == 64
        assert (about.stamped.position, about.stamped.authority) == (3, "https://tsa.example/1")
    assert archive.about_capture(later.id).stamped is None


def test_an_answer_that_nothing_had_changed_and_a_body_that_was_let_go(archive: Archive, make: Builder) -> None:
    whole = archive.add_capture(make.capture())
    check = archive.add_capture(make.capture(status=304, body=b""))
    assert archive.about_capture(check.id).shows == whole.id
    for body in list(archive.removable(Retention(keep=0))):
        archive.remove(body)
    about = archive.about_capture(whole.id)
    assert (about.has_body, about.stored.sha256) == (False, whole.sha256)


def test_what_a_browser_drew_and_pages_that_belong_together(archive: Archive, make: Builder) -> None:
    first, second = archive.add_capture(make.capture()), archive.add_capture(make.capture(f"{URL}?page=2"))
    drawn = Rendering(
        url=URL,
        rendered_at=START,
        browser="b 1",
        dom=b"<p>drawn",
        screenshot=b"\x89PNG\r\n\x1a\n",
        requests=(PageRequest(method="GET", url="https://example.com/a.js", kind="script"),),
    )
    archive.add_rendering(first.id, drawn)
    archive.add_parts(first.id, [second.id])
    about = archive.about_capture(first.id)
    assert about.drawn is not None
    assert (about.drawn.sha256, about.drawn.requests, about.drawn.screenshot_size) == (drawn.sha256, 1, 8)
    assert (about.parts, about.part_of) == ((second.id,), None)
    assert archive.about_capture(second.id).part_of == first.id
