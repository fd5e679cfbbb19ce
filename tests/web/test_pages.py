"""What every page of ours has, over the demo's archive."""

from __future__ import annotations

import re

import pytest

from tests.web.browser import Browser, Page

PAGES = (
    "/",
    "/search",
    "/search?q=ferry",
    "/search?q=ferry&site=harbour-courier.example&lang=en",
    "/search?q=nothing-of-the-kind",
    "/article/{ferry}",
    "/article/{ferry}?revision=1",
    "/article/{ferry}/history",
    "/article/{ferry}/diff",
    "/article/{ferry}/diff?view=side&whole=1",
    "/capture/1",
    "/capture/1/explain",
    "/outlets",
    "/outlets/harbour-courier.example",
    "/outlets/harbour-courier.example?days=365",
    "/jobs",
    "/runs",
    "/runs/1",
    "/dictionary",
)


def is_sound(page: Page) -> None:
    """Landmarks, one headline, labels; and nothing that runs, styles itself or comes from elsewhere."""
    assert len(page.all("main")) == len(page.all("h1")) == 1
    assert page.elements.index(page.all("title")[0]) < page.elements.index(page.one("body"))
    assert page.all("a")[0].attributes == {"class": "skip", "href": "#main"}
    assert page.one("html").attributes["lang"] in ("en", "uk")
    ids = [one.attributes["id"] for one in page.elements if "id" in one.attributes]
    assert len(ids) == len(set(ids))
    labelled = {one.attributes.get("for") for one in page.all("label")}
    for control in (*page.all("input"), *page.all("select"), *page.all("textarea")):
        if control.attributes.get("type") not in ("hidden", "checkbox"):
            assert control.attributes["id"] in labelled
    for name in ("aria-labelledby", "aria-describedby"):
        for one in page.elements:
            assert one.attributes.get(name, ids[0]) in ids
    for one in page.elements:
        assert one.tag not in ("script", "style", "object", "embed", "img", "base", "video", "audio")
        assert not [name for name in one.attributes if name == "style" or name.startswith("on")]
        for name in ("src", "action", "data", "poster", "srcset"):
            assert one.attributes.get(name, "/").startswith("/")
    for frame in page.all("iframe"):
        assert frame.attributes["sandbox"] == "allow-top-navigation-by-user-activation"
        assert frame.attributes["src"].startswith("/capture/")
        assert frame.attributes["title"]
    for link in page.all("link"):
        feed = link.attributes["rel"] == "alternate"
        assert link.attributes["href"].startswith("/changes.atom" if feed else "/-/web/")
    for link in page.all("a"):
        address = link.attributes["href"]
        if not address.startswith(("/", "#")):
            assert re.match("https?://", address)
            assert link.attributes["rel"] == "noopener noreferrer nofollow"


@pytest.mark.parametrize("address", PAGES)
@pytest.mark.parametrize("language", ["", "uk"])
def test_a_page(browser: Browser, ferry: int, address: str, language: str) -> None:
    path = address.format(ferry=ferry)
    page = browser.page(path, Accept_Language=language or "en")
    is_sound(page)
    assert page.one("html").attributes["lang"] == (language or "en")
    assert "Accept-Language" in page.headers["vary"]


def test_every_link_of_ours_leads_somewhere(browser: Browser) -> None:
    """All pages that are reached from the first, those in another language too."""
    seen: set[str] = set()
    waiting = ["/", "/?lang_ui=uk"]
    while waiting and len(seen) < 150:
        address = waiting.pop()
        # Pages are read anew to be explained: that of each capture would take a while.
        if address in seen or address.startswith(("/archive", "/web/")) or "/explain" in address:
            continue
        seen.add(address)
        answer = browser.ask(address)
        assert answer.status_code == 200, address
        if answer.headers["content-type"].startswith("text/html"):
            waiting += [link.partition("#")[0] for link in browser.page(address).links()]
    assert len(seen) == 150


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/nothing", 404),
        ("/article/999999", 404),
        ("/article/999999/history", 404),
        ("/article/999999/diff", 404),
        ("/article/999999/cite.bib", 404),
        ("/article/x", 404),
        ("/capture/999999", 404),
        ("/capture/999999/explain", 404),
        ("/capture/1/screenshot.png", 404),
        ("/capture/x", 404),
        ("/article/{ferry}?revision=7", 404),
        ("/article/{ferry}?revision=x", 400),
        ("/article/{ferry}?revision=99999999999999999999", 400),
        ("/article/{ferry}/diff?from=1&to=9", 404),
        ("/article/{ferry}/diff?to=1", 404),
        ("/article/{ferry}/diff?view=upside-down", 400),
        ("/search?page=0", 400),
        ("/search?page=51", 400),
        ("/search?q=(", 400),
        ("/search?q=AND", 400),
        ("/search?since=yesterday", 400),
        ("/search?verdict=nice", 400),
        ("/search.csv?q=AND", 400),
    ],
)
def test_what_is_not_there_or_not_understood(browser: Browser, ferry: int, path: str, status: int) -> None:
    page = browser.page(path.format(ferry=ferry), status)
    is_sound(page)
    [alert] = [one for one in page.elements if one.attributes.get("role") == "alert"]
    assert len(" ".join(alert.text.split())) > 10


def test_a_page_that_was_never_read_says_why(browser: Browser) -> None:
    """The demo has one that is not there."""
    from scraper.store import Archive

    with Archive.open(browser.path) as archive:
        missing = archive.page("harbour-courier.example/2019/03/02/bridge-toll-vote/").id
    page = browser.page(f"/article/{missing}", 404)
    assert "The server answered with status 404." in page.text
    assert "Refused" in browser.page(f"/article/{missing}/history").text


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("", "en"),
        ("uk", "uk"),
        ("uk-UA,uk;q=0.9,en;q=0.8", "uk"),
        ("de, uk;q=0.5, en;q=0.7", "en"),
        ("fr", "en"),
        ("uk;q=0, en;q=0.1", "en"),
        ("uk;q=nan, *;q=x,,;;", "en"),
        ("x" * 5000, "en"),
    ],
)
def test_language_of_the_reader(browser: Browser, accepted: str, language: str) -> None:
    page = browser.page("/dictionary", Accept_Language=accepted)
    assert page.one("html").attributes["lang"] == language
    assert not [link for link in page.links() if "lang_ui" in link and not link.startswith("/dictionary?")]


def test_a_language_that_was_chosen_stays(browser: Browser, ferry: int) -> None:
    page = browser.page(f"/article/{ferry}?lang_ui=uk", Accept_Language="en")
    assert page.one("html").attributes["lang"] == "uk"
    ours = [link for link in page.links() if not link.startswith(("/archive", "/web/"))]
    assert [link for link in ours if "lang_ui=uk" not in link] == [f"/article/{ferry}?lang_ui=en"]
    # In a form, too.
    assert browser.page("/search?lang_ui=uk").one("input", name="lang_ui").attributes["value"] == "uk"
    assert browser.page("/dictionary?lang_ui=xx").one("html").attributes["lang"] == "en"
