"""What is true of a world: every article with its addresses and editions, and whether it can be found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from benchmarks.simulated_web.articles import Article, Edition, WallKind
from benchmarks.simulated_web.outlets import Outlet
from benchmarks.simulated_web.places import PAGES, ListAt
from benchmarks.simulated_web.world import World

Key = tuple[int, int]
"""Number of the outlet, and of the article there."""


@dataclass(frozen=True, slots=True)
class ArticleTruth:
    """One article. Times are UTC."""

    key: Key
    host: str
    url: str
    """The canonical one, in the end."""
    urls: tuple[str, ...]
    """All of them, but for parameters that nobody knows."""
    published: datetime
    editions: tuple[Edition, ...]
    tokens: tuple[str, str, str]
    """Invented names that stand in its text alone: at its beginning, in its middle, at its end."""
    deleted_at: datetime | None
    moved_at: datetime | None
    wall: WallKind | None
    why_not: str | None
    """Why nobody who keeps to the rules can archive it."""

    @property
    def findable(self) -> bool:
        return self.why_not is None

    def edition_at(self, now: datetime) -> int:
        """Which edition stands there at `now`, 0 for the first."""
        return max(0, sum(edition.at <= now for edition in self.editions) - 1)

    def ends(self, edition: int) -> datetime | None:
        """When an edition is replaced or the article taken down; None when it stays."""
        return self.editions[edition + 1].at if edition + 1 < len(self.editions) else self.deleted_at

    def tokens_in(self, text: str) -> int:
        return sum(token in text for token in self.tokens)


@dataclass(frozen=True, slots=True)
class OutletTruth:
    """One outlet: its articles, oldest first, and pages that are none."""

    host: str
    home: str
    articles: tuple[ArticleTruth, ...]
    other_urls: tuple[str, ...]


class Truth:
    """The truth of a world, and what an address or a text belongs to."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.outlets = tuple(_of_outlet(outlet) for outlet in world.outlets)
        self._by_key = {article.key: article for outlet in self.outlets for article in outlet.articles}

    @property
    def articles(self) -> Iterator[ArticleTruth]:
        return iter(self._by_key.values())

    def article_at(self, url: str) -> ArticleTruth | None:
        """The article that an address belongs to, whatever parameters it carries; None for all other pages."""
        found = self.world.article_at(url)
        return self._by_key[found[1].key] if found else None

    def articles_in(self, text: str) -> Counter[Key]:
        """Of which articles a text holds tokens, and how many of each."""
        found: Counter[Key] = Counter()
        for token, key in self._tokens.items():
            if token in text:
                found[key] += 1
        return found

    @cached_property
    def _tokens(self) -> dict[str, Key]:
        return {token: article.key for article in self.articles for token in article.tokens}


def _of_outlet(outlet: Outlet) -> OutletTruth:
    addresses = outlet.addresses
    lists = [ListAt("section", number) for number in range(len(outlet.words.sections))]
    lists += [ListAt("tag", number) for number in range(len(outlet.tags))]
    lists += [ListAt("author", number) for number in range(len(outlet.staff))]
    others = [addresses.home(), *(addresses.listing(at) for at in lists), *(addresses.page(name) for name in PAGES)]
    others += [addresses.feed(), addresses.sitemap()]
    return OutletTruth(
        outlet.profile.host,
        outlet.profile.home,
        tuple(_of_article(outlet, article) for article in outlet.articles),
        tuple(url for url in others if url is not None),
    )


def _of_article(outlet: Outlet, article: Article) -> ArticleTruth:
    urls = outlet.urls_of(article)
    return ArticleTruth(
        key=article.key,
        host=outlet.profile.host,
        url=urls[0],
        urls=tuple(urls),
        published=article.published,
        editions=article.editions,
        tokens=article.tokens,
        deleted_at=article.deleted_at,
        moved_at=article.moved_at,
        wall=article.wall,
        why_not=outlet.why_not_findable(article),
    )
