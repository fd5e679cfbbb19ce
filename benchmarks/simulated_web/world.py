"""The whole of it: so many outlets with so many articles, on a calendar of their own."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from benchmarks.simulated_web.articles import Article
from benchmarks.simulated_web.clock import EPOCH
from benchmarks.simulated_web.life import Incident, Life
from benchmarks.simulated_web.outlets import Outlet
from benchmarks.simulated_web.profiles import Profile, profiles

MOST_OUTLETS = 100
"""With more, invented names would occur twice."""
_FEWEST = 4


class World:
    """Outlets and articles that are the same for the same arguments, in whatever process.

    New articles come out for `days` days from `epoch` on. Past the end of outlets.toml its outlets come again, under
    other names.
    """

    def __init__(
        self,
        *,
        outlets: int = 50,
        articles: int = 5_000,
        seed: int = 1,
        epoch: datetime = EPOCH,
        days: int = 10,
        incidents: Iterable[Incident] = (),
    ) -> None:
        if not 1 <= outlets <= MOST_OUTLETS:
            raise ValueError(f"between 1 and {MOST_OUTLETS} outlets, not {outlets}")
        self.epoch, self.days, self.seed = epoch, days, seed
        chosen = [_again(profiles()[n % len(profiles())], n // len(profiles())) for n in range(outlets)]
        script = tuple(incidents)
        if unknown := {one.host for one in script} - {profile.host for profile in chosen}:
            raise ValueError(f"no such outlet: {sorted(unknown)}")
        self.outlets = [
            Outlet(profile, n, count, Life(seed, epoch, days, tuple(one for one in script if one.host == profile.host)))
            for n, (profile, count) in enumerate(zip(chosen, _counts(chosen, articles), strict=True))
        ]
        self.by_host = {host: outlet for outlet in self.outlets for host in outlet.addresses.hosts}

    @property
    def homes(self) -> list[str]:
        """The home-page URLs of all outlets."""
        return [outlet.profile.home for outlet in self.outlets]

    @property
    def end(self) -> datetime:
        """After the last new article."""
        return self.epoch + timedelta(days=self.days)

    def outlet(self, name: str) -> Outlet:
        """By any of its host names. Raises KeyError."""
        return self.by_host[name]

    def article_at(self, url: str) -> tuple[Outlet, Article] | None:
        """The article that an address belongs to, in whatever form; None when it belongs to none."""
        outlet = self.by_host.get(urlsplit(url).hostname or "")
        article = outlet.article_at(url) if outlet else None
        return (outlet, article) if outlet and article else None


def _again(profile: Profile, time: int) -> Profile:
    if not time:
        return profile
    return replace(profile, host=re.sub(r"\.example$", f"-{time + 1}.example", profile.host))


def _counts(chosen: list[Profile], articles: int) -> list[int]:
    """How many articles each has: in proportion to `share`, with the sum that was asked for."""
    total = sum(profile.share for profile in chosen)
    counts = [max(_FEWEST, int(articles * profile.share / total)) for profile in chosen]
    largest = counts.index(max(counts))
    counts[largest] = max(_FEWEST, counts[largest] + articles - sum(counts))
    return counts
