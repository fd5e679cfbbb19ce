"""Where an article says that it was corrected. The words are in `corrections.toml`."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib import resources

from scraper.diff.noise import folded

_LONGEST = 1500
"""Characters of a paragraph that can be such a note; longer ones are articles about corrections."""
_SAID_BY = 240
"""Characters within which the note comes to its point."""
_SAID_WITHOUT_SPACES = ("訂正しました", "訂正いたします", "お詫びして訂正", "已更正", "特此更正")


def correction(body: str | None) -> str | None:
    """The paragraphs that say that the text was corrected, clarified or amended; None when there are none.

    Several are separated by a blank line, so that a second correction is seen as one. "Updated" alone is none.
    """
    found = [paragraph for paragraph in (body or "").split("\n\n") if _is_correction(paragraph)]
    return "\n\n".join(paragraph.strip() for paragraph in found) or None


def _is_correction(paragraph: str) -> bool:
    if len(paragraph) > _LONGEST:
        return False
    # A little more than is looked at: folding may shorten it.
    text = folded(paragraph[: 2 * _SAID_BY]).casefold().lstrip("*_#>†•- \"'")
    if _begins().match(text):
        return True
    said = text[:_SAID_BY]
    return any(word in said for word in _telling_words()) and bool(_says().search(said))


@cache
def _tables() -> dict[str, dict[str, list[str]]]:
    file = resources.files(__package__) / "corrections.toml"
    return tomllib.loads(file.read_text(encoding="utf-8"))


def _phrases(table: str) -> list[str]:
    phrases = {folded(phrase).casefold() for phrases in _tables()[table].values() for phrase in phrases}
    return sorted(phrases, key=len, reverse=True)


@cache
def _telling_words() -> tuple[str, ...]:
    """Words of which one at least is in all that `_says` finds: to look for them takes a fifth of the time."""
    literal = [max(re.split(r"[*@ ]+", phrase), key=len) for phrase in _phrases("says")]
    return tuple(dict.fromkeys((*literal, *_SAID_WITHOUT_SPACES)))


def _pattern(table: str) -> str:
    corrected = rf"(?:[\w-]+ ){{0,2}}(?:{'|'.join(_tables()['corrected']['en'])})s?"
    pattern = "|".join(map(re.escape, _phrases(table)))
    return pattern.replace(r"\*", r"\w+(?: \w+){0,5}").replace("@", corrected)


@cache
def _begins() -> re.Pattern[str]:
    # "Correction:", "Correction (July 22):", "Correction, July 22:", "[Correction]"; not "Correction of the course".
    words = _pattern("begins")
    date = r",? ?(?:\w{1,12}\.? ){0,2}\d{1,4}(?:[.,/ -]{1,2}\w{1,12}){0,4}"
    note = r" ?[(（\[][^)\]）]{0,60}[)\]）]"
    return re.compile(rf"[(\[【](?:{words})[)\]】]|(?:{words})(?:(?:{note}|{date})? ?[:：]|{note}$| - |\.(?: |$))")


@cache
def _says() -> re.Pattern[str]:
    # Letters may follow in the middle of a word only where words have endings: a phrase begins with a word.
    return re.compile(rf"(?<!\w)(?:{_pattern('says')})|(?:{'|'.join(_SAID_WITHOUT_SPACES)})")
