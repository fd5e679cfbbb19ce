"""A browser as far as tests need one: it asks the application in this process, and reads what it is shown."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from types import TracebackType
from typing import Any

import httpx

from scraper.article import Article, Link, Provenance
from scraper.capture import Capture, Hop
from scraper.store import Archive

START = datetime(2024, 7, 23, 10, 15, tzinfo=UTC)
VOID = frozenset("area base br col embed hr img input link meta source wbr".split())


@dataclass
class Element:
    tag: str
    attributes: dict[str, str]
    text: str = ""


@dataclass
class Page:
    """An answer that is HTML, in elements."""

    status: int
    headers: httpx.Headers
    source: str
    elements: list[Element] = field(default_factory=list)

    def all(self, tag: str, **attributes: str) -> list[Element]:
        return [
            one
            for one in self.elements
            if one.tag == tag
            and all(one.attributes.get(name.strip("_")) == value for name, value in attributes.items())
        ]

    def one(self, tag: str, **attributes: str) -> Element:
        [found] = self.all(tag, **attributes)
        return found

    def links(self, begin: str = "/") -> list[str]:
        found = [one.attributes.get("href", "") for one in self.all("a")]
        return [address for address in found if address.startswith(begin)]

    @property
    def text(self) -> str:
        """What `body` says, in one line."""
        return " ".join(self.one("body").text.split())


class _Reader(HTMLParser):
    def __init__(self, page: Page) -> None:
        super().__init__(convert_charrefs=True)
        self._page = page
        self._open: list[Element] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        self._page.elements.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        while self._open:
            if self._open.pop().tag == tag:
                return

    def handle_data(self, data: str) -> None:
        for element in self._open:
            element.text += data


class Browser:
    """Asks the web interface over the archive at `path`."""

    def __init__(self, path: Path, **settings: Any) -> None:
        from scraper.web.server import web

        self.path = path
        self.web = web(path, **settings)
        self._loop = asyncio.new_event_loop()
        transport = httpx.ASGITransport(self.web.app)  # type: ignore[arg-type]
        self._client = httpx.AsyncClient(transport=transport, base_url="http://localhost:8001")

    def __enter__(self) -> Browser:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._loop.run_until_complete(self._client.aclose())
        self.web.close()
        self._loop.run_until_complete(self._loop.shutdown_default_executor())
        self._loop.close()

    def ask(self, path: str, *, method: str = "GET", **headers: str) -> httpx.Response:
        """An answer, whatever it is; redirects are not followed."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self._loop.run_until_complete(self._client.request(method, path, headers=named))

    def page(self, path: str, status: int = 200, **headers: str) -> Page:
        answer = self.ask(path, **headers)
        assert answer.status_code == status, answer.text
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        page = Page(answer.status_code, answer.headers, answer.text)
        reader = _Reader(page)
        reader.feed(answer.text)
        reader.close()
        return page


def store(archive: Archive, url: str, *, minutes: int = 0, **fields: Any) -> int:
    """A capture of `url` and the article it shows; the number of its page."""
    hop = Hop(url=url, status=200, headers=(("content-type", "text/html"),))
    content = f"<html>{url} {minutes}</html>".encode()
    capture = Capture(url=url, fetched_at=START + timedelta(minutes=minutes), hops=(hop,), body=content)
    given: dict[str, Any] = {
        "url": url,
        "site": "outlet.example",
        "headline": "Flood",
        "body": "Water rose.\n\nIt fell.",
        "published_at": "2024-07-23",
        "language": "en",
        "word_count": 4,
        "page_type": "article",
        "verdict": "ok",
        "extractor": "test 1",
        **fields,
    }
    reference = archive.add_capture(capture)
    archive.add_article(reference.id, Article(**given))
    return archive.page(url).id


INJECTIONS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</title><svg/onload=alert(1)>",
    "{{ 7 * 7 }}{% include 'layout.html' %}",
    "</textarea></select></pre><iframe src=//evil.example></iframe>",
    "javascript:alert(1)",
    "\u202eelpmaxe\u202c \x00\x1b[31m",
)


def hostile_archive(path: Path) -> None:
    """Stories of which every field is an attempt to become markup; one of them edited; and some in other scripts."""
    with Archive.open(path, write=True) as archive:
        for number, text in enumerate(INJECTIONS):
            fields: dict[str, Any] = {
                "site": text,
                "headline": f"{text} {number}",
                "authors": (text, "Ann <b>Bold</b>"),
                "lead": text,
                "section": text,
                "tags": (text, "a&b"),
                "image": "javascript:alert(1)//",
                "language": 'en"><script>alert(1)</script>',
                "canonical_url": "data:text/html,<script>alert(1)</script>",
                "body": f"{text}\n\nSecond.",
                "body_html": f"<p>{text}</p><p onclick='alert(1)'><a href='javascript:alert(1)'>go</a>"
                f"<a href='https://elsewhere.example/?a=1&b={number}'>out</a></p><script>alert(1)</script>"
                "<h2><em>head</em></h2><table><tr><th>a</th><td>b</td></tr></table><blockquote><p>said</p></blockquote>"
                "<ul><li>one</li></ul><figure><img src='https://elsewhere.example/p.jpg' alt='\"><script>'>"
                "<figcaption>cap</figcaption></figure><pre><script>x</script></pre>",
                "links": (
                    Link("javascript:alert(1)", text, "inline"),
                    Link("https://elsewhere.example/<script>", text, "related"),
                ),
                "provenance": {"headline": Provenance(source=text, confidence=0.5, selector=text, reason=text)},
            }
            url = f"https://outlet.example/{number}"
            store(archive, url, minutes=10 * number, **fields)
            store(archive, url, minutes=10 * number + 5, **{**fields, "headline": f"{number} {text}", "body": text * 2})
        store(archive, "https://outlet.example/he", minutes=200, headline="כותרת", body="שלום עולם", language="he")
        store(archive, "https://outlet.example/zh", minutes=201, headline="洪水", body="水位上涨。", language="zh-Hans")
        store(archive, "https://outlet.example/wall", minutes=202, verdict="consent", body=None, headline=None)
