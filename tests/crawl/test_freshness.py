"""Pages seen before: the server is asked whether they changed, and watched for whether that is true."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from scraper.crawl import Outcome
from scraper.crawl.freshness import LONGEST_TRUST, MOST_CHECKS, UNPROVEN_CHECKS
from scraper.store import Archive
from tests.crawl.test_manners import go
from tests.http_server import HttpServer, Request, head

STORY = "http://news.example/story"
MODIFIED = "Fri, 03 May 2024 11:00:00 GMT"


class Story:
    """A page with validators, whose server answers 304 to whoever has it: rightly, or whatever changed."""

    def __init__(self, server: HttpServer, *validators: tuple[str, str], honest: bool = True) -> None:
        self.server = server
        self.text = "<h1>News</h1>"
        self.validators = list(validators)
        self.answers_304 = True
        self.asked: list[dict[str, str]] = []
        self.served = self.text
        self.honest = honest
        server.script("/story", self.answer)

    async def answer(self, request: Request, writer: asyncio.StreamWriter) -> None:
        names = ("If-None-Match", "If-Modified-Since")
        conditions = {name: value for name in names if (value := request.header(name))}
        self.asked.append(conditions)
        if conditions and self.answers_304 and (not self.honest or self.served == self.text):
            writer.write(head(304, self.validators))
        else:
            self.served = self.text
            writer.write(head(200, [("Content-Type", "text/html"), *self.validators]) + self.text.encode())
        await writer.drain()


class Clock:
    """The present, and what a test adds to it."""

    later = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.later


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def archive(tmp_path: Path, clock: Clock) -> Iterator[Archive]:
    with Archive.open(tmp_path / "archive.db", write=True, clock=clock) as opened:
        yield opened


def visit(server: HttpServer, archive: Archive, url: str = STORY) -> Outcome:
    [outcome] = go([url], server, archive, delay=0.0, retries=0, ignore_robots=True)
    return outcome


@pytest.mark.parametrize(
    ("validators", "conditions"),
    [
        ([("ETag", '"a"')], {"If-None-Match": '"a"'}),
        ([("Last-Modified", MODIFIED)], {"If-Modified-Since": MODIFIED}),
        (
            [("ETag", 'W/"a"'), ("Last-Modified", MODIFIED)],
            {"If-None-Match": 'W/"a"', "If-Modified-Since": MODIFIED},
        ),
        ([], {}),
        ([("ETag", '"ü"')], {}),
        ([("ETag", '"' + "a" * 5000 + '"')], {}),
    ],
)
def test_the_second_visit_asks_with_the_validators_of_the_first(
    server: HttpServer, archive: Archive, validators: list[tuple[str, str]], conditions: dict[str, str]
) -> None:
    story = Story(server, *validators)
    assert visit(server, archive).state == "new"
    again = visit(server, archive)
    assert story.asked == [{}, conditions]
    assert (again.state, again.ok) == ("unchanged", True)
    assert again.article is not None
    assert again.article.revision == 1
    first, second = archive.captures(STORY)
    assert (second.revision, second.verdict, second.error) == (1, first.verdict, None)
    assert (second.status, second.sha256) == ((304, None) if conditions else (200, first.sha256))


def test_an_edit_is_a_revision(server: HttpServer, archive: Archive) -> None:
    story = Story(server, ("ETag", '"a"'))
    visit(server, archive)
    story.text, story.validators = "<h1>Other news</h1>", [("ETag", '"b"')]
    assert visit(server, archive).state == "changed"
    visit(server, archive)
    assert story.asked[-1] == {"If-None-Match": '"b"'}


def test_a_server_is_believed_so_many_times_and_then_asked_for_all(server: HttpServer, archive: Archive) -> None:
    story = Story(server, ("ETag", '"a"'))
    for _ in range(UNPROVEN_CHECKS + 3):
        visit(server, archive)
    assert [bool(conditions) for conditions in story.asked] == [False, *[True] * UNPROVEN_CHECKS, False, True]


def test_a_server_that_noticed_a_change_is_believed_more_often(server: HttpServer, archive: Archive) -> None:
    story = Story(server, ("ETag", '"a"'))
    visit(server, archive)
    story.text, story.validators = "<h1>Other news</h1>", [("ETag", '"b"')]
    assert visit(server, archive).state == "changed"
    story.asked.clear()
    for _ in range(MOST_CHECKS + 2):
        visit(server, archive)
    assert [bool(conditions) for conditions in story.asked] == [*[True] * MOST_CHECKS, False, True]


def test_nor_for_longer_than_a_week(server: HttpServer, archive: Archive, clock: Clock) -> None:
    story = Story(server, ("ETag", '"a"'))
    visit(server, archive)
    clock.later = LONGEST_TRUST
    visit(server, archive)
    assert story.asked == [{}, {}]


def test_a_server_that_says_unchanged_of_what_changed_is_no_longer_asked(server: HttpServer, archive: Archive) -> None:
    story = Story(server, ("ETag", '"always the same"'), honest=False)
    visit(server, archive)
    story.text = "<h1>Other news</h1>"
    states = [visit(server, archive).state for _ in range(UNPROVEN_CHECKS + 1)]
    assert states == ["unchanged"] * UNPROVEN_CHECKS + ["changed"]
    story.text = "<h1>Third news</h1>"
    assert visit(server, archive).state == "changed"
    assert story.asked[-1] == {}


def test_the_same_etag_on_another_text_is_noticed_too(server: HttpServer, archive: Archive) -> None:
    story = Story(server, ("ETag", '"a"'))
    visit(server, archive)
    story.answers_304, story.text = False, "<h1>Other news</h1>"
    assert visit(server, archive).state == "changed"
    visit(server, archive)
    assert [bool(conditions) for conditions in story.asked] == [False, True, False]


def test_a_304_that_nobody_asked_for_is_no_page(server: HttpServer, archive: Archive) -> None:
    server.page("/story", "", status=304)
    outcome = visit(server, archive)
    assert not outcome.ok
    assert outcome.failure is not None
    assert outcome.failure.code == "http_304"


def test_what_was_never_read_or_was_redirected_is_fetched_whole(server: HttpServer, archive: Archive) -> None:
    story = Story(server, ("ETag", '"a"'))
    server.redirect("/old", "/story")
    visit(server, archive, "http://news.example/old")
    visit(server, archive, "http://news.example/old")
    assert story.asked == [{}, {}]
