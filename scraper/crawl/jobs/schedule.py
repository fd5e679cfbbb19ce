"""When a job is due: every so often, or when a crontab would say so.

Times are worked out anew from the clock each time, so a clock that is set wrong, and then right, does no lasting harm.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from scraper.crawl.jobs.durations import FORM, duration, duration_text
from scraper.errors import UsageError

SHORTEST, LONGEST = timedelta(minutes=1), timedelta(days=366)
JITTER, MOST_JITTER = 0.1, timedelta(minutes=5)
"""Jobs that run every so often begin up to this part of it later, so that not all of them begin together."""

SET_BACK = timedelta(hours=3)
"""A clock that is set back by less than this does not bring a run a second time."""

_NAMES = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
_CRON_FORM = 'write five fields, minute hour day month weekday: "0 6 * * *" is 06:00 each day'
_LONGEST_CRON = 200
_SOME_DAY = datetime(2024, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Schedule:
    """`every`, or `cron` in a time zone. Made by `parse_every`, `parse_cron` and `from_text`."""

    every: timedelta | None = None
    cron: str = ""
    zone: str = ""
    """IANA name; empty for a schedule that is none of the clock on the wall."""

    @classmethod
    def parse_every(cls, text: str) -> Schedule:
        """`30m`, `1h`, `1d`. Raises UsageError."""
        span = duration(text)
        if span is None:
            raise UsageError(f"{text!r} is no span of time", next_step=FORM)
        if not SHORTEST <= span <= LONGEST:
            raise UsageError(
                f"{text!r} is too {'short' if span < SHORTEST else 'long'}",
                why=f"a job runs at most every {duration_text(SHORTEST)}, and at least every {duration_text(LONGEST)}",
                next_step=FORM,
            )
        return cls(every=span)

    @classmethod
    def parse_cron(cls, text: str, zone: str | None = None) -> Schedule:
        """Five fields as in a crontab, or `@daily` and the like; `zone` is this machine's when None. Raises UsageError.

        In a fixed hour that the clocks skip, it is due when they have skipped it; in one they go through twice, once.
        """
        expression = " ".join(_NAMES.get(text.strip().lower(), text).split())
        if len(expression) > _LONGEST_CRON or len(expression.split()) != 5:
            raise UsageError(f"{text[:_LONGEST_CRON]!r} is no cron schedule", next_step=_CRON_FORM)
        schedule = cls(cron=expression, zone=zone_name() if zone is None else zone)
        schedule._zone()
        try:
            comes = next(CronSim(_of_the_clock(expression), _SOME_DAY), None)
        except (CronSimError, ValueError) as error:
            raise UsageError(f"{text!r} is no cron schedule", why=str(error).lower(), next_step=_CRON_FORM) from None
        if comes is None:
            raise UsageError(f"{text!r} never comes", why="there is no such day", next_step=_CRON_FORM)
        return schedule

    @classmethod
    def from_text(cls, text: str, zone: str | None) -> Schedule:
        """The reverse of `as_text`. Raises UsageError."""
        kind, _, rest = text.partition(" ")
        if kind == "every":
            return cls.parse_every(rest)
        if kind == "cron":
            return cls.parse_cron(rest, zone or "UTC")
        raise UsageError(f"{text!r} is no schedule", why="it is neither `every …` nor `cron …`")

    def as_text(self) -> str:
        """`every 1h`, or `cron 0 6 * * *`."""
        return f"cron {self.cron}" if self.every is None else f"every {duration_text(self.every)}"

    def first_after(self, last: datetime | None, now: datetime, *, phase: datetime) -> datetime:
        """When a job with this schedule that is new to it is due: at once, if it is to run every so often and has not.

        `last` is when it last began, None if it never did.
        """
        if self.every is not None and (last is None or not now - self.every < last <= now):
            return now
        return self.next_after(last, now, phase=phase)

    def next_after(self, last: datetime | None, now: datetime, *, phase: datetime) -> datetime:
        """When the job is due after a run that began at `last` (None: none did), `now` being the time: aware, UTC.

        What should have come before `now` does not come any more, however often it would have. `phase` is a moment
        that a job which runs every so often is due at, and from there every so often.
        """
        if last is not None and last > now + SET_BACK:
            last = None  # of a clock that was wrong
        if self.every is None:
            return self._next_on_the_clock(now if last is None else max(last, now))
        # A run that came late, as after a machine was off, is not followed at once by the one that is in time.
        after = now if last is None else max(now, last + self.every / 2)
        return phase + ((after - phase) // self.every + 1) * self.every

    def _next_on_the_clock(self, after: datetime) -> datetime:
        for moment in CronSim(_of_the_clock(self.cron), after.astimezone(self._zone())):
            # An hour that is gone through twice is meant the first time; coming from the second, that is over.
            if moment > after:
                return moment.astimezone(UTC)
        raise UsageError(f"cron {self.cron} never comes", next_step=_CRON_FORM)

    def _zone(self) -> ZoneInfo:
        try:
            return ZoneInfo(self.zone)
        except (ValueError, OSError, KeyError):  # no such name, a folder of names, what is no name
            raise UsageError(
                f"{self.zone[:80]!r} is no time zone", next_step="write its IANA name, such as Europe/Kyiv or UTC"
            ) from None


def jitter(name: str, every: timedelta) -> timedelta:
    """How much later than on the dot the job called `name` begins each time, in whole seconds."""
    share = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8]) / 2**64
    return timedelta(seconds=int(share * min(every * JITTER, MOST_JITTER).total_seconds()))


def zone_name(localtime: Path = Path("/etc/localtime")) -> str:
    """This machine's time zone by its IANA name, from TZ or the link that systems keep; UTC when neither tells."""
    told = os.environ.get("TZ", "").lstrip(":")
    if not told:
        try:
            told = str(localtime.resolve(strict=True)).rpartition("zoneinfo/")[2]
        except OSError:
            told = ""
    try:
        return ZoneInfo(told).key
    except (ValueError, OSError, KeyError):
        return "UTC"


def _of_the_clock(cron: str) -> str:
    """`cron`, so that it counts as one for times of day unless it runs within each hour of the day.

    Like cron itself, CronSim looks at a field's first character: `*/15 2 * * *` would be left out where clocks skip
    02:00, and `0 */24 * * *` come twice where they go through midnight twice.
    """
    minute, hour, *rest = cron.split()
    if hour in ("*", "*/1"):
        return " ".join((minute, "*", *rest))
    minute = f"0-59{minute[1:]}" if minute.startswith("*") else minute
    hour = f"0-23{hour[1:]}" if hour.startswith("*") else hour
    return " ".join((minute, hour, *rest))
