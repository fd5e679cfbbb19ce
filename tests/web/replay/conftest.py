"""A server on a port of 127.0.0.1 and a browser that reaches nothing else."""

from __future__ import annotations

import importlib.util
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from scraper.fetch.browser import find_program
from scraper.settings import FetchSettings

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext

_FLAGS = (
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-pings",
)


@dataclass
class Port:
    """An application on a port, and what it was asked for."""

    app: Any
    url: str = ""
    asked: list[str] = field(default_factory=list)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            query = scope["query_string"].decode("latin-1")
            self.asked.append(scope["raw_path"].decode("latin-1") + (f"?{query}" if query else ""))
        await self.app(scope, receive, send)


@contextmanager
def on_a_port(app: Any) -> Iterator[Port]:
    """Serve `app` from a thread until the block ends."""
    import uvicorn

    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(64)
    port = Port(app, f"http://127.0.0.1:{listener.getsockname()[1]}")
    server = uvicorn.Server(uvicorn.Config(port, lifespan="off", ws="none", log_level="error", access_log=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        yield port
    finally:
        server.should_exit = True
        thread.join(10)
        listener.close()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    # Of one module: while it lives, nothing else in this process can run a loop.
    if importlib.util.find_spec("playwright") is None:
        pytest.skip("needs the extra browser")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_program(FetchSettings()), args=list(_FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def window(chromium: Browser) -> Iterator[BrowserContext]:
    context = chromium.new_context(service_workers="block")
    yield context
    context.close()
