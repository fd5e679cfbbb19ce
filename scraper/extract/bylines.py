"""Bylines a reader sees: lines with the names of authors, and what makes each of them a byline."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from scraper.extract.byline_lines import SIGNED_BY_ALL, Piece, is_credit, is_role, labelled, pieces_of
from scraper.extract.fields.byline_words import Role, begins_with_given_name, is_common, may_be_label
from scraper.extract.fields.names import clean_names, kind_of, looks_like_person
from scraper.extract.outline import Block, Outline
from scraper.urls import path_of

Sign = Literal["label", "link", "box", "bio", "bare", "owner"]
"""What makes a text a byline: a word before it ("By"), a link to an author's page, the name of its element, a line
about the person after it, nothing but its place and looks, or being the line about rights at the page's end."""

_NAMED = re.compile(
    r"(?<!un)author(?!i[tsz])|by-?line|writer|contributor|creator|journalist|posted-by|(?:^|\s)fn(?:\s|$)|vcard"
    r"|\bautor(?:a|en|es|in)?\b|redakteur|verfasser|auteur|\bautore|skribent|forfatter|reporter|redactor"
)
_NAMING_WORDS = (
    *(
        "auth",
        "by-line",
        "byline",
        "writer",
        "contributor",
        "creator",
        "journalist",
        "posted-by",
        "fn",
        "vcard",
        "autor",
    ),
    *("redakteur", "verfasser", "auteur", "skribent", "forfatter", "reporter", "redactor"),
)
"""One of these is in every name that `_NAMED` finds: a quick look, for most names say nothing of authors."""
_NOT_NAME = re.compile(
    r"bio|avatar|image|img|photo|pic(?:ture)?|social|follow|role|titel|job|position|email|mail|share|desc|intro|about|link"
    r"|dot|date|time|publish|separat|label|tooltip|affil|correspond|count|more|comment|note|excerpt|summary"
)
_TO_AUTHOR = re.compile(
    r"/(?:by|authors?|autor(?:es|en|in)?|auteurs?|autori|author-\w+|people|persons?|our-team|staff|team"
    r"|contributors?|contributor-\w+|journalists?|writers?|experts?|columnists?|correspondents?|redactie"
    r"|our-people|our-experts|reporters?|forfatter|skribent|avtor|автор)/[^/]|/@[\w.-]+/?$|[?&]author=",
    re.IGNORECASE,
)
_TO_TOPIC = re.compile(
    r"/(?:categor\w+|tags?|topics?|sections?|themen?|rubri\w+|temas?|seccion\w*|thema|archive)s?/", re.IGNORECASE
)
_CREDIT = re.compile(
    r"©|\(c\) ?\d|copyright|getty images|//|all rights|/(?:ap|afp|dpa|epa|reuters|getty)\b", re.IGNORECASE
)
_DAY = re.compile(
    r"\d{1,2}[./:-]\d|\b(?:19|20)\d\d\b|\d\s*(?:min|мин|хв|мин|分|분|मिनट|دقائق|phút|perc)", re.IGNORECASE
)
_LONGEST_LINE = 200
_LONGEST_ROW = 600
_LONGEST_NAMES = 100
"""Characters of a line that gives the names a label in the line before announced."""
_MOST_ABOVE = 5
"""Elements above a text whose names are looked at."""


@dataclass(frozen=True, slots=True)
class Byline:
    """One credit as a reader sees it."""

    text: str
    """The names as written, a line each where the page sets them apart."""
    selector: str
    sign: Sign
    lines: tuple[str, ...]
    """The whole lines it stands in."""
    below: bool
    """True after the text, where authors are introduced but other people's names stand too."""
    dated: bool = False
    """A date or a reading time stands in the same line or beside it."""
    distance: int = 0
    """Lines between it and the headline, or the end of the text."""
    blocks: tuple[int, ...] = ()
    """Indexes of the blocks it stands in."""


def is_line(block: Block) -> bool:
    """True for what is no prose: short, or a row of links such as the one of author, day and tags."""
    return len(block.text) <= _LONGEST_LINE or (len(block.text) <= _LONGEST_ROW and block.link_share > 0.5)


def read_bylines(
    lines: list[Block], outline: Outline, *, below: bool, foreign: Callable[[Block], bool], before: int = 0
) -> list[Byline]:
    """The bylines in `lines`, which stand between headline and text or (`below`) at the text's end and after it.

    `foreign` tells lines of parts of the page that are not about this article; it is asked only where it matters.
    `before` is the number of lines above the headline.
    """
    return _merged(list(_Reading(lines, outline, below, foreign, before).bylines()))


def _merged(bylines: list[Byline]) -> list[Byline]:
    """Names in the same or neighbouring lines, marked up alike or after a label, as one byline of several authors."""
    out: list[Byline] = []
    for byline in bylines:
        last = out[-1] if out else None
        if (
            last
            and byline.sign in ("link", "box")
            and (last.selector == byline.selector or (last.sign == "label" and byline.lines[0] in last.lines))
            and byline.distance - last.distance <= 2
            and looks_like_person(byline.text)
        ):
            lines = tuple(dict.fromkeys((*last.lines, *byline.lines)))
            blocks = tuple(dict.fromkeys((*last.blocks, *byline.blocks)))
            text = f"{last.text}\n{byline.text}"
            out[-1] = replace(last, text=text, lines=lines, distance=byline.distance, blocks=blocks)
        else:
            out.append(byline)
    return out


@lru_cache(maxsize=4096)
def _names_author(names: str) -> bool:
    return any(word in names for word in _NAMING_WORDS) and _NAMED.search(names) is not None


class _Reading:
    """One pass over the lines of a region; a line's `place` counts from the headline, below zero above it."""

    def __init__(
        self, lines: list[Block], outline: Outline, below: bool, foreign: Callable[[Block], bool], before: int
    ) -> None:
        self._lines = lines
        self._outline = outline
        self._below = below
        self._foreign = foreign
        self._before = before
        self._named_boxes: dict[int, int] = {}
        """Box to the nearest one above that names an author; -1 for none."""

    def bylines(self) -> Iterator[Byline]:
        pending: Role | None = None
        for place, block in enumerate(self._lines, -self._before):
            if pending and len(block.text) > _LONGEST_NAMES:
                pending = None
            if not (pending or self._is_promising(block, place)):
                continue
            if block.kind == "caption" or _CREDIT.search(block.text) or self._foreign(block):
                pending = None
                continue
            pieces = list(pieces_of(block))
            names, free, pending = labelled(pieces, pending)
            if names:
                yield self._byline(names, "a line that says so", "label", place)
            found = self._named(free, block)
            for name, sign, selector in found:
                yield self._byline(name, selector, sign, place)
            if not (names or found or pending):
                yield from self._by_looks(free, place)

    def _byline(self, text: str, selector: str, sign: Sign, place: int) -> Byline:
        line = self._lines[place + self._before]
        dated = self._is_dated(place)
        return Byline(text, selector, sign, (line.text,), self._below, dated, abs(place), (line.index,))

    def _is_dated(self, place: int) -> bool:
        at = place + self._before
        near = self._lines[max(0, at - 2) : at + 3]
        return any(len(line.text) < 80 and _DAY.search(line.text) for line in near)

    def _is_promising(self, block: Block, place: int) -> bool:
        """A quick look, for most lines hold no byline."""
        text = block.text
        if may_be_label(text) or " by " in text or "By" in text or begins_with_given_name(text):
            return True
        near = place <= 3 and not self._below and len(text) < 90
        if near and (SIGNED_BY_ALL.match(text) or (place <= 1 and _DAY.search(text))):
            return True
        several = len(block.runs) > 1
        for run in block.runs:
            if self._naming_box(run.box) >= 0 or (several and begins_with_given_name(run.text)):
                return True
            for name, address in run.marks:
                if name == "a" and (_TO_AUTHOR.search(address) or (len(text) < 120 and self._is_rel_author(run.box))):
                    return True
        return False

    def _naming_box(self, box: int) -> int:
        """The nearest box around `box` that is named for an author and for nothing else of theirs; -1 for none."""
        known = self._named_boxes.get(box)
        if known is not None:
            return known
        index, found = box, -1
        between: list[str] = []
        for _ in range(_MOST_ABOVE):
            if index < 0 or self._outline.boxes[index].tag == "body":
                break
            names = self._outline.boxes[index].names
            between.append(names)
            if _names_author(names):
                found = -1 if any(map(_NOT_NAME.search, between)) else index
                break
            index = self._outline.boxes[index].parent
        self._named_boxes[box] = found
        return found

    def _is_rel_author(self, box: int) -> bool:
        for _ in range(3):
            if box < 0:
                break
            element = self._outline.boxes[box]
            if element.tag == "a":
                return "author" in (element.node.attributes.get("rel") or "").lower()
            box = element.parent
        return False

    def _named(self, pieces: list[Piece], block: Block) -> list[tuple[str, Sign, str]]:
        """(text, sign, selector) of the pieces that the page's own markup marks as authors' names."""
        found: list[tuple[str, Sign, str]] = []
        for piece in pieces:
            sign = self._sign(piece, block)
            if sign and is_credit(name := piece.name(), linked=True) and not is_role(name):
                found.append((name, *sign))
        people = [one for one in found if looks_like_person(one[0])]
        return people or found[:1]

    def _sign(self, piece: Piece, block: Block) -> tuple[Sign, str] | None:
        if piece.link and self._is_rel_author(piece.box):
            return "link", "a[rel=author]"
        name = piece.name()
        if (
            piece.link
            and _TO_AUTHOR.search(path_of(piece.link))
            and (looks_like_person(name) or kind_of(name) == "handle")
        ):
            return "link", "a link to an author's page"
        box = self._naming_box(piece.box)
        if box < 0:
            return None
        if looks_like_person(name) or SIGNED_BY_ALL.match(name) or (box >= block.box and not is_common(name)):
            node = self._outline.boxes[box]
            classes = (node.node.attributes.get("class") or "").split()
            return "box", f"{node.tag}.{classes[0]}" if classes else node.tag
        return None

    def _by_looks(self, pieces: list[Piece], place: int) -> Iterator[Byline]:
        """A name that only its place announces: beside the date, under the headline, before its bearer's life."""
        block = self._lines[place + self._before]
        if len(block.text) > 90 or len(pieces) > 5 or (self._below and len(pieces) > 2):
            return
        alone = len(pieces) == 1 and len(block.text.split()) < 5
        if alone and place <= 3 and not self._below and SIGNED_BY_ALL.match(block.text):
            yield self._byline(block.text, "the staff named in a line of its own", "bare", place)
            return
        for piece in pieces:
            name = self._plain_name(piece, pieces, place)
            if not name:
                continue
            after = next((line.text for line in self._lines[place + self._before + 1 :][:1]), "")
            if _introduces(name, after):
                yield self._byline(name, "a name before its bearer's life", "bio", place)
            elif block.kind != "heading" or self._below or self._is_dated(place):
                yield self._byline(name, "a name alone in its line", "bare", place)
            return

    def _plain_name(self, piece: Piece, pieces: list[Piece], place: int) -> str | None:
        """The people a piece names and nothing else, by their given names or for standing between headline and day."""
        text = piece.name()
        beside_day = place <= 1 and not self._below and any(p is not piece and not p.name() for p in pieces)
        if not (begins_with_given_name(text) or beside_day) or _TO_TOPIC.search(piece.link):
            return None
        names = clean_names((text,))
        if not names or not looks_like_person(names[0]) or not (beside_day or begins_with_given_name(names[0])):
            return None
        if len(names) > 1:
            known = len(names) <= 3 and place <= 1 and all(map(begins_with_given_name, names))
            return "\n".join(names) if known and sum(map(len, names)) > 0.75 * len(text) else None
        whole = names[0] == text.strip(" .,—–-")
        return (
            names[0] if whole or _DAY.search(self._lines[place + self._before].text) else None
        )  # else a sentence begins so


def _introduces(name: str, after: str) -> bool:
    """True when the next line goes on about the one named: "Ann Lee writes about boats"."""
    first = re.escape(name.split(maxsplit=1)[0])
    return len(after) > 40 and (after.startswith(name) or bool(re.match(rf"{first}\s+[^\W\d_]*[^\W\d_A-Z]", after)))
