"""The error tree: what each says, that it survives a process boundary, and that its docstring draws all of it."""

from __future__ import annotations

import inspect
import pickle

import pytest

from scraper import errors
from scraper.errors import ArchiveMissing, ScrapeError, TooLarge, UsageError

KINDS = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, ScrapeError)]


def test_a_sentence_a_part() -> None:
    error = ScrapeError("the file is gone", why="somebody removed it.", next_step="look in the bin")
    assert str(error) == "The file is gone. Somebody removed it. Look in the bin"
    assert str(ScrapeError("only this")) == "Only this"


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_it_crosses_process_boundaries(kind: type[ScrapeError]) -> None:
    error = kind("what", why="why", next_step="next")
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is kind
    assert (again.what, again.why, again.next_step, again.exit_code) == ("what", "why", "next", kind.exit_code)


def test_exit_codes() -> None:
    assert {kind.__name__: kind.exit_code for kind in (UsageError, ArchiveMissing, TooLarge, ScrapeError)} == {
        "UsageError": 2,
        "ArchiveMissing": 2,
        "TooLarge": 4,
        "ScrapeError": 1,
    }
    assert {kind.exit_code for kind in KINDS} <= {1, 2, 4, 5}


def test_the_drawing_is_complete() -> None:
    drawn = errors.__doc__ or ""
    for kind in KINDS:
        assert f" {kind.__name__}" in f" {drawn}".replace("\n", " ")


def test_codes_of_failures_are_told_apart() -> None:
    codes = [kind.code for kind in KINDS if issubclass(kind, errors.FetchError)]
    assert len(codes) == len(set(codes))
