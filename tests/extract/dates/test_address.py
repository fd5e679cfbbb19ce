"""Days and months named by an address."""

from __future__ import annotations

import pytest

from scraper.extract.dates.address import day_in_url, month_in_url


@pytest.mark.parametrize(
    ("path", "day"),
    [
        ("/2024/05/03/ferry", "2024-05-03"),
        ("/news/2024/5/3", "2024-05-03"),
        ("/2024/may/03/ferry", "2024-05-03"),
        ("/2023/october/03/wine/", "2023-10-03"),
        ("/news/2024-05-03-ferry", "2024-05-03"),
        ("/news/ferry-2024-05-03", "2024-05-03"),
        ("/20240503/ferry.html", "2024-05-03"),
        ("/world/20240503-OYT1T50218/", "2024-05-03"),
        ("/t20240503_123.html", "2024-05-03"),
        ("/2024/05/ferry", None),
        ("/2024/13/03/ferry", None),
        ("/2024/02/31/ferry", None),
        ("/2024/soon/03/ferry", None),
        ("/id/120240503", None),
        ("/v1.20240503", None),
        ("/1889/05/03/", None),
        ("/", None),
    ],
)
def test_the_day_in_a_path(path: str, day: str | None) -> None:
    assert day_in_url(f"https://www.gazette.example{path}") == day


def test_the_month_in_a_path() -> None:
    assert month_in_url("https://www.gazette.example/2024/05/ferry") == "2024-05"
    assert month_in_url("https://www.gazette.example/2024/ferry") is None
    assert month_in_url(None) is None
    assert day_in_url(None) is None
