"""Which page a capture belongs to, and which page a URL means."""

from __future__ import annotations

from dataclasses import dataclass

from scraper.article import utc_text
from scraper.capture import Capture
from scraper.errors import NotInArchive
from scraper.store.connection import Connection
from scraper.store.presence import led_home
from scraper.store.values import to_json
from scraper.urls import address_key, canonical, earlier_forms, fit_to_show, site_of


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPage:
    """A row of `pages`. See `data_dictionary` for the fields; times are UTC, ISO 8601."""

    id: int
    url: str
    site: str
    first_seen_at: str
    last_seen_at: str
    named_url: str | None
    same_as: int | None
    same_as_reason: str | None
    gone_at: str | None
    gone_reason: str | None


_COLUMNS = ", ".join(StoredPage.__dataclass_fields__)


def page_of_capture(db: Connection, capture: Capture) -> int:
    """The id of the page `capture` belongs to, made when it is new; call inside a transaction.

    A page is the address that answered. A fetch that failed says nothing about addresses, so it counts for the page
    its URL led to before, and for a page of its own URL when it never led anywhere. So does one that was sent home,
    which is how many sites say that a page is gone.
    """
    seen_at = utc_text(capture.fetched_at)
    if not capture.ok or led_home(capture):
        known = _known(db, capture.url)
        if known is not None and capture.ok and known == _known(db, capture.final_url):
            known = None  # earlier releases took the address for another one of the home page
        if known is None:
            return _seen(db, canonical(capture.url), seen_at)
        db.execute(
            "UPDATE pages SET first_seen_at = min(first_seen_at, ?1), last_seen_at = max(last_seen_at, ?1)"
            " WHERE id = ?2",
            (seen_at, known),
        )
        return known
    url = _address_of(db, capture.final_url)
    page_id = _seen(db, url, seen_at)
    for other in {canonical(capture.url), *(canonical(hop.url) for hop in capture.hops)} - {url, canonical(url)}:
        db.execute(
            "INSERT INTO page_urls (url, page_id, last_seen_at) VALUES (?, ?, ?)"
            " ON CONFLICT (url) DO UPDATE SET page_id = excluded.page_id, last_seen_at = excluded.last_seen_at"
            " WHERE excluded.last_seen_at >= page_urls.last_seen_at",
            (other, page_id, seen_at),
        )
    return page_id


def read_page(db: Connection, id_or_url: int | str) -> StoredPage:
    """The page with this id, or that bears or is led to by this URL, whether it is the same as another or not.

    Raises NotInArchive.
    """
    page_id = find_page(db, id_or_url, follow=False)
    row = db.row(f"SELECT {_COLUMNS} FROM pages WHERE id = ?", (page_id,))  # noqa: S608 - names of ours
    assert row is not None  # noqa: S101 - it was just found
    return StoredPage(**row)


def page_of_address(db: Connection, url: str) -> int:
    """The id of the page that `url` leads to, as far as that is known; made when it is new. In a transaction."""
    known = _known(db, url)
    return _seen(db, canonical(url), db.now()) if known is None else known


def find_page(db: Connection, id_or_url: int | str, *, follow: bool = True) -> int:
    """The id of the page with this id (a number, or a string of digits) or any of its URLs.

    A URL means the article: where its page is the same as another, that one is found, unless `follow` is false. An id
    means the very page. Raises NotInArchive.
    """
    text = str(id_or_url).strip()
    if text.isascii() and text.isdigit():
        # Longer numbers do not fit SQLite's integers, and are no page's.
        row = db.row("SELECT id FROM pages WHERE id = ?", (int(text),)) if len(text) < 19 else None
        if row is None:
            raise NotInArchive(f"No article {text} in {db.path}", next_step="`scrape list` shows what is there")
        return int(row["id"])
    candidates = [text] if "://" in text else [text, f"https://{text}", f"http://{text}"]
    for url in candidates:
        found = _known(db, url)
        if found is not None:
            return _followed(db, found) if follow else found
    shown = fit_to_show(text)
    raise NotInArchive(
        f"{shown} is not in {db.path}", next_step=f"archive it with `scrape url {shown}`, or look with `scrape list`"
    )


def find_page_or_none(db: Connection, url: str) -> int | None:
    """The page that a whole URL leads to, whether it is the same as another or not; None when it was never seen."""
    return _known(db, url)


def pages_at(db: Connection, *urls: str) -> list[int]:
    """The ids of all pages that bear one of these URLs, or that it led to, in whatever release's form."""
    forms = {form for url in urls for form in (canonical(url), *earlier_forms(url))}
    rows = db.rows(
        "SELECT id FROM pages WHERE url IN (SELECT value FROM json_each(?1))"
        " UNION SELECT page_id FROM page_urls WHERE url IN (SELECT value FROM json_each(?1))",
        (to_json(sorted(forms)),),
    )
    return [row["id"] for row in rows]


def _known(db: Connection, url: str) -> int | None:
    """The page that bears `url`, or that it led to: in today's form, as it was given, or in an earlier release's."""
    for form in dict.fromkeys((canonical(url), url, *earlier_forms(url))):
        found = _find(db, form)
        if found is not None:
            return found
    return None


def _address_of(db: Connection, url: str) -> str:
    """What a page that answers at `url` is stored under: the form of an earlier release, if it has one so."""
    address = canonical(url)
    for form in earlier_forms(url):
        if db.row("SELECT 1 FROM pages WHERE url = ?", (form,)) and not db.row(
            "SELECT 1 FROM pages WHERE url = ?", (address,)
        ):
            return form
    return address


def _followed(db: Connection, page_id: int) -> int:
    row = db.row("SELECT coalesce(same_as, id) AS id FROM pages WHERE id = ?", (page_id,))
    return page_id if row is None else int(row["id"])


def _seen(db: Connection, url: str, seen_at: str) -> int:
    row = db.execute(
        "INSERT INTO pages (url, site, first_seen_at, last_seen_at, address_key) VALUES (?1, ?2, ?3, ?3, ?4)"
        " ON CONFLICT (url) DO UPDATE SET first_seen_at = min(first_seen_at, excluded.first_seen_at),"
        " last_seen_at = max(last_seen_at, excluded.last_seen_at) RETURNING id",
        (url, site_of(url), seen_at, address_key(url)),
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
