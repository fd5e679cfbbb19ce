"""Reading captures again with a later extractor: what it finds takes the place of what an earlier one found.

Nothing is lost by it. A text that was read otherwise is another revision, whose `cause` is `extractor`; the one before
stays, `superseded_by` it, once no capture shows it any more. What is shown as the page's history is what is not
superseded: one extractor's view of all captures, in which only the page's own edits appear.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from scraper.article import READABLE, Article
from scraper.store.connection import Connection
from scraper.store.filters import Day, as_day
from scraper.store.identity import note_named, settle
from scraper.store.revisions import (
    Revision,
    capture_to_read,
    content_of,
    insert_revision,
    make_newest,
    note_reading,
    says_the_same,
    shows_page,
    to_row,
)

FIELDS = (
    *("headline", "authors", "published_at", "modified_at", "lead", "body", "body_html", "language", "section", "tags"),
    *("image", "canonical_url", "page_type", "verdict", "links"),
)
"""What is compared, in the order in which it is told."""
_EDITED = ("headline", "authors", "published_at", "body")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reread:
    """What reading one capture again came to."""

    capture: int
    id: int
    """The page's."""
    url: str
    changed: Mapping[str, tuple[Any, Any]]
    """Field to its values before and after; empty when all stays as it was. Lists as lists."""
    revision: int | None
    """The one that the capture shows now; None when it shows no article."""

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        values = {field: {"before": before, "after": after} for field, (before, after) in self.changed.items()}
        return {
            "id": self.id,
            "capture": self.capture,
            "url": self.url,
            "revision": self.revision,
            "fields": list(self.changed),
            "changed": values,
        }


def captures_to_reread(
    db: Connection, *, site: str | None, since: Day | None, until: Day | None, read_before: str
) -> Iterator[int]:
    """Ids of the captures that were read and can be read again, page by page, oldest first.

    `since` and `until` are days on which they were captured. `read_before` leaves out those that were read since then.
    """
    sql = [
        "error IS NULL AND status < 400 AND extracted_at < :read_before",
        "EXISTS (SELECT 1 FROM blobs WHERE blobs.sha256 = captures.sha256 AND content IS NOT NULL)",
    ]
    values: dict[str, Any] = {"read_before": read_before}
    if site is not None:
        sql.append("pages.site = :site")
        values["site"] = site.strip().lower().removeprefix("www.")
    if since is not None:
        sql.append("fetched_at >= :since")
        values["since"] = as_day(since, "since")
    if until is not None:
        sql.append("substr(fetched_at, 1, length(:until)) <= :until")
        values["until"] = as_day(until, "until")
    # Put together from this function's own constants.
    rows = db.rows(
        f"SELECT captures.id FROM captures JOIN pages ON pages.id = page_id WHERE {' AND '.join(sql)}"  # noqa: S608
        " ORDER BY page_id, fetched_at, captures.id",
        values,
    )
    return (row["id"] for row in rows)


def compare_reading(db: Connection, capture_id: int, article: Article) -> Reread:
    """What `store_reading` would change; nothing is written. Raises NotInArchive."""
    capture = capture_to_read(db, capture_id)
    shown = _shown(db, capture)
    changed = _changes(db, capture, shown, article)
    return _reread(capture, changed, capture["revision"])


def store_reading(db: Connection, capture_id: int, article: Article) -> Reread:
    """Store what a later extractor read from a capture that was read before; call inside a transaction.

    Captures of a page are to be given oldest first. Raises NotInArchive.
    """
    capture = capture_to_read(db, capture_id)
    shown = _shown(db, capture)
    changed = _changes(db, capture, shown, article)
    number = _place(db, capture, shown, article, changed)
    note_reading(db, capture_id, article, number)
    if changed:
        _supersede(db, capture["page_id"])
        _choose_newest(db, capture["page_id"])
        if number is not None and capture["fetched_at"] >= capture["last_seen_at"]:
            note_named(db, capture["page_id"], capture["page_url"], article)
        settle(db, capture["page_id"])
    return _reread(capture, changed, number)


def outdated_readings(db: Connection, capture_id: int, extractor: str) -> list[int]:
    """The page's other captures whose text another extractor read, oldest first.

    Their texts and that of the new capture cannot be compared before they are read again. Those whose body is gone are
    left out.
    """
    rows = db.rows(
        "SELECT captures.id FROM captures JOIN blobs ON blobs.sha256 = captures.sha256"
        " WHERE page_id = (SELECT page_id FROM captures WHERE id = ?1) AND captures.id <> ?1"
        " AND revision IS NOT NULL AND extractor <> ?2 AND blobs.content IS NOT NULL ORDER BY fetched_at, captures.id",
        (capture_id, extractor),
    )
    return [row["id"] for row in rows]


def _shown(db: Connection, capture: sqlite3.Row) -> sqlite3.Row | None:
    """The revision that the capture shows until now."""
    return db.row("SELECT * FROM revisions WHERE page_id = ? AND number = ?", (capture["page_id"], capture["revision"]))


def _changes(
    db: Connection, capture: sqlite3.Row, shown: sqlite3.Row | None, article: Article
) -> dict[str, tuple[Any, Any]]:
    """The fields in which this reading differs from what the capture shows until now."""
    if shown is None and not shows_page(capture):
        return {}
    now = _values(to_row(article, page_url=capture["page_url"], site=capture["site"]))
    now["links"] = [[link.url, link.text, link.kind] for link in article.links]
    if shown is None:
        if article.verdict not in READABLE and capture["verdict"] == article.verdict:
            return {}
        was = dict.fromkeys(FIELDS) | {"verdict": capture["verdict"], "page_type": capture["page_type"]}
    else:
        was = _values(shown)
        links = db.rows("SELECT url, text, kind FROM links WHERE revision_id = ? ORDER BY position", (shown["id"],))
        was["links"] = [list(link) for link in links]
        # What is no edit may differ between the captures that show one text: only of the one it was read from is it
        # kept, and can be compared.
        if shown["capture_id"] != capture["id"] and says_the_same(db, Revision.of(shown), article, content_of(article)):
            return {}
    return {field: (was[field], now[field]) for field in FIELDS if was[field] != now[field]}


def _values(row: Mapping[str, Any] | sqlite3.Row) -> dict[str, Any]:
    values = {field: row[field] for field in FIELDS if field != "links"}
    return values | {name: json.loads(values[name]) for name in ("authors", "tags")}


def _place(
    db: Connection,
    capture: sqlite3.Row,
    shown: sqlite3.Row | None,
    article: Article,
    changed: dict[str, tuple[Any, Any]],
) -> int | None:
    """The number of the revision that the capture shows from now on, made if there is none."""
    readable = article.verdict in READABLE
    if not changed:
        return None if shown is None else int(shown["number"])
    if not readable and shown is None and _has_text(db, capture["page_id"]):
        return None
    before = _shown_before(db, capture) if readable else None
    if before is not None and says_the_same(db, Revision.of(before), article, content_of(article)):
        return int(before["number"])
    number = insert_revision(db, capture, article, content_of(article), cause="extractor").number
    if shown is not None and shown["capture_id"] == capture["id"] and not set(changed) & set(_EDITED):
        # The text is the same, and so are the other captures that show it.
        db.execute(
            "UPDATE captures SET revision = ? WHERE page_id = ? AND revision = ?",
            (number, capture["page_id"], shown["number"]),
        )
    return number


def _has_text(db: Connection, page_id: int) -> bool:
    """True when the page has any revision; one that has none keeps its label as one."""
    return db.row("SELECT 1 FROM revisions WHERE page_id = ? LIMIT 1", (page_id,)) is not None


def _shown_before(db: Connection, capture: sqlite3.Row) -> sqlite3.Row | None:
    """The revision that the page's capture before this one shows."""
    return db.row(
        "SELECT revisions.* FROM captures JOIN revisions"
        " ON revisions.page_id = captures.page_id AND revisions.number = captures.revision"
        " WHERE captures.page_id = ?1 AND (captures.fetched_at, captures.id) < (?2, ?3)"
        " ORDER BY captures.fetched_at DESC, captures.id DESC LIMIT 1",
        (capture["page_id"], capture["fetched_at"], capture["id"]),
    )


def _supersede(db: Connection, page_id: int) -> None:
    """Texts that no capture shows any more give way to what their own capture shows now."""
    db.execute(
        "UPDATE revisions SET superseded_by = ("
        " SELECT later.id FROM captures JOIN revisions AS later"
        "  ON later.page_id = captures.page_id AND later.number = captures.revision"
        " WHERE captures.id = revisions.capture_id AND later.id <> revisions.id)"
        " WHERE page_id = ?1 AND superseded_by IS NULL AND number NOT IN ("
        " SELECT revision FROM captures WHERE page_id = ?1 AND revision IS NOT NULL)",
        (page_id,),
    )


def _choose_newest(db: Connection, page_id: int) -> None:
    row = db.row(
        "SELECT revisions.id, pages.newest_revision_id AS known FROM revisions JOIN pages ON pages.id = page_id"
        " WHERE page_id = ? AND superseded_by IS NULL"
        " ORDER BY verdict IN ('ok', 'paywall') DESC, revisions.first_seen_at DESC, number DESC LIMIT 1",
        (page_id,),
    )
    if row is not None and row["id"] != row["known"]:
        make_newest(db, page_id, row["id"])


def _reread(capture: sqlite3.Row, changed: dict[str, tuple[Any, Any]], revision: int | None) -> Reread:
    return Reread(
        capture=capture["id"], id=capture["page_id"], url=capture["page_url"], changed=changed, revision=revision
    )
