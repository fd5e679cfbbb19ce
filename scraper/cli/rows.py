"""Rows in the formats every command offers."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterable, Sequence
from typing import Any

from scraper.cli.conventions import Format, color_wanted
from scraper.cli.messages import harmless

Row = dict[str, Any]


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
        print(json.dumps(row, ensure_ascii=False, indent=2), end="")
        count += 1
    print("\n]" if count else "[]")
    return count


def _print_lines(rows: Iterable[Row]) -> int:
    count = 0
    for row in rows:
        print(json.dumps(row, ensure_ascii=False), flush=True)
        count += 1
    return count


def _print_csv(rows: Iterable[Row], columns: Sequence[str]) -> int:
    out = csv.writer(sys.stdout)
    out.writerow(columns)
    count = 0
    for row in rows:
        out.writerow([_inert(cell_text(row.get(column))) for column in columns])
        count += 1
    return count


def _inert(text: str) -> str:
    # Spreadsheets run a cell that begins so as a formula.
    return "'" + text if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


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
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        wide = column in ("headline", "url", "snippet", "shows")
        table.add_column(column, overflow="ellipsis" if not wide else "fold", no_wrap=not wide)
    count = 0
    for row in rows:
        # Text objects, never markup: a headline may hold [brackets].
        table.add_row(*(Text(harmless(cell_text(row.get(column))).replace("\n", " ")) for column in columns))
        count += 1
    Console(no_color=not color_wanted(), highlight=False).print(table)
    return count


def cell_text(value: Any) -> str:
    """A value in one cell: lists joined, nothing for None, other structures as JSON."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, list | tuple) and all(isinstance(item, str) for item in value):
        return "; ".join(value)
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list | tuple) else str(value)
