"""A web of news outlets on 127.0.0.1, on a clock that is put forward, which knows the truth and watches manners.

    clock = SimulatedClock(folder / "clock", start=EPOCH)
    world = World(outlets=50, articles=5_000, seed=1)
    with SimulatedWeb(world, clock) as web:
        ... a crawler that starts from world.homes, connects to 127.0.0.1:web.port and tells time by the clock ...
        clock.advance(timedelta(hours=1))
        ... again ...
        print(score(folder / "archive.db", Truth(world), web.watch(delay=0.1)).table())

Everything that is published, edited, moved and taken down follows from the seed; what a server answers follows from
that and the time. `python -m benchmarks.simulated_web` serves it from a process of its own.
"""

from benchmarks.simulated_web.articles import Article, Edition, Mark
from benchmarks.simulated_web.clock import EPOCH, SimulatedClock
from benchmarks.simulated_web.life import Incident
from benchmarks.simulated_web.scoring import Missing, Score, score
from benchmarks.simulated_web.server import SimulatedWeb
from benchmarks.simulated_web.truth import ArticleTruth, OutletTruth, Truth
from benchmarks.simulated_web.watch import Entry, Violation, Watch
from benchmarks.simulated_web.world import World

__all__ = [
    "EPOCH",
    "Article",
    "ArticleTruth",
    "Edition",
    "Entry",
    "Incident",
    "Mark",
    "Missing",
    "OutletTruth",
    "Score",
    "SimulatedClock",
    "SimulatedWeb",
    "Truth",
    "Violation",
    "Watch",
    "World",
    "score",
]
