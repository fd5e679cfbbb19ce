"""Options that say which pages or captures of the archive, or of a file, a command is about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import typer

from scraper.cli.conventions import OptionGroup

Site = Annotated[str | None, typer.Option(help="Only this site, as example.com.")]
CapturedSince = Annotated[str | None, typer.Option(help="Captured on this day or later: 2024-07-23, 2024-07 or 2024.")]
CapturedUntil = Annotated[str | None, typer.Option(help="Captured on this day or earlier.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleFilters(OptionGroup):
    """Which articles; named as `Archive.articles` and its like name them."""

    site: Site = None
    since: Annotated[str | None, typer.Option(help="Published on this day or later: 2024-07-23, 2024-07 or 2024.")] = (
        None
    )
    until: Annotated[str | None, typer.Option(help="Published on this day or earlier.")] = None
    language: Annotated[str | None, typer.Option("--lang", help="Only this language: en also finds en-GB.")] = None
