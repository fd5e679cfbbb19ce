"""What came of fetching what pages show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetCounts:
    """Of the pictures, styles and fonts of a page, or of several."""

    stored: int = 0
    """That came."""
    held: int = 0
    """That were there already: fresh, or unchanged as their server said."""
    failed: int = 0
    left_out: int = 0
    """That were not asked for any more: the page's bytes, number or time had been used up."""
    bytes: int = 0
    """Of all that pages have now; what two of them show counts twice."""
    reasons: Mapping[str, int] = field(default_factory=dict)
    """Of what failed, by code."""

    def __add__(self, other: AssetCounts) -> AssetCounts:
        return AssetCounts(
            stored=self.stored + other.stored,
            held=self.held + other.held,
            failed=self.failed + other.failed,
            left_out=self.left_out + other.left_out,
            bytes=self.bytes + other.bytes,
            reasons=dict(Counter(self.reasons) + Counter(other.reasons)),
        )

    def as_dict(self) -> dict[str, Any]:
        return {
            "stored": self.stored,
            "held": self.held,
            "failed": self.failed,
            "left_out": self.left_out,
            "bytes": self.bytes,
            "reasons": dict(self.reasons),
        }
