"""What a page asks for while it is drawn: let through the Fetcher or refused, and written down."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from scraper.capture import Capture, Headers, PageRequest
from scraper.errors import (
    BrowserFailed,
    ConfigError,
    FetchError,
    FetchTimeout,
    ProtocolError,
    TooLarge,
    TooManyRedirects,
)
from scraper.fetch.fetcher import Fetcher, Resource
from scraper.fetch.journey import Permit
from scraper.urls import host_of, without_credentials

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext, Page, Request, Route

MOST_REQUESTS = 500
"""Of one page."""
MOST_NAVIGATIONS = 5
"""To other pages that the scripts of one may lead to."""
AT_A_TIME = 4
_FOR_TEXT = frozenset({"script", "stylesheet", "xhr", "fetch"})
_FOR_PICTURES = _FOR_TEXT | {"image", "font"}
_METHODS = frozenset({"GET", "POST"})
# What the Fetcher says itself, what tells only about this browser, and what belongs to one connection.
_NOT_SENT = frozenset(
    """accept-encoding accept-language connection content-length cookie host te transfer-encoding upgrade
    upgrade-insecure-requests user-agent priority""".split()
)
# The body is decoded by then. A page that is to be saved as a file is shown all the same.
_NOT_GIVEN = frozenset("content-encoding content-length transfer-encoding connection content-disposition".split())
_HTML = ("text/html", "application/xhtml+xml")


class _NoPage(FetchError):
    code = "not_loaded"


class Requests:
    """Answers every request of one page, until `close`. `asked` is what was asked for so far."""

    def __init__(
        self,
        page: Page,
        capture: Capture,
        *,
        web: Fetcher,
        max_body: int,
        pictures: bool,
        deadline: float,
        permit: Permit | None,
    ) -> None:
        """The page itself is answered with `capture`. `max_body` is for all answers together, in bytes; `deadline` in
        the event loop's time; `permit` is asked before a script leads to another page."""
        self._page = page
        self._web = web
        self._kinds = _FOR_PICTURES if pictures else _FOR_TEXT
        self._share = max(max_body // AT_A_TIME, 1)
        self._left = max_body
        self._deadline = deadline
        self._permit = permit
        self._start = capture.final_url.partition("#")[0]
        # What is fetched already, by its URL: a navigation to it is answered from here.
        # Its cookies are in the browser already, with those of the redirects before it.
        headers = tuple(header for header in capture.headers if header[0].lower() != "set-cookie")
        self._ready = {
            self._start: Resource(
                url=self._start, status=capture.status or 200, headers=headers, body=capture.body or b""
            )
        }
        self._navigations = 0
        self._slots = asyncio.Semaphore(AT_A_TIME)
        self._tasks: set[asyncio.Task[None]] = set()
        self._asked: list[PageRequest] = []
        self._is_whole = False
        self._cut_short: FetchError | None = None

    @property
    def asked(self) -> tuple[PageRequest, ...]:
        return tuple(self._asked)

    @property
    def under_way(self) -> int:
        return len(self._tasks)

    async def catch(self, context: BrowserContext) -> None:
        """From now on every request in `context` comes here."""
        self._page.on("domcontentloaded", self._read)
        await context.route("**/*", self._arrived)

    def check(self) -> None:
        """Raises the FetchError for which the browser stopped reading the document, where it did."""
        if self._cut_short is not None:
            raise self._cut_short

    def _read(self, page: Page) -> None:
        self._is_whole = True

    async def close(self) -> None:
        """Give up whatever is still under way."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _arrived(self, route: Route) -> None:
        # A task of ours, not the library's: so that it can be counted, and ended.
        task = asyncio.create_task(self._decide(route))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _decide(self, route: Route) -> None:
        from playwright.async_api import Error

        request = route.request
        with suppress(Error):  # the page is gone, or has lost interest
            if request.url.startswith(("data:", "blob:", "about:")):
                await route.continue_()
            elif self._leads_on(request):
                await self._answer(route, self._navigate if request.method == "GET" else None)
            else:
                wanted = request.resource_type in self._kinds and request.method in _METHODS
                await self._answer(route, self._load if wanted else None)

    def _leads_on(self, request: Request) -> bool:
        """Whether it asks for another document in the place of the page, and not for a frame in it or a new window."""
        from playwright.async_api import Error

        with suppress(Error):  # a window that is not there yet
            return request.is_navigation_request() and request.frame == self._page.main_frame
        return False

    async def _answer(self, route: Route, get: Callable[[Request], Awaitable[Resource]] | None) -> None:
        """Give the page what `get` brings, or tell it that there is nothing; None for what is not even tried."""
        request = route.request
        known = request.url.partition("#")[0] in self._ready and request.is_navigation_request()
        if not known and len(self._asked) >= MOST_REQUESTS:
            await self._refuse(route)
            return
        place = len(self._asked)
        seen = PageRequest(
            method=request.method,
            url=without_credentials(request.url)[:4000],
            kind=request.resource_type,
            refused="not_loaded",
        )
        if not known:
            self._asked.append(seen)
        if get is None:
            await self._refuse(route)
            return
        try:
            async with self._slots, asyncio.timeout_at(self._deadline):
                resource = await get(request)
        except (FetchError, ConfigError, TimeoutError) as error:
            if not known:
                self._asked[place] = replace(seen, refused=_code_of(error))
            await self._refuse(route, error if isinstance(error, FetchError) else None)
            return
        if not known:
            self._asked[place] = replace(seen, status=resource.status, size=len(resource.body), refused=None)
        await route.fulfill(status=resource.status, headers=_given(resource, request.url), body=resource.body)

    async def _refuse(self, route: Route, error: FetchError | None = None) -> None:
        leads_on = self._leads_on(route.request)
        if leads_on and not self._is_whole:
            # The browser stopped reading the document when the script led on.
            self._cut_short = (
                error
                if error and not isinstance(error, _NoPage)
                else BrowserFailed(
                    f"The scripts of {self._page.url} lead on before the page is there",
                    why=f"to {without_credentials(route.request.url)[:200]}, which is not loaded",
                )
            )
        # For a navigation, "failed" would put an error page in the place of the document.
        await route.abort("aborted" if leads_on else "failed")

    async def _navigate(self, request: Request) -> Resource:
        """The page, or another that its scripts lead to. Raises FetchError."""
        url = request.url.partition("#")[0]
        was_whole, self._is_whole = self._is_whole, False
        try:
            return await self._another(url, request)
        except FetchError:
            self._is_whole = was_whole
            raise

    async def _another(self, url: str, request: Request) -> Resource:
        ready = self._ready.get(url)
        if ready is not None:
            if url == self._start:
                del self._ready[url]  # asked for again, it is fetched again
            return ready
        self._navigations += 1
        if self._navigations > MOST_NAVIGATIONS:
            raise TooManyRedirects("The page's scripts lead on and on")
        if self._permit is not None:
            await self._permit(url)
        resource = await self._load(request)
        if not _is_html(resource.headers):
            raise _NoPage("The page's scripts lead to what is no page")
        target = resource.url.partition("#")[0]
        if target == url:
            return resource
        # The browser has to know where the document is from; and would not ask here again if it were told to redirect.
        self._ready[target] = resource
        return Resource(url=url, status=200, headers=(("content-type", "text/html"),), body=_leading_to(target))

    async def _load(self, request: Request) -> Resource:
        """What the page asks for, from the web. Raises FetchError and ConfigError."""
        url = request.url.partition("#")[0]
        headers = {name: value for name, value in request.headers.items() if _is_sent(name)}
        cookies = await self._page.context.cookies(url)
        if cookies:
            headers["cookie"] = "; ".join(f"{cookie['name']}={cookie['value']}" for cookie in cookies)
        allowance = min(self._share, self._left)
        self._left -= allowance
        used = 0
        try:
            resource = await self._web.resource(
                url,
                page=self._page.url,
                method=request.method,
                headers=headers,
                content=request.post_data_buffer or b"",
                max_body=allowance,
            )
            used = len(resource.body)
        except TooLarge:
            used = allowance
            raise
        finally:
            self._left += allowance - used
        return resource


def _code_of(error: FetchError | ConfigError | TimeoutError) -> str:
    """What is written down of a failure; a ConfigError is a header that cannot be sent."""
    if isinstance(error, FetchError):
        return error.code
    return FetchTimeout.code if isinstance(error, TimeoutError) else ProtocolError.code


def _is_sent(name: str) -> bool:
    return name not in _NOT_SENT and not name.startswith((":", "sec-", "proxy-"))


def _given(resource: Resource, asked: str) -> dict[str, str]:
    """The header fields for the browser. Cookies of another host that was redirected to are not for the one asked."""
    moved = host_of(resource.url) != host_of(asked)
    out: dict[str, str] = {}
    for name, value in resource.headers:
        key = name.lower()
        if key in _NOT_GIVEN or (moved and key == "set-cookie"):
            continue
        joint = "\n" if key == "set-cookie" else ", "
        out[key] = f"{out[key]}{joint}{value}" if key in out else value
    return out


def _is_html(headers: Headers) -> bool:
    kind = next((value for name, value in headers if name.lower() == "content-type"), "text/html")
    return kind.partition(";")[0].strip().lower() in _HTML


def _leading_to(url: str) -> bytes:
    safe = url.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")
    return f'<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="0; url={safe}">'.encode()
