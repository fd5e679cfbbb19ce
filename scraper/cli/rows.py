"""Rows in the formats every command offers."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from scraper.cli.conventions import Format
from scraper.cli.messages import harmless, json_text
from scraper.cli.terminal import console
from scraper.export.cells import cell

if TYPE_CHECKING:
    from rich.text import Text

Row = dict[str, Any]

_FLEXIBLE = ("headline", "snippet", "shows", "url", "what", "fields", "starts", "last_run")
"""Columns of a table that take what room the others leave, and more lines when it is not enough."""


BOLD = ("\ue010", "\ue011")
"""What stands around text that a table shows in bold: characters for private use, which a terminal does not obey."""


def print_rows(rows: Iterable[Row], columns: Sequence[str], form: Format) -> int:
    """Print `rows` and return how many there were. `columns` are those of table, csv and md; json has every key."""
    match form:
        case Format.json:
            return _print_json(rows)
        case Format.ndjson:
            return _print_lines(rows)
        case Format.csv:
            return _print_csv(rows, columns)
        case Format.md:
            return _print_markdown(rows, columns)
        case Format.table:
            return _print_table(rows, columns)


def _print_json(rows: Iterable[Row]) -> int:
    count = 0
    for row in rows:
        print("[" if count == 0 else ",", end="\n")
        print(json_text(row, indent=2), end="")
        count += 1
    print("\n]" if count else "[]")
    return count


def _print_lines(rows: Iterable[Row]) -> int:
    count = 0
    for row in rows:
        print(json_text(row), flush=True)
        count += 1
    return count


def _print_csv(rows: Iterable[Row], columns: Sequence[str]) -> int:
    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow(columns)
    on_terminal = sys.stdout.isatty()
    count = 0
    for row in rows:
        cells = [cell(row.get(column)) for column in columns]
        out.writerow([harmless(text) if on_terminal else text for text in cells])
        count += 1
    return count


def _print_markdown(rows: Iterable[Row], columns: Sequence[str]) -> int:
    print("| " + " | ".join(columns) + " |")
    print("|" + "|".join(" --- " for _ in columns) + "|")
    count = 0
    for row in rows:
        cells = (harmless(cell_text(row.get(c))).replace("\n", " ").replace("|", "\\|") for c in columns)
        print("| " + " | ".join(cells) + " |")
        count += 1
    return count


def _print_table(rows: Iterable[Row], columns: Sequence[str]) -> int:
    from rich.measure import Measurement
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        if column in _FLEXIBLE:
            table.add_column(column, ratio=1, overflow="fold")
        else:
            table.add_column(column, no_wrap=True, overflow="ellipsis", max_width=24)
    count = 0
    for row in rows:
        table.add_row(*(_text(harmless(_short(column, row.get(column))).replace("\n", " ")) for column in columns))
        count += 1
    out = console()
    # Only a table too wide for the terminal is fitted to it: to fit is also to fill.
    table.expand = Measurement.get(out, out.options.update(max_width=10_000), table).maximum > out.width
    out.print(table)
    return count


def _text(cell: str) -> Text:
    """A Text object, never markup: a headline may hold [brackets]."""
    from rich.text import Text

    first, *others = cell.split(BOLD[0])
    text = Text(first)
    for other in others:
        bold, _, rest = other.partition(BOLD[1])
        text.append(bold, style="bold").append(rest)
    return text


def _short(column: str, value: Any) -> str:
    """A cell of a table: of a time only its day."""
    text = cell_text(value)
    return text[:10] if column.endswith("_at") else text


def cell_text(value: Any) -> str:
    """A value in one cell: lists joined, nothing for None, other structures as JSON."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, list | tuple) and all(isinstance(item, str) for item in value):
        return "; ".join(value)
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list | tuple) else str(value)
