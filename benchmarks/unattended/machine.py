"""The machine that `scrape crawl --due` is called on, and two ways of calling it: in this process, and as it is.

No option of the command sets its clock. So either what the command does is done here, with the machine's clock for the
archive's; or it is the command itself, and Debian's faketime has it live in the machine's time.
"""

from __future__ import annotations

import io
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from benchmarks.simulated_web.clock import SimulatedClock
from benchmarks.unattended.plan import Planned
from scraper.cli import crawling
from scraper.cli.conventions import Conventions, Log
from scraper.cli.messages import say_error
from scraper.crawl import jobs
from scraper.errors import ScrapeError
from scraper.settings import fetch_settings, load_config
from scraper.store import Archive

_PATIENCE = 300.0
"""Seconds that one call may take."""
_UNDER_WAY = 3
"""Requests after which a crawl that is to be killed is at work."""
_PRELOADED = (
    "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1",
    "/usr/lib/aarch64-linux-gnu/faketime/libfaketime.so.1",
)
# Version 0.9.10 of it leaves sleeping by the monotonic clock broken when it is to leave that clock alone.
_SLEEP = """import select
import time
time.sleep = lambda seconds: select.select([], [], [], seconds) and None
"""


@dataclass(frozen=True, slots=True)
class Ended:
    """The exit code of a call, and what it said."""

    code: int
    said: str


class MachineClock:
    """The web's clock, gone wrong by `skew`."""

    def __init__(self, web: SimulatedClock) -> None:
        self._web = web
        self.skew = timedelta()

    def __call__(self) -> datetime:
        return self._web.now() + self.skew

    @property
    def offset(self) -> float:
        """Seconds that it is ahead of real time."""
        return self._web.offset + self.skew.total_seconds()


class Machine(Protocol):
    """What a loop in the place of a timer needs."""

    clock: MachineClock
    archive: Path

    def add(self, job: Planned) -> None: ...
    def pause(self, name: str) -> None: ...
    def resume(self, name: str) -> None: ...
    def write_file(self, planned: Iterable[Planned]) -> None: ...
    def due(self) -> Ended: ...
    def due_killed(self) -> bool: ...
    def due_together(self) -> tuple[Ended, Ended]: ...


class _Machine:
    """What both have in common: a folder with archive and scrape.toml, and other processes.

    `port` and `delay` are what is written into scrape.toml.
    """

    def __init__(self, folder: Path, web_clock: SimulatedClock, *, port: int = 0, delay: float = 0.0) -> None:
        self.folder = folder
        self.archive = folder / "archive.db"
        self.clock = MachineClock(web_clock)
        self._log = folder / "log.ndjson"
        self._fetch = f'allow_private = true\nconnect_to = ["::127.0.0.1:{port}"]\ndelay = {delay}\nrender = "never"\n'

    def write_file(self, planned: Iterable[Planned]) -> None:
        """Have scrape.toml name these jobs, of all those planned that stand in it."""
        parts = [f"[fetch]\n{self._fetch}"]
        for job in planned:
            lines = [f"{key} = {_toml(value)}" for key, value in job.words.items()]
            parts.append("\n".join([f"[jobs.{job.name}]", *lines, ""]))
        (self.folder / "scrape.toml").write_text("\n".join(parts), encoding="utf-8")

    def due_killed(self) -> bool:
        """Call it in a process that is killed while it fetches; False when it had come to its end before."""
        before = self._requests()
        process = self._begin()
        _wait_until(lambda: process.poll() is not None or self._requests() >= before + _UNDER_WAY)
        at_work = process.poll() is None
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        return at_work

    def due_together(self) -> tuple[Ended, Ended]:
        """Call it, and once more while that is at work; how the second ended, then the first."""
        process = self._begin()
        _wait_until(lambda: process.poll() is not None or self._is_locked())
        second = self.due()
        out, _ = process.communicate(timeout=_PATIENCE)
        return second, Ended(process.returncode, out)

    def due(self) -> Ended:
        raise NotImplementedError

    def _begin(self) -> subprocess.Popen[str]:
        """Call it in a process of its own, in a session of its own."""
        raise NotImplementedError

    def _start(self, command: Sequence[str], environment: dict[str, str]) -> subprocess.Popen[str]:
        return subprocess.Popen(
            command,
            cwd=self.folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def _requests(self) -> int:
        return self._log.read_bytes().count(b"\n") if self._log.exists() else 0

    def _is_locked(self) -> bool:
        if not self.archive.exists():
            return False
        with closing(sqlite3.connect(self.archive, timeout=60)) as db:
            return bool(db.execute("SELECT 1 FROM runs WHERE command = 'crawl --due'").fetchone())


class OneProcess(_Machine):
    """Everything in this process, call after call: what one call leaves behind, the next ones carry."""

    def add(self, job: Planned) -> None:
        with self._open() as archive:
            jobs.add_job(archive, jobs.job_of(job.name, _given(job), origin="command"), self._file())

    def pause(self, name: str) -> None:
        with self._open() as archive:
            jobs.pause_job(archive, name)

    def resume(self, name: str) -> None:
        with self._open() as archive:
            jobs.resume_job(archive, name)

    def due(self) -> Ended:
        said = io.StringIO()
        with redirect_stderr(said), redirect_stdout(said):
            code = self._due()
        return Ended(code, said.getvalue())

    def _due(self) -> int:
        """What `scrape crawl --due` does."""
        try:
            with self._open() as archive:
                jobs.synchronise(archive, self._file())
                with jobs.due_lock(archive):
                    return self._run_all(archive, jobs.due_jobs(archive))
        except ScrapeError as error:
            say_error(error.what, error.why, error.next_step)
            return error.exit_code

    def _run_all(self, archive: Archive, due: Sequence[jobs.Job]) -> int:
        conventions = Conventions(
            archive=self.archive, config=None, selectors=None, quiet=False, log=Log.text, debug=False
        )
        settings = fetch_settings(load_config(conventions.settings_file))
        return crawling._run_all(conventions, archive, settings, due, quiet=True)

    def _begin(self) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "benchmarks.unattended", "--once", "--out", str(self.folder)]
        command += ["--skew", str(self.clock.skew.total_seconds())]
        return self._start(command, {**os.environ, "PYTHONPATH": os.pathsep.join([os.getcwd(), *sys.path])})

    def _open(self) -> Archive:
        return Archive.open(self.archive, write=True, clock=self.clock)

    def _file(self) -> jobs.FileJobs:
        return jobs.file_jobs(self.folder / "scrape.toml")


class Commands(_Machine):
    """Each call a process: the command as it is installed, in simulated time."""

    def __init__(self, folder: Path, web_clock: SimulatedClock, *, port: int = 0, delay: float = 0.0) -> None:
        super().__init__(folder, web_clock, port=port, delay=delay)
        self._library = library()
        self._patches = folder / "patches"
        self._patches.mkdir(exist_ok=True)
        (self._patches / "sitecustomize.py").write_text(_SLEEP, encoding="ascii")

    def add(self, job: Planned) -> None:
        options = []
        for key, value in job.words.items():
            for one in [value] if isinstance(value, str) else value:
                options += [f"--{key}", one]
        self._must("jobs", "add", job.name, *options)

    def pause(self, name: str) -> None:
        self._must("jobs", "pause", name)

    def resume(self, name: str) -> None:
        self._must("jobs", "resume", name)

    def due(self) -> Ended:
        process = self._begin()
        out, _ = process.communicate(timeout=_PATIENCE)
        return Ended(process.returncode, out)

    def _begin(self) -> subprocess.Popen[str]:
        return self._scrape("crawl", "--due")

    def _must(self, *arguments: str) -> None:
        process = self._scrape(*arguments)
        out, _ = process.communicate(timeout=_PATIENCE)
        if process.returncode != 0:
            raise RuntimeError(f"scrape {' '.join(arguments)} ended with {process.returncode}: {out}")

    def _scrape(self, *arguments: str) -> subprocess.Popen[str]:
        environment = {
            **os.environ,
            "LD_PRELOAD": self._library,
            "FAKETIME": f"{self.clock.offset:+.3f}",
            # The clocks that tell how long something takes stay as they are, and so do the times of files.
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "DONT_FAKE_MONOTONIC": "1",
            "NO_FAKE_STAT": "1",
            "PYTHONPATH": os.pathsep.join([str(self._patches), os.environ.get("PYTHONPATH", "")]).rstrip(os.pathsep),
        }
        command = str(Path(sys.executable).with_name("scrape"))
        return self._start([command, *arguments, "--archive", str(self.archive)], environment)


def library() -> str:
    """Where faketime is. Raises FileNotFoundError."""
    for path in _PRELOADED:
        if Path(path).exists():
            return path
    raise FileNotFoundError("libfaketime is not installed: apt-get install faketime")


def _given(job: Planned) -> jobs.Given:
    return jobs.Given(job.words, where=lambda key: f"{job.name}: {key}")


def _toml(value: Any) -> str:
    return f'"{value}"' if isinstance(value, str) else f"[{', '.join(map(_toml, value))}]"


def _wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError("what was waited for did not happen")
        time.sleep(0.005)
