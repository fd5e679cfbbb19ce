"""A web server for tests, on 127.0.0.1, in a thread of its own, that also does what no server should.

    with HttpServer() as server:
        server.page("/story", "<h1>News</h1>")
        server.redirect("/old", "/story")
        server.script("/drip", drip(head(), [b"x"] * 100, pause=0.05))
        ... fetch server.url("/story") ...
        assert server.requests[0].path == "/story"

Answers are set before or while it runs. A script writes the bytes of its answer itself; the connection closes after it.
"""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import urlsplit

import h2.config
import h2.connection
import h2.events

Script = Callable[["Request", asyncio.StreamWriter], Awaitable[None]]
Pairs = Iterable[tuple[str, str]]


@dataclass(frozen=True)
class Request:
    """One request as it arrived. `connection` counts the server's connections from 1."""

    method: str
    target: str
    http_version: str
    headers: tuple[tuple[str, str], ...]
    connection: int
    body: bytes = b""

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    def header(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)


@dataclass(frozen=True)
class Reply:
    """A well-behaved answer; Content-Length is added to it."""

    body: bytes = b""
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()

    def to_bytes(self) -> bytes:
        length = () if self.status in (204, 304) else (("Content-Length", str(len(self.body))),)
        return head(self.status, (*self.headers, *length)) + self.body


def head(status: int = 200, headers: Pairs = (("Content-Type", "text/html"),)) -> bytes:
    """The status line and headers of an answer."""
    lines = [f"HTTP/1.1 {status} Whatever", *(f"{name}: {value}" for name, value in headers), "", ""]
    return "\r\n".join(lines).encode("latin-1")


def raw(*chunks: bytes, reset: bool = False) -> Script:
    """Send exactly these bytes, then close; with `reset` the hard way."""

    async def script(_: Request, writer: asyncio.StreamWriter) -> None:
        for chunk in chunks:
            writer.write(chunk)
            await writer.drain()
        if reset:
            writer.transport.abort()

    return script


def drip(first: bytes, then: Iterable[bytes] | bytes, *, pause: float) -> Script:
    """Send `first`, then each of `then` (the same bytes for ever when it is bytes) after a pause of `pause` seconds."""

    async def script(_: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(first)
        for chunk in iter(lambda: then, None) if isinstance(then, bytes) else then:
            await writer.drain()
            await asyncio.sleep(pause)
            writer.write(chunk)
        await writer.drain()

    return script


def stall(first: bytes = b"") -> Script:
    """Send `first` and then nothing for ever."""

    async def script(_: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(first)
        await asyncio.Event().wait()

    return script


@dataclass
class HttpServer:
    """Start with `with` or `start()`; `port` is known from then on. With `tls` it speaks https, and HTTP/2 if asked.

    `mute` accepts connections and never says a word, not even in TLS. One with a `greeting`
    sends these bytes, whatever the client says first, and hangs up; one with both says nothing more.
    """

    tls: ssl.SSLContext | None = None
    http2: bool = True
    mute: bool = False
    greeting: bytes | None = None
    address: str = "127.0.0.1"
    port: int = 0
    requests: list[Request] = field(default_factory=list)
    connections: int = 0
    _answers: dict[str, Reply | Script] = field(default_factory=dict)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    # What it answers

    def page(
        self, path: str, body: str | bytes, *, status: int = 200, headers: Pairs = (), type: str = "text/html"
    ) -> None:
        encoded = body.encode() if isinstance(body, str) else body
        self._answers[path] = Reply(encoded, status, (("Content-Type", type), *headers))

    def redirect(self, path: str, location: str, *, status: int = 302, headers: Pairs = (), body: bytes = b"") -> None:
        self._answers[path] = Reply(body, status, (("Location", location), *headers))

    def script(self, path: str, script: Script) -> None:
        self._answers[path] = script

    def url(self, path: str = "/", *, host: str = "127.0.0.1") -> str:
        return f"{'https' if self.tls else 'http'}://{host}:{self.port}{path}"

    def seen(self, path: str) -> list[Request]:
        """The requests for `path`, in the order they came."""
        return [request for request in self.requests if request.path == path]

    @property
    def pages_asked(self) -> list[Request]:
        """All requests but those for robots.txt, which every run begins with."""
        return [request for request in self.requests if request.path != "/robots.txt"]

    # Its life

    def start(self) -> None:
        started = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve(started)), daemon=True)
        self._thread.start()
        assert started.wait(10), "the test server did not start"

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._stopped.set)
        self._thread.join(10)
        assert not self._thread.is_alive(), "the test server did not stop"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    async def _serve(self, started: threading.Event) -> None:
        self._loop = asyncio.get_running_loop()
        self._stopped = asyncio.Event()
        if self.tls and not self.mute:
            self.tls.set_alpn_protocols(["h2", "http/1.1"] if self.http2 else ["http/1.1"])
            options = {"ssl": self.tls, "ssl_handshake_timeout": 5.0, "ssl_shutdown_timeout": 0.2}
        else:
            options = {}
        server = await asyncio.start_server(self._connected, self.address, self.port, **options)  # type: ignore[arg-type]
        self.port = server.sockets[0].getsockname()[1]
        started.set()
        await self._stopped.wait()
        server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.connections += 1
        try:
            # A client that hangs up, at whatever moment, is part of most tests.
            with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
                if self.greeting is not None:
                    await reader.read(65536)
                    writer.write(self.greeting)
                    await writer.drain()
                    if not self.mute:
                        return
                if self.mute:
                    await asyncio.Event().wait()
                tls = writer.get_extra_info("ssl_object")
                speak = self._http2 if tls and tls.selected_alpn_protocol() == "h2" else self._http1
                await speak(reader, writer, self.connections)
        finally:
            self._tasks.discard(task)
            writer.close()
            with suppress(OSError, asyncio.CancelledError, TimeoutError):
                async with asyncio.timeout(0.5):
                    await writer.wait_closed()
            writer.transport.abort()

    def _answer(self, request: Request) -> Reply | Script:
        self.requests.append(request)
        not_found = Reply(b"<h1>Not found</h1>", 404, (("Content-Type", "text/html"),))
        return self._answers.get(request.target) or self._answers.get(request.path) or not_found

    async def _http1(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, connection: int) -> None:
        while True:
            lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")[:-2]
            method, target, version = lines[0].split(" ")
            headers = tuple((name, value.strip()) for name, _, value in (line.partition(":") for line in lines[1:]))
            length = next((int(value) for name, value in headers if name.lower() == "content-length"), 0)
            body = await reader.readexactly(length)
            answer = self._answer(Request(method, target, version, headers, connection, body))
            if not isinstance(answer, Reply):
                await answer(self.requests[-1], writer)
                return
            writer.write(answer.to_bytes())
            await writer.drain()

    async def _http2(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, connection: int) -> None:
        """As much of HTTP/2 as pages of up to 64 KiB need; a script closes the connection with what it wrote."""
        peer = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False))
        peer.initiate_connection()
        writer.write(peer.data_to_send())
        while received := await reader.read(65536):
            for event in peer.receive_data(received):
                if isinstance(event, h2.events.RequestReceived):
                    fields = tuple((name.decode(), value.decode("latin-1")) for name, value in event.headers)
                    pseudo = dict(fields)
                    request = Request(pseudo[":method"], pseudo[":path"], "HTTP/2", fields, connection)
                    answer = self._answer(request)
                    if not isinstance(answer, Reply):
                        await answer(request, writer)
                        return
                    said = [(name.lower(), value) for name, value in answer.headers]
                    peer.send_headers(event.stream_id, [(":status", str(answer.status)), *said])
                    peer.send_data(event.stream_id, answer.body, end_stream=True)
            writer.write(peer.data_to_send())
            await writer.drain()
