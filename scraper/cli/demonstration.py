"""`scrape demo`: the whole job on a small web served from this machine."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scraper.cli import terminal
from scraper.cli.card import wrapped
from scraper.cli.conventions import Conventions, Format, conventional, examples
from scraper.cli.messages import harmless, say
from scraper.errors import UsageError

if TYPE_CHECKING:
    from scraper.crawl import Outcome

_COLUMNS = ("shows", "verdict", "revision", "headline")
_CSV = ("round", "url", "shows", "state", "verdict", "revision", "headline", "error")


def register(app: typer.Typer) -> None:
    app.command("demo", epilog=examples("scrape demo", "scrape demo --keep demo.db"))(conventional(demo))


def demo(
    conventions: Conventions,
    keep: Annotated[Path | None, typer.Option("--keep", metavar="PATH", help="Keep the archive here.")] = None,
) -> int:
    """The whole job on a small web served from this machine: no internet needed.

    Archives a handful of invented outlets, edits one page, archives them again and shows what changed. The archive is
    thrown away afterwards unless --keep says where to keep it.
    """
    if keep is not None and keep.exists():
        raise UsageError(f"{keep} exists already", next_step="give --keep a path that is free, or remove the file")
    with tempfile.TemporaryDirectory(prefix="scrape-demo-") as folder:
        archive = keep or Path(folder) / "archive.db"
        rounds = _two_rounds(replace(conventions, archive=archive))
        _print_rounds(conventions, rounds)
        if _form(conventions) is Format.table:
            _print_change(archive)
    changed = next((o.article.id for o in rounds[1] if o.state == "changed" and o.article), 1)
    _say_next(conventions, keep, page=changed)
    return 0


def _form(conventions: Conventions) -> Format:
    # The demo is there to be looked at, also in a log: a table unless something else is asked for.
    return conventions.format or Format.table


def _two_rounds(conventions: Conventions) -> list[list[Outcome]]:
    from scraper.cli.archiving import archive_list
    from scraper.demo import DemoSite
    from scraper.extract.sitefiles import packaged_folder
    from scraper.settings import FetchSettings

    rounds: list[list[Outcome]] = []
    with DemoSite() as site:
        # The demo's web answers on this machine alone, under names of its own; a user's settings are not its business.
        settings = FetchSettings(allow_private=True, connect_to=site.connect_to, delay=0.0, timeout=10.0)
        own = replace(conventions, selectors=conventions.selectors or packaged_folder())
        for number in (1, 2):
            if number == 2:
                site.edit()
            say(
                f"round {number}: archiving {len(site.urls)} pages from 127.0.0.1:{site.port} …",
                quiet=conventions.quiet,
            )
            outcomes: list[Outcome] = []
            archive_list(own, site.urls, settings, restart=True, report=outcomes.append)
            rounds.append(sorted(outcomes, key=lambda o: site.urls.index(o.url)))
    return rounds


def _rows(number: int, outcomes: list[Outcome]) -> list[dict[str, Any]]:
    from scraper.demo import PAGES

    shows = {page.url: page.shows for page in PAGES}
    return [
        {
            "round": number,
            "url": outcome.url,
            "shows": shows[outcome.url],
            "state": outcome.state,
            "verdict": (outcome.failure.code if outcome.failure else "")
            or (outcome.article.verdict if outcome.article else ""),
            "revision": f"{outcome.article.revision} {outcome.state}"
            if outcome.article and outcome.article.revision
            else "",
            "headline": outcome.article.headline if outcome.article else None,
            "error": outcome.failure.message if outcome.failure else None,
        }
        for outcome in outcomes
    ]


def _print_rounds(conventions: Conventions, rounds: list[list[Outcome]]) -> None:
    from scraper.cli.rows import print_rows

    form = _form(conventions)
    if form is not Format.table:
        rows = [row for number, outcomes in enumerate(rounds, 1) for row in _rows(number, outcomes)]
        print_rows(rows, _CSV, form)
        return
    print("\nFirst visit")
    print_rows(_rows(1, rounds[0]), _COLUMNS, form)
    print("\nSecond visit, after one page was edited")
    print_rows(_rows(2, rounds[1]), _COLUMNS, form)


def _print_change(path: Path) -> None:
    """Both revisions of the page that was edited: headline and the paragraphs that differ."""
    from scraper.store import Archive

    # Opened for writing, the archive is one file again when it is closed: a reader leaves SQLite's log beside it.
    with Archive.open(path, write=True) as archive:
        for article in archive.articles():
            before_and_after = list(archive.revisions(article.id or 0))
            if len(before_and_after) < 2:
                continue
            old, new = before_and_after[-2:]
            print(f"\nWhat changed: {new.url}")
            was, now = ([revision.headline or "", *(revision.body or "").split("\n\n")] for revision in (old, new))
            for mark, paragraphs, others in (("-", was, now), ("+", now, was)):
                for paragraph in paragraphs:
                    if paragraph not in others:
                        _print_paragraph(mark, paragraph)


def _print_paragraph(mark: str, paragraph: str) -> None:
    first, *more = wrapped(harmless(paragraph), min(terminal.width(), 100) - 4)
    print("\n".join([f"  {mark} {first}", *(f"    {line}" for line in more)]))


def _say_next(conventions: Conventions, keep: Path | None, *, page: int | None) -> None:
    if _form(conventions) is not Format.table:
        return
    if keep is None:
        lines = ["scrape demo --keep demo.db", "scrape url https://example.com/a-news-story"]
    else:
        lines = [
            f"scrape {words} --archive {keep}"
            for words in ("list", f"show {page}", "search ferry", f"explain {page}", "stats")
        ]
    print("\nTry next:\n" + "\n".join(f"  {line}" for line in lines))
