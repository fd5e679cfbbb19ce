"""Which capture of an address is meant; the addresses of replay are tested where they are answered."""

from __future__ import annotations

from datetime import timedelta

from scraper.store import Archive
from tests.store.conftest import START, URL, Builder


def test_the_nearest_answer_is_meant(archive: Archive, make: Builder) -> None:
    first = archive.add_capture(make.capture(via=("https://example.com/new",)))
    failed = archive.add_capture(make.failed())
    last = archive.add_capture(make.capture("https://example.com/new"))
    mementos = archive.mementos()
    for url in (URL, "https://example.com/new", "https://EXAMPLE.com/new?utm_source=x"):
        found = mementos.around(url, None)
        assert found is not None
        assert (found.this.id, found.previous and found.previous.id, found.next) == (last.id, first.id, None)
    near = mementos.around(URL, failed.fetched_at - timedelta(seconds=9))
    assert near is not None
    assert near.this.id == first.id
    exact = mementos.around(URL, failed.fetched_at)
    assert exact is not None
    assert (exact.this.id, exact.this.is_answer) == (failed.id, False)
    assert mementos.around("https://example.com/none", START) is None
    assert [one.id for one in mementos.listed(URL)] == [first.id, last.id]
    assert [one.id for one in mementos.listed(URL, answers=False, limit=2)] == [failed.id, last.id]


def test_which_addresses_are_held_and_pictures_near_in_time(archive: Archive, make: Builder) -> None:
    picture = make.capture("https://example.com/i.png", body=b"\x89PNG\r\n\x1a\n")
    old = make.capture("https://example.com/i.png", fetched_at=START - timedelta(days=60))
    archive.add_capture(make.capture())
    archive.add_capture(make.capture("https://example.com/gone", status=404))
    for one in (picture, old):
        hop = one.hops[0].__class__(url=one.url, status=200, headers=(("Content-Type", "image/png"),))
        archive.add_capture(one.__class__(url=one.url, fetched_at=one.fetched_at, hops=(hop,), body=one.body))
    mementos = archive.mementos()
    asked = [URL, f"{URL}#end", "https://example.com/gone", "https://example.com/none"]
    assert mementos.held_among(asked) == {URL, f"{URL}#end"}
    found = mementos.captured_by_themselves(["https://example.com/i.png", URL], START)
    assert {url: one.fetched_at for url, one in found.items()} == {"https://example.com/i.png": picture.fetched_at}
    assert mementos.captured_by_themselves(["https://example.com/i.png"], START + timedelta(days=90)) == {}
    assert mementos.drawn_at(1) is None
