"""`scrape reextract`: today's extractor over stored captures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from scraper.cli.conventions import Conventions, Format, conventional, examples
from scraper.cli.ending import run_until_ended
from scraper.cli.filter_options import CapturedSince, CapturedUntil, Site
from scraper.cli.messages import say

if TYPE_CHECKING:
    from scraper.store import Reread

_COLUMNS = ("id", "capture", "revision", "fields", "url")
_SHOWN = 120
"""Characters of a value in a message."""


def register(app: typer.Typer) -> None:
    app.command(
        "reextract",
        epilog=examples(
            "scrape reextract --dry-run",
            "scrape reextract --site harbour-courier.example --changed-only",
            "scrape reextract --since 2024 --dry-run -f ndjson > readings.ndjson",
        ),
    )(conventional(reextract))


def reextract(
    conventions: Conventions,
    site: Site = None,
    since: CapturedSince = None,
    until: CapturedUntil = None,
    changed_only: Annotated[
        bool, typer.Option("--changed-only", help="List only the captures in which a field changes.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would change, and write nothing.")] = False,
) -> int:
    """Read stored captures again with this version of the extractor and today's site files; nothing is fetched.

    What is read otherwise becomes another revision, whose cause is the extractor; the one before stays, superseded.
    The page's own edits are those that the view changes shows. Stopped, the same command goes on. Exit code 0: all
    were read; 3: some could not be; 4: none could.
    """

    from scraper.cli.rows import print_rows
    from scraper.crawl import ExtractionPool
    from scraper.crawl.rereading import Choice, reread
    from scraper.extract import load_site_files
    from scraper.store import Archive

    load_site_files(conventions.site_files)  # a mistake in one would be every page's

    rows: list[dict[str, Any]] = []
    form = conventions.rows_as

    def report(reading: Reread) -> None:
        if changed_only and not reading.changed:
            return
        row = reading.as_dict()
        if form is Format.ndjson:
            print_rows([row], _COLUMNS, form)
            return
        rows.append({**row, "changed": None})
        if form is Format.table:
            for field, (before, after) in reading.changed.items():
                say(f"{reading.capture} {field}: {_shown(before)} -> {_shown(after)}", quiet=conventions.quiet)

    def failed(capture_id: int, reason: str) -> None:
        say(f"capture {capture_id} was not read: {reason}")

    choice = Choice(site=site, since=since, until=until)
    with (
        Archive.open(conventions.archive, write=not dry_run, create=False) as archive,
        ExtractionPool(selectors=conventions.site_files) as pool,
    ):
        count = run_until_ended(reread(archive, pool, choice, dry_run=dry_run, report=report, failed=failed))
    if form is not Format.ndjson:
        print_rows(rows, _COLUMNS, form)
    verb = "would change" if dry_run else "changed"
    say(f"{count.read} captures read again: {count.changed} {verb}, {count.failed} failed", quiet=conventions.quiet)
    return 0 if not count.failed else 3 if count.failed < count.read else 4


def _shown(value: object) -> str:
    text = "nothing" if value in (None, [], "") else " ".join(str(value).split())
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}… ({len(text)} characters)"
