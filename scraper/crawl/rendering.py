"""When a browser draws a page, and how it waits for its turn: a page drawn asks its host for more than a page."""

from __future__ import annotations

import asyncio

from scraper.capture import Capture, Failure, Rendering
from scraper.crawl.manners import Manners
from scraper.errors import BrowserFailed, ConfigError, HostPaused
from scraper.fetch import Fetcher
from scraper.fetch.browser import Browser, find_program
from scraper.settings import FetchSettings
from scraper.store import Archive

AT_A_TIME = 2
"""Pages drawn side by side: each takes a core, and some hundred MiB."""


class Renderer:
    """Draws the pages of a run. Close it: the browser is started with the first page that needs it."""

    def __init__(self, web: Fetcher, archive: Archive, manners: Manners, settings: FetchSettings) -> None:
        self._web = web
        self._archive = archive
        self._manners = manners
        self._settings = settings
        self._slots = asyncio.Semaphore(AT_A_TIME)
        self._browser: Browser | None = None

    @property
    def always(self) -> bool:
        return self._settings.render == "always" or self._settings.screenshot

    @property
    def never(self) -> bool:
        return self._settings.render == "never" and not self._settings.screenshot

    async def draw(self, capture: Capture) -> Rendering:
        """What a browser makes of a page. Raises ConfigError where there is none."""
        if self._browser is None:
            self._browser = Browser(self._web, self._settings, clock=self._archive.now)
        try:
            async with self._slots:
                # Before the host is taken: its lease lasts as long as a page may take, and no longer.
                await self._browser.start()
                async with self._manners.turn(capture.final_url, has_place=True):
                    return await self._browser.render(capture, permit=self._manners.ask_leave)
        except (HostPaused, BrowserFailed) as error:
            failure = Failure(code=error.code, message=str(error))
            return Rendering(url=capture.final_url, rendered_at=self._archive.now(), browser="", failure=failure)

    async def aclose(self) -> None:
        if self._browser is not None:
            await self._browser.aclose()


def missing_browser(settings: FetchSettings) -> ConfigError | None:
    """What to do to have pages drawn; None when they can be."""
    try:
        find_program(settings)
    except ConfigError as error:
        return error
    return None
