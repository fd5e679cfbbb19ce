"""Every page of ours: by axe in light and dark, on a wide window and a phone; with large letters and with wide ones."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from importlib.resources import files

import pytest

from tests.web.journeys.addresses import ADDRESSES, REFUSALS, filled, one_of_each
from tests.web.journeys.archived import Known
from tests.web.journeys.visitor import PHONE, STICKS_OUT, WIDE, Keyboard, Visitor, ask

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("journeys")]

COLOURS = ("color-contrast", "link-in-text-block")
"""What axe needs most of its time for, and what depends on the scheme of colours alone."""
ONE_OF_EACH = one_of_each()
NAMELESS = frozenset("link button textbox searchbox combobox checkbox heading".split())
"""As a line of what is read aloud: a control that nothing is said of."""


@pytest.fixture(scope="module")
def axe() -> str:
    return files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")


def judged(visitor: Visitor, axe: str, *, only: Iterable[str] = ()) -> list[str]:
    # Not as an element of the page, which its policy would refuse.
    visitor.page.evaluate(f"if (!window.axe) {{ {axe} }}")
    return list(ask(visitor.page, "judge", list(only)))


def sticks_out(visitor: Visitor, width: int) -> list[str]:
    visitor.page.set_viewport_size({**PHONE, "width": width})
    return list(visitor.page.evaluate(STICKS_OUT))


def headings(visitor: Visitor) -> list[str]:
    """What is wrong with them: one of the first level is at the beginning, and none is left out on the way down."""
    levels = ask(visitor.page, "headings")
    jumps = [f"{after} after {before}" for before, after in itertools.pairwise(levels) if after > before + 1]
    return jumps if levels.count(1) == 1 and levels[0] == 1 else [f"levels are {levels}"]


def nameless(visitor: Visitor) -> list[str]:
    """What is read aloud of which nothing is said but what it is."""
    lines = visitor.page.locator("body").aria_snapshot().splitlines()
    return [line.strip(" -:") for line in lines if line.strip(" -:") in NAMELESS]


def judged_everywhere(visitor: Visitor, axe: str, *, thorough: bool) -> dict[str, list[str]]:
    """What axe finds by all rules in the light on a wide window, and of colours in the dark on a phone.

    With `thorough` the other two ways, too: all that differs between pages of one kind are their texts.
    """
    page = visitor.page
    found = {"light, wide": judged(visitor, axe)}
    page.emulate_media(color_scheme="dark")
    if thorough:
        found["dark, wide"] = judged(visitor, axe, only=COLOURS)
    page.set_viewport_size(PHONE)
    found["dark, phone"] = judged(visitor, axe, only=COLOURS)
    page.emulate_media(color_scheme="light")
    if thorough:
        found["light, phone"] = judged(visitor, axe)
    return found


@pytest.mark.parametrize("address", ADDRESSES)
def test_nothing_is_wrong(visitor: Visitor, axe: str, known: Known, address: str) -> None:
    visitor.open(filled(address, known), REFUSALS.get(address, 200))
    found: dict[str, list[str]] = {}
    ask(visitor.page, "unfold", 300)
    found["sticks out of 360"] = sticks_out(visitor, 360)
    # A window of 1280, four times enlarged (1.4.10).
    found["sticks out of 320"] = sticks_out(visitor, 320)

    ask(visitor.page, "unfold", 6)
    visitor.page.set_viewport_size(WIDE)
    found["headings"] = headings(visitor)
    found["nameless"] = nameless(visitor)
    if "endless" not in address:
        found |= judged_everywhere(visitor, axe, thorough=address in ONE_OF_EACH)

    # Room between letters and lines (1.4.12), and letters of twice the size (1.4.4).
    ask(visitor.page, "space")
    found["wide letters"] = sticks_out(visitor, 360)
    ask(visitor.page, "enlarge")
    found["large letters"] = sticks_out(visitor, 1280)
    assert {how: what for how, what in found.items() if what} == {}


@pytest.mark.parametrize("address", ONE_OF_EACH)
def test_nothing_sticks_out_in_ukrainian(visitor: Visitor, known: Known, address: str) -> None:
    path = filled(address, known)
    visitor.open(f"{path}{'&' if '?' in path else '?'}lang_ui=uk")
    ask(visitor.page, "unfold", 100)
    assert visitor.page.evaluate("document.documentElement.lang") == "uk"
    assert sticks_out(visitor, 320) == []


@pytest.mark.parametrize("address", ["/", "/search?q=market", "/article/{endless}", "/capture/{capture}/explain"])
def test_the_focus_is_seen_on_a_phone(visitor: Visitor, known: Known, address: str) -> None:
    visitor.open(filled(address, known))
    visitor.page.set_viewport_size(PHONE)
    ask(visitor.page, "unfold", 6)
    keyboard = Keyboard(visitor)
    for key in ["Tab"] * 40 + ["Shift+Tab"] * 5:
        keyboard.step(key=key)


# --- And what is wrong is found --------------------------------------------------------------------------------------


def test_axe_finds_what_is_planted(visitor: Visitor, axe: str, known: Known) -> None:
    visitor.open(f"/article/{known.ferry}")
    visitor.page.evaluate(
        """() => {
          document.documentElement.removeAttribute("lang");
          document.querySelector("h1").style.color = "#bbb";
          document.querySelector(".byline a").textContent = "";
          const main = document.querySelector("main");
          for (const name of ["img", "input"]) main.append(document.createElement(name));
          for (let count = 0; count < 2; count++) {
            const button = main.appendChild(document.createElement("button"));
            button.style = "width: 8px; height: 8px; min-height: 0; padding: 0; display: block";
            button.textContent = "x";
          }
        }"""
    )
    names = {one.partition(" ")[0] for one in judged(visitor, axe)}
    assert {"html-has-lang", "label", "color-contrast", "link-name", "image-alt", "target-size"} <= names
    assert "link" in nameless(visitor)
    visitor.page.evaluate("document.querySelector('h2').outerHTML = '<h4>low</h4>'")
    assert headings(visitor) == ["4 after 1"]


def test_dark_is_judged_in_the_dark(visitor: Visitor, axe: str) -> None:
    visitor.open("/nothing", 404)
    visitor.page.evaluate("document.querySelector('h1').style.color = '#444'")
    assert judged(visitor, axe, only=COLOURS) == []
    visitor.page.emulate_media(color_scheme="dark")
    assert [one.partition(" ")[0] for one in judged(visitor, axe, only=COLOURS)] == ["color-contrast"]


@pytest.mark.parametrize(
    ("style", "said"),
    [
        ("overflow-wrap: normal", "wide, the window"),
        ("margin-inline-start: -40px", "reaches from"),
        ("width: 60px; overflow: hidden; white-space: nowrap", "is cut off"),
        ("width: 60px; overflow: auto; white-space: nowrap", "scrolls, but not by keys"),
    ],
)
def test_what_sticks_out_is_found(visitor: Visitor, style: str, said: str) -> None:
    visitor.open("/nothing", 404)
    assert sticks_out(visitor, 360) == []
    visitor.page.evaluate(
        """(style) => {
          const one = document.querySelector("main").appendChild(document.createElement("p"));
          one.textContent = "unbroken".repeat(20);
          one.style.cssText = style;
        }""",
        style,
    )
    assert said in " ".join(sticks_out(visitor, 360))
