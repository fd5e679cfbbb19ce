"""When a hub is asked again: before a lease ends, and after it did not do what it was asked for."""

from __future__ import annotations

from datetime import timedelta

SHORTEST_LEASE, LONGEST_LEASE = timedelta(minutes=10), timedelta(days=365)
"""Between these what a hub grants is believed: one that grants seconds is not asked every few seconds."""
DENIED_FOR = timedelta(days=7)
"""Until a hub that said no is asked again."""
VERIFIED_WITHIN = timedelta(minutes=15)
"""What a hub that took a request has to come back to it."""
_EARLIEST = timedelta(days=2)
_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(minutes=5), timedelta(hours=12)


def lease_of(said: str | None, asked: timedelta) -> timedelta:
    """What a hub grants, `hub.lease_seconds`; what it was asked for where it does not say, as older hubs do not."""
    text = (said or "").strip()
    granted = timedelta(seconds=int(text)) if text.isascii() and text.isdigit() and 0 < len(text) < 10 else asked
    return min(max(granted, SHORTEST_LEASE), LONGEST_LEASE)


def renewed_after(lease: timedelta) -> timedelta:
    """How long after it was granted a lease is renewed: early enough for several tries."""
    return lease - min(lease / 4, _EARLIEST)


def pause_after(tries: int) -> timedelta:
    """Until a hub is asked again that was asked so often in vain."""
    return min(_FIRST_PAUSE * (1 << min(max(tries - 1, 0), 16)), _LONGEST_PAUSE)
