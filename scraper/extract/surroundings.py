"""What stands around the headline: bylines a reader sees there, and nowhere else."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import lru_cache

from scraper.extract.bylines import Byline, is_line, read_bylines
from scraper.extract.outline import Block, Box, Outline
from scraper.extract.wording import count_words, folded, similarity

_FOREIGN = re.compile(
    r"(?:^|[\s_-])(?:comments?|related|(?<!with-)(?<!without-)(?<!has-)(?<!no-)sidebar|(?<!elementor-)widget|popular|trending|recent|masthead|ticker|teaser|promo)"
    r"(?:$|[\s_-])"
)
_WIDE_TAGS = frozenset(("body", "html", "table", "tbody", "tr", "td"))
"""Elements that hold the masthead and the columns as well as the headline."""
_BEFORE = 6
"""Lines before the headline that may be its byline."""
_WITHIN = 10
"""Lines into the text that are looked at: it may begin too early."""
_INSIDE = 25
"""What a line inside the text counts as its distance from the headline: others are named there."""
_OUTSIDE = 10
"""What a line above the headline and outside of its box counts as its distance."""
_BEYOND = 30
"""Lines after the text that are looked at: the box about the author stands there, then other articles do."""
_PROSE = 160
"""Characters; a longer line is text."""
_RIGHTS = re.compile(
    r"(?:©|\(c\)|copyright)[\s©(c)]*[\d\s,–-]*(?:by\s+)?|[\d\s,–-]*(?:©|[.,|]?\s*all rights reserved).*$", re.IGNORECASE
)


@dataclass(slots=True)
class Surroundings:
    """The headline's place, and the bylines."""

    title: int | None = None
    """Index of the block that shows the headline; None on a page that shows none."""
    bylines: list[Byline] = field(default_factory=list)

    def texts(self) -> list[str]:
        """The lines with bylines above the text, as written."""
        return [line for byline in self.bylines if not byline.below for line in byline.lines]


class _Foreign:
    """Whether a block stands in a part of the page that is not about this article."""

    def __init__(self, outline: Outline, title: Block | None) -> None:
        self._outline = outline
        self._own = frozenset(box.index for box in outline.ancestors(title.box)) if title else frozenset[int]()
        """The boxes around the headline."""

    def __call__(self, block: Block) -> bool:
        index = block.box
        for _ in range(6):
            box = self._outline.boxes[index]
            if index in self._own or box.tag == "body":
                return False
            if self._is_foreign(box):
                return True
            index = box.parent
            if index < 0:
                break
        return False

    def _is_foreign(self, box: Box) -> bool:
        if box.tag == "footer":  # an article has one of its own
            return all(above.tag not in ("article", "main") for above in self._outline.ancestors(box.index))
        return box.tag in ("nav", "form") or _names_foreign(box.names)


@lru_cache(maxsize=4096)
def _names_foreign(names: str) -> bool:
    return _FOREIGN.search(names) is not None


def look_around(outline: Outline, headline: str | None, body: list[Block]) -> Surroundings:
    """Read the blocks from just above the headline to the start of the text, and those right after the text."""
    out = Surroundings()
    start = body[0].index if body else None
    title = _title_block(outline, headline, start)
    out.title = title.index if title else None
    if title is None and start is None:
        return out
    if title and start is not None and start <= title.index:  # the text found begins with the headline
        start = next((b.index for b in body if b.index > title.index and len(b.text) > _PROSE), title.index + 1)
    foreign = _Foreign(outline, title)
    lines = _lines(_region(outline, title, start))
    above = [b for b in lines if start is None or b.index <= start]
    out.bylines += _before_headline(outline, title, above, foreign)
    before = sum(b.index < title.index for b in above) if title else 0
    out.bylines += read_bylines(above, outline, below=False, foreign=foreign, before=before)
    for byline in read_bylines(lines[len(above) :], outline, below=False, foreign=foreign):
        if byline.sign in ("label", "link", "box"):
            out.bylines.append(replace(byline, distance=byline.distance + _INSIDE))
    if body:
        end = body[-1].index
        below = outline.blocks[max(end - 2, start or 0) : end + 1] + _without_teasers(
            outline.blocks[end + 1 : end + _BEYOND]
        )
        out.bylines += read_bylines(_lines(below), outline, below=True, foreign=foreign)
    out.bylines += _owner(outline)
    return out


def _lines(blocks: list[Block]) -> list[Block]:
    return [block for block in blocks if not block.hidden and is_line(block)]


def _without_teasers(blocks: list[Block]) -> list[Block]:
    """The blocks without links of the length of a headline and the two lines after each: other articles' bylines."""
    out: list[Block] = []
    last = -3
    for place, block in enumerate(blocks):
        if block.link_share > 0.8 and len(block.text) > 25 and count_words(block.text) >= 5 and _is_one_link(block):
            last = place
        if place > last + 2:
            out.append(block)
    return out


def _is_one_link(block: Block) -> bool:
    return len({address for run in block.runs for name, address in run.marks if name == "a"}) == 1


def _before_headline(outline: Outline, title: Block | None, known: list[Block], foreign: _Foreign) -> list[Byline]:
    """Bylines above the headline outside of its box; a masthead names no authors."""
    if title is None:
        return []
    seen = {block.index for block in known}
    lines = outline.blocks[max(0, title.index - _BEFORE) : title.index]
    lines = _lines([b for b in lines if b.index not in seen])
    found = (
        b for b in read_bylines(lines, outline, below=False, foreign=foreign) if b.sign in ("label", "link", "box")
    )
    return [replace(b, distance=b.distance + _OUTSIDE) for b in found]


def _owner(outline: Outline) -> list[Byline]:
    """Whom the line about rights at the page's end names."""
    for block in outline.blocks[-12:]:
        text = block.text
        if len(text) < 80 and ("©" in text or "copyright" in text.lower()):
            named = _RIGHTS.sub("", text)
            return [Byline(named, "the line about rights", "owner", (text,), below=True, blocks=(block.index,))]
    return []


def _title_block(outline: Outline, headline: str | None, start: int | None) -> Block | None:
    """The block that shows the headline: the last one before the text that reads so, else one that reads like it."""
    if not headline:
        return None
    wanted = folded(headline)
    headings = [b for b in outline.blocks if b.kind == "heading" and not b.hidden and _as_long(b, headline)]
    same = [b for b in headings if folded(b.text) == wanted]
    alike = same or [b for b in headings if similarity(b.text, headline) > 0.8]
    if same and start is not None and same[0].index > start:  # perhaps a comment's title repeats it
        alike = [b for b in headings if b.index <= start and similarity(b.text, headline) > 0.8] or same
    if not alike:  # pages without heading elements
        others = (b for b in outline.blocks if not b.hidden and _as_long(b, headline))
        alike = [b for b in others if folded(b.text) == wanted]
    above = [b for b in alike if start is None or b.index <= start]
    return above[-1] if above else alike[0] if alike else None


def _as_long(block: Block, text: str) -> bool:
    return 0.5 < len(block.text) / len(text) < 2


def _region(outline: Outline, title: Block | None, start: int | None) -> list[Block]:
    """The lines around the headline, down to some way into the text."""
    first = title.index + 1 if title else max(0, (start or 0) - 8)
    last = (start if start is not None and start >= first else first + 12) + 1
    region = list(outline.blocks[first : min(last, first + 25)])
    if last - first > 31:
        region += outline.blocks[last - 6 : last]
    prose = sum(len(block.text) > _PROSE for block in region[-1:])
    for block in outline.blocks[last : last + _WITHIN] if start is not None else ():
        prose += len(block.text) > _PROSE
        if prose > 1:  # the first may be a standfirst
            break
        region.append(block)
    if title is not None:
        # A line above the headline counts when it shares the headline's own box: a masthead does not.
        boxes = outline.ancestors(title.box)[1:3]
        near = {box.index for box in boxes if box.tag not in _WIDE_TAGS and not _is_page_wide(box)}
        before = outline.blocks[max(0, title.index - _BEFORE) : title.index] if near else []
        region = [b for b in before if any(box.index in near for box in outline.ancestors(b.box))] + region
    return region


def _is_page_wide(box: Box) -> bool:
    return box.tag == "main" or bool(
        re.search(r"(?:^|[\s_-])(?:page|site|wrapper|container|layout)(?:$|[\s_-])", box.names)
    )
