"""Alarms: what is wrong with a site or a job, since when and until when, and who was told."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Literal

from scraper.article import utc_text
from scraper.errors import NotInArchive
from scraper.store.connection import Connection
from scraper.store.values import clean, from_utc_text, moment_of, to_json

AlarmKind = Literal["layout", "feed", "wall", "dates", "errors", "latency", "yield", "job"]
Severity = Literal["error", "warning"]
NoticeEvent = Literal["raised", "cleared"]
Channel = Literal["webhook", "mail"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Something that is wrong now."""

    site: str
    """Empty for a job, and for what all sites have in common."""
    kind: AlarmKind
    subject: str
    """What of it: a field, the address of a source, the name of a job. The same trouble has the same subject."""
    severity: Severity
    since: datetime
    since_run_id: int | None
    message: str
    detail: Mapping[str, Any] = field(default_factory=dict)
    """JSON-ready: `baseline` and `now` (what is compared), `examples` (captures), `selectors` (those that broke)."""

    @property
    def key(self) -> tuple[str, str, str]:
        return self.site, self.kind, self.subject


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm(Trouble):
    """A row of `alarms`: a trouble that was noticed, and what became of it."""

    id: int
    raised_at: datetime
    raised_run_id: int | None
    last_seen_at: datetime
    acknowledged_at: datetime | None
    accepted_at: datetime | None
    cleared_at: datetime | None
    cleared_run_id: int | None

    @property
    def is_open(self) -> bool:
        """Not over, and nobody said that they know."""
        return self.cleared_at is None and self.acknowledged_at is None

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        values = asdict(self)
        out = {name: utc_text(value) if isinstance(value, datetime) else value for name, value in values.items()}
        return {"id": out.pop("id"), **out}


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Something to be told on a channel that was not told there yet."""

    alarm: Alarm
    event: NoticeEvent
    channel: Channel
    tries: int


# --- Alarms -------------------------------------------------------------------------------------------------------


def raise_alarm(db: Connection, trouble: Trouble, run_id: int | None) -> Alarm | None:
    """Open an alarm; None when there is one of this trouble already. Call inside a transaction."""
    now = db.now()
    row = db.execute(
        "INSERT INTO alarms (site, kind, subject, severity, since, since_run_id, raised_at, raised_run_id,"
        " last_seen_at, message, detail) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (site, kind, subject) WHERE cleared_at IS NULL DO NOTHING RETURNING *",
        (
            trouble.site,
            trouble.kind,
            clean(trouble.subject),
            trouble.severity,
            utc_text(trouble.since),
            trouble.since_run_id,
            now,
            run_id,
            now,
            clean(trouble.message),
            to_json(dict(trouble.detail)),
        ),
    ).fetchone()
    return None if row is None else _alarm(row)


def see_alarm_again(db: Connection, alarm_id: int) -> None:
    """The trouble is still there. Call inside a transaction."""
    db.execute("UPDATE alarms SET last_seen_at = ? WHERE id = ?", (db.now(), alarm_id))


def clear_alarm(db: Connection, alarm_id: int, run_id: int | None) -> Alarm:
    """The trouble is over. Call inside a transaction."""
    return _changed(db, alarm_id, "cleared_at = ?1, cleared_run_id = ?2", db.now(), run_id)


def acknowledge_alarm(db: Connection, alarm_id: int) -> Alarm:
    """Somebody knows: until it is over it counts no more. Inside a transaction. Raises NotInArchive."""
    return _changed(db, alarm_id, "acknowledged_at = coalesce(acknowledged_at, ?1)", db.now())


def accept_alarm(db: Connection, alarm_id: int) -> Alarm:
    """This is how it is now: it is over, and what was before is no measure any more. As `acknowledge_alarm`."""
    return _changed(
        db,
        alarm_id,
        "accepted_at = ?1, acknowledged_at = coalesce(acknowledged_at, ?1), cleared_at = coalesce(cleared_at, ?1)",
        db.now(),
    )


def list_alarms(
    db: Connection, *, site: str | None = None, job: str | None = None, cleared: bool = False
) -> Iterator[Alarm]:
    """Alarms that are not over, with `cleared` also those that are; the newest first.

    Of a job: alarms about it, and those that its runs raised.
    """
    for row in db.rows(
        "SELECT alarms.* FROM alarms LEFT JOIN runs ON runs.id = raised_run_id"
        " LEFT JOIN jobs ON jobs.id = runs.job_id"
        " WHERE (?1 IS NULL OR site = ?1) AND (?2 IS NULL OR jobs.name = ?2 OR (kind = 'job' AND subject = ?2))"
        " AND (?3 OR cleared_at IS NULL) ORDER BY alarms.id DESC",
        (site, job, cleared),
    ):
        yield _alarm(row)


def past_alarms(db: Connection, site: str) -> list[Alarm]:
    """Alarms of a site, those that are over, too."""
    return [_alarm(row) for row in db.rows("SELECT * FROM alarms WHERE site = ? ORDER BY id", (site,))]


def alarms_of_run(db: Connection, run_id: int, limit: int) -> list[Alarm]:
    """Alarms of sites that a run raised, the first one first: it looked at no other sites."""
    rows = db.rows(
        "SELECT alarms.* FROM run_sites CROSS JOIN alarms ON alarms.site = run_sites.site AND raised_run_id = run_id"
        " WHERE run_id = ? ORDER BY alarms.id LIMIT ?",
        (run_id, limit),
    )
    return [_alarm(row) for row in rows]


def _changed(db: Connection, alarm_id: int, what: str, *values: object) -> Alarm:
    statement = f"UPDATE alarms SET {what} WHERE id = ?{len(values) + 1} RETURNING *"  # noqa: S608 - constants of ours
    row = db.execute(statement, (*values, alarm_id)).fetchone()
    if row is None:
        raise NotInArchive(f"No alarm {alarm_id} in {db.path}", next_step="scrape health --all lists those there are")
    return _alarm(row)


def _alarm(row: sqlite3.Row) -> Alarm:
    return Alarm(
        id=row["id"],
        site=row["site"],
        kind=row["kind"],
        subject=row["subject"],
        severity=row["severity"],
        since=from_utc_text(row["since"]),
        since_run_id=row["since_run_id"],
        message=row["message"],
        detail=json.loads(row["detail"]),
        raised_at=from_utc_text(row["raised_at"]),
        raised_run_id=row["raised_run_id"],
        last_seen_at=from_utc_text(row["last_seen_at"]),
        acknowledged_at=moment_of(row["acknowledged_at"]),
        accepted_at=moment_of(row["accepted_at"]),
        cleared_at=moment_of(row["cleared_at"]),
        cleared_run_id=row["cleared_run_id"],
    )


# --- Notices ------------------------------------------------------------------------------------------------------


def add_notices(db: Connection, channels: Sequence[Channel], since: datetime) -> None:
    """Put down what is to be told: of alarms that were raised or cleared since then. Inside a transaction.

    An alarm that was over before it was told of is not told of, nor the end of one that nobody was told of.
    """
    for channel in channels:
        db.execute(
            "INSERT INTO alarm_notices (alarm_id, event, channel, tries) SELECT id, 'raised', ?1, 0 FROM alarms"
            " WHERE raised_at >= ?2 AND cleared_at IS NULL AND acknowledged_at IS NULL ON CONFLICT DO NOTHING",
            (channel, utc_text(since)),
        )
        db.execute(
            "INSERT INTO alarm_notices (alarm_id, event, channel, tries) SELECT id, 'cleared', ?1, 0 FROM alarms"
            " JOIN alarm_notices AS told ON told.alarm_id = alarms.id AND told.event = 'raised'"
            " AND told.channel = ?1 AND told.sent_at IS NOT NULL"
            " WHERE cleared_at >= ?2 AND accepted_at IS NULL ON CONFLICT DO NOTHING",
            (channel, utc_text(since)),
        )


def open_notices(db: Connection, channel: Channel, *, limit: int) -> list[Notice]:
    """What is still to be told on a channel, the oldest first."""
    rows = db.rows(
        "SELECT alarms.*, event, tries FROM alarm_notices JOIN alarms ON alarms.id = alarm_id"
        " WHERE channel = ? AND sent_at IS NULL AND NOT (event = 'raised' AND cleared_at IS NOT NULL)"
        " ORDER BY alarms.id, event DESC LIMIT ?",
        (channel, limit),
    )
    return [Notice(alarm=_alarm(row), event=row["event"], channel=channel, tries=row["tries"]) for row in rows]


def note_told(db: Connection, notices: Sequence[Notice], error: str | None) -> None:
    """Record that notices were sent, or why not. Call inside a transaction."""
    for notice in notices:
        db.execute(
            "UPDATE alarm_notices SET tries = tries + 1, error = ?1, sent_at = CASE WHEN ?1 IS NULL THEN ?2 END"
            " WHERE alarm_id = ?3 AND event = ?4 AND channel = ?5",
            (clean(error), db.now(), notice.alarm.id, notice.event, notice.channel),
        )
