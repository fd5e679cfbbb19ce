"""Which servers of this machine show an archive: each says so in a file of its user's, and proves it when it is asked.

A file says less than it seems: its server may have been killed, its port may be somebody else's by now, another archive
may have been put in the place of its own. So it holds a secret, too, which nobody but this user can read: whoever asks
sends a challenge, and believes an answer that can only be made with the secret and out of the very file that is meant.
"""

from __future__ import annotations

import hashlib
import hmac
import http.client
import ipaddress
import json
import os
import re
import secrets
import socket
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlsplit

from scraper.errors import UsageError
from scraper.store import Archive
from scraper.store.processes import is_within_sight, mark_of_this_process, may_be_alive
from scraper.web.visits import Answer, Route, Visit

_ASKED_AT = "/-/serving"
_CHALLENGE = re.compile("[0-9a-f]{64}")
_WAIT = 5.0
"""Seconds that a server is given: it may be about to start."""
_MOST_NOTICES = 200
_LONGEST_NOTICE = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class _Notice:
    """What a server leaves in its file."""

    archive: str
    """For people who look at the file: what counts is what the server proves."""
    address: str
    machine: str
    pid: int
    process: str
    key: str


class Announcement:
    """One server's word that it shows an archive, and its proof."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)

    @property
    def route(self) -> Route:
        """Where the server is asked for its proof."""
        return Route(_ASKED_AT, self._answer)

    @contextmanager
    def made(self, archive: Path, address: str) -> Iterator[None]:
        """In the block whoever looks for a server of `archive` finds this one, unless nothing can be left for them."""
        path = self._leave(archive, address)
        try:
            yield
        finally:
            if path is not None:
                with suppress(OSError):
                    path.unlink()

    def _leave(self, archive: Path, address: str) -> Path | None:
        folder = _folder(make=True)
        if folder is None:
            return None
        notice = _Notice(
            archive=str(archive.absolute()),
            address=address,
            machine=socket.gethostname(),
            pid=os.getpid(),
            process=mark_of_this_process(),
            key=self._key.hex(),
        )
        path = folder / f"{os.getpid()}-{secrets.token_hex(4)}.json"
        part = path.with_suffix(".part")
        try:
            for _ in _notices(folder):
                pass  # what others left behind is removed
            with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
                json.dump(asdict(notice), file)
            part.rename(path)
        except OSError:
            return None
        return path

    def _answer(self, archive: Archive, visit: Visit) -> Answer:
        challenge = visit.asked("challenge")
        if not _CHALLENGE.fullmatch(challenge):
            raise UsageError("This address answers the challenges of `scrape open`, and nothing else")
        proof = _proof(self._key, challenge, archive.path)
        return Answer(body=proof.encode(), content_type="text/plain; charset=utf-8")


def address_of_server(archive: Path) -> str | None:
    """Where a server of this user shows the file at `archive` now, such as `http://127.0.0.1:8001/`; else None."""
    folder = _folder(make=False)
    if folder is None:
        return None
    for path, notice in _notices(folder):
        if _proves(notice, archive):
            return notice.address
        if not _listens(notice.address):
            with suppress(OSError):
                path.unlink()
    return None


def _proof(key: bytes, challenge: str, archive: Path) -> str:
    # The file itself, whatever path leads to it; after another was put in its place it is another one.
    status = archive.stat()
    return hmac.new(key, f"{challenge} {status.st_dev} {status.st_ino}".encode(), hashlib.sha256).hexdigest()


def _proves(notice: _Notice, archive: Path) -> bool:
    challenge = secrets.token_hex(32)
    try:
        expected = _proof(bytes.fromhex(notice.key), challenge, archive)
        said = _asked(notice.address, f"{_ASKED_AT}?challenge={challenge}", most=len(expected) + 1)
    except (OSError, ValueError, http.client.HTTPException):
        return False
    return hmac.compare_digest(said, expected.encode())


def _asked(address: str, path: str, *, most: int) -> bytes:
    """What a server answers, as far as `most` bytes. Raises OSError, HTTPException, and ValueError for no address."""
    host, port = _place(address)
    connection = http.client.HTTPConnection(host, port, timeout=_WAIT)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.read(most) if answer.status == 200 else b""
    finally:
        connection.close()


def _listens(address: str) -> bool:
    try:
        socket.create_connection(_place(address), timeout=_WAIT).close()
    except ConnectionRefusedError:
        return False
    except (OSError, ValueError):
        pass  # it may be there: nothing is known
    return True


def _place(address: str) -> tuple[str, int]:
    """Raises ValueError for what is no address such as servers of ours have."""
    parts = urlsplit(address)
    if parts.scheme != "http" or parts.hostname is None or parts.port is None:
        raise ValueError(address)
    return str(ipaddress.ip_address(parts.hostname)), parts.port


# --- The files -------------------------------------------------------------------------------------------------------


def _notices(folder: Path) -> Iterator[tuple[Path, _Notice]]:
    """Those whose server may be there, the latest first; the others are removed."""
    for path in sorted(folder.glob("*.json"), key=_written, reverse=True)[:_MOST_NOTICES]:
        notice = _read(path)
        if notice is None or not may_be_alive(notice.machine, notice.pid, notice.process):
            with suppress(OSError):
                path.unlink()
        elif is_within_sight(notice.machine, notice.process):
            yield path, notice


def _written(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def _read(path: Path) -> _Notice | None:
    """None for what no server of ours has written."""
    try:
        with path.open("rb") as file:
            given = json.loads(file.read(_LONGEST_NOTICE))
        notice = _Notice(**given)
        bytes.fromhex(notice.key)
        _place(notice.address)
    except (OSError, ValueError, TypeError, AttributeError):
        return None
    texts = (notice.archive, notice.machine, notice.process)
    return notice if all(isinstance(text, str) for text in texts) and isinstance(notice.pid, int) else None


def _folder(*, make: bool) -> Path | None:
    """Where this user's servers leave their files; None where there is no folder that is this user's alone."""
    if sys.platform == "win32":  # whose a folder is cannot be told there as it is below
        return None
    given = os.environ.get("XDG_RUNTIME_DIR", "")
    cache = os.environ.get("XDG_CACHE_HOME", "")
    try:
        above = Path(given) if given.startswith("/") and Path(given).is_dir() else None
        folder = (above or (Path(cache) if cache.startswith("/") else Path.home() / ".cache")) / "news-archiver-serving"
        if make:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        status = folder.lstat()
    except (OSError, RuntimeError):  # no home
        return None
    private = stat.S_ISDIR(status.st_mode) and status.st_uid == os.getuid() and not stat.S_IMODE(status.st_mode) & 0o077
    return folder if private else None
