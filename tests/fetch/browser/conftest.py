"""A browser, and a way to have it draw a page that no server needs to have sent."""

from __future__ import annotations

import asyncio
import importlib.util
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import pytest

from scraper.capture import Capture, Hop, Rendering
from scraper.fetch import Fetcher
from scraper.fetch.browser import Browser
from scraper.settings import FetchSettings
from tests.http_server import HttpServer

SETTINGS = FetchSettings(allow_private=True, timeout=25.0, render="always")
Look = Callable[[Fetcher, Browser], Any]


def page(body: str, *, url: str = "http://news.example/story", headers: tuple[tuple[str, str], ...] = ()) -> Capture:
    """A page as it was fetched."""
    return Capture(
        url=url,
        fetched_at=datetime(2026, 5, 1, tzinfo=UTC),
        hops=(Hop(url=url, status=200, headers=(("Content-Type", "text/html; charset=utf-8"), *headers)),),
        body=body.encode(),
    )


@dataclass
class Artist:
    """Has pages drawn; `server` answers what they ask for under any host name."""

    server: HttpServer

    def __call__(self, *bodies: str | Capture, settings: dict[str, Any] | None = None, first: str = "") -> Rendering:
        """The rendering of the last of `bodies`, drawn one after the other. `first` is a URL fetched before them."""
        return self.all(*bodies, settings=settings, first=first)[-1]

    def all(self, *bodies: str | Capture, settings: dict[str, Any] | None = None, first: str = "") -> list[Rendering]:
        async def resolve(host: str, port: int) -> list[tuple[str, int]]:
            return [("127.0.0.1", self.server.port)]

        async def draw() -> list[Rendering]:
            chosen = replace(SETTINGS, **(settings or {}))
            async with Fetcher(chosen, resolver=resolve) as fetcher:
                if first:
                    await fetcher.fetch(first)
                browser = Browser(fetcher, chosen)
                try:
                    return [await browser.render(one if isinstance(one, Capture) else page(one)) for one in bodies]
                finally:
                    await browser.aclose()

        return asyncio.run(draw())


@pytest.fixture
def server() -> Iterator[HttpServer]:
    with HttpServer() as running:
        yield running


@pytest.fixture
def draw(server: HttpServer) -> Iterator[Artist]:
    """Draws pages. Afterwards no process and no file of a browser may be left."""
    before = browsers()
    yield Artist(server)
    assert browsers() <= before


def browsers() -> set[int]:
    """Ids of the browser processes and drivers that this process started."""
    if importlib.util.find_spec("psutil") is None:
        return set()
    import psutil

    found = set()
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):
            if process.status() != psutil.STATUS_ZOMBIE and any(
                sign in " ".join(process.cmdline()) for sign in ("--scrape-run=", "run-driver", "--type=renderer")
            ):
                found.add(process.pid)
    return found


class UdpEar:
    """A UDP socket on this machine that hears what is sent to it."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self.heard: list[bytes] = []
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _listen(self) -> None:
        while (received := self._socket.recv(2000)) != b"enough":
            self.heard.append(received)

    def close(self) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as end:
            end.sendto(b"enough", ("127.0.0.1", self.port))
        self._thread.join(5)
        self._socket.close()


@pytest.fixture
def udp() -> Iterator[UdpEar]:
    ear = UdpEar()
    yield ear
    ear.close()
