"""Everything that an archive can be asked; nothing here writes to it."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from scraper.article import READABLE, Article, Verdict
from scraper.capture import Capture, Rendering
from scraper.diff import Differences
from scraper.store import (
    captures,
    changes,
    custody,
    fixity,
    freshness,
    hosts,
    imports,
    jobs,
    pages,
    parts,
    reading,
    reextraction,
    renderings,
    retention,
    runs,
    timestamping,
)
from scraper.store import search as searching
from scraper.store.about_captures import AboutCapture, about_capture
from scraper.store.arrivals import Arrivals
from scraper.store.assets import AssetRecords
from scraper.store.blobs import get_blob
from scraper.store.browsing import Browsing
from scraper.store.captures import StoredCapture
from scraper.store.changes import Duplicate, Edit, Seen
from scraper.store.connection import Connection
from scraper.store.copying import copy_database
from scraper.store.custody import Head
from scraper.store.filters import Day, Filters
from scraper.store.fixity import Checked
from scraper.store.freshness import Validators
from scraper.store.health import HealthRecords
from scraper.store.hits import SearchHit
from scraper.store.hosts import StoredRobots
from scraper.store.imports import Import
from scraper.store.jobs import JobRun, StoredJob
from scraper.store.mementos import Mementos
from scraper.store.outlets import Outlets
from scraper.store.pages import StoredPage
from scraper.store.past_runs import PastRuns
from scraper.store.reading import Order
from scraper.store.reextraction import Reread
from scraper.store.retention import Removable, Retention
from scraper.store.rows import Rows
from scraper.store.stats import Stats, read_stats
from scraper.store.timestamping import Timestamp
from scraper.store.websub import WebSubRecords

if TYPE_CHECKING:
    from scraper.store.timestamping import Roots


class ArchiveReader:
    """What an open archive can be asked. `Archive` is this and what writes."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    @property
    def path(self) -> Path:
        return self._db.path

    def now(self) -> datetime:
        """The time of the archive's clock."""
        return self._db.moment()

    # --- Articles, captures, search ----------------------------------------------------------------------------------

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Everything read in the block is of one moment, whatever other processes write meanwhile.

        Nothing can be written in it. It keeps the write-ahead log from being merged: do not hold it for hours.
        """
        with self._db.snapshot():
            yield

    def unextracted(self, limit: int | None = None) -> Iterator[int]:
        """Ids of captures that brought a page which nobody tried to read yet, oldest first: after a crash, an import.

        Not those that a crawl is to go on with.
        """
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
        all_revisions: bool = False,
    ) -> Rows[Article]:
        """The newest revision of each page that passes, newest first: by publication, or by when it was archived.

        A page that is the same as another (`pages.same_as`) is left out.

        `since` and `until` are days of publication as the page states them, both included (`2024-07-23`, `2024-07`,
        `2024`, a date); articles without a date then do not pass. `language` `en` includes `en-GB`. `text` is a search
        query. `verdicts=None` also yields pages that are no readable article, their body None. Raises QueryError.

        With `all_revisions` each of these is followed back to its first revision: all that have one of `verdicts`,
        oldest first; `limit` counts pages then.
        """
        filters = Filters.of(site=site, since=since, until=until, language=language, verdicts=verdicts, text=text)
        if all_revisions:
            return Rows(reading.list_all_revisions(self._db, filters, verdicts=verdicts, order=order, limit=limit))
        return Rows(reading.list_articles(self._db, filters, order=order, limit=limit))

    def article(self, id_or_url: int | str) -> Article:
        """The newest revision of one page, by its id or by any URL that leads or led to it.

        A URL of a page that is the same as another leads to that one's; an id means the very page.

        Raises NotInArchive, saying what to do next.
        """
        return reading.read_article(self._db, id_or_url)

    def revisions(self, id_or_url: int | str, *, superseded: bool = False) -> Rows[Article]:
        """Every revision of one page, oldest first. Raises NotInArchive.

        With `superseded` also those in whose place a later extractor put another reading of the same capture.
        """
        return Rows(reading.list_revisions(self._db, id_or_url, superseded=superseded))

    def page(self, id_or_url: int | str) -> StoredPage:
        """What is known of the page with this id, or that this URL leads to: is it gone, is it the same as another?

        Of a URL, too, it is the very page: `articles` and `article` show the one that it is the same as.
        Raises NotInArchive.
        """
        return pages.read_page(self._db, id_or_url)

    def capture(self, capture_id: int, *, with_body: bool = True) -> Capture:
        """One capture, its body verified against its hash. Raises NotInArchive or BlobCorrupt."""
        return captures.read_capture(self._db, capture_id, with_body=with_body)

    def parts(self, capture_id: int) -> list[int]:
        """The captures of an article's further pages, in their order; none for an article on one page."""
        return parts.parts_of(self._db, capture_id)

    def stored_capture(self, capture_id: int) -> StoredCapture:
        """One capture, without headers and body. Raises NotInArchive."""
        return captures.read_stored(self._db, capture_id)

    def about_capture(self, capture_id: int) -> AboutCapture:
        """All that is known of one capture, but for its body. Raises NotInArchive."""
        return about_capture(self._db, capture_id)

    def captures_of_body(self, sha256: str) -> Iterator[int]:
        """Ids of the captures that show the body with this hash, in the order they were stored."""
        return captures.list_captures_of_body(self._db, sha256)

    def headline(self, capture_id: int) -> str | None:
        """Of the text that a capture shows; None when it shows none, or was not read."""
        return captures.headline_of(self._db, capture_id)

    def shown_before(self, capture_id: int) -> int | None:
        """The id of the page's last capture with a body before this one: what a 304 says is still so."""
        return captures.shown_before(self._db, capture_id)

    def rendering(self, capture_id: int) -> Rendering | None:
        """What a browser made of a capture; None when none drew it. Raises BlobCorrupt."""
        return renderings.read_rendering(self._db, capture_id)

    def assets(self) -> AssetRecords:
        """Pictures, styles and fonts of captures. Its methods that write need an archive that is open for writing."""
        return AssetRecords(self._db)

    def captures(self, id_or_url: int | str) -> Rows[StoredCapture]:
        """Every capture of one page, failures too, oldest first, without bodies. Raises NotInArchive."""
        return Rows(captures.list_captures(self._db, id_or_url))

    def has_capture(self, capture: Capture) -> bool:
        """Whether this capture is there: same addresses, time (to the second) and body, or outcome without one."""
        return imports.is_known(self._db, capture)

    def capture_at(self, url: str, moment: datetime) -> int | None:
        """The capture of an address at a time, to the millisecond; None when there is none."""
        return imports.capture_at(self._db, url, moment)

    def body_shown_at(self, url: str, moment: datetime) -> str | None:
        """SHA-256 of the body that an address gave at a time, to the second; None when there is none."""
        return imports.body_shown_at(self._db, url, moment)

    def imports(self) -> Iterator[Import]:
        """Every file that was imported, the first one first."""
        return imports.list_imports(self._db)

    def imported_file(self, import_id: int) -> Import:
        """One of them. Raises NotInArchive."""
        return imports.read_import(self._db, import_id)

    def capture_ids(
        self,
        *,
        site: str | None = None,
        since: Day | None = None,
        until: Day | None = None,
        language: str | None = None,
        verdicts: Collection[Verdict] | None = None,
        text: str | None = None,
    ) -> Iterator[int]:
        """Ids of every capture, failures too, of the pages whose newest revision passes, oldest first.

        The filters are those of `articles`; without any, of every capture there is. Raises QueryError.
        """
        filters = Filters.of(site=site, since=since, until=until, language=language, verdicts=verdicts, text=text)
        return captures.list_capture_ids(self._db, filters)

    def history(self, id_or_url: int | str) -> Rows[Seen]:
        """Every capture of one page, oldest first, with what was new in it. Raises NotInArchive."""
        return Rows(changes.list_history(self._db, id_or_url))

    def diff(self, id_or_url: int | str, from_: int | None = None, to: int | None = None) -> Differences:
        """What lies between two revisions of a page, by their numbers; between the last two when none is given.

        `to` alone is compared with the one before it, `from_` alone with the newest. Raises NotInArchive, also when
        there is nothing to compare with.
        """
        return changes.read_differences(self._db, id_or_url, from_, to)

    def changes(
        self,
        id_or_url: int | str | None = None,
        *,
        site: str | None = None,
        since: Day | None = None,
        until: Day | None = None,
        corrections: bool = False,
        limit: int | None = None,
    ) -> Rows[Edit]:
        """Edits of all pages or one, the latest first: rows of the view `changes`.

        `since` and `until` are days on which the edit was seen, in UTC, both included. `corrections` leaves those that
        brought a note of correction. Raises NotInArchive or QueryError.
        """
        return Rows(
            changes.list_changes(
                self._db, page=id_or_url, site=site, since=since, until=until, corrections=corrections, limit=limit
            )
        )

    def duplicates(
        self,
        id_or_url: int | str | None = None,
        *,
        across_sites: bool | None = None,
        at_least: float = 0.0,
        limit: int | None = None,
    ) -> Rows[Duplicate]:
        """Pairs of pages with almost the same text, the most alike first: rows of the view `duplicates`.

        `across_sites` true leaves pairs of two sites, false those of one. Raises NotInArchive.
        """
        return Rows(
            changes.list_duplicates(self._db, page=id_or_url, across_sites=across_sites, at_least=at_least, limit=limit)
        )

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
        language: str | None = None,
        limit: int | None = 20,
        marks: tuple[str, str] = ("**", "**"),
    ) -> Rows[SearchHit]:
        """Readable articles that match, best first.

        All words must occur; `"a phrase"`, `begin*`, `OR`, `NOT`, `-word` and parentheses do what they do elsewhere,
        and so do `headline:word` and filters such as `site:example.com` (docs/search.md). Accents and case do not
        matter. `marks` stand before and after each match in headline and snippet. Raises QueryError.
        """
        return Rows(
            searching.search(
                self._db, query, site=site, since=since, until=until, language=language, limit=limit, marks=marks
            )
        )

    def stats(self, *, top: int = 10) -> Stats:
        """What the archive holds, in numbers; `top` is how many sites are listed."""
        return read_stats(self._db, top=top)

    def browsing(self) -> Browsing:
        """For whoever leafs through it: lists, counts and searches that are bounded, whatever the archive's size."""
        return Browsing(self._db)

    def mementos(self) -> Mementos:
        """For whoever shows pages as they were: which capture of an address is meant, and which addresses have any."""
        return Mementos(self._db)

    def outlets(self) -> Outlets:
        """For whoever looks at the outlets of the archive: which there are, and what there is of each; bounded, too."""
        return Outlets(self._db)

    def past_runs(self) -> PastRuns:
        """For whoever looks at what ran: runs, and what became of what they were to fetch; bounded, too."""
        return PastRuns(self._db)

    def arrivals(self) -> Arrivals:
        """For whoever wants to be told what came in last."""
        return Arrivals(self._db)

    # --- Reading again -----------------------------------------------------------------------------------------------

    def captures_to_reread(
        self, *, read_before: str, site: str | None = None, since: Day | None = None, until: Day | None = None
    ) -> Iterator[int]:
        """Ids of captures that were read and can be read again, page by page, oldest first.

        `since` and `until` are days of capture; those that were read at `read_before` (UTC, ISO 8601) or later are left
        out. Raises QueryError.
        """
        return reextraction.captures_to_reread(self._db, site=site, since=since, until=until, read_before=read_before)

    def compare_reading(self, capture_id: int, article: Article) -> Reread:
        """What `store_reading` would change; nothing is written. Raises NotInArchive."""
        return reextraction.compare_reading(self._db, capture_id, article)

    def outdated_readings(self, capture_id: int, extractor: str) -> list[int]:
        """The page's other captures that another extractor read, oldest first, without those whose body is gone.

        They are to be read again before what this one shows is compared with what they do.
        """
        return reextraction.outdated_readings(self._db, capture_id, extractor)

    # --- For a crawl -------------------------------------------------------------------------------------------------

    def jobs(self) -> list[StoredJob]:
        """Every job, by name, with the last of its runs; `scraper.crawl.jobs.load_jobs` says what they mean."""
        return list(jobs.list_jobs(self._db))

    def job(self, name: str) -> StoredJob:
        """One of them. Raises NotInArchive."""
        return jobs.read_job(self._db, name)

    def job_of_run(self, run_id: int) -> StoredJob | None:
        """The job that a run belongs to; None when it was removed, or the run is no job's."""
        return jobs.job_of_run(self._db, run_id)

    def job_runs(self, job_id: int, *, limit: int = 10) -> list[JobRun]:
        """The last runs of a job, the newest first."""
        return list(jobs.list_job_runs(self._db, job_id, limit))

    def run_started_at(self, run_id: int) -> str:
        """When a run began (UTC, ISO 8601). Raises NotInArchive."""
        return runs.run_started_at(self._db, run_id)

    def health(self) -> HealthRecords:
        """Measures of what runs found, and alarms. Its methods that write need an archive that is open for writing."""
        return HealthRecords(self._db)

    def websub(self) -> WebSubRecords:
        """What hubs were asked for and told news of. Its methods that write need an archive open for writing."""
        return WebSubRecords(self._db)

    def validators(self, url: str) -> Validators | None:
        """By what the server recognises what was last captured of `url`; None when it cannot, or is not believed."""
        return freshness.validators_of(self._db, url)

    def recall_robots(self, origin: str) -> StoredRobots | None:
        """What was kept of an origin's robots.txt, however old."""
        return hosts.recall_robots(self._db, origin)

    # --- Fixity ------------------------------------------------------------------------------------------------------

    def check(self, *, bodies: bool = True, roots: Roots = ()) -> Iterator[Checked]:
        """Look whether everything is as it was stored: database, chain of custody, time-stamps, and every body.

        Every body is read and hashed once, unless `bodies` is false. `roots` are certificates of the authorities that
        time-stamps are believed of (`scraper.store.timestamping.read_certificates`). Nothing is written.
        """
        yield from fixity.check_database(self._db)
        yield from fixity.check_custody(self._db)
        yield from timestamping.check_timestamps(self._db, roots)
        if bodies:
            yield from fixity.check_bodies(self._db)

    def head(self) -> Head:
        """The end of the chain of custody: who publishes it can show later what was captured by then."""
        return custody.head_of(self._db)

    def position_of(self, head: str) -> int | None:
        """Where in the chain a head stands that was written down earlier; None when it does not."""
        return custody.position_of(self._db, head)

    def timestamps(self) -> Iterator[Timestamp]:
        """What authorities said about heads of the chain, oldest first."""
        return timestamping.list_timestamps(self._db)

    def removable(self, rules: Retention) -> Iterator[Removable]:
        """The bodies that the rules let go, the longest unseen first; nothing is removed."""
        return retention.removable(self._db, rules)

    def backup(self, target: str | os.PathLike[str], *, progress: Callable[[float], None] | None = None) -> int:
        """Copy the archive as it is now to the new file `target`, while others write; its size in bytes.

        `target` appears when it is whole, checked and on disk. `progress` is told the part done, 0 to 1.
        Raises ArchiveNotWritable when `target` exists or cannot be made, ArchiveFull when there is no room.
        """
        return copy_database(self._db.sql, self.path, Path(target), progress=progress)
