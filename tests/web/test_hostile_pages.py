"""Hostile contents on every page, in Chromium: a few hundred of the strings that `make hostile` tries."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from benchmarks.injections import a_few, injections

if TYPE_CHECKING:
    from benchmarks.hostile_pages import Room
    from benchmarks.hostile_window import Seen

STRINGS = 200


@pytest.fixture(scope="module")
def room() -> Iterator[Room]:
    from benchmarks.hostile_pages import Room  # where there is no browser, it is not needed

    with Room(STRINGS) as opened:
        yield opened


def shown(room: Room) -> tuple[list, list]:
    """Pages for frames, and pages for windows."""
    from benchmarks.hostile_pages import pages_of, windows_of

    pages = pages_of(room.shelf, room.strings, few=4)
    windows = windows_of(room.shelf, pages, each=1)
    pages["tables and SQL"] = pages["tables and SQL"][::3]
    return [visit for visits in pages.values() for visit in visits], [v for visits in windows.values() for v in visits]


def is_held(seen: Seen) -> None:
    assert seen.ran == []
    assert seen.asked == []
    assert seen.read == []
    assert seen.markup == []
    assert seen.said_otherwise == []
    assert seen.headers == []
    assert seen.kept == []
    assert seen.broke == []


def test_there_are_thousands_and_no_two_are_one() -> None:
    every = injections("http://127.0.0.1:1")
    assert len({one.text for one in every}) == len(every) >= 2_000
    assert [one.number for one in every] == list(range(len(every)))
    families = {one.family for one in every}
    assert {one.family for one in a_few(every, STRINGS)} == families
    assert len(families) > 15


@pytest.mark.browser
def test_what_escapes_nothing_is_noticed(room: Room) -> None:
    """Else what follows would say nothing."""
    alone, captured, held = room.planted_is_seen(every=12)
    for seen in (alone, captured):
        assert seen.ran
        assert seen.asked
        assert seen.markup
    assert alone.read or captured.read
    # Behind the headers of our pages nothing of it runs; that it is there is seen all the same.
    assert held.ran == []
    assert held.markup


@pytest.mark.browser
def test_no_page_of_ours_lets_anything_run(room: Room) -> None:
    frames, windows = shown(room)
    assert len(frames) > STRINGS
    seen = room.in_frames(frames)
    assert seen.loads == len(frames)
    is_held(seen)
    seen = room.in_windows(windows)
    assert seen.loads == len(windows)
    is_held(seen)


@pytest.mark.browser
def test_no_saved_page_does(room: Room) -> None:
    seen = room.saved()
    assert seen.loads == len(room.shelf.packs) > 0
    is_held(seen)


@pytest.mark.browser
def test_no_cell_of_a_file_is_computed(room: Room) -> None:
    cells, formulas = room.cells()
    assert cells > STRINGS
    assert formulas == []
