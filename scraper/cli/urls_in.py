"""URLs from files: a line each, or the url column of a CSV."""

from __future__ import annotations

import csv
import sys
from pathlib import Path

from scraper.errors import UsageError

_COLUMNS = ("url", "link", "address", "href")


def read_urls(path: Path) -> list[str]:
    """The URLs of a text file (a line each; blank lines and lines that begin with # are passed over) or a CSV file.

    `-` is standard input. Raises UsageError.
    """
    text = sys.stdin.read() if str(path) == "-" else _read(path)
    lines = [line.strip() for line in text.lstrip("\ufeff").splitlines()]
    lines = [line for line in lines if line and not line.startswith("#")]
    if not lines:
        raise UsageError(f"{path} holds no URL", next_step="put one URL on each line, or give a CSV with a url column")
    header = next(csv.reader([lines[0]]))
    names = [name.strip().lower() for name in header]
    column = next((names.index(name) for name in _COLUMNS if name in names), None)
    if column is None:
        if "," in lines[0] and "://" not in lines[0]:
            raise UsageError(f"{path} has no column called url", why=f"its columns are {', '.join(names)}")
        return lines
    return [row[column].strip() for row in csv.reader(lines[1:]) if len(row) > column and row[column].strip()]


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise UsageError(f"No such file: {path}", next_step="check the path given to -i") from None
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"Cannot read {path}", why=str(error)) from error
