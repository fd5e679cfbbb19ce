"""From an outlet to its runs, from the dictionary to a table, its facets, a statement, a file; and back to a page."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable

import pytest

from tests.web.journeys.archived import Known
from tests.web.journeys.visitor import Keyboard, Visitor

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("journeys")]

SQL = "select site, count(*) as number from articles group by site order by number desc, site"


def rows_said(visitor: Visitor) -> int:
    """How many rows the page of a table says that there are."""
    found = re.match(r"([\d,]+) rows?", visitor.page.locator(".content h3").first.inner_text())
    assert found is not None
    return int(found[1].replace(",", ""))


def facet_of(visitor: Visitor, value: str) -> int:
    """What a facet counts for one of its values."""
    item = visitor.page.locator(".facet-results li", has=visitor.page.get_by_role("link", name=value, exact=True))
    return int(item.inner_text().removeprefix(value))


def read_file(visitor: Visitor) -> str:
    """The page that is shown, which is a file."""
    return visitor.page.locator("body").inner_text()


def test_from_an_outlet_to_a_table(visitor: Visitor, known: Known) -> None:
    page = visitor.page
    visitor.open("/")
    visitor.follow("Outlets", within="nav")
    visitor.at("/outlets")
    visitor.follow(known.outlet)
    visitor.at(f"/outlets/{known.outlet}")
    assert "articles with authors: 0 of 6" in page.locator("#alarms + ul").inner_text()
    page.locator("#runs + table a").first.click()
    visitor.at(f"/runs/{known.run}")
    assert page.locator("h1").inner_text() == f"Run {known.run}"
    page.locator(".fetched .headline").first.click()
    visitor.at("/article/*")
    visitor.follow("Jobs and runs", within="nav")
    visitor.at("/jobs")
    assert "overdue" in page.locator("main table").inner_text()

    visitor.follow("Data dictionary", within="nav")
    visitor.at("/dictionary")
    page.locator("section", has=page.locator("#articles")).get_by_role("link").first.click()
    visitor.at("/archive/articles")
    everything = rows_said(visitor)
    page.locator(".count-by summary").click()
    page.locator(".count-by").get_by_role("link", name="site", exact=True).click()
    visitor.at("/archive/articles?_facet=site")
    counted = facet_of(visitor, known.outlet)
    assert 0 < counted < everything
    visitor.follow(known.outlet, within=".facet-results")
    visitor.at(f"/archive/articles?*site={known.outlet}*")
    assert rows_said(visitor) == counted

    visitor.follow("CSV", within=".export-links")
    rows = list(csv.DictReader(io.StringIO(read_file(visitor))))
    assert {row["site"] for row in rows} == {known.outlet}
    page.go_back()
    visitor.follow("json", within=".export-links")
    assert json.loads(read_file(visitor))["filtered_table_rows_count"] == counted
    page.go_back()
    page.locator("td.col-id a").first.click()
    visitor.at("/article/*")
    assert page.locator(".tabs").is_visible()


def test_from_a_statement_to_a_file_without_scripts(a_visitor: Callable[..., Visitor], known: Known) -> None:
    visitor = a_visitor(java_script_enabled=False)
    page = visitor.page
    visitor.open("/")
    visitor.follow("Tables and SQL", within="nav")
    visitor.at("/archive")
    page.locator("#sql-editor").fill(SQL)
    page.get_by_role("button", name="Run SQL").click()
    visitor.at("/archive?sql=*")
    first = page.locator("table tbody tr").first.inner_text().split()
    assert first[0] == known.other_outlet
    visitor.follow("CSV", within=".export-links")
    rows = list(csv.DictReader(io.StringIO(read_file(visitor))))
    assert [rows[0]["site"], rows[0]["number"]] == first
    page.go_back()
    visitor.follow("json", within=".export-links")
    assert json.loads(read_file(visitor))["rows"][0] == [first[0], int(first[1])]


def test_a_statement_that_would_write_says_so(visitor: Visitor) -> None:
    visitor.open("/archive?sql=delete+from+pages", 400)
    page = visitor.page
    assert page.get_by_role("alert").is_visible()
    assert page.get_by_label("SQL").input_value() == "delete from pages"
    page.get_by_label("SQL").fill("select 40 + 2 as answer")
    page.get_by_role("button", name="Try again").click()
    visitor.at("/archive?sql=*")
    assert page.locator("table tbody td").inner_text() == "42"


def test_with_the_keyboard_alone(visitor: Visitor, known: Known) -> None:
    keyboard, page = Keyboard(visitor), visitor.page
    visitor.open("/")
    keyboard.follow("Outlets", within="nav")
    visitor.at("/outlets")
    keyboard.skip()
    keyboard.follow(known.outlet)
    visitor.at(f"/outlets/{known.outlet}")
    keyboard.skip()
    # A chart's numbers, as a table that is unfolded and scrolled.
    numbers = page.locator("section details", has=page.locator("table")).first
    keyboard.go_to(numbers.locator("summary"))
    keyboard.press("Space")
    keyboard.step(numbers.locator(".wide"))
    assert numbers.locator("table").is_visible()
    keyboard.follow("Data dictionary", within="nav", key="Shift+Tab")
    visitor.at("/dictionary")
    keyboard.skip()
    keyboard.follow("pages")
    keyboard.go_to(page.locator("section", has=page.locator("#pages")).get_by_role("link").first)
    keyboard.press("Enter")

    visitor.at("/archive/pages")
    keyboard.go_to(page.locator(".count-by summary"))
    keyboard.press("Enter")
    keyboard.go_to(page.locator(".count-by").get_by_role("link", name="site", exact=True))
    keyboard.press("Enter")
    visitor.at("/archive/pages?_facet=site")
    keyboard.follow(known.outlet, within=".facet-results")
    visitor.at(f"/archive/pages?*site={known.outlet}*")
    keyboard.go_to(page.locator("td.col-url a").first)
    keyboard.press("Enter")
    visitor.at("/article/*")

    keyboard.follow("Tables and SQL", within="nav")
    visitor.at("/archive")
    editor = page.locator(".CodeMirror textarea")
    keyboard.go_to(editor)
    keyboard.press("Control+a")
    keyboard.type(SQL)
    # Out of the editor, which could take the key for itself.
    run = page.get_by_role("button", name="Run SQL")
    keyboard.go_to(run, most=3)
    keyboard.press("Enter")
    visitor.at("/archive?sql=*")
    assert page.locator("table tbody td").first.inner_text() == known.other_outlet
    keyboard.follow("CSV", within=".export-links")
    page.wait_for_url("**/archive.csv*")
    assert read_file(visitor).startswith("site,number")
