"""Authors as bibliographies want them: people with a family name, and bodies that are called as they are called."""

from __future__ import annotations

from dataclasses import dataclass

# Languages whose names begin with the family's, or have none: there the last word says nothing.
_FAMILY_FIRST = frozenset(
    ("bo", "dz", "hu", "id", "is", "ja", "km", "ko", "lo", "ml", "mn", "ms", "my", "ta", "vi", "zh")
)
# Small words that a family name begins with.
_PARTICLES = frozenset(
    "da de do dos das del della di du des van von der den ter ten te zu zur zum la le los al bin ibn".split()
)
_LETTERS = (("A", "ɏ"), ("Ḁ", "ỿ"), ("Ͱ", "ԯ"), ("ἀ", "῾"), ("Ա", "֏"), ("Ⴀ", "ჿ"))
"""Latin, Greek, Cyrillic, Armenian, Georgian."""


@dataclass(frozen=True, slots=True)
class Author:
    """An author's name; `family` is None where it is one name, or not known how it divides."""

    name: str
    person: bool | None
    """False for an agency or another body; None when nobody can tell."""
    given: str | None = None
    family: str | None = None


def author(name: str, language: str | None) -> Author:
    """What kind of author `name` is, and the parts of a person's name, in an article of this language."""
    from scraper.extract.fields.names import kind_of

    kind = kind_of(name)
    if kind != "person":
        return Author(name, False if kind == "group" else None)
    words = name.split()
    tongue = (language or "").lower().partition("-")[0]
    divides = len(words) > 1 and tongue not in _FAMILY_FIRST and "and" not in words and not set(name) & set(",;{}()")
    if not divides or not all(_in_alphabet(word[0]) for word in words):
        return Author(name, True)
    at = len(words) - 1
    while at > 1 and words[at - 1] in _PARTICLES:
        at -= 1
    return Author(name, True, " ".join(words[:at]), " ".join(words[at:]))


def _in_alphabet(letter: str) -> bool:
    return any(first <= letter <= last for first, last in _LETTERS)
