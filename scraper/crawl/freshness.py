"""Asking a server whether a page changed, and noticing when its answer is wrong."""

from __future__ import annotations

from datetime import datetime, timedelta

from scraper.capture import Capture
from scraper.store import Validators

MOST_CHECKS = 5
"""Times in a row that a server is believed that nothing changed; then the page is fetched whole, to see."""
UNPROVEN_CHECKS = 1
"""The same for a server that was never seen to notice a change: some say "unchanged" whatever they are asked."""
LONGEST_TRUST = timedelta(days=7)


def conditional_headers(known: Validators | None, now: datetime) -> dict[str, str]:
    """The headers that let a server answer "unchanged"; none when the page is to be fetched whole."""
    if known is None or now - known.fetched_at > LONGEST_TRUST:
        return {}
    if known.checks >= (MOST_CHECKS if known.is_proven else UNPROVEN_CHECKS):
        return {}
    headers = {}
    if known.etag is not None:
        headers["If-None-Match"] = known.etag
    if known.last_modified is not None:
        headers["If-Modified-Since"] = known.last_modified
    return headers


def says_unchanged(known: Validators, capture: Capture) -> bool:
    """Whether a whole answer bears the same validators as the one before."""
    etag = capture.header("etag")
    if known.etag is not None or etag is not None:
        return known.etag == (etag or "").strip()
    return known.last_modified is not None and known.last_modified == (capture.header("last-modified") or "").strip()
