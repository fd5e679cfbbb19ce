"""News pages, archived: fetch, extract, and keep every version in one SQLite file.

    from scraper import extract, Archive

Both are imported when first used, so that `import scraper` costs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scraper.settings import VERSION as __version__

if TYPE_CHECKING:
    from scraper.extract import extract
    from scraper.store import Archive

__all__ = ["Archive", "__version__", "extract"]

_HOMES = {"extract": "scraper.extract", "Archive": "scraper.store"}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        from importlib import import_module

        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
