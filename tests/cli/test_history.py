"""`scrape history` and `scrape diff`, as users run them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scraper.article import Article
from scraper.store import Archive
from tests.cli.running import Scrape
from tests.store.conftest import Builder

BEFORE = "The first paragraph stays.\n\nAt least 12 people came [sic].\n\n" + "\n\n".join(
    f"Line {n}." for n in range(9)
)
AFTER = BEFORE.replace("12", "14") + "\n\nCorrection: There were 14. \x1b[31mred"


@pytest.fixture
def scrape(tmp_path: Path) -> Scrape:
    """With an archive of one page that was edited, and another that was not."""
    make = Builder()

    def article(body: str, headline: str) -> Article:
        return make.article(body, headline=headline)

    with Archive.open(tmp_path / "archive.db", write=True) as archive:
        make.store(archive, article(BEFORE, "Flood"))
        for _ in range(12):
            make.store(archive, article(BEFORE, "Flood"))
        archive.add_capture(make.failed())
        make.store(archive, article(AFTER, "Flood worsens"))
        for _ in range(2):
            make.store(archive, make.article(url="https://example.com/b"), url="https://example.com/b")
    return Scrape(tmp_path)


def test_a_history_as_a_table(scrape: Scrape) -> None:
    lines = scrape.on_terminal("history", "1", columns=120).plain.splitlines()
    assert lines[0].split() == ["capture", "fetched", "status", "verdict", "revision", "what"]
    assert [line.split()[0] for line in lines[1:]] == ["1", "2–13", "14", "15"]
    assert "first text" in lines[1]
    assert "unchanged × 12, until 2024-07-23 10:28" in lines[2]
    assert "dns" in lines[3]
    assert "failed" in lines[3]
    assert "headline, body (+7 −1 words)" in lines[4]


def test_pages_that_are_gone_or_shown_elsewhere_say_so(tmp_path: Path) -> None:
    make = Builder()
    story = "https://example.com/flood-in-the-lower-town"
    with Archive.open(tmp_path / "archive.db", write=True) as archive:
        for url in (story, f"{story}?ref=home"):
            make.store(archive, make.article(BEFORE, url=url, canonical_url=story), url=url)
        archive.add_capture(make.capture(story, status=410))
    scrape = Scrape(tmp_path)
    gone, elsewhere = "gone since 2024-07-23: http_410", "shown at 1, which it is the same as: canonical"
    assert gone in scrape.on_terminal("show", story, columns=120).plain
    assert elsewhere in scrape.on_terminal("show", "2", columns=120).plain
    assert [row["id"] for row in scrape("show", f"{story}?ref=home").rows] == [1]
    said = scrape("history", f"{story}?ref=home")
    assert [row["status"] for row in said.rows] == [200, 410]
    assert said.err.splitlines() == [elsewhere, gone]
    assert scrape("history", "1", "--quiet").err == ""
    assert [row["id"] for row in scrape("list").rows] == [1]


def test_a_history_in_a_pipe_has_a_row_for_every_capture(scrape: Scrape) -> None:
    said = scrape("history", "https://example.com/story")
    assert said.code == 0
    assert len(said.rows) == 15
    assert said.rows[-1]["edited"] == ["headline", "body"]
    assert (said.rows[13]["error"], said.rows[13]["imported"]) == ("dns", False)
    assert scrape("history", "1", "-f", "csv").out.count("\n") == 16
    assert scrape("history", "9").code == 4


def test_a_diff_to_read(scrape: Scrape) -> None:
    said = scrape("diff", "1", "-f", "table")
    assert said.code == 0
    assert "headline: Flood {+worsens+}" in said.out
    assert "At least [-12-] {+14+} people came [sic]." in said.out
    assert "{+Correction: There were 14. [31mred+}" in said.out
    assert "… 7 unchanged paragraphs …" in said.out
    assert "body: +7 −1 words" in said.out
    assert "\x1b" not in said.out
    assert "Line 4." in scrape("diff", "1", "--full", "-f", "table").out
    assert "Line 8." not in scrape("diff", "1", "--context", "0", "-f", "table").out


def test_a_diff_on_a_terminal_has_colours_and_marks(scrape: Scrape) -> None:
    said = scrape.on_terminal("diff", "1")
    assert "\x1b[31m[-12-]" in said.out
    assert "\x1b[32m{+14+}" in said.out
    assert "[-12-] {+14+}" in said.plain
    plain = scrape.on_terminal("diff", "1", NO_COLOR="1").out
    assert "\x1b" not in plain
    assert "[-12-] {+14+}" in plain


def test_a_diff_in_a_pipe_is_a_change_a_line(scrape: Scrape) -> None:
    said = scrape("diff", "1")
    assert [(row["field"], row["op"], row["paragraph"]) for row in said.rows] == [
        ("headline", "changed", None),
        ("body", "changed", 2),
        ("body", "added", 12),
    ]
    assert said.rows[1]["before"] == "At least 12 people came [sic]."
    assert json.loads(scrape("diff", "1", "-f", "json").out)[0]["after"] == "Flood worsens"


def test_a_diff_the_other_way_round(scrape: Scrape) -> None:
    assert "{+12+}" in scrape("diff", "1", "2", "1", "-f", "table").out


def test_a_diff_as_a_page(scrape: Scrape) -> None:
    said = scrape("diff", "1", "--html")
    assert said.out.startswith("<!DOCTYPE html>")
    assert "At least <del>12 </del><ins>14 </ins>people came [sic]." in said.out
    assert "\x1b" not in said.out
    assert scrape("diff", "1", "--html", "-f", "json").code == 2


def test_a_page_with_one_revision(scrape: Scrape) -> None:
    said = scrape("diff", "2")
    assert (said.code, said.out) == (0, "")
    assert "one revision only: it was captured 2 times, and its text was always the same" in said.err
    assert scrape("diff", "2", "-f", "json").out.strip() == "[]"


def test_a_diff_that_cannot_be(scrape: Scrape) -> None:
    said = scrape("diff", "1", "1", "7")
    assert said.code == 4
    assert "has no revision 7" in said.err
    assert "scrape history 1" in said.err
    assert scrape("diff", "9").code == 4
