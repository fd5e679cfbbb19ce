"""The day an address names: /2024/05/12/, /2024-05-12-, /20240512/, /2024/may/12/."""

from __future__ import annotations

import re
from datetime import date

from scraper.extract.dates.names import month_number
from scraper.urls import path_of

_YEAR = r"(?P<y>(?:199|20[0-4])\d)"
_PATTERNS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"/{_YEAR}/(?P<m>0?[1-9]|1[0-2])/(?P<d>0?[1-9]|[12]\d|3[01])(?:[/_.-]|$)",
        rf"/{_YEAR}/(?P<name>[a-z]{{3,9}})/(?P<d>0?[1-9]|[12]\d|3[01])(?:[/_.-]|$)",
        rf"(?<![\d.]){_YEAR}-(?P<m>0[1-9]|1[0-2])-(?P<d>0[1-9]|[12]\d|3[01])(?!\d)",
        rf"(?<![\d.]){_YEAR}(?P<m>0[1-9]|1[0-2])(?P<d>0[1-9]|[12]\d|3[01])(?!\d)",
    )
)
_MONTH = re.compile(r"/((?:199|20[0-4])\d)/(0[1-9]|1[0-2])(?:/|$)")


def day_in_url(url: str | None) -> str | None:
    """The day the path names, as YYYY-MM-DD; None when it names none."""
    path = path_of(url) if url else ""
    for pattern in _PATTERNS:
        match = pattern.search(path)
        if match is None:
            continue
        groups = match.groupdict()
        month = int(groups["m"]) if groups.get("m") else month_number(groups["name"], "en")
        try:
            return date(int(groups["y"]), month or 0, int(groups["d"])).isoformat()
        except ValueError:
            continue
    return None


def month_in_url(url: str | None) -> str | None:
    """The month the path names, as YYYY-MM."""
    match = _MONTH.search(path_of(url)) if url else None
    return f"{match[1]}-{match[2]}" if match else None
