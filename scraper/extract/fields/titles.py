"""Titles a page states about itself, without the names of site and section around them."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from scraper.extract.candidates import Evidence
from scraper.extract.wording import folded, words
from scraper.urls import path_of

_SEPARATOR = re.compile(r"\s+[|\-–—:•·»«/*~]+\s+|\s*[|»«｜]\s*|:{2}|:\s+|：|\s*--+\s*")
_SPACES = re.compile(r"[\s\u00a0\u2000-\u200b\u202f\u205f\u2060\u3000\ufeff]+")
_ARTICLE = re.compile(r"^(?:the|der|die|das|le|la|el|il)\s+")
_LONGEST_TITLE = 1_000
_COMMON_LABELS = frozenset(
    "www blog blogs news com org net edu gov info media online the my app web site de en".split()
)

Bag = tuple[Counter[str], int]
"""The words of a text with their numbers, and how many there are."""


def one_line(text: str) -> str:
    """`text` on one line: soft hyphens and odd spaces folded away, entities that were escaped twice decoded."""
    text = text.replace("\u00ad", "")
    if "&" in text and ";" in text:
        text = html.unescape(text)
    return _SPACES.sub(" ", text).strip()


def bag(text: str) -> Bag:
    counted = Counter(words(text))
    return counted, counted.total()


def likeness(one: Bag, other: Bag) -> float:
    """Word F1 of two texts: 0 (nothing shared) to 1 (the same words)."""
    few, many = (one, other) if len(one[0]) < len(other[0]) else (other, one)
    if not few[1]:
        return 0.0
    both = sum(min(count, many[0][word]) for word, count in few[0].items() if word in many[0])
    return 2 * both / (few[1] + many[1])


_LONGEST_SITE_NAME = 60
"""Characters."""


@dataclass(frozen=True, slots=True)
class SiteNames:
    """What stands before or after a title: names of the site and of its sections."""

    names: frozenset[str]
    """Squeezed: letters and digits only, without a leading article."""
    labels: frozenset[str] = frozenset()
    """Words of the host's name."""
    sections: frozenset[str] = frozenset()
    """Sections stated, and folders of the page's address; squeezed."""

    @classmethod
    def of(cls, evidence: Evidence, host: str) -> SiteNames:
        """From what the page calls its site and section, and from its host and address."""
        host = host.removeprefix("www.")
        # Some pages name a "website" or "publisher" after the story itself.
        names = {squeezed(name) for name in evidence.site_names if len(name) <= _LONGEST_SITE_NAME}
        names |= {squeezed(host), squeezed(host.split(".")[0])}
        labels = {label for label in re.split(r"[.\-]", host) if len(label) > 2}
        sections = {squeezed(str(c.value)) for c in evidence.of("section") if isinstance(c.value, str)}
        for address in evidence.of("canonical_url"):
            sections |= {squeezed(folder) for folder in path_of(str(address.value)).split("/")[:-1]}
        return cls(frozenset(names - {""}), frozenset(labels), frozenset(sections - {""}))

    def is_name(self, part: str) -> bool:
        """True for a name of the site."""
        return squeezed(part) in self.names

    def is_like_name(self, part: str) -> bool:
        """True for what bears the host's name: "Rust Blog" at blog.rust-lang.org, "Oldcrows Mall" at oldcrows.com."""
        tokens = folded(part).split()
        if not 0 < len(tokens) <= 7:
            return False
        long = [label for label in self.labels if label not in _COMMON_LABELS and len(label) > 3]
        whole = squeezed(part)
        if any(whole.startswith(label) or (len(label) > 5 and label in whole) or label in tokens for label in long):
            return True
        return len(tokens) <= 4 and any(label.startswith(tokens[0]) for label in long if len(tokens[0]) > 4)

    def is_section(self, part: str) -> bool:
        """True for a section the page states or its address names."""
        return squeezed(part) in self.sections


@lru_cache(maxsize=512)
def squeezed(name: str) -> str:
    """Letters and digits only, without a leading article: “The Millbrook Bugle” and millbrook-bugle are one name."""
    return _ARTICLE.sub("", folded(name)).replace(" ", "").replace("_", "")


def without_site_name(title: str, site: SiteNames, known: Iterable[str] = ()) -> str:
    """`title` without " | Site", " | Section | Site" or "Site: "; `known` holds folded titles it may be cut down to."""
    title = one_line(title)
    if len(title) > _LONGEST_TITLE:
        return title
    known = frozenset(known)
    pieces = list(_SEPARATOR.finditer(title))
    if folded(title) not in known:
        for piece in pieces:
            for part in (title[: piece.start()].strip(), title[piece.end() :].strip()):
                if folded(part) in known:
                    return part
    while pieces:
        shorter = _shorter(title, pieces, site)
        if shorter is None:
            return title
        title = shorter
        pieces = list(_SEPARATOR.finditer(title))
    return title


def _shorter(title: str, pieces: list[re.Match[str]], site: SiteNames) -> str | None:
    """`title` without one name at its end or beginning; None when none stands there."""
    for piece in reversed(pieces):
        before, after = title[: piece.start()].strip(), title[piece.end() :].strip()
        if before and site.is_name(after):
            return before
        if after and site.is_name(before):
            return after
    last = pieces[-1]
    before, after = title[: last.start()].strip(), title[last.end() :].strip()
    bar = "|" in last.group()
    if not before or ":" in last.group() or (len(after) >= len(before) and not bar):
        return None
    named = site.is_like_name(after) and (bar or not site.is_like_name(before))
    return before if named or (bar and site.is_section(after)) else None
