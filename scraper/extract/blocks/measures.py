"""What is measured of each block before anything is known of the others: its text, its place, its neighbours.

Everything is a column (an array with a value a block), named, so that a model says by name which it reads. Sums over
the boxes of a tree use that boxes are numbered in document order: what is below a box are the numbers up to its `end`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from scraper.extract.blocks.lexicon import SILENT, Lexicon
from scraper.extract.blocks.reading import Hints, Reader
from scraper.extract.outline import Block, Outline

Column = NDArray[np.float64]
Places = NDArray[np.int64]

LEVELS = 6
"""Boxes above a block, its own included, of which each is measured."""
_KINDS = {"paragraph": 0, "heading": 1, "item": 2, "quote": 3, "caption": 4, "cell": 5, "preformatted": 6}
_TAGS = {
    tag: number
    for number, tag in enumerate(
        "p div li h1 h2 h3 h4 td blockquote span a section article figcaption time address dd dt pre label".split(), 1
    )
}
_INSIDE = ("nav", "footer", "aside", "header", "form", "figure", "table", "main", "section", "noscript", "blockquote")
_BIT = {tag: 1 << number for number, tag in enumerate(_INSIDE)}


@dataclass
class Measures:
    """A page's columns, and what the second look needs besides them."""

    outline: Outline
    columns: dict[str, Column] = field(default_factory=dict)
    words: Column = field(default_factory=lambda: np.zeros(0))
    """Words a block; half the characters in scripts without spaces."""
    links: Column = field(default_factory=lambda: np.zeros(0))
    """Share of a block's characters that are link text."""
    box: Places = field(default_factory=lambda: np.zeros(0, np.int64))
    """The innermost block-level box of each block."""
    parent: Places = field(default_factory=lambda: np.zeros(0, np.int64))
    end: Places = field(default_factory=lambda: np.zeros(0, np.int64))
    """Of each box: its parent (the first box's is itself), and the number after its last descendant."""
    layout: Places = field(default_factory=lambda: np.zeros(0, np.int64))
    """Of each block: the number of its look (kind, tags and names of its box and the box above)."""
    depth: Column = field(default_factory=lambda: np.zeros(0))

    @cached_property
    def above(self) -> list[Places]:
        """The boxes around each block, innermost first; `LEVELS` + 1 of them."""
        out = [self.box]
        for _ in range(LEVELS):
            out.append(self.parent[out[-1]])
        return out

    def below(self, values: Column) -> Column:
        """Of each box: the sum of a column over the blocks in it."""
        held = np.concatenate(([0.0], np.cumsum(np.bincount(self.box, weights=values, minlength=len(self.parent)))))
        return held[self.end] - held[: len(self.parent)]

    def inside(self, box: int) -> NDArray[np.bool_]:
        """Of each block: whether it is in `box`."""
        held: NDArray[np.bool_] = (self.box >= box) & (self.box < self.end[box])
        return held

    def nearest_on_way_to(self, box: int) -> Places:
        """Of each box: the innermost box that holds both it and `box`."""
        way = [box]
        while way[-1] != 0:
            way.append(int(self.parent[way[-1]]))
        out = np.zeros(len(self.parent), np.int64)
        for step in reversed(way):
            out[step : self.end[step]] = step
        return out


def measure(outline: Outline, hints: Hints, lexicon: Lexicon) -> Measures:
    """All columns of a page's blocks. The page has at least one block."""
    measures = Measures(outline)
    _place_boxes(measures, lexicon)
    _read_blocks(measures, hints, lexicon)
    _measure_containers(measures)
    _measure_sequence(measures)
    return measures


def shifted(column: Column, by: int, fill: float = 0.0) -> Column:
    """The column of the neighbours `by` blocks before (after, when negative); `fill` where there is none."""
    out = np.full_like(column, fill)
    if 0 < by < len(column):
        out[by:] = column[:-by]
    elif 0 < -by < len(column):
        out[:by] = column[-by:]
    return out


def windowed(column: Column, reach: int) -> Column:
    """The sum over each block and up to `reach` blocks to either side."""
    sums = np.concatenate(([0.0], np.cumsum(column)))
    at = np.arange(len(column))
    return sums[np.minimum(at + reach + 1, len(column))] - sums[np.maximum(at - reach, 0)]


def _place_boxes(page: Measures, lexicon: Lexicon) -> None:
    boxes, blocks = page.outline.boxes, page.outline.blocks
    parents = [box.parent for box in boxes]
    parents[0] = 0  # the first box has none above it
    with_text = _boxes_with_text(blocks, parents)
    ends = list(range(1, len(boxes) + 1))
    for number in reversed(with_text):
        up = parents[number]
        if ends[number] > ends[up]:  # noqa: PLR1730  # a call of max() a box would cost more than the comparison
            ends[up] = ends[number]
    # Of each box: the tags around it as bits, the best and worst name, their fading sum, the most a name holds.
    around = [(0, 0.0, 0.0, 0.0, 0.0)] * len(boxes)
    names, held = [0.0] * len(boxes), [0.0] * len(boxes)
    for number in with_text:
        box = boxes[number]
        inside, best, worst, fading, most = around[parents[number]]
        fading *= 0.8
        if box.names and (score := lexicon.score_names(box.names)) is not SILENT:
            highest, lowest, mean, holds = score
            names[number], held[number] = mean, holds
            best = highest if highest > best else best
            worst = lowest if lowest < worst else worst
            most = holds if holds > most else most
            fading += mean
        if box.tag in _BIT:
            inside |= _BIT[box.tag]
        around[number] = (inside, best, worst, fading, most)
    page.parent, page.end = np.array(parents), np.array(ends)
    page.depth = np.array([box.depth for box in boxes], dtype=np.float64)
    page.box = np.array([block.box for block in blocks])
    columns = page.columns
    inherited = np.array([around[box] for box in page.box.tolist()])
    flags = inherited[:, 0].astype(np.int64)
    for tag, bit in _BIT.items():
        columns[f"in_{tag}"] = ((flags & bit) > 0).astype(np.float64)
    columns["depth"] = page.depth[page.box]
    for place, name in enumerate(("best", "worst", "sum", "most_held"), 1):
        columns[f"names_{name}"] = inherited[:, place]
    names_of, held_by = np.array(names), np.array(held)
    for level, boxes_above in enumerate(page.above[:LEVELS]):
        columns[f"above{level}_names"] = names_of[boxes_above]
        columns[f"above{level}_held"] = held_by[boxes_above]


def _boxes_with_text(blocks: Sequence[Block], parents: list[int]) -> list[int]:
    """The boxes of the blocks and all above them, in document order, the first box among them."""
    found = {0}
    for block in blocks:
        box = block.box
        while box not in found:
            found.add(box)
            box = parents[box]
    return sorted(found)


_TEXT_COLUMNS = (
    "chars links kind level hidden tag again labels_before"
    " words commas sentence date_like label word_mean word_least title lead"
).split()
"""The last of them are the fields of a `Reading`."""


def _read_blocks(page: Measures, hints: Hints, lexicon: Lexicon) -> None:
    blocks, boxes = page.outline.blocks, page.outline.boxes
    reader = Reader(hints, lexicon, blocks)
    rows: list[tuple[float, ...]] = []
    looks: dict[tuple[str, str, str, str, str], int] = {}
    layout: list[int] = []
    copies: dict[str, int] = {}
    labels = 0
    in_menu = ((page.columns["in_nav"] > 0) | (page.columns["in_footer"] > 0)).tolist()
    for block in blocks:
        text = block.text
        own = boxes[block.box]
        up = boxes[max(own.parent, 0)]
        layout.append(looks.setdefault((block.kind, own.tag, own.names, up.tag, up.names), len(looks)))
        again = copies.get(text, 0)
        copies[text] = again + 1
        # Half of a page is its menus: nobody needs to read those closely.
        read = reader.skim(text) if in_menu[block.index] and block.link_share > 0.5 else reader.read(text)
        labels += read.label
        place = (len(text), block.link_share, _KINDS[block.kind], block.level, block.hidden, _TAGS.get(own.tag, 0))
        rows.append((*place, again, labels, *read))
    table = np.array(rows, dtype=np.float64)
    page.columns.update(zip(_TEXT_COLUMNS, table.T, strict=True))
    page.columns["copies"] = np.array([copies[b.text] if len(b.text) > 15 else 1 for b in blocks], dtype=np.float64)
    page.words, page.links = page.columns["words"], page.columns["links"]
    page.layout = np.array(layout)


def _measure_containers(page: Measures) -> None:
    columns, words, links, boxes = page.columns, page.words, page.links, len(page.parent)
    prose = words * (1 - links) * (words >= 8)
    good = prose * (columns["sentence"] > 0)
    columns["good"] = good
    total, total_good = words.sum() or 1.0, good.sum() or 1.0
    held_words, held_good, held_links = page.below(words), page.below(good), page.below(words * links)
    held_blocks, held_paragraphs = page.below(np.ones_like(words)), page.below((good > 25).astype(np.float64))
    for level, above in enumerate(page.above[:LEVELS]):
        at_least_one = np.maximum(held_words[above], 1)
        columns[f"above{level}_words"] = np.log1p(held_words[above])
        columns[f"above{level}_good"] = held_good[above] / total_good
        columns[f"above{level}_links"] = held_links[above] / at_least_one
        columns[f"above{level}_blocks"] = held_blocks[above]
        columns[f"above{level}_pure"] = held_good[above] / at_least_one
        columns[f"above{level}_paragraphs"] = held_paragraphs[above]
    # The container a reader would point at: boxes earn the sentences in them, farther boxes less of it.
    earned, share = np.zeros(boxes), 1.0
    for above in page.above[:5]:
        earned += np.bincount(above, weights=good * share, minlength=boxes)
        share *= 0.7
    top = int(earned.argmax())
    meets = page.nearest_on_way_to(top)[page.box]
    columns["top_inside"] = page.inside(top).astype(np.float64)
    columns["top_distance"] = (page.box - top) / boxes
    columns["top_deeper"] = page.depth[page.box] - page.depth[top]
    columns["top_share"] = np.full_like(words, held_good[top] / total_good)
    columns["top_up"] = page.depth[top] - page.depth[meets]
    columns["top_meets"] = held_good[meets] / total_good
    columns["page_blocks"] = np.full_like(words, len(words))
    columns["page_good"] = np.full_like(words, total_good)
    columns["page_pure"] = np.full_like(words, total_good / total)
    columns["page_hidden"] = np.full_like(words, (columns["hidden"] * good).sum() / total_good)
    alike = np.bincount(page.layout)
    alike_words = np.bincount(page.layout, weights=words)
    columns["alike"] = alike[page.layout].astype(np.float64)
    columns["alike_good"] = np.bincount(page.layout, weights=good)[page.layout] / total_good
    columns["alike_words"] = alike_words[page.layout] / alike[page.layout]
    columns["alike_links"] = np.bincount(page.layout, weights=words * links)[page.layout] / np.maximum(
        alike_words[page.layout], 1
    )
    _measure_headline(page, held_good / total_good)
    _measure_articles(page, total_good)
    siblings = np.bincount(page.parent[1:], minlength=boxes).astype(np.float64)
    columns["siblings"] = siblings[page.parent[page.box]]


def _headline_at(page: Measures) -> int:
    """Index of the block that reads most like the page's title, a heading by preference; -1 for none."""
    heading = page.columns["kind"] == 1
    likeness = page.columns["title"] * (1 + 0.3 * heading + 0.3 * (heading & (page.columns["level"] == 1)))
    return int(likeness.argmax()) if likeness.max() > 0.5 else -1


def _measure_headline(page: Measures, held: Column) -> None:
    columns, words = page.columns, page.words
    at = _headline_at(page)
    numbers = np.arange(len(words), dtype=np.float64)
    columns["after_headline"] = numbers - at if at >= 0 else np.full_like(words, -999)
    so_far = np.cumsum(words)
    columns["words_after_headline"] = so_far - (so_far[at] if at >= 0 else 0)
    if at < 0:
        for name in ("up", "depth", "meets"):
            columns[f"headline_{name}"] = np.full_like(words, -1)
    else:
        box = int(page.box[at])
        meets = page.nearest_on_way_to(box)[page.box]
        columns["headline_up"] = page.depth[box] - page.depth[meets]
        columns["headline_depth"] = page.depth[meets] / max(1.0, page.depth[box])
        columns["headline_meets"] = held[meets]
    heading = columns["kind"] == 1
    events = {
        "h1": heading & (columns["level"] == 1),
        "linked_headings": heading & (page.links > 0.8),
        "dates": columns["date_like"] > 0,
    }
    for name, happened in events.items():
        so_far = np.cumsum(happened.astype(np.float64))
        columns[f"{name}_since_headline"] = so_far - (so_far[at] if at >= 0 else 0)


def _measure_articles(page: Measures, total_good: float) -> None:
    """Pages often go on with the next story, each in an `<article>` of its own."""
    columns = page.columns
    at = _headline_at(page)
    headline_box = int(page.box[at]) if at >= 0 else -1
    number_of = np.zeros(len(page.parent), np.int64)
    holds_headline = np.zeros(len(page.parent))
    number = 0
    for box in page.outline.boxes:
        if box.tag == "article":
            number += 1
            start, end = box.index, int(page.end[box.index])
            number_of[start:end] = number
            holds_headline[start:end] = 0 if at < 0 else 1 if start <= headline_box < end else -1
    mine = number_of[page.box]
    columns["article_number"] = mine.astype(np.float64)
    columns["articles"] = np.full_like(page.words, number)
    columns["article_of_headline"] = holds_headline[page.box]
    columns["article_good"] = np.bincount(mine, weights=columns["good"])[mine] / total_good


def _measure_sequence(page: Measures) -> None:
    columns, words, good = page.columns, page.words, page.columns["good"]
    count = len(words)
    numbers = np.arange(count, dtype=np.float64)
    columns["position"] = numbers / count
    columns["words_so_far"] = np.cumsum(words) / (words.sum() or 1.0)
    good_so_far = np.cumsum(good)
    columns["good_so_far"] = good_so_far / (good_so_far[-1] or 1.0)
    label_at = np.maximum.accumulate(np.where(columns["label"] > 0, numbers, -1)).astype(np.int64)
    heading_at = np.maximum.accumulate(np.where(columns["kind"] == 1, numbers, -1)).astype(np.int64)
    columns["since_label"] = np.where(label_at >= 0, numbers - label_at, 999)
    columns["good_since_label"] = good_so_far - np.where(label_at >= 0, good_so_far[label_at] - good[label_at], 0)
    columns["since_heading"] = np.where(heading_at >= 0, numbers - heading_at, 999)
    names = columns["above0_names"]
    for by in (1, 2, 3, -1, -2, -3):
        side = f"before{by}" if by > 0 else f"after{-by}"
        columns[f"{side}_links"] = shifted(page.links, by, 1.0)
        columns[f"{side}_words"] = np.log1p(shifted(words, by))
        if abs(by) < 3:
            columns[f"{side}_names"] = shifted(names, by)
            columns[f"{side}_word_least"] = shifted(columns["word_least"], by)
            columns[f"{side}_alike"] = (shifted(page.layout.astype(np.float64), by, -1) == page.layout).astype(
                np.float64
            )
    for reach in (3, 8):
        columns[f"around{reach}_good"] = windowed(good, reach)
        columns[f"around{reach}_words"] = windowed(words, reach)
