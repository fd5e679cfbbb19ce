"""An article, its history, and what differs between its texts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scraper.store import Archive
from tests.web.browser import Browser, store


def test_the_text_and_what_is_known_of_it(browser: Browser, ferry: int) -> None:
    page = browser.page(f"/article/{ferry}")
    assert page.one("h1").text == "Island ferry to run until Christmas at a cost of £38,000"
    with Archive.open(browser.path) as archive:
        article = archive.article(ferry)
    for paragraph in (article.body or "").split("\n\n"):
        assert paragraph.split(".")[0] in " ".join(page.text.replace("↗", "").split())
    assert article.capture is not None
    assert article.capture.sha256 in [one.text for one in page.all("code", class_="hash")]
    assert f"{article.capture.fetched_at:%Y-%m-%d %H:%M:%S} UTC" in page.text
    [replayed] = set(page.links("/web/"))
    assert browser.ask(replayed).status_code == 200
    assert "Nora Whitlock" in page.one("p", class_="byline").text
    # What a researcher came for is named before the text, which may be long.
    assert "How to cite · The original ↗" in page.one("article").text
    assert page.one("a", href="#cite").text == page.one("h2", id="cite").text
    sources = page.text.partition("Where each field comes from")[2]
    assert "headlinesite file1.00h1.entry-title" in sources  # cells of one row
    assert {"In the text (3)", "Related (7)", "Popular (6)"} <= {one.text for one in page.all("summary")}
    # One of the links leads to another article of the archive.
    assert "Sea wall has eleven weak points, engineers tell Port Ellery ↗ · in this archive" in page.text


def test_revisions_one_after_the_other(browser: Browser, ferry: int) -> None:
    newest = browser.page(f"/article/{ferry}")
    earlier = browser.page(newest.one("a", rel="prev").attributes["href"])
    assert earlier.one("h1").text == "Island ferry to run until Christmas as council finds £48,000"
    assert "This is revision 1, an earlier text" in earlier.text
    assert earlier.one("a", rel="next").attributes["href"] == f"/article/{ferry}?revision=2"
    assert "revision 2 of 2: What changed" in newest.one("article").text
    assert "revision 1 of 2 ·" in earlier.one("article").text
    headlines = newest.one("ol", class_="headlines").text
    assert headlines.index("£48,000") < headlines.index("£38,000")


def test_citations(browser: Browser, ferry: int) -> None:
    bib = browser.ask(f"/article/{ferry}/cite.bib")
    assert bib.headers["content-disposition"] == f'attachment; filename="article-{ferry}.bib"'
    assert f"@online{{harbour-courier.example:{ferry},\n  title = {{Island ferry" in bib.text
    [reference] = json.loads(browser.ask(f"/article/{ferry}/cite.json").text)
    assert reference["author"] == [{"family": "Whitlock", "given": "Nora"}]
    assert reference["custom"]["revision"] == 2
    plain = browser.ask(f"/article/{ferry}/cite.txt")
    assert plain.headers["content-type"] == "text/plain; charset=utf-8"
    assert plain.text.startswith(
        "Nora Whitlock. “Island ferry to run until Christmas at a cost of £38,000”."
        " harbour-courier.example, 2024-11-18. http://harbour-courier.example/2024/11/18/"
    )
    assert plain.text.strip() in browser.page(f"/article/{ferry}").text
    old = browser.ask(f"/article/{ferry}/cite.bib?revision=1")
    assert f"@online{{harbour-courier.example:{ferry}r1," in old.text
    assert "48,000" in old.text


def test_history(browser: Browser, ferry: int) -> None:
    page = browser.page(f"/article/{ferry}/history")
    entries = [
        " ".join(one.text.split()) for one in page.all("li") if one.attributes.get("class") in ("changed", "first")
    ]
    assert "Changed: headline, text · What changed · Revision 2" in entries[0]
    assert "Correction: Correction, November 20, 2024" in entries[0]
    assert "First text · Revision 1" in entries[1]
    options = [one.attributes["value"] for one in page.all("option", selected="")]
    assert options == ["1", "2"]


def test_captures_in_a_row_that_show_the_same_are_one_entry(tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    with Archive.open(path, write=True) as archive:
        for minutes in range(5):
            number = store(archive, "https://outlet.example/1", minutes=minutes)
        store(archive, "https://outlet.example/1", minutes=9, headline="Flood is over")
    with Browser(path) as browser:
        page = browser.page(f"/article/{number}/history")
        entries = [one for one in page.all("li") if one.attributes.get("class") in ("changed", "unchanged", "first")]
        assert [one.attributes["class"] for one in entries] == ["changed", "unchanged", "first"]
        assert "4 captures in a row" in entries[1].text
        single = store_one(tmp_path / "one.db")
    with Browser(tmp_path / "one.db") as browser:
        page = browser.page(f"/article/{single}/diff", 404)
        assert "It is the first text seen of this page." in page.text
        assert not [link for link in browser.page(f"/article/{single}").links() if link.endswith("/diff")]


def store_one(path: Path) -> int:
    with Archive.open(path, write=True) as archive:
        return store(archive, "https://outlet.example/1")


@pytest.mark.parametrize("view", ["inline", "side"])
def test_differences(browser: Browser, ferry: int, view: str) -> None:
    page = browser.page(f"/article/{ferry}/diff?view={view}")
    removed = [one.text for one in page.all("del")]
    added = [one.text for one in page.all("ins")]
    assert "48,000" in removed
    assert "38,000" in added
    assert all(text == text.rstrip() for text in removed + added)
    assert "36 words added, 1 word removed." in page.text
    assert page.all("option", value=view, selected="") or view == "inline"
    assert "… 4 unchanged paragraphs …" in page.text
    whole = browser.page(f"/article/{ferry}/diff?view={view}&whole=1")
    assert "unchanged" not in whole.text
    assert len(whole.text) > len(page.text)


def test_differences_the_other_way_round(browser: Browser, ferry: int) -> None:
    page = browser.page(f"/article/{ferry}/diff?from=2&to=1")
    assert "38,000" in [one.text for one in page.all("del")]
    same = browser.page(f"/article/{ferry}/diff?from=2&to=2")
    assert "No difference but typography and counters." in same.text


def test_a_page_that_is_the_same_as_another_or_gone_says_so(tmp_path: Path) -> None:
    from scraper.capture import Capture, Hop
    from tests.web.browser import START

    path = tmp_path / "archive.db"
    url = "https://outlet.example/story"
    with Archive.open(path, write=True) as archive:
        number = store(archive, url)
        hop = Hop(url=url, status=410, headers=())
        archive.add_capture(Capture(url=url, fetched_at=START.replace(hour=12), hops=(hop,), body=b"gone"))
    with Browser(path) as browser:
        for end in ("", "/history"):
            assert "gone from the web since 2024-07-23" in browser.page(f"/article/{number}{end}").text
