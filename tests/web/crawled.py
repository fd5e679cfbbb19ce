"""An archive that a job has crawled for weeks: two outlets, one of which broke, and runs that did not all go well."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from scraper.article import Article
from scraper.capture import Capture, Failure, Hop
from scraper.store import Archive, CrawlQueue, Find, Settlement, SourceCheck, Trouble

BEGIN = datetime(2024, 5, 6, 4, 0, tzinfo=UTC)  # a Monday
DAYS = 24
BROKE = 20
"""The day from which on the mercury shows neither authors nor dates, and some of its pages nothing at all."""
MERCURY, COURIER = "river-mercury.example", "harbour-courier.example"
HTML = (("content-type", "text/html"),)


@dataclass
class Crawled:
    """What is in it."""

    runs: list[int] = field(default_factory=list)
    """Those of the job `mornings`, one a day."""
    interrupted: int = 0
    """That of the job `evenings`."""
    typed: int = 0
    """One of `scrape url`."""
    pages: dict[str, int] = field(default_factory=dict)
    """Of articles, by address."""


def crawled_archive(path: Path) -> Crawled:
    """Write it to `path`; a fixed history, by an archive's own clock."""
    clock = _Clock()
    with Archive.open(path, write=True, clock=clock) as archive:
        return _History(archive, clock).write()


class _Clock:
    def __init__(self) -> None:
        self.time = BEGIN

    def __call__(self) -> datetime:
        return self.time


class _History:
    def __init__(self, archive: Archive, clock: _Clock) -> None:
        self._archive = archive
        self._clock = clock
        self._made = Crawled()
        self._run_id = 0

    def write(self) -> Crawled:
        archive, made = self._archive, self._made
        self._add_jobs()
        for day in range(DAYS):
            self._clock.time = BEGIN + timedelta(days=day)
            made.runs.append(self._crawl(day))
        self._raise_alarms()
        self._run_id = made.typed = archive.begin_run("url", [f"https://{COURIER}/typed"])
        self._capture(f"https://{COURIER}/typed", b"typed")  # and nobody has read it yet
        archive.end_run(made.typed, "done")
        self._run_id = made.interrupted = archive.claim_job("evenings")
        archive.finish_job_run(made.interrupted, "interrupted", {"fetched": 0}, next_at=None)
        return made

    def _add_jobs(self) -> None:
        starts = [{"kind": "site", "url": f"https://{COURIER}/"}, {"kind": "feed", "url": f"https://{MERCURY}/feed"}]
        next_at = BEGIN + timedelta(days=DAYS)
        values: dict[str, Any] = {
            "origin": "command",
            "starts": starts,
            "time_zone": None,
            "next_at": None,
            "options": {},
        }
        options = {"limit": 500, "languages": ["en", "uk"]}
        self._archive.add_job(
            name="mornings", schedule="every 1d", **{**values, "options": options, "next_at": next_at}
        )
        cron = {**values, "time_zone": "Europe/Kyiv"}
        self._archive.add_job(name="evenings", schedule="cron 0 18 * * *", **cron)
        self._archive.add_job(name="once", schedule=None, **values)
        self._archive.add_job(name="crawl-0123456789ab", schedule=None, **{**values, "origin": "typed"})
        self._archive.set_job_times(self._archive.job("evenings").id, paused_at=BEGIN, next_at=None)

    # --- A run ---

    def _crawl(self, day: int) -> int:
        archive, clock = self._archive, self._clock
        run_id = self._run_id = archive.claim_job("mornings")
        queue = archive.crawl_queue(job_id=archive.job("mornings").id, run_id=run_id, owner=f"test:{run_id}")
        self._look(queue, f"https://{COURIER}/", "home", "timeout" if day == 11 else None)
        self._look(queue, f"https://{MERCURY}/feed", "feed", None)
        skipped = [Find(url=f"https://{COURIER}/tags/{day}-{number}", skip="tag_page") for number in range(4)]
        queue.add_finds(None, [*skipped, Find(url=f"https://{MERCURY}/{day}/later")])
        new = 6 if clock.time.weekday() < 5 else 3
        for number in range(new):
            self._find(queue, day, number)
        if day == 0:
            self._fail(f"https://{COURIER}/slow")
        if day % 3 == 2:
            self._read(f"https://{COURIER}/{day - 1}/0", day, headline="Bridge reopens")
        if day % 7 == 6:
            self._capture(f"https://{MERCURY}/{day - 1}/1", b"gone", status=410)
        clock.time += timedelta(minutes=2)
        counts = {"new": new, "changed": int(day % 3 == 2), "failed": int(day == 0), "gone": int(day % 7 == 6)}
        summary = {"fetched": sum(counts.values()), **counts, "waiting": day, "sites": {}, "reasons": {}}
        if day == 3:
            summary["resting"] = {MERCURY: "it asks for patience <b>until</b> noon"}
        archive.finish_job_run(run_id, "done", summary, next_at=clock.time + timedelta(days=1))
        archive.health().measure(run_id)
        return run_id

    def _look(self, queue: CrawlQueue, url: str, kind: Any, error: str | None) -> None:
        queue.add_source(url, kind)
        source = queue.take_source(url.split("/")[2])
        assert source is not None
        check = SourceCheck(
            checked_at=self._clock.time,
            status=None if error else 200,
            error=error,
            error_message=error and "no answer in <b>30</b> s",
            state="active",
            items=6,
            new_items=6,
        )
        queue.store_check(source, check)

    def _find(self, queue: CrawlQueue, day: int, number: int) -> None:
        site = (COURIER, MERCURY)[number % 2]
        url = f"https://{site}/{day}/{number}"
        queue.add_finds(None, [Find(url=url, published_at=self._clock.time + timedelta(minutes=1))])
        found = queue.take_page(site)
        assert found is not None
        assert found.url == url
        capture = self._read(url, day, is_broken=site == MERCURY and day >= BROKE, is_empty=number % 4 == 1)
        queue.settle(found, Settlement(state="done", capture_id=capture))

    def _read(
        self, url: str, day: int, *, headline: str | None = None, is_broken: bool = False, is_empty: bool = False
    ) -> int:
        capture = self._capture(url, f"{url} {self._clock.time}".encode())
        is_empty = is_empty and is_broken
        article = Article(
            url=url,
            site=url.split("/")[2],
            headline=headline or f"Bridge closed on day {url.rpartition('example/')[2]}",
            authors=() if is_broken else ("Ada Bell", "Остап Лис"),
            published_at=None if is_broken else (BEGIN + timedelta(days=day, seconds=capture)).isoformat(),
            body=None if is_empty else f"The bridge was closed for repairs on day {day}.\n\nStory of {url}.",
            language="en",
            word_count=0 if is_empty else 12,
            page_type="article",
            verdict="empty" if is_empty else "ok",
            verdict_reason="no text was found" if is_empty else None,
            extractor="test 1",
        )
        self._archive.add_article(capture, article)
        self._made.pages[url] = self._archive.page(url).id
        return capture

    def _capture(self, url: str, body: bytes, *, status: int = 200) -> int:
        self._clock.time += timedelta(minutes=1)
        hop = Hop(url=url, status=status, headers=HTML)
        made = Capture(url=url, fetched_at=self._clock.time, hops=(hop,), body=body)
        return self._archive.add_capture(made, self._run_id).id

    def _fail(self, url: str) -> None:
        failure = Failure(code="timeout", message="no answer in <b>30</b> s")
        self._archive.add_capture(Capture(url=url, fetched_at=self._clock.time, failure=failure), self._run_id)

    # --- What is wrong ---

    def _raise_alarms(self) -> None:
        health, runs = self._archive.health(), self._made.runs

        def trouble(kind: Any, subject: str, day: int, message: str, **more: Any) -> Trouble:
            since = BEGIN + timedelta(days=day)
            values: dict[str, Any] = {"site": MERCURY, "severity": "error", "since_run_id": runs[day], **more}
            return Trouble(kind=kind, subject=subject, since=since, message=message, **values)

        feed = health.raise_alarm(trouble("feed", f"https://{MERCURY}/feed", 3, "the feed answers 404"), runs[3])
        assert feed is not None
        health.clear(feed, runs[4])
        captured = self._archive.article(self._made.pages[f"https://{MERCURY}/{BROKE + 1}/1"]).capture
        assert captured is not None
        health.raise_alarm(
            trouble(
                "layout",
                "authors",
                BROKE,
                "articles with authors: 0 of 6 since 2024-05-26 04:00; before it were 58 of 58 (100%)",
                severity="warning",
                detail={"examples": [{"capture": captured.id, "url": f"https://{MERCURY}/{BROKE + 1}/1"}]},
            ),
            runs[BROKE],
        )
        message = "articles with a date of publication that can be one: 0 of 6 <b>since</b> 2024-05-26 04:00"
        health.raise_alarm(trouble("dates", "published_at", BROKE, message), runs[BROKE])
        late = trouble("job", "mornings", DAYS - 1, "the job mornings should have run, and did not", site="")
        health.raise_alarm(late, None)
