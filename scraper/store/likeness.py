"""Do two texts tell the same article? Asked where something else says already that their pages may be one."""

from __future__ import annotations

from collections.abc import Sequence

from scraper.store.fingerprints import words_of

_RUN = 5
_LONGEST = 400_000
"""Characters of a text that are looked at: some ten times a long report."""


def share(one: str | None, other: str | None) -> float:
    """The part of the shorter text's runs of five words that stand in the longer one, too: 0 to 1.

    Of the shorter one, because another edition may leave things out, and an article that is written on grows.
    """
    runs, others = _runs(words_of((one or "")[:_LONGEST])), _runs(words_of((other or "")[:_LONGEST]))
    shorter = min(len(runs), len(others))
    return len(runs & others) / shorter if shorter else 0.0


def _runs(words: Sequence[str]) -> set[int]:
    """Hashes of the runs; of a text that is shorter than one, of all of it."""
    if len(words) < _RUN:
        return {hash(tuple(words))} if words else set()
    return {hash(run) for run in zip(*(words[start:] for start in range(_RUN)), strict=False)}
