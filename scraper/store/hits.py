"""What a search shows of an article."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass

from scraper.article import Verdict
from scraper.store.snippets import Shown

HIT_COLUMNS = """
    SELECT pages.id, revisions.number, revisions.url, revisions.site, revisions.headline, revisions.authors,
        revisions.published_at, revisions.language, revisions.word_count, revisions.verdict, revisions.lead,
        revisions.body
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
    headline_marked: str | None
    """The headline, the matches between marks."""
    snippet: str
    """Some 24 words around the best match, the matches between marks, `…` where text was left out."""
    score: float | None
    """How well it matches (bm25; the headline counts most); higher is better, comparable within one search only.

    None when so many articles match that they are listed otherwise, and when the query holds filters only.
    """


def to_hit(row: sqlite3.Row, shown: Shown, score: float | None) -> SearchHit:
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
        headline_marked=shown.headline,
        snippet=shown.snippet,
        score=score,
    )
