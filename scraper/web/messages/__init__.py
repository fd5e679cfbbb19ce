"""What the pages say, by language: a catalogue a language, as TOML beside this module.

A message is text with `{placeholders}`, or, where it depends on a number `n`, a table of its plural forms.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True, slots=True)
class Language:
    """A language that the pages speak."""

    code: str
    """BCP 47."""
    name: str
    """What its speakers call it."""
    forms: tuple[str, ...]
    """The plural forms of whole numbers, as CLDR names them."""
    form: Callable[[int], str]
    thousands: str
    """What stands between groups of three digits."""


def _english(n: int) -> str:
    return "one" if n == 1 else "other"


def _ukrainian(n: int) -> str:
    if n % 10 == 1 and n % 100 != 11:
        return "one"
    return "few" if 2 <= n % 10 <= 4 and not 12 <= n % 100 <= 14 else "many"


LANGUAGES = {
    "en": Language("en", "English", ("one", "other"), _english, ","),
    "uk": Language("uk", "Українська", ("one", "few", "many"), _ukrainian, "\N{NO-BREAK SPACE}"),
}
DEFAULT = "en"


@dataclass(frozen=True, slots=True)
class Messages:
    """One language's catalogue."""

    language: Language
    texts: Mapping[str, str | Mapping[str, str]]

    def say(self, key: str, /, **values: Any) -> str:
        """The message of this key, such as `home.title`; whole numbers among the values are written out.

        Raises KeyError for a key or a value that is missing: catalogues are tested to have the same of both.
        """
        text = self.texts[key]
        if not isinstance(text, str):
            text = text[self.language.form(values["n"])]
        shown = {name: self.number(value) if isinstance(value, int) else value for name, value in values.items()}
        return text.format_map(shown)

    def has(self, key: str) -> bool:
        return key in self.texts

    def number(self, n: int) -> str:
        """`12345` with its thousands apart."""
        return f"{n:,}".replace(",", self.language.thousands)


@cache
def messages(code: str) -> Messages:
    """The catalogue of one of LANGUAGES."""
    text = files(__name__).joinpath(f"{code}.toml").read_text(encoding="utf-8")
    return Messages(LANGUAGES[code], dict(_flat(tomllib.loads(text), LANGUAGES[code].forms)))


def wanted(accept_language: str) -> str:
    """The best of LANGUAGES for a header Accept-Language (RFC 9110); the default where none of them is in it."""
    best, weight = DEFAULT, 0.0
    for part in accept_language[:1000].split(","):
        tag, _, parameter = part.partition(";")
        code = tag.strip().lower().partition("-")[0]
        name, _, value = parameter.strip().partition("=")
        try:
            quality = float(value) if name == "q" else 1.0
        except ValueError:
            continue
        if code in LANGUAGES and quality > weight:
            best, weight = code, quality
    return best


def _flat(
    table: Mapping[str, Any], forms: tuple[str, ...], above: str = ""
) -> Iterator[tuple[str, str | Mapping[str, str]]]:
    for name, value in table.items():
        if isinstance(value, str) or set(value) == set(forms):
            yield above + name, value
        else:
            yield from _flat(value, forms, f"{above}{name}.")
