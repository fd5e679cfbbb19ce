"""What runs of crawls found on a site, counted from their captures, the texts read from them, and their sources."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import median

from scraper.article import READABLE, VERDICTS, utc_text
from scraper.store.connection import Connection
from scraper.store.presence import shows_home
from scraper.store.site_measures import FOUND_BY, SiteMeasures
from scraper.store.values import from_utc_text
from scraper.urls import site_of

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


def measure_run(db: Connection, run_id: int) -> list[SiteMeasures]:
    """Count what a run found, by site; nothing is written."""
    started = db.row("SELECT started_at FROM runs WHERE id = ?", (run_id,))
    if started is None:
        return []
    tallies: dict[str, _Tally] = defaultdict(_Tally)
    for row in db.rows(_SOURCES, (run_id,)):
        tallies[row["site"]].count_source(row)
    for row in db.rows(f"{_PAGES} {_ORIGINALS_FIRST}", (run_id,)):
        tallies[site_of(row["url"])].count_page(row)
    at = from_utc_text(started["started_at"])
    return [tally.measures(db, run_id, site, at) for site, tally in sorted(tallies.items())]


def measure_once(db: Connection, run_ids: Sequence[int], site: str) -> SiteMeasures:
    """Count the pages that several runs, the newest first, have read on a site: each article once.

    An article that was read again, or at several of its addresses, counts as it was found last. There is nothing in it
    of sources, of failures, and of pages that were as before. `run_id` is the newest run's.
    """
    tally = _Tally()
    read: set[int] = set()
    began = db.row("SELECT started_at FROM runs WHERE id = ?", (run_ids[0],))
    for run_id in run_ids:
        for row in db.rows(f"{_PAGES} AND instr(c.url, ?2) {_ORIGINALS_FIRST}", (run_id, site)):
            if site_of(row["url"]) != site or _state_of(row) not in VERDICTS:
                continue
            if row["article_id"] not in read:
                read.add(row["article_id"])
                tally.count_page(row)
            elif row["text_id"] is not None:
                tally.count_text(row)
    at = db.moment() if began is None else from_utc_text(began["started_at"])
    return tally.measures(db, run_ids[0], site, at)


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
    " sources.kind = 'feed' AS is_of_feed, coalesce(pages.same_as, pages.id) AS article_id,"
    " EXISTS (SELECT 1 FROM captures AS e WHERE e.page_id = c.page_id AND e.id < c.id"
    "  AND e.verdict IN ('ok', 'paywall')) AS was_readable,"
    " c.sha256 IS (SELECT e.sha256 FROM captures AS e WHERE e.page_id = c.page_id AND e.id < c.id"
    "  AND e.sha256 IS NOT NULL ORDER BY e.id DESC LIMIT 1) AND c.sha256 IS NOT NULL AS same_body"
    " FROM captures AS c JOIN pages ON pages.id = c.page_id"
    " LEFT JOIN revisions AS r ON r.capture_id = c.id AND r.cause = 'page' AND r.verdict IN ('ok', 'paywall')"
    " LEFT JOIN frontier AS f ON f.url = c.url LEFT JOIN sources ON sources.id = f.source_id"
    " WHERE c.id IN (SELECT max(id) FROM captures WHERE run_id = ?1 GROUP BY page_id)"
)
_ORIGINALS_FIRST = "ORDER BY pages.same_as IS NOT NULL, c.id"


@dataclass(frozen=True, slots=True)
class _Text:
    headline: str | None
    published_at: str | None
    dated_at: str | None
    seen_at: str
    words: int


class _Tally:
    """Counts one site of one run, or of several."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._failures: Counter[str] = Counter()
        self._found_by: dict[str, Counter[str]] = {name: Counter() for name in FOUND_BY}
        self._texts: dict[int, _Text] = {}
        """Of each article one, by its id: AMP and print pages show the same."""
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
            self.count_text(row)

    def count_text(self, row: sqlite3.Row) -> None:
        if row["article_id"] in self._texts:
            return
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
        self._texts[row["article_id"]] = _Text(
            headline=row["headline"],
            published_at=row["published_at"],
            dated_at=row["dated_at"],
            seen_at=row["fetched_at"],
            words=row["word_count"],
        )

    def measures(self, db: Connection, run_id: int, site: str, at: datetime) -> SiteMeasures:
        repeated, odd = self._compared(db, site) if self._texts else (0, 0)
        usual = _usual_length(db, site, run_id, at) if self._texts else None
        lengths = [text.words for text in self._texts.values()]
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
        rows = db.rows(
            "SELECT coalesce(pages.same_as, pages.id) AS article_id, headline, published_at FROM revisions"
            " JOIN pages ON pages.id = page_id WHERE revisions.site = ? ORDER BY sorted_at DESC LIMIT ?",
            (site, _OTHERS + len(self._texts)),
        )
        others = {row["article_id"]: row for row in rows if row["article_id"] not in self._texts}.values()
        texts = self._texts.values()
        headlines = Counter(text.headline for text in texts) + Counter(row["headline"] for row in others)
        dates = Counter(text.published_at for text in texts) + Counter(row["published_at"] for row in others)
        repeated = sum(text.headline is not None and headlines[text.headline] >= _SAME_ON for text in texts)
        return repeated, sum(_is_odd(text, dates) for text in texts)


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
