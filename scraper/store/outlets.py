"""What a reading room asks about outlets, the sites of an archive: by an index, or of a bounded number of rows.

A text is a revision that can be read; an edited article has several. Its day is that of publication, as the page states
it, moved to UTC; of a page that states none, that of its first capture.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from scraper.article import READABLE, VERDICTS, Verdict
from scraper.store.connection import Connection

_MOST_SITES = 5_000
_LOOKED_AT = 200
"""Texts among which the last one is looked for that can be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LastText:
    """The text of an outlet that was published last."""

    page_id: int
    headline: str | None
    language: str | None
    day: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OutletCounts:
    """An outlet in a list."""

    site: str
    texts: int
    more: bool
    """Whether there are more than were counted."""
    lately: int
    """Texts of the last days."""
    last: LastText | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TextFields:
    """Which fields a text has, and what it was found to be."""

    day: str
    verdict: Verdict
    is_edit: bool
    headline: bool
    authors: bool
    published_at: bool
    body: bool


class Outlets:
    """A part of `Archive`; see `Archive.outlets`. Its methods raise ArchiveError, and TookTooLong."""

    def __init__(self, db: Connection) -> None:
        self._db = db

    def names(self) -> tuple[list[str], bool]:
        """The sites of texts and of pages, by name; and whether there are more than the first few thousand."""
        found: set[str] = set()
        for table in ("revisions", "pages"):
            found.update(row["site"] for row in self._db.rows(_SITES.format(table=table), (_MOST_SITES + 1,)))
        return sorted(found)[:_MOST_SITES], len(found) > _MOST_SITES

    def is_known(self, site: str) -> bool:
        """Whether there is anything of an outlet: a text, a page, or what a run found of it."""
        row = self._db.row(
            "SELECT EXISTS (SELECT 1 FROM revisions WHERE site = ?1) OR EXISTS (SELECT 1 FROM pages WHERE site = ?1)"
            " OR EXISTS (SELECT 1 FROM run_sites WHERE site = ?1) AS known",
            (site,),
        )
        return row is not None and bool(row["known"])

    def newest_day(self, until: date) -> date:
        """The day of the newest text that is not after `until`; that itself where there is none."""
        row = self._db.row(
            "SELECT max((SELECT max(sorted_at) FROM revisions WHERE verdict = value AND sorted_at < ?)) AS last"
            " FROM json_each(?)",
            (_after(until), json.dumps(READABLE)),
        )
        return until if row is None or row["last"] is None else date.fromisoformat(row["last"][:10])

    def measured_since(self, site: str) -> str | None:
        """When the first run began that found anything of an outlet (UTC, ISO 8601); None when none did."""
        row = self._db.row("SELECT min(at) AS at FROM run_sites WHERE site = ?", (site,))
        return None if row is None else row["at"]

    def counts(self, sites: Sequence[str], *, until: date, days: int, most: int) -> list[OutletCounts]:
        """What there is of some outlets, in their order: at most `most` texts are counted of each.

        `lately` are those of the `days` days up to `until`.
        """
        begin, end = (until - timedelta(days=days - 1)).isoformat(), _after(until)
        texts = {row["site"]: row["number"] for row in self._db.rows(_COUNTS, (json.dumps(list(sites)), most + 1))}
        lately = {row["site"]: row["number"] for row in self._db.rows(_LATELY, (json.dumps(list(sites)), begin, end))}
        return [
            OutletCounts(
                site=site,
                texts=min(texts[site], most),
                more=texts[site] > most,
                lately=lately[site],
                last=self.last_text(site, until=until),
            )
            for site in dict.fromkeys(sites)
        ]

    def last_text(self, site: str, *, until: date) -> LastText | None:
        """The text that was published last, none that is still to come; None also where the last ones are no text."""
        row = self._db.row(
            "SELECT page_id, headline, language, substr(latest.sorted_at, 1, 10) AS day FROM"
            " (SELECT id, sorted_at FROM revisions INDEXED BY revisions_site WHERE site = ? AND sorted_at < ?"
            "  ORDER BY sorted_at DESC LIMIT ?) AS latest"
            " CROSS JOIN revisions ON revisions.id = latest.id WHERE verdict IN ('ok', 'paywall') LIMIT 1",
            (site, _after(until), _LOOKED_AT),
        )
        return None if row is None else LastText(**row)

    def days(self, site: str, *, until: date, days: int) -> dict[str, int]:
        """Texts by day, of the `days` days up to `until`; without days that have none."""
        wanted = [(until - timedelta(days=back)).isoformat() for back in reversed(range(days))]
        rows = self._db.rows(
            _BY_DAY, {"site": site, "days": json.dumps(wanted), "begin": wanted[0], "end": _after(until)}
        )
        return {row["day"]: row["number"] for row in rows if row["number"]}

    def last_texts(self, site: str, *, until: date, limit: int) -> list[TextFields]:
        """The texts that were published last, and what turned out to be none, the last one first."""
        rows = self._db.rows(
            "SELECT substr(latest.sorted_at, 1, 10) AS day, verdict, number > 1 AS is_edit,"
            " headline IS NOT NULL AS headline, authors <> '[]' AS authors,"
            " published_at IS NOT NULL AS published_at, body IS NOT NULL AS body"
            " FROM (SELECT id, sorted_at FROM revisions INDEXED BY revisions_site WHERE site = ? AND sorted_at < ?"
            "  ORDER BY sorted_at DESC LIMIT ?) AS latest CROSS JOIN revisions ON revisions.id = latest.id",
            (site, _after(until), limit),
        )
        flags = ("is_edit", "headline", "authors", "published_at", "body")
        return [TextFields(**{**dict(row), **{name: bool(row[name]) for name in flags}}) for row in rows]

    def jobs(self, site: str) -> list[str]:
        """The jobs that look at sources of an outlet, by name; without crawls that were typed."""
        rows = self._db.rows(
            "SELECT DISTINCT jobs.name FROM jobs CROSS JOIN sources ON sources.site = ?1"
            " CROSS JOIN job_sources ON job_sources.job_id = jobs.id AND job_sources.source_id = sources.id"
            " WHERE origin <> 'typed' ORDER BY jobs.name LIMIT 50",
            (site,),
        )
        return [row["name"] for row in rows]


def _after(day: date) -> str:
    return (day + timedelta(days=1)).isoformat()


# From one site to the next, by an index of sites.
_SITES = """
    WITH RECURSIVE sites (site, n) AS (
        SELECT min(site), 1 FROM {table} WHERE site > ''
        UNION ALL
        SELECT (SELECT min(site) FROM {table} WHERE {table}.site > sites.site), n + 1 FROM sites
        WHERE site IS NOT NULL AND n < ?
    )
    SELECT site FROM sites WHERE site IS NOT NULL
"""
_UNREADABLE = ", ".join(f"'{one}'" for one in VERDICTS if one not in READABLE)
# In two indexes alone, without a look at any row: what can be read is not among what cannot.
_COUNTS = f"""
    SELECT value AS site, (
        SELECT count(*) FROM (
            SELECT 1 FROM revisions INDEXED BY revisions_site WHERE site = value AND id NOT IN (
                SELECT id FROM revisions INDEXED BY revisions_verdict WHERE verdict IN ({_UNREADABLE})
            ) LIMIT ?2
        )
    ) AS number FROM json_each(?1)
"""  # noqa: S608 - constants of ours
_LATELY = f"""
    SELECT value AS site, (
        SELECT count(*) FROM revisions INDEXED BY revisions_site
        WHERE site = value AND sorted_at >= ?2 AND sorted_at < ?3 AND id NOT IN (
            SELECT id FROM revisions INDEXED BY revisions_verdict
            WHERE verdict IN ({_UNREADABLE}) AND sorted_at >= ?2 AND sorted_at < ?3
        )
    ) AS number FROM json_each(?1)
"""  # noqa: S608 - constants of ours
_BY_DAY = f"""
    SELECT value AS day, (
        SELECT count(*) FROM revisions INDEXED BY revisions_site
        WHERE site = :site AND sorted_at >= value AND sorted_at < date(value, '+1 day') AND id NOT IN (
            SELECT id FROM revisions INDEXED BY revisions_verdict
            WHERE verdict IN ({_UNREADABLE}) AND sorted_at >= :begin AND sorted_at < :end
        )
    ) AS number FROM json_each(:days)
"""  # noqa: S608 - constants of ours
