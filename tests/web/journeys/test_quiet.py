"""That visitors notice what they are there for: who else is asked, what a page complains of, where the focus is."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.web.journeys.visitor import Keyboard, Visitor

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("journeys")]


def test_who_asks_elsewhere_is_noticed(visitor: Visitor) -> None:
    page = visitor.page
    page.goto("about:blank")
    page.set_content(
        "<img src=http://elsewhere.example/a.png><link rel=stylesheet href=https://elsewhere.example/b.css>"
        "<iframe src=http://127.0.0.1:9/></iframe>"
    )
    assert sorted(visitor.asked_elsewhere) == [
        "http://127.0.0.1:9/",
        "http://elsewhere.example/a.png",
        "https://elsewhere.example/b.css",
    ]
    visitor.asked_elsewhere.clear()
    visitor.errors.clear()


def test_what_a_page_complains_of_is_noticed(a_visitor: Callable[..., Visitor]) -> None:
    for scripts in (True, False):
        visitor = a_visitor(java_script_enabled=scripts)
        visitor.open("/dictionary")
        visitor.page.evaluate(
            """() => {
              const style = document.createElement("style");
              style.textContent = "p { color: red }";
              document.head.append(style);
              const image = document.createElement("img");
              image.src = "http://elsewhere.example/";
              document.body.append(image);
            }"""
        )
        visitor.page.wait_for_timeout(200)
        # The policy of the page forbids both before anybody is asked.
        assert ["Content Security Policy" in one for one in visitor.errors] == [True, True]
        assert visitor.asked_elsewhere == []
        visitor.errors.clear()


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("link.style.outline = 'none'", "not marked"),
        ("link.style.outline = '3px solid #eeeeee'", "too faint"),
        ("link.style.cssText = 'position: absolute; left: -200vw'", "out of sight"),
        ("document.body.append(cover)", "covered"),
    ],
)
def test_a_focus_that_cannot_be_seen_is_noticed(visitor: Visitor, fault: str, said: str) -> None:
    visitor.open("/nothing", 404)
    visitor.page.evaluate(
        f"""() => {{
          const link = document.querySelector("nav a");
          const cover = document.createElement("div");
          cover.style.cssText = "position: fixed; inset: 0; background: white";
          {fault};
        }}"""
    )
    keyboard = Keyboard(visitor)
    visitor.page.keyboard.press("Tab")
    with pytest.raises(AssertionError, match=said):
        keyboard.step()
