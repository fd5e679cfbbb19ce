"""Dates as feeds and sitemaps state them: RFC 822, W3C, Unix time, and whatever else people put there."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from scraper.extract.dates.names import ascii_digits, month_number, offset_of
from scraper.extract.dates.values import read_value
from scraper.extract.dates.written import Reading

_EARLIEST = 1990
_AHEAD = timedelta(days=2)
"""Clocks and time zones are wrong by hours; what is further in the future is a mistake, or an event's date."""
_LONGEST = 100
"""Characters of a date."""
_RFC_822 = re.compile(
    r"""(?:[^\W\d]+\.?(?:,\s*|\s+))?  (?P<day>\d{1,2})[\s.-]+  (?P<month>[^\W\d]+)\.?,?[\s-]+  (?P<year>\d{4}|\d\d)
    (?: [,\s]\s*(?P<hour>\d{1,2})[:.](?P<minute>\d\d)(?:[:.](?P<second>\d\d)(?:[.,]\d+)?)?
        \s*(?P<half>[ap]m)?\s*(?P<zone>\S.*)? )?""",
    re.VERBOSE | re.IGNORECASE,
)
# As C and the shell write it: Fri May  3 10:00:00 UTC 2024.
_ASCTIME = re.compile(
    r"""(?:[^\W\d]+,?\s+)?  (?P<month>[^\W\d]+)\s+  (?P<day>\d{1,2})\s+
    (?P<hour>\d{1,2}):(?P<minute>\d\d):(?P<second>\d\d)\s+  (?:(?P<zone>[A-Z]{1,5}|[+-]\d{4})\s+)?  (?P<year>\d{4})""",
    re.VERBOSE | re.IGNORECASE,
)
_SHORT_OFFSET = re.compile(r"(?:GMT|UTC|UT)?\s*([+-])(\d{1,2})")
# Names of several zones: as RFC 822 defines them, else that of the country whose feeds use them.
_CUSTOMARY = {"UT": "+00:00", "CST": "-06:00", "BST": "+01:00", "IST": "+05:30"}
_ZONE = re.compile(r"[A-Z]{1,5}\b")


class Moments:
    """Reads the dates of one source, and counts those that say nothing.

    `now` is when it was fetched. `language` (BCP 47) tells how 03/05/2024 and names of months are meant.
    """

    def __init__(self, now: datetime, language: str | None = None) -> None:
        self.refused = 0
        """Dates that were not understood, or that cannot be."""
        self.example = ""
        """The first of them."""
        self._latest = now + _AHEAD
        self._reading = Reading((language or "").partition("-")[0], month_first=language == "en-US")

    def read(self, text: str | None) -> datetime | None:
        """A date as an aware moment in UTC; without a time zone it is taken as UTC, without a time as midnight."""
        text = " ".join((text or "")[: _LONGEST + 1].split())
        if not text:
            return None
        moment = self._moment(text) if len(text) <= _LONGEST else None
        try:
            moment = moment.astimezone(UTC) if moment and moment.tzinfo else moment and moment.replace(tzinfo=UTC)
        except OverflowError:  # the first and the last day of the calendar
            moment = None
        if moment is not None and moment.year >= _EARLIEST and moment <= self._latest:
            return moment
        self.refused += 1
        self.example = self.example or text
        return None

    def first(self, texts: list[str]) -> datetime | None:
        """The first of several statements that can be read."""
        return next(filter(None, map(self.read, texts)), None)

    @property
    def notes(self) -> list[str]:
        if not self.refused:
            return []
        dates = "1 date says" if self.refused == 1 else f"{self.refused:,} dates say"
        return [f"{dates} nothing, such as “{self.example}”"]

    def _moment(self, text: str) -> datetime | None:
        if text.isdecimal():
            return _from_digits(ascii_digits(text))
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            pass
        plain = ascii_digits(text)
        match = _RFC_822.fullmatch(plain) or _ASCTIME.fullmatch(plain)
        if match and (moment := self._from_parts(match.groupdict())):
            return moment
        read = read_value(text, self._reading)
        try:
            return datetime.fromisoformat(read[0]) if read else None
        except ValueError:
            return None

    def _from_parts(self, parts: dict[str, str | None]) -> datetime | None:
        day, minute, second = (int(parts[name] or 0) for name in ("day", "minute", "second"))
        month = month_number(parts["month"] or "", self._reading.language)
        year = int(parts["year"] or 0)
        if year < 100:
            year += 2000 if year < 70 else 1900
        hour, half = int(parts["hour"] or 0), parts.get("half")
        if half and 1 <= hour <= 12:
            hour = hour % 12 + (12 if half.lower() == "pm" else 0)
        try:
            # 24:00 ends a day; a leap second is its minute's last here.
            moment = datetime(year, month or 0, day, hour if hour != 24 else 0, minute, min(second, 59), tzinfo=UTC)
            moment += timedelta(days=hour == 24)
        except (ValueError, OverflowError):
            return None
        return datetime.fromisoformat(moment.replace(tzinfo=None).isoformat() + _offset(parts["zone"] or ""))


def _from_digits(text: str) -> datetime | None:
    """Unix time in seconds or milliseconds, or a date written without any mark."""
    try:
        if len(text) in (8, 12, 14):
            return datetime.strptime(text, "%Y%m%d%H%M%S"[: len(text) - 2]).replace(tzinfo=UTC)
        if 9 <= len(text) <= 13:
            return datetime.fromtimestamp(int(text) / (1000 if len(text) == 13 else 1), UTC)
    except (ValueError, OverflowError, OSError):
        pass
    return None


def _offset(zone: str) -> str:
    """The offset as +02:00 that a zone's name or number gives; "" for none that is known."""
    zone = zone.strip(" ()").upper()
    known = offset_of(zone)
    if known:
        return known
    if (short := _SHORT_OFFSET.fullmatch(zone)) and int(short[2]) <= 14:
        return f"{short[1]}{int(short[2]):02}:00"
    name = _ZONE.match(zone)
    return (_CUSTOMARY.get(name[0]) or offset_of(name[0])) if name else ""
