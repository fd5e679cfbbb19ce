"""One line of a page as a byline: its pieces, and what the labels in it announce."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from scraper.extract.fields.byline_words import Role, begins_with_given_name, has_role, is_common, leading_label
from scraper.extract.fields.names import clean_names, kind_of, looks_like_person
from scraper.extract.outline import Block

_BREAK = re.compile(r"\s*(?:[|·•⋅►»/]|\s[-–—―]\s|\n)\s*")
# "Medically reviewed by A — Written by B", "Published May 3, 2024 by C": the label stands in the middle of a line.
_WITHIN = re.compile(
    r"(?<=[^\s])[\s.,]+(?=(?:medically\s+|fact[- ]?|clinically\s+)?(?:written|reviewed|edited|checked|posted|published"
    r"|reported|photo(?:graph)?s?|story|text|words|updated)\s+by\s)"
    r"|(?<=\d)[,\s]+(?:[ap]\.?m\.?[,\s]+)?(?=(?:by|von|par|por|di|door|av|af)\s)",
    re.IGNORECASE,
)
# What begins after a name: "Ann Lee May 3, 2024", "Ann Lee on Monday", "Ann Lee Updated …", "Ann Lee View profile".
_TAIL = re.compile(
    r"\s*(?:\b(?:on|at|am|le|el|il|den)\s+)?(?:\d{1,2}[./:-]\d|(?:19|20)\d\d\b"
    r"|\d{1,2}(?:st|nd|rd|th|\.)?\s+[^\W\d_]{3,}\.?,?\s+(?:19|20)\d\d"
    r"|[^\W\d_]{3,12}\.?\s+\d{1,2}(?:st|nd|rd|th)?(?:,|\s|$)|\d+\s*min|(?:last\s+)?(?:published|updated)\b|posted\b"
    r"|(?:on\s+)?(?:mon|tues|wednes|thurs|fri|satur|sun)day\b|view\s|read\s|follow\s).*$",
    re.IGNORECASE | re.DOTALL,
)
_TAIL_BEGINS = re.compile(r"\d|day\b|view|read|follow|published|updated|posted", re.IGNORECASE)
SIGNED_BY_ALL = re.compile(
    r"(?:the\s+)?\w[\w.&’' -]*\s(?:team|staff|editors|newsroom|desk|editorial (?:team|board|staff))$|team\s\w+$"
    r"|\w+[- ]redaktion$",
    re.IGNORECASE,
)
_JOINS = re.compile(
    r"[\s,;&+]+(?:(?:and|und|et|y|e|og|och|та|і|и|with)\b\s*)?|(?:and|und|et|y|e|og|och|та|і|и|with)\b\s*",
    re.IGNORECASE,
)
_OPEN = re.compile(r"(?:[,&]|\b(?:and|und|et|y|e|og|och|та|і|и))\s*$", re.IGNORECASE)


@dataclass(slots=True)
class Piece:
    """A stretch of a line between two breaks."""

    text: str
    link: str
    """Address it links to; "" for none."""
    box: int
    """Index of the element it begins in."""

    def name(self) -> str:
        """Without the date that follows a name."""
        return _TAIL.sub("", self.text).strip() if _TAIL_BEGINS.search(self.text) else self.text


def pieces_of(block: Block) -> Iterator[Piece]:
    """The block's text cut at links, at separators, and where two elements touch without a space between them."""
    out: list[Piece] = []
    last = ""
    for run in block.runs:
        if not run.text:
            continue
        link = next((address for name, address in run.marks if name == "a"), "")
        touches = bool(out) and run.box != out[-1].box and last.isalnum() and _starts_anew(run.text)
        if not out or touches or (link != out[-1].link and (link or out[-1].link)):
            out.append(Piece(run.text, link, run.box))
        else:
            if not out[-1].text.strip():
                out[-1].box = run.box
            out[-1].text += run.text
        last = run.text[-1]
    for piece in out:
        for part in _BREAK.split(_WITHIN.sub("\n", piece.text)):
            if line := " ".join(part.split()):
                yield Piece(line, piece.link, piece.box)


def _starts_anew(text: str) -> bool:
    return text[0].isupper() or text[0].isdigit() or (text[0].isalpha() and text[0].lower() == text[0].upper())


def labelled(pieces: list[Piece], pending: Role | None) -> tuple[str, list[Piece], Role | None]:
    """What labels announce: (the line's authors, the pieces no label speaks for, a label of the next line).

    `pending` is a label that the line before ended with.
    """
    reading = _Labels(pending)
    for piece in pieces:
        reading.read(piece)
    names, open_label = reading.names, reading.alone and not reading.names
    if reading.alone and len(names) > 1 and not (reading.listed or begins_with_given_name(names[0])):
        return "", pieces, None  # a menu after a heading such as "Authors"
    return "\n".join(names), reading.free, reading.role if open_label else None


class _Labels:
    """Which label holds at each piece of a line, and the authors' names found under one."""

    def __init__(self, pending: Role | None) -> None:
        self.names: list[str] = []
        self.free: list[Piece] = []
        self.role = pending
        self.alone = pending is not None
        """The label in force stands in an element of its own; `_distant`, in a line of its own."""
        self._distant = self.alone
        self.listed = False
        """Commas or the like join the names."""
        self._goes_on = False
        """The last piece ends in a comma or an "and"."""
        self._link = ""

    def read(self, piece: Piece) -> None:
        label, text = leading_label(piece.text)
        if label:
            self.role, self.alone, self._distant, self._link = label, not text, False, ""
        if not text or self.role == "others":
            self.alone = self.alone and not text
            return
        joins = _JOINS.match(text)
        if self.names and not (label or joins or self._goes_on or _same_kind(piece.link, self._link)):
            self.role = None
        if self.role != "by":
            self.free.append(piece)
            return
        self.listed = self.listed or bool(joins)
        if joins and joins.end() == len(text):
            self._goes_on = True
        else:
            self._take(piece, text)

    def _take(self, piece: Piece, text: str) -> None:
        """Read `text` as names of authors; what is none ends the label's force."""
        name = _TAIL.sub("", text).strip()
        linked = bool(piece.link)
        if not self.names and not is_credit(name, alone=self.alone, distant=self._distant, linked=linked):
            self.role = None
            self.free.append(piece)
            return
        if name:
            self.names.append(name)
        self._link, self._goes_on = piece.link or self._link, bool(_OPEN.search(name))
        if name != text:
            self.role = None


def _same_kind(one: str, other: str) -> bool:
    """True for two links to pages of one folder: several authors of one byline, not an author and a section."""
    return bool(one and other) and one.rstrip("/").rpartition("/")[0] == other.rstrip("/").rpartition("/")[0]


def is_credit(text: str, *, alone: bool = False, distant: bool = False, linked: bool = False) -> bool:
    """True for what can be the name of an author after "By": not the beginning of a sentence ("By now, you …").

    After a label that stands `alone` in its element, or in a line of its own (`distant`), a name has to look like one.
    """
    names = clean_names((text,))
    if not names or ": " in text or text.rstrip().endswith(("?", "!", ":")):
        return False
    words = names[0].split()
    if alone and not linked and (kind := kind_of(names[0])) != "group":
        unlike = kind != "person" and len(words) > 1
        if (distant and (unlike or is_common(names[0]))) or (unlike and len(words) > 4):
            return False
    if words[0][0].islower() and not (words[0] == "the" and SIGNED_BY_ALL.match(names[0])):
        return linked or (len(text.split()) <= 2 and not is_common(words[0]))
    return len(words) <= 7


def is_role(text: str) -> bool:
    """True for what only says what someone is: "Senior Reporter", not "Ann Lee, Reporter" nor "Gazette Staff"."""
    return has_role(text) and not looks_like_person(text) and not SIGNED_BY_ALL.match(text)
