"""Bodies as received, one for each distinct content, verified on every read.

A body is kept whole, or as what differs from another (`deltas`): the page's body before it, or for a page's first one
a whole body of its site. A chain of such differences ends at a whole body after nine steps at the latest. What is
compressed already, as pictures are, is kept as it is.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator

from scraper.errors import BlobCorrupt, NotInArchive
from scraper.store.codecs import (
    LARGEST_FOR_DELTA,
    Codec,
    DamagedFrame,
    compress,
    compress_against,
    decompress,
    estimated_size,
    is_compressed,
    part_in_common,
    pieces,
)
from scraper.store.connection import Connection

LONGEST_CHAIN = 9
"""Differences between a body and the whole one it comes from: every tenth version of a page, at least, is whole."""

_WORTH_IT = 0.75
"""A delta that takes more than this part of what the whole body would is not worth depending on another body."""
_ALIKE = 0.015
"""Part of a page that another page of the site must hold word for word for a delta to be tried: a template's least.

Measured on 298 pages of 152 sites: the likest of a site is as often the best as one chosen by trial, for a third of the
time; of the 58 pages with less in common than this, deltas came to 0.74 of the whole at best.
"""
_SURELY_WORTH_IT = 16
"""Pages come to a tenth or more of their size when kept whole: what is that much smaller need not be compared."""
_VERSIONS_TRIED = 2
"""A wall or an error page may have come between two versions of an article."""
_BASES_OF_A_SITE = 3
"""Its articles, its section pages and its walls resemble each other little."""
_MOST_NAMED = 200
"""Captures that a message names."""
_USES_OF_A_BASE = 100
"""Then the site gets another one: damage to a body should not reach a whole site."""


def put_blob(db: Connection, sha256: str, body: bytes, *, bases: Iterable[str] = ()) -> bool:
    """Store `body` under its hash unless it is there already; in a transaction.

    True when it is new and whole, and others may be kept as what differs from it. `bases` are hashes of bodies it may
    resemble, the likeliest first; they are asked for when they are needed.
    """
    known = db.execute("SELECT content IS NOT NULL FROM blobs WHERE sha256 = ?", (sha256,)).fetchone()
    if known is not None and known[0]:
        return False
    if is_compressed(body):
        _store(db, sha256, body, "identity", body)
        return False
    if len(body) <= LARGEST_FOR_DELTA and any(base != sha256 and store_delta(db, sha256, body, base) for base in bases):
        return False
    store_whole(db, sha256, body)
    return True


def put_body(db: Connection, sha256: str, body: bytes, *, page_id: int) -> None:
    """As `put_blob`, for the body of a capture of a page; call inside a transaction."""
    if put_blob(db, sha256, body, bases=_bases(db, page_id, body)):
        db.execute(
            "INSERT OR REPLACE INTO site_bases (site, sha256, uses) SELECT site, ?, 0 FROM pages WHERE id = ?",
            (sha256, page_id),
        )
        db.execute(
            "DELETE FROM site_bases WHERE site = (SELECT site FROM pages WHERE id = :page) AND id NOT IN ("
            " SELECT id FROM site_bases WHERE site = (SELECT site FROM pages WHERE id = :page)"
            " ORDER BY id DESC LIMIT :most)",
            {"page": page_id, "most": _BASES_OF_A_SITE},
        )


def get_blob(db: Connection, sha256: str) -> bytes:
    """The body with this SHA-256 (hexadecimal), bit for bit as it was received.

    Raises NotInArchive when there is none, BlobCorrupt (with the captures it touches) when what is stored has changed.
    """
    steps = _chain(db, sha256)
    body: bytes | None = None
    for step in reversed(steps):
        # Neighbours are often made from the same one. It need not be verified: what is made from it is.
        known = None if step == sha256 else db.recent_bodies.get(step)
        body = read_step(db, step, base=body) if known is None else known
        if step != sha256:
            db.recent_bodies.put(step, body)
    if body is None or hashlib.sha256(body).hexdigest() != sha256:
        raise _corrupt(db, _culprit(db, steps), "its bytes do not match its hash")
    return body


def read_step(db: Connection, sha256: str, *, base: bytes | None) -> bytes:
    """One body, given the one it is a difference from; its hash is not checked. Raises NotInArchive or BlobCorrupt."""
    # CAST: damage may have turned it into text, which Python would refuse to read before we can say what is wrong.
    row = db.row("SELECT size, codec, CAST(content AS BLOB) AS content FROM blobs WHERE sha256 = ?", (sha256,))
    if row is None:
        raise NotInArchive(f"No body with SHA-256 {sha256} in {db.path}", next_step="check the hash")
    if row["content"] is None:
        raise NotInArchive(f"The body {sha256} was removed from {db.path}", why="only its hash and size were kept")
    codec: Codec = "zstd" if base is None else "zstd-delta"
    if row["codec"] == "identity" and base is None:
        return bytes(row["content"])
    if row["codec"] != codec:
        raise _corrupt(db, sha256, f"its codec is {row['codec']!r} where {codec!r} belongs")
    try:
        return decompress(row["content"], size=row["size"], base=base)
    except DamagedFrame as error:
        raise _corrupt(db, sha256, f"it does not decompress ({error})") from error


def store_whole(db: Connection, sha256: str, body: bytes) -> None:
    """Keep `body` by itself, whether it is there already or not; call inside a transaction."""
    db.execute("DELETE FROM deltas WHERE sha256 = ?", (sha256,))
    if is_compressed(body):
        _store(db, sha256, body, "identity", body)
    else:
        _store(db, sha256, body, "zstd", compress(body))


def captures_touched(db: Connection, sha256: str) -> list[int]:
    """Ids of the captures that are not whole without this body: those that show it, or one that is made from it."""
    rows = db.rows(
        "WITH RECURSIVE touched (sha256) AS ("
        " VALUES (?) UNION SELECT deltas.sha256 FROM deltas JOIN touched ON deltas.base_sha256 = touched.sha256)"
        " SELECT id FROM captures WHERE sha256 IN touched"
        " UNION SELECT capture_id FROM renderings WHERE sha256 IN touched OR screenshot_sha256 IN touched"
        " UNION SELECT capture_id FROM assets JOIN capture_assets ON asset_id = assets.id WHERE sha256 IN touched"
        " ORDER BY 1",
        (sha256,),
    )
    return [row[0] for row in rows]


def _bases(db: Connection, page_id: int, body: bytes) -> Iterator[str]:
    """The bodies that a new one of this page may resemble, the likeliest first: the page's own, and one of its site."""
    versions = list(
        db.rows(
            "SELECT DISTINCT captures.sha256, coalesce(deltas.depth, 0) AS depth FROM captures"
            " JOIN blobs ON blobs.sha256 = captures.sha256 LEFT JOIN deltas ON deltas.sha256 = captures.sha256"
            " WHERE page_id = ? AND blobs.content IS NOT NULL ORDER BY fetched_at DESC, captures.id DESC LIMIT ?",
            (page_id, _VERSIONS_TRIED),
        )
    )
    for version in versions:
        if version["depth"] >= LONGEST_CHAIN:
            return  # time for a whole one
        yield version["sha256"]
    known = {version["sha256"] for version in versions}
    likest: tuple[float, str] = (_ALIKE, "")
    own: frozenset[bytes] | None = None
    for row in db.rows(
        "SELECT site_bases.sha256 FROM site_bases JOIN blobs ON blobs.sha256 = site_bases.sha256"
        " WHERE site_bases.site = (SELECT site FROM pages WHERE id = ?) AND uses < ? AND blobs.content IS NOT NULL"
        " ORDER BY site_bases.id DESC",
        (page_id, _USES_OF_A_BASE),
    ):
        base = None if row["sha256"] in known else _as_base(db, row["sha256"])
        if base is not None:
            own = pieces(body) if own is None else own
            likest = max(likest, (part_in_common(own, pieces(base)), row["sha256"]))
    if likest[1]:
        yield likest[1]


def store_delta(db: Connection, sha256: str, body: bytes, base_sha256: str) -> bool:
    """Keep `body` as what differs from another, if that is short and the chain does not become too long."""
    row = db.row("SELECT depth FROM deltas WHERE sha256 = ?", (base_sha256,))
    depth = 1 + (row["depth"] if row else 0)
    if depth > LONGEST_CHAIN:
        return False
    base = _as_base(db, base_sha256)
    if base is None:
        return False
    content = compress_against(base, body)
    surely = len(content) * _SURELY_WORTH_IT < len(body)
    if not surely and len(content) > _WORTH_IT * estimated_size(body):
        return False
    _store(db, sha256, body, "zstd-delta", content)
    db.execute(
        "INSERT OR REPLACE INTO deltas (sha256, base_sha256, depth) VALUES (?, ?, ?)", (sha256, base_sha256, depth)
    )
    db.execute("UPDATE site_bases SET uses = uses + 1 WHERE sha256 = ?", (base_sha256,))
    return True


def _as_base(db: Connection, sha256: str) -> bytes | None:
    """The body with this hash, verified, if another one may lean on it."""
    base = db.recent_bodies.get(sha256)
    if base is not None:
        return base
    try:
        base = get_blob(db, sha256)
    except BlobCorrupt:
        return None  # what is new must not depend on what is damaged
    if len(base) > LARGEST_FOR_DELTA:
        return None
    db.recent_bodies.put(sha256, base)
    return base


def _store(db: Connection, sha256: str, body: bytes, codec: Codec, content: bytes) -> None:
    db.execute(
        "INSERT INTO blobs (sha256, size, stored_size, codec, content) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (sha256) DO UPDATE"
        " SET stored_size = excluded.stored_size, codec = excluded.codec, content = excluded.content",
        (sha256, len(body), len(content), codec, content),
    )


def _chain(db: Connection, sha256: str) -> list[str]:
    """The body and those it is made from, the whole one last."""
    steps = [sha256]
    while (row := db.row("SELECT base_sha256 FROM deltas WHERE sha256 = ?", (steps[-1],))) is not None:
        if len(steps) > LONGEST_CHAIN:
            raise _corrupt(db, sha256, f"it is more than {LONGEST_CHAIN} differences away from a whole body")
        steps.append(row["base_sha256"])
    return steps


def _culprit(db: Connection, steps: list[str]) -> str:
    """Which body of a chain is the damaged one: the first, from the whole one on, whose bytes are not its hash's."""
    body: bytes | None = None
    for step in reversed(steps):
        body = read_step(db, step, base=body)
        if hashlib.sha256(body).hexdigest() != step:
            return step
    return steps[0]


def _corrupt(db: Connection, sha256: str, why: str) -> BlobCorrupt:
    touched = [str(capture_id) for capture_id in captures_touched(db, sha256)]
    if len(touched) > _MOST_NAMED:  # a style that all pages of a site have
        touched[_MOST_NAMED:] = [f"and {len(touched) - _MOST_NAMED} more"]
    return BlobCorrupt(
        f"The stored body {sha256} is damaged",
        why=f"{why}; captures that cannot be read without it: {', '.join(touched) or 'none'}",
        next_step="restore the archive from a backup, or archive the page again",
    )
