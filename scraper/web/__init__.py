"""The local web interface: pages for people who would rather look than query, and Datasette for those who query.

Nothing here is imported before `scrape serve` is asked for: it needs the extra `web`.
"""

from __future__ import annotations

from importlib.util import find_spec

from scraper.errors import UsageError


def check_installed() -> None:
    """Raises UsageError where the extra `web` is not installed."""
    try:
        missing = find_spec("datasette") is None or find_spec("uvicorn") is None
    except ModuleNotFoundError:
        missing = True
    if missing:
        raise UsageError(
            "The web interface needs Datasette, which is not installed",
            next_step="pip install 'news-archiver[web]'",
        )
