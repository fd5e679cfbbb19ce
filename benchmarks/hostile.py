"""Hostile pages: do they end in time and in little memory, with their text kept or its loss said?

    python -m benchmarks.hostile [--size BYTES] [--shapes NAME…]
    python -m benchmarks.hostile --data FOLDER --mutants N [--seed SEED] [--out FOLDER]

The first form makes the shapes of `benchmarks.shapes`, each of so many bytes with an article in it; the second damages
the pages of the labelled sets in FOLDER, N mutants in all, and keeps those that crash the extractor in --out. Every
page is read as the product reads it: by a worker of the extraction pool, which can be killed.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from benchmarks.labelled import LabelledPage, read_set, set_names
from benchmarks.mutants import mutant
from benchmarks.shapes import SHAPES, paragraphs_kept
from scraper.article import Article
from scraper.crawl import ExtractionPool
from scraper.crawl.workers import PageRead, PageToRead

SIZE = 10_000_000
URL = "https://www.gazette.example/news/boats-return"
MOST_SECONDS = 10.0
MOST_MEMORY = 1024**3
MUTANT_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a page ended, after how many seconds. `peak` is the worker's highest resident memory meanwhile, in bytes."""

    name: str
    seconds: float
    processor: float
    """Seconds the worker computed: fewer than passed where other work has the machine busy."""
    peak: int
    kept: float
    said: str
    """What a user is told of the loss: the reason of the verdict, a note, or why the worker failed."""
    article: Article | None = None

    @property
    def held(self) -> bool:
        return self.seconds <= MOST_SECONDS and self.peak <= MOST_MEMORY and (self.kept == 1 or bool(self.said))


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=SIZE, help="bytes of a shape (%(default)s)")
    parser.add_argument("--shapes", nargs="+", choices=list(SHAPES), default=list(SHAPES), metavar="NAME")
    parser.add_argument("--data", type=Path, help="folder with labelled sets, whose pages are damaged")
    parser.add_argument("--mutants", type=int, default=0, metavar="N", help="how many mutants")
    parser.add_argument("--seed", default="1", help="another seed gives other mutants (%(default)s)")
    parser.add_argument("--out", type=Path, help="keep mutants that crash the extractor here")
    given = parser.parse_args(arguments)
    if not given.mutants:
        return run_shapes(given.shapes, given.size)
    if given.data is None or not set_names(given.data):
        parser.error("--mutants needs --data, a folder with labelled sets")
    pages = [page for name in set_names(given.data) for page in read_set(given.data / name).pages]
    return asyncio.run(run_mutants(pages, given.mutants, given.seed, given.out))


def run_shapes(names: Sequence[str], size: int) -> int:
    """Print how every shape ended; 1 when one of them did not hold."""
    outcomes = []
    print(f"{'seconds':>8} {'CPU s':>6} {'MiB':>6} {'kept':>5}  shape: what was said")
    with ExtractionPool(workers=1) as pool:
        asyncio.run(pool.read(PageToRead(b"<p>A page to start with.", URL)))
        for name in names:
            outcome = asyncio.run(read_shape(pool, name, SHAPES[name](size)))
            outcomes.append(outcome)
            print(line_of(outcome), flush=True)
    slowest, biggest = (max(outcomes, key=key) for key in (lambda o: o.seconds, lambda o: o.peak))
    failed = [outcome.name for outcome in outcomes if not outcome.held]
    print(f"{len(outcomes)} shapes of {size:,} bytes; all text kept on {sum(o.kept == 1 for o in outcomes)}")
    print(f"slowest: {slowest.name}, {slowest.seconds:.1f} s; most memory: {biggest.name}, {biggest.peak >> 20} MiB")
    print(f"too slow, too big, or text lost in silence: {', '.join(failed) or 'none'}")
    return 1 if failed else 0


def line_of(outcome: Outcome) -> str:
    figures = f"{outcome.seconds:8.2f} {outcome.processor:6.2f} {outcome.peak >> 20:6} {outcome.kept:5.0%}"
    return f"{figures}  {outcome.name}: {outcome.said}{'' if outcome.held else '   <<<'}"


async def read_shape(pool: ExtractionPool, name: str, html: bytes) -> Outcome:
    """A hostile page as the product reads it, its worker watched from outside."""
    forget_peaks()
    uses = [use_of_workers()]
    begun = time.perf_counter()
    reading = asyncio.ensure_future(pool.read(PageToRead(html, URL)))
    while not (await asyncio.wait([reading], timeout=0.05))[0]:
        uses.append(use_of_workers())
    seconds = time.perf_counter() - begun
    uses.append(use_of_workers())
    processor = max(used for used, _ in uses) - uses[0][0]
    peak = max(peak for _, peak in uses)
    try:
        found = reading.result()
    except Exception as error:  # noqa: BLE001 - whatever a worker died of is this page's outcome
        return Outcome(name, seconds, processor, peak, 0.0, str(pool.explained(error)))
    return Outcome(name, seconds, processor, peak, paragraphs_kept(found.article.body), said(found), found.article)


def said(found: PageRead) -> str:
    return "; ".join(part for part in (found.article.verdict_reason, *found.notes) if part)


def workers() -> Iterator[Path]:
    """The folders in /proc of the processes that descend from this one."""
    parents = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            parents[int(folder.name)] = int(_stat(folder)[1])
    for pid, parent in parents.items():
        ancestor = parent
        while ancestor not in (0, os.getpid()):
            ancestor = parents.get(ancestor, 0)
        if ancestor == os.getpid():
            yield Path("/proc", str(pid))


def _stat(folder: Path) -> list[str]:
    """The fields of proc(5)'s stat from the third on: state, parent … The second may hold anything."""
    return (folder / "stat").read_text().rpartition(")")[2].split()


def forget_peaks() -> None:
    for folder in workers():
        with suppress(OSError):
            (folder / "clear_refs").write_text("5")  # the highest resident memory begins anew: proc(5)


def use_of_workers() -> tuple[float, int]:
    """Seconds all workers computed so far, and bytes of memory at the highest of the one that took most."""
    seconds, peak = 0.0, 0
    for folder in workers():
        with suppress(OSError):
            fields = _stat(folder)
            seconds += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
            for line in (folder / "status").read_text().splitlines():
                if line.startswith("VmHWM:"):
                    peak = max(peak, int(line.split()[1]) * 1024)
    return seconds, peak


async def run_mutants(pages: Sequence[LabelledPage], number: int, seed: str, out: Path | None) -> int:
    """Print how the mutants ended; 1 when one crashed the extractor."""
    verdicts: Counter[str] = Counter()
    failures: list[str] = []
    times: list[float] = []
    numbers = iter(range(number))

    async def take(pool: ExtractionPool) -> None:
        for one in numbers:
            page = pages[one % len(pages)]
            html = mutant_of(page, one, seed)
            begun = time.perf_counter()
            try:
                found = await pool.read(PageToRead(html, page.url))
            except Exception as error:  # noqa: BLE001 - whatever a worker died of is this mutant's outcome
                failures.append(f"mutant {one} of {page.id}: {pool.explained(error)}")
                print(failures[-1], flush=True)
                keep(out, f"{seed}-{one}-{page.id}.html", html)
            else:
                verdicts[found.article.verdict] += 1
            times.append(time.perf_counter() - begun)
            if len(times) % 1000 == 0:
                print(f"{len(times)} of {number} mutants", file=sys.stderr)

    with ExtractionPool(time_limit=MUTANT_SECONDS) as pool:
        await asyncio.gather(*(take(pool) for _ in range(os.cpu_count() or 1)))
    print(f"{number} mutants of {len(pages)} pages, seed {seed}: {len(failures)} crashes, slowest {max(times):.1f} s")
    print("verdicts: " + ", ".join(f"{verdict} {count}" for verdict, count in verdicts.most_common()))
    return 1 if failures else 0


def mutant_of(page: LabelledPage, number: int, seed: str) -> bytes:
    """The same bytes for the same page, number and seed."""
    return mutant(page.html(), random.Random(f"{seed} {number}"))


def keep(folder: Path | None, name: str, html: bytes) -> None:
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(html)


if __name__ == "__main__":
    sys.exit(main())
