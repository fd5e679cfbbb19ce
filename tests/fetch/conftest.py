"""A server, and a way to fetch from it under any host name: every name resolves to it."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from scraper.capture import Capture
from scraper.fetch import Fetcher, Resolver
from scraper.settings import FetchSettings
from tests.http_server import HttpServer

TEST_SETTINGS = FetchSettings(allow_private=True, timeout=5.0)


@dataclass
class Visitor:
    """Fetches from `server`, whatever host name a URL holds."""

    server: HttpServer
    ssl_context: ssl.SSLContext | None = None

    def __call__(
        self, url: str, *, resolver: Resolver | None = None, settings: dict[str, Any] | None = None, **options: Any
    ) -> Capture:
        return self.all([url], resolver=resolver, settings=settings, **options)[0]

    def all(
        self,
        urls: list[str],
        *,
        resolver: Resolver | None = None,
        settings: dict[str, Any] | None = None,
        **options: Any,
    ) -> list[Capture]:
        """One after the other, with one Fetcher. `settings` replace those of TEST_SETTINGS, `options` go to `fetch`."""

        async def resolve(host: str, port: int) -> list[tuple[str, int]]:
            return [("127.0.0.1", self.server.port)]

        async def fetch_all() -> list[Capture]:
            chosen = replace(TEST_SETTINGS, **(settings or {}))
            async with Fetcher(chosen, resolver=resolver or resolve, ssl_context=self.ssl_context) as fetcher:
                return [await fetcher.fetch(url, **options) for url in urls]

        return asyncio.run(fetch_all())


@pytest.fixture
def server() -> Iterator[HttpServer]:
    with HttpServer() as running:
        yield running


@pytest.fixture
def visit(server: HttpServer) -> Visitor:
    return Visitor(server)
