"""Every page of ours, as addresses over the archive of `archived`: what is judged page by page is judged on these."""

from __future__ import annotations

import re
from dataclasses import asdict
from types import SimpleNamespace
from typing import Any

from scraper.web.pages import ROUTES
from scraper.web.replay.routes import Views
from tests.web.journeys.archived import Known
from tests.web.test_pages import PAGES

MORE = (
    "/article/{arabic}",
    "/article/{chinese}",
    "/article/{wall}",
    "/article/{endless}",
    "/article/{endless_arabic}",
    "/article/{endless_chinese}",
    "/article/{endless}/history",
    "/article/{gone}/history",
    "/search?q=סוק&lang=ar&site={other_outlet}",
    "/search?q=渡口",
    "/search?site=endless.example",
    "/capture/{capture}",
    "/capture/{refused}",
    "/capture/{capture}/explain",
    "/outlets",
    "/outlets/{outlet}",
    "/jobs",
    "/runs",
    "/runs?job=mornings",
    "/runs/{run}",
    "/web/{captured}/{ferry_url}",
    "/web/*/{ferry_url}",
)
REFUSALS = {
    "/nothing": 404,
    "/search?q=(": 400,
    "/web/2024/http://none.example/": 404,
    "/archive?sql=delete+from+pages": 400,
}
"""Pages that tell of an error, and the status they do it with."""

_PLACE = re.compile(r"\{(\w+)\}")

ADDRESSES = tuple(dict.fromkeys((*PAGES, *MORE, *REFUSALS)))

NO_PAGES = (
    r"/search\.csv",
    r"/search\.ndjson",
    r"/article/(?P<id>\d{1,15})/cite\.(?P<suffix>bib|json|txt)",
    r"/capture/(?P<id>\d{1,15})/screenshot\.png",
    r"/capture/(?P<id>\d{1,15})/explain/page",
    r"/changes\.atom",
    r"/web/static/replay\.css$",
    r"/web/timemap/(?P<form>link|json)/(?P<url>.+)$",
    r"/web/timegate/(?P<url>.+)$",
    r"/web/(?P<url>(?:https?:|[^/]+\.).+)$",
)
"""Routes that answer with a file, a redirect, or with a page of somebody else's."""


def routes() -> list[str]:
    """Patterns of all the addresses that are ours."""
    replay: Any = SimpleNamespace()
    return [*(route.pattern for route in ROUTES), *(pattern for pattern, _ in Views(replay).routes)]


def of_route(pattern: str) -> list[str]:
    """Those of ADDRESSES that it answers for."""
    return [address for address in ADDRESSES if re.fullmatch(pattern, _PLACE.sub(_like, address).partition("?")[0])]


def one_of_each() -> list[str]:
    """Of every kind of page the first, so also none twice."""
    found = (of_route(pattern)[:1] for pattern in routes() if pattern not in NO_PAGES)
    return list(dict.fromkeys(address for first in found for address in first))


def _like(place: re.Match[str]) -> str:
    kinds = {"_url": "http://outlet.example/story", "outlet": "outlet.example", "captured": "20240723101500"}
    return next((like for end, like in kinds.items() if place[1].endswith(end)), "1")


def filled(address: str, known: Known) -> str:
    return address.format_map(asdict(known))
