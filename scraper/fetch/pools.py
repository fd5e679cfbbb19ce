"""Connections, a pool for each origin.

httpcore looks through all connections of a pool, for each of them, whenever one is taken or given back: with a hundred
hosts in one pool that is most of the time that fetching takes. A pool an origin has a handful.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

import httpcore

Origin = tuple[str, str, int | None]
"""Scheme, host, port."""


@dataclass(eq=False)
class Place:
    """An origin's pool. `users` are the answers from it that are not yet closed."""

    pool: httpcore.AsyncConnectionPool
    users: int = 0
    last_used: float = field(default_factory=time.monotonic)

    def leave(self) -> None:
        """One user less."""
        self.users -= 1
        self.last_used = time.monotonic()


class OriginPools:
    """Hands out the pool of an origin. Pools that nobody uses are closed when they are old or too many."""

    def __init__(self, make: Callable[[], httpcore.AsyncConnectionPool], *, kept: int, keepalive: float) -> None:
        """`kept` is how many may stand idle, `keepalive` for how many seconds."""
        self._make = make
        self._kept = kept
        self._keepalive = keepalive
        self._places: OrderedDict[Origin, Place] = OrderedDict()

    async def take(self, origin: Origin) -> Place:
        """The place for `origin`, with one user more; whoever took it calls `leave`."""
        place = self._places.get(origin)
        is_new = place is None
        if place is None:
            place = self._places[origin] = Place(self._make())
        self._places.move_to_end(origin)
        place.users += 1
        if is_new:
            try:
                await self._close_idle()
            except BaseException:
                place.leave()
                raise
        return place

    async def aclose(self) -> None:
        """Close all of them."""
        places = list(self._places.values())
        self._places.clear()
        for place in places:
            await place.pool.aclose()

    async def _close_idle(self) -> None:
        idle = [origin for origin, place in self._places.items() if not place.users]
        too_old = time.monotonic() - self._keepalive
        many = len(idle) - self._kept
        leaving = [o for number, o in enumerate(idle) if number < many or self._places[o].last_used < too_old]
        for pool in [self._places.pop(origin).pool for origin in leaving]:
            await pool.aclose()
