"""Whether a process that left its name in the archive is still there."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path


def may_be_alive(machine: str, pid: int, mark: str = "") -> bool:
    """False only when the process is known to be gone: to do a thing twice does less harm than two doing one thing.

    `mark` is what the process itself said with `mark_of_this_process`; it tells another one that was given the same
    number later.
    """
    known = _known_by_mark(machine, pid, mark)
    if known is not None:
        return known
    if machine != socket.gethostname() or sys.platform == "win32":  # there, os.kill(pid, 0) ends the process
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):  # it belongs to somebody else
        return True
    return True


def is_within_sight(machine: str, mark: str = "") -> bool:
    """Whether `may_be_alive` can tell: not for other machines, nor for other containers of this one."""
    here = _here()
    if not mark or not here:
        return machine == socket.gethostname()
    return mark.rpartition("/")[0] == here or (machine == socket.gethostname() and _boot(mark) != _boot(here))


def mark_of_this_process() -> str:
    """This process and no other, by when it began on which start of which system; "" where that cannot be said."""
    here, began = _here(), _began(os.getpid())
    return f"{here}/{began}" if here and began else ""


def named(token: str) -> str:
    """This process as an owner of something in the archive; `token` tells several in one process apart."""
    return f"{socket.gethostname()}:{os.getpid()}:{token}"


def owner_may_be_alive(owner: str) -> bool:
    """As `may_be_alive`, for a name that `named` made."""
    machine, _, rest = owner.rpartition(":")[0].rpartition(":")
    return not rest.isdigit() or may_be_alive(machine, int(rest))


def _known_by_mark(machine: str, pid: int, mark: str) -> bool | None:
    """Whether a process is alive, as far as its mark tells; None when it does not."""
    here = _here()
    if not mark or not here:
        return None
    place, _, began = mark.rpartition("/")
    if place == here:
        return _began(pid) == began
    # When the system was started anew since, nothing of what ran before is there.
    return machine != socket.gethostname() or _boot(mark) == _boot(here)


def _here() -> str:
    """The system since it was last started, and the part of it whose processes this one sees; "" if unknown."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{boot}/{os.readlink('/proc/self/ns/pid')}"
    except (OSError, ValueError):
        return ""


def _boot(mark: str) -> str:
    return mark.partition("/")[0]


def _began(pid: int) -> str:
    """When a process began, in ticks since the system did; "" when there is none, or it has ended and is still listed.

    Clocks that are set do not change it.
    """
    try:
        # The name before the last parenthesis may hold anything.
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        return "" if fields[0] in ("Z", "X") else fields[19]
    except (OSError, IndexError):
        return ""
