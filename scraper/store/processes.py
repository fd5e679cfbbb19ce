"""Whether a process that left its name in the archive is still there."""

from __future__ import annotations

import os
import socket
import sys


def may_be_alive(machine: str, pid: int) -> bool:
    """False only when the process is known to be gone: to do a thing twice does less harm than two doing one thing."""
    if machine != socket.gethostname() or sys.platform == "win32":  # there, os.kill(pid, 0) ends the process
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):  # it belongs to somebody else
        return True
    return True


def named(token: str) -> str:
    """This process as an owner of something in the archive; `token` tells several in one process apart."""
    return f"{socket.gethostname()}:{os.getpid()}:{token}"


def owner_may_be_alive(owner: str) -> bool:
    """As `may_be_alive`, for a name that `named` made."""
    machine, _, rest = owner.rpartition(":")[0].rpartition(":")
    return not rest.isdigit() or may_be_alive(machine, int(rest))
