"""Full-text search over the newest readable revision of each page.

Every readable article is in `articles_fts`. Those whose script needs more than spaces and accents are in
`articles_fts_folded`, too, and are found by what that says of them alone (`scraper.store.scripts`).
"""

from __future__ import annotations

import heapq
import json
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple, cast

from scraper.article import READABLE, Verdict
from scraper.store.connection import Connection
from scraper.store.expressions import (
    Every,
    Tree,
    Within,
    Words,
    expression,
    has_beginnings,
    needs_folded,
    without_inner,
)
from scraper.store.filters import Day, Filters
from scraper.store.hits import HIT_COLUMNS, SearchHit, to_hit
from scraper.store.query import Query, parse
from scraper.store.ranking import SAMPLE, Ranking
from scraper.store.scripts import fold, needs_folding
from scraper.store.snippets import Shown, beginning_of, excerpt_of

# Names of tables in statements are those of the two indexes, and conditions those of `Filters`.

RANKED = 10_000
"""At most so many hits are ranked by bm25, which takes 2 to 3 µs each; more are listed without a score."""

_SCANNED = 10 * RANKED
"""Up to so many articles with the words are looked through for those that pass the filters."""


class Candidate(NamedTuple):
    """A page that has the words: the index that says so, and how well it matches."""

    table: str
    page_id: int
    score: float | None


@dataclass(frozen=True, slots=True)
class _Index:
    """One of the two indexes, and the query as it understands it."""

    table: str
    words: str
    """What is to match."""
    filtered: str
    """The same, among the articles that pass the filters."""
    telling: str | None
    """What hits are ranked by: the words that tell one article from another; None if they are not to be ranked."""
    only: str
    """A condition that leaves out what the other index answers for."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is looked for: words, if any, in what passes the filters."""

    tree: Tree | None
    filters: Filters
    by_facets: bool = False
    """Whether what passes is better found by the index's words for it: without words, in a language."""


def search(
    db: Connection,
    query: str,
    *,
    site: str | None = None,
    since: Day | None = None,
    until: Day | None = None,
    language: str | None = None,
    limit: int | None = None,
    marks: tuple[str, str] = ("", ""),
    ranked: int = RANKED,
    sample: int = SAMPLE,
) -> Iterator[SearchHit]:
    """The best matches first. Raises QueryError.

    Up to `ranked` hits are ranked by bm25; beside other words, one that is in every fifth of the newest `sample` pages
    counts for nothing. When there are more, those with all of the query in their headline come
    first, then all others; either way the most recently archived page first.
    """
    asked = understand(query, site=site, since=since, until=until, language=language)
    if asked.tree is None:
        found = _newest(db, asked.filters)
    else:
        found = _matching(db, asked.tree, asked.filters, marks, ranked=ranked, sample=sample)
    return found if limit is None else _first(found, limit)


def understand(
    query: str | None,
    *,
    site: str | None = None,
    since: Day | None = None,
    until: Day | None = None,
    language: str | None = None,
    author: str | None = None,
    verdict: str | None = None,
) -> Asked:
    """A query and what is asked besides; None for what has no words. Raises QueryError.

    `author` is a name, or some of its words in a row.
    """
    asked = Query(None) if query is None else parse(query)
    tree, excluded = (None, None) if asked.tree is None else without_inner(asked.tree)
    if author is not None:
        name = Within("authors", Words(author))
        tree = name if tree is None else Every((name, tree))
    verdicts: tuple[Verdict, ...] | None
    verdicts = None if verdict is None else (cast(Verdict, verdict),)  # an unknown one is told of by the filters
    given = (asked.filters.get("verdict", ()) if verdicts is None else verdicts) or READABLE
    if tree is None and verdicts is None and given is READABLE:
        verdicts = READABLE  # without words nothing but the filter says that only what can be read is wanted
    filters = Filters.of(
        site=site,
        since=since,
        until=until,
        language=language,
        verdicts=verdicts,
        text=query if excluded is not None else None,
        typed=None if excluded is not None else asked.filters,
    )
    in_language = language is not None or bool(asked.filters.get("lang"))
    return Asked(tree, filters, by_facets=tree is None and in_language and set(given) <= set(READABLE))


def _first(hits: Iterator[SearchHit], limit: int) -> Iterator[SearchHit]:
    # Not islice: that would ask for one more.
    for _, hit in zip(range(limit), hits, strict=False):
        yield hit


def _newest(db: Connection, filters: Filters) -> Iterator[SearchHit]:
    # CROSS JOIN keeps revisions as the outer loop, which an index yields in this order, until there are enough.
    sql = (
        f"{HIT_COLUMNS} FROM revisions CROSS JOIN pages"
        " ON pages.id = revisions.page_id AND pages.newest_revision_id = revisions.id"
        f" WHERE pages.same_as IS NULL AND {filters.sql} ORDER BY revisions.sorted_at DESC, revisions.id DESC"
    )
    for row in db.rows(sql, filters.values):
        yield to_hit(row, Shown(row["headline"], beginning_of(row["body"])), None)


def _matching(
    db: Connection, tree: Tree, filters: Filters, marks: tuple[str, str], *, ranked: int, sample: int
) -> Iterator[SearchHit]:
    sql = (
        f"{HIT_COLUMNS} FROM pages JOIN revisions ON revisions.id = pages.newest_revision_id"
        f" WHERE pages.id = :page_id AND {filters.sql}"
    )
    show = excerpts(db, tree, marks)
    for found in candidates(db, Asked(tree, filters), ranked=ranked, sample=sample):
        row = db.row(sql, {**filters.values, "page_id": found.page_id})
        if row is not None:
            yield to_hit(row, show(found, row), found.score)


def candidates(db: Connection, asked: Asked, *, ranked: int = RANKED, sample: int = SAMPLE) -> Iterator[Candidate]:
    """The pages with the words, the best first; whether one passes the filters is still to be looked at."""
    assert asked.tree is not None  # noqa: S101 - without words there is nothing to look up
    indexes = _indexes(db, asked.tree, asked.filters, sample)
    if any(index.telling is None for index in indexes):
        return _in_order(db, indexes)
    matching = [_newest_ids(db, index, ranked + 1) for index in indexes]
    common = sum(map(len, matching)) > ranked
    return _in_order(db, indexes) if common else _ranked(db, indexes, matching)


def newest_with_facets(db: Connection, filters: Filters) -> Iterator[int]:
    """The pages of which the index says that they pass, the last archived first.

    Only of what can be read, and only where there are facets. Whether a page passes is still to be looked at.
    """
    words = " AND ".join(filters.facets)
    index = _Index("articles_fts", words, _without(words, filters), words, "")
    return (found.page_id for found in _by_age(db, index, False))


def excerpts(db: Connection, tree: Tree, marks: tuple[str, str]) -> Callable[[Candidate, Any], Shown]:
    """What says of a page, and its row with headline, lead, body and authors, what a hit shows of it."""
    # FTS5 would look up the words that begin so for every single hit.
    words = None if has_beginnings(tree) else expression(tree)

    def show(found: Candidate, row: Any) -> Shown:
        if words is not None and found.table == "articles_fts":
            return _excerpt_by_index(db, words, found.page_id, marks)
        return excerpt_of(tree, row, marks)

    return show


def _indexes(db: Connection, tree: Tree, filters: Filters, sample: int) -> list[_Index]:
    """Those that may know what is asked for."""
    folding = db.row("SELECT 1 FROM articles_fts_folded_docsize LIMIT 1") is not None
    indexes = []
    if not folding or not needs_folded(tree):
        only = " AND NOT EXISTS (SELECT 1 FROM articles_fts_folded_docsize WHERE id = articles_fts.rowid)"
        indexes.append(_index(db, "articles_fts", tree, filters, sample=sample, only=only if folding else ""))
    if folding:
        indexes.append(_index(db, "articles_fts_folded", tree, filters, sample=sample))
    return indexes


def _index(db: Connection, table: str, tree: Tree, filters: Filters, *, sample: int, only: str = "") -> _Index:
    folded = table == "articles_fts_folded"
    words = expression(tree, folded=folded)
    telling = Ranking(db, table, sample=sample, folded=folded).telling(tree)
    ranked_by = None if telling is None else expression(telling, folded=folded)
    return _Index(table, words, _filtered(words, filters), ranked_by, only)


def _filtered(words: str, filters: Filters) -> str:
    wanted = " AND ".join((f"({words})", *filters.facets)) if filters.facets else words
    return _without(wanted, filters)


def _without(wanted: str, filters: Filters) -> str:
    return f"({wanted}) NOT ({' OR '.join(filters.without_facets)})" if filters.without_facets else wanted


def _newest_ids(db: Connection, index: _Index, most: int) -> list[int]:
    """The pages that match, the newest of them when there are more than `most`."""
    sql = f"SELECT rowid FROM {index.table} WHERE {index.table} MATCH ?{index.only} ORDER BY rowid DESC LIMIT {most}"  # noqa: S608
    return [row[0] for row in db.rows(sql, (index.filtered,))]


def _ranked(db: Connection, indexes: list[_Index], matching: list[list[int]]) -> Iterator[Candidate]:
    """The best first."""
    found = (
        _by_rank(db, index, None if index.telling == index.filtered else ids)
        for index, ids in zip(indexes, matching, strict=True)
    )
    return heapq.merge(*found, key=lambda hit: -(hit.score or 0))


def _by_rank(db: Connection, index: _Index, ids: list[int] | None) -> Iterator[Candidate]:
    sql = f"SELECT rowid, rank FROM {index.table} WHERE {index.table} MATCH ?{index.only} ORDER BY rank"  # noqa: S608
    values: tuple[Any, ...] = (index.filtered,)
    if ids is not None:
        if not ids:
            return
        # bm25 counts the articles of each word, also of a month or a language: where the telling words are not in too
        # many, hits are ranked by those alone.
        scanned = db.row(
            f"SELECT count(*) FROM (SELECT 1 FROM {index.table} WHERE {index.table} MATCH ?"  # noqa: S608
            f" AND rowid BETWEEN ? AND ? LIMIT {_SCANNED})",
            (index.telling, ids[-1], ids[0]),
        )
        if scanned is not None and scanned[0] < _SCANNED:
            sql = (
                f"SELECT rowid, bm25({index.table}, 10.0, 4.0, 1.0, 4.0, 0.0) AS score FROM {index.table}"  # noqa: S608
                f" WHERE {index.table} MATCH ? AND rowid BETWEEN ? AND ?"
                " AND +rowid IN (SELECT value FROM json_each(?)) ORDER BY score"
            )
            values = (index.telling, ids[-1], ids[0], json.dumps(ids))
    for page_id, rank in db.rows(sql, values):
        yield Candidate(index.table, page_id, -rank)


def _in_order(db: Connection, indexes: list[_Index]) -> Iterator[Candidate]:
    """What matches in the headline, then what does elsewhere, each with the newest page first."""
    first: set[tuple[str, int]] = set()
    for in_headline in (True, False):
        for hit in heapq.merge(*(_by_age(db, index, in_headline) for index in indexes), key=lambda hit: -hit.page_id):
            if in_headline:
                first.add(hit[:2])
            if in_headline or hit[:2] not in first:
                yield hit


def _by_age(db: Connection, index: _Index, in_headline: bool) -> Iterator[Candidate]:
    sql = f"SELECT rowid FROM {index.table} WHERE {index.table} MATCH ?{index.only} ORDER BY rowid DESC"  # noqa: S608
    match = f"({index.filtered}) AND (headline : ({index.words}))" if in_headline else index.filtered
    for (page_id,) in db.rows(sql, (match,)):
        yield Candidate(index.table, page_id, None)


def _is_folded(db: Connection, page_id: int) -> bool:
    return db.row("SELECT 1 FROM articles_fts_folded_docsize WHERE id = ?", (page_id,)) is not None


def _excerpt_by_index(db: Connection, words: str, page_id: int, marks: tuple[str, str]) -> Shown:
    row = db.row(
        "SELECT highlight(articles_fts, 0, :mark, :unmark) AS headline,"
        " snippet(articles_fts, -1, :mark, :unmark, '…', 24) AS excerpt"
        " FROM articles_fts WHERE articles_fts MATCH :words AND rowid = :page_id",
        {"mark": marks[0], "unmark": marks[1], "words": words, "page_id": page_id},
    )
    return Shown(None, "") if row is None else Shown(row["headline"], " ".join(row["excerpt"].split()))


# --- Indexing ------------------------------------------------------------------------------------------------------


def unindex_page(db: Connection, page_id: int) -> None:
    """Take a page out of the index; before its newest revision changes, for the index must be told its present text."""
    row = _searchable(db.sql, page_id)
    if row is None:
        return
    db.execute(
        "INSERT INTO articles_fts (articles_fts, rowid, headline, lead, body, authors, facets)"
        " VALUES ('delete', ?, ?, ?, ?, ?, ?)",
        row,
    )
    if _is_folded(db, page_id):
        db.execute(
            "INSERT INTO articles_fts_folded (articles_fts_folded, rowid, headline, lead, body, authors, facets)"
            " VALUES ('delete', ?, ?, ?, ?, ?, ?)",
            _folded(row),
        )


def index_page(db: Connection, page_id: int) -> None:
    """Put a page's newest revision into the index, if it is readable."""
    row = _searchable(db.sql, page_id)
    if row is None:
        return
    db.execute("INSERT INTO articles_fts (rowid, headline, lead, body, authors, facets) VALUES (?, ?, ?, ?, ?, ?)", row)
    _index_folded(db.sql, row)


def fill_folded(sql: sqlite3.Connection) -> None:
    """Put what is searchable already into the folded index, which is empty."""
    for (page_id,) in sql.execute("SELECT id FROM searchable").fetchall():
        row = _searchable(sql, page_id)
        if row is not None:
            _index_folded(sql, row)


def _searchable(sql: sqlite3.Connection, page_id: int) -> tuple[Any, ...] | None:
    row = sql.execute(
        "SELECT id, headline, lead, body, authors, facets FROM searchable WHERE id = ?", (page_id,)
    ).fetchone()
    return None if row is None else tuple(row)


def _index_folded(sql: sqlite3.Connection, row: tuple[Any, ...]) -> None:
    if any(text and needs_folding(text) for text in row[1:5]):
        sql.execute(
            "INSERT INTO articles_fts_folded (rowid, headline, lead, body, authors, facets) VALUES (?, ?, ?, ?, ?, ?)",
            _folded(row),
        )


def _folded(row: tuple[Any, ...]) -> tuple[Any, ...]:
    # The index must be told the same again to forget it: a change in `fold` needs a migration that fills it anew.
    page_id, *texts, facets = row
    return (page_id, *(text and fold(text) for text in texts), facets)
