"""What a site file can say. Reading one from TOML is `checking`'s job; finding the right one, `folder`'s."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from scraper.extract.sitefiles.json_paths import JsonPath
from scraper.extract.sitefiles.patterns import Pattern

TEXT_FIELDS = ("headline", "published_at", "modified_at", "lead", "section", "image", "body")
LIST_FIELDS = ("authors", "tags")
LINK_FIELDS = ("related", "popular")
DATE_FIELDS = ("published_at", "modified_at")
ALL_FIELDS = (*TEXT_FIELDS, *LIST_FIELDS, *LINK_FIELDS)


@dataclass(frozen=True, slots=True)
class FieldRule:
    """One way to find a field: the first of `css` that matches, else the first of `json`, then made into values."""

    css: tuple[str, ...] = ()
    json: tuple[JsonPath, ...] = ()
    script: str | None = None
    """CSS of the scripts that `json` looks into; None for those whose type says JSON."""
    attr: str | None = None
    many: bool = False
    """Every element that matches, not only the first."""
    also: tuple[str, ...] = ()
    """CSS of parts of a body that stand elsewhere on the page, as a standfirst does; looked for when `css` matched."""
    strip: tuple[str, ...] = ()
    """CSS of parts, below what matched, that do not belong to it."""
    keep: tuple[str, ...] = ()
    """CSS of parts of a body that stay though they are hidden, or stand in a part that is stripped."""
    strip_text: Pattern | None = None
    """What is written in paragraphs of a body that do not belong to it, where no selector tells them apart."""
    pattern: Pattern | None = None
    """What a value is cut down to: the first group, or the whole match; a text without a match is no value."""
    split: Pattern | None = None
    """What stands between two values in one text."""
    format: tuple[str, ...] = ()
    """How a date is written, as for `datetime.strptime`; with month names in `language`."""
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Layout:
    """The look a site had up to and including the day `until` (None: today's)."""

    fields: dict[str, tuple[FieldRule, ...]]
    """Each field's ways, tried in order until one finds something."""
    until: date | None = None
    article: str | None = None
    """CSS; a page on which it matches nothing is not an article."""
    next_page: tuple[str, ...] = ()
    """CSS of the link to the next page of the same article."""
    single_page: tuple[str, ...] = ()
    """CSS of the link to the whole article on one page."""


@dataclass(frozen=True, slots=True)
class SiteFile:
    name: str
    hosts: tuple[str, ...]
    layouts: tuple[Layout, ...]
    """Oldest first; the last one is today's."""
    language: str | None = None
    path: Path | None = None

    def layout_on(self, day: date | None) -> Layout:
        """The layout a page captured on `day` had; today's when the day is not known."""
        if day is not None:
            for layout in self.layouts:
                if layout.until is not None and day <= layout.until:
                    return layout
        return self.layouts[-1]
