"""Somebody in front of a browser: what is opened, asked for, complained of; and one who has but the keyboard."""

from __future__ import annotations

import re
from importlib.resources import files
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, Route

WIDE = {"width": 1280, "height": 800}
PHONE = {"width": 360, "height": 740}

_FOLDER = files("tests.web.journeys")
FOCUS = _FOLDER.joinpath("focus.js").read_text(encoding="utf-8")
STICKS_OUT = _FOLDER.joinpath("sticks_out.js").read_text(encoding="utf-8")
_AUDITS = _FOLDER.joinpath("audits.js").read_text(encoding="utf-8")

_PATIENCE = 30_000
"""Milliseconds that something may take on a machine that has other things to do."""


def ask(page: Page, question: str, *given: Any) -> Any:
    """The answer to one of the questions of `audits.js`."""
    return page.evaluate(f"([name, ...given]) => ({_AUDITS})[name](...given)", [question, *given])


class Visitor:
    """A window of its own; `page` is Playwright's."""

    def __init__(self, chromium: Browser, origin: str, **options: Any) -> None:
        self.origin = origin
        self.asked_elsewhere: list[str] = []
        self.errors: list[str] = []
        """What the console said: of scripts, and of what a policy forbade."""
        self._refused: set[str] = set()
        self._window = chromium.new_context(
            **{"service_workers": "block", "viewport": WIDE, "locale": "en-GB", **options}
        )
        self._window.set_default_timeout(_PATIENCE)
        self._window.route(re.compile(f"^(?!{re.escape(origin)}/)"), self._abort)
        self._window.on("console", self._said)
        self._window.on("weberror", lambda error: self.errors.append(str(error.error)))
        self.page = self._window.new_page()

    def leave(self) -> None:
        self._window.close()

    def start(self) -> None:
        """As somebody who has just come."""
        self.asked_elsewhere.clear()
        self.errors.clear()
        self._refused.clear()
        self.page.set_viewport_size(WIDE)
        self.page.emulate_media(color_scheme="light", media="screen")

    def open(self, path: str, status: int = 200) -> None:
        """Go to an address of ours, which answers with `status`."""
        if status >= 400:
            self._refused.add(f"{self.origin}{path}")
        answer = self.page.goto(f"{self.origin}{path}")
        assert answer is not None
        assert answer.status == status, path

    def at(self, path: str) -> None:
        """Wait until the address is this one, a pattern with `*`; queries are part of it."""
        self.page.wait_for_url(f"{self.origin}{path}")

    @property
    def path(self) -> str:
        return self.page.url.removeprefix(self.origin)

    def follow(self, name: str | re.Pattern[str], *, within: str = "main") -> None:
        """Click on the first link of this name."""
        self.link(name, within=within).click()

    def link(self, name: str | re.Pattern[str], *, within: str = "main") -> Locator:
        return self.page.locator(within).get_by_role("link", name=name, exact=isinstance(name, str)).first

    def _abort(self, route: Route) -> None:
        self.asked_elsewhere.append(route.request.url)
        route.abort()

    def _said(self, message: ConsoleMessage) -> None:
        # Of a page that is answered with an error, as the test that opens it expects.
        if message.text.startswith("Failed to load resource") and message.location.get("url") in self._refused:
            return
        if message.type in ("error", "warning"):
            self.errors.append(f"{message.text} ({message.location.get('url')})")


class Keyboard:
    """All that is done here is pressing keys. Wherever they lead, it must be seen where one is."""

    def __init__(self, visitor: Visitor) -> None:
        self.visitor = visitor
        self.page = visitor.page

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def type(self, text: str) -> None:
        self.page.keyboard.type(text)

    def step(self, target: Locator | None = None, key: str = "Tab") -> bool:
        """One press of Tab or Shift+Tab; whether it led to `target`. What is focused must be seen to be."""
        self.page.keyboard.press(key)
        element = target.element_handle() if target is not None else None
        found = self.page.evaluate(FOCUS, element)
        assert not found["problem"], f"{found['problem']}: {found['what']} on {self.visitor.path}"
        return bool(found["there"])

    def go_to(self, target: Locator, key: str = "Tab", *, most: int = 250) -> None:
        """Press it until `target` has the focus."""
        for _ in range(most):
            if self.step(target, key):
                return
        raise AssertionError(f"{target} was not reached with {key} on {self.visitor.path}")

    def follow(self, name: str | re.Pattern[str], *, within: str = "main", key: str = "Tab") -> None:
        """To the first link of this name, and through it."""
        self.go_to(self.visitor.link(name, within=within), key)
        self.press("Enter")

    def skip(self) -> None:
        """From a page that was just opened past its menu."""
        skip = self.page.locator("a.skip")
        assert self.step(skip), "the way past the menu comes first"
        self.press("Enter")
        assert self.page.evaluate("document.activeElement.id") == "main"
