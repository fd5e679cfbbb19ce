"""The data dictionary: what each column of each table holds."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from scraper.store import Archive
from scraper.store.dictionary import dictionary_rows
from scraper.web.rendering import page
from scraper.web.visits import Answer, Route, Visit


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    name: str
    type: str
    unit: str
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TableDescribed:
    name: str
    columns: tuple[Column, ...]


@cache
def read_dictionary() -> tuple[TableDescribed, ...]:
    """Of every table, in the order in which the archive describes them: an open archive is of this program's schema."""
    tables: dict[str, list[Column]] = {}
    for row in dictionary_rows():
        column = Column(name=row["column_name"], type=row["type"], unit=row["unit"], description=row["description"])
        tables.setdefault(row["table_name"], []).append(column)
    return tuple(TableDescribed(name=name, columns=tuple(columns)) for name, columns in tables.items())


def _show(archive: Archive, visit: Visit) -> Answer:
    return page("dictionary.html", visit, tables=read_dictionary())


ROUTES = (Route("/dictionary", _show),)
