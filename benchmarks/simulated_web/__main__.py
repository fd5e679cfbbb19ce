"""Serve the simulated web until it is interrupted, and print the port it is served on.

    python -m benchmarks.simulated_web --outlets 50 --articles 5000 --seed 1 --clock-file clock --log requests.ndjson

Who drives the simulation puts the clock forward by the clock file (`SimulatedClock`). An incident is KIND:HOST:HOURS,
with the hours from the beginning on, or KIND:HOST:HOURS-HOURS.
"""

from __future__ import annotations

import argparse
import asyncio
import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import get_args

from benchmarks.simulated_web.clock import EPOCH, SimulatedClock
from benchmarks.simulated_web.life import Incident, IncidentKind
from benchmarks.simulated_web.server import SimulatedWeb
from benchmarks.simulated_web.world import World


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--outlets", type=int, default=50)
    parser.add_argument("--articles", type=int, default=5_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--days", type=int, default=10, help="for which new articles come out")
    parser.add_argument("--epoch", type=moment, default=EPOCH, help="when the simulation begins")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--clock-file", type=Path, help="made, at the simulation's beginning, if there is none")
    parser.add_argument("--log", type=Path, help="file that requests are appended to, as lines of JSON")
    parser.add_argument("--slowness", type=float, default=1.0, help="scales how long slow hosts take")
    parser.add_argument("--incident", action="append", default=[], type=incident, metavar="KIND:HOST:HOURS")
    parser.add_argument("--homes", action="store_true", help="print the home pages' URLs and end")
    given = parser.parse_args()
    world = World(
        outlets=given.outlets,
        articles=given.articles,
        seed=given.seed,
        epoch=given.epoch,
        days=given.days,
        incidents=given.incident,
    )
    if given.homes:
        print("\n".join(world.homes))
        return
    is_made = given.clock_file is not None and given.clock_file.exists()
    clock = SimulatedClock(given.clock_file, start=None if is_made else given.epoch)
    web = SimulatedWeb(world, clock, port=given.port, log=given.log, slowness=given.slowness)
    asyncio.run(_serve(web))


async def _serve(web: SimulatedWeb) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, web.end)
    await web.serve(lambda: print(web.port, flush=True))


def moment(text: str) -> datetime:
    """A time as it is typed, UTC. Raises ValueError."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def incident(text: str, epoch: datetime = EPOCH) -> Incident:
    """An incident as it is typed. Raises ArgumentTypeError."""
    kinds: tuple[IncidentKind, ...] = get_args(IncidentKind)
    typed, _, rest = text.partition(":")
    host, _, hours = rest.partition(":")
    begin, _, end = hours.partition("-")
    try:
        moments = [epoch + timedelta(hours=float(hour)) for hour in (begin, end) if hour]
    except ValueError:
        moments = []
    kind = next((kind for kind in kinds if kind == typed), None)
    if kind is None or not host or not moments:
        raise argparse.ArgumentTypeError(f"{text!r} is not KIND:HOST:HOURS with a kind of {', '.join(kinds)}")
    return Incident(kind, host, moments[0], moments[1] if len(moments) > 1 else None)


if __name__ == "__main__":
    main()
