"""Names of months, time zones and the small words of dates, in the languages of `words.toml`."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from functools import cache, lru_cache
from importlib import resources
from typing import Any

_OFFSET = re.compile(r"([+-])(\d\d):?(\d\d)")


@cache
def tables() -> dict[str, Any]:
    """The contents of `words.toml`."""
    return tomllib.loads((resources.files("scraper.extract.dates") / "words.toml").read_text(encoding="utf-8"))


@lru_cache(maxsize=4096)
def month_named(name: str, language: str) -> tuple[int, bool]:
    """The number of a month (0 for what is none), and whether it is one of the solar Hijri calendar.

    `language` is a code without country; its own spellings go before those of other languages.
    """
    name = folded_word(name)
    own, shared, solar = _months()
    number = own.get(language, {}).get(name) or shared.get(name)
    if number:
        return number, False
    return solar.get(name, 0), name in solar


def month_number(name: str, language: str = "") -> int | None:
    """1 to 12 for the name of a month or its abbreviation, read in `language` first; None for what is none."""
    number, solar = month_named(name, language)
    return number if number and not solar else None


def joins(word: str) -> bool:
    """True for a word that may stand between the parts of one date: of, de, st …"""
    return folded_word(word) in _joining()


def offset_of(text: str) -> str:
    """The offset from UTC that a time zone's abbreviation or number gives, as +02:00; "" when it is not known."""
    text = text.strip(" (").upper()
    number = _OFFSET.search(text)
    if number is None:
        return _zones().get(text, "")
    # Clocks on earth are at most 14 hours ahead; what says more is no offset.
    return f"{number[1]}{number[2]}:{number[3]}" if int(number[2]) <= 14 and int(number[3]) < 60 else ""


def ascii_digits(text: str) -> str:
    """With digits of other scripts written as those of ASCII; as long as before."""
    return text if text.isascii() else text.translate(_digits())


def folded_word(word: str) -> str:
    """Without case, accents, and the dots and marks of abbreviation."""
    if word.isascii():
        return word.lower().strip(". ")
    plain = unicodedata.normalize("NFKD", word.casefold()).replace("ı", "i")
    return "".join(c for c in plain if not "\u0300" <= c <= "\u036f").strip(". ׳॰")


@cache
def _months() -> tuple[dict[str, dict[str, int]], dict[str, int], dict[str, int]]:
    """Spellings by language, those of all languages, and those of the solar Hijri calendar."""
    own: dict[str, dict[str, int]] = {}
    shared: dict[str, int] = {}
    for language, months in tables()["months"].items():
        own[language] = _spellings(months)
        for name, number in own[language].items():
            shared.setdefault(name, number)
    solar: dict[str, int] = {}
    for months in tables()["solar_hijri"].values():
        solar |= _spellings(months)
    return own, shared, solar


def _spellings(months: list[str]) -> dict[str, int]:
    return {
        folded_word(name.replace("_", " ")): number for number, names in enumerate(months, 1) for name in names.split()
    }


@cache
def _joining() -> frozenset[str]:
    return frozenset(folded_word(word) for word in tables()["joining"]["words"].split())


@cache
def _zones() -> dict[str, str]:
    return {name: offset for offset, names in tables()["zones"].items() for name in names.split()}


@cache
def _digits() -> dict[int, str]:
    zeros = "٠۰०০੦૦௦౦೦൦๐໐០０"
    return {ord(zero) + n: str(n) for zero in zeros for n in range(10)}
