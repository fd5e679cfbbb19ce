"""From values to what a column can hold, and back."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from scraper.article import utc_text


def clean(text: str | None) -> str | None:
    """`text` as every SQLite tool can read it: no NUL (they stop there), no lone surrogates (they are not UTF-8).

    Web pages hold both: JSON-LD may escape half of an emoji.
    """
    if text is None or (text.isascii() and "\x00" not in text):
        return text
    return text.encode("utf-8", "surrogatepass").decode("utf-8", "replace").replace("\x00", "")


def to_json(value: Any) -> str:
    """Compact JSON, with letters as they are, so that SQL and people can read it."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return clean(text) or ""


def from_utc_text(text: str) -> datetime:
    """The reverse of `scraper.article.utc_text`."""
    return datetime.fromisoformat(text)


def moment_of(text: str | None) -> datetime | None:
    """What a column of times holds that may be null."""
    return from_utc_text(text) if text else None


def text_of(moment: datetime | None) -> str | None:
    """What such a column is to hold."""
    return None if moment is None else utc_text(moment)
