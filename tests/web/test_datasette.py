"""What Datasette serves: tables, SQL, JSON and CSV, under our policy; and nothing besides."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import re
from urllib.parse import quote

import pytest

from tests.web.browser import Browser

PAGES = (
    "/archive",
    "/archive?sql=select+1",
    "/archive/pages",
    "/archive/articles",
    "/archive/revisions?_facet=site",
    "/archive/blobs",
    "/archive/captures/1",
)


@pytest.mark.parametrize("path", PAGES)
def test_its_pages_run_their_own_scripts_alone(browser: Browser, path: str) -> None:
    """Every script in the page is one that the policy names; every file is this server's."""
    answer = browser.ask(path)
    assert answer.status_code == 200
    policy = answer.headers["content-security-policy"]
    scripts = re.search("script-src ([^;]+)", policy)
    assert scripts is not None
    assert "unsafe" not in scripts[1]
    found = re.findall("<script([^>]*)>(.*?)</script>", answer.text, re.DOTALL)
    assert found
    for attributes, script in found:
        if "src=" in attributes:
            assert re.search('src="/', attributes)
            continue
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in scripts[1]
    assert not re.findall(r"<[^>]+\son\w+=", answer.text)
    for address in re.findall(r'<(?:link|img|iframe)[^>]+(?:href|src)="([^"]+)"', answer.text):
        assert re.match(r"/|http://localhost:8001/", address)


def test_the_way_back(browser: Browser) -> None:
    page = browser.page("/archive/pages")
    assert [link.text for link in page.one("p", class_="archive-pages") and page.all("a")[:3]] == [
        "Home",
        "Search",
        "Outlets",
    ]


def test_rows_lead_to_their_pages(browser: Browser, ferry: int) -> None:
    assert f"/article/{ferry}" in browser.page("/archive/articles").links("/article/")
    assert f"/article/{ferry}" in browser.page("/archive/pages").links("/article/")
    assert f"/article/{ferry}?revision=2" in browser.page("/archive/revisions").links("/article/")
    assert f"/article/{ferry}" in browser.page("/archive/captures").links("/article/")
    # Of a row that was asked for without its number there is no telling.
    assert not browser.page("/archive/revisions?_col=headline").links("/article/")
    assert browser.page("/archive?sql=select+1+as+page_id").status == 200


def test_columns_are_described(browser: Browser) -> None:
    assert "Registrable domain of url" in browser.page("/archive/pages").text
    assert "blobs" not in [one.text for one in browser.page("/archive").all("h3")]


def test_json_and_csv(browser: Browser, ferry: int) -> None:
    rows = browser.ask("/archive/articles.json?_shape=array").json()
    assert ferry in [row["id"] for row in rows]
    table = list(csv.DictReader(io.StringIO(browser.ask("/archive/articles.csv?_stream=1").text)))
    assert len(table) == len(rows)
    answer = browser.ask("/archive.json?sql=select+count(*)+as+n+from+pages&_shape=array")
    assert answer.json()[0]["n"] > 5


def test_sql_that_does_not_work_is_told_and_can_be_mended(browser: Browser) -> None:
    for sql, said, editor in (("select 1 form x", "syntax error", "sql-editor"), ("drop table x", "SELECT", "sql")):
        page = browser.page(f"/archive?sql={quote(sql)}", 400)
        assert said in page.text
        assert page.one("textarea", id=editor).text == sql
    answer = browser.ask("/archive.json?sql=select+1+form+x")
    assert answer.status_code == 400
    assert "syntax error" in answer.text


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/archive.db", 403),
        ("/_internal", 404),
        ("/_internal.json", 404),
        ("/_internal/databases", 404),
        ("/_internal.db", 404),
        ("/_memory", 404),
        ("/_memory?sql=select+1", 404),
        ("/:memory:", 404),
        ("/.json", 404),
        *(
            (f"/-/{name}{end}", 404)
            for name in ("settings", "plugins", "databases", "threads")
            for end in ("", ".json")
        ),
        *((f"/-/{name}", 404) for name in ("versions", "metadata", "actor", "config", "permissions", "messages")),
        *((f"/-/{name}", 404) for name in ("logout", "patterns", "allow-debug", "auth-token?token=x", "config.json")),
    ],
)
def test_nothing_is_told_of_how_it_is_set_up(browser: Browser, path: str, status: int) -> None:
    answer = browser.ask(path)
    assert answer.status_code == status
    assert str(browser.path.parent) not in answer.text


def test_no_address_says_where_the_archive_is(browser: Browser) -> None:
    for path in (
        "/",
        "/nothing",
        "/article/99999",
        "/archive",
        "/archive/nothing",
        "/archive?sql=select+*+from+nothing",
    ):
        assert str(browser.path.parent) not in browser.ask(path).text


def test_a_thousand_unknown_addresses_print_nothing(browser: Browser, capfd: pytest.CaptureFixture[str]) -> None:
    for number in range(20):
        assert browser.ask(f"/nothing/{number}").status_code == 404
    captured = capfd.readouterr()
    assert captured.out == captured.err == ""
