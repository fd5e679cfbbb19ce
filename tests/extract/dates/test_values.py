"""Dates in attributes and metadata: ISO 8601 and its misspellings, RFC 2822, Unix time."""

from __future__ import annotations

import pytest

from scraper.extract.dates.values import read_value
from scraper.extract.dates.written import Reading


def value(text: str) -> str | None:
    found = read_value(text)
    return found[0] if found else None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-05-03", "2024-05-03"),
        ("20240503", "2024-05-03"),
        ("2024/05/03", "2024-05-03"),
        ("2024.05.03", "2024-05-03"),
        ("2024-05-03T08:09", "2024-05-03T08:09:00"),
        ("2024-05-03T08:09:10", "2024-05-03T08:09:10"),
        ("2024-05-03T08:09:10.123456", "2024-05-03T08:09:10"),
        ("2024-05-03T08:09:10Z", "2024-05-03T08:09:10+00:00"),
        ("2024-05-03T08:09:10+02:00", "2024-05-03T08:09:10+02:00"),
        ("2024-05-03T08:09:10+0530", "2024-05-03T08:09:10+05:30"),
        ("2024-05-03T08:09:10.000-0300", "2024-05-03T08:09:10-03:00"),
        ("2024-05-03 08:09:10 UTC", "2024-05-03T08:09:10+00:00"),
        ("2024-05-03 8:09", "2024-05-03T08:09:00"),
        ("1714723750", "2024-05-03T08:09:10+00:00"),
        ("1714723750000", "2024-05-03T08:09:10+00:00"),
        ("Fri, 03 May 2024 08:09:10 +0200", "2024-05-03T08:09:10+02:00"),
        ("Fri, 03 May 2024 08:09:10 GMT", "2024-05-03T08:09:10+00:00"),
        ("  2024-05-03\n08:09 ", "2024-05-03T08:09:00"),
        ("20240503T080910Z", "2024-05-03T08:09:10+00:00"),
        ("2024-05-03T08:09:10 +0200", "2024-05-03T08:09:10+02:00"),
        ("2024-05-03T08:09:10:500Z", "2024-05-03T08:09:10+00:00"),
        ("2024-05-03 08:09:10 PM", "2024-05-03T20:09:10"),
        ("2024-05-03 08:09 EST", "2024-05-03T08:09:00-05:00"),
        ("1714723750.123", "2024-05-03T08:09:10+00:00"),
        ("3 May 2024 08:09:10 -0500", "2024-05-03T08:09:10-05:00"),
        ("5/23/2024 12:00:00 AM", "2024-05-23T00:00:00"),
        ("Fri May 03 2024 08:09:10 GMT+0200 (Central European Summer Time)", "2024-05-03T08:09:10+02:00"),
        ("May 3, 2024", "2024-05-03"),
        ("2024-5-3", "2024-05-03"),
    ],
)
def test_machine_readable(text: str, expected: str) -> None:
    assert value(text) == expected


@pytest.mark.parametrize(
    "text",
    ["", " ", "yesterday", "3 hours ago", "May 2024", "2024", "3 May", "2024-13-45", "2024-02-30", "99999999999", "0",
     "00000000", "tomorrow", "x" * 500, "12:30", "null", "Invalid Date"],
)  # fmt: skip
def test_what_is_no_day(text: str) -> None:
    assert read_value(text) is None


def test_what_can_be_read_in_two_ways_says_so() -> None:
    assert read_value("03/05/2024", Reading("en", month_first=True)) == ("2024-03-05", "2024-05-03")
    assert read_value("23/05/2024", Reading("en", month_first=True)) == ("2024-05-23", None)
