"""An extraction in rows: every candidate of every field, and what became of the page's blocks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from scraper.extract.fields.choice import Choice
from scraper.extract.outcomes import outcomes_of
from scraper.extract.outline import Block

if TYPE_CHECKING:
    from scraper.extract.extraction import Extraction

_NEGLIGIBLE = 0.05
"""Probability below which blocks are only counted."""
_WORDS = 12
"""Words that a block is shown by."""


def explanation_rows(extraction: Extraction, blocks: Sequence[Block] | None = None) -> list[dict[str, Any]]:
    """A row a candidate: field, outcome (won, lost, absent), source, selector, score, value, reason.

    A candidate that stands on the visible page has the numbers of its blocks there as `blocks`.

    Then, for the body, a row a block (`block` is its number on the page): kept or dropped, with its probability as
    score. Those that nothing spoke for share a row, unless all of the page's `blocks` are given: then each has its own.
    """
    rows = [row for choice in extraction.choices for row in _candidates(choice)]
    rows += _texts(extraction)
    rows += _outcomes(extraction, blocks)
    if extraction.next_page:
        row = {"field": "next_page", "outcome": "won", "source": "page", "value": extraction.next_page}
        rows.append(row | {"reason": "the same article goes on there"})
    return rows


def _candidates(choice: Choice) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    if choice.value is None:
        rows.append({"field": choice.field, "outcome": "absent", "reason": choice.provenance.reason})
    for number, one in enumerate(choice.considered):
        won = number == 0 and choice.value is not None
        value = one.value if one.value is not None else one.candidate.value
        rows.append(
            {
                "field": choice.field,
                "outcome": "won" if won else "lost",
                "source": one.candidate.source,
                "selector": one.candidate.selector,
                "score": round(one.score, 3),
                "value": list(value) if isinstance(value, tuple) else value,
                "reason": one.reason or (_why_won(choice) if won else "another candidate scored higher"),
            }
            | ({"blocks": list(one.candidate.blocks)} if one.candidate.blocks else {})
        )
    return rows


def _why_won(choice: Choice) -> str:
    if choice.considered[0].candidate.source == "site_file":
        return "the site file names it"
    return "the most trusted source" if len(choice.considered) > 1 else "the only candidate"


def _texts(extraction: Extraction) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    opinion = extraction.body.opinion
    for source, words, outcome in extraction.body.considered:
        won = outcome.startswith(("won", "the site file", "the only"))
        row: dict[str, Any] = {"field": "body", "outcome": "won" if won else "lost", "source": source}
        if won and extraction.body.provenance.selector:
            row["selector"] = extraction.body.provenance.selector
        weighed = ""
        if source == "page" and opinion is not None:
            row["score"] = round(opinion.expected_f1, 3)
            weighed = f"; expected F1 {opinion.expected_f1:.2f}, threshold {opinion.threshold:.2f}"
        rows.append(row | {"value": f"{words} words", "reason": outcome + weighed})
    return rows


def _outcomes(extraction: Extraction, every: Sequence[Block] | None) -> list[dict[str, Any]]:
    body = extraction.body
    known = {block.index: block for block, _ in body.dropped} | {block.index: block for block in body.blocks}
    weighed = body.opinion.blocks if body.opinion is not None else [known[index] for index in sorted(known)]
    blocks, negligible = (weighed, _NEGLIGIBLE) if every is None else (every, 0.0)
    taken_out = {block.index for block, _ in body.dropped}
    rows: list[dict[str, Any]] = []
    others = 0
    for one in outcomes_of(blocks, body):
        if not one.kept and one.block.index not in taken_out and (one.probability or 0) < negligible:
            others += 1
            continue
        row: dict[str, Any] = {"field": "body", "outcome": "kept" if one.kept else "dropped", "source": "page"}
        if one.probability is not None:
            row["score"] = round(one.probability, 3)
        rows.append(row | {"block": one.block.index, "value": _first_words(one.block.text), "reason": one.reason})
    if others:
        value, reason = f"{others} other blocks", f"each with a probability below {negligible}"
        rows.append({"field": "body", "outcome": "dropped", "source": "page", "value": value, "reason": reason})
    return rows


def _first_words(text: str) -> str:
    words = text[:200].split()
    return " ".join(words[:_WORDS]) + ("…" if len(words) > _WORDS else "")
