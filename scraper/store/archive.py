"""The archive: one SQLite file that keeps every capture and every revision."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any

from scraper.article import Article, CaptureRef
from scraper.capture import Capture, Rendering
from scraper.store import (
    captures,
    freshness,
    hosts,
    imports,
    jobs,
    parts,
    reextraction,
    renderings,
    retention,
    revisions,
    runs,
    timestamping,
    websub,
)
from scraper.store.connection import Connection
from scraper.store.crawl_queue import CrawlQueue
from scraper.store.custody import Head
from scraper.store.hosts import HostState, Lease, StoredRobots
from scraper.store.imports import Import, ImportCounts, ImportKind
from scraper.store.jobs import JobOrigin
from scraper.store.opening import open_for_reading, open_for_writing
from scraper.store.reader import ArchiveReader
from scraper.store.reextraction import Reread
from scraper.store.retention import Removable
from scraper.store.revisions import Stored
from scraper.store.runs import RunState


def _now() -> datetime:
    return datetime.now(UTC)


class Archive(ArchiveReader):
    """An open archive.db. Use `Archive.open`, and close it, or use it in a `with` statement.

        with Archive.open("archive.db") as archive:
            for article in archive.articles(site="example.com", since="2022-02-24"):
                print(article.published_at, article.headline)

    What yields is lazy: rows are read as they are asked for. An archive may be handed from one thread to another, but
    is used by one at a time; several processes may read and write one file at once.
    Every method raises ArchiveError or one of its kinds; those that write also ArchiveNotWritable, ArchiveBusy and
    ArchiveFull, and what they were writing is then undone as a whole.
    """

    @classmethod
    def open(
        cls,
        path: str | os.PathLike[str],
        *,
        write: bool = False,
        create: bool | None = None,
        clock: Callable[[], datetime] = _now,
        busy_timeout: float = 30.0,
        max_bytes: int | None = None,
    ) -> Archive:
        """Open the archive at `path`, for reading unless `write`; a writer makes a missing one unless `create=False`.

        A writer brings an archive of an older version up to date, and keeps a copy beside it: `archive.db.v5`.
        `clock` returns the present as an aware datetime. `busy_timeout` is how long to wait for another writer, in
        seconds; `max_bytes` the size that the file may grow to (ArchiveFull beyond), None for no limit.

        Raises ArchiveMissing, NotAnArchive, ArchiveTooNew, ArchiveNotWritable, ArchiveBusy or ArchiveFull.
        """
        path = Path(path)
        if not write:
            sql = open_for_reading(path, busy_timeout=busy_timeout)
            return cls(Connection(sql, path, writable=False, clock=clock))
        # sqlite-utils takes a while to import, and a reader does not need it.
        from scraper.store.schema import migrate

        sql = open_for_writing(path, create=create is not False, busy_timeout=busy_timeout, max_bytes=max_bytes)
        try:
            connection = Connection(sql, path, writable=True, clock=clock)
            migrate(connection)
        except BaseException:
            sql.close()
            raise
        return cls(connection)

    def close(self) -> None:
        self._db.sql.close()

    def __enter__(self) -> Archive:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    @contextmanager
    def batch(self) -> Iterator[None]:
        """Commit everything written in the block at its end, at once; an exception undoes all of it.

        A write that fails inside the block is undone alone when its exception is caught there, except where SQLite
        itself gives up the whole batch (a full disk): then leaving the block raises, too.
        The write lock is held throughout: do nothing slow in it.
        """
        with self._db.batch():
            yield

    def begin_run(self, command: str, urls: Sequence[str]) -> int:
        """Record that this process starts `command` on `urls`; the run's id."""
        with self._db.transaction():
            return runs.begin_run(self._db, command, urls)

    def end_run(self, run_id: int, state: RunState) -> None:
        """Record that a run is `done`, or was `interrupted`. Raises NotInArchive."""
        with self._db.transaction():
            runs.end_run(self._db, run_id, state)

    def resumable_run(self, command: str, urls: Sequence[str], max_age: timedelta) -> tuple[int, frozenset[str]] | None:
        """Take up the last run of exactly this command and list, if it stopped before its end.

        Returns its id and the URLs (`captures.url`) it has captures of, failures included, and marks it as running in
        this process. None when the last such run was done, did nothing for longer than `max_age`, or may still be at
        work: in a living process, or on another machine.
        """
        with self._db.transaction():
            return runs.resume_run(self._db, command, urls, max_age)

    def add_job(
        self,
        *,
        name: str,
        origin: JobOrigin,
        starts: Sequence[Mapping[str, str]],
        options: Mapping[str, Any],
        schedule: str | None,
        time_zone: str | None,
        next_at: datetime | None,
    ) -> int:
        """Store a job that is new, as `scraper.crawl.jobs` words it; its id."""
        with self._db.transaction():
            return jobs.add_job(
                self._db,
                name=name,
                origin=origin,
                starts=starts,
                options=options,
                schedule=schedule,
                time_zone=time_zone,
                next_at=next_at,
            )

    def change_job(
        self,
        job_id: int,
        *,
        origin: JobOrigin,
        starts: Sequence[Mapping[str, str]],
        options: Mapping[str, Any],
        schedule: str | None,
        time_zone: str | None,
    ) -> None:
        """Put another definition in the place of a job's; its runs and what it found stay its own. Raises NotInArchive.

        Where it begins elsewhere now, the sources that were found from there are looked for anew.
        """
        with self._db.transaction():
            jobs.change_job(
                self._db,
                job_id,
                origin=origin,
                starts=starts,
                options=options,
                schedule=schedule,
                time_zone=time_zone,
            )

    def set_job_times(self, job_id: int, *, paused_at: datetime | None, next_at: datetime | None) -> None:
        """Since when a job is paused, and when it is due next. Raises NotInArchive."""
        with self._db.transaction():
            jobs.set_job_times(self._db, job_id, paused_at=paused_at, next_at=next_at)

    def remove_job(self, name: str) -> None:
        """Forget a job; what it found and its runs stay. Raises NotInArchive, or AlreadyRunning while it is at work.

        Pages that it never came to are skipped for that reason, until another job finds them.
        """
        with self._db.transaction():
            jobs.remove_job(self._db, name)

    def claim_job(self, name: str) -> int:
        """Begin a run of a job in this process; the run's id. Raises NotInArchive or AlreadyRunning.

        A run that a process left behind when it died is marked as interrupted.
        """
        with self._db.transaction():
            return jobs.claim_job(self._db, name)

    def finish_job_run(
        self, run_id: int, state: RunState, summary: Mapping[str, Any], *, next_at: datetime | None
    ) -> None:
        """Record how a run ended, what it did, and when its job is due next. Raises NotInArchive."""
        with self._db.transaction():
            jobs.finish_job_run(self._db, run_id, state, summary, next_at)
            if state == "done":
                websub.forget_wakes(self._db, run_id)

    @contextmanager
    def due_lock(self) -> Iterator[None]:
        """Nobody else does what is due while the block runs. Raises AlreadyRunning when somebody does.

        Whoever dies in it leaves no lock behind.
        """
        with self._db.transaction():
            lock = jobs.take_due_lock(self._db)
        try:
            yield
        finally:
            with self._db.transaction():
                jobs.release_due_lock(self._db, lock)

    def crawl_queue(self, *, job_id: int, run_id: int, owner: str, only_woken: bool = False) -> CrawlQueue:
        """What a run of a job may ask of the queue; `owner` names who works on it, as `scraper.store.named` does.

        With `only_woken` the run looks at no more than what hubs told news of, and at what it finds there.
        """
        return CrawlQueue(self._db, job_id=job_id, run_id=run_id, owner=owner, only_woken=only_woken)

    def add_capture(
        self,
        capture: Capture,
        run_id: int | None = None,
        *,
        import_id: int | None = None,
        import_record: str | None = None,
    ) -> CaptureRef:
        """Store what a fetch brought, or why it brought nothing; on disk when this returns (or the batch ends).

        What was read from a file has the id of its import, and says where in that file it stands.
        """
        with self._db.transaction():
            return captures.store_capture(self._db, capture, run_id, import_id, import_record)

    def begin_import(self, source: str, kind: ImportKind, sha256: str, size: int) -> int:
        """Record that a file is read, by its name, SHA-256 (hexadecimal) and length in bytes; the import's id."""
        with self._db.transaction():
            return imports.begin_import(self._db, source, kind, sha256, size)

    def take_import(self, source: str, kind: ImportKind, size: int, *, identity: str, wishes: str) -> Import:
        """Begin to read a file, or go on where it was stopped; `release_import` at the end. Raises AlreadyRunning.

        `identity` tells the file from others, `wishes` what is wanted of it: with both the same, and `ended_at` set, it
        was read before.
        """
        with self._db.transaction():
            return imports.take_import(self._db, source, kind, size, identity=identity, wishes=wishes)

    def release_import(self, import_id: int) -> None:
        """Let others go on with a file; one that came to nothing is forgotten."""
        with self._db.transaction():
            imports.release_import(self._db, import_id)

    def count_import(
        self,
        import_id: int,
        counts: ImportCounts,
        *,
        ended: bool = False,
        position: Mapping[str, Any] | None = None,
        sha256: str | None = None,
    ) -> None:
        """Record what became of the file's records until now, or at its end, and where to go on (JSON-ready).

        `sha256` is the file's, where it is known only now. Raises NotInArchive.
        """
        with self._db.transaction():
            imports.count_import(self._db, import_id, counts, ended=ended, position=position, sha256=sha256)

    def settle_checks(self) -> None:
        """Let imported captures without a body (304) show what those show that they are of, once these were read."""
        with self._db.transaction():
            imports.settle_checks(self._db)

    def add_note(self, url: str, note: str = "", import_id: int | None = None) -> bool:
        """Keep what somebody noted about a page, which need not have been captured; False if it was there."""
        with self._db.transaction():
            return imports.add_note(self._db, url, note, import_id)

    def add_article(self, capture_id: int, article: Article) -> Stored:
        """Store what was read from a capture, as a revision if it differs from the page's newest one.

        Only a readable article follows a readable one: a consent wall is noted at its capture, and the article stays.
        A page that was never readable keeps its label as a revision without body. Raises NotInArchive.
        """
        with self._db.transaction():
            return revisions.store_article(self._db, capture_id, article)

    def add_parts(self, capture_id: int, part_ids: Sequence[int]) -> None:
        """Record which captures of further pages an article is read from, beside the capture of its first page."""
        with self._db.transaction():
            parts.store_parts(self._db, capture_id, part_ids)

    def mark_extraction_failed(self, capture_id: int, reason: str) -> None:
        """Record that the extractor died on a capture, so that `unextracted` leaves it out. Raises NotInArchive."""
        with self._db.transaction():
            captures.mark_extraction_failed(self._db, capture_id, reason)

    def store_reading(self, capture_id: int, article: Article) -> Reread:
        """Store what another extractor read from a capture that was read before; captures of a page oldest first.

        What it found takes the place of what was found before, which stays, superseded. Raises NotInArchive.
        """
        with self._db.transaction():
            return reextraction.store_reading(self._db, capture_id, article)

    def lease_host(self, host: str, owner: str, seconds: float, *, pause: float) -> Lease:
        """Ask for the right to fetch from `host`, for so many seconds; the lease says how long to wait for it.

        `owner` names who asks, as `scraper.store.named` makes it: no two that are at work at a time may share a name.
        `pause` (seconds) is what lies between two fetches, should the owner die with its lease.
        """
        with self._db.transaction():
            return hosts.lease_host(self._db, host, owner, seconds, pause)

    def release_host(self, host: str, owner: str, *, pause: float, state: HostState) -> None:
        """Give the right back; nobody is to fetch from `host` for `pause` seconds (at most a day)."""
        with self._db.transaction():
            hosts.release_host(self._db, host, owner, pause, state)

    def add_rendering(self, capture_id: int, rendering: Rendering) -> None:
        """Store what a browser made of a capture, once a capture."""
        with self._db.transaction():
            renderings.store_rendering(self._db, capture_id, rendering)

    def add_check(self, capture_id: int, validated: int) -> None:
        """Record that a capture without a body (304) shows what the capture `validated` shows."""
        with self._db.transaction():
            freshness.store_check(self._db, capture_id, validated)

    def repeat_reading(self, capture_id: int) -> bool:
        """Let a capture show what the page's last one shows, if it has the same body; False if it has another."""
        with self._db.transaction():
            return freshness.repeat_reading(self._db, capture_id)

    def trust_validators(self, host: str) -> None:
        """Note that `host`, asked whether a page had changed, told that it had."""
        with self._db.transaction():
            freshness.trust_validators(self._db, host)

    def distrust_validators(self, host: str) -> None:
        """Note that `host` says "unchanged" of pages that changed: `validators` is None for all of its URLs."""
        with self._db.transaction():
            freshness.distrust_validators(self._db, host)

    def remember_robots(self, robots: StoredRobots) -> None:
        """Keep what an origin's robots.txt says."""
        with self._db.transaction():
            hosts.remember_robots(self._db, robots)

    def remove(self, body: Removable) -> None:
        """Let go of one body that `removable` named; its captures, hash and size stay, and say so.

        Bodies that are kept as what differs from it are kept by other means first. Raises BlobCorrupt when one of them
        cannot be read: then nothing is removed.
        """
        with self._db.transaction():
            retention.remove_body(self._db, body)

    def compact(self) -> None:
        """Give the room of what was removed back to the disk; takes as much again meanwhile, and keeps others out."""
        self._db.vacuum()

    def add_timestamp(self, head: Head, *, authority: str, stamped_at: datetime, token: bytes) -> None:
        """Keep an authority's answer about a head of the chain of custody."""
        with self._db.transaction():
            timestamping.add_timestamp(self._db, head, authority=authority, stamped_at=stamped_at, token=token)
