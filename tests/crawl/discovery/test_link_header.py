"""Link headers, as servers write them."""

from __future__ import annotations

import pytest

from scraper.crawl.discovery.link_header import linked

FEED = "https://outlet.example/feed/"
HUB = "https://hub.example/"


@pytest.mark.parametrize(
    "header",
    [
        f"<{HUB}>; rel=hub",
        f'<{HUB}>;rel="hub"',
        f' , <{HUB}> ; REL = "HUB" ; title="a, <b>; rel=self \\" c"',
        f"<{HUB}>; crossorigin; rel=hub",
        f"<{HUB}>; title*=UTF-8''a%20b; rel='hub'".replace("'hub'", "hub"),
        f'<{HUB}>; rel="alternate hub"',
        "<https://user:secret@hub.example/#there>; rel=hub, <mailto:hub@hub.example>; rel=hub",
        f"<{HUB}>; rel=hub; rel=other",
        f"<//hub.example/>; rel=hub, <{HUB}>; rel=hub",
        f"<{HUB}>; rel=hub what is this, <https://other.example/>; rel=hub",
    ],
)
def test_a_hub(header: str) -> None:
    assert linked([header], FEED)["hub"] == (HUB,)


def test_several_links_in_several_headers() -> None:
    found = linked([f"<{HUB}>; rel=hub, <../own>; rel=self", "</b>; rel=hub", "", "<", "rel=hub"], FEED)
    assert found == {"hub": (HUB, "https://outlet.example/b"), "self": ("https://outlet.example/own",)}


@pytest.mark.parametrize("header", [f"<{HUB}>", f"<{HUB}>; rel", f'<{HUB}>; rel=""', f"{HUB}; rel=hub", "<x>; rel=hub"])
def test_none(header: str) -> None:
    assert "hub" not in linked([header], FEED)


def test_a_link_from_elsewhere_is_not_the_feeds() -> None:
    assert linked([f'<{HUB}>; rel=hub; anchor="https://other.example/"'], FEED) == {}


@pytest.mark.parametrize("part", ["<a>", '<a>;a="', ";a=", " ,", "<a>;a=\\", '<a>; a="\\'])
def test_a_hostile_header_takes_no_time(part: str) -> None:
    assert linked([part * 500_000], FEED) == {}
