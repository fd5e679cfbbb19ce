"""The servers of the simulated web: one process, one port of 127.0.0.1, as many hosts as the world has.

with SimulatedWeb(World(), SimulatedClock(start=EPOCH)) as web:
    ... a crawler that connects to 127.0.0.1:web.port, whatever the host ...
    web.watch(delay=0.1).violations()
"""

from __future__ import annotations

import asyncio
import socket
import struct
import threading
from collections.abc import Callable
from dataclasses import replace
from email.utils import formatdate
from http import HTTPStatus
from pathlib import Path
from typing import Self, TextIO

from benchmarks.simulated_web.answers import Answer, Web
from benchmarks.simulated_web.clock import SimulatedClock
from benchmarks.simulated_web.watch import Entry, Watch, as_line
from benchmarks.simulated_web.world import World

BURST, RATE = 20, 5.0
"""Requests at once, and requests a second in the long run, beyond which a host with a limit of its own refuses more."""
RETRY_AFTER = 1
_LONGEST_HEAD = 64 * 1024


class SimulatedWeb:
    """All servers, in a thread of their own from `start` to `stop`. `port` is known from then on.

    `log` is a file that each request is appended to, as a line of JSON; `slowness` scales how long slow hosts take.
    """

    def __init__(
        self,
        world: World,
        clock: SimulatedClock,
        *,
        port: int = 0,
        log: Path | None = None,
        slowness: float = 1.0,
    ) -> None:
        self.world = world
        self.clock = clock
        self.port = port
        self.entries: list[Entry] = []
        self._web = Web(world, slowness=slowness)
        self._log = log
        self._file: TextIO | None = None
        self._answered: dict[str, float] = {}
        self._left: dict[str, tuple[float, float]] = {}
        """For hosts with a limit: requests that they would still answer, and as of when."""
        self._connections = 0
        self._thread: threading.Thread | None = None

    def watch(self, *, delay: float = 0.0, follows_at_once: bool = False) -> Watch:
        """What was seen until now."""
        return Watch(self.world, self.entries, delay=delay, follows_at_once=follows_at_once)

    @property
    def connect_to(self) -> str:
        """For `--connect-to`: every host leads here."""
        return f"::127.0.0.1:{self.port}"

    # Its life

    def start(self) -> None:
        started = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self.serve(started.set)), daemon=True)
        self._thread.start()
        if not started.wait(30):
            raise RuntimeError("the simulated web did not start")

    def stop(self) -> None:
        if self._thread is not None:
            self._loop.call_soon_threadsafe(self.end)
            self._thread.join(30)
            self._thread = None

    def end(self) -> None:
        """Have `serve` return; to be called in its event loop."""
        self._stopped.set()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    async def serve(self, on_start: Callable[[], None]) -> None:
        """Serve until `stop`, or until the task is cancelled. `on_start` is called when `port` is known."""
        self._loop = asyncio.get_running_loop()
        self._stopped = asyncio.Event()
        # Line by line, so that a log is whole whoever is killed.
        self._file = self._log.open("a", encoding="utf-8", buffering=1) if self._log else None
        connections: set[_Connection] = set()
        server = await self._loop.create_server(lambda: _Connection(self, connections), "127.0.0.1", self.port)
        try:
            self.port = server.sockets[0].getsockname()[1]
            on_start()
            await self._stopped.wait()
        finally:
            server.close()
            for connection in list(connections):
                connection.hang_up()
            await asyncio.sleep(0)
            if self._file is not None:
                self._file.close()

    # What connections ask of it

    def new_connection(self) -> int:
        self._connections += 1
        return self._connections

    def answer(self, method: str, host: str, target: str, headers: dict[str, str], arrived: float) -> Answer:
        if method not in ("GET", "HEAD"):
            return Answer(405, b"", (("Allow", "GET, HEAD"),))
        if target != "/robots.txt" and self._is_too_much(host, arrived):
            return Answer(429, b"Slow down.\n", (("Retry-After", str(RETRY_AFTER)), ("Content-Type", "text/plain")))
        return self._web.answer(host, target, self.clock.now(), headers)

    def _is_too_much(self, host: str, arrived: float) -> bool:
        """Whether a host refuses: one that names a Crawl-delay when that is hardly kept, another after a burst."""
        outlet = self.world.by_host.get(host)
        if outlet is None or outlet.profile.trouble != "limited":
            least = outlet.profile.crawl_delay / 2 if outlet else 0.0
            return arrived - self._answered.get(host, 0.0) < least
        left, at = self._left.get(host, (float(BURST), arrived))
        left = min(float(BURST), left + (arrived - at) * RATE)
        self._left[host] = (max(0.0, left - 1), arrived)
        return left < 1

    def note(self, entry: Entry) -> None:
        self._answered[entry.host] = entry.ended
        self.entries.append(entry)
        if self._file is not None:
            self._file.write(as_line(entry))


class _Connection(asyncio.Protocol):
    """One connection: as many requests as the client likes, one after the other."""

    def __init__(self, web: SimulatedWeb, connections: set[_Connection]) -> None:
        self._web = web
        self._all = connections
        self._received = b""
        self._under_way: tuple[Entry, Answer] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._number = web.new_connection()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - what a server gives
        self._transport = transport
        self._all.add(self)

    def connection_lost(self, error: Exception | None) -> None:
        self._all.discard(self)
        if self._timer is not None:
            self._timer.cancel()
        # Who hangs up on a slow host has asked it all the same.
        if self._under_way is not None:
            self._note(self._under_way[0], mishap="hung_up")

    def hang_up(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def data_received(self, data: bytes) -> None:
        self._received += data
        if len(self._received) > _LONGEST_HEAD:
            self.hang_up()
        elif self._under_way is None:
            self._next()

    def _next(self) -> None:
        """Answer the request that has come in whole, if one has."""
        end = self._received.find(b"\r\n\r\n")
        if end < 0 or self._transport is None or self._transport.is_closing():
            return
        arrived = self._web.clock.time()
        lines = self._received[:end].decode("latin-1").split("\r\n")
        headers = {name.strip().lower(): text.strip() for name, _, text in (line.partition(":") for line in lines[1:])}
        length = headers.get("content-length", "0")
        rest = self._received[end + 4 :]
        if not length.isdigit() or len(lines[0].split(" ")) != 3:
            self.hang_up()
            return
        if len(rest) < int(length):
            return  # the body is yet to come
        self._received = rest[int(length) :]
        method, target, _ = lines[0].split(" ")
        host = headers.get("host", "").partition(":")[0].lower()
        answer = self._web.answer(method, host, target, headers, arrived)
        retry_after = answer.header("retry-after")
        entry = Entry(
            host=host,
            method=method,
            target=target,
            arrived=arrived,
            ended=arrived,
            status=answer.status,
            agent=headers.get("user-agent", ""),
            condition=headers.get("if-none-match") or headers.get("if-modified-since", ""),
            retry_after=float(retry_after) if retry_after else None,
            location=answer.header("location") or "",
            size=len(answer.body),
            mishap=answer.mishap or "",
            connection=self._number,
        )
        self._under_way = (entry, answer)
        keeps = headers.get("connection", "").lower() != "close"
        if answer.slow:
            self._timer = asyncio.get_running_loop().call_later(answer.slow, self._send, keeps)
        else:
            self._send(keeps)

    def _send(self, keeps: bool) -> None:
        if self._under_way is None or self._transport is None:
            return
        entry, answer = self._under_way
        body = b"" if entry.method == "HEAD" else answer.body
        head = _head(answer, self._web.clock.time(), keeps=keeps)
        self._under_way = None
        # Taken down before it is sent: whoever asks again at once was not too early by what this machine had to do.
        self._note(entry)
        match answer.mishap:
            case "reset":
                self._transport.write(head + body[: len(body) // 2])
                _reset_on_close(self._transport)
                self._transport.abort()
            case "truncated":
                self._transport.write(head + body[: len(body) // 2])
                self._transport.close()
            case _:
                self._transport.write(head + body)
                if keeps:
                    self._next()
                else:
                    self._transport.close()

    def _note(self, entry: Entry, *, mishap: str = "") -> None:
        self._under_way = None
        self._web.note(replace(entry, ended=self._web.clock.time(), mishap=mishap or entry.mishap))


def _head(answer: Answer, now: float, *, keeps: bool) -> bytes:
    status = HTTPStatus(answer.status)
    lines = [f"HTTP/1.1 {status.value} {status.phrase}", f"Date: {formatdate(now, usegmt=True)}"]
    lines += [f"{name}: {value}" for name, value in answer.headers]
    if answer.status != 304:
        lines.append(f"Content-Length: {len(answer.body)}")
    if not keeps:
        lines.append("Connection: close")
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def _reset_on_close(transport: asyncio.Transport) -> None:
    """Have the kernel end the connection with RST, as a server that died does."""
    found = transport.get_extra_info("socket")
    if found is not None:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
