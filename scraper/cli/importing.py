"""`scrape import`: captures from WARC and WACZ files, saved pages and lists of addresses."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from scraper.cli.conventions import Conventions, Log, conventional, examples
from scraper.cli.messages import harmless, say, say_error
from scraper.cli.outcomes import archive_option
from scraper.errors import UsageError

if TYPE_CHECKING:
    from scraper.export.importing import Imported, Wishes
    from scraper.store import Archive, ImportKind

Kind = Literal["warc", "wacz", "html", "list"]

_COLUMNS = ("file", "kind", "captures", "known", "skipped", "damaged", "error")
_REMARKS = 20
"""Of one file that are said; more are only counted."""
_KEPT = "what was stored is kept; the same command again does the rest"


def register(app: typer.Typer) -> None:
    app.command(
        "import",
        epilog=examples(
            "scrape import story.html --url https://example.com/story",
            "scrape import urls.txt --note 'to be read' -f csv",
            "scrape import story.html urls.txt --url https://example.com/story --archive war.db",
        ),
    )(conventional(import_files))


def import_files(
    conventions: Conventions,
    files: Annotated[list[Path], typer.Argument(metavar="FILE", help="WARC, WACZ, saved page or list of addresses.")],
    kind: Annotated[
        Kind | None, typer.Option(metavar="warc|wacz|html|list", help="What the files are.  [default: as they begin]")
    ] = None,
    site: Annotated[str | None, typer.Option(help="Only this site, as example.com.")] = None,
    since: Annotated[
        str | None, typer.Option(help="Captured on this day or later: 2024-07-23, 2024-07 or 2024.")
    ] = None,
    until: Annotated[str | None, typer.Option(help="Captured on this day or earlier.")] = None,
    url: Annotated[
        str | None, typer.Option(metavar="URL", help="Where a saved page is from that does not say so itself.")
    ] = None,
    note: Annotated[str, typer.Option(metavar="TEXT", help="For addresses of a list that have no note.")] = "",
    no_extract: Annotated[bool, typer.Option("--no-extract", help="Store the captures, and read them later.")] = False,
) -> int:
    """Import captures from files, with their own time, address, status and headers.

    The same file again adds nothing. What is damaged is passed over and counted. Exit code 0: all is in; 3: something
    was damaged, or a file could not be read; 4: nothing came of it.
    """
    from scraper.cli.rows import print_rows
    from scraper.export.importing import Wishes, passing
    from scraper.extract import load_site_files
    from scraper.store import Archive

    max_body = conventions.fetch_settings().max_body
    wishes = Wishes(site=site, since=since, until=until, url=url, note=note, max_body=max_body)
    passing(wishes)
    if url is not None and sum(_kind(path, kind) == "html" for path in files) > 1:
        raise UsageError("--url is of one saved page", why="more than one was given", next_step="import one at a time")
    load_site_files(conventions.site_files)
    with Archive.open(conventions.archive, write=True) as archive:
        try:
            rows = [_import_one(conventions, archive, path, kind, wishes) for path in files]
            if not no_extract:
                _read_pages(conventions, archive)
        except KeyboardInterrupt:
            raise KeyboardInterrupt(_KEPT) from None
    print_rows(rows, _COLUMNS, conventions.rows_as)
    _say_next(conventions, rows)
    came = sum(row["captures"] + row["known"] for row in rows)
    bad = any(row["damaged"] or row["error"] for row in rows)
    return 4 if not came else 3 if bad else 0


def _kind(path: Path, kind: Kind | None) -> ImportKind | None:
    from scraper.export.importing import kind_of

    try:
        return kind or kind_of(path)
    except UsageError:
        return None


def _import_one(
    conventions: Conventions, archive: Archive, path: Path, kind: Kind | None, wishes: Wishes
) -> dict[str, Any]:
    """Import a file; the row that tells what came of it. What is wrong with the file is said, and is in the row."""
    from scraper.export.importing import import_file, kind_of
    from scraper.store import ImportCounts

    remarks = _Remarks(conventions, path)
    counter = _Counter(conventions)

    def report(done: Imported) -> None:
        counter.show(f"{path.name}: {done.read} records, {done.counts.captures} new captures")

    row = {"file": str(path), "kind": kind, **asdict(ImportCounts()), "error": None}
    try:
        row["kind"] = known = kind or kind_of(path)
        done = import_file(archive, path, known, wishes, report=report, remark=remarks.say)
        row |= asdict(done.counts)
    except UsageError as error:
        counter.clear()
        what = error.what if str(path) in error.what else f"{path}: {error.what}"
        say_error(what, error.why, error.next_step)
        row["error"] = error.what
    counter.clear()
    remarks.close()
    return row


def _read_pages(conventions: Conventions, archive: Archive) -> None:
    """Extract what was imported, in processes of their own; also what an earlier run left."""
    from scraper.crawl import ExtractionPool
    from scraper.crawl.unread import read_unread

    if next(archive.unextracted(limit=1), None) is not None:
        counter = _Counter(conventions)

        def report(done: int, total: int) -> None:
            counter.show(f"{done} of {total} pages read")

        with ExtractionPool(selectors=conventions.site_files) as pool:
            asyncio.run(read_unread(archive, pool, report=report))
        counter.clear()
    archive.settle_checks()


def _say_next(conventions: Conventions, rows: Sequence[dict[str, Any]]) -> None:
    command = archive_option(conventions)
    for row in rows:
        if row["kind"] == "list" and row["captures"] + row["known"]:
            text = (
                f"{row['captures']} addresses and notes are new, none was fetched: scrape url -i {row['file']}{command}"
            )
            say(text, quiet=conventions.quiet)


class _Remarks:
    """What a user should know of a file: the first ones in words, and how many more there are."""

    def __init__(self, conventions: Conventions, path: Path) -> None:
        self._conventions = conventions
        self._name = path.name
        self._count = 0

    def say(self, text: str) -> None:
        self._count += 1
        if self._count <= _REMARKS:
            say(f"{self._name}: {text}", quiet=self._conventions.quiet)

    def close(self) -> None:
        if self._count > _REMARKS:
            say(f"{self._name}: … and {self._count - _REMARKS} more of these", quiet=self._conventions.quiet)


class _Counter:
    """A line on the terminal that is written over."""

    def __init__(self, conventions: Conventions) -> None:
        self._shows = sys.stderr.isatty() and not conventions.quiet and conventions.log is Log.text

    def show(self, text: str) -> None:
        if self._shows:
            print(f"\r\x1b[K{harmless(text)}", end="", file=sys.stderr, flush=True)

    def clear(self) -> None:
        if self._shows:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)
