"""Hostile SQL: is any file touched, and does each statement end in time and in little memory?

    python -m benchmarks.hostile_sql [--archive FILE] [--markdown] [--overhead]

Every statement of `benchmarks.hostile_statements` is run as a page of the web interface runs it, on the archive that
`scrape demo` makes, or a copy of FILE. Afterwards an ordinary statement has to answer. With --overhead, honest ones are
measured instead, beside Datasette's own database in the same process.
"""

# ruff: noqa: S608 - nothing of anybody else's is in these statements
from __future__ import annotations

import argparse
import asyncio
import hashlib
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from benchmarks.hostile_statements import HOSTILE, Hostile
from scraper.web.sql import AnalystDatabase, add_archive
from scraper.web.sql.database import StatementError

MOST_SECONDS = 2.0
MOST_MEMORY = 256 * 1024**2
_LONGEST = 1500
"""Milliseconds: the most that `Limits` lets Datasette grant."""
_HONEST = {
    "SELECT 1": "SELECT 1",
    "a row by its key": "SELECT * FROM captures WHERE id = 3",
    "100 rows of 15 values": "WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c LIMIT 100)"
    f" SELECT {', '.join(['n'] * 15)} FROM c",
    "1,000 rows of 15 values": "WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c LIMIT 1000)"
    f" SELECT {', '.join(['n'] * 15)} FROM c",
    "1,000 texts of 5,000 letters": "WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c LIMIT 1000)"
    " SELECT n, hex(zeroblob(2500)) FROM c",
    "a count of 100,000": "WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c LIMIT 100000)"
    " SELECT count(*) FROM c",
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a statement ended. `peak` is the highest resident memory of a child meanwhile, in bytes."""

    name: str
    end: str
    said: str
    seconds: float
    peak: int
    touched: tuple[str, ...]
    """Files that came, went, changed or were opened."""
    expected: bool

    @property
    def held(self) -> bool:
        return self.expected and self.seconds <= MOST_SECONDS and self.peak < MOST_MEMORY and not self.touched


class Watcher(threading.Thread):
    """Children looked at all the time, as some are killed: the highest resident memory, and files they have open."""

    def __init__(self, database: AnalystDatabase) -> None:
        super().__init__(daemon=True)
        self.peak = 0
        self.opened: set[str] = set()
        """Files that are neither the archive nor beside it, such as temporary ones."""
        self._database = database
        self._ended = threading.Event()

    def run(self) -> None:
        while not self._ended.wait(0.002):
            self.look()

    def forget(self) -> None:
        for pid in self._database.statements.pids:
            with suppress(OSError):
                Path(f"/proc/{pid}/clear_refs").write_text("5")  # the highest begins anew: proc(5)

    def look(self) -> None:
        for pid in self._database.statements.pids:
            with suppress(OSError):
                status = Path(f"/proc/{pid}/status").read_text()
                for line in re.findall(r"VmHWM:\s*(\d+)", status):
                    self.peak = max(self.peak, int(line) * 1024)
                opened = {os.readlink(link) for link in Path(f"/proc/{pid}/fd").iterdir()}
                known = (str(self._database.path), "/dev/null", "socket:", "/proc/")
                self.opened |= {path for path in opened if not path.startswith(known)}

    def end(self) -> None:
        self._ended.set()
        self.join()


@contextmanager
def watched(database: AnalystDatabase) -> Iterator[Watcher]:
    watcher = Watcher(database)
    watcher.forget()
    watcher.start()
    try:
        yield watcher
        watcher.look()
    finally:
        watcher.end()


def files_of(folder: Path) -> dict[str, str]:
    """Every file that a statement might touch, with what it holds. (The shared memory of readers changes with each.)"""
    return {
        str(path): "" if path.name.endswith("-shm") else f"{path.stat().st_mtime_ns} {_hash_of(path)}"
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def _hash_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


async def run(database: AnalystDatabase, hostile: Hostile, folder: Path) -> Outcome:
    """The statement as a page runs it. Raises what an ordinary statement raises that fails after it."""
    before = files_of(folder)
    end, said = "rows", ""
    with watched(database) as watcher:
        begun = time.perf_counter()
        try:
            results = await database.execute(hostile.sql.replace("{outside}", str(folder / "outside")), truncate=True)
            said = f"{len(results.rows)} rows"
        except StatementError as error:
            end, said = error.kind, str(error)
        seconds = time.perf_counter() - begun
    after = files_of(folder)
    await database.execute("SELECT count(*) FROM articles")
    changed = {path for path in before.keys() | after.keys() if before.get(path) != after.get(path)}
    touched = tuple(sorted(changed | watcher.opened))
    return Outcome(hostile.name, end, said, seconds, watcher.peak, touched, end in hostile.ends)


async def run_all(archive: Path, statements: Sequence[Hostile]) -> list[Outcome]:
    from datasette.app import Datasette

    database = add_archive(Datasette([], settings={"sql_time_limit_ms": _LONGEST}), archive)
    try:
        # The first reader of an archive makes the files that readers share.
        await database.execute("SELECT 1")
        return [await run(database, statement, archive.parent) for statement in statements]
    finally:
        database.close()


async def measure_overhead(archive: Path) -> None:
    """Print what an honest statement takes with Datasette's own database and with ours, in turns."""
    from datasette.app import Datasette
    from datasette.database import Database

    ours = add_archive(Datasette([]), archive)
    plain = Datasette([])
    theirs = plain.add_database(Database(plain, str(archive), is_mutable=True), name="archive")
    print("| statement | Datasette's, ms | ours, ms |\n|---|---|---|")
    try:
        begun = time.perf_counter()
        await ours.execute("SELECT 1")
        first = time.perf_counter() - begun
        for name, sql in _HONEST.items():
            times: dict[str, list[float]] = {"theirs": [], "ours": []}
            for _ in range(50):
                for who, database in (("theirs", theirs), ("ours", ours)):
                    begun = time.perf_counter()
                    await database.execute(sql, truncate=True)
                    times[who].append(time.perf_counter() - begun)
            medians = [f"{statistics.median(times[who]) * 1000:.2f}" for who in ("theirs", "ours")]
            print(f"| {name} | {' | '.join(medians)} |", flush=True)
        print(f"\nThe first statement, which starts a child: {first * 1000:.0f} ms")
    finally:
        ours.close()
        theirs.close()


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--archive", type=Path, help="an archive, of which a copy is made")
    parser.add_argument("--overhead", action="store_true", help="measure honest statements instead")
    parser.add_argument("--markdown", action="store_true", help="the table as Markdown")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name:
        archive = Path(name, "archive.db")
        if given.archive:
            shutil.copyfile(given.archive, archive)
        else:
            command = [sys.executable, "-m", "scraper", "demo", "--keep", str(archive), "--quiet"]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        if given.overhead:
            asyncio.run(measure_overhead(archive))
            return 0
        outcomes = asyncio.run(run_all(archive, HOSTILE))
    print("| statement | end | ms | MiB | what its user is told |\n|---|---|---|---|---|" if given.markdown else "")
    for outcome in outcomes:
        print(line_of(outcome, markdown=given.markdown))
    slowest, biggest = (max(outcomes, key=key) for key in (lambda o: o.seconds, lambda o: o.peak))
    failed = [outcome.name for outcome in outcomes if not outcome.held]
    print(f"\n{len(outcomes)} statements; files touched: {sum(len(outcome.touched) for outcome in outcomes)}")
    print(f"slowest: {slowest.name}, {slowest.seconds:.2f} s; most memory: {biggest.name}, {biggest.peak >> 20} MiB")
    print(f"not held: {', '.join(failed) or 'none'}")
    return 1 if failed else 0


def line_of(outcome: Outcome, *, markdown: bool) -> str:
    said = outcome.said.replace("Not allowed here: statements may only read the archive; this one wants to", "…")
    figures = (outcome.name, outcome.end, f"{outcome.seconds * 1000:.0f}", str(outcome.peak >> 20), said[:100])
    if markdown:
        return f"| {' | '.join(figures)} |".replace("\n", " ").replace("\0", "")
    marks = "" if outcome.held else f"   <<< {', '.join(outcome.touched) or outcome.end}"
    return "{:28} {:8} {:>6} ms {:>4} MiB  {}".format(*figures) + marks


if __name__ == "__main__":
    sys.exit(main())
