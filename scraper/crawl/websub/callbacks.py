"""What hubs send to our callbacks, and what they are answered: W3C WebSub, sections 5.3 and 7.

The path of a callback is the secret by which a hub is known; a notification has to be signed besides. None is trusted
further than that its topic is worth a look now.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal
from urllib.parse import parse_qsl

from scraper.crawl.websub.leases import DENIED_FOR, lease_of, renewed_after
from scraper.crawl.websub.server import Request, Response
from scraper.crawl.websub.signatures import SignatureCheck
from scraper.store import Archive, Subscription

_ANSWERS_FOR = timedelta(days=1)
"""For how long after it was asked a hub may come back to it; more than once, as its first answer may be lost."""
_LONGEST_CHALLENGE = 4096
_MOST_FIELDS = 32
_NOT_FOUND, _GONE, _ACCEPTED = Response(404), Response(410), Response(204)

EventKind = Literal[
    "listening", "subscribed", "unsubscribed", "denied", "failed", "notified", "rejected", "crawled", "error"
]


@dataclass(frozen=True, slots=True)
class HubEvent:
    """Something that happened while listening."""

    kind: EventKind
    topic: str = ""
    hub: str = ""
    detail: str = ""


Report = Callable[[HubEvent], None]


class Callbacks:
    """Answers hubs. `news` is called when something is due; `changed` when a subscription's state is another."""

    def __init__(
        self,
        archive: Archive,
        *,
        lease: timedelta,
        report: Report,
        news: Callable[[], None] = lambda: None,
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        self._archive = archive
        self._records = archive.websub()
        self._lease = lease
        self._report = report
        self._news = news
        self._changed = changed
        self._told_of: set[int] = set()

    async def __call__(self, request: Request) -> Response:
        """Raises ArchiveError, and what the body of a request raises."""
        subscription = self._records.by_token(request.path.rpartition("/")[2])
        match request.method:
            case "GET":
                return _NOT_FOUND if subscription is None else self._verify(subscription, _fields(request.query))
            case "POST":
                return _GONE if subscription is None else await self._take(subscription, request)
        return Response(405, headers=(("Allow", "GET, POST"),))

    # --- Verification of intent ---

    def _verify(self, subscription: Subscription, said: dict[str, str]) -> Response:
        if said.get("hub.topic") != subscription.topic.url:
            return _NOT_FOUND
        mode, challenge = said.get("hub.mode"), said.get("hub.challenge", "")
        if mode == "denied":
            self._deny(subscription, said.get("hub.reason", ""))
            return Response(200)
        if not self._is_awaited(subscription, mode) or not 0 < len(challenge) <= _LONGEST_CHALLENGE:
            return _NOT_FOUND
        if mode == "unsubscribe":
            self._records.end(subscription)
            self._tell("unsubscribed", subscription)
        else:
            now = self._archive.now()
            lease = lease_of(said.get("hub.lease_seconds"), self._lease)
            was = subscription.state
            self._records.note_active(subscription, lease_ends_at=now + lease, next_at=now + renewed_after(lease))
            if was != "active":
                self._tell("subscribed", subscription)
        self._changed()
        # As plain text: whatever it holds, no browser is to take it for a page.
        plain = (("Content-Type", "text/plain"), ("X-Content-Type-Options", "nosniff"))
        return Response(200, challenge.encode("utf-8", "surrogateescape"), plain)

    def _is_awaited(self, subscription: Subscription, mode: str | None) -> bool:
        """Whether it is what the hub was asked for, lately, and what is still wanted."""
        wanted = "unsubscribe" if subscription.state == "leaving" else "subscribe"
        asked_at = subscription.asked_at
        return (
            mode == subscription.asked == wanted
            and asked_at is not None
            and self._archive.now() - asked_at <= _ANSWERS_FOR
        )

    def _deny(self, subscription: Subscription, reason: str) -> None:
        if subscription.state == "leaving":
            self._records.end(subscription)
        else:
            reason = " ".join(reason.split())[:300]
            self._records.note_denied(subscription, reason, next_at=self._archive.now() + DENIED_FOR)
            self._tell("denied", subscription, reason)
        self._changed()

    # --- Notifications ---

    async def _take(self, subscription: Subscription, request: Request) -> Response:
        check = SignatureCheck(request.values("x-hub-signature"), subscription.secret)
        async for chunk in request.body:
            check.feed(chunk)
        if subscription.state == "leaving":
            return _ACCEPTED
        if not check.is_right:
            # Answered like any other, as the protocol wants it: nobody is to learn by trying.
            self._records.note_rejected(subscription)
            if subscription.id not in self._told_of:
                self._told_of.add(subscription.id)
                self._tell("rejected", subscription)
            return _ACCEPTED
        if self._records.note_notified(subscription):
            self._tell("notified", subscription)
            self._news()
        return _ACCEPTED

    def _tell(self, kind: EventKind, subscription: Subscription, detail: str = "") -> None:
        self._report(HubEvent(kind, subscription.topic.url, subscription.topic.hub, detail))


def _fields(query: str) -> dict[str, str]:
    """The fields of a query, the first of each name; none where there are too many of them."""
    try:
        # What is no UTF-8 in a challenge goes back as it came.
        pairs = parse_qsl(query, keep_blank_values=True, errors="surrogateescape", max_num_fields=_MOST_FIELDS)
    except ValueError:
        return {}
    fields: dict[str, str] = {}
    for name, value in pairs:
        fields.setdefault(name, value)
    return fields
