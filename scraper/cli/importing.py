"""`scrape import`: captures from WARC and WACZ files, saved pages and lists of addresses."""

from __future__ import annotations

import os
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from scraper.cli import terminal
from scraper.cli.conventions import Conventions, Log, conventional, examples
from scraper.cli.ending import run_until_ended
from scraper.cli.filter_options import CapturedSince, CapturedUntil, Site
from scraper.cli.messages import harmless, say, say_error, say_event
from scraper.cli.outcomes import archive_option
from scraper.errors import AlreadyRunning, ScrapeError, UsageError

if TYPE_CHECKING:
    from scraper.crawl.backfill import BackfillProgress, FileImported, FileToImport
    from scraper.export.sifting import Wishes
    from scraper.store import Archive, ImportKind

Kind = Literal["warc", "wacz", "html", "list"]

_COLUMNS = ("file", "kind", "captures", "known", "skipped", "damaged", "error")
_COUNTS = ("captures", "known", "skipped", "damaged", "truncated")
_TICK = 0.2
"""Seconds between two looks at how it stands."""
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
            "scrape import CC-NEWS-*.warc.gz --host '*.ua' --host bbc.co.uk --lang uk --lang en --since 2022-02-24",
        ),
    )(conventional(import_files))


def import_files(
    conventions: Conventions,
    files: Annotated[list[Path], typer.Argument(metavar="FILE", help="WARC, WACZ, saved page or list of addresses.")],
    kind: Annotated[
        Kind | None, typer.Option(metavar="warc|wacz|html|list", help="What the files are.  [default: as they begin]")
    ] = None,
    site: Site = None,
    host: Annotated[
        list[str] | None,
        typer.Option(metavar="GLOB", help="Only this host and its sub-domains: example.com, or '*.ua'."),
    ] = None,
    lang: Annotated[
        list[str] | None, typer.Option(metavar="TAG", help="Only pages in this language, or that state none.")
    ] = None,
    since: CapturedSince = None,
    until: CapturedUntil = None,
    url: Annotated[
        str | None, typer.Option(metavar="URL", help="Where a saved page is from that does not say so itself.")
    ] = None,
    note: Annotated[str, typer.Option(metavar="TEXT", help="For addresses of a list that have no note.")] = "",
    limit: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, help="Add at most so many captures; the same command again goes on."),
    ] = None,
    jobs: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, help="Files, and pages, that are read at a time.  [default: one a core]"),
    ] = None,
    no_extract: Annotated[bool, typer.Option("--no-extract", help="Store the captures, and read them later.")] = False,
) -> int:
    """Import captures from files, with their own time, address, status and headers.

    The same file again adds nothing, and goes on where it was stopped. What is damaged is passed over and counted.
    Exit code 0: all is in; 3: something was damaged, or a file could not be read; 4: nothing came of it; 5: another
    command is importing the same.
    """
    from scraper.cli.rows import print_rows
    from scraper.export.sifting import Sift, Wishes
    from scraper.extract import load_site_files
    from scraper.store import Archive

    wishes = Wishes(
        site=site,
        hosts=tuple(host or ()),
        languages=tuple(lang or ()),
        since=since,
        until=until,
        url=url,
        note=note,
        max_body=conventions.fetch_settings().max_body,
    )
    Sift(wishes)
    kinds = [_kind(path, kind) for path in files]
    if url is not None and kinds.count("html") > 1:
        raise UsageError("--url is of one saved page", why="more than one was given", next_step="import one at a time")
    load_site_files(conventions.site_files)
    begun = time.monotonic()
    with Archive.open(conventions.archive, write=True) as archive:
        work = _Import(conventions, archive, wishes)
        try:
            rows = work.run(list(zip(files, kinds, strict=True)), jobs=jobs, limit=limit, extract=not no_extract)
        except KeyboardInterrupt:
            raise KeyboardInterrupt(_KEPT) from None
    print_rows(rows, _COLUMNS, conventions.rows_as)
    _say_summary(conventions, rows, time.monotonic() - begun)
    _say_next(conventions, rows)
    return _exit_code(rows, work)


def _exit_code(rows: Sequence[dict[str, Any]], work: _Import) -> int:
    came = sum(row["captures"] + row["known"] for row in rows)
    if work.is_busy and not came:
        return AlreadyRunning.exit_code
    # Where nothing that the file holds was asked for, there is nothing to complain of.
    if not came and not (work.was_sifted and all(row["error"] is None for row in rows)):
        return 4
    return 3 if any(row["damaged"] or row["error"] for row in rows) else 0


def _kind(path: Path, kind: Kind | None) -> ImportKind | UsageError:
    from scraper.export.importing import kind_of

    try:
        return kind or kind_of(path)
    except UsageError as error:
        return error


class _Import:
    """One call: what becomes of each file, said as it happens, and as rows."""

    def __init__(self, conventions: Conventions, archive: Archive, wishes: Wishes) -> None:
        self._conventions = conventions
        self._archive = archive
        self._wishes = wishes
        self._remarks = _Remarks(conventions)
        self._counter = _Counter(conventions)
        self.is_busy = False
        """Whether another command was at a file."""
        self.was_sifted = bool(wishes.site or wishes.hosts or wishes.languages or wishes.since or wishes.until)

    def run(
        self,
        files: Sequence[tuple[Path, ImportKind | UsageError]],
        *,
        jobs: int | None,
        limit: int | None,
        extract: bool,
    ) -> list[dict[str, Any]]:
        from scraper.crawl.backfill import FileToImport

        rows = {number: self._row(path, kind) for number, (path, kind) in enumerate(files)}
        large: dict[int, FileToImport] = {}
        for number, (path, kind) in enumerate(files):
            if isinstance(kind, UsageError):
                self._say_failure(path, kind)
            elif kind == "list":
                self._import_list(path, rows[number])
            else:
                large[number] = FileToImport(path, kind)
        found = self._backfill(list(large.values()), jobs=jobs, limit=limit, extract=extract)
        for number, result in zip(large, found, strict=True):
            self._fill(rows[number], result)
        self._archive.settle_checks()
        self._remarks.close()
        return list(rows.values())

    def _backfill(
        self, files: Sequence[FileToImport], *, jobs: int | None, limit: int | None, extract: bool
    ) -> list[FileImported]:
        from scraper.crawl import ExtractionPool
        from scraper.crawl.backfill import backfill

        at_a_time = jobs or os.cpu_count() or 1
        with self._counter.shown():
            return run_until_ended(
                backfill(
                    self._archive,
                    files,
                    self._wishes,
                    open_pool=lambda: ExtractionPool(workers=at_a_time, selectors=self._conventions.site_files),
                    extract=extract,
                    jobs=at_a_time,
                    limit=limit,
                    report=self._counter.show,
                    remark=self._remark,
                )
            )

    def _remark(self, path: Path, text: str) -> None:
        self._counter.clear()
        self._remarks.say(path, text)

    def _import_list(self, path: Path, row: dict[str, Any]) -> None:
        from scraper.export.importing import import_list

        try:
            row |= asdict(import_list(self._archive, path, self._wishes, lambda text: self._remark(path, text)).counts)
        except UsageError as error:
            self._say_failure(path, error)
            row["error"] = error.what

    def _row(self, path: Path, kind: ImportKind | UsageError) -> dict[str, Any]:
        from scraper.store import ImportCounts

        error = kind.what if isinstance(kind, UsageError) else None
        return {"file": str(path), "kind": None if error else kind, **asdict(ImportCounts()), "error": error}

    def _fill(self, row: dict[str, Any], result: FileImported) -> None:
        if result.imported is not None:
            row |= asdict(result.imported.counts)
        if result.error is not None:
            self.is_busy = self.is_busy or isinstance(result.error, AlreadyRunning)
            self._say_failure(result.file.path, result.error)
            row["error"] = result.error.what
        elif not result.ended:
            self._remarks.say(result.file.path, f"stopped at --limit: {_KEPT}")
        elif result.was_known:
            self._remarks.say(result.file.path, "it was imported before, and was not read again")

    def _say_failure(self, path: Path, error: ScrapeError) -> None:
        what = error.what if path.name in error.what else f"{path}: {error.what}"
        say_error(what, error.why, error.next_step)


def _say_summary(conventions: Conventions, rows: Sequence[dict[str, Any]], seconds: float) -> None:
    totals = {name: sum(row[name] for row in rows) for name in _COUNTS}
    reasons: Counter[str] = Counter()
    for row in rows:
        reasons.update(row["reasons"])
    if conventions.log is Log.json:
        facts = {"files": len(rows), "failed": sum(row["error"] is not None for row in rows)}
        say_event("import", **facts, **totals, reasons=dict(reasons), seconds=round(seconds, 1))
        return
    if reasons:
        listed = ", ".join(f"{name} {count}" for name, count in reasons.most_common())
        say(f"left out: {listed}", quiet=conventions.quiet)


def _say_next(conventions: Conventions, rows: Sequence[dict[str, Any]]) -> None:
    command = archive_option(conventions)
    for row in rows:
        if row["kind"] == "list" and row["captures"] + row["known"]:
            text = (
                f"{row['captures']} addresses and notes are new, none was fetched: scrape url -i {row['file']}{command}"
            )
            say(text, quiet=conventions.quiet)


class _Remarks:
    """What a user should know of each file: the first ones in words, and how many more there are."""

    def __init__(self, conventions: Conventions) -> None:
        self._conventions = conventions
        self._counts: Counter[Path] = Counter()

    def say(self, path: Path, text: str) -> None:
        self._counts[path] += 1
        if self._counts[path] <= _REMARKS:
            say(f"{path.name}: {text}", quiet=self._conventions.quiet)

    def close(self) -> None:
        for path, count in self._counts.items():
            if count > _REMARKS:
                say(f"{path.name}: … and {count - _REMARKS} more of these", quiet=self._conventions.quiet)


class _Counter:
    """A line on the terminal that is written over: how it stands."""

    def __init__(self, conventions: Conventions) -> None:
        self._shows = sys.stderr.isatty() and not conventions.quiet and conventions.log is Log.text
        self._begun = time.monotonic()
        self._last = 0.0

    @contextmanager
    def shown(self) -> Iterator[None]:
        try:
            yield
        finally:
            self.clear()

    def show(self, progress: BackfillProgress) -> None:
        now = time.monotonic()
        if not self._shows or now - self._last < _TICK:
            return
        self._last = now
        rate = progress.records / max(0.1, now - self._begun)
        number = min(progress.done + len(progress.under_way), progress.files)
        parts = [
            f"file {number} of {progress.files} ({progress.share:.0%})",
            *progress.under_way[:1],
            f"{progress.records} records ({rate:.0f}/s)",
            f"{progress.captures} new captures",
            f"{progress.pages} pages read",
        ]
        line = harmless(" · ".join(parts))[: terminal.width() - 1]
        print(f"\r\x1b[K{line}", end="", file=sys.stderr, flush=True)

    def clear(self) -> None:
        if self._shows:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)
