"""When a page's text is a new revision, and storing it."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, NamedTuple

from scraper.article import READABLE, Article, Link, utc_text
from scraper.diff.noise import essence, essential_lines, folded, same_moment
from scraper.diff.pages import same_on_both
from scraper.errors import ArchiveError
from scraper.store.blobs import get_blob
from scraper.store.captures import no_such_capture
from scraper.store.connection import Connection
from scraper.store.corrections import correction
from scraper.store.fingerprints import update_fingerprint
from scraper.store.identity import note_named, settle
from scraper.store.presence import shows_home
from scraper.store.search import index_page, unindex_page
from scraper.store.values import clean, from_utc_text, to_json
from scraper.urls import canonical

Cause = Literal["page", "extractor"]
State = Literal["new", "unchanged", "changed", "labelled"]


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of one article.

    `new`: the page's first revision. `changed`: another one. `unchanged`: the capture shows what is known already.
    `labelled`: the capture shows no article (a wall, a check, an error page) and only its own row says so.
    """

    article_id: int
    """The page's id."""
    revision: int | None
    """Number of the revision the capture shows; None when labelled."""
    state: State


@dataclass(frozen=True, slots=True)
class Revision:
    """As much of a stored revision as a decision needs."""

    id: int
    number: int
    capture_id: int
    content_hash: str
    first_seen_at: str
    verdict: str
    headline: str | None
    authors: str
    published_at: str | None
    body: str | None

    @classmethod
    def of(cls, row: sqlite3.Row) -> Revision:
        """From a whole row of `revisions`."""
        return cls(**{name: row[name] for name in cls.__dataclass_fields__})

    @property
    def readable(self) -> bool:
        return self.verdict in READABLE


_COLUMNS = "id, number, capture_id, content_hash, first_seen_at, verdict, headline, authors, published_at, body"
_OF_PAGE = f"SELECT {_COLUMNS} FROM revisions WHERE page_id = ? AND superseded_by IS NULL ORDER BY number"  # noqa: S608 - constants of ours
_NEWEST = f"SELECT {_COLUMNS} FROM revisions WHERE id = (SELECT newest_revision_id FROM pages WHERE pages.id = ?)"  # noqa: S608


def store_article(db: Connection, capture_id: int, article: Article) -> Stored:
    """Store what was read from a capture; call inside a transaction. Raises NotInArchive for an unknown capture.

    `captures.modified_at` is written at every reading, also where it alone is new: a page's claim to have been modified
    is worth keeping, and is no edit.
    """
    capture = capture_to_read(db, capture_id)
    stored = _store_revision(db, capture, article)
    note_reading(db, capture_id, article, stored.revision)
    if stored.revision is not None and article.verdict in READABLE:
        # An old capture that is read late says nothing about what the page is called now.
        is_last = capture["fetched_at"] >= capture["last_seen_at"]
        named = is_last and note_named(db, capture["page_id"], capture["page_url"], article)
        if named or stored.state != "unchanged":
            settle(db, capture["page_id"])
    return stored


def capture_to_read(db: Connection, capture_id: int) -> sqlite3.Row:
    """As much of a capture as is needed to store what was read from it. Raises NotInArchive."""
    capture = db.row(
        "SELECT captures.id, page_id, captures.url, final_url, requests, fetched_at, status, error, sha256, verdict,"
        " page_type, revision, pages.url AS page_url, site, last_seen_at FROM captures"
        " JOIN pages ON pages.id = captures.page_id WHERE captures.id = ?",
        (capture_id,),
    )
    if capture is None:
        raise no_such_capture(db, capture_id)
    return capture


def note_reading(db: Connection, capture_id: int, article: Article, revision: int | None) -> None:
    """Record on the capture's own row what it was found to be; call inside a transaction."""
    db.execute(
        "UPDATE captures SET extracted_at = ?, extractor = ?, extraction_error = NULL, verdict = ?,"
        " verdict_reason = ?, page_type = ?, revision = ?, modified_at = ? WHERE id = ?",
        (
            db.now(),
            article.extractor,
            article.verdict,
            clean(article.verdict_reason),
            article.page_type,
            revision,
            clean(article.modified_at),
            capture_id,
        ),
    )


@dataclass(frozen=True, slots=True)
class Content:
    """What of an article makes a revision, as hashes."""

    hashes: list[str]
    """Of headline, authors and body, without what is noise in them: `revisions.text_hashes`."""
    digest: str
    """`revisions.content_hash`."""


def content_of(article: Article) -> Content:
    """Headline, authors, date of publication and text, without what is noise in them.

    The rest is left out because it changes without anybody editing the article: modified_at and image with every run
    of the site's templates, related links and tags with other articles, and the lead is often cut from the text.
    A page that is no readable article is as good as its verdict: two cookie banners are the same.

    Equal digests are equal content; different ones may come of an older rule of what is noise, or of a date stated more
    exactly. So it is the fields that decide: `says_the_same`.
    """
    if article.verdict not in READABLE:
        return Content(text_hashes(article.headline, article.authors, None), _digest(["verdict", article.verdict]))
    hashes = text_hashes(article.headline, article.authors, article.body, article.links)
    return Content(hashes, _digest([*hashes, clean(article.published_at)]))


def text_hashes(
    headline: str | None, authors: Sequence[str], body: str | None, links: Iterable[Link] = ()
) -> list[str]:
    """Short hashes of headline, authors and body as they are compared: for `revisions.text_hashes`."""
    names = [folded(clean(author) or "").casefold() for author in authors]
    return [_digest(value)[:16] for value in (folded(clean(headline) or ""), names, essence(clean(body), links))]


def links_of(sql: sqlite3.Connection, revision_id: int) -> list[Link]:
    """The links of a stored revision."""
    rows = sql.execute("SELECT url, text, kind FROM links WHERE revision_id = ? ORDER BY position", (revision_id,))
    return [Link(*row) for row in rows]


def says_the_same(db: Connection, known: Revision, article: Article, content: Content) -> bool:
    """True when nobody edited the article between the stored revision and this reading, whose content is given."""
    if known.content_hash == content.digest:
        return True
    if not known.readable or article.verdict not in READABLE:
        return False
    if not same_moment(known.published_at, clean(article.published_at)):
        return False
    was = text_hashes(known.headline, json.loads(known.authors), known.body, links_of(db.sql, known.id))
    return was == content.hashes


def _only_read_otherwise(db: Connection, known: Revision, capture: sqlite3.Row, article: Article) -> bool:
    """True when the text differs only in what stands on both pages alike, and the other fields do not."""
    if not known.readable or article.verdict not in READABLE:
        return False
    was = text_hashes(known.headline, json.loads(known.authors), None)
    now = text_hashes(article.headline, article.authors, None)
    if was != now or not same_moment(known.published_at, clean(article.published_at)):
        return False
    pages = [_page_read(db, capture_id) for capture_id in (known.capture_id, capture["id"])]
    return pages[0] is not None and pages[1] is not None and same_on_both(known.body, article.body, pages[0], pages[1])


def _page_read(db: Connection, capture_id: int) -> bytes | None:
    """The page as a browser drew it, else as it came; None when that cannot be had any more."""
    row = db.row(
        "SELECT coalesce(renderings.sha256, captures.sha256) AS sha256 FROM captures"
        " LEFT JOIN renderings ON renderings.capture_id = captures.id WHERE captures.id = ?",
        (capture_id,),
    )
    try:
        return None if row is None or row["sha256"] is None else get_blob(db, row["sha256"])
    except ArchiveError:
        return None


def _digest(value: object) -> str:
    return hashlib.sha256(to_json(value).encode()).hexdigest()


def _store_revision(db: Connection, capture: sqlite3.Row, article: Article) -> Stored:
    page_id: int = capture["page_id"]
    newest = _newest(db, page_id)
    readable = article.verdict in READABLE
    if not shows_page(capture) or (newest is not None and newest.readable and not readable):
        return Stored(page_id, None, "labelled")
    if newest is not None and _is_cut_short(article, newest):
        return Stored(page_id, None, "labelled")

    content = content_of(article)
    if newest is not None and (
        says_the_same(db, newest, article, content) or _only_read_otherwise(db, newest, capture, article)
    ):
        return Stored(page_id, newest.number, "unchanged")
    # Captures may be read out of order: after a crash, an old one is read when newer ones have been.
    late = newest is not None and capture["fetched_at"] < newest.first_seen_at
    if late:
        for row in db.rows(_OF_PAGE, (page_id,)):
            if says_the_same(db, Revision(**row), article, content):
                return Stored(page_id, row["number"], "unchanged")

    inserted = insert_revision(db, capture, article, content, cause="page")
    if newest is None or not late or (readable and not newest.readable):
        make_newest(db, page_id, inserted.id)
    return Stored(page_id, inserted.number, "new" if newest is None else "changed")


def shows_page(capture: sqlite3.Row) -> bool:
    """True when a capture (a row of `capture_to_read`) brought the page that it counts for, or what stands there."""
    if capture["error"] is not None or capture["sha256"] is None or (capture["status"] or 0) >= 400:
        return False
    # Captures of earlier releases that were sent home count for the home page, and do show that.
    return not shows_home(capture) or canonical(capture["final_url"]) == capture["page_url"]


def _is_cut_short(article: Article, known: Revision) -> bool:
    """True when a paywall now shows only the beginning of a text that is known whole: nobody edited it."""
    if article.verdict != "paywall" or known.verdict != "ok":
        return False
    if folded(article.headline or "") != folded(known.headline or ""):
        return False
    whole = essence(known.body)
    # The last paragraph may be cut anywhere, and end in dots.
    *lines, last = list(essential_lines(article.body)) or [""]
    return all(line in whole for line in (*lines, last.rstrip(" .…"))) and len(essence(article.body)) < len(whole)


def _newest(db: Connection, page_id: int) -> Revision | None:
    row = db.row(_NEWEST, (page_id,))
    return None if row is None else Revision(**row)


class Inserted(NamedTuple):
    """A revision that was just stored."""

    id: int
    number: int


def insert_revision(
    db: Connection, capture: sqlite3.Row, article: Article, content: Content, *, cause: Cause
) -> Inserted:
    """Store the article as the page's next revision; `content` is its `content_of`. Call inside a transaction."""
    (last,) = db.execute(
        "SELECT coalesce(max(number), 0) FROM revisions WHERE page_id = ?", (capture["page_id"],)
    ).fetchone()
    revision_id = db.insert(
        "revisions",
        {
            "page_id": capture["page_id"],
            "number": last + 1,
            "capture_id": capture["id"],
            "first_seen_at": capture["fetched_at"],
            "content_hash": content.digest,
            "text_hashes": to_json(content.hashes),
            "sorted_at": _sorted_at(article.published_at, capture["fetched_at"]),
            "cause": cause,
            **to_row(article, page_url=capture["page_url"], site=capture["site"]),
        },
    )
    db.sql.executemany(
        "INSERT INTO links (revision_id, position, url, text, kind) VALUES (?, ?, ?, ?, ?)",
        [
            (revision_id, position, clean(link.url), clean(link.text), link.kind)
            for position, link in enumerate(article.links)
        ],
    )
    return Inserted(revision_id, last + 1)


def make_newest(db: Connection, page_id: int, revision_id: int) -> None:
    """Let this revision be the one that the page shows, is searched and compared by; call inside a transaction."""
    unindex_page(db, page_id)
    db.execute("UPDATE pages SET newest_revision_id = ? WHERE id = ?", (revision_id, page_id))
    index_page(db, page_id)
    update_fingerprint(db, page_id)


def to_row(article: Article, *, page_url: str, site: str) -> dict[str, Any]:
    values = article.as_dict()
    # What a wall or an error page says is not the article's text, and must not be found or counted as such.
    readable = article.verdict in READABLE
    return {
        "url": clean(article.url) or page_url,
        "canonical_url": clean(article.canonical_url),
        "site": clean(article.site) or site,
        "headline": clean(article.headline),
        "authors": to_json(values["authors"]),
        "published_at": clean(article.published_at),
        "modified_at": clean(article.modified_at),
        "lead": clean(article.lead),
        "body": clean(article.body) if readable else None,
        "body_html": clean(article.body_html) if readable else None,
        "language": clean(article.language),
        "section": clean(article.section),
        "tags": to_json(values["tags"]),
        "image": clean(article.image),
        "word_count": article.word_count if readable else 0,
        "page_type": article.page_type,
        "verdict": article.verdict,
        "verdict_reason": clean(article.verdict_reason),
        "provenance": to_json(values["provenance"]),
        "extractor": clean(article.extractor),
        "correction": clean(correction(article.body)) if readable else None,
    }


def _sorted_at(published_at: str | None, first_seen_at: str) -> str:
    """`published_at` in UTC; `first_seen_at` without one, and for a date in the future, which no page can know."""
    try:
        published = datetime.fromisoformat(published_at or "")
    except ValueError:
        return first_seen_at
    if published.tzinfo is None:
        published = published.replace(tzinfo=UTC)
    try:
        return utc_text(min(published, from_utc_text(first_seen_at)))
    except OverflowError:  # year 1 or 9999, moved by its offset
        return first_seen_at
