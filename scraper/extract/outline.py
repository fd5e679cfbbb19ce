"""A page as blocks of text: one walk over the lexbor tree that everything else in this package reads.

A *box* is an element, a *run* a stretch of text under the same inline markup, a *block* the runs between two places
where a browser would start a new line, an *anchor* a link. Walking the tree is the costly part, so it is done once.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from selectolax.lexbor import LexborNode

from scraper.urls import resolve

BlockKind = Literal["paragraph", "heading", "item", "quote", "caption", "cell", "preformatted"]

# Elements after which a browser starts a new line; everything else runs on in the line.
_BLOCK_TAGS = frozenset(
    """address article aside blockquote body caption center dd details dialog dir div dl dt fieldset figcaption
    figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr html legend li main menu nav ol optgroup option p pre
    section summary table tbody td tfoot th thead tr ul video audio iframe""".split()
)
# Elements whose text is never something a reader reads as part of the page's prose.
_SKIPPED_TAGS = frozenset(
    """script style template head svg canvas object embed select textarea input button iframe video audio map
    datalist meter progress noframes title -comment""".split()
)
_EMPHASIS = {
    "b": "strong",
    "strong": "strong",
    "i": "em",
    "em": "em",
    "cite": "em",
    "code": "code",
    "sup": "sup",
    "sub": "sub",
}
# Attributes in whose values authors and frameworks name what an element is for.
_NAMING = frozenset(
    "class id role itemprop aria-label data-testid data-component data-type data-module data-name".split()
)
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
# Elements that say what the text in them is; in all others it is what it is around them.
_KIND_TAGS = _HEADINGS | frozenset("figcaption caption li dd dt td th blockquote pre table nav aside".split())
_MAX_DEPTH = 200
"""Boxes above a box. Real pages nest some 50 deep; past this, elements count as siblings, as in browsers (Blink: 512),
or everything that looks at the boxes above a text would take quadratic time on a page made to nest without end."""
_MOST_IN_A_NODE = 20
"""Texts of a node whose blocks are named when it is asked where something stands."""
_HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)

Mark = tuple[str, str]
"""Inline markup around a run: ("a", absolute URL), ("strong", ""), ("em", "") …"""


@dataclass(slots=True)
class Box:
    """An element: its place in the tree, the words its author named it with, and what text inside it inherits."""

    index: int
    parent: int
    """Index of the parent box; -1 for the first."""
    tag: str
    names: str
    """class, id, role and the like in lower case, separated by spaces; a custom element's own name among them."""
    node: LexborNode
    hidden: bool
    """Not shown by a browser without scripts (hidden attribute, display:none, noscript), here or above."""
    depth: int
    block_box: int
    """Index of the innermost block-level element around text in this one: its own, or one above."""
    kind: BlockKind
    level: int
    """As in `Block`."""
    marks: tuple[Mark, ...]
    anchor: int
    """Index of the anchor around text in this one; -1 for none."""


@dataclass(slots=True)
class Run:
    text: str
    marks: tuple[Mark, ...]
    box: int
    """Index of the innermost element of any kind that holds it."""


@dataclass(slots=True)
class Anchor:
    """An `<a href>`. `url` is absolute and keeps its fragment; `block` is the block its text began in, if any."""

    url: str
    box: int
    block: int
    text: str = ""


@dataclass(slots=True)
class Block:
    """The text between two line breaks of the layout."""

    index: int
    box: int
    """Index of the innermost block-level element that holds it."""
    kind: BlockKind
    level: int
    """1 to 6 for a heading, the nesting depth for a list item, else 0."""
    runs: list[Run]
    hidden: bool
    row: int = -1
    """Index of the table row's box, for a cell."""
    text: str = field(init=False)
    """With white space folded and line breaks as single spaces."""
    link_share: float = field(init=False)
    """Share of the characters that are link text: 0 to 1."""

    def __post_init__(self) -> None:
        runs = self.runs
        if len(runs) == 1:  # as most are, in menus above all
            self.text = " ".join(runs[0].text.split())
            self.link_share = 0.0
            for mark in runs[0].marks:
                if mark[0] == "a" and self.text:
                    self.link_share = 1.0
            return
        self.text = " ".join("".join([run.text for run in runs]).split())
        linked = 0
        for run in runs:
            for mark in run.marks:
                if mark[0] == "a":
                    linked += len(run.text.strip())
                    break
        self.link_share = min(1.0, linked / len(self.text)) if self.text else 0.0


@dataclass
class Outline:
    """All boxes, blocks and anchors of a page, in document order."""

    boxes: list[Box] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    anchors: list[Anchor] = field(default_factory=list)

    def ancestors(self, box: int, most: int = _MAX_DEPTH) -> list[Box]:
        """The box itself and what is above it, innermost first, up to `most` boxes in all."""
        out: list[Box] = []
        boxes = self.boxes
        while box >= 0 and len(out) < most:
            one = boxes[box]
            out.append(one)
            box = one.parent
        return out

    @cached_property
    def by_node(self) -> dict[int, int]:
        """Identity of a tree node (`mem_id`) to the index of its box."""
        return {box.node.mem_id: box.index for box in self.boxes}

    def blocks_in(self, nodes: Iterable[LexborNode]) -> tuple[int, ...]:
        """The indexes of the blocks that stand in these nodes of the tree, whole or in part: of each node the first."""
        out: set[int] = set()
        for node in nodes:
            box = self.by_node.get(node.mem_id)
            if box is not None:
                start = bisect_left(self._texts, (box, -1))
                end = bisect_left(self._texts, (self._ends[box], -1))
                out.update(block for _, block in self._texts[start : min(end, start + _MOST_IN_A_NODE)])
        return tuple(sorted(out))

    @cached_property
    def _texts(self) -> list[tuple[int, int]]:
        """Every box that holds words directly, with the index of their block, in order."""
        return sorted({(run.box, block.index) for block in self.blocks for run in block.runs if run.text.strip()})

    @cached_property
    def _ends(self) -> list[int]:
        """Of each box the index of the first one after all that are in it: those in it follow it without a gap."""
        ends = list(range(1, len(self.boxes) + 1))
        for box in reversed(self.boxes):
            if box.parent >= 0:
                ends[box.parent] = max(ends[box.parent], ends[box.index])
        return ends

    def below(self, tops: Iterable[int]) -> set[int]:
        """The indexes of the boxes `tops` and of every box below one of them."""
        inside = set(tops)
        for box in self.boxes:  # in document order, so a parent is seen before its children
            if box.parent in inside:
                inside.add(box.index)
        return inside


def outline(root: LexborNode | None, base: str | None) -> Outline:
    """Walk the tree under `root` once. `base` is what relative links are resolved against."""
    walk = _Walk(base)
    if root is not None:
        walk.run(root)
    return walk.out


class _Walk:
    """The walk's state. Iterative, because pages nest deeper than Python recurses."""

    def __init__(self, base: str | None) -> None:
        self.out = Outline()
        self._base = base
        self._runs: list[Run] = []
        self._pending: Box | None = None
        """The box of the first text of the block under way."""
        self._anchor_texts: list[list[str]] = []
        """Of each anchor, joined at the end: an anchor that is never closed holds a page's every word."""
        self._line_break = False
        self._line_starts: list[int] = []
        """Places in `_runs` of the single line breaks of the block under way."""

    def run(self, root: LexborNode) -> None:
        stack: list[tuple[LexborNode | None, Box, bool]] = []
        above = box = Box(-1, -1, "", "", root, False, 0, -1, "paragraph", 0, (), -1)
        node: LexborNode | None = root
        while True:
            if node is None:
                if not stack:
                    break
                node, box, was_block = stack.pop()
                if was_block and self._runs:
                    self._flush()
                continue
            tag = node.tag or ""
            if tag == "-text":
                text = node.text_content or ""
                # The white space between two elements of the layout is nobody's.
                if self._runs or not text.isspace():
                    self._text(text, box)
            elif tag == "br":
                self._break(box)
            elif tag not in _SKIPPED_TAGS:
                is_block = tag in _BLOCK_TAGS
                if is_block and self._runs:
                    self._flush()
                inner = self._enter(node, tag, box, is_block)
                stack.append((None if box is above else node.next, box, is_block))
                node, box = node.child, inner
                continue
            node = None if box is above else node.next
        self._flush()
        for anchor, texts in zip(self.out.anchors, self._anchor_texts, strict=True):
            anchor.text = "".join(texts)
        _untabulate(self.out)

    def _enter(self, node: LexborNode, tag: str, above: Box, is_block: bool) -> Box:
        names, hidden, href = "", above.hidden or tag == "noscript", None
        attributes = node.attributes
        if attributes:
            named = []
            for key, value in attributes.items():
                if key in _NAMING:
                    if value:
                        named.append(value)
                elif key == "href":
                    href = value
                elif key == "hidden" or (key == "style" and value and _HIDDEN_STYLE.search(value)):
                    hidden = True
            names = " ".join(named).lower()
        if "-" in tag:
            names = f"{names} {tag}"
        boxes = self.out.boxes
        index, parent, depth = len(boxes), above.index, above.depth + 1
        if depth > _MAX_DEPTH:
            parent, depth = boxes[parent].parent, above.depth
        kind, level = _kind(tag, above) if tag in _KIND_TAGS else (above.kind, above.level)
        marks, anchor = above.marks, above.anchor
        if tag in _EMPHASIS:
            if (_EMPHASIS[tag], "") not in marks:
                marks = (*marks, (_EMPHASIS[tag], ""))
        elif href and tag == "a":
            url = resolve(href, self._base)
            if url:
                anchor = len(self.out.anchors)
                self.out.anchors.append(Anchor(url, index, -1))
                self._anchor_texts.append([])
                marks = (*marks, ("a", url))
        block_box = index if is_block else above.block_box
        box = Box(index, parent, tag, names, node, hidden, depth, block_box, kind, level, marks, anchor)
        boxes.append(box)
        return box

    def _text(self, text: str, box: Box) -> None:
        if text.isspace():
            self._runs.append(Run(text, box.marks, box.index if box.index > 0 else 0))
            return
        if not text:
            return
        if self._pending is None:
            self._pending = box
        self._line_break = False
        if box.anchor >= 0:
            anchor = self.out.anchors[box.anchor]
            self._anchor_texts[box.anchor].append(text)
            if anchor.block < 0:
                anchor.block = len(self.out.blocks)
        self._runs.append(Run(text, box.marks, box.index if box.index > 0 else 0))

    def _break(self, box: Box) -> None:
        # Two line breaks in a row are how pages without paragraph elements make paragraphs.
        if self._line_break:
            self._flush()
        elif self._pending is not None:
            self._line_starts.append(len(self._runs))
            self._runs.append(Run("\n", box.marks, max(box.index, 0)))
            self._line_break = True

    def _flush(self) -> None:
        first = self._pending
        if first is not None:
            box = max(first.block_box, 0)
            row = self._row(box) if first.kind == "cell" else -1
            for runs in self._lines(box) if self._line_starts else (self._runs,):
                number = len(self.out.blocks)
                self.out.blocks.append(Block(number, box, first.kind, first.level, runs, first.hidden, row))
            self._pending = None
        if self._runs:
            self._runs = []
            self._line_starts = []
        self._line_break = False

    def _lines(self, block_box: int) -> list[list[Run]]:
        """The runs between two line breaks, kept together unless a line is marked up as a whole, unlike its neighbour.

        Pages without headings and lists write them so: a bold line, then a line of text; a link on each line.
        """
        lines: list[list[Run]] = []
        wrapped: frozenset[int] = frozenset()  # around the last of them
        for start, end in zip([0, *self._line_starts], [*self._line_starts, len(self._runs)], strict=True):
            line = self._runs[start:end]
            if not any(run.text.strip() for run in line) and lines:
                lines[-1] += line
                continue
            wraps = self._wrapping(line, block_box)
            if lines and wraps == wrapped:
                lines[-1] += line
            else:
                lines.append(line)
                wrapped = wraps
        return lines

    def _wrapping(self, line: list[Run], block_box: int) -> frozenset[int]:
        """The inline boxes that hold every word of a line."""
        shared: frozenset[int] | None = None
        for run in line:
            if run.text.strip():
                inside = frozenset(b.index for b in self.out.ancestors(run.box) if b.index > block_box)
                shared = inside if shared is None else shared & inside
        return shared or frozenset()

    def _row(self, box: int) -> int:
        return next((above.index for above in self.out.ancestors(box) if above.tag == "tr"), -1)


def _untabulate(page: Outline) -> None:
    """A table cell that holds several blocks or long text is a column of the layout, not a cell of data."""
    if not any(block.kind == "cell" for block in page.blocks):
        return
    held: dict[int, int] = {}
    for block in page.blocks:
        for box in page.ancestors(block.box):
            if box.tag in ("td", "th"):
                held[box.index] = held.get(box.index, 0) + (1 if len(block.text) < 300 else 2)
                break
    for block in page.blocks:
        if block.kind == "cell":
            cell = next((box.index for box in page.ancestors(block.box) if box.tag in ("td", "th")), -1)
            if held.get(cell, 0) > 1:
                block.kind, block.row = "paragraph", -1


def _kind(tag: str, above: Box) -> tuple[BlockKind, int]:
    if tag in _HEADINGS:
        return "heading", int(tag[1])
    if tag in ("figcaption", "caption"):
        return "caption", 0
    if above.kind in ("heading", "caption"):
        return above.kind, above.level
    if tag in ("li", "dd", "dt"):
        return "item", above.level + 1 if above.kind == "item" else 1
    if tag in ("td", "th"):
        return "cell", 0
    if tag == "blockquote":
        return "quote", 0
    if tag == "pre":
        return "preformatted", 0
    if tag in ("table", "nav", "aside"):
        return "paragraph", 0
    return above.kind, above.level
