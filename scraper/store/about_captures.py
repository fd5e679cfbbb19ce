"""All that the archive knows of one capture, but for its body: what a page about it shows."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from scraper.article import ImportedFrom
from scraper.capture import Capture
from scraper.store.captures import StoredCapture, read_capture, read_stored, shown_before
from scraper.store.connection import Connection
from scraper.store.pages import StoredPage, read_page
from scraper.store.parts import parts_of
from scraper.store.values import from_utc_text


@dataclass(frozen=True, slots=True, kw_only=True)
class InChain:
    """A capture's entry of the chain of custody."""

    position: int
    head: str
    """SHA-256, hexadecimal, over the entry before it and what was captured."""
    recorded_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamped:
    """The first word of an authority about a head that covers a capture; its signature is not checked here."""

    position: int
    stamped_at: datetime
    authority: str
    """Its address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """What a browser made of a capture: a row of `renderings` without its documents."""

    url: str
    rendered_at: datetime
    browser: str
    sha256: str | None
    size: int | None
    screenshot_sha256: str | None
    screenshot_size: int | None
    requests: int
    """How many things the page asked for meanwhile."""
    error: str | None
    error_message: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """Another capture of the page."""

    id: int
    fetched_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AboutCapture:
    stored: StoredCapture
    capture: Capture
    """With its requests and headers, without its body."""
    page: StoredPage
    has_body: bool
    """Whether the body is still kept; its hash always is."""
    shows: int | None
    """Of an answer that nothing had changed: the capture whose body is still so."""
    superseded_by: int | None
    """The revision that stands in the place of the one this capture shows."""
    in_chain: InChain | None
    stamped: Stamped | None
    drawn: Drawn | None
    imported: ImportedFrom | None
    previous: Beside | None
    following: Beside | None
    """The captures of the page before and after it, failures too."""
    parts: tuple[int, ...]
    """Captures of an article's further pages that were joined to this one."""
    part_of: int | None
    """The capture that this one was joined to."""


def about_capture(db: Connection, capture_id: int) -> AboutCapture:
    """Raises NotInArchive."""
    stored = read_stored(db, capture_id)
    kept = db.row("SELECT content IS NOT NULL AS kept FROM blobs WHERE sha256 = ?", (stored.sha256,))
    revision = db.row(
        "SELECT superseded_by FROM revisions WHERE page_id = ? AND number = ?", (stored.page_id, stored.revision)
    )
    first = db.row("SELECT capture_id FROM capture_parts WHERE part_id = ? LIMIT 1", (capture_id,))
    in_chain = _in_chain(db, capture_id)
    return AboutCapture(
        stored=stored,
        capture=read_capture(db, capture_id, with_body=False),
        page=read_page(db, stored.page_id),
        has_body=kept is not None and bool(kept["kept"]),
        shows=shown_before(db, capture_id) if stored.is_check else None,
        superseded_by=None if revision is None else revision["superseded_by"],
        in_chain=in_chain,
        stamped=None if in_chain is None else _stamped(db, in_chain.position),
        drawn=_drawn(db, capture_id),
        imported=_imported(db, stored),
        previous=_beside(db, stored, later=False),
        following=_beside(db, stored, later=True),
        parts=tuple(parts_of(db, capture_id)),
        part_of=None if first is None else first["capture_id"],
    )


def _in_chain(db: Connection, capture_id: int) -> InChain | None:
    row = db.row(
        "SELECT position, head, recorded_at FROM custody WHERE kind = 'capture' AND subject_id = ?", (capture_id,)
    )
    if row is None:
        return None
    return InChain(position=row["position"], head=row["head"], recorded_at=from_utc_text(row["recorded_at"]))


def _stamped(db: Connection, position: int) -> Stamped | None:
    row = db.row(
        "SELECT position, stamped_at, authority FROM timestamps WHERE position >= ? ORDER BY stamped_at, id LIMIT 1",
        (position,),
    )
    if row is None:
        return None
    stamped_at = from_utc_text(row["stamped_at"])
    return Stamped(position=row["position"], stamped_at=stamped_at, authority=row["authority"])


def _drawn(db: Connection, capture_id: int) -> Drawn | None:
    row = db.row(
        "SELECT url, rendered_at, browser, sha256, size, screenshot_sha256, screenshot_size, requests, error,"
        " error_message FROM renderings WHERE capture_id = ?",
        (capture_id,),
    )
    if row is None:
        return None
    values = dict(row)
    values["rendered_at"] = from_utc_text(row["rendered_at"])
    values["requests"] = len(json.loads(row["requests"]))
    return Drawn(**values)


def _imported(db: Connection, stored: StoredCapture) -> ImportedFrom | None:
    if stored.import_id is None:
        return None
    row = db.row("SELECT source, started_at FROM imports WHERE id = ?", (stored.import_id,))
    if row is None:
        return None
    return ImportedFrom(
        source=row["source"], record=stored.import_record or "", imported_at=from_utc_text(row["started_at"])
    )


def _beside(db: Connection, this: StoredCapture, *, later: bool) -> Beside | None:
    sign, order = (">", "other.fetched_at, other.id") if later else ("<", "other.fetched_at DESC, other.id DESC")
    row = db.row(
        "SELECT other.id, other.fetched_at FROM captures AS this JOIN captures AS other"  # noqa: S608 - ours
        f" ON other.page_id = this.page_id AND (other.fetched_at, other.id) {sign} (this.fetched_at, this.id)"
        f" WHERE this.id = ? ORDER BY {order} LIMIT 1",
        (this.id,),
    )
    return None if row is None else Beside(id=row["id"], fetched_at=from_utc_text(row["fetched_at"]))
