"""How much one page may show: bytes, a number, and what it may be."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from scraper.capture import Capture
from scraper.rewriting.assets import Kind, font_type, image_type
from scraper.settings import FetchSettings


class Share:
    """What one fetch may take of a budget. Set `used` to what it did."""

    def __init__(self, allowance: int) -> None:
        self.allowance = allowance
        """Bytes; 0 when there is nothing left."""
        self.used = 0


class Budget:
    """Of one page. Several fetches may take from it at a time."""

    def __init__(self, settings: FetchSettings) -> None:
        self._largest = settings.assets_largest
        self._left = settings.assets_budget
        self._addresses = settings.assets_number
        self._at_work = 0
        self._changed = asyncio.Condition()
        self.used = 0

    def take_address(self) -> bool:
        """Whether one more may be asked for, or given."""
        self._addresses -= 1
        return self._addresses >= 0

    def take(self, size: int) -> bool:
        """Whether there is room for what is in the archive already; then it is taken."""
        if size > min(self._left, self._largest):
            return False
        self._left -= size
        self.used += size
        return True

    @asynccontextmanager
    async def share(self) -> AsyncIterator[Share]:
        """Room for one fetch; waits for what others may give back rather than grant little."""
        async with self._changed:
            await self._changed.wait_for(lambda: self._left >= self._largest or not self._at_work)
            share = Share(max(0, min(self._left, self._largest)))
            self._left -= share.allowance
            self._at_work += 1
        try:
            yield share
        finally:
            # No lock: nothing is awaited between, and whoever is cancelled must give back, too.
            used = min(share.used, share.allowance)
            self._left += share.allowance - used
            self.used += used
            self._at_work -= 1
            await asyncio.shield(self._tell())

    async def _tell(self) -> None:
        async with self._changed:
            self._changed.notify_all()


def why_not(kind: Kind, capture: Capture) -> str | None:
    """Why an answer is not what it was asked for as; None when it is. What it is, its first bytes tell."""
    body = capture.body or b""
    stated = (capture.content_type or "").partition(";")[0].strip().lower()
    if not body:
        return "there is nothing in it"
    if kind == "style":
        looks_like_markup = body[:256].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")
        if stated not in ("", "text/css", "text/plain", "application/octet-stream") or looks_like_markup:
            return f"it is no style sheet but {'markup' if looks_like_markup else stated}"
        return None
    if (image_type if kind == "image" else font_type)(body) is None:
        return f"it is no {'picture' if kind == 'image' else 'font'} that browsers show ({stated or 'no type stated'})"
    return None
