"""A mail server for tests, on 127.0.0.1, in a thread of its own: takes mail, offers STARTTLS, asks for a password."""

from __future__ import annotations

import asyncio
import base64
import ssl
import threading
from dataclasses import dataclass, field
from typing import Self


@dataclass
class Session:
    """One connection: the commands as they came, in capitals, and the mails."""

    commands: list[str] = field(default_factory=list)
    mails: list[str] = field(default_factory=list)
    is_encrypted: bool = False
    login: tuple[str, str] | None = None


@dataclass
class SmtpServer:
    """Use in a `with`. `tls` is offered by STARTTLS, or spoken from the first byte if `implicit`.

    `refuses` (a status and words) is what it answers to a mail's sender; `mute` says nothing at all.
    """

    tls: ssl.SSLContext | None = None
    implicit: bool = False
    refuses: str = ""
    mute: bool = False
    port: int = 0
    sessions: list[Session] = field(default_factory=list)

    def __enter__(self) -> Self:
        started = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve(started)), daemon=True)
        self._thread.start()
        assert started.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)

    async def _serve(self, started: threading.Event) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        tls = self.tls if self.implicit else None
        server = await asyncio.start_server(self._connected, "127.0.0.1", 0, ssl=tls)
        self.port = server.sockets[0].getsockname()[1]
        started.set()
        await self._stop.wait()
        server.close()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        session = Session(is_encrypted=self.implicit)
        self.sessions.append(session)
        try:
            if self.mute:
                await self._stop.wait()
                return
            await self._talk(reader, writer, session)
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, session: Session) -> None:
        writer.write(b"220 mail.example ready\r\n")
        while line := (await reader.readline()).decode().strip():
            command = line.upper().split(":")[0]
            session.commands.append(command)
            match command.split()[0]:
                case "EHLO":
                    offers = ["mail.example", *(["STARTTLS"] if self.tls and not session.is_encrypted else [])]
                    offers += ["AUTH PLAIN", "8BITMIME"]
                    lines = [f"250-{offer}" for offer in offers[:-1]] + [f"250 {offers[-1]}"]
                    writer.write("\r\n".join([*lines, ""]).encode())
                case "STARTTLS":
                    writer.write(b"220 go on\r\n")
                    await writer.drain()
                    await writer.start_tls(self.tls)
                    session.is_encrypted = True
                case "AUTH":
                    _, user, password = base64.b64decode(line.split()[2]).decode().split("\0")
                    session.login = (user, password)
                    writer.write(b"235 welcome\r\n" if password == "right" else f"535 not {password}\r\n".encode())
                case "MAIL" if self.refuses:
                    writer.write(f"{self.refuses}\r\n".encode())
                case "DATA":
                    writer.write(b"354 go on\r\n")
                    text = []
                    while (part := (await reader.readline()).decode()) != ".\r\n":
                        text.append(part.removeprefix("."))
                    session.mails.append("".join(text))
                    writer.write(b"250 taken\r\n")
                case "QUIT":
                    writer.write(b"221 bye\r\n")
                    return
                case _:
                    writer.write(b"250 fine\r\n")
            await writer.drain()
