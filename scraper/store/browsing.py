"""What a reading room asks of an archive: little at a time, by an index or of a bounded number of rows.

Every method reads all it wants at once, so that no statement stays open: what stays open keeps SQLite from merging its
write-ahead log.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice
from typing import Any

from scraper.article import READABLE, Article, Verdict
from scraper.store.connection import Connection
from scraper.store.hits import HIT_COLUMNS, SearchHit, to_hit
from scraper.store.reading import read_revision
from scraper.store.search import (
    Asked,
    Candidate,
    candidates,
    excerpts,
    newest_with_facets,
    understand,
)
from scraper.store.snippets import Shown, beginning_of
from scraper.urls import canonical

_STEPS = 20_000
"""Instructions of SQLite's machine between two looks at the clock: a millisecond, about."""

_MOST_TEXTS = 1_000
_RECENT = 400
"""Rows that are looked through for the newest articles: between them may be pages that are none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """An article in a list."""

    id: int
    revision: int
    headline: str | None
    site: str
    language: str | None
    published_at: str | None
    first_seen_at: str
    """When its newest text was captured first (UTC, ISO 8601)."""
    verdict: Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class DayCount:
    """How many texts of a site are of a day."""

    day: str
    site: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TextSeen:
    """A revision of a page, without its text."""

    number: int
    first_seen_at: str
    headline: str | None
    language: str | None
    published_at: str | None
    word_count: int
    verdict: Verdict
    capture_id: int
    extractor: str
    superseded: bool
    """Whether another reading of the same capture stands in its place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureSeen:
    """A capture of a page, in a line."""

    id: int
    fetched_at: str
    status: int | None
    error: str | None
    verdict: Verdict | None
    revision: int | None
    imported: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TextEdit:
    """What differs between a text and the one before it: a row of the view `changes`."""

    from_revision: int
    to_revision: int
    edited: tuple[str, ...]
    """Of headline, authors, published_at, body."""
    words_before: int
    words_after: int
    correction: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A page that was found, with what it may be counted by."""

    candidate: Candidate
    site: str
    published_at: str | None
    language: str | None
    authors: tuple[str, ...]
    verdict: Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Matches:
    """What a search found, in its order."""

    asked: Asked
    found: tuple[Match, ...]
    more: bool
    """Whether there is more than was wanted."""


class Browsing:
    """A part of `Archive`; see `Archive.browsing`. Its methods raise ArchiveError, and TookTooLong."""

    def __init__(self, db: Connection) -> None:
        self._db = db

    @contextmanager
    def time_limit(self, seconds: float) -> Iterator[None]:
        """Whatever is asked of the archive in the block raises TookTooLong when the time is over."""
        deadline = time.monotonic() + seconds
        self._db.sql.set_progress_handler(lambda: int(time.monotonic() > deadline), _STEPS)
        try:
            yield
        finally:
            self._db.sql.set_progress_handler(None, 0)

    # --- Lists -------------------------------------------------------------------------------------------------------

    def newest(self, limit: int) -> list[Listed]:
        """The articles whose newest text came last, the last one first; none that are the same as another."""
        rows = self._db.rows(
            "SELECT pages.id, latest.number AS revision, headline, latest.site, language, published_at,"
            " latest.first_seen_at, verdict"
            " FROM (SELECT id, page_id, number, headline, site, language, published_at, first_seen_at, verdict"
            "  FROM revisions ORDER BY id DESC LIMIT ?) AS latest"
            " CROSS JOIN pages ON pages.id = latest.page_id AND pages.newest_revision_id = latest.id"
            " WHERE pages.same_as IS NULL AND verdict IN ('ok', 'paywall') LIMIT ?",
            (max(limit, _RECENT), limit),
        )
        return [Listed(**row) for row in rows]

    def days(self, *, until: date, days: int) -> list[DayCount]:
        """Readable texts by day and site, of the `days` days up to the newest that is not after `until`; by day.

        A day is that of publication, as the page states it, moved to UTC; of a page that states none, or one to come,
        that of its first capture. An edited article counts once for each of its texts. Of the first few hundred sites,
        by name.
        """
        beyond = (until + timedelta(days=1)).isoformat()
        newest = self._db.row(
            "SELECT max((SELECT max(sorted_at) FROM revisions WHERE verdict = value AND sorted_at < ?)) AS last"
            " FROM json_each(?)",
            (beyond, json.dumps(READABLE)),
        )
        if newest is None or newest["last"] is None:
            return []
        last = date.fromisoformat(newest["last"][:10])
        wanted = [(last - timedelta(days=back)).isoformat() for back in reversed(range(days))]
        numbers = Counter(
            {(row["day"], row["site"]): row["number"] for row in self._db.rows(_ALL_TEXTS, (json.dumps(wanted),))}
        )
        window = (wanted[0], (last + timedelta(days=1)).isoformat())
        numbers.subtract((row["day"], row["site"]) for row in self._db.rows(_NO_TEXTS, window))
        return [DayCount(day=day, site=site, number=n) for (day, site), n in sorted(numbers.items()) if n > 0]

    # --- A page ------------------------------------------------------------------------------------------------------

    def article(self, page_id: int, revision: int) -> Article:
        """One revision of a page. Raises NotInArchive."""
        return read_revision(self._db, page_id, revision)

    def texts(self, page_id: int) -> list[TextSeen]:
        """The revisions of a page in the order in which they were seen, the last thousand."""
        rows = self._db.rows(
            "SELECT number, first_seen_at, headline, language, published_at, word_count, verdict, capture_id,"
            " extractor, superseded_by IS NOT NULL AS superseded FROM revisions WHERE page_id = ?"
            " ORDER BY first_seen_at DESC, number DESC LIMIT ?",
            (page_id, _MOST_TEXTS),
        )
        return [TextSeen(**{**dict(row), "superseded": bool(row["superseded"])}) for row in rows][::-1]

    def captures(self, page_id: int, *, limit: int) -> list[CaptureSeen]:
        """The last captures of a page, failures too, the newest first."""
        rows = self._db.rows(
            "SELECT id, fetched_at, status, error, verdict, revision, import_id IS NOT NULL AS imported FROM captures"
            " WHERE page_id = ? ORDER BY fetched_at DESC, id DESC LIMIT ?",
            (page_id, limit),
        )
        return [CaptureSeen(**{**dict(row), "imported": bool(row["imported"])}) for row in rows]

    def edits(self, page_id: int) -> list[TextEdit]:
        """What each text of a page changed, in the order of time."""
        # The condition stands bare: behind an OR no index would be used.
        rows = self._db.rows(
            "SELECT from_revision, to_revision, words_before, words_after, correction,"
            " headline_changed, authors_changed, published_changed, body_changed"
            " FROM changes WHERE page_id = ? ORDER BY seen_at, to_revision",
            (page_id,),
        )
        return [_edit(row) for row in rows]

    def known(self, urls: Sequence[str]) -> dict[str, int]:
        """The pages with a text that these addresses lead to, by address: one that is the same as another is that."""
        forms = {url: canonical(url) for url in dict.fromkeys(urls)}
        rows = self._db.rows(
            "SELECT value AS url, coalesce(same_as, pages.id) AS id FROM json_each(?1)"
            " CROSS JOIN pages ON pages.url = value WHERE newest_revision_id IS NOT NULL"
            " UNION ALL SELECT value, coalesce(same_as, pages.id) FROM json_each(?1)"
            " CROSS JOIN page_urls ON page_urls.url = value CROSS JOIN pages ON pages.id = page_id"
            " WHERE newest_revision_id IS NOT NULL",
            (json.dumps(sorted(set(forms.values()))),),
        )
        found: dict[str, int] = {}
        for row in rows:
            found.setdefault(row["url"], row["id"])
        return {url: found[form] for url, form in forms.items() if form in found}

    # --- Search ------------------------------------------------------------------------------------------------------

    def search(
        self,
        query: str | None,
        *,
        site: str | None = None,
        since: str | None = None,
        until: str | None = None,
        language: str | None = None,
        author: str | None = None,
        verdict: str | None = None,
        most: int = 1_000,
    ) -> Matches:
        """The first `most` pages that `Archive.search` would find; without a query, the newest that pass.

        `author` is a name, or some of its words in a row. Raises QueryError.
        """
        asked = understand(
            query, site=site, since=since, until=until, language=language, author=author, verdict=verdict
        )
        if asked.by_facets:
            found = _by_facets(self._db, asked, most)
        else:
            found = _without_words(self._db, asked) if asked.tree is None else _with_words(self._db, asked)
        first = tuple(islice(found, most + 1))
        return Matches(asked=asked, found=first[:most], more=len(first) > most)

    def hits(self, matches: Matches, start: int, end: int, *, marks: tuple[str, str]) -> list[SearchHit]:
        """Some of what was found, with headlines and excerpts, the words between marks."""
        asked = matches.asked
        show = None if asked.tree is None else excerpts(self._db, asked.tree, marks)
        hits = []
        for match in matches.found[start:end]:
            row = self._db.row(
                f"{HIT_COLUMNS} FROM pages JOIN revisions ON revisions.id = pages.newest_revision_id"
                " WHERE pages.id = ?",
                (match.candidate.page_id,),
            )
            if row is not None:
                shown = show(match.candidate, row) if show else Shown(row["headline"], beginning_of(row["body"]))
                hits.append(to_hit(row, shown, match.candidate.score))
        return hits


# In an index alone, which is of site and day: a site at a time, and of each site the days wanted, which are counted
# without a look at any of their rows.
_ALL_TEXTS = """
    WITH RECURSIVE sites (site, n) AS (
        SELECT min(site), 1 FROM revisions
        UNION ALL
        SELECT (SELECT min(site) FROM revisions WHERE revisions.site > sites.site), n + 1 FROM sites
        WHERE site IS NOT NULL AND n < 400
    )
    SELECT day.value AS day, sites.site AS site, (
        SELECT count(*) FROM revisions INDEXED BY revisions_site
        WHERE revisions.site = sites.site AND sorted_at >= day.value AND sorted_at < date(day.value, '+1 day')
    ) AS number
    FROM sites CROSS JOIN json_each(?) AS day WHERE sites.site IS NOT NULL
"""
# Those among them that are no text to read are few.
_NO_TEXTS = """
    SELECT substr(sorted_at, 1, 10) AS day, site FROM revisions INDEXED BY revisions_verdict
    WHERE verdict IN ('consent', 'blocked', 'empty', 'not_article')
        AND sorted_at >= ?1 AND sorted_at < ?2 LIMIT 5000
"""

_COUNTED = "revisions.site, revisions.published_at, revisions.language, revisions.authors, revisions.verdict"


def _without_words(db: Connection, asked: Asked) -> Iterator[Match]:
    rows = db.rows(
        f"SELECT pages.id, {_COUNTED} FROM revisions CROSS JOIN pages"  # noqa: S608 - names, and conditions of `Filters`
        " ON pages.id = revisions.page_id AND pages.newest_revision_id = revisions.id"
        f" WHERE pages.same_as IS NULL AND {asked.filters.sql} ORDER BY revisions.sorted_at DESC, revisions.id DESC",
        asked.filters.values,
    )
    return (_match(Candidate("", row["id"], None), row) for row in rows)


def _by_facets(db: Connection, asked: Asked, most: int) -> Iterator[Match]:
    """The same where no index of the table helps: of more than `most`, the last archived, not the last published."""
    sql = (
        f"SELECT {_COUNTED}, revisions.sorted_at, revisions.id AS revision_id FROM pages"  # noqa: S608 - as above
        f" JOIN revisions ON revisions.id = pages.newest_revision_id WHERE pages.id = :page_id AND {asked.filters.sql}"
    )
    found: list[tuple[tuple[str, int], Match]] = []
    for page_id in newest_with_facets(db, asked.filters):
        row = db.row(sql, {**asked.filters.values, "page_id": page_id})
        if row is not None:
            found.append(((row["sorted_at"], row["revision_id"]), _match(Candidate("", page_id, None), row)))
        if len(found) > most:
            break
    return (match for _, match in sorted(found, key=lambda item: item[0], reverse=True))


def _with_words(db: Connection, asked: Asked) -> Iterator[Match]:
    sql = (
        f"SELECT {_COUNTED} FROM pages JOIN revisions ON revisions.id = pages.newest_revision_id"  # noqa: S608 - as above
        f" WHERE pages.id = :page_id AND {asked.filters.sql}"
    )
    for candidate in candidates(db, asked):
        row = db.row(sql, {**asked.filters.values, "page_id": candidate.page_id})
        if row is not None:
            yield _match(candidate, row)


def _match(candidate: Candidate, row: Any) -> Match:
    return Match(
        candidate=candidate,
        site=row["site"],
        published_at=row["published_at"],
        language=row["language"],
        authors=tuple(json.loads(row["authors"])),
        verdict=row["verdict"],
    )


def _edit(row: Any) -> TextEdit:
    flags = {"headline": "headline", "authors": "authors", "published": "published_at", "body": "body"}
    return TextEdit(
        from_revision=row["from_revision"],
        to_revision=row["to_revision"],
        edited=tuple(name for flag, name in flags.items() if row[f"{flag}_changed"]),
        words_before=row["words_before"],
        words_after=row["words_after"],
        correction=row["correction"],
    )
