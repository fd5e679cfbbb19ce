"""Which request is being answered, and whether anybody still waits for the answer."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from contextvars import ContextVar
from typing import Any

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Message, Receive, Send], Awaitable[None]]


ASKED_PATH: ContextVar[str] = ContextVar("asked_path", default="")
"""Of the request that is being answered; empty outside of one."""


class CancelDeparted:
    """ASGI middleware: a request whose client has gone is cancelled, and with it the statement that runs for it.

    Datasette does not ask whether anybody still waits, and the server only tells who asks.
    """

    def __init__(self, application: Application) -> None:
        self._application = application

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._application(scope, receive, send)
            return
        ASKED_PATH.set(scope["path"])
        messages: asyncio.Queue[Message] = asyncio.Queue()
        answered = False

        async def noting(message: Message) -> None:
            nonlocal answered
            await send(message)
            # Whoever has the whole answer goes, too: what is left to be tidied up then is not to be stopped.
            answered = message["type"] == "http.response.body" and not message.get("more_body", False)

        answering = asyncio.ensure_future(self._application(scope, messages.get, noting))

        async def listen() -> None:
            while True:
                message = await receive()
                messages.put_nowait(message)
                if message["type"] == "http.disconnect":
                    if not answered:
                        answering.cancel()
                    return

        listening = asyncio.ensure_future(listen())
        try:
            await answering
        except asyncio.CancelledError:
            # Either the client has gone, and nobody is to be told; or the server ends, and so does this.
            if not listening.done():
                raise
        finally:
            for task in (answering, listening):
                task.cancel()
            with suppress(asyncio.CancelledError):
                await listening
