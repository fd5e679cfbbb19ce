"""A second opinion on where the article's text is, and texts stated elsewhere, brought down to the page's own blocks.

So the text, its markup and its links all come from the page as it is, whoever found it.
"""

from __future__ import annotations

import logging
from collections import defaultdict

from scraper.extract.outline import Block, Outline
from scraper.extract.page import Page
from scraper.extract.wording import folded, words

_GRAM = 4
_COVERED = 0.6
"""Share of a block's word 4-grams that must occur in a text for the block to be part of it."""

logging.getLogger("trafilatura").setLevel(
    logging.CRITICAL
)  # it logs a page without text as an error; we say so ourselves


def trafilatura_text(page: Page) -> str:
    """The article's text as trafilatura finds it, a block a line; "" when it finds none."""
    import trafilatura

    # Without its fallbacks: they cost as much again, and as a witness among others it is no better for them.
    found = trafilatura.bare_extraction(
        page.source, url=page.url, include_comments=False, include_tables=True, with_metadata=False, fast=True
    )
    return str(getattr(found, "text", None) or "")


def blocks_of_text(outline: Outline, text: str) -> list[Block]:
    """The blocks of the page that hold `text`, in document order.

    Long blocks are found by their word 4-grams and must follow each other as in `text`; a short block must equal a
    whole line of it and stand among the long ones.
    """
    positions = _positions(words(text))
    lines = {folded(line) for line in text.splitlines() if line.strip()}
    long: list[tuple[Block, int, int]] = []
    short: list[Block] = []
    for block in outline.blocks:
        own = words(block.text)
        if len(own) < 2 * _GRAM:
            if folded(block.text) in lines:
                short.append(block)
            continue
        grams = [tuple(own[i : i + _GRAM]) for i in range(len(own) - _GRAM + 1)]
        hits = [positions[gram][0] for gram in grams if gram in positions]
        if len(hits) >= _COVERED * len(grams):
            long.append((block, sorted(hits)[len(hits) // 2], len(own)))
    chain = _heaviest_chain(long)
    if not chain:
        return short
    first, last = chain[0].index, chain[-1].index
    reach = 4  # a subheading or a one-line paragraph may stand before the first or after the last long block
    near = [b for b in short if first - reach <= b.index <= last + reach]
    return sorted({b.index: b for b in (*chain, *near)}.values(), key=lambda b: b.index)


def _positions(tokens: list[str]) -> dict[tuple[str, ...], list[int]]:
    out: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for i in range(len(tokens) - _GRAM + 1):
        out[tuple(tokens[i : i + _GRAM])].append(i)
    return out


def _heaviest_chain(found: list[tuple[Block, int, int]]) -> list[Block]:
    """The blocks, in document order, whose places in the text never go back and that hold the most words.

    A page often holds a paragraph twice (a summary box, a copy for phones); only one of them fits the order.
    """
    best: list[int] = []
    before: list[int] = []
    for i, (_, place, weight) in enumerate(found):
        reachable = [j for j in range(max(0, i - 400), i) if found[j][1] < place]
        j = max(reachable, key=lambda j: best[j], default=-1)
        best.append(weight + (best[j] if j >= 0 else 0))
        before.append(j)
    chain: list[Block] = []
    at = max(range(len(best)), key=lambda i: best[i], default=-1)
    while at >= 0:
        chain.append(found[at][0])
        at = before[at]
    return chain[::-1]
