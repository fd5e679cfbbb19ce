"""What is measured of each block once every block has a first probability: where the probable text is."""

from __future__ import annotations

import numpy as np

from scraper.extract.blocks.measures import Column, Measures, shifted, windowed

_PROBABLE = 0.7
_FAR = 999.0


def look_again(page: Measures, probability: Column) -> dict[str, Column]:
    """Columns that see the first look's probabilities, in addition to those of `page`."""
    expected = probability * page.words
    total = expected.sum() or 1e-9
    columns: dict[str, Column] = {"first": probability}
    for by in (1, 2, 3, -1, -2, -3):
        columns[f"first_{'before' if by > 0 else 'after'}{abs(by)}"] = shifted(probability, by, -1.0)
    so_far = np.cumsum(expected)
    columns["expected_before"] = so_far / total
    columns["expected_after"] = 1 - (so_far - expected) / total
    columns["expected_words"] = np.full_like(expected, np.log1p(total))
    _containers(page, probability, expected, columns)
    _nearest_probable(page, probability, columns)
    _alike(page, expected, columns)
    _copies(page, probability, columns)
    for reach in (2, 5):
        columns[f"around{reach}_first"] = windowed(expected, reach) / np.maximum(windowed(page.words, reach), 1)
    return columns


def _containers(page: Measures, probability: Column, expected: Column, columns: dict[str, Column]) -> None:
    total = expected.sum() or 1e-9
    held, held_words = page.below(expected), page.below(page.words)
    held_probability, held_blocks = page.below(probability), page.below(np.ones_like(probability))
    for level, above in enumerate(page.above):
        columns[f"above{level}_share"] = held[above] / total
        columns[f"above{level}_mean"] = held[above] / np.maximum(held_words[above], 1)
        columns[f"above{level}_mean_block"] = held_probability[above] / np.maximum(held_blocks[above], 1)
    columns["above0_others"] = (held[page.above[0]] - expected) / total
    columns["above1_others_mean"] = (held[page.above[1]] - expected) / np.maximum(
        held_words[page.above[1]] - page.words, 1
    )
    beside = np.bincount(page.parent[page.box], weights=expected, minlength=len(page.parent))
    columns["siblings_share"] = beside[page.parent[page.box]] / total
    for share in (50, 80, 95):
        # Of nested boxes that hold enough, the one with the highest number is the innermost.
        core = int(np.flatnonzero(held >= share / 100 * total).max(initial=0))
        columns[f"core{share}_inside"] = page.inside(core).astype(np.float64)
        columns[f"core{share}_deeper"] = page.depth[page.box] - page.depth[core]
        columns[f"core{share}_mean"] = np.full_like(expected, held[core] / max(1.0, held_words[core]))


def _nearest_probable(page: Measures, probability: Column, columns: dict[str, Column]) -> None:
    count = len(probability)
    numbers = np.arange(count)
    probable = np.flatnonzero(probability > _PROBABLE)
    names = ("distance_before distance_after words_before words_after parent_before parent_after alike_before"
             " alike_after from_first to_last").split()  # fmt: skip
    if not len(probable):
        columns.update((name, np.full(count, _FAR)) for name in names)
        return
    at = np.searchsorted(probable, numbers)
    before = probable[np.maximum(at - 1, 0)]
    after_at = np.searchsorted(probable, numbers, side="right")
    after = probable[np.minimum(after_at, len(probable) - 1)]
    has_before, has_after = at > 0, after_at < len(probable)
    so_far = np.cumsum(page.words)
    parents = page.parent[page.box]
    values = (
        np.where(has_before, numbers - before, _FAR),
        np.where(has_after, after - numbers, _FAR),
        np.where(has_before, so_far - so_far[before] - page.words, _FAR),
        np.where(has_after, so_far[after] - so_far - page.words[after], _FAR),
        parents[before] == parents,
        parents[after] == parents,
        page.layout[before] == page.layout,
        page.layout[after] == page.layout,
        numbers - probable[0],
        probable[-1] - numbers,
    )
    columns.update((name, np.asarray(value, np.float64)) for name, value in zip(names, values, strict=True))


def _alike(page: Measures, expected: Column, columns: dict[str, Column]) -> None:
    held = np.bincount(page.layout, weights=expected)[page.layout]
    words = np.bincount(page.layout, weights=page.words)[page.layout]
    columns["alike_mean"] = held / np.maximum(words, 1)
    columns["alike_share"] = held / (expected.sum() or 1e-9)
    columns["alike_others"] = (held - expected) / np.maximum(words - page.words, 1)


def _copies(page: Measures, probability: Column, columns: dict[str, Column]) -> None:
    """The best probability among other blocks with the same text: pages repeat paragraphs for phones and printers."""
    places: dict[str, list[int]] = {}
    for block in page.outline.blocks:
        if len(block.text) > 15:
            places.setdefault(block.text, []).append(block.index)
    best = np.full(len(probability), -1.0)
    for same in places.values():
        if len(same) > 1:
            most, *others = sorted(same, key=lambda one: -probability[one])
            best[others] = probability[most]
            best[most] = probability[others[0]]
    columns["copy_first"] = best
