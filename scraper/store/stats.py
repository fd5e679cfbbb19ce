"""What an archive holds, in numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from scraper.store.connection import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class Stats:
    """Counts of rows, sizes in bytes, times in UTC (ISO 8601; None while there are no captures)."""

    pages: int
    articles: int
    """Pages whose newest revision is readable, without those that are the same as another."""
    captures: int
    failures: Mapping[str, int]
    """Captures that brought no page: error code, or `http_404` and the like, to their number, most first."""
    unextracted: int
    """Captures that brought a page which nobody tried to read yet."""
    revisions: int
    verdicts: Mapping[str, int]
    """Of each page's newest revision."""
    sites: Mapping[str, int]
    """Readable articles of the largest sites, most first."""
    languages: Mapping[str, int]
    """Readable articles by language, most first; `""` where it is unknown."""
    assets: int
    """Distinct pictures, styles and fonts that pages show."""
    blobs: int
    bytes_raw: int
    """Of all distinct bodies."""
    bytes_stored: int
    """Of the same, compressed."""
    bytes_file: int
    """Of the archive on disk, its write-ahead log included."""
    first_capture_at: str | None
    last_capture_at: str | None

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def read_stats(db: Connection, *, top: int) -> Stats:
    """Count everything; `top` is the number of sites listed."""
    newest = "FROM pages JOIN revisions ON revisions.id = pages.newest_revision_id WHERE pages.same_as IS NULL"
    readable = f"{newest} AND verdict IN ('ok', 'paywall')"
    captures = db.row("SELECT count(*) AS n, min(fetched_at) AS first, max(fetched_at) AS last FROM captures")
    blobs = db.row("SELECT count(*), coalesce(sum(size), 0), coalesce(sum(stored_size), 0) FROM blobs")
    assert captures is not None  # noqa: S101 - an aggregate always has one row
    assert blobs is not None  # noqa: S101
    return Stats(
        pages=_count(db, "SELECT count(*) FROM pages"),
        articles=_count(db, f"SELECT count(*) {readable}"),
        captures=captures["n"],
        failures=_counts(
            db,
            "SELECT coalesce(error, 'http_' || status), count(*) FROM captures WHERE error IS NOT NULL OR status >= 400"
            " GROUP BY 1 ORDER BY 2 DESC, 1",
        ),
        unextracted=_count(
            db,
            "SELECT count(*) FROM captures"
            " WHERE extracted_at IS NULL AND error IS NULL AND sha256 IS NOT NULL AND status < 400",
        ),
        revisions=_count(db, "SELECT count(*) FROM revisions"),
        verdicts=_counts(db, f"SELECT verdict, count(*) {newest} GROUP BY 1 ORDER BY 2 DESC, 1"),
        sites=_counts(db, f"SELECT revisions.site, count(*) {readable} GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT ?", top),
        languages=_counts(db, f"SELECT coalesce(language, ''), count(*) {readable} GROUP BY 1 ORDER BY 2 DESC, 1"),
        assets=_count(db, "SELECT count(DISTINCT sha256) FROM assets"),
        blobs=blobs[0],
        bytes_raw=blobs[1],
        bytes_stored=blobs[2],
        bytes_file=_file_size(db),
        first_capture_at=captures["first"],
        last_capture_at=captures["last"],
    )


def _count(db: Connection, sql: str) -> int:
    row = db.row(sql)
    return 0 if row is None else int(row[0])


def _counts(db: Connection, sql: str, *parameters: int) -> dict[str, int]:
    return {row[0]: row[1] for row in db.rows(sql, parameters)}


def _file_size(db: Connection) -> int:
    log = db.path.with_name(f"{db.path.name}-wal")
    return sum(file.stat().st_size for file in (db.path, log) if file.exists())
