"""Pictures, styles and fonts of captured pages: what servers answered, and which captures it belongs to.

An answer is a row of `assets`, kept once however many pages show it: a page that comes later is given the answer that
is there as long as it is fresh, and else the server is asked whether it still holds: that is a row of its own, which
vouches for the same body. Which captures wait for theirs is in `asset_queue`.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from scraper.article import utc_text
from scraper.capture import Capture, Headers
from scraper.errors import NotInArchive
from scraper.store.blobs import get_blob, put_blob
from scraper.store.captures import capture_of, row_of
from scraper.store.connection import Connection
from scraper.store.custody import link
from scraper.store.values import clean, from_utc_text
from scraper.urls import without_credentials

_STALE_QUEUE = timedelta(days=7)
"""What a page showed so long ago may have been replaced."""
_COLUMNS = (
    "assets.id, assets.url, assets.final_url, assets.fetched_at, assets.status, assets.error, assets.error_message,"
    " assets.content_type, assets.sha256, assets.size"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredAsset:
    """A row of `assets` without headers and body. See `data_dictionary` for the fields."""

    id: int
    url: str
    final_url: str
    fetched_at: datetime
    status: int | None
    error: str | None
    error_message: str | None
    content_type: str | None
    sha256: str | None
    size: int | None
    is_held: bool
    """Whether there is a body to show."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownAsset:
    """What an address answered last, and what it can be asked again with."""

    asset: StoredAsset
    headers: Headers
    """Of that answer."""
    whole: StoredAsset | None
    """The last answer that brought the body which is held; None when none is."""
    etag: str | None
    last_modified: str | None
    """Of that one, where it came without redirects."""


@dataclass(frozen=True, slots=True)
class AssetTotals:
    """Of the whole archive: answers with a body, distinct bodies, their bytes."""

    answers: int
    bodies: int
    size: int


class AssetRecords:
    """The assets of one archive. Every method raises ArchiveError, those that write also ArchiveNotWritable."""

    def __init__(self, db: Connection) -> None:
        self._db = db

    def of(self, capture_id: int) -> list[StoredAsset]:
        """What belongs to a capture, failures too, in the order it was fetched; without bodies."""
        rows = self._db.rows(
            f"SELECT {_COLUMNS}, blobs.content IS NOT NULL AS is_held"  # noqa: S608 - a constant
            " FROM capture_assets JOIN assets ON assets.id = asset_id LEFT JOIN blobs ON blobs.sha256 = assets.sha256"
            " WHERE capture_id = ? ORDER BY assets.id",
            (capture_id,),
        )
        return [_stored(row) for row in rows]

    def count(self, capture_id: int) -> int:
        """How many belong to a capture."""
        row = self._db.row("SELECT count(*) AS n FROM capture_assets WHERE capture_id = ?", (capture_id,))
        return 0 if row is None else int(row["n"])

    def capture(self, asset_id: int, *, with_body: bool = True) -> Capture:
        """The fetch of one, its body verified; without body for a 304. Raises NotInArchive or BlobCorrupt."""
        row = self._row(asset_id)
        has_body = with_body and row["sha256"] is not None and row["status"] != 304
        return capture_of(row, get_blob(self._db, row["sha256"]) if has_body else None)

    def stored(self, asset_id: int) -> StoredAsset:
        """One row. Raises NotInArchive."""
        self._row(asset_id)
        return self._one("assets.id = ?", asset_id)

    def import_of(self, asset_id: int) -> int | None:
        """imports.id of the file that one came from. Raises NotInArchive."""
        found: int | None = self._row(asset_id)["import_id"]
        return found

    def validated_by(self, asset_id: int) -> int | None:
        """The answer that brought the body which a 304 vouches for; None when there is none (any more)."""
        row = self._db.row(
            "SELECT earlier.id FROM assets AS this JOIN assets AS earlier"
            " ON earlier.url = this.url AND earlier.sha256 = this.sha256 AND earlier.fetched_at <= this.fetched_at"
            " WHERE this.id = ? AND this.status = 304 AND earlier.status <> 304"
            " ORDER BY earlier.fetched_at DESC, earlier.id DESC LIMIT 1",
            (asset_id,),
        )
        return None if row is None else int(row["id"])

    def is_shared(self, asset_id: int) -> bool:
        """Whether others show the same body, or several captures the same answer."""
        row = self._db.row(
            "SELECT (SELECT count(*) FROM (SELECT 1 FROM capture_assets WHERE asset_id = ?1 LIMIT 2)) > 1 OR EXISTS ("
            " SELECT 1 FROM assets AS this JOIN assets AS other ON other.sha256 = this.sha256 AND other.id <> this.id"
            " WHERE this.id = ?1) AS is_shared",
            (asset_id,),
        )
        return row is not None and bool(row["is_shared"])

    def at(self, url: str, moment: datetime) -> int | None:
        """The answer that an address gave at a time, to the millisecond; None when it is not there."""
        row = self._db.row(
            "SELECT id FROM assets WHERE url = ? AND fetched_at = ?",
            (clean(without_credentials(url)), utc_text(moment)),
        )
        return None if row is None else int(row["id"])

    def known(self, url: str) -> KnownAsset | None:
        """What an address (without fragment) answered last; None when it was never asked."""
        address = clean(without_credentials(url))
        last = self._db.row(
            "SELECT id, headers, sha256 FROM assets WHERE url = ? ORDER BY fetched_at DESC, id DESC LIMIT 1", (address,)
        )
        if last is None:
            return None
        asset = self._one("assets.id = ?", last["id"])
        headers = _headers(last["headers"])
        if not asset.is_held:
            return KnownAsset(asset=asset, headers=headers, whole=None, etag=None, last_modified=None)
        row = self._db.row(
            "SELECT id, headers FROM assets WHERE url = ? AND sha256 = ? AND status = 200"
            " ORDER BY fetched_at DESC, id DESC LIMIT 1",
            (address, asset.sha256),
        )
        whole = None if row is None else self._one("assets.id = ?", row["id"])
        said: dict[str, str] = {}
        if row is not None and whole is not None and whole.final_url == whole.url:
            said = {name.lower(): value for name, value in reversed(_headers(row["headers"]))}
        return KnownAsset(
            asset=asset,
            headers=headers,
            whole=whole,
            etag=_sendable(said.get("etag")),
            last_modified=_sendable(said.get("last-modified")),
        )

    def totals(self) -> AssetTotals:
        row = self._db.row(
            "SELECT count(*) AS answers, count(DISTINCT sha256) AS bodies,"
            " (SELECT coalesce(sum(size), 0) FROM blobs WHERE sha256 IN (SELECT sha256 FROM assets)) AS size"
            " FROM assets WHERE sha256 IS NOT NULL"
        )
        return AssetTotals(0, 0, 0) if row is None else AssetTotals(row["answers"], row["bodies"], row["size"])

    # --- Writing -----------------------------------------------------------------------------------------------------

    def add(
        self,
        capture_id: int | None,
        fetched: Capture,
        *,
        run_id: int | None = None,
        import_id: int | None = None,
        validated: int | None = None,
    ) -> int:
        """Store what was fetched for a capture, or why nothing came; its id. For None, `give` is to be told of which.

        `validated` is the asset whose body a 304 says is still so. Raises NotInArchive.
        """
        with self._db.transaction():
            row = {"run_id": run_id, "import_id": import_id, **row_of(fetched)}
            if fetched.body is not None and fetched.sha256 is not None:
                put_blob(self._db, fetched.sha256, fetched.body)
            elif validated is not None:
                before = self._row(validated)
                row |= {name: before[name] for name in ("sha256", "size")}
                row["content_type"] = row["content_type"] or before["content_type"]
            asset_id = self._db.insert("assets", row)
            link(self._db, "asset", asset_id)
            if capture_id is not None:
                self.give(capture_id, asset_id)
            return asset_id

    def give(self, capture_id: int, asset_id: int) -> None:
        """Let a stored answer belong to another capture, too."""
        with self._db.transaction():
            self._db.execute(
                "INSERT OR IGNORE INTO capture_assets (capture_id, asset_id) VALUES (?, ?)", (capture_id, asset_id)
            )

    # --- What is yet to be fetched -----------------------------------------------------------------------------------

    def queue(self, capture_id: int, host: str, run_id: int | None) -> None:
        """Note that the assets of a capture are to be fetched, in the turn of its host."""
        with self._db.transaction():
            self._db.execute(
                "INSERT OR REPLACE INTO asset_queue (capture_id, run_id, host, queued_at) VALUES (?, ?, ?, ?)",
                (capture_id, run_id, host, self._db.now()),
            )

    def dequeue(self, capture_id: int) -> None:
        """Note that they were, as far as they could be."""
        with self._db.transaction():
            self._db.execute("DELETE FROM asset_queue WHERE capture_id = ?", (capture_id,))

    def waiting(self, run_id: int) -> dict[str, list[int]]:
        """The captures of a run that wait for theirs, by host, the oldest first."""
        found: dict[str, list[int]] = {}
        for row in self._db.rows(
            "SELECT capture_id, host FROM asset_queue WHERE run_id = ? ORDER BY host, capture_id", (run_id,)
        ):
            found.setdefault(row["host"], []).append(row["capture_id"])
        return found

    def go_on(self, run_id: int) -> None:
        """Take over what earlier runs of the same job left; forget what has waited too long."""
        with self._db.transaction():
            self._db.execute(
                "UPDATE asset_queue SET run_id = ?1 WHERE run_id IN"
                " (SELECT id FROM runs WHERE job_id = (SELECT job_id FROM runs WHERE id = ?1))",
                (run_id,),
            )
            self._db.execute(
                "DELETE FROM asset_queue WHERE queued_at < ?", (utc_text(self._db.moment() - _STALE_QUEUE),)
            )

    def _row(self, asset_id: int) -> sqlite3.Row:
        row = self._db.row("SELECT * FROM assets WHERE id = ?", (asset_id,))
        if row is None:
            raise NotInArchive(f"No asset {asset_id} in {self._db.path}")
        return row

    def _one(self, where: str, value: int) -> StoredAsset:
        row = self._db.row(
            f"SELECT {_COLUMNS}, blobs.content IS NOT NULL AS is_held"  # noqa: S608 - constants
            f" FROM assets LEFT JOIN blobs ON blobs.sha256 = assets.sha256 WHERE {where}",
            (value,),
        )
        assert row is not None  # noqa: S101 - its id was just read
        return _stored(row)


def captures_with(db: Connection, asset_id: int) -> Iterator[int]:
    """Ids of the captures that an asset belongs to, in their order."""
    for row in db.rows("SELECT capture_id FROM capture_assets WHERE asset_id = ? ORDER BY capture_id", (asset_id,)):
        yield row["capture_id"]


def _stored(row: sqlite3.Row) -> StoredAsset:
    values = dict(row)
    return StoredAsset(
        **{**values, "fetched_at": from_utc_text(row["fetched_at"]), "is_held": bool(row["is_held"])},
    )


def _headers(text: str) -> Headers:
    return tuple((name, value) for name, value in json.loads(text))


def _sendable(value: str | None) -> str | None:
    text = (value or "").strip()
    return text if text and text.isascii() and text.isprintable() and len(text) <= 1_000 else None
