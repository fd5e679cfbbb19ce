"""Looking at sources: whether it is time to, politely, and what they say put where it belongs."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from scraper.capture import Capture
from scraper.crawl.discovery.autodiscovery import likely_feeds, likely_sitemaps, sitemaps_of_robots
from scraper.crawl.jobs import Scope
from scraper.crawl.run.context import Context
from scraper.crawl.run.judging import OTHER_LANGUAGE
from scraper.crawl.run.source_reading import Further, SourceRead, SourceToRead, articles_among, read_source
from scraper.errors import LoginFailed
from scraper.store import Find, Source, SourceCheck, SourceKind, SourceState

_ABSENT_FOR = timedelta(days=30)
"""Until a source that was not there, or not what it was taken for, is tried again."""
_OLD_SITEMAP = timedelta(days=14)
"""A sitemap whose newest page is older than this, and that did not change, is of the past …"""
_OLD_SITEMAP_PAUSE = timedelta(days=7)
"""… and is looked at this often."""
_BESIDE_A_FEED = timedelta(hours=6)
"""Between two looks at a section of a site that has a feed; a feed shows what is new sooner, and for less."""
_UNKNOWN_AGE = timedelta(days=3)
"""What a page is taken to be old that a source lists without a date when it is looked at for the first time."""
_ENOUGH_KNOWN = 5
"""Articles of a site from which it can be told how its addresses are made."""
_DEEPEST = 12
"""Sitemaps within sitemaps, and feeds that go on, are followed so far."""
_MOST_PAGES = 300
"""Further pages of one section that are followed."""
_MOST_FEEDS_OF_SECTIONS = 20
"""Feeds of a site that are looked at because its sections announce them; they mostly repeat each other."""
_LARGEST = 64 * 1024 * 1024
"""Bytes of a source; the protocol of sitemaps allows 50 MiB."""


class Looker:
    """Looks at the sources of one job."""

    def __init__(self, context: Context) -> None:
        job = context.job
        self._archive = context.archive
        self._queue = context.queue
        self._way = context.way
        self._writer = context.writer
        self._pool = context.pool
        self._options = job.options
        self._scope = Scope.of(job.starts, job.options)
        self._named = {start.url for start in job.starts}
        self._since, self._until = job.options.days(context.archive.now())

    async def look_at(self, source: Source) -> SourceCheck | None:
        """Look at a source, unless it is not yet time to: then None. Raises HostPaused and ArchiveError."""
        now = self._archive.now()
        if not self._is_due(source, now):
            await self._writer.write(partial(self._queue.leave_source, source))
            return None
        try:
            capture = await self._way.look(source.url, _conditions(source), max_body=_LARGEST)
        except LoginFailed as error:
            check = SourceCheck(checked_at=now, error=error.code, error_message=str(error))
            await self._writer.write(partial(self._queue.store_check, source, check))
            return check
        check = _as_check(capture, now)
        read: SourceRead | None = None
        if check.sha256 is not None and (check.sha256 != source.sha256 or source.failures):
            read = await self._read(source, capture, now)
            check = replace(
                check, error=read.error, error_message=read.error_message, notes=read.notes, title=read.title
            )
        further = [] if read is None or read.error else await self._further(source, read)
        if check.error is not None:
            check = replace(check, state=_state_after_failure(source, check))
        return await self._writer.write(lambda: self._keep(source, check, read, further))

    def _is_due(self, source: Source, now: datetime) -> bool:
        """Whether to look at a source now; those that others make unnecessary are looked at less often."""
        if source.checked_at is None or source.depth == 0 or source.is_woken:
            return True
        since = now - source.checked_at
        if since < timedelta():
            return True  # the clock was set back since: how long ago that look was, nobody knows
        if source.state != "active":
            return since >= _ABSENT_FOR
        match source.kind:
            case "section" if self._queue.has_source(source.site, "feed"):
                return since >= _BESIDE_A_FEED
            case "sitemap" if source.newest_item_at is not None and now - source.newest_item_at > _OLD_SITEMAP:
                return since >= _OLD_SITEMAP_PAUSE
        return True

    async def look_again(self, site: str) -> int:
        """Judge once more, now that articles of a site are known, what did not look like one; how many do now."""
        doubtful = self._queue.doubtful(site)
        known = self._queue.known_articles(site)
        if not doubtful or len(known) < _ENOUGH_KNOWN:
            return 0
        try:
            urls = await self._pool.call(articles_among, doubtful, known)
        except Exception:  # noqa: BLE001 - a worker may die of anything; then they stay as they are
            return 0
        finds = [Find(url=url, about=self._archive.now() - _UNKNOWN_AGE) for url in urls if self.why_not(url) is None]
        return await self._writer.write(partial(self._queue.add_finds, None, finds)) if finds else 0

    def why_not(self, url: str, *, listed: bool = False) -> str | None:
        """Why an address is not one of the job's; None when it is. `listed`: a source that the user named lists it."""
        return self._scope.why_not(url, listed=listed)

    async def _read(self, source: Source, capture: Capture, now: datetime) -> SourceRead:
        known = tuple(self._queue.known_articles(source.site)) if source.kind not in ("feed", "sitemap") else ()
        to_read = SourceToRead(
            kind=source.kind,
            body=capture.body or b"",
            url=capture.final_url,
            content_type=capture.content_type,
            now=now,
            known_articles=known,
            link_headers=tuple(value for name, value in capture.headers if name.lower() == "link"),
            is_section_of_home=source.kind == "section"
            and source.depth == 1
            and self._queue.has_source(source.site, "home"),
        )
        try:
            return await self._pool.call(read_source, to_read)
        except Exception as error:  # noqa: BLE001 - a worker may die of anything; the run goes on
            return SourceRead(error="unread", error_message=str(self._pool.explained(error)))

    async def _further(self, source: Source, read: SourceRead) -> list[Further]:
        """Sources that one names and the job is to look at, too; at a home page also those that sites usually have."""
        further = list(read.further)
        if source.kind == "home":
            robots = await self._way.robots_of(source.url)
            named = sitemaps_of_robots(robots, url=source.url)
            sitemaps = [Further(url=url, kind="sitemap") for url in named or likely_sitemaps(source.url)]
            feeds = [one for one in further if one.kind == "feed"]
            feeds = feeds or [Further(url=url, kind="feed") for url in likely_feeds(source.url)]
            # Sections come last: how far they are followed depends on what else there is.
            further = [*sitemaps, *feeds, *(one for one in further if one.kind != "feed")]
        if source.depth >= _DEEPEST:
            return []
        return [one for one in further if self._follows(source, one)]

    def _follows(self, source: Source, one: Further) -> bool:
        if one.url == source.url and one.kind == source.kind:
            return False
        if self._since is not None and one.modified_at is not None and one.modified_at.date() < self._since:
            return False
        # Feeds and sitemaps may lie on other hosts of the same owner; what they list is judged address by address.
        return one.kind != "section" or self._scope.why_not(one.url) is None

    def _keep(self, source: Source, check: SourceCheck, read: SourceRead | None, further: list[Further]) -> SourceCheck:
        """In one transaction: what was found, and that the run is done with the source."""
        if read is not None and read.error is None:
            finds = [self._judged(find, source) for find in _ordered(read.finds, source, check.checked_at)]
            wanted = [find for find in finds if find.skip is None]
            new = self._queue.add_finds(source.id, finds)
            dates = [find.published_at or find.modified_at for find in wanted]
            check = replace(
                check,
                items=len(wanted),
                new_items=new,
                newest_item_at=max((date for date in dates if date is not None), default=None),
            )
            if source.kind == "feed":
                self._queue.note_hubs(source, read.topic, read.hubs)
            self._add_further(source, further)
            if read.next_url is not None and self._goes_on(source, new=new, items=len(wanted)):
                kind: SourceKind = "feed" if source.kind == "feed" else "section"
                self._queue.add_source(read.next_url, kind, parent_id=source.id, depth=source.depth + 1, continues=True)
            if source.kind == "section" and source.depth and source.checked_at is None and not wanted:
                check = replace(check, state="absent")  # no list of articles after all
        self._queue.store_check(source, check)
        return check

    def _add_further(self, source: Source, further: list[Further]) -> None:
        room: int | None = None
        if source.kind == "section" and further:  # what it names are feeds
            room = _MOST_FEEDS_OF_SECTIONS - self._queue.feeds_of_sections(source.site)
        for one in further:
            if room is None or room > 0:
                is_new = self._queue.add_source(one.url, one.kind, parent_id=source.id, depth=source.depth + 1)
                room = None if room is None else room - is_new

    def _goes_on(self, source: Source, *, new: int, items: int) -> bool:
        """Whether to look at what follows: where this part holds something new; all of it, the first time.

        The first time a part without news proves nothing, for sections overlap. Where there are sitemaps, they list
        what is old.
        """
        if source.depth >= _MOST_PAGES:
            return False
        is_first = source.checked_at is None and items > 0 and not self._queue.has_source(source.site, "sitemap")
        return new > 0 or is_first

    def _judged(self, find: Find, source: Source) -> Find:
        """A find with the reason why the job does not want it, where there is one."""
        if find.skip is not None:
            return find
        listed = source.url in self._named and source.kind in ("feed", "sitemap")
        skip = self.why_not(find.url, listed=listed)
        day = (find.published_at or find.modified_at) if source.kind == "sitemap" else find.published_at
        if skip is None and day is not None:
            if self._since is not None and day.date() < self._since:
                skip = "too_old"
            elif self._until is not None and find.published_at is not None and day.date() > self._until:
                skip = "too_new"
        if skip is None and not self._options.takes_language(find.language):
            skip = OTHER_LANGUAGE
        return find if skip is None else replace(find, skip=skip)


def _ordered(finds: Sequence[Find], source: Source, now: datetime) -> list[Find]:
    """Finds without a date in the order in which they stand: what stands first is mostly the newest.

    At the first look nobody knows how old they are: not as new as what is dated today.
    """
    newest = now if source.checked_at is not None else now - _UNKNOWN_AGE
    return [
        replace(find, about=find.modified_at or newest - timedelta(seconds=number)) for number, find in enumerate(finds)
    ]


def _conditions(source: Source) -> dict[str, str]:
    headers = {}
    if source.etag:
        headers["If-None-Match"] = source.etag
    if source.last_modified:
        headers["If-Modified-Since"] = source.last_modified
    if source.is_woken:
        headers["Cache-Control"] = "no-cache"  # what stands between may not have heard of the news
    return headers


def _as_check(capture: Capture, now: datetime) -> SourceCheck:
    failure, status = capture.failure, capture.status
    error = failure.code if failure else f"http_{status}" if status is not None and status >= 400 else None
    message = failure.message if failure else f"the server answered {status}" if error else None
    body = capture.body if error is None and status != 304 else None
    return SourceCheck(
        checked_at=now,
        status=status,
        error=error,
        error_message=message,
        seconds=capture.timings.total,
        size=None if body is None else len(body),
        sha256=None if body is None else hashlib.sha256(body).hexdigest(),
        etag=_sendable(capture.header("etag")),
        last_modified=_sendable(capture.header("last-modified")),
    )


def _sendable(value: str | None) -> str | None:
    text = (value or "").strip()
    return text if text and text.isascii() and text.isprintable() and len(text) <= 1_000 else None


def _state_after_failure(source: Source, check: SourceCheck) -> SourceState:
    """`absent` for what never was a source; `dead` for one that failed often; else it is tried at every look."""
    never_was = source.newest_item_at is None and source.sha256 is None
    if never_was and (check.status in (403, 404, 410) or (check.error or "").startswith("no_")):
        return "absent"
    return source.state if source.failures < 30 else "dead"
