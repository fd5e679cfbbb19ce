"""Proxies for tests, on 127.0.0.1: HTTP (absolute addresses and CONNECT) and SOCKS5. Every name leads to one server."""

from __future__ import annotations

import asyncio
import base64
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Self


@dataclass
class ProxyServer:
    """Sends whatever is asked for to `to_port` on this machine. `asked` holds what it was asked to connect to."""

    kind: str
    to_port: int
    credentials: tuple[str, str] | None = None
    port: int = 0
    asked: list[str] = field(default_factory=list)
    bytes_seen: bytes = b""

    def __enter__(self) -> Self:
        self._loop = asyncio.new_event_loop()
        started = threading.Event()

        async def serve() -> None:
            self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
            self.port = self._server.sockets[0].getsockname()[1]
            started.set()

        def run() -> None:
            asyncio.set_event_loop(self._loop)
            self._loop.run_until_complete(serve())
            self._loop.run_forever()

        self._thread = threading.Thread(target=run, daemon=True)
        self._thread.start()
        started.wait(5)
        return self

    def __exit__(self, *_: object) -> None:
        async def end() -> None:
            self._server.close()
            others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)

        asyncio.run_coroutine_threadsafe(end(), self._loop).result(5)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    @property
    def url(self) -> str:
        name = f"{self.credentials[0]}:{self.credentials[1]}@" if self.credentials else ""
        return f"{self.kind}://{name}127.0.0.1:{self.port}"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with suppress(OSError, asyncio.IncompleteReadError):
                first = await (self._http(reader, writer) if self.kind == "http" else self._socks(reader, writer))
                if first is not None:
                    await self._pass_on(first, reader, writer)
        finally:
            writer.close()

    async def _http(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes | None:
        head = await reader.readuntil(b"\r\n\r\n")
        self.bytes_seen += head
        method, target, _ = head.split(b" ", 2)
        self.asked.append(target.decode())
        if self.credentials and base64.b64encode(":".join(self.credentials).encode()) not in head:
            writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
            return None
        if method == b"CONNECT":
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            return b""
        lines = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"proxy-")]
        return b"\r\n".join(lines).replace(target, b"/" + target.split(b"/", 3)[3], 1)

    async def _socks(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes | None:
        _, count = await reader.readexactly(2)
        await reader.readexactly(count)
        writer.write(b"\x05\x02" if self.credentials else b"\x05\x00")
        if self.credentials:
            user = await reader.readexactly((await reader.readexactly(2))[1])
            password = await reader.readexactly((await reader.readexactly(1))[0])
            is_right = (user.decode(), password.decode()) == self.credentials
            writer.write(b"\x01\x00" if is_right else b"\x01\x01")
            if not is_right:
                return None
        kind = (await reader.readexactly(4))[3]
        size = {1: 4, 4: 16}.get(kind) or (await reader.readexactly(1))[0]
        host = await reader.readexactly(size)
        port = int.from_bytes(await reader.readexactly(2))
        self.asked.append(f"{host.decode() if kind == 3 else '.'.join(map(str, host))}:{port}")
        writer.write(b"\x05\x00\x00\x01" + bytes(6))
        return b""

    async def _pass_on(self, first: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        from_server, to_server = await asyncio.open_connection("127.0.0.1", self.to_port)
        to_server.write(first)

        async def pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
            while data := await source.read(65536):
                sink.write(data)
                await sink.drain()
            sink.close()

        try:
            await asyncio.gather(pump(reader, to_server), pump(from_server, writer), return_exceptions=True)
        finally:
            to_server.close()
