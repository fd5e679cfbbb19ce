"""Articles on several pages: which captures of further pages were joined to the capture of the first one."""

from __future__ import annotations

from collections.abc import Sequence

from scraper.store.connection import Connection


def store_parts(db: Connection, capture_id: int, part_ids: Sequence[int]) -> None:
    """Record the captures of an article's further pages, in their order. Call inside a transaction."""
    db.execute("DELETE FROM capture_parts WHERE capture_id = ?", (capture_id,))
    db.sql.executemany(
        "INSERT INTO capture_parts (capture_id, position, part_id) VALUES (?, ?, ?)",
        [(capture_id, position, part_id) for position, part_id in enumerate(part_ids, 2)],
    )


def parts_of(db: Connection, capture_id: int) -> list[int]:
    """The captures of the further pages of an article; none for an article on one page."""
    rows = db.rows("SELECT part_id FROM capture_parts WHERE capture_id = ? ORDER BY position", (capture_id,))
    return [row[0] for row in rows]
