"""What is to happen: the jobs, when each is to run by its own words, and what befalls the machine."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from benchmarks.simulated_web.places import ListAt
from benchmarks.simulated_web.world import World
from scraper.crawl.jobs.schedule import jitter

EventKind = Literal["off", "skew", "pause", "resume", "take_out", "put_back", "kill", "together"]
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
_WEEK = frozenset(range(7))


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A job. When it is to run is worked out here anew, not by the schedule that is examined."""

    name: str
    starts: dict[str, list[str]]
    """Addresses by kind of start, as `scrape jobs add` has them."""
    every: timedelta | None = None
    at: tuple[time, ...] = ()
    """Times of day of a job that runs by the clock on the wall, all of them at the same minute."""
    weekdays: frozenset[int] = _WEEK
    """0 for Monday."""
    zone: str = ""
    in_file: bool = False
    """Whether it stands in scrape.toml."""

    @property
    def words(self) -> dict[str, Any]:
        """As options of `scrape jobs add`, or keys of scrape.toml."""
        if self.every is not None:
            return {**self.starts, "every": f"{int(self.every / MINUTE)}m"}
        minute, hours = self.at[0].minute, ",".join(str(one.hour) for one in self.at)
        # In a crontab Sunday is 0.
        days = "*" if self.weekdays == _WEEK else ",".join(str((day + 1) % 7) for day in sorted(self.weekdays))
        return {**self.starts, "cron": f"{minute} {hours} * * {days}", "tz": self.zone}

    def comes(self, after: datetime, until: datetime, *, added: datetime) -> bool:
        """Whether the job is to run at some moment later than `after` and not later than `until`; UTC."""
        if self.every is not None:
            begun = added + jitter(self.name, self.every)
            return begun + (until - begun) // self.every * self.every > after
        first, last = max(after, until - 8 * DAY).date() - DAY, until.date() + DAY
        days = (first + n * DAY for n in range((last - first).days + 1))
        return any(
            after < self._on(day, one) <= until for day in days if day.weekday() in self.weekdays for one in self.at
        )

    def _on(self, day: Any, at: time) -> datetime:
        """When it is that time: the first time if twice, and if never, when clocks have just gone past it."""
        wall = datetime.combine(day, at)
        zone = ZoneInfo(self.zone)
        moment = wall.replace(tzinfo=zone).astimezone(UTC)
        while (moment - MINUTE).astimezone(zone).replace(tzinfo=None) >= wall:
            moment -= MINUTE
        return moment


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happens to the machine; `at` is counted from the beginning, by the web's clock."""

    at: timedelta
    kind: EventKind
    value: Any = field(default=None)
    """`off`: until when; `skew`: by how much the machine's clock is wrong from now on; `pause`, `resume`: a job."""


RESTING = "resting"
"""The job that is paused and resumed."""

SET_BACK_BY = 2 * HOUR
"""By how much the clock once is behind."""

MONTH = (
    Event(5 * DAY, "off", 7 * DAY),
    Event(7 * DAY, "together"),
    Event(8 * DAY, "pause", RESTING),
    Event(11 * DAY, "skew", DAY),
    Event(11 * DAY + 6 * HOUR, "skew", timedelta()),
    Event(13 * DAY, "off", 13 * DAY + 6 * HOUR),
    Event(13 * DAY + 6 * HOUR, "kill"),
    Event(15 * DAY, "resume", RESTING),
    Event(17 * DAY, "take_out"),
    Event(19 * DAY, "put_back"),
    Event(21 * DAY, "skew", -SET_BACK_BY),
    Event(22 * DAY, "skew", timedelta()),
)
DAYS = (
    Event(0.2 * DAY, "pause", RESTING),
    Event(0.3 * DAY, "skew", DAY),
    Event(0.5 * DAY, "skew", timedelta()),
    Event(0.7 * DAY, "off", 0.95 * DAY),
    Event(0.95 * DAY, "together"),
    Event(1.0 * DAY, "resume", RESTING),
    Event(1.1 * DAY, "skew", -SET_BACK_BY),
    Event(1.3 * DAY, "skew", timedelta()),
    Event(1.4 * DAY, "off", 1.55 * DAY),
    Event(1.55 * DAY, "kill"),
)
"""The same within two days."""


def jobs_of(world: World) -> list[Planned]:
    """Seven jobs of every kind, by which all of the first eight outlets are visited."""
    outlets = world.outlets
    homes = world.homes
    feeds = [url for url in (outlets[number].addresses.feed() for number in (2, 6)) if url]
    sections = [url for url in (outlets[3].addresses.listing(ListAt("section", 0)),) if url]
    return [
        Planned(name="hourly", starts={"site": [homes[0], homes[1], homes[3]]}, every=HOUR),
        Planned(name="feeds", starts={"feed": feeds}, every=2 * HOUR),
        Planned(name="section", starts={"section": sections}, every=6 * HOUR),
        Planned(name=RESTING, starts={"site": [homes[6]]}, every=4 * HOUR),
        # In October Sydney's clocks skip the hour after two, and Kyiv's go through the one after three twice.
        Planned(name="sydney", starts={"site": [homes[5]]}, at=(time(2, 30),), zone="Australia/Sydney"),
        Planned(name="kyiv", starts={"site": [homes[2], homes[4]]}, at=(time(3, 30),), zone="Europe/Kyiv"),
        Planned(
            name="mornings",
            starts={"site": [homes[7]]},
            at=tuple(time(hour, 15) for hour in (7, 11, 15, 19)),
            weekdays=frozenset(range(5)),
            zone="America/New_York",
            in_file=True,
        ),
    ]
