"""Letting go of bodies: what the rules ask for, nothing else, and never a chain broken."""

from __future__ import annotations

import random
import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest

from scraper.capture import Rendering
from scraper.errors import NotInArchive, UsageError
from scraper.store import Archive, Retention
from tests.store.bodies import edited, page
from tests.store.conftest import START, Clock


def results(archive: Archive, part: str) -> list[str]:
    return [checked.result for checked in archive.check() if checked.part == part]


def prune(archive: Archive, rules: Retention) -> set[str]:
    found = list(archive.removable(rules))
    for body in found:
        archive.remove(body)
    return {body.sha256 for body in found}


def fill(archive: Archive, make) -> dict[str, bytes]:
    """Three sites, four pages each, five versions of each; a day between two captures."""
    bodies: dict[str, bytes] = {}
    day = 0
    for times in range(5):
        for site in (1, 2, 3):
            for story in range(4):
                day += 1
                body = edited(page(site, story), times)
                capture = make.capture(
                    f"https://outlet-{site}.example/{story}", body=body, fetched_at=START + timedelta(days=day)
                )
                bodies[archive.add_capture(capture).sha256] = body
    return bodies


def readable(archive: Archive, bodies: dict[str, bytes]) -> set[str]:
    found = set()
    for sha256, body in bodies.items():
        try:
            assert archive.body(sha256) == body
            found.add(sha256)
        except NotInArchive:
            pass
    return found


@pytest.mark.parametrize(
    ("rules", "left"),
    [
        (Retention(keep=1), 12),
        (Retention(keep=2), 24),
        (Retention(keep=0), 0),
        (Retention(keep=1, site="www.Outlet-1.example"), 44),
        (Retention(older_than=timedelta(days=24)), 24),
        (Retention(older_than=timedelta(days=24), keep=0), 24),
        (Retention(older_than=timedelta(days=0)), 12),
        (Retention(older_than=timedelta(days=365)), 60),
        (Retention(max_bytes=0, keep=0), 0),
        (Retention(max_bytes=10**9), 60),
    ],
)
def test_what_the_rules_ask_for(archive: Archive, make, clock: Clock, rules: Retention, left: int) -> None:
    bodies = fill(archive, make)
    # The last twelve captures are of today and the eleven days before; the page's newest is never older than those.
    clock.time = START + timedelta(days=60, minutes=1)
    gone = prune(archive, rules)
    assert len(bodies) - len(gone) == left
    assert readable(archive, bodies) == set(bodies) - gone
    assert results(archive, "body").count("unverifiable") == len(gone)
    assert {"failed"} & {checked.result for checked in archive.check()} == set()
    for capture_id in range(1, 61):  # metadata stays
        assert archive.capture(capture_id, with_body=False).status == 200


def test_a_size_to_keep_to(archive: Archive, make, path: Path) -> None:
    bodies = fill(archive, make)
    before = archive.stats().bytes_stored
    gone = prune(archive, Retention(max_bytes=before * 3 // 4, keep=0))
    assert 0 < len(gone) < len(bodies)
    assert readable(archive, bodies) == set(bodies) - gone


def test_any_order_of_removal_leaves_the_rest_readable(archive: Archive, make) -> None:
    bodies = fill(archive, make)
    everything = list(archive.removable(Retention(keep=0)))
    random.Random(5).shuffle(everything)
    gone: set[str] = set()
    for body in everything:
        archive.remove(body)
        gone.add(body.sha256)
        if len(gone) % 9 == 0:
            assert readable(archive, bodies) == set(bodies) - gone
            assert "failed" not in results(archive, "body")
    assert len(gone) == 60


def test_depths_stay_true(archive: Archive, make, path: Path) -> None:
    fill(archive, make)
    prune(archive, Retention(keep=2))
    connection = sqlite3.connect(path)
    wrong = connection.execute(
        "SELECT count(*) FROM deltas AS this LEFT JOIN deltas AS base ON base.sha256 = this.base_sha256"
        " WHERE this.depth <> 1 + coalesce(base.depth, 0) OR this.depth > 9"
    ).fetchone()
    connection.close()
    assert wrong == (0,)


def test_a_body_that_two_pages_show_goes_when_both_let_it(archive: Archive, make) -> None:
    shared = archive.add_capture(make.capture("https://example.com/a", body=b"same for both"))
    archive.add_capture(make.capture("https://example.com/b", body=b"same for both"))
    archive.add_capture(make.capture("https://example.com/a", body=b"a moved on"))
    assert not list(archive.removable(Retention(keep=1)))
    archive.add_capture(make.capture("https://example.com/b", body=b"b moved on"))
    assert [body.sha256 for body in archive.removable(Retention(keep=1))] == [shared.sha256]


def test_an_error_page_does_not_take_the_articles_place(archive: Archive, make) -> None:
    article = archive.add_capture(make.capture(body=b"the article"))
    archive.add_capture(make.capture(body=b"gone", status=404))
    assert article.sha256 not in {body.sha256 for body in archive.removable(Retention(keep=1))}


def test_what_was_drawn_goes_with_its_rules(archive: Archive, make) -> None:
    for number in range(2):
        ref = archive.add_capture(make.capture(body=b"shell %d" % number))
        drawn = Rendering(url="https://example.com/", rendered_at=START, browser="b", dom=b"<p>%d" % number)
        archive.add_rendering(ref.id, drawn)
    assert len(prune(archive, Retention(keep=1))) == 2
    assert archive.rendering(ref.id).dom == b"<p>1"


def test_a_removal_is_in_the_chain_and_the_room_comes_back(archive: Archive, make, path: Path) -> None:
    bodies = fill(archive, make)
    before = archive.head()
    gone = prune(archive, Retention(keep=0))
    after = archive.head()
    assert after.position == before.position + len(gone)
    assert archive.position_of(before.head) == before.position
    size = path.stat().st_size
    archive.compact()
    assert path.stat().st_size < size - sum(len(body) for body in bodies.values()) // 40
    assert set(results(archive, "chain")) == {"ok"}


def test_a_removed_body_that_comes_again_is_kept_again(archive: Archive, make) -> None:
    body = page(1, 1)
    ref = archive.add_capture(make.capture(body=body))
    prune(archive, Retention(keep=0))
    with pytest.raises(NotInArchive, match="was removed"):
        archive.capture(ref.id)
    archive.add_capture(make.capture(body=body))
    assert archive.capture(ref.id).body == body
    assert results(archive, "body") == ["ok"]


@pytest.mark.parametrize("wrong", [{}, {"site": "example.com"}, {"keep": -1}, {"older_than": timedelta(days=-1)}])
def test_rules_that_mean_nothing(wrong) -> None:
    with pytest.raises(UsageError):
        Retention(**wrong)
