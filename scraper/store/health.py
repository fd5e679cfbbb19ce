"""What the watch over sites and jobs reads and writes: measures of runs, looks at sources, texts, alarms, notices."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from scraper.store import alarms, site_counts, site_measures
from scraper.store.alarms import Alarm, Channel, Notice, Trouble
from scraper.store.connection import Connection
from scraper.store.site_measures import SiteMeasures
from scraper.store.sources import SourceKind, SourceState
from scraper.store.values import from_utc_text, moment_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One look at a source, as `source_checks` has it."""

    run_id: int | None
    at: datetime
    status: int | None
    error: str | None
    sha256: str | None
    items: int
    new_items: int
    newest_item_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LookedAt:
    """A source, how it came to be one, and how looks at it went."""

    id: int
    url: str
    kind: SourceKind
    site: str
    state: SourceState
    is_named: bool
    """A user named it."""
    parent_kind: SourceKind | None
    newest_item_at: datetime | None
    looks: tuple[Look, ...]
    """The newest first."""


@dataclass(frozen=True, slots=True)
class Example:
    """A capture that shows a trouble."""

    capture: int
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldSeen:
    """A text of which a site file found a field, or did not."""

    capture: int
    url: str
    at: datetime
    source: str
    """`provenance.source` of the field."""
    selector: str | None
    value: str | None


class HealthRecords:
    """The records of one archive. Every method raises ArchiveError, those that write also ArchiveNotWritable."""

    def __init__(self, db: Connection) -> None:
        self._db = db

    # --- Measures ---

    def measure(self, run_id: int) -> list[SiteMeasures]:
        """Count what a run found on each site, and keep it."""
        with self._db.transaction():
            found = site_counts.measure_run(self._db, run_id)
            site_measures.store_measures(self._db, found)
        return found

    def measure_once(self, run_ids: Sequence[int], site: str) -> SiteMeasures:
        """What several runs, the newest first, have read on a site, each article counted once; nothing is kept."""
        return site_counts.measure_once(self._db, run_ids, site)

    def store_measures(self, measures: Sequence[SiteMeasures]) -> None:
        """Keep measures that were made elsewhere, in the place of those of the same runs."""
        with self._db.transaction():
            site_measures.store_measures(self._db, measures)

    def unmeasured_runs(self, *, limit: int) -> list[int]:
        """Of the last `limit` crawls, those that ended and were not measured, as when their process died."""
        return site_measures.unmeasured_runs(self._db, limit=limit)

    def measures(self, site: str, *, since: datetime | None = None, limit: int | None = None) -> Iterator[SiteMeasures]:
        """What runs found on a site, the newest first; `since` is the earliest begin of a run."""
        return site_measures.list_measures(self._db, site, since=since, limit=limit)

    def sites(self) -> list[str]:
        """Sites of which there are measures."""
        return [row[0] for row in self._db.rows("SELECT DISTINCT site FROM run_sites ORDER BY site")]

    # --- Alarms ---

    def alarms(self, *, site: str | None = None, job: str | None = None, cleared: bool = False) -> list[Alarm]:
        """Alarms that are not over, with `cleared` also those that are; the newest first.

        Of a job: alarms about it, and those that its runs raised.
        """
        return list(alarms.list_alarms(self._db, site=site, job=job, cleared=cleared))

    def past_alarms(self, site: str) -> list[Alarm]:
        """Alarms of a site, those that are over, too, the oldest first."""
        return alarms.past_alarms(self._db, site)

    def raise_alarm(self, trouble: Trouble, run_id: int | None) -> Alarm | None:
        """Open an alarm; None when there is one of this trouble already."""
        with self._db.transaction():
            return alarms.raise_alarm(self._db, trouble, run_id)

    def see_again(self, alarm: Alarm) -> None:
        """The trouble is still there."""
        with self._db.transaction():
            alarms.see_alarm_again(self._db, alarm.id)

    def clear(self, alarm: Alarm, run_id: int | None) -> Alarm:
        """The trouble is over."""
        with self._db.transaction():
            return alarms.clear_alarm(self._db, alarm.id, run_id)

    def acknowledge(self, alarm_id: int) -> Alarm:
        """Somebody knows of it: until it is over it counts no more. Raises NotInArchive."""
        with self._db.transaction():
            return alarms.acknowledge_alarm(self._db, alarm_id)

    def accept(self, alarm_id: int) -> Alarm:
        """This is how it is now: what was before is no measure any more. Raises NotInArchive."""
        with self._db.transaction():
            return alarms.accept_alarm(self._db, alarm_id)

    # --- Notices ---

    def notices(self, channel: Channel, *, not_older_than: timedelta, limit: int) -> list[Notice]:
        """What is to be told on a channel and was not yet, the oldest first."""
        with self._db.transaction():
            alarms.add_notices(self._db, [channel], self._db.moment() - not_older_than)
        return alarms.open_notices(self._db, channel, limit=limit)

    def note_told(self, notices: Sequence[Notice], error: str | None) -> None:
        """Record that notices were sent, or why not."""
        with self._db.transaction():
            alarms.note_told(self._db, notices, error)

    # --- What is looked at ---

    def sources(self, run_id: int, site: str, *, looks: int) -> Iterator[LookedAt]:
        """The sources of a site that a run has looked at, each with its last `looks` looks up to that run."""
        return _sources_looked_at(self._db, run_id, site, looks)

    def more_looks(self, source: LookedAt, run_id: int, *, looks: int) -> LookedAt:
        """A source with so many of the looks at it up to a run."""
        return replace(source, looks=tuple(_looks(self._db, source.id, run_id, looks)))

    def newest_items(self, source_id: int, *, limit: int = 300) -> list[datetime]:
        """The dates that a source's newest item had over time, the newest first."""
        rows = self._db.rows(
            "SELECT DISTINCT newest_item_at FROM source_checks WHERE source_id = ? AND newest_item_at IS NOT NULL"
            " ORDER BY 1 DESC LIMIT ?",
            (source_id, limit),
        )
        return [from_utc_text(row[0]) for row in rows]

    def is_looked_at(self, source_url: str) -> bool:
        """Whether any job still looks at a source with this address."""
        found = self._db.row(
            "SELECT 1 FROM job_sources JOIN sources ON sources.id = source_id WHERE url = ? LIMIT 1", (source_url,)
        )
        return found is not None

    def examples(self, run_ids: Sequence[int], site: str, subject: str, *, limit: int = 3) -> list[Example]:
        """Captures of a site in some runs that show what is wrong with `subject`."""
        return _examples(self._db, run_ids, site, subject, limit)

    def field_last_found(self, site: str, name: str) -> FieldSeen | None:
        """The last text of a site in which a site file's selector gave a field its value."""
        return _field_seen(self._db, f"{_FOUND} ORDER BY id DESC LIMIT 1", site, name)

    def field_first_missed(self, site: str, name: str, *, after: int) -> FieldSeen | None:
        """The first text of a site after the capture `after` whose field came from elsewhere, or from nowhere."""
        which = f"NOT coalesce({_FOUND}, FALSE) AND capture_id > ?3 ORDER BY id LIMIT 1"
        return _field_seen(self._db, which, site, name, after)


def _sources_looked_at(db: Connection, run_id: int, site: str, looks: int) -> Iterator[LookedAt]:
    rows = db.rows(
        "SELECT sources.*, parent.kind AS parent_kind, coalesce((SELECT min(depth) FROM job_sources"
        " WHERE source_id = sources.id), 1) = 0 AS is_named FROM sources"
        " LEFT JOIN sources AS parent ON parent.id = sources.parent_id"
        " WHERE sources.site = ? AND sources.id IN (SELECT source_id FROM source_checks WHERE run_id = ?)"
        " ORDER BY sources.id",
        (site, run_id),
    )
    for row in list(rows):
        yield LookedAt(
            id=row["id"],
            url=row["url"],
            kind=row["kind"],
            site=row["site"],
            state=row["state"],
            is_named=bool(row["is_named"]),
            parent_kind=row["parent_kind"],
            newest_item_at=moment_of(row["newest_item_at"]),
            looks=tuple(_looks(db, row["id"], run_id, looks)),
        )


def _looks(db: Connection, source_id: int, run_id: int, limit: int) -> Iterator[Look]:
    rows = db.rows(
        "SELECT * FROM source_checks WHERE source_id = ? AND coalesce(run_id, 0) <= ?"
        " ORDER BY checked_at DESC, id DESC LIMIT ?",
        (source_id, run_id, limit),
    )
    # In the order in which they were made: after a clock was set back, that is not the order of their times.
    for row in sorted(rows, key=lambda row: int(row["id"]), reverse=True):
        yield Look(
            run_id=row["run_id"],
            at=from_utc_text(row["checked_at"]),
            status=row["status"],
            error=row["error"],
            sha256=row["sha256"],
            items=row["items"],
            new_items=row["new_items"],
            newest_item_at=moment_of(row["newest_item_at"]),
        )


_TEXTS = " JOIN revisions AS r ON r.capture_id = c.id AND r.cause = 'page' AND r.verdict IN ('ok', 'paywall')"
_SHOWING: dict[str, tuple[str, str]] = {
    # What shows a trouble with a subject: what to join, and what holds of the captures.
    "articles": ("", "c.verdict IN ('empty', 'not_article')"),
    "wall": ("", "c.verdict IN ('consent', 'blocked')"),
    "paywall": ("", "c.verdict = 'paywall'"),
    "headline": (_TEXTS, "TRUE ORDER BY r.headline IS NOT NULL"),
    "authors": (_TEXTS, "r.authors = '[]'"),
    "published_at": (_TEXTS, "TRUE ORDER BY r.published_at IS NOT NULL"),
    "body": (_TEXTS, "TRUE ORDER BY r.word_count"),
    "errors": ("", "c.error IS NOT NULL OR c.status >= 400"),
    "latency": ("", "TRUE ORDER BY c.time_first_byte DESC"),
}


def _examples(db: Connection, run_ids: Sequence[int], site: str, subject: str, limit: int) -> list[Example]:
    joined, condition = _SHOWING.get(subject, ("", "TRUE"))
    where, _, order = condition.partition(" ORDER BY ")
    marks = ", ".join("?" * len(run_ids))
    rows = db.rows(
        f"SELECT c.id, c.url FROM captures AS c JOIN pages ON pages.id = c.page_id{joined}"  # noqa: S608 - constants of ours
        f" WHERE c.run_id IN ({marks}) AND pages.site = ? AND ({where}) ORDER BY {order or 'c.id'}, c.id LIMIT ?",
        (*run_ids, site, limit),
    )
    return [Example(row["id"], row["url"]) for row in rows]


_FOUND = "json_extract(provenance, '$.' || ?2 || '.source') = 'site_file'"


def _field_seen(db: Connection, which: str, *of: str | int) -> FieldSeen | None:
    """`of` is the site, the field, and the capture after which, where that is asked for."""
    name = str(of[1])
    if not name.isidentifier():
        return None
    asked = f"substr({name}, 1, 300) AS value FROM revisions WHERE site = ?1 AND verdict IN ('ok', 'paywall')"
    row = db.row(
        f"SELECT capture_id, url, first_seen_at, json_extract(provenance, '$.' || ?2) AS found, {asked} AND {which}",
        of,
    )
    if row is None:
        return None
    found = json.loads(row["found"] or "{}")
    return FieldSeen(
        capture=row["capture_id"],
        url=row["url"],
        at=from_utc_text(row["first_seen_at"]),
        source=found.get("source", "none"),
        selector=found.get("selector"),
        value=row["value"],
    )
