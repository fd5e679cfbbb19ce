"""What became of each block of a page: in the body or not, how probable it was, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scraper.extract.body import Body
from scraper.extract.outline import Block


@dataclass(frozen=True, slots=True)
class BlockOutcome:
    block: Block
    kept: bool
    probability: float | None
    """Of being the article's text, 0 to 1; None when a site file or a stated text decided without asking."""
    reason: str


def outcomes_of(blocks: Sequence[Block], body: Body) -> list[BlockOutcome]:
    """The outcome of each of a page's blocks, in document order."""
    kept = {block.index for block in body.blocks}
    taken_out = {block.index: reason for block, reason in body.dropped}
    opinion = body.opinion
    out = []
    for block in blocks:
        probability = float(opinion.probability[block.index]) if opinion is not None else None
        reason = taken_out.get(block.index)
        if block.index in kept:
            reason = _why_kept(body, probability)
        elif reason is None:
            reason = _why_left_out(body, probability)
        if block.hidden:
            reason = f"hidden on the page; {reason}"
        out.append(BlockOutcome(block, block.index in kept, probability, reason))
    return out


def _why_kept(body: Body, probability: float | None) -> str:
    source = body.provenance.source
    if source == "site_file":
        return "the site file names where it stands"
    if source != "page" or body.opinion is None or probability is None:
        return f"part of the text that {source} states"
    if probability < body.opinion.threshold:
        return "the page states it as its summary and shows it above the text"
    return f"not below the threshold of {body.opinion.threshold:.2f}"


def _why_left_out(body: Body, probability: float | None) -> str:
    source = body.provenance.source
    if source == "site_file":
        return "outside the site file's containers, or stripped by it"
    if body.opinion is None or probability is None:
        return f"not part of the text that {source} states"
    if probability == 0:
        return "a link of a menu or footer"
    if probability < body.opinion.threshold:
        return f"below the threshold of {body.opinion.threshold:.2f}"
    return "stands on the page twice" if source == "page" else f"not part of the text that {source} states"
