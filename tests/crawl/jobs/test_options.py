"""What a job may be told: what is taken, what is refused and with what words, and how it is stored."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from scraper.crawl.jobs import Given, Job, JobOptions, Schedule, Start, job_of
from scraper.crawl.jobs.definitions import KEYS, stored_job, typed_name
from scraper.crawl.jobs.options import NAMES, options_of, stored_options
from scraper.errors import ArchiveError, ConfigError, UsageError
from scraper.store import StoredJob

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
SITE = {"site": "https://example.com/"}


def given(**values: Any) -> Given:
    return Given(values, where=lambda name: f"--{name}")


def job(**values: Any) -> Job:
    return job_of("courier", given(**SITE | values), origin="command")


def row_of(one: Job, **changes: Any) -> StoredJob:
    """`one` as the archive would hand it out."""
    columns = json.loads(json.dumps(one.columns()))
    values = {"id": 1, "name": one.name, "created_at": NOW, "changed_at": NOW, "paused_at": None, "next_at": None}
    return StoredJob(**values | columns | {"last_run": None} | changes)


ALL: dict[str, Any] = {
    "feed": ["https://example.com/rss", "https://example.com/rss#again"],
    "cron": "0 6 * * *",
    "tz": "Europe/Kyiv",
    "limit": 500,
    "depth": 2,
    "scope": "path",
    "include": ["/news/*", "https://example.com/2024/*"],
    "exclude": "*/live/*",
    "lang": "uk, en-GB",
    "since": "7d",
    "until": "2030-06",
    "render": "never",
    "assets": True,
    "recrawl": ["1h", "2d"],
    "budget": 0,
    "delay": 2,
}


def test_everything() -> None:
    made = job(**ALL)
    assert made.starts == (Start("site", "https://example.com/"), Start("feed", "https://example.com/rss"))
    assert made.schedule == Schedule(cron="0 6 * * *", zone="Europe/Kyiv")
    assert made.options == JobOptions(
        limit=500,
        depth=2,
        scope="path",
        include=("/news/*", "https://example.com/2024/*"),
        exclude=("*/live/*",),
        languages=("uk", "en-GB"),
        since="7d",
        until="2030-06",
        render="never",
        assets=True,
        recrawl=(timedelta(hours=1), timedelta(days=2)),
        budget=0,
        delay=2.0,
    )
    assert {"every", *SITE, *ALL} | {"sitemap", "section"} == set(KEYS)
    stored = stored_job(row_of(made))
    assert stored.definition == made.definition


def test_nothing_but_a_place_to_begin() -> None:
    made = job()
    assert (made.options, made.schedule) == (JobOptions(), None)
    assert made.columns()["options"] == {}
    assert stored_job(row_of(made)).definition == made.definition


def test_what_a_later_version_stored() -> None:
    assert stored_options({"depth": 1, "patience": {"of": "saints"}}, "courier") == JobOptions(depth=1)
    with pytest.raises(ArchiveError, match="cannot be followed") as caught:
        stored_job(row_of(job(), options={"scope": "galaxy"}))
    assert caught.value.next_step.startswith("scrape jobs remove courier")
    for starts in ([{"kind": "radio", "url": "https://example.com/"}], ["x"], [{"kind": "site"}]):
        with pytest.raises(ArchiveError):
            stored_job(row_of(job(), starts=starts))
    with pytest.raises(ArchiveError):
        stored_job(row_of(job(), schedule="when the moon is full"))


@pytest.mark.parametrize("value", ["never", "", [], ["never"]])
def test_never_again(value: Any) -> None:
    made = job(recrawl=value)
    assert made.options.recrawl == ()
    assert stored_job(row_of(made)).options.recrawl == ()


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"site": []}, ["--site: no place to begin"]),
        ({"site": "example.com"}, ["--site: Not a URL", "https://example.com"]),
        ({"feed": "ftp://example.com/x"}, ["--feed: Cannot fetch", "http and https"]),
        ({"site": "https://me:s3cret@example.com/"}, ["--site:", "user or password", "[hosts"]),
        ({"site": 5}, ["--site: 5 is not"]),
        ({"section": ["https://example.com/", ""]}, ["--section: there is nothing"]),
        ({"every": "1h", "cron": "0 6 * * *"}, ["--cron: there are two schedules"]),
        ({"every": "1y"}, ["--every: '1y' is no span", "30m"]),
        ({"every": 5}, ["--every: 5 is not what belongs there"]),
        ({"cron": "6"}, ["--cron: '6' is no cron schedule", "five fields"]),
        ({"cron": "0 6 * * *", "tz": "Kyiv"}, ["--tz: 'Kyiv' is no time zone", "Europe/Kyiv"]),
        ({"every": "1h", "tz": "UTC"}, ["--tz: there is no cron schedule"]),
        ({"limit": 0}, ["--limit: 0 is not possible", "a number from 1"]),
        ({"limit": True}, ["--limit: True"]),
        ({"depth": -1}, ["--depth: -1", "from 0 to 50"]),
        ({"scope": "galaxy"}, ["--scope: 'galaxy' is not known", "site, host, path"]),
        ({"include": "news"}, ["--include: 'news' is no pattern", '"/news/*"']),
        ({"exclude": "/a b"}, ["--exclude: '/a b' is no pattern"]),
        ({"lang": "ukrainian"}, ["--lang: 'ukrainian' is no language", "uk, en or en-GB"]),
        ({"since": "yesterday"}, ["--since: 'yesterday' is no day", "7d"]),
        ({"since": "2024-13"}, ["--since: '2024-13' is no day"]),
        ({"since": "999999w"}, ["--since: '999999w' is no day"]),
        ({"since": "2024-02", "until": "2024-01"}, ["--since: 2024-02 is after 2024-01"]),
        ({"render": "perhaps"}, ["--render: 'perhaps' is not known", "auto, always, never"]),
        ({"assets": "yes"}, ["--assets: 'yes' is not", "true or false"]),
        ({"recrawl": "1h,soon"}, ["--recrawl: 'soon' is no span"]),
        ({"recrawl": "6h,1h"}, ["--recrawl: pages cannot", "longer than the one before"]),
        ({"recrawl": "1s"}, ["--recrawl:", "at least a minute"]),
        ({"recrawl": [f"{n}h" for n in range(1, 30)]}, ["--recrawl:", "here are 29"]),
        ({"budget": -1}, ["--budget: -1"]),
        ({"delay": "2"}, ["--delay: '2' is not possible"]),
        ({"delay": float("nan")}, ["--delay: nan"]),
    ],
    ids=lambda value: ",".join(value) if isinstance(value, dict) else "",
)
def test_what_is_refused(values: dict[str, Any], words: list[str]) -> None:
    with pytest.raises(UsageError) as caught:
        job(**values)
    said = str(caught.value)
    assert not [word for word in words if word not in said], said
    assert "s3cret" not in said


@pytest.mark.parametrize("name", ["", "a b", "-x", "a/b", "news.example", "x" * 65, "crawl-1"])
def test_no_name(name: str) -> None:
    with pytest.raises(UsageError, match=r"NAME: .* is no name for a job"):
        job_of(name, Given(SITE, where=lambda key: key.upper()), origin="command")


@pytest.mark.parametrize("name", ["x", "кур'єр".replace("'", ""), "2024_daily-news"])
def test_a_name(name: str) -> None:
    assert job_of(name, given(**SITE), origin="command").name == name


def test_a_kind_of_error_for_each_origin() -> None:
    with pytest.raises(ConfigError, match=r"crape.toml: jobs.x.depth: 'deep' is not possible"):
        options_of(Given({"depth": "deep"}, where=lambda key: f"scrape.toml: jobs.x.{key}", kind=ConfigError))


def test_days() -> None:
    def days(**values: Any) -> tuple[date | None, date | None]:
        return options_of(given(**values)).days(NOW)

    assert days() == (None, None)
    assert days(since="2024") == (date(2024, 1, 1), None)
    assert days(until="2024") == (None, date(2024, 12, 31))
    assert days(since="2024-02", until="2024-02") == (date(2024, 2, 1), date(2024, 2, 29))
    assert days(since=date(2024, 7, 23), until="2024-07-24") == (date(2024, 7, 23), date(2024, 7, 24))
    assert days(since="7d", until="1d") == (date(2026, 2, 22), date(2026, 2, 28))


@pytest.mark.parametrize(
    ("languages", "tag", "taken"),
    [
        ((), "fr", True),
        (("en",), "en-GB", True),
        (("EN",), "en_us", True),
        (("en-GB",), "en", False),
        (("en",), "enm", False),
        (("uk", "en"), "uk", True),
        (("uk",), "ru", False),
        (("uk",), None, True),
    ],
)
def test_languages(languages: tuple[str, ...], tag: str | None, taken: bool) -> None:
    assert JobOptions(languages=languages).takes_language(tag) is taken


def test_the_same_words_are_the_same_crawl() -> None:
    starts = (Start("site", "https://example.com/"),)
    name = typed_name(starts, JobOptions())
    assert name == typed_name(starts, JobOptions(depth=0))
    assert name != typed_name(starts, JobOptions(depth=1))
    assert name != typed_name((Start("feed", "https://example.com/"),), JobOptions())
    assert name.startswith("crawl-")


def test_every_option_can_be_stored() -> None:
    assert set(job(**ALL).columns()["options"]) == set(NAMES)
