"""Having the system run what is due: what both ways of it, a systemd timer and a crontab line, have in common."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from scraper.crawl.jobs.durations import duration
from scraper.errors import InstallFailed, UsageError

PASSED_ON = ("SCRAPE_ALLOW_PRIVATE", "SCRAPE_CONNECT_TO", "SCRAPE_DELAY")
"""Variables that options can be given by: a service knows nothing of the environment it was installed from."""

_MINUTES = (1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30)
_HOURS = (1, 2, 3, 4, 6, 8, 12, 24)
_PATIENCE = 60.0
"""Seconds that a program of the system's may take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """What is to be run, on which archive, and how often."""

    archive: Path
    """Absolute."""
    command: tuple[str, ...]
    """The program and what it is told, every path absolute."""
    every: timedelta
    environment: tuple[tuple[str, str], ...] = ()
    environment_file: Path | None = None
    """A file of NAME=value lines that is read before each run; for secrets that scrape.toml names."""

    @property
    def name(self) -> str:
        """What its unit or lines are called: one name an archive."""
        stem = re.sub(r"[^A-Za-z0-9_.-]+", "-", self.archive.stem)[:40].strip("-.") or "archive"
        return f"scrape-crawl-{stem}-{hashlib.sha256(os.fsencode(self.archive)).hexdigest()[:8]}"

    @classmethod
    def of(
        cls,
        archive: Path,
        *,
        every: str,
        config: Path | None = None,
        selectors: Path | None = None,
        environment_file: Path | None = None,
        environment: Mapping[str, str] | None = None,
        program: Sequence[str] | None = None,
    ) -> Installation:
        """`scrape crawl --due` on `archive`, as often as `every` says. Raises UsageError."""
        archive = _absolute(archive, "--archive")
        if not archive.parent.is_dir():
            raise UsageError(f"There is no folder {archive.parent}", next_step="make it, or check --archive")
        command = [*(program or program_here()), "crawl", "--due", "--archive", str(archive)]
        if config is not None:
            command += ["--config", str(_absolute(config, "--config"))]
        if selectors is not None:
            command += ["--selectors", str(_absolute(selectors, "--selectors"))]
        given = os.environ if environment is None else environment
        return cls(
            archive=archive,
            command=tuple(command),
            every=_every(every),
            environment=tuple((name, _one_line(given[name], name)) for name in PASSED_ON if given.get(name)),
            environment_file=None if environment_file is None else _absolute(environment_file, "--env-file"),
        )


def program_here() -> tuple[str, ...]:
    """How this program is called from anywhere: as it was now, else by the command beside Python, else by Python."""
    called = Path(sys.argv[0]).absolute()
    beside = Path(sys.executable).with_name("scrape")
    for path in (called, beside):
        if path.name == "scrape" and os.access(path, os.X_OK) and path.is_file():
            return (str(path),)
    return (sys.executable, "-m", "scraper")


def call(command: Sequence[str], *, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
    """Run a program of the system's to its end. Raises InstallFailed when there is none, or it takes too long."""
    program = shutil.which(command[0])
    if program is None:
        raise InstallFailed(f"There is no {command[0]} on this machine")
    try:
        return subprocess.run(  # noqa: S603 - a program of the system's, its arguments made here
            [program, *command[1:]],
            input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            capture_output=True,
            encoding="utf-8",
            errors="surrogateescape",
            timeout=_PATIENCE,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise InstallFailed(f"{' '.join(command)} took more than {_PATIENCE:.0f} seconds") from None


def _every(text: str) -> timedelta:
    span = duration(text)
    if span not in [*(timedelta(minutes=n) for n in _MINUTES), *(timedelta(hours=n) for n in _HOURS)]:
        minutes, hours = ", ".join(f"{n}m" for n in _MINUTES), ", ".join(f"{n}h" for n in _HOURS)
        raise UsageError(
            f"--every {text!r} cannot be kept to",
            why="what is due is looked for at the same minutes of each hour, or hours of each day",
            next_step=f"one of {minutes}, {hours}; what each job's own schedule is does not matter here",
        )
    return span or timedelta()


def _absolute(path: Path, option: str) -> Path:
    return Path(_one_line(os.path.abspath(path), option))


def _one_line(text: str, name: str) -> str:
    """`text`, unless it cannot stand in a unit or a crontab: their files are made of lines."""
    if any(ord(c) < 32 or ord(c) == 127 for c in text) or text != text.strip() or text.endswith("\\"):
        raise UsageError(
            f"{name}: {text!r} cannot be installed",
            why="it holds a line end or another control character, or begins or ends with a space or a backslash",
            next_step="call it otherwise",
        )
    return text
