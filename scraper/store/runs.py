"""Runs: which list of URLs a command was given, and whether it came to the end of it."""

from __future__ import annotations

import hashlib
import os
import socket
from collections.abc import Sequence
from datetime import timedelta
from typing import Literal

from scraper.article import utc_text
from scraper.errors import NotInArchive
from scraper.store.connection import Connection
from scraper.store.processes import may_be_alive
from scraper.store.values import clean, to_json

RunState = Literal["done", "interrupted"]


def begin_run(db: Connection, command: str, urls: Sequence[str], *, job_id: int | None = None) -> int:
    """Record that this process starts on `urls`, for a job if it is one's; call inside a transaction."""
    return db.insert(
        "runs",
        {
            "command": clean(command),
            "started_at": db.now(),
            "ended_at": None,
            "state": "running",
            "pid": os.getpid(),
            "host": socket.gethostname(),
            "urls": len(urls),
            "urls_digest": _digest(urls),
            "job_id": job_id,
        },
    )


def end_run(db: Connection, run_id: int, state: RunState) -> None:
    """Record how a run ended; call inside a transaction. Raises NotInArchive."""
    changed = db.execute("UPDATE runs SET ended_at = ?, state = ? WHERE id = ?", (db.now(), state, run_id))
    if changed.rowcount == 0:
        raise NotInArchive(f"No run {run_id} in {db.path}")


def run_started_at(db: Connection, run_id: int) -> str:
    """When a run began. Raises NotInArchive."""
    row = db.row("SELECT started_at FROM runs WHERE id = ?", (run_id,))
    if row is None:
        raise NotInArchive(f"No run {run_id} in {db.path}")
    return str(row["started_at"])


def resume_run(
    db: Connection, command: str, urls: Sequence[str], max_age: timedelta
) -> tuple[int, frozenset[str]] | None:
    """Take up the last run of exactly this command and list, if it stopped before its end; inside a transaction.

    Returns its id and the URLs (as stored in `captures.url`) that it has captures of, or None when there is nothing
    to resume: the last such run came to its end, did nothing for more than `max_age`, or is still at work.
    """
    run = db.row(
        "SELECT id, state, pid, host, max(started_at, coalesce(ended_at, ''), coalesce("
        " (SELECT max(fetched_at) FROM captures WHERE run_id = runs.id), '')) AS active_at"
        " FROM runs WHERE urls_digest = ? AND command = ? ORDER BY id DESC LIMIT 1",
        (_digest(urls), clean(command)),
    )
    if run is None or run["state"] == "done" or run["active_at"] < utc_text(db.moment() - max_age):
        return None
    if run["state"] == "running" and may_be_alive(run["host"], run["pid"]):
        return None
    done = frozenset(row["url"] for row in db.rows("SELECT DISTINCT url FROM captures WHERE run_id = ?", (run["id"],)))
    db.execute(
        "UPDATE runs SET state = 'running', ended_at = NULL, pid = ?, host = ? WHERE id = ?",
        (os.getpid(), socket.gethostname(), run["id"]),
    )
    return run["id"], done


def _digest(urls: Sequence[str]) -> str:
    return hashlib.sha256(to_json(list(urls)).encode()).hexdigest()
