"""WebSub: which hubs feeds name, what was asked of hubs, and the sources that they told news of.

The protocol itself is in `scraper.crawl.websub`. A hub's word only ever makes a source due; nothing it sends is stored.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from scraper.store import jobs
from scraper.store.connection import Connection
from scraper.store.values import clean, from_utc_text, moment_of, text_of

Mode = Literal["subscribe", "unsubscribe"]
SubscriptionState = Literal["pending", "active", "denied", "leaving"]

_LISTENING = "jobs listen"
"""The command of the row in `runs` that keeps a second listener from an archive; it is there as long as the first."""

# Who runs a job by hand, or paused it, does not want a hub to run it: hence the conditions on `jobs` below.


@dataclass(frozen=True, slots=True, order=True)
class Topic:
    """What a hub tells news of: a feed by the address under which the hub knows it."""

    url: str
    hub: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """A row of `websub_subscriptions`."""

    id: int
    topic: Topic
    callback: str
    token: str
    secret: str
    state: SubscriptionState
    asked: Mode | None
    """What the hub was last asked for; None as long as it was not."""
    asked_at: datetime | None
    lease_ends_at: datetime | None
    next_at: datetime
    """When something is to be done about it."""
    tries: int
    """How often the hub was asked since it last verified."""
    error: str | None
    notifications: int
    rejected: int
    notified_at: datetime | None

    def __repr__(self) -> str:  # without token and secret
        return f"Subscription({self.topic.url!r} at {self.topic.hub!r}, {self.state})"


class WebSubRecords:
    """The records of one archive. Every method raises ArchiveError, those that write also ArchiveNotWritable."""

    def __init__(self, db: Connection) -> None:
        self._db = db

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Nobody else listens for this archive while the block runs. Raises AlreadyRunning when somebody does."""
        with self._db.transaction():
            lock = jobs.take_lock(self._db, _LISTENING, next_step="end that process first")
        try:
            yield
        finally:
            with self._db.transaction():
                jobs.release_lock(self._db, lock, _LISTENING)

    # --- Subscriptions ---

    def wanted(self) -> set[Topic]:
        """Topics of the feeds that jobs with a schedule look at, by what those feeds said last."""
        rows = self._db.rows(
            "SELECT DISTINCT topic, hub FROM source_hubs JOIN job_sources USING (source_id)"
            " JOIN jobs ON jobs.id = job_id WHERE schedule IS NOT NULL AND paused_at IS NULL"
        )
        return {Topic(row["topic"], row["hub"]) for row in rows}

    def subscriptions(self) -> list[Subscription]:
        """All of them, by topic."""
        return [_subscription(row) for row in self._db.rows("SELECT * FROM websub_subscriptions ORDER BY topic, hub")]

    def by_token(self, token: str) -> Subscription | None:
        """The one whose callback has this path; None for a path that nobody was told."""
        row = self._db.row("SELECT * FROM websub_subscriptions WHERE token = ?", (clean(token),))
        return None if row is None else _subscription(row)

    def add(self, topic: Topic, *, callback: str, token: str, secret: str) -> None:
        """Have a hub be asked to tell of a topic. One that is there already begins anew, at another callback."""
        with self._db.transaction():
            self._db.execute(
                "INSERT INTO websub_subscriptions (topic, hub, callback, token, secret, state, made_at, next_at)"
                " VALUES (?1, ?2, ?3, ?4, ?5, 'pending', ?6, ?6)"
                " ON CONFLICT (topic, hub) DO UPDATE SET callback = excluded.callback, token = excluded.token,"
                " secret = excluded.secret, state = 'pending', asked = NULL, asked_at = NULL, lease_ends_at = NULL,"
                " next_at = excluded.next_at, tries = 0, error = NULL",
                (topic.url, topic.hub, callback, token, secret, self._db.now()),
            )

    def note_asked(self, subscription: Subscription, mode: Mode, *, next_at: datetime) -> Subscription:
        """The hub is about to be asked; the subscription as it is now."""
        self._set(
            subscription,
            asked=mode,
            asked_at=self._db.now(),
            tries=subscription.tries + 1,
            error=None,
            next_at=text_of(next_at),
        )
        return self.by_token(subscription.token) or subscription

    def note_failed(self, subscription: Subscription, error: str, *, next_at: datetime) -> None:
        """The hub could not be asked, or refused; it is asked again at `next_at`."""
        self._set(subscription, error=clean(error), next_at=text_of(next_at))

    def note_active(self, subscription: Subscription, *, lease_ends_at: datetime, next_at: datetime) -> None:
        """The hub has verified that it was we who asked."""
        self._set(
            subscription,
            state="active",
            lease_ends_at=text_of(lease_ends_at),
            next_at=text_of(next_at),
            tries=0,
            error=None,
        )

    def note_denied(self, subscription: Subscription, reason: str, *, next_at: datetime) -> None:
        """The hub will not tell us of the topic, or no longer."""
        self._set(subscription, state="denied", error=clean(reason), lease_ends_at=None, next_at=text_of(next_at))

    def set_state(self, subscription: Subscription, state: SubscriptionState, *, next_at: datetime) -> None:
        """Something else is wanted of it from now on; what went wrong before counts no more."""
        self._set(subscription, state=state, next_at=text_of(next_at), tries=0, error=None)

    def end(self, subscription: Subscription) -> None:
        """Forget it, with its secret."""
        with self._db.transaction():
            self._db.execute("DELETE FROM websub_subscriptions WHERE id = ?", (subscription.id,))

    # --- Notifications ---

    def note_rejected(self, subscription: Subscription) -> None:
        """Something came that its hub has not signed."""
        with self._db.transaction():
            self._db.execute("UPDATE websub_subscriptions SET rejected = rejected + 1 WHERE id = ?", (subscription.id,))

    def note_notified(self, subscription: Subscription) -> bool:
        """The hub told of news: the sources with this topic are due at once. Whether any was not already."""
        now, topic = self._db.now(), subscription.topic
        which = (
            "source_id IN (SELECT source_id FROM source_hubs WHERE topic = :topic AND hub = :hub)"
            " AND job_id IN (SELECT id FROM jobs WHERE schedule IS NOT NULL AND paused_at IS NULL)"
        )
        values = {"now": now, "topic": topic.url, "hub": topic.hub, "id": subscription.id}
        with self._db.transaction():
            self._db.execute(
                "UPDATE websub_subscriptions SET notifications = notifications + 1, notified_at = :now WHERE id = :id",
                values,
            )
            asleep = self._db.row(f"SELECT 1 FROM job_sources WHERE woken_at IS NULL AND {which} LIMIT 1", values)  # noqa: S608
            # The later of several moments: a look that began before the last of them may have missed what it is about.
            self._db.execute(f"UPDATE job_sources SET woken_at = :now WHERE {which}", values)  # noqa: S608
        return asleep is not None

    def woken_jobs(self) -> set[int]:
        """Jobs with a source that a hub told news of and that was not looked at since."""
        rows = self._db.rows(
            "SELECT DISTINCT job_id FROM job_sources JOIN jobs ON jobs.id = job_id WHERE woken_at IS NOT NULL"
            " AND schedule IS NOT NULL AND paused_at IS NULL"
        )
        return {row[0] for row in rows}

    def _set(self, subscription: Subscription, **columns: Any) -> None:
        assigned = ", ".join(f"{name} = :{name}" for name in columns)
        with self._db.transaction():
            self._db.execute(
                f"UPDATE websub_subscriptions SET {assigned} WHERE id = :id",  # noqa: S608 - names of ours
                {**columns, "id": subscription.id},
            )


def note_hubs(db: Connection, source_id: int, topic: str, hubs: Sequence[str]) -> None:
    """Record which hubs a feed names now, and the address under which they know it. Call inside a transaction."""
    db.execute("DELETE FROM source_hubs WHERE source_id = ?", (source_id,))
    for hub in hubs:
        db.execute(
            "INSERT INTO source_hubs (source_id, hub, topic) VALUES (?, ?, ?) ON CONFLICT (source_id, hub) DO NOTHING",
            (source_id, clean(hub), clean(topic)),
        )


def forget_wakes(db: Connection, run_id: int) -> None:
    """At the end of a run: what it was woken for and did not come to waits for the schedule. In a transaction.

    A run passes sources over when their host is to be left alone, or when it has fetched all that it may; without this
    the job would be due again at once, and again. So it would be by what was told at a time still to come, before the
    clock was set back.
    """
    db.execute(
        "UPDATE job_sources SET woken_at = NULL"
        " WHERE (woken_at <= (SELECT started_at FROM runs WHERE id = ?1) OR woken_at > ?2)"
        " AND job_id = (SELECT job_id FROM runs WHERE id = ?1)",
        (run_id, db.now()),
    )


def _subscription(row: Any) -> Subscription:
    return Subscription(
        id=row["id"],
        topic=Topic(row["topic"], row["hub"]),
        callback=row["callback"],
        token=row["token"],
        secret=row["secret"],
        state=row["state"],
        asked=row["asked"],
        asked_at=moment_of(row["asked_at"]),
        lease_ends_at=moment_of(row["lease_ends_at"]),
        next_at=from_utc_text(row["next_at"]),
        tries=row["tries"],
        error=row["error"],
        notifications=row["notifications"],
        rejected=row["rejected"],
        notified_at=moment_of(row["notified_at"]),
    )
