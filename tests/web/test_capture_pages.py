"""A capture: how it came, what can be shown of it later, and that nothing in it becomes markup."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from scraper.article import Article
from scraper.capture import Capture, Failure, Hop, Rendering
from scraper.store import Archive, Retention
from tests.web.browser import INJECTIONS, START, Browser, Page
from tests.web.replay.archived import PNG
from tests.web.test_pages import is_sound

STORY = "https://outlet.example/story"
PAGE = b"<!doctype html><title>Flood</title><h1>Flood</h1><p>Water rose.</p>"
COOKIE = (("Set-Cookie", "session=topsecret; Path=/; HttpOnly"), ("X-Api-Key", "topsecret"), ("Content-Encoding", "br"))


def capture(minutes: int, *, body: bytes | None = PAGE, status: int = 200, url: str = STORY) -> Capture:
    moved = Hop(url="https://outlet.example/old", status=301, http_version="HTTP/1.1", headers=(("Location", STORY),))
    kind = ("Content-Type", "text/html; charset=utf-8")
    answer = Hop(url=url, status=status, http_version="HTTP/2", headers=(kind, *COOKIE), peer="192.0.2.7:443")
    sent = (("User-Agent", "scrape"), ("Cookie", "session=topsecret"), ("Authorization", "Basic topsecret"))
    hops = (moved, answer) if minutes == 0 else (answer,)
    return Capture(
        url=hops[0].url,
        fetched_at=START + timedelta(minutes=minutes),
        hops=hops,
        request_headers=sent,
        body=body,
        wire_size=41,
        robots="obeyed",
    )


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A story: redirected; not changed since; failed; gone; and drawn by a browser."""
    path = tmp_path_factory.mktemp("captures") / "captures.db"
    with Archive.open(path, write=True) as archive:
        first = archive.add_capture(capture(0))
        article = Article(
            url=STORY, site="outlet.example", headline="Flood", body="Water rose.", word_count=2, verdict="ok",
            page_type="article", extractor="news-archiver 0.0.9",
        )  # fmt: skip
        archive.add_article(first.id, article)
        archive.add_timestamp(
            archive.head(), authority="https://tsa.example/", stamped_at=START + timedelta(days=1), token=b"t"
        )
        archive.add_capture(capture(10, body=b"", status=304))
        failure = Failure(code="timeout", message="no answer within 20 seconds")
        archive.add_capture(Capture(url=STORY, fetched_at=START + timedelta(minutes=20), failure=failure))
        archive.add_capture(capture(30, body=b"<h1>Gone", status=410))
        drawn = archive.add_capture(capture(40, body=PAGE + b"2"))
        archive.add_rendering(
            drawn.id,
            Rendering(url=STORY, rendered_at=START, browser="Chromium 140", dom=b"<p>drawn", screenshot=PNG),
        )
    return path


@pytest.fixture(scope="module")
def story(told: Path) -> object:
    with Browser(told) as running:
        yield running


def facts(page: Page) -> dict[str, str]:
    """What is said of it, by name."""
    names, values = page.all("dt"), page.all("dd")
    return {name.text: " ".join(value.text.split()) for name, value in zip(names, values, strict=True)}


def test_how_it_came(story: Browser) -> None:
    page = story.page("/capture/1")
    said = facts(page)
    assert said["Captured"] == "2024-07-23 10:15:00 UTC"
    assert said["Address asked for"].startswith("https://outlet.example/old")
    assert said["Redirected by"] == "301 Moved Permanently https://outlet.example/old"
    assert said["Address that answered"].startswith(STORY)
    assert said["Answer of the server"] == "200 OK (HTTP/2)"
    assert said["Media type, as stated"] == "text/html; charset=utf-8"
    assert said["Content encoding, as stated"] == "br"
    assert said["Size"] == f"{len(PAGE)} bytes (41 bytes over the network)"
    assert (said["Connected to"], said["robots.txt"]) == ("192.0.2.7:443", "was asked")
    with Archive.open(story.path) as archive:
        assert said["SHA-256 of the body"] == archive.stored_capture(1).sha256
    assert said["Read by"].startswith("news-archiver 0.0.9, ")
    assert said["Verdict"] == "Article"
    assert page.links("/article/") == ["/article/1?revision=1", "/article/1/history"]
    assert [one.text for one in page.all("h1")] == ["Capture 1: Flood"]


def test_it_is_seen_explained_and_saved(story: Browser) -> None:
    page = story.page("/capture/1")
    for kind in ("", "id_", "sf_", "pr_"):
        address = f"/web/20240723101500{kind}/{STORY}"
        assert address in page.links("/web/")
        assert story.ask(address).status_code == 200
    assert "/capture/1/explain" in page.links()
    assert story.ask(f"/web/20240723101500id_/{STORY}").content == PAGE
    assert story.ask("/archive/captures/1").status_code == 200
    chosen = story.page("/capture/1?lang_ui=uk")
    assert f"/web/20240723101500/{STORY}?lang_ui=uk" in chosen.links("/web/")


def test_no_secret_is_shown(story: Browser) -> None:
    page = story.page("/capture/1")
    assert "topsecret" not in page.source
    assert "session=***; Path=/; HttpOnly" in page.text
    assert "X-Api-Key***" in page.text
    assert "User-Agentscrape" in page.text
    assert "Authorization" not in page.text


def test_when_it_existed_by_and_that_this_proves_no_more(story: Browser) -> None:
    said = facts(story.page("/capture/1"))
    with Archive.open(story.path) as archive:
        chain = archive.about_capture(1).in_chain
    assert chain is not None
    assert said["Head of the chain"] == chain.head
    assert said["Existed by"].startswith("2024-07-24 10:15:00 UTC. An authority signed the head of entry 1 then")
    assert said["Existed by"].endswith("https://tsa.example/")
    page = story.page("/capture/2")
    assert facts(page)["Existed by"].startswith("No authority has stamped a head that covers it")
    assert "It does not show that they are authentic, or true." in page.text


def test_the_captures_before_and_after(story: Browser) -> None:
    first, second = story.page("/capture/1"), story.page("/capture/2")
    assert first.one("a", rel="next").attributes["href"] == "/capture/2"
    assert not first.all("a", rel="prev")
    assert second.one("a", rel="prev").attributes["href"] == "/capture/1"
    assert second.one("a", rel="next").attributes["href"] == "/capture/3"


def test_what_brought_no_page(story: Browser) -> None:
    check = story.page("/capture/2")
    assert "The server said that nothing had changed since an earlier capture: capture 1" in check.text
    assert "/capture/1/explain" in check.links()
    assert "nothing had changed since capture 1" in story.page("/capture/2/explain", 404).text
    failed = story.page("/capture/3")
    assert "This fetch brought nothing. No answer within 20 seconds." in failed.text
    assert not failed.links("/web/")
    assert "Capture 3 brought no page to explain" in story.page("/capture/3/explain", 404).text
    gone = story.page("/capture/4")
    assert "The server answered with an error: 410 Gone." in gone.text
    for page in (check, failed, gone):
        is_sound(page)
    assert "style-src 'self'" in story.page("/capture/99", 404).headers["content-security-policy"]


def test_what_a_browser_drew(story: Browser) -> None:
    page = story.page("/capture/5")
    assert facts(page)["Drawn by a browser"].startswith("2024-07-23 10:15:00 UTC, Chromium 140; it asked for 0 things")
    answer = story.ask("/capture/5/screenshot.png")
    assert (answer.content, answer.headers["content-type"]) == (PNG, "image/png")
    assert answer.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
    assert story.ask("/capture/1/screenshot.png").status_code == 404


def test_a_body_that_was_let_go(tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    with Archive.open(path, write=True) as archive:
        archive.add_capture(capture(0))
        for body in list(archive.removable(Retention(keep=0))):
            archive.remove(body)
    with Browser(path) as browser:
        page = browser.page("/capture/1")
        assert "The body itself is not kept any more." in page.text
        assert not page.links("/web/")
        assert "removed" in browser.page("/capture/1/explain", 404).text.lower()


def test_rows_of_tables_lead_to_it(story: Browser) -> None:
    page = story.page("/archive/captures")
    assert {"/capture/1", "/capture/5"} <= set(page.links("/capture/"))
    assert story.page("/archive/revisions").links("/capture/") == ["/capture/1"]
    assert "/capture/1" in story.page("/article/1").links("/capture/")
    assert "/capture/3" in story.page("/article/1/history").links("/capture/")


def test_no_field_becomes_markup(tmp_path: Path) -> None:
    path = tmp_path / "hostile.db"
    with Archive.open(path, write=True) as archive:
        for number, text in enumerate(INJECTIONS):
            hop = Hop(url=f"https://outlet.example/{number}?{text}", status=299, http_version=text,
                      headers=(("Content-Type", text), (text, text), ("Set-Cookie", text), ("Location", text)),
                      peer=text)  # fmt: skip
            moved = Hop(url=f"https://outlet.example/m{number}?{text}", status=301, headers=((text, text),))
            asked = (("Referer", text), (text, text))
            at = START + timedelta(minutes=number)
            one = Capture(url=moved.url, fetched_at=at, hops=(moved, hop), request_headers=asked, body=PAGE)
            made = archive.add_capture(one)
            article = Article(
                url=hop.url, site="a", headline=text, body="x", word_count=1, verdict="paywall", verdict_reason=text,
                page_type="article", extractor=text,
            )  # fmt: skip
            archive.add_article(made.id, article)
            failure = Failure(code="browser", message=text)
            drawn = Rendering(url=hop.url, rendered_at=at, browser=text, screenshot=b"<svg>", failure=failure)
            archive.add_rendering(made.id, drawn)
            archive.add_timestamp(archive.head(), authority=text, stamped_at=at, token=b"t")
            archive.add_capture(Capture(url=f"https://outlet.example/f{number}", fetched_at=at,
                                        failure=Failure(code="dns", message=text)))  # fmt: skip
    with Browser(path) as browser:
        for number in range(1, 2 * len(INJECTIONS) + 1):
            for language in ("", "?lang_ui=uk"):
                page = browser.page(f"/capture/{number}{language}")
                is_sound(page)
                assert not set(page.source) & set("\x00\x1b\u202e\u202c")
        picture = browser.ask("/capture/1/screenshot.png")
        assert picture.headers["content-type"] == "application/octet-stream"
        assert picture.headers["content-disposition"].startswith("attachment")


def test_what_was_fetched_with_it_is_listed(tmp_path: Path) -> None:
    path = tmp_path / "assets.db"
    with Archive.open(path, write=True) as archive:
        first = archive.add_capture(capture(10)).id
        archive.add_capture(capture(20))
        asked = Capture(url=STORY, fetched_at=START, failure=Failure(code="timeout", message="no answer"))
        answer = Hop(url="", status=200, headers=(("Content-Type", "image/png"),))
        for name in ("a.png", INJECTIONS[0]):
            url = f"https://outlet.example/{name}"
            archive.assets().add(
                first, Capture(url=url, fetched_at=START, hops=(replace(answer, url=url),), body=PNG, wire_size=9)
            )
        archive.assets().add(first, replace(asked, url="https://cdn.example/late.css"))
    with Browser(path) as running:
        page = running.page(f"/capture/{first}")
        assert page.one("h2", id="assets").text == "Pictures, styles and fonts"
        assert "3 were fetched with the page" in page.text
        assert f"https://outlet.example/a.pngimage/png{len(PNG)}200" in page.text
        assert "https://cdn.example/late.cssNo answer." in page.text
        for link in page.links("/archive/assets/"):
            assert running.ask(link).status_code == 200
        assert len(page.links("/archive/assets/")) == 3
        is_sound(running.page(f"/capture/{first}"))
        assert not running.page(f"/capture/{first + 1}").all("h2", id="assets")
