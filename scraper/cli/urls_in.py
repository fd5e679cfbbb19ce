"""URLs from files: a line each, or the url column of a CSV."""

from __future__ import annotations

import csv
import io
import sys
from pathlib import Path

from scraper.errors import UsageError

_COLUMNS = ("url", "link", "address", "href")
_DELIMITERS = (",", ";", "\t")


def read_urls(path: Path) -> list[str]:
    """The URLs of a text file (a line each; blank lines and lines that begin with # are passed over) or a CSV file.

    `-` is standard input. Raises UsageError.
    """
    name = "standard input" if str(path) == "-" else str(path)
    text = _read(path, name)
    urls = _of_table(text, name)
    if urls is None:
        lines = (line.strip() for line in text.splitlines())
        urls = [line for line in lines if line and not line.startswith("#")]
    if not urls:
        raise UsageError(f"{name} holds no URL", next_step="put one URL on each line, or give a CSV with a url column")
    return urls


def _of_table(text: str, name: str) -> list[str] | None:
    """The url column of text that begins with a header; None for text without one. Raises UsageError."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    for delimiter in _DELIMITERS:
        names = [title.strip().lower() for title in next(csv.reader([first], delimiter=delimiter), [])]
        column = next((names.index(known) for known in _COLUMNS if known in names), None)
        if column is not None and len(names) == 1:
            return [line.strip() for line in text.strip().splitlines()[1:] if line.strip()]
        if column is not None:
            rows = list(csv.reader(io.StringIO(text.strip()), delimiter=delimiter))[1:]
            return [row[column].strip() for row in rows if len(row) > column and row[column].strip()]
    if "," in first and "://" not in first and not first.startswith("#"):
        columns = ", ".join(title.strip() for title in first.split(","))
        raise UsageError(
            f"{name} has no column called url",
            why=f"its columns are {columns}",
            next_step="call the column with the addresses url",
        )
    return None


def _read(path: Path, name: str) -> str:
    try:
        raw = sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
        return raw.decode("utf-8-sig")
    except FileNotFoundError:
        raise UsageError(f"No such file: {path}", next_step="check the path given to -i") from None
    except UnicodeDecodeError:
        raise UsageError(f"Cannot read {name}", why="it is not UTF-8 text", next_step="save it as UTF-8") from None
    except OSError as error:
        raise UsageError(f"Cannot read {path}", why=error.strerror or str(error)) from error
