"""Days told by their distance: “3 hours ago”, “вчора”. They mean something only beside the moment of capture."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from functools import cache

from scraper.extract.dates.names import tables

LONGEST_LINE = 60
"""Characters; in a longer line such words are part of a sentence."""
_LONGEST_WITH_WORD = 30
_MOST = {"minute": 600, "hour": 72, "day": 31}
"""Of each unit; sites write a date for what is older, and round what they call a week or a month."""


def day_ago(text: str, captured_at: datetime) -> str | None:
    """The day, as YYYY-MM-DD in the time zone of `captured_at`, that a line of text tells by its distance."""
    if len(text) > LONGEST_LINE:
        return None
    line = f" {text.lower()} "
    if match := _distance().search(line):
        unit = next(name for name in _MOST if match[f"{name}_after"] or match[f"{name}_before"])
        number = int(match["after"] or match["before"])
        if number <= _MOST[unit]:
            return (captured_at - timedelta(**{f"{unit}s": number})).date().isoformat()
    if len(text) <= _LONGEST_WITH_WORD and _yesterday().search(line):
        return (captured_at - timedelta(days=1)).date().isoformat()
    return None


@cache
def _words(name: str) -> str:
    words = {word.replace("_", " ") for word in tables()["ago"][name].split()}
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


@cache
def _distance() -> re.Pattern[str]:
    """A mark, a number and a unit, or a number, a unit and a mark."""
    units = {side: "|".join(f"(?P<{unit}_{side}>{_words(unit)})" for unit in _MOST) for side in ("before", "after")}
    marks = _words("marks")
    return re.compile(
        rf"(?:(?<=\s)(?:{marks})\s+(?P<before>\d{{1,3}})\s?(?:{units['before']})"
        rf"|(?<!\d)(?P<after>\d{{1,3}})\s?(?:{units['after']})\s?(?:{marks}))(?=[\s.,·|)])"
    )


@cache
def _yesterday() -> re.Pattern[str]:
    return re.compile(rf"(?<=\s)(?:{_words('yesterday')})(?=[\s.,·|)])")
