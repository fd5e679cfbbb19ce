"""The analyst's SQL: Datasette's interface, its limits made real.

    database = add_archive(datasette, path)     # serves it as /archive
    database.close()                            # when the server ends

A statement runs in a process of its own kind (`sandbox`, which says what it may do), a few of which wait in a `pool`.
`process` has the limits. `departures` frees them for those who are still there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from scraper.web.sql.database import AnalystDatabase, StatementInterrupted, add_archive
    from scraper.web.sql.departures import CancelDeparted
    from scraper.web.sql.process import Limits

__all__ = ["AnalystDatabase", "CancelDeparted", "Limits", "StatementInterrupted", "add_archive"]

_HOMES = {
    "AnalystDatabase": "scraper.web.sql.database",
    "CancelDeparted": "scraper.web.sql.departures",
    "Limits": "scraper.web.sql.process",
    "StatementInterrupted": "scraper.web.sql.database",
    "add_archive": "scraper.web.sql.database",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        from importlib import import_module

        return globals().setdefault(name, getattr(import_module(_HOMES[name]), name))
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
