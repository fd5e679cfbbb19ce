"""News pages, archived: fetch, extract, and keep every version in one SQLite file.

    from scraper import extract, Archive

Both are imported when first used, so that `import scraper` costs nothing.
"""

from __future__ import annotations

import sys
from types import ModuleType
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

        return globals().setdefault(name, getattr(import_module(_HOMES[name]), name))
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


class _Package(ModuleType):
    """`scraper.extract` is the function. The folder it lives in bears that name too, and importing it would set it."""

    def __setattr__(self, name: str, value: object) -> None:
        if not (name in _HOMES and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
