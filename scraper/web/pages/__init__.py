"""The pages, a module each: what is read becomes a frozen dataclass, and a template of its name shows that.

A page is added so: a module here with `ROUTES` (a pattern of the address, and a function of an open archive and a visit
that returns `rendering.page("name.html", visit, …)`), a template, what it says in each catalogue of `messages/`, and a
line in ROUTES below. One that stands in the menu has a line in `rendering.NAVIGATION`; one that rows of Datasette's
tables lead to, a line in ROW_PAGES.
"""

from __future__ import annotations

from scraper.web.pages import (
    article,
    capture,
    changes,
    citing,
    dictionary,
    differences,
    explain,
    history,
    home,
    jobs,
    outlet,
    outlets,
    runs,
    search,
)
from scraper.web.visits import Route

ROUTES: tuple[Route, ...] = (
    *home.ROUTES,
    *search.ROUTES,
    *article.ROUTES,
    *citing.ROUTES,
    *history.ROUTES,
    *differences.ROUTES,
    *capture.ROUTES,
    *explain.ROUTES,
    *outlets.ROUTES,
    *outlet.ROUTES,
    *jobs.ROUTES,
    *runs.ROUTES,
    *changes.ROUTES,
    *dictionary.ROUTES,
)

ROW_PAGES = {
    ("articles", "id"): "/article/{id}",
    ("pages", "url"): "/article/{id}",
    ("revisions", "headline"): "/article/{page_id}?revision={number}",
    ("captures", "url"): "/capture/{id}",
    ("capture_parts", "part_id"): "/capture/{part_id}",
    ("*", "capture_id"): "/capture/{capture_id}",
    ("*", "page_id"): "/article/{page_id}",
    ("*", "other_page_id"): "/article/{other_page_id}",
    ("*", "site"): "/outlets/{site}",
    ("jobs", "name"): "/runs?job={name}",
    ("runs", "command"): "/runs/{id}",
    ("*", "run_id"): "/runs/{run_id}",
    ("*", "since_run_id"): "/runs/{since_run_id}",
    ("*", "raised_run_id"): "/runs/{raised_run_id}",
    ("*", "cleared_run_id"): "/runs/{cleared_run_id}",
}
"""Where a column of a table leads to in Datasette, with values of its row; `*` is any table."""
