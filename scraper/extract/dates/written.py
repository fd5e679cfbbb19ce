"""Dates as people write them, in any language of `words.toml`: found in text, and read.

A year is what is looked for first: few texts hold one, and its neighbours tell the rest.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, time

from scraper.extract.dates.calendars import from_solar_hijri, gregorian_year
from scraper.extract.dates.names import ascii_digits, folded_word, joins, month_named, offset_of

_YEAR = re.compile(r"(?<!\d)(?:19[89]\d|20[0-4]\d|25[2-9]\d|1[34]\d\d)(?!\d)")
_ERA = re.compile(r"(令和|平成|民國|民国)\s*(\d{1,3}|元)\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*日")
_ERAS = {"令和": 2019, "平成": 1989, "民國": 1912, "民国": 1912}
"""The first year of each."""
# 03.05.24, 5/3/24; 3-May-24, 3 May '24. Only believed on a line that is little else.
_SHORT_NUMBERS = re.compile(r"(?<![\w.,/:-])(\d{1,2})([./-])(\d{1,2})\2(\d\d)(?![\w/:-]|[.,]\d)")
_SHORT_NAMED = re.compile(
    r"(?<![\w.,/:-])(\d{1,2})[\s./-]{1,2}([^\W\d_]{3,10})\.?[\s./-]?[./'’-](\d\d)(?![\w/:-]|[.,]\d)"
)
_LONGEST_SHORT_LINE = 60

# What stands to the left of a year, up to it, and to the right of it.
_NUMBERS_BEFORE = re.compile(r"(?<![\d.,/:-])(\d{1,2})\s?([./-])\s?(\d{1,2})\s?\2\s?$")
_MONTH_SIGN_BEFORE = re.compile(r"(?<!\d)(?P<m>\d{1,2})\s*[月월]\s*(?P<d>\d{1,2})\s*[日일]?\s*,?\s*$")
_THANG_BEFORE = re.compile(
    r"(?<!\d)(?P<d>\d{1,2})\s*(?:tháng|thg\.?)\s*(?P<m>\d{1,2})\s*[,/-]?\s*(?:năm)?\s*$", re.IGNORECASE
)
_DAY_BEFORE = re.compile(r"(?<![\d.,/:])(\d{1,2})(?!\d)(\D{0,32})$")
_NUMBERS_AFTER = re.compile(r"\s?([./-])\s?(?P<m>\d{1,2})\s?\1\s?(?P<d>\d{1,2})(?!\d)")
_SIGNS_AFTER = re.compile(r"\s?[年년]\s?(?P<m>\d{1,2})\s?[月월]\s?(?P<d>\d{1,2})(?!\d)\s?[日일号號]?")
_DAY_AFTER = re.compile(r"(\D{0,32}?)(\d{1,2})(?!\d)")
_WORDS = re.compile(r"[^\s\d,/|()\[\]–—:;·•’'_-]+")
_GLUED = re.compile(r"(?<=[a-z])[A-Z]\w+$")
_ENDING = re.compile(r"\.?\s?(?:[日일]|г\.|р\.|d\.|a(?=\W|$)|-?án|-?én)")
_REACH = 44
"""Characters looked at on either side of a year."""

_CLOCK_AFTER = re.compile(
    r"""(?:T|[\s,.·|@(–—-]{0,4}(?:(?!오[전후])[^\W\d]{1,5}\.?\s+){0,3}(?:(?P<before>上午|下午|오전|오후|午前|午後)\s*)?)
    (?P<hour>[01]?\d|2[0-4])
    (?:[:.h](?P<minute>[0-5]\d)(?:[:.](?P<second>[0-5]\d)(?:[.,]\d{1,9})?)?
       |[時时시]\s?(?P<cjk>[0-5]?\d)[分분] | (?=\s?[ap]\.?m\b))
    (?!\d) \s?(?P<half>[ap]\.?\s?m\b\.?)? (?P<rest>\s?\(?(?:[A-Z]{1,5}\b)?(?:\s?[+-][01]\d:?[0-5]\d)?)""",
    re.VERBOSE | re.IGNORECASE,
)
_CLOCK_BEFORE = re.compile(
    r"""(?<!\d)(?P<hour>[01]?\d|2[0-3]):(?P<minute>[0-5]\d)(?::(?P<second>[0-5]\d))?\s?(?P<half>[ap]\.?m\b\.?)?
    (?P<rest>\s?(?:[A-Z]{1,5}\b)?(?:\s?[+-][01]\d:?[0-5]\d)?)[\s,·|(–—-]*(?:[^\W\d]{1,12}\.?,?\s*)?$""",
    re.VERBOSE | re.IGNORECASE,
)
_LATER_HALF = ("下午", "午後", "오후")


@dataclass(frozen=True, slots=True)
class Written:
    """A date found in a text."""

    start: int
    end: int
    day: date
    clock: str = ""
    """ "T08:09:00", with the offset the text gives, or ""."""
    swapped: date | None = None
    """The other day meant if day and month stand the other way round, where both would be a date."""
    order: str = ""
    """ "month first", "day first" or the same with "dotted ", for numbers of which one reading alone is a date."""

    @property
    def iso(self) -> str:
        return f"{self.day.isoformat()}{self.clock}"


@dataclass(frozen=True, slots=True)
class Reading:
    """How to read what is ambiguous."""

    language: str = ""
    """The language's code without its country; "" when unknown."""
    month_first: bool = False
    """03/05/2024 is the fifth of March."""
    dotted_month_first: bool = False
    """03.05.2024 is: nowhere the custom, but pages do it."""


AS_WRITTEN = Reading()


def find_dates(text: str, reading: Reading = AS_WRITTEN) -> list[Written]:
    """The dates written in `text` with day, month and year, in order."""
    digits = ascii_digits(text)
    found: list[Written] = []
    for year in _YEAR.finditer(digits):
        if found and year.start() < found[-1].end:
            continue
        one = _around(digits, year, reading)
        if one is not None:
            found.append(one)
    if not found:
        one = _of_era(digits) or _with_short_year(digits, reading)
        found = [one] if one else []
    return [_with_clock(digits, one) for one in found]


def _around(text: str, year: re.Match[str], reading: Reading) -> Written | None:
    number = int(year.group())
    left = text[max(0, year.start() - _REACH) : year.start()]
    right = text[year.end() : year.end() + _REACH]
    offset = year.start() - len(left)
    if match := _NUMBERS_BEFORE.search(left):
        return _in_numbers(number, match, reading, (offset + match.start(), year.end()))
    if match := _MONTH_SIGN_BEFORE.search(left) or _THANG_BEFORE.search(left):
        day = _day_of(number, int(match["m"]), int(match["d"]), reading)
        return _written(offset + match.start(), year.end(), day)
    if match := _NUMBERS_AFTER.match(right) or _SIGNS_AFTER.match(right):
        day = _day_of(number, int(match["m"]), int(match["d"]), reading)
        return _written(year.start(), year.end() + match.end(), day)
    return _named_before(left, year, reading) or _named_after(right, year, reading)


def _named_before(left: str, year: re.Match[str], reading: Reading) -> Written | None:
    """3 May 2024, 3 de mayo de 2024; May 3, 2024."""
    match = _DAY_BEFORE.search(left)
    if match is None:
        return None
    month, solar = _month_among(match[2], reading.language)
    start = match.start()
    if month == 0:  # nothing but joining words: the month stands before the day
        month, solar, start = _month_ending(left[:start], reading.language)
    day = _day_of(int(year.group()), month, int(match[1]), reading, solar=solar)
    return _written(year.start() - len(left) + start, year.end(), day)


def _month_ending(text: str, language: str) -> tuple[int, bool, int]:
    """The month whose name ends `text` (0 for none), whether it is a solar Hijri one, and where it begins."""
    words = list(_WORDS.finditer(text))[-3:]
    if not words or text[words[-1].end() :].strip(" .,-'’"):
        return 0, False, 0
    for first, word in enumerate(words):
        month, solar = month_named(" ".join(w.group() for w in words[first:]), language)
        if month:
            return month, solar, word.start()
    glued = _GLUED.search(words[-1].group())
    if glued:  # a line of inline elements without space between them: "NewsMay 3, 2024"
        month, solar = month_named(glued.group(), language)
        return month, solar, words[-1].start() + glued.start()
    return 0, False, 0


def _named_after(right: str, year: re.Match[str], reading: Reading) -> Written | None:
    """2024. május 3., 2024 m. gegužės 3 d.; 2024. gada 3. maijs."""
    match = _DAY_AFTER.match(right)
    if match is None:
        return None
    month, solar = _month_among(match[1], reading.language)
    end = match.end()
    if month == 0:
        words = list(_WORDS.finditer(right, match.end()))[:2]
        for last in range(len(words), 0, -1):
            month, solar = month_named(" ".join(word.group() for word in words[:last]), reading.language)
            if month and not right[match.end() : words[0].start()].strip(" ."):
                end = words[last - 1].end()
                break
    ending = _ENDING.match(right, end)
    day = _day_of(int(year.group()), month, int(match[2]), reading, solar=solar)
    return _written(year.start(), year.end() + (ending.end() if ending else end), day)


def _month_among(text: str, language: str) -> tuple[int, bool]:
    """The month named in what stands between two numbers: 0 when only joining words do, -1 when other words do."""
    month, solar = 0, False
    words = [word.group() for word in _WORDS.finditer(text) if folded_word(word.group())]
    at = 0
    while at < len(words):
        for size in range(min(3, len(words) - at), 0, -1):
            number, is_solar = month_named(" ".join(words[at : at + size]), language)
            if number:
                break
        else:
            if not joins(words[at]):
                return -1, False
            at += 1
            continue
        if month not in (0, number):
            return -1, False
        month, solar = number, is_solar
        at += size
    return month, solar


def _in_numbers(year: int, match: re.Match[str], reading: Reading, span: tuple[int, int]) -> Written | None:
    """A date in three numbers, the first two and their separator being the groups 1, 3 and 2 of `match`."""
    first, second = int(match[1]), int(match[3])
    day_first, month_first = _day_of(year, second, first, reading), _day_of(year, first, second, reading)
    dotted = match[2] == "."
    if day_first and month_first:
        swap = reading.dotted_month_first if dotted else reading.month_first
        one, other = (month_first, day_first) if swap else (day_first, month_first)
        return Written(*span, one, swapped=other if other != one else None)
    only = day_first or month_first
    order = ("dotted " if dotted else "") + ("month first" if month_first else "day first")
    return Written(*span, only, order=order) if only else None


def _written(start: int, end: int, day: date | None) -> Written | None:
    return Written(start, end, day) if day else None


def _day_of(year: int, month: int, day: int, reading: Reading, *, solar: bool | None = None) -> date | None:
    """The day; `solar` tells of which calendar a named month is."""
    if solar is None:
        solar = year < 1500 and reading.language in ("fa", "ps")
    if solar or year < 1500:
        return from_solar_hijri(year, month, day) if solar else None
    try:
        return date(gregorian_year(year), month, day)
    except ValueError:
        return None


def _with_short_year(text: str, reading: Reading) -> Written | None:
    if len(text) > _LONGEST_SHORT_LINE:
        return None
    if match := _SHORT_NUMBERS.search(text):
        return _in_numbers(2000 + int(match[4]), match, reading, match.span())
    if match := _SHORT_NAMED.search(text):
        month, _ = month_named(match[2], reading.language)
        return _written(*match.span(), _day_of(2000 + int(match[3]), month, int(match[1]), reading))
    return None


def _of_era(text: str) -> Written | None:
    match = _ERA.search(text) if "年" in text else None
    if match is None:
        return None
    year = _ERAS[match[1]] - 1 + (1 if match[2] == "元" else int(match[2]))
    return _written(*match.span(), _day_of(year, int(match[3]), int(match[4]), AS_WRITTEN))


def _with_clock(text: str, one: Written) -> Written:
    """With the time of day that stands right after the date, or right before it."""
    after = _CLOCK_AFTER.match(text, one.end)
    match = after or _CLOCK_BEFORE.search(text[max(0, one.start - 40) : one.start])
    if match is None:
        return one
    groups = match.groupdict()
    hour, minute = int(match["hour"]), int(match["minute"] or groups.get("cjk") or 0)
    half = "p" if groups.get("before") in _LATER_HALF else (match["half"] or "")[:1].lower()
    if half and 1 <= hour <= 12:
        hour = hour % 12 + (12 if half == "p" else 0)
    try:
        clock = time(hour, minute, int(match["second"] or 0)).isoformat(timespec="seconds")
    except ValueError:
        return one
    return replace(one, end=after.end() if after else one.end, clock=f"T{clock}{offset_of(match['rest'])}")
