"""Months of invented sites, run by run, as measures: weekends, holidays, agencies' Sundays, outages, noise, breaks."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from random import Random

from scraper.crawl.health.site import SiteWatch
from scraper.crawl.health.sources import LOOKS, MANY_LOOKS
from scraper.store import Alarm, Look, LookedAt, SiteMeasures, Trouble

EPOCH = datetime(2024, 3, 4, tzinfo=UTC)  # a Monday
FEED = "https://site.example/feed.xml"
HOME = "https://site.example/"


@dataclass
class Habits:
    """What one site is like, drawn once."""

    chance: Random
    every: timedelta = field(init=False)

    def __post_init__(self) -> None:
        draw = self.chance
        self.every = timedelta(hours=draw.choice([1, 3, 6, 24]))
        self.a_day = math.exp(draw.uniform(math.log(2), math.log(60)))
        self.weekend = draw.choice([0.0, 0.05, 0.3, 0.8])
        self.has_authors = draw.choice([0.0, 0.6, 0.9, 0.98])
        self.agency_weekends = draw.random() < 0.4
        self.walled = draw.choice([0.0, 0.0, 0.01, 0.05])
        self.paywalled = draw.choice([0.0, 0.0, 0.1, 0.4])
        self.undated = draw.choice([0.0, 0.02, 0.1])
        self.no_articles = draw.choice([0.01, 0.05, 0.15])
        self.untitled = draw.choice([0.0, 0.01, 0.05])
        self.failing = draw.choice([0.0, 0.005, 0.02])
        self.latency = math.exp(draw.uniform(math.log(0.05), math.log(1.5)))
        self.jitter = draw.choice([0.1, 0.4])
        self.has_site_file = draw.random() < 0.5
        self.holidays = set(draw.sample(range(60), 3))
        self.outages = [draw.uniform(0, 60) for _ in range(4)]
        """Days on which one begins; it lasts from minutes to a working day."""
        self.lengths = [math.exp(draw.uniform(math.log(0.01), math.log(0.3))) for _ in self.outages]
        self.listed = draw.randint(10, 60)

    def rate(self, moment: datetime) -> float:
        """Articles an hour."""
        day = (moment - EPOCH).days
        if day in self.holidays or (self.weekend == 0 and moment.weekday() >= 5):
            return 0.0
        by_day = self.weekend if moment.weekday() >= 5 else 1.0
        by_hour = 0.1 if moment.hour < 6 else 1.3
        return self.a_day / 24 * by_day * by_hour

    def is_out(self, moment: datetime) -> bool:
        day = (moment - EPOCH).total_seconds() / 86_400
        return any(begun <= day <= begun + long for begun, long in zip(self.outages, self.lengths, strict=True))


Script = dict[str, float]
"""What is scripted, to the day on which it begins: `layout`, `wall`, `dates`, `dead_feed`, `emptied_feed`, `quiet`."""


class Life:
    """One site, crawled every so often for `days`, and judged after each run."""

    def __init__(self, seed: int, days: float = 30.0, script: Script | None = None) -> None:
        self.chance = Random(seed)
        self.habits = Habits(Random(seed))
        self.days = days
        self.script = script or {}
        self.runs: list[SiteMeasures] = []
        self.looks: dict[str, list[Look]] = {FEED: [], HOME: []}
        self.alarms: list[Alarm] = []
        self.versions: dict[str, str] = {}
        self.newest = EPOCH
        self.young: list[datetime] = []

    def live(self) -> Iterator[tuple[datetime, list[Trouble]]]:
        """Each run's time and the alarms that it raised."""
        for number in range(int(self.days * 86_400 / self.habits.every.total_seconds())):
            jitter = timedelta(minutes=self.chance.uniform(0, 5))
            yield self._run(number, EPOCH + number * self.habits.every + jitter)

    def is_on(self, what: str, now: datetime) -> bool:
        begins = self.script.get(what)
        return begins is not None and now >= EPOCH + timedelta(days=begins)

    def _run(self, number: int, now: datetime) -> tuple[datetime, list[Trouble]]:
        is_out = self.habits.is_out(now)
        new = 0 if is_out else self._new(number, now)
        self.runs.insert(0, self._measured(number + 1, now, new, is_out))
        self._look(number + 1, now, new, is_out)
        watch = SiteWatch(
            site="site.example",
            runs=self.runs,
            alarms=self.alarms,
            sources=[replace(source, looks=source.looks[:LOOKS]) for source in self._sources()],
            more_of=lambda source: next(one for one in self._sources() if one.id == source.id),
        )
        troubles = watch.troubles()
        return now, self._keep(watch, troubles, now, number + 1)

    def _keep(self, watch: SiteWatch, troubles: list[Trouble], now: datetime, run_id: int) -> list[Trouble]:
        over = {alarm.id for alarm in watch.over(troubles)}
        self.alarms = [replace(one, cleared_at=now) if one.id in over else one for one in self.alarms]
        known = watch.open
        raised = [trouble for trouble in troubles if trouble.key not in known]
        for trouble in raised:
            values = {name: getattr(trouble, name) for name in Trouble.__dataclass_fields__}
            self.alarms.append(
                Alarm(
                    **values,
                    id=len(self.alarms) + 1,
                    raised_at=now,
                    raised_run_id=run_id,
                    last_seen_at=now,
                    acknowledged_at=None,
                    accepted_at=None,
                    cleared_at=None,
                    cleared_run_id=None,
                )
            )
        return raised

    def _new(self, number: int, now: datetime) -> int:
        """Articles that came out since the last run that could see them."""
        if number == 0:
            return self.chance.randint(20, 60)
        last = next((run.at for run in self.runs if run.sources > run.sources_failed), EPOCH)
        hours = max(1, round((now - last).total_seconds() / 3600))
        if self.is_on("quiet", now) and not self.is_on("quiet_over", now):
            return 0
        return sum(self._poisson(self.habits.rate(now - timedelta(hours=hour))) for hour in range(hours))

    def _poisson(self, mean: float) -> int:
        limit, count, product = math.exp(-mean), 0, self.chance.random()
        while product > limit:
            count, product = count + 1, product * self.chance.random()
        return count

    def _some(self, of: int, share: float) -> int:
        return sum(self.chance.random() < share for _ in range(of))

    def _measured(self, run_id: int, now: datetime, new: int, is_out: bool) -> SiteMeasures:
        habits = self.habits
        self.young = [at for at in self.young if now - at < timedelta(days=2)]
        revisits = self._some(len(self.young), 0.15)
        self.young += [now] * new
        base = {"run_id": run_id, "site": "site.example", "at": now, "sources": 2}
        if is_out:
            tried = min(revisits, 4)
            return SiteMeasures(
                **base, sources_failed=2, pages=tried, failed=tried, failures={"http_503": tried + 2}, revisits=revisits
            )
        is_weekend = now.weekday() >= 5
        failed = self._some(new + revisits, habits.failing)
        read_again = self._some(revisits, 0.3)
        read = max(0, new + read_again - failed)
        walled = self._some(read, 1.0 if self.is_on("wall", now) else habits.walled)
        left = read - walled
        expected = left
        lost = self._some(expected, 1.0 if self.is_on("layout", now) else habits.no_articles * 0.2)
        texts = expected - lost
        authors = habits.has_authors * (0.1 if is_weekend and habits.agency_weekends else 1.0)
        with_date = 0 if self.is_on("dates", now) else texts - self._some(texts, habits.undated)
        with_headline = texts - self._some(texts, habits.untitled)
        paywalled = self._some(texts, habits.paywalled)
        by_file = self._some(with_headline, 0.97)
        found_by = {"headline": dict(Counter(site_file=by_file, page=texts - by_file))} if habits.has_site_file else {}
        latency = habits.latency * math.exp(self.chance.gauss(0, habits.jitter))
        return SiteMeasures(
            **base,
            items=2 * habits.listed,
            new_items=new,
            pages=new + revisits,
            unchanged=revisits - read_again,
            ok=texts - paywalled,
            paywall=paywalled,
            consent=walled,
            not_article=self._some(new, habits.no_articles),
            empty=lost,
            failed=failed,
            failures={"timeout": failed} if failed else {},
            expected=expected,
            yielded=texts,
            lost=min(lost, read_again),
            new_articles=min(new, texts),
            revisits=revisits,
            texts=texts,
            with_headline=with_headline,
            with_authors=self._some(texts, authors),
            with_published_at=with_date,
            with_body=texts,
            short=self._some(texts, 0.01),
            words=400 if texts else None,
            found_by=found_by if texts else {},
            first_byte_median=latency,
        )

    def _look(self, run_id: int, now: datetime, new: int, is_out: bool) -> None:
        if new:
            self.newest = now
        for url, looks in self.looks.items():
            error: str | None = "http_503" if is_out else None
            items = self.habits.listed
            if error is None and self.chance.random() < self.habits.failing:
                error = self.chance.choice(["timeout", "http_502"])
            if url == FEED and error is None and self.is_on("dead_feed", now):
                error = "http_404"
            if url == FEED and self.is_on("emptied_feed", now):
                items = 0
            is_changed = new > 0 or not looks or (url == FEED and items == 0)
            looks.insert(
                0,
                Look(
                    run_id=run_id,
                    at=now,
                    status=None if error else 200,
                    error=error,
                    sha256=None if error else self._version(url, run_id, is_changed and items > 0, items),
                    items=items if is_changed and error is None else 0,
                    new_items=new if url == HOME and error is None else 0,
                    newest_item_at=now if new else None,
                ),
            )
            del looks[MANY_LOOKS:]

    def _version(self, url: str, run_id: int, is_changed: bool, items: int) -> str:
        if is_changed or url not in self.versions:
            self.versions[url] = str(run_id)
        return self.versions[url] if items else "nothing"

    def _sources(self) -> list[LookedAt]:
        return [
            LookedAt(
                id=number,
                url=url,
                kind="feed" if url == FEED else "home",
                site="site.example",
                state="active",
                is_named=url == HOME,
                parent_kind="home" if url == FEED else None,
                newest_item_at=self.newest,
                looks=tuple(looks),
            )
            for number, (url, looks) in enumerate(self.looks.items())
        ]
