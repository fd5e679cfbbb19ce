"""The public face of drawing: a page that was fetched in, its rendering out, whatever the page does."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scraper.capture import Capture, Failure, Rendering
from scraper.errors import BrowserFailed, FetchError, FetchTimeout
from scraper.fetch.browser.document import Document
from scraper.fetch.browser.process import BrowserProcess, find_program
from scraper.fetch.browser.requests import Requests
from scraper.fetch.fetcher import Fetcher
from scraper.fetch.identity.cookies import Cookie
from scraper.fetch.journey import Permit
from scraper.settings import FetchSettings
from scraper.urls import host_of, without_credentials

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext, Page

_PAGES_PER_PROCESS = 50
_WINDOW = {"width": 1280, "height": 1024}
_SETTLING = 0.5
"""Share of the time for a page in which it may settle: a page that never does is taken as it is, in time."""
_CLOSING_TIME = 2.0
"""Seconds that a page's window may take to close; then the browser is ended."""


def _now() -> datetime:
    return datetime.now(UTC)


class Browser:
    """Draws pages, each in a window that shares nothing with any other. Starts with the first page; close it.

        browser = Browser(fetcher, settings)
        rendering = await browser.render(capture)
        await browser.aclose()

    Any number may be drawn at a time; each takes a core and some hundred MiB.
    """

    def __init__(self, web: Fetcher, settings: FetchSettings, *, clock: Callable[[], datetime] = _now) -> None:
        """Everything a page asks for comes through `web`. Raises ConfigError where there is no browser."""
        self._program: Path = find_program(settings)
        self._web = web
        self._settings = settings
        self._clock = clock
        self._starting = asyncio.Lock()
        self._process: BrowserProcess | None = None
        self._pages = 0
        self._in_use: dict[BrowserProcess, int] = {}

    async def start(self) -> None:
        """Start it, if it does not run: that takes a moment. Raises BrowserFailed."""
        async with self._starting:
            await self._running()

    async def render(self, capture: Capture, *, permit: Permit | None = None) -> Rendering:
        """What becomes of the page in `capture`, which must have a body, within `settings.timeout` seconds.

        The page itself is not fetched again. `permit` is asked before a script leads to another page. Whatever goes
        wrong is the rendering's `failure`.
        """
        drawing = _Drawing(capture, self._web, self._settings, permit, self._clock())
        try:
            process = await self._taken()
        except FetchError as error:
            return drawing.rendering("", error)
        name = process.name
        try:
            failure = await drawing.run(process)
        finally:
            await self._given_back(process, broken=drawing.is_broken)
        return drawing.rendering(name, failure)

    async def aclose(self) -> None:
        """End the browser."""
        if self._process is not None:
            await self._process.end()
            self._process = None

    async def _taken(self) -> BrowserProcess:
        async with self._starting:
            process = await self._running()
            self._pages += 1
            self._in_use[process] = self._in_use.get(process, 0) + 1
            return process

    async def _running(self) -> BrowserProcess:
        """A browser that runs. One that has drawn many pages is replaced."""
        if self._process is None or self._pages >= _PAGES_PER_PROCESS:
            await self._retire()
            self._process = await BrowserProcess.start(self._program)
            self._pages = 0
        return self._process

    async def _given_back(self, process: BrowserProcess, *, broken: bool) -> None:
        async with self._starting:
            self._in_use[process] -= 1
            if broken and process is self._process:
                self._process = None
            if process is not self._process and not self._in_use[process]:
                del self._in_use[process]
                await process.end(by_force=broken)

    async def _retire(self) -> None:
        """Let the present browser go: at once, or when the last page in it is done."""
        process, self._process = self._process, None
        if process is not None and not self._in_use.get(process):
            self._in_use.pop(process, None)
            await process.end()


class _Drawing:
    """One page being drawn."""

    def __init__(
        self, capture: Capture, web: Fetcher, settings: FetchSettings, permit: Permit | None, began: datetime
    ) -> None:
        self._capture = capture
        self._web = web
        self._settings = settings
        self._permit = permit
        self._began = began
        self._url = capture.final_url
        self._dom: bytes | None = None
        self._picture: bytes | None = None
        self._requests: Requests | None = None
        self._time = asyncio.get_running_loop().time
        self._start = self._time()
        self._total = 0.0
        self.is_broken = False
        """Whether the browser is no good for another page."""

    async def run(self, process: BrowserProcess) -> FetchError | None:
        """Draw it; None, or what went wrong."""
        from playwright.async_api import Error

        context: BrowserContext | None = None
        self._start = self._time()
        try:
            async with asyncio.timeout(self._settings.timeout):
                context = await process.browser.new_context(**self._window())
                await self._draw(context)
        except FetchError as error:
            return error
        except TimeoutError:
            self.is_broken = True  # what still runs in it would go on
            return FetchTimeout(
                f"{host_of(self._url)}: the page was not drawn within {self._settings.timeout:g} seconds",
                why="its scripts kept the browser busy",
                next_step="try again later, or give it more time with --timeout SECONDS",
            )
        except Error as error:
            self.is_broken = True
            why = process.died_of or error.message.partition("\n")[0]
            return BrowserFailed(f"The browser failed over a page of {host_of(self._url)}", why=why)
        finally:
            self._total = self._time() - self._start
            await self._close(context)
        return None

    async def _draw(self, context: BrowserContext) -> None:
        deadline = self._start + self._settings.timeout
        page = await context.new_page()
        self._requests = requests = Requests(
            page,
            self._capture,
            web=self._web,
            max_body=self._settings.max_body,
            pictures=self._settings.screenshot,
            deadline=deadline,
            permit=self._permit,
        )
        await requests.catch(context)
        context.on("page", _close_soon)
        if cookies := [_for_browser(cookie) for cookie in self._web.cookies(self._url)]:
            await context.add_cookies(cookies)
        work = asyncio.ensure_future(self._take(page, requests))

        def stop(page: Page) -> None:
            work.cancel()

        page.on("crash", stop)
        try:
            await work
        except asyncio.CancelledError:
            if (task := asyncio.current_task()) and task.cancelling():
                raise
            self.is_broken = True
            raise BrowserFailed(
                f"The browser failed over a page of {host_of(self._url)}", why="the page made it crash"
            ) from None
        finally:
            work.cancel()
            await requests.close()

    async def _take(self, page: Page, requests: Requests) -> None:
        document = await Document.of(page, longest=self._settings.timeout * _SETTLING)
        await document.open(self._capture.final_url)
        await document.settle(requests)
        if self._settings.screenshot:
            self._picture = await document.picture(requests)
        self._dom = await document.html(self._settings.max_body)
        self._url = without_credentials(page.url)

    async def _close(self, context: BrowserContext | None) -> None:
        if context is None or self.is_broken:
            return
        try:
            async with asyncio.timeout(_CLOSING_TIME):
                await context.close()
        except Exception:  # noqa: BLE001 - one that cannot be closed is ended with its browser
            self.is_broken = True

    def rendering(self, browser: str, error: FetchError | None) -> Rendering:
        return Rendering(
            url=self._url,
            rendered_at=self._began,
            browser=browser,
            dom=self._dom,
            screenshot=self._picture,
            requests=self._requests.asked if self._requests else (),
            time_total=self._total,
            failure=Failure(code=error.code, message=str(error)) if error else None,
        )

    def _window(self) -> dict[str, Any]:
        return {
            "user_agent": self._settings.full_user_agent(),
            "viewport": _WINDOW,
            "timezone_id": "UTC",
            "service_workers": "block",
            "accept_downloads": False,
            "reduced_motion": "reduce",
        }


_CLOSING: set[asyncio.Task[None]] = set()


def _close_soon(window: Page) -> None:
    async def close() -> None:
        with suppress(Exception):  # it is closed with everything else in the end
            await window.close()

    task = asyncio.ensure_future(close())
    _CLOSING.add(task)
    task.add_done_callback(_CLOSING.discard)


def _for_browser(cookie: Cookie) -> Any:
    """A cookie as Playwright takes it."""
    out: dict[str, Any] = {
        "name": cookie.name,
        "value": cookie.value,
        "domain": cookie.domain if cookie.host_only else f".{cookie.domain}",
        "path": cookie.path,
        "secure": cookie.secure,
        "httpOnly": cookie.http_only,
    }
    return out if cookie.expires is None else out | {"expires": cookie.expires}
