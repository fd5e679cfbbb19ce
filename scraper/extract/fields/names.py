"""Names of authors in the credits of pages: what announces them, where one ends, and whether it is a name at all."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Literal

from scraper.extract.fields.byline_words import (
    PARTICLES,
    begins_with_given_name,
    has_group,
    has_role,
    is_agency,
    is_agency_name,
    is_capital,
    is_common,
    joining_words,
    leading_label,
    nobodies,
    table,
)
from scraper.extract.wording import folded

Kind = Literal["person", "name", "group", "handle", "nobody"]
"""A person by the looks of it, a name of unclear kind, an agency or organisation, an account, nobody in particular."""

_PREPOSITIONS = frozenset(
    "on in at from for via with über um am aus bei im für dans à sur pour en desde para op w z в у з на из от".split()
)
_TITLES = frozenset(
    "dr prof sir mr mrs ms dame lord lady rev fr herr frau mag ing dipl dott dra sra sr srta mme pr".split()
)
# Letters after a name: MD, Ph.D., CFP®, E-RYT 200, Jr. A word of capitals is one unless an agency is called so.
_LETTERS = re.compile(
    r"(?:[A-Z]{2,7}|(?:[A-Z][a-z]{0,2}\.){1,4}[A-Z]?|[A-Z][a-z]?[A-Z]{1,5}|[A-Z]{2,4}[a-z]{1,2}[A-Z]?|E-RYT|Esq|[JS]r)"
    r"[.®™*]*(?:\s+\d{3})?"
)
_NOT_LETTERS = re.compile(r"[A-Z][a-z]{2,}")
_EMAIL = re.compile(r"\S+@\S+\.\w+|https?://\S+|www\.\S+|(?<!\S)@\w+")
_BRACKETS = re.compile(r"\s*[(\[（【][^)\]）】]*[)\]）】](?!\s+[^\W\d_]+$)")
_STRONG = re.compile(r"\s*(?:[;|·•⋅、；،／\n]|\s/\s|\s[-–—―]+\s)\s*")
_COMMA = re.compile(r"\s*[,，]\s*")
_EDGES = " .,:;-–—|·•⋅*†'\"“”„«»()\u00a0\u200b"
_JOINING = re.compile(r"^(?:(?:and|und|et|y|e|og|och|en|та|и|і|و)\s+|&\s*)")
_ONE_LETTER_AND = re.compile(r"\s\w\s")
_PREFIXING = frozenset(map(chr, range(0x590, 0x700)))  # Hebrew and Arabic
_HANDLE = re.compile(r"[\d._]|[a-z][A-Z]")
_POSSESSIVE = re.compile(r"['’]s\b")
_SUFFIX = re.compile(r"\s*(?:기자|記者|记者|특파원|앵커|द्वारा|報道|報導|さん|氏|says)$")
_NO_NAME = re.compile(
    r"https?:|www\.|/|[\W\d_]*$|.*(?:\d{3}|\d[./:]\d)|[^\W\d_]{3,9}\.? \d{1,2}$"  # an address, a number, a day
    r"|(?:page|site|post|article|author|user|meta|head|data|label|common)[._][\w.]+$|.*[{}<>=%$#\\]"  # a template's key
)
_MAX_NAME = 60
_LONGEST_CREDIT = 2_000
"""Characters; what is longer lists hundreds of names or is no credit."""
_MAX_AUTHORS = 25


def kind_of(name: str) -> Kind:
    """What a cleaned name names."""
    words = name.split()
    if folded(name) in nobodies() or "admin" in name.lower().split() or (len(words) == 1 and is_common(name)):
        return "nobody"
    if is_agency_name(name) or has_group(name):
        return "group"
    if len(words) == 1 and name.isascii() and (name.islower() or _HANDLE.search(name)):
        return "handle"
    return "person" if looks_like_person(name) else "name"


@lru_cache(maxsize=1024)
def looks_like_person(name: str) -> bool:
    """Two to five words as people are called, none of them a word of menus, sections or offices."""
    if len(name) > _MAX_NAME or _NO_NAME.match(name) or any(c in name for c in "!?:;|/…") or _POSSESSIVE.search(name):
        return False
    core = _COMMA.split(name)[0]
    words = [word for word in core.replace("・", " ").split() if word.lower().strip(".") not in _TITLES]
    if not words:
        return False
    if core[0] >= "\u2e80":
        return _unspaced_person("".join(words))
    names = [word for word in words[:-1] if word.lower() not in PARTICLES] + words[-1:]
    if not 2 <= len(names) <= 5 or len(words) > 7 or not all(map(is_capital, names)):
        return False
    if any(len(word) > 24 or any(map(str.isdigit, word)) for word in names):
        return False
    if len(names[-1].strip(".")) < 2 and len(names) == len(words):
        return False  # "Scott P." is short for a name
    common, roles, groups = table("words"), table("roles"), table("groups")
    return not any(w in common or w in roles or w in groups for w in (n.lower().strip(".,'’") for n in names))


def _unspaced_person(name: str) -> bool:
    if re.fullmatch(r"[\u3400-\u9fff々]{2,5}|[가-힣]{2,5}", name):
        return name not in table("words")
    return re.fullmatch(r"[\u3040-\u30ff\u3400-\u9fffー]{2,14}", name) is not None and len(name) <= 14


def clean_names(raw: Iterable[str], outlets: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """The people and agencies in `raw`: split, without "By", roles, e-mail addresses, nobodies or the outlet's name.

    `outlets` holds the outlet's names, folded.
    """
    out: dict[str, str] = {}
    for given in raw:
        for name in _names_in(given, outlets):
            key = folded(name)
            if key and key not in outlets and kind_of(name) != "nobody":
                out.setdefault(key, name)
    return tuple(out.values())[:_MAX_AUTHORS]


@lru_cache(maxsize=1024)
def _names_in(credit: str, outlets: frozenset[str]) -> tuple[str, ...]:
    """The names in one credit. Pages repeat their credits, in metadata and on the page."""
    text = _EMAIL.sub(" ", _BRACKETS.sub(" ", credit[:_LONGEST_CREDIT].replace("\u00ad", "")))
    out: list[str] = []
    for piece in _STRONG.split(text.strip()):
        role, rest = leading_label(piece)
        names = piece
        while role == "by":
            names = rest
            role, rest = leading_label(rest)
        if role != "others":
            _add_names([part for part in _COMMA.split(names) if part.strip()], out, outlets)
    return tuple(out)


def _add_names(parts: list[str], out: list[str], outlets: frozenset[str]) -> None:
    """Add the names among the parts of a credit between commas.

    Letters after a name go with it; roles, places and what else describes the one named before do not.
    """
    described = False
    for given in parts:
        part = _JOINING.sub("", " ".join(given.split()))
        names = _apart(part, outlets)
        if out and has_role(part):
            described = True
            if not any(map(looks_like_person, names)):
                continue
        for one in names:
            if out and _is_letters(one):
                out[-1] += f", {one.strip(' ;')}"
            elif (name := _name(one, first=not out)) and not (out and _describes(name, out[0], described)):
                out.append(name)
                described = described or folded(name) in outlets


def _name(text: str, *, first: bool) -> str | None:
    """The name in one part of a credit; None where there is none."""
    role, rest = leading_label(text)
    name = _tidied(rest if role == "by" else text, first=first)
    usable = 2 <= len(name) <= _MAX_NAME and len(name.split()) <= 8 and not _NO_NAME.match(name)
    return name if usable and role != "others" else None


def _describes(name: str, person: str, described: bool) -> bool:
    """True for a part that says more of the `person` before it: an office, a place, an employer."""
    if has_role(name) or (described and not begins_with_given_name(name)):
        return True
    return looks_like_person(person) and not (looks_like_person(name) or is_agency(name) or has_group(name))


def _is_letters(part: str) -> bool:
    words = part.strip(" .").split()
    if not 0 < len(words) <= 4 or is_agency_name(part.strip(" .")) or begins_with_given_name(part):
        return False
    return all(_LETTERS.fullmatch(word) and not _NOT_LETTERS.fullmatch(word) for word in _joined_numbers(words))


def _joined_numbers(words: list[str]) -> list[str]:
    return [f"{a} {b}" if b.isdigit() else a for a, b in zip(words, [*words[1:], ""], strict=True) if not a.isdigit()]


def _apart(part: str, outlets: frozenset[str]) -> list[str]:
    """The names joined by "and" in `part`; left together where one of them alone would be no name."""
    names = [name for name in joining_words().split(part) if name]
    if len(names) < 2:
        return names
    if any(folded(name) in outlets for name in names):
        return [part]  # the outlet and an agency sign together
    tidy = [_tidied(leading_label(name)[1]) for name in names]
    if all(looks_like_person(name) or has_role(name) or is_agency(name) for name in tidy):
        return names
    # "Ortega y Gasset", "Center for Research and Policy"; where "and" is a letter before a word, any word may begin so.
    within = _ONE_LETTER_AND.search(part) or has_group(part) or part[0] in _PREFIXING
    return [part] if within or not any(map(looks_like_person, tidy)) else names


def _tidied(name: str, *, first: bool = True) -> str:
    """Without quotation marks, brackets and what follows a person ("Ann Lee in Kyiv").

    Any small word ends the `first` name of a credit ("Ann Lee writes …"); later parts are cut at prepositions only.
    """
    name = _SUFFIX.sub("", name.strip(_EDGES)).strip(_EDGES)
    words = name.split()
    for at in range(2, len(words)):
        word = words[at].lower()
        small = words[at][0].islower() and word.isalpha() and word not in PARTICLES
        if word[0].isdigit() or (small and (first or word in _PREPOSITIONS)):
            before = " ".join(words[: at - 1] if words[at - 1] in PARTICLES else words[:at])
            return before if looks_like_person(before) else name
    if len(words) > 1 and words[-1].islower() and words[-1] in _PREPOSITIONS:
        return " ".join(words[:-1])
    return name
