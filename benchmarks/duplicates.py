"""Near-duplicates: what the view `duplicates` finds among real articles and copies made of them."""

from __future__ import annotations

import random
import re
import sqlite3
import tempfile
import time
import zlib
from collections import Counter, defaultdict
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import combinations
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.labelled import LabelledSet
from scraper import extract
from scraper.article import READABLE, Article
from scraper.capture import Capture, Hop
from scraper.diff.noise import folded
from scraper.diff.words import UNSPACED
from scraper.store import Archive
from scraper.store.fingerprints import ALIKE, keys, sketch

START = datetime(2024, 7, 23, 10, 0, tzinfo=UTC)
COPIED = 150
"""Articles that copies are made of, one of every kind."""
SHARED = 0.3
"""True share of runs of five words from which two pages are counted as rightly found."""
_TOKEN = re.compile(rf"[{UNSPACED}]|[^\W{UNSPACED}]+")


def measure(sets: list[LabelledSet]) -> int:
    """Print precision and recall against the exact share of runs of words; 1 if less than 0.98 or 0.9."""
    originals = list(_articles(sets))
    chance = random.Random(0)
    long = [article for article in originals if article.word_count >= 150]
    copies = [
        copy for article in chance.sample(long, min(COPIED, len(long))) for copy in _copies(article, long, chance)
    ]
    texts = {article.url or "": article.body or "" for article in (*originals, *copies)}
    print(f"{len(originals)} articles, {len(copies)} copies of {min(COPIED, len(long))} of them")
    _time(originals)

    truth = _truth(texts)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "archive.db"
        found = _found(path, [*originals, *copies])
    print(f"{'true share':>12} {'pairs':>6} {'found':>6} {'recall':>7}")
    for low, high in ((0.2, 0.3), (0.3, 0.4), (0.4, 0.5), (0.5, 0.6), (0.6, 0.8), (0.8, 1.01)):
        pairs = [pair for pair, share in truth.items() if low <= share < high]
        got = sum(pair in found for pair in pairs)
        print(f"{low:5.1f} to {min(high, 1):3.1f} {len(pairs):6} {got:6} {got / len(pairs) if pairs else 1:7.3f}")
    right = sum(truth.get(pair, 0.0) >= SHARED for pair in found)
    alike = [pair for pair, share in truth.items() if share >= 0.5]
    recall = sum(pair in found for pair in alike) / len(alike)
    print(f"precision: {right} of {len(found)} pairs found share at least {SHARED:.0%} of their runs of words")
    print(f"recall: {recall:.3f} of the {len(alike)} pairs that share at least 50%")
    errors = [abs(found[pair] - truth.get(pair, 0.0)) for pair in found]
    print(f"the similarity stated is off by {sum(errors) / len(errors):.3f} on average, by {max(errors):.3f} at most")
    for kind, (made, seen) in sorted(_by_kind(copies, found).items()):
        print(f"  {kind:28} {seen:4} of {made}")
    natural = [pair for pair in found if not any("/copy-" in url for url in pair)]
    print(f"{len(natural)} pairs among the pages themselves")
    for pair in sorted(natural, key=lambda pair: truth.get(pair, 0.0))[:5]:
        print(f"  {truth.get(pair, 0.0):.2f} {pair[0][:70]}  {pair[1][:70]}")
    return 0 if right >= 0.98 * len(found) and recall >= 0.9 else 1


def _articles(sets: list[LabelledSet]) -> list[Article]:
    found = {}
    for labelled in sets:
        for page in labelled.pages:
            article = extract(page.html(), url=page.url)
            if article.verdict in READABLE and article.body:
                found[page.url] = replace(article, url=page.url)
    return list(found.values())


def _copies(article: Article, others: list[Article], chance: random.Random) -> list[Article]:
    """The article as others would print it."""
    body = article.body or ""
    paragraphs = body.split("\n\n")
    other = (chance.choice(others).body or "").split("\n\n")
    intro = "\n\n".join(other[:2])
    sentences = re.split(r"(?<=[.!?。]) ?", body)
    for _ in range(2):
        at = chance.randrange(len(sentences))
        sentences[at] = chance.choice(chance.choice(others).body.split(".")) if others else ""  # type: ignore[union-attr]
    texts = {
        "re-headed": body,
        "cut to 70%": "\n\n".join(paragraphs[: max(1, len(paragraphs) * 7 // 10)]),
        "cut to 50%": "\n\n".join(paragraphs[: max(1, len(paragraphs) // 2)]),
        "own introduction": f"{intro}\n\n{body}",
        "two sentences changed": " ".join(sentences),
        "in another page's text": "\n\n".join([*other[:1], body, *other[-3:]]),
        "cut, with own introduction": "\n\n".join([intro, *paragraphs[: max(1, len(paragraphs) * 7 // 10)]]),
    }
    name = f"{urlsplit(article.url or '').netloc}/{zlib.crc32((article.url or '').encode())}"
    return [
        replace(
            article,
            url=f"https://copy{number}.example/copy-{kind.replace(' ', '-')}/{name}",
            headline=f"Copy: {kind}",
            body=text,
            word_count=len(text.split()),
        )
        for number, (kind, text) in enumerate(texts.items())
    ]


def _runs(text: str) -> set[tuple[str, ...]]:
    words = _TOKEN.findall(folded(text).casefold().replace("'", ""))
    return set(zip(*(words[start:] for start in range(5)), strict=False))


def _truth(texts: dict[str, str]) -> dict[tuple[str, str], float]:
    """The exact share (Jaccard) of runs of five words of all pairs that have some in common."""
    runs = {url: _runs(text) for url, text in texts.items()}
    places = defaultdict(list)
    for url, own in runs.items():
        for run in own:
            places[run].append(url)
    common: Counter[tuple[str, str]] = Counter()
    for urls in places.values():
        if 1 < len(urls) <= 200:
            common.update(combinations(sorted(urls), 2))
    return {pair: n / (len(runs[pair[0]]) + len(runs[pair[1]]) - n) for pair, n in common.items()}


def _found(path: Path, articles: list[Article]) -> dict[tuple[str, str], float]:
    with Archive.open(path, write=True) as archive, archive.batch():
        for number, article in enumerate(articles):
            url = article.url or ""
            capture = Capture(
                url=url, fetched_at=START + timedelta(seconds=number), hops=(Hop(url=url, status=200),), body=b"<html>"
            )
            archive.add_article(archive.add_capture(capture).id, article)
    with sqlite3.connect(path) as connection:
        rows = connection.execute("SELECT url, other_url, similarity FROM duplicates").fetchall()
    connection.close()
    pages = {}
    for one, other, similarity in rows:
        pages[min(one, other), max(one, other)] = similarity
    return pages


def _by_kind(copies: list[Article], found: dict[tuple[str, str], float]) -> dict[str, tuple[int, int]]:
    """How many copies of each kind were found beside any other page."""
    known = {url for pair in found for url in pair}
    kinds: dict[str, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for copy in copies:
        kind = (copy.headline or "").removeprefix("Copy: ")
        made, seen = kinds[kind]
        kinds[kind] = made + 1, seen + (copy.url in known)
    return kinds


def _time(articles: list[Article]) -> None:
    texts = [article.body or "" for article in articles]
    words = sum(len(text.split()) for text in texts)
    begun = time.perf_counter()
    for text in texts:
        mark = sketch(text)
        if mark is not None:
            keys(mark)
    spent = time.perf_counter() - begun
    print(f"a sketch takes {spent / words * 600 * 1000:.2f} ms per 600 words; pairs are kept from {ALIKE} on")
