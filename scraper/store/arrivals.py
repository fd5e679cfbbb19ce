"""The texts that came into the archive last, and what each changed: for whoever wants to be told of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from scraper.store.browsing import Browsing, TextEdit
from scraper.store.connection import Connection
from scraper.store.snippets import beginning_of

LAST_CAPTURES = 4_000
"""Captures among which texts that came in are looked for."""
_LAST_OF_SITE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A text that was captured: an article that is new, or an edit of one."""

    page_id: int
    page_url: str
    """In canonical form: with `seen_at` it means this text in any archive that holds it, read with any extractor."""
    url: str
    site: str
    revision: int
    headline: str | None
    authors: tuple[str, ...]
    language: str | None
    published_at: str | None
    seen_at: str
    """When it was captured (UTC, ISO 8601)."""
    word_count: int
    beginning: str
    """Of the lead, or of the text."""
    is_first: bool
    """Whether the page had no text before."""
    edit: TextEdit | None
    """What it changed; None for the first text of a page, and where nothing differs that counts."""
    headline_before: str | None
    """Of the text before this one; None also where there is none."""


class Arrivals:
    """A part of `Archive`; see `Archive.arrivals`. Its methods raise ArchiveError, and TookTooLong."""

    def __init__(self, db: Connection) -> None:
        self._db = db

    def latest(self, *, site: str | None = None, limit: int, among: int = LAST_CAPTURES) -> list[Arrival]:
        """The texts that came last, the last one first, among the last `among` captures.

        Of a `site`, also those among its articles that were published last. None of pages that are the same as another.
        """
        found: dict[int, Any] = {}
        for row in _rows(self._db, site, among):
            found.setdefault(row["capture_id"], row)
            if site is None and len(found) >= limit:
                break
        return [_arrival(self._db, found[capture]) for capture in sorted(found, reverse=True)[:limit]]

    def mark(self) -> str:
        """What tells this archive from others, wherever its file lies: its first capture; empty where there is none."""
        row = self._db.row("SELECT url, fetched_at FROM captures ORDER BY id LIMIT 1")
        return "" if row is None else f"{row['fetched_at']} {row['url']}"


def _rows(db: Connection, site: str | None, among: int) -> Iterator[Any]:
    yield from db.rows(f"{_BY_CAPTURE} WHERE {_CONDITIONS}", {"site": site, "most": among})
    if site is not None:
        yield from db.rows(f"{_BY_SITE} WHERE {_CONDITIONS}", {"site": site, "most": _LAST_OF_SITE})


_CONDITIONS = (
    "r.verdict IN ('ok', 'paywall') AND r.superseded_by IS NULL AND pages.same_as IS NULL"
    " AND (:site IS NULL OR r.site = :site)"
)
_COLUMNS = (
    "SELECT r.page_id, pages.url AS page_url, r.url, r.site, r.number AS revision, r.headline, r.authors, r.language,"
    " r.published_at, r.first_seen_at AS seen_at, r.word_count, r.capture_id"
)
# Of the last captures those that brought a text: a capture shows the text that it was read as, also after it was read
# again.
_BY_CAPTURE = (
    f"{_COLUMNS} FROM (SELECT id, page_id, revision FROM captures ORDER BY id DESC LIMIT :most) AS c"  # noqa: S608 - constants
    " CROSS JOIN revisions AS r ON r.page_id = c.page_id AND r.number = c.revision AND r.capture_id = c.id"
    " CROSS JOIN pages ON pages.id = r.page_id"
)
_BY_SITE = (
    f"{_COLUMNS} FROM (SELECT id FROM revisions INDEXED BY revisions_site WHERE site = :site"  # noqa: S608 - constants
    "  ORDER BY sorted_at DESC LIMIT :most) AS latest"
    " CROSS JOIN revisions AS r ON r.id = latest.id CROSS JOIN pages ON pages.id = r.page_id"
)


def _arrival(db: Connection, row: Any) -> Arrival:
    page_id, number = row["page_id"], row["revision"]
    text = db.row(
        "SELECT lead, substr(body, 1, 2000) AS body,"
        " NOT EXISTS (SELECT 1 FROM revisions AS e WHERE e.page_id = r.page_id"
        "  AND e.first_seen_at < r.first_seen_at AND e.verdict IN ('ok', 'paywall')) AS is_first,"
        " (SELECT headline_before FROM changes WHERE page_id = ?1 AND to_revision = ?2) AS headline_before"
        " FROM revisions AS r WHERE r.page_id = ?1 AND r.number = ?2",
        (page_id, number),
    )
    edits = Browsing(db).edits(page_id) if number > 1 else []
    values = {name: row[name] for name in row.keys() if name != "capture_id"}  # noqa: SIM118 - a row has no __contains__
    return Arrival(
        **{**values, "authors": tuple(json.loads(row["authors"]))},
        beginning=beginning_of((text and (text["lead"] or text["body"])) or ""),
        is_first=bool(text and text["is_first"]),
        edit=next((one for one in edits if one.to_revision == number and one.edited), None),
        headline_before=text["headline_before"] if text else None,
    )
