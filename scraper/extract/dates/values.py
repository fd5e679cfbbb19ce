"""One date from one value: ISO 8601, RFC 2822, Unix time, or as people write it."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime

from scraper.extract.dates.names import offset_of
from scraper.extract.dates.written import AS_WRITTEN, Reading, find_dates

_ISO = re.compile(
    r"(?<!\d)(?P<y>(?:19|20)\d\d)(?P<s>[-/.]?)(?P<m>\d\d)(?P=s)(?P<d>\d\d)"
    r"(?:(?:T|\s+|,\s*)(?P<H>\d{1,2}):?(?P<M>\d\d)(?::?(?P<S>\d\d)(?:[.,:]\d+)?)?\s*(?P<h>[ap]m\b)?"
    r"\s*(?P<z>Z\b|[A-Z]{2,5}\b|(?:GMT|UTC)?[+-]\d\d:?\d\d)?)?(?!\d)",
    re.IGNORECASE,
)
_EPOCH = re.compile(r"(\d{10})(?:[.,]\d+|\d{3})?")
_RFC_2822 = re.compile(r"(?:[A-Za-z]{3,9},?\s+)?\d{1,2}[\s-][A-Za-z]{3,9}[\s-]\d{2,4}\s+\d{1,2}:\d\d")
_LONGEST = 200


def read_value(text: str, reading: Reading = AS_WRITTEN) -> tuple[str, str | None] | None:
    """(ISO 8601 as precise as `text` is, the other day if day and month could be swapped), or None for no date."""
    text = " ".join(text.split())
    if not text or len(text) > _LONGEST:
        return None
    if match := _EPOCH.fullmatch(text):
        return datetime.fromtimestamp(int(match[1]), UTC).isoformat(timespec="seconds"), None
    match = _ISO.search(text)
    if match and (iso := _from_iso(match)):
        return iso, None
    if _RFC_2822.match(text):
        try:
            return parsedate_to_datetime(text).isoformat(timespec="seconds"), None
        except (ValueError, TypeError, IndexError):
            pass
    written = find_dates(text, reading)
    if not written:
        return None
    return written[0].iso, written[0].swapped.isoformat() if written[0].swapped else None


def _from_iso(match: re.Match[str]) -> str | None:
    try:
        day = date(int(match["y"]), int(match["m"]), int(match["d"]))
        if match["H"] is None:
            return day.isoformat()
        hour = int(match["H"])
        if match["h"] and 1 <= hour <= 12:
            hour = hour % 12 + (12 if match["h"].lower() == "pm" else 0)
        moment = datetime(day.year, day.month, day.day, hour % 24, int(match["M"]), int(match["S"] or 0))  # noqa: DTZ001 - a page's time without offset has none
    except ValueError:
        return None
    return moment.isoformat() + offset_of(match["z"] or "")
