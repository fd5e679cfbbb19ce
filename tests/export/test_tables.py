"""ndjson and csv: read back with json, csv and pandas, and looked at as a spreadsheet would."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest

from scraper.article import Article
from scraper.export.cells import cell, inert
from scraper.export.fields import csv_fields, flat
from scraper.export.tables import write_csv, write_ndjson
from scraper.store import Archive
from tests.export import corpus

DOCS = (Path(__file__).parents[2] / "docs" / "exports.md").read_text(encoding="utf-8")


def test_ndjson_is_each_article_as_its_dictionary(nasty: Archive) -> None:
    lines = corpus.exported(nasty, "ndjson").decode().splitlines()  # which also splits at U+2028 and U+0085
    assert [json.loads(line) for line in lines] == [article.as_dict() for article in corpus.stored(nasty)]
    assert len(lines) == len(corpus.NASTY) + 2


def test_ndjson_of_nothing_is_empty(nasty: Archive) -> None:
    assert corpus.exported(nasty, "ndjson", site="nowhere.example") == b""


def rows_of(archive: Archive, **selection: Any) -> list[dict[str, str]]:
    text = corpus.exported(archive, "csv", **selection).decode()
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


def test_csv_has_a_row_an_article_and_a_column_a_field(nasty: Archive) -> None:
    rows = rows_of(nasty)
    articles = corpus.stored(nasty)
    assert list(rows[0]) == [field.name for field in csv_fields()]
    assert len(rows) == len(articles)
    for row, article in zip(rows, articles, strict=True):
        assert None not in row
        assert None not in row.values()
        assert row == {name: cell(value) for name, value in flat(article).items()}
        assert json.loads(as_it_was(row["links"]) or "[]") == article.as_dict()["links"]


def test_csv_is_as_rfc_4180_has_it(nasty: Archive) -> None:
    raw = corpus.exported(nasty, "csv")
    assert b"\x00" not in raw
    outside = re.sub(rb'"(?:[^"]|"")*"', b"", raw)
    assert outside.count(b"\r\n") == outside.count(b"\n") == outside.count(b"\r") == len(corpus.stored(nasty)) + 1
    assert raw.endswith(b"\r\n")


def test_csv_of_nothing_has_its_header(nasty: Archive) -> None:
    assert corpus.exported(nasty, "csv", site="nowhere.example").decode().split(",")[0] == "id"
    assert rows_of(nasty, site="nowhere.example") == []


def as_it_was(text: str) -> str:
    """By the recipe of the documentation."""
    names: dict[str, Any] = {}
    [recipe] = [part for part in re.findall(r"```python\n(.*?)```", DOCS, re.DOTALL) if "def as_it_was" in part]
    exec(recipe, names)
    found: str = names["as_it_was"](text)
    return found


def listed(text: str) -> list[str]:
    names: dict[str, Any] = {}
    [recipe] = [part for part in re.findall(r"```python\n(.*?)```", DOCS, re.DOTALL) if "def items" in part]
    exec(recipe, names)
    found: list[str] = names["items"](text)
    return found


def test_csv_gives_the_text_back_by_the_recipe_of_the_documentation(nasty: Archive) -> None:
    for row, article in zip(rows_of(nasty), corpus.stored(nasty), strict=True):
        assert as_it_was(row["headline"]) == (article.headline or "").replace("\x00", "")
        assert as_it_was(row["body"]) == article.body
        assert listed(row["authors"]) == [name.replace("\x00", "") for name in article.authors]
        assert listed(row["tags"]) == list(article.tags)


FORMULAS = [
    "=1", "+1", "-1", "@a", "\tx", "\rx", "\nx", "  =1", "\u00a0=1", "\u200b=1", "\ufeff@a", "\u3000＝1", "＝1", "＋1",
    "－1", "＠a", "﹦1", "\x01=1", "\t =1", "'=1", "' =1", "''=1", "'\tx", "\u202e=1",
]  # fmt: skip
INSIDE = [
    "a;=1",
    "a; =1",
    "a\t-1",
    "a\n=1",
    "a\n\n  @b",
    "a\r\n+1",
    "a;'=1",
    "a;\u200b＝1",
    ";=1",
    "\n\n=1;\t=2",
    "a;' =x",
]
PLAIN = ["", "a", "1-2", "a=b", "a; b", "a - b", "a, =b", "'", "'a", "—", "a;b", "a\n\nb", "’=", "(=1)", "a'=1"]


def would_run(text: str) -> bool:
    """What the most careless of spreadsheets takes for a formula: any beginning of a cell, however cells are split."""
    pieces = [text, *re.split(r"[;\t\r\n]", text)]
    return any(
        re.match(r"[=+\-@＝＋－＠﹦﹢﹣﹫]", re.sub(r"^[\s\x00-\x1f\u200b-\u200f\u202a-\u202e\ufeff]+", "", one))
        for one in pieces
    )


@pytest.mark.parametrize("text", [*FORMULAS, *INSIDE])
def test_no_cell_is_a_formula(text: str) -> None:
    safe = inert(text)
    assert safe != text
    assert not would_run(safe)
    assert safe[0] not in "=+-@\t\r"
    assert safe.replace("'", "") == text.replace("'", "")
    assert as_it_was(safe) == text


@pytest.mark.parametrize("text", PLAIN)
def test_other_text_stays_as_it_is(text: str) -> None:
    assert inert(text) == text == as_it_was(text)


def test_no_cell_of_an_export_is_a_formula(nasty: Archive) -> None:
    for row in rows_of(nasty):
        assert not [name for name, value in row.items() if would_run(value)]


def test_numbers_stay_numbers() -> None:
    assert [cell(-5), cell(-0.5), cell(0), cell(None), cell("-5")] == ["-5", "-0.5", "0", "", "'-5"]


def test_lists_are_joined_so_that_they_come_apart_again() -> None:
    items = ["a; b", "c\\", "\\;d", "=e", "f"]
    assert cell(items) == "a\\; b; c\\\\; \\\\\\;d;' =e; f"
    assert listed(cell(items)) == items
    assert listed(cell([])) == []


def test_the_mark_of_utf_8() -> None:
    for bom in (True, False):
        out = io.BytesIO()
        write_csv([Article(headline="Ї")], out, corpus.about(), bom=bom)
        assert out.getvalue().startswith(b"\xef\xbb\xbfid,") == bom


def test_what_no_utf_8_can_hold_is_marked() -> None:
    """An archive holds no such text, but an article just extracted may."""
    for write in (write_ndjson, write_csv):
        out = io.BytesIO()
        write([Article(headline="Half \ud83d!")], out, corpus.about())
        assert "Half \ufffd" in out.getvalue().decode()
