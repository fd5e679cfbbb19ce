"""What stands around the headline: bylines and dates a reader sees there, and nowhere else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from scraper.extract.chrome import names_chrome
from scraper.extract.fields.dates import written_dates
from scraper.extract.outline import Block, Box, Outline
from scraper.extract.wording import folded, similarity

_BYLINE_NAMES = re.compile(
    r"(?:^|[\s_-])(?:authors?|by-?lines?|writers?|contributors?|creator)(?:$|[\s_-])|author-?name", re.IGNORECASE
)
_NOT_BYLINE = re.compile(
    r"bio|avatar|image|img|photo|social|follow|about|role|title|job|email|share|comment", re.IGNORECASE
)
_BY = re.compile(
    r"^(?:(?:written|reported|text|words|story)\s+)?by\s+\S|^(?:von|por|par|door|av|af|автор|текст|بقلم|מאת)\s*[:：]?\s+\S",
    re.IGNORECASE,
)
_MODIFIED = re.compile(
    r"\b(?:updated?|modified|edited|aktualisiert|stand|mis\s+à\s+jour|actualizado|aggiornato|atualizado|bijgewerkt|oppdatert|"
    r"uppdaterad|opdateret|aktualizacja|оновлено|обновлено)\b|تحديث|עודכן|更新",
    re.IGNORECASE,
)
_FOREIGN = re.compile(
    r"comment|related|sidebar|widget|popular|trending|recent|masthead|ticker|teaser|promo", re.IGNORECASE
)
_WIDE_TAGS = frozenset(("body", "html", "table", "tbody", "tr", "td"))
"""Elements that hold the masthead and the columns as well as the headline."""
_MAX_LINE = 200
"""Characters; a longer block is prose, and dates in prose are about something else."""


@dataclass(slots=True)
class Surroundings:
    """Bylines and dates as (text, where it stood)."""

    bylines: list[tuple[str, str]] = field(default_factory=list)
    published: list[tuple[str, str]] = field(default_factory=list)
    modified: list[tuple[str, str]] = field(default_factory=list)

    def texts(self) -> list[str]:
        """Every byline and date read, as written."""
        return [text for text, _ in (*self.bylines, *self.published, *self.modified)]


def look_around(outline: Outline, headline: str | None, body: list[Block]) -> Surroundings:
    """Read the blocks from just above the headline to the start of the text, and the line right after the text."""
    out = Surroundings()
    start = body[0].index if body else None
    title = _title_block(outline, headline, start)
    if title is None and start is None:
        return out
    region = _region(outline, title, start, body)
    for block in region:
        _read_bylines(block, outline, out)
        _read_dates(block, outline, out)
    return out


def _title_block(outline: Outline, headline: str | None, start: int | None) -> Block | None:
    """The block that shows the headline: the last one before the text that reads like it."""
    if not headline:
        return None
    alike = [b for b in outline.blocks if not b.hidden and b.kind == "heading" and similarity(b.text, headline) > 0.8]
    if not alike:  # pages without heading elements
        alike = [b for b in outline.blocks if not b.hidden and folded(b.text) == folded(headline)]
    above = [b for b in alike if start is None or b.index <= start]
    return above[-1] if above else alike[0] if alike else None


def _region(outline: Outline, title: Block | None, start: int | None, body: list[Block]) -> list[Block]:
    first = title.index + 1 if title else max(0, (start or 0) - 8)
    last = (start if start is not None and start >= first else first + 12) + 1
    region = list(outline.blocks[first : min(last, first + 25)])
    if title is not None:
        # A line above the headline counts when it shares the headline's own box: a masthead does not.
        boxes = outline.ancestors(title.box)[1:3]
        near = outline.below([box.index for box in boxes if box.tag not in _WIDE_TAGS and not _is_page_wide(box)])
        region = [b for b in outline.blocks[max(0, title.index - 4) : title.index] if b.box in near] + region
    if body:
        after = body[-1].index + 1
        region += [b for b in outline.blocks[after : after + 2] if b.index not in {x.index for x in region}]
    return [b for b in region if not b.hidden and len(b.text) <= _MAX_LINE and not _foreign(b, outline)]


def _is_page_wide(box: Box) -> bool:
    return box.tag == "main" or bool(
        re.search(r"(?:^|[\s_-])(?:page|site|wrapper|container|layout)(?:$|[\s_-])", box.names)
    )


def _foreign(block: Block, outline: Outline) -> bool:
    above = outline.ancestors(block.box)[:5]
    return any(box.tag in ("nav", "footer", "aside", "form") or _FOREIGN.search(box.names) for box in above)


def _read_bylines(block: Block, outline: Outline, out: Surroundings) -> None:
    found = False
    for box in _inline_boxes(block, outline):
        rel = (box.node.attributes.get("rel") or "").lower() if box.tag == "a" else ""
        named = _BYLINE_NAMES.search(box.names) and not _NOT_BYLINE.search(box.names)
        if rel == "author" or named:
            text = _authors_linked(block) if rel == "author" else _text_in(block, box, outline)
            if text:
                out.bylines.append((text, "a[rel=author]" if rel == "author" else _selector(box)))
                found = True
                break
    if not found and _BY.match(block.text):
        dates = written_dates(block.text)
        text = block.text.split(dates[0])[0] if dates else block.text
        out.bylines.append((re.split(r"\s[|•·–—-]\s", text)[0], "a line that begins with “By”"))


def _authors_linked(block: Block) -> str:
    """The text of every link in a line that holds an author link, a link a line."""
    texts: dict[str, str] = {}
    for run in block.runs:
        for name, address in run.marks:
            if name == "a":
                texts[address] = texts.get(address, "") + run.text
    return " \n ".join(" ".join(text.split()) for text in texts.values())


def _inline_boxes(block: Block, outline: Outline) -> Iterator[Box]:
    """The boxes of the block's text, innermost first, up to two above the block's own."""
    seen: set[int] = set()
    for run in block.runs:
        for box in outline.ancestors(run.box)[:4]:
            if box.index not in seen:
                seen.add(box.index)
                yield box


def _text_in(block: Block, box: Box, outline: Outline) -> str:
    """The block's text inside `box`; several links there (one a person) become a line each."""
    inside = [run for run in block.runs if any(above is box for above in outline.ancestors(run.box))]
    anchors = {next((m[1] for m in run.marks if m[0] == "a"), "") for run in inside}
    parts: list[str] = []
    last = ""
    for run in inside:
        anchor = next((m[1] for m in run.marks if m[0] == "a"), "")
        separate = len(anchors - {""}) > 1 and anchor != last
        parts += ["\n", run.text] if separate else [run.text]
        last = anchor
    return " \n ".join(" ".join(line.split()) for line in "".join(parts).split("\n") if line.strip())


def _selector(box: Box) -> str:
    classes = (box.node.attributes.get("class") or "").split()
    return f"{box.tag}.{classes[0]}" if classes else box.tag


def _read_dates(block: Block, outline: Outline, out: Surroundings) -> None:
    times = [box for box in _inline_boxes(block, outline) if box.tag == "time" and not names_chrome(box)]
    for box in times:
        stated = box.node.attributes.get("datetime") or ""
        text = stated if re.search(r"\d{4}", stated) else _text_in(block, box, outline)
        label = f"{box.names} {block.text if len(times) == 1 else ''}"
        target = (
            out.modified
            if _MODIFIED.search(label) and len(block.text) < 80 and not _starts_published(block)
            else out.published
        )
        target.append((text, "time[datetime]" if stated else "time"))
    if times:
        return
    dates = written_dates(block.text)
    for number, text in enumerate(dates):
        before = block.text[: block.text.index(text)][-40:]
        target = out.modified if _MODIFIED.search(before) and (number or len(dates) == 1) else out.published
        target.append((text, "the date at the headline"))


def _starts_published(block: Block) -> bool:
    return bool(
        re.match(
            r"(?:first\s+)?(?:published|posted|veröffentlicht|publié|publicado|pubblicato|опубліковано)",
            block.text,
            re.IGNORECASE,
        )
    )
