"""The score of archives of the simulated web that were made by hand: a flawless one, and ones with a flaw each."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from benchmarks.simulated_web import EPOCH, ArticleTruth, Entry, Truth, Watch, World, score
from benchmarks.simulated_web.scoring import SCHEDULE
from scraper.article import Article
from scraper.capture import Capture, Hop
from scraper.store import Archive

AGENT = "simulated-test/1.0"
RUNS = [EPOCH + timedelta(minutes=5), *(EPOCH + timedelta(minutes=10) + after for after in SCHEDULE)]
"""Each a minute long."""


@pytest.fixture(scope="module")
def truth() -> Truth:
    return Truth(World(outlets=6, articles=110))


@pytest.fixture
def watch(truth: Truth) -> Watch:
    """Somebody asked one host for robots.txt and a page in each run."""
    host = truth.outlets[1].host
    entries = []
    for began in RUNS:
        for seconds, target in ((0.0, "/robots.txt"), (60.0, "/feed/")):
            at = began.timestamp() + seconds
            entries.append(Entry(host, "GET", target, at, at, 200, AGENT))
    return Watch(truth.world, entries, delay=1.0)


class Keeper:
    """Puts into an archive what a crawler would."""

    def __init__(self, archive: Archive, truth: Truth) -> None:
        self.archive = archive
        self.truth = truth

    def everything(self, *, but: ArticleTruth | None = None) -> None:
        """What can be had, in every run."""
        for began in RUNS:
            for article in self.truth.articles:
                if article is not but and article.findable and self.is_out(article, began):
                    self.keep(article, began + timedelta(seconds=30))

    def is_out(self, article: ArticleTruth, now: datetime) -> bool:
        return article.published <= now and (article.deleted_at is None or now < article.deleted_at)

    def keep(self, article: ArticleTruth, now: datetime, *, url: str | None = None, body: str | None = None) -> None:
        """One capture of an article as it is at `now`: its tokens, and the marks of its editions."""
        number = article.edition_at(now)
        edition = article.editions[number]
        marks = [one.mark for one in article.editions[1 : number + 1] if one.mark]
        own = [mark.text for mark in marks if mark.field == "body"]
        tokens = article.tokens[:1] if article.wall else article.tokens
        text = body if body is not None else "\n\n".join([*tokens, *own])
        self.page(
            url or article.url,
            now,
            headline=edition.headline,
            authors=edition.authors,
            body=text,
            verdict="paywall" if article.wall else "ok",
        )

    def page(self, url: str, now: datetime, **fields: object) -> None:
        capture = Capture(url=url, fetched_at=now, hops=(Hop(url=url, status=200),), body=str((url, fields)).encode())
        values = {"url": url, "site": "x.example", "page_type": "article", "extractor": "test 1", **fields}
        self.archive.add_article(self.archive.add_capture(capture).id, Article(**values))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def flawless(truth: Truth, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("flawless") / "archive.db"
    with Archive.open(path, write=True, clock=lambda: RUNS[-1]) as archive, archive.batch():
        Keeper(archive, truth).everything()
    return path


@pytest.fixture
def path(flawless: Path, tmp_path: Path) -> Path:
    """A copy to put flaws into."""
    return Path(shutil.copy(flawless, tmp_path / "archive.db"))


@contextmanager
def keeping(path: Path, truth: Truth) -> Iterator[Keeper]:
    with Archive.open(path, write=True, clock=lambda: RUNS[-1]) as archive, archive.batch():
        yield Keeper(archive, truth)


def change(path: Path, statement: str, *given: object) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute(statement, given)
        db.commit()


def plain(truth: Truth) -> ArticleTruth:
    """An article that is there from the beginning to the end and is never edited."""
    return next(
        one
        for one in truth.articles
        if one.published < EPOCH and len(one.editions) == 1 and one.findable and not one.wall and not one.deleted_at
    )


def test_a_flawless_archive(flawless: Path, truth: Truth, watch: Watch) -> None:
    figures = score(flawless, truth, watch)
    could = [one for one in truth.articles if one.findable and any(is_there(one, began) for began in RUNS)]
    assert (figures.found.have, figures.found.of) == (len(could), len(could))
    assert figures.whole.part == figures.pure.part == figures.edits.part == 1.0
    assert figures.edits.of >= 5
    assert figures.all_edits.of >= figures.edits.of
    assert (figures.duplicates, figures.needless, figures.no_reason) == (0, 0, 0)
    assert figures.violations == figures.missing == figures.missed_edits == figures.impure == figures.twice == ()
    assert figures.requests == 2 * len(RUNS)
    assert figures.asked == {"robots.txt": len(RUNS), "feeds": len(RUNS)}
    assert figures.failures() == []
    table = figures.table()
    assert f"100.00 % ({len(could)} of {len(could)})" in table
    assert "requests an article" in table


def is_there(article: ArticleTruth, began: datetime) -> bool:
    ended = began + timedelta(seconds=60)
    return article.published <= began and (article.deleted_at is None or ended < article.deleted_at)


def test_an_article_that_is_missing(tmp_path: Path, truth: Truth, watch: Watch) -> None:
    lost, path = plain(truth), tmp_path / "archive.db"
    with keeping(path, truth) as keeper:
        keeper.everything(but=lost)
    figures = score(path, truth, watch)
    assert figures.found.of - figures.found.have == 1
    assert [one.url for one in figures.missing] == [lost.url]
    assert "never met" in figures.missing[0].why
    frontier = "INSERT INTO frontier (url, found_url, host, site, found_at, sorted_at, depth, state, reason)"
    change(path, f"{frontier} VALUES (?, ?, '', '', '', '', 1, 'skipped', 'the budget')", lost.url, lost.url)
    assert "skipped, the budget" in score(path, truth, watch).missing[0].why
    with keeping(path, truth) as keeper:
        keeper.keep(lost, RUNS[0], body=lost.tokens[0])
    figures = score(path, truth, watch)
    assert "1 of 3 tokens" in figures.missing[0].why


def test_a_text_that_is_not_whole_is_found(path: Path, truth: Truth, watch: Watch) -> None:
    article = plain(truth)
    with keeping(path, truth) as keeper:
        keeper.keep(article, RUNS[-1] + timedelta(seconds=40), body=" ".join(article.tokens[:2]))
    figures = score(path, truth, watch)
    assert figures.found.part == 1.0
    assert figures.whole.of - figures.whole.have == 1


def test_pages_that_are_no_articles(path: Path, truth: Truth, watch: Watch) -> None:
    outlet, article = truth.outlets[1], plain(truth)
    with keeping(path, truth) as keeper:
        keeper.page(outlet.other_urls[1], RUNS[0], body="Many headlines", headline="News", verdict="ok")
        keeper.page(outlet.other_urls[2], RUNS[0], body="Few headlines", headline="News", verdict="not_article")
    figures = score(path, truth, watch)
    assert figures.impure == (outlet.other_urls[1],)
    assert figures.pure.of - figures.pure.have == 1
    with keeping(path, truth) as keeper:  # a wall that passes for the article
        keeper.keep(article, RUNS[-1] + timedelta(seconds=40), body="Please accept cookies.")
    assert set(score(path, truth, watch).impure) == {outlet.other_urls[1], article.url}


def test_a_second_address_is_a_duplicate_unless_it_is_known(path: Path, truth: Truth, watch: Watch) -> None:
    article = next(one for one in truth.articles if len(one.urls) > 1 and one.findable and is_there(one, RUNS[-1]))
    with keeping(path, truth) as keeper:
        keeper.keep(article, RUNS[-1], url=article.urls[1])
    change(path, "UPDATE pages SET same_as = NULL")
    figures = score(path, truth, watch)
    assert figures.duplicates == 1
    assert set(figures.twice[0]) == set(article.urls[:2])
    assert figures.failures() == ["1 duplicates"]
    same = "UPDATE pages SET same_as = (SELECT id FROM pages WHERE url = ?) WHERE url = ?"
    change(path, same, article.url, article.urls[1])
    assert score(path, truth, watch).duplicates == 0


def test_an_edit_that_is_missed(path: Path, truth: Truth, watch: Watch) -> None:
    before = score(path, truth, watch)
    article = next(one for one in truth.articles if is_there(one, RUNS[0]) and one.edition_at(RUNS[0]) == 0
                   and len(one.editions) == 2 and not one.wall and is_there(one, RUNS[-1]))  # fmt: skip
    change(
        path,
        "DELETE FROM revisions WHERE number > 1 AND id NOT IN (SELECT newest_revision_id FROM pages)"
        " AND page_id = (SELECT id FROM pages WHERE url = ?)",
        article.url,
    )
    mark = article.editions[1].mark
    assert mark is not None
    change(
        path, f"UPDATE revisions SET {mark.field} = replace({mark.field}, ?, 'x') WHERE url = ?", mark.text, article.url
    )
    after = score(path, truth, watch)
    assert before.edits.have - after.edits.have == 1
    assert after.edits.of == before.edits.of
    assert [one.url for one in after.missed_edits] == [article.url]
    assert mark.text in after.missed_edits[0].what


def test_an_edition_that_no_visit_on_schedule_meets_is_not_due(truth: Truth, flawless: Path) -> None:
    host = truth.outlets[1].host
    entries = []
    for began in (RUNS[0], RUNS[-1]):  # nobody came between
        for seconds in (0.0, 60.0):
            at = began.timestamp() + seconds
            entries.append(Entry(host, "GET", "/robots.txt", at, at, 200, AGENT))
    rarely = score(flawless, truth, Watch(truth.world, entries))
    edited = [one for one in truth.articles if len(one.editions) > 1 and is_there(one, RUNS[0]) and not one.wall]
    assert rarely.edits.of <= len(edited)
    assert rarely.all_edits.of > rarely.edits.of


def test_needless_revisions(path: Path, truth: Truth, watch: Watch) -> None:
    article = plain(truth)
    with keeping(path, truth) as keeper:
        keeper.keep(article, RUNS[-1] + timedelta(seconds=40), body=" ".join((*article.tokens, "Rain fell all day.")))
    assert score(path, truth, watch).needless == 1


def test_what_was_taken_down(path: Path, truth: Truth, watch: Watch) -> None:
    gone = score(path, truth, watch).gone
    assert gone.have == 0 < gone.of
    for article in truth.articles:
        if article.deleted_at is not None:
            change(path, "UPDATE pages SET gone_at = ? WHERE url = ?", article.deleted_at.isoformat(), article.url)
    assert score(path, truth, watch).gone.part == 1.0


def test_reasons_and_manners(path: Path, truth: Truth, watch: Watch) -> None:
    frontier = "INSERT INTO frontier (url, found_url, host, site, found_at, sorted_at, depth, state, reason)"
    for n, (state, reason) in enumerate((("skipped", None), ("failed", ""), ("gone", "http_404"), ("waiting", None))):
        url = f"http://x.example/{n}"
        change(path, f"{frontier} VALUES (?, ?, '', '', '', '', 1, ?, ?)", url, url, state, reason)
    entry = watch.entries[-1]
    late = entry.ended + 10.5
    rude = Entry(entry.host, "GET", "/", late, late, 200, AGENT), Entry(entry.host, "GET", "/x", late, late, 404, AGENT)
    watch.entries += rude
    figures = score(path, truth, watch)
    assert figures.no_reason == 2
    assert [violation.kind for violation in figures.violations] == ["too_soon"]
    assert figures.asked["pages of links"] == figures.asked["where nothing is"] == 1
    assert figures.failures() == ["2 skips without a reason", "1 violations"]
    assert "too_soon 1" in figures.table()
