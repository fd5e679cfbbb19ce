"""What makes values of what was found: regular expressions with their time limit, paths into JSON, date formats."""

from __future__ import annotations

import time
from typing import Any

import pytest

from scraper.extract.page import Page
from scraper.extract.sitefiles.dates import check_format, read_date
from scraper.extract.sitefiles.json_paths import JsonPath, documents
from scraper.extract.sitefiles.patterns import Pattern

ARTICLE = {
    "@graph": [
        {"@type": "Person", "name": "Ann Lee"},
        {"@type": ["NewsArticle", "Article"], "author": [{"name": "Ann Lee"}, {"name": "Bo Ek"}], "word count": 312},
        {"@type": "Person", "name": "Cy Dow"},
    ],
    "images": [{"url": "/1.jpg"}, {"url": "/2.jpg"}],
    "props": {"page": {"story": {"byline": "Dee Fox"}}},
}


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        (r"\d+", "In 1931 and 1945", "1931"),
        (r"By ([^,]+)", "By Ann Lee, Harbour", "Ann Lee"),
        (r"(?:by (\w+))|(?:von (\w+))", "von Ole", "Ole"),
        (r"x+", "none", None),
        (r"By (.*)", "By ", None),
        (r"\p{Lu}+", "уСТЕП", "СТЕП"),
    ],
)
def test_the_first_group_or_the_whole_match(pattern: str, text: str, found: str | None) -> None:
    assert Pattern(pattern).find(text) == found


def test_a_pattern_that_backtracks_without_end_is_stopped() -> None:
    pattern = Pattern(r"^(?:[a-z]+)+x?\d$")
    text = "a" * 5_000
    start = time.perf_counter()
    assert pattern.find(text) is None
    assert pattern.matches(text) is False
    assert Pattern(r"(?:[a-z]+)+\d").split(text) == [text]
    assert time.perf_counter() - start < 3.0  # three limits, on a machine that others use too; without them: for ever


def test_split_leaves_no_empty_parts() -> None:
    assert Pattern(r"\s*(?:,|und)\s*").split(" Jette, Ole und  , Tilda") == ["Jette", "Ole", "Tilda"]


@pytest.mark.parametrize("wrong", ["(", "[a", "*", r"\p{Nonsense}"])
def test_what_is_no_regular_expression(wrong: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        _ = Pattern(wrong).compiled


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("props.page.story.byline", ["Dee Fox"]),
        ("..byline", ["Dee Fox"]),
        ("@graph[@type=NewsArticle].author.name", ["Ann Lee", "Bo Ek"]),
        ("@graph[@type='Person'].name", ["Ann Lee", "Cy Dow"]),
        ("@graph[1].author[-1].name", ["Bo Ek"]),
        ("@graph[1].author[0]['name']".replace("'", '"'), ["Ann Lee"]),
        ('@graph[1]["word count"]', [312]),
        ("images[*].url", ["/1.jpg", "/2.jpg"]),
        ("images.url", ["/1.jpg", "/2.jpg"]),
        ("images", [{"url": "/1.jpg"}, {"url": "/2.jpg"}]),
        ("images[7].url", []),
        ("nothing.at.all", []),
        ("..name", ["Ann Lee", "Ann Lee", "Bo Ek", "Cy Dow"]),
    ],
)
def test_paths(path: str, found: list[Any]) -> None:
    assert JsonPath.parse(path).find(ARTICLE) == found


@pytest.mark.parametrize("wrong", ["", ".name", "a..", "a[", "a[x]", "a b", "a[?(@.x)]", "$.a", "a."])
def test_paths_that_cannot_be_understood(wrong: str) -> None:
    if wrong == "$.a":  # `$` is a name like any other: there is no document root to be named
        assert JsonPath.parse(wrong).find({"a": 1}) == []
        return
    with pytest.raises(ValueError, match=r"cannot be understood|is empty"):
        JsonPath.parse(wrong)


def test_scripts_that_hold_json() -> None:
    page = Page.read(
        '<html><script type="application/ld+json">{"a": 1}</script><script type="application/json" id="__NEXT_DATA__">'
        '{"a": 2}</script><script type="application/ld+json">{broken</script>'
        '<script id="state">window.__STATE__ = {"a": 3}; start();</script>'
    )
    assert documents(page, None) == [{"a": 1}, {"a": 2}]
    assert documents(page, "#__NEXT_DATA__") == [{"a": 2}]
    assert documents(page, "#state") == [{"a": 3}]


def test_json_that_nests_without_end() -> None:
    page = Page.read(f'<html><script type="application/json">{"[" * 50_000}</script>')
    assert documents(page, None) == []


@pytest.mark.parametrize(
    ("text", "written", "language", "found"),
    [
        ("12.04.2025", "%d.%m.%Y", None, "2025-04-12"),
        ("12.04.25 | 14:07", "%d.%m.%y | %H:%M", None, "2025-04-12T14:07:00"),
        ("3 May 2024", "%d %B %Y", None, "2024-05-03"),
        ("21 листопада 2024, 16:05", "%d %B %Y, %H:%M", "uk", "2024-11-21T16:05:00"),
        ("12. April 2025 um 15:44", "%d. %B %Y um %H:%M", "de", "2025-04-12T15:44:00"),
        ("3 maja 2024", "%d %B %Y", "pl-PL", "2024-05-03"),
        ("2025年04月12日08:15", "%Y年%m月%d日%H:%M", "zh", "2025-04-12T08:15:00"),
        ("2024-05-03 10:00 +0200", "%Y-%m-%d %H:%M %z", None, "2024-05-03T10:00:00+02:00"),
        ("today", "%d.%m.%Y", "en", None),
        ("04/12/2025", "%d.%m.%Y", "en", None),
    ],
)
def test_dates_as_precise_as_their_format(text: str, written: str, language: str | None, found: str | None) -> None:
    assert read_date(text, (written,), language) == found


def test_the_first_format_that_fits() -> None:
    assert read_date("3 May 2024", ("%d.%m.%Y", "%d %B %Y"), "en") == "2024-05-03"


@pytest.mark.parametrize("wrong", ["%H:%M", "%d.%m.", "%Y", "day", "%Q"])
def test_formats_that_give_no_day(wrong: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        check_format(wrong)
