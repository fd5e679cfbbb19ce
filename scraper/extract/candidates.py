"""What a page offers for each field, before anything is chosen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice

FIELDS = (
    "headline",
    "authors",
    "published_at",
    "modified_at",
    "lead",
    "body",
    "language",
    "section",
    "tags",
    "image",
    "canonical_url",
)

_MOST_OF_A_FIELD = 50
"""Candidates kept for a field. Real pages state a title ten times at most; candidates are compared with each other."""
_LONGEST = 5_000
"""Characters read of a value, and values of a list. A longer title, list of names or date is none; a text may be."""
_ADDRESSES = ("image", "canonical_url")
# How far a source is trusted before anything else is known: 0 to 1. A site file was written by someone who looked.
TRUST = {
    "site_file": 0.95,
    "json_ld": 0.8,
    "meta": 0.7,
    "opengraph": 0.65,
    "microdata": 0.65,
    "page": 0.6,
    "url": 0.4,
    "text": 0.5,
    "embedded": 0.5,
    "trafilatura": 0.5,
}


@dataclass(frozen=True, slots=True)
class Candidate:
    """One value one source offers for one field; a list field's value is a tuple."""

    field: str
    value: str | tuple[str, ...]
    source: str
    """A key of TRUST."""
    selector: str | None = None
    """The CSS selector, JSON path or meta name that held it."""
    blocks: tuple[int, ...] = ()
    """Indexes of the page's blocks that stand where it was found; none for what is no text of the visible page."""


@dataclass(slots=True)
class Evidence:
    """Everything the sources said about a page, in the order they were asked."""

    candidates: list[Candidate] = field(default_factory=list)
    types: set[str] = field(default_factory=set)
    """schema.org and OpenGraph types the page claims, in lower case: newsarticle, og:article, collectionpage …"""
    free: bool | None = None
    """schema.org isAccessibleForFree, where stated."""
    site_names: set[str] = field(default_factory=set)
    """What the outlet calls itself (publisher, og:site_name): never a headline, never an author."""

    own_addresses: set[str] = field(default_factory=set)
    """Addresses that the page gives itself beside `rel=canonical`: absolute URLs of `og:url` and structured data."""

    def add(
        self,
        name: str,
        value: str | Iterable[str] | None,
        source: str,
        selector: str | None = None,
        blocks: tuple[int, ...] = (),
    ) -> None:
        """Record a candidate; empty values are not candidates."""
        longest = None if name == "body" else _LONGEST
        if name in _ADDRESSES and value is not None and len(str(value)) > _LONGEST:
            return  # half an address is none
        if isinstance(value, str):
            value = value.strip()[:longest]
        elif value is not None:
            value = tuple(v.strip()[:longest] for v in islice(value, longest) if v and v.strip())
        if value and sum(c.field == name for c in self.candidates) < _MOST_OF_A_FIELD:
            self.candidates.append(Candidate(name, value, source, selector, blocks))

    def of(self, name: str) -> Iterator[Candidate]:
        return (c for c in self.candidates if c.field == name)
