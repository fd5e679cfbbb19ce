"""Days told by their distance from the capture."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from scraper.extract.dates.relative import day_ago

CAPTURED = datetime(2024, 7, 23, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "3 hours ago", "Updated 3 hrs ago", "vor 3 Stunden", "il y a 3 heures", "hace 3 horas", "3 ore fa",
        "há 3 horas",
        "3 uur geleden", "för 3 timmar sedan", "3 timer siden", "3 tuntia sitten", "3 години тому", "3 часа назад",
        "3 godziny temu", "před 3 hodinami", "pred 3 hodinami", "acum 3 ore", "преди 3 часа", "3 saat önce",
        "πριν 3 ώρες", "قبل 3 ساعات", "منذ ٣ ساعات", "לפני 3 שעות", "3 घंटे पहले", "3 jam yang lalu", "3 giờ trước",
        "3 ชั่วโมง ที่แล้ว", "3小时前", "3 小時前", "3時間前", "3시간 전", "prije 3 sata",
        "yesterday", "Gestern, 23:30", "Вчора", "180 minutes ago",
    ],
)  # fmt: skip
def test_the_day_before_in_many_languages(text: str) -> None:
    assert day_ago(text, CAPTURED) == "2024-07-22"


@pytest.mark.parametrize(
    ("text", "day"),
    [("2 days ago", "2024-07-21"), ("Ann Lee · vor 4 Tagen", "2024-07-19"), ("30 minutes ago", "2024-07-23"),
     ("1 день тому", "2024-07-22"), ("5天前", "2024-07-18")],
)  # fmt: skip
def test_other_distances(text: str, day: str) -> None:
    assert day_ago(text, CAPTURED) == day


@pytest.mark.parametrize(
    "text",
    ["3 min read", "90 days ago", "2 weeks ago", "3 comments", "ago", "24 hours", "3 days", "long ago",
     "What the mayor said yesterday about the harbour",
     "The ferry came back 3 days ago, said those who had waited for it all winter long"],
)  # fmt: skip
def test_what_tells_no_day(text: str) -> None:
    assert day_ago(text, CAPTURED) is None
