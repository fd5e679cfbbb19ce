"""`scrape` as its users run it: processes of their own, real sockets on 127.0.0.1, archives in temporary folders."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from fcntl import ioctl
from pathlib import Path
from typing import Any

COMMAND = str(Path(sys.executable).with_name("scrape"))
LIMIT = 60.0
"""Seconds after which a command is taken to hang."""
_HEEDING_SIGINT = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)  # tests that run in the background inherit that it is ignored
os.execv(sys.argv[1], sys.argv[1:])
"""
_ESCAPE = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


@dataclass(frozen=True)
class Said:
    """How a command ended and what it said."""

    code: int
    out: str
    err: str
    raw: bytes = b""
    """stdout as bytes."""

    @property
    def rows(self) -> list[dict[str, Any]]:
        """stdout as lines of JSON."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def plain(self) -> str:
        """stdout without colours."""
        return _ESCAPE.sub("", self.out)


@dataclass
class Scrape:
    """Runs `scrape` in `folder`, with loopback addresses admitted and every host name leading to `port`."""

    folder: Path
    port: int | None = None
    env: dict[str, str] = field(default_factory=dict)

    def environment(self, **more: str) -> dict[str, str]:
        """Nothing of the caller's but where programs are; warnings are errors in every process that is started."""
        env = {
            "PATH": f"{Path(COMMAND).parent}:{os.environ['PATH']}",
            "HOME": str(self.folder),
            "TMPDIR": os.environ.get("TMPDIR", "/tmp"),
            "LANG": "C.UTF-8",
            "TERM": "xterm-256color",
            "PYTHONWARNINGS": "error",
        }
        if self.port is not None:
            to_it = f"::127.0.0.1:{self.port}"
            env |= {"SCRAPE_ALLOW_PRIVATE": "1", "SCRAPE_CONNECT_TO": to_it, "SCRAPE_DELAY": "0"}
        return {**env, **self.env, **more}

    def __call__(
        self,
        *arguments: object,
        stdin: str | bytes = b"",
        env: dict[str, str] | None = None,
        traceback: bool | None = False,
    ) -> Said:
        """`scrape` with `arguments`, in pipes. Fails on a traceback that was not asked for; None allows both."""
        done = subprocess.run(
            [COMMAND, *map(str, arguments)],
            cwd=self.folder,
            env=self.environment(**(env or {})),
            input=stdin.encode() if isinstance(stdin, str) else stdin,
            capture_output=True,
            timeout=LIMIT,
            check=False,
        )
        out = done.stdout.decode(errors="surrogateescape")  # pictures come out too
        said = Said(done.returncode, out, done.stderr.decode(), done.stdout)
        assert traceback is None or ("Traceback" in said.err) == traceback, said.err
        return said

    def files(self) -> dict[str, bytes]:
        """The files of the folder and what is in them, without those that SQLite keeps beside a database."""
        files = (path for path in self.folder.iterdir() if path.is_file())
        return {path.name: path.read_bytes() for path in files if not path.name.endswith(("-shm", "-wal"))}

    def shell(self, line: str) -> Said:
        """A line of bash, each command of a pipe counting."""
        bash = ["bash", "-o", "pipefail", "-c", line]
        done = subprocess.run(
            bash,
            cwd=self.folder,
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=LIMIT,
            check=False,
        )
        return Said(done.returncode, done.stdout.decode(), done.stderr.decode(), done.stdout)

    def start(self, *arguments: object, **env: str) -> subprocess.Popen[str]:
        """`scrape` left running in a session of its own, its output in pipes. Who calls ends it."""
        return subprocess.Popen(
            [sys.executable, "-c", _HEEDING_SIGINT, COMMAND, *map(str, arguments)],
            cwd=self.folder,
            env=self.environment(**env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def on_terminal(self, *arguments: object, columns: int = 80, stdout: Path | None = None, **env: str) -> Said:
        """`scrape` on a terminal of its own: stdout and stderr together, or stdout in a file."""
        ours, theirs = pty.openpty()
        ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        out = stdout.open("wb") if stdout else None
        try:
            process = subprocess.Popen(
                [COMMAND, *map(str, arguments)],
                cwd=self.folder,
                env=self.environment(**env),
                stdin=theirs,
                stdout=out or theirs,
                stderr=theirs,
                start_new_session=True,
            )
            os.close(theirs)
            raw = _read_all(ours, process)
        finally:
            os.close(ours)
            if out:
                out.close()
        text = raw.decode().replace("\r\n", "\n")
        assert "Traceback" not in text
        return Said(process.wait(LIMIT), text, text, raw)


def _read_all(descriptor: int, process: subprocess.Popen[bytes]) -> bytes:
    raw = b""
    deadline = time.monotonic() + LIMIT
    while time.monotonic() < deadline:
        if not select.select([descriptor], [], [], 0.2)[0]:
            if process.poll() is not None:
                return raw
            continue
        try:
            chunk = os.read(descriptor, 65536)
        except OSError:  # the other side of a terminal was closed
            return raw
        if not chunk:
            return raw
        raw += chunk
    process.kill()
    process.wait()
    raise AssertionError(f"the command hangs; it said {raw!r}")


def processes_of(session: int) -> list[int]:
    """The living processes of a session, found in /proc."""
    found = []
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            stat = (folder / "stat").read_text()
        except OSError:
            continue
        state, _parent, _group, its_session = stat.rpartition(")")[2].split()[:4]
        if int(its_session) == session and state != "Z":
            found.append(int(folder.name))
    return found


def wait_until(condition: Callable[[], object], *, seconds: float = 10.0) -> bool:
    """Whether `condition` became true in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return bool(condition())
