"""Articles out of the archive."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterator
from typing import Literal

from scraper.article import Article, CaptureRef, ImportedFrom, Link, Provenance, Verdict
from scraper.errors import NotInArchive
from scraper.store.connection import Connection
from scraper.store.filters import Filters
from scraper.store.pages import find_page
from scraper.store.presence import shows_home
from scraper.store.values import from_utc_text

Order = Literal["published", "archived"]

# The columns of the view `articles`, for any revision and not only the newest.
_ARTICLE = """
    SELECT revisions.page_id AS id, number AS revision, revisions.url, canonical_url, revisions.site, headline, authors,
        published_at, revisions.modified_at, lead, body, body_html, language, section, tags, image, word_count,
        revisions.page_type, revisions.verdict, revisions.verdict_reason, provenance, revisions.extractor,
        captures.id AS capture_id, captures.fetched_at, captures.status, captures.final_url, captures.sha256,
        captures.size, (SELECT sha256 FROM renderings WHERE capture_id = captures.id) AS rendered_sha256,
        import_record, imports.source AS import_source, imports.started_at AS imported_at,
        (
            SELECT json_group_array(json_array(link.url, link.text, link.kind))
            FROM (SELECT url, text, kind FROM links WHERE revision_id = revisions.id ORDER BY position) AS link
        ) AS links
    FROM revisions
    JOIN pages ON pages.id = revisions.page_id
    JOIN captures ON captures.id = revisions.capture_id
    LEFT JOIN imports ON imports.id = captures.import_id
"""

# Both are orders of an index, so that the first rows of a large archive come at once.
_ORDERS: dict[Order, str] = {
    "published": "revisions.sorted_at DESC, revisions.id DESC",
    "archived": "revisions.id DESC",
}


def list_articles(db: Connection, filters: Filters, *, order: Order, limit: int | None) -> Iterator[Article]:
    """The newest revision of each page that passes `filters` and is not the same as another, newest first."""
    sql = (
        f"{_ARTICLE} WHERE revisions.id = pages.newest_revision_id AND pages.same_as IS NULL AND {filters.sql}"
        f" ORDER BY {_ORDERS[order]} LIMIT :limit"
    )
    return map(to_article, db.rows(sql, {**filters.values, "limit": -1 if limit is None else limit}))


def list_all_revisions(
    db: Connection, filters: Filters, *, verdicts: Collection[Verdict] | None, order: Order, limit: int | None
) -> Iterator[Article]:
    """Of each page that `list_articles` yields, every revision with one of `verdicts` (None: any), oldest first."""
    # The text is put together from constants of this package; see `Filters`.
    sql = (
        "SELECT pages.id FROM pages JOIN revisions ON revisions.id = pages.newest_revision_id"  # noqa: S608
        f" WHERE pages.same_as IS NULL AND {filters.sql} ORDER BY {_ORDERS[order]} LIMIT :limit"
    )
    for page in db.rows(sql, {**filters.values, "limit": -1 if limit is None else limit}):
        for article in list_revisions(db, page["id"]):
            if verdicts is None or article.verdict in verdicts:
                yield article


def read_article(db: Connection, id_or_url: int | str) -> Article:
    """The newest revision of a page. Raises NotInArchive, also for a page that was fetched but never read."""
    page_id = find_page(db, id_or_url)
    row = db.row(f"{_ARTICLE} WHERE pages.id = ? AND revisions.id = pages.newest_revision_id", (page_id,))
    if row is None:
        raise _never_read(db, page_id)
    return to_article(row)


def read_revision(db: Connection, page_id: int, number: int) -> Article:
    """One revision of a page, by its number, whether it was superseded or not. Raises NotInArchive."""
    row = db.row(f"{_ARTICLE} WHERE revisions.page_id = ? AND number = ?", (page_id, number))
    if row is None:
        raise NotInArchive(
            f"Article {page_id} has no revision {number}",
            next_step=f"`scrape history {page_id}` says what each of its revisions changed",
        )
    return to_article(row)


def list_revisions(db: Connection, id_or_url: int | str, *, superseded: bool = False) -> Iterator[Article]:
    """Every revision of a page, in the order in which they were seen. Raises NotInArchive.

    With `superseded` also those in whose place a later extractor put another reading.
    """
    page_id = find_page(db, id_or_url)
    rows = db.rows(
        f"{_ARTICLE} WHERE pages.id = ? AND (revisions.superseded_by IS NULL OR ?)"
        " ORDER BY revisions.first_seen_at, number",
        (page_id, superseded),
    )
    return map(to_article, rows)


def _imported(row: sqlite3.Row) -> ImportedFrom | None:
    if row["import_source"] is None:
        return None
    return ImportedFrom(
        source=row["import_source"],
        record=row["import_record"] or "",
        imported_at=from_utc_text(row["imported_at"]),
    )


def to_article(row: sqlite3.Row) -> Article:
    """The article of a row that has the columns above."""
    return Article(
        url=row["url"],
        canonical_url=row["canonical_url"],
        site=row["site"],
        headline=row["headline"],
        authors=tuple(json.loads(row["authors"])),
        published_at=row["published_at"],
        modified_at=row["modified_at"],
        lead=row["lead"],
        body=row["body"],
        body_html=row["body_html"],
        language=row["language"],
        section=row["section"],
        tags=tuple(json.loads(row["tags"])),
        image=row["image"],
        links=tuple(Link(*link) for link in json.loads(row["links"])),
        word_count=row["word_count"],
        page_type=row["page_type"],
        verdict=row["verdict"],
        verdict_reason=row["verdict_reason"],
        provenance={name: Provenance(**value) for name, value in json.loads(row["provenance"]).items()},
        extractor=row["extractor"],
        id=row["id"],
        revision=row["revision"],
        capture=CaptureRef(
            id=row["capture_id"],
            fetched_at=from_utc_text(row["fetched_at"]),
            status=row["status"],
            final_url=row["final_url"],
            sha256=row["sha256"],
            size=row["size"],
            rendered_sha256=row["rendered_sha256"],
            imported=_imported(row),
        ),
    )


def _never_read(db: Connection, page_id: int) -> NotInArchive:
    last = db.row(
        "SELECT url, final_url, status, requests, error, error_message, extraction_error, extracted_at FROM captures"
        " WHERE page_id = ?"
        " ORDER BY fetched_at DESC, id DESC LIMIT 1",
        (page_id,),
    )
    if last is None:
        return NotInArchive(f"No capture of page {page_id} in {db.path}")
    if last["error"] is not None:
        why = f"its last capture failed: {last['error_message'] or last['error']}"
    elif (last["status"] or 0) >= 400:
        why = f"the server answered with status {last['status']}"
    elif shows_home(last):
        why = f"it leads to {last['final_url']} instead of a page of its own"
    elif last["extraction_error"] is not None:
        why = f"reading it failed: {last['extraction_error']}"
    else:
        why = "its captures were not read yet"
    return NotInArchive(
        f"There is no article of {last['url']} in {db.path}", why=why, next_step=f"try again: scrape url {last['url']}"
    )
