from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

import scraper
from scraper.article import Article
from scraper.capture import Capture, Failure, Hop
from scraper.store import Archive, Stored

START = datetime(2024, 7, 23, 10, 15, tzinfo=UTC)
URL = "https://example.com/story"


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.time = START

    def __call__(self) -> datetime:
        return self.time


class Builder:
    """Captures and articles with sensible fields, and their storing in one step."""

    url = URL
    start = START

    def __init__(self) -> None:
        self._minutes = 0

    def capture(
        self, url: str = URL, *, body: bytes | None = None, status: int = 200, via: tuple[str, ...] = (), **more: Any
    ) -> Capture:
        """A fetch of `url` that led over the redirects `via` (their targets) and brought `body`."""
        self._minutes += 1
        addresses = (url, *via)
        before = tuple(
            Hop(url=a, status=301, http_version="HTTP/1.1", headers=(("location", b),), peer="192.0.2.1:443")
            for a, b in pairwise(addresses)
        )
        answer = Hop(
            url=addresses[-1],
            status=status,
            http_version="HTTP/2",
            headers=(("Content-Type", "text/html; charset=utf-8"), ("X-A", "1"), ("x-a", "é")),
            peer="[2001:db8::1]:443",
        )
        values: dict[str, Any] = {
            "url": url,
            "fetched_at": START + timedelta(minutes=self._minutes),
            "hops": (*before, answer),
            "body": b"<html>%d</html>" % self._minutes if body is None else body,
            "wire_size": 11,
        }
        return Capture(**{**values, **more})

    def failed(self, url: str = URL, code: str = "dns") -> Capture:
        self._minutes += 1
        return Capture(
            url=url,
            fetched_at=START + timedelta(minutes=self._minutes),
            failure=Failure(code=code, message="no such host"),
        )

    def article(self, body: str | None = "Water rose.\n\nIt fell.", **more: Any) -> Article:
        values: dict[str, Any] = {
            "url": URL,
            "site": "example.com",
            "headline": "Flood",
            "authors": ("Ada Bell",),
            "published_at": "2024-07-22T09:00:00+03:00",
            "language": "en",
            "word_count": len((body or "").split()),
            "page_type": "article",
            "verdict": "ok",
            "extractor": "test 1",
        }
        return Article(body=body, body_html=body and f"<p>{body}</p>", **{**values, **more})

    def store(self, archive: Archive, article: Article, **capture: Any) -> Stored:
        return archive.add_article(archive.add_capture(self.capture(**capture)).id, article)


@pytest.fixture
def make() -> Builder:
    return Builder()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "archive.db"


@pytest.fixture
def archive(path: Path, clock: Clock) -> Iterator[Archive]:
    with Archive.open(path, write=True, clock=clock) as opened:
        yield opened


@pytest.fixture(scope="session")
def python() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start another Python process that can import the package; `code` gets `arguments` as sys.argv[1:]."""
    started: list[subprocess.Popen[str]] = []

    def start(code: str, *arguments: object) -> subprocess.Popen[str]:
        root = str(Path(scraper.__file__).parent.parent)
        process = subprocess.Popen(
            [sys.executable, "-W", "error", "-c", code, *map(str, arguments)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": root},
        )
        started.append(process)
        return process

    yield start
    # Only those that a failed test left behind are still there.
    for process in started:
        process.kill()
        process.wait()
        process.stdout.close()
        process.stderr.close()
