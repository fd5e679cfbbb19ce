"""The weights that choose the day, and how a page's days compare."""

from __future__ import annotations

import pytest

from scraper.extract.candidates import Candidate
from scraper.extract.dates.features import Member, days_of
from scraper.extract.dates.model import packaged_date_model


def stated(value: str, source: str, selector: str, name: str = "published_at") -> Member:
    return Member(Candidate(name, value, source, selector), value)


MODEL = packaged_date_model()
OPENGRAPH = stated("2024-05-03", "opengraph", "article:published_time")
VIDEO = stated("2023-01-01", "json_ld", "videoobject.uploadDate")


def test_the_chances_of_all_days_and_of_none_are_one() -> None:
    chances, none = MODEL.probabilities(days_of([OPENGRAPH, VIDEO], url=None))
    assert sum(chances) + none == pytest.approx(1)
    assert chances[0] > 0.9
    assert chances[1] < 0.1


def test_a_page_without_dates_has_none() -> None:
    assert MODEL.probabilities([]) == ([], 1.0)


def test_agreement_and_the_address_speak_for_a_day() -> None:
    alone, _ = MODEL.probabilities(days_of([OPENGRAPH], url=None))
    agreed, _ = MODEL.probabilities(
        days_of([OPENGRAPH, stated("2024-05-03", "json_ld", "datePublished")], url="https://example.com/2024/05/03/x")
    )
    assert agreed[0] > alone[0]


def test_the_day_of_a_change_has_no_chance_beside_publication() -> None:
    days = days_of([OPENGRAPH, stated("2024-05-05", "opengraph", "article:modified_time", "modified_at")], url=None)
    chances, _ = MODEL.probabilities(days)
    assert chances[1] == 0
    assert MODEL.reason(days[1], won=False) == "the day of a change"
    assert MODEL.reason(days[0], won=True) == "stated as published"


def test_the_same_moment_in_two_time_zones_is_one_change() -> None:
    published = stated("2024-05-01T08:00:00+00:00", "opengraph", "article:published_time")
    changed = stated("2024-05-03T23:30:00+00:00", "json_ld", "dateModified", "modified_at")
    days = days_of([published, changed, Member(Candidate("published_at", "x", "url", "path"), "2024-05-04")], url=None)
    assert [day.day for day in days if day.has("changed")] == ["2024-05-03", "2024-05-04"]


def test_every_weight_has_the_sign_common_sense_gives_it() -> None:
    assert all(
        MODEL.weights[name] >= 0 for name in ("json_ld", "opengraph", "microdata", "meta", "url", "label_published")
    )
    assert all(
        MODEL.weights[name] <= 0 for name in ("foreign", "aside", "hidden", "linked", "repeated", "label_modified")
    )
