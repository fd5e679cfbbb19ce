"""The paragraphs of two texts side by side: the same, changed, added, removed, moved."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from scraper.diff.noise import essential_lines
from scraper.diff.words import Budget, Op, Run, Word, common, compare, count, shared, split

_ALIKE = 0.4
"""Part of their words that two paragraphs share when one is taken for a new version of the other."""
_NOISE = "\0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    """One paragraph of the text before, the text after, or both."""

    op: Literal["same", "changed", "added", "removed", "moved"]
    before: str | None = None
    after: str | None = None
    number_before: int | None = None
    """Counted from 1; None for one that was added."""
    number_after: int | None = None
    noise: bool = False
    """True for a counter or its like: no edit."""
    runs: tuple[Run, ...] = ()
    """Word by word; empty for one that stayed as it was, or was moved."""


class _Part:
    """A paragraph of one of the texts."""

    def __init__(self, number: int, text: str) -> None:
        self.number = number
        self.text = text
        self.key = " ".join(essential_lines(text)) or _NOISE
        self.away = False
        """True for one of the text before that stands elsewhere in the text after."""

    @cached_property
    def words(self) -> list[Word]:
        return split(self.text)

    @cached_property
    def bag(self) -> Counter[str]:
        return Counter(word.key for word in self.words if word.counts)


def align(before: str | None, after: str | None, budget: Budget) -> tuple[Paragraph, ...]:
    """All paragraphs of both texts in reading order. Paragraphs are separated by a blank line."""
    old, new = _parts(before), _parts(after)
    keys = [part.key for part in old], [part.key for part in new]
    # Paragraphs have a budget of their own: what is left for words must not depend on their number.
    pairs = common(*keys, Budget(500_000))
    if pairs is None:
        pairs = _unique_in_order(*keys)
    moved = _moved(old, new, pairs)
    found: list[Paragraph] = []
    i = j = 0
    for a, b in [*pairs, (len(old), len(new))]:
        found += _gap(old[i:a], new[j:b], moved, budget)
        if a < len(old) and b < len(new):
            found.append(_paragraph("same", old[a], new[b]))
        i, j = a + 1, b + 1
    return tuple(found)


def _parts(text: str | None) -> list[_Part]:
    texts = (part.strip() for part in (text or "").split("\n\n"))
    return [_Part(number, part) for number, part in enumerate(filter(None, texts), start=1)]


def _unique_in_order(before: Sequence[str], after: Sequence[str]) -> list[tuple[int, int]]:
    """The paragraphs that stand once in both texts and in the same order, as many as possible: never slow."""
    counts = Counter(before), Counter(after)
    places = {key: j for j, key in enumerate(after) if counts[0][key] == counts[1][key] == 1}
    tops: list[int] = []
    chains: list[tuple[int, int, int]] = []  # i, j, index of the pair before in the chain
    ends: list[int] = []
    for i, key in enumerate(before):
        j = places.get(key)
        if j is None:
            continue
        at = bisect_left(tops, j)
        chains.append((i, j, ends[at - 1] if at else -1))
        tops[at : at + 1] = [j]
        ends[at : at + 1] = [len(chains) - 1]
    pairs = []
    at = ends[-1] if ends else -1
    while at >= 0:
        i, j, at = chains[at]
        pairs.append((i, j))
    return pairs[::-1]


def _moved(old: list[_Part], new: list[_Part], pairs: list[tuple[int, int]]) -> dict[int, _Part]:
    """Paragraphs that stand elsewhere now: number in the text after → the paragraph before."""
    kept_old, kept_new = {a for a, _ in pairs}, {b for _, b in pairs}
    gone: dict[str, list[_Part]] = defaultdict(list)
    for at, part in enumerate(old):
        if at not in kept_old and part.key != _NOISE:
            gone[part.key].append(part)
    for parts in gone.values():
        parts.reverse()
    moved = {
        part.number: gone[part.key].pop() for at, part in enumerate(new) if at not in kept_new and gone.get(part.key)
    }
    for part in moved.values():
        part.away = True
    return moved


def _gap(old: list[_Part], new: list[_Part], moved: dict[int, _Part], budget: Budget) -> Iterator[Paragraph]:
    """What stands between two paragraphs that both texts have."""
    left = [part for part in old if not part.away]
    came = [part for part in new if part.number not in moved]
    partners = {part.number: other for other, part in _alike(left, came, budget)}
    held = {gone.number for gone in partners.values()}
    waiting = deque(left)
    for part in new:
        # What went stands before what came in its place.
        while waiting and waiting[0].number not in held:
            yield _alone("removed", waiting.popleft())
        if part.number in moved:
            yield _paragraph("moved", moved[part.number], part)
        elif part.number in partners:
            yield _changed(waiting.popleft(), part, budget)
        else:
            yield _alone("added", part)
    for gone in waiting:
        yield _alone("removed", gone)


def _alike(old: list[_Part], new: list[_Part], budget: Budget) -> list[tuple[_Part, _Part]]:
    """Pairs of paragraphs, in order, that share most words together."""
    if not old or not new or not budget.spend(len(old) * len(new)):
        return []
    best = [[0.0] * (len(new) + 1) for _ in range(len(old) + 1)]
    likeness = [[_likeness(one, other, budget) for other in new] for one in old]
    for i in range(len(old) - 1, -1, -1):
        for j in range(len(new) - 1, -1, -1):
            together = likeness[i][j] + best[i + 1][j + 1] if likeness[i][j] else 0.0
            best[i][j] = max(together, best[i + 1][j], best[i][j + 1])
    pairs = []
    i = j = 0
    while i < len(old) and j < len(new):
        if best[i][j] == best[i + 1][j]:
            i += 1
        elif best[i][j] == best[i][j + 1]:
            j += 1
        else:
            pairs.append((old[i], new[j]))
            i, j = i + 1, j + 1
    return pairs


def _likeness(one: _Part, other: _Part, budget: Budget) -> float:
    if (one.key == _NOISE) != (other.key == _NOISE) or not budget.spend(1 + min(len(one.bag), len(other.bag)) // 4):
        return 0.0
    likeness = shared(one.bag, other.bag)
    return likeness if likeness >= _ALIKE else 0.0


def _changed(old: _Part, new: _Part, budget: Budget) -> Paragraph:
    runs = compare(old.words, new.words, budget)
    if runs is None:
        runs = [Run("removed", old.text, old.bag.total()), Run("added", new.text, new.bag.total())]
    noise = old.key == _NOISE
    return Paragraph(
        op="changed",
        before=old.text,
        after=new.text,
        number_before=old.number,
        number_after=new.number,
        noise=noise,
        runs=tuple(runs),
    )


def _alone(op: Literal["removed", "added"], part: _Part) -> Paragraph:
    run: tuple[Op, str, int] = (op, part.text, count(part.text))
    gone = op == "removed"
    return Paragraph(
        op=op,
        before=part.text if gone else None,
        after=None if gone else part.text,
        number_before=part.number if gone else None,
        number_after=None if gone else part.number,
        noise=part.key == _NOISE,
        runs=(Run(*run),),
    )


def _paragraph(op: Literal["same", "moved"], old: _Part, new: _Part) -> Paragraph:
    return Paragraph(op=op, before=old.text, after=new.text, number_before=old.number, number_after=new.number)
