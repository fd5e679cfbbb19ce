"""A crawl of the simulated web for days of its time, from home pages alone, and how well the archive holds it.

    python -m benchmarks.crawling [--outlets 50] [--articles 5000] [--days 11] [--every 60] [--out FOLDER]
    python -m benchmarks.crawling --kills 20 [--articles 1000] [--out FOLDER]
    python -m benchmarks.crawling --incidents [--days 5] [--out FOLDER]

The web runs in a process of its own; the crawl runs every so many minutes on the simulation's clock, as a scheduled job
does, in one process that keeps its workers.

With --kills the first run of the crawl is a process that is killed (SIGKILL) at random moments and started again, until
it has come to its end after so many kills. What the servers were asked for twice is counted beside what was being
fetched when the process was killed.

With --incidents things break at some outlets after two and a half days: a layout, a feed, a consent wall, and one has a
quiet day. The alarms of every run are printed: the first three are to be told, the fourth is not, nor anything else.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path

from benchmarks.simulated_web.clock import EPOCH, SimulatedClock
from benchmarks.simulated_web.life import Incident
from benchmarks.simulated_web.scoring import score
from benchmarks.simulated_web.truth import Truth
from benchmarks.simulated_web.watch import Watch
from benchmarks.simulated_web.world import World
from scraper.crawl import CrawlSummary, ExtractionPool, crawl
from scraper.crawl.health import Findings, judge_run
from scraper.crawl.jobs import Job, JobOptions, Start, claim_job, finish_job_run, keep_typed
from scraper.settings import FetchSettings
from scraper.store import Archive
from scraper.urls import site_of


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--outlets", type=int, default=50)
    parser.add_argument("--articles", type=int, default=5_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--days", type=float, default=11)
    parser.add_argument("--every", type=float, default=60, help="minutes between two runs")
    parser.add_argument("--delay", type=float, default=0.02, help="seconds between two fetches of a host")
    parser.add_argument("--budget", type=int, default=200, help="visits a site and day for edits")
    parser.add_argument("--out", type=Path, help="keep the archive and the log here")
    parser.add_argument("--kills", type=int, help="kill the first run so many times instead")
    parser.add_argument("--incidents", action="store_true", help="let things break, and print the alarms")
    parser.add_argument("--port", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--show", type=int, default=12, help="how many of what is missing to print")
    given = parser.parse_args()
    logging.disable(logging.WARNING)
    if given.port:
        crawl_once(given)
        return 0
    with tempfile.TemporaryDirectory() as scratch:
        folder = given.out or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        return simulate(given, folder)


def incidents_of(given: argparse.Namespace) -> list[Incident]:
    """What breaks, each at an outlet of its own, of those that publish most."""
    if not given.incidents:
        return []
    world = World(outlets=given.outlets, articles=given.articles, seed=given.seed)
    busy = sorted(world.outlets, key=lambda outlet: -len(outlet.articles))
    plain = [outlet.profile for outlet in busy if not outlet.profile.wall and not outlet.profile.trouble]
    # One that only section pages name is not known to a crawl that begins with home pages.
    fed = [one for one in plain if one.feed and one.feed.shown != "sections" and one.validators != "lying"]
    at = EPOCH + timedelta(hours=60)
    layout, feed, wall, quiet = fed[:4]
    return [
        Incident("layout_break", layout.host, at),
        Incident("dead_feed", feed.host, at),
        Incident("consent_wall", wall.host, at),
        Incident("quiet_day", quiet.host, at, at + timedelta(days=1)),
    ]


def simulate(given: argparse.Namespace, folder: Path) -> int:
    incidents = incidents_of(given)
    world = World(outlets=given.outlets, articles=given.articles, seed=given.seed, incidents=incidents)
    for old in ("archive.db", "archive.db-wal", "archive.db-shm", "clock", "log.ndjson"):
        (folder / old).unlink(missing_ok=True)
    clock = SimulatedClock(folder / "clock", start=EPOCH)
    command = [sys.executable, "-m", "benchmarks.simulated_web", "--clock-file", str(folder / "clock")]
    command += ["--log", str(folder / "log.ndjson"), "--outlets", str(given.outlets)]
    command += ["--articles", str(given.articles), "--seed", str(given.seed)]
    for one in incidents:
        hours = [str((moment - EPOCH) / timedelta(hours=1)) for moment in (one.at, one.until) if moment]
        command += ["--incident", f"{one.kind}:{one.host}:{'-'.join(hours)}"]
        print(f"scripted: {one.kind} at {one.host}, hours {'-'.join(hours)}")
    web = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    begun = time.perf_counter()
    failures = []
    try:
        port = int(web.stdout.readline() if web.stdout else 0)
        if given.kills:
            failures = kill_and_go_on(given, folder, world, port)
        else:
            runs, alarms = follow(given, folder, world, clock, settings_for(given, port))
            print(f"{runs} runs over {given.days:g} simulated days")
            if incidents:
                failures = wrong_alarms(incidents, alarms)
    finally:
        web.terminate()
        web.wait()
    found = score(folder / "archive.db", Truth(world), Watch.read(world, folder / "log.ndjson", delay=given.delay))
    print(found.table())
    print(f"{(time.perf_counter() - begun) / 60:.1f} minutes")
    for missing in (*found.missing[: given.show], *found.missed_edits[: given.show]):
        print(f"missing: {missing.what} {missing.url}: {missing.why}")
    for url in found.impure[: given.show]:
        print(f"no article: {url}")
    for urls in found.twice[: given.show]:
        print(f"twice: {urls}")
    for violation in found.violations[: given.show]:
        print(f"violation: {violation}")
    if not incidents:  # of those that break something, what is broken is not found
        failures += found.failures()
    for failure in failures:
        print(f"FAILED: {failure}")
    return 1 if failures else 0


def settings_for(given: argparse.Namespace, port: int) -> FetchSettings:
    connect_to = (f"::127.0.0.1:{port}",)
    return FetchSettings(allow_private=True, connect_to=connect_to, delay=given.delay, concurrency=50, render="never")


def job_for(given: argparse.Namespace, archive: Archive, world: World) -> Job:
    return keep_typed(archive, tuple(Start("site", url) for url in world.homes), JobOptions(budget=given.budget))


def crawl_once(given: argparse.Namespace) -> None:
    """What the process does that is killed."""
    world = World(outlets=given.outlets, articles=given.articles, seed=given.seed)
    clock = SimulatedClock(given.out / "clock")
    with Archive.open(given.out / "archive.db", write=True, clock=clock) as archive, ExtractionPool() as pool:
        run_once(archive, job_for(given, archive, world), settings_for(given, given.port), pool)


def kill_and_go_on(given: argparse.Namespace, folder: Path, world: World, port: int) -> list[str]:
    """Kill the crawl as often as asked, and let it come to its end; what went wrong."""
    chance = random.Random(given.seed)
    command = [sys.executable, "-m", "benchmarks.crawling", "--port", str(port), "--out", str(folder)]
    command += ["--outlets", str(given.outlets), "--articles", str(given.articles), "--seed", str(given.seed)]
    command += ["--delay", str(given.delay), "--budget", str(given.budget)]
    in_flight = 0
    for number in range(given.kills):
        process = subprocess.Popen(command, start_new_session=True)
        time.sleep(chance.uniform(1.0, 8.0))
        if process.poll() is not None:
            print(f"the crawl came to its end before kill {number + 1}")
            break
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        taken = under_way(folder / "archive.db")
        in_flight += taken
        print(f"kill {number + 1}: {taken} pages and sources were being fetched", flush=True)
    subprocess.run(command, check=True)
    twice = asked_twice(world, folder / "log.ndjson")
    print(f"asked for twice: {twice}; being fetched when killed: {in_flight}")
    with sqlite3.connect(folder / "archive.db") as db:
        left = db.execute("SELECT count(*) FROM frontier WHERE state IN ('waiting', 'taken', 'fetched')").fetchone()[0]
    return [f"{twice} fetches too many, and {in_flight} were in flight"] * (twice > in_flight) + (
        [f"{left} pages were left"] if left else []
    )


def under_way(path: Path) -> int:
    """Pages and sources that somebody was fetching."""
    if not path.exists():
        return 0
    with sqlite3.connect(path) as db:
        try:
            pages = db.execute("SELECT count(*) FROM frontier WHERE state = 'taken'").fetchone()[0]
            return int(pages + db.execute("SELECT count(*) FROM job_sources WHERE taken_by IS NOT NULL").fetchone()[0])
        except sqlite3.OperationalError:
            return 0  # killed before the archive was made


def asked_twice(world: World, log: Path) -> int:
    """Requests for pages and sources beyond the first of each; not those for robots.txt, nor tries after a failure."""
    answered = Counter(
        entry.url
        for entry in Watch.read(world, log).entries
        if entry.target != "/robots.txt" and entry.status < 400 and not entry.mishap
    )
    return sum(count - 1 for count in answered.values())


def follow(
    given: argparse.Namespace, folder: Path, world: World, clock: SimulatedClock, settings: FetchSettings
) -> tuple[int, list[tuple[str, str]]]:
    """Run after run until the days are over; how many, and kind and site of every alarm that was raised."""
    until = EPOCH + timedelta(days=given.days)
    runs = 0
    alarms: list[tuple[str, str]] = []
    with (
        Archive.open(folder / "archive.db", write=True, clock=clock) as archive,
        ExtractionPool() as pool,
    ):
        job = job_for(given, archive, world)
        following = clock.now()
        while clock.now() < until:
            begun = time.perf_counter()
            summary, findings = run_once(archive, job, settings, pool)
            runs += 1
            for alarm in findings.raised:
                alarms.append((alarm.kind, alarm.site))
                print(f"ALARM: {alarm.kind} at {alarm.site or 'this machine'}: {alarm.message}", flush=True)
            for alarm in findings.cleared:
                print(f"over: {alarm.kind} at {alarm.site or 'this machine'}", flush=True)
            counts = "  ".join(
                f"{name} {summary.total(name)}" for name in ("new", "changed", "unchanged", "failed", "gone")
            )
            hours = (clock.now() - EPOCH) / timedelta(hours=1)
            print(
                f"hour {hours:6.1f}  {time.perf_counter() - begun:5.1f} s  sources {summary.sources}  found"
                f" {summary.total('found')}  fetched {summary.fetched}  {counts}  waiting {summary.waiting}",
                flush=True,
            )
            following += timedelta(minutes=given.every)
            clock.advance_to(following)
    return runs, alarms


def wrong_alarms(incidents: list[Incident], raised: list[tuple[str, str]]) -> list[str]:
    """What should have been told and was not, and the other way round."""
    kinds = {"layout_break": "layout", "dead_feed": "feed", "consent_wall": "wall"}
    expected = {(kinds[one.kind], site_of(f"http://{one.host}/")) for one in incidents if one.kind in kinds}
    missing = [f"no alarm: {kind} at {site}" for kind, site in sorted(expected - set(raised))]
    return missing + [f"alarm for nothing: {kind} at {site}" for kind, site in raised if (kind, site) not in expected]


def run_once(
    archive: Archive, job: Job, settings: FetchSettings, pool: ExtractionPool
) -> tuple[CrawlSummary, Findings]:
    run_id = claim_job(archive, job)
    summary = asyncio.run(crawl(job, archive=archive, settings=settings, pool=pool, run_id=run_id))
    findings = asyncio.run(judge_run(archive, run_id, pool=pool))
    finish_job_run(archive, run_id, "done", summary.as_dict())
    return summary, findings


if __name__ == "__main__":
    sys.exit(main())
