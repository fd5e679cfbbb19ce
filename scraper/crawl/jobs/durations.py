"""Spans of time as people write them: `90s`, `30m`, `1h`, `7d`, `2w`."""

from __future__ import annotations

import re
from datetime import timedelta

_UNITS = {"w": 604_800, "d": 86_400, "h": 3_600, "m": 60, "s": 1}
_WRITTEN = re.compile(r"(\d{1,9})\s*([wdhms])")
FORM = "write it as 30m, 6h, 1d or 2w"


def duration(text: str) -> timedelta | None:
    """The span that `text` says, a whole number and a unit; None when it says none."""
    found = _WRITTEN.fullmatch(text.strip().lower())
    return timedelta(seconds=int(found[1]) * _UNITS[found[2]]) if found else None


def duration_text(span: timedelta) -> str:
    """`span`, of whole seconds, in the largest unit that it is a multiple of, days being the largest."""
    seconds = int(span.total_seconds())
    unit = next(unit for unit, length in _UNITS.items() if unit != "w" and seconds % length == 0)
    return f"{seconds // _UNITS[unit]}{unit}"
