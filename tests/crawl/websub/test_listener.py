"""Subscriptions: made, verified, renewed and ended, with a hub on a real server, on a moved clock."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from scraper.crawl import CrawlSummary, ExtractionPool, crawl
from scraper.crawl.jobs import (
    FileJobs,
    Given,
    add_job,
    claim_job,
    due_jobs,
    finish_job_run,
    job_of,
    load_job,
    pause_job,
    remove_job,
    resume_job,
)
from scraper.crawl.websub import HubEvent, Listening, listen, stop_listening
from scraper.errors import AlreadyRunning, UsageError
from scraper.settings import FetchSettings
from scraper.store import Archive, Subscription
from tests.crawl.test_crawl import Clock, Outlet
from tests.crawl.test_pipeline import settings
from tests.crawl.websub.hub import CALLBACK, Hub
from tests.http_server import HttpServer

HOST = "http://outlet.example"
TOPIC = f"{HOST}/feed.xml"
HUB = "http://hub.example/hub"
NO_FILE = FileJobs(Path("/nowhere/scrape.toml"))
PATIENCE = 10.0
"""Seconds after which what is waited for will not come."""


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def archive(tmp_path: Path, clock: Clock) -> Iterator[Archive]:
    with Archive.open(tmp_path / "archive.db", write=True, clock=clock) as opened:
        yield opened


@pytest.fixture
def hub(server: HttpServer) -> Hub:
    return Hub(server)


class HubOutlet(Outlet):
    """An outlet whose feed names a hub, as its own words or in Link headers."""

    hubs: tuple[str, ...] = (HUB,)
    headers: tuple[tuple[str, str], ...] = ()
    self_url = TOPIC

    def list(self) -> None:
        super().list()
        body = self.server._answers["/feed.xml"].body.decode()  # type: ignore[union-attr]
        links = "".join(f'<atom:link rel="hub" href="{hub}"/>' for hub in self.hubs)
        links += f'<atom:link rel="self" href="{self.self_url}"/>'
        body = body.replace("<channel>", f'<channel xmlns:atom="http://www.w3.org/2005/Atom">{links}')
        self.server.page("/feed.xml", body, type="application/rss+xml", headers=self.headers)


@pytest.fixture
def outlet(server: HttpServer, clock: Clock) -> HubOutlet:
    outlet = HubOutlet(server, clock)
    outlet.publish("ferry", "The ferry is late", ago=timedelta(hours=2))
    return outlet


def job(archive: Archive, name: str = "outlet", **more: Any) -> None:
    given = {"feed": TOPIC, "every": "1h", **more}
    add_job(archive, job_of(name, Given(given, where=str), origin="command"), NO_FILE)


def run_due(archive: Archive, server: HttpServer, pool: ExtractionPool) -> list[tuple[str, CrawlSummary]]:
    """As `scrape crawl --due` does."""
    ran = []
    for due in due_jobs(archive):
        run_id = claim_job(archive, due)
        going = crawl(due, archive=archive, settings=settings(server), pool=pool, run_id=run_id)
        summary = asyncio.run(going)
        finish_job_run(archive, run_id, "done", summary.as_dict())
        ran.append((due.name, summary))
    return ran


def known(archive: Archive, hub: str = HUB) -> None:
    """A job whose feed was looked at and names the hub; quicker than a crawl."""
    job(archive)
    stored = load_job(archive, "outlet")
    assert stored.id is not None
    run_id = claim_job(archive, stored)
    queue = archive.crawl_queue(job_id=stored.id, run_id=run_id, owner="host:1:x")
    queue.add_source(TOPIC, "feed")
    source = queue.take_source("outlet.example")
    assert source is not None
    queue.note_hubs(source, TOPIC, [hub])
    queue.leave_source(source)
    finish_job_run(archive, run_id, "done", {})


class Listener:
    """What is told while somebody listens."""

    def __init__(self, archive: Archive, hub: Hub) -> None:
        self.archive = archive
        self.hub = hub
        self.events: list[HubEvent] = []

    def tell(self, event: HubEvent) -> None:
        self.events.append(event)
        if event.kind == "listening":
            self.hub.port = int(event.detail.rpartition(" ")[2])

    def told(self, kind: str) -> list[str]:
        return [event.detail for event in self.events if event.kind == kind]

    @property
    def subscription(self) -> Subscription:
        [subscription] = self.archive.websub().subscriptions()
        return subscription

    async def until(self, condition: Callable[[], object]) -> None:
        async with asyncio.timeout(PATIENCE):
            while not condition():  # noqa: ASYNC110 - of another thread, mostly
                await asyncio.sleep(0.01)

    async def until_state(self, state: str) -> Subscription:
        await self.until(lambda: any(one.state == state for one in self.archive.websub().subscriptions()))
        return self.subscription


LISTENING = Listening(callback=CALLBACK, host="127.0.0.1", port=0, look=0.02, gather=0.02, pace=0.02, farewell=0.5)


def quick(server: HttpServer) -> FetchSettings:
    return settings(server)


@asynccontextmanager
async def listening(archive: Archive, hub: Hub, server: HttpServer, **more: Any) -> AsyncIterator[Listener]:
    listener = Listener(archive, hub)
    task = asyncio.create_task(listen(archive, LISTENING, quick(server), report=listener.tell, **more))
    try:
        async with asyncio.timeout(PATIENCE):
            while not listener.events and not task.done():  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        if task.done():
            await task
        yield listener
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def play(scene: Coroutine[Any, Any, None]) -> None:
    async def within() -> None:
        async with asyncio.timeout(3 * PATIENCE):
            await scene

    asyncio.run(within())


# --- What there is to subscribe to ---


def test_hubs_are_those_that_feeds_of_scheduled_jobs_name(
    archive: Archive, server: HttpServer, pool: ExtractionPool, outlet: HubOutlet, clock: Clock
) -> None:
    job(archive)
    run_due(archive, server, pool)
    assert {(topic.url, topic.hub) for topic in archive.websub().wanted()} == {(TOPIC, HUB)}
    pause_job(archive, "outlet")
    assert not archive.websub().wanted()
    resume_job(archive, "outlet")
    assert archive.websub().wanted()

    # Another body, that names three others of which one is no address, and headers which come before what it says.
    outlet.hubs = ("http://new.example/hub", "mailto:hub@new.example", "http://second.example/hub")
    outlet.publish("quay", "The quay is closed")
    clock.ahead += timedelta(hours=2)
    run_due(archive, server, pool)
    assert {topic.hub for topic in archive.websub().wanted()} == {"http://new.example/hub", "http://second.example/hub"}
    outlet.headers = (
        ("Link", '<http://h.example/hub>; rel="hub", </other.xml>; rel=self'),
        ("Link", "<http://x>; a=b"),
    )
    outlet.publish("mole", "The mole is broken")
    clock.ahead += timedelta(hours=2)
    run_due(archive, server, pool)
    assert {(t.url, t.hub) for t in archive.websub().wanted()} == {(f"{HOST}/other.xml", "http://h.example/hub")}

    remove_job(archive, "outlet", NO_FILE)
    assert not archive.websub().wanted()


def test_a_job_that_is_run_by_hand_is_left_to_that(archive: Archive, clock: Clock) -> None:
    known(archive)
    archive.change_job(
        load_job(archive, "outlet").id or 0, **replace(load_job(archive, "outlet"), schedule=None).columns()
    )
    assert not archive.websub().wanted()


# --- Verification of intent ---


def test_a_subscription_is_made_and_verified(archive: Archive, server: HttpServer, hub: Hub, clock: Clock) -> None:
    known(archive)

    async def scene() -> None:
        async with listening(archive, hub, server) as listener:
            active = await listener.until_state("active")
            [form] = hub.asked
            assert form["hub.mode"] == "subscribe"
            assert form["hub.topic"] == TOPIC
            assert form["hub.lease_seconds"] == str(7 * 86_400)
            assert form["hub.callback"] == CALLBACK + active.token
            assert form["hub.secret"] == active.secret
            assert len(active.token) >= 30
            assert 30 <= len(active.secret) < 200
            await listener.until(lambda: hub.answers)
            assert hub.answers == [(200, "challenge 0 é/&".encode())]
            assert active.lease_ends_at is not None
            assert timedelta(days=6, hours=23) < active.lease_ends_at - clock() <= timedelta(days=7)
            assert listener.told("subscribed") == [""]
            assert active.secret not in repr(active)
            assert active.token not in repr(active)

    play(scene())


def test_a_hub_that_verifies_before_it_answers(archive: Archive, server: HttpServer, hub: Hub, clock: Clock) -> None:
    known(archive)
    hub.manner = "at once"

    async def scene() -> None:
        async with listening(archive, hub, server) as listener:
            active = await listener.until_state("active")
            await asyncio.sleep(0.1)
            assert listener.subscription == active
            assert len(hub.asked) == 1

    play(scene())


def test_only_what_was_asked_for_is_confirmed(archive: Archive, server: HttpServer, hub: Hub, clock: Clock) -> None:
    known(archive)
    hub.manner = "wrong"

    async def scene() -> None:
        async with listening(archive, hub, server) as listener:
            await listener.until(lambda: hub.answers)
            assert hub.answers == [(404, b"")]
            callback = listener.subscription.callback
            good = {"hub.mode": "subscribe", "hub.topic": TOPIC, "hub.challenge": "x", "hub.lease_seconds": "9"}
            for url, said in [
                (callback[:-1], good),
                (CALLBACK, good),
                (callback, good | {"hub.topic": ""}),
                (callback, good | {"hub.mode": "unsubscribe"}),
                (callback, good | {"hub.mode": "publish"}),
                (callback, good | {"hub.challenge": ""}),
                (callback, good | {"hub.challenge": "x" * 5000}),
                (callback, {f"field{n}": "" for n in range(50)} | good),
                (callback, {}),
            ]:
                assert (await asyncio.to_thread(hub.get, url, said))[0] == 404, said
            assert listener.subscription.state == "pending"
            # Nobody comes back to it for days: then it is too late.
            archive.websub().note_asked(listener.subscription, "subscribe", next_at=clock() + timedelta(days=9))
            clock.ahead += timedelta(days=2)
            assert (await asyncio.to_thread(hub.get, callback, good))[0] == 404
            archive.websub().note_asked(listener.subscription, "subscribe", next_at=clock() + timedelta(days=9))
            assert await asyncio.to_thread(hub.get, callback, good) == (200, b"x")
            # Twice, as when the first answer did not arrive.
            assert await asyncio.to_thread(hub.get, callback, good) == (200, b"x")
            lease = listener.subscription.lease_ends_at
            assert lease is not None
            # Nine seconds are not believed: that would be to ask every few seconds.
            assert lease - clock() > timedelta(minutes=9)

    play(scene())


def test_a_hub_that_says_no_is_asked_again_a_week_later(
    archive: Archive, server: HttpServer, hub: Hub, clock: Clock
) -> None:
    known(archive)
    hub.manner = "deny"

    async def scene() -> None:
        async with listening(archive, hub, server) as listener:
            denied = await listener.until_state("denied")
            assert denied.error == "for members only"
            assert listener.told("denied") == ["for members only"]
            clock.ahead += timedelta(days=6)
            await asyncio.sleep(0.1)
            assert len(hub.asked) == 1
            hub.manner = "verify"
            clock.ahead += timedelta(days=2)
            assert (await listener.until_state("active")).error is None
            # It may say no at any time.
            said = {"hub.mode": "denied", "hub.topic": TOPIC}
            assert (await asyncio.to_thread(hub.get, listener.subscription.callback, said))[0] == 200
            assert listener.subscription.state == "denied"

    play(scene())


# --- Leases ---


def test_a_lease_is_renewed_before_it_ends(archive: Archive, server: HttpServer, hub: Hub, clock: Clock) -> None:
    known(archive)
    hub.lease = 86_400

    async def scene() -> None:
        async with listening(archive, hub, server) as listener:
            before = await listener.until_state("active")
            clock.ahead += timedelta(hours=17)
            await asyncio.sleep(0.1)
            assert len(hub.asked) == 1
            clock.ahead += timedelta(hours=2)
            await listener.until(lambda: listener.subscription.lease_ends_at != before.lease_ends_at)
            after = listener.subscription
            assert (after.state, after.token, after.secret) == ("active", before.token, before.secret)
            assert [form["hub.callback"] for form in hub.asked] == [before.callback] * 2
            assert listener.told("subscribed") == [""]  # a renewal is no news

            hub.manner = "silent"
            clock.ahead += timedelta(hours=19)
            await listener.until(lambda: len(hub.asked) == 3)
            for number, pause in enumerate([16, 16, 21, 41], start=4):  # minutes: it is asked less and less often
                clock.ahead += timedelta(minutes=pause)
                await listener.until(lambda number=number: len(hub.asked) == number)
            assert listener.subscription.state == "active"
            assert set(listener.told("failed")) == {"the hub took the request, and did not come back to it"}
            clock.ahead += timedelta(hours=5)
            await listener.until_state("pending")
            hub.manner = "verify"
            clock.ahead += timedelta(hours=13)
            assert (await listener.until_state("active")).tries == 0

    play(scene())


# --- The end ---


def test_what_no_job_wants_any_more_is_ended(archive: Archive, server: HttpServer, hub: Hub, clock: Clock) -> None:
    known(archive)

    async def scene() -> None:
        async with listening(archive, hub, server) as listener:
            callback = (await listener.until_state("active")).callback
            remove_job(archive, "outlet", NO_FILE)
            await listener.until(lambda: not archive.websub().subscriptions())
            assert [form["hub.mode"] for form in hub.asked] == ["subscribe", "unsubscribe"]
            await listener.until(lambda: len(hub.answers) == 2)
            assert hub.answers[1] == (200, "challenge 1 é/&".encode())
            assert await asyncio.to_thread(hub.notify, callback, b"late") == 410
            assert listener.told("unsubscribed") == [""]

    play(scene())


def test_stopping_ends_all_of_them(archive: Archive, server: HttpServer, hub: Hub, clock: Clock) -> None:
    known(archive)

    async def scene() -> None:
        async with listening(archive, hub, server) as listener:
            await listener.until_state("active")
        listener = Listener(archive, hub)
        # Where nobody tells the port, it is to be known.
        again = replace(LISTENING, port=hub.port)
        assert await stop_listening(archive, again, quick(server), report=listener.tell) == 0
        assert not archive.websub().subscriptions()
        await listener.until(lambda: not hub.callbacks)
        asked = len(hub.asked)
        assert await stop_listening(archive, again, quick(server), report=listener.tell) == 0
        assert len(hub.asked) == asked

    play(scene())


@pytest.mark.parametrize("manner", ["silent", "refuse"])
def test_stopping_waits_for_no_hub_for_ever(
    archive: Archive, server: HttpServer, hub: Hub, clock: Clock, manner: str
) -> None:
    known(archive)

    async def scene() -> None:
        async with listening(archive, hub, server) as listener:
            await listener.until_state("active")
        hub.manner = manner
        assert await stop_listening(archive, LISTENING, quick(server)) == 1
        assert not archive.websub().subscriptions()

    play(scene())


def test_another_callback_is_another_subscription(archive: Archive, server: HttpServer, hub: Hub, clock: Clock) -> None:
    known(archive)

    async def scene() -> None:
        async with listening(archive, hub, server) as listener:
            before = await listener.until_state("active")
        archive.websub().add(before.topic, callback="http://old.example/x", token="x", secret="y")
        async with listening(archive, hub, server) as listener:
            after = await listener.until_state("active")
            assert after.callback.startswith(CALLBACK)
            assert after.token not in (before.token, "x")

    play(scene())


# --- Hubs that are not where they were ---


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_the_request_goes_where_the_hub_has_gone(
    archive: Archive, server: HttpServer, hub: Hub, clock: Clock, status: int
) -> None:
    known(archive, "http://moved.example/was")
    server.redirect("/was", HUB, status=status)

    async def scene() -> None:
        async with listening(archive, hub, server) as listener:
            await listener.until_state("active")
            assert server.seen("/hub")[0].header("host") == "hub.example"
            assert "Cookie" not in dict(server.seen("/hub")[0].headers)

    play(scene())


@pytest.mark.parametrize(
    ("path", "error"),
    [
        ("/other", "it answered 303"),
        ("/circle", "it was redirected more than 3 times"),
        ("/none", "it answered 404"),
        ("/refuses", "it answered 400: No such topic here\x1b[31m"),
    ],
)
def test_hubs_that_fail_are_asked_again_later(
    archive: Archive, server: HttpServer, clock: Clock, path: str, error: str
) -> None:
    known(archive, f"http://hub.example{path}")
    hub = Hub(server)
    server.redirect("/other", HUB, status=303)
    server.redirect("/circle", "/circle", status=307)
    Hub(server, "/refuses", manner="refuse")

    async def scene() -> None:
        async with listening(archive, hub, server) as listener:
            await listener.until(lambda: listener.told("failed"))
            assert listener.subscription.state == "pending"
            assert listener.subscription.error == error
            asked = len(server.seen(path))
            clock.ahead += timedelta(minutes=4)
            await asyncio.sleep(0.1)
            assert len(server.seen(path)) == asked
            clock.ahead += timedelta(minutes=2)
            await listener.until(lambda: len(server.seen(path)) == 2 * asked)
            assert not hub.asked

    play(scene())


def test_a_hub_at_a_private_address_is_not_asked(archive: Archive, server: HttpServer, hub: Hub, clock: Clock) -> None:
    known(archive, server.url("/hub"))

    async def scene() -> None:
        listener = Listener(archive, hub)
        guarded = replace(settings(server), allow_private=False, connect_to=())
        task = asyncio.create_task(listen(archive, LISTENING, guarded, report=listener.tell))
        await listener.until(lambda: listener.told("failed"))
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert not server.requests
        assert "port" in listener.told("failed")[0] or "public" in listener.told("failed")[0]

    play(scene())


# --- One at a time ---


def test_one_listener_an_archive(archive: Archive, server: HttpServer, hub: Hub, clock: Clock, tmp_path: Path) -> None:
    known(archive)

    async def scene() -> None:
        with Archive.open(tmp_path / "archive.db", write=True) as second:
            async with listening(archive, hub, server) as listener:
                await listener.until_state("active")
                with pytest.raises(AlreadyRunning, match="jobs listen"):
                    await listen(second, LISTENING, quick(server))
                with pytest.raises(AlreadyRunning):
                    await stop_listening(second, LISTENING, quick(server))
                # Others use the archive meanwhile.
                with second.due_lock():
                    pass
            with pytest.raises(UsageError, match="Cannot listen"):
                await listen(second, replace(LISTENING, port=server.port), quick(server))

    play(scene())


# --- Notifications ---


async def subscribed(listener: Listener) -> Subscription:
    await listener.until(lambda: listener.hub.callbacks)
    return await listener.until_state("active")


@pytest.mark.parametrize("method", ["sha1", "sha256", "sha384", "sha512"])
def test_a_signed_notification_makes_the_feed_and_its_jobs_due(
    archive: Archive, server: HttpServer, hub: Hub, method: str
) -> None:
    known(archive)

    async def scene() -> None:
        async with listening(archive, hub, server) as listener:
            await subscribed(listener)
            assert not due_jobs(archive)
            assert await asyncio.to_thread(hub.publish, TOPIC, "<rss>é</rss>".encode(), method=method) == 204
            [due] = due_jobs(archive)
            assert (due.name, due.only_woken) == ("outlet", True)
            told = listener.subscription
            assert (told.notifications, told.rejected) == (1, 0)
            assert told.notified_at is not None
            assert len(listener.told("notified")) == 1

    play(scene())


def test_what_is_not_signed_is_ignored_and_counted(archive: Archive, server: HttpServer, hub: Hub) -> None:
    known(archive)

    async def scene() -> None:
        async with listening(archive, hub, server) as listener:
            mine = await subscribed(listener)
            body = b"<rss/>"

            def signed(by: str, method: str = "sha256", what: bytes = body) -> str:
                return f"{method}={hmac.new(by.encode(), what, method).hexdigest()}"

            right = signed(mine.secret)
            for signatures in [
                (),
                ("",),
                ("sha256=",),
                (signed("guessed"),),
                (signed(""),),
                (signed(mine.secret, what=b"<rss />"),),
                (signed(mine.secret, "md5"),),
                (signed(mine.secret, "sha224"),),
                (right.replace("sha256", "sha512"),),
                (right.removeprefix("sha256="),),
                (right[:-1],),
                (f"{right}0",),
                (f"{right}, {right}",),
                (right, right),
                ("sha256=é",),
            ]:
                # Answered as any other: nobody learns by trying.
                assert await asyncio.to_thread(hub.notify, mine.callback, body, *signatures) == 204, signatures
            told = listener.subscription
            assert (told.notifications, told.rejected, told.notified_at) == (0, 15, None)
            assert not due_jobs(archive)
            assert len(listener.told("rejected")) == 1
            assert await asyncio.to_thread(hub.notify, mine.callback, body, right.upper().replace("SHA", "sha")) == 204
            assert due_jobs(archive)
            assert await asyncio.to_thread(hub.notify, CALLBACK + "guessed", body, right) == 410
            assert (await asyncio.to_thread(hub.send, "PUT", mine.callback))[0] == 405

    play(scene())


def test_many_notifications_are_one(archive: Archive, server: HttpServer, hub: Hub) -> None:
    known(archive)
    runs: list[int] = []
    codes = [5, 0, 0]

    async def counted() -> int:
        """As `scrape crawl --due`, which another process keeps from it the first time."""
        code = codes[len(runs)]
        runs.append(code)
        if code == 0:
            [due] = due_jobs(archive)
            run_id = claim_job(archive, due)
            await asyncio.sleep(0.05)
            finish_job_run(archive, run_id, "done", {"only_woken": True})
        return code

    async def scene() -> None:
        async with listening(archive, hub, server, crawl=counted) as listener:
            await subscribed(listener)
            for _ in range(20):  # one, and the same again and again
                await asyncio.to_thread(hub.publish, TOPIC)
            await listener.until(lambda: listener.subscription.notifications == 20 and not due_jobs(archive))
            assert 5 in runs
            assert len(runs) <= len(codes)
            assert 1 <= len(listener.told("notified")) < 20

    play(scene())


def test_what_came_before_is_fetched_when_somebody_listens_again(
    archive: Archive, server: HttpServer, hub: Hub
) -> None:
    known(archive)
    fetched = asyncio.Event()

    async def crawl_due() -> int:
        fetched.set()
        return 0

    async def scene() -> None:
        async with listening(archive, hub, server) as listener:
            await subscribed(listener)
            await asyncio.to_thread(hub.publish, TOPIC)
        assert due_jobs(archive)
        async with listening(archive, hub, server, crawl=crawl_due):
            await fetched.wait()

    play(scene())


# --- What a run does with the news ---


def test_only_the_feed_with_news_is_looked_at_and_the_schedule_stays(
    archive: Archive, server: HttpServer, pool: ExtractionPool, outlet: HubOutlet, clock: Clock
) -> None:
    hub = Hub(server)
    other = "http://other.example/quiet.xml"
    server.page("/quiet.xml", '<rss version="2.0"><channel><title>Quiet</title></channel></rss>', type="text/xml")
    job(archive, feed=[TOPIC, other])
    job(archive, "by-hand", every=None)
    run_due(archive, server, pool)
    before = load_job(archive, "outlet").next_at
    outlet.publish("quay", "The quay is closed")
    assert not due_jobs(archive)

    async def scene() -> None:
        async with listening(archive, hub, server) as listener:
            await subscribed(listener)
            await asyncio.to_thread(hub.publish, TOPIC)

    play(scene())
    feeds, others = len(server.seen("/feed.xml")), len(server.seen("/quiet.xml"))
    clock.ahead += timedelta(seconds=1)
    [(name, summary)] = run_due(archive, server, pool)
    assert (name, summary.sources, summary.total("new")) == ("outlet", 1, 1)
    assert archive.article(f"{HOST}/news/quay.html").headline == "The quay is closed"
    assert len(server.seen("/feed.xml")) == feeds + 1
    assert server.seen("/feed.xml")[-1].header("cache-control") == "no-cache"
    assert server.seen("/feed.xml")[0].header("cache-control") is None
    assert len(server.seen("/quiet.xml")) == others
    assert load_job(archive, "outlet").next_at == before
    assert archive.job_runs(load_job(archive, "outlet").id or 0)[0].summary["only_woken"] is True  # type: ignore[index]
    assert not due_jobs(archive)

    # On schedule it looks at everything, whatever was looked at for a hub.
    clock.ahead += timedelta(hours=2)
    [(_, summary)] = run_due(archive, server, pool)
    assert summary.sources == 2
    assert not summary.only_woken
    assert len(server.seen("/quiet.xml")) == others + 1
