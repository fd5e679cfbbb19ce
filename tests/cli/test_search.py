"""`scrape search` as its users run it."""

from __future__ import annotations

import csv
import io

import pytest

from tests.cli.running import Scrape


def headlines(scrape: Scrape, *arguments: str) -> list[str]:
    said = scrape("search", *arguments)
    assert said.code == 0, said.err
    return [row["headline"][:12] for row in said.rows]


def test_filters_in_the_query_are_those_of_the_options(reader: Scrape) -> None:
    ferry = headlines(reader, "winter site:harbour-courier.example since:2024-11-16 lang:en")
    assert ferry == ["Island ferry"]
    by_options = ["--site", "harbour-courier.example", "--since", "2024-11-16", "--lang", "en"]
    assert headlines(reader, "winter", *by_options) == ferry
    assert headlines(reader, "winter", "--lang", "uk") == []
    assert headlines(reader, "winter", "-n", "1", "--until", "2010") == ["Mill Pond Dr"]


def test_arguments_are_one_query(reader: Scrape) -> None:
    assert headlines(reader, "headline:ferry", "council") == headlines(reader, "headline:ferry council")
    assert headlines(reader, "winter -ferry site:harbour-courier.example") == []


def test_other_scripts(reader: Scrape) -> None:
    said = reader("search", "سمك")
    assert said.rows[0]["headline_marked"].startswith("سوق **السمك** في")
    assert len(headlines(reader, "дев'ять")) == 1


def test_matches_are_marked(reader: Scrape) -> None:
    (row,) = reader("search", "ferry christmas").rows
    assert row["headline_marked"] == "Island **ferry** to run until **Christmas** at a cost of £38,000"
    assert row["headline"] == row["headline_marked"].replace("**", "")
    assert "**ferry**" in reader("search", "ferry", "-f", "table").out
    assert "**" not in reader.on_terminal("search", "ferry").out
    assert "**ferry**" in reader.on_terminal("search", "ferry", NO_COLOR="1").out
    (line,) = csv.DictReader(io.StringIO(reader("search", "ferry", "-f", "csv").out))
    assert line["headline"] == row["headline"]


@pytest.mark.parametrize(
    ("query", "what", "next_step"),
    [
        ("since:soon", "since: 'soon' is not a day", "write it as 2024-07-23"),
        ("flood OR site:x", "The filter site:x cannot be part", "put it in front: site:x (flood OR storm)"),
        ("verdict:good", "There is no verdict 'good'", "known: ok, paywall"),
        ("headline:", "Nothing stands behind headline:", "in quotes"),
    ],
)
def test_what_cannot_be_meant(reader: Scrape, query: str, what: str, next_step: str) -> None:
    said = reader("search", query)
    assert said.code == 2
    assert what in said.err
    assert next_step in said.err


def test_nothing_found(reader: Scrape) -> None:
    said = reader("search", "site:nowhere.example")
    assert (said.code, said.out) == (0, "")
    assert "nothing matches" in said.err
