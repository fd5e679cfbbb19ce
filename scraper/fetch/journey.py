"""The requests of one fetch: from the URL asked for over its redirects to the body, each step recorded."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager, suppress
from datetime import datetime

import httpx

from scraper.capture import Capture, Failure, Headers, Hop
from scraper.errors import FetchError, ProtocolError, TooLarge, TooManyRedirects
from scraper.fetch import failures, headers
from scraper.fetch.decode import ACCEPTED, BodyDecoder, content_encodings, too_large
from scraper.fetch.identity.cookies import CookieJars
from scraper.fetch.identity.subscriptions import Subscriptions
from scraper.fetch.stopwatch import CURRENT, Stopwatch
from scraper.settings import FetchSettings
from scraper.urls import host_of, resolve, without_credentials

Permit = Callable[[str], Awaitable[None]]
"""Returns when a URL may be asked for; raises the FetchError that says why not."""
ACCEPT = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
_SAFE = frozenset({"GET", "HEAD"})
"""Methods that may be repeated: they change nothing on the server."""
_LINE_END = re.compile(r"[\r\n\x00]")
REDIRECTS = frozenset({301, 302, 303, 307, 308})
WITHOUT_BODY = frozenset({204, 304})
REDIRECT_BODY = 64 * 1024
"""Bytes of a redirect's own body that are read, so that the connection can be used again; nobody looks at them."""
REDIRECT_PATIENCE = 1.0
"""Seconds to wait for them: the new address is known already."""


class Journey:
    """One fetch under way. Whatever happens to it, `capture` tells how far it came."""

    def __init__(
        self,
        url: str,
        *,
        own_headers: headers.RawHeaders,
        max_body: int,
        settings: FetchSettings,
        transport: httpx.AsyncBaseTransport,
        jars: CookieJars,
        clock: Callable[[], datetime],
        subscriptions: Subscriptions,
        permit: Permit | None = None,
        cut: bool = False,
        method: str = "GET",
        content: bytes = b"",
    ) -> None:
        """`url` as `scraper.urls.check_url` gives it; `own_headers`, those of the caller, as `headers.checked` does.

        With `cut`, a body is read up to `max_body` bytes and the rest left; else a larger one is a failure. `content`
        is what is sent, as a form is.
        """
        self._watch = Stopwatch()
        self._began = clock()
        self._asked, self._authorization = headers.split_credentials(url)
        self._own_headers = own_headers
        self._max_body = max_body
        self._settings = settings
        self._transport = transport
        self._jars = jars
        self._clock = clock
        self._subscriptions = subscriptions
        self._permit = permit
        self._cut = cut
        self._method = method
        self._content = content
        self._url = self._asked.partition("#")[0]
        self._hops: list[Hop] = []
        self._unanswered = False
        self._request_headers: Headers = ()
        self._secret_names: set[str] = set()
        self._wire_size: int | None = None
        self.received: Headers = ()
        """The header fields of the last answer as they came, secrets included."""

    async def ask_leave(self) -> None:
        """Return when the next request may be sent. Raises the FetchError of whoever forbids it."""
        if self._permit is not None:
            await self._permit(self._url)

    async def run(self, deadline: asyncio.Timeout | None = None) -> bytes:
        """The body of the page at the end of all redirects. Raises FetchError.

        Waiting for leave is no part of the time until `deadline`.
        """
        CURRENT.set(self._watch)
        asked: set[tuple[str, str, str | None]] = set()
        while True:
            cookie = self._jars.header(self._url, self._clock().timestamp())
            question = (self._method, self._url, cookie)  # with another cookie it is another one
            if question in asked:
                raise TooManyRedirects(f"{self._host} redirects in a circle", why=f"it leads to {self._url} again")
            asked.add(question)
            async with self._answer(cookie) as response:
                location = _location(response)
                if location is None:
                    return await self._read(response)
                await self._discard(response)
            self._follow(location, response.status_code)
            async with _stopped(deadline):
                await self.ask_leave()

    def capture(self, body: bytes | None, error: FetchError | None) -> Capture:
        """What came of it: a `body`, or the `error` that ended it."""
        unanswered = [Hop(url=self._url, peer=self._watch.peer)] if self._unanswered and self._watch.sent else []
        return Capture(
            url=self._asked,
            fetched_at=self._began,
            hops=(*self._hops, *unanswered),
            request_headers=self._request_headers,
            body=body,
            wire_size=self._wire_size,
            timings=self._watch.timings(),
            failure=Failure(code=error.code, message=str(error)) if error else None,
        )

    def timed_out(self) -> FetchError:
        return failures.timed_out(self._host, self._watch, self._settings.timeout)

    @property
    def timeout(self) -> float:
        """Seconds that it may take."""
        return self._settings.timeout

    @property
    def _host(self) -> str:
        return host_of(self._url)

    # One request and its answer

    @asynccontextmanager
    async def _answer(self, cookie: str | None) -> AsyncIterator[httpx.Response]:
        """The answer to a request of the current URL, recorded as a hop, its body not yet read."""
        self._unanswered = True
        with failures.translated(self._host, self._watch):
            response = await self._send(self._request(cookie))
        try:
            self._record(response)
            yield response
        finally:
            # Whatever closing meets comes after the outcome, and must not take its place.
            with suppress(FetchError), failures.translated(self._host, self._watch):
                await response.aclose()

    def _request(self, cookie: str | None) -> httpx.Request:
        """Our headers, those of the caller in their place or after them, and the secrets of this origin.

        No Accept-Language: a page is archived as it is offered to everyone, not in the language of whoever runs this.
        """
        url = httpx.URL(self._url)
        ours = [
            (b"Host", url.netloc),  # httpx would decode the host from IDNA first, and fail for names that browsers know
            (b"User-Agent", self._settings.full_user_agent().encode()),
            (b"Accept", ACCEPT.encode()),
            (b"Accept-Encoding", ACCEPTED.encode()),
        ]
        if cookie:
            ours.append((b"Cookie", cookie.encode("ascii")))
        if self._authorization:
            ours.append((b"Authorization", self._authorization))
        secret = self._subscriptions.headers_for(self._url)
        given = {name.lower() for name, _ in self._own_headers}
        theirs = self._own_headers + [header for header in secret if header[0].lower() not in given]
        replaced = {name.lower() for name, _ in theirs}
        sent = [header for header in ours if header[0].lower() not in replaced] + theirs
        request = httpx.Request(
            self._method, url, headers=sent, content=self._content, extensions={"trace": self._watch.trace}
        )
        self._secret_names = {name.decode().lower() for name, _ in secret}
        self._request_headers = headers.recordable_request(headers.text(request.headers.raw), secret=self._secret_names)
        return request

    async def _send(self, request: httpx.Request) -> httpx.Response:
        self._watch.next_request()
        try:
            return await self._transport.handle_async_request(request)
        except failures.STALE:
            if not self._watch.reused or self._method not in _SAFE:
                raise
        # The server had closed the kept connection before this request reached it: ask once more, on a new one.
        self._watch.next_request()
        return await self._transport.handle_async_request(request)

    def _record(self, response: httpx.Response) -> None:
        received = self.received = headers.text(response.headers.raw)
        # HTTP/2 can carry line ends in fields, and httpcore lets them through: a WARC would read them as fields more.
        proper = tuple(field for field in received if not any(_LINE_END.search(part) for part in field))
        hop = Hop(
            url=self._url,
            status=response.status_code,
            http_version=response.http_version,
            headers=headers.recordable_answer(proper, secret=self._secret_names),
            peer=self._watch.peer,
        )
        self._hops.append(hop)
        self._unanswered = False
        if len(proper) < len(received):
            why = "a header holds a line end or a NUL"
            raise ProtocolError(f"{self._host} did not answer in proper HTTP", why=why)
        if response.status_code < 200:
            why = f"it switched to another protocol unasked (status {response.status_code})"
            raise ProtocolError(f"{self._host} did not answer in proper HTTP", why=why)
        self._jars.store(self._url, headers.values(received, "set-cookie"), self._clock().timestamp())

    # Its body

    async def _read(self, response: httpx.Response) -> bytes:
        received = headers.text(response.headers.raw)
        decoder = BodyDecoder(content_encodings(headers.values(received, "content-encoding")), self._max_body)
        too_long = response.status_code not in WITHOUT_BODY and _declared_length(received) > self._max_body
        if too_long and not self._cut:
            raise too_large(self._max_body)
        size = self._wire_size = 0
        try:
            async with aclosing(self._chunks(response)) as chunks:
                async for chunk in chunks:
                    size = self._wire_size = size + len(chunk)
                    if size > self._max_body:
                        raise too_large(self._max_body)
                    decoder.feed(chunk)
        except TooLarge:
            if not self._cut:
                raise
            return decoder.so_far()
        return decoder.finish(may_be_empty=not _ends_with_connection(response, received))

    async def _chunks(self, response: httpx.Response) -> AsyncGenerator[bytes, None]:
        """The body over the wire. Only what the network does is translated here, not what the reader of it does."""
        assert isinstance(response.stream, httpx.AsyncByteStream)  # noqa: S101 - what an asynchronous transport returns
        with failures.translated(self._host, self._watch):
            async for chunk in response.stream:
                yield chunk

    async def _discard(self, response: httpx.Response) -> None:
        """Read a redirect's body as far as that is useful; where it leads stands, whatever becomes of the body."""
        size = 0
        with suppress(FetchError, TimeoutError):
            async with asyncio.timeout(REDIRECT_PATIENCE), aclosing(self._chunks(response)) as chunks:
                async for chunk in chunks:
                    size += len(chunk)
                    if size > REDIRECT_BODY:
                        break

    # Its redirects

    def _follow(self, location: str, status: int) -> None:
        """Go where `location` leads; from another origin on, the caller's headers and the credentials stay behind."""
        if len(self._hops) > self._settings.max_redirects:
            raise TooManyRedirects(
                f"Redirected more than {self._settings.max_redirects} times", why=f"{self._url} redirects once more"
            )
        target = resolve(location, self._url)
        if target is None:
            shown = repr(without_credentials(location)[:200])
            raise TooManyRedirects(f"{self._host} redirects to what is not a web address", why=f"Location is {shown}")
        url, authorization = headers.split_credentials(target)
        if self._method not in _SAFE and status in (301, 302, 303):  # as browsers do
            self._method, self._content = "GET", b""
            self._own_headers = [h for h in self._own_headers if h[0].lower() != b"content-type"]
        if not headers.same_origin(url, self._url):
            if self._content:
                raise TooManyRedirects(f"{self._host} wants what was sent to it sent elsewhere", why=f"to {url}")
            self._own_headers = []
            self._authorization = None
        self._authorization = authorization or self._authorization
        self._url = url.partition("#")[0]


@asynccontextmanager
async def _stopped(deadline: asyncio.Timeout | None) -> AsyncIterator[None]:
    """Stop the clock of `deadline` meanwhile."""
    if deadline is None or (ends := deadline.when()) is None:
        yield
        return
    now = asyncio.get_running_loop().time
    left = ends - now()
    deadline.reschedule(None)
    try:
        yield
    finally:
        deadline.reschedule(now() + left)


def _location(response: httpx.Response) -> str | None:
    """Where a redirect leads, as it says; None for any other answer, and for a redirect that says nothing."""
    if response.status_code not in REDIRECTS:
        return None
    raw = next((value for name, value in response.headers.raw if name.lower() == b"location"), None)
    # Servers send raw bytes in paths; percent-encoded they mean the same in any charset.
    return None if raw is None else "".join(chr(byte) if byte < 0x80 else f"%{byte:02X}" for byte in raw)


def _ends_with_connection(response: httpx.Response, received: Headers) -> bool:
    """True when nothing but the end of the connection tells where the body ends."""
    return (
        response.http_version != "HTTP/2"
        and response.status_code not in WITHOUT_BODY
        and not headers.values(received, "content-length")
        and not headers.values(received, "transfer-encoding")
    )


def _declared_length(received: Headers) -> int:
    """Content-Length, or 0 where there is none that makes sense."""
    said = next(iter(headers.values(received, "content-length")), "")
    return int(said) if said.isascii() and said.isdigit() and len(said) < 20 else 0
