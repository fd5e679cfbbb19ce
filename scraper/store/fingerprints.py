"""Which pages share their text: a sketch of each, looked up by its parts when another one is stored.

A text is taken as the set of its runs of five words (of five signs, where a script has no spaces). Their hashes fall
into 64 bins by their first bits, and the least of each bin is kept: a min-hash of one permutation (Li, Owen, Zhang
2012). The part of the bins that two sketches have in common estimates the part of the runs that the texts share
(Jaccard), give or take 0.06. Pairs of bins make the keys by which pages that may be alike are found.
`benchmarks/revisions.py --duplicates` measures what is found and what is not.
"""

from __future__ import annotations

import json
import re
import sqlite3
import struct
import zlib
from collections import Counter
from collections.abc import Iterator
from operator import eq

from scraper.article import READABLE
from scraper.diff.noise import folded
from scraper.diff.words import UNSPACED
from scraper.store.connection import Connection

ALIKE = 0.4
"""Least estimated similarity that is kept: see docs/history.md for what it finds and misses."""
SHORTEST = 50
"""Runs of words in a text below which it has no sketch: a line that many pages quote would make them alike."""

_RUN = 5
_BINS = 64
_EMPTY = 0xFFFFFFFF
_BITS = 26  # of a hash, below those that name its bin
_BANDS = 8
_AT_MOST = 40
"""Pages looked up by each key, the newest first: a site's boilerplate has thousands."""
_COMPARED = 120
"""Pages whose sketches are compared with a new one, those first that share most keys with it: each is a random read."""
_TOKEN = re.compile(rf"[{UNSPACED}]|[^\W{UNSPACED}]+")
_SKETCH = struct.Struct(f"<{_BINS}I")


def sketch(text: str | None) -> bytes | None:
    """64 numbers of 4 bytes, little-endian, 2**32 - 1 for an empty bin; None for a text that is too short."""
    words = words_of(text)
    if len(words) - _RUN + 1 < SHORTEST:
        return None
    tokens = [word.encode("utf-8", "surrogatepass") for word in words]
    least = [_EMPTY] * _BINS
    crc = zlib.crc32
    for run in zip(*(tokens[start:] for start in range(_RUN)), strict=False):
        # The checksum of text is not spread evenly; multiplied (Knuth's constant), its first bits are.
        number = (crc(b" ".join(run)) * 0x9E3779B1) & 0xFFFFFFFF
        at = number >> _BITS
        value = number & 0x3FFFFFF
        if value < least[at]:  # noqa: PLR1730 - min() takes as long as all the rest
            least[at] = value
    return _SKETCH.pack(*least)


def words_of(text: str | None) -> list[str]:
    """The words of a text as they are compared; its signs, where a script has no spaces."""
    return _TOKEN.findall(folded(text or "").casefold().replace("'", ""))


def similarity(one: bytes, other: bytes) -> float:
    """The estimated part of their runs of words that two texts share, 0 to 1."""
    return _similarity(_SKETCH.unpack(one), _SKETCH.unpack(other))


def _similarity(one: tuple[int, ...], other: tuple[int, ...]) -> float:
    # Hundreds of sketches may be compared with that of one new text: no loop of Python's own but for empty bins.
    same = sum(map(eq, one, other))
    both_empty = sum(pair == (_EMPTY, _EMPTY) for pair in zip(one, other, strict=True)) if _EMPTY in one else 0
    return float((same - both_empty) / (_BINS - both_empty))


def keys(of: bytes) -> list[int]:
    """What a sketch is looked up by: two pages that share one of them may share their text. Each fits 63 bits."""
    least = list(_SKETCH.unpack(of))
    # An empty bin borrows from the next one that is not, so that short texts are found as well as long ones.
    for at in range(2 * _BINS - 1, -1, -1):
        if least[at % _BINS] == _EMPTY:
            least[at % _BINS] = least[(at + 1) % _BINS]
    return [(band << 2 * _BITS) | (least[2 * band] << _BITS) | least[2 * band + 1] for band in range(_BANDS)]


def update_fingerprint(db: Connection, page_id: int) -> None:
    """Bring what is known about a page's text in line with its newest revision; call inside a transaction."""
    _update(db.sql, page_id)


def fingerprint_all(sql: sqlite3.Connection) -> None:
    """The same for every page of an archive that had no fingerprints."""
    for (page_id,) in [tuple(row) for row in sql.execute("SELECT id FROM pages ORDER BY id")]:
        _update(sql, page_id)


def _update(sql: sqlite3.Connection, page_id: int) -> None:
    newest = sql.execute(
        "SELECT body, verdict FROM pages JOIN revisions ON revisions.id = newest_revision_id WHERE pages.id = ?",
        (page_id,),
    ).fetchone()
    new = sketch(newest[0]) if newest and newest[1] in READABLE else None
    known = sql.execute("SELECT sketch FROM fingerprints WHERE page_id = ?", (page_id,)).fetchone()
    if known and known[0] != new:
        _forget(sql, page_id, known[0])
    if new is not None and (not known or known[0] != new):
        _remember(sql, page_id, new)


def _forget(sql: sqlite3.Connection, page_id: int, old: bytes) -> None:
    sql.execute("DELETE FROM similar_pages WHERE page_id = ?", (page_id,))
    sql.execute("DELETE FROM similar_pages WHERE other_page_id = ?", (page_id,))
    sql.execute("DELETE FROM fingerprints WHERE page_id = ?", (page_id,))
    sql.executemany(
        "DELETE FROM fingerprint_bands WHERE band = ? AND page_id = ?", [(key, page_id) for key in keys(old)]
    )


def _remember(sql: sqlite3.Connection, page_id: int, new: bytes) -> None:
    sql.executemany(
        "INSERT INTO similar_pages (page_id, other_page_id, similarity) VALUES (?, ?, ?)",
        [(*sorted((page_id, other)), round(part, 3)) for other, part in _alike(sql, new)],
    )
    sql.execute("INSERT INTO fingerprints (page_id, sketch) VALUES (?, ?)", (page_id, new))
    sql.executemany(
        "INSERT OR IGNORE INTO fingerprint_bands (band, page_id) VALUES (?, ?)", [(key, page_id) for key in keys(new)]
    )


def _alike(sql: sqlite3.Connection, new: bytes) -> Iterator[tuple[int, float]]:
    """The pages whose text is like this one, and how much."""
    found = Counter(
        page_id
        for key in keys(new)
        for (page_id,) in sql.execute(
            "SELECT page_id FROM fingerprint_bands WHERE band = ? ORDER BY page_id DESC LIMIT ?", (key, _AT_MOST)
        )
    )
    likeliest = sorted(found, key=lambda page_id: (found[page_id], page_id), reverse=True)[:_COMPARED]
    mine = _SKETCH.unpack(new)
    for other, theirs in sql.execute(
        "SELECT page_id, sketch FROM fingerprints WHERE page_id IN (SELECT value FROM json_each(?)) ORDER BY page_id",
        (json.dumps(likeliest),),
    ):
        part = _similarity(mine, _SKETCH.unpack(theirs))
        if part >= ALIKE:
            yield other, part
