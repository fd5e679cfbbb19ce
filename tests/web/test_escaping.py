"""Text of the web is text, wherever it is shown."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from tests.web.browser import INJECTIONS, Browser, Page
from tests.web.test_pages import is_sound


def pages(browser: Browser) -> list[Page]:
    found = [browser.page(path) for path in ("/", "/search", "/search?q=second", "/?lang_ui=uk")]
    for number in range(1, len(INJECTIONS) + 1):
        for end in ("", "?revision=1", "/history", "/diff", "/diff?view=side&whole=1"):
            found.append(browser.page(f"/article/{number}{end}"))
    return found


def test_no_field_becomes_markup(hostile: Browser) -> None:
    for page in pages(hostile):
        is_sound(page)
        assert "49" not in page.all("title")[0].text
        for one in page.elements:
            address = one.attributes.get("href", "/").strip().lower()
            assert not address.startswith(("javascript:", "data:", "//"))
            for value in one.attributes.values():
                assert not set(value) & set("\x00\x1b\u202e\u202c")
        assert not set(page.source) & set("\x00\x1b\u202e\u202c")


def test_what_was_written_is_shown(hostile: Browser) -> None:
    for number, text in enumerate(INJECTIONS[:7]):
        page = hostile.page(f"/article/{number + 1}")
        assert " ".join(page.one("h1").text.split()) == f"{number} {text}"
        assert text in page.all("title")[0].text


@pytest.mark.parametrize("text", INJECTIONS)
def test_what_a_reader_types_is_text_too(hostile: Browser, text: str) -> None:
    typed = quote(text)
    for path in (f"/search?q={typed}", f"/search?site={typed}&author={typed}&lang={typed}", f"/nothing/{typed}"):
        answer = hostile.ask(path)
        assert answer.status_code in (200, 302, 400, 404)
        assert "<script>alert" not in answer.text
        assert "<img src=x" not in answer.text
        assert "<svg/onload" not in answer.text
        assert "<iframe" not in answer.text


def test_the_article_keeps_its_form(hostile: Browser) -> None:
    page = hostile.page("/article/1?revision=1")
    for tag, text in (("em", "head"), ("td", "b"), ("blockquote", "said"), ("figcaption", "cap")):
        assert text in [one.text.strip() for one in page.all(tag)]
    assert page.links("https://elsewhere.example/?a=1") == ["https://elsewhere.example/?a=1&b=0"]
    assert page.links("https://elsewhere.example/p.jpg")  # a picture is a link, not a request
    assert not page.all("img")


def test_other_scripts_stand_in_their_own_direction(hostile: Browser) -> None:
    hebrew = hostile.page("/search?q=שלום")
    snippet = hebrew.one("p", class_="snippet")
    assert (snippet.attributes["dir"], snippet.attributes["lang"]) == ("auto", "he")
    assert hebrew.one("mark").text == "שלום"
    chinese = hostile.page("/search?q=洪水")
    assert {one.text for one in chinese.all("mark")} == {"洪水"}
    number = chinese.links("/article/")[0]
    heading = hostile.page(number).one("h1")
    assert (heading.attributes["dir"], heading.attributes["lang"], heading.text) == ("auto", "zh-Hans", "洪水")


def test_a_language_that_is_none_is_not_claimed(hostile: Browser) -> None:
    assert hostile.page("/article/1").one("h1").attributes["lang"] == "und"


def test_files_hold_no_formulas(tmp_path_factory: pytest.TempPathFactory) -> None:
    import csv
    import io

    from scraper.store import Archive
    from tests.web.browser import store

    path = tmp_path_factory.mktemp("formulas") / "archive.db"
    with Archive.open(path, write=True) as archive:
        store(archive, "https://outlet.example/1", headline='=HYPERLINK("https://evil.example")')
    with Browser(path) as browser:
        [_, row] = csv.reader(io.StringIO(browser.ask("/search.csv").text, newline=""))
    assert row[3].startswith("'=HYPERLINK")
