"""Values as text: in the cells of a spreadsheet, and as JSON on one line."""

from __future__ import annotations

import json
import re
from typing import Any

# Controls that a terminal obeys, what some readers of lines take for the end of one, and marks that reorder text.
_ESCAPED_IN_JSON = re.compile(r"[\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]")

# What begins a formula; spreadsheets take the forms of East Asian typography for the same.
_BEGINS = "=+\\-@＝＋－＠﹦﹢﹣﹫"
# What may stand before it without changing that: spaces, invisible characters, and the apostrophes that we put there.
_SKIPPED = "'\x00-\x08\x0b\x0c\x0e-\x20\x7f-\xa0\xad\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff"
# Also after what a spreadsheet with other settings takes for the end of a cell or a row: half of the world's write
# semicolons between cells, and none heeds our quotation marks then.
_AT_START = re.compile(rf"(?=[{_SKIPPED}]*[{_BEGINS}\t\r\n])")
_INSIDE = re.compile(rf"[;\t\r\n](?=[{_SKIPPED}]*[{_BEGINS}])")


def inert(text: str) -> str:
    """`text` as no spreadsheet takes for a formula: an apostrophe before each place where one could begin.

    Those are the beginning and what follows a semicolon, tab or line end; spaces and invisible characters in between do
    not matter. One apostrophe taken from each such place gives back the text.
    """
    text = _INSIDE.sub(r"\g<0>'", text)
    return f"'{text}" if _AT_START.match(text) else text


def cell(value: Any) -> str:
    """A value in a cell of CSV: nothing for None, lists of text joined, other structures as JSON, never a formula.

    Items are separated by `; `; a semicolon or backslash inside an item has a backslash before it. NUL is left out.
    """
    match value:
        case None:
            return ""
        case bool() | int() | float():
            return str(value)  # a negative number is no formula
        case str():
            text = value
        case list() | tuple() if all(isinstance(item, str) for item in value):
            text = "; ".join(item.replace("\\", "\\\\").replace(";", "\\;") for item in value)
        case list() | tuple() | dict():
            text = json_text(value)
        case _:
            text = str(value)
    return inert(text.replace("\x00", ""))


def json_text(value: Any, *, indent: int | None = None) -> str:
    """`value` as JSON that keeps every letter and escapes every control character."""
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    return _ESCAPED_IN_JSON.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def utf8(text: str) -> bytes:
    """`text` as UTF-8; halves of characters, which have no UTF-8, as U+FFFD."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass").decode("utf-8", "replace").encode()
