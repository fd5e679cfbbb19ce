"""What every column of every table and view means: the rows of `data_dictionary`, a module a group of tables."""

from __future__ import annotations

from collections.abc import Iterator

from scraper.store.dictionary import assets, captures, crawls, file, health, pages, search, websub

# A table that two of them described would be refused by the primary key of `data_dictionary`.
_GROUPS = (pages, captures, assets, crawls, websub, health, search, file)


def dictionary_rows() -> Iterator[dict[str, str]]:
    """The rows of `data_dictionary`: table_name, column_name, type, unit, description."""
    for group in _GROUPS:
        for table, columns in group.TABLES.items():
            for column, ((kind, unit), description) in columns.items():
                yield {
                    "table_name": table,
                    "column_name": column,
                    "type": kind,
                    "unit": unit,
                    "description": description,
                }
