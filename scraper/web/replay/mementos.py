"""The captures of an address, in order of time; and which of many addresses have any.

An address means what it means everywhere in the archive: in any spelling of it, and of each page that it ever led to.
A page that is the same as another (for AMP, for print) is shown by its own captures.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from scraper.article import utc_text
from scraper.store import Archive
from scraper.store.connection import Connection
from scraper.store.pages import pages_at
from scraper.urls import canonical, earlier_forms
from scraper.web.replay.addresses import stamp_of

MOST_LISTED = 100_000
"""Captures of one address that a TimeMap lists; the last ones."""
_MOST_PAGES = 50
"""Pages that one address led to."""
MOST_LINKS = 2_000
"""Links of a page that are looked up; of others it is seen when they are followed."""
_MOST_ASSETS = 400
_ASSETS_WITHIN = timedelta(days=31)
"""How far in time a picture that was captured by itself may lie from the page that shows it."""

_COLUMNS = "id, page_id, url, final_url, fetched_at, status, error, error_message, content_type, sha256, size, revision"
# What a server answered. A fetch that failed before that shows nothing of the page.
_ANSWERED = "error IS NULL AND status IS NOT NULL"


@dataclass(frozen=True, slots=True, kw_only=True)
class Memento:
    """One capture, as it is listed. Without `status` nothing was answered."""

    id: int
    page_id: int
    url: str
    final_url: str
    fetched_at: datetime
    status: int | None
    error: str | None
    error_message: str | None
    content_type: str | None
    sha256: str | None
    size: int | None
    revision: int | None

    @property
    def stamp(self) -> str:
        return stamp_of(self.fetched_at)

    @property
    def is_answer(self) -> bool:
        return self.error is None and self.status is not None

    @property
    def is_check(self) -> bool:
        """Whether the server said that nothing had changed since an earlier capture."""
        return self.is_answer and self.status == 304


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """A capture of an address with those before and after it; answers only, but for the capture itself."""

    this: Memento
    first: Memento | None
    previous: Memento | None
    next: Memento | None
    last: Memento | None


def around(archive: Archive, url: str, moment: datetime | None) -> Around | None:
    """The capture of `url` nearest to `moment`, or the last one; None when there is none at all.

    One that failed is meant only where it is of that very second and nothing else is, or where all have failed.
    """
    db = _connection(archive)
    pages = pages_at(db, url)[:_MOST_PAGES]
    if not pages:
        return None
    first, last = _extreme(db, pages, newest=False), _extreme(db, pages, newest=True)
    this = last if moment is None else _nearest(db, pages, moment)
    if this is None:
        return None
    return Around(
        this=this,
        first=first,
        previous=_beside(db, pages, this, later=False),
        next=_beside(db, pages, this, later=True),
        last=last,
    )


def all_of(archive: Archive, url: str, *, answers: bool = True, limit: int = MOST_LISTED) -> list[Memento]:
    """The last captures of `url`, oldest first; with those that failed unless `answers`."""
    db = _connection(archive)
    found = [
        memento
        for page in pages_at(db, url)[:_MOST_PAGES]
        for memento in _select(
            db, "page_id = ?", (page,), order="fetched_at DESC, id DESC", limit=limit, answers=answers
        )
    ]
    return sorted(found, key=_order)[-limit:]


def held_among(archive: Archive, urls: Iterable[str]) -> set[str]:
    """Those of the first `MOST_LINKS` addresses that a readable answer of was captured, in one query."""
    forms: dict[str, list[str]] = {}
    for url in list(dict.fromkeys(urls))[:MOST_LINKS]:
        for form in dict.fromkeys((canonical(url), url, *earlier_forms(url))):
            forms.setdefault(form, []).append(url)
    rows = _connection(archive).rows(_HELD, (json.dumps(list(forms)),))
    return {url for row in rows for url in forms[row["form"]]}


def captured_by_themselves(archive: Archive, urls: Iterable[str], moment: datetime) -> dict[str, Memento]:
    """Of addresses of pictures, styles, fonts: the capture nearest to `moment`, where they were fetched like pages."""
    forms: dict[str, list[str]] = {}
    for url in list(dict.fromkeys(urls))[:_MOST_ASSETS]:
        forms.setdefault(canonical(url), []).append(url)
    values = {
        "forms": json.dumps(list(forms)),
        "since": utc_text(moment - _ASSETS_WITHIN),
        "until": utc_text(moment + _ASSETS_WITHIN),
        "moment": utc_text(moment),
    }
    rows = _connection(archive).rows(_BY_THEMSELVES, values)
    return {url: _memento(row) for row in rows for url in forms[row["form"]]}


_HELD = """
    SELECT form.value AS form FROM json_each(?) AS form
    WHERE EXISTS (
        SELECT 1 FROM pages JOIN captures ON captures.page_id = pages.id
        WHERE pages.url = form.value AND captures.sha256 IS NOT NULL AND captures.error IS NULL
            AND captures.status < 400
    ) OR EXISTS (
        SELECT 1 FROM page_urls JOIN captures ON captures.page_id = page_urls.page_id
        WHERE page_urls.url = form.value AND captures.sha256 IS NOT NULL AND captures.error IS NULL
            AND captures.status < 400
    )
"""
_BY_THEMSELVES = f"""
    SELECT form.value AS form, {", ".join(f"captures.{name.strip()}" for name in _COLUMNS.split(","))}
    FROM json_each(:forms) AS form JOIN pages ON pages.url = form.value
    JOIN captures ON captures.id = (
        SELECT near.id FROM captures AS near
        WHERE near.page_id = pages.id AND near.fetched_at BETWEEN :since AND :until
            AND near.error IS NULL AND near.status = 200 AND near.sha256 IS NOT NULL
            AND (near.content_type LIKE 'image/%' OR near.content_type LIKE 'text/css%'
                OR near.content_type LIKE 'font/%' OR near.content_type LIKE 'application/%font%')
        ORDER BY abs(julianday(near.fetched_at) - julianday(:moment)) LIMIT 1
    )
"""  # noqa: S608 - words of ours


def _connection(archive: Archive) -> Connection:
    # These questions are the replay's own; the archive's connection is what its rooms ask, and is only read here.
    return archive._db


def _order(memento: Memento) -> tuple[datetime, int]:
    return memento.fetched_at, memento.id


def _nearest(db: Connection, pages: Sequence[int], moment: datetime) -> Memento | None:
    second = utc_text(moment), utc_text(moment + timedelta(milliseconds=999))
    within = [*_of_pages(db, pages, "fetched_at BETWEEN ? AND ?", second, "fetched_at DESC, id DESC", answers=False)]
    exact = sorted(within, key=lambda one: (one.is_answer, one.sha256 is not None, one.fetched_at, one.id))
    if exact:
        return exact[-1]
    for answers in (True, False):
        near = [
            *_of_pages(db, pages, "fetched_at < ?", (utc_text(moment),), "fetched_at DESC, id DESC", answers=answers),
            *_of_pages(db, pages, "fetched_at >= ?", (utc_text(moment),), "fetched_at, id", answers=answers),
        ]
        if near:
            return min(near, key=lambda one: (abs(one.fetched_at - moment), one.id))
    return None


def _extreme(db: Connection, pages: Sequence[int], *, newest: bool) -> Memento | None:
    order = "fetched_at DESC, id DESC" if newest else "fetched_at, id"
    choose: Callable[..., Memento] = max if newest else min
    for answers in (True, False):
        found = list(_of_pages(db, pages, "1", (), order, answers=answers))
        if found:
            return choose(found, key=_order)
    return None


def _beside(db: Connection, pages: Sequence[int], this: Memento, *, later: bool) -> Memento | None:
    sign, order = (">", "fetched_at, id") if later else ("<", "fetched_at DESC, id DESC")
    where = f"(fetched_at, id) {sign} (?, ?)"
    found = list(_of_pages(db, pages, where, (utc_text(this.fetched_at), this.id), order, answers=True))
    # One of the same second has the same address.
    found = [one for one in found if one.stamp != this.stamp]
    return (min if later else max)(found, key=_order) if found else None


def _of_pages(
    db: Connection, pages: Sequence[int], where: str, values: Sequence[Any], order: str, *, answers: bool
) -> Iterator[Memento]:
    """Of each page the first ones in this order: the index on page and time finds them."""
    for page in pages:
        yield from _select(db, f"page_id = ? AND {where}", (page, *values), order=order, limit=3, answers=answers)


def _select(
    db: Connection, where: str, values: Sequence[Any], *, order: str, limit: int, answers: bool
) -> Iterator[Memento]:
    answered = f" AND {_ANSWERED}" if answers else ""
    sql = f"SELECT {_COLUMNS} FROM captures WHERE {where}{answered} ORDER BY {order} LIMIT ?"  # noqa: S608
    return map(_memento, db.rows(sql, (*values, limit)))


def _memento(row: Any) -> Memento:
    values = {name.strip(): row[name.strip()] for name in _COLUMNS.split(",")}
    return Memento(**{**values, "fetched_at": datetime.fromisoformat(row["fetched_at"])})


def drawn_at(archive: Archive, capture_id: int) -> datetime | None:
    """When a browser made a document of a capture, if one did."""
    row = _connection(archive).row(
        "SELECT rendered_at FROM renderings WHERE capture_id = ? AND sha256 IS NOT NULL", (capture_id,)
    )
    return None if row is None else datetime.fromisoformat(row["rendered_at"])


def read(archive: Archive, capture_id: int) -> Memento:
    """One capture by its id. Raises NotInArchive."""
    stored = archive.stored_capture(capture_id)
    return Memento(**{name.strip(): getattr(stored, name.strip()) for name in _COLUMNS.split(",")})
