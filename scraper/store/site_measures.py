"""What one run of a crawl found on each site, counted from its captures, the texts read from them, and its sources."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any

from scraper.article import READABLE, utc_text
from scraper.store.connection import Connection
from scraper.store.presence import shows_home
from scraper.store.values import from_utc_text, to_json
from scraper.urls import site_of

FOUND_BY = ("headline", "body", "published_at", "authors")
"""Fields of which it is counted where they came from."""
_OTHERS = 50
"""Earlier texts of a site that headlines and dates are compared with …"""
_SAME_ON = 4
"""… and on how many pages, its own included, one must stand to be nobody's own."""
_AHEAD = timedelta(days=1)
"""By which a date may lie in the future: no page can know it, but clocks and time zones are what they are."""
_OFF = timedelta(days=3)
"""By which a page's date may differ from its source's."""
_ENOUGH_TEXTS = 20
"""From which a site's usual length is known."""
_SHORT = 4
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


def measure_run(db: Connection, run_id: int) -> list[SiteMeasures]:
    """Count what a run found, by site; nothing is written."""
    started = db.row("SELECT started_at FROM runs WHERE id = ?", (run_id,))
    if started is None:
        return []
    tallies: dict[str, _Tally] = defaultdict(_Tally)
    for row in db.rows(_SOURCES, (run_id,)):
        tallies[row["site"]].count_source(row)
    for row in db.rows(_PAGES, (run_id,)):
        tallies[site_of(row["url"])].count_page(row)
    at = from_utc_text(started["started_at"])
    return [tally.measures(db, run_id, site, at) for site, tally in sorted(tallies.items())]


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


# --- Counting -----------------------------------------------------------------------------------------------------

_SOURCES = (
    "SELECT site, source_checks.error, items, new_items, state FROM source_checks"
    " JOIN sources ON sources.id = source_id WHERE run_id = ?"
)
# A page that was asked for several times in a run counts by what came of it in the end. Whether it was an article
# before is asked of earlier captures, and whether it should be one now of the frontier.
_PAGES = (
    "SELECT c.id, c.page_id, c.url, c.final_url, c.requests, c.fetched_at, c.status, c.error, c.extraction_error,"
    " c.verdict, c.time_first_byte, c.time_total, r.id AS text_id, r.headline, r.authors, r.published_at, r.lead,"
    " r.body IS NOT NULL AS has_body, r.word_count, r.provenance, f.published_at AS dated_at,"
    " sources.kind = 'feed' AS is_of_feed,"
    " EXISTS (SELECT 1 FROM captures AS e WHERE e.page_id = c.page_id AND e.id < c.id"
    "  AND e.verdict IN ('ok', 'paywall')) AS was_readable,"
    " c.sha256 IS (SELECT e.sha256 FROM captures AS e WHERE e.page_id = c.page_id AND e.id < c.id"
    "  AND e.sha256 IS NOT NULL ORDER BY e.id DESC LIMIT 1) AND c.sha256 IS NOT NULL AS same_body"
    " FROM captures AS c"
    " LEFT JOIN revisions AS r ON r.capture_id = c.id AND r.cause = 'page' AND r.verdict IN ('ok', 'paywall')"
    " LEFT JOIN frontier AS f ON f.url = c.url LEFT JOIN sources ON sources.id = f.source_id"
    " WHERE c.id IN (SELECT max(id) FROM captures WHERE run_id = ? GROUP BY page_id)"
)


@dataclass(frozen=True, slots=True)
class _Text:
    page_id: int
    headline: str | None
    published_at: str | None
    dated_at: str | None
    seen_at: str
    words: int


class _Tally:
    """Counts one site of one run."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._failures: Counter[str] = Counter()
        self._found_by: dict[str, Counter[str]] = {name: Counter() for name in FOUND_BY}
        self._texts: list[_Text] = []
        self._first_bytes: list[float] = []
        self._totals: list[float] = []

    def count_source(self, row: sqlite3.Row) -> None:
        counts = self._counts
        counts["sources"] += 1
        counts["items"] += row["items"]
        counts["new_items"] += row["new_items"]
        if row["error"] is not None and row["state"] != "absent":
            counts["sources_failed"] += 1
            self._failures[row["error"]] += 1

    def count_page(self, row: sqlite3.Row) -> None:
        counts = self._counts
        counts["pages"] += 1
        if row["status"] is not None:
            self._totals.append(row["time_total"])
            if row["time_first_byte"] is not None:
                self._first_bytes.append(row["time_first_byte"])
        counts["revisits"] += row["was_readable"]
        state = _state_of(row)
        if state in ("gone", "unchanged"):
            counts[state] += 1
        elif state is not None and state.startswith("failed:"):
            counts["failed"] += 1
            self._failures[state.removeprefix("failed:")] += 1
        elif state is not None:
            self._count_reading(row, state)

    def _count_reading(self, row: sqlite3.Row, verdict: str) -> None:
        counts = self._counts
        counts[verdict] += 1
        is_readable = verdict in READABLE
        counts["lost"] += bool(row["was_readable"] and not is_readable)
        counts["new_articles"] += bool(is_readable and not row["was_readable"])
        promised = row["was_readable"] or row["is_of_feed"] or row["dated_at"] is not None
        if is_readable or verdict == "empty" or (verdict == "not_article" and promised):
            counts["expected"] += 1
            counts["yielded"] += is_readable
        if row["text_id"] is not None:
            counts["edits"] += row["was_readable"]
            self._count_text(row)

    def _count_text(self, row: sqlite3.Row) -> None:
        counts = self._counts
        counts["texts"] += 1
        counts["with_headline"] += bool(row["headline"])
        counts["with_authors"] += row["authors"] != "[]"
        counts["with_published_at"] += bool(row["published_at"])
        counts["with_lead"] += bool(row["lead"])
        counts["with_body"] += row["has_body"]
        provenance = json.loads(row["provenance"])
        for name in FOUND_BY:
            self._found_by[name][(provenance.get(name) or {}).get("source", "none")] += 1
        self._texts.append(
            _Text(
                page_id=row["page_id"],
                headline=row["headline"],
                published_at=row["published_at"],
                dated_at=row["dated_at"],
                seen_at=row["fetched_at"],
                words=row["word_count"],
            )
        )

    def measures(self, db: Connection, run_id: int, site: str, at: datetime) -> SiteMeasures:
        repeated, odd = self._compared(db, site) if self._texts else (0, 0)
        usual = _usual_length(db, site, run_id, at) if self._texts else None
        lengths = [text.words for text in self._texts]
        return SiteMeasures(
            run_id=run_id,
            site=site,
            at=at,
            **self._counts,
            failures=dict(self._failures),
            repeated_headlines=repeated,
            odd_dates=odd,
            short=None if usual is None else sum(words < usual / _SHORT for words in lengths),
            words=round(median(lengths)) if lengths else None,
            found_by={name: dict(found) for name, found in self._found_by.items() if found},
            first_byte_median=_rounded(median(self._first_bytes)) if self._first_bytes else None,
            first_byte_p95=_rounded(_p95(self._first_bytes)) if self._first_bytes else None,
            total_median=_rounded(median(self._totals)) if self._totals else None,
            total_p95=_rounded(_p95(self._totals)) if self._totals else None,
        )

    def _compared(self, db: Connection, site: str) -> tuple[int, int]:
        """How many texts have a headline that is not their own, and how many a date that cannot be theirs."""
        ours = {text.page_id for text in self._texts}
        rows = db.rows(
            "SELECT page_id, headline, published_at FROM revisions WHERE site = ? ORDER BY sorted_at DESC LIMIT ?",
            (site, _OTHERS + len(self._texts)),
        )
        others = {row["page_id"]: row for row in rows if row["page_id"] not in ours}
        headlines = Counter(text.headline for text in self._texts) + Counter(row["headline"] for row in others.values())
        dates = Counter(text.published_at for text in self._texts) + Counter(
            row["published_at"] for row in others.values()
        )
        repeated = sum(text.headline is not None and headlines[text.headline] >= _SAME_ON for text in self._texts)
        return repeated, sum(_is_odd(text, dates) for text in self._texts)


def _state_of(row: sqlite3.Row) -> str | None:
    """`gone`, `unchanged`, `failed:` and why, or the verdict of a reading; None for what nobody has read yet."""
    status = row["status"] or 0
    if row["error"] is not None:
        return f"failed:{row['error']}"
    if row["verdict"] in ("consent", "blocked") and not row["same_body"] and status != 304:
        return str(row["verdict"])
    if status in (404, 410) or shows_home(row):
        return "gone"
    if status >= 400:
        return f"failed:http_{status}"
    if row["extraction_error"] is not None:
        return "failed:extraction"
    if status == 304 or row["same_body"]:
        return "unchanged"
    return None if row["verdict"] is None else str(row["verdict"])


def _is_odd(text: _Text, dates: Counter[str | None]) -> bool:
    """Whether a date cannot be when the article was published."""
    published = _moment(text.published_at)
    if published is None or text.published_at is None:
        return False
    if published - from_utc_text(text.seen_at) > _AHEAD:
        return True
    dated = _moment(text.dated_at)
    if dated is not None:
        return abs(published - dated) > _OFF
    return "T" in text.published_at and dates[text.published_at] >= _SAME_ON


def _moment(stated: str | None) -> datetime | None:
    if stated is None:
        return None
    try:
        found = datetime.fromisoformat(stated)
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError):  # year 1 or 9999, moved by its offset
        return None


def _usual_length(db: Connection, site: str, run_id: int, at: datetime) -> float | None:
    """The median length, in words, of the site's texts in the runs before; None when there were too few."""
    rows = list(
        db.rows(
            # Runs of which most texts were short are no measure of what is usual.
            "SELECT words, texts FROM run_sites WHERE site = ? AND at <= ? AND run_id != ? AND words IS NOT NULL"
            " AND coalesce(short, 0) * 2 <= texts ORDER BY at DESC LIMIT 50",
            (site, utc_text(at), run_id),
        )
    )
    if sum(row["texts"] for row in rows) < _ENOUGH_TEXTS:
        return None
    return float(median(row["words"] for row in rows for _ in range(min(row["texts"], 20))))


def _p95(values: Sequence[float]) -> float:
    return sorted(values)[min(len(values) - 1, int(0.95 * len(values)))]


def _rounded(seconds: float) -> float:
    return round(seconds, 4)
