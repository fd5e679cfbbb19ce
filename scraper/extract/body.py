"""The body: candidate texts compared, one chosen, its chrome taken out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from scraper.article import Provenance
from scraper.extract.candidates import Evidence
from scraper.extract.chrome import chrome_reason
from scraper.extract.generic import blocks_of_text, densest_blocks, trafilatura_text
from scraper.extract.labels import opens_link_list
from scraper.extract.outline import Block, Outline
from scraper.extract.page import Page
from scraper.extract.render import as_html, as_text, text_as_html
from scraper.extract.sitefiles import SiteReading
from scraper.extract.wording import count_words, folded, similarity

_SENTENCE_END = re.compile(r"[.!?…。！？؟।][\"'»”’)\]]*$")
_SHORT = 60
"""Words below which a text is not trusted to be the whole article."""


@dataclass(slots=True)
class Body:
    """The chosen text. `blocks` is empty when the text is not on the visible page (only in embedded data)."""

    text: str = ""
    html: str = ""
    blocks: list[Block] = field(default_factory=list)
    dropped: list[tuple[Block, str]] = field(default_factory=list)
    """Blocks that a candidate held and that were taken out, with the reason."""
    provenance: Provenance = field(
        default_factory=lambda: Provenance(source="none", confidence=0.0, reason="no text found")
    )
    considered: list[tuple[str, int, str]] = field(default_factory=list)
    """(source, words, what became of it) for each candidate."""

    @property
    def words(self) -> int:
        return count_words(self.text)

    def set_blocks(self, blocks: list[Block]) -> None:
        """Make the body of these blocks; text and HTML follow."""
        self.blocks, self.text, self.html = blocks, as_text(blocks), as_html(blocks)


def choose_body(page: Page, evidence: Evidence, reading: SiteReading | None) -> Body:
    """Site file first; then what trafilatura finds on the page, with JSON-LD articleBody as witness and substitute."""
    if reading is not None and reading.body:
        # Whoever wrote the file has said what to strip; what is inside is the article.
        body = Body(as_text(reading.body), as_html(reading.body), reading.body)
        body.provenance = Provenance(source="site_file", confidence=0.95, selector=reading.body_selector)
        body.considered.append(("site_file", body.words, "the site file names it"))
        return body
    body = _from_page(page)
    stated = next((c for c in evidence.of("body") if isinstance(c.value, str)), None)
    if stated is not None:
        _weigh_stated(body, str(stated.value), stated.selector, page)
    return body


def _from_page(page: Page) -> Body:
    outline = page.outline
    text = trafilatura_text(page)
    blocks = blocks_of_text(outline, text) if text else []
    source, confidence = "trafilatura", 0.8
    found = count_words(text)
    aligned = count_words(as_text(blocks))
    if found < _SHORT:
        own = densest_blocks(outline)
        if count_words(as_text(own)) > max(2 * found, _SHORT):
            blocks, source, confidence = own, "page", 0.5
    elif aligned < 0.5 * found:
        # Its parser read the page otherwise than a browser does; its text is all there is to go by.
        body = Body("\n\n".join(line.strip() for line in text.splitlines() if line.strip()))
        body.html = text_as_html(body.text)
        body.provenance = Provenance(source="trafilatura", confidence=0.5, reason="not aligned with the page's blocks")
        body.considered.append(("trafilatura", found, "the only text found"))
        return body
    kept, dropped = _without_chrome(_with_gaps_filled(blocks, outline), outline)
    body = Body(as_text(kept), as_html(kept), kept, dropped)
    if kept:
        body.provenance = Provenance(source=source, confidence=confidence)
    won = "won" if kept else "nothing in it is an article's text"
    body.considered.append(("trafilatura", found, won if source == "trafilatura" else "too short"))
    if source == "page":
        body.considered.append(("page", body.words, "won: the densest part of the page"))
    return body


def _with_gaps_filled(blocks: Sequence[Block], outline: Outline) -> list[Block]:
    """Add what stands between two kept siblings and is made as they are: short lines go missing first."""
    if len(blocks) < 2:
        return list(blocks)
    chosen = {b.index for b in blocks}
    parents = {b.index: outline.boxes[b.box].parent for b in blocks}
    out = list(blocks)
    for before, after in pairwise(blocks):
        if parents[before.index] != parents[after.index] or after.index - before.index > 6:
            continue
        for block in outline.blocks[before.index + 1 : after.index]:
            same_parent = outline.boxes[block.box].parent == parents[before.index]
            if same_parent and block.index not in chosen and block.link_share < 0.5 and not block.hidden:
                out.append(block)
    return sorted(out, key=lambda b: b.index)


def _without_chrome(blocks: list[Block], outline: Outline) -> tuple[list[Block], list[tuple[Block, str]]]:
    core = _core(blocks, outline)
    kept, dropped = [], []
    names = _names_of_the_text(blocks, outline)
    hidden = sum(len(b.text) for b in blocks if b.hidden)
    # Some sites hide the article until a script shows it; then being hidden says nothing.
    shown_by_script = hidden > 0.3 * sum(len(b.text) for b in blocks)
    in_list = False
    for block in blocks:
        in_list = block.link_share > 0.8 if in_list else opens_link_list(block.text)
        if block.hidden and not shown_by_script:
            reason: str | None = "not shown on the page"
        elif in_list:
            reason = "a list of other articles"
        elif block.box not in core and not _is_sentence(block):
            reason = "outside the part of the page that holds the text"
        else:
            reason = chrome_reason(block, outline, names)
        if reason:
            dropped.append((block, reason))
        else:
            kept.append(block)
    if kept and kept[-1].kind == "heading" and not (len(kept) > 1 and kept[-2].kind == "heading"):
        # A heading with nothing under it opened something that was left out; several in a row are a list.
        dropped.append((kept.pop(), "a heading with no text under it"))
    return kept, dropped


def _core(blocks: list[Block], outline: Outline) -> set[int]:
    """The boxes below the smallest one that holds most of the text."""
    total = sum(len(b.text) for b in blocks)
    mass: dict[int, int] = {}
    for block in blocks:
        for box in outline.ancestors(block.box):
            mass[box.index] = mass.get(box.index, 0) + len(block.text)
    # Boxes are numbered in document order: of nested ones that hold enough, the last is the innermost.
    return outline.below([max((i for i, held in mass.items() if held >= 0.75 * total), default=0)])


def _is_sentence(block: Block) -> bool:
    return block.link_share < 0.3 and (len(block.text) > 120 or bool(_SENTENCE_END.search(block.text)))


def _names_of_the_text(blocks: list[Block], outline: Outline) -> frozenset[tuple[str, str]]:
    """(tag, names) of the elements that together hold a quarter of the text: it may be cut into `sidebar-grid`s.

    A menu or footer holds an article's text on no page; one that seems to has been taken for want of anything better.
    """
    total = sum(len(b.text) for b in blocks)
    mass: dict[tuple[str, str], int] = {}
    for block in blocks:
        for key in {(box.tag, box.names) for box in outline.ancestors(block.box)}:
            mass[key] = mass.get(key, 0) + len(block.text)
    return frozenset(key for key, held in mass.items() if 4 * held >= total and key[0] not in ("nav", "footer"))


def _weigh_stated(body: Body, stated: str, selector: str | None, page: Page) -> None:
    """Compare with JSON-LD's articleBody: often cut short or without paragraphs, sometimes the only whole text."""
    own, other = body.words, count_words(stated)
    # What was found outside the page's blocks is this very text, without its paragraphs.
    if other < _SHORT or own >= (0.6 if body.blocks else 1.2) * other:
        body.considered.append(("json_ld", other, "the page's own text is as full, with its paragraphs"))
        return
    blocks = blocks_of_text(page.outline, stated)
    if count_words(as_text(blocks)) >= 0.8 * other:
        kept, dropped = _without_chrome(_with_gaps_filled(blocks, page.outline), page.outline)
        body.set_blocks(kept)
        body.dropped = dropped
    else:
        body.text, body.html, body.blocks, body.dropped = stated, text_as_html(stated), [], []
    body.provenance = Provenance(
        source="json_ld", confidence=0.7, selector=selector, reason="much more text than the visible page shows"
    )
    body.considered.append(("json_ld", other, "won: much more text than was found on the page"))


def with_standfirst(body: Body, evidence: Evidence, outline: Outline) -> None:
    """Add the summary a reader sees between headline and text, when the page also states it as its description."""
    if not body.blocks or body.provenance.source == "site_file":
        return
    stated = [str(c.value) for c in evidence.of("lead")]
    start = body.blocks[0].index
    for block in reversed(outline.blocks[max(0, start - 12) : start]):
        if block.hidden or block.kind == "caption" or not 8 <= count_words(block.text) <= 90:
            continue
        if any(similarity(block.text, lead) > 0.8 for lead in stated) and all(
            similarity(block.text, other.text) < 0.8 for other in body.blocks[:3]
        ):
            body.set_blocks([block, *body.blocks])
            return


def without_heading_lines(body: Body, headline: str | None, around: Iterable[str]) -> None:
    """Take the headline, and the byline and date lines `around` it, out of the beginning of the body."""
    if not body.blocks or body.provenance.source == "site_file":
        return
    lines = {folded(text) for text in around}
    head: list[tuple[Block, str]] = []
    for block in body.blocks[:6]:
        text = folded(block.text)
        if headline and (text == folded(headline) or (block.level == 1 and similarity(block.text, headline) > 0.8)):
            head.append((block, "the headline"))
        elif count_words(block.text) <= 15 and any(line and line in text for line in lines):
            head.append((block, "a byline or date line"))
    if head:
        taken = {block.index for block, _ in head}
        body.dropped += head
        body.set_blocks([b for b in body.blocks if b.index not in taken])
