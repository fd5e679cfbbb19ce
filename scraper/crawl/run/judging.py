"""What becomes of a page on the frontier after a fetch: whether it is done, when it is visited again, and why not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from scraper.article import READABLE, Verdict
from scraper.crawl.manners import PASSING_FAILURES, PASSING_STATUSES
from scraper.crawl.run.recrawl import RETRIES, WALL_RETRIES, next_visit, retry_at
from scraper.crawl.way import Outcome
from scraper.store import FrontierPage, Settlement
from scraper.urls import leads_home

GONE = frozenset({404, 410})
OTHER_LANGUAGE = "other_language"
"""Why an article is not followed that is in none of the languages that a job asks for."""
_LOOK_AGAIN = timedelta(days=1)
"""After which a page that is gone is asked for once more: some come back."""
_NEVER_AGAIN = frozenset({"not_a_url", "forbidden_address", "too_large", "redirects", "login"})
_WALLS: tuple[Verdict, ...] = ("consent", "blocked", "empty")


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a fetch of a page brought, as far as the frontier cares."""

    capture_id: int | None
    status: int | None
    final_url: str
    failure: str | None
    """Its code."""
    verdict: Verdict | None
    page_type: str | None
    published_at: str | None = None
    changed: bool = False

    @classmethod
    def of(cls, outcome: Outcome) -> Result:
        capture, article = outcome.capture, outcome.article
        return cls(
            capture_id=capture.id if capture else None,
            status=capture.status if capture else None,
            final_url=capture.final_url if capture else outcome.url,
            failure=outcome.failure.code if outcome.failure else None,
            verdict=article.verdict if article else None,
            page_type=article.page_type if article else None,
            published_at=article.published_at if article else None,
            changed=outcome.state == "changed",
        )


def settlement_of(result: Result, page: FrontierPage, *, delays: Sequence[timedelta], now: datetime) -> Settlement:
    """What the frontier is to say of `page`, and when it is to be fetched again; `delays` as in a job's `recrawl`."""
    capture_id = result.capture_id
    failures = page.attempts + 1
    if result.status in GONE or leads_home(page.url, result.final_url):
        reason = f"http_{result.status}" if result.status in GONE else "redirected_home"
        again = now + _LOOK_AGAIN if failures == 1 else None
        return Settlement(state="gone", reason=reason, next_at=again, succeeded=False, capture_id=capture_id)
    if result.failure == "robots_denied":
        return Settlement(state="skipped", reason="robots_denied", succeeded=False, capture_id=capture_id)
    if result.verdict in READABLE and (result.status or 200) < 400:
        first = min(page.first_visited_at or now, now)  # later, if the clock was set back since
        again = next_visit(
            delays,
            now=now,
            first_visited_at=first,
            published_at=_moment(result.published_at) or page.published_at,
            changed=result.changed and page.visits > 0,
        )
        return Settlement(state="done", next_at=again, changed=result.changed, capture_id=capture_id)
    if result.verdict == "not_article":
        reason = f"not_article: {result.page_type}" if result.page_type else "not_article"
        return Settlement(state="skipped", reason=reason, capture_id=capture_id)
    if result.verdict in _WALLS:
        again = retry_at(failures, now, delays=WALL_RETRIES)
        return Settlement(state="failed", reason=result.verdict, next_at=again, succeeded=False, capture_id=capture_id)
    passing = result.failure in PASSING_FAILURES or result.status in PASSING_STATUSES
    delays_between = RETRIES if passing else WALL_RETRIES
    again = None if result.failure in _NEVER_AGAIN else retry_at(failures, now, delays=delays_between)
    return Settlement(
        state="failed", reason=result.failure or "unread", next_at=again, succeeded=False, capture_id=capture_id
    )


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
