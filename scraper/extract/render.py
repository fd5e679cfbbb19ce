"""Blocks as plain text and as clean HTML."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby

from scraper.extract.images import Figure, figures_in
from scraper.extract.outline import Block, Box, Mark, Outline

_LIST_TAGS = frozenset(("ul", "ol", "dl", "menu", "dir"))
_ITEM_TAGS = frozenset(("li", "dd", "dt"))


def as_text(blocks: Iterable[Block]) -> str:
    """Paragraphs separated by a blank line, in reading order; the cells of a table's row share a line."""
    parts: list[str] = []
    row: int | None = None
    for block in blocks:
        if block.kind == "cell" and row is not None and row == block.row:
            parts[-1] += " | " + block.text
        else:
            parts.append(_preformatted(block) if block.kind == "preformatted" else block.text)
        row = block.row if block.kind == "cell" else None
    return "\n\n".join(part for part in parts if part)


def _preformatted(block: Block) -> str:
    return "".join(run.text for run in block.runs).strip("\n").rstrip()


def text_as_html(text: str) -> str:
    """Plain paragraphs as HTML."""
    return "\n".join(f"<p>{escape(part, quote=False)}</p>" for part in text.split("\n\n") if part.strip())


def as_html(blocks: Sequence[Block], outline: Outline, base: str | None) -> str:
    """The same content as HTML made only of text and a fixed set of elements: nothing of the page's markup is copied.

    The only attributes are the absolute http(s) addresses of links and pictures, and pictures' alternative texts.
    Pictures that stand in the text are added with their captions. `base` is what their addresses are relative to.
    """
    figures: dict[int, list[str]] = {}
    for figure in figures_in(blocks, outline, base):
        figures.setdefault(figure.before, []).append(_figure(figure))
    writer = _Writer(outline.boxes, figures)
    out: list[str] = []
    for kind, group in groupby(enumerate(blocks), key=lambda member: writer.grouped_as(member[1])):
        out += writer.written(kind, list(group))
    return "\n".join(out)


@dataclass(slots=True)
class _List:
    """A list under way: its nesting depth, its box and the box of its last item."""

    level: int
    box: int
    tag: str
    item: int


class _Writer:
    """Writes groups of blocks. `figures` has the markup that stands before a block, by the block's number."""

    def __init__(self, boxes: Sequence[Box], figures: dict[int, list[str]]) -> None:
        self._boxes, self._figures = boxes, figures

    def grouped_as(self, block: Block) -> tuple[str, int]:
        """What consecutive blocks must share to stand in one element."""
        if block.kind == "cell":
            return ("cell", self._above(block.row, {"table"})) if block.row >= 0 else ("paragraph", 0)
        return block.kind, 0

    def written(self, kind: tuple[str, int], members: list[tuple[int, Block]]) -> list[str]:
        """A group's markup, an element a line."""
        out = self._before(members[0][0])
        match kind[0]:
            case "item":
                out.append(self._list(members))
            case "cell":
                out.append(self._table([block for _, block in members]))
                out += [markup for number, _ in members for markup in self._before(number)]
            case "quote":
                inside = ("".join([*self._before(n), f"<p>{_inline(b)}</p>"]) for n, b in members)
                out.append(f"<blockquote>{''.join(inside)}</blockquote>")
            case _:
                for number, block in members:
                    out += [*self._before(number), _single(block)]
        return out

    def _before(self, number: int) -> list[str]:
        return self._figures.pop(number, [])

    def _list(self, members: list[tuple[int, Block]]) -> str:
        out: list[str] = []
        under_way: list[_List] = []
        for number, block in members:
            item = self._above(block.box, _ITEM_TAGS)
            box = self._above(item, _LIST_TAGS)
            while under_way and under_way[-1].level > block.level:
                out.append(_end(under_way.pop()))
            out += self._before(number)  # in the item above
            if under_way and under_way[-1].level == block.level and under_way[-1].box != box:
                out.append(_end(under_way.pop()))
            if not under_way or under_way[-1].level < block.level:
                tag = "ol" if box >= 0 and self._boxes[box].tag == "ol" else "ul"
                under_way.append(_List(block.level, box, tag, item))
                out.append(f"<{tag}><li>{_inline(block)}")
            elif under_way[-1].item == item:
                out.append(f"<p>{_inline(block)}</p>")
            else:
                under_way[-1].item = item
                out.append(f"</li><li>{_inline(block)}")
        return "".join([*out, *(_end(one) for one in reversed(under_way))])

    def _table(self, cells: list[Block]) -> str:
        rows = []
        for row, group in groupby(cells, key=lambda block: block.row):
            texts: dict[int, list[str]] = {}
            for block in group:
                texts.setdefault(self._above(block.box, {"td", "th"}), []).append(_inline(block))
            # Cells without text are written too, or the columns would not be under each other.
            written = (
                f"<{self._boxes[cell].tag}>{' '.join(texts.get(cell, ()))}</{self._boxes[cell].tag}>"
                for cell in self._cells(row)
            )
            rows.append(f"<tr>{''.join(written)}</tr>")
        return "<table>" + "\n".join(rows) + "</table>"

    def _cells(self, row: int) -> list[int]:
        """Indexes of the boxes of a table row's cells."""
        end = row + 1
        while end < len(self._boxes) and self._boxes[end].depth > self._boxes[row].depth:
            end += 1
        return [box.index for box in self._boxes[row:end] if box.parent == row and box.tag in ("td", "th")]

    def _above(self, box: int, tags: Iterable[str]) -> int:
        """Index of the innermost box of these tags at or above `box`; -1 for none."""
        while box >= 0 and self._boxes[box].tag not in tags:
            box = self._boxes[box].parent
        return box


def _single(block: Block) -> str:
    if block.kind == "heading":
        level = max(2, block.level)
        return f"<h{level}>{_inline(block)}</h{level}>"
    if block.kind == "preformatted":
        return f"<pre>{escape(_preformatted(block), quote=False)}</pre>"
    return f"<p>{_inline(block)}</p>"


def _end(one: _List) -> str:
    return f"</li></{one.tag}>"


def _figure(figure: Figure) -> str:
    images = "".join(f'<img src="{escape(one.url)}" alt="{escape(one.alt)}">' for one in figure.pictures)
    caption = f"<figcaption>{_inline(figure.caption)}</figcaption>" if figure.caption is not None else ""
    return f"<figure>{images}{caption}</figure>"


def _inline(block: Block) -> str:
    """The runs with their marks opened and closed as they change; white space folded as in the plain text."""
    if not any(run.marks for run in block.runs):
        return escape(block.text, quote=False)
    text: list[str] = []
    open_marks: list[Mark] = []
    ended_in_space = True
    for run in block.runs:
        folded = " ".join(run.text.split())
        if not ended_in_space and run.text[:1].isspace():
            folded = f" {folded}"
        if not folded:
            continue
        if run.text[-1:].isspace() and folded != " ":
            folded = f"{folded} "
        ended_in_space = folded[-1] == " "
        same = 0
        while same < min(len(open_marks), len(run.marks)) and open_marks[same] == run.marks[same]:
            same += 1
        text += [_close(mark) for mark in reversed(open_marks[same:])]
        text += [_open(mark) for mark in run.marks[same:]]
        open_marks = list(run.marks)
        text.append(escape(folded, quote=False))
    text += [_close(mark) for mark in reversed(open_marks)]
    return "".join(text).strip()


def _open(mark: Mark) -> str:
    name, value = mark
    return f'<a href="{escape(value)}">' if name == "a" else f"<{name}>"


def _close(mark: Mark) -> str:
    return f"</{mark[0]}>"
