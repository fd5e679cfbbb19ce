"""`scrape selectors test` and `check`: site files against fixtures, and against what the archive holds."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scraper.cli.conventions import Conventions, Format, conventional, examples
from scraper.cli.messages import say, say_error
from scraper.errors import ExtractionFailed, UsageError

if TYPE_CHECKING:
    from scraper.crawl import ExtractionPool
    from scraper.crawl.workers import PageToRead
    from scraper.extract.sitefiles import SiteFile, SiteFiles
    from scraper.extract.sitefiles.comparing import Outcome
    from scraper.extract.sitefiles.drift import Drift
    from scraper.store import Archive

_TEST_COLUMNS = ("fixture", "field", "state", "what")
_TEST_CSV = ("fixture", "field", "state", "generic", "with_file", "expected")
_CHECK_COLUMNS = ("site", "field", "state", "captures", "missing", "differing", "missing_since")
_LONGEST_VALUE = 60
"""Characters of a value in a table."""
_AT_ONCE = 50
"""Captures held in memory at a time."""


def register(group: typer.Typer) -> None:
    group.command(
        "test",
        epilog=examples(
            "scrape selectors test --fixtures fixtures", "scrape selectors test --fixtures fixtures --all -f md"
        ),
    )(conventional(run_fixtures))
    group.command(
        "check",
        epilog=examples("scrape selectors check harbour-courier.example", "scrape selectors check -f json"),
    )(conventional(check))


# --- test ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Fixture:
    """A page with what a careful reader says it is: page.html, meta.json and expected.json in a folder."""

    folder: Path
    meta: dict[str, Any]
    expected: dict[str, Any]

    @classmethod
    def read(cls, folder: Path) -> _Fixture:
        try:
            meta = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
            expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
            datetime.fromisoformat(meta["fetched_at"])
            return cls(folder, {"url": "", **meta}, dict(expected))
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise UsageError(
                f"{folder} is no fixture",
                why=f"{type(error).__name__}: {error}",
                next_step="docs/site-files.md says what one holds",
            ) from error

    def page(self) -> bytes:
        demo = str(self.meta.get("page", ""))
        if demo.startswith("demo:"):
            from scraper.demo.pages import read

            return read(demo.removeprefix("demo:"))
        return next(iter(sorted(self.folder.glob("page.*")))).read_bytes()


def run_fixtures(
    conventions: Conventions,
    files: Annotated[list[Path] | None, typer.Argument(metavar="FILE", help="Site files.  [default: all]")] = None,
    fixtures: Annotated[
        Path, typer.Option(metavar="DIR", help="Folder of fixtures, as SITE/SLUG/page.html.", show_default=True)
    ] = Path("tests/fixtures"),
    show_all: Annotated[
        bool, typer.Option("--all", help="Also fields that are right with and without the file.")
    ] = False,
) -> int:
    """Run the fixtures of each site file, and show field by field what the file changes.

    right: with and without the file; mended: by it; broken: by it; wrong: either way; unjudged: changed, and the
    fixture does not say. Exit code 3 when a field is broken or wrong.
    """
    from scraper.cli.rows import print_rows
    from scraper.extract import SiteFiles, load_site_files
    from scraper.extract.sitefiles import load_site_file

    sites = SiteFiles([load_site_file(path) for path in files]) if files else load_site_files(conventions.site_files)
    if not fixtures.is_dir():
        raise UsageError(f"No such folder: {fixtures}", next_step="say where the fixtures are with --fixtures DIR")
    known = [_Fixture.read(path.parent) for path in sorted(fixtures.glob("*/*/meta.json"))]
    covered = [one for one in known if sites.for_url(one.meta["url"])]
    results = [(one, outcome) for one in covered for outcome in _outcomes(one, sites)]
    shown = [(one, outcome) for one, outcome in results if show_all or outcome.state != "right"]
    columns = _TEST_CSV if conventions.rows_as is Format.csv else _TEST_COLUMNS
    print_rows([_test_row(one, outcome) for one, outcome in shown], columns, conventions.rows_as)
    tried = {file.path for one in covered if (file := sites.for_url(one.meta["url"]))}
    for file in sites.files:
        if file.path not in tried:
            say(f"{file.path} has no fixture in {fixtures}", quiet=conventions.quiet)
    failed = sum(outcome.failed for _, outcome in results)
    mended = sum(outcome.state == "mended" for _, outcome in results)
    say(
        f"{len(covered)} fixtures of {len(tried)} site files: {len(results)} fields, {mended} mended, {failed} failed",
        quiet=conventions.quiet,
    )
    return 3 if failed else 0


def _outcomes(fixture: _Fixture, sites: SiteFiles) -> list[Outcome]:
    from scraper.extract import SiteFiles, extract
    from scraper.extract.sitefiles.comparing import outcomes

    generic, with_file = (
        extract(
            fixture.page(),
            url=fixture.meta["url"],
            content_type=fixture.meta.get("content_type"),
            captured_at=datetime.fromisoformat(fixture.meta["fetched_at"]),
            sites=these,
        )
        for these in (SiteFiles(), sites)
    )
    return list(outcomes(fixture.expected, generic, with_file))


def _test_row(fixture: _Fixture, outcome: Outcome) -> dict[str, Any]:
    return {
        "fixture": f"{fixture.folder.parent.name}/{fixture.folder.name}",
        "field": outcome.field,
        "state": outcome.state,
        "generic": outcome.generic,
        "with_file": outcome.with_file,
        "expected": outcome.expected,
        "what": _change(outcome),
    }


def _change(outcome: Outcome) -> str:
    """`before → after`, and what would be right where neither is; of two long values from where they differ."""
    values = [outcome.generic, outcome.with_file, *([outcome.expected] if outcome.failed else [])]
    texts = [("; ".join(value) if isinstance(value, list | tuple) else str(value or "")) or "–" for value in values]
    letters = zip(*texts, strict=False)
    start = next((place for place, here in enumerate(letters) if len(set(here)) > 1), 0)
    start = 0 if start < _LONGEST_VALUE // 2 else start - _LONGEST_VALUE // 4
    parts = [(f"…{text[start:]}" if start else text)[:_LONGEST_VALUE] for text in texts]
    if len(set(texts)) == 1:
        return parts[0]
    return " → ".join(parts[:2]) + (f"; expected: {parts[2]}" if outcome.failed else "")


# --- check --------------------------------------------------------------------------------------------------------


def check(
    conventions: Conventions,
    sites: Annotated[
        list[str] | None, typer.Argument(metavar="SITE", help="Hosts of site files.  [default: every site archived]")
    ] = None,
    limit: Annotated[
        int, typer.Option("-n", "--limit", metavar="N", min=1, help="Newest captures of a site.", show_default=True)
    ] = 200,
) -> int:
    """Compare what site files find in the archive's captures with what is found without them.

    missing: share of the captures on which no selector of the field matched; differing: share of the others on which
    the value is another than without the file. Exit code 6 when a selector stopped matching, or never did.
    """
    from scraper.cli.rows import print_rows
    from scraper.extract import load_site_files
    from scraper.store import Archive

    files = _wanted(load_site_files(conventions.site_files), sites)
    rows: list[dict[str, Any]] = []
    with Archive.open(conventions.archive) as archive:
        for file, drift in _drifts(conventions, archive, files, limit):
            if not drift.fields and sites:
                say(f"{file.name}: no capture of an article in the archive", quiet=conventions.quiet)
            rows += _drift_rows(file, drift)
    print_rows(rows, _CHECK_COLUMNS, conventions.rows_as)
    bad = [row for row in rows if row["state"] != "ok"]
    for row in bad:
        since = f" since {row['missing_since'][:10]}" if row["state"] == "stopped" else ""
        say_error(
            f"{row['site']}: {row['field']} {row['state']} matching{since}",
            f"nothing was found on {row['missing']:.0%} of {row['captures']} captures",
            f"look at a newer page: scrape explain URL; then mend {row['file']}",
        )
    return 6 if bad else 0


def _wanted(known: SiteFiles, hosts: list[str] | None) -> list[SiteFile]:
    if not hosts:
        return list(known.files)
    found = []
    for host in hosts:
        file = known.for_url(f"http://{host}/")
        if file is None:
            raise UsageError(
                f"No site file covers {host}", next_step="scrape selectors list shows the hosts they cover"
            )
        found.append(file)
    return found


def _drifts(
    conventions: Conventions, archive: Archive, files: list[SiteFile], limit: int
) -> Iterator[tuple[SiteFile, Drift]]:
    """Each file with what became of its fields. The workers without site files are given an empty folder of them."""
    from scraper.crawl import ExtractionPool
    from scraper.extract.sitefiles.drift import Drift

    with (
        tempfile.TemporaryDirectory(prefix="scrape-no-site-files-") as nothing,
        ExtractionPool(workers=1, selectors=Path(nothing)) as generic,
        ExtractionPool(workers=1, selectors=conventions.site_files) as with_files,
    ):
        for file in files:
            drift = Drift()
            pages = _captures(archive, file, limit)
            while some := list(islice(pages, _AT_ONCE)):
                _compare(some, generic, with_files, drift)
            yield file, drift


def _compare(pages: list[PageToRead], generic: ExtractionPool, with_files: ExtractionPool, drift: Drift) -> None:
    for page, one, other in zip(pages, generic.read_all(pages), with_files.read_all(pages), strict=True):
        if isinstance(one, ExtractionFailed) or isinstance(other, ExtractionFailed) or page.captured_at is None:
            continue
        drift.add(page.captured_at, one, other)


def _captures(archive: Archive, file: SiteFile, limit: int) -> Iterator[PageToRead]:
    """The newest captures of a file's hosts that brought a page, newest first."""
    from scraper.crawl.workers import PageToRead
    from scraper.urls import host_of, site_of

    stored = [
        capture
        for site in dict.fromkeys(site_of(f"http://{host}/") for host in file.hosts)
        for article in archive.articles(site=site, verdicts=None)
        for capture in archive.captures(article.id or 0)
        if capture.sha256 is not None and (capture.status or 0) < 400
    ]
    ours = [one for one in stored if f".{host_of(one.final_url)}".endswith(tuple(f".{host}" for host in file.hosts))]
    for one in sorted(ours, key=lambda one: one.fetched_at, reverse=True)[:limit]:
        yield PageToRead.of(archive.capture(one.id), archive.rendering(one.id))


def _drift_rows(file: SiteFile, drift: Drift) -> Iterator[dict[str, Any]]:
    for one in drift.ordered():
        since = one.missing_since
        yield {
            "site": file.hosts[0],
            "field": one.name,
            "state": one.state,
            "captures": one.captures,
            "missing": round(one.missing, 3),
            "differing": round(one.differing, 3),
            "missing_since": since.isoformat(timespec="seconds") if since else None,
            "file": str(file.path),
        }
