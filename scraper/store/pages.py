"""Which page a capture belongs to, and which page a URL means."""

from __future__ import annotations

from scraper.article import utc_text
from scraper.capture import Capture
from scraper.errors import NotInArchive
from scraper.store.connection import Connection
from scraper.urls import canonical, fit_to_show, site_of


def page_of_capture(db: Connection, capture: Capture) -> int:
    """The id of the page `capture` belongs to, made when it is new; call inside a transaction.

    A page is the address that answered. A fetch that failed says nothing about addresses, so it counts for the page
    its URL led to before, and for a page of its own URL when it never led anywhere.
    """
    seen_at = utc_text(capture.fetched_at)
    if not capture.ok:
        asked = canonical(capture.url)
        known = _find(db, asked)
        if known is None:
            return _seen(db, asked, seen_at)
        db.execute(
            "UPDATE pages SET first_seen_at = min(first_seen_at, ?1), last_seen_at = max(last_seen_at, ?1)"
            " WHERE id = ?2",
            (seen_at, known),
        )
        return known
    url = canonical(capture.final_url)
    page_id = _seen(db, url, seen_at)
    for other in {canonical(capture.url), *(canonical(hop.url) for hop in capture.hops)} - {url}:
        db.execute(
            "INSERT INTO page_urls (url, page_id, last_seen_at) VALUES (?, ?, ?)"
            " ON CONFLICT (url) DO UPDATE SET page_id = excluded.page_id, last_seen_at = excluded.last_seen_at"
            " WHERE excluded.last_seen_at >= page_urls.last_seen_at",
            (other, page_id, seen_at),
        )
    return page_id


def page_of_address(db: Connection, url: str) -> int:
    """The id of the page that `url` leads to, as far as that is known; made when it is new. In a transaction."""
    address = canonical(url)
    known = _find(db, address)
    return _seen(db, address, db.now()) if known is None else known


def find_page(db: Connection, id_or_url: int | str) -> int:
    """The id of the page with this id (a number, or a string of digits) or any of its URLs.

    Raises NotInArchive.
    """
    text = str(id_or_url).strip()
    if text.isascii() and text.isdigit():
        # Longer numbers do not fit SQLite's integers, and are no page's.
        row = db.row("SELECT id FROM pages WHERE id = ?", (int(text),)) if len(text) < 19 else None
        if row is None:
            raise NotInArchive(f"No article {text} in {db.path}", next_step="`scrape list` shows what is there")
        return int(row["id"])
    candidates = [canonical(text), text]
    if "://" not in text:
        candidates += [canonical(f"https://{text}"), canonical(f"http://{text}")]
    for url in candidates:
        found = _find(db, url)
        if found is not None:
            return found
    shown = fit_to_show(text)
    raise NotInArchive(
        f"{shown} is not in {db.path}", next_step=f"archive it with `scrape url {shown}`, or look with `scrape list`"
    )


def find_page_or_none(db: Connection, url: str) -> int | None:
    """As `find_page`, for a whole URL; None when it was never seen."""
    return _find(db, canonical(url))


def _seen(db: Connection, url: str, seen_at: str) -> int:
    row = db.execute(
        "INSERT INTO pages (url, site, first_seen_at, last_seen_at) VALUES (?1, ?2, ?3, ?3)"
        " ON CONFLICT (url) DO UPDATE SET first_seen_at = min(first_seen_at, excluded.first_seen_at),"
        " last_seen_at = max(last_seen_at, excluded.last_seen_at) RETURNING id",
        (url, site_of(url), seen_at),
    ).fetchone()
    return int(row["id"])


def _find(db: Connection, url: str) -> int | None:
    # An address may have been a page of its own before it became a redirect, or the other way round. The page that
    # has something to read is meant, and if both or neither have, the one that bears the address itself.
    row = db.row(
        "SELECT id FROM ("
        " SELECT id, newest_revision_id IS NOT NULL AS has_text, 1 AS exact FROM pages WHERE url = ?1"
        " UNION ALL"
        " SELECT pages.id, newest_revision_id IS NOT NULL, 0 FROM page_urls"
        " JOIN pages ON pages.id = page_urls.page_id WHERE page_urls.url = ?1"
        ") ORDER BY has_text DESC, exact DESC LIMIT 1",
        (url,),
    )
    return None if row is None else int(row["id"])
