"""Keeping subscriptions what they are to be: new ones made, leases renewed, those that nobody wants ended."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Collection
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from itertools import groupby

from scraper.crawl.websub.callbacks import EventKind, HubEvent, Report
from scraper.crawl.websub.hubs import ask_hub
from scraper.crawl.websub.leases import DENIED_FOR, VERIFIED_WITHIN, pause_after
from scraper.fetch import Fetcher
from scraper.store import Archive, Subscription, Topic
from scraper.store.websub import Mode
from scraper.urls import host_of

_HUBS_AT_ONCE = 4
_MOST_FAREWELLS = 3
"""Times that a hub is asked to end a subscription; then that is left to the end of its lease."""
_TOKEN, _SECRET = 24, 32
"""Random bytes."""


class Upkeep:
    """Asks hubs for what is wanted. `round` is called again and again; it does what is due."""

    def __init__(
        self,
        archive: Archive,
        *,
        callback: str,
        lease: timedelta,
        pause: float,
        web: Callable[[], AbstractAsyncContextManager[Fetcher]],
        report: Report,
    ) -> None:
        """`callback` is what all callbacks begin with; `pause` the seconds between two requests to one hub."""
        self._archive = archive
        self._records = archive.websub()
        self._callback = callback
        self._lease = lease
        self._pause = pause
        self._web = web
        self._report = report

    async def round(self, *, stopping: bool = False) -> datetime | None:
        """Do what is due, and when the next thing will be; None when there is nothing. Raises ArchiveError.

        With `stopping` nothing is wanted any more.
        """
        self._compare(set() if stopping else self._records.wanted())
        now = self._archive.now()
        due = [one for one in self._records.subscriptions() if one.next_at <= now]
        if due:
            async with self._web() as web:
                await self._ask_all(web, due)
        return min((one.next_at for one in self._records.subscriptions()), default=None)

    def abandon(self) -> int:
        """Forget those that hubs have not ended; how many. Their leases end by themselves."""
        left = self._records.subscriptions()
        for subscription in left:
            self._records.end(subscription)
        return len(left)

    def _compare(self, wanted: Collection[Topic]) -> None:
        """Have what is there become what is wanted."""
        now = self._archive.now()
        known = set()
        for one in self._records.subscriptions():
            known.add(one.topic)
            if one.topic not in wanted:
                self._let_go(one, now)
            elif not one.callback.startswith(self._callback):
                self._begin(one.topic)  # hubs no longer reach us where they were told to; there, the lease runs out
            elif one.state == "leaving":
                self._records.set_state(one, "pending", next_at=now)
            elif one.state == "active" and one.lease_ends_at is not None and one.lease_ends_at <= now:
                self._records.set_state(one, "pending", next_at=now)
                self._tell("failed", one, "the lease has ended, and was not renewed")
        for topic in sorted(set(wanted) - known):
            self._begin(topic)

    def _begin(self, topic: Topic) -> None:
        token = secrets.token_urlsafe(_TOKEN)
        self._records.add(topic, callback=self._callback + token, token=token, secret=secrets.token_urlsafe(_SECRET))

    def _let_go(self, subscription: Subscription, now: datetime) -> None:
        if subscription.state == "denied" or subscription.asked is None:
            self._records.end(subscription)
        elif subscription.state != "leaving":
            self._records.set_state(subscription, "leaving", next_at=now)

    # --- Asking ---

    async def _ask_all(self, web: Fetcher, due: list[Subscription]) -> None:
        """Several hubs side by side, and each of them for one thing after the other."""
        places = asyncio.Semaphore(_HUBS_AT_ONCE)

        async def ask_one_hub(subscriptions: list[Subscription]) -> None:
            async with places:
                for number, subscription in enumerate(subscriptions):
                    if number:
                        await asyncio.sleep(self._pause)
                    await self._ask(web, subscription)

        def host(subscription: Subscription) -> str:
            return host_of(subscription.topic.hub)

        hubs = [list(of_one) for _, of_one in groupby(sorted(due, key=host), key=host)]
        await asyncio.gather(*map(ask_one_hub, hubs))

    async def _ask(self, web: Fetcher, subscription: Subscription) -> None:
        if subscription.state == "leaving" and subscription.tries >= _MOST_FAREWELLS:
            self._records.end(subscription)
            self._tell("unsubscribed", subscription, "the hub did not answer")
            return
        if subscription.tries and subscription.error is None:
            self._tell("failed", subscription, "the hub took the request, and did not come back to it")
        mode: Mode = "unsubscribe" if subscription.state == "leaving" else "subscribe"
        pause = DENIED_FOR if subscription.state == "denied" else pause_after(subscription.tries + 1)
        now = self._archive.now()
        # Before it is asked: some hubs verify at once, before they answer.
        before = self._records.note_asked(subscription, mode, next_at=now + max(pause, VERIFIED_WITHIN))
        error = await ask_hub(web, subscription, mode, self._lease)
        after = self._records.by_token(subscription.token)
        # Where another time was set meanwhile it has verified, whatever its answer was.
        if error is not None and after is not None and after.next_at == before.next_at:
            self._records.note_failed(subscription, error, next_at=now + pause)
            self._tell("failed", subscription, error)

    def _tell(self, kind: EventKind, subscription: Subscription, detail: str = "") -> None:
        self._report(HubEvent(kind, subscription.topic.url, subscription.topic.hub, detail))
