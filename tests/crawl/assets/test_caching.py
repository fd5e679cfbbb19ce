"""When an answer still holds, and how its server is asked otherwise."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from scraper.capture import Headers
from scraper.crawl.assets.caching import conditions, holds
from scraper.store import KnownAsset, StoredAsset

AT = datetime(2024, 7, 23, 10, 0, tzinfo=UTC)
DATE = ("Date", "Tue, 23 Jul 2024 10:00:00 GMT")


def known(
    *headers: tuple[str, str], status: int | None = 200, error: str | None = None, held: bool = True, **more: str
):
    fields: Headers = headers
    asset = StoredAsset(
        id=1, url="u", final_url="u", fetched_at=AT, status=status, error=error, error_message=None,
        content_type=None, sha256="0" * 64 if held else None, size=1, is_held=held,
    )  # fmt: skip
    return KnownAsset(
        asset=asset,
        headers=fields,
        whole=asset if held else None,
        etag=more.get("etag"),
        last_modified=more.get("modified"),
    )


@pytest.mark.parametrize(
    ("headers", "hours"),
    [
        ([], 1),
        ([("Cache-Control", "public, max-age=7200")], 2),
        ([("cache-control", 'MAX-AGE="7200"')], 2),
        ([("Cache-Control", "max-age=7200"), ("Age", "1800")], 1.5),
        ([("Cache-Control", "max-age=7200"), ("Expires", "Tue, 23 Jul 2024 20:00:00 GMT"), DATE], 2),
        ([("Cache-Control", "max-age=99999999999999999999, immutable")], 1),
        ([("Cache-Control", "max-age=31536000, immutable")], 30 * 24),
        ([("Cache-Control", "no-cache, max-age=7200")], 1),
        ([("Cache-Control", "no-store")], 1),
        ([("Cache-Control", "max-age=-1")], 1),
        ([("Expires", "Tue, 23 Jul 2024 15:00:00 GMT"), DATE], 5),
        ([("Expires", "Tue, 23 Jul 2024 15:00:00 GMT")], 5),
        ([("Expires", "0"), DATE], 1),
        ([("Last-Modified", "Mon, 22 Jul 2024 14:00:00 GMT"), DATE], 2),
        ([("Last-Modified", "Sat, 01 Jan 2000 00:00:00 GMT"), DATE], 24),
        ([("Last-Modified", "Sat, 01 Jan 2050 00:00:00 GMT"), DATE], 1),
        ([("Last-Modified", "yesterday"), DATE], 1),
    ],
)
def test_how_long_an_answer_holds(headers: list[tuple[str, str]], hours: float) -> None:
    asset = known(*headers)
    span = timedelta(hours=hours)
    assert holds(asset, AT + span - timedelta(seconds=1))
    assert not holds(asset, AT + span)
    assert not holds(asset, AT - timedelta(seconds=1))


def test_a_failure_is_not_tried_again_at_once() -> None:
    for failed in (known(status=404, held=False), known(status=None, error="dns", held=False)):
        assert holds(failed, AT + timedelta(minutes=59))
        assert not holds(failed, AT + timedelta(hours=1))
    assert not holds(known(("Cache-Control", "max-age=7200"), held=False), AT), "its body was let go"


def test_what_the_server_is_asked_with() -> None:
    asset = known(etag='"a"', modified="Tue, 23 Jul 2024 10:00:00 GMT")
    assert conditions(asset, AT + timedelta(days=2)) == {
        "If-None-Match": '"a"',
        "If-Modified-Since": "Tue, 23 Jul 2024 10:00:00 GMT",
    }
    assert conditions(asset, AT + timedelta(days=30)) == {}
    assert conditions(known(), AT) == conditions(known(etag='"a"', held=False), AT) == conditions(None, AT) == {}
