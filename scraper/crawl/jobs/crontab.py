"""`scrape crawl --due` as a line of the user's crontab, between two comments by which it is found again."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable

from scraper.crawl.jobs.install import Installation, call
from scraper.errors import AlreadyRunning, InstallFailed, UsageError

_LONGEST_LINE = 990
"""Characters; crons cut a command off or refuse it at a thousand."""

_NONE_YET = re.compile(r"no crontab|no such file", re.IGNORECASE)
"""What `crontab -l` says, failing, to who has none."""


def block(wanted: Installation) -> str:
    """The lines, with the comments around them. Raises UsageError when cron cannot hold them."""
    line = f"{_times(wanted)} {_escaped(_command(wanted))}"
    if len(line) > _LONGEST_LINE:
        raise UsageError(
            "The line for the crontab would be too long",
            why=f"it has {len(line)} characters, and cron reads {_LONGEST_LINE}",
            next_step="use --systemd, or shorter paths",
        )
    begin, end = _marks(wanted)
    return f"{begin}\n{line}\n{end}\n"


def install(wanted: Installation, say: Callable[[str], None]) -> None:
    """Put the lines into the user's crontab, in the place of those of before. Raises UsageError or InstallFailed."""
    lines = block(wanted)
    before = _read()
    after = with_block(before, wanted, lines)
    if after == before:
        say(f"the crontab has it already, as {wanted.name}")
        return
    _store(after)
    say(f"the crontab has it now, as {wanted.name}; cron mails you what it says when something goes wrong")


def remove(wanted: Installation, say: Callable[[str], None]) -> None:
    """Take the lines out of the user's crontab. Raises InstallFailed."""
    before = _read()
    after = with_block(before, wanted, "")
    if after == before:
        say(f"nothing to remove: the crontab has no {wanted.name}")
        return
    _store(after)
    say(f"the crontab has no {wanted.name} any more")


def with_block(crontab: str, wanted: Installation, lines: str) -> str:
    """`crontab` with `lines` where those of this archive stood, or else at its end; all others as they are."""
    begin, end = (re.escape(mark) for mark in _marks(wanted))
    # A comment may have been taken away by hand; the line is known by what it runs.
    found = re.search(rf"^{begin}\n(?:.* crawl --due .*(?:\n|\Z))?(?:{end}(?:\n|\Z))?", crontab, re.MULTILINE)
    if found:
        return crontab[: found.start()] + lines + crontab[found.end() :]
    return f"{crontab}\n{lines}" if lines and crontab and not crontab.endswith("\n") else crontab + lines


def _marks(wanted: Installation) -> tuple[str, str]:
    return f"# BEGIN {wanted.name} (scrape jobs install)", f"# END {wanted.name}"


def _times(wanted: Installation) -> str:
    # Not on the hour, when everybody asks sites for something; but always at the same minutes.
    chance = int(wanted.name.rpartition("-")[2], 16)
    minutes = int(wanted.every.total_seconds()) // 60
    if minutes < 60:
        offset = chance % minutes
        return "* * * * *" if minutes == 1 else f"{offset}-59/{minutes} * * * *"
    hours = minutes // 60
    at = {1: "*", 24: "0"}.get(hours, f"*/{hours}")
    return f"{chance % 60} {at} * * *"


def _command(wanted: Installation) -> str:
    before = ""
    if wanted.environment_file is not None:
        before = f"set -a; . {shlex.quote(str(wanted.environment_file))}; set +a; "
    values = "".join(f"{name}={shlex.quote(value)} " for name, value in wanted.environment)
    run = " ".join(shlex.quote(word) for word in wanted.command)
    # Cron mails whatever is said. That another process does already what is due is nothing to tell anybody.
    told = f'[ $? -eq {AlreadyRunning.exit_code} ] || [ -z "$said" ] || echo "$said"'
    return f"{before}said=$({values}nice -n 10 {run} 2>&1); {told}"


def _escaped(command: str) -> str:
    """A percent sign ends a command for cron, even in quotation marks."""
    return command.replace("%", "\\%")


def _read() -> str:
    done = call(["crontab", "-l"])
    if done.returncode == 0:
        return done.stdout
    if not done.stdout.strip() and _NONE_YET.search(done.stderr):
        return ""
    # Whoever takes this for an empty one writes over what is there.
    raise InstallFailed(
        "The crontab cannot be read",
        why=done.stderr.strip() or f"crontab -l ended with code {done.returncode}",
        next_step="look at what `crontab -l` says",
    )


def _store(text: str) -> None:
    done = call(["crontab", "-"], stdin=text)
    if done.returncode != 0:
        raise InstallFailed(
            "The crontab was not changed",
            why=done.stderr.strip() or f"crontab - ended with code {done.returncode}",
            next_step="scrape jobs install --cron --dry-run shows the lines, for you to put them there",
        )
