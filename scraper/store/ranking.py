"""What hits are ranked by, and when ranking takes longer than it is worth.

bm25 weighs a word, or a phrase, by how many articles have it, and FTS5 finds that out by looking through all of them,
once more than to find the hits. How common a word is, is seen from the newest pages alone.
"""

from __future__ import annotations

import re

from scraper.store.connection import Connection
from scraper.store.expressions import Every, Near, Some, Tree, Within, Without, Words, expression

# The name of the table in a statement is that of one of the two indexes.

SAMPLE = 10_000
"""The newest so many pages are looked at for how common a word is, in an archive of five times as many or more."""

_EVERYWHERE = 5
"""A word in every fifth article hardly tells one from another."""
_COMMON = 50
"""Of a phrase whose words are each in every fiftieth article, or more, FTS5 has that many places to compare."""


class Ranking:
    """What one of the two indexes has its hits ranked by."""

    def __init__(self, db: Connection, table: str, *, sample: int, folded: bool) -> None:
        self._db = db
        self._table = table
        self._folded = folded
        self._sample = sample
        newest = db.row(f"SELECT max(id) FROM {table}_docsize")  # noqa: S608
        self._newest: int = (newest[0] if newest is not None else None) or 0

    def telling(self, tree: Tree) -> Tree | None:
        """`tree` without the words that tell little, unless it has no others; None if ranking is not worth its time.

        To rank by a word that is everywhere FTS5 counts all its articles, and then gives it next to no weight. A phrase
        of common words, which may itself be rare, takes it as long.
        """
        if self._newest < 5 * self._sample:
            return tree
        if isinstance(tree, Without) and tree.inner is not None:
            return self.telling(tree.inner)  # what must not occur tells nothing of the others
        if not isinstance(tree, Every):
            return None if self._is_slow(tree) else tree
        quick = [part for part in tree.parts if not self._is_slow(part)]
        rare = [part for part in quick if not self._is_in_every(_EVERYWHERE, self._match(part))]
        if rare:
            return Every(tuple(rare)) if len(rare) > 1 else rare[0]
        return tree if len(quick) == len(tree.parts) else None

    def _is_slow(self, tree: Tree) -> bool:
        match tree:
            case Words():
                return self._are_common((tree.text,))
            case Near():
                return self._are_common(tree.words)
            case Within():
                return tree.column == "body" and self._is_slow(tree.inner)  # the others are short
            case Every() | Some():
                return any(map(self._is_slow, tree.parts))
            case Without():
                return tree.inner is not None and self._is_slow(tree.inner)

    def _are_common(self, texts: tuple[str, ...]) -> bool:
        # Words as they are typed: one of Chinese is a phrase of its characters only to the index.
        words = [word for text in texts for word in re.findall(r"[^\W_]+", text)]
        return len(words) > 1 and all(self._is_in_every(_COMMON, self._match(Words(word))) for word in words)

    def _match(self, tree: Tree) -> str:
        return expression(tree, folded=self._folded)

    def _is_in_every(self, count: int, match: str) -> bool:
        least = self._sample // count
        row = self._db.row(
            f"SELECT count(*) FROM (SELECT 1 FROM {self._table} WHERE {self._table} MATCH ? AND rowid > ? LIMIT ?)",  # noqa: S608
            (match, self._newest - self._sample, least),
        )
        return row is not None and row[0] >= least
