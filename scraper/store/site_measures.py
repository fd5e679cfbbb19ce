"""What one run of a crawl found on each site, as the archive keeps it; `site_counts` counts it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any

from scraper.article import utc_text
from scraper.store.connection import Connection
from scraper.store.values import from_utc_text, to_json

FOUND_BY = ("headline", "body", "published_at", "authors")
"""Fields of which it is counted where they came from."""
_JSON_COLUMNS = ("failures", "found_by")


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteMeasures:
    """A row of `run_sites`; `data_dictionary` says what each column means. Times in seconds."""

    run_id: int
    site: str
    at: datetime
    sources: int = 0
    sources_failed: int = 0
    items: int = 0
    new_items: int = 0
    pages: int = 0
    unchanged: int = 0
    ok: int = 0
    paywall: int = 0
    consent: int = 0
    blocked: int = 0
    empty: int = 0
    not_article: int = 0
    gone: int = 0
    failed: int = 0
    failures: Mapping[str, int] = field(default_factory=dict)
    expected: int = 0
    yielded: int = 0
    lost: int = 0
    new_articles: int = 0
    revisits: int = 0
    edits: int = 0
    texts: int = 0
    with_headline: int = 0
    with_authors: int = 0
    with_published_at: int = 0
    with_lead: int = 0
    with_body: int = 0
    repeated_headlines: int = 0
    odd_dates: int = 0
    short: int | None = None
    words: int | None = None
    found_by: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    first_byte_median: float | None = None
    first_byte_p95: float | None = None
    total_median: float | None = None
    total_p95: float | None = None


def store_measures(db: Connection, measures: Sequence[SiteMeasures]) -> None:
    """Keep what was measured, in the place of what was before of the same runs. Call inside a transaction."""
    for run_id in {one.run_id for one in measures}:
        db.execute("DELETE FROM run_sites WHERE run_id = ?", (run_id,))
    for one in measures:
        row = {column.name: getattr(one, column.name) for column in fields(one)}
        row |= {name: to_json(dict(row[name])) for name in _JSON_COLUMNS} | {"at": utc_text(one.at)}
        db.insert("run_sites", row)


def list_measures(
    db: Connection, site: str, *, since: datetime | None = None, limit: int | None = None
) -> Iterator[SiteMeasures]:
    """What runs found on a site, the newest first; `since` is the earliest begin of a run."""
    for row in db.rows(
        "SELECT * FROM run_sites WHERE site = ? AND at >= ? ORDER BY at DESC, run_id DESC LIMIT ?",
        (site, utc_text(since) if since else "", -1 if limit is None else limit),
    ):
        yield _measures(row)


def unmeasured_runs(db: Connection, *, limit: int) -> list[int]:
    """Of the last `limit` crawls, those that have ended and were not measured, as when their process died."""
    rows = db.rows(
        "SELECT id FROM (SELECT id, state FROM runs WHERE job_id IS NOT NULL ORDER BY id DESC LIMIT ?)"
        " WHERE state != 'running' AND id NOT IN (SELECT run_id FROM run_sites) ORDER BY id",
        (limit,),
    )
    return [row["id"] for row in rows]


def _measures(row: sqlite3.Row) -> SiteMeasures:
    values: dict[str, Any] = dict(row)
    values |= {name: json.loads(values[name]) for name in _JSON_COLUMNS} | {"at": from_utc_text(values["at"])}
    return SiteMeasures(**values)
