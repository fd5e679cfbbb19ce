"""No page is forgotten: whatever has a route is judged, or known to be no page."""

from __future__ import annotations

from tests.web.journeys.addresses import ADDRESSES, NO_PAGES, REFUSALS, of_route, one_of_each, routes


def test_every_page_is_judged() -> None:
    assert [pattern for pattern in routes() if pattern not in NO_PAGES and not of_route(pattern)] == []
    assert set(one_of_each()) < set(ADDRESSES)


def test_what_is_no_page_is_a_route() -> None:
    assert set(NO_PAGES) <= set(routes())
    assert set(REFUSALS) <= set(ADDRESSES)
