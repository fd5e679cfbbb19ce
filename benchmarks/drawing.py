"""Drawing by a browser: how often `--render auto` would do so needlessly, what it costs, and what it does to the text.

    python -m benchmarks.drawing --data FOLDER [--pages N]

FOLDER holds sets of labelled pages, each with its text in the bytes as received: a page taken for a shell there is one
drawn needlessly, unless its text is in fact put there by scripts. N pages of each set (10 unless told) are then drawn,
and read as received and as drawn. No name resolves, so nothing they ask for is there: measured is the browser itself.
"""

from __future__ import annotations

import argparse
import asyncio
import socket
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from statistics import mean, median

from benchmarks.labelled import LabelledPage, LabelledSet, Row, read_set, scorer, set_names
from scraper.capture import Capture, Hop
from scraper.extract.extraction import extract_with_reasons
from scraper.fetch import Fetcher
from scraper.fetch.browser import Browser
from scraper.settings import FetchSettings

SETTINGS = FetchSettings(render="always", timeout=30.0)


def is_shell(page: LabelledPage) -> bool:
    return extract_with_reasons(page.html(), url=page.url).is_shell


async def nowhere(host: str, port: int) -> list[tuple[str, int]]:
    raise socket.gaierror(socket.EAI_NONAME, "no name resolves here")


async def drawn(pages: list[LabelledPage]) -> list[tuple[bytes, float, str]]:
    """Of each page the document, the seconds it took, and the code of its failure."""
    out = []
    async with Fetcher(SETTINGS, resolver=nowhere) as fetcher:
        browser = Browser(fetcher, SETTINGS)
        try:
            await browser.start()
            for page in pages:
                hop = Hop(url=page.url, status=200, headers=(("Content-Type", "text/html"),))
                capture = Capture(url=page.url, fetched_at=datetime.now(UTC), hops=(hop,), body=page.html())
                began = time.perf_counter()
                rendering = await browser.render(capture)
                code = rendering.failure.code if rendering.failure else ""
                out.append((rendering.dom or b"", time.perf_counter() - began, code))
        finally:
            await browser.aclose()
    return out


def read(html: bytes, url: str, content_type: str | None) -> Row:
    article = extract_with_reasons(html, url=url, content_type=content_type).article
    return {
        "body": article.body or "",
        "headline": article.headline,
        "authors": list(article.authors),
        "date": article.published_at,
    }


def sample(labelled: LabelledSet, count: int) -> list[LabelledPage]:
    """So many of its articles, evenly over its length."""
    articles = [page for page in labelled.pages if page.id in labelled.articles]
    return articles[:: max(1, len(articles) // count)][:count]


def lines(data: Path, count: int) -> Iterator[str]:
    score = scorer(data)
    for name in set_names(data):
        labelled = read_set(data / name)
        with ProcessPoolExecutor() as workers:
            shells = list(workers.map(is_shell, labelled.pages, chunksize=16))
        articles = sum(
            found and page.id in labelled.articles for found, page in zip(shells, labelled.pages, strict=True)
        )
        yield f"{name}: {sum(shells)} of {len(shells)} pages taken for shells, {articles} of them articles"
        pages = sample(labelled, count)
        results = asyncio.run(drawn(pages))
        times = [seconds for _, seconds, _ in results]
        codes = dict(Counter(code for _, _, code in results if code))
        yield f"  {len(pages)} drawn: median {median(times):.1f} s, at most {max(times):.1f} s; failed: {codes}"
        pairs = [(page, dom) for page, (dom, _, _) in zip(pages, results, strict=True) if dom]
        truths = {page.id: labelled.truths[page.id] for page, _ in pairs}
        before = {page.id: read(page.html(), page.url, None) for page, _ in pairs}
        after = {page.id: read(dom, page.url, "text/html; charset=utf-8") for page, dom in pairs}
        was, now = (score.score(truths, found)["body"] for found in (before, after))
        sizes = mean(len(dom) for _, dom in pairs) / mean(len(page.html()) for page, _ in pairs)
        yield f"  body F1 as received {was:.3f}, as drawn {now:.3f}; a document is {sizes:.2f} times the bytes received"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--pages", type=int, default=10)
    chosen = parser.parse_args()
    for line in lines(chosen.data, chosen.pages):
        print(line, flush=True)


if __name__ == "__main__":
    main()
