"""Lists of articles, and the archive in numbers."""

from __future__ import annotations

import gc
from datetime import UTC, date, datetime
from itertools import islice
from pathlib import Path

import pytest

from scraper.errors import QueryError
from scraper.store import Archive

DATES = [
    "2024-07-22",
    "2024-07-22T23:30:00-05:00",  # the 23rd in UTC, but the 22nd where it was written
    "2024-07-23",
    "2024-07-23T00:10:00+03:00",  # the 22nd in UTC
    "2024-07-21T12:00:00Z",
    None,
    "2023-12-31T23:59:59Z",
]


@pytest.fixture
def dated(archive: Archive, make) -> Archive:
    for n, day in enumerate(DATES, start=1):
        make.store(archive, make.article(f"Text {n}", published_at=day), url=f"https://example.com/{n}")
    return archive


def ids(archive: Archive, **more) -> list[int]:
    return [article.id for article in archive.articles(**more)]


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        ({"since": "2024-07-22"}, {1, 2, 3, 4}),
        ({"since": "2024-07-23"}, {3, 4}),
        ({"since": date(2024, 7, 23)}, {3, 4}),
        ({"since": datetime(2024, 7, 23, 18, tzinfo=UTC)}, {3, 4}),
        ({"since": "2024-07-23T18:00:00Z"}, {3, 4}),
        ({"until": "2024-07-22"}, {1, 2, 5, 7}),
        ({"since": "2024-07-22", "until": "2024-07-22"}, {1, 2}),
        ({"since": "2024"}, {1, 2, 3, 4, 5}),
        ({"until": "2024"}, {1, 2, 3, 4, 5, 7}),
        ({"until": "2023"}, {7}),
        ({"since": "2024-07", "until": "2024-07"}, {1, 2, 3, 4, 5}),
        ({}, {1, 2, 3, 4, 5, 6, 7}),
    ],
)
def test_days(dated: Archive, limits, expected) -> None:
    assert set(ids(dated, **limits)) == expected


@pytest.mark.parametrize("day", ["yesterday", "", "2024-7-1", "2024-13", "2024-02-30", "24", "2024-07-23x"])
def test_what_is_no_day(dated: Archive, day: str) -> None:
    with pytest.raises(QueryError, match="is not a day"):
        dated.articles(since=day)
    with pytest.raises(QueryError, match="Until"):
        dated.articles(until=day)


def test_newest_first(dated: Archive) -> None:
    # 6 has no date: it stands where it was seen, after the others were published.
    assert ids(dated) == [6, 2, 3, 4, 1, 5, 7]
    assert ids(dated, order="archived") == [7, 6, 5, 4, 3, 2, 1]
    assert ids(dated, limit=2) == [6, 2]


def test_dates_that_cannot_be_do_not_break_the_order(archive: Archive, make) -> None:
    for n, day in enumerate(["2099-01-01", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "soon"], start=1):
        make.store(archive, make.article(published_at=day), url=f"https://example.com/{n}")
    assert len(ids(archive)) == 4
    assert archive.article(1).published_at == "2099-01-01"


def test_filters(archive: Archive, make) -> None:
    rows = [("a", "en", "ok"), ("a", "en-GB", "paywall"), ("b", "uk", "ok"), ("b", None, "empty")]
    for n, (name, language, verdict) in enumerate(rows, start=1):
        site = f"{name}.example"
        article = make.article(f"Text {n}", site=site, language=language, verdict=verdict)
        make.store(archive, article, url=f"https://{site}/{n}")
    assert set(ids(archive, site="a.example")) == {1, 2}
    assert set(ids(archive, language="en")) == {1, 2}
    assert ids(archive, language="EN-gb") == [2]
    assert ids(archive, language="e") == []
    assert ids(archive, verdicts=["empty"]) == [4]
    assert set(ids(archive, verdicts=None)) == {1, 2, 3, 4}
    assert ids(archive, text="text", site="b.example") == [3]
    assert ids(archive, site="' OR 1=1 --") == []


def test_lists_are_lazy_and_allow_writing_meanwhile(archive: Archive, make) -> None:
    for n in range(30):
        make.store(archive, make.article(), url=f"https://example.com/{n}")
    listing = archive.articles(order="archived")
    first = list(islice(listing, 3))
    make.store(archive, make.article(), url="https://example.com/new")
    assert [a.id for a in first] == [30, 29, 28]
    assert len(list(listing)) == 27


def test_site_and_url_default_to_the_page(archive: Archive, make) -> None:
    make.store(archive, make.article(site=None, url=None), url="https://news.example.co.uk/a?utm_source=x")
    article = archive.article(1)
    assert (article.site, article.url) == ("example.co.uk", "https://news.example.co.uk/a")


def test_stats(archive: Archive, make) -> None:
    empty = archive.stats()
    assert (empty.captures, empty.first_capture_at, empty.bytes_raw) == (0, None, 0)
    make.store(archive, make.article(), body=b"x" * 1000)
    make.store(archive, make.article("Edited"), body=b"y" * 1000)
    make.store(archive, make.article(None, verdict="consent"), url="https://b.example/")
    archive.add_capture(make.capture(status=404))
    archive.add_capture(make.failed(code="timeout"))
    archive.add_capture(make.capture("https://c.example/"))
    stats = archive.stats()
    assert (stats.pages, stats.articles, stats.captures, stats.revisions, stats.blobs) == (3, 1, 6, 3, 5)
    assert stats.failures == {"http_404": 1, "timeout": 1}
    assert stats.unextracted == 1
    assert stats.verdicts == {"consent": 1, "ok": 1}
    assert stats.sites == {"example.com": 1}
    assert stats.languages == {"en": 1}
    assert stats.bytes_raw > 2000 > stats.bytes_stored > 0
    assert stats.bytes_file > 4096
    assert (stats.first_capture_at, stats.last_capture_at) == ("2024-07-23T10:16:00.000Z", "2024-07-23T10:21:00.000Z")
    assert stats.as_dict()["failures"] == stats.failures


def test_an_iteration_left_early_may_outlive_the_archive(path: Path, make) -> None:
    """As when whoever reads our output has enough of it: the archive closes first, the iteration is let go later."""
    with Archive.open(path, write=True) as archive:
        for number in range(3):
            make.store(archive, make.article(url=f"https://example.com/{number}"), url=f"https://example.com/{number}")
        rows = archive.articles()
        next(rows)
    del rows  # what is raised in here, pytest turns into a failure
    gc.collect()
