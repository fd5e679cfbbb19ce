"""Dates as pages state them: their days, and where an offset is given, their moments."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

_STATED = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d)([T ]\S.*)?)?)?")


def day_parts(stated: str | None) -> tuple[int, ...]:
    """Year, month and day, as many as are stated; none for what is no date."""
    found = _STATED.fullmatch((stated or "").strip())
    if found is None:
        return ()
    parts = tuple(int(part) for part in found.groups()[:3] if part)
    try:
        date(*parts, *(1,) * (3 - len(parts)))
    except ValueError:
        return ()
    return parts


def day_text(stated: str | None) -> str:
    """The same as `2024-07-22`, `2024-07` or `2024`; empty for what is no date."""
    parts = day_parts(stated)
    return "-".join(f"{part:0{4 if at == 0 else 2}}" for at, part in enumerate(parts))


def moment(stated: str | None) -> datetime | None:
    """The moment, in UTC; None where no offset, or no time of day, says which it is."""
    time = _time(stated)
    if time is None or time.tzinfo is None:
        return None
    try:
        return time.astimezone(UTC)
    except OverflowError:  # year 1 or 9999, moved by its offset
        return None


def w3c(stated: str | None) -> str:
    """The date as XML Schema writes it (date, dateTime, gYearMonth, gYear); empty for what is none."""
    time = _time(stated)
    return day_text(stated) if time is None else time.isoformat()


def _time(stated: str | None) -> datetime | None:
    text = (stated or "").strip()
    if len(day_parts(text)) < 3 or len(text) <= 10:
        return None
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        return None
    offset = time.utcoffset()
    # XML Schema knows no seconds in offsets, and none beyond 14 hours.
    return None if offset is not None and (offset.seconds % 60 or abs(offset.total_seconds()) > 14 * 3600) else time
