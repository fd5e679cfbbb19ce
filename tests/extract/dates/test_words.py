"""The tables of `words.toml`."""

from __future__ import annotations

from itertools import pairwise

import pytest

from scraper.extract.dates.names import folded_word, month_number, offset_of, tables


def test_every_language_names_twelve_months() -> None:
    assert len(tables()["months"]) >= 60
    assert {len(months) for months in tables()["months"].values()} == {12}


@pytest.mark.parametrize("language", tables()["months"])
def test_no_spelling_is_of_two_months_of_one_language(language: str) -> None:
    months = [{folded_word(name) for name in names.split()} for names in tables()["months"][language]]
    assert all(not one & other for number, one in enumerate(months) for other in months[number + 1 :])
    assert [month_number(names.split()[0].replace("_", " "), language) for names in tables()["months"][language]] == [
        *range(1, 13)
    ]


def test_the_language_of_the_page_decides() -> None:
    assert (month_number("lip", "hr"), month_number("lip", "pl"), month_number("lip")) == (6, 7, 7)
    assert month_number("Mac", "ms") == 3
    assert month_number("soon") is None


def test_zones_in_the_order_of_their_offsets() -> None:
    minutes = [int(zone[:3]) * 60 + int(zone[0] + zone[4:]) for zone in tables()["zones"] if zone[0] == "+"]
    assert all(one < other for one, other in pairwise(minutes))


@pytest.mark.parametrize(
    ("text", "offset"),
    [("UTC", "+00:00"), ("EST", "-05:00"), ("cest", "+02:00"), ("GMT+0200 (CEST)", "+02:00"), ("+05:30", "+05:30"),
     ("-0330", "-03:30"), ("IST", ""), ("CST", ""), ("", ""), ("Uhr", "")],
)  # fmt: skip
def test_offsets(text: str, offset: str) -> None:
    assert offset_of(text) == offset
