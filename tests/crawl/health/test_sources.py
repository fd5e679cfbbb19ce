"""When a source is in trouble: dead, emptied, or standing still; and when it is only quiet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from scraper.crawl.health.sources import is_well, states_of, trouble_with
from scraper.store import Look, LookedAt, SiteMeasures, Trouble

START = datetime(2024, 5, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


def look(number: int, said: str | int) -> Look:
    """At hour `number`: `said` is an error, the items of a new body, or `same` for one that was as before."""
    error = said if isinstance(said, str) and said != "same" else None
    items = said if isinstance(said, int) else 0
    return Look(
        run_id=number + 1,
        at=START + number * HOUR,
        status=int(error[5:]) if error and error.startswith("http_") else None if error else 200,
        error=error,
        sha256=None if error or said == "same" else f"body {number}",
        items=items,
        new_items=items,
        newest_item_at=None,
    )


def source(*said: str | int, **more: object) -> LookedAt:
    values = {
        "id": 1,
        "url": "https://outlet.example/feed.xml",
        "kind": "feed",
        "site": "outlet.example",
        "state": "active",
        "is_named": True,
        "parent_kind": None,
        "newest_item_at": None,
        **more,
    }
    return LookedAt(**values, looks=tuple(look(number, one) for number, one in enumerate(said))[::-1])  # type: ignore[arg-type]


def runs(new_items: int = 0, *, articles: int = 0, count: int = 48, until: datetime = START) -> list[SiteMeasures]:
    return [
        SiteMeasures(
            run_id=number, site="outlet.example", at=until - number * HOUR, new_items=new_items, new_articles=articles
        )
        for number in range(count)
    ]


def trouble(one: LookedAt, of_site: Sequence[SiteMeasures] = (), items: Sequence[datetime] = ()) -> Trouble | None:
    return trouble_with(one, of_site, items)


WELL = (20, "same", 21, "same", 20)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ((*WELL, "http_404"), "answers 404, since 2024-05-01 05:00; until then it listed 20 addresses"),
        ((*WELL, "no_feed"), "is no feed any more, but something else, since"),
        ((*WELL, "robots_denied"), "cannot be had (robots_denied)"),
        ((*WELL, "timeout", "http_503", "timeout"), "cannot be had (timeout), 3 times in a row, since"),
        ((*WELL, 0), "lists 0 addresses since 2024-05-01 05:00; until then it listed 20 at the least"),
        ((*WELL, 3, "same", "timeout", "same"), "lists 3 addresses since 2024-05-01 05:00"),
    ],
)
def test_trouble(said: tuple[str | int, ...], words: str) -> None:
    found = trouble(source(*said))
    assert found is not None
    assert words in found.message


@pytest.mark.parametrize(
    "said",
    [
        WELL,
        (*WELL, *["same"] * 100),  # a quiet Sunday
        (*WELL, "timeout", "http_503"),  # may pass
        (*WELL, "timeout", "timeout", "timeout", 20, *["http_502"] * 4),  # it has had such hours before
        (*WELL, "http_404", "same", "http_404"),  # its server does that
        ("http_404", "http_404"),  # it never was a source
        ("no_feed", "same"),
        (20, 10, 5, 2, 1, 0),  # a News sitemap over a holiday
        (20, 0, 20, 21, 20, 0),  # it was empty before
        (20, 0),  # nobody knows it yet
    ],
)
def test_no_trouble(said: tuple[str | int, ...]) -> None:
    assert trouble(source(*said)) is None


def test_two_failures_a_day_apart() -> None:
    one = source(*WELL, "timeout", "timeout")
    looks = (replace(one.looks[0], at=one.looks[0].at + timedelta(days=1)), *one.looks[1:])
    assert trouble(replace(one, looks=looks)) is not None


def test_a_body_that_is_no_feed_and_comes_again_is_still_none() -> None:
    """It is not read again; what it was is remembered."""
    one = source(*WELL, "no_feed", "same")
    broken = replace(one.looks[1], sha256="html")
    one = replace(one, looks=(replace(one.looks[0], sha256="html"), broken, *one.looks[2:]))
    assert [state.error for state in states_of(one)][:3] == ["no_feed", "no_feed", None]
    assert trouble(one) is not None
    assert not is_well(one, "dead", None)
    assert is_well(source(*WELL, "http_404", "same"), "dead", None)


@pytest.mark.parametrize(
    ("more", "severity"),
    [
        ({}, "error"),
        ({"is_named": False, "parent_kind": "home"}, "warning"),
        ({"is_named": False, "parent_kind": "home", "kind": "sitemap"}, "warning"),
        ({"is_named": False, "parent_kind": "sitemap", "kind": "sitemap"}, None),
        ({"is_named": False, "parent_kind": "home", "kind": "section"}, None),
        ({"is_named": False, "parent_kind": "section"}, None),
        ({"is_named": False, "kind": "home"}, "error"),
    ],
)
def test_what_comes_and_goes_is_not_missed(more: dict[str, object], severity: str | None) -> None:
    busy = runs(100, until=START + 5 * HOUR)
    found = trouble(source(*WELL, "http_404", **more), busy)
    assert (found.severity if found else None) == severity


def test_a_section_that_brings_much_is_missed() -> None:
    found = trouble(source(*WELL, "http_404", kind="section", is_named=False), runs(3, until=START + 5 * HOUR))
    assert found is not None
    assert "the section page https://outlet.example/feed.xml answers 404" in found.message


def test_a_feed_that_stands_still_while_the_site_goes_on() -> None:
    at = START + 400 * HOUR
    newest = at - timedelta(days=6)
    items = [newest - number * timedelta(hours=20) for number in range(12)]
    one = source(*WELL, "same", newest_item_at=newest)
    one = replace(one, looks=(replace(one.looks[0], at=at), *one.looks[1:]))
    going_on = runs(articles=1, count=100, until=at)
    found = trouble(one, going_on, items)
    assert found is not None
    assert "stands still: its newest item is of 2024-05-11 16:00, and it never went longer without one" in found.message
    assert not is_well(one, "still", "2024-05-11T16:00:00.000Z")
    assert trouble(one, runs(count=100, until=at), items) is None  # nobody writes
    slow = [newest - number * timedelta(days=4) for number in range(12)]
    assert trouble(one, going_on, slow) is None  # it is like that
    assert trouble(one, going_on, items[:4]) is None  # nobody knows what it is like
