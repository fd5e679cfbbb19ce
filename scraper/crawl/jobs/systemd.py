"""`scrape crawl --due` as a systemd timer, of a user or of the whole system."""

from __future__ import annotations

import os
import pwd
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Literal

from scraper.crawl.jobs.install import Installation, call
from scraper.errors import AlreadyRunning, InstallFailed, UsageError

Manager = Literal["user", "system"]

_LINGER = Path("/var/lib/systemd/linger")

# What a service of the whole system is kept from. Nothing that Chromium needs to build its own sandbox (namespaces,
# writable and executable memory) is among it.
_OF_THE_SYSTEM = """\
ProtectSystem=strict
ProtectHome=read-only
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectKernelLogs=yes
ProtectControlGroups=yes
ProtectClock=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
"""

# A user's manager can do these without namespaces, which not every system lets users have.
_ALWAYS = """\
NoNewPrivileges=yes
LockPersonality=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
"""


def unit_folder(manager: Manager) -> Path:
    """Where an administrator's or a user's own units stand."""
    if manager == "system":
        return Path("/etc/systemd/system")
    configured = os.environ.get("XDG_CONFIG_HOME", "")
    return (Path(configured) if configured.startswith("/") else Path.home() / ".config") / "systemd" / "user"


def units(wanted: Installation, manager: Manager) -> dict[str, str]:
    """The service and the timer: name of each file, and what is in it. Raises UsageError."""
    return {f"{wanted.name}.service": _service(wanted, manager), f"{wanted.name}.timer": _timer(wanted)}


def commands(wanted: Installation, manager: Manager, *, remove: bool = False) -> list[list[str]]:
    """What is to be run when the units are written; or before they are taken away, and after."""
    systemctl = ["systemctl", *(["--user"] if manager == "user" else [])]
    reload = [*systemctl, "daemon-reload"]
    if remove:
        return [[*systemctl, "disable", "--now", f"{wanted.name}.timer"], reload]
    return [reload, [*systemctl, "enable", "--now", f"{wanted.name}.timer"]]


def install(wanted: Installation, manager: Manager, folder: Path, say: Callable[[str], None]) -> None:
    """Write the units into `folder` and start the timer; `say` is told what was done.

    Raises UsageError, or InstallFailed, which says what is left to do.
    """
    written = units(wanted, manager)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in written.items():
            _write(folder / name, text)
            say(f"wrote {folder / name}")
    except OSError as error:
        raise _not_allowed(folder, error, manager) from error
    _run(commands(wanted, manager), f"the units are in {folder}")
    say(f"enabled {wanted.name}.timer; it says what it does with: {_journal(wanted, manager)}")
    if manager == "user" and not _lingers():
        say("it runs only while you are logged in; to change that: loginctl enable-linger")


def remove(wanted: Installation, manager: Manager, folder: Path, say: Callable[[str], None]) -> None:
    """Stop the timer and take its units away. Raises InstallFailed, which says what is left to do."""
    paths = [folder / name for name in (f"{wanted.name}.service", f"{wanted.name}.timer")]
    there = [path for path in paths if path.exists()]
    if not there:
        say(f"nothing to remove: there is no {paths[1]}")
        return
    disable, reload = commands(wanted, manager, remove=True)
    _run([disable], f"nothing was taken from {folder}")
    try:
        for path in there:
            path.unlink()
            say(f"removed {path}")
    except OSError as error:
        raise _not_allowed(folder, error, manager) from error
    _run([reload], f"the units were taken from {folder}")


def _service(wanted: Installation, manager: Manager) -> str:
    lines = ["[Unit]", f"Description=Crawls that are due, into {_literal(str(wanted.archive))}"]
    if manager == "system":
        lines += ["Wants=network-online.target", "After=network-online.target"]
    lines += ["", "[Service]", "Type=oneshot", f"ExecStart={_started(wanted.command)}"]
    # Exit code 5: another process does already what is due.
    lines += [f"SuccessExitStatus={AlreadyRunning.exit_code}"]
    # Only the main process is told to stop; it lets its workers finish, and what is committed is kept.
    lines += ["KillMode=mixed", "TimeoutStopSec=90", "Nice=10"]
    lines += [f"Environment={_quoted(f'{name}={value}')}" for name, value in wanted.environment]
    if wanted.environment_file is not None:
        lines += [f"EnvironmentFile={_pattern(wanted.environment_file)}"]
    if manager == "system":
        lines += [f"User={_owner(wanted.archive)}", *_OF_THE_SYSTEM.splitlines()]
        lines += _writable(wanted.archive)
    return "\n".join([*lines, *_ALWAYS.splitlines(), ""])


def _writable(archive: Path) -> list[str]:
    """What lets a service of the system write the archive, and temporary files."""
    # A link leads to where SQLite writes.
    folders = list(dict.fromkeys((archive.parent, archive.resolve().parent)))
    shared = [Path("/tmp"), Path("/var/tmp")]  # noqa: S108 - compared with, not written to
    if any(folder.is_relative_to(one) for folder in folders for one in shared):
        return [f"ReadWritePaths={' '.join(_quoted(str(folder)) for folder in dict.fromkeys([*folders, *shared]))}"]
    return ["PrivateTmp=yes", f"ReadWritePaths={' '.join(_quoted(str(folder)) for folder in folders)}"]


def _timer(wanted: Installation) -> str:
    spread = max(1, int(min(wanted.every * 0.1, timedelta(minutes=5)).total_seconds()))
    return f"""\
[Unit]
Description=Crawls that are due, into {_literal(str(wanted.archive))}

[Timer]
OnCalendar={_calendar(wanted.every)}
Persistent=yes
RandomizedDelaySec={spread}

[Install]
WantedBy=timers.target
"""


def _calendar(every: timedelta) -> str:
    minutes = int(every.total_seconds()) // 60
    if minutes < 60:
        return f"*:0/{minutes}"
    return "daily" if minutes == 24 * 60 else f"0/{minutes // 60}:00"


def _literal(text: str) -> str:
    """Text in which systemd is to put nothing in the place of %…"""
    return text.replace("%", "%%")


def _quoted(text: str) -> str:
    """One word of several, as it is."""
    escaped = _literal(text).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _started(command: Sequence[str]) -> str:
    """`command` as ExecStart takes it."""
    if any(mark in command[0] for mark in "\"'\\$"):  # in the name of a program systemd wants none of these
        command = ["/bin/sh", "-c", 'exec "$0" "$@"', *command]
    return " ".join(_word(word) for word in command)


def _word(text: str) -> str:
    """One word of a command, as it is: $… is none of a variable."""
    plain = text.replace("/", "").replace("-", "").replace(".", "").replace("_", "").isalnum() and text.isascii()
    return text if plain else _quoted(text).replace("$", "$$")


def _pattern(path: Path) -> str:
    if any(mark in str(path) for mark in "*?[\\"):
        raise UsageError(
            f"--env-file: {str(path)!r} cannot be installed",
            why="systemd takes it for a pattern of names",
            next_step="call it otherwise",
        )
    return _literal(str(path))


def _owner(archive: Path) -> str:
    """Whose service it is: whoever owns the archive, or else the folder that it will be made in."""
    uid = (archive if archive.exists() else archive.parent).stat().st_uid
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _write(path: Path, text: str) -> None:
    new = path.with_name(f".{path.name}.new")
    new.write_text(text, encoding="utf-8", errors="surrogateescape")
    new.chmod(0o644)
    new.replace(path)


def _run(wanted: list[list[str]], so_far: str) -> None:
    for number, command in enumerate(wanted):
        rest = "; ".join(" ".join(one) for one in wanted[number:])
        try:
            done = call(command)
        except InstallFailed as error:
            raise InstallFailed(error.what, why=so_far, next_step=f"where systemd runs: {rest}") from None
        if done.returncode != 0:
            said = done.stderr.strip() or f"it ended with code {done.returncode}"
            raise InstallFailed(
                f"{' '.join(command)} failed", why=f"{said}; {so_far}", next_step=f"when that is mended: {rest}"
            )


def _not_allowed(folder: Path, error: OSError, manager: Manager) -> InstallFailed:
    hint = "run it as root, or with --user" if manager == "system" else "check the permissions of that folder"
    return InstallFailed(f"Cannot write to {folder}", why=error.strerror or str(error), next_step=hint)


def _journal(wanted: Installation, manager: Manager) -> str:
    return f"journalctl {'--user ' if manager == 'user' else ''}-u {wanted.name}"


def _lingers() -> bool:
    try:
        return (_LINGER / pwd.getpwuid(os.getuid()).pw_name).exists()
    except (KeyError, OSError):
        return False
