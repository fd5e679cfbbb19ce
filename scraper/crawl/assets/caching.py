"""Whether what an address answered still holds without asking, and how its server is asked otherwise (RFC 9111)."""

from __future__ import annotations

from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

from scraper.capture import Headers
from scraper.fetch.headers import values
from scraper.store import KnownAsset

SOON = timedelta(hours=1)
"""Within this an address is not asked again, whatever it said: pages that are archived together are one visit."""
LONGEST = timedelta(days=30)
"""After this it is asked again, and for the whole of it, whatever it said: some promise that nothing ever changes."""
_LONGEST_GUESS = timedelta(days=1)
_UNTIL_ANOTHER_TRY = timedelta(hours=1)
"""After a failure."""


def holds(known: KnownAsset, now: datetime) -> bool:
    """Whether the last answer is as good as asking again: a body that is fresh, or a failure of just now."""
    asset = known.asset
    age = now - asset.fetched_at
    if age < timedelta(0):
        return False  # by a clock that has been set back since
    if not asset.is_held:
        # Without failure, its body was let go.
        return (asset.error is not None or (asset.status or 0) >= 400) and age < _UNTIL_ANOTHER_TRY
    return age < min(LONGEST, max(SOON, _lifetime(known.headers, asset.fetched_at)))


def conditions(known: KnownAsset | None, now: datetime) -> dict[str, str]:
    """The headers that let a server answer "unchanged"; none when there is nothing that it would be unchanged from."""
    if known is None or known.whole is None or not timedelta(0) <= now - known.whole.fetched_at < LONGEST:
        return {}
    headers = {}
    if known.etag is not None:
        headers["If-None-Match"] = known.etag
    if known.last_modified is not None:
        headers["If-Modified-Since"] = known.last_modified
    return headers


def _lifetime(headers: Headers, fetched_at: datetime) -> timedelta:
    """How long after its fetch an answer is fresh (section 4.2)."""
    fields = tuple((name.lower(), value) for name, value in headers)
    directives = {
        name.strip().lower(): value.strip().strip('"')
        for line in values(fields, "cache-control")
        for name, _, value in (part.partition("=") for part in line.split(","))
    }
    if "no-store" in directives or "no-cache" in directives:
        return timedelta(0)
    age = _seconds(next(iter(values(fields, "age")), "")) or 0
    stated = _seconds(directives.get("max-age", ""))
    if stated is not None:
        return timedelta(seconds=stated - age)
    said = _moment(fields, "date") or fetched_at
    if values(fields, "expires"):
        expires = _moment(fields, "expires")  # what is no date is past (section 5.3)
        return timedelta(0) if expires is None else expires - said
    modified = _moment(fields, "last-modified")
    if modified is None:
        return timedelta(0)
    return min(_LONGEST_GUESS, (said - modified) / 10)


def _seconds(text: str) -> int | None:
    text = text.strip()
    return min(int(text), 10**9) if text.isascii() and text.isdigit() and len(text) < 20 else None


def _moment(fields: Headers, name: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(next(iter(values(fields, name)), ""))
    except (ValueError, TypeError, OverflowError):
        return None
    return moment if moment.tzinfo is not None else None
