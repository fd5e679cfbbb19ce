"""Is every edit a revision, and nothing else? Are copies of an article found, and nothing else?

    python -m benchmarks.revisions --data FOLDER [--pairs N] [--show]
    python -m benchmarks.revisions --data FOLDER --duplicates [--pages N]

FOLDER holds labelled sets (`*/truth.jsonl`, `*/html/<id>.html.gz`). For every kind of edit and of noise, N pages are
changed in its manner (modules `edits` and `noise`); both versions go through the extractor and into an archive, as two
captures of one page. --show names the pages where that went wrong, and how the two texts differ.

--duplicates makes copies of articles as other sites would print them, stores them among all articles of the sets, and
compares what the view `duplicates` says with the true share of runs of five words.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.edits import EDITS
from benchmarks.labelled import LabelledSet, read_set, set_names
from benchmarks.noise import NOISE
from benchmarks.versions import Change, Page, key
from scraper import extract
from scraper.article import READABLE, Article
from scraper.capture import Capture, Hop
from scraper.diff import differences
from scraper.store import Archive

START = datetime(2024, 7, 23, 10, 0, tzinfo=UTC)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder of labelled sets")
    parser.add_argument("--pairs", type=int, default=10, help="pages a kind of change")
    parser.add_argument("--show", action="store_true", help="say where it went wrong")
    parser.add_argument("--duplicates", action="store_true", help="measure near-duplicates instead")
    given = parser.parse_args()
    sets = [read_set(given.data / name) for name in set_names(given.data)]
    if not sets:
        print(f"no labelled set in {given.data}; see --help", file=sys.stderr)
        return 2
    if given.duplicates:
        from benchmarks.duplicates import measure

        return measure(sets)
    return compare(sets, pairs=given.pairs, show=given.show)


def compare(sets: list[LabelledSet], *, pairs: int, show: bool) -> int:
    """Print, for every kind of change, in how many of its pairs there was a revision; 1 if the target was missed."""
    seen = _Reader(sets)
    missed = alarms = edits = noises = 0
    for kinds, is_edit in ((EDITS, True), (NOISE, False)):
        print(f"{'edits' if is_edit else 'noise':26} {'pairs':>6} {'revisions':>10}")
        for change in kinds:
            found = Counter(seen.judge(change, pairs, is_edit=is_edit, show=show))
            total, revised = found.total(), found["changed"]
            print(f"  {change.__name__:24} {total:6} {revised:10}{'' if revised == total * is_edit else '  <<'}")
            if is_edit:
                edits += total
                missed += total - revised
            else:
                noises += total
                alarms += revised
    print(f"{edits - missed} of {edits} edits found; {alarms} false alarms in {noises} pairs with noise only")
    print(f"{seen.unread} more pages were left out: what was edited there is not in the text the extractor reads")
    print(f"{seen.corrections[True]} of {seen.corrections.total()} corrections are in the column `correction`")
    return 1 if missed or alarms * 30 > noises else 0


class _Reader:
    """The pages, read once, and an archive to hold the pairs."""

    def __init__(self, sets: list[LabelledSet]) -> None:
        self._labelled = [
            (page, labelled.truths[page.id])
            for labelled in sets
            for page in labelled.pages
            if page.id in labelled.articles
        ]
        random.Random(0).shuffle(self._labelled)
        self._known: dict[str, Article] = {}
        self.corrections: Counter[bool] = Counter()
        self.unread = 0
        """Pages left out because the extractor did not take what was edited for the article's."""
        self._turn = 0

    def judge(self, change: Change, pairs: int, *, is_edit: bool, show: bool) -> Iterator[str]:
        """What the archive says of each pair: `changed`, `unchanged` or `labelled`."""
        done = 0
        # Every kind begins at another page, so that all kinds together see all sets.
        self._turn += 37
        for at in range(len(self._labelled)):
            if done == pairs:
                return
            labelled, truth = self._labelled[(at + self._turn) % len(self._labelled)]
            try:
                text = labelled.html().decode("utf-8")
            except UnicodeDecodeError:
                continue
            page = Page(
                labelled.url,
                text,
                truth.get("title") or "",
                tuple(truth.get("authors") or ()),
                truth.get("date"),
                truth.get("body") or "",
                random.Random(labelled.id),
            )
            versions = change(page)
            if versions is None:
                continue
            before, after = (extract(version.encode(), url=labelled.url) for version in versions[:2])
            if before.verdict not in READABLE:
                continue
            if is_edit and not _reads(before, versions.at):
                self.unread += 1
                continue
            done += 1
            state = store_pair(before, after, versions[:2])
            if "correction" in change.__name__:
                from scraper.store.corrections import correction

                self.corrections[correction(after.body) is not None] += 1
            if show and (state == "changed") != is_edit:
                _show(labelled.id, before, after)
            yield state


def store_pair(before: Article, after: Article, versions: tuple[str, str]) -> str:
    """What becomes of the second of two captures of one page in a new archive."""
    with tempfile.TemporaryDirectory() as folder, Archive.open(Path(folder) / "archive.db", write=True) as archive:
        state = ""
        for number, (article, html) in enumerate(zip((before, after), versions, strict=True)):
            url = before.url or "https://example.com/"
            capture = Capture(
                url=url,
                fetched_at=START + timedelta(hours=number),
                hops=(Hop(url=url, status=200),),
                body=html.encode(),
            )
            state = archive.add_article(archive.add_capture(capture).id, article).state
    return state


def _reads(article: Article, text: str) -> bool:
    fields = [article.headline, article.body, *article.authors]
    return key(text) in " ".join(key(field or "") for field in fields)


def _show(name: str, before: Article, after: Article) -> None:
    print(f"    {name}: {before.verdict} → {after.verdict}")
    for change in differences(before, after).changes:
        if not change.minor:
            text = "".join(run.text if run.op == "same" else f"[{run.op}: {run.text}]" for run in change.runs)
            print(f"      {change.field} {change.op}: {text[:300] or (change.before, change.after)}")


if __name__ == "__main__":
    sys.exit(main())
