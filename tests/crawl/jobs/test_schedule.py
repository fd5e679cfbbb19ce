"""When jobs are due: on clocks that skip an hour, go through one twice, or are set wrong; and after missed runs."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from scraper.crawl.jobs.durations import duration, duration_text
from scraper.crawl.jobs.schedule import MOST_JITTER, Schedule, jitter, zone_name
from scraper.errors import UsageError

KYIV = "Europe/Kyiv"
NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type, misc]


def runs(schedule: Schedule, start: datetime, end: datetime, *, look: timedelta, takes: timedelta) -> list[datetime]:
    """When a job began that was looked for every `look` from `start` to `end`, each run taking `takes`."""
    next_at, begun, now = schedule.first_after(None, start, phase=start), [], start
    while now < end:
        if next_at <= now:
            begun.append(now)
            next_at = schedule.next_after(now, now + takes, phase=start)
        now += look
    return begun


@pytest.mark.parametrize(
    ("text", "seconds", "again"),
    [("90s", 90, "90s"), ("30m", 1800, "30m"), ("60m", 3600, "1h"), (" 24 H ", 86400, "1d"), ("2w", 1209600, "14d")],
)
def test_spans(text: str, seconds: int, again: str) -> None:
    span = duration(text)
    assert span is not None
    assert (span.total_seconds(), duration_text(span)) == (seconds, again)


@pytest.mark.parametrize("text", ["", "h", "1", "1.5h", "-1h", "1h30m", "1 hour", "9" * 40 + "d"])
def test_no_spans(text: str) -> None:
    assert duration(text) is None


@pytest.mark.parametrize(
    ("text", "words"),
    [("30s", "too short"), ("59s", "too short"), ("367d", "too long"), ("soon", "is no span of time"), ("0h", "short")],
)
def test_no_such_interval(text: str, words: str) -> None:
    with pytest.raises(UsageError, match=words) as caught:
        Schedule.parse_every(text)
    assert "30m" in caught.value.next_step


@pytest.mark.parametrize(
    ("cron", "words"),
    [
        ("", "five fields"),
        ("6 * * *", "five fields"),
        ("0 0 6 * * *", "five fields"),
        ("@reboot", "five fields"),
        ("61 * * * *", "bad minute"),
        ("* * * * 9", "bad day-of-week"),
        ("*/0 * * * *", "bad minute"),
        ("0 0 30 2 *", "bad day-of-month"),
        ("0 0 */20 * 1L", "never comes"),
        ("9" * 5000 + " * * * *", "five fields"),
    ],
)
def test_no_such_cron(cron: str, words: str) -> None:
    with pytest.raises(UsageError) as caught:
        Schedule.parse_cron(cron, "UTC")
    assert words in str(caught.value).lower()
    assert '"0 6 * * *"' in caught.value.next_step
    assert len(str(caught.value)) < 500


@pytest.mark.parametrize(
    "zone", ["", "Kyiv", "Europe", "../../etc/passwd", "/etc/localtime", "Europe/Kyiv\0", "x" * 5000]
)
def test_no_such_zone(zone: str) -> None:
    with pytest.raises(UsageError, match="is no time zone"):
        Schedule.parse_cron("0 6 * * *", zone)


@pytest.mark.parametrize(
    "schedule",
    [
        Schedule.parse_every("90m"),
        Schedule.parse_every("7d"),
        Schedule.parse_cron("@daily", KYIV),
        Schedule.parse_cron("*/5  8-18 * * MON-FRI", "UTC"),
    ],
)
def test_it_is_stored_as_text(schedule: Schedule) -> None:
    assert Schedule.from_text(schedule.as_text(), schedule.zone or None) == schedule


def test_what_is_stored_wrong_is_said() -> None:
    for text in ("", "hourly", "every", "cron x"):
        with pytest.raises(UsageError):
            Schedule.from_text(text, None)


# --- Every so often ---


def test_at_once_and_then_every_hour() -> None:
    begun = runs(Schedule.parse_every("1h"), NOON, NOON + 6 * HOUR, look=timedelta(minutes=1), takes=HOUR / 4)
    assert begun == [NOON + n * HOUR for n in range(6)]


def test_it_does_not_drift_when_it_is_looked_for_seldom() -> None:
    """A timer comes every quarter of an hour, a little late."""
    begun = runs(Schedule.parse_every("1h"), NOON, NOON + DAY, look=timedelta(minutes=15, seconds=3), takes=HOUR / 10)
    assert len(begun) == 24
    assert all(timedelta() <= moment - (NOON + n * HOUR) < timedelta(minutes=16) for n, moment in enumerate(begun))


def test_a_run_that_takes_longer_than_the_interval() -> None:
    begun = runs(Schedule.parse_every("1h"), NOON, NOON + DAY, look=HOUR / 4, takes=HOUR * 2.4)
    assert begun == [NOON + n * 3 * HOUR for n in range(8)]


def test_missed_runs_run_once() -> None:
    """The machine was off for three days, and comes up ten minutes before the next run would have been due."""
    schedule = Schedule.parse_every("1h")
    last, now = NOON, NOON + 3 * DAY - timedelta(minutes=10)
    assert schedule.next_after(last, last, phase=NOON) < now
    after = schedule.next_after(now, now + timedelta(minutes=5), phase=NOON)
    assert after == NOON + 3 * DAY + HOUR  # the one in five minutes is left out


@pytest.mark.parametrize("wrong", [timedelta(days=365), timedelta(days=30 * 365)])
def test_a_clock_that_was_ahead(wrong: timedelta) -> None:
    """It ran when the clock said another year; now the clock is right again."""
    schedule = Schedule.parse_every("1h")
    last = NOON + wrong
    stored = schedule.next_after(last, last, phase=NOON)
    mended = schedule.next_after(last, NOON, phase=NOON)
    assert NOON < mended <= NOON + HOUR < stored


def test_a_clock_that_was_behind() -> None:
    """The job was added and ran in 1970; then the clock was set."""
    schedule = Schedule.parse_every("1h")
    phase = utc(1970, 1, 1, 0, 7)
    assert schedule.next_after(phase, NOON, phase=phase) == NOON + timedelta(minutes=7)


def test_a_clock_that_is_set_back_a_little() -> None:
    schedule = Schedule.parse_every("1d")
    after = schedule.next_after(NOON, NOON - 2 * HOUR, phase=NOON)
    assert after == NOON + DAY


def test_a_new_schedule() -> None:
    hourly, daily = Schedule.parse_every("1h"), Schedule.parse_cron("0 6 * * *", "UTC")
    assert hourly.first_after(None, NOON, phase=NOON) == NOON
    assert hourly.first_after(NOON - 2 * HOUR, NOON, phase=NOON) == NOON
    assert hourly.first_after(NOON - HOUR / 2, NOON, phase=NOON - HOUR / 4) == NOON + HOUR * 3 / 4
    assert hourly.first_after(NOON + DAY, NOON, phase=NOON) == NOON
    assert daily.first_after(None, NOON, phase=NOON) == utc(2026, 3, 2, 6)


def test_jitter() -> None:
    """Fifty hourly jobs that were added together do not begin together; each always begins at the same minute."""
    spread = [jitter(f"job {n}", HOUR) for n in range(50)]
    assert spread == [jitter(f"job {n}", HOUR) for n in range(50)]
    assert len(set(spread)) > 40
    assert all(timedelta() <= one < MOST_JITTER for one in spread)
    assert all(jitter(f"job {n}", timedelta(minutes=10)) < timedelta(minutes=1) for n in range(50))
    assert max(jitter(f"job {n}", 30 * DAY) for n in range(50)) < MOST_JITTER


# --- As a crontab says ---


def days_of(cron: str, zone: str, start: datetime, days: int) -> dict[str, int]:
    """How often a job began on each local day."""
    begun = runs(Schedule.parse_cron(cron, zone), start, start + days * DAY, look=timedelta(minutes=5), takes=HOUR / 20)
    counts: dict[str, int] = {}
    for moment in begun:
        day = moment.astimezone(ZoneInfo(zone)).date().isoformat()
        counts[day] = counts.get(day, 0) + 1
    return counts


@pytest.mark.parametrize("start", [utc(2026, 3, 26, 12), utc(2026, 10, 22, 12)], ids=["skipped", "twice"])
@pytest.mark.parametrize("cron", ["30 3 * * *", "0 3 * * *", "59 3 * * *", "15 4 * * *"])
def test_once_a_day_whatever_the_clocks_do(start: datetime, cron: str) -> None:
    """In Kyiv, 03:00 to 04:00 does not exist on 29 March 2026, and comes twice on 25 October."""
    assert set(days_of(cron, KYIV, start, 6).values()) == {1}
    assert len(days_of(cron, KYIV, start, 6)) == 6


def test_a_time_that_does_not_exist_comes_when_it_was_skipped() -> None:
    schedule = Schedule.parse_cron("30 3 * * *", KYIV)
    assert schedule.next_after(None, utc(2026, 3, 29, 0, 30), phase=NOON) == utc(2026, 3, 29, 1)
    assert schedule.next_after(utc(2026, 3, 29, 1), utc(2026, 3, 29, 1, 5), phase=NOON) == utc(2026, 3, 30, 0, 30)


def test_a_time_that_comes_twice_is_the_first() -> None:
    schedule = Schedule.parse_cron("30 3 * * *", KYIV)
    assert schedule.next_after(None, utc(2026, 10, 24, 22), phase=NOON) == utc(2026, 10, 25, 0, 30)
    # At 03:10 for the second time.
    assert schedule.next_after(utc(2026, 10, 25, 0, 30), utc(2026, 10, 25, 1, 10), phase=NOON) == utc(
        2026, 10, 26, 1, 30
    )


@pytest.mark.parametrize("start", [utc(2026, 3, 27, 12), utc(2026, 10, 23, 12)], ids=["skipped", "twice"])
def test_each_quarter_of_one_hour(start: datetime) -> None:
    """Where the hour is skipped, once for all of them."""
    counts = days_of("*/15 3 * * *", KYIV, start, 4)
    assert sorted(counts.values()) in ([1, 4, 4, 4], [4, 4, 4, 4])
    assert len(counts) == 4


@pytest.mark.parametrize("cron", ["0 0 * * *", "0 */24 * * *", "@daily"])
@pytest.mark.parametrize(
    ("zone", "start"),
    [
        ("America/Havana", utc(2026, 3, 6, 12)),
        ("America/Havana", utc(2026, 10, 30, 12)),
        ("Africa/Cairo", utc(2026, 4, 22, 12)),
        ("Australia/Lord_Howe", utc(2026, 4, 3, 12)),
    ],
)
def test_clocks_that_change_at_midnight(cron: str, zone: str, start: datetime) -> None:
    assert set(days_of(cron, zone, start, 5).values()) == {1}


def test_hourly_is_hourly_through_both() -> None:
    for start in (utc(2026, 3, 28, 12), utc(2026, 10, 24, 12)):
        begun = runs(
            Schedule.parse_cron("0 * * * *", KYIV), start, start + DAY, look=timedelta(minutes=5), takes=HOUR / 9
        )
        assert begun[1:] == [begun[0] + n * HOUR for n in range(1, len(begun))]
        assert len(begun) >= 23


def test_missed_mornings_run_once() -> None:
    schedule = Schedule.parse_cron("0 6 * * *", "UTC")
    assert schedule.next_after(NOON, NOON + 20 * DAY, phase=NOON) == utc(2026, 3, 22, 6)


def test_a_morning_is_not_repeated_when_the_clock_is_set_back() -> None:
    schedule = Schedule.parse_cron("0 6 * * *", "UTC")
    last = utc(2026, 3, 1, 6)
    assert schedule.next_after(last, last - HOUR, phase=NOON) == utc(2026, 3, 2, 6)
    # After a year it is the clock that was wrong, not the day.
    assert schedule.next_after(last, last - 365 * DAY, phase=NOON) == utc(2025, 3, 2, 6)


def test_weekdays_and_months() -> None:
    assert Schedule.parse_cron("30 7 * * mon-fri", "UTC").next_after(None, NOON, phase=NOON) == utc(2026, 3, 2, 7, 30)
    assert Schedule.parse_cron("0 0 L * *", "UTC").next_after(None, NOON, phase=NOON) == utc(2026, 3, 31)
    assert Schedule.parse_cron("0 0 29 2 *", "UTC").next_after(None, NOON, phase=NOON) == utc(2028, 2, 29)


# --- This machine's time zone ---


def test_the_zone_of_this_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TZ", raising=False)
    link = tmp_path / "localtime"
    assert zone_name(link) == "UTC"
    (tmp_path / "zoneinfo" / "Europe").mkdir(parents=True)
    (tmp_path / "zoneinfo" / "Europe" / "Kyiv").write_bytes(b"TZif")
    os.symlink(tmp_path / "zoneinfo" / "Europe" / "Kyiv", link)
    assert zone_name(link) == KYIV
    monkeypatch.setenv("TZ", ":America/Havana")
    assert zone_name(link) == "America/Havana"
    monkeypatch.setenv("TZ", "EET-2EEST")
    assert zone_name(link) == "UTC"
    assert Schedule.parse_cron("0 6 * * *").zone == zone_name()
