"""The pages, a module each: what is read becomes a frozen dataclass, and a template of its name shows that.

A page is added so: a module here with `ROUTES` (a pattern of the address, and a function of an open archive and a visit
that returns `rendering.page("name.html", visit, …)`), a template, what it says in each catalogue of `messages/`, and a
line in ROUTES below. One that stands in the menu has a line in `rendering.NAVIGATION`; one that rows of Datasette's
tables lead to, a line in ROW_PAGES.
"""

from __future__ import annotations

from scraper.web.pages import article, citing, dictionary, differences, history, home, search
from scraper.web.visits import Route

ROUTES: tuple[Route, ...] = (
    *home.ROUTES,
    *search.ROUTES,
    *article.ROUTES,
    *citing.ROUTES,
    *history.ROUTES,
    *differences.ROUTES,
    *dictionary.ROUTES,
)

ROW_PAGES = {
    ("articles", "id"): "/article/{id}",
    ("pages", "url"): "/article/{id}",
    ("revisions", "headline"): "/article/{page_id}?revision={number}",
    ("*", "page_id"): "/article/{page_id}",
    ("*", "other_page_id"): "/article/{other_page_id}",
}
"""Where a column of a table leads to in Datasette, with values of its row; `*` is any table."""
