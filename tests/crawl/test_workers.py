"""Workers: what they are sent, what they bring back, and what becomes of those that die."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

import pytest
from pebble import ProcessExpired

from scraper.crawl import ExtractionPool
from scraper.crawl.workers import MEMORY_LIMIT, PageRead, PageToRead, explained
from scraper.errors import ExtractionFailed
from tests.fixtures import fixture

SEED = PageToRead(fixture("kherson-monitor/seed-with-metadata").page, "https://kherson-monitor.example/x")


def workers_of(parent: int) -> list[int]:
    """Descendants of `parent` in /proc, without the servers that multiprocessing itself needs."""
    children: dict[int, list[int]] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if fields[0] == "Z":  # dead, and its parent has not yet noticed
                continue
            children.setdefault(int(fields[1]), []).append(int(folder.name))
    helpers = children.get(parent, [])
    return [grandchild for helper in helpers for grandchild in children.get(helper, [])]


def read(pool: ExtractionPool, page: PageToRead) -> PageRead:
    return asyncio.run(asyncio.wait_for(pool.read(page), 60))


def test_a_page_is_read(pool: ExtractionPool) -> None:
    found = read(pool, SEED)
    assert found.article.authors == ("Olena Marchuk",)
    assert found.article.provenance["authors"].source == "site_file"
    assert found.notes == ()
    broken = read(pool, PageToRead(SEED.html.replace(b"defeat", b"def\xffeat"), None, "text/html; charset=utf-8"))
    assert broken.notes == ("1 characters were not valid utf-8 and are lost",)


def test_bytes_that_are_no_page_do_not_hurt(pool: ExtractionPool) -> None:
    for html in (b"", b"\x00" * 1000, bytes(range(256)) * 50, b"<" * 20_000, b"%PDF-1.7", b"<p>" * 50_000):
        article = read(pool, PageToRead(html, "http://x.example/")).article
        assert article.verdict != "ok"


def test_reading_with_reasons_keeps_the_order(pool: ExtractionPool) -> None:
    pages = [SEED, PageToRead(b"", None), SEED]
    found = pool.read_all(pages)
    assert [one.article.verdict for one in found] == ["ok", "empty", "ok"]


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (TimeoutError(), "took longer than 5 seconds to read"),
        (MemoryError(), f"took more than {MEMORY_LIMIT >> 20} MiB"),
        (ProcessExpired("gone", code=-9), "the process reading the page died"),
        (ValueError("odd"), "the extractor failed on the page: ValueError: odd"),
    ],
)
def test_why_a_page_was_not_read(error: Exception, words: str) -> None:
    reason = explained(error, 5.0)
    assert isinstance(reason, ExtractionFailed)
    assert words in reason.what


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="workers are looked for in /proc")
def test_a_worker_that_is_killed_is_replaced() -> None:
    """By the system when memory runs out, say: while it has nothing to do, and while it reads."""
    others = set(workers_of(os.getpid()))  # before the pool: it starts its worker in a thread
    with ExtractionPool(workers=1) as pool:
        assert read(pool, SEED).article.verdict == "ok"
        for _ in range(2):
            [worker] = set(workers_of(os.getpid())) - others
            os.kill(worker, signal.SIGKILL)
            assert read(pool, SEED).article.verdict == "ok"


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="workers are looked for in /proc")
def test_leaving_the_pool_ends_every_worker() -> None:
    others = set(workers_of(os.getpid()))
    with ExtractionPool(workers=2) as pool:
        assert read(pool, SEED).article.verdict == "ok"
        assert len(set(workers_of(os.getpid())) - others) == 2
    assert set(workers_of(os.getpid())) - others == set()
