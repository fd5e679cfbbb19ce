"""Full-text search over the newest readable revision of each page."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

from scraper.article import Verdict
from scraper.store.connection import Connection
from scraper.store.filters import Day, Filters
from scraper.store.query import to_fts

# CROSS JOIN keeps the index as the outer loop, so that it yields in order of rank and stops at the limit.
_HITS = """
    SELECT pages.id, revisions.number, revisions.url, revisions.site, revisions.headline, revisions.authors,
        revisions.published_at, revisions.language, revisions.word_count, revisions.verdict, articles_fts.rank,
        snippet(articles_fts, -1, :mark, :unmark, '…', 24) AS excerpt
    FROM articles_fts
    CROSS JOIN pages ON pages.id = articles_fts.rowid
    CROSS JOIN revisions ON revisions.id = pages.newest_revision_id
    WHERE articles_fts MATCH :query
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchHit:
    """An article that matches, with what a listing shows of it."""

    id: int
    revision: int
    url: str
    site: str
    headline: str | None
    authors: tuple[str, ...]
    published_at: str | None
    language: str | None
    word_count: int
    verdict: Verdict
    snippet: str
    """Some 24 words around the best match, the matches between marks, `…` where text was left out."""
    score: float
    """How well it matches (bm25; the headline counts most); higher is better, comparable within one search only."""


def search(
    db: Connection,
    query: str,
    *,
    site: str | None,
    since: Day | None,
    until: Day | None,
    limit: int | None,
    marks: tuple[str, str],
) -> Iterator[SearchHit]:
    """The best matches first. Raises QueryError."""
    filters = Filters.of(site=site, since=since, until=until)
    sql = f"{_HITS} AND {filters.sql} ORDER BY articles_fts.rank LIMIT :limit"
    values = {
        "query": to_fts(query),
        "mark": marks[0],
        "unmark": marks[1],
        "limit": -1 if limit is None else limit,
        **filters.values,
    }
    return map(_to_hit, db.rows(sql, values))


def unindex_page(db: Connection, page_id: int) -> None:
    """Take a page out of the index; before its newest revision changes, for the index must be told its present text."""
    db.execute(
        "INSERT INTO articles_fts (articles_fts, rowid, headline, lead, body, authors)"
        " SELECT 'delete', id, headline, lead, body, authors FROM searchable WHERE id = ?",
        (page_id,),
    )


def index_page(db: Connection, page_id: int) -> None:
    """Put a page's newest revision into the index, if it is readable."""
    db.execute(
        "INSERT INTO articles_fts (rowid, headline, lead, body, authors)"
        " SELECT id, headline, lead, body, authors FROM searchable WHERE id = ?",
        (page_id,),
    )


def _to_hit(row: sqlite3.Row) -> SearchHit:
    return SearchHit(
        id=row["id"],
        revision=row["number"],
        url=row["url"],
        site=row["site"],
        headline=row["headline"],
        authors=tuple(json.loads(row["authors"])),
        published_at=row["published_at"],
        language=row["language"],
        word_count=row["word_count"],
        verdict=row["verdict"],
        snippet=row["excerpt"],
        score=-row["rank"],
    )
