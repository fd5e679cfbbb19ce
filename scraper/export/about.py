"""What an export is of, and where it came from: said in every format that has a place for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any

from scraper.article import READABLE, Article, Verdict, utc_text
from scraper.settings import VERSION
from scraper.store import Archive


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which articles: the filters of `Archive.articles`, by the same code."""

    text: str | None = None
    site: str | None = None
    since: str | None = None
    until: str | None = None
    language: str | None = None
    verdicts: tuple[Verdict, ...] | None = READABLE
    limit: int | None = None
    all_revisions: bool = False

    def articles(self, archive: Archive) -> Iterator[Article]:
        """Newest first; with `all_revisions` every revision of each of them, oldest first. Raises QueryError."""
        return archive.articles(**self._filters(), limit=self.limit, all_revisions=self.all_revisions)

    def captures(self, archive: Archive) -> Iterator[int]:
        """The ids of the captures of the pages that pass, oldest first. Raises QueryError."""
        return islice(archive.capture_ids(**self._filters()), self.limit)

    def in_words(self) -> str:
        """Such as `articles matching 'ferry', since 2024, at most 10`."""
        limits = (
            (self.text, "matching {!r}"),
            (self.site, "of {}"),
            (self.since, "since {}"),
            (self.until, "until {}"),
            (self.language, "in {}"),
            (None if self.verdicts in (None, READABLE) else " or ".join(self.verdicts or ()), "with the verdict {}"),
            (self.limit, "at most {}"),
            (self.all_revisions or None, "every revision"),
        )
        what = "pages" if self.verdicts != READABLE else "articles"
        said = ", ".join(words.format(value) for value, words in limits if value is not None)
        return f"{what} {said}" if said else f"all {what}"

    def _filters(self) -> dict[str, Any]:
        names = ("text", "site", "since", "until", "language", "verdicts")
        return {name: getattr(self, name) for name in names}


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """The export as a whole."""

    archive: str
    """Name of the archive's file, without its folder."""
    made_at: datetime
    selection: Selection = field(default_factory=Selection)

    @property
    def program(self) -> str:
        return f"news-archiver {VERSION}"

    @property
    def made_at_text(self) -> str:
        return utc_text(self.made_at)

    def key(self, article: Article) -> str:
        """A name for an article that no other of this archive has, of ASCII letters, digits, dots, hyphens and a colon.

        It stays the same from export to export; each revision has its own only where all are exported.
        """
        site = "".join(c if c.isascii() and (c.isalnum() or c in ".-") else "-" for c in article.site or "page")
        revision = f"r{article.revision}" if self.selection.all_revisions else ""
        return f"{site}:{article.id}{revision}"
