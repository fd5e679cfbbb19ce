"""After a run: what is wrong now that was not before, and what is right again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from scraper.crawl.health.baseline import MEMORY
from scraper.crawl.health.broken_selectors import with_selectors
from scraper.crawl.health.job_troubles import job_troubles
from scraper.crawl.health.measures import fetches
from scraper.crawl.health.site import SiteWatch
from scraper.crawl.health.sources import LOOKS, MANY_LOOKS
from scraper.crawl.workers import ExtractionPool
from scraper.store import Alarm, Archive, HealthRecords, SiteMeasures, Trouble

_CATCH_UP = 20
"""Earlier runs that are measured now if nobody has: those whose process died."""
_SITES_OFFLINE = 2
"""Sites that must all be out of reach for the fault to be ours."""
_OFFLINE = frozenset({"dns", "connect", "refused", "timeout", "proxy"})
_FEW_RUNS, _MOST_RUNS = 60, 2_000
ALL_SITES = ""


@dataclass(slots=True)
class Findings:
    """What a look at a run changed."""

    raised: list[Alarm] = field(default_factory=list)
    cleared: list[Alarm] = field(default_factory=list)


async def judge_run(
    archive: Archive, run_id: int, *, pool: ExtractionPool | None = None, selectors: Path | None = None
) -> Findings:
    """Measure a run that has ended, compare it with those before, and raise and clear alarms.

    With a `pool`, captures that show a broken layout are read again to tell which selectors of the site files in
    `selectors` broke. Raises ArchiveError.
    """
    records = archive.health()
    for other in records.unmeasured_runs(limit=_CATCH_UP):
        if other != run_id:
            records.measure(other)
    measures = records.measure(run_id)
    findings = Findings()
    if (offline := _offline(measures)) is not None:
        _keep(archive, run_id, findings, [offline], [])
        return findings
    for alarm in records.alarms(site=ALL_SITES):
        if alarm.kind == "errors":
            findings.cleared.append(records.clear(alarm, run_id))
    for one in measures:
        watch = _watch(archive, run_id, one.site)
        troubles = watch.troubles()
        if pool is not None:
            troubles = [await _explained(trouble, watch, archive, pool, selectors) for trouble in troubles]
        _keep(archive, run_id, findings, troubles, watch.over(troubles))
    return findings


def judge_jobs(archive: Archive) -> Findings:
    """Raise and clear alarms about jobs, as of now. Raises ArchiveError."""
    troubles = job_troubles(archive)
    keys = {trouble.key for trouble in troubles}
    alarms = [alarm for alarm in archive.health().alarms(site=ALL_SITES) if alarm.kind == "job"]
    findings = Findings()
    _keep(archive, None, findings, troubles, [alarm for alarm in alarms if alarm.key not in keys])
    return findings


def _keep(
    archive: Archive, run_id: int | None, findings: Findings, troubles: Iterable[Trouble], over: Iterable[Alarm]
) -> None:
    records = archive.health()
    with archive.batch():
        known = {alarm.key: alarm for alarm in records.alarms()}
        for trouble in troubles:
            if trouble.key in known:
                records.see_again(known[trouble.key])
            elif (alarm := records.raise_alarm(trouble, run_id)) is not None:
                findings.raised.append(alarm)
        findings.cleared += [records.clear(alarm, run_id) for alarm in over]


async def _explained(
    trouble: Trouble, watch: SiteWatch, archive: Archive, pool: ExtractionPool, selectors: Path | None
) -> Trouble:
    if trouble.kind not in ("layout", "dates") or trouble.key in watch.open:
        return trouble
    return await with_selectors(trouble, archive, pool, selectors, watch.examples[trouble.key])


def _offline(measures: Sequence[SiteMeasures]) -> Trouble | None:
    """That nothing could be reached at all, which is no site's fault; None when something could."""
    asked = [one for one in measures if one.pages + one.sources]
    if len(asked) < _SITES_OFFLINE:
        return None
    if any(fetches(one).good or not set(one.failures) <= _OFFLINE for one in asked):
        return None
    return Trouble(
        site=ALL_SITES,
        kind="errors",
        subject="network",
        severity="error",
        since=asked[0].at,
        since_run_id=asked[0].run_id,
        message=f"none of {len(asked)} sites could be reached: this machine's network, or its proxy, is at fault",
        detail={"now": {"sites": len(asked)}},
    )


def _watch(archive: Archive, run_id: int, site: str) -> SiteWatch:
    """The site as of the end of a run. Most runs show at once that nothing is wrong."""
    records = archive.health()
    watch = SiteWatch(
        site=site,
        runs=_runs_until(records, run_id, site, _FEW_RUNS),
        alarms=records.past_alarms(site),
        sources=list(records.sources(run_id, site, looks=LOOKS)),
        more_of=lambda source: records.more_looks(source, run_id, looks=MANY_LOOKS),
        newest_items=lambda source: records.newest_items(source.id),
        examples_of=lambda runs, subject: records.examples(runs, site, subject),
        is_looked_at=records.is_looked_at,
        count_once=lambda runs: records.measure_once(runs, site),
    )
    return replace(watch, runs=_runs_until(records, run_id, site, _MOST_RUNS)) if watch.is_odd else watch


def _runs_until(records: HealthRecords, run_id: int, site: str, limit: int) -> list[SiteMeasures]:
    """The measures of a run and those before it. Another one that began later may have ended before."""
    runs = list(records.measures(site, limit=limit))
    begun = next((place for place, run in enumerate(runs) if run.run_id == run_id), len(runs))
    return [run for run in runs[begun:] if runs[begun].at - run.at <= MEMORY]
