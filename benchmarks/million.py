"""An archive of a million articles: how fast they go in, how large it is, and how fast it answers.

    python -m benchmarks.million --data FOLDER [FOLDER …] [--articles 1000000] [--out FOLDER [--resume | --reuse]]
        [--json FILE]
    python -m benchmarks.million --data FOLDER [FOLDER …] --out FOLDER --more 50000

Each FOLDER holds a `truth.jsonl` of labelled pages. Articles are made from them: sentences of three to six pages of one
language, some of their words, and numbers that differ every time, so that the vocabulary grows as it does in life;
lengths and sites are drawn as skewed as real ones, days over ten years, mostly in order. Each goes the whole way,
`add_capture` and `add_article`, 32 to a commit, each on disk before the next; only the captured bodies are smaller than
real ones. Words for the queries are drawn from the text itself, so that common words are asked for as often as they
stand there. Latencies are those of `Archive.search` and `Archive.articles`, rows read, in a process that has the
archive open, the file in the machine's cache as far as it fits.

Over an hour a machine does not stay the same. So --more puts as many more into what an earlier run left, and the first
ones into a new archive, in turns of a thousand: what the same minute makes of either can be compared.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

from benchmarks.synthetic import Maker, read_sources
from scraper.store import Archive

_BATCH = 32
_STEP = 50_000
_TURN = 1_000


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, nargs="+", required=True, help="folders of labelled sets")
    parser.add_argument("--articles", type=int, default=1_000_000)
    parser.add_argument("--out", type=Path, help="keep million.db here")
    parser.add_argument("--resume", action="store_true", help="go on with what an earlier run left in --out")
    parser.add_argument("--reuse", action="store_true", help="measure the archive that an earlier run left in --out")
    parser.add_argument("--more", type=int, help="store more in --out and in a new archive, in turns, and nothing else")
    parser.add_argument("--json", type=Path, help="write the figures here, too")
    given = parser.parse_args()
    if missing := [str(folder) for folder in given.data if not (folder / "truth.jsonl").is_file()]:
        print(f"no truth.jsonl in {', '.join(missing)}; see --help", file=sys.stderr)
        return 2
    maker = Maker(read_sources(given.data))
    with tempfile.TemporaryDirectory() as scratch:
        folder = given.out or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / "million.db"
        figures: dict[str, Any] = {"articles": given.articles}
        if given.more:
            figures |= in_turns(path, maker, given.more)
        else:
            if not given.reuse:
                figures |= build(path, maker, given.articles, resume=given.resume)
            figures |= ask(path, maker)
    if given.json:
        given.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    return 0


def build(path: Path, maker: Maker, number: int, *, resume: bool = False) -> dict[str, Any]:
    """Make the archive; articles a second and processor time for each 50,000, without what it takes to make them up."""
    if not resume:
        for old in path.parent.glob(f"{path.name}*"):
            old.unlink()
    rates: list[int] = []
    processor: list[float] = []
    with Archive.open(path, write=True) as archive:
        begin = archive.stats().captures
        steps = [begin, *(step for step in range(0, number, _STEP) if step > begin), number]
        for start, end in pairwise(steps):
            count = end - start
            seconds, worked = store(archive, maker, range(start, end), number)
            processor.append(round(worked / count * 1000, 2))
            rates.append(round(count / seconds))
            print(
                f"{end:>9,} articles: {rates[-1]:>5} a second, {processor[-1]:.2f} ms of processor each;"
                f" file {size(path) / 2**30:.2f} GiB",
                flush=True,
            )
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(f"last to first: {rates[-1] / rates[0]:.2f}; peak memory {memory / 2**20:.0f} MiB")
    return {"rates": rates, "processor_ms": processor, "bytes": size(path), "peak_memory": memory}


def store(archive: Archive, maker: Maker, numbers: range, among: int) -> tuple[float, float]:
    """Make these articles and store them; seconds and processor time, without what it takes to make them up."""
    seconds = worked = 0.0
    for first in range(numbers.start, numbers.stop, _BATCH):
        made = [maker.make(n, among) for n in range(first, min(first + _BATCH, numbers.stop))]
        begun, begun_work = time.perf_counter(), time.process_time()
        with archive.batch():
            for capture, article in made:
                archive.add_article(archive.add_capture(capture).id, article)
        seconds += time.perf_counter() - begun
        worked += time.process_time() - begun_work
    return seconds, worked


def in_turns(path: Path, maker: Maker, more: int) -> dict[str, Any]:
    """Store `more` articles in an archive, and as many in a new one; how much faster the new one is."""
    took: dict[str, list[tuple[float, float]]] = {"new": [], "held": []}
    with (
        tempfile.TemporaryDirectory(dir=path.parent) as scratch,
        Archive.open(Path(scratch, "new.db"), write=True) as new,
        Archive.open(path, write=True) as held,
    ):
        begin = held.stats().captures
        for start in range(0, more, _TURN):
            turn = range(start, min(start + _TURN, more))
            took["new"].append(store(new, maker, turn, begin + more))
            took["held"].append(store(held, maker, range(begin + turn.start, begin + turn.stop), begin + more))
    seconds, worked = ({name: sum(one[at] for one in turns) for name, turns in took.items()} for at in (0, 1))
    for name, articles in (("new", 0), ("held", begin)):
        print(
            f"{more:,} more where {articles:,} were: {more / seconds[name]:.0f} a second,"
            f" {worked[name] / more * 1000:.2f} ms of processor each"
        )
    print(f"held to new: {seconds['new'] / seconds['held']:.2f}; by processor {worked['new'] / worked['held']:.2f}")
    return {"more": more, "seconds": seconds, "processor_seconds": worked}


def size(path: Path) -> int:
    return sum(part.stat().st_size for part in path.parent.glob(f"{path.name}*"))


def ask(path: Path, maker: Maker) -> dict[str, Any]:
    """Milliseconds, by kind of question."""
    figures: dict[str, Any] = {}
    with Archive.open(path) as archive:
        for kind, asked in questions(maker).items():
            figures[kind] = report(kind, [timed(partial(answer, archive, question)) for question in asked])
        for name, call in listings(archive, maker).items():
            figures[name] = report(name, [timed(call) for _ in range(20)])
    return {"milliseconds": figures}


def answer(archive: Archive, question: str) -> None:
    for _ in archive.search(question):
        pass


def listings(archive: Archive, maker: Maker) -> dict[str, Callable[[], object]]:
    site = maker.sites[40]
    return {
        "list, 20 newest": lambda: list(archive.articles(limit=20)),
        "list --site, 20": lambda: list(archive.articles(site=site, limit=20)),
        "list --since, 20": lambda: list(archive.articles(since="2023-06", limit=20)),
        "list --until, 20": lambda: list(archive.articles(until="2016-06", limit=20)),
        "list --lang, 20": lambda: list(archive.articles(language="sv", limit=20)),
        "list --verdict, 20": lambda: list(archive.articles(verdicts=["consent"], limit=20)),
        "articles(text=), 20": lambda: list(archive.articles(text="government minister", limit=20)),
        "one article": lambda: archive.article(12),
    }


def questions(maker: Maker) -> dict[str, list[str]]:
    """Queries by kind, 200 of each, their words drawn from the text where it stands."""
    chance = random.Random(11)

    def text(*languages: str) -> str:
        while True:
            _, article = maker.make(chance.randrange(1_000_000), 1_000_000)
            if not languages or article.language in languages:
                return str(article.body)

    def words(count: int, *, shortest: int = 1, in_a_row: bool = False) -> list[str]:
        while True:
            found = [word for word in re.findall(r"[^\W\d_]+", text()) if len(word) >= shortest and _is_spaced(word)]
            if len(found) > count:
                start = chance.randrange(len(found) - count)
                return found[start : start + count] if in_a_row else chance.sample(found, count)

    def day() -> str:
        return f"{chance.randint(2015, 2024)}-{chance.randint(1, 12):02}"

    def characters(*languages: str) -> str:
        runs: list[str] = [run for run in re.findall("[\u3400-\u9fff\u30a0-\u30ff]+", text(*languages)) if len(run) > 1]
        run = chance.choice(runs)
        start = chance.randrange(len(run) - 1)
        return run[start : start + 2]

    kinds: dict[str, Callable[[], str]] = {
        "one word": lambda: words(1)[0],
        "two words": lambda: " ".join(words(2)),
        "three words": lambda: " ".join(words(3)),
        "two words OR a third": lambda: "{} ({} OR {})".format(*words(3)),
        "a word without another": lambda: "{} -{}".format(*words(2)),
        "phrase of two or three words": lambda: f'"{" ".join(words(chance.randint(2, 3), in_a_row=True))}"',
        "beginning of 4 to 6 letters": lambda: words(1, shortest=7)[0][: chance.randint(4, 6)] + "*",
        "headline:word": lambda: f"headline:{words(1)[0]}",
        "two words, site:": lambda: " ".join((*words(2), f"site:{chance.choice(maker.sites)}")),
        "two words, since:": lambda: " ".join((*words(2), f"since:{day()}")),
        "two words, until:": lambda: " ".join((*words(2), f"until:{day()}")),
        "two words, lang:": lambda: " ".join((*words(2), f"lang:{chance.choice(('de', 'fr', 'es', 'sv'))}")),
        "two Chinese or Japanese characters": lambda: characters("zh", "ja"),
        "two Arabic words": lambda: " ".join(chance.sample(re.findall(r"\w+", text("ar")), 2)),
    }
    spoken = set(maker.language_of_site.values())
    if not spoken & {"zh", "ja"}:
        del kinds["two Chinese or Japanese characters"]
    found = {kind: [make() for _ in range(200)] for kind, make in kinds.items()}
    found["the commonest words"] = ["the", "of", "the of and", '"of the"', "the OR and", "und", "the -of"]
    found["the same, filtered"] = [
        "the site:" + maker.sites[3],
        "the since:2024-06",
        "the until:2015-03",
        "the lang:de",
    ]
    found["beginnings of 1 to 3 letters"] = ["t*", "pr*", "pro*", "con*", "int*"]
    found["filters only"] = ["site:" + maker.sites[3], "since:2024-06", "until:2016", f"site:{maker.sites[7]} -the"]
    return found


def _is_spaced(word: str) -> bool:
    return word[0] < "\u0590"


def timed(call: Callable[[], object]) -> float:
    begun = time.perf_counter()
    call()
    return (time.perf_counter() - begun) * 1000


def report(kind: str, took: list[float]) -> dict[str, float]:
    ordered = sorted(took)
    figures = {
        "questions": len(took),
        "median": round(statistics.median(took), 2),
        "p95": round(ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))], 2),
        "longest": round(ordered[-1], 2),
    }
    print(f"{kind:36}" + "".join(f"{name} {value:>8}  " for name, value in figures.items()), flush=True)
    return figures


if __name__ == "__main__":
    sys.exit(main())
