"""Today's extractor over captures that an earlier one has read."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass
from datetime import timedelta

from scraper.article import Article, utc_text
from scraper.crawl.stored_pages import Read, read_stored
from scraper.crawl.unread import read_unread
from scraper.crawl.workers import ExtractionPool
from scraper.store import Archive, Day, Reread

_COMMIT = 32
"""Readings that are committed together."""
_RESUME_WITHIN = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Which captures to read again: of a site, captured on these days; all when nothing is said."""

    site: str | None = None
    since: Day | None = None
    until: Day | None = None

    @property
    def words(self) -> list[str]:
        """What tells one run from another."""
        return [
            f"{name}={value}" for name, value in (("site", self.site), ("since", self.since), ("until", self.until))
        ]


@dataclass(slots=True)
class Rereading:
    """Counts of a run."""

    read: int = 0
    changed: int = 0
    failed: int = 0


async def reread(
    archive: Archive,
    pool: ExtractionPool,
    choice: Choice,
    *,
    dry_run: bool = False,
    report: Callable[[Reread], None] = lambda reread: None,
    failed: Callable[[int, str], None] = lambda capture_id, reason: None,
) -> Rereading:
    """Read the chosen captures again; each change is reported, and then written unless `dry_run`.

    A run that was stopped goes on where it was when the same is asked for again. What a reading that fails would have
    replaced stays as it is.
    """
    count = Rereading()
    if not dry_run:
        await read_unread(archive, pool)  # what nobody has read yet is read first, as after any run that was stopped
    run_id, begun = (None, utc_text(archive.now())) if dry_run else _begin(archive, choice)
    ids = archive.captures_to_reread(site=choice.site, since=choice.since, until=choice.until, read_before=begun)
    batch: list[tuple[int, Read]] = []

    def keep() -> None:
        if dry_run:
            _tell(archive, batch, archive.compare_reading)
        else:
            with archive.batch():
                _tell(archive, batch, archive.store_reading)
        batch.clear()

    def _tell(archive: Archive, batch: list[tuple[int, Read]], act: Callable[[int, Article], Reread]) -> None:
        for capture_id, read in batch:
            count.read += 1
            if not isinstance(read, Article):
                count.failed += 1
                failed(capture_id, str(read))
                continue
            told = act(capture_id, read)
            count.changed += bool(told.changed)
            report(told)

    # The list is read to its end before anything is written: writing changes what is on it.
    async with aclosing(read_stored(archive, pool, list(ids))) as readings:
        async for reading in readings:
            batch.append(reading)
            if len(batch) >= _COMMIT:
                keep()
    keep()
    if run_id is not None:
        archive.end_run(run_id, "done")
    return count


def _begin(archive: Archive, choice: Choice) -> tuple[int, str]:
    """The run's id and when it began, which for one that is taken up again is when it first did."""
    resumed = archive.resumable_run("reextract", choice.words, _RESUME_WITHIN)
    run_id = archive.begin_run("reextract", choice.words) if resumed is None else resumed[0]
    return run_id, archive.run_started_at(run_id)
