"""Lists of addresses with notes: a line each, or a CSV with the columns url and note."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from scraper.errors import UsageError
from scraper.urls import check_url

_URL = ("url", "link", "address", "href")
_NOTE = ("note", "notes", "comment", "remark", "title")
_DELIMITERS = (",", ";", "\t")


@dataclass(frozen=True, slots=True)
class Listed:
    """A line of a list."""

    text: str
    """The address as it stands there."""
    url: str | None
    """None for what is no address of a web page."""
    note: str


def read_list(path: Path, *, note: str) -> Iterator[Listed]:
    """The addresses of a list. `note` is for those that have none of their own. Raises UsageError."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError(f"Cannot read {path}", why="it is not UTF-8 text", next_step="save it as UTF-8") from None
    except OSError as error:
        raise UsageError(f"Cannot read {path}", why=error.strerror or str(error)) from error
    for address, own in _rows(text):
        try:
            yield Listed(address, check_url(address), own or note)
        except UsageError:
            yield Listed(address, None, own or note)


def _rows(text: str) -> Iterator[tuple[str, str]]:
    first = next((line for line in text.splitlines() if line.strip()), "")
    for delimiter in _DELIMITERS:
        names = [name.strip().lower() for name in next(csv.reader([first], delimiter=delimiter), [])]
        column = next((names.index(known) for known in _URL if known in names), None)
        if column is None:
            continue
        note = next((names.index(known) for known in _NOTE if known in names), None)
        for row in list(csv.reader(io.StringIO(text.strip()), delimiter=delimiter))[1:]:
            if len(row) > column and row[column].strip():
                yield row[column].strip(), row[note].strip() if note is not None and len(row) > note else ""
        return
    for line in text.splitlines():
        if line.strip() and not line.lstrip().startswith("#"):
            yield line.strip(), ""
