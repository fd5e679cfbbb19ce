"""Jobs in an archive: added, changed by scrape.toml, due, run by one process at a time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from scraper.crawl.jobs import (
    FileJobs,
    Given,
    Job,
    JobOptions,
    Start,
    add_job,
    claim_job,
    due_jobs,
    file_jobs,
    finish_job_run,
    job_of,
    keep_typed,
    load_job,
    load_jobs,
    pause_job,
    remove_job,
    resume_job,
    synchronise,
    with_file,
)
from scraper.errors import AlreadyRunning, ArchiveError, ConfigError, NotInArchive, UsageError
from scraper.store import Archive

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NO_FILE = FileJobs(Path("scrape.toml"))


class Clock:
    def __init__(self) -> None:
        self.time = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.time


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def archive(tmp_path: Path, clock: Clock) -> Iterator[Archive]:
    with Archive.open(tmp_path / "archive.db", write=True, clock=clock) as opened:
        yield opened


@pytest.fixture
def toml(tmp_path: Path) -> Path:
    return tmp_path / "scrape.toml"


def job(name: str = "courier", **values: Any) -> Job:
    given = Given({"site": f"https://{name}.example/"} | values, where=lambda key: f"--{key}")
    return job_of(name, given, origin="command")


def add(archive: Archive, name: str = "courier", **values: Any) -> Job:
    return add_job(archive, job(name, **values), NO_FILE)


def run(archive: Archive, clock: Clock, one: Job, takes: timedelta = HOUR / 10) -> datetime | None:
    run_id = claim_job(archive, one)
    clock.time += takes
    return finish_job_run(archive, run_id, "done", {"new": 1})


def names(jobs: list[Job]) -> list[str]:
    return [one.name for one in jobs]


# --- By command ---


def test_added_and_there(archive: Archive, clock: Clock) -> None:
    add(archive, "zebra")
    made = add(archive, every="1h")
    assert made == load_job(archive, "courier")
    assert (made.created_at, made.next_at, made.last_run) == (clock.time, clock.time, None)
    assert names(load_jobs(archive)) == ["courier", "zebra"]
    with pytest.raises(NotInArchive, match="No job nobody") as caught:
        load_job(archive, "nobody")
    assert "courier, zebra" in caught.value.why


def test_a_name_is_not_given_twice(archive: Archive, clock: Clock) -> None:
    first = add(archive, every="1h")
    run(archive, clock, first)
    with pytest.raises(UsageError, match="There is a job courier already") as caught:
        add(archive, every="1d")
    assert "--replace" in caught.value.next_step
    second = add_job(archive, job(every="1d", depth=1), NO_FILE, replace_it=True)
    assert (second.id, second.options.depth, second.created_at) == (first.id, 1, first.created_at)
    assert second.last_run is not None
    assert second.next_at is not None
    assert second.next_at > clock.time + DAY / 2  # it ran just now
    assert second.changed_at == clock.time


def test_another_start_forgets_where_it_looked(archive: Archive) -> None:
    one = add(archive)
    queue = archive.crawl_queue(job_id=one.id or 0, run_id=claim_job(archive, one), owner="x:1:a")
    queue.add_source("https://courier.example/feed", "feed")
    kept = add_job(archive, job(depth=3), NO_FILE, replace_it=True)
    assert queue.hosts() == {"courier.example": 0}
    add_job(archive, job(site="https://other.example/"), NO_FILE, replace_it=True)
    assert queue.hosts() == {}
    assert kept.last_run is not None
    assert kept.last_run.state == "running"


def test_paused_and_resumed(archive: Archive, clock: Clock) -> None:
    add(archive, every="1h")
    assert pause_job(archive, "courier").paused_at == clock.time
    clock.time += 10 * DAY
    assert due_jobs(archive) == []
    assert pause_job(archive, "courier").paused_at == clock.time - 10 * DAY
    resumed = resume_job(archive, "courier")
    assert resumed.paused_at is None
    assert names(due_jobs(archive)) == ["courier"]
    run(archive, clock, resumed)
    assert due_jobs(archive) == []  # once for all that were missed
    with pytest.raises(UsageError, match="has no schedule"):
        pause_job(archive, add(archive, "zebra").name)


def test_removed(archive: Archive, clock: Clock) -> None:
    one = add(archive)
    with pytest.raises(NotInArchive):
        remove_job(archive, "nobody", NO_FILE)
    run(archive, clock, one)
    remove_job(archive, "courier", NO_FILE)
    assert load_jobs(archive) == []


def test_a_typed_crawl_is_gone_on_with(archive: Archive) -> None:
    starts = (Start("site", "https://example.com/"),)
    first = keep_typed(archive, starts, JobOptions())
    assert keep_typed(archive, starts, JobOptions()) == first
    assert keep_typed(archive, starts, JobOptions(depth=1)).id != first.id
    assert (first.origin, first.next_at) == ("typed", None)
    assert due_jobs(archive) == []


# --- By scrape.toml ---

TWO = """
[jobs.courier]
site = "https://courier.example/"
every = "1h"

[jobs.mornings]
feed = ["https://a.example/rss", "https://b.example/rss"]
cron = "0 6 * * *"
tz = "UTC"
lang = ["uk"]
"""


def test_the_file_is_taken_in(archive: Archive, clock: Clock, toml: Path) -> None:
    toml.write_text(TWO)
    assert with_file([], file_jobs(toml), clock.time) == [
        *(load_without_ids(archive, clock, toml)),
    ]
    assert [(one.name, one.origin, one.next_at) for one in load_jobs(archive)] == [
        ("courier", "file", clock.time),
        ("mornings", "file", datetime(2026, 3, 2, 6, tzinfo=UTC)),
    ]
    before = load_jobs(archive)
    clock.time += DAY
    synchronise(archive, file_jobs(toml))
    assert load_jobs(archive) == before


def load_without_ids(archive: Archive, clock: Clock, toml: Path) -> list[Job]:
    """What the archive has once the file is taken in, but for what only an archive knows."""
    from dataclasses import replace

    synchronise(archive, file_jobs(toml))
    return [replace(one, id=None, created_at=None, changed_at=None) for one in load_jobs(archive)]


def test_a_change_in_the_file(archive: Archive, clock: Clock, toml: Path) -> None:
    toml.write_text(TWO)
    synchronise(archive, file_jobs(toml))
    first = load_job(archive, "courier")
    run(archive, clock, first)
    due = load_job(archive, "courier").next_at
    toml.write_text(TWO.replace('every = "1h"', 'every = "1h"\ndepth = 2'))
    clock.time += HOUR / 10
    synchronise(archive, file_jobs(toml))
    changed = load_job(archive, "courier")
    assert (changed.id, changed.options.depth, changed.next_at) == (first.id, 2, due)
    assert changed.last_run is not None
    toml.write_text(TWO.replace('every = "1h"', 'every = "2m"'))
    synchronise(archive, file_jobs(toml))
    assert load_job(archive, "courier").next_at == clock.time
    toml.write_text(TWO.replace('every = "1h"\n', ""))
    synchronise(archive, file_jobs(toml))
    assert load_job(archive, "courier").next_at is None
    assert not load_job(archive, "courier").is_taken_out


def test_taken_out_of_the_file_and_back(archive: Archive, clock: Clock, toml: Path) -> None:
    toml.write_text(TWO)
    synchronise(archive, file_jobs(toml))
    run(archive, clock, load_job(archive, "courier"))
    toml.write_text("")
    clock.time += DAY
    shown = with_file(load_jobs(archive), file_jobs(toml), clock.time)
    synchronise(archive, file_jobs(toml))
    assert [one.is_taken_out for one in load_jobs(archive)] == [True, True]
    assert shown == load_jobs(archive)
    assert due_jobs(archive) == []
    with pytest.raises(UsageError, match="no longer stands"):
        resume_job(archive, "courier")
    toml.write_text(TWO)
    clock.time += DAY
    synchronise(archive, file_jobs(toml))
    back = load_job(archive, "courier")
    assert (back.is_taken_out, back.paused_at, back.next_at) == (False, None, clock.time)
    assert back.last_run is not None


def test_taken_out_while_it_runs(archive: Archive, clock: Clock, toml: Path) -> None:
    toml.write_text(TWO)
    synchronise(archive, file_jobs(toml))
    run_id = claim_job(archive, load_job(archive, "courier"))
    synchronise(archive, NO_FILE)
    assert finish_job_run(archive, run_id, "done", {}) is None
    assert load_job(archive, "courier").is_taken_out


def test_stored_by_a_later_version(archive: Archive, clock: Clock, toml: Path) -> None:
    toml.write_text(TWO)
    synchronise(archive, file_jobs(toml))
    columns = load_job(archive, "courier").columns() | {"schedule": "when the moon is full"}
    archive.change_job(archive.job("courier").id, **columns)
    with pytest.raises(ArchiveError, match="cannot be followed"):
        load_jobs(archive)
    synchronise(archive, file_jobs(toml))
    assert names(due_jobs(archive)) == ["courier"]


def test_paused_by_command_it_stays_so(archive: Archive, clock: Clock, toml: Path) -> None:
    toml.write_text(TWO)
    synchronise(archive, file_jobs(toml))
    pause_job(archive, "courier")
    toml.write_text(TWO.replace('every = "1h"', 'every = "2h"'))
    synchronise(archive, file_jobs(toml))
    assert load_job(archive, "courier").paused_at == clock.time


def test_a_job_of_both(archive: Archive, clock: Clock, toml: Path) -> None:
    add(archive, every="1h")
    toml.write_text(TWO)
    found = file_jobs(toml)
    with pytest.raises(ConfigError, match=r"scrape.toml: jobs.courier: there are two jobs") as caught:
        synchronise(archive, found)
    assert "scrape jobs remove courier" in caught.value.next_step
    assert names(load_jobs(archive)) == ["courier"]
    with pytest.raises(ConfigError):
        with_file(load_jobs(archive), found, clock.time)
    remove_job(archive, "courier", found)  # as the message says
    synchronise(archive, found)
    with pytest.raises(UsageError, match="cannot be added by command") as refused:
        add_job(archive, job(every="1d"), found, replace_it=True)
    assert str(toml) in refused.value.why
    with pytest.raises(UsageError, match="cannot be removed by command"):
        remove_job(archive, "courier", found)
    synchronise(archive, NO_FILE)
    assert add_job(archive, job(every="1d"), NO_FILE, replace_it=True).origin == "command"
    remove_job(archive, "mornings", NO_FILE)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("jobs = 5\n", r"scrape.toml: \[jobs\] has a table a job"),
        ("[jobs]\ncourier = 5\n", r"scrape.toml: jobs.courier is no table"),
        ("[jobs.courier]\n", r"scrape.toml: jobs.courier.site: no place to begin"),
        ('[jobs.courier]\nsites = "https://a.example/"\n', r"unknown key jobs.courier.sites. Known keys: site, feed"),
        ('[jobs."a b"]\nsite = "https://a.example/"\n', r"scrape.toml: jobs.a b: 'a b' is no name"),
        ('[jobs.courier]\nsite = "https://a.example/"\nevery = "1y"\n', r"scrape.toml: jobs.courier.every: '1y'"),
        ('[jobs.courier]\nsite = "https://a.example/"\nlang = "xxxx"\n', r"scrape.toml: jobs.courier.lang: 'xxxx'"),
        ('[jobs.courier]\nsite = "https://a.example/"\nlanguages = "uk"\n', r"unknown key jobs.courier.languages"),
    ],
)
def test_a_wrong_file(toml: Path, text: str, words: str) -> None:
    toml.write_text(text)
    with pytest.raises(ConfigError) as caught:
        file_jobs(toml)
    import re

    assert re.search(words, str(caught.value)), str(caught.value)


# --- Due ---


def test_the_longest_due_is_first(archive: Archive, clock: Clock) -> None:
    add(archive, "late", every="1h")
    clock.time += HOUR
    add(archive, "early", every="1h")
    add(archive, "cron", cron="0 6 * * *", tz="UTC")
    add(archive, "never")
    assert names(due_jobs(archive)) == ["late", "early"]


def test_thirty_days_of_a_timer(archive: Archive, clock: Clock) -> None:
    """Looked for every half hour by a machine that is off at night and whose clock is once set wrong."""
    add(archive, "often", every="2h")
    add(archive, "mornings", cron="30 3 * * *", tz="Europe/Kyiv")
    begun: dict[str, list[datetime]] = {"often": [], "mornings": []}
    start = clock.time
    while clock.time < start + 30 * DAY:
        if clock.time - start == 10 * DAY:
            clock.time += 365 * DAY  # for one round; what runs then, runs in another year
            [run(archive, clock, one) for one in due_jobs(archive)]
            clock.time = start + 10 * DAY
        if clock.time.hour < 22:
            for one in due_jobs(archive):
                begun[one.name].append(clock.time)
                run(archive, clock, one, takes=timedelta())
        clock.time += HOUR / 2
    days = [moment.date() for moment in begun["mornings"]]
    assert len(days) == len(set(days)) >= 29
    assert 30 * 11 - 15 < len(begun["often"]) <= 30 * 11


def test_a_clock_set_back_by_a_year(archive: Archive, clock: Clock) -> None:
    clock.time += 365 * DAY
    one = add(archive, every="1h")
    run(archive, clock, one)
    clock.time -= 365 * DAY
    assert due_jobs(archive) == []
    mended = load_job(archive, "courier").next_at
    assert mended is not None
    assert clock.time < mended <= clock.time + HOUR
    clock.time += HOUR
    assert names(due_jobs(archive)) == ["courier"]


def test_an_interrupted_run_leaves_the_job_due(archive: Archive, clock: Clock) -> None:
    one = add(archive, every="1h")
    run_id = claim_job(archive, one)
    assert finish_job_run(archive, run_id, "interrupted", {"new": 3}) == one.next_at
    [due] = due_jobs(archive)
    assert due.last_run is not None
    assert (due.last_run.state, due.last_run.summary) == ("interrupted", {"new": 3})


def test_removed_while_it_was_interrupted(archive: Archive) -> None:
    run_id = claim_job(archive, add(archive, every="1h"))
    with pytest.raises(AlreadyRunning, match="The job courier is running"):
        remove_job(archive, "courier", NO_FILE)
    finish_job_run(archive, run_id, "interrupted", {})
    remove_job(archive, "courier", NO_FILE)
    assert finish_job_run(archive, run_id, "done", {}) is None
