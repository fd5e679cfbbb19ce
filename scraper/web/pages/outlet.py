"""One outlet over time: what it brought day by day, how whole that was, what was edited, and what went wrong."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from scraper.article import READABLE, VERDICTS
from scraper.crawl.health import MEMORY, Share, SiteNormal, Watched, normal_of_runs, watched_of
from scraper.errors import NotInArchive, UsageError
from scraper.store import Alarm, Archive, SiteMeasures
from scraper.store.outlets import OutletCounts, TextFields
from scraper.web.drift import Line, Sample, Span, count_lines, share_lines
from scraper.web.pages.outlets import FIELDS, YIELD, latest_of_runs, latest_of_texts, shares_of
from scraper.web.rendering import page
from scraper.web.visits import Answer, Route, Visit

DAYS = (30, 90, 365)
_USUAL_DAYS = 90
_MOST_TEXTS = 200_000
_MOST_RUNS = 3_000
_READ_TEXTS = 1_000
_LAST_RUNS = 10
_PAST_ALARMS = 50
_BECAME = (*VERDICTS, "unchanged", "gone", "failed")
_REACHED = ("wall", "paywall", "fetches")
"""What `scrape health` calls shares of pages without a wall, of articles that are shown whole, of fetches that came."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Lines that stand together, and the same in numbers."""

    name: str
    """A message `outlet.parts.…`."""
    lines: tuple[Line, ...]
    note: str | None = None
    """A message of what is counted."""

    @property
    def periods(self) -> list[str]:
        """Those in which there was something, the latest first."""
        return sorted({bar.period for line in self.lines for bar in line.bars}, reverse=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class OutletShown:
    site: str
    counts: OutletCounts
    jobs: tuple[str, ...]
    open: tuple[Alarm, ...]
    """Alarms that are not over, the newest first; those too that somebody knows of."""
    past: tuple[Alarm, ...]
    more_past: int
    span: Span
    parts: tuple[Part, ...]
    now: Mapping[str, Share]
    """Of the shares, the last twenty or so."""
    usual: Mapping[str, float]
    """The same as it usually is, 0 to 1, without troubles that were; without what is not known well enough."""
    normal: SiteNormal | None
    measured: bool
    """Whether crawls have measured it; else its texts alone are counted."""
    cut: int | None
    """How many runs or texts were looked at, where there are more of them in these days."""
    runs: tuple[SiteMeasures, ...]
    """The last ones."""


def read_outlet(archive: Archive, visit: Visit) -> OutletShown:
    """Raises NotInArchive, and UsageError for days that are none of DAYS."""
    site = visit.parts["site"]
    outlets, health = archive.outlets(), archive.health()
    if not outlets.is_known(site):
        raise NotInArchive(f"No outlet {site[:200]} in {archive.path}", next_step="look at the list of outlets")
    newest = list(health.measures(site, limit=1))
    span = _span(archive, visit, site, newest)
    days = span.days
    since = datetime.combine(span.until, time(), UTC) - max(timedelta(days=days), MEMORY)
    runs = list(health.measures(site, since=since, limit=_MOST_RUNS)) if newest else []
    alarms = health.past_alarms(site)[::-1]
    past = [alarm for alarm in alarms if alarm.cleared_at is not None]
    texts = [] if runs else outlets.last_texts(site, until=span.until, limit=_READ_TEXTS)
    normal = normal_of_runs(site, [run for run in runs if run.at >= runs[0].at - MEMORY], alarms)
    [counts] = outlets.counts([site], until=span.until, days=days, most=_MOST_TEXTS)
    by_day = outlets.days(site, until=span.until, days=days)
    return OutletShown(
        site=site,
        counts=counts,
        jobs=tuple(outlets.jobs(site)),
        open=tuple(alarm for alarm in alarms if alarm.cleared_at is None),
        past=tuple(past[:_PAST_ALARMS]),
        more_past=max(0, len(past) - _PAST_ALARMS),
        span=span,
        parts=tuple(part for part in _parts(span, by_day, runs, texts) if part.lines),
        now=latest_of_runs(runs) if runs else latest_of_texts(texts),
        usual={} if normal is None else normal.parts,
        normal=normal,
        measured=bool(runs),
        cut=next((most for found, most in ((runs, _MOST_RUNS), (texts, _READ_TEXTS)) if len(found) == most), None),
        runs=tuple(runs[:_LAST_RUNS]),
    )


def _span(archive: Archive, visit: Visit, site: str, newest: Sequence[SiteMeasures]) -> Span:
    """The days up to the last thing that is known of an outlet; as many as the visit names, or as there is to show."""
    outlets = archive.outlets()
    today = archive.now().date()
    last = outlets.last_text(site, until=today)
    ends = [run.at.date() for run in newest] + ([] if last is None else [date.fromisoformat(last.day)])
    until = min(max(ends, default=today), today)
    days = visit.number("days")
    if days is None:
        first = outlets.measured_since(site)
        few = first is not None and until - date.fromisoformat(first[:10]) < timedelta(days=DAYS[0])
        days = DAYS[0] if few else _USUAL_DAYS
    if days not in DAYS:
        raise UsageError(f"days={days} is none of the spans there are", next_step="write days=30, 90 or 365")
    return Span(until, days)


def _parts(
    span: Span, by_day: Mapping[str, int], runs: Sequence[SiteMeasures], texts: Sequence[TextFields]
) -> Iterable[Part]:
    published = [Sample(day=day, counts={"texts": number}) for day, number in by_day.items()]
    watched = list(watched_of(runs))
    samples = [_of_run(run, watched) for run in runs] if runs else [_of_text(text) for text in texts]
    selectors = [one.subject for one in watched if one.subject not in (*FIELDS, YIELD, *_REACHED)]
    yield Part(
        name="yield",
        lines=(
            *count_lines(published, span, ["texts"]),
            *count_lines(samples, span, ["new_articles"]),
            *share_lines(samples, span, [YIELD]),
        ),
        note="counting" if runs else "counting_texts",
    )
    yield Part(name="fill", lines=share_lines(samples, span, [*FIELDS, *selectors]), note="fill_note" if runs else None)
    yield Part(name="edits", lines=(*count_lines(samples, span, ["edits"]), *share_lines(samples, span, ["edit_rate"])))
    yield Part(
        name="verdicts",
        lines=(*count_lines(samples, span, _BECAME), *share_lines(samples, span, _REACHED)),
    )


def _of_run(run: SiteMeasures, watched: Iterable[Watched]) -> Sample:
    counts = {name: getattr(run, name) for name in ("new_articles", "edits", *_BECAME)}
    shares = {one.subject: one.of_run(run) for one in watched}
    return Sample(
        day=run.at.date().isoformat(),
        counts=counts,
        shares={**shares, "edit_rate": Share(min(run.edits, run.revisits), run.revisits)},
    )


def _of_text(text: TextFields) -> Sample:
    return Sample(
        day=text.day,
        counts={text.verdict: 1, "edits": int(text.is_edit)},
        shares=shares_of(text) if text.verdict in READABLE else {},
    )


def _show(archive: Archive, visit: Visit) -> Answer:
    return page("outlet.html", visit, shown=read_outlet(archive, visit), spans=DAYS)


ROUTES = (Route(r"/outlets/(?P<site>.{1,900})", _show),)
