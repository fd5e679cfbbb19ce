"""The words around authors' names in many languages, and common given names; see `bylines.toml`."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib import resources
from typing import Literal

from scraper.extract.wording import folded

Role = Literal["by", "others"]
"""What a label says of the name after it: its author, or someone who did something else (edited, photographed …)."""

PARTICLES = frozenset(
    """de da do dos das del della dello di du des van von der den ter ten te zu zur zum la le las los lo el al bin ibn
    bint ben af av y e i o st san mac mc abu ad as der ul ur und van't 't of the""".split()
)
"""Small words inside names."""
_ELIDED = re.compile(r"^(?:d|l|dell|dall|all|n|o)['’]", re.IGNORECASE)
_FIRST_WORD = re.compile(r"[\s:：՝]")
_BEFORE_LABEL = " \t\n-–—|•·*/~(（"
_IDEOGRAPHIC = "\u3000"
"""From here on, scripts that put no space between label and name."""
_SYLLABIC = "\u1100"
_SIGNED = re.compile(
    r"(?:[\[(（].{1,12}[\])）]\s*)?([가-힣]{2,4}|[\u4e00-\u9fff]{2,4})\s*(?:기자|특파원|記者|记者)(?:\s*=)?"
)
"""Korean and some Chinese bylines put the office after the name."""
_COLONS = str.maketrans("：՝", "::")
_AFTER_LABEL = " :：/／・|｜\u3000"
_LONGEST_LABEL = 5
"""Words; in scripts without spaces, characters."""


@cache
def _tables() -> dict[str, frozenset[str]]:
    text = (resources.files("scraper.extract") / "bylines.toml").read_text(encoding="utf-8")
    return {
        purpose: frozenset(phrase for phrases in languages.values() for phrase in phrases)
        for purpose, languages in tomllib.loads(text).items()
    }


def table(purpose: str) -> frozenset[str]:
    """The phrases of all languages for one purpose."""
    return _tables()[purpose]


@cache
def nobodies() -> frozenset[str]:
    """What stands for nobody in particular, folded."""
    return frozenset(map(folded, table("nobody")))


@cache
def _given_names() -> frozenset[str]:
    lines = (resources.files("scraper.extract") / "given_names.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(name for line in lines if not line.startswith("#") for name in line.split())


@cache
def _label_starts() -> frozenset[str]:
    return frozenset(phrase.split()[0] for phrase in table("by") | table("others"))


@cache
def joining_words() -> re.Pattern[str]:
    """What stands between two names."""
    words = "|".join(sorted(map(re.escape, table("and")), key=len, reverse=True))
    return re.compile(rf"\s+(?:{words})\s+|\s*&\s*|\s+و\s*|\s+ו(?=\w\w)|\s+[+]\s+")


def may_be_label(text: str) -> bool:
    """A quick look: False where `leading_label` would find nothing."""
    start = text.lstrip(_BEFORE_LABEL)[:24]
    if not start:
        return False
    first = _FIRST_WORD.split(start.lower(), maxsplit=1)[0]
    return start[0] >= _SYLLABIC or start[0] in "[（(" or first in _label_starts() or " by" in start


def leading_label(text: str) -> tuple[Role | None, str]:
    """What the words at the beginning of `text` announce, and the text after them; (None, `text`) without a label."""
    start = text.lstrip(_BEFORE_LABEL)
    head = start[:60].lower()
    if not head:
        return None, text
    if signed := _SIGNED.fullmatch(start):
        return "by", signed[1]
    if head[0] >= _IDEOGRAPHIC:
        return _unspaced_label(start, text)
    words = head.translate(_COLONS).replace(":", ": ").split()[:_LONGEST_LABEL]
    if words[0].rstrip(":") not in _label_starts():
        unknown = 1 < len(words) < 4 and words[-1].rstrip(":") == "by" and len(start) < 30  # "Researched by"
        return ("others", "") if unknown else (None, text)
    for count in range(len(words), 0, -1):
        phrase = " ".join(words[:count])
        label = phrase.rstrip(":")
        role = _role(label)
        if role is None or ":" in label:
            continue
        rest = re.sub(rf"^(?:[^\s:：՝]+[\s:：՝]*){{{count}}}", "", start)
        if rest and phrase == label and label in table("doubtful") and not _begins_like_name(rest):
            continue
        if phrase == label and role == "others" and count == 1 and rest:
            continue  # "Photo Lab opens": a single word needs its colon
        return role, rest
    return None, text


def _unspaced_label(start: str, text: str) -> tuple[Role | None, str]:
    for count in range(min(_LONGEST_LABEL, len(start)), 0, -1):
        role, rest = _role(start[:count]), start[count:]
        if role and (count > 1 or not rest or rest[0] in _AFTER_LABEL):
            return role, rest.lstrip(_AFTER_LABEL)
    return None, text


def _role(label: str) -> Role | None:
    if label in table("by"):
        return "by"
    return "others" if label in table("others") else None


def _begins_like_name(text: str) -> bool:
    words = [word for word in text.split()[:4] if word.lower() not in PARTICLES]
    return len(words) >= 2 and all(map(is_capital, words[:2]))


def is_capital(word: str) -> bool:
    """True for a word with a capital, or of a script without capitals."""
    first = next((c for c in _ELIDED.sub("", word) if c.isalnum()), "")
    return first.isalpha() and (first.isupper() or first.lower() == first.upper())


def is_common(name: str) -> bool:
    """True when a word of menus, sections or labels is in it: "About the Author", "Get Started"."""
    words, labels = table("words"), _label_starts()
    return any(word.strip(".,:") in words or word in labels for word in name.lower().split())


def has_role(name: str) -> bool:
    """True when a word says what someone is: "Tech Reporter", "Ann Lee, Editor"."""
    roles = table("roles")
    return any(word.strip(".,()’'") in roles for word in name.lower().split())


def has_group(name: str) -> bool:
    """True when a word is one of agencies and organisations: "Gazette Staff", "Ministry of Justice"."""
    groups = table("groups")
    return any(word.strip(".,") in groups for word in name.lower().replace("-", " ").split())


def is_agency_name(name: str) -> bool:
    """True for a news agency that is known by name."""
    return name.lower() in table("agencies")


def is_agency(name: str) -> bool:
    """True for a known news agency, and for a short word in capitals."""
    return is_agency_name(name) or (name.isupper() and 2 <= len(name) <= 6)


def begins_with_given_name(text: str) -> bool:
    """True when one of the first three words is a common given name, whatever follows."""
    known = _given_names()
    for word in text[:50].lower().split(maxsplit=3)[:3]:
        plain = word.strip(".,—–-")
        if plain in known or ("-" in plain and plain.partition("-")[0] in known):
            return True
    return False
