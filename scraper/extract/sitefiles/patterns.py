"""Regular expressions of site files. Whatever one of them does, no page takes longer than its limit."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import regex

TIME_LIMIT = 0.05
"""Seconds for one value. An honest pattern needs microseconds; one that backtracks without end is stopped."""


@dataclass(frozen=True)
class Pattern:
    """A regular expression as written in a site file; compiled when it is first used or checked."""

    text: str

    @cached_property
    def compiled(self) -> regex.Pattern[str]:
        """Raises ValueError when the text is no regular expression."""
        import regex

        try:
            return regex.compile(self.text)
        except regex.error as error:
            raise ValueError(str(error)) from error

    def find(self, text: str) -> str | None:
        """The first group of the first match that took part in it, or the whole match without groups; else None."""
        try:
            match = self.compiled.search(text, timeout=TIME_LIMIT)
        except TimeoutError:
            return None
        if match is None:
            return None
        groups = match.groups()
        found = next((group for group in groups if group is not None), None) if groups else match.group()
        return found.strip() if found else None

    def matches(self, text: str) -> bool:
        """Whether it occurs in `text`; False when the time is up."""
        try:
            return self.compiled.search(text, timeout=TIME_LIMIT) is not None
        except TimeoutError:
            return False

    def split(self, text: str) -> list[str]:
        """The parts between matches; the whole text when the time is up."""
        try:
            parts = self.compiled.split(text, timeout=TIME_LIMIT)
        except TimeoutError:
            return [text]
        return [part.strip() for part in parts if part and part.strip()]
