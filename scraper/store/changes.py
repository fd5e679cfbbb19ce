"""What became of pages: their captures one by one, the edits between them, and who else has the same text."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from scraper.article import Article, Verdict
from scraper.diff import Differences, differences
from scraper.errors import NotInArchive
from scraper.store.connection import Connection
from scraper.store.filters import Day, Filters
from scraper.store.pages import find_page
from scraper.store.reading import list_revisions, read_article
from scraper.store.values import from_utc_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One capture of a page, and what was new in it."""

    capture: int
    fetched_at: datetime
    status: int | None
    error: str | None
    verdict: Verdict | None
    revision: int | None
    """The text it shows; None for a failure, a wall, or what nobody could read."""
    edited: tuple[str, ...]
    """The fields that differ from the revision shown before: headline, authors, published_at, body."""
    words_added: int
    words_removed: int
    first: bool
    """True for the first capture that shows a text at all."""
    modified_at: str | None
    extractor: str | None
    imported: bool
    sha256: str | None

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        values = {name: getattr(self, name) for name in self.__slots__}
        fetched = self.fetched_at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return {**values, "fetched_at": fetched, "edited": list(self.edited)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """A row of the view `changes`: two texts of a page that followed one another."""

    page_id: int
    site: str
    url: str
    from_revision: int
    to_revision: int
    before_seen_at: datetime
    seen_at: datetime
    edited: tuple[str, ...]
    """Of headline, authors, published_at, body."""
    headline_before: str | None
    headline_after: str | None
    authors_before: tuple[str, ...]
    authors_after: tuple[str, ...]
    published_before: str | None
    published_after: str | None
    words_before: int
    words_after: int
    correction: str | None
    extractor_before: str
    extractor_after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Duplicate:
    """A row of the view `duplicates`: two pages with almost the same text."""

    page_id: int
    other_page_id: int
    similarity: float
    """Estimated part of the runs of five words that they share."""
    across_sites: bool
    site: str
    other_site: str
    headline: str | None
    other_headline: str | None
    published_at: str | None
    other_published_at: str | None
    url: str
    other_url: str


def list_history(db: Connection, id_or_url: int | str) -> Iterator[Seen]:
    """Every capture of a page, oldest first, with what it changed. Raises NotInArchive."""
    page_id = find_page(db, id_or_url)
    return _history(db, page_id)


def _history(db: Connection, page_id: int) -> Iterator[Seen]:
    texts = {article.revision: article for article in list_revisions(db, page_id)}
    shown: Article | None = None
    for row in db.rows(
        "SELECT id, fetched_at, status, error, verdict, revision, modified_at, extractor,"
        " import_id IS NOT NULL AS imported, sha256 FROM captures WHERE page_id = ? ORDER BY fetched_at, id",
        (page_id,),
    ):
        text = texts.get(row["revision"])
        found: Differences | None = None
        if text is not None and shown is not None and text.revision != shown.revision:
            found = differences(shown, text)
        yield Seen(
            capture=row["id"],
            fetched_at=from_utc_text(row["fetched_at"]),
            status=row["status"],
            error=row["error"],
            verdict=row["verdict"],
            revision=row["revision"],
            edited=found.edited if found else (),
            words_added=found.words_added if found else 0,
            words_removed=found.words_removed if found else 0,
            first=text is not None and shown is None,
            modified_at=row["modified_at"],
            extractor=row["extractor"],
            imported=bool(row["imported"]),
            sha256=row["sha256"],
        )
        shown = text or shown


def list_changes(
    db: Connection,
    *,
    page: int | str | None,
    site: str | None,
    since: Day | None,
    until: Day | None,
    corrections: bool,
    limit: int | None,
) -> Iterator[Edit]:
    """Rows of the view `changes` that pass, the latest first; days are those on which the edit was seen (UTC)."""
    Filters.of(since=since, until=until)  # for its errors: a day is written as everywhere
    rows = db.rows(
        "SELECT * FROM changes WHERE (:page IS NULL OR page_id = :page) AND (:site IS NULL OR site = :site)"
        " AND (:since IS NULL OR seen_at >= :since)"
        " AND (:until IS NULL OR substr(seen_at, 1, length(:until)) <= :until)"
        " AND (NOT :corrections OR correction IS NOT NULL) ORDER BY seen_at DESC, page_id, to_revision LIMIT :limit",
        {
            "page": None if page is None else find_page(db, page),
            "site": site and site.strip().lower(),
            "since": since and str(since)[:10],
            "until": until and str(until)[:10],
            "corrections": corrections,
            "limit": -1 if limit is None else limit,
        },
    )
    return map(_to_edit, rows)


def _to_edit(row: sqlite3.Row) -> Edit:
    flags = {"headline": "headline", "authors": "authors", "published": "published_at", "body": "body"}
    values = {name: row[name] for name in Edit.__slots__ if name != "edited"}
    for name in ("before_seen_at", "seen_at"):
        values[name] = from_utc_text(values[name])
    for name in ("authors_before", "authors_after"):
        values[name] = tuple(json.loads(values[name]))
    return Edit(**values, edited=tuple(field for flag, field in flags.items() if row[f"{flag}_changed"]))


def list_duplicates(
    db: Connection, *, page: int | str | None, across_sites: bool | None, at_least: float, limit: int | None
) -> Iterator[Duplicate]:
    """Rows of the view `duplicates` that pass, the most alike first."""
    rows = db.rows(
        "SELECT * FROM duplicates WHERE (:page IS NULL OR :page IN (page_id, other_page_id))"
        " AND (:across IS NULL OR across_sites = :across) AND similarity >= :at_least"
        " ORDER BY similarity DESC, page_id, other_page_id LIMIT :limit",
        {
            "page": None if page is None else find_page(db, page),
            "across": across_sites,
            "at_least": at_least,
            "limit": -1 if limit is None else limit,
        },
    )
    return (
        Duplicate(**{**{name: row[name] for name in Duplicate.__slots__}, "across_sites": bool(row["across_sites"])})
        for row in rows
    )


def read_differences(db: Connection, id_or_url: int | str, from_: int | None, to: int | None) -> Differences:
    """What lies between two revisions of a page, by their numbers; the last two when none is given.

    `to` alone is compared with the one before it, `from_` alone with the newest. Raises NotInArchive, also for a page
    that has only one.
    """
    texts = list(list_revisions(db, id_or_url, superseded=from_ is not None))
    newest = read_article(db, id_or_url) if not texts else texts[-1]  # which says why there is none
    numbers = [text.revision for text in texts]
    wanted = to if to is not None else newest.revision
    after = _numbered(texts, wanted, id_or_url)
    at = texts.index(after)
    if from_ is None:
        if at == 0:
            raise NotInArchive(
                f"There is nothing before revision {wanted} of {after.url}",
                why="it is the first text seen of this page",
                next_step=f"`scrape history {id_or_url}` lists its captures",
            )
        from_ = numbers[at - 1]
    return differences(_numbered(texts, from_, id_or_url), after)


def _numbered(texts: list[Article], number: int | None, id_or_url: int | str) -> Article:
    for text in texts:
        if text.revision == number:
            return text
    raise NotInArchive(
        f"{id_or_url} has no revision {number}",
        why=f"it has {', '.join(str(text.revision) for text in texts)}",
        next_step=f"`scrape history {id_or_url}` says what each of them changed",
    )
