"""Which parameters of a query say nothing about which page is meant. They are in `tracking_parameters.toml`."""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any


@dataclass(frozen=True, slots=True)
class _Condition:
    """Under which a parameter of some name is dropped."""

    hosts: tuple[str, ...]
    """These and those below them; empty for all."""
    values: re.Pattern[str] | None
    """Of the whole value; None for any."""

    def holds(self, host: str, value: str) -> bool:
        if self.hosts and not any(host == known or host.endswith(f".{known}") for known in self.hosts):
            return False
        return self.values is None or self.values.fullmatch(value) is not None


@dataclass(frozen=True, slots=True)
class Tracking:
    """The rules, ready to be asked."""

    names: dict[str, tuple[_Condition, ...]]
    prefixes: tuple[str, ...]
    """Dropped everywhere, whatever the value."""
    patterns: tuple[tuple[re.Pattern[str], _Condition], ...]
    kept: frozenset[str]
    """Names that may tell one article from another."""

    def drops(self, name: str, value: str, host: str) -> bool:
        """True when the parameter tells nothing on `host`; `name` and `value` as they stand in the query."""
        # An address that was copied out of markup without being decoded separates its parameters by &amp;
        name = name.lower().removeprefix("amp;")
        if name.startswith(self.prefixes):
            return True
        if any(condition.holds(host, value) for condition in self.names.get(name, ())):
            return True
        return any(pattern.fullmatch(name) and condition.holds(host, value) for pattern, condition in self.patterns)


@cache
def tracking() -> Tracking:
    """The rules of this package."""
    file = resources.files(__package__) / "tracking_parameters.toml"
    return read_rules(file.read_text(encoding="utf-8"))


def read_rules(text: str) -> Tracking:
    """Rules as the file writes them. Raises ValueError for a file that is none, or that drops what names articles."""
    tables: dict[str, Any] = tomllib.loads(text)
    kept = frozenset(tables["may_name_an_article"])
    names: defaultdict[str, list[_Condition]] = defaultdict(list)
    prefixes: list[str] = []
    patterns: list[tuple[re.Pattern[str], _Condition]] = []
    for group in tables["group"]:
        unknown = set(group) - {"about", "names", "prefixes", "patterns", "hosts", "values"}
        if unknown:
            raise ValueError(f"{group['about']}: there is no key {min(unknown)!r}")
        values = re.compile(group["values"]) if "values" in group else None
        condition = _Condition(tuple(group.get("hosts", ())), values)
        unconditional = not condition.hosts and values is None
        if not unconditional and "prefixes" in group:
            raise ValueError(f"{group['about']}: prefixes are dropped without a condition")
        for name in map(str.lower, group.get("names", ())):
            if unconditional and name in kept:
                raise ValueError(f"{group['about']}: {name!r} may name an article")
            names[name].append(condition)
        prefixes += group.get("prefixes", ())
        patterns += [(re.compile(pattern), condition) for pattern in group.get("patterns", ())]
    if any(name.startswith(tuple(prefixes)) for name in kept):
        raise ValueError("a prefix stands before a name that may be an article's")
    return Tracking({name: tuple(found) for name, found in names.items()}, tuple(prefixes), tuple(patterns), kept)
