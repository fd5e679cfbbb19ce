"""What is searched for, as a tree; and the tree as FTS5 understands it."""

from __future__ import annotations

from dataclasses import dataclass

from scraper.store.scripts import fold, fold_beginning, needs_folding


@dataclass(frozen=True, slots=True)
class Words:
    """Words in a row, as typed; `begins` when the last one is only the beginning of a word."""

    text: str
    begins: bool = False


@dataclass(frozen=True, slots=True)
class Near:
    """Words or phrases with at most `distance` other words between them."""

    words: tuple[str, ...]
    distance: int


@dataclass(frozen=True, slots=True)
class Within:
    """A condition on one column."""

    column: str
    inner: Tree


@dataclass(frozen=True, slots=True)
class Every:
    """All of the parts."""

    parts: tuple[Tree, ...]


@dataclass(frozen=True, slots=True)
class Some:
    """One of the parts, or several."""

    parts: tuple[Tree, ...]


@dataclass(frozen=True, slots=True)
class Without:
    """`inner`, but not `excluded`; without `inner`, everything else."""

    inner: Tree | None
    excluded: Tree


Tree = Words | Near | Within | Every | Some | Without


def without_inner(tree: Tree) -> tuple[Tree | None, Tree | None]:
    """What must occur, and what must not; of `-storm` beside a filter only the latter."""
    if isinstance(tree, Without) and tree.inner is None:
        return None, tree.excluded
    return tree, None


def has_beginnings(tree: Tree | None) -> bool:
    """True when something is searched for by its beginning."""
    match tree:
        case Words():
            return tree.begins
        case Within():
            return has_beginnings(tree.inner)
        case Every() | Some():
            return any(map(has_beginnings, tree.parts))
        case Without():
            return has_beginnings(tree.inner) or has_beginnings(tree.excluded)
    return False


def needs_folded(tree: Tree | None) -> bool:
    """True when only texts that are in the folded index can match."""
    match tree:
        case Words():
            return needs_folding(tree.text)
        case Near():
            return any(map(needs_folding, tree.words))
        case Every():
            return any(map(needs_folded, tree.parts))
        case Some():
            return all(map(needs_folded, tree.parts))
        case Within() | Without():
            return needs_folded(tree.inner)
    return False


def expression(tree: Tree, *, folded: bool = False) -> str:
    """`tree` as an FTS5 expression in which every word is quoted, for `articles_fts` or for the folded index."""
    match tree:
        case Words():
            return _quoted(tree, folded)
        case Near():
            return f"NEAR({' '.join(_quoted(Words(part), folded) for part in tree.words)}, {tree.distance})"
        case Within():
            return f"{tree.column} : ({expression(tree.inner, folded=folded)})"
        case Every():
            return " AND ".join(_grouped(part, folded) for part in tree.parts)
        case Some():
            return " OR ".join(_grouped(part, folded) for part in tree.parts)
        case Without():
            if tree.inner is None:
                raise ValueError("nothing is wanted")
            return f"{_grouped(tree.inner, folded)} NOT {_grouped(tree.excluded, folded)}"


def _grouped(tree: Tree, folded: bool) -> str:
    text = expression(tree, folded=folded)
    return text if isinstance(tree, Words | Near) else f"({text})"


def _quoted(words: Words, folded: bool) -> str:
    text, begins = words.text, words.begins
    if folded:
        text, continues = fold_beginning(text) if begins else (fold(text).strip(), False)
        begins = begins and continues
    text = text.replace('"', " ")
    return f'"{text}" *' if begins else f'"{text}"'
