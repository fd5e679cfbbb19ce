"""A WebSub hub on the tests' web server. What it sends to callbacks takes the way that a proxy would give it.

It does what W3C WebSub asks of hubs, or what `manner` says instead:

verify    takes the request, then verifies it
at once   verifies before it answers
silent    takes the request, and never comes back to it
deny      takes the request, then denies it
wrong     verifies another topic than it was asked for
refuse    answers 400
"""

from __future__ import annotations

import asyncio
import hmac
import http.client
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlencode, urlsplit

from tests.http_server import HttpServer, Reply, Request, Script

CALLBACK = "http://hooks.example/news/"


@dataclass
class Hub:
    """At `path` of `server`. `port` is where the proxy of CALLBACK leads to."""

    server: HttpServer
    path: str = "/hub"
    port: int = 0
    manner: str = "verify"
    lease: int | None = None
    """Seconds that it grants; None for what it is asked for."""
    asked: list[dict[str, str]] = field(default_factory=list)
    answers: list[tuple[int, bytes]] = field(default_factory=list)
    """What its verifications were answered."""
    callbacks: dict[str, dict[str, str]] = field(default_factory=dict)
    """Verified subscriptions, by topic."""

    def __post_init__(self) -> None:
        self.server.script(self.path, self._script())

    def _script(self) -> Script:
        async def script(request: Request, writer: asyncio.StreamWriter) -> None:
            form = {name: values[0] for name, values in parse_qs(request.body.decode()).items()}
            if request.method != "POST" or not form:
                writer.write(Reply(b"What?", 405).to_bytes())
                return
            self.asked.append(form)
            if self.manner == "at once":
                await asyncio.to_thread(self._verify, form)
            refused = Reply(b"No such topic here\x1b[31m", 400, (("Content-Type", "text/plain"),))
            writer.write((refused if self.manner == "refuse" else Reply(status=202)).to_bytes())
            await writer.drain()
            writer.close()
            if self.manner in ("verify", "deny", "wrong"):
                await asyncio.to_thread(self._verify, form)

        return script

    def _verify(self, form: dict[str, str]) -> None:
        mode, topic = form["hub.mode"], form["hub.topic"]
        if self.manner == "deny":
            said = {"hub.mode": "denied", "hub.topic": topic, "hub.reason": "for members\nonly"}
        else:
            said = {"hub.mode": mode, "hub.topic": topic, "hub.challenge": f"challenge {len(self.answers)} é/&"}
            if self.manner == "wrong":
                said["hub.topic"] += "?other"
            if mode == "subscribe":
                said["hub.lease_seconds"] = str(self.lease or form["hub.lease_seconds"])
        status, body = self.get(form["hub.callback"], said)
        self.answers.append((status, body))
        if status == 200 and body == said.get("hub.challenge", "").encode():
            if mode == "subscribe":
                self.callbacks[topic] = form
            else:
                self.callbacks.pop(topic, None)

    def get(self, callback: str, said: dict[str, str]) -> tuple[int, bytes]:
        """What a GET of a callback is answered, with these fields."""
        return self.send("GET", f"{callback}?{urlencode(said)}")

    def publish(self, topic: str, body: bytes = b"<rss/>", *, method: str = "sha256") -> int:
        """Tell the subscriber of a topic, signed; the status that it answers."""
        form = self.callbacks[topic]
        digest = hmac.new(form["hub.secret"].encode(), body, method).hexdigest()
        return self.notify(form["hub.callback"], body, f"{method}={digest}")

    def notify(self, callback: str, body: bytes, *signatures: str) -> int:
        """POST something to a callback; the status that is answered."""
        headers = [("Content-Type", "application/rss+xml"), *(("X-Hub-Signature", one) for one in signatures)]
        return self.send("POST", callback, body, headers)[0]

    def send(
        self, method: str, url: str, body: bytes = b"", headers: list[tuple[str, str]] | None = None
    ) -> tuple[int, bytes]:
        """A request to what is behind the public address."""
        parts = urlsplit(url)
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.putrequest(method, f"{parts.path}?{parts.query}" if parts.query else parts.path)
            for name, value in [*(headers or []), ("Content-Length", str(len(body)))]:
                connection.putheader(name, value)
            connection.endheaders(body)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()
