"""How likely a link leads to an article: the sum of the weights of its signs, in two rounds.

In the second round a link also knows what the first thought of the links of its make and of addresses of its shape: one
headline of two words among thirty long ones is a headline. `section_weights.toml` says how the weights were made.
"""

from __future__ import annotations

import math
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from scraper.crawl.discovery.section_signs import Signs, Target
from scraper.crawl.discovery.url_shapes import UrlSigns, read_url
from scraper.urls import canonical

Weights = dict[str, float]
BIAS = "bias"
NEVER = -30.0
"""Log-odds of what no article can be."""
_NO_ARTICLE = frozenset(("host_without_articles", "of_tag_or_author", "of_account"))
_HARDLY_ARTICLE = frozenset(f"begins_{purpose}" for purpose in ("search", "comments", "share", "print"))
_KNOWN_SHAPE, _KNOWN_VAGUE_SHAPE, _UNKNOWN_SHAPE = 3.0, 1.0, -1.0
"""Log-odds; of the order of what an address alone can say."""
_SHARE_OF_KNOWN = 0.05
_MANY_KNOWN = 20
"""Known articles from which their shapes are likely to be all that the site has."""
_MOST_ODDS = 5.0
"""Log-odds beyond which more certainty about others says nothing about this one."""


@dataclass(frozen=True, slots=True)
class LinkModel:
    """Name of a sign to its weight, in log-odds, for each use."""

    url: Weights
    """For an address alone."""
    first: Weights
    """For an address on a page."""
    second: Weights
    """The same when the others of its groups are judged."""

    @classmethod
    def load(cls, file: Traversable | Path) -> LinkModel:
        """Read a table of weights. Raises ValueError or KeyError when the file is none."""
        tables = tomllib.loads(file.read_text(encoding="utf-8"))
        return cls(*({name: float(value) for name, value in tables[key].items()} for key in ("url", "first", "second")))

    def odds_of_address(self, address: UrlSigns) -> float:
        """Log-odds that what is behind an address is an article, of the address alone."""
        return weighed(self.url, url_signs(address))

    def odds(self, targets: Sequence[Target]) -> list[float]:
        """Log-odds of each address of one page, all of the page's own site."""
        signs = [all_signs(target) for target in targets]
        out = [ruled_out(target.address) for target in targets]
        first = [NEVER if no else weighed(self.first, one) for no, one in zip(out, signs, strict=True)]
        near = neighbours(targets, first)
        return [
            NEVER if no else weighed(self.second, one | others)
            for no, one, others in zip(out, signs, near, strict=True)
        ]


def ruled_out(address: UrlSigns) -> bool:
    """Whether no article can be behind an address, whatever a page says of it."""
    if address.file is not None or not _NO_ARTICLE.isdisjoint(address.signs):
        return True
    return "evidence_2" not in address.signs and not _HARDLY_ARTICLE.isdisjoint(address.signs)


@dataclass(frozen=True, slots=True)
class KnownShapes:
    """The shapes of addresses that are known to be articles of a site."""

    counts: Counter[str]
    addresses: frozenset[str]
    """In canonical form."""

    @classmethod
    def of(cls, urls: Iterable[str]) -> KnownShapes:
        addresses = frozenset(canonical(url) for url in urls)
        return cls(Counter(read_url(url).shape for url in addresses), addresses)

    def odds(self, address: UrlSigns) -> float:
        """Log-odds to add for an address: known articles speak for others of their shape, where it says something."""
        known = len(self.addresses)
        if not known:
            return 0.0
        share = self.counts[address.shape] / known
        if share >= _SHARE_OF_KNOWN and self.counts[address.shape] > 1:
            return _KNOWN_SHAPE if address.specific else _KNOWN_VAGUE_SHAPE
        return _UNKNOWN_SHAPE if known >= _MANY_KNOWN and not share else 0.0


def probability(odds: float) -> float:
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, odds))))


def weighed(weights: Weights, signs: Signs) -> float:
    return weights[BIAS] + sum(weights.get(name, 0.0) * value for name, value in signs.items())


def url_signs(address: UrlSigns) -> Signs:
    return {f"url_{name}": 1.0 for name in address.signs}


def all_signs(target: Target) -> Signs:
    return url_signs(target.address) | target.signs


def neighbours(targets: Sequence[Target], odds: Sequence[float]) -> list[Signs]:
    """What the first round thought of the other links of each one's groups, on average."""
    out: list[Signs] = [{} for _ in targets]
    for number, name in enumerate(("make_odds", "shape_odds")):
        members: defaultdict[str, list[int]] = defaultdict(list)
        for at, target in enumerate(targets):
            members[target.groups[number]].append(at)
        for group in members.values():
            values = [max(-_MOST_ODDS, min(_MOST_ODDS, odds[at])) for at in group]
            total = sum(values)
            for at, value in zip(group, values, strict=True):
                if len(group) > 1:
                    # Half a member of no opinion, so that two links do not decide about each other.
                    out[at][name] = (total - value) / (len(group) - 0.5)
    return out


@cache
def packaged_link_model() -> LinkModel:
    """The model that ships with this package."""
    return LinkModel.load(resources.files("scraper.crawl.discovery") / "section_weights.toml")
