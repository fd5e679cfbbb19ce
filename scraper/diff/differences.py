"""Two revisions of an article: which fields differ, and the text paragraph by paragraph, word by word."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from scraper.article import Article
from scraper.diff.noise import essence, folded, same_authors, same_moment
from scraper.diff.paragraphs import Paragraph, align
from scraper.diff.words import Budget, Run, compare, split

Op = Literal["changed", "added", "removed", "moved"]

FIELDS = ("headline", "authors", "published_at", "body")
"""What makes a revision when it is edited."""
MINOR_FIELDS = ("lead", "section", "tags", "image")
"""What changes without anybody editing the article, and is told beside an edit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One field, or one paragraph of the body, that is not what it was."""

    field: str
    op: Op
    before: str | tuple[str, ...] | None
    after: str | tuple[str, ...] | None
    paragraph: int | None = None
    """Of the body, counted from 1: in the text after, of a removed one in the text before."""
    minor: bool = False
    """True for what is no edit: a field beside the text, a counter."""
    runs: tuple[Run, ...] = ()
    """Word by word, for text."""

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready; `words` is a list of [op, text]."""
        return {
            "field": self.field,
            "op": self.op,
            "before": _listed(self.before),
            "after": _listed(self.after),
            "paragraph": self.paragraph,
            "minor": self.minor,
            "words": [[run.op, run.text] for run in self.runs],
        }


@dataclass(frozen=True)
class Differences:
    """What lies between two revisions of one page."""

    before: Article
    after: Article
    fields: tuple[Change, ...]
    """All fields but the body."""
    paragraphs: tuple[Paragraph, ...]
    """The whole body, what stayed as it was included, in reading order."""

    @cached_property
    def changes(self) -> tuple[Change, ...]:
        """Everything that is different: fields first, then the body in reading order."""
        edits = [change for change in self.fields if not change.minor]
        minor = [change for change in self.fields if change.minor]
        return (*edits, *map(_change, _without_same(self.paragraphs)), *minor)

    @cached_property
    def edited(self) -> tuple[str, ...]:
        """The fields that were edited, of FIELDS, in their order."""
        found = {change.field for change in self.changes if not change.minor}
        return tuple(name for name in FIELDS if name in found)

    @cached_property
    def words_added(self) -> int:
        """Words of the body that were not there before; none for a paragraph that was moved."""
        return sum(run.words for change in self._edits() for run in change.runs if run.op == "added")

    @cached_property
    def words_removed(self) -> int:
        return sum(run.words for change in self._edits() for run in change.runs if run.op == "removed")

    def _edits(self) -> Iterator[Change]:
        return (change for change in self.changes if change.field == "body" and not change.minor)


def differences(before: Article, after: Article) -> Differences:
    """Compare two revisions of one article. Takes seconds at most, whatever the texts: see `words.Budget`."""
    budget = Budget()
    fields = [
        _text("headline", before.headline, after.headline, budget),
        _value("authors", before.authors, after.authors, same_authors),
        _value("published_at", before.published_at, after.published_at, same_moment),
        _text("lead", before.lead, after.lead, budget, minor=True),
        _text("section", before.section, after.section, budget, minor=True),
        _value("tags", before.tags, after.tags, _same_tags, minor=True),
        _value("image", before.image, after.image, _same_image, minor=True),
    ]
    if essence(before.body, before.links) == essence(after.body, after.links):
        paragraphs = align(after.body, after.body, budget)
    else:
        paragraphs = align(before.body, after.body, budget)
    return Differences(before, after, tuple(change for change in fields if change), paragraphs)


def with_context(paragraphs: Sequence[Paragraph], context: int | None) -> Iterator[Paragraph | int]:
    """The paragraphs that differ and `context` on both sides; a number stands for so many that are left out.

    All of them when `context` is None.
    """
    if context is None:
        yield from paragraphs
        return
    different = [number for number, paragraph in enumerate(paragraphs) if paragraph.op != "same"]
    shown = {number for at in different for number in range(at - context, at + context + 1)}
    hidden = 0
    for number, paragraph in enumerate(paragraphs):
        if number in shown:
            if hidden:
                yield hidden
            hidden = 0
            yield paragraph
        else:
            hidden += 1
    if hidden:
        yield hidden


def _text(field: str, before: str | None, after: str | None, budget: Budget, *, minor: bool = False) -> Change | None:
    one, other = before or "", after or ""
    if essence(one) == essence(other):
        return None
    runs = compare(split(one), split(other), budget) or [Run("removed", one, 0), Run("added", other, 0)]
    runs = [run for run in runs if run.text]
    return Change(field=field, op=_op(before, after), before=before, after=after, minor=minor, runs=tuple(runs))


def _value(
    field: str, before: Any, after: Any, same: Callable[[Any, Any], bool], *, minor: bool = False
) -> Change | None:
    if same(before, after):
        return None
    return Change(field=field, op=_op(before, after), before=before or None, after=after or None, minor=minor)


def _op(before: object, after: object) -> Op:
    return "added" if not before else "removed" if not after else "changed"


def _same_tags(one: Iterable[str], other: Iterable[str]) -> bool:
    return {folded(tag).casefold() for tag in one} == {folded(tag).casefold() for tag in other}


def _same_image(one: str | None, other: str | None) -> bool:
    # Behind the question mark stand size and quality.
    return (one or "").partition("?")[0] == (other or "").partition("?")[0]


def _without_same(paragraphs: Iterable[Paragraph]) -> Iterator[Paragraph]:
    return (paragraph for paragraph in paragraphs if paragraph.op != "same")


def _change(paragraph: Paragraph) -> Change:
    assert paragraph.op != "same"  # noqa: S101 - they were left out
    return Change(
        field="body",
        op=paragraph.op,
        before=paragraph.before,
        after=paragraph.after,
        paragraph=paragraph.number_after or paragraph.number_before,
        minor=paragraph.noise,
        runs=paragraph.runs,
    )


def _listed(value: str | tuple[str, ...] | None) -> str | list[str] | None:
    return list(value) if isinstance(value, tuple) else value
