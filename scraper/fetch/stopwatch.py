"""When each phase of a fetch was reached, told by httpcore's trace events and by the connector."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextvars import ContextVar
from enum import StrEnum
from typing import Any

from scraper.capture import Timings


class Phase(StrEnum):
    """What a fetch is busy with, in words that finish the sentence "it was still …"."""

    RESOLVING = "looking up the address"
    CONNECTING = "connecting"
    TLS = "agreeing on encryption (TLS)"
    WAITING = "waiting for the answer"
    BODY = "receiving the page"


class Stopwatch:
    """Seconds since the fetch began for each phase of its current request."""

    def __init__(self) -> None:
        self._began = time.perf_counter()
        self.next_request()

    def next_request(self) -> None:
        """Forget the phases of the request before; the beginning stays."""
        self.asked = self.elapsed
        self.phase = Phase.RESOLVING
        self.resolved: float | None = None
        self.connected: float | None = None
        self.tls: float | None = None
        self.first_byte: float | None = None
        self.sent = False
        self.connection: Any = None
        """The httpcore stream the request was written to."""
        self.peer: str | None = None

    @property
    def elapsed(self) -> float:
        return time.perf_counter() - self._began

    @property
    def reused(self) -> bool:
        """True when the request went out on a connection that an earlier one had opened."""
        return self.sent and self.connected is None

    def writes_to(self, connection: Any) -> None:
        self.connection = connection
        self.peer = self.peer or _peer_of(connection)

    def mark_resolved(self) -> None:
        self.resolved = self.elapsed
        self.phase = Phase.CONNECTING

    async def trace(self, event: str, info: Mapping[str, Any]) -> None:
        """httpcore's `trace` request extension: `event` is `connection.connect_tcp.complete` and the like."""
        protocol, _, step = event.partition(".")
        if event == "connection.connect_tcp.complete":
            self.connected = self.elapsed
        elif event == "connection.start_tls.started":
            self.phase = Phase.TLS
        elif event == "connection.start_tls.complete":
            self.tls = self.elapsed
        elif protocol in ("http11", "http2"):
            if step == "send_request_headers.started":
                self.phase = Phase.WAITING
                self.sent = True
            elif step == "receive_response_headers.complete":
                self.first_byte = self.elapsed
                self.phase = Phase.BODY

    def timings(self) -> Timings:
        return Timings(
            resolved=self.resolved,
            connected=self.connected,
            tls=self.tls,
            first_byte=self.first_byte,
            total=self.elapsed,
            asked=self.asked,
        )


CURRENT: ContextVar[Stopwatch | None] = ContextVar("stopwatch", default=None)
"""The stopwatch of the fetch this task is making. httpcore traces connecting as one step, and hands the connector no
request: this is how it can say when the name was resolved, and which connection the request went to."""


def _peer_of(stream: Any) -> str | None:
    """The address an httpcore stream is connected to, as `192.0.2.1:443` or `[2001:db8::1]:443`; None if it is gone."""
    try:
        address = stream.get_extra_info("server_addr")
    except OSError:  # the peer has already reset the connection
        return None
    if not address:
        return None
    host, port = address[0], address[1]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
