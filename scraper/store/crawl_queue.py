"""What one run of one job may ask of the queue: the small interface behind which the frontier and the sources lie.

Everything a crawl must not forget goes through here, in a transaction of its own or in the batch that is open. An
implementation over another database has these methods to offer, and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from scraper.store import frontier, revisits, sources, websub
from scraper.store.connection import Connection
from scraper.store.frontier import Counts, Find, FrontierPage, Settlement
from scraper.store.revisits import Habits
from scraper.store.sources import Source, SourceCheck, SourceKind

_REMEMBERED = timedelta(minutes=10)


class CrawlQueue:
    """The queue as one run of one job sees it. `owner` names who works on it, as `scraper.store.named` does."""

    def __init__(self, db: Connection, *, job_id: int, run_id: int, owner: str, only_woken: bool = False) -> None:
        self._db = db
        self._job_id = job_id
        self._run_id = run_id
        self._owner = owner
        self._only_woken = only_woken
        self._habits: dict[str, tuple[datetime, Habits]] = {}

    # --- Sources ---

    def add_source(
        self, url: str, kind: SourceKind, *, parent_id: int | None = None, depth: int = 0, continues: bool = False
    ) -> bool:
        """Have the job look at a source; True when it did not before. One that `continues` another is looked at now."""
        with self._db.transaction():
            return sources.add_source(
                self._db, self._job_id, url, kind, parent_id=parent_id, depth=depth, continues=continues
            )

    def has_source(self, site: str, kind: SourceKind) -> bool:
        """Whether the job has a source of this kind on a site which could be read, or was not asked for yet."""
        return sources.has_source(self._db, self._job_id, site, kind)

    def feeds_of_sections(self, site: str) -> int:
        """How many feeds the job looks at because a section of a site announced them."""
        return sources.feeds_of_sections(self._db, self._job_id, site)

    def take_source(self, host: str) -> Source | None:
        """A source on `host` that this run is to look at; None when there is none."""
        with self._db.transaction():
            return sources.take_source(
                self._db, self._job_id, self._run_id, host, self._owner, only_woken=self._only_woken
            )

    def store_check(self, source: Source, check: SourceCheck) -> None:
        """Record a look at a source; the run is done with it."""
        with self._db.transaction():
            sources.store_check(self._db, source, self._job_id, self._run_id, check)

    def note_hubs(self, source: Source, topic: str, hubs: Sequence[str]) -> None:
        """Record which WebSub hubs a feed names, and under which address they know it."""
        with self._db.transaction():
            websub.note_hubs(self._db, source.id, topic, hubs)

    def leave_source(self, source: Source) -> None:
        """The run is done with a source that it did not ask for."""
        with self._db.transaction():
            sources.leave_source(self._db, self._job_id, self._run_id, source.id)

    # --- Pages ---

    def add_finds(self, source_id: int | None, finds: Iterable[Find]) -> int:
        """Put addresses on the frontier; how many of them are new and wanted."""
        with self._db.transaction():
            return frontier.add_finds(self._db, self._job_id, source_id, finds)

    def take_page(self, host: str) -> FrontierPage | None:
        """The newest page of `host` that waits; None when none does."""
        with self._db.transaction():
            return frontier.take_page(self._db, self._job_id, host, self._owner)

    def note_fetched(self, page: FrontierPage, capture_id: int) -> None:
        """A page has a capture: it is not fetched again should this process die. In the capture's own transaction."""
        with self._db.transaction():
            frontier.note_fetched(self._db, page.id, capture_id)

    def settle(self, page: FrontierPage, settlement: Settlement) -> None:
        """Record what became of a page."""
        with self._db.transaction():
            frontier.settle_page(self._db, page, settlement)

    def put_back(self, page: FrontierPage) -> None:
        """A page that was taken and not fetched waits again."""
        with self._db.transaction():
            frontier.put_back(self._db, page.id)

    def wake_due(self, budget: int) -> int:
        """Let pages wait whose time has come to be fetched again; at most `budget` revisits a site and day."""
        with self._db.transaction():
            return revisits.wake_due(self._db, self._job_id, budget=budget)

    # --- Both ---

    def hosts(self) -> dict[str, int]:
        """Hosts with something to do, those with the newest page first, and how many pages of each wait."""
        waiting = frontier.hosts_waiting(self._db, self._job_id)
        looked_at = sources.hosts_to_look_at(self._db, self._job_id, self._run_id, only_woken=self._only_woken)
        return {**waiting, **{host: waiting.get(host, 0) for host in looked_at}}

    def counts(self) -> Counts:
        """Addresses of the job, by state."""
        return frontier.counts(self._db, self._job_id)

    def habits(self, site: str) -> Habits:
        """How often a site was found to edit its articles, as of some minutes ago."""
        if site not in self._habits or self._db.moment() - self._habits[site][0] > _REMEMBERED:
            self._habits[site] = self._db.moment(), revisits.habits(self._db, site)
        return self._habits[site][1]

    def known_articles(self, site: str) -> Sequence[str]:
        """Addresses of a site that turned out to be articles, at most some hundreds, the newest first."""
        return frontier.known_articles(self._db, site)

    def go_on(self, within: timedelta) -> None:
        """Not look again at what the job's last run looked at, if it was stopped and began no longer ago than this."""
        with self._db.transaction():
            sources.go_on(self._db, self._job_id, self._run_id, within)

    def doubtful(self, site: str) -> Sequence[str]:
        """Addresses of a site that were skipped because they did not look like an article's."""
        return frontier.doubtful(self._db, self._job_id, site)

    def recover(self) -> list[FrontierPage]:
        """Take over from processes that died: what they had taken waits again.

        What of this job they had fetched, and were not done with, is returned, each with its capture.
        """
        with self._db.transaction():
            return frontier.recover(self._db, self._job_id)

    def give_back(self) -> None:
        """At the end, or when the run is stopped: what this run took and did not fetch waits again."""
        with self._db.transaction():
            frontier.give_back(self._db, self._owner)
