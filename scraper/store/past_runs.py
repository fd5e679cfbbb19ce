"""What a reading room asks about runs: which there were, and what became of what each was to fetch."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, get_args

from scraper.article import READABLE, Verdict, utc_text
from scraper.errors import NotInArchive
from scraper.store.alarms import Alarm, alarms_of_run
from scraper.store.connection import Connection
from scraper.store.jobs import is_at_work
from scraper.store.runs import RunState
from scraper.store.values import clean, from_utc_text, moment_of

PageOutcome = Literal["first", "changed", "unchanged", "no_article", "refused", "failed", "unread"]
_OUTCOMES: tuple[PageOutcome, ...] = get_args(PageOutcome)

_TOTALS = (
    "fetched",
    "new",
    "changed",
    "unchanged",
    "labelled",
    "failed",
    "gone",
    "waiting",
    "sources",
    "sources_failed",
)
"""Numbers in the summary of a crawl's run."""
_MOST_COUNTED = 1_000
"""Captures of a run that are counted in a list of runs."""
_EXAMPLES = 3
_NO_END = 2**62
"""A number that no row has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PastRun:
    """A run of a command."""

    id: int
    command: str
    job_id: int | None
    job: str | None
    """The name of its job; None for a run that was none's, and when the job was removed."""
    state: Literal["running"] | RunState
    started_at: datetime
    ended_at: datetime | None
    urls: int
    """Length of the list of addresses that it was given."""
    captures: int
    more_captures: bool
    """Whether it made more captures than were counted."""
    totals: Mapping[str, int]
    """What a crawl said of its run, in numbers; empty for others, and until it ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPage:
    """A page that a run asked for."""

    capture: int
    page_id: int
    url: str
    fetched_at: str
    outcome: PageOutcome
    reason: str | None
    """Why it failed or was refused, as a code; what was found instead of an article, as a verdict."""
    said: str | None
    """The same in words, where there are any."""
    revision: int | None
    headline: str | None
    language: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why something was not archived, how often, and some cases of it."""

    code: str
    number: int
    examples: tuple[tuple[str, int | None], ...]
    """Addresses, each with its page, if it has one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What became of the pages of a run."""

    pages: int
    outcomes: Mapping[PageOutcome, int]
    failures: tuple[Reason, ...]
    """Most first."""
    no_articles: tuple[Reason, ...]
    whole: bool
    """Whether all pages of the run were looked at; else the last ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Skips:
    """Addresses that a run found and did not fetch."""

    reasons: tuple[Reason, ...]
    whole: bool
    """Whether all that were found were looked at; else the first ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteOfRun:
    """What a run brought of a site."""

    site: str
    pages: int
    new_articles: int
    edits: int
    unchanged: int
    no_article: int
    gone: int
    failed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFailed:
    """A feed, sitemap or section that a run could not read."""

    url: str
    kind: str
    error: str
    message: str | None


class PastRuns:
    """A part of `Archive`; see `Archive.past_runs`. Its methods raise ArchiveError, and TookTooLong."""

    def __init__(self, db: Connection) -> None:
        self._db = db

    def latest(self, *, before: int | None = None, job: str | None = None, limit: int) -> list[PastRun]:
        """Runs, the last one first; `before` is the number of a run that is later than all of them.

        `job` is a job's name. Raises NotInArchive for one that is not there.
        """
        values: dict[str, Any] = {"before": _NO_END if before is None else before, "limit": limit}
        condition = ""
        if job is not None:
            values["job"] = self._job(job)
            condition = " AND job_id = :job"
        rows = self._db.rows(f"{_RUNS} AND runs.id < :before{condition} ORDER BY runs.id DESC LIMIT :limit", values)
        return [self._run(row) for row in rows]

    def read(self, run_id: int) -> PastRun:
        """One of them. Raises NotInArchive."""
        row = self._db.row(f"{_RUNS} AND runs.id = :id", {"id": run_id})
        if row is None:
            raise NotInArchive(f"No run {run_id} in {self._db.path}", next_step="look at the list of runs")
        return self._run(row)

    def resting(self, run_id: int) -> dict[str, str]:
        """Hosts that a crawl left alone in a run, and why; the first few."""
        rows = self._db.rows(
            "SELECT host.key, host.value FROM runs, json_each(runs.summary, '$.resting') AS host"
            " WHERE runs.id = ? AND json_valid(runs.summary) LIMIT 20",
            (run_id,),
        )
        return {str(row["key"]): str(row["value"]) for row in rows}

    def pages(self, run_id: int, *, before: int | None, limit: int) -> list[RunPage]:
        """What a run captured, the last one first; `before` is a capture that is later than all of them."""
        rows = self._db.rows(
            f"{_PAGES} ORDER BY c.id DESC LIMIT ?", (run_id, _NO_END if before is None else before, limit)
        )
        return [_page(row) for row in rows]

    def tally(self, run_id: int, *, most: int) -> Tally:
        """What became of the last `most` captures of a run."""
        outcomes: dict[PageOutcome, int] = {}
        failures, no_articles = _Reasons(), _Reasons()
        pages = 0
        for page in self.pages(run_id, before=None, limit=most + 1):
            pages += 1
            if pages > most:
                break
            outcomes[page.outcome] = outcomes.get(page.outcome, 0) + 1
            if page.reason is not None:
                (no_articles if page.outcome == "no_article" else failures).add(page.reason, page.url, page.page_id)
        return Tally(
            pages=min(pages, most),
            outcomes={name: outcomes[name] for name in _OUTCOMES if name in outcomes},
            failures=failures.ordered(),
            no_articles=no_articles.ordered(),
            whole=pages <= most,
        )

    def skips(self, run: PastRun, *, most: int) -> Skips:
        """Addresses that a run of a job found and nobody asked for since, among the first `most` that it found."""
        if run.job_id is None:
            return Skips(reasons=(), whole=True)
        begin = self._first_found(utc_text(run.started_at))
        end = _NO_END if run.ended_at is None else self._first_found(utc_text(run.ended_at), later=True)
        found = _Reasons()
        seen = 0
        for row in self._db.rows(_FOUND, (begin, end, most + 1)):
            seen += 1
            if seen <= most and row["state"] == "skipped" and row["visited_at"] is None and row["job_id"] == run.job_id:
                found.add(row["reason"] or "", row["found_url"], None)
        return Skips(reasons=found.ordered(), whole=seen <= most)

    def sites(self, run_id: int, *, limit: int) -> list[SiteOfRun]:
        """What a crawl's run brought, by site, those with most pages first; nothing until it was measured."""
        rows = self._db.rows(
            "SELECT site, pages, new_articles, edits, unchanged, consent + blocked + empty + not_article AS no_article,"
            " gone, failed FROM run_sites WHERE run_id = ? ORDER BY pages DESC, site LIMIT ?",
            (run_id, limit),
        )
        return [SiteOfRun(**row) for row in rows]

    def sources_failed(self, run_id: int, *, limit: int) -> list[SourceFailed]:
        """Feeds, sitemaps and sections that a run could not read, without addresses that never were one."""
        rows = self._db.rows(
            "SELECT sources.url, sources.kind, source_checks.error, source_checks.error_message AS message"
            " FROM source_checks CROSS JOIN sources ON sources.id = source_id"
            " WHERE run_id = ? AND source_checks.error IS NOT NULL AND state <> 'absent'"
            " ORDER BY source_checks.id LIMIT ?",
            (run_id, limit),
        )
        return [SourceFailed(**row) for row in rows]

    def alarms(self, run_id: int, *, limit: int) -> list[Alarm]:
        """Alarms of sites that a run raised."""
        return alarms_of_run(self._db, run_id, limit)

    def waiting(self, job_id: int, *, most: int) -> int:
        """Pages that wait for a job, at most so many."""
        row = self._db.row(
            "SELECT count(*) AS number FROM (SELECT 1 FROM frontier INDEXED BY frontier_waiting"
            " WHERE job_id = ? AND state = 'waiting' LIMIT ?)",
            (job_id, most),
        )
        return 0 if row is None else int(row["number"])

    def _job(self, name: str) -> int:
        row = self._db.row("SELECT id FROM jobs WHERE name = ?", (clean(name),))
        if row is None:
            raise NotInArchive(f"No job {name[:100]} in {self._db.path}", next_step="look at the list of jobs")
        return int(row["id"])

    def _run(self, row: Any) -> PastRun:
        state = row["state"]
        if state == "running" and not is_at_work(self._db, row):
            state = "interrupted"
        numbers = json.loads(row["totals"]) if row["totals"] else []
        return PastRun(
            id=row["id"],
            command=row["command"],
            job_id=row["job_id"],
            job=row["job"],
            state=state,
            started_at=from_utc_text(row["started_at"]),
            ended_at=moment_of(row["ended_at"]),
            urls=row["urls"],
            captures=min(row["captures"], _MOST_COUNTED),
            more_captures=row["captures"] > _MOST_COUNTED,
            totals={name: n for name, n in zip(_TOTALS, numbers, strict=False) if isinstance(n, int)},
        )

    def _first_found(self, moment: str, *, later: bool = False) -> int:
        """The first address that was found then or later; with `later`, only later. Rows stand in the order of time."""
        row = self._db.row("SELECT max(id) AS last FROM frontier")
        low, high = 1, (row["last"] if row and row["last"] else 0) + 1
        while low < high:
            middle = (low + high) // 2
            at = self._db.row("SELECT id, found_at FROM frontier WHERE id >= ? ORDER BY id LIMIT 1", (middle,))
            if at is None or at["found_at"] > moment or (not later and at["found_at"] == moment):
                high = middle
            else:
                low = at["id"] + 1
        return low


# What keeps another process from doing the same is no run, and stands there only while it does.
_RUNS = f"""
    SELECT runs.id, command, job_id, jobs.name AS job, state, started_at, ended_at, urls, host, pid,
        CASE state WHEN 'running' THEN summary END AS summary,
        CASE WHEN state <> 'running' AND json_valid(summary)
            THEN json_extract(summary, {", ".join(f"'$.{name}'" for name in _TOTALS)}) END AS totals,
        (SELECT count(*) FROM (SELECT 1 FROM captures WHERE run_id = runs.id LIMIT {_MOST_COUNTED + 1})) AS captures
    FROM runs LEFT JOIN jobs ON jobs.id = job_id
    WHERE NOT (job_id IS NULL AND state = 'running' AND summary IS NOT NULL)
"""  # noqa: S608 - constants of ours
_PAGES = (
    "SELECT c.id, c.page_id, c.url, c.fetched_at, c.status, c.error, c.error_message, c.extraction_error, c.verdict,"
    " c.verdict_reason, c.revision, r.capture_id, r.headline, r.language, r.capture_id = c.id AND EXISTS ("
    "SELECT 1 FROM revisions AS e WHERE e.page_id = c.page_id AND e.first_seen_at < r.first_seen_at"
    " AND e.verdict IN ('ok', 'paywall')) AS has_earlier FROM captures AS c"
    " LEFT JOIN revisions AS r ON r.page_id = c.page_id AND r.number = c.revision"
    " WHERE c.run_id = ? AND c.id < ?"
)
_FOUND = (
    "SELECT state, reason, visited_at, job_id, found_url FROM frontier WHERE id >= ? AND id < ? ORDER BY id LIMIT ?"
)


class _Reasons:
    """Counts reasons, and keeps some cases of each."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._examples: dict[str, list[tuple[str, int | None]]] = {}

    def add(self, code: str, url: str, page_id: int | None) -> None:
        self._numbers[code] = self._numbers.get(code, 0) + 1
        examples = self._examples.setdefault(code, [])
        if len(examples) < _EXAMPLES:
            examples.append((url, page_id))

    def ordered(self) -> tuple[Reason, ...]:
        codes = sorted(self._numbers.items(), key=lambda item: (-item[1], item[0]))
        return tuple(Reason(code=code, number=n, examples=tuple(self._examples[code])) for code, n in codes)


def _page(row: Any) -> RunPage:
    outcome, reason, said = _outcome(row)
    return RunPage(
        capture=row["id"],
        page_id=row["page_id"],
        url=row["url"],
        fetched_at=row["fetched_at"],
        outcome=outcome,
        reason=reason,
        said=said,
        revision=row["revision"],
        headline=row["headline"],
        language=row["language"],
    )


def _outcome(row: Any) -> tuple[PageOutcome, str | None, str | None]:
    """What became of a capture, why, and why in words."""
    verdict: Verdict | None = row["verdict"]
    if row["error"] is not None:
        return "failed", row["error"], row["error_message"]
    if (row["status"] or 0) >= 400 and row["revision"] is None:
        return "refused", f"http_{row['status']}", None
    if row["extraction_error"] is not None:
        return "failed", "extraction", row["extraction_error"]
    if verdict is not None and verdict not in READABLE:
        return "no_article", verdict, row["verdict_reason"]
    if row["revision"] is None:
        return "unread", None, None
    if row["capture_id"] != row["id"]:
        return "unchanged", None, None
    return ("changed" if row["has_earlier"] else "first"), None, None
