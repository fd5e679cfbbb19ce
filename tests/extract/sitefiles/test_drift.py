"""Drift over time: which fields stopped matching, since when, and how often values differ from the generic ones."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from scraper.article import Article
from scraper.extract.sitefiles.comparing import Outcome, alike, outcomes
from scraper.extract.sitefiles.drift import FieldDrift, Sighting

START = datetime(2024, 5, 1, tzinfo=UTC)


def drift(matched: str) -> FieldDrift:
    """One capture a day; `x` matched, `.` did not."""
    days = [Sighting(START + timedelta(days=n), one == "x", differs=False) for n, one in enumerate(matched)]
    return FieldDrift("headline", days[::-1])  # newest first, as the archive gives them


@pytest.mark.parametrize(
    ("matched", "state", "since"),
    [
        ("", "ok", None),
        ("xxxx", "ok", None),
        ("xxx.", "ok", 3),
        ("xx..", "stopped", 2),
        ("x..x..", "ok", 4),
        ("x.x...", "stopped", 3),
        ("xx.x.xx", "ok", None),
        ("..", "never", 0),
        (".", "ok", 0),
        ("..xx", "ok", None),
    ],
)
def test_states(matched: str, state: str, since: int | None) -> None:
    one = drift(matched)
    assert one.state == state
    assert one.missing_since == (None if since is None else START + timedelta(days=since))


def test_shares() -> None:
    days = [Sighting(START, True, True), Sighting(START, True, False), Sighting(START, False, True)]
    one = FieldDrift("body", days)
    assert one.captures == 3
    assert one.missing == pytest.approx(1 / 3)
    assert one.differing == 0.5
    assert FieldDrift("body").missing == FieldDrift("body").differing == 0.0


@pytest.mark.parametrize(
    ("field", "one", "other", "same"),
    [
        ("headline", "Ferry  returns!", "ferry returns", True),
        ("headline", "Ferry returns", None, False),
        ("headline", None, None, True),
        ("authors", ("Ann Lee", "Bo Ek"), ("Bo Ek", "ann lee"), True),
        ("authors", (), ("Ann Lee",), False),
        ("published_at", "2024-05-03", "2024-05-03T10:00:00", False),
        ("body", "a b c " * 100, "a b c " * 100 + "d", True),
        ("body", "a b c " * 100, "a b c " * 90, False),
    ],
)
def test_alike(field: str, one: object, other: object, same: bool) -> None:
    assert alike(field, one, other) is same


def test_outcomes_of_a_fixture() -> None:
    generic = Article(headline="The Gazette", authors=("Ann Lee",), section="Sea", lead="A", body="One\n\ntwo")
    with_file = Article(headline="Ferry returns", authors=("Bo Ek",), section="Land", lead="B", body="One\n\n two")
    expected = {"headline": "Ferry returns", "authors": ["Ann Lee"], "section": "Harbour", "body": "One\n\ntwo"}
    found: list[Outcome] = list(outcomes(expected, generic, with_file))
    assert {one.field: one.state for one in found} == {
        "headline": "mended",
        "authors": "broken",
        "section": "wrong",
        "lead": "unjudged",
        "body": "right",
    }
    assert {one.field for one in found if one.failed} == {"authors", "section"}
