"""What is watched of a site, run by run: shares that are high while all is well, and what a collapse of one means."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from scraper.crawl.health.shares import Share
from scraper.store import AlarmKind, Severity, SiteMeasures
from scraper.store.site_measures import FOUND_BY

_RECENT = 100
"""Runs that are asked whether a site has a site file."""
_NOT_FETCHED_ON_PURPOSE = ("http_404", "http_410", "robots_denied")
"""Failures that are no trouble with a site's servers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """One share. `of_run` takes it from a run's measures."""

    kind: AlarmKind
    subject: str
    words: str
    """What is counted, as in “{good} of {of} …”."""
    of_run: Callable[[SiteMeasures], Share]
    severity: Severity = "error"
    least: int = 3
    """How many must be seen: one odd page, or two, is no trouble."""
    least_if_lost: int = 3
    """The same where one of them was an article at an earlier visit, which pages seldom cease to be."""
    least_runs: int = 1
    """In how many runs in a row it must be bad: what may soon be over is waited for."""
    differs_by_day: bool = False
    """Weekends may differ much from other days, when an outlet prints what agencies write: each has its own measure."""
    of_articles: bool = True
    """It is articles that are counted, and none of them is to count twice."""

    @property
    def key(self) -> tuple[str, str]:
        return self.kind, self.subject


def _read(run: SiteMeasures) -> int:
    return run.ok + run.paywall + run.consent + run.blocked + run.empty + run.not_article


def _unwalled(run: SiteMeasures) -> Share:
    return Share(_read(run) - run.consent - run.blocked, _read(run))


def _with_body(run: SiteMeasures) -> Share:
    return Share(max(0, run.with_body - (run.short or 0)), run.texts)


def _with_headline(run: SiteMeasures) -> Share:
    return Share(max(0, run.with_headline - run.repeated_headlines), run.texts)


def _with_date(run: SiteMeasures) -> Share:
    return Share(max(0, run.with_published_at - run.odd_dates), run.texts)


def fetches(run: SiteMeasures) -> Share:
    """Pages and sources that were asked for, and those of them that did not fail by the server's or network's fault."""
    of = run.pages + run.sources
    failed = sum(
        number
        for code, number in run.failures.items()
        if code not in _NOT_FETCHED_ON_PURPOSE and not code.startswith("no_")
    )
    return Share(max(0, of - failed), of)


WATCHED = (
    Watched(
        kind="wall",
        subject="wall",
        words="pages without a consent wall or a check for robots",
        of_run=_unwalled,
        least_if_lost=2,
    ),
    Watched(
        kind="layout",
        subject="articles",
        words="pages that should be articles are any",
        of_run=lambda run: Share(run.yielded, run.expected),
        least_if_lost=2,
    ),
    Watched(
        kind="layout",
        subject="headline",
        words="articles with a headline of their own",
        of_run=_with_headline,
    ),
    Watched(
        kind="layout",
        subject="body",
        words="articles with a text of some length",
        of_run=_with_body,
    ),
    Watched(
        kind="dates",
        subject="published_at",
        words="articles with a date of publication that can be one",
        of_run=_with_date,
    ),
    Watched(
        kind="layout",
        subject="authors",
        words="articles with authors",
        of_run=lambda run: Share(run.with_authors, run.texts),
        severity="warning",
        least=5,
        least_if_lost=5,
        differs_by_day=True,
    ),
    Watched(
        kind="wall",
        subject="paywall",
        words="articles that are shown whole",
        of_run=lambda run: Share(run.ok, run.ok + run.paywall),
        severity="warning",
        least=5,
        least_if_lost=5,
        differs_by_day=True,
    ),
    Watched(
        kind="errors",
        subject="fetches",
        words="pages and sources that came",
        of_run=fetches,
        least=4,
        least_if_lost=4,
        least_runs=2,
        of_articles=False,
    ),
)


def by_selector(field: str) -> Watched:
    """How often a site file's selector gave a field its value."""

    def of_run(run: SiteMeasures) -> Share:
        return Share(run.found_by.get(field, {}).get("site_file", 0), run.texts)

    return Watched(
        kind="layout",
        subject=f"{field} selector",
        words=f"articles whose {field} the site file's selector found",
        of_run=of_run,
    )


def watched_of(runs: Sequence[SiteMeasures]) -> Iterator[Watched]:
    """What is watched of a site: selectors only where a site file has been of use."""
    yield from WATCHED
    for field in FOUND_BY:
        if any("site_file" in run.found_by.get(field, {}) for run in runs[:_RECENT]):
            yield by_selector(field)


def watched_by_key(kind: str, subject: str) -> Watched | None:
    """The share that an alarm is about; None when it is about something else."""
    field, _, selector = subject.partition(" ")
    if kind == "layout" and selector == "selector":
        return by_selector(field)
    return next((one for one in WATCHED if one.key == (kind, subject)), None)
