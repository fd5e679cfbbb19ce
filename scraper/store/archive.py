"""The archive: one SQLite file that keeps every capture and every revision."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType

from scraper.article import READABLE, Article, CaptureRef, Verdict
from scraper.capture import Capture, Rendering
from scraper.store import captures, freshness, hosts, reading, renderings, revisions, runs
from scraper.store import search as searching
from scraper.store.blobs import get_blob
from scraper.store.captures import StoredCapture
from scraper.store.connection import Connection
from scraper.store.filters import Day, Filters
from scraper.store.freshness import Validators
from scraper.store.hosts import HostState, Lease, StoredRobots
from scraper.store.opening import open_for_reading, open_for_writing
from scraper.store.reading import Order
from scraper.store.revisions import Stored
from scraper.store.runs import RunState
from scraper.store.search import SearchHit
from scraper.store.stats import Stats, read_stats


def _now() -> datetime:
    return datetime.now(UTC)


class Archive:
    """An open archive.db. Use `Archive.open`, and close it, or use it in a `with` statement.

        with Archive.open("archive.db") as archive:
            for article in archive.articles(site="example.com", since="2022-02-24"):
                print(article.published_at, article.headline)

    What yields is lazy: rows are read as they are asked for. An archive may be handed from one thread to another, but
    is used by one at a time; several processes may read and write one file at once.
    Every method raises ArchiveError or one of its kinds; those that write also ArchiveNotWritable, ArchiveBusy and
    ArchiveFull, and what they were writing is then undone as a whole.
    """

    def __init__(self, connection: Connection) -> None:
        self._db = connection

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

        A writer brings an archive of an older version up to date. `clock` returns the present as an aware datetime.
        `busy_timeout` is how long to wait for another writer, in seconds; `max_bytes` the size that the file may
        grow to (ArchiveFull beyond), None for no limit.

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

    @property
    def path(self) -> Path:
        return self._db.path

    def now(self) -> datetime:
        """The time of the archive's clock."""
        return self._db.moment()

    # --- Writing -------------------------------------------------------------------------------------------------

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

    def add_capture(self, capture: Capture, run_id: int | None = None) -> CaptureRef:
        """Store what a fetch brought, or why it brought nothing; on disk when this returns (or the batch ends)."""
        with self._db.transaction():
            return captures.store_capture(self._db, capture, run_id)

    def add_article(self, capture_id: int, article: Article) -> Stored:
        """Store what was read from a capture, as a revision if it differs from the page's newest one.

        Only a readable article follows a readable one: a consent wall is noted at its capture, and the article stays.
        A page that was never readable keeps its label as a revision without body. Raises NotInArchive.
        """
        with self._db.transaction():
            return revisions.store_article(self._db, capture_id, article)

    def mark_extraction_failed(self, capture_id: int, reason: str) -> None:
        """Record that the extractor died on a capture, so that `unextracted` leaves it out. Raises NotInArchive."""
        with self._db.transaction():
            captures.mark_extraction_failed(self._db, capture_id, reason)

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

    def validators(self, url: str) -> Validators | None:
        """By what the server recognises what was last captured of `url`; None when it cannot, or is not believed."""
        return freshness.validators_of(self._db, url)

    def add_rendering(self, capture_id: int, rendering: Rendering) -> None:
        """Store what a browser made of a capture, once a capture."""
        with self._db.transaction():
            renderings.store_rendering(self._db, capture_id, rendering)

    def add_check(self, capture_id: int, validated: int) -> None:
        """Record that a capture without a body (304) shows what the capture `validated` shows."""
        with self._db.transaction():
            freshness.store_check(self._db, capture_id, validated)

    def distrust_validators(self, host: str) -> None:
        """Note that `host` says "unchanged" of pages that changed: `validators` is None for all of its URLs."""
        with self._db.transaction():
            freshness.distrust_validators(self._db, host)

    def remember_robots(self, robots: StoredRobots) -> None:
        """Keep what an origin's robots.txt says."""
        with self._db.transaction():
            hosts.remember_robots(self._db, robots)

    def recall_robots(self, origin: str) -> StoredRobots | None:
        """What was kept of an origin's robots.txt, however old."""
        return hosts.recall_robots(self._db, origin)

    # --- Reading -------------------------------------------------------------------------------------------------

    def unextracted(self, limit: int | None = None) -> Iterator[int]:
        """Ids of captures that brought a page which nobody tried to read yet (after a crash), oldest first."""
        return captures.unextracted(self._db, limit)

    def articles(
        self,
        *,
        site: str | None = None,
        since: Day | None = None,
        until: Day | None = None,
        language: str | None = None,
        verdicts: Collection[Verdict] | None = READABLE,
        text: str | None = None,
        order: Order = "published",
        limit: int | None = None,
    ) -> Iterator[Article]:
        """The newest revision of each page that passes, newest first: by publication, or by when it was archived.

        `since` and `until` are days of publication as the page states them, both included (`2024-07-23`, `2024-07`,
        `2024`, a date); articles without a date then do not pass. `language` `en` includes `en-GB`. `text` is a search
        query. `verdicts=None` also yields pages that are no readable article, their body None. Raises QueryError.
        """
        filters = Filters.of(site=site, since=since, until=until, language=language, verdicts=verdicts, text=text)
        return reading.list_articles(self._db, filters, order=order, limit=limit)

    def article(self, id_or_url: int | str) -> Article:
        """The newest revision of one page, by its id or by any URL that leads or led to it.

        Raises NotInArchive, saying what to do next.
        """
        return reading.read_article(self._db, id_or_url)

    def revisions(self, id_or_url: int | str) -> Iterator[Article]:
        """Every revision of one page, oldest first. Raises NotInArchive."""
        return reading.list_revisions(self._db, id_or_url)

    def capture(self, capture_id: int) -> Capture:
        """One capture, its body verified against its hash. Raises NotInArchive or BlobCorrupt."""
        return captures.read_capture(self._db, capture_id)

    def rendering(self, capture_id: int) -> Rendering | None:
        """What a browser made of a capture; None when none drew it. Raises BlobCorrupt."""
        return renderings.read_rendering(self._db, capture_id)

    def captures(self, id_or_url: int | str) -> Iterator[StoredCapture]:
        """Every capture of one page, failures too, oldest first, without bodies. Raises NotInArchive."""
        return captures.list_captures(self._db, id_or_url)

    def body(self, sha256: str) -> bytes:
        """The body with this hash, verified. Raises NotInArchive or BlobCorrupt."""
        return get_blob(self._db, sha256)

    def search(
        self,
        query: str,
        *,
        site: str | None = None,
        since: Day | None = None,
        until: Day | None = None,
        limit: int | None = 20,
        marks: tuple[str, str] = ("**", "**"),
    ) -> Iterator[SearchHit]:
        """Readable articles that match, best first.

        All words must occur; `"a phrase"`, `begin*`, `OR`, `NOT` and parentheses do what they do elsewhere. Accents and
        case do not matter. `marks` stand before and after each match in the snippet. Raises QueryError.
        """
        return searching.search(self._db, query, site=site, since=since, until=until, limit=limit, marks=marks)

    def stats(self, *, top: int = 10) -> Stats:
        """What the archive holds, in numbers; `top` is how many sites are listed."""
        return read_stats(self._db, top=top)
