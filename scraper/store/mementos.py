"""The captures of an address, in order of time; and which of many addresses have any (RFC 7089 calls them mementos).

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
from scraper.store.captures import STORED_COLUMNS, StoredCapture, to_stored
from scraper.store.connection import Connection
from scraper.store.pages import pages_at
from scraper.store.values import from_utc_text
from scraper.urls import canonical, earlier_forms

MOST_LISTED = 100_000
"""Captures of one address that are listed; the last ones."""
_MOST_PAGES = 50
"""Pages that one address led to."""
MOST_LINKS = 2_000
"""Links of a page that are looked up; of others it is seen when they are followed."""
_MOST_ASSETS = 400
_ASSETS_WITHIN = timedelta(days=31)
"""How far in time a picture that was captured by itself may lie from the page that shows it."""

_ANSWERED = "error IS NULL AND status IS NOT NULL"
"""`StoredCapture.is_answer` in SQL."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """A capture of an address with those before and after it; answers only, but for the capture itself."""

    this: StoredCapture
    first: StoredCapture | None
    previous: StoredCapture | None
    next: StoredCapture | None
    last: StoredCapture | None


class Mementos:
    """A part of `Archive`; see `Archive.mementos`. All that is asked is read at once, by an index, and bounded."""

    def __init__(self, db: Connection) -> None:
        self._db = db

    def around(self, url: str, moment: datetime | None) -> Around | None:
        """The capture of `url` nearest to `moment`, or the last one; None when there is none at all.

        One that failed is meant only where it is of that very second and nothing else is, or where all have failed.
        """
        pages = pages_at(self._db, url)[:_MOST_PAGES]
        if not pages:
            return None
        first, last = self._extreme(pages, newest=False), self._extreme(pages, newest=True)
        this = last if moment is None else self._nearest(pages, moment)
        if this is None:
            return None
        return Around(
            this=this,
            first=first,
            previous=self._beside(pages, this, later=False),
            next=self._beside(pages, this, later=True),
            last=last,
        )

    def listed(self, url: str, *, answers: bool = True, limit: int = MOST_LISTED) -> list[StoredCapture]:
        """The last captures of `url`, oldest first; with those that failed unless `answers`."""
        found = [
            capture
            for page in pages_at(self._db, url)[:_MOST_PAGES]
            for capture in self._select(
                "page_id = ?", (page,), order="fetched_at DESC, id DESC", limit=limit, answers=answers
            )
        ]
        return sorted(found, key=_order)[-limit:]

    def held_among(self, urls: Iterable[str]) -> set[str]:
        """Those of the first `MOST_LINKS` addresses that a readable answer of was captured, in one query."""
        forms: dict[str, list[str]] = {}
        for url in list(dict.fromkeys(urls))[:MOST_LINKS]:
            for form in dict.fromkeys((canonical(url), url, *earlier_forms(url))):
                forms.setdefault(form, []).append(url)
        rows = self._db.rows(_HELD, (json.dumps(list(forms)),))
        return {url for row in rows for url in forms[row["form"]]}

    def captured_by_themselves(self, urls: Iterable[str], moment: datetime) -> dict[str, StoredCapture]:
        """Of addresses of pictures, styles, fonts: the capture nearest to `moment`, where they were fetched like pages.

        Of the first few hundred addresses; none that is further than a month from `moment`.
        """
        forms: dict[str, list[str]] = {}
        for url in list(dict.fromkeys(urls))[:_MOST_ASSETS]:
            forms.setdefault(canonical(url), []).append(url)
        values = {
            "forms": json.dumps(list(forms)),
            "since": utc_text(moment - _ASSETS_WITHIN),
            "until": utc_text(moment + _ASSETS_WITHIN),
            "moment": utc_text(moment),
        }
        found: dict[str, StoredCapture] = {}
        for row in map(dict, self._db.rows(_BY_THEMSELVES, values)):
            urls_of_form = forms[row.pop("form")]
            found |= dict.fromkeys(urls_of_form, to_stored(row))
        return found

    def drawn_at(self, capture_id: int) -> datetime | None:
        """When a browser made a document of a capture, if one did."""
        row = self._db.row(
            "SELECT rendered_at FROM renderings WHERE capture_id = ? AND sha256 IS NOT NULL", (capture_id,)
        )
        return None if row is None else from_utc_text(row["rendered_at"])

    # --- Which one is meant ------------------------------------------------------------------------------------------

    def _nearest(self, pages: Sequence[int], moment: datetime) -> StoredCapture | None:
        second = utc_text(moment), utc_text(moment + timedelta(milliseconds=999))
        within = self._of_pages(pages, "fetched_at BETWEEN ? AND ?", second, "fetched_at DESC, id DESC", answers=False)
        exact = sorted(within, key=lambda one: (one.is_answer, one.sha256 is not None, one.fetched_at, one.id))
        if exact:
            return exact[-1]
        at = (utc_text(moment),)
        for answers in (True, False):
            near = [
                *self._of_pages(pages, "fetched_at < ?", at, "fetched_at DESC, id DESC", answers=answers),
                *self._of_pages(pages, "fetched_at >= ?", at, "fetched_at, id", answers=answers),
            ]
            if near:
                return min(near, key=lambda one: (abs(one.fetched_at - moment), one.id))
        return None

    def _extreme(self, pages: Sequence[int], *, newest: bool) -> StoredCapture | None:
        order = "fetched_at DESC, id DESC" if newest else "fetched_at, id"
        choose: Callable[..., StoredCapture] = max if newest else min
        for answers in (True, False):
            found = list(self._of_pages(pages, "1", (), order, answers=answers))
            if found:
                return choose(found, key=_order)
        return None

    def _beside(self, pages: Sequence[int], this: StoredCapture, *, later: bool) -> StoredCapture | None:
        sign, order = (">", "fetched_at, id") if later else ("<", "fetched_at DESC, id DESC")
        where = f"(fetched_at, id) {sign} (?, ?)"
        found = list(self._of_pages(pages, where, (utc_text(this.fetched_at), this.id), order, answers=True))
        # Addresses of captures tell seconds apart: one of the same second has the same.
        second = this.fetched_at.replace(microsecond=0)
        found = [one for one in found if one.fetched_at.replace(microsecond=0) != second]
        return (min if later else max)(found, key=_order) if found else None

    def _of_pages(
        self, pages: Sequence[int], where: str, values: Sequence[Any], order: str, *, answers: bool
    ) -> Iterator[StoredCapture]:
        """Of each page the first ones in this order: the index on page and time finds them."""
        for page in pages:
            yield from self._select(f"page_id = ? AND {where}", (page, *values), order=order, limit=3, answers=answers)

    def _select(
        self, where: str, values: Sequence[Any], *, order: str, limit: int, answers: bool
    ) -> Iterator[StoredCapture]:
        answered = f" AND {_ANSWERED}" if answers else ""
        sql = f"SELECT {STORED_COLUMNS} FROM captures WHERE {where}{answered} ORDER BY {order} LIMIT ?"  # noqa: S608
        return map(to_stored, self._db.rows(sql, (*values, limit)))


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
    SELECT form.value AS form, {STORED_COLUMNS}
    FROM json_each(:forms) AS form JOIN pages ON pages.url = form.value
    JOIN captures ON captures.id = (
        SELECT near.id FROM captures AS near
        WHERE near.page_id = pages.id AND near.fetched_at BETWEEN :since AND :until
            AND near.error IS NULL AND near.status = 200 AND near.sha256 IS NOT NULL
            AND (near.content_type LIKE 'image/%' OR near.content_type LIKE 'text/css%'
                OR near.content_type LIKE 'font/%' OR near.content_type LIKE 'application/%font%')
        ORDER BY abs(julianday(near.fetched_at) - julianday(:moment)) LIMIT 1
    )
"""  # noqa: S608 - names of ours


def _order(capture: StoredCapture) -> tuple[datetime, int]:
    return capture.fetched_at, capture.id
