"""The Atom feed of changes: valid by RFC 4287, its ids the same wherever it is asked for."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element, fromstring

import feedparser
import pytest

from scraper.store import Archive
from tests.web.browser import INJECTIONS, Browser, store
from tests.web.crawled import COURIER, MERCURY

ATOM = "{http://www.w3.org/2005/Atom}"
RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


def parsed(browser: Browser, path: str = "/changes.atom", **headers: str) -> Any:
    answer = browser.ask(path, **headers)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/atom+xml; charset=utf-8"
    found = feedparser.parse(answer.content)
    assert not found.bozo, found.get("bozo_exception")
    assert found.version == "atom10"
    return found


def is_valid(source: bytes) -> Element:
    """As RFC 4287 wants it, as far as a feed of this kind is concerned."""
    root = fromstring(source)
    assert root.tag == f"{ATOM}feed"
    for holder in (root, *root.findall(f"{ATOM}entry")):
        for name in ("id", "title", "updated"):
            [found] = holder.findall(f"{ATOM}{name}")
            assert (found.text or "").strip()
            if name == "updated":
                assert RFC_3339.fullmatch(found.text or "")
        for person in holder.findall(f"{ATOM}author"):
            [name_of] = person.findall(f"{ATOM}name")
            assert (name_of.text or "").strip()
        assert holder.findall(f"{ATOM}author")
        alternates = [link for link in holder.findall(f"{ATOM}link") if link.get("rel") == "alternate"]
        assert len({(link.get("type"), link.get("hreflang")) for link in alternates}) == len(alternates) == 1
        assert all(re.match("https?://", link.get("href", "")) for link in holder.findall(f"{ATOM}link"))
    ids = [one.text for one in root.iter(f"{ATOM}id")]
    assert len(ids) == len(set(ids))
    assert all(re.fullmatch(r"urn:uuid:[0-9a-f-]{36}", one or "") for one in ids)
    for element in root.iter():
        assert element.tag.startswith(ATOM)
    return root


def test_it_is_valid(crawled: Browser, hostile: Browser, empty: Browser, browser: Browser) -> None:
    for one in (crawled, hostile, empty, browser):
        is_valid(one.ask("/changes.atom").content)
    is_valid(crawled.ask(f"/changes.atom?site={MERCURY}").content)
    is_valid(crawled.ask("/changes.atom?lang_ui=uk").content)


def test_new_articles_and_edits(crawled: Browser) -> None:
    found = parsed(crawled)
    assert found.feed.title == "Changes in crawled.db"
    assert len(found.entries) == 50
    edit, new = found.entries[0], found.entries[1]
    assert edit.title == "Edited: Bridge reopens"
    assert [tag.term for tag in edit.tags] == ["edit"]
    assert edit.summary.splitlines() == [
        f"{COURIER} · changed: headline, date, text · 12 → 12 words",
        "Headline before: “Bridge closed on day 22/0”",
    ]
    assert re.fullmatch(r"/article/\d+/diff\?from=1&to=2", path_of(edit.link))
    assert [tag.term for tag in new.tags] == ["new"]
    assert new.summary.splitlines()[0].endswith(" · 12 words")
    assert "The bridge was closed for repairs" in new.summary
    assert [author.name for author in edit.authors] == ["Ada Bell", "Остап Лис"]
    assert RFC_3339.fullmatch(edit.published)
    assert crawled.ask(path_of(edit.link)).status_code == crawled.ask(path_of(new.link)).status_code == 200
    assert next(link.href for link in new.links if link.rel == "via").startswith("https://")
    assert found.feed.updated == edit.updated


def path_of(address: str) -> str:
    parts = urlsplit(address)
    assert parts.netloc == "localhost:8001"
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def test_of_one_outlet(crawled: Browser) -> None:
    found = parsed(crawled, f"/changes.atom?site={MERCURY}")
    assert found.feed.title == f"Changes in crawled.db: {MERCURY}"
    assert {entry.link.split("/article/")[0] for entry in found.entries} == {"http://localhost:8001"}
    assert all(entry.summary.startswith(MERCURY) for entry in found.entries)
    assert len(found.entries) == 50
    assert found.feed.id != parsed(crawled).feed.id
    assert [link.href for link in found.feed.links if link.rel == "self"] == [
        f"http://localhost:8001/changes.atom?site={MERCURY}"
    ]
    assert crawled.ask("/changes.atom?site=elsewhere.example").status_code == 404


def test_ids_stay_what_they_are(crawled: Browser) -> None:
    """At another port, in another language, and as one of an outlet's."""
    here = parsed(crawled)
    there = parsed(crawled, "/changes.atom?lang_ui=uk", Host="127.0.0.1:9")
    assert [entry.id for entry in here.entries] == [entry.id for entry in there.entries]
    assert here.feed.id == there.feed.id
    assert there.entries[0].title == "Змінено: Bridge reopens"
    assert there.entries[0].link.startswith("http://127.0.0.1:9/article/")
    ids = {entry.id for entry in here.entries}
    assert len(ids & {entry.id for entry in parsed(crawled, f"/changes.atom?site={COURIER}").entries}) > 10


def test_what_is_unchanged_is_not_sent_again(tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    with Archive.open(path, write=True) as archive, Browser(path) as browser:
        store(archive, "https://outlet.example/1")
        first = browser.ask("/changes.atom")
        tag = first.headers["etag"]
        for known in (tag, f'"other", W/{tag}', "*"):
            again = browser.ask("/changes.atom", If_None_Match=known)
            assert (again.status_code, again.content) == (304, b"")
            assert again.headers["etag"] == tag
            assert "content-length" not in again.headers
        assert browser.ask("/changes.atom", If_None_Match='"other"').status_code == 200
        # It says the same in another language in other words.
        assert browser.ask("/changes.atom?lang_ui=uk", If_None_Match=tag).status_code == 200
        store(archive, "https://outlet.example/2", minutes=1)
        later = browser.ask("/changes.atom", If_None_Match=tag)
        assert (later.status_code, len(feedparser.parse(later.content).entries)) == (200, 2)


def test_an_empty_archive_has_an_empty_feed(empty: Browser) -> None:
    found = parsed(empty)
    assert found.entries == []
    assert found.feed.title == "Changes in empty.db"


def test_text_of_the_web_is_text(hostile: Browser) -> None:
    root = is_valid(hostile.ask("/changes.atom").content)
    titles = [one.findtext(f"{ATOM}title") or "" for one in root.findall(f"{ATOM}entry")]
    for text in INJECTIONS[:7]:
        assert any(text in title for title in titles), text
    # Nothing of it is markup: what a reader shows as HTML would run it.
    assert all(
        one.get("type", "text") == "text" for one in root.iter() if one.tag in {f"{ATOM}title", f"{ATOM}summary"}
    )
    source = hostile.ask("/changes.atom").text
    assert not set(source) & set("\x00\x1b\u202e\u202c")
    # The order is that in which they came, and languages that are none are not claimed.
    assert {one.get("{http://www.w3.org/XML/1998/namespace}lang") for one in root.iter(f"{ATOM}title")} <= {
        *(None, "en", "und", "he", "zh-Hans")
    }


def test_what_no_xml_can_hold_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    with Archive.open(path, write=True) as archive:
        headline = "A\ufffeB\uffffC\x0bD\x85E\U0001f600"
        store(archive, "https://outlet.example/1", headline=headline, published_at="0001-01-01T00:00:00+14:00")
    with Browser(path) as browser:
        root = is_valid(browser.ask("/changes.atom").content)
    [entry] = root.findall(f"{ATOM}entry")
    assert entry.findtext(f"{ATOM}title") == "ABCDE\U0001f600"
    assert entry.find(f"{ATOM}published") is None


@pytest.mark.parametrize("path", ["/", "/search", "/outlets", "/nothing"])
def test_pages_announce_it(crawled: Browser, path: str) -> None:
    page = crawled.page(path, 404 if path == "/nothing" else 200)
    assert [one.attributes["href"] for one in page.all("link", rel="alternate")] == ["/changes.atom"]
    own = crawled.page(f"/outlets/{MERCURY}").all("link", rel="alternate")
    assert [one.attributes["href"] for one in own] == [f"/changes.atom?site={MERCURY}"]
