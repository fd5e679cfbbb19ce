"""`scrape crawl --due` from a loop in the place of a timer, for a simulated month in which much goes wrong.

    python -m benchmarks.unattended [--days 30] [--begin 2024-10-03] [--out FOLDER]
    python -m benchmarks.unattended --commands [--days 4] [--begin 2024-10-25] [--out FOLDER]

Eight outlets of the simulated web with 300 articles, seven jobs: every so often and by the clock on the wall in three
time zones, of home pages, feeds and a section, one in scrape.toml, one that is paused. What is due is looked for every
quarter of an hour, in one process all the time; with --commands the command itself is called, each time a process,
which Debian's faketime has live in simulated time.

Meanwhile the machine is off for two days and once more for hours, its clock goes wrong by a day and by two hours and is
set right again, a run is killed (SIGKILL) while it fetches, two loops are at it at once, the clocks on the wall are
changed twice. When each job is to run is worked out from its own words. Exit code 1: a run was missed or done twice, a
call ended as it was not to or said something though all was well, memory or open files grew, or the archive is not
whole.
"""

from __future__ import annotations

import argparse
import logging
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from math import ceil
from pathlib import Path
from zoneinfo import ZoneInfo

from benchmarks.simulated_web.clock import SimulatedClock
from benchmarks.simulated_web.scoring import Score, score
from benchmarks.simulated_web.truth import Truth
from benchmarks.simulated_web.watch import ROBOTS_LIFE, Watch
from benchmarks.simulated_web.world import World
from benchmarks.unattended.ledger import states
from benchmarks.unattended.loop import Loop
from benchmarks.unattended.machine import Commands, OneProcess, library
from benchmarks.unattended.plan import DAYS, MONTH, SET_BACK_BY, Planned, jobs_of

_OUTLETS = 8
_MONTH_FROM = 25
"""Days from which on a simulation is long enough for all that is scripted for a month."""
_GROWTH = 1.15
"""By which memory may be more in the last days than in the first ones; the archive grows, too."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--commands", action="store_true", help="call the command itself, under faketime")
    parser.add_argument("--days", type=float, help="30, or 4 with --commands; at least 2")
    parser.add_argument("--begin", help="a day; it begins at six in the morning, UTC")
    parser.add_argument("--articles", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--delay", type=float, default=0.02, help="seconds between two fetches of a host")
    parser.add_argument("--out", type=Path, help="keep the archive and the log here")
    parser.add_argument("--once", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--skew", type=float, default=0.0, help=argparse.SUPPRESS)
    given = parser.parse_args()
    logging.disable(logging.WARNING)
    if given.once:
        return _once(given.out, timedelta(seconds=given.skew))
    if given.commands:
        try:
            library()
        except FileNotFoundError as error:
            print(error, file=sys.stderr)
            return 2
    given.days = given.days or (4 if given.commands else 30)
    given.begin = given.begin or ("2024-10-25" if given.commands else "2024-10-03")
    with tempfile.TemporaryDirectory() as scratch:
        folder = (given.out or Path(scratch)).absolute()
        folder.mkdir(parents=True, exist_ok=True)
        return _attend(given, folder)


def _once(folder: Path, skew: timedelta) -> int:
    """One call in a process of its own, which is killed, or at it while another one is."""
    machine = OneProcess(folder, SimulatedClock(folder / "clock"))
    machine.clock.skew = skew
    ended = machine.due()
    print(ended.said, end="")
    return ended.code


def _attend(given: argparse.Namespace, folder: Path) -> int:
    for old in ("archive.db", "archive.db-wal", "archive.db-shm", "clock", "log.ndjson"):
        (folder / old).unlink(missing_ok=True)
    epoch = datetime.fromisoformat(given.begin).replace(hour=6, tzinfo=UTC)
    clock = SimulatedClock(folder / "clock", start=epoch)
    world = World(outlets=_OUTLETS, articles=given.articles, seed=given.seed, epoch=epoch, days=ceil(given.days))
    planned = jobs_of(world)
    begun = time.perf_counter()
    web = _serve(world, given, folder)
    try:
        port = int(web.stdout.readline() if web.stdout else 0)
        machine = (Commands if given.commands else OneProcess)(folder, clock, port=port, delay=given.delay)
        loop = Loop(machine, clock, planned, MONTH if given.days >= _MONTH_FROM else DAYS)
        loop.run(epoch, given.days, lambda line: print(line, flush=True))
        if web.poll() is not None:
            loop.wrong.append(f"the simulated web ended with {web.returncode}")
    finally:
        web.terminate()
        web.wait()
    watch = Watch.read(world, folder / "log.ndjson", delay=given.delay)
    found = score(folder / "archive.db", Truth(world), watch)
    rude = _rude(watch)
    _print(loop, planned, found, rude)
    print(f"{(time.perf_counter() - begun) / 60:.1f} minutes")
    failures = [*loop.failures(), *_of_score(found), *rude, *_of_archive(folder / "archive.db", loop)]
    if not given.commands:
        failures += _growth(loop)
    for failure in failures:
        print(f"FAILED: {failure}")
    return 1 if failures else 0


def _serve(world: World, given: argparse.Namespace, folder: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "benchmarks.simulated_web", "--clock-file", str(folder / "clock")]
    command += ["--log", str(folder / "log.ndjson"), "--outlets", str(_OUTLETS), "--days", str(world.days)]
    command += ["--articles", str(given.articles), "--seed", str(given.seed), "--epoch", world.epoch.isoformat()]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def _print(loop: Loop, planned: list[Planned], found: Score, rude: list[str]) -> None:
    print(f"{loop.looks} looks, exit codes {dict(sorted(loop.codes.items()))}; {loop.kills} killed")
    print(f"{'':<12}{'due':>6}{'done':>6}{'late':>6}{'missed':>8}{'twice':>7}{'interrupted':>13}")
    for name, one in loop.ledger.tallies.items():
        print(f"{name:<12}{one.due:>6}{one.done:>6}{one.late:>6}{one.missed:>8}{one.twice:>7}{one.interrupted:>13}")
    for job in planned:
        for line in _changes(job, loop.ledger.runs(job.name)):
            print(line)
    for alarm in loop.alarms:
        print(f"alarm: {alarm}")
    rows = [f"articles found {found.found}", f"articles among what is shown as such {found.pure}"]
    rows += [f"given up without a reason {found.no_reason}", f"bad manners {len(rude)}", f"requests {found.requests:,}"]
    print(", ".join(rows))


def _changes(job: Planned, runs: list[datetime]) -> Iterator[str]:
    """When a job of the night ran around the days on which clocks were changed where it is at home."""
    if len(job.at) != 1:
        return
    zone = ZoneInfo(job.zone)
    walls = [run.astimezone(zone) for run in runs]
    for place, wall in enumerate(walls[1:], 1):
        if wall.utcoffset() != walls[place - 1].utcoffset():
            near = walls[max(0, place - 2) : place + 3]
            yield f"{job.name}, due {job.at[0]:%H:%M}: {', '.join(f'{one:%m-%d %H:%M (UTC%z)}' for one in near)}"


def _of_score(found: Score) -> list[str]:
    """What is wrong with what was found.

    Edits and moves are left out: most of these jobs come by too seldom to meet them all. Manners are judged by `_rude`.
    """
    return [text for text in found.failures() if text.startswith(("found ", "pure ")) or "without a reason" in text]


def _rude(watch: Watch) -> list[str]:
    """Bad manners, in words.

    By a clock that was set back a robots.txt is younger than it is: by two hours that cannot be known.
    """
    found = []
    for one in watch.violations():
        asked = [entry.arrived for entry in watch.entries if entry.host == one.host and entry.target == "/robots.txt"]
        age = one.at.timestamp() - max((at for at in asked if at < one.at.timestamp()), default=0.0)
        if one.kind != "stale_robots" or age > ROBOTS_LIFE + SET_BACK_BY.total_seconds():
            found.append(f"{one.kind} at {one.host}, {one.at:%m-%d %H:%M}: {one.detail}")
    return found


def _of_archive(archive: Path, loop: Loop) -> list[str]:
    failures = []
    counts = states(archive)
    print(f"runs: {dict(counts)}")
    if counts["running"] or counts["locks"] or counts["interrupted"] != loop.kills:
        failures.append(f"runs were left: {dict(counts)}")
    command = [str(Path(sys.executable).with_name("scrape")), "verify", "--archive", str(archive), "-f", "csv"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    print(f"scrape verify: {', '.join(done.stdout.split()[1:])}")
    if done.returncode != 0:
        failures.append(f"scrape verify ended with {done.returncode}: {done.stdout}{done.stderr}")
    return failures


def _growth(loop: Loop) -> list[str]:
    """Whether the process holds more in the end than it did when it had done everything once."""
    samples = loop.samples[1:] or loop.samples
    few = max(1, len(samples) // 6)
    first, last = (statistics.median(one.memory for one in part) for part in (samples[:few], samples[-few:]))
    begin, end = samples[0], samples[-1]
    print(f"memory {first / 2**20:.0f} MiB in the first days, {last / 2**20:.0f} MiB in the last ones; ", end="")
    print(f"open files {begin.files} and {end.files}, threads {begin.threads} and {end.threads}")
    grown = [f"memory grew to {last / first:.2f} times what it was"] * (last > first * _GROWTH)
    return grown + ["open files or threads grew"] * (end.files > begin.files or end.threads > begin.threads)


if __name__ == "__main__":
    sys.exit(main())
