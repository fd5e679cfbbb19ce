"""The pictures that stand in an article's text: which ones, where, and with what caption."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from scraper.extract.outline import Block, Box, Outline, Run
from scraper.extract.wording import count_words
from scraper.urls import path_of, resolve

_SMALL = 100
"""Pixels: a picture stated to be narrower or lower is an icon, a portrait or a tracker."""
_ABOVE_BLOCKS, _ABOVE_WORDS = 8, 80
"""Blocks and words that may stand between a picture and the text under it: a headline, a byline, a summary."""
_WIDE_GAP = 100
"""Blocks left out in a row from which a picture between them is theirs."""
_MOST = 200
"""Pictures of a page that are looked at."""
_LAZY = ("data-src", "data-lazy-src", "data-original", "data-original-src", "data-lazy", "src")
_SOURCE_SETS = ("data-srcset", "data-lazy-srcset", "srcset")

# One candidate of a srcset: an address, which may hold commas, and its width in pixels or its density.
_CANDIDATE = re.compile(r"([^\s,]\S*[^\s,])(?:\s+(\d+(?:\.\d+)?)[wx])?\s*(?:,|$)")
_PIXELS = re.compile(r"\s*(\d+)(?:\.\d+)?\s*(?:px)?\s*$", re.ASCII)
_NOT_TEXT_TAGS = frozenset(("nav", "footer", "aside", "form", "address", "dialog"))
_NOT_TEXT_NAMES = re.compile(
    r"""(?:^|[\s_-])(?:
      related|relatedposts|recommend(?:ed|ations?)|read-?(?:also|more|next)|more-?stories|teasers?
    | most-?(?:read|popular)|popular|trending|outbrain|taboola|sponsor(?:ed|s)?|advert(?:isement)?s?|ads?|adsbygoogle
    | newsletter|subscribe|subscription|signup|sign-up|share|sharing|sharedaddy|social|addtoany
    | comments?|disqus|authors?|author-?(?:box|bio|info)|byline|avatars?|gravatar|profile|bio
    | logos?|icons?|emojis?|sidebar|menu|navbar|breadcrumbs?|footer|pixel|tracking|spinner
    )(?:$|[\s_-])""",
    re.IGNORECASE | re.VERBOSE,
)
_ORNAMENT = re.compile(
    r"""[/_.-](?:logos?|icons?|favicon|avatars?|gravatar|emojis?|sprites?)[/_.\d-]
    | /(?:blank|pixel|spacer|clear|loading|loader|spinner|transparent|placeholder|trans|1x1)[\d_x-]*\.\w+$""",
    re.IGNORECASE | re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Picture:
    """An absolute http(s) address and what the author says is to be seen."""

    url: str
    alt: str


@dataclass(slots=True)
class Figure:
    """Pictures under one caption, and the place before which they stand: a position in the list of blocks."""

    before: int
    box: int
    """Index of the `<figure>`, or of the picture's own box."""
    pictures: list[Picture] = field(default_factory=list)
    caption: Block | None = None


def figures_in(blocks: Sequence[Block], outline: Outline, base: str | None) -> list[Figure]:
    """The figures between the first and the last of `blocks`, or directly above the first, in document order.

    Left out: what belongs to teasers and the page around the text, ornaments, small pictures and hidden ones.
    """
    if not blocks:
        return []
    text = _Text(blocks, outline)
    figures: list[Figure] = []
    seen: set[str] = set()
    last: Box | None = None
    place = 0
    for box in text.images():
        place = text.place_of(box, place)
        if place >= len(blocks) or not text.shows(box, last) or not text.holds(box, place):
            continue
        attributes = box.node.attributes
        url = _address(box, attributes, outline, base)
        if url is None or url in seen or _is_small(attributes):
            continue
        seen.add(url)
        last = box
        around = next((above.index for above in outline.ancestors(box.index) if above.tag == "figure"), box.index)
        if not figures or figures[-1].box != around:
            figures.append(Figure(place, around, caption=text.caption_of(box, around, place)))
        figures[-1].pictures.append(Picture(url, " ".join((attributes.get("alt") or "").split())))
    return figures


class _Text:
    """Where the chosen blocks stand among the boxes."""

    def __init__(self, blocks: Sequence[Block], outline: Outline) -> None:
        self._blocks, self._outline, self._boxes = blocks, outline, outline.boxes
        self._first_boxes = [_first_box(block) for block in blocks]
        self._kept = {block.index for block in blocks}
        self._orders: dict[int, dict[int | str, int]] = {}

    def images(self) -> list[Box]:
        """The pictures that may stand in the text."""
        last = self._boxes[self._first_boxes[-1]]
        end = last.index + 1
        while end < len(self._boxes) and self._boxes[end].depth > last.depth:
            end += 1  # the last block may have pictures beside it, in the box that directly holds its text
        return [box for box in self._boxes[self._begin : end] if box.tag == "img"][:_MOST]

    @cached_property
    def _holders(self) -> set[int]:
        """The boxes around any of the blocks."""
        out: set[int] = set()
        for block in self._blocks:
            box = block.box
            while box >= 0 and box not in out:
                out.add(box)
                box = self._boxes[box].parent
        return out

    @property
    def _begin(self) -> int:
        """Index of the first box from which a picture counts: inside what holds the article, near its first block."""
        first = self._outline.ancestors(self._first_boxes[0])
        last = {box.index for box in self._outline.ancestors(self._first_boxes[-1])}
        shared = [box for box in first if box.index in last]
        container = next((box for box in shared if box.tag == "article"), shared[0] if shared else first[-1])
        begin, words = container.index, 0
        at = self._blocks[0].index
        for block in reversed(self._outline.blocks[max(0, at - _ABOVE_BLOCKS - 1) : at]):
            words += 0 if block.kind == "caption" else count_words(block.text)
            if words > _ABOVE_WORDS or at - block.index > _ABOVE_BLOCKS:
                return max(begin, _first_box(block))
        return begin

    def place_of(self, image: Box, place: int) -> int:
        """How many of the blocks begin before the picture, at least `place`: the answer for the picture before it."""
        above = {box.index for box in self._outline.ancestors(image.index)}
        while place < len(self._blocks) and self._begins_before(place, image, above):
            place += 1
        return place

    def _begins_before(self, number: int, image: Box, above: set[int]) -> bool:
        holder = self._first_boxes[number]
        if holder not in above:
            return holder < image.index
        # A box opens before the text after its children: where a block's own box holds the picture too, look closer.
        order = self._order_in(holder)
        text = _first_run(self._blocks[number]).text
        child = image
        while child.parent != holder:
            child = self._boxes[child.parent]
        return order.get(text, -1) < order.get(child.node.mem_id, 0)

    def _order_in(self, holder: int) -> dict[int | str, int]:
        """Identity of each element directly in a box, and each text, to its number among them."""
        if holder not in self._orders:
            order: dict[int | str, int] = {}
            node = self._boxes[holder].node.child
            while node is not None:
                order[(node.text_content or "") if node.tag == "-text" else node.mem_id] = len(order)
                node = node.next
            self._orders[holder] = order
        return self._orders[holder]

    def shows(self, image: Box, last: Box | None) -> bool:
        """Whether a reader sees the picture. One for readers without scripts counts unless it repeats the `last`."""
        if not image.hidden:
            return True
        script_free = next((box for box in self._outline.ancestors(image.index) if box.tag == "noscript"), None)
        if script_free is None or script_free.parent < 0 or self._boxes[script_free.parent].hidden:
            return False
        return last is None or all(box.index != script_free.parent for box in self._outline.ancestors(last.index))

    def holds(self, image: Box, place: int) -> bool:
        """Whether the picture belongs to the text, not to a teaser, an author's box or the like between its parts."""
        if image.anchor >= 0:
            anchor = self._outline.anchors[image.anchor]
            # Where a headline leads to the same page, the two are a teaser for it.
            if anchor.text.strip() or self._links[anchor.url] > 1:
                return False
        beside = self._beside(place)
        if len(beside) > _WIDE_GAP:
            return False
        top, figure = image, -1
        for box in self._outline.ancestors(image.index):
            if box.index in self._holders:
                break
            if box.tag in _NOT_TEXT_TAGS or (box.names and _names_no_text(box.names)):
                return False
            top, figure = box, box.index if box.tag == "figure" else figure
        return not any(
            block.kind == "heading" or block.link_share > 0.5
            for block in beside
            if self._within(block, top.index) and not self._within(block, figure)
        )

    def caption_of(self, image: Box, figure: int, place: int) -> Block | None:
        """The caption in the `<figure>`, or in the box that holds nothing but the picture and what belongs to it."""
        around = figure
        if figure == image.index:
            for box in self._outline.ancestors(image.index):
                if box.index in self._holders:
                    break
                around = box.index
        return next((b for b in self._beside(place) if self._is_caption(b) and self._within(b, around)), None)

    def _is_caption(self, block: Block) -> bool:
        return block.kind == "caption" or "caption" in self._boxes[block.box].names

    def _beside(self, place: int) -> list[Block]:
        """The blocks that were not chosen, between the two chosen ones around `place`."""
        end = self._blocks[place].index
        start = self._blocks[place - 1].index + 1 if place else max(0, end - _ABOVE_BLOCKS)
        return [block for block in self._outline.blocks[start:end] if block.index not in self._kept]

    def _within(self, block: Block, box: int) -> bool:
        return block.box >= box >= 0 and any(above.index == box for above in self._outline.ancestors(block.box))

    @cached_property
    def _links(self) -> Counter[str]:
        return Counter(anchor.url for anchor in self._outline.anchors)


@lru_cache(maxsize=4_096)
def _names_no_text(names: str) -> bool:
    return _NOT_TEXT_NAMES.search(names) is not None


def _first_run(block: Block) -> Run:
    return next(run for run in block.runs if run.text.strip())


def _first_box(block: Block) -> int:
    """Index of the innermost box around the block's first text."""
    return _first_run(block).box


def _address(image: Box, attributes: Mapping[str, str | None], outline: Outline, base: str | None) -> str | None:
    """Where the picture is, at its largest; placeholders that scripts replace are passed over."""
    stated = [_largest(attributes.get(name)) for name in _SOURCE_SETS] + [attributes.get(name) for name in _LAZY]
    before = image.index - 1
    while before >= 0 and outline.boxes[before].tag == "source":  # of a <picture>
        source = outline.boxes[before].node.attributes
        stated += [_largest(source.get(name)) for name in _SOURCE_SETS]
        before -= 1
    for value in stated:
        url = resolve(value, base) if value else None
        if url and not _ORNAMENT.search(path_of(url)):
            return url
    return None


def _largest(source_set: str | None) -> str | None:
    """The widest of the pictures in a srcset."""
    found = _CANDIDATE.findall(source_set or "")
    return max(found, key=lambda one: float(one[1] or 1))[0] if found else None


def _is_small(attributes: Mapping[str, str | None]) -> bool:
    sizes = (_PIXELS.match(attributes.get(name) or "") for name in ("width", "height"))
    return any(size is not None and int(size[1]) < _SMALL for size in sizes)
