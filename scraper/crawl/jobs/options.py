"""What a job is to fetch, and how often again: its options, as the crawl reads them and as the archive keeps them."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any, Literal, cast, get_args

from scraper.crawl.jobs.durations import duration, duration_text
from scraper.crawl.jobs.given import Given
from scraper.settings import RENDER, Render

ScopeKind = Literal["site", "host", "path"]
SCOPES: tuple[ScopeKind, ...] = get_args(ScopeKind)

BUDGET = 200

DELAYS = (timedelta(hours=1), timedelta(hours=6), timedelta(days=1), timedelta(days=7), timedelta(days=30))
"""From the first visit of an article to the next ones, unless a job says otherwise."""
_MOST_RECRAWLS = 20
_LONGEST_RECRAWL = timedelta(days=3660)
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_DAY = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")
_PATTERN = re.compile(r"(?:https?://|[/*])[^\s\x00-\x1f]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class JobOptions:
    """Limits, scope, languages, dates, browser and revisits of a job. Values are checked by `options_of`."""

    limit: int | None = None
    """Pages fetched in one run; None for no limit."""
    depth: int = 0
    """How many links away from what sources list articles are looked for; 0 for no further."""
    scope: ScopeKind = "site"
    """Within what of each start links are followed: its registrable domain, its host, or its path's folder."""
    include: tuple[str, ...] = ()
    """Patterns of which an address must match one, when there are any; see `scope.py`."""
    exclude: tuple[str, ...] = ()
    """Patterns of which an address must match none."""
    languages: tuple[str, ...] = ()
    """BCP 47; `en` is also en-GB. Any language when empty."""
    since: str | None = None
    """A day, month or year, or a span as `7d`: published then or later."""
    until: str | None = None
    render: Render | None = None
    """None: as the settings of fetching say."""
    assets: bool | None = None
    """Whether to keep pictures and styles of articles; None: as the settings of fetching say."""
    recrawl: tuple[timedelta, ...] = DELAYS
    """How long after the first visit a page is visited again; never when empty."""
    budget: int = BUDGET
    """Revisits of one site a day."""
    delay: float | None = None
    """Seconds between two pages of a host; None: as the settings of fetching say."""

    def days(self, now: datetime) -> tuple[date | None, date | None]:
        """The first and the last day of publication that are wanted, both included; None for no bound."""
        since = None if self.since is None else _days_of(self.since, now)[0]
        until = None if self.until is None else _days_of(self.until, now)[1]
        return since, until

    def takes_language(self, tag: str | None) -> bool:
        """Whether an article in this language is wanted; one whose language nobody knows is."""
        if not self.languages or not tag:
            return True
        asked = tag.lower().replace("_", "-") + "-"
        return any(asked.startswith(f"{language.lower()}-") for language in self.languages)

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready, without what is as usual; `options_of` reads it."""
        out: dict[str, Any] = {}
        for option in fields(self):
            value = getattr(self, option.name)
            if value != option.default:
                out[option.name] = value
        if "recrawl" in out:
            out["recrawl"] = [duration_text(delay) for delay in self.recrawl]
        return {name: list(value) if isinstance(value, tuple) else value for name, value in out.items()}


NAMES = tuple(option.name for option in fields(JobOptions))


def options_of(given: Given) -> JobOptions:
    """The options among the values, under the names that they have here; what is not given is as usual.

    Names that are none of an option are passed over: a later version may have stored them. Raises UsageError or
    ConfigError, whichever `given` raises.
    """
    options = JobOptions(
        limit=given.whole("limit", least=1, most=10_000_000),
        depth=given.whole("depth", least=0, most=50) or 0,
        scope=cast(ScopeKind, given.choice("scope", SCOPES) or "site"),
        include=_patterns(given, "include"),
        exclude=_patterns(given, "exclude"),
        languages=_languages(given),
        since=_day(given, "since"),
        until=_day(given, "until"),
        render=cast(Render | None, given.choice("render", RENDER)),
        assets=given.flag("assets"),
        recrawl=_recrawl(given) if given.has("recrawl") else DELAYS,
        budget=BUDGET if not given.has("budget") else given.whole("budget", least=0, most=1_000_000) or 0,
        delay=given.number("delay", least=0, most=86_400),
    )
    first, last = options.days(datetime.now(UTC))
    if first and last and first > last:
        raise given.refusal("since", f"{options.since} is after {options.until}", next_step="swap the two days")
    return options


def _patterns(given: Given, name: str) -> tuple[str, ...]:
    patterns = given.texts(name)
    for pattern in patterns:
        if len(pattern) > 1000 or not _PATTERN.fullmatch(pattern):
            raise given.refusal(
                name,
                f"{pattern[:100]!r} is no pattern of addresses",
                why="it begins with /, * or https://, and holds no spaces",
                next_step='write "/news/*" for a path, or "https://example.com/news/*"; * is anything',
            )
    return patterns


def _languages(given: Given) -> tuple[str, ...]:
    languages = given.texts("languages", divided=True)
    for language in languages:
        if not _LANGUAGE.fullmatch(language):
            raise given.refusal(
                "languages", f"{language!r} is no language", next_step="write its BCP 47 code: uk, en or en-GB"
            )
    return languages


def _day(given: Given, name: str) -> str | None:
    text = given.text(name)
    if text is None:
        return None
    try:
        _days_of(text, datetime.now(UTC))
    except (ValueError, OverflowError):
        raise given.refusal(
            name, f"{text!r} is no day", next_step="write 2024-07-23, 2024-07 or 2024, or 7d for seven days ago"
        ) from None
    return text


def _days_of(text: str, now: datetime) -> tuple[date, date]:
    """The first and the last day of a day, month or year; of a span, the day so long ago. Raises ValueError."""
    span = duration(text)
    if span is not None:
        day = (now.astimezone(UTC) - span).date()
        return day, day
    found = _DAY.fullmatch(text)
    if found is None:
        raise ValueError(text)
    year, month, day_of_month = (int(part) if part else None for part in found.groups())
    first = date(year or 0, month or 1, day_of_month or 1)
    last_month = month or 12
    return first, date(first.year, last_month, day_of_month or monthrange(first.year, last_month)[1])


def _recrawl(given: Given) -> tuple[timedelta, ...]:
    if given.texts("recrawl") == ("never",):
        return ()
    delays = given.durations("recrawl")
    wrong = ""
    if len(delays) > _MOST_RECRAWLS:
        wrong = f"there are {len(delays)}; {_MOST_RECRAWLS} are the most"
    elif any(not timedelta(minutes=1) <= delay <= _LONGEST_RECRAWL for delay in delays):
        wrong = "each is at least a minute and at most ten years"
    elif any(later <= earlier for earlier, later in pairwise(delays)):
        wrong = "each is counted from the first visit, so each is longer than the one before"
    if wrong:
        raise given.refusal(
            "recrawl", "pages cannot be visited again so", why=wrong, next_step="write 1h,6h,1d,7d,30d, or never"
        )
    return delays


def stored_options(values: dict[str, Any], job: str) -> JobOptions:
    """Options as the archive keeps them. Raises UsageError when one is none that this version can follow."""
    given = Given(values, where=lambda name: f"job {job}: the option {name} that is stored")
    return options_of(given)
