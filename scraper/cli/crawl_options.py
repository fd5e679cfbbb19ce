"""Options that say what a crawl does: those of `scrape crawl`, and of `scrape jobs add`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scraper.cli.conventions import OptionGroup

if TYPE_CHECKING:
    from scraper.crawl.jobs import Job
    from scraper.store.jobs import JobOrigin


@dataclass(frozen=True, slots=True, kw_only=True)
class StartOptions(OptionGroup):
    """Where it begins, beside at the home pages of sites."""

    feed: Annotated[list[str] | None, typer.Option(metavar="URL", help="A feed: RSS, Atom, RDF or JSON Feed.")] = None
    sitemap: Annotated[list[str] | None, typer.Option(metavar="URL", help="A sitemap, or an index of some.")] = None
    section: Annotated[list[str] | None, typer.Option(metavar="URL", help="A page that lists articles.")] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitOptions(OptionGroup):
    """What of that it fetches, and how often again."""

    limit: Annotated[int | None, typer.Option(metavar="N", help="At most so many pages in a run.")] = None
    depth: Annotated[
        int | None, typer.Option(metavar="N", help="Follow links so far from what is listed.  [default: 0]")
    ] = None
    scope: Annotated[
        str | None,
        typer.Option(
            metavar="site|host|path", help="Stay within the start's domain, host, or folder.  [default: site]"
        ),
    ] = None
    include: Annotated[list[str] | None, typer.Option(metavar="PATTERN", help="Only addresses like it: '/news/*'.")] = (
        None
    )
    exclude: Annotated[list[str] | None, typer.Option(metavar="PATTERN", help="No addresses like it: '*/live/*'.")] = (
        None
    )
    lang: Annotated[
        list[str] | None, typer.Option(metavar="CODE", help="Only articles in it: uk; en is also en-GB.")
    ] = None
    since: Annotated[
        str | None, typer.Option(metavar="DAY", help="Published then or later: 2024-07-23, 2024, or 7d ago.")
    ] = None
    until: Annotated[str | None, typer.Option(metavar="DAY", help="Published then or earlier.")] = None
    recrawl: Annotated[
        str | None,
        typer.Option(
            metavar="SPANS",
            help="Visit articles again so long after the first time, or never.  [default: 1h,6h,1d,7d,30d]",
        ),
    ] = None
    budget: Annotated[
        int | None, typer.Option(metavar="N", help="At most so many such visits a site and day.  [default: 200]")
    ] = None


def job_as_typed(name: str, starts: StartOptions, limits: LimitOptions, *, origin: JobOrigin, **others: Any) -> Job:
    """The job that a command line tells of; `others` are options of one command alone, None where not given.

    Raises UsageError, which names the option that is wrong.
    """
    from scraper.crawl.jobs import Given, job_of

    values = {**starts.given(), **limits.given(), **others}
    return job_of(name, Given(values, where=lambda key: "NAME" if key == "name" else f"--{key}"), origin=origin)
