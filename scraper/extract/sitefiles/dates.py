"""Dates written in a way a site file describes."""

from __future__ import annotations

import re
from calendar import month_abbr, month_name
from datetime import datetime

from scraper.extract.dates.names import month_number

_WORD = re.compile(r"([^\W\d_][^\s\d,/|()]*)")
_TIMED = re.compile(r"%[-#]?[HIXc]")


def check_format(text: str) -> None:
    """Raises ValueError unless `text` is a format of `datetime.strptime` that gives day, month and year."""
    days = (datetime(2013, 11, 27, 16, 5), datetime(2014, 2, 3, 4, 0))  # noqa: DTZ001 - any two days will do
    for day in days:
        if datetime.strptime(day.strftime(text), text).date() != day.date():  # noqa: DTZ007 - only the day is compared
            raise ValueError("it does not give day, month and year")


def read_date(text: str, formats: tuple[str, ...], language: str | None) -> str | None:
    """`text` in ISO 8601 by the first of `formats` that fits it: a plain day where the format has no time of day."""
    text = " ".join(text.split())
    for written in formats:
        moment = _strptime(text, written) or _in_words(text, written, language)
        if moment is not None:
            timed = _TIMED.search(written)
            return moment.isoformat(timespec="seconds") if timed else moment.date().isoformat()
    return None


def _strptime(text: str, written: str) -> datetime | None:
    try:
        return datetime.strptime(text, written)  # noqa: DTZ007 - the page may give no offset; then none is made up
    except ValueError:
        return None


def _in_words(text: str, written: str, language: str | None) -> datetime | None:
    """With the names of months in `language`; names of days, which add nothing to a date, in any."""
    if language is None:
        return None
    code = language.split("-")[0].lower()
    calendar = month_abbr if "%b" in written else month_name
    day = "Mon" if "%a" in written else "Monday" if "%A" in written else ""
    out, named = [], False
    for part in _WORD.split(text):
        number = month_number(part, code) if part[:1].isalpha() else None
        if number:
            out.append(calendar[number])
        elif day and not named and part[:1].isalpha():
            out.append(day)
            named = True
        else:
            out.append(part)
    return _strptime("".join(out), written)
