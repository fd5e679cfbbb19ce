"""How a column is described: type and unit of its values, then what they mean and what null means."""

from __future__ import annotations

TIME = ("text", "UTC, ISO 8601 with milliseconds")
STATED_TIME = ("text", "ISO 8601, as the page states it: with its offset, or a plain date")
TEXT = ("text", "")
URL = ("text", "absolute URL")
JSON = ("text", "JSON")
ID = ("integer", "")
COUNT = ("integer", "count")
FLAG = ("integer", "0 or 1")
BYTES = ("integer", "bytes")
SECONDS = ("real", "seconds since the fetch began")
HASH = ("text", "SHA-256, hexadecimal")

# Name of a column to ((type, unit), description); name of a table or view to its columns.
Columns = dict[str, tuple[tuple[str, str], str]]
Tables = dict[str, Columns]
