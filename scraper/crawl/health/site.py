"""One site as a run has found it and the runs before: what is wrong with it now, and what is right again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime

from scraper.crawl.health.baseline import Collapse, CountOnce, collapse_of, has_recovered, normal_runs
from scraper.crawl.health.measures import watched_by_key, watched_of
from scraper.crawl.health.shares import Share
from scraper.crawl.health.silence import SILENT, SLOW, silence_of, slow_from, slowness_of
from scraper.crawl.health.sources import is_passing, is_well, may_be_in_trouble, trouble_with
from scraper.store import Alarm, Example, LookedAt, SiteMeasures, Trouble

FindExamples = Callable[[Sequence[int], str], list[Example]]
"""Captures of runs that show what is wrong with a subject."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteWatch:
    """What is known of a site at the end of a run."""

    site: str
    runs: Sequence[SiteMeasures]
    """The one that ended, and those before: the newest first."""
    alarms: Sequence[Alarm] = ()
    """Of the site, also those that are over."""
    sources: Sequence[LookedAt] = ()
    """Those that the run has looked at."""
    more_of: Callable[[LookedAt], LookedAt] = lambda source: source
    """A source with more of the looks at it."""
    newest_items: Callable[[LookedAt], Sequence[datetime]] = lambda source: ()
    examples_of: FindExamples = lambda runs, subject: []
    is_looked_at: Callable[[str], bool] = lambda url: True
    """Whether any job still looks at the source with an address."""
    count_once: CountOnce | None = None
    examples: dict[tuple[str, str, str], list[Example]] = field(default_factory=dict)
    """Of the troubles that `troubles` found."""

    @property
    def is_odd(self) -> bool:
        """Whether anything about the run may be wrong, so that all that is known of the site must be asked."""
        if not self.runs or self.open:
            return True
        latest = self.runs[0]
        if any(watched.of_run(latest).bad for watched in watched_of(self.runs)):
            return True
        last_new = next((run.at for run in self.runs if run.new_articles), None)
        return last_new is None or latest.at - last_new > SILENT or (latest.first_byte_median or 0) > SLOW

    @property
    def open(self) -> dict[tuple[str, str, str], Alarm]:
        """The alarms that are not over."""
        return {alarm.key: alarm for alarm in self.alarms if alarm.cleared_at is None}

    def troubles(self) -> list[Trouble]:
        """What is wrong now."""
        if not self.runs:
            return []
        shares = self._collapsed()
        found = [trouble for trouble in (silence_of(self.runs), slowness_of(self.runs)) if trouble is not None]
        failing = any(one.kind == "errors" for one in (*shares, *self.open.values()))
        for source in map(self._known_well, self.sources):
            items = self.newest_items(source) if source.kind == "feed" else []
            trouble = trouble_with(source, self.runs, items)
            # What is wrong with the whole site is said once.
            if trouble is not None and not (failing and _may_pass(trouble)):
                found.append(trouble)
        return [*shares, *found]

    def over(self, troubles: Sequence[Trouble]) -> list[Alarm]:
        """The open alarms whose trouble is over."""
        still = {trouble.key for trouble in troubles}
        return [alarm for alarm in self.open.values() if alarm.key not in still and self._is_over(alarm)]

    def _known_well(self, source: LookedAt) -> LookedAt:
        is_known = any(alarm.subject == source.url for alarm in self.open.values())
        return self.more_of(source) if is_known or may_be_in_trouble(source) else source

    # --- Shares ---

    def _collapsed(self) -> list[Trouble]:
        found: dict[str, Trouble] = {}
        known = {subject for _, _, subject in self.open}
        for watched in watched_of(self.runs):
            if not watched.of_run(self.runs[0]).bad or (self.site, *watched.key) in self.open:
                continue  # whether an open one is over is another question
            runs = normal_runs(self.runs, self.alarms, *watched.key)
            if not runs or runs[0].run_id != self.runs[0].run_id:
                continue
            collapse = collapse_of(watched, runs, self.runs, self.count_once)
            field_name = watched.subject.removesuffix(" selector")
            # A field that is missing altogether is said once: not also that its selector finds nothing.
            if collapse is not None and field_name not in found and field_name not in known:
                found[field_name] = self._of_collapse(collapse)
        return list(found.values())

    def _of_collapse(self, collapse: Collapse) -> Trouble:
        watched, now, before = collapse.watched, collapse.now, collapse.before
        subject = watched.subject if watched.kind != "errors" else "errors"
        pages = self.examples_of(collapse.runs, subject.removesuffix(" selector"))
        reasons = _reasons(self.runs, collapse.runs) if watched.kind == "errors" else ""
        trouble = Trouble(
            site=self.site,
            kind=watched.kind,
            subject=watched.subject,
            severity=watched.severity,
            since=collapse.since,
            since_run_id=collapse.runs[-1],
            message=(
                f"{watched.words}: {now} since {collapse.since:%Y-%m-%d %H:%M}; before it were"
                f" {before} ({before.part:.0%}){reasons}"
            ),
            detail={
                "baseline": before._asdict(),
                "now": now._asdict(),
                "examples": [asdict(page) for page in pages],
            },
        )
        self.examples[trouble.key] = pages
        return trouble

    # --- What is over ---

    def _is_over(self, alarm: Alarm) -> bool:
        latest = self.runs[0] if self.runs else None
        match alarm.kind:
            case "feed":
                return self._source_is_well(alarm)
            case "yield":
                return latest is not None and latest.new_articles > 0
            case "latency":
                limit = slow_from([run for run in self.runs if run.at < alarm.since])
                return latest is not None and _is_fast(latest, limit)
            case _:
                watched = watched_by_key(alarm.kind, alarm.subject)
                before = Share(**alarm.detail.get("baseline", {"good": 0, "of": 0}))
                return watched is None or has_recovered(watched, self.runs, alarm.since, before)

    def _source_is_well(self, alarm: Alarm) -> bool:
        looked_at = [source for source in self.sources if source.url == alarm.subject]
        if not looked_at:
            return not self.is_looked_at(alarm.subject)
        was, now = str(alarm.detail.get("state")), alarm.detail.get("now", {})
        return any(is_well(source, was, now.get("newest_item_at")) for source in looked_at)


def _is_fast(run: SiteMeasures, limit: float | None) -> bool:
    return run.first_byte_median is not None and (limit is None or run.first_byte_median <= limit)


def _may_pass(trouble: Trouble) -> bool:
    return is_passing(str(trouble.detail.get("now", {}).get("error", "no_")))


def _reasons(runs: Sequence[SiteMeasures], ids: Sequence[int]) -> str:
    """`; timeout 5, http_503 2`."""
    total: dict[str, int] = {}
    for run in runs:
        if run.run_id in ids:
            for code, number in run.failures.items():
                total[code] = total.get(code, 0) + number
    ordered = sorted(total.items(), key=lambda item: (-item[1], item[0]))[:4]
    return f"; {', '.join(f'{code} {number}' for code, number in ordered)}" if ordered else ""
