"""A pool of connections an origin: kept while it is of use, closed when it is not, never under somebody who reads."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

import pytest

from scraper.fetch.pools import OriginPools
from tests.fetch.conftest import Visitor
from tests.http_server import HttpServer, stall


@dataclass
class Pool:
    """Only notes that it was closed."""

    closed: bool = False

    async def aclose(self) -> None:
        self.closed = True


@dataclass
class Made:
    pools: list[Pool] = field(default_factory=list)

    def __call__(self) -> Any:
        self.pools.append(Pool())
        return self.pools[-1]


def origin(number: int) -> tuple[str, str, None]:
    return ("http", f"host-{number}.example", None)


def test_an_origin_keeps_its_pool() -> None:
    async def go() -> None:
        pools = OriginPools(made, kept=2, keepalive=60)
        one = await pools.take(origin(1))
        one.leave()
        assert await pools.take(origin(1)) is one
        assert await pools.take(("https", "host-1.example", None)) is not one

    made = Made()
    asyncio.run(go())
    assert len(made.pools) == 2


def test_too_many_idle_ones_are_closed_the_oldest_first() -> None:
    async def go() -> None:
        pools = OriginPools(made, kept=2, keepalive=60)
        for number in range(5):
            (await pools.take(origin(number))).leave()
        assert [pool.closed for pool in made.pools] == [True, True, False, False, False]
        await pools.aclose()

    made = Made()
    asyncio.run(go())
    assert all(pool.closed for pool in made.pools)


def test_one_in_use_is_never_closed() -> None:
    async def go() -> None:
        pools = OriginPools(made, kept=1, keepalive=0)
        busy = await pools.take(origin(0))
        for number in range(1, 20):
            (await pools.take(origin(number))).leave()
        assert not made.pools[0].closed
        busy.leave()
        await pools.take(origin(99))
        assert made.pools[0].closed

    made = Made()
    asyncio.run(go())


def test_old_ones_are_closed() -> None:
    async def go() -> None:
        pools = OriginPools(made, kept=100, keepalive=0.01)
        (await pools.take(origin(0))).leave()
        await asyncio.sleep(0.02)
        await pools.take(origin(1))
        assert made.pools[0].closed

    made = Made()
    asyncio.run(go())


@pytest.mark.parametrize("hosts", [1, 60])
def test_connections_are_used_again_and_do_not_pile_up(server: HttpServer, visit: Visitor, hosts: int) -> None:
    server.page("/", "news")
    urls = [f"http://host-{number % hosts}.example/" for number in range(120)]
    assert all(capture.ok for capture in visit.all(urls))
    assert len({request.connection for request in server.requests}) == (1 if hosts == 1 else 120)


def test_fetches_that_failed_leave_their_pool(server: HttpServer, visit: Visitor) -> None:
    server.script("/silent", stall())
    server.page("/", "news")
    silent, page = visit.all(["http://a.example/silent", "http://a.example/"], settings={"timeout": 0.3})
    assert silent.failure is not None
    assert page.ok
