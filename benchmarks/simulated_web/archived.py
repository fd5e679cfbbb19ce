"""What an archive holds of the simulated web, read with plain SQL as anybody would."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Shown:
    """A row of the view `articles`."""

    page_id: int
    url: str
    """pages.url"""
    verdict: str
    headline: str
    body: str
    same_as: int | None
    gone_at: str | None


@dataclass(frozen=True, slots=True)
class Revision:
    page_id: int
    number: int
    seen_at: datetime
    verdict: str
    headline: str
    authors: str
    body: str
    is_edit: bool
    """Whether the page said something else, and not only a later extractor."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A row of `frontier`."""

    url: str
    state: str
    reason: str


@dataclass(slots=True)
class Archived:
    """An archive, in memory."""

    shown: list[Shown] = field(default_factory=list)
    revisions: list[Revision] = field(default_factory=list)
    frontier: list[Waiting] = field(default_factory=list)
    page_of: dict[int, str] = field(default_factory=dict)
    """pages.id to pages.url."""
    gone: set[int] = field(default_factory=set)
    first_read: dict[int, datetime] = field(default_factory=dict)
    """When a page was first fetched and read, by pages.id."""
    captures: dict[int, list[str]] = field(default_factory=lambda: defaultdict(list))
    """What came of each fetch, in words, by pages.id."""


def read_archive(path: Path) -> Archived:
    """Raises sqlite3.Error for what is no archive."""
    out = Archived()
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
        for page_id, url, gone_at in db.execute("SELECT id, url, gone_at FROM pages"):
            out.page_of[page_id] = url
            if gone_at:
                out.gone.add(page_id)
        rows = db.execute(
            """
            SELECT articles.id, pages.url, verdict, coalesce(headline, ''), coalesce(body, ''), same_as, gone_at
            FROM articles JOIN pages ON pages.id = articles.id
            """
        )
        out.shown = [Shown(*row) for row in rows]
        rows = db.execute(
            """
            SELECT page_id, number, first_seen_at, verdict, coalesce(headline, ''), authors, coalesce(body, ''),
                cause = 'page' FROM revisions ORDER BY page_id, number
            """
        )
        out.revisions = [
            Revision(page, number, _time(seen), verdict, headline, authors, body, bool(is_edit))
            for page, number, seen, verdict, headline, authors, body, is_edit in rows
        ]
        rows = db.execute("SELECT page_id, fetched_at, status, error, verdict, revision FROM captures ORDER BY id")
        for page_id, fetched_at, status, error, verdict, revision in rows:
            out.captures[page_id].append(f"{error or status} {verdict or 'unread'}")
            if revision is not None and verdict in ("ok", "paywall"):
                out.first_read.setdefault(page_id, _time(fetched_at))
        rows = db.execute("SELECT url, state, coalesce(reason, '') FROM frontier")
        out.frontier = [Waiting(*row) for row in rows]
    return out


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))
