"""Where in a file reading goes on, and what has to be known by then."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from scraper.export.warc.reading import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """All but `passed` is as it was when reading came to `offset`."""

    offset: int = 0
    """Of a unit, or of a record of a file that is not compressed."""
    passed: int = 0
    """How many items from there on were dealt with. More than 0 where a unit is long, as when all of a file is one."""
    again: tuple[Place, ...] = ()
    """Records before it that are still to be put together with what follows."""
    redirects: tuple[Place, ...] = ()
    """Redirects before it whose pages have not come."""
    forgotten: int = 0
    """Redirects before it whose pages will not come."""
    is_ours: bool = False
    is_damaged: bool = False

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return asdict(self)

    @classmethod
    def of(cls, values: Mapping[str, Any] | None) -> Position:
        """From what `as_dict` gave; the beginning from None."""
        known = dict(values or {})
        for name in ("again", "redirects"):
            known[name] = tuple((int(start), int(number)) for start, number in known.get(name, ()))
        return cls(**known)
