"""The whole way, in one process: a real server, a real archive, and workers that are real or made to fail."""

from __future__ import annotations

import asyncio
import random
import re
import time
from collections import defaultdict
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from scraper.article import Article
from scraper.crawl import ExtractionPool, Outcome, Summary, archive_pages
from scraper.crawl.unread import read_unread
from scraper.crawl.workers import PageRead, PageToRead, explained
from scraper.errors import ArchiveFull, ExtractionFailed
from scraper.settings import FetchSettings
from scraper.store import Archive
from tests.fixtures import fixture
from tests.http_server import HttpServer, Request, Script, head

SEED = fixture("kherson-monitor/seed-with-metadata").page


class ReadsAtOnce:
    """As ExtractionPool, without processes. `faults` are raised for URLs that hold a word."""

    def __init__(self, **faults: Exception) -> None:
        self.faults = faults
        self.pages: list[PageToRead] = []

    async def read(self, page: PageToRead) -> PageRead:
        self.pages.append(page)
        for word, fault in self.faults.items():
            if word in (page.url or ""):
                raise fault
        return PageRead(
            Article(headline="News", body=page.html.decode(), page_type="article", verdict="ok", extractor="test")
        )

    def explained(self, error: BaseException) -> ExtractionFailed:
        return explained(error)


class NeverReads(ReadsAtOnce):
    """Takes pages and brings nothing back."""

    def __init__(self, *, expected: int = 0) -> None:
        super().__init__()
        self.has_all = asyncio.Event()
        self._expected = expected

    async def read(self, page: PageToRead) -> PageRead:
        self.pages.append(page)
        if len(self.pages) == self._expected:
            self.has_all.set()
        await asyncio.Event().wait()
        raise AssertionError("nobody sets it")


@dataclass
class Visits:
    """When each host was asked and answered."""

    pause: float = 0.05
    of: dict[str, list[tuple[float, float]]] = field(default_factory=lambda: defaultdict(list))

    def script(self) -> Script:
        async def answer(request: Request, writer: asyncio.StreamWriter) -> None:
            begun = time.monotonic()
            await asyncio.sleep(self.pause)
            writer.write(head() + b"<h1>News</h1>")
            await writer.drain()
            self.of[(request.header("Host") or "").partition(":")[0]].append((begun, time.monotonic()))

        return answer

    @property
    def most_at_once(self) -> int:
        moments = sorted((t, step) for visits in self.of.values() for b, e in visits for t, step in ((b, 1), (e, -1)))
        now = most = 0
        for _, step in moments:
            now += step
            most = max(most, now)
        return most


def settings(server: HttpServer, **more: Any) -> FetchSettings:
    """Every host name leads to `server`."""
    base = FetchSettings(allow_private=True, connect_to=(f"::127.0.0.1:{server.port}",), delay=0.0, timeout=10.0)
    return replace(base, **more)


def go(
    urls: list[str], server: HttpServer, archive: Archive, pool: Any, **more: Any
) -> tuple[Summary, dict[str, Outcome]]:
    outcomes: list[Outcome] = []
    summary = asyncio.run(
        archive_pages(
            urls, archive=archive, settings=settings(server, **more), pool=pool, run_id=None, report=outcomes.append
        )
    )
    return summary, {outcome.url: outcome for outcome in outcomes}


def urls_of(hosts: int, pages: int) -> list[str]:
    return [f"http://host-{host}.example/story/{page}" for host in range(hosts) for page in range(pages)]


# Politeness


def test_one_page_at_a_time_of_a_host_and_a_pause_between(server: HttpServer, archive: Archive) -> None:
    visits = Visits()
    for page in range(4):
        server.script(f"/story/{page}", visits.script())
    summary, _ = go(urls_of(3, 4), server, archive, ReadsAtOnce(), delay=0.1)
    assert summary.succeeded == 12
    assert {host: len(times) for host, times in visits.of.items()} == {f"host-{n}.example": 4 for n in range(3)}
    for times in visits.of.values():
        for (_, ended), (begun, _) in pairwise(sorted(times)):
            assert begun - ended >= 0.095
    assert visits.most_at_once == 3


def test_no_more_hosts_at_once_than_asked_for(server: HttpServer, archive: Archive) -> None:
    visits = Visits()
    server.script("/story/0", visits.script())
    go(urls_of(8, 1), server, archive, ReadsAtOnce(), concurrency=3)
    assert visits.most_at_once == 3


def test_a_slow_host_holds_nobody_up(server: HttpServer, archive: Archive) -> None:
    slow, quick = Visits(pause=1.0), Visits(pause=0.0)
    server.script("/slow", slow.script())
    server.script("/story/0", quick.script())
    go(["http://slow.example/slow", *urls_of(6, 1)], server, archive, ReadsAtOnce(), concurrency=2)
    [(_, ended)] = slow.of["slow.example"]
    assert all(answered < ended for times in quick.of.values() for _, answered in times)


def test_a_url_given_twice_is_fetched_once(server: HttpServer, archive: Archive) -> None:
    server.page("/a", "<h1>News</h1>")
    url = "http://news.example/a"
    summary, _ = go([url, url, "HTTP://news.example:80/a"], server, archive, ReadsAtOnce())
    assert len(server.pages_asked) == 1
    assert summary.outcomes == {"new": 1}


# What is kept


def test_a_capture_is_kept_before_it_is_read(server: HttpServer, archive: Archive, tmp_path: Path) -> None:
    """Whoever looks while a page is read finds its capture already."""
    server.page("/a", SEED)
    seen: list[int] = []

    class Looks(ReadsAtOnce):
        async def read(self, page: PageToRead) -> PageRead:
            with Archive.open(tmp_path / "archive.db") as other:
                seen.extend(other.unextracted())
            return await super().read(page)

    _, outcomes = go(["http://news.example/a"], server, archive, Looks())
    [outcome] = outcomes.values()
    assert outcome.capture is not None
    assert seen == [outcome.capture.id]
    assert list(archive.unextracted()) == []


def test_what_is_reported_is_on_disk(server: HttpServer, archive: Archive, tmp_path: Path) -> None:
    for page in range(6):
        server.page(f"/story/{page}", f"<h1>News {page}</h1>")
    found: list[bool] = []

    def report(outcome: Outcome) -> None:
        with Archive.open(tmp_path / "archive.db") as other:
            article = other.article(outcome.url)
            found.append(article.revision == 1 and article.body == f"<h1>News {outcome.url[-1]}</h1>")

    asyncio.run(
        archive_pages(
            urls_of(2, 6),
            archive=archive,
            settings=settings(server),
            pool=ReadsAtOnce(),
            report=report,  # type: ignore[arg-type]
        )
    )
    assert found == [True] * 12


def test_failures_are_outcomes_and_captures(server: HttpServer, archive: Archive) -> None:
    server.page("/good", "<h1>News</h1>")
    urls = [
        "http://a.example/good",
        "http://b.example/gone",
        "http://c.example/good",
        "mailto:me@x.example",
        "nonsense",
    ]
    rules = ("c.example::127.0.0.1:1", f"::127.0.0.1:{server.port}")
    summary, outcomes = go(urls, server, archive, ReadsAtOnce(), connect_to=rules, retries=0)
    codes = {url: outcome.failure.code if outcome.failure else None for url, outcome in outcomes.items()}
    assert codes == {
        "http://a.example/good": None,
        "http://b.example/gone": "http_404",
        "http://c.example/good": "refused",
        "mailto:me@x.example": "not_a_url",
        "nonsense": "not_a_url",
    }
    assert (summary.succeeded, summary.failed) == (1, 4)
    assert summary.outcomes == {"new": 1, "failed": 4}
    assert archive.stats().failures == {"http_404": 1, "refused": 1}
    assert outcomes["nonsense"].usage is not None
    assert outcomes["nonsense"].capture is None


def test_credentials_are_used_and_not_kept(server: HttpServer, archive: Archive, tmp_path: Path) -> None:
    server.page("/a", "<h1>News</h1>")
    _, outcomes = go(["http://me:s3cret@news.example/a"], server, archive, ReadsAtOnce())
    assert server.pages_asked[0].header("Authorization") is not None
    assert list(outcomes) == ["http://news.example/a"]
    archive.close()
    assert b"s3cret" not in (tmp_path / "archive.db").read_bytes()


# Workers that fail


def test_a_page_that_cannot_be_read_costs_nobody_else(server: HttpServer, archive: Archive) -> None:
    for page in ("a", "breaks", "hangs", "b"):
        server.page(f"/{page}", f"<h1>{page}</h1>")
    pool = ReadsAtOnce(breaks=ValueError("no such heading"), hangs=TimeoutError())
    summary, outcomes = go([f"http://news.example/{p}" for p in ("a", "breaks", "hangs", "b")], server, archive, pool)
    assert summary.outcomes == {"new": 2, "failed": 2}
    for page, words in (("breaks", "ValueError: no such heading"), ("hangs", "took longer than 30 seconds")):
        outcome = outcomes[f"http://news.example/{page}"]
        assert outcome.failure is not None
        assert outcome.failure.code == "extraction"
        assert words in outcome.failure.message
        [capture] = archive.captures(outcome.url)
        assert words in (capture.extraction_error or "")
        assert archive.capture(capture.id).body == f"<h1>{page}</h1>".encode()
    assert list(archive.unextracted()) == []


def test_a_worker_that_hangs_is_ended(archive: Archive, server: HttpServer) -> None:
    """A real worker, a page that takes it seconds, and little time."""
    long = b"<p>More and more of it was said on Tuesday, in the town hall, by the mayor.</p>" * 30_000
    server.page("/long", SEED.replace(b"<p>Russia took over", long + b"<p>Russia took over"))
    with ExtractionPool(workers=1, time_limit=0.2) as hasty:
        _, outcomes = go(["http://x.example/long", "http://y.example/long"], server, archive, hasty)
    for outcome in outcomes.values():
        assert outcome.failure is not None
        assert outcome.failure.message == "The page took longer than 0.2 seconds to read and was given up"
        [capture] = archive.captures(outcome.url)
        assert capture.size == len(SEED) + len(long)


def test_site_files_reach_the_workers(server: HttpServer, archive: Archive, pool: ExtractionPool) -> None:
    server.page("/a", SEED, type="text/html; charset=UTF-8")
    _, outcomes = go(["http://kherson-monitor.example/a"], server, archive, pool)
    [outcome] = outcomes.values()
    assert outcome.article is not None
    assert outcome.article.provenance["authors"].source == "site_file"
    assert outcome.article.capture == outcome.capture
    assert outcome.notes == ()


# The end of a run


def test_a_full_archive_ends_the_run_and_keeps_what_was_committed(server: HttpServer, tmp_path: Path) -> None:
    noise = random.Random(7)
    for page in range(8):
        server.page(f"/story/{page}", noise.randbytes(200_000))
    path = tmp_path / "small.db"
    outcomes: list[Outcome] = []

    class ReadsBytes(ReadsAtOnce):
        async def read(self, page: PageToRead) -> PageRead:
            return await super().read(replace(page, html=b"text"))

    with Archive.open(path, write=True, max_bytes=1_000_000) as archive, pytest.raises(ArchiveFull):
        asyncio.run(
            archive_pages(
                urls_of(1, 8),
                archive=archive,
                settings=settings(server),
                pool=ReadsBytes(),
                report=outcomes.append,  # type: ignore[arg-type]
            )
        )
    assert 1 <= len(outcomes) < 8
    assert len(server.pages_asked) == len(outcomes) + 1
    with Archive.open(path) as archive:
        for outcome in outcomes:
            assert outcome.capture is not None
            assert len(archive.capture(outcome.capture.id).body or b"") == 200_000
            assert archive.article(outcome.url).revision == 1
        assert archive.stats().captures == len(outcomes)


def test_what_came_from_several_hosts_at_once_is_kept_as_far_as_it_fits(server: HttpServer, tmp_path: Path) -> None:
    """Eight captures in one batch are too much: those that fit are kept all the same."""
    noise = random.Random(7)
    visits = Visits()
    for page in range(8):
        body = noise.randbytes(200_000)
        server.script(f"/story/{page}", together(visits, body))
    path = tmp_path / "small.db"
    urls = [f"http://host-{n}.example/story/{n}" for n in range(8)]
    with Archive.open(path, write=True, max_bytes=1_000_000) as archive, pytest.raises(ArchiveFull):
        asyncio.run(
            archive_pages(urls, archive=archive, settings=settings(server), pool=NeverReads())  # type: ignore[arg-type]
        )
    with Archive.open(path) as archive:
        assert archive.stats().captures >= 1


def together(visits: Visits, body: bytes) -> Script:
    """Answer at once with what comes from elsewhere."""

    async def answer(_: Request, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.2)
        writer.write(head() + body)
        await writer.drain()

    return answer


def test_what_the_reporter_raises_comes_out_as_it_is(server: HttpServer, archive: Archive) -> None:
    server.page("/story/0", "<h1>News</h1>")

    def report(_: Outcome) -> None:
        raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        asyncio.run(
            archive_pages(
                urls_of(4, 1),
                archive=archive,
                settings=settings(server),
                pool=ReadsAtOnce(),
                report=report,  # type: ignore[arg-type]
            )
        )


def test_cancelled_it_stores_what_was_fetched(server: HttpServer, archive: Archive) -> None:
    for page in range(3):
        server.page(f"/story/{page}", f"<h1>News {page}</h1>")
    pool = NeverReads(expected=3)

    async def cancel_while_reading() -> None:
        task = asyncio.create_task(
            archive_pages(urls_of(3, 3), archive=archive, settings=settings(server), pool=pool)  # type: ignore[arg-type]
        )
        await pool.has_all.wait()
        task.cancel()
        await task

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(cancel_while_reading())
    pending = list(archive.unextracted())
    assert len(pending) == 3
    assert {archive.capture(number).url for number in pending} == {f"http://host-{n}.example/story/0" for n in range(3)}

    # The next run reads them first, and asks no server for them.
    asked = len(server.requests)
    assert asyncio.run(read_unread(archive, ReadsAtOnce())) == 3  # type: ignore[arg-type]
    assert list(archive.unextracted()) == []
    assert archive.article("http://host-2.example/story/0").body == "<h1>News 0</h1>"
    assert len(server.requests) == asked


def test_what_is_pending_and_cannot_be_read_is_not_tried_for_ever(server: HttpServer, archive: Archive) -> None:
    for page in range(2):
        server.page(f"/story/{page}", f"<h1>News {page}</h1>")
    go(urls_of(1, 2), server, archive, ReadsAtOnce())
    # As a crash leaves it: captures that nobody tried to read.
    with Archive.open(archive.path, write=True) as other:
        other._db.sql.execute("UPDATE captures SET extracted_at = NULL")
    assert len(list(archive.unextracted())) == 2
    pool = ReadsAtOnce(**{"story/1": ValueError("odd")})
    assert asyncio.run(read_unread(archive, pool)) == 2  # type: ignore[arg-type]
    assert list(archive.unextracted()) == []
    [capture] = archive.captures("http://host-0.example/story/1")
    assert "ValueError: odd" in (capture.extraction_error or "")


# Another extractor


class ReadsOtherwise(ReadsAtOnce):
    """A later extractor, which leaves out what stands in brackets."""

    async def read(self, page: PageToRead) -> PageRead:
        read = await super().read(page)
        body = re.sub(r" ?\[[^\]]*\]", "", read.article.body or "")
        return replace(read, article=replace(read.article, body=body, extractor="test 2"))


def test_what_a_later_extractor_reads_otherwise_is_no_edit(server: HttpServer, archive: Archive) -> None:
    (url,) = urls_of(1, 1)
    server.page("/story/0", "Water rose. [advertisement]")
    go([url], server, archive, ReadsAtOnce())
    _, outcomes = go([url], server, archive, ReadsOtherwise())
    assert outcomes[url].state == "unchanged"
    assert not list(archive.changes())
    assert [article.body for article in archive.revisions(url)] == ["Water rose."]

    server.page("/story/0", "Water rose and fell. [advertisement]")
    _, outcomes = go([url], server, archive, ReadsOtherwise())
    assert outcomes[url].state == "changed"
    [edit] = archive.changes()
    assert (edit.from_revision, edit.to_revision) == (2, 3)
    assert [capture.revision for capture in archive.captures(url)] == [2, 2, 3]
