"""From what people type into a search box to what FTS5 understands.

    grammar   any    = all ("OR" all)*
              all    = term (["AND"] term | "NOT" term | "-"term)*
              term   = [column ":"] (word | word* | "a phrase" | ( any ) | NEAR(words [, distance]))
              column = headline, lead, body, author, authors
              filter = ["-"](site | since | until | lang | verdict) ":" value

A filter counts for the whole query, wherever in it it stands. Everything else is punctuation and separates nothing by
itself: `Кам'янець-Подільський` is one word, searched for as the phrase of its parts, as the index split it; and so is
`10:30`, for 10 is no column.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from typing import Literal, NoReturn

from scraper.errors import QueryError
from scraper.store.expressions import Every, Near, Some, Tree, Within, Without, Words

_COLUMNS = {"headline": "headline", "lead": "lead", "body": "body", "author": "authors", "authors": "authors"}
_FILTERS = ("site", "since", "until", "lang", "verdict")
# Other quotation marks, and what Chinese and Japanese keyboards write at full width.
_SAME = str.maketrans(
    {**{chr(wide): chr(wide - 0xFEE0) for wide in range(0xFF01, 0xFF5F)}, **dict.fromkeys("“”„‟«»", '"')}
)
# In Hebrew the sign stands inside abbreviations: צה"ל.
_GERSHAYIM = re.compile('(?<=[\u05d0-\u05ea])"(?=[\u05d0-\u05ea])')
_TOKEN = re.compile(
    rf"""
      (?-i: NEAR ) \( (?P<near> [^()]* ) \)
    | (?P<minus> (?<![^\s(]) - (?=[^\s-]) )
    | (?P<name> (?<![^\s(-]) (?: {"|".join((*_COLUMNS, *_FILTERS))} ) ) : (?!//) \s*
    | " (?P<phrase> [^"]* ) " (?P<begins> \*? )
    | (?P<paren> [()] )
    | (?P<word> [^\s"()]+ )
    """,
    re.VERBOSE | re.IGNORECASE,
)
_OPERATORS = ("AND", "OR", "NOT")
_DEEPEST = 40  # FTS5's parser has a small stack
_NEAR = 10
_NOT_MEANT = 'to search for such a word itself, write it in small letters or in quotes: "not"'


@dataclass(frozen=True, slots=True)
class Query:
    """A query in parts."""

    tree: Tree | None
    """None for a query of filters only."""
    filters: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Values by `site`, `since`, `until`, `lang`, `verdict`, and `-site` and so on for what is excluded."""


@dataclass(frozen=True, slots=True)
class _Token:
    kind: Literal["words", "near", "column", "filter", "(", ")", "AND", "OR", "NOT"]
    text: str = ""
    words: Words | Near | None = None
    excluded: bool = False


def parse(query: str) -> Query:
    """Understand `query`. Raises QueryError for what cannot be meant."""
    text = "".join(" " if unicodedata.category(c) in ("Cc", "Cs") else c for c in query.translate(_SAME))
    tokens = _without_empty_groups(_tokens(_GERSHAYIM.sub("״", unicodedata.normalize("NFC", text))))
    tokens, filters = _take_filters(tokens)
    if not tokens and filters:
        return Query(None, filters)
    if not any(token.words for token in tokens):
        if any(token.kind == "column" for token in tokens):
            _nothing_behind(tokens[-1].text if tokens[-1].kind == "column" else "headline, lead, body or authors")
        if tokens:
            raise QueryError(
                f"Nothing to search for in {query.strip()!r}",
                why="AND, OR and NOT in capitals stand between words",
                next_step=_NOT_MEANT,
            )
        raise QueryError(
            "The query holds no word to search for" if text.strip() else "The query is empty",
            next_step="give one or more words; all of them must occur",
        )
    return Query(_Parser(tokens, query, filtered=bool(filters)).tree(), filters)


def _tokens(text: str) -> list[_Token]:
    """What can be searched for, operators and parentheses; punctuation is left out."""
    found = list(_TOKEN.finditer(text))
    balanced = _balanced([match["paren"] for match in found if match["paren"]])
    tokens: list[_Token] = []
    place = 0
    while place < len(found):
        match = found[place]
        place += 1
        name = (match["name"] or "").lower()
        if name in _FILTERS:
            value = found[place] if place < len(found) else None
            typed = value and (value["word"] or value["phrase"])
            if not typed:
                _nothing_behind(name)
            place += 1
            tokens.append(_Token("filter", name + ":" + typed.strip().rstrip(",;")))
        elif name:
            tokens.append(_Token("column", _COLUMNS[name]))
        elif match["minus"]:
            tokens.append(_Token("NOT", "-"))
        elif match["near"] is not None:
            tokens += _near(match["near"])
        elif match["paren"]:
            if balanced:
                tokens.append(_Token(match["paren"]))  # type: ignore[arg-type]
        elif match["word"] in _OPERATORS:
            tokens.append(_Token(match["word"]))  # type: ignore[arg-type]
        else:
            words = _words(match)
            if _has_letters(words.text):
                tokens.append(_Token("words", words=words))
            elif tokens and tokens[-1].text == "-":
                tokens.pop()  # punctuation in front of punctuation
    return tokens


def _words(match: re.Match[str]) -> Words:
    if match["phrase"] is not None:
        return Words(match["phrase"], begins=bool(match["begins"]))
    # A star means "and whatever follows" only at the end of a word.
    return Words(match["word"].rstrip("*"), begins=match["word"].endswith("*"))


def _near(inside: str) -> list[_Token]:
    text, comma, distance = inside.rpartition(",")
    if not comma or not distance.strip().isdecimal():
        text, distance = inside, str(_NEAR)
    words = tuple(part.strip('"') for part in re.findall(r'"[^"]*"|[^\s"]+', text) if _has_letters(part))
    if not words:
        return []
    return [_Token("near", words=Near(words, min(int(distance[-9:]), 1_000_000)))]


def _balanced(parens: list[str]) -> bool:
    depth = 0
    for paren in parens:
        depth += 1 if paren == "(" else -1
        if depth < 0:
            return False
    return depth == 0


def _without_empty_groups(tokens: list[_Token]) -> list[_Token]:
    """The tokens without `()`, and without the parentheses around nothing but filters."""
    kept: list[_Token] = []
    opened: list[int] = []
    for token in tokens:
        if token.kind == "(":
            opened.append(len(kept))
        elif token.kind == ")":
            start = opened.pop()
            group = kept[start + 1 :]
            if all(part.kind in ("filter", "OR", "AND") for part in group):
                del kept[start]
                continue
        kept.append(token)
    return kept


def _take_filters(tokens: list[_Token]) -> tuple[list[_Token], dict[str, tuple[str, ...]]]:
    """The tokens without the filters, and the filters. What connects a filter with the rest goes with it."""
    kept: list[_Token] = []
    filters: dict[str, tuple[str, ...]] = {}
    last = ""
    for place, token in enumerate(tokens):
        if token.kind != "filter":
            # AND before a filter, and whatever joins two filters of one kind, has nothing left to join.
            before, after = last, _filter_name(tokens, place + 1)
            joins = token.kind == "AND" and (before or after)
            if joins or (token.kind == "OR" and before and before == after):
                continue
            last = ""
            kept.append(token)
            continue
        name, _, value = token.text.partition(":")
        last = name
        excluded = bool(kept) and kept[-1].kind == "NOT"
        if excluded:
            kept.pop()
        following = tokens[place + 1].kind if place + 1 < len(tokens) else ""
        depth = sum((part.kind == "(") - (part.kind == ")") for part in tokens[:place])
        joined = following == "OR" and _filter_name(tokens, place + 2) != name
        if depth or joined or (kept and kept[-1].kind in ("OR", "column")):
            raise QueryError(
                f"The filter {token.text} cannot be part of an alternative or of a group",
                why="a filter counts for the whole query",
                next_step=f"put it in front: {token.text} (flood OR storm); several {name}: mean any of them",
            )
        if excluded and name in ("since", "until"):
            raise QueryError(
                f"The filter {name}: cannot be excluded",
                next_step="since: is the first day that counts, until: the last one",
            )
        key = f"-{name}" if excluded else name
        filters[key] = (*filters.get(key, ()), value)
    return kept, filters


def _filter_name(tokens: list[_Token], place: int) -> str:
    if place < len(tokens) and tokens[place].kind == "NOT":
        place += 1
    return tokens[place].text.partition(":")[0] if place < len(tokens) and tokens[place].kind == "filter" else ""


def _nothing_behind(name: str) -> NoReturn:
    raise QueryError(
        f"Nothing stands behind {name}:",
        next_step=f'write what it is to be right behind it, or "{name}" in quotes for the word itself',
    )


def _has_letters(part: str) -> bool:
    # The categories that the index's tokenizer takes as part of a word.
    return any(unicodedata.category(c)[0] in "LN" or unicodedata.category(c) == "Co" for c in part)


class _Parser:
    def __init__(self, tokens: list[_Token], query: str, *, filtered: bool) -> None:
        self._tokens = tokens
        self._query = query.strip()
        self._filtered = filtered
        self._at = 0
        self._depth = 0

    def tree(self) -> Tree:
        found = self._any()
        if self._peek() is not None:
            raise self._misplaced()
        return found

    def _any(self) -> Tree:
        parts = [self._all()]
        while self._take("OR"):
            parts.append(self._all())
        return parts[0] if len(parts) == 1 else Some(tuple(parts))

    def _all(self) -> Tree:
        wanted: list[Tree] = []
        unwanted: list[Tree] = []
        # What is left when filters alone say what is wanted: `site:example.com -sport`. And `-sport flood` is
        # `flood -sport`, but NOT stands between two words.
        first = self._peek()
        if first == "NOT" and (self._tokens[self._at].text == "-" or self._filtered):
            self._at += 1
            unwanted.append(self._term())
        else:
            wanted.append(self._term())
        while self._peek() not in (None, "OR", ")"):
            self._take("AND")
            # `a AND NOT b` is how people say `a NOT b`.
            (unwanted if self._take("NOT") else wanted).append(self._term())
        if not wanted and (not self._filtered or self._depth or self._peek() or len(self._tokens) != self._at):
            raise QueryError(
                f"The query {self._query!r} says only what must not occur",
                next_step="add a word that must, or a filter such as site:example.com",
            )
        inner = None if not wanted else wanted[0] if len(wanted) == 1 else Every(tuple(wanted))
        if not unwanted:
            assert inner is not None  # noqa: S101 - the first term was one or the other
            return inner
        return Without(inner, unwanted[0] if len(unwanted) == 1 else Some(tuple(unwanted)))

    def _term(self) -> Tree:
        kind = self._peek()
        token = self._tokens[self._at] if kind is not None else None
        if token is None or kind in (")", *_OPERATORS):
            raise self._misplaced()
        self._at += 1
        if token.words is not None:
            return token.words
        if kind == "column":
            if self._peek() not in ("words", "near", "("):
                _nothing_behind(token.text)
            return Within(token.text, self._term())
        self._depth += 1
        if self._depth > _DEEPEST:
            raise QueryError("The query has too many parentheses inside each other", next_step="leave some out")
        found = self._any()
        self._at += 1  # the closing one: they are balanced
        self._depth -= 1
        return found

    def _take(self, kind: str) -> bool:
        if self._peek() != kind:
            return False
        self._at += 1
        return True

    def _peek(self) -> str | None:
        return self._tokens[self._at].kind if self._at < len(self._tokens) else None

    def _misplaced(self) -> QueryError:
        return QueryError(
            f"Cannot understand the query {self._query!r}",
            why="AND, OR and NOT in capitals stand between two words: `flood OR storm`, `flood NOT storm`",
            next_step=_NOT_MEANT,
        )
