"""A small HTTP server for what hubs send: every request is bounded in size and time, and so is their number.

One request a connection: it stands behind a proxy, or is asked now and then.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import h11

from scraper.errors import UsageError

_CHUNK = 64 * 1024
_LINGER = 1.0
"""Seconds for which what somebody still sends is read after the answer, which would not arrive if it were not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What the server puts up with."""

    head: int = 16 * 1024
    """Bytes of a request's line and headers."""
    body: int = 8 * 1024 * 1024
    """Bytes; hubs send whole feeds, and nothing of them is kept in memory."""
    seconds: float = 20.0
    """For one request, from the connection to the answer."""
    connections: int = 64
    """At the same time."""


@dataclass(frozen=True, slots=True)
class Response:
    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()


class BodyTooLarge(Exception):
    """A request's body has more bytes than `Limits.body`."""


class Request:
    """What somebody asks. Its body comes when it is read, and need not be."""

    def __init__(self, event: h11.Request, body: AsyncIterator[bytes]) -> None:
        self.method = event.method.decode("latin-1")
        target = event.target.decode("latin-1")
        self.path, _, self.query = target.partition("?")
        self.body = body
        """Its bytes as they come. Raises BodyTooLarge."""
        self._headers = event.headers

    def values(self, name: str) -> list[str]:
        """Of every header called `name` (in lower case)."""
        return [value.decode("latin-1") for key, value in self._headers if key == name.encode()]


Handler = Callable[[Request], Awaitable[Response]]


class HookServer:
    """Answers requests with what `handler` makes of them, while it is open; `on_error` is told what that failed with.

    Raises UsageError where it cannot listen.
    """

    def __init__(
        self,
        handler: Handler,
        *,
        host: str,
        port: int,
        limits: Limits | None = None,
        on_error: Callable[[Exception], None] = lambda error: None,
    ) -> None:
        self._handler = handler
        self._host = host
        self._limits = limits or Limits()
        self._on_error = on_error
        self._tasks: set[asyncio.Task[None]] = set()
        self.port = port
        """Where it listens; for 0, the one that the system chose."""

    async def __aenter__(self) -> Self:
        try:
            self._server = await asyncio.start_server(self._connected, self._host, self.port)
        except OSError as error:
            raise UsageError(
                f"Cannot listen on {self._host} port {self.port}",
                why=error.strerror or str(error),
                next_step="choose another port with --bind, or end what listens there",
            ) from None
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - it is what runs this
        self._tasks.add(task)
        try:
            # Whoever hangs up, is too slow, speaks no HTTP to the end, or is one too many is not answered.
            with suppress(OSError, TimeoutError, h11.ProtocolError, asyncio.CancelledError):
                async with asyncio.timeout(self._limits.seconds):
                    if len(self._tasks) <= self._limits.connections:
                        await _Exchange(reader, writer, self._limits).run(self._answer)
        finally:
            self._tasks.discard(task)
            writer.close()
            with suppress(OSError, TimeoutError, asyncio.CancelledError):
                async with asyncio.timeout(_LINGER):
                    await writer.wait_closed()
            writer.transport.abort()

    async def _answer(self, request: Request) -> Response:
        try:
            return await self._handler(request)
        except (BodyTooLarge, OSError, h11.ProtocolError):
            raise
        except Exception as error:  # noqa: BLE001 - what goes wrong with one request ends no other
            self._on_error(error)
            return Response(503, headers=(("Retry-After", "60"),))  # hubs try again


class _Exchange:
    """One request and its answer."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, limits: Limits) -> None:
        self._reader = reader
        self._writer = writer
        self._limits = limits
        self._http = h11.Connection(h11.SERVER, max_incomplete_event_size=limits.head)
        self._wants_body = True

    async def run(self, handler: Handler) -> None:
        try:
            event = await self._next()
            if not isinstance(event, h11.Request):
                return
            self._wants_body = event.method != b"HEAD"
            response = await handler(Request(event, self._body()))
        except BodyTooLarge:
            response = Response(413)
        except h11.RemoteProtocolError as error:
            response = Response(error.error_status_hint)
        await self._send(response)
        if self._http.their_state is h11.SEND_BODY:
            await self._let_finish()

    async def _send(self, response: Response) -> None:
        headers = [*response.headers, ("Content-Length", str(len(response.body))), ("Connection", "close")]
        sent = self._http.send(h11.Response(status_code=response.status, headers=headers, reason=b"")) or b""
        if response.body and self._wants_body:
            sent += self._http.send(h11.Data(data=response.body)) or b""
        sent += self._http.send(h11.EndOfMessage()) or b""
        self._writer.write(sent)
        await self._writer.drain()

    async def _body(self) -> AsyncIterator[bytes]:
        size = 0
        while not isinstance(event := await self._next(), h11.EndOfMessage):
            if not isinstance(event, h11.Data):
                raise ConnectionResetError  # it hung up in the middle
            size += len(event.data)
            if size > self._limits.body:
                raise BodyTooLarge
            yield bytes(event.data)

    async def _next(self) -> h11.Event | type[h11.PAUSED]:
        while True:
            event = self._http.next_event()
            if event is not h11.NEED_DATA:
                return event  # type: ignore[return-value]  # h11 types its sentinels as classes
            if self._http.they_are_waiting_for_100_continue:
                self._writer.write(self._http.send(h11.InformationalResponse(status_code=100, headers=[])) or b"")
            self._http.receive_data(await self._reader.read(_CHUNK))

    async def _let_finish(self) -> None:
        if self._writer.can_write_eof():
            self._writer.write_eof()
        with suppress(TimeoutError):
            async with asyncio.timeout(_LINGER):
                while await self._reader.read(_CHUNK):
                    pass
