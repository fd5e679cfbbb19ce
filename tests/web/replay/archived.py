"""An archive for tests of replay, and the server over it, asked without a socket."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
from datasette import hookimpl
from datasette.app import Datasette
from datasette.plugins import pm

from scraper.capture import Capture, Failure, Hop
from scraper.store import Archive
from scraper.web.reading import Readers
from scraper.web.replay.routes import Views
from scraper.web.replay.serving import Replay, StoredAssets

HTML = "text/html; charset=utf-8"
PNG = (
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x08\2\0\0\0\x90wS\xde\0\0\0\x0cIDATx\x9cc\xf8\xcf\xc0\0\0\3\1\1\0"
    b"\xc9\xfe\x92\xef\0\0\0\0IEND\xaeB`\x82"
)


def at(text: str) -> datetime:
    """`2024-05-01 10:00:00` in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def capture(
    url: str,
    body: bytes | str | None = b"",
    when: str = "2024-05-01 10:00:00",
    *,
    kind: str | None = HTML,
    status: int = 200,
    asked: str | None = None,
) -> Capture:
    """A page as it was fetched at `url`; `asked` is where a redirect came from."""
    headers = () if kind is None else (("Content-Type", kind),)
    hops = (Hop(url=url, status=status, headers=headers),)
    if asked is not None:
        hops = (Hop(url=asked, status=301, headers=(("Location", url),)), *hops)
    return Capture(
        url=asked or url,
        fetched_at=at(when),
        hops=hops,
        body=body.encode() if isinstance(body, str) else body,
    )


def failed(url: str, when: str) -> Capture:
    return Capture(url=url, fetched_at=at(when), failure=Failure(code="timeout", message="no answer within 20 seconds"))


@dataclass
class Server:
    """Asks the application under test."""

    path: Path
    app: Any
    replay: Replay

    def get(self, path: str, **headers: str) -> httpx.Response:
        return self.all([path], **headers)[0]

    def all(self, paths: list[str], **headers: str) -> list[httpx.Response]:
        named = {name.replace("_", "-"): value for name, value in headers.items()}

        async def ask() -> list[httpx.Response]:
            transport = httpx.ASGITransport(app=self.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8001") as client:
                return [await client.get(path, headers=named) for path in paths]

        return asyncio.run(ask())


class _Plugin:
    __name__ = "replay-under-test"

    def __init__(self, views: Views) -> None:
        self._views = views

    @hookimpl
    def register_routes(self) -> list[tuple[str, Any]]:
        return self._views.routes


async def here(function: Any, *arguments: Any) -> Any:
    """Runs in this process what is otherwise run in a worker."""
    return function(*arguments)


@contextmanager
def serving(path: Path, *, stored_assets: StoredAssets | None = None, call: Any = here) -> Iterator[Server]:
    readers = Readers(path, threads=2)
    replay = Replay(readers.ask, call, **({} if stored_assets is None else {"stored_assets": stored_assets}))
    plugin = _Plugin(Views(replay))
    # Which routes there are is asked once, when the application is made.
    pm.register(plugin, name=plugin.__name__)
    try:
        app = Datasette(files=[], memory=True).app()
    finally:
        pm.unregister(name=plugin.__name__)
    try:
        yield Server(path, app, replay)
    finally:
        replay.close()
        readers.close()


def archive_of(folder: Path, *captures: Capture) -> Path:
    path = folder / "archive.db"
    with Archive.open(path, write=True) as archive, archive.batch():
        for one in captures:
            archive.add_capture(one)
    return path


def links_of(response: httpx.Response) -> Mapping[str, str]:
    """Relation to address, of a header Link."""
    found = {}
    for part in response.headers["link"].split(", <"):
        address, _, rest = part.lstrip("<").partition(">")
        for relation in rest.partition('rel="')[2].partition('"')[0].split():
            found[relation] = address
    return found
