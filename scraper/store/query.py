"""From what people type into a search box to what FTS5 understands.

    grammar   any  = all ("OR" all)*
              all  = term (["AND"] term | "NOT" term)*
              term = word | word* | "a phrase" | ( any )

Everything else is punctuation and separates nothing by itself: `Кам'янець-Подільський` is one word, searched for as
the phrase of its parts, as the index split it.
"""

from __future__ import annotations

import re
import unicodedata

from scraper.errors import QueryError

_TOKEN = re.compile(r'"[^"]*"|[()]|[^\s"()]+')
_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»＂", '"'))
_OPERATORS = ("AND", "OR", "NOT")
_DEEPEST = 40  # FTS5's parser has a small stack


def to_fts(query: str) -> str:
    """`query` as an FTS5 expression in which every word is quoted. Raises QueryError for what cannot be meant."""
    text = "".join(" " if unicodedata.category(c) in ("Cc", "Cs") else c for c in query.translate(_QUOTES))
    tokens = _tokens(text)
    if not any(part not in ("(", ")", *_OPERATORS) for part in tokens):
        if tokens:
            raise QueryError(
                f"Nothing to search for in {query.strip()!r}",
                why="AND, OR and NOT in capitals stand between words",
                next_step='to search for such a word itself, write it in small letters or in quotes: "not"',
            )
        raise QueryError(
            "The query holds no word to search for" if text.strip() else "The query is empty",
            next_step="give one or more words; all of them must occur",
        )
    return _Parser(tokens, query).expression()


def _tokens(text: str) -> list[str]:
    """Words and phrases as FTS5 strings, operators and parentheses; punctuation is left out."""
    found = _TOKEN.findall(text)
    if not _balanced(found):
        found = [part for part in found if part not in ("(", ")")]
    tokens: list[str] = []
    for part in found:
        if part in ("(", ")", *_OPERATORS):
            tokens.append(part)
        elif _has_letters(part):
            tokens.append(_quoted(part))
    return _without_empty_groups(tokens)


def _balanced(tokens: list[str]) -> bool:
    depth = 0
    for part in tokens:
        depth += (part == "(") - (part == ")")
        if depth < 0:
            return False
    return depth == 0


def _without_empty_groups(tokens: list[str]) -> list[str]:
    kept: list[str] = []
    for part in tokens:
        if part == ")" and kept and kept[-1] == "(":
            kept.pop()
        else:
            kept.append(part)
    return kept


def _has_letters(part: str) -> bool:
    # The categories that the index's tokenizer takes as part of a word.
    return any(unicodedata.category(c)[0] in "LN" or unicodedata.category(c) == "Co" for c in part)


def _quoted(part: str) -> str:
    if part.startswith('"'):
        return part
    # A star means "and whatever follows" only at the end of a word.
    return f'"{part.rstrip("*")}" *' if part.endswith("*") else f'"{part}"'


class _Parser:
    def __init__(self, tokens: list[str], query: str) -> None:
        self._tokens = tokens
        self._query = query.strip()
        self._at = 0
        self._depth = 0

    def expression(self) -> str:
        found = self._any()
        if self._peek() is not None:
            raise self._misplaced()
        return found

    def _any(self) -> str:
        parts = [self._all()]
        while self._peek() == "OR":
            self._at += 1
            parts.append(self._all())
        return " OR ".join(parts)

    def _all(self) -> str:
        found = self._term()
        while self._peek() not in (None, "OR", ")"):
            operator = "AND"
            if self._peek() in ("AND", "NOT"):
                operator = self._tokens[self._at]
                self._at += 1
                # `a AND NOT b` is how people say `a NOT b`.
                if operator == "AND" and self._peek() == "NOT":
                    operator = "NOT"
                    self._at += 1
            # NOT binds closer than AND in FTS5: `a b NOT c` would read a AND (b NOT c), which finds the same.
            found = f"{found} {operator} {self._term()}"
        return found

    def _term(self) -> str:
        part = self._peek()
        if part is None or part in (")", *_OPERATORS):
            raise self._misplaced()
        self._at += 1
        if part != "(":
            return part
        self._depth += 1
        if self._depth > _DEEPEST:
            raise QueryError("The query has too many parentheses inside each other", next_step="leave some out")
        found = self._any()
        self._at += 1  # the closing one: they are balanced
        self._depth -= 1
        return f"({found})"

    def _peek(self) -> str | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def _misplaced(self) -> QueryError:
        return QueryError(
            f"Cannot understand the query {self._query!r}",
            why="AND, OR and NOT in capitals stand between two words: `flood OR storm`, `flood NOT storm`",
            next_step='to search for such a word itself, write it in small letters or in quotes: "not"',
        )
