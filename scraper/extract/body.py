"""The body: candidate texts compared, one chosen, its chrome taken out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from scraper.article import Provenance
from scraper.extract.blocks import BlockModel, Hints, Opinion, judge_blocks
from scraper.extract.candidates import Evidence
from scraper.extract.chrome import is_sentence, line_reason, place_reason
from scraper.extract.claims import claims_article
from scraper.extract.embedded import embedded_text
from scraper.extract.generic import blocks_of_text, trafilatura_text
from scraper.extract.labels import is_label
from scraper.extract.outline import Block, Outline
from scraper.extract.page import Page
from scraper.extract.render import as_html, as_text, text_as_html
from scraper.extract.sitefiles import SiteReading
from scraper.extract.wording import count_words, folded, similarity

_SHORT = 60
"""Words below which a text is not trusted to be the whole article."""
_MOST_BLOCKS = 5_000
"""Blocks up to which trafilatura is asked: it takes quadratic time over them."""
_STRAY = 0.7
"""Probability below which a short line outside the part that holds the text is not believed."""
_MISNAMED = 0.95
"""Probability from which the names of the elements around a block no longer count against it."""
_SURE = 0.8
"""Expected word F1 from which nobody else is asked."""
_NEXT_TO_NOTHING = 120
"""Words in all blocks of a page of which the parser may have lost the rest."""


@dataclass(slots=True)
class Body:
    """The chosen text. `blocks` is empty when the text is not on the visible page (only in embedded data).

    `html` is that of a text without blocks from the start, that of blocks after `render`.
    """

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
    opinion: Opinion | None = None
    """How likely each block of the page was found to be the text; None when nobody had to ask."""
    _counted: tuple[str, int] = ("", 0)
    """A text and its words: they are asked for more often than the text changes."""

    @property
    def words(self) -> int:
        if self._counted[0] is not self.text:
            self._counted = self.text, count_words(self.text)
        return self._counted[1]

    def set_blocks(self, blocks: list[Block]) -> None:
        """Make the body of these blocks; the text follows."""
        self.blocks, self.text = blocks, as_text(blocks)

    def render(self, page: Page) -> None:
        """Write the HTML of the page's blocks: once, when they are settled."""
        if self.blocks:
            self.html = as_html(self.blocks, page.outline, page.base)


def hints_of(page: Page, evidence: Evidence) -> Hints:
    """What the page's head says that helps to find its text."""
    title = page.first("title")
    titles = [str(c.value) for c in evidence.of("headline")] + [title.text() or "" if title else ""]
    return Hints(titles, [str(c.value) for c in evidence.of("lead")])


def choose_body(page: Page, evidence: Evidence, reading: SiteReading | None, model: BlockModel) -> Body:
    """Site file first; then the blocks that the model finds most likely, with JSON-LD's text as substitute."""
    if reading is not None and reading.body:
        # Whoever wrote the file has said what to strip; what is inside is the article.
        body = Body(as_text(reading.body), blocks=reading.body)
        body.provenance = Provenance(source="site_file", confidence=0.95, selector=reading.body_selector)
        body.considered.append(("site_file", body.words, "the site file names it"))
        return body
    stated = [c for c in evidence.of("body") if isinstance(c.value, str)]
    named = next((c for c in stated if c.source == "site_file"), None)
    if named is not None:
        body = _from_text(str(named.value), page)
        body.provenance = Provenance(source="site_file", confidence=0.95, selector=named.selector)
        body.considered.append(("site_file", body.words, "the site file names it"))
        return body
    body = _from_page(page, evidence, model)
    if stated:
        _weigh_stated(body, str(stated[0].value), stated[0].selector, page)
    if body.words < _SHORT:
        _weigh_embedded(body, page)
    return body


def _from_page(page: Page, evidence: Evidence, model: BlockModel) -> Body:
    opinion = judge_blocks(page.outline, hints_of(page, evidence), model)
    considered = []
    kept, dropped = _without_chrome(opinion, page.outline)
    if _leaves_doubt(opinion, evidence, kept):
        text = trafilatura_text(page)
        witness = blocks_of_text(page.outline, text) if text else []
        considered.append(("trafilatura", count_words(text), "asked, because the blocks left doubt"))
        if witness:
            opinion = opinion.heard(witness)
            kept, dropped = _without_chrome(opinion, page.outline)
        elif count_words(text) > 2 * _SHORT and not opinion.chosen():
            # Its parser read the page otherwise than a browser does; its text is all there is to go by.
            body = _from_text("\n\n".join(line.strip() for line in text.splitlines() if line.strip()), page)
            body.provenance = Provenance(source="trafilatura", confidence=0.5, reason="no block of the page holds it")
            body.considered = considered
            return body
    body = Body(as_text(kept), blocks=kept, dropped=dropped, opinion=opinion)
    if kept:
        body.provenance = Provenance(source="page", confidence=round(opinion.expected_f1, 2))
    won = "won: the blocks most likely to be the text" if kept else "nothing on the page reads like an article's text"
    body.considered = [("page", body.words, won), *considered]
    return body


def _leaves_doubt(opinion: Opinion, evidence: Evidence, kept: list[Block]) -> bool:
    """Whether trafilatura is asked, which takes longer than all the rest.

    Nearly every list, shop and forum leaves doubt, and is no article whatever anybody takes for its text. So only pages
    that say they are articles are worth it, and those of which hardly anything could be read or was taken.
    """
    if opinion.expected_f1 >= _SURE or len(opinion.blocks) > _MOST_BLOCKS:
        return False
    return claims_article(evidence) or opinion.words.sum() < _NEXT_TO_NOTHING or not kept


def _from_text(text: str, page: Page) -> Body:
    """A text that some source states, as the page's own blocks where they hold it."""
    blocks = blocks_of_text(page.outline, text)
    if count_words(as_text(blocks)) >= 0.8 * count_words(text):
        return Body(as_text(blocks), blocks=blocks)
    return Body(text, text_as_html(text))


def _without_chrome(opinion: Opinion, outline: Outline) -> tuple[list[Block], list[tuple[Block, str]]]:
    """The chosen blocks without what its place, its names or its own words say is something else."""
    chosen = opinion.chosen()
    kept: list[Block] = []
    dropped: list[tuple[Block, str]] = []
    ours = _names_of_the_text(chosen, outline)
    core = _core(chosen, outline)
    # Some sites hide the article until a script shows it; then being hidden says nothing.
    hidden_says_nothing = sum(len(b.text) for b in chosen if b.hidden) > 0.3 * sum(len(b.text) for b in chosen)
    for block in chosen:
        sure = opinion.probability[block.index]
        reason = line_reason(block)
        if block.hidden and not hidden_says_nothing:
            reason = "not shown on the page"
        elif _is_listed(block, outline):
            reason = "a list of other articles"
        elif sure < _STRAY and block.box not in core and not is_sentence(block):
            reason = "outside the part of the page that holds the text"
        elif sure < _MISNAMED:
            reason = place_reason(block, outline, ours) or reason
        if reason:
            dropped.append((block, reason))
        else:
            kept.append(block)
    if kept and kept[-1].kind == "heading" and not (len(kept) > 1 and kept[-2].kind == "heading"):
        # A heading with nothing under it opened something that was left out; several in a row are a list.
        dropped.append((kept.pop(), "a heading with no text under it"))
    return kept, dropped


def _is_listed(block: Block, outline: Outline) -> bool:
    """True for the label of a list of links, and for the links under one: “See also”, “Most read”."""
    at = block.index
    while at > 0 and outline.blocks[at].link_share > 0.8:
        at -= 1
    return is_label(outline.blocks[at].text)


def _core(blocks: list[Block], outline: Outline) -> set[int]:
    """The boxes below the smallest one that holds most of the text."""
    total = sum(len(b.text) for b in blocks)
    held: dict[int, int] = {}
    for index, length in _lengths_by_box(blocks).items():
        for box in outline.ancestors(index):
            held[box.index] = held.get(box.index, 0) + length
    # Boxes are numbered in document order: of nested ones that hold enough, the last is the innermost.
    return outline.below([max((box for box, share in held.items() if share >= 0.75 * total), default=0)])


def _names_of_the_text(blocks: list[Block], outline: Outline) -> frozenset[tuple[str, str]]:
    """(tag, names) of the elements that together hold a quarter of the text: it may be cut into `sidebar-grid`s."""
    held: dict[tuple[str, str], int] = {}
    siblings: dict[int, list[tuple[tuple[str, str], int]]] = {}
    for index, length in _lengths_by_box(blocks).items():
        own = outline.boxes[index]
        siblings.setdefault(own.parent, []).append(((own.tag, own.names), length))
    for parent, members in siblings.items():
        around = {(box.tag, box.names) for box in outline.ancestors(parent)}
        together = sum(length for _, length in members)
        for key in around:
            held[key] = held.get(key, 0) + together
        for key, length in members:
            if key not in around:
                held[key] = held.get(key, 0) + length
    total = sum(len(block.text) for block in blocks)
    return frozenset(key for key, share in held.items() if 4 * share >= total)


def _lengths_by_box(blocks: list[Block]) -> dict[int, int]:
    """Characters of the blocks that stand directly in a box."""
    out: dict[int, int] = {}
    for block in blocks:
        out[block.box] = out.get(block.box, 0) + len(block.text)
    return out


def _weigh_stated(body: Body, stated: str, selector: str | None, page: Page) -> None:
    """Compare with JSON-LD's articleBody: often cut short or without paragraphs, sometimes the only whole text."""
    own, other = body.words, count_words(stated)
    # What was found outside the page's blocks is this very text, without its paragraphs.
    if other < _SHORT or own >= (0.6 if body.blocks else 1.2) * other:
        body.considered.append(("json_ld", other, "the page's own text is as full, with its paragraphs"))
        return
    whole = _from_text(stated, page)
    body.text, body.html, body.blocks, body.dropped = whole.text, whole.html, whole.blocks, []
    body.provenance = Provenance(
        source="json_ld", confidence=0.7, selector=selector, reason="much more text than the visible page shows"
    )
    body.considered.append(("json_ld", other, "won: much more text than was found on the page"))


def _weigh_embedded(body: Body, page: Page) -> None:
    """Take the text out of the page's data when the page itself shows next to none."""
    found = embedded_text(page)
    other = count_words(found.text) if found else 0
    if found is None or other < 2 * body.words:
        return
    body.text, body.html, body.blocks, body.dropped = found.text, text_as_html(found.text), [], []
    body.provenance = Provenance(
        source="data", confidence=0.6, selector=found.path, reason="the page shows it by a script; read from its data"
    )
    body.considered.append(("data", other, "won: the page itself shows next to nothing"))


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
