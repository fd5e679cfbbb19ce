"""What changes on a page without anybody editing it: typography, counters, “5 minutes ago”, a date's precision.

A line is noise only as a whole, or as a part set off by a dot or a bar in a short line: numbers and distances inside
a sentence are what the sentence says. The words are in `noise.toml`.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Container, Iterable, Iterator
from datetime import datetime
from functools import cache, lru_cache
from importlib import resources
from itertools import groupby
from typing import Any

from scraper.article import Link

_LIST = 3
"""Lines in a row that are nothing but links, from which they are a list whose order says nothing."""
LONGEST_NOTE = 80
"""Characters of a line, or a part of one, that may be a counter, a distance or a time of reading."""
_LONGEST_LINE = 200
"""Characters of a line whose parts are looked at one by one."""

_QUOTES = {"'": "‘’‚‛′ʼ`´ʹ＇‹›", '"': "“”„‟″＂«»〝〞"}
_DASHES = "‐‑‒–—―−﹣－"
# Not to be seen, or only as a hint where to break a line: soft hyphens, joiners, marks of direction, stretched letters.
_UNSEEN = "\u00ad\u034f\u061c\u0640\u180e\u200b\u200c\u200d\u200e\u200f\u2060\u2061\u2062\u2063\u2064\ufe0e\ufe0f\ufeff"
_BIDI = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
_COMPATIBLE = [*range(0xFB00, 0xFB07), *range(0xFF01, 0xFF5F), 0x2025, 0x2026, 0x3000]
_PLAIN = {
    **{chr(code): unicodedata.normalize("NFKC", chr(code)) for code in _COMPATIBLE},
    **{mark: plain for plain, marks in _QUOTES.items() for mark in marks},
    **dict.fromkeys(_DASHES, "-"),
    **dict.fromkeys(_UNSEEN + _BIDI, ""),
}
_UNUSUAL = re.compile(f"[{re.escape(''.join(_PLAIN))}]")
_HYPHENS = re.compile(r"-{2,3}(?!-)")
_LOOSE = re.compile(r" +(?=[?!:;](?:\s|$))")

_BREAKS = re.compile(r"\s*[·•∙|‧]\s*|\s+[-–—/]\s+")
_SENTENCE = re.compile(r"[.!?。！？؟।]$")
_EYES = re.compile(
    r"[\U0001f440\U0001f441\U0001f4ac\U0001f5e8\u2764\u2661\u2665\U0001f44d\U0001f501\U0001f504\U0001f4f7]"
)
_NUMBER = (
    r"(?:\d{1,3}(?:[ .,']\d{3})+|\d+(?:[.,]\d+)?)"
    r"\s?(?:k|m|mln\.?|mio\.?|mil|тис\.?|тыс\.?|млн\.?|万|萬|만|천|ألف)?\+?"
)


def folded(text: str) -> str:
    """`text` with one form of what is set in several: quotes, dashes, dots, spaces, composed letters, what is unseen.

    Case and accents stay: to correct them is to edit.
    """
    if text.isascii():
        if text.isalnum():
            return text
        plain = text.replace("`", _PLAIN["`"])
    else:
        # Not str.translate: with a table of this size it takes seven times as long.
        plain = _UNUSUAL.sub(lambda found: _PLAIN[found[0]], unicodedata.normalize("NFC", text))
        plain = unicodedata.normalize("NFC", plain)
    plain = " ".join(plain.split())
    if "--" in plain:
        plain = _HYPHENS.sub("-", plain)
    if any(loose in plain for loose in (" ?", " !", " :", " ;")):
        plain = _LOOSE.sub("", plain)
    return plain


def essence(body: str | None, links: Iterable[Link] = ()) -> str:
    """What of a text is compared: its lines folded, without those that are noise, as one line.

    Of the article's `links`, teasers for others that were taken into the text are left out, and of a list of links the
    order.
    """
    kinds = {folded(link.text): link.kind for link in links if len(link.text) >= 12}
    lines = [line for line in essential_lines(body) if kinds.get(line, "inline") == "inline"]
    return " ".join(_with_lists_sorted(lines, kinds))


def _with_lists_sorted(lines: list[str], links: Container[str]) -> Iterator[str]:
    for is_link, group in groupby(lines, key=lambda line: line in links):
        items = list(group)
        yield from sorted(items) if is_link and len(items) >= _LIST else items


def essential_lines(body: str | None) -> Iterator[str]:
    """The lines of a text that say something, folded; of a line of short parts, the parts that do."""
    for line in (body or "").splitlines():
        text = essential(line)
        if text:
            yield text


def essential(line: str) -> str:
    """One line, folded, without the noise in it; empty if it is nothing else."""
    text = folded(line)
    if len(text) > _LONGEST_LINE or not text:
        return text
    if _is_box(text):
        return ""
    parts = _BREAKS.split(text)
    if len(parts) == 1:
        return "" if is_noise(text) else text
    kept = [part for part in parts if part and not is_noise(part)]
    # A line without noise stays as it is, dashes and all.
    return text if len(kept) == sum(map(bool, parts)) else " · ".join(kept)


@lru_cache(maxsize=4096)
def is_noise(text: str) -> bool:
    """True for a line, or a part of one, that is only a counter, a distance in time, an update or a reading time."""
    if len(text) > LONGEST_NOTE:
        return False
    line = _plain_digits(folded(text).casefold())
    line = line.strip(" ()[]>*#▶►⏱🕒🕐⌛⏰️")
    if not any(c.isalpha() for c in line):
        # A number alone may be anything; beside an eye, a heart or a bubble it is a counter.
        return bool(_EYES.search(line)) and bool(re.fullmatch(_NUMBER, _EYES.sub("", line).strip()))
    line = _EYES.sub("", line).strip()
    return any(pattern.fullmatch(line) for pattern in _patterns()) or _is_update(line)


def _is_box(line: str) -> bool:
    """“Advertisement”, “Sign up for our newsletter”: what stands between the paragraphs of any article."""
    if len(line) > 2 * LONGEST_NOTE:
        return False
    text = line.casefold()
    return text in _labels() or bool(_calls().match(text))


def _is_update(line: str) -> bool:
    """“Updated: 22 July 2024, 10:15”: a label, and nothing but what dates are written with."""
    match = _modified().match(line)
    if match is None:
        return False
    rest = line[match.end() :].rstrip(".)")
    words = [word for word in re.split(r"[\s,.:/()\-+]+|(?<=\d)(?=\D)|(?<=\D)(?=\d)", rest) if word]
    known = _date_words()
    return any(word.isdigit() for word in words) and all(word.isdigit() or word in known for word in words)


def same_moment(one: str | None, other: str | None) -> bool:
    """True when two stated dates say the same, perhaps one of them more exactly.

    `2024-07-22` and `2024-07-22T09:00+03:00` do, as do `09:00Z`, `11:00+02:00` and `09:00:37Z`: sites state seconds in
    one place and not in another. A date that appears or goes, another day, hour or minute is an edit.
    """
    if one is None or other is None or one == other:
        return one == other
    if min(len(one), len(other)) <= len("2024-07-22"):
        shorter, longer = sorted((one, other), key=len)
        return longer.startswith(shorter)
    first, second = _moment(one), _moment(other)
    if first is None or second is None:
        return False
    if (first.tzinfo is None) != (second.tzinfo is None):
        first, second = first.replace(tzinfo=None), second.replace(tzinfo=None)
    first, second = (moment.replace(second=0, microsecond=0) for moment in (first, second))
    return first == second


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def same_authors(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """True when two bylines name the same people in the same order; CAPITALS and typography do not matter."""
    return [folded(name).casefold() for name in one] == [folded(name).casefold() for name in other]


def _plain_digits(text: str) -> str:
    return text if text.isascii() else "".join(str(unicodedata.digit(c, c)) for c in text)


@cache
def _tables() -> dict[str, Any]:
    file = resources.files(__package__) / "noise.toml"
    return tomllib.loads(file.read_text(encoding="utf-8"))


def _list(table: str, name: str) -> list[str]:
    """The words of a list in the form that lines are compared in, the longest first."""
    words = {folded(word.replace("_", " ")).casefold() for word in _tables()[table][name].split()}
    return sorted(words, key=len, reverse=True)


def _any_of(table: str, name: str) -> str:
    return "(?:" + "|".join(map(re.escape, _list(table, name))) + ")"


@cache
def _labels() -> frozenset[str]:
    return frozenset(folded(label).casefold() for label in _tables()["boxes"]["labels"])


@cache
def _calls() -> re.Pattern[str]:
    calls, about, closing = (_any_of("boxes", name) for name in ("calls", "about", "closing"))
    end = r"(?:\W|$)"
    return re.compile(rf"{calls}(?:\W.*)?\W{about}{end}|(?:.{{0,60}}\W)?{about}\W.{{0,60}}{closing}\W*$")


@cache
def _modified() -> re.Pattern[str]:
    return re.compile(rf"{_any_of('labels', 'modified')}(?=[\s:\d,]|$)\s?:?\s*")


@cache
def _date_words() -> frozenset[str]:
    words = _list("dates", "months") + _list("dates", "others")
    return frozenset(part for word in words for part in re.split(r"[\s.\-]+", word) if part)


@cache
def _patterns() -> tuple[re.Pattern[str], ...]:
    nouns, none = _any_of("counters", "nouns"), _any_of("counters", "none")
    counters = (
        rf"(?:{_NUMBER}|{none})\s?{nouns}",
        rf"{nouns}\s?:?\s?\(?(?:{_NUMBER}|{none})\)?",
        rf"{_any_of('counters', 'networks')}\s?:?\s?\(?{_NUMBER}\)?",
        *(
            re.escape(folded(p)).replace(r"\#", _NUMBER).replace(r"\ ", r"\s?") + r"\.?"
            for p in _tables()["counters"]["phrases"]
        ),
    )

    marks, near, far = (_any_of("ago", name) for name in ("marks", "near", "far"))
    one, about, now, days = (_any_of("ago", name) for name in ("one", "about", "now", "days"))
    modified, published = _any_of("labels", "modified"), _any_of("labels", "published")
    label = rf"(?:{modified}|{published})\s?:?\s?"
    number = rf"(?:{about}\s?)?(?:\d{{1,3}}\s?|{one}\s?)?"
    clock = r"(?:[\s,]+(?:at|um|à|a las|alle|kl\.?|о|об|в|om|o)?\s?\d{1,2}[:.h]\d{2}(?:\s?(?:am|pm|uhr|h))?)"

    def distance(unit: str) -> str:
        amount = rf"{number}{unit}\.?"
        return rf"(?:{marks}\s?{amount}(?:\s{marks})?|{amount}\s?{marks})"

    times = (
        distance(near),
        now,
        rf"{days}{clock}?",
        rf"{label}(?:{distance(near)}|{distance(far)}|{now}|{days}{clock}?|\d{{1,3}}\s?{near})\.?",
    )

    minutes, words = _any_of("reading", "minutes"), _any_of("reading", "words")
    amount = rf"(?:{about}\s?)?(?:<\s?)?\d{{1,3}}(?:-\d{{1,3}})?[\s-]?{minutes}\.?"
    reading = (rf"{amount}\s?{words}", rf"{words}\s?:?\s?{amount}(?:\s?{words})?")
    return tuple(re.compile(pattern) for pattern in (*counters, *times, *reading))
