"""When a page's text is a new revision, and storing it."""

from __future__ import annotations

import hashlib
import sqlite3
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from scraper.article import READABLE, Article, utc_text
from scraper.store.captures import no_such_capture
from scraper.store.connection import Connection
from scraper.store.search import index_page, unindex_page
from scraper.store.values import clean, from_utc_text, to_json

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
class _Revision:
    """As much of a stored revision as a decision needs."""

    number: int
    content_hash: str
    first_seen_at: str
    readable: bool
    verdict: str
    headline: str | None
    body: str | None


def store_article(db: Connection, capture_id: int, article: Article) -> Stored:
    """Store what was read from a capture; call inside a transaction. Raises NotInArchive for an unknown capture."""
    capture = db.row(
        "SELECT captures.id, page_id, fetched_at, status, error, sha256, pages.url AS page_url, site"
        " FROM captures JOIN pages ON pages.id = captures.page_id WHERE captures.id = ?",
        (capture_id,),
    )
    if capture is None:
        raise no_such_capture(db, capture_id)
    stored = _store_revision(db, capture, article)
    db.execute(
        "UPDATE captures SET extracted_at = ?, extractor = ?, extraction_error = NULL, verdict = ?,"
        " verdict_reason = ?, page_type = ?, revision = ? WHERE id = ?",
        (
            db.now(),
            article.extractor,
            article.verdict,
            clean(article.verdict_reason),
            article.page_type,
            stored.revision,
            capture_id,
        ),
    )
    return stored


def content_hash(article: Article) -> str:
    """SHA-256 of what makes a revision: headline, authors, date of publication and text, spaces normalised.

    The rest is left out because it changes without anybody editing the article: modified_at and image with every run
    of the site's templates, related links and tags with other articles, and the lead is often cut from the text.
    A page that is no readable article is as good as its verdict: two cookie banners are the same.
    """
    if article.verdict not in READABLE:
        return _digest(["verdict", article.verdict])
    return _digest(
        [
            _normal(article.headline),
            [_normal(author) for author in article.authors],
            article.published_at,
            _normal(article.body),
        ]
    )


def _digest(value: list[Any]) -> str:
    return hashlib.sha256(to_json(value).encode()).hexdigest()


def _normal(text: str | None) -> str:
    return " ".join(unicodedata.normalize("NFC", text or "").split())


def _store_revision(db: Connection, capture: sqlite3.Row, article: Article) -> Stored:
    page_id: int = capture["page_id"]
    newest = _newest(db, page_id)
    readable = article.verdict in READABLE
    came = capture["error"] is None and capture["sha256"] is not None and (capture["status"] or 0) < 400
    if not came or (newest is not None and newest.readable and not readable):
        return Stored(page_id, None, "labelled")
    if newest is not None and _is_cut_short(article, newest):
        return Stored(page_id, None, "labelled")

    digest = content_hash(article)
    if newest is not None and newest.content_hash == digest:
        return Stored(page_id, newest.number, "unchanged")
    # Captures may be read out of order: after a crash, an old one is read when newer ones have been.
    late = newest is not None and capture["fetched_at"] < newest.first_seen_at
    if late:
        known = db.row(
            "SELECT number FROM revisions WHERE page_id = ? AND content_hash = ? ORDER BY number LIMIT 1",
            (page_id, digest),
        )
        if known is not None:
            return Stored(page_id, known["number"], "unchanged")

    number = (
        1 + db.execute("SELECT coalesce(max(number), 0) FROM revisions WHERE page_id = ?", (page_id,)).fetchone()[0]
    )
    revision_id = _insert(db, capture, article, number, digest)
    if newest is None or not late or (readable and not newest.readable):
        _make_newest(db, page_id, revision_id)
    return Stored(page_id, number, "new" if newest is None else "changed")


def _is_cut_short(article: Article, known: _Revision) -> bool:
    """True when a paywall now shows only the beginning of a text that is known whole: nobody edited it."""
    if article.verdict != "paywall" or known.verdict != "ok" or _normal(article.headline) != _normal(known.headline):
        return False
    whole = _normal(known.body)
    # The last paragraph may be cut anywhere, and end in dots.
    *paragraphs, last = [_normal(part) for part in (article.body or "").split("\n\n")]
    return all(part in whole for part in (*paragraphs, last.rstrip(" .…"))) and len(_normal(article.body)) < len(whole)


def _newest(db: Connection, page_id: int) -> _Revision | None:
    row = db.row(
        "SELECT number, content_hash, revisions.first_seen_at, verdict, headline, body FROM pages"
        " JOIN revisions ON revisions.id = pages.newest_revision_id WHERE pages.id = ?",
        (page_id,),
    )
    if row is None:
        return None
    return _Revision(
        row["number"],
        row["content_hash"],
        row["first_seen_at"],
        row["verdict"] in READABLE,
        row["verdict"],
        row["headline"],
        row["body"],
    )


def _insert(db: Connection, capture: sqlite3.Row, article: Article, number: int, digest: str) -> int:
    revision_id = db.insert(
        "revisions",
        {
            "page_id": capture["page_id"],
            "number": number,
            "capture_id": capture["id"],
            "first_seen_at": capture["fetched_at"],
            "content_hash": digest,
            "sorted_at": _sorted_at(article.published_at, capture["fetched_at"]),
            **_to_row(article, page_url=capture["page_url"], site=capture["site"]),
        },
    )
    db.sql.executemany(
        "INSERT INTO links (revision_id, position, url, text, kind) VALUES (?, ?, ?, ?, ?)",
        [
            (revision_id, position, clean(link.url), clean(link.text), link.kind)
            for position, link in enumerate(article.links)
        ],
    )
    return revision_id


def _make_newest(db: Connection, page_id: int, revision_id: int) -> None:
    unindex_page(db, page_id)
    db.execute("UPDATE pages SET newest_revision_id = ? WHERE id = ?", (revision_id, page_id))
    index_page(db, page_id)


def _to_row(article: Article, *, page_url: str, site: str) -> dict[str, Any]:
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
