"""What stands before every page, Datasette's too: who may ask, for what, and what a browser may do with the answer.

The archive is read by whoever sits at this machine. Other sites that a browser shows must not be able to ask for it
(Host is checked against names that rebind, requests that come from other sites are refused), nothing can be written
(GET and HEAD alone), nobody is known by a cookie, and what a page holds can neither run nor fetch anything.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from dataclasses import dataclass
from typing import Any

Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]
Receive = Callable[[], Awaitable[Message]]
App = Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]

_HOST = re.compile(r"(\[[0-9a-f:.]{2,45}\]|[^\s:/@\[\]]{1,253}?)\.?(:\d{1,5})?", re.IGNORECASE)

_EVERYWHERE = {
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"no-referrer",
    b"cross-origin-opener-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
    b"x-frame-options": b"DENY",
    b"permissions-policy": b"camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    # A browser would look up the names of the hosts that links lead to before anybody follows them.
    b"x-dns-prefetch-control": b"off",
    # Read anew each time: a crawl goes on while people read. And kept by nobody in between.
    b"cache-control": b"private, no-cache",
}
_NOT_SENT = frozenset((b"set-cookie", b"server"))
_NOT_HEARD = frozenset((b"cookie", b"authorization", b"proxy-authorization"))

NOTHING = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
"""The policy of what is no page: data, texts, pictures."""

OURS = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none';"
    " frame-ancestors 'none'"
)
"""The policy of our own pages: their style sheet and scripts are files, nothing of theirs stands in the page."""

_LASTING = b"public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class OwnPolicy:
    """Answers under an address that say themselves what a browser may do with them.

    They must have a Content-Security-Policy of their own; HTML without has that of `otherwise`.
    """

    prefix: str
    headers: frozenset[bytes] = frozenset(
        (b"content-security-policy", b"cross-origin-resource-policy", b"x-frame-options")
    )
    """Those of them that stand as they are."""
    otherwise: str = NOTHING


def datasette_policy(script_hashes: Iterable[str]) -> str:
    """The policy of Datasette's pages: the scripts that it ships as files, and those it has in its templates.

    Its templates hold style sheets made of column names, and its editor of SQL sets styles, too.
    """
    hashes = " ".join(f"'{one}'" for one in sorted(set(script_hashes)))
    return (
        f"default-src 'none'; script-src 'self' {hashes}; style-src 'self' 'unsafe-inline'; img-src 'self' data:;"
        " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )


class Guard:
    """An ASGI application around another one."""

    def __init__(
        self,
        app: App,
        *,
        names: Iterable[str] = (),
        datasette_policy: str = NOTHING,
        own_policies: Iterable[OwnPolicy] = (),
        lasting: str = "/-/web/",
    ) -> None:
        """`names` are hosts that are answered for beside this machine's loopback ones.

        `lasting` is what the addresses of files begin with that never change.
        """
        self._app = app
        self._names = frozenset(name.lower().strip("[]").rstrip(".") for name in names)
        self._datasette_policy = datasette_policy
        self._own_policies = tuple(own_policies)
        self._lasting = lasting

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})
            return
        without_body = scope["method"] == "HEAD"
        answer = self._answering(scope["path"], send, without_body=without_body)
        refusal = self._refusal(scope)
        if refusal is not None:
            await _refuse(answer, *refusal)
            return
        headers = [(name, value) for name, value in scope["headers"] if name.lower() not in _NOT_HEARD]
        await self._app({**scope, "method": "GET", "headers": headers}, receive, answer)

    def _refusal(self, scope: MutableMapping[str, Any]) -> tuple[int, str] | None:
        """Why a request is not answered, and with what status; None when it is."""
        hosts = [value for name, value in scope["headers"] if name.lower() == b"host"]
        if len(hosts) != 1 or not self.answers_for(hosts[0].decode("latin-1")):
            return 421, (
                "This server answers for localhost and the names it was started with.\n"
                "Another name is admitted by: scrape serve --hostname NAME"
            )
        if scope["method"] not in ("GET", "HEAD"):
            return 405, "The archive can only be read here: GET and HEAD are all there is."
        if scope["path"].startswith("//"):
            return 404, "There is no such address."
        heads = {name.lower(): value.decode("latin-1").lower() for name, value in scope["headers"]}
        site = heads.get(b"sec-fetch-site", "none")
        top = heads.get(b"sec-fetch-mode") == "navigate" and heads.get(b"sec-fetch-dest") == "document"
        origin = heads.get(b"origin")
        foreign = origin is not None and origin.partition("://")[2] != heads[b"host"].strip()
        if (site not in ("none", "same-origin") and not top) or (foreign and not top):
            return 403, "Other sites may link to these pages, but not read or embed them."
        return None

    def answers_for(self, host: str) -> bool:
        """Whether a header Host names this server: a name that anybody can point at this machine does not."""
        found = _HOST.fullmatch(host.strip())
        if found is None:
            return False
        name = found[1].lower().strip("[]")
        if name == "localhost" or name in self._names:
            return True
        try:
            return ipaddress.ip_address(name).is_loopback
        except ValueError:
            return False

    def _answering(self, path: str, send: Send, *, without_body: bool) -> Send:
        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": self._headers(path, message["status"], message.get("headers", []))}
            elif without_body and message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        return answer

    def _headers(self, path: str, status: int, given: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        theirs = next((policy for policy in self._own_policies if path.startswith(policy.prefix)), None)
        own = frozenset[bytes]() if theirs is None else theirs.headers
        kept = [
            (name.lower(), value)
            for name, value in given
            if name.lower() not in _NOT_SENT and not name.lower().startswith(b"access-control-")
        ]
        html = any(name == b"content-type" and value.startswith(b"text/html") for name, value in kept)
        policy = NOTHING
        if html:
            ours_here = self._datasette_policy if path.startswith("/archive") else OURS
            policy = ours_here if theirs is None else theirs.otherwise
        ours = {**_EVERYWHERE, b"content-security-policy": policy.encode()}
        if path.startswith(self._lasting) and status == 200:
            ours[b"cache-control"] = _LASTING
        stated = {name for name, _ in kept} & own
        return [
            *((name, value) for name, value in kept if name in own or name not in ours),
            *((name, value) for name, value in ours.items() if name not in stated),
        ]


async def _refuse(send: Send, status: int, why: str) -> None:
    body = f"{why}\n".encode()
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(body)).encode())]
    if status == 405:
        headers.append((b"allow", b"GET, HEAD"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
