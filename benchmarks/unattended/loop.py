"""The loop in the place of a timer."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from benchmarks.simulated_web.clock import SimulatedClock
from benchmarks.unattended.ledger import Ledger
from benchmarks.unattended.machine import Ended, Machine
from benchmarks.unattended.plan import DAY, Event, Planned

LOOK_EVERY = timedelta(minutes=15)
_AFTER_THE_HOUR = timedelta(seconds=7)
"""Nothing is due just when it is looked for."""
ALARM, LOCKED = 6, 5
"""Exit codes of `scrape crawl --due`."""


@dataclass(frozen=True, slots=True)
class Sample:
    """What this process holds at the end of a day."""

    memory: int
    """Bytes that are resident."""
    files: int
    threads: int

    @classmethod
    def now(cls) -> Sample:
        status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
        files = len(os.listdir("/proc/self/fd"))
        return cls(int(status["VmRSS"].split()[0]) * 1024, files, int(status["Threads"]))


class Loop:
    """Looks for what is due again and again, while what is scripted happens to the machine."""

    def __init__(
        self, machine: Machine, web_clock: SimulatedClock, planned: Sequence[Planned], events: Sequence[Event]
    ) -> None:
        self.ledger = Ledger(planned, machine.archive)
        self.codes: Counter[int] = Counter()
        self.alarms: list[str] = []
        """What calls said that raised an alarm, or found that one is over."""
        self.samples: list[Sample] = []
        self.looks = 0
        self.kills = 0
        self.wrong: list[str] = []
        self._machine = machine
        self._clock = web_clock
        self._planned = planned
        self._events = list(events)
        self._next = "plain"
        """How what is due is looked for the next time: `plain`, `kill` or `together`."""

    def run(
        self, begin: datetime, days: float, say: Callable[[str], None], *, look_every: timedelta = LOOK_EVERY
    ) -> None:
        """From `begin`, at which the web's clock stands, for so many days."""
        self._add_jobs()
        at, end, day = begin + _AFTER_THE_HOUR, begin + days * DAY, 1
        while at < end:
            at = self._happen(begin, at)
            self._clock.advance_to(at)
            self._look()
            at += look_every
            if at >= begin + day * DAY:
                self.samples.append(Sample.now())
                done = sum(tally.done for tally in self.ledger.tallies.values())
                say(f"day {day}: {done} runs, exit codes {dict(self.codes)}, {self.samples[-1].memory >> 20} MiB")
                day = (at - begin) // DAY + 1

    def _add_jobs(self) -> None:
        self._machine.write_file(job for job in self._planned if job.in_file)
        for job in self._planned:
            if not job.in_file:
                self._machine.add(job)
        self.ledger.learn()

    def _happen(self, begin: datetime, at: datetime) -> datetime:
        """Let what is scripted until `at` happen; the time of the next look."""
        in_file = [job for job in self._planned if job.in_file]
        while self._events and begin + self._events[0].at <= at:
            event = self._events.pop(0)
            self._clock.advance_to(begin + event.at)
            match event.kind:
                case "off":
                    at = begin + event.value + _AFTER_THE_HOUR
                case "skew":
                    self._machine.clock.skew = event.value
                case "pause":
                    self._machine.pause(event.value)
                    self.ledger.pause(event.value)
                case "resume":
                    self._machine.resume(event.value)
                    self.ledger.resume(event.value)
                case "take_out":
                    self._machine.write_file([])
                    for job in in_file:
                        self.ledger.pause(job.name)
                case "put_back":
                    self._machine.write_file(in_file)
                    for job in in_file:
                        self.ledger.resume(job.name, forget_until=self._machine.clock())
                case "kill" | "together":
                    self._next = event.kind
        return at

    def _look(self) -> None:
        how, self._next = self._next, "plain"
        before = self._machine.clock()
        due = self.ledger.due(before)
        self.looks += 1
        if how == "kill":
            self.kills += 1
            if not self._machine.due_killed():
                self.wrong.append("a run that was to be killed had come to its end")
        elif how == "together":
            second, first = self._machine.due_together()
            self._note(first)
            self.codes[second.code] += 1
            if second.code != LOCKED:
                self.wrong.append(f"the second of two at once ended with {second.code}: {second.said}")
        else:
            self._note(self._machine.due())
        self.ledger.settle(due, before, was_killed=how == "kill")

    def _note(self, ended: Ended) -> None:
        self.codes[ended.code] += 1
        when = f"{self._clock.now():%m-%d %H:%M}"
        is_good_news = ended.code == 0 and all(line.startswith("over: ") for line in ended.said.splitlines())
        if ended.code == ALARM or (is_good_news and ended.said):
            self.alarms.append(f"{when} {ended.said.strip()}")
        elif not is_good_news:
            self.wrong.append(f"{when}: a call ended with {ended.code} and said {ended.said.strip()[:300]!r}")

    def failures(self) -> list[str]:
        """What was not as it is to be, in words."""
        tallies = self.ledger.tallies.values()
        counts = {name: sum(getattr(tally, name) for tally in tallies) for name in ("missed", "twice", "interrupted")}
        found = [f"{counts[name]} runs {name}" for name in ("missed", "twice") if counts[name]]
        if counts["interrupted"] != self.kills:
            found.append(f"{counts['interrupted']} runs interrupted, and {self.kills} killed")
        return found + self.wrong
