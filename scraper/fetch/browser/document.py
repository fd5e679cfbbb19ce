"""The document in the browser: when it has settled, its HTML, its picture.

What is asked of it runs in a world of its own, where the page's scripts have changed nothing.
"""

from __future__ import annotations

import asyncio
from base64 import b64decode
from typing import TYPE_CHECKING, Any

from scraper.errors import BrowserFailed, TooLarge

if TYPE_CHECKING:
    from playwright.async_api import CDPSession, Page

    from scraper.fetch.browser.requests import Requests

LONGEST_SETTLING = 10.0
"""Seconds after which a page is taken as it is, though it still asks for more or changes."""
_PATIENCE = 4.0
"""Seconds that a page with hardly any text is given to come to more, though nothing seems to happen."""
_SOME_TEXT = 500
"""Characters."""
_QUIET = 3
"""Looks in a row that find a page unchanged and asking for nothing."""
_LOOK_AGAIN = 0.2
_BEING_REPLACED = ("context", "target navigated", "no frame")
"""What Chromium says of a question to a document that another one is just taking the place of."""
_TALLEST = 16_384
"""Pixels of a picture: Chromium draws no more in one piece."""

_STATE = """(() => [document.readyState === 'complete', document.body ? document.body.innerText.length : 0,
    document.getElementsByTagName('*').length])()"""

# Shadow trees are written where a reader sees them: the innermost first, light children in the place of their slots.
_HTML = """((limit) => {
    const hosts = [], trees = [document];
    for (let i = 0; i < trees.length; i++)
        for (const element of trees[i].querySelectorAll('*'))
            if (element.shadowRoot) { hosts.push(element); trees.push(element.shadowRoot); }
    for (const host of hosts.reverse()) {
        try {
            for (const slot of host.shadowRoot.querySelectorAll('slot')) {
                const given = slot.assignedNodes();
                if (given.length) slot.replaceWith(...given);
            }
            host.replaceChildren(...host.shadowRoot.childNodes);
        } catch (error) {}
    }
    const root = document.documentElement;
    const html = (document.doctype ? '<!DOCTYPE html>\\n' : '') + (root ? root.outerHTML : '');
    return html.length > limit ? null : html.toWellFormed();
})(%d)"""

_WANT_PICTURES = """(() => { globalThis.lazy = [...document.querySelectorAll('img[loading=lazy]')];
    for (const image of lazy) image.loading = 'eager'; })()"""
_AS_BEFORE = "(() => { for (const image of globalThis.lazy || []) image.loading = 'lazy'; })()"


class Document:
    """What is in `page`. Its methods raise Playwright's Error when the browser has died."""

    def __init__(self, session: CDPSession, longest: float) -> None:
        self._session = session
        self._longest = longest

    @classmethod
    async def of(cls, page: Page, *, longest: float = LONGEST_SETTLING) -> Document:
        """The document in `page`, now and later; `longest` is how many seconds it may take to settle."""
        return cls(await page.context.new_cdp_session(page), min(longest, LONGEST_SETTLING))

    async def open(self, url: str) -> None:
        """Go there; return when the document is on its way in. Raises BrowserFailed."""
        # Playwright's own way would wait for as long as scripts try to lead on to somewhere else.
        answer = await self._session.send("Page.navigate", {"url": url})
        if answer.get("errorText"):
            raise BrowserFailed(f"The browser could not open {url}", why=answer["errorText"])

    async def settle(self, requests: Requests) -> None:
        """Return when the page asks for nothing more and does not change, or when that takes too long.

        Raises the FetchError of a page that its scripts lead away from to where they may not.
        """
        now = asyncio.get_running_loop().time
        began = now()
        before: list[Any] | None = None
        quiet = 0
        while now() - began < self._longest:
            requests.check()
            state = await self._ask(_STATE)
            is_quiet = state is not None and state == before and state[0] and not requests.under_way
            quiet = quiet + 1 if is_quiet else 0
            if quiet >= _QUIET and (state[1] >= _SOME_TEXT or now() - began >= _PATIENCE):
                return
            before = state
            await asyncio.sleep(_LOOK_AGAIN)

    async def html(self, limit: int) -> bytes:
        """The document as HTML in UTF-8, of at most `limit` bytes. Raises TooLarge and BrowserFailed."""
        html = await self._ask(_HTML % limit)
        found = html.encode(errors="replace") if isinstance(html, str) else None
        if found is None or len(found) > limit:
            raise TooLarge(
                f"The page, as drawn, is larger than {limit} bytes", next_step="raise max_body in scrape.toml"
            )
        return found

    async def picture(self, requests: Requests) -> bytes:
        """The whole page as a PNG, cut where it is taller than Chromium draws."""
        await self._ask(_WANT_PICTURES)
        await self.settle(requests)
        size = (await self._session.send("Page.getLayoutMetrics"))["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1}
        clip |= {side: min(max(clip[side], 1), _TALLEST) for side in ("width", "height")}
        shot = await self._session.send(
            "Page.captureScreenshot", {"format": "png", "captureBeyondViewport": True, "clip": clip}
        )
        await self._ask(_AS_BEFORE)
        return b64decode(shot["data"])

    async def _ask(self, expression: str) -> Any:
        """What `expression` is worth in the page; None when the page is just being replaced by another."""
        from playwright.async_api import Error

        try:
            tree = await self._session.send("Page.getFrameTree")
            frame = tree["frameTree"]["frame"]["id"]
            # Asked for again each time, it is the same world, unless the document is another.
            world = await self._session.send("Page.createIsolatedWorld", {"frameId": frame, "worldName": "scrape"})
            answer = await self._session.send(
                "Runtime.evaluate",
                {"expression": expression, "contextId": world["executionContextId"], "returnByValue": True},
            )
        except Error as error:
            said = str(error).lower()
            if any(words in said for words in _BEING_REPLACED) and "has been closed" not in said:
                return None
            raise
        if "exceptionDetails" in answer:
            raise BrowserFailed(
                "The page could not be read in the browser", why=str(answer["exceptionDetails"].get("text"))
            )
        return answer["result"].get("value")
