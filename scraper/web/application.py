"""Datasette with what our pages need."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from datasette.app import Datasette

from scraper.store.dictionary import dictionary_rows
from scraper.web.explaining import Explainer
from scraper.web.reading import Readers
from scraper.web.replay.routes import Views
from scraper.web.replay.serving import Replay
from scraper.web.sql import add_archive
from scraper.web.visits import Route

DATABASE = "archive"
"""What Datasette calls it, whatever its file is called: its pages are under `/archive/`."""

_SETTINGS = {
    "allow_download": False,
    "default_cache_ttl": 0,
    "default_page_size": 50,
    "num_sql_threads": 3,
    "sql_time_limit_ms": 1_000,
    # Of a large table it would try every column, one after the other.
    "suggest_facets": False,
    "template_debug": False,
    "trace_debug": False,
}
# Parts of the search index, and what only this program can read.
_HIDDEN = frozenset(
    "articles_fts_folded asset_queue blobs capture_assets deltas fingerprint_bands fingerprints similar_pages"
    " site_bases websub_subscriptions _sqlite_migrations".split()
)
_LABELS = {
    "assets": "url",
    "pages": "url",
    "revisions": "headline",
    "captures": "url",
    "runs": "command",
    "sources": "url",
}
"""What stands for a row where another one points at it."""


class Application(Datasette):  # type: ignore[misc]  # Datasette has no types
    """Datasette over one archive, and the readers that our own pages ask."""

    def __init__(self, readers: Readers, *, more_routes: Sequence[Route] = (), selectors: Path | None = None) -> None:
        """`selectors` is the folder of site files that pages are explained by; None: the packaged ones."""
        # Datasette asks for routes while it is being made.
        self.readers = readers
        self.more_routes = tuple(more_routes)
        self.replay = Replay(readers.ask)
        self.explainer = Explainer(readers.ask, self.replay, selectors=selectors)
        self.replay_routes = Views(self.replay).routes
        templates = Path(__file__).parent / "templates" / "datasette"
        super().__init__(
            files=[], settings=_SETTINGS, template_dir=str(templates), metadata=_metadata(readers.path.name)
        )
        self.archive_database = add_archive(self, readers.path, name=DATABASE)

    def close(self) -> None:
        self.explainer.close()
        self.replay.close()
        self.readers.close()
        if self.executor is not None:
            self.executor.shutdown(cancel_futures=True)
        for database in self.databases.values():
            database.close()


def _metadata(name: str) -> dict[str, Any]:
    """The data dictionary, as Datasette shows it beside tables; and which tables it leaves out of its list."""
    tables: dict[str, dict[str, Any]] = {table: {"hidden": True} for table in _HIDDEN}
    for row in dictionary_rows():
        about = tables.setdefault(row["table_name"], {})
        unit = f" ({row['unit']})" if row["unit"] else ""
        about.setdefault("columns", {})[row["column_name"]] = f"{row['description']}{unit}"
    for table, column in _LABELS.items():
        tables.setdefault(table, {})["label_column"] = column
    return {"title": name, "databases": {DATABASE: {"tables": tables}}}
