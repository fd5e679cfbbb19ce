"""What came in lately, the newest articles, and whether all is well."""

from __future__ import annotations

from dataclasses import dataclass

from scraper.store import Alarm, Archive, StoredJob
from scraper.store.browsing import Listed
from scraper.web.chart import Chart, chart
from scraper.web.rendering import page
from scraper.web.visits import Answer, Route, Visit

_DAYS = 30
_OUTLETS = 12
_NEWEST = 20
_JOBS = 20
_ALARMS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    chart: Chart | None
    newest: tuple[Listed, ...]
    jobs: tuple[StoredJob, ...]
    """The first of them, by name; a crawl that was typed is none that anybody waits for."""
    more_jobs: int
    alarms: tuple[Alarm, ...]
    more_alarms: int


def read_home(archive: Archive) -> Home:
    browsing = archive.browsing()
    counts = browsing.days(until=archive.now().date(), days=_DAYS)
    jobs = [job for job in archive.jobs() if job.origin != "typed"]
    alarms = [alarm for alarm in archive.health().alarms() if alarm.is_open]
    return Home(
        chart=chart(((one.day, one.site, one.number) for one in counts), days=_DAYS, most_rows=_OUTLETS),
        newest=tuple(browsing.newest(_NEWEST)),
        jobs=tuple(jobs[:_JOBS]),
        more_jobs=max(0, len(jobs) - _JOBS),
        alarms=tuple(alarms[:_ALARMS]),
        more_alarms=max(0, len(alarms) - _ALARMS),
    )


def _show(archive: Archive, visit: Visit) -> Answer:
    return page("home.html", visit, home=read_home(archive))


ROUTES = (Route("/", _show),)
