"""The browser's program: found, started, watched, and ended with all its processes."""

from __future__ import annotations

import asyncio
import importlib.util
import os
import secrets
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scraper.errors import BrowserFailed, ConfigError
from scraper.settings import MIB, FetchSettings

if TYPE_CHECKING:
    import psutil
    from playwright.async_api import Browser as PlaywrightBrowser
    from playwright.async_api import Playwright

PROGRAMS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome")
MEMORY_LIMIT = 2048 * MIB
"""Of all its processes together."""
START_TIME = 30.0
_LOOK_AGAIN = 0.25
"""Seconds between two looks at its memory."""
_CLOSING_TIME = 3.0
"""Seconds it may take to close by itself."""

_FLAGS = (
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--no-first-run",
    # No way out: a proxy for everything, loopback included, whose name does not resolve, as no other name or address.
    "--proxy-server=http://nowhere.invalid:9",
    "--proxy-bypass-list=<-loopback>",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--dns-prefetch-disable",
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--force-webrtc-ip-handling-policy",
    # No --disable-features: it would take the place of Playwright's, which turns off upgrades to https among others.
    "--js-flags=--max-old-space-size=512",
)
_NOT_WANTED = ["--disable-popup-blocking"]
"""Of the flags that Playwright would give it."""


def find_program(settings: FetchSettings) -> Path:
    """The browser's program. Raises ConfigError, saying what to install, where it or Playwright is missing."""
    if any(importlib.util.find_spec(name) is None for name in ("playwright", "psutil")):
        raise ConfigError(
            "Pages cannot be drawn by a browser",
            why="the extra `browser` of this program is not installed",
            next_step="install it: pip install 'news-archiver[browser]'",
        )
    if settings.browser:
        found = shutil.which(settings.browser)
        if found is None:
            raise ConfigError(f"There is no browser at {settings.browser}", next_step="check `browser` in scrape.toml")
        return Path(found)
    found = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if found is None:
        raise ConfigError(
            "There is no browser to draw pages with",
            why=f"none of {', '.join(PROGRAMS)} is on the PATH",
            next_step="install Chromium (apt-get install chromium), or name it in scrape.toml:"
            ' under [fetch], browser = "/path/to/chromium"',
        )
    return Path(found)


class BrowserProcess:
    """A running browser. `died_of` says why it was ended before its time, or is None."""

    def __init__(self, playwright: Playwright, driver: list[psutil.Process], home: tempfile.TemporaryDirectory[str]):
        self._playwright = playwright
        self._driver = driver
        self._home = home
        self._main: psutil.Process | None = None
        self._watching: asyncio.Task[None] | None = None
        self._browser: PlaywrightBrowser | None = None
        self.died_of: str | None = None

    @classmethod
    async def start(cls, program: Path) -> BrowserProcess:
        """Start `program`, with a profile of its own that is deleted afterwards. Raises BrowserFailed."""
        import psutil
        from playwright.async_api import async_playwright

        before = {child.pid for child in psutil.Process().children()}
        playwright = await async_playwright().start()
        driver = [child for child in psutil.Process().children() if child.pid not in before and _is_driver(child)]
        home = tempfile.TemporaryDirectory(prefix="scrape-browser-", ignore_cleanup_errors=True)
        process = cls(playwright, driver, home)
        try:
            await process._launch(program)
        except BaseException:
            await process.end()
            raise
        return process

    @property
    def browser(self) -> PlaywrightBrowser:
        assert self._browser is not None  # noqa: S101 - `start` launches before it returns
        return self._browser

    @property
    def name(self) -> str:
        return f"Chromium {self.browser.version}"

    async def _launch(self, program: Path) -> None:
        from playwright.async_api import Error

        mark = f"--scrape-run={secrets.token_hex(8)}"  # a flag it does not know: by this its processes are found
        try:
            self._browser = await self._playwright.chromium.launch(
                executable_path=program,
                args=[*_FLAGS, mark],
                ignore_default_args=_NOT_WANTED,
                # Root cannot have its sandbox; for anyone else it is one wall more around a hostile page.
                chromium_sandbox=not _is_root(),
                handle_sigint=False,
                handle_sigterm=False,
                handle_sighup=False,
                timeout=START_TIME * 1000,
                env={"HOME": self._home.name, "PATH": os.environ.get("PATH", os.defpath), "TZ": "UTC"},
            )
        except Error as error:
            raise BrowserFailed(
                f"The browser {program} did not start",
                why=_reason(str(error)),
                next_step=f"try it by hand: {program} --headless --dump-dom about:blank",
            ) from None
        self._main = _main_process(mark)
        self._watching = asyncio.create_task(self._watch())

    async def _watch(self) -> None:
        """End it when it takes too much memory: a page must not take down the machine."""
        while self._main is not None:
            if _memory(self._main) > MEMORY_LIMIT:
                self.died_of = f"it took more than {MEMORY_LIMIT // MIB} MiB of memory"
                self.kill()
                return
            await asyncio.sleep(_LOOK_AGAIN)

    def kill(self) -> None:
        """End all its processes at once."""
        if self._main is not None:
            _kill(self._main)

    async def end(self, *, by_force: bool = False) -> None:
        """Close it, by force where it does not close by itself. No process and no file of it is left."""
        if self._watching is not None:
            self._watching.cancel()
        if not by_force:
            with suppress(Exception):  # whatever it says on its way out, it is ended below
                async with asyncio.timeout(_CLOSING_TIME):
                    if self._browser is not None:
                        await self._browser.close()
        self.kill()
        with suppress(Exception):
            async with asyncio.timeout(_CLOSING_TIME):
                await self._playwright.stop()
        for process in self._driver:
            _kill(process)
        self._home.cleanup()


def _is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


def _is_driver(process: psutil.Process) -> bool:
    import psutil

    with suppress(psutil.Error):
        return "run-driver" in process.cmdline()
    return False


def _main_process(mark: str) -> psutil.Process | None:
    """The process that was started with the flag `mark`, and not by another one that has it too."""
    import psutil

    found: list[Any] = []
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):
            if mark in process.cmdline():
                found.append(process)
    return min(found, key=lambda process: (process.create_time(), process.pid), default=None)


def _family(process: psutil.Process) -> list[psutil.Process]:
    import psutil

    with suppress(psutil.Error):
        return [*process.children(recursive=True), process]
    return [process]


def _memory(process: psutil.Process) -> int:
    import psutil

    total = 0
    for one in _family(process):
        with suppress(psutil.Error):
            total += one.memory_info().rss
    return total


def _kill(process: psutil.Process) -> None:
    import psutil

    family = _family(process)
    for one in family:
        with suppress(psutil.Error):
            one.kill()
    psutil.wait_procs(family, timeout=_CLOSING_TIME)


def _reason(text: str) -> str:
    """The line of Playwright's report that says most, fit for a terminal."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    telling = [line for line in lines if "FATAL" in line or "No usable sandbox" in line or "Failed to" in line]
    return "".join(char if char.isprintable() else " " for char in (telling or lines or [""])[0])[:300]
